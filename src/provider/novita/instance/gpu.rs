//! `novita_gpu_instance`: a container on a machine with GPUs.
//!
//! Owns what only instances with GPUs have: their number, the size of the disk, and how they are paid
//! for. Everything else is shared with CPU instances.

use std::future::Future;

use jiff::Timestamp;
use tfplugin::attr::Attr;
use tfplugin::check::Format;
use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::model::{Model, StringEnum};
use tfplugin::resource::{Plan, Result, Rules};
use tfplugin::schema::Difference;

use crate::api::error::{self, Error};
use crate::provider::budget::Cost;
use crate::provider::catalogue::BillingMode;
use crate::provider::catalogue::alternatives::Hardware;
use crate::provider::catalogue::known::Catalogue;
use crate::provider::clients::Cx;
use crate::provider::life_cycle::change::{Change, Shows, refuse_shrinking};
use crate::provider::life_cycle::remote::Remote;
use crate::provider::novita::instance::answer::{Instance, moment};
use crate::provider::novita::instance::billing::{self, PREPAID};
use crate::provider::novita::instance::calls;
use crate::provider::novita::instance::check;
use crate::provider::novita::instance::container::Container;
use crate::provider::novita::instance::kind::Kind;
use crate::provider::offered;
use crate::provider::read_back::{Origin, ReadBack, text_or_null};

#[cfg(test)]
mod tests;

static CUDA_VERSION: Format = Format {
    text: "`MAJOR.MINOR`, such as `12.4`",
    reject: |text| (!is_cuda_version(text)).then(|| format!("{text:?} does not have this form.")),
};

fn is_cuda_version(text: &str) -> bool {
    let number = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    text.split_once('.').is_some_and(|(major, minor)| number(major) && number(minor))
}

/// GPU instance of Novita AI: a container on a machine with GPUs.
///
/// Billing starts when the image pull begins, before the instance is running. The storage of a stopped instance is
/// still billed. A stop promises nothing about the data in `/` and `/workspace`: keep data on a network storage.
/// Recreating the container ends its processes; the provider asks the API to keep its data. There is no user data
/// (cloud-init): use `command` or the image. The guide [Costs and
/// changes](https://registry.terraform.io/providers/novita/novita/latest/docs/guides/money) lists what a stop, a
/// change and a replacement cost.
///
/// Vendor documentation: [Create instance](https://novita.ai/docs/api-reference/gpu-instance-create-instance),
/// [Upgrade instance](https://novita.ai/docs/api-reference/gpu-instance-upgrade-instance), [Edit
/// instance](https://novita.ai/docs/api-reference/gpu-instance-edit-instance),
/// [Pricing](https://novita.ai/docs/guides/gpu-instance-pricing).
#[derive(Clone, Model)]
pub(crate) struct Gpu {
    #[tf(flatten)]
    pub(crate) container: Container,
    /// Number of GPUs.
    #[tf(required, replace, range = 1..=8)]
    pub(crate) gpu_num: Attr<i64>,
    /// Size of the system disk in GB. A larger disk is not changed. The maximum of a product is `max_rootfs` in
    /// `novita_gpu_products`.
    #[tf(
        required,
        not_returned,
        at_least,
        range = 10..=6144,
        via = "A larger size is applied in place, without a restart; a smaller one is an error, because a disk cannot shrink."
    )]
    pub(crate) rootfs_size: Attr<i64>,
    /// Billing mode. `onDemand`: pay per use. `monthly`: prepaid for `month` months. `spot`: cheaper, can be
    /// reclaimed by the vendor. If omitted, `monthly` if `month` is greater than 0, else `onDemand`.
    #[tf(
        optional,
        computed,
        via = "Changing it from `onDemand` to `monthly` takes effect in place; any other change replaces the resource."
    )]
    pub(crate) billing_mode: Attr<BillingMode>,
    /// Number of prepaid months. `0`: pay per use. A number greater than 0 implies monthly billing.
    #[tf(optional, default = 0, range = 0..=i64::MAX,
         via = "Changing it from `0` to more takes effect in place; back to `0` replaces the resource; any other change is an error.")]
    pub(crate) month: Attr<i64>,
    /// Renew a monthly instance automatically at the end of its term.
    #[tf(optional, default = false, via = "Changing it takes effect in place.")]
    pub(crate) auto_renew: Attr<bool>,
    /// Number of months of each automatic renewal. Only with `auto_renew`; the API uses `1` if omitted.
    #[tf(optional, unset = 1, range = 1..=12, via = "Changing it takes effect in place.")]
    pub(crate) auto_renew_month: Attr<i64>,
    /// Migrate the instance to another node automatically when its node fails. Not every instance supports it. The API
    /// accepts the setting once the instance is running and never returns it, so a change in the console is not detected.
    #[tf(optional, unset = false, no_wire, via = "Changing it takes effect in place.")]
    pub(crate) auto_migrate: Attr<bool>,
    /// Migrate the system disk too. Only with `auto_migrate`.
    #[tf(optional, unset = false, no_wire, via = "Changing it takes effect in place.")]
    pub(crate) auto_migrate_system_disk: Attr<bool>,
    /// Minimum CUDA version that the driver of the machine must support.
    #[tf(optional, replace, not_returned, len = 1..=255, format = CUDA_VERSION)]
    pub(crate) min_cuda_version: Attr<String>,
    /// End of the term of a monthly instance in RFC 3339 format.
    #[tf(computed, volatile = is_billed_anew)]
    pub(crate) end_time: Attr<String>,
    /// State of a spot instance: `running`, `notified`, `reclaiming` or `terminated`.
    #[tf(computed)]
    pub(crate) spot_status: Attr<String>,
}

