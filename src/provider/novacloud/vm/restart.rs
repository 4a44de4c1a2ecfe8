//! `novacloud_restart_vm`: restarts a VM.

use std::time::Duration;

use tfplugin::action::{Action, Progress};
use tfplugin::attr::Attr;
use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::model::Model;
use tfplugin::path::Path;
use tfplugin::resource::{Result, Rules};

use crate::api::error::Error;
use crate::api::resource_kind::is_uuid;
use crate::provider::clients::{Clients, Cx};
use crate::provider::error_context::ErrorContext;
use crate::provider::life_cycle::judge::{After, Goal};
use crate::provider::life_cycle::phase::{Phase, spelled};
use crate::provider::life_cycle::remote::{Answer as _, Remote};
use crate::provider::life_cycle::stored::Stored as _;
use crate::provider::novacloud::routes;
use crate::provider::novacloud::vm::{Vm, answer};

/// Restart a VM of Nova Cloud and wait until it is running again.
///
/// The vendor does not document the call. If the API does not have it, the action returns an error and nothing has
/// happened.
///
/// Vendor documentation: [Introduction](https://docs.nova-cloud.ai/api-reference/introduction).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct RestartVm {
    /// ID of the VM (`novacloud_vm`), a UUID.
    #[tf(required)]
    vm_id: Attr<String>,
}

impl Action for RestartVm {
    type Data = Clients;

    const TYPE: &'static str = "novacloud_restart_vm";

    fn validate(&self, rules: &mut Rules) {
        if self.vm_id.text().is_some_and(|it| !is_uuid(it)) {
            rules.reject("vm_id", "It must be a UUID, the `id` of a `novacloud_vm`.");
        }
    }

    fn limit(&self) -> Duration {
        Duration::from_secs(15 * 60)
    }

    async fn invoke(cx: &Cx, config: Self, progress: &Progress) -> Result<()> {
        let tell = |status: &str| progress.tell(format!("The VM is {}.", spelled(answer::PHASES, status)));
        let remote = Remote { tell: Some(&tell), ..Vm::remote(cx)? };
        let id = config.vm_id.text_or_empty();
        if remote.existing(id, "vm_id").await?.phase() == Phase::Stopped {
            let detail = format!(
                "The VM {id} is stopped, and only one that runs can be restarted. To start it, set \
                 `desired_status = \"running\"` on it and apply."
            );
            return Err(Diagnostic::error("VM does not run", detail).at(Path::root("vm_id")).into());
        }
        let sent = routes::restart(remote.client, &remote.call, id).await;
        sent.map_err(|error| not_restarted(id, &error))?;
        let ended = remote.wait(id, Goal::Ready(After::Change)).await;
        ended.map(drop).map_err(|error| ErrorContext::to("wait for the restarted VM").failed(&error))
    }
}

/// The VM was there a moment ago, so what was not found is the call.
fn not_restarted(id: &str, error: &Error) -> Diagnostics {
    if let Error::NotFound(_) | Error::Misconfigured(_) = error {
        let detail = format!(
            "The vendor does not document how VMs are restarted, and the call that was guessed does not exist: {error}. \
             Nothing has happened to the VM {id}: restart it in the vendor's console."
        );
        return Diagnostic::error("VM cannot be restarted from here", detail).into();
    }
    let aftermath = if matches!(error, Error::Ambiguous(_)) { "It may have been restarted." } else { "" };
    ErrorContext { what: "restart the VM", aftermath: aftermath.to_owned(), schema: None }.failed(error)
}
