//! List resource: the logins for registries that are saved in an account, in a state or not.

use tfplugin::attr::Attr;
use tfplugin::list_resource::{ListResource, Listing};
use tfplugin::model::Model;
use tfplugin::resource::Result;

use crate::provider::clients::Cx;
use crate::provider::life_cycle::each::{begins_with, each};
use crate::provider::life_cycle::stored::StoredLife;
use crate::provider::novita::registry_auth::{Login, RegistryAuth};

/// Find the registry logins of the account, without their passwords.
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

impl ListResource for RegistryAuths {
    type Resource = StoredLife<RegistryAuth>;

    async fn list(cx: &Cx, config: Self, listing: &Listing) -> Result<()> {
        let is_wanted = |it: &Login| begins_with(&it.name, &config.name_prefix);
        each::<RegistryAuth>(cx, listing, is_wanted, |it| it.name.clone()).await
    }
}
