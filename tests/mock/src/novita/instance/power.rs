//! Start, stop, restart, delete and migrate.

use serde_json::Value;

use super::parse::text;
use super::{Job, status};
use crate::answer::{Answer, Refusal, Result};
use crate::core::Vendor as _;
use crate::novita::Novita;
use crate::novita::style::Actions;

impl Novita {
    pub(crate) fn start(&mut self, body: &Value) -> Result<Answer> {
        let id = text(body, "instanceId");
        let instance = self.existing_in(&id, &[status::EXITED])?;
        let (product, gpus) = (instance.product_id.clone(), instance.gpu_num);
        let taken = self.products.iter().any(|it| it.id == product && self.free_gpus(it) < gpus);
        if taken {
            return Err(self.out_of_stock());
        }
        self.begin(&id, &status::STARTING_WALK)?;
        Ok(self.done(&id, "toStart", Actions::Small))
    }

    pub(crate) fn stop(&mut self, body: &Value) -> Result<Answer> {
        let id = text(body, "instanceId");
        self.existing_in(&id, &[status::RUNNING])?;
        self.begin(&id, &status::STOPPING_WALK)?;
        Ok(self.done(&id, "toStop", Actions::Small))
    }

    pub(crate) fn restart(&mut self, body: &Value) -> Result<Answer> {
        let id = text(body, "instanceId");
        self.existing_in(&id, &[status::RUNNING])?;
        self.begin(&id, &status::RESTARTING_WALK)?;
        Ok(self.done(&id, "toRestart", Actions::Object))
    }

    pub(crate) fn delete(&mut self, body: &Value) -> Result<Answer> {
        let id = text(body, "instanceId");
        let instance = self.existing(&id)?;
        if [status::TO_REMOVE, status::REMOVING].contains(&instance.status.as_str()) {
            return Err(Refusal::new(400, "CONFLICT", "invalid state change: the instance is being removed"));
        }
        if instance.is_monthly() {
            let text = "a monthly instance cannot be released before its term ends";
            return Err(Refusal::new(400, "PREPAID_INSTANCE_NOT_SUPPORT_RELEASE", text));
        }
        self.begin(&id, &status::REMOVING_WALK)?;
        Ok(self.done(&id, status::TO_REMOVE, Actions::Empty))
    }

    pub(crate) fn migrate(&mut self, body: &Value) -> Result<Answer> {
        let id = text(body, "instanceId");
        let back = if self.existing_in(&id, &[status::RUNNING, status::EXITED])?.is_running() {
            status::RUNNING
        } else {
            status::EXITED
        };
        let job = Job { id: format!("job-{}", self.new_id()), kind: "instanceMigrate".to_owned() };
        self.begin(&id, &[status::MIGRATING, back])?;
        self.existing(&id)?.jobs.push(job);
        Ok(self.done(&id, status::MIGRATING, Actions::Object))
    }

    /// Begins a walk at this vendor's pace.
    pub(super) fn begin(&mut self, id: &str, walk: &[&str]) -> Result<()> {
        let pace = self.pace.clone();
        self.existing(id)?.walk(walk, &pace);
        Ok(())
    }
}
