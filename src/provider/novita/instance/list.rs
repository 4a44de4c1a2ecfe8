//! List resources: the instances of an account, with GPUs and without, in a state or not.

use tfplugin::attr::Attr;
use tfplugin::list_resource::{ListResource, Listing};
use tfplugin::model::{Model, StringEnum as _};
use tfplugin::resource::Result;

use crate::provider::catalogue::BillingMode;
use crate::provider::clients::Cx;
use crate::provider::life_cycle::each::{begins_with, each, is_in_status};
use crate::provider::life_cycle::rented::RentedLife;
use crate::provider::novita::instance::answer::Instance;
use crate::provider::novita::instance::cpu::Cpu;
use crate::provider::novita::instance::gpu::Gpu;

/// Find the GPU instances of the account, except removed ones.
///
/// Vendor documentation: [List instances](https://novita.ai/docs/api-reference/gpu-instance-list-instances).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct GpuInstances {
    /// Only instances with this name prefix.
    #[tf(optional)]
    name_prefix: Attr<String>,
    /// Only instances with this status, as returned by the API, such as `running` or `exited`.
    #[tf(optional)]
    status: Attr<String>,
    /// Only instances with this billing mode.
    #[tf(optional)]
    billing_mode: Attr<BillingMode>,
}

/// Find the CPU instances of the account, except removed ones.
///
/// Vendor documentation: [List instances](https://novita.ai/docs/api-reference/gpu-instance-list-instances).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct CpuInstances {
    /// Only instances with this name prefix.
    #[tf(optional)]
    name_prefix: Attr<String>,
    /// Only instances with this status, as returned by the API, such as `running` or `exited`.
    #[tf(optional)]
    status: Attr<String>,
}

impl ListResource for GpuInstances {
    type Resource = RentedLife<Gpu>;

    async fn list(cx: &Cx, config: Self, listing: &Listing) -> Result<()> {
        let is_billed_so = |it: &Instance| {
            config.billing_mode.known().is_none_or(|mode| it.billing().eq_ignore_ascii_case(mode.as_str()))
        };
        let is_wanted = |it: &Instance| {
            begins_with(&it.name, &config.name_prefix)
                && is_in_status(&it.status, &config.status)
                && is_billed_so(it)
        };
        each::<Gpu>(cx, listing, is_wanted, |it| it.name.clone()).await
    }
}

impl ListResource for CpuInstances {
    type Resource = RentedLife<Cpu>;

    async fn list(cx: &Cx, config: Self, listing: &Listing) -> Result<()> {
        let is_wanted = |it: &Instance| {
            begins_with(&it.name, &config.name_prefix) && is_in_status(&it.status, &config.status)
        };
        each::<Cpu>(cx, listing, is_wanted, |it| it.name.clone()).await
    }
}
