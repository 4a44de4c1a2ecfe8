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

/// The network storages of the account, whoever manages them.
///
/// All filters must hold; without any, all are listed. An empty list is no error.
#[derive(Model)]
#[tf(settings)]
pub(crate) struct NetworkStorages {
    /// Only those in this cluster.
    #[tf(optional, len = 1..=255)]
    cluster_id: Attr<String>,
    /// Only those with exactly this name, which several may have.
    #[tf(optional, len = 1..=i64::MAX)]
    name: Attr<String>,
    /// The storages, by identifier.
    #[tf(computed)]
    network_storages: Attr<List<Listed>>,
}

/// A network storage.
#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Listed {
    /// Identifier of the storage.
    #[tf(computed)]
    id: Attr<String>,
    /// Name.
    #[tf(computed)]
    name: Attr<String>,
    /// Size in GB.
    #[tf(computed)]
    size: Attr<i64>,
    /// Cluster that holds the storage.
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
