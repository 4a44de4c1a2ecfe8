//! List resource and data source: the endpoints of an account, in a state or not.

use tfplugin::attr::Attr;
use tfplugin::model::Model;

use crate::provider::life_cycle::rented::RentedLife;
use crate::provider::life_cycle::selection::{Plural, Selection, begins_with};
use crate::provider::novita::endpoint::{Endpoint, answer};

/// Find the serverless endpoints of the account.
///
/// All filters must match; without any, all are listed.
///
/// Vendor documentation: [List endpoints](https://novita.ai/docs/api-reference/serverless-list-endpoint).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct Endpoints {
    /// Only endpoints with this name prefix.
    #[tf(optional)]
    name_prefix: Attr<String>,
}

impl Selection for Endpoints {
    type Life = RentedLife<Endpoint>;

    fn wants(&self, it: &answer::Endpoint) -> bool {
        begins_with(&it.name, &self.name_prefix)
    }
}

impl Plural for Endpoints {
    const TYPE: &'static str = "novita_endpoints";
    const FOUND: (&'static str, &'static str) = ("endpoints", "The endpoints, ordered by `id`.");
    const ELEMENT: &'static [&'static str] =
        &["id", "name", "app_name", "url", "status", "product_ids", "cluster_id"];
}
