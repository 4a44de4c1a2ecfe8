//! `novita_restart_instance`: restarts the container of an instance.

use std::time::Duration;

use tfplugin::action::{Action, Progress};
use tfplugin::attr::Attr;
use tfplugin::model::Model;
use tfplugin::resource::{Result, Rules};

use super::{failed, limit, refused, telling};
use crate::provider::clients::{Clients, Cx, DURATION};
use crate::provider::life_cycle::judge::{After, Goal};
use crate::provider::life_cycle::phase::Phase;
use crate::provider::life_cycle::remote::{Answer as _, Remote};
use crate::provider::life_cycle::stored::Stored as _;
use crate::provider::novita::instance::calls;
use crate::provider::novita::instance::gpu::Gpu;
use crate::provider::novita::reject_instance_id;

/// Restart the container of an instance of Novita AI.
///
/// Running processes end; disks are kept, and billing continues. Addresses and the SSH password can differ
/// afterwards; the next plan reads them.
///
/// Vendor documentation: [Restart instance](https://novita.ai/docs/api-reference/gpu-instance-restart-instance).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct RestartInstance {
    /// ID of the instance (`novita_gpu_instance` or `novita_cpu_instance`).
    #[tf(required)]
    instance_id: Attr<String>,
    /// Wait until the instance is running again. Default: `true`.
    #[tf(optional)]
    wait: Attr<bool>,
    /// Maximum duration of the action. Default: `15m`.
    #[tf(optional, format = DURATION)]
    timeout: Attr<String>,
}

impl Action for RestartInstance {
    type Data = Clients;

    const TYPE: &'static str = "novita_restart_instance";

    fn validate(&self, rules: &mut Rules) {
        reject_instance_id(rules, &self.instance_id);
    }

    fn limit(&self) -> Duration {
        limit(&self.timeout, 15)
    }

    async fn invoke(cx: &Cx, config: Self, progress: &Progress) -> Result<()> {
        let tell = telling(progress);
        let remote = Remote { tell: Some(&tell), ..Gpu::remote(cx)? };
        let id = config.instance_id.text_or_empty();
        let instance = remote.existing(id, "instance_id").await?;
        if instance.phase() == Phase::Stopped {
            let detail = format!(
                "The instance {id} is stopped, and only one that runs can be restarted. To start it, set \
                 `desired_status = \"running\"` on it and apply."
            );
            return Err(refused("Instance does not run", detail));
        }
        let sent = calls::restart(remote.client, &remote.call, id).await;
        sent.map_err(|error| failed("restart the instance", "It may have been restarted.", &error))?;
        if config.wait.known() == Some(&false) {
            return Ok(());
        }
        let ended = remote.wait(id, Goal::Ready(After::Change)).await;
        ended.map(drop).map_err(|error| failed("wait for the restarted instance", "", &error))
    }
}
