//! Network storages: create, list, update (which only grows), delete (not while something mounts it).

use serde_json::{Value, json};

use super::Novita;
use super::catalogue::Cluster;
use super::instance::VolumeMount;
use super::instance::parse::text;
use super::instance::status;
use super::seed::Storage;
use crate::answer::{Answer, Call, Refusal, Result};
use crate::novita::style::Actions;
use crate::style::{Subject, Switch, Thing, fill};

/// Smallest storage, in GB.
const SMALLEST: u64 = 10;

impl Novita {
    /// Makes a storage. The answer is its id alone.
    pub(super) fn create_storage(&mut self, body: &Value) -> Result<Answer> {
        let cluster_id = text(body, "clusterId");
        let cluster = self.clusters.iter().find(|it| it.id == cluster_id);
        let cluster = cluster.ok_or_else(|| Refusal::field("clusterId", "there is no such cluster"))?;
        if !cluster.support_network_storage {
            let text = format!("cluster {cluster_id} has no network storage");
            return Err(Refusal::new(400, "CUR_CLUSTER_NETWORK_STORAGE_NOT_SUPPORT", &text));
        }
        let storage_name = read_name(body)?;
        let wanted = self.read_size(body)?;
        let id = self.new_id();
        let storage_id = self.object_id(format!("st-{}", &id[..12]));
        let storage_size = self.platform.disk(&storage_id, wanted);
        let storage = Storage { storage_id, storage_name, storage_size, cluster_id };
        let answer = Answer::json(200, &self.created_storage(&storage));
        self.storages.push(storage);
        self.created.companion += 1;
        Ok(answer)
    }

    /// All of them, or the page that is asked for.
    pub(super) fn list_storages(&self, call: &Call, now: u64) -> Answer {
        let listed = self.past_storages.listed(&self.platform, now, &self.storages);
        let by_id = |it: &Storage| match call.parameter("storageId") {
            Some(id) if !self.platform.holds(Switch::FiltersFuzzy, &call.path) => it.storage_id == id,
            _ => self.matches(call, "storageId", &it.storage_id),
        };
        let fitting: Vec<&Storage> = listed
            .iter()
            .filter(|it| by_id(it) && self.matches(call, "storageName", &it.storage_name))
            .collect();
        let page = self.page(call, "pageNo", &fitting);
        let items = page.iter().map(|it| self.show_storage(it)).collect();
        let mut body = json!({"data": self.items(items)});
        if !self.style.no_total {
            body["total"] = json!(self.total(call, fitting.len(), page.len()));
        }
        Answer::json(200, &body)
    }

    /// Renames and grows; what has another size than before must be larger.
    pub(super) fn update_storage(&mut self, body: &Value) -> Result<Answer> {
        let (id, storage_name) = (text(body, "storageId"), read_name(body)?);
        let (wanted, platform) = (self.read_size(body)?, self.platform.clone());
        let storage = self.existing_storage(&id)?;
        if wanted < storage.storage_size {
            return Err(Refusal::field("storageSize", "a storage can only grow"));
        }
        if wanted > storage.storage_size {
            storage.storage_size = platform.disk(&id, wanted);
        }
        storage.storage_name = storage_name;
        Ok(self.done(&id, "", Actions::Object))
    }

    pub(super) fn delete_storage(&mut self, body: &Value) -> Result<Answer> {
        let id = text(body, "storageId");
        self.existing_storage(&id)?;
        if self.mounts().any(|it| it.id == id) {
            let text = "the network storage is in use";
            return Err(Refusal::new(400, "NETWORK_STORAGE_IN_USE", text));
        }
        self.storages.retain(|it| it.storage_id != id);
        Ok(self.done(&id, "", Actions::Object))
    }

    fn created_storage(&self, storage: &Storage) -> Value {
        let id = crate::style::written_id(&self.platform, &storage.storage_id);
        if self.platform.holds(Switch::StorageIdInObject, &storage.storage_id) {
            let (name, cluster) = (&storage.storage_name, &storage.cluster_id);
            return json!({"storageId": id, "storageName": name, "clusterId": cluster});
        }
        if self.platform.holds(Switch::StorageIdAsId, &storage.storage_id) { json!({"id": id}) } else { id }
    }

    /// The price is a tenth of a GB's in the only example there is; its unit is not known.
    fn show_storage(&self, it: &Storage) -> Value {
        let cluster: Option<&Cluster> = self.clusters.iter().find(|cluster| cluster.id == it.cluster_id);
        let mut shown = json!({
            "storageId": it.storage_id, "storageName": it.storage_name, "storageSize": it.storage_size,
            "clusterId": it.cluster_id, "clusterName": cluster.map_or("", |it| it.name.as_str()),
            "price": (it.storage_size * 10).to_string(),
        });
        fill(&self.platform, &mut shown, Subject { thing: Thing::Storage, id: &it.storage_id, fresh: true });
        shown
    }

    /// The size in a body, as a number or a text of digits.
    fn read_size(&self, body: &Value) -> Result<u64> {
        let size = &body["storageSize"];
        let number = size.as_u64().or_else(|| size.as_str()?.parse().ok());
        let most = self.max_storage_size;
        match number {
            None => Err(Refusal::field("storageSize", "must be a whole number")),
            Some(size) if size < SMALLEST => {
                Err(Refusal::field("storageSize", &format!("must be at least {SMALLEST}")))
            }
            Some(size) if size > most => {
                let text = format!("a network storage can have {most} GB at most");
                Err(Refusal::new(400, "NETWORK_STORAGE_TOO_LARGE", &text))
            }
            Some(size) => Ok(size),
        }
    }

    fn existing_storage(&mut self, id: &str) -> Result<&mut Storage> {
        let found = self.storages.iter_mut().find(|it| it.storage_id == id);
        found.ok_or_else(|| Refusal::new(400, "NETWORK_STORAGE_NOT_FOUND", "network storage not found"))
    }

    /// Everything that anything mounts.
    fn mounts(&self) -> impl Iterator<Item = &VolumeMount> {
        let instances = self.instances.iter().filter(|it| it.status != status::REMOVED);
        let instances = instances.flat_map(|it| &it.volume_mounts);
        instances.chain(self.endpoints.iter().flat_map(|it| &it.volume_mounts))
    }
}

/// The name, which is trimmed and not empty; several storages may have one.
fn read_name(body: &Value) -> Result<String> {
    let name = text(body, "storageName").trim().to_owned();
    if name.is_empty() { Err(Refusal::field("storageName", "must not be empty")) } else { Ok(name) }
}
