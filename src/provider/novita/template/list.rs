//! List resource: the templates of an account, in a state or not.

use tfplugin::attr::Attr;
use tfplugin::list_resource::{ListResource, Listing};
use tfplugin::model::Model;
use tfplugin::resource::Result;

use crate::provider::clients::Cx;
use crate::provider::life_cycle::each::{begins_with, each};
use crate::provider::life_cycle::stored::StoredLife;
use crate::provider::novita::template::{Template, answer};

/// Find the private templates of the account.
///
/// Vendor documentation: [List templates](https://novita.ai/docs/api-reference/gpu-instance-list-template).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct Templates {
    /// Only templates with this name prefix.
    #[tf(optional)]
    name_prefix: Attr<String>,
}

impl ListResource for Templates {
    type Resource = StoredLife<Template>;

    /// Whose the others are, the list does not tell.
    async fn list(cx: &Cx, config: Self, listing: &Listing) -> Result<()> {
        let is_wanted = |it: &answer::Template| {
            it.channel.eq_ignore_ascii_case("private") && begins_with(&it.name, &config.name_prefix)
        };
        each::<Template>(cx, listing, is_wanted, |it| it.name.clone()).await
    }
}
