//! `novita_instance_access`: how to log in to an instance, without a trace in state or plan.

use tfplugin::attr::Attr;
use tfplugin::ephemeral::{EphemeralResource, Opened};
use tfplugin::model::Model;
use tfplugin::resource::{Result, Rules};

use crate::provider::clients::{Clients, Cx};
use crate::provider::error_context::ErrorContext;
use crate::provider::life_cycle::phase::Phase;
use crate::provider::life_cycle::remote::{Answer as _, Remote};
use crate::provider::life_cycle::stored::Stored as _;
use crate::provider::novita::instance::answer::Instance;
use crate::provider::novita::instance::gpu::Gpu;
use crate::provider::novita::instance::ssh::{SshTarget, target};
use crate::provider::novita::reject_instance_id;
use crate::provider::read_back::{secret_or_null, text_or_null};

/// Login data of an instance of Novita AI. It is read in each plan and apply and never stored.
///
/// With `store_ssh_password = false` on the instance, its password is in no state either.
///
/// Vendor documentation: [Get instance](https://novita.ai/docs/api-reference/gpu-instance-get-instance).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct InstanceAccess {
    /// ID of the instance (`novita_gpu_instance` or `novita_cpu_instance`).
    #[tf(required)]
    instance_id: Attr<String>,
    /// Wait until SSH is available. With `false`, values that are not known yet are null. Default: `true`.
    #[tf(optional)]
    wait: Attr<bool>,
    /// Command that opens a shell by SSH.
    #[tf(computed)]
    ssh_command: Attr<String>,
    /// Host name in `ssh_command`. Null if the command is not of the form `ssh -p PORT USER@HOST`.
    #[tf(computed)]
    host: Attr<String>,
    /// Port in `ssh_command`. Null under the same condition as `host`.
    #[tf(computed)]
    port: Attr<i64>,
    /// User name in `ssh_command`. Null under the same condition as `host`.
    #[tf(computed)]
    user: Attr<String>,
    /// Password for SSH.
    #[tf(computed, sensitive)]
    ssh_password: Attr<String>,
    /// URL of the web terminal.
    #[tf(computed)]
    web_terminal_url: Attr<String>,
    /// User name for the web terminal.
    #[tf(computed)]
    web_terminal_username: Attr<String>,
    /// Password for the web terminal.
    #[tf(computed, sensitive)]
    web_terminal_password: Attr<String>,
    /// URL of Jupyter.
    #[tf(computed)]
    jupyter_url: Attr<String>,
}

impl EphemeralResource for InstanceAccess {
    type Data = Clients;

    const TYPE: &'static str = "novita_instance_access";

    fn validate(&self, rules: &mut Rules) {
        reject_instance_id(rules, &self.instance_id);
    }

    async fn open(cx: &Cx, config: Self) -> Result<Opened<Self>> {
        let remote = Gpu::remote(cx)?;
        let id = config.instance_id.text_or_empty();
        let failed = |error| ErrorContext::to("read the access to the instance").failed(&error);
        let instance = remote.existing(id, "instance_id").await?;
        let instance = match config.wait.known() {
            Some(false) => instance,
            _ => offering_ssh(&remote, instance).await.map_err(failed)?,
        };
        Ok(config.with(instance).into())
    }
}

/// The instance once it offers SSH; one that does not run and is not on its way there never will.
async fn offering_ssh(
    remote: &Remote<'_, Instance>,
    instance: Instance,
) -> crate::api::error::Result<Instance> {
    let (id, mut seen) = (instance.id.clone(), instance);
    let offers = |it: &Instance| it.ssh.is_running == Some(true) || !it.ssh.ssh_command.is_empty();
    let may_come = |it: &Instance| matches!(it.phase(), Phase::Ready | Phase::Moving | Phase::Held);
    if !offers(&seen) && may_come(&seen) {
        let waiting = "waiting for the instance to offer SSH";
        let look = |it: Option<&Instance>| match it {
            Some(it) => {
                seen = it.clone();
                offers(it) || !may_come(it)
            }
            None => true,
        };
        remote.until(&id, waiting, look).await?;
    }
    Ok(seen)
}

impl InstanceAccess {
    fn with(self, instance: Instance) -> Self {
        let Instance { ssh, web_terminal, jupyter, .. } = instance;
        let SshTarget { host, port, user } = target(&ssh.ssh_command).unwrap_or_default();
        Self {
            instance_id: self.instance_id,
            wait: self.wait,
            ssh_command: text_or_null(ssh.ssh_command),
            host: text_or_null(host),
            port: Attr::from_option(Some(port).filter(|it| *it > 0)),
            user: text_or_null(user),
            ssh_password: secret_or_null(ssh.password),
            web_terminal_url: text_or_null(web_terminal.address),
            web_terminal_username: text_or_null(web_terminal.username),
            web_terminal_password: secret_or_null(web_terminal.password),
            jupyter_url: text_or_null(jupyter.address),
        }
    }
}
