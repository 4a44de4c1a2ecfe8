//! List resource and data source: the logins for registries that are saved in an account, in a state or not.

use tfplugin::attr::Attr;
use tfplugin::model::Model;

use crate::provider::life_cycle::selection::{Plural, Selection, begins_with};
use crate::provider::life_cycle::stored::StoredLife;
use crate::provider::novita::registry_auth::{Login, RegistryAuth};

/// Find the registry logins of the account, without their passwords.
///
/// All filters must match; without any, all are listed.
///
/// Vendor documentation: [List container registry
/// auths](https://novita.ai/docs/api-reference/gpu-instance-list-container-registry-auth).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct RegistryAuths {
    /// Only logins with this name prefix.
    #[tf(optional)]
    name_prefix: Attr<String>,
}

impl Selection for RegistryAuths {
    type Life = StoredLife<RegistryAuth>;

    fn wants(&self, it: &Login) -> bool {
        begins_with(&it.name, &self.name_prefix)
    }
}

impl Plural for RegistryAuths {
    const TYPE: &'static str = "novita_registry_auths";
    const FOUND: (&'static str, &'static str) =
        ("registry_auths", "The logins, ordered by `id`, without their passwords.");
    const ELEMENT: &'static [&'static str] = &["id", "name", "username"];
}
