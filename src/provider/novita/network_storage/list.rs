//! List resource and data source: the network storages of an account, in a state or not.

use tfplugin::attr::Attr;
use tfplugin::model::Model;

use crate::provider::life_cycle::selection::{Plural, Selection, begins_with, is};
use crate::provider::life_cycle::stored::StoredLife;
use crate::provider::novita::network_storage::{NetworkStorage, Storage};

/// The network storages of the account.
///
/// All filters must hold; without any, all are listed.
#[derive(Model)]
#[tf(settings)]
pub(crate) struct NetworkStorages {
    /// Only those with exactly this name, which several may have.
    #[tf(optional)]
    name: Attr<String>,
    /// Only those whose names begin so.
    #[tf(optional)]
    name_prefix: Attr<String>,
    /// Only those in this cluster.
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