fn is_billed_anew(it: &Difference<'_>) -> bool {
    it.touches(&["billing_mode", "month"])
}

impl Kind for Gpu {
    const NAME: &'static str = "novita_gpu_instance";
    const KIND: &'static str = "gpu";
    const OTHER: &'static str = "novita_cpu_instance";
    const SHOWS: &'static str = "Get an existing GPU instance of Novita AI.\n\nVendor documentation: [Get instance](https://novita.ai/docs/api-reference/gpu-instance-get-instance).";
    const NOT_SHOWN: &'static [&'static str] = &[
        "image_auth",
        "image_auth_wo",
        "image_auth_wo_version",
        "secret_envs",
        "desired_status",
        "deletion_protection",
        "wait_for_ready",
        "store_ssh_password",
        "max_hourly_price",
        "product_ids",
        "cluster_ids",
        "capacity_timeout",
        "hourly_price",
        "month",
        "auto_renew",
        "auto_renew_month",
        "auto_migrate",
        "auto_migrate_system_disk",
        "min_cuda_version",
    ];

    fn container(&self) -> &Container {
        &self.container
    }

    fn container_mut(&mut self) -> &mut Container {
        &mut self.container
    }

    fn validate_own(&self, rules: &mut Rules) {
        billing::validate(rules, self);
        let migrates = self.auto_migrate.known() == Some(&true);
        let takes_disk = self.auto_migrate_system_disk.known() == Some(&true);
        if takes_disk && !migrates && !self.auto_migrate.is_unknown() {
            rules.reject(
                "auto_migrate_system_disk",
                "It has a meaning only together with `auto_migrate = true`: set that too.",
            );
        }
        if migrates && self.container.wait_for_ready.known() == Some(&false) {
            rules.reject(
                "wait_for_ready",
                "Automatic migration is set once a new instance runs: with `auto_migrate = true` leave it at `true`.",
            );
        }
    }

    fn plan_own(plan: &mut Plan<Self>) {
        billing::plan(plan);
        if plan.prior.is_none() {
            let mode = plan.planned.billing_mode.known();
            if mode.is_some_and(|it| *it != BillingMode::Monthly) {
                plan.planned.end_time = Attr::Null;
            }
            if mode.is_some_and(|it| *it != BillingMode::Spot) {
                plan.planned.spot_status = Attr::Null;
            }
        }
    }

    fn plan_own_update(&self, planned: &Self) -> Diagnostics {
        refuse_shrinking("rootfs_size", &self.rootfs_size, &planned.rootfs_size)
    }

    fn plan_end(&self) -> Diagnostics {
        match self.billing_mode.known() {
            Some(BillingMode::Monthly) => {
                let end = self.end_time.text().map(|it| format!(" That is {it}.")).unwrap_or_default();
                Diagnostic::warning("Prepaid instance would be removed", format!("{PREPAID}{end}")).into()
            }
            _ => Diagnostics::default(),
        }
    }

    fn why_ended(&self) -> Option<Diagnostic> {
        let id = self.container.id.text_or_empty();
        match self.billing_mode.known()? {
            BillingMode::Spot => {
                let detail = format!(
                    "The instance {id} does not exist any more. It was rented with `billing_mode = \"spot\"`, so its hardware \
                     may have been taken back. The next apply creates another one. Hardware that is rented with `onDemand` \
                     is not taken back."
                );
                Some(Diagnostic::warning("Spot instance is gone", detail))
            }
            BillingMode::Monthly => {
                let end: Timestamp = self.end_time.text()?.parse().ok()?;
                let detail = format!(
                    "The instance {id} does not exist any more. It was paid for until {end}; without `auto_renew` the vendor \
                     removes it after its term. The next apply pays for another one, for `month` months."
                );
                Some(Diagnostic::warning("Prepaid instance is gone", detail))
            }
            BillingMode::OnDemand => None,
        }
    }

    async fn check_rest(cx: &Cx, prior: Option<&Self>, planned: &Self) -> Diagnostics {
        check::gpu(cx, prior, planned).await
    }

    fn take_over(&mut self, instance: Instance, origin: Origin) -> ReadBack {
        let mut back = ReadBack::of::<Self>(origin);
        back.compare(
            "billing_mode",
            &self.billing_mode,
            StringEnum::from_text(&instance.billing_mode).as_ref(),
        );
        self.billing_mode = billing::read_back(self.billing_mode, StringEnum::from_text(instance.billing()));
        let rest = self.container.read_back(instance, &mut back);
        back.learn("gpu_num", &mut self.gpu_num, rest.gpu_num);
        back.learn_size("rootfs_size", &mut self.rootfs_size, rest.rootfs_size);
        self.end_time = Attr::from_option(moment(&rest.end_time));
        self.spot_status = text_or_null(rest.spot_status);
        back
    }

    fn is_incomplete(&self) -> bool {
        self.container.product_id.is_null() || self.rootfs_size.is_null()
    }

    fn rootfs_size(&self) -> Option<i64> {
        self.rootfs_size.known().copied()
    }

    fn take_edit(&mut self, planned: &Self) {
        self.rootfs_size = planned.rootfs_size;
    }

    fn hardware(&self) -> Hardware {
        Hardware {
            product: self.container.product_id.text_or_empty().to_owned(),
            cluster: self.container.cluster_id.text_or_empty().to_owned(),
            gpus: Some(self.gpu_num.known().copied().unwrap_or(1)),
            billing_mode: self.billing_mode.known().copied().unwrap_or(BillingMode::OnDemand).as_str(),
        }
    }

    async fn cost(cx: &Cx, prior: Option<&Self>, planned: &Self) -> Option<Cost> {
        match (check::new_term(prior, planned), prior) {
            (Some(months), _) => check::term_price(cx, planned, months).await.map(Cost::Ahead),
            (None, None) => offered::only_price(cx, planned).await.map(Cost::Hourly),
            (None, Some(_)) => None,
        }
    }

    async fn check_product(&self, cx: &Cx) -> Diagnostics {
        check::checked(cx, check::gpu_product(cx, self).await)
    }

    async fn has_stock(&self, cx: &Cx, catalogue: &Catalogue) -> bool {
        check::gpu_stock(cx, catalogue, self).await
    }

    async fn rate(&self, cx: &Cx, catalogue: &Catalogue) -> Option<f64> {
        check::gpu_price(cx, catalogue, self).await
    }

    async fn change_own(step: &mut Change<'_, Self>) -> Result<()> {
        bill_monthly(step).await?;
        renew_automatically(step).await?;
        migrate_automatically(step).await
    }

    fn before_set_up(&self) -> Option<Self> {
        let is_set_up = migration(self).0;
        is_set_up.then(|| Self {
            auto_migrate: Attr::Null,
            auto_migrate_system_disk: Attr::Null,
            ..self.clone()
        })
    }

    async fn set_up(&self, remote: &Remote<'_, Instance>) -> error::Result<()> {
        set_auto_migrate(remote, self).await
    }
}

