//! List resource: the templates of an account, in a state or not.

use tfplugin::attr::Attr;
use tfplugin::model::Model;

use crate::provider::life_cycle::selection::{Selection, begins_with};
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

impl Selection for Templates {
    type Life = StoredLife<Template>;

    /// Whose the others are, the list does not tell.
    fn wants(&self, it: &answer::Template) -> bool {
        it.channel.eq_ignore_ascii_case("private") && begins_with(&it.name, &self.name_prefix)
    }
}
