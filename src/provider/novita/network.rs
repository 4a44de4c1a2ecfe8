//! `novita_network`: a VPC network, which instances of one cluster join when they are made.

pub(crate) mod data;
pub(crate) mod list;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Value as Json, json};
use tfplugin::attr::Attr;
use tfplugin::diagnostics::Diagnostics;
use tfplugin::model::Model;
use tfplugin::resource::{ImportId, Result};
use tfplugin::schema::Timeouts;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error;
use crate::api::lenient;
use crate::api::resource_kind::{IdFormat, ResourceKind};
use crate::provider::clients::{Cx, Vendors as _};
use crate::provider::life_cycle::change::{Change, Shows};
use crate::provider::life_cycle::phase::{Phase, Phases, spelled};
use crate::provider::life_cycle::remote::{Answer, Remote, meaningful};
use crate::provider::life_cycle::stored::Stored;
use crate::provider::novita::instance::check::{Wants, checked, cluster};
use crate::provider::novita::novita_id;
use crate::provider::paging::{Element, Steps};
use crate::provider::read_back::{Origin, ReadBack, read_back, read_back_text, some_text};

/// VPC network of Novita AI: instances of its cluster that join it reach each other by private addresses.
///
/// An instance joins with `network_id` when it is created and leaves when it is destroyed. So replacing a network
/// replaces its instances, and a network with instances cannot be deleted.
///
/// Vendor documentation: [Create VPC network](https://novita.ai/docs/api-reference/gpu-instance-create-vpc).
#[derive(Clone, Model)]
pub(crate) struct Network {
    /// ID of the network, for `network_id` of instances.
    #[tf(computed, identity)]
    id: Attr<String>,
    /// ID of the cluster. Use a cluster of `novita_clusters` with `support_instance_network`.
    #[tf(required, replace, len = 1..=255)]
    cluster_id: Attr<String>,
    /// Name, shown in the console. If omitted, the provider generates a unique name with the prefix `tf-`.
    #[tf(optional, computed, via = "Changing it renames the network in place.", len = 1..=30)]
    name: Attr<String>,
    /// Address range in CIDR notation.
    #[tf(computed)]
    segment: Attr<String>,
    /// Status as returned by the API: `creating` or `ready`.
    #[tf(computed)]
    status: Attr<String>,
    /// Time of creation in RFC 3339 format.
    #[tf(computed)]
    created_at: Attr<String>,
}

/// A network as get and list show it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Vpc {
    #[serde(alias = "Id", deserialize_with = "lenient::text")]
    id: String,
    #[serde(deserialize_with = "lenient::text")]
    name: String,
    #[serde(deserialize_with = "state")]
    state: State,
    #[serde(deserialize_with = "lenient::text")]
    segment: String,
    #[serde(deserialize_with = "lenient::text")]
    pub(crate) cluster_id: String,
    #[serde(alias = "Addresses", deserialize_with = "lenient::list")]
    addresses: Vec<Address>,
    #[serde(deserialize_with = "lenient::text")]
    create_time: String,
}

/// How it is, and what ails it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct State {
    #[serde(deserialize_with = "lenient::text")]
    state: String,
    #[serde(deserialize_with = "lenient::words")]
    error: String,
}

/// A machine in it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Address {
    #[serde(rename = "Id", alias = "id", deserialize_with = "lenient::text")]
    id: String,
    #[serde(rename = "Ip", alias = "ip", deserialize_with = "lenient::text")]
    ip: String,
}

/// The state, which is documented as a list of one; a client saw other lists of this API as the one object.
fn state<'de, D: Deserializer<'de>>(input: D) -> std::result::Result<State, D::Error> {
    let shown = match Json::deserialize(input)? {
        Json::Array(elements) => elements.into_iter().next().unwrap_or_default(),
        other => other,
    };
    match shown {
        Json::String(state) => Ok(State { state, ..State::default() }),
        Json::Null => Ok(State::default()),
        other => State::deserialize(other).map_err(serde::de::Error::custom),
    }
}

const KIND: ResourceKind = ResourceKind {
    noun: "network",
    words: &["network", "vpc"],
    not_found: &["NETWORK_NOT_FOUND"],
    wrapper: Some("network"),
    is_listed: true,
    bare_id: false,
    id: IdFormat::Text,
};

