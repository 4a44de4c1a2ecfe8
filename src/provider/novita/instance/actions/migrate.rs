//! `novita_migrate_instance`: moves an instance to another node.

use std::time::Duration;

use tfplugin::action::{Action, Progress};
use tfplugin::attr::Attr;
use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::model::Model;
use tfplugin::resource::{Result, Rules};

use super::{failed, limit, telling};
use crate::provider::clients::{Clients, Cx, DURATION};
use crate::provider::life_cycle::judge::Goal;
use crate::provider::life_cycle::phase::Phase;
use crate::provider::life_cycle::remote::{Answer as _, Remote};
use crate::provider::life_cycle::stored::Stored as _;
use crate::provider::novita::instance::answer::Instance;
use crate::provider::novita::instance::calls;
use crate::provider::novita::instance::gpu::Gpu;
use crate::provider::novita::reject_instance_id;

/// So long after the request the instance may not show that it moves.
const SHOWS_WITHIN: Duration = Duration::from_secs(60);

/// Migrate an instance of Novita AI to another node.
///
/// **The data on its system disk and its local disk is lost.** Network storages are kept. Save what you need before,
/// on a network storage or with the action `novita_save_image`.
///
/// Vendor documentation: [Migrate instance](https://novita.ai/docs/api-reference/gpu-instance-migrate-instance).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct MigrateInstance {
    /// ID of the instance (`novita_gpu_instance` or `novita_cpu_instance`).
    #[tf(required)]
    instance_id: Attr<String>,
    /// Must be `true`: confirms that the data on the system disk and the local disk may be lost.
    #[tf(required)]
    accept_data_loss: Attr<bool>,
    /// Maximum duration of the action. Default: `30m`.
    #[tf(optional, format = DURATION)]
    timeout: Attr<String>,
}

impl Action for MigrateInstance {
    type Data = Clients;

    const TYPE: &'static str = "novita_migrate_instance";

    fn validate(&self, rules: &mut Rules) {
        reject_instance_id(rules, &self.instance_id);
        if self.accept_data_loss.known() == Some(&false) {
            let fault = "A migration loses the system disk and the local disk: it must be `true` to migrate all the same.";
            rules.reject("accept_data_loss", fault);
        }
    }

    fn limit(&self) -> Duration {
        limit(&self.timeout, 30)
    }

    async fn plan(_: &Cx, config: Self) -> Diagnostics {
        let detail = format!(
            "The instance {} loses its system disk and its local disk; its network storages stay.",
            config.instance_id.text_or_empty()
        );
        Diagnostic::warning("Migration loses data", detail).into()
    }

    async fn invoke(cx: &Cx, config: Self, progress: &Progress) -> Result<()> {
        let tell = telling(progress);
        let remote = Remote { tell: Some(&tell), ..Gpu::remote(cx)? };
        let id = config.instance_id.text_or_empty();
        remote.existing(id, "instance_id").await?;
        let sent = calls::migrate(remote.client, &remote.call, id).await;
        let costs = "It may be on its way, and its disks lost.";
        sent.map_err(|error| failed("migrate the instance", costs, &error))?;
        let moves = |it: Option<&Instance>| match it {
            Some(it) if it.phase() == Phase::Moving => {
                tell(it.status());
                true
            }
            Some(_) => false,
            None => true,
        };
        let soon = remote.within(SHOWS_WITHIN);
        if soon.until(id, "waiting for the migration to begin", moves).await.is_err()
            && !cx.stop.is_cancelled()
        {
            progress.tell("The API took the request, and does not show that the instance moves.");
        }
        let ended = remote.wait(id, Goal::AtRest).await;
        ended.map(drop).map_err(|error| failed("wait for the migrated instance", "", &error))
    }
}
