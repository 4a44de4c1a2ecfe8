//! Get and list: a VM as answers show it.

use serde_json::{Value, json};

use super::super::catalogue::{dollars, offered_as};
use super::super::times::rfc3339;
use super::super::{NovaCloud, page};
use super::{Vm, status, unknown};
use crate::answer::{Answer, Call, Result};
use crate::clock::Time;
use crate::style::{Subject, Thing, fill};

impl NovaCloud {
    pub(crate) fn get_vm(&mut self, id: &str, time: &mut Time) -> Result<Answer> {
        let unknown = || unknown(&self.platform);
        let at = self.vms.iter().position(|it| it.id == id).ok_or_else(unknown)?;
        if self.vms[at].hidden_reads > 0 {
            self.vms[at].hidden_reads -= 1;
            return Err(unknown());
        }
        self.vms[at].reads += 1;
        let answer = Answer::json(200, &self.show_vm(&self.vms[at]));
        if time.read_moves() {
            self.vms[at].step(&self.pace, &self.style, time.now());
            self.vms.retain(|it| !it.is_forgotten());
        }
        Ok(answer)
    }

    /// A bare array without a total. What is destroyed is not in it.
    pub(crate) fn list_vms(&mut self, call: &Call, time: &mut Time) -> Answer {
        let known = self.past.listed(&self.platform, time.now(), &self.vms);
        let listed: Vec<&Vm> = known.iter().filter(|it| it.exists() && it.unlisted_reads == 0).collect();
        let shown = page(&self.platform, call, &listed);
        let ids: Vec<String> = shown.iter().map(|it| it.id.clone()).collect();
        let answer = Answer::json(200, &shown.into_iter().map(|it| self.show_vm(it)).collect());
        let moves = time.read_moves();
        for vm in &mut self.vms {
            vm.unlisted_reads = vm.unlisted_reads.saturating_sub(1);
            if ids.contains(&vm.id) {
                vm.reads += 1;
                if moves {
                    vm.step(&self.pace, &self.style, time.now());
                }
            }
        }
        answer
    }

    pub(super) fn show_vm(&self, vm: &Vm) -> Value {
        let started = ![status::CREATING, status::STARTING].contains(&vm.status.as_str());
        let rate = |micro: u64| (started || !self.style.late_rates).then(|| dollars(micro));
        let gpu_type = if self.style.normalised_gpu_type { offered_as(&vm.gpu_type) } else { &vm.gpu_type };
        let mut shown = json!({
            "id": vm.id, "vmid": vm.vmid, "user_id": self.account.id, "node": vm.node,
            "instance_label": vm.instance_label,
            "gpu_type": gpu_type, "gpu_count": vm.gpu_count, "storage_gb": vm.storage_gb,
            "ram_gb": vm.ram_gb, "cpu_cores": vm.cpu_cores,
            "ip_address": vm.ip_address,
            "status": self.style.unknown_status.as_ref().unwrap_or(&vm.status),
            "created_at": rfc3339(vm.created_at),
            "started_at": vm.started_at.map(rfc3339), "stopped_at": vm.stopped_at.map(rfc3339),
            "rental_type": vm.rental_type, "reservation_id": vm.reservation_id,
            "auto_restart": vm.auto_restart,
            "hourly_rate": rate(vm.hourly_rate()), "gpu_hourly_rate": rate(vm.gpu_hourly_rate),
            "storage_hourly_rate": rate(vm.storage_hourly_rate),
            "cpu_percent": load(vm.reads * 7), "ram_percent": load(vm.reads * 3 + 40),
            "cpu_model": vm.cpu_model, "pcie_gen": vm.pcie_gen,
        });
        fill(&self.platform, &mut shown, Subject { thing: Thing::Vm, id: &vm.id, fresh: true });
        shown
    }
}

/// A load in per cent that differs from one read to the next.
fn load(moved: u64) -> f64 {
    f64::from(u32::try_from(moved % 1000).unwrap_or(0)) / 10.0
}
