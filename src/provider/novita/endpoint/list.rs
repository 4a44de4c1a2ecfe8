//! List resource: the endpoints of an account, in a state or not.

use tfplugin::attr::Attr;
use tfplugin::list_resource::{ListResource, Listing};
use tfplugin::model::Model;
use tfplugin::resource::Result;

use crate::provider::clients::Cx;
use crate::provider::life_cycle::each::{begins_with, each};
use crate::provider::life_cycle::rented::RentedLife;
use crate::provider::novita::endpoint::Endpoint;

/// Find the serverless endpoints of the account.
///
/// Vendor documentation: [List endpoints](https://novita.ai/docs/api-reference/serverless-list-endpoint).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct Endpoints {
    /// Only endpoints with this name prefix.
    #[tf(optional)]
    name_prefix: Attr<String>,
}

impl ListResource for Endpoints {
    type Resource = RentedLife<Endpoint>;

    async fn list(cx: &Cx, config: Self, listing: &Listing) -> Result<()> {
        each::<Endpoint>(cx, listing, |it| begins_with(&it.name, &config.name_prefix), |it| it.name.clone())
            .await
    }
}
