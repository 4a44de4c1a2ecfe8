//! Start, stop, restart and destroy.

use serde_json::json;

use super::super::{NovaCloud, refused};
use super::status;
use crate::answer::{Answer, Refusal, Result};
use crate::core::Vendor as _;

impl NovaCloud {
    pub(crate) fn start_vm(&mut self, id: &str) -> Result<Answer> {
        self.check_status(id, "started", &[status::STOPPED, status::INTERRUPTED])?;
        let vm = self.existing(id)?;
        let (node, count) = (vm.node.clone(), vm.gpu_count);
        if self.nodes.iter().any(|it| it.id == node && self.free_gpus(it) < count) {
            return Err(self.out_of_stock());
        }
        self.begin(id, &status::STARTING_WALK, "VM is starting")
    }

    pub(crate) fn stop_vm(&mut self, id: &str) -> Result<Answer> {
        self.check_status(id, "stopped", &[status::RUNNING])?;
        self.begin(id, &status::STOPPING_WALK, "VM is stopping")
    }

    pub(crate) fn restart_vm(&mut self, id: &str) -> Result<Answer> {
        self.check_status(id, "restarted", &[status::RUNNING])?;
        self.begin(id, &status::RESTARTING_WALK, "VM is restarting")
    }

    pub(crate) fn destroy_vm(&mut self, id: &str) -> Result<Answer> {
        let refuses = self.style.destroy_refused_in_transition;
        let through_stopping = self.style.destroy_through_stopping;
        let pace = self.pace.clone();
        let vm = self.existing(id)?;
        if let Some(code) = refuses.filter(|_| status::is_transition(&vm.status)) {
            return Err(Refusal::new(code, "", &format!("VM cannot be destroyed while it is {}", vm.status)));
        }
        let walk = [status::STOPPING, status::DESTROYED];
        vm.walk(if through_stopping { &walk } else { &walk[1..] }, &pace);
        self.vms.retain(|it| !it.is_forgotten());
        if self.style.messages {
            return Ok(Answer::json(200, &json!({"message": "VM destroyed"})));
        }
        Ok(Answer { status: 204, ..Answer::empty() })
    }

    fn check_status(&mut self, id: &str, done: &str, statuses: &[&str]) -> Result<()> {
        let vm = self.existing(id)?;
        if statuses.contains(&vm.status.as_str()) {
            return Ok(());
        }
        Err(refused(&format!("VM cannot be {done} while it is {}", vm.status)))
    }

    fn begin(&mut self, id: &str, walk: &[&str], message: &str) -> Result<Answer> {
        let pace = self.pace.clone();
        let vm = self.existing(id)?;
        vm.walk(walk, &pace);
        let vm = vm.clone();
        let body = if self.style.messages { json!({"message": message}) } else { self.show_vm(&vm) };
        Ok(Answer::json(200, &body))
    }
}
