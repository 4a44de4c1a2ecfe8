//! List resource: the VMs of an account, in a state or not.

use tfplugin::attr::Attr;
use tfplugin::list_resource::{ListResource, Listing};
use tfplugin::model::Model;
use tfplugin::resource::Result;

use crate::provider::clients::Cx;
use crate::provider::life_cycle::each::{each, is_in_status};
use crate::provider::life_cycle::rented::RentedLife;
use crate::provider::novacloud::vm::{Vm, answer};

/// Find the VMs of the account, except destroyed ones.
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

impl ListResource for Vms {
    type Resource = RentedLife<Vm>;

    async fn list(cx: &Cx, config: Self, listing: &Listing) -> Result<()> {
        let is_wanted = |it: &answer::Vm| {
            is_in_status(&it.status, &config.status)
                && config.node.text().is_none_or(|node| node.eq_ignore_ascii_case(&it.node))
        };
        each::<Vm>(cx, listing, is_wanted, display_name).await
    }
}

/// VMs have no name: their label, else what they are.
fn display_name(vm: &answer::Vm) -> String {
    match vm.instance_label.trim() {
        "" => format!("{} × {} ({})", vm.gpu_type, vm.gpu_count.unwrap_or(1), vm.id),
        label => label.to_owned(),
    }
}
