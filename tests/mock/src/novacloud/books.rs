//! The books behind the API: what tests read, plant and change without a request.

use serde_json::{Value, json};

use super::NovaCloud;
use super::vm::Vm;
use crate::cloud::Machine;
use crate::record::patched;

impl NovaCloud {
    /// VMs that exist, in the order they were made. They have no name of their own.
    pub(crate) fn alive(&self) -> Vec<Machine> {
        let show = |it: &Vm| Machine {
            id: it.id.clone(),
            name: it.instance_label.clone().unwrap_or_default(),
            vendor: "novacloud".to_owned(),
            kind: "vm".to_owned(),
            status: it.status.clone(),
        };
        self.vms.iter().filter(|it| it.exists()).map(show).collect()
    }

    pub(crate) fn record(&self, id: &str) -> Option<Value> {
        self.vms.iter().find(|it| it.id == id).map(|it| json!(it))
    }

    pub(crate) fn seed(&mut self, record: Value, now: u64) -> Result<String, String> {
        let mut whole = json!(Vm { created_at: now, started_at: Some(now), ..Vm::default() });
        whole["id"] = json!(self.ids.uuid());
        whole["vmid"] = json!(self.next_vmid());
        let vm: Vm = patched(whole, record)?;
        if self.vms.iter().any(|it| it.id == vm.id) {
            return Err(format!("there is a VM {} already", vm.id));
        }
        let id = vm.id.clone();
        self.vms.push(vm);
        Ok(id)
    }

    pub(crate) fn modify(&mut self, id: &str, change: Value) -> Result<(), String> {
        let vm = self.vms.iter_mut().find(|it| it.id == id);
        let vm = vm.ok_or_else(|| format!("there is no VM {id}"))?;
        *vm = patched(json!(vm), change)?;
        Ok(())
    }

    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let before = self.vms.len();
        self.vms.retain(|it| it.id != id);
        self.vms.len() < before
    }

    /// Puts a VM into a status, in which it stays.
    pub(crate) fn set_status(&mut self, id: &str, status: &str, now: u64) -> bool {
        let Some(vm) = self.vms.iter_mut().find(|it| it.id == id) else { return false };
        vm.walk(&[status], &self.pace);
        vm.arrive(&self.style, now);
        true
    }
}