async fn bill_monthly(step: &mut Change<'_, Gpu>) -> Result<()> {
    let mode = |gpu: &Gpu| gpu.billing_mode.known().copied();
    let (before, after) = (mode(&step.now), mode(&step.planned));
    if before == Some(BillingMode::OnDemand) && after == Some(BillingMode::Monthly) {
        let months = step.planned.month.known().copied().unwrap_or(1);
        // It costs, so it is sent once.
        let (client, call) = (step.remote.client, &step.remote.call);
        let changed = calls::trans_to_monthly(client, call, &step.id, months).await;
        let shows = |it: Instance| BillingMode::from_text(it.billing()) == Some(BillingMode::Monthly);
        let changed = step.confirm(changed, Shows::Soon, shows).await;
        changed.map_err(|error| step.failed("change the billing of", &error))?;
        step.now.billing_mode = step.planned.billing_mode;
    }
    // Otherwise it is monthly already, and the number of months is only taken note of.
    step.now.month = step.planned.month;
    step.save();
    Ok(())
}

async fn renew_automatically(step: &mut Change<'_, Gpu>) -> Result<()> {
    let (on, months) = renewal(&step.planned);
    if renewal(&step.now) != (on, months) {
        let set = set(|| calls::set_auto_renew(step.remote.client, &step.remote.call, &step.id, on, months));
        set.await.map_err(|error| step.failed("set the automatic renewal of", &error))?;
    }
    step.now.auto_renew = step.planned.auto_renew;
    step.now.auto_renew_month = step.planned.auto_renew_month;
    step.save();
    Ok(())
}

