//! List resource and data source: the network storages of an account, in a state or not.

use tfplugin::attr::Attr;
use tfplugin::model::Model;

use crate::provider::life_cycle::selection::{Plural, Selection, begins_with, is};
use crate::provider::life_cycle::stored::StoredLife;
use crate::provider::novita::network_storage::{NetworkStorage, Storage};

/// Find the network storages of the account.
///
/// All filters must match; without any, all are listed.
///
/// Vendor documentation: [List network
/// storages](https://novita.ai/docs/api-reference/gpu-instance-list-network-storage).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct NetworkStorages {
    /// Only storages with exactly this name, which several may have.
    #[tf(optional)]
    name: Attr<String>,
    /// Only storages with this name prefix.
    #[tf(optional)]
    name_prefix: Attr<String>,
    /// Only storages in this cluster. `novita_clusters` lists the IDs.
    #[tf(optional)]
    cluster_id: Attr<String>,
}

impl Selection for NetworkStorages {
    type Life = StoredLife<NetworkStorage>;

    fn wants(&self, it: &Storage) -> bool {
        is(&it.storage_name, &self.name)
            && begins_with(&it.storage_name, &self.name_prefix)
            && is(&it.cluster_id, &self.cluster_id)
    }
}

impl Plural for NetworkStorages {
    const TYPE: &'static str = "novita_network_storages";
    const FOUND: (&'static str, &'static str) = ("network_storages", "The storages, ordered by `id`.");
    const ELEMENT: &'static [&'static str] = &["id", "name", "size", "cluster_id", "cluster_name"];
}
