//! The endpoint calls of Novita's API: paths, wrappers, and whom a refusal blames.

use serde_json::{Value as Json, json};

use crate::api::call::Intent;
use crate::api::error::Result;
use crate::provider::life_cycle::remote::Remote;
use crate::provider::novita::endpoint::answer::{Endpoint, KIND};
use crate::provider::novita::endpoint::blame;

/// Makes an endpoint. `body` is what the API's documentation shows inside `endpoint`; the wrapper is added here.
///
/// # Errors
/// [`Ambiguous`](crate::api::error::Error::Ambiguous) when an endpoint may exist without our knowing its id.
pub(super) async fn create(at: &Remote<'_, Endpoint>, body: &Json) -> Result<Endpoint> {
    let body = json!({"endpoint": body});
    let created = at.client.create(&at.call, &KIND, "/endpoint/create", &body).await;
    created.map(|it| Endpoint { id: it.id.to_string(), ..it.shown() }).map_err(blame::settings)
}

/// Sets an endpoint's settings. `body` is flat, with the `id` and every documented field inside: what is left
/// out may be reset. Does not wait.
///
/// # Errors
/// Those of the call, with the endpoint's name of the field to blame.
pub(super) async fn update(at: &Remote<'_, Endpoint>, body: &Json) -> Result<()> {
    let changed = at.client.post(&at.call, "/endpoint/update", body, Intent::Change(&KIND)).await;
    changed.map_err(blame::settings)
}

/// Removes an endpoint with all its workers. Does not wait.
///
/// # Errors
/// Those of the call.
pub(super) async fn delete(at: &Remote<'_, Endpoint>, id: &str) -> Result<()> {
    // The documented key `name` holds the id; other clients of the API send `id`.
    let body = json!({"id": id, "name": id});
    at.client.post(&at.call, "/endpoint/delete", &body, Intent::Remove(&KIND)).await
}
