//! `novita_network_storages`: the network storages of an account.

use tfplugin::attr::{Attr, List};
use tfplugin::data_source::DataSource;
use tfplugin::model::Model;
use tfplugin::resource::Result;
use tokio::time::Instant;

use crate::provider::clients::{Clients, Cx};
use crate::provider::error_context::ErrorContext;
use crate::provider::life_cycle::stored::Stored as _;
use crate::provider::novita::network_storage::{NetworkStorage, Storage};
use crate::provider::read_back::text_or_null;

/// List the network storages of the Novita AI account.
///
/// All filters must match; without filters, all storages are listed. An empty result is not an error.
///
/// Vendor documentation: [List network
/// storages](https://novita.ai/docs/api-reference/gpu-instance-list-network-storage).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct NetworkStorages {
    /// Only storages in this cluster. `novita_clusters` lists the IDs.
    #[tf(optional, len = 1..=255)]
    cluster_id: Attr<String>,
    /// Only storages with exactly this name. Several storages can have the same name.
    #[tf(optional, len = 1..=i64::MAX)]
    name: Attr<String>,
    /// Matching storages, sorted by ID.
    #[tf(computed)]
    network_storages: Attr<List<Listed>>,
}

/// A network storage.
#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Listed {
    /// ID of the storage.
    #[tf(computed)]
    id: Attr<String>,
    /// Name of the storage.
    #[tf(computed)]
    name: Attr<String>,
    /// Size in GB.
    #[tf(computed)]
    size: Attr<i64>,
    /// ID of the cluster.
    #[tf(computed)]
    cluster_id: Attr<String>,
    /// Name of the cluster.
    #[tf(computed)]
    cluster_name: Attr<String>,
}

impl DataSource for NetworkStorages {
    type Data = Clients;

    const TYPE: &'static str = "novita_network_storages";

    async fn read(cx: &Cx, mut config: Self) -> Result<Self> {
        let remote = NetworkStorage::remote(cx)?;
        let listed = remote.kind.list.walked(&remote, Instant::now()).await;
        let listing = listed.map_err(|error| ErrorContext::to("list the network storages").failed(&error))?;
        config.network_storages = config.chosen(listing.elements()).into();
        Ok(config)
    }
}

impl NetworkStorages {
    /// The API's own filters may be fuzzy.
    fn chosen<'s>(&self, storages: impl Iterator<Item = &'s Storage>) -> List<Listed> {
        let is_wanted = |wanted: &Attr<String>, it: &str| wanted.text().is_none_or(|wanted| wanted == it);
        let fits = |it: &&Storage| {
            is_wanted(&self.cluster_id, &it.cluster_id) && is_wanted(&self.name, &it.storage_name)
        };
        storages.filter(fits).cloned().map(Listed::from_answer).collect()
    }
}

impl Listed {
    fn from_answer(answer: Storage) -> Self {
        let Storage { storage_id, storage_name, storage_size, cluster_id, cluster_name } = answer;
        Self {
            id: storage_id.into(),
            name: text_or_null(storage_name),
            size: Attr::from_option(storage_size),
            cluster_id: text_or_null(cluster_id),
            cluster_name: text_or_null(cluster_name),
        }
    }
}
