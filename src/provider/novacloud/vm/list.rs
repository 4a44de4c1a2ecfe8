//! List resource and data source: the VMs of an account, in a state or not.

use tfplugin::attr::Attr;
use tfplugin::model::Model;

use crate::provider::life_cycle::rented::RentedLife;
use crate::provider::life_cycle::selection::{Plural, Selection, is_word};
use crate::provider::novacloud::vm::{Vm, answer};

/// Find the VMs of the account, except destroyed ones.
///
/// All filters must match; without any, all are listed.
///
/// Vendor documentation: [Get VM](https://docs.nova-cloud.ai/api-reference/virtual-machines/get-vm).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct Vms {
    /// Only VMs with this status, as returned by the API, such as `running` or `stopped`.
    #[tf(optional)]
    status: Attr<String>,
    /// Only VMs on this node, such as `vm02`. `novacloud_offers` lists the nodes.
    #[tf(optional)]
    node: Attr<String>,
}

impl Selection for Vms {
    type Life = RentedLife<Vm>;

    fn wants(&self, it: &answer::Vm) -> bool {
        is_word(&it.status, &self.status) && is_word(&it.node, &self.node)
    }

    /// VMs have no name: their label, else what they are.
    fn name(it: &answer::Vm) -> String {
        match it.instance_label.trim() {
            "" => format!("{} × {} ({})", it.gpu_type, it.gpu_count.unwrap_or(1), it.id),
            label => label.to_owned(),
        }
    }
}

impl Plural for Vms {
    const TYPE: &'static str = "novacloud_vms";
    const FOUND: (&'static str, &'static str) = ("vms", "The VMs, ordered by `id`.");
    const ELEMENT: &'static [&'static str] = &[
        "id",
        "instance_label",
        "status",
        "node",
        "gpu_type",
        "gpu_count",
        "storage_gb",
        "cpu_cores",
        "ram_gb",
        "ip_address",
        "rental_type",
        "hourly_rate",
        "created_at",
    ];
}
