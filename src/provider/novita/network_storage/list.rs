//! List resource: the network storages of an account, in a state or not.

use tfplugin::attr::Attr;
use tfplugin::list_resource::{ListResource, Listing};
use tfplugin::model::Model;
use tfplugin::resource::Result;

use crate::provider::clients::Cx;
use crate::provider::life_cycle::each::{begins_with, each};
use crate::provider::life_cycle::stored::StoredLife;
use crate::provider::novita::network_storage::{NetworkStorage, Storage};

/// Find the network storages of the account.
///
/// Vendor documentation: [List network
/// storages](https://novita.ai/docs/api-reference/gpu-instance-list-network-storage).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct NetworkStorages {
    /// Only storages with this name prefix.
    #[tf(optional)]
    name_prefix: Attr<String>,
    /// Only storages in this cluster. `novita_clusters` lists the IDs.
    #[tf(optional)]
    cluster_id: Attr<String>,
}

impl ListResource for NetworkStorages {
    type Resource = StoredLife<NetworkStorage>;

    async fn list(cx: &Cx, config: Self, listing: &Listing) -> Result<()> {
        let is_wanted = |it: &Storage| {
            begins_with(&it.storage_name, &config.name_prefix)
                && config.cluster_id.text().is_none_or(|wanted| wanted == it.cluster_id)
        };
        each::<NetworkStorage>(cx, listing, is_wanted, |it| it.storage_name.clone()).await
    }
}
