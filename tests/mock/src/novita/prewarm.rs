//! Image prewarm: tasks that pull an image to a cluster's nodes. Create, list (pages from 1), note, delete.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Novita;
use super::instance::parse::text;
use crate::answer::{Answer, Call, Refusal, Result};
use crate::clock::Time;
use crate::novita::style::Actions;
use crate::style::{Listed, Subject, Thing, fill};
use crate::walk::{Pace, Walk};

/// Tasks that can be under way at a time.
const MOST: usize = 5;

/// A task.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Prewarm {
    pub id: String,
    pub image_url: String,
    pub repository_auth: String,
    pub cluster_id: String,
    /// Empty: all of the cluster.
    pub product_ids: Vec<String>,
    pub note: String,
    /// `Pending`, `Running`, `Succeeded`, `Failed`.
    pub state: String,
    /// Why it failed.
    pub reason: Vec<String>,
    pub created_at: u64,
    pub(super) walk: Walk,
}

impl Prewarm {
    pub(super) fn step(&mut self, pace: &Pace) {
        self.walk.step(&mut self.state, pace);
    }

    fn is_over(&self) -> bool {
        ["Succeeded", "Failed"].contains(&self.state.as_str())
    }
}

impl Listed for Prewarm {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Novita {
    pub(super) fn create_prewarm(&mut self, body: &Value, now: u64) -> Result<Answer> {
        let cluster_id = text(body, "clusterId");
        if !self.clusters.iter().any(|it| it.id == cluster_id) {
            return Err(Refusal::field("clusterId", "there is no such cluster"));
        }
        let repository_auth = text(body, "repositoryAuth");
        if !self.knows_auth(&repository_auth) {
            return Err(Refusal::new(
                400,
                "IMAGE_URL_OR_AUTH_ERROR",
                "there are no such registry credentials",
            ));
        }
        if self.prewarms.iter().filter(|it| !it.is_over()).count() >= MOST {
            return Err(Refusal::new(400, "IMAGE_PREWARM_NUM_LIMIT", "5 tasks are under way already"));
        }
        let id = self.new_id();
        let id = self.object_id(format!("prewarm-{}", &id[..8]));
        let products = body["productIds"].as_array().into_iter().flatten();
        let mut prewarm = Prewarm {
            id: id.clone(),
            image_url: text(body, "imageUrl"),
            repository_auth,
            cluster_id,
            product_ids: products.filter_map(|it| it.as_str().map(str::to_owned)).collect(),
            note: text(body, "note"),
            reason: self.prewarm_failure.clone(),
            created_at: now,
            ..Prewarm::default()
        };
        let end = if self.prewarm_failure.is_empty() { "Succeeded" } else { "Failed" };
        prewarm.walk.begin(&mut prewarm.state, &["Pending", "Running", end], &self.pace);
        self.prewarms.push(prewarm);
        self.created.companion += 1;
        Ok(self.created(&id))
    }

    /// All of them, or the page that is asked for.
    pub(super) fn list_prewarms(&mut self, call: &Call, time: &mut Time) -> Answer {
        let listed = self.past_prewarms.listed(&self.platform, time.now(), &self.prewarms);
        let is_wanted = |it: &&Prewarm| {
            call.parameter("state").is_none_or(|state| state == it.state)
                && call.parameter("clusterId").is_none_or(|cluster| cluster == it.cluster_id)
                && (self.matches(call, "name", &it.image_url) || self.matches(call, "name", &it.note))
        };
        let fitting: Vec<&Prewarm> = listed.iter().filter(is_wanted).collect();
        let page = self.page(call, "page", &fitting);
        let items = page.iter().map(|it| self.show_prewarm(it)).collect();
        let mut body = json!({"data": self.items(items)});
        if !self.style.no_total {
            body["total"] = json!(self.total(call, fitting.len(), page.len()));
        }
        if time.read_moves() {
            self.prewarms.iter_mut().for_each(|it| it.step(&self.pace));
        }
        Answer::json(200, &body)
    }

    pub(super) fn edit_prewarm(&mut self, body: &Value) -> Result<Answer> {
        let (id, note) = (text(body, "id"), text(body, "note"));
        let prewarm = self.prewarms.iter_mut().find(|it| it.id == id).ok_or_else(no_prewarm)?;
        prewarm.note = note;
        Ok(self.done(&id, "", Actions::Object))
    }

    pub(super) fn delete_prewarms(&mut self, body: &Value) -> Result<Answer> {
        let ids: Vec<&str> = body["ids"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if ids.iter().any(|id| !self.prewarms.iter().any(|it| it.id == *id)) {
            return Err(no_prewarm());
        }
        self.prewarms.retain(|it| !ids.contains(&it.id.as_str()));
        Ok(self.done("", "", Actions::Object))
    }

    fn show_prewarm(&self, it: &Prewarm) -> Value {
        let cluster = self.clusters.iter().find(|cluster| cluster.id == it.cluster_id);
        let in_cluster = |id: &String| it.product_ids.is_empty() || it.product_ids.contains(id);
        let products = self.products.iter().filter(|product| in_cluster(&product.id));
        let products = products.map(|it| json!({"productId": it.id, "productName": it.name})).collect();
        let last = it.image_url.rsplit('/').next().unwrap_or_default();
        let mut shown = json!({
            "id": it.id, "imageName": last.split([':', '@']).next().unwrap_or_default(), "imageUrl": it.image_url,
            "repositoryAuth": it.repository_auth, "clusterId": it.cluster_id,
            "clusterName": cluster.map_or("", |it| it.name.as_str()), "products": self.items(products),
            "createTime": it.created_at.to_string(), "state": it.state, "note": it.note,
            "reason": if it.state == "Failed" { json!(it.reason) } else { json!([]) },
        });
        if it.state == "Succeeded" {
            (shown["imageSize"], shown["completeTime"]) = (json!("8589934592"), shown["createTime"].clone());
        }
        fill(&self.platform, &mut shown, Subject { thing: Thing::Prewarm, id: &it.id, fresh: true });
        shown
    }
}

fn no_prewarm() -> Refusal {
    Refusal::new(400, "RESOURCE_NOT_FOUND", "image prewarm task not found")
}
