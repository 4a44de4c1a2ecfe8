//! VPC networks: create, get, list, rename, delete (not while an instance is in it). An instance joins when it is made.

use serde_json::{Value, json};

use super::Novita;
use super::instance::parse::text;
use super::instance::status;
use super::seed::Network;
use crate::answer::{Answer, Call, Refusal, Result};
use crate::clock::Time;
use crate::novita::style::{Actions, Gone};
use crate::style::{Subject, Switch, Thing, fill};

impl Novita {
    /// Makes a network, which is ready a little later. The answer shows it.
    pub(super) fn create_network(&mut self, body: &Value, now: u64) -> Result<Answer> {
        let cluster_id = text(body, "clusterId");
        let cluster = self.clusters.iter().find(|it| it.id == cluster_id);
        let cluster = cluster.ok_or_else(|| Refusal::field("clusterId", "there is no such cluster"))?;
        if !cluster.support_instance_network {
            return Err(Refusal::field("clusterId", "the cluster has no VPC networks"));
        }
        let id = self.new_id();
        let id = self.object_id(format!("vpc-{}", &id[..8]));
        let number = self.networks.len() + 1;
        let mut network = Network {
            id: id.clone(),
            name: text(body, "name"),
            cluster_id,
            segment: format!("10.8.{number}"),
            created_at: now,
            ..Network::default()
        };
        network.walk.begin(&mut network.state, &["creating", "ready"], &self.pace);
        let shown = self.show_network(&network);
        self.networks.push(network);
        self.created.companion += 1;
        Ok(if self.platform.holds(Switch::NetworkCreatedEmpty, &id) {
            Answer::json(200, &json!({}))
        } else {
            self.one_network(&id, shown)
        })
    }

    pub(super) fn get_network(&mut self, call: &Call, time: &mut Time) -> Answer {
        let id = call.parameter("networkId").unwrap_or_default();
        let Some(at) = self.networks.iter().position(|it| it.id == id) else {
            return match self.style.gone {
                Gone::EmptyObject => Answer::json(200, &json!({"network": []})),
                _ => self.gone("NETWORK_NOT_FOUND", "network not found"),
            };
        };
        let shown = self.show_network(&self.networks[at]);
        let answer = self.one_network(id, shown);
        if time.read_moves() {
            self.networks[at].step(&self.pace);
        }
        answer
    }

    /// All of them, or the page that is asked for.
    pub(super) fn list_networks(&self, call: &Call, now: u64) -> Answer {
        let listed = self.past_networks.listed(&self.platform, now, &self.networks);
        let fitting: Vec<&Network> =
            listed.iter().filter(|it| self.matches(call, "name", &it.name)).collect();
        let page = self.page(call, "pageNum", &fitting);
        let items = page.iter().map(|it| self.show_network(it)).collect();
        let plural = self.platform.holds(Switch::NetworksPlural, &call.path);
        let mut body = json!({if plural { "networks" } else { "network" }: self.items(items)});
        if !self.style.no_total {
            body["total"] = json!(self.total(call, fitting.len(), page.len()).to_string());
        }
        Answer::json(200, &body)
    }

    pub(super) fn update_network(&mut self, body: &Value) -> Result<Answer> {
        let (id, name) = (text(body, "networkId"), text(body, "name"));
        let network = self.networks.iter_mut().find(|it| it.id == id).ok_or_else(no_network)?;
        if !name.is_empty() {
            network.name = name;
        }
        Ok(self.done(&id, "", Actions::Object))
    }

    pub(super) fn delete_network(&mut self, body: &Value) -> Result<Answer> {
        let id = text(body, "networkId");
        if !self.networks.iter().any(|it| it.id == id) {
            return Err(no_network());
        }
        if self.instances.iter().any(|it| it.status != status::REMOVED && it.network.id == id) {
            return Err(Refusal::new(400, "NETWORK_IN_USE", "the network is in use"));
        }
        self.networks.retain(|it| it.id != id);
        Ok(self.done(&id, "", Actions::Object))
    }

    /// The answer about one.
    fn one_network(&self, id: &str, shown: Value) -> Answer {
        let as_object = self.platform.holds(Switch::NetworkAsObject, id);
        Answer::json(200, &json!({"network": if as_object { shown } else { json!([shown]) }}))
    }

    fn show_network(&self, it: &Network) -> Value {
        let inside =
            self.instances.iter().filter(|that| that.status != status::REMOVED && that.network.id == it.id);
        let addresses: Vec<Value> = inside.map(|it| json!({"Id": it.id, "Ip": it.network.ip})).collect();
        let state = json!({"state": it.state, "error": it.error});
        let as_object = self.platform.holds(Switch::NetworkAsObject, &it.id);
        let mut shown = json!({
            "Id": it.id, "user": "u-1", "name": it.name, "segment": format!("{}.0/24", it.segment),
            "state": if as_object { state } else { json!([state]) },
            "clusterId": it.cluster_id, "Addresses": self.items(addresses),
            "createTime": it.created_at.to_string(),
        });
        fill(&self.platform, &mut shown, Subject { thing: Thing::Network, id: &it.id, fresh: true });
        shown
    }
}

fn no_network() -> Refusal {
    Refusal::new(400, "NETWORK_NOT_FOUND", "network not found")
}
