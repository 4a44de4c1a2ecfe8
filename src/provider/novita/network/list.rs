//! List resource and data source: the VPC networks of an account, in a state or not.

use tfplugin::attr::Attr;
use tfplugin::model::Model;

use crate::provider::life_cycle::selection::{Plural, Selection, begins_with, is};
use crate::provider::life_cycle::stored::StoredLife;
use crate::provider::novita::network::{Network, Vpc};

/// Find the VPC networks of the account.
///
/// All filters must match; without any, all are listed.
///
/// Vendor documentation: [List VPC networks](https://novita.ai/docs/api-reference/gpu-instance-list-vpc).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct Networks {
    /// Only networks with this name prefix.
    #[tf(optional)]
    name_prefix: Attr<String>,
    /// Only networks in this cluster. `novita_clusters` lists the IDs.
    #[tf(optional)]
    cluster_id: Attr<String>,
}

impl Selection for Networks {
    type Life = StoredLife<Network>;

    fn wants(&self, it: &Vpc) -> bool {
        begins_with(&it.name, &self.name_prefix) && is(&it.cluster_id, &self.cluster_id)
    }
}

impl Plural for Networks {
    const TYPE: &'static str = "novita_networks";
    const FOUND: (&'static str, &'static str) = ("networks", "The networks, ordered by `id`.");
    const ELEMENT: &'static [&'static str] = &["id", "name", "cluster_id", "segment", "status", "created_at"];
}