/// Whether automatic renewal is on, and by how many months; the API always wants a number.
fn renewal(gpu: &Gpu) -> (bool, i64) {
    match gpu.auto_renew.known() {
        Some(true) => (true, gpu.auto_renew_month.known().copied().unwrap_or(1)),
        Some(false) | None => (false, 1),
    }
}

async fn migrate_automatically(step: &mut Change<'_, Gpu>) -> Result<()> {
    if migration(&step.now) != migration(&step.planned) {
        let set = set_auto_migrate(&step.remote, &step.planned).await;
        set.map_err(|error| step.failed("set the automatic migration of", &error))?;
    }
    step.now.auto_migrate = step.planned.auto_migrate;
    step.now.auto_migrate_system_disk = step.planned.auto_migrate_system_disk;
    step.save();
    Ok(())
}

async fn set_auto_migrate(remote: &Remote<'_, Instance>, gpu: &Gpu) -> error::Result<()> {
    let (id, (on, system_disk)) = (gpu.container.id.text_or_empty(), migration(gpu));
    set(|| calls::set_auto_migrate(remote.client, &remote.call, id, on, system_disk)).await
}

/// Whether automatic migration is on, and whether it takes the system disk along.
fn migration(gpu: &Gpu) -> (bool, bool) {
    let is_on = |it: Attr<bool>| it.known() == Some(&true);
    (is_on(gpu.auto_migrate), is_on(gpu.auto_migrate) && is_on(gpu.auto_migrate_system_disk))
}

/// Sends a setting that no answer ever shows. Sent twice it does no harm.
async fn set<F: Future<Output = error::Result<()>>>(send: impl Fn() -> F) -> error::Result<()> {
    match send().await {
        Err(Error::Ambiguous(_)) => send().await,
        other => other,
    }
}
