//! The books behind the API: what tests read, plant and change without a request.

use serde_json::{Value, json};

use super::Novita;
use super::endpoint::Endpoint;
use super::instance::{Instance, status};
use super::template::Template;
use crate::cloud::Machine;
use crate::record::{patch, patched};

impl Novita {
    /// Machines and endpoints that exist, each kind in the order they were made.
    pub(crate) fn alive(&self) -> Vec<Machine> {
        let exists = |it: &&Instance| it.status != status::REMOVED;
        let machine = |id: &str, name: &str, kind: &str, status: &str| Machine {
            id: id.to_owned(),
            name: name.to_owned(),
            vendor: "novita".to_owned(),
            kind: kind.to_owned(),
            status: status.to_owned(),
        };
        let instances = self.instances.iter().filter(exists);
        let mut alive: Vec<Machine> =
            instances.map(|it| machine(&it.id, &it.name, it.kind.as_str(), &it.status)).collect();
        alive.extend(self.endpoints.iter().map(|it| machine(&it.id, &it.name, "endpoint", &it.state.state)));
        alive
    }

    /// What stands beside machines, what was there from the start included. Prewarm tasks have their image for a name.
    pub(crate) fn companions(&self) -> Vec<Machine> {
        let thing = |kind: &str, id: &str, name: &str, status: &str| Machine {
            id: id.to_owned(),
            name: name.to_owned(),
            vendor: "novita".to_owned(),
            kind: kind.to_owned(),
            status: status.to_owned(),
        };
        let storages = self.storages.iter().map(|it| thing("storage", &it.storage_id, &it.storage_name, ""));
        let networks = self.networks.iter().map(|it| thing("network", &it.id, &it.name, &it.state));
        let auths = self.registry_auths.iter().map(|it| thing("registry_auth", &it.id, &it.name, ""));
        let name = |it: &Template| it.settings["name"].as_str().unwrap_or_default().to_owned();
        let templates = self.templates.iter().map(|it| thing("template", &it.id, &name(it), ""));
        let prewarms = self.prewarms.iter().map(|it| thing("prewarm", &it.id, &it.image_url, &it.state));
        storages.chain(networks).chain(auths).chain(templates).chain(prewarms).collect()
    }

    /// Takes one of them out of the books.
    pub(crate) fn remove_companion(&mut self, id: &str) -> bool {
        let before = self.companions().len();
        self.storages.retain(|it| it.storage_id != id);
        self.networks.retain(|it| it.id != id);
        self.registry_auths.retain(|it| it.id != id);
        self.templates.retain(|it| it.id != id);
        self.prewarms.retain(|it| it.id != id);
        self.companions().len() < before
    }

    pub(crate) fn instance_record(&self, id: &str) -> Option<Value> {
        self.instances.iter().find(|it| it.id == id).map(|it| json!(it))
    }

    pub(crate) fn endpoint_record(&self, id: &str) -> Option<Value> {
        self.endpoints.iter().find(|it| it.id == id).map(|it| json!(it))
    }

    pub(crate) fn seed_instance(&mut self, record: Value, now: u64) -> Result<String, String> {
        let mut whole = defaults(record["kind"] == json!("gpu"), now);
        whole["sshPort"] = json!(self.next_ssh_port());
        whole["sshPassword"] = json!(format!("pw-{}", self.new_id()));
        whole["id"] = json!(self.new_id());
        let instance: Instance = patched(whole, record)?;
        if self.instances.iter().any(|it| it.id == instance.id) {
            return Err(format!("there is an instance {} already", instance.id));
        }
        let id = instance.id.clone();
        self.instances.push(instance);
        Ok(id)
    }

    pub(crate) fn seed_endpoint(&mut self, record: Value, now: u64) -> Result<String, String> {
        let mut whole = json!(Endpoint { created_at: now, updated_at: now, ..Endpoint::default() });
        whole["id"] = json!(format!("ep-{}", &self.new_id()[..12]));
        let mut endpoint: Endpoint = patched(whole, record)?;
        if self.endpoints.iter().any(|it| it.id == endpoint.id) {
            return Err(format!("there is an endpoint {} already", endpoint.id));
        }
        if endpoint.app_name.is_empty() {
            endpoint.app_name.clone_from(&endpoint.id);
        }
        let id = endpoint.id.clone();
        self.endpoints.push(endpoint);
        Ok(id)
    }

    pub(crate) fn modify_instance(&mut self, id: &str, change: Value) -> Result<(), String> {
        let instance = self.instances.iter_mut().find(|it| it.id == id);
        let instance = instance.ok_or_else(|| format!("there is no instance {id}"))?;
        *instance = patched(json!(instance), change)?;
        Ok(())
    }

    pub(crate) fn modify_endpoint(&mut self, id: &str, change: Value) -> Result<(), String> {
        let endpoint = self.endpoints.iter_mut().find(|it| it.id == id);
        let endpoint = endpoint.ok_or_else(|| format!("there is no endpoint {id}"))?;
        *endpoint = patched(json!(endpoint), change)?;
        Ok(())
    }

    pub(crate) fn modify_storage(&mut self, id: &str, change: Value) -> Result<(), String> {
        let storage = self.storages.iter_mut().find(|it| it.storage_id == id);
        let storage = storage.ok_or_else(|| format!("there is no storage {id}"))?;
        *storage = patched(json!(storage), change)?;
        Ok(())
    }

    /// Changes the settings of a template.
    pub(crate) fn modify_template(&mut self, id: &str, change: Value) -> Result<(), String> {
        let template = self.templates.iter_mut().find(|it| it.id == id);
        patch(&mut template.ok_or_else(|| format!("there is no template {id}"))?.settings, change);
        Ok(())
    }

    pub(crate) fn remove_template(&mut self, id: &str) -> bool {
        let before = self.templates.len();
        self.templates.retain(|it| it.id != id);
        self.templates.len() < before
    }

    pub(crate) fn remove_storage(&mut self, id: &str) -> bool {
        let before = self.storages.len();
        self.storages.retain(|it| it.storage_id != id);
        self.storages.len() < before
    }

    pub(crate) fn remove_instance(&mut self, id: &str) -> bool {
        let before = self.instances.len();
        self.instances.retain(|it| it.id != id);
        self.instances.len() < before
    }

    pub(crate) fn remove_endpoint(&mut self, id: &str) -> bool {
        let before = self.endpoints.len();
        self.endpoints.retain(|it| it.id != id);
        self.endpoints.len() < before
    }

    /// Puts a machine or an endpoint into a status, in which it stays.
    pub(crate) fn set_status(&mut self, id: &str, status: &str) -> bool {
        if let Some(instance) = self.instances.iter_mut().find(|it| it.id == id) {
            instance.walk(&[status], &self.pace);
            return true;
        }
        let Some(endpoint) = self.endpoints.iter_mut().find(|it| it.id == id) else { return false };
        endpoint.walk(&[status], &self.pace);
        true
    }
}

/// What a seed leaves out, for a GPU or a CPU machine.
fn defaults(gpu: bool, now: u64) -> Value {
    let mut whole = json!(Instance { created_at: now, last_started_at: now, ..Instance::default() });
    let difference = if gpu {
        json!({
            "kind": "gpu", "productId": "4090.16c62g", "productName": "RTX 4090 24GB",
            "gpuNum": 1, "cpuNum": 16, "memory": 62,
        })
    } else {
        json!({"volumeMounts": [{"type": "local", "size": 30, "mountPath": "/workspace"}]})
    };
    patch(&mut whole, difference);
    whole
}
