//! `novita_clusters`: the places where Novita AI has machines.

use tfplugin::attr::{Attr, List};
use tfplugin::data_source::DataSource;
use tfplugin::model::Model;
use tfplugin::resource::Result;

use crate::provider::catalogue::calls;
use crate::provider::clients::Cx;
use crate::provider::clients::{Clients, Vendors as _};
use crate::provider::error_context::ErrorContext;
use crate::provider::read_back::text_or_null;

/// The places where Novita AI has machines.
///
/// All filters must hold; without any, all clusters are listed. An empty list is no error.
#[derive(Model)]
#[tf(settings)]
pub(crate) struct Clusters {
    /// Part of the name of a GPU model that the cluster must have, such as `4090`, in any case of its letters.
    #[tf(optional, len = 1..=255)]
    product_name: Attr<String>,
    /// With `true` only clusters that have network storage, with `false` only those that do not.
    #[tf(optional)]
    support_network_storage: Attr<bool>,
    /// With `true` only clusters that have VPC networks, with `false` only those that do not.
    #[tf(optional)]
    support_instance_network: Attr<bool>,
    /// The clusters, by identifier.
    #[tf(computed)]
    clusters: Attr<List<Cluster>>,
}

/// A place with machines.
#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Cluster {
    /// Identifier, for `cluster_id`.
    #[tf(computed)]
    id: Attr<String>,
    /// Name.
    #[tf(computed)]
    name: Attr<String>,
    /// Names of the GPU models that it has, in alphabetical order.
    #[tf(computed)]
    available_gpu_type: Attr<List<String>>,
    /// Whether network storages can be there; null when the API does not tell.
    #[tf(computed)]
    support_network_storage: Attr<bool>,
    /// Whether VPC networks can be there; null when the API does not tell.
    #[tf(computed)]
    support_instance_network: Attr<bool>,
}

impl DataSource for Clusters {
    type Data = Clients;

    const TYPE: &'static str = "novita_clusters";

    async fn read(cx: &Cx, mut config: Self) -> Result<Self> {
        let clusters = calls::clusters(cx.novita()?, &cx.call()).await;
        let clusters = clusters.map_err(|error| ErrorContext::to("read the clusters").failed(&error))?;
        config.clusters = config.chosen(clusters).into();
        Ok(config)
    }
}

impl Clusters {
    /// What passes the filters, in order. What is not told is neither yes nor no.
    fn chosen(&self, mut clusters: Vec<calls::Cluster>) -> List<Cluster> {
        let told = |wanted: &Attr<bool>, it: Option<bool>| wanted.is_null() || wanted.known() == it.as_ref();
        let part = self.product_name.text_or_empty().to_lowercase();
        clusters.retain(|it| {
            told(&self.support_network_storage, it.support_network_storage)
                && told(&self.support_instance_network, it.support_instance_network)
                && (part.is_empty()
                    || it.available_gpu_type.iter().any(|it| it.to_lowercase().contains(&part)))
        });
        clusters.sort_by(|one, other| one.id.cmp(&other.id));
        clusters.into_iter().map(Cluster::from_answer).collect()
    }
}

impl Cluster {
    fn from_answer(cluster: calls::Cluster) -> Self {
        let calls::Cluster {
            id,
            name,
            mut available_gpu_type,
            support_network_storage,
            support_instance_network,
        } = cluster;
        available_gpu_type.sort();
        Self {
            id: id.into(),
            name: text_or_null(name),
            available_gpu_type: Attr::Known(available_gpu_type.into_iter().collect()),
            support_network_storage: Attr::from_option(support_network_storage),
            support_instance_network: Attr::from_option(support_instance_network),
        }
    }
}
