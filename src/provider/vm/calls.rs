//! The VM calls of Nova Cloud's API: what is asked, and what comes back.
//!
//! Knows neither models nor plans. Verbs and paths stand in [`routes`], answers are decoded by
//! [`answer`], what a status means stands in [`status`], waiting in [`waits`].

pub(crate) mod answer;
pub(crate) mod status;
pub(crate) mod waits;

use serde_json::Value as Json;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::{Details, Error, Result};
use crate::api::lenient::Object;
use crate::provider::paging::{Steps, Walk};
use crate::provider::unclear::{Removal, SecondLook};
use crate::provider::vm::calls::answer::{Created, Page};
use crate::provider::vm::routes;

pub(crate) use answer::Vm;
pub(crate) use status::Class;

/// Rents a VM and returns it as the answer shows it: with an id, and maybe nothing more. `body` is as
/// in the API's documentation.
///
/// # Errors
/// [`Error::Ambiguous`] when a VM may exist without our knowing its id. It has no name to look for:
/// compare the list with one from before.
pub(crate) async fn create(client: &Client, call: &Call, body: &Json) -> Result<Vm> {
    let Created(vm) = routes::create(client, call, body).await?;
    if vm.id.is_empty() {
        let details = Details::new("POST /vms", "the answer has no id of the new VM");
        return Err(Error::Ambiguous(details.into()));
    }
    Ok(vm)
}

/// Reads a VM.
///
/// # Errors
/// [`Error::NotFound`] also for the successful answers that mean the same: nothing, an object
/// without an id, and the status `destroyed`.
pub(crate) async fn get(client: &Client, call: &Call, id: &str) -> Result<Vm> {
    let Object(found) = routes::read::<Object<Vm>>(client, call, id).await?;
    let found = found
        .filter(|it| !it.id.is_empty() && it.class() != Class::Gone)
        .ok_or_else(|| Error::gone("GET /vms", format!("there is no VM with the id {id:?} (any more)")))?;
    Error::unless_about("GET /vms", id, &found.id)?;
    Ok(found)
}

/// Lists the VMs of the account, destroyed ones left out.
pub(crate) async fn list(client: &Client, call: &Call) -> Result<Vec<Vm>> {
    Ok(walk(client, call).await?.members)
}

/// Walks through the list of VMs, destroyed ones left out.
async fn walk(client: &Client, call: &Call) -> Result<Walk<Vm>> {
    let mut walk = steps().finish(client, call).await?;
    walk.members.retain(|it| it.class() != Class::Gone);
    Ok(walk)
}

/// The list of VMs, page by page.
pub(crate) fn steps() -> Steps<Page> {
    routes::list()
}

/// Destroys a VM. Does not wait until it is gone. One that is gone already is a success.
///
/// A VM on its way from one status to another cannot be destroyed ((assumed), as are the refusals
/// 400 and 409 for it): then its way is waited for, and it is tried again.
///
/// # Errors
/// The refusal, when the VM stays put and still cannot be destroyed; the bounds' errors.
pub(crate) async fn destroy(client: &Client, call: &Call, id: &str) -> Result<()> {
    let removal = Removal { client, call, what: format!("VM {id}") };
    // No status of a VM says that it is going for good.
    removal.run(|| routes::destroy(client, call, id), || get(client, call, id), |_: &Vm| false).await
}

/// Starts a VM that is stopped or was interrupted. Does not wait.
pub(crate) async fn start(client: &Client, call: &Call, id: &str) -> Result<()> {
    let started = routes::start(client, call, id).await;
    on_the_way(client, call, id, started, &["starting", status::RUNNING]).await
}

/// Stops a running VM. Does not wait. Its data is kept, and its storage is still billed.
pub(crate) async fn stop(client: &Client, call: &Call, id: &str) -> Result<()> {
    let stopped = routes::stop(client, call, id).await;
    on_the_way(client, call, id, stopped, &["stopping", status::STOPPED]).await
}

/// The result of a start or stop, which may have worked whatever its answer was.
async fn on_the_way(
    client: &Client,
    call: &Call,
    id: &str,
    result: Result<()>,
    statuses: &[&str],
) -> Result<()> {
    let shows = |it: Vm| statuses.contains(&it.status.as_str());
    SecondLook::soon(client, call).forgive(result, || get(client, call, id), shows).await
}

#[cfg(test)]
mod tests;
