//! List resource: the VPC networks of an account, in a state or not.

use tfplugin::attr::Attr;
use tfplugin::list_resource::{ListResource, Listing};
use tfplugin::model::Model;
use tfplugin::resource::Result;

use crate::provider::clients::Cx;
use crate::provider::life_cycle::each::{begins_with, each};
use crate::provider::life_cycle::stored::StoredLife;
use crate::provider::novita::network::{Network, Vpc};

/// Find the VPC networks of the account.
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

impl ListResource for Networks {
    type Resource = StoredLife<Network>;

    async fn list(cx: &Cx, config: Self, listing: &Listing) -> Result<()> {
        let is_wanted = |it: &Vpc| {
            begins_with(&it.name, &config.name_prefix)
                && config.cluster_id.text().is_none_or(|wanted| wanted == it.cluster_id)
        };
        each::<Network>(cx, listing, is_wanted, |it| it.name.clone()).await
    }
}
