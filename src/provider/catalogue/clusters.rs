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

/// Clusters of Novita AI: the places where instances, network storages and VPC networks are located.
///
/// All filters must match; without filters, all clusters are listed. An empty result is not an error.
///
/// Vendor documentation: [List clusters](https://novita.ai/docs/api-reference/gpu-instance-list-clusters).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct Clusters {
    /// Part of the name of a GPU model that the cluster must offer, such as `4090`. Not case-sensitive.
    #[tf(optional, len = 1..=255)]
    product_name: Attr<String>,
    /// Only clusters with network storage (`true`), or only clusters without it (`false`).
    #[tf(optional)]
    support_network_storage: Attr<bool>,
    /// Only clusters with VPC networks (`true`), or only clusters without them (`false`).
    #[tf(optional)]
    support_instance_network: Attr<bool>,
    /// Matching clusters, sorted by ID.
    #[tf(computed)]
    clusters: Attr<List<Cluster>>,
}

/// A cluster.
#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Cluster {
    /// ID of the cluster, for `cluster_id` of instances, network storages, networks and image prewarms.
    #[tf(computed)]
    id: Attr<String>,
    /// Name of the cluster.
    #[tf(computed)]
    name: Attr<String>,
    /// Names of the GPU models in the cluster, in alphabetical order.
    #[tf(computed)]
    available_gpu_type: Attr<List<String>>,
    /// Whether the cluster has network storage. Null if the API does not return it.
    #[tf(computed)]
    support_network_storage: Attr<bool>,
    /// Whether the cluster has VPC networks. Null if the API does not return it.
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
