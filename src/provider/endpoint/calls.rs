//! The endpoint calls of Novita's API: paths, wrappers, and what comes back.
//!
//! Knows neither models nor plans. Answers are decoded by [`answer`], what a state means stands in
//! [`state`], waiting in [`waits`], the bounds of an endpoint's settings in [`mod@limits`].

pub(crate) mod answer;
mod blame;
pub(crate) mod limits;
pub(crate) mod state;
pub(crate) mod waits;

use serde_json::{Value as Json, json};

use crate::api::call::{Call, Intent};
use crate::api::client::Client;
use crate::api::error::{Error, Result};
use crate::api::resource_kind::{IdFormat, ResourceKind};
use crate::provider::paging::{Steps, Walk};
use crate::provider::read_modify_write::Shown;
use crate::provider::unclear::Removal;

pub(crate) use answer::Endpoint;
pub(crate) use limits::Limits;
pub(crate) use state::Class;

const ENDPOINT: &str = "/endpoint";
const ENDPOINTS: &str = "/endpoints";

/// How an endpoint is told from other things.
pub(crate) const KIND: ResourceKind = ResourceKind {
    noun: "endpoint",
    words: &["endpoint", "serverless"],
    not_found: &["SERVERLESS_ENDPOINT_NOT_FOUND", "ENDPOINT_NOT_FOUND"],
    wrapper: Some("endpoint"),
    bare_id: false,
    id: IdFormat::Text,
};

/// Makes an endpoint and returns its id. `body` is what the API's documentation shows inside
/// `endpoint`; the wrapper is added here.
///
/// # Errors
/// [`Error::Ambiguous`] when an endpoint may exist without our knowing its id: look for its name.
pub(crate) async fn create(client: &Client, call: &Call, body: &Json) -> Result<String> {
    const PATH: &str = "/endpoint/create";
    let body = json!({"endpoint": body});
    let created = client.create(call, &KIND, PATH, &body).await;
    created.map(|it| it.id.to_string()).map_err(blame::settings)
}

/// Reads an endpoint.
///
/// # Errors
/// [`Error::NotFound`] also for the successful answers that mean the same, and for the state `removed`.
pub(crate) async fn get(client: &Client, call: &Call, id: &str) -> Result<Endpoint> {
    get_shown(client, call, id).await.map(|shown| shown.it)
}

/// As [`get`], with the answer as it came, out of its wrapper.
pub(crate) async fn get_shown(client: &Client, call: &Call, id: &str) -> Result<Shown<Endpoint>> {
    let found: Shown<Endpoint> = client.read(call, &KIND, id, ENDPOINT, &[("id", id)]).await?;
    match found.it.class() {
        Class::Gone => {
            let state = &found.it.state.state;
            Err(Error::gone(&format!("GET {ENDPOINT}"), format!("the endpoint {id} has the state {state}")))
        }
        _ => Ok(found),
    }
}

/// Lists the endpoints, removed ones left out. With a name, only those of exactly that name.
pub(crate) async fn list(client: &Client, call: &Call, name: Option<&str>) -> Result<Vec<Endpoint>> {
    let mut endpoints = walk(client, call).await?.elements;
    endpoints.retain(|it| name.is_none_or(|name| it.name == name));
    Ok(endpoints)
}

/// Walks through the list of endpoints, removed ones left out.
async fn walk(client: &Client, call: &Call) -> Result<Walk<Endpoint>> {
    let mut walk = steps().finish(client, call).await?;
    walk.elements.retain(|it| it.class() != Class::Gone);
    Ok(walk)
}

/// The list of endpoints, page by page. The documented call has no filter; the console's own is not relied on.
pub(crate) fn steps() -> Steps<Endpoint> {
    Steps::by_number(ENDPOINTS)
}

/// Sets an endpoint's settings. `body` is flat, with the `id` and every documented field inside: what
/// is left out may be reset. Does not wait.
pub(crate) async fn update(client: &Client, call: &Call, body: &Json) -> Result<()> {
    let changed = client.post(call, "/endpoint/update", body, Intent::Change(&KIND)).await;
    changed.map_err(blame::settings)
}

/// Removes an endpoint with all its workers. Does not wait. One that is gone or going already is a
/// success.
///
/// # Errors
/// The refusal, when it stays although that was asked for again; the bounds' errors.
pub(crate) async fn delete(client: &Client, call: &Call, id: &str) -> Result<()> {
    // The documented key `name` holds the id; other clients of the API send `id`.
    let body = json!({"id": id, "name": id});
    let send = || client.post(call, "/endpoint/delete", &body, Intent::Remove(&KIND));
    let removal = Removal { client, call, what: format!("endpoint {id}") };
    removal.run(send, || get(client, call, id), |it| it.class() == Class::Leaving).await
}

/// The bounds of an endpoint's settings.
pub(crate) async fn limits(client: &Client, call: &Call) -> Result<Limits> {
    Ok(client.get::<Option<Limits>>(call, "/endpoint/limit").await?.unwrap_or_default())
}

#[cfg(test)]
mod tests;
