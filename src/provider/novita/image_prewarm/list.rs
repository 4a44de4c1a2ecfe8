//! List resource and data source: the image prewarms of an account, in a state or not.

use tfplugin::attr::Attr;
use tfplugin::model::Model;

use crate::provider::life_cycle::selection::{Plural, Selection, is, is_word};
use crate::provider::life_cycle::stored::StoredLife;
use crate::provider::novita::image_prewarm::{ImagePrewarm, Task};

/// Find the image prewarms of the account.
///
/// All filters must match; without any, all are listed.
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

impl Selection for ImagePrewarms {
    type Life = StoredLife<ImagePrewarm>;

    fn wants(&self, it: &Task) -> bool {
        is(&it.cluster_id, &self.cluster_id) && is_word(&it.state, &self.status)
    }

    fn name(it: &Task) -> String {
        format!("{} ({})", it.image_url, it.cluster_id)
    }
}

impl Plural for ImagePrewarms {
    const TYPE: &'static str = "novita_image_prewarms";
    const FOUND: (&'static str, &'static str) = ("image_prewarms", "The tasks, ordered by `id`.");
    const ELEMENT: &'static [&'static str] = &[
        "id",
        "image_url",
        "cluster_id",
        "product_ids",
        "registry_auth_id",
        "note",
        "status",
        "image_size_bytes",
        "created_at",
        "completed_at",
    ];
}
