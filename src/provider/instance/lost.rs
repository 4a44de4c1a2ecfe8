//! What an instance is known by when the answer to its create call is lost: its name.

use std::fmt;

use jiff::Timestamp;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::Result;
use crate::api::lenient::time;
use crate::provider::instance::calls::{self, Instance};
use crate::provider::lost;

/// What can be told of an instance before it exists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shape {
    pub(crate) name: String,
    /// Whether the provider made that name, so that nothing else bears it.
    pub(crate) name_is_ours: bool,
    /// `gpu` or `cpu`.
    pub(crate) kind: &'static str,
    pub(crate) product_id: String,
}

impl fmt::Display for Shape {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "named {:?}", self.name)
    }
}

impl lost::Shape for Shape {
    type Member = Instance;

    const THING: &'static str = "instance";
    const SEARCH: &'static str = "Look for this name and time in the console.";

    fn is_unique(&self) -> bool {
        self.name_is_ours
    }

    async fn list(client: &Client, call: &Call, only: Option<&Self>) -> Result<Vec<Instance>> {
        calls::list(client, call, only.map(|it| it.name.as_str())).await
    }

    fn id(instance: &Instance) -> &str {
        &instance.id
    }

    fn made(instance: &Instance) -> Option<Timestamp> {
        time(&instance.created_at)
    }

    fn fits(&self, instance: &Instance) -> bool {
        instance.name == self.name
            && !instance.is_other_kind(self.kind)
            && (instance.product_id.is_empty() || instance.product_id == self.product_id)
    }

    fn resembles(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
