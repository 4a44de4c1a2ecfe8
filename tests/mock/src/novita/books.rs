//! The books behind the API: what tests read, plant and change without a request.

use serde_json::{Value, json};

use super::Novita;
use super::instance::{Instance, status};
use crate::cloud::Machine;

impl Novita {
    /// Machines that exist, in the order they were made.
    pub(crate) fn alive(&self) -> Vec<Machine> {
        let exists = |it: &&Instance| it.status != status::REMOVED;
        let show = |it: &Instance| Machine {
            id: it.id.clone(),
            name: it.name.clone(),
            kind: it.kind.as_str().to_owned(),
            status: it.status.clone(),
        };
        self.instances.iter().filter(exists).map(show).collect()
    }

    pub(crate) fn record(&self, id: &str) -> Option<Value> {
        self.instances.iter().find(|it| it.id == id).map(|it| json!(it))
    }

    pub(crate) fn seed_instance(&mut self, record: Value, now: u64) -> Result<String, String> {
        let mut whole = defaults(record["kind"] == json!("gpu"), now);
        whole["sshPort"] = json!(self.next_ssh_port());
        whole["sshPassword"] = json!(format!("pw-{}", self.new_id()));
        whole["id"] = json!(self.new_id());
        patch(&mut whole, record)?;
        let instance: Instance = serde_json::from_value(whole).map_err(|error| error.to_string())?;
        if self.instances.iter().any(|it| it.id == instance.id) {
            return Err(format!("there is an instance {} already", instance.id));
        }
        let id = instance.id.clone();
        self.instances.push(instance);
        Ok(id)
    }

    pub(crate) fn modify_instance(&mut self, id: &str, change: Value) -> Result<(), String> {
        let instance = self.instances.iter_mut().find(|it| it.id == id);
        let instance = instance.ok_or_else(|| format!("there is no instance {id}"))?;
        let mut whole = json!(instance);
        patch(&mut whole, change)?;
        *instance = serde_json::from_value(whole).map_err(|error| error.to_string())?;
        Ok(())
    }

    pub(crate) fn remove_instance(&mut self, id: &str) -> bool {
        let before = self.instances.len();
        self.instances.retain(|it| it.id != id);
        self.instances.len() < before
    }

    pub(crate) fn set_status(&mut self, id: &str, status: &str) -> bool {
        let Some(instance) = self.instances.iter_mut().find(|it| it.id == id) else { return false };
        instance.walk(&[status], &self.pace);
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
    // Both are objects written above.
    let _ = patch(&mut whole, difference);
    whole
}

/// Replaces members of an object, as a whole each.
fn patch(whole: &mut Value, change: Value) -> Result<(), String> {
    match (whole, change) {
        (Value::Object(whole), Value::Object(change)) => {
            whole.extend(change);
            Ok(())
        }
        _ => Err("a record is an object".to_owned()),
    }
}
