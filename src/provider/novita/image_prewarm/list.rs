//! List resource: the image prewarms of an account, in a state or not.

use tfplugin::attr::Attr;
use tfplugin::list_resource::{ListResource, Listing};
use tfplugin::model::Model;
use tfplugin::resource::Result;

use crate::provider::clients::Cx;
use crate::provider::life_cycle::each::{each, is_in_status};
use crate::provider::life_cycle::stored::StoredLife;
use crate::provider::novita::image_prewarm::{ImagePrewarm, Task};

/// Find the image prewarms of the account.
///
/// Vendor documentation: [List image prewarms](https://novita.ai/docs/api-reference/gpu-instance-list-image-prewarm).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct ImagePrewarms {
    /// Only tasks in this cluster. `novita_clusters` lists the IDs.
    #[tf(optional)]
    cluster_id: Attr<String>,
    /// Only tasks with this status: `Pending`, `Running`, `Succeeded` or `Failed`.
    #[tf(optional)]
    status: Attr<String>,
}

impl ListResource for ImagePrewarms {
    type Resource = StoredLife<ImagePrewarm>;

    async fn list(cx: &Cx, config: Self, listing: &Listing) -> Result<()> {
        let is_wanted = |it: &Task| {
            config.cluster_id.text().is_none_or(|wanted| wanted == it.cluster_id)
                && is_in_status(&it.state, &config.status)
        };
        each::<ImagePrewarm>(cx, listing, is_wanted, |it| format!("{} ({})", it.image_url, it.cluster_id))
            .await
    }
}
