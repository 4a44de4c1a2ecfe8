//! What an endpoint is known by when the answer to its create call is lost: its name.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::Result;
use crate::api::lenient::time;
use crate::provider::endpoint::calls::{self, Endpoint};
use crate::provider::lost;

/// What can be told of an endpoint before it exists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shape {
    pub(crate) name: String,
    /// Whether the provider made that name, so that nothing else bears it.
    pub(crate) name_is_ours: bool,
    pub(crate) product_ids: BTreeSet<String>,
}

impl fmt::Display for Shape {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "named {:?}", self.name)
    }
}

impl lost::Shape for Shape {
    type Member = Endpoint;

    const THING: &'static str = "endpoint";
    const SEARCH: &'static str = "Look for this name in the console.";

    fn is_unique(&self) -> bool {
        self.name_is_ours
    }

    async fn list(client: &Client, call: &Call, only: Option<&Self>) -> Result<Vec<Endpoint>> {
        calls::list(client, call, only.map(|it| it.name.as_str())).await
    }

    fn id(endpoint: &Endpoint) -> &str {
        &endpoint.id
    }

    fn made(endpoint: &Endpoint) -> Option<Timestamp> {
        time(&endpoint.created_at)
    }

    fn fits(&self, endpoint: &Endpoint) -> bool {
        let products: BTreeSet<_> = endpoint.products.iter().map(|it| it.id.clone()).collect();
        endpoint.name == self.name && (products.is_empty() || products == self.product_ids)
    }

    fn resembles(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