impl Element for Vpc {
    const KIND: &'static ResourceKind = &KIND;
    const KEY: &'static str = "network";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Answer for Vpc {
    const PHASES: Phases = &[("creating", Phase::Moving), ("ready", Phase::Ready)];
    const IS_USED: bool = true;

    fn list() -> Steps<Self> {
        Steps::by_number("/networks")
    }

    fn get<'a>(
        client: &'a Client,
        call: &'a Call,
        id: &'a str,
    ) -> Option<impl Future<Output = error::Result<Self>> + Send + 'a> {
        Some(async move { client.read(call, &KIND, id, "/network", &[("networkId", id)]).await })
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn created(&self) -> Option<Timestamp> {
        lenient::time(&self.create_time)
    }

    fn status(&self) -> &str {
        &self.state.state
    }

    fn trouble(&self) -> Option<&str> {
        meaningful(&self.state.error)
    }
}

impl Stored for Network {
    const TYPE: &'static str = "novita_network";
    const THING: &'static str = "network";
    const BY_HAND: &'static str = "Look for this name in the console.";
    const IMPORT_ID: ImportId = novita_id("vpc-83aa41d2");
    const TIMEOUTS: Timeouts = Timeouts { create: 600, update: 300, delete: 600 };
    /// No source names a price.
    const COSTS: bool = false;
    const TELLS_ID: bool = false;
    const MATCH: &'static [&'static str] = &["cluster_id"];

    type Answer = Vpc;

    fn client(cx: &Cx) -> Result<&Client> {
        cx.novita()
    }

    fn id(&self) -> &Attr<String> {
        &self.id
    }

    fn id_mut(&mut self) -> &mut Attr<String> {
        &mut self.id
    }

    fn name_mut(&mut self) -> Option<&mut Attr<String>> {
        Some(&mut self.name)
    }

    fn is_just_imported(&self) -> bool {
        self.cluster_id.is_null()
    }

    async fn check_plan(cx: &Cx, prior: Option<Self>, planned: Self) -> Diagnostics {
        let wants = Wants { storage: None, network: Some("cluster_id"), is_new: true };
        match prior {
            None => checked(cx, cluster(cx, &planned.cluster_id, wants).await),
            Some(_) => Diagnostics::default(),
        }
    }

    async fn post(&self, remote: &Remote<'_, Vpc>) -> error::Result<Vpc> {
        let body = Json::Object(self.body());
        let created = remote.client.create_untold(&remote.call, &KIND, "/network/create", &body).await?;
        Ok(Vpc { id: created.map(|it| it.id.to_string()).unwrap_or_default(), ..Vpc::default() })
    }

    async fn change(step: &mut Change<'_, Self>) -> Result<()> {
        let name = step.planned.name.text_or_empty().to_owned();
        if step.found.name == name {
            return Ok(());
        }
        let body = json!({"networkId": step.id, "name": name});
        let sent = step.remote.post_change("/network/update", &body).await;
        let shows = move |it: &Vpc| it.name == name;
        let changed = step.confirm(sent, Shows::Soon, |it| shows(&it)).await;
        changed.map_err(|error| step.failed("rename", &error))?;
        step.ends_when(shows);
        Ok(())
    }

    async fn remove(&self, remote: &Remote<'_, Vpc>) -> error::Result<()> {
        let body = json!({"networkId": self.id.text_or_empty()});
        remote.post_removal("/network/delete", &body).await
    }

    /// The network itself shows who is in it.
    async fn users(cx: &Cx, id: &str) -> Vec<String> {
        let Ok(remote) = Self::remote(cx) else { return Vec::new() };
        let found = remote.get(id).await.map(|it| it.addresses).unwrap_or_default();
        found.iter().map(|it| format!("the instance {} ({})", it.id, it.ip)).collect()
    }

    /// Without `..`: a new field asks what it means.
    fn read_back(&mut self, answer: Vpc, origin: Origin) -> ReadBack {
        let created = answer.created();
        let Vpc { id: _, name, state, segment, cluster_id, addresses: _, create_time: _ } = answer;
        let mut back = ReadBack::of::<Self>(origin);
        back.learn_text("cluster_id", &mut self.cluster_id, cluster_id);
        read_back_text(&mut self.name, name);
        read_back_text(&mut self.segment, segment);
        read_back(&mut self.status, some_text(spelled(Vpc::PHASES, &state.state)));
        read_back(&mut self.created_at, created.map(|it| it.to_string()));
        back
    }
}
