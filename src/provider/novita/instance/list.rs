//! List resources and data sources: the instances of an account, with GPUs and without, in a state or not.

use tfplugin::attr::Attr;
use tfplugin::model::{Model, StringEnum as _};

use crate::provider::catalogue::BillingMode;
use crate::provider::life_cycle::rented::RentedLife;
use crate::provider::life_cycle::selection::{Plural, Selection, begins_with, is_word};
use crate::provider::novita::instance::answer::Instance;
use crate::provider::novita::instance::cpu::Cpu;
use crate::provider::novita::instance::gpu::Gpu;

/// Find the GPU instances of the account, except removed ones.
///
/// All filters must match; without any, all are listed.
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
/// All filters must match; without any, all are listed.
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

/// No answer has a price.
const PRICE: (&str, &str) = (
    "hourly_price",
    "Price of the whole instance in USD per hour by the present catalogue, for its way of billing.",
);

impl Selection for GpuInstances {
    type Life = RentedLife<Gpu>;

    fn wants(&self, it: &Instance) -> bool {
        let is_billed_so =
            self.billing_mode.known().is_none_or(|mode| it.billing().eq_ignore_ascii_case(mode.as_str()));
        begins_with(&it.name, &self.name_prefix) && is_word(&it.status, &self.status) && is_billed_so
    }
}

impl Plural for GpuInstances {
    const TYPE: &'static str = "novita_gpu_instances";
    const FOUND: (&'static str, &'static str) = ("gpu_instances", "The instances, ordered by `id`.");
    const ELEMENT: &'static [&'static str] = &[
        "id",
        "name",
        "status",
        "product_id",
        "product_name",
        "gpu_num",
        "cluster_id",
        "cluster_name",
        "image_url",
        "billing_mode",
        "hourly_price",
        "end_time",
        "spot_status",
        "created_at",
    ];
    const TEXTS: &'static [(&'static str, &'static str)] = &[PRICE];
}

impl Selection for CpuInstances {
    type Life = RentedLife<Cpu>;

    fn wants(&self, it: &Instance) -> bool {
        begins_with(&it.name, &self.name_prefix) && is_word(&it.status, &self.status)
    }
}

impl Plural for CpuInstances {
    const TYPE: &'static str = "novita_cpu_instances";
    const FOUND: (&'static str, &'static str) = ("cpu_instances", "The instances, ordered by `id`.");
    const ELEMENT: &'static [&'static str] = &[
        "id",
        "name",
        "status",
        "product_id",
        "product_name",
        "cpu_num",
        "memory",
        "cluster_id",
        "cluster_name",
        "image_url",
        "hourly_price",
        "created_at",
    ];
    const TEXTS: &'static [(&'static str, &'static str)] = &[PRICE];
}
