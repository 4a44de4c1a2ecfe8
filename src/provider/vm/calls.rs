//! The VM calls of Nova Cloud's API: what is asked, and what comes back.
//!
//! Knows neither models nor plans. Verbs and paths stand in [`routes`], answers are decoded by
//! [`answer`], what a status means stands in [`status`], waiting in [`waits`].

pub(crate) mod answer;
pub(crate) mod status;
pub(crate) mod waits;

use serde_json::Value as Json;

use crate::api::call::Call;
use crate::api::error::{Details, Error, Result};
use crate::api::lenient::Object;
use crate::api::transport::Client;
use crate::provider::paging::Walk;
use crate::provider::vm::calls::answer::{Created, Page};
use crate::provider::vm::calls::waits::{Settled, wait_until_settled};
use crate::provider::vm::routes;
use crate::provider::watch::forgive;

pub(crate) use answer::Vm;
pub(crate) use status::Class;

/// Rents a VM and returns it as the answer shows it: with an id, and maybe nothing more. `body` is as
/// in the API's documentation.
///
/// # Errors
/// [`Error::Unclear`] when a VM may exist without our knowing its id. It has no name to look for:
/// compare the list with one from before.
pub(crate) async fn create(client: &Client, call: &Call, body: &Json) -> Result<Vm> {
    let Created(vm) = routes::create(client, call, body).await?;
    if vm.id.is_empty() {
        let details = Details::new("POST /vms", "the answer has no id of the new VM");
        return Err(Error::Unclear(details.into()));
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
    let mut walk = routes::list::<Page>(client, call).await?;
    walk.members.retain(|it| it.class() != Class::Gone);
    Ok(walk)
}

/// Destroys a VM. Does not wait until it is gone. One that is gone already is a success.
///
/// A VM on its way from one status to another cannot be destroyed ((assumed), as are the refusals
/// 400 and 409 for it): then its way is waited for, and it is tried again. Destroying twice does no
/// harm, so this is also done after an unclear answer, if the VM turns out to be on some way.
///
/// # Errors
/// The refusal, when the VM stays put and still cannot be destroyed; the bounds' errors.
pub(crate) async fn destroy(client: &Client, call: &Call, id: &str) -> Result<()> {
    let mut refused_at_rest = false;
    loop {
        let error = match routes::destroy(client, call, id).await {
            Ok(()) | Err(Error::NotFound(_)) => return Ok(()),
            Err(error @ (Error::Conflict(_) | Error::Unclear(_))) => error,
            Err(error) => return Err(error),
        };
        match wait_until_settled(client, call, id).await? {
            Settled::Gone => return Ok(()),
            Settled::AfterMoving => {}
            // It may have come to rest between the refusal and the look, but only once.
            Settled::AtRest if refused_at_rest || matches!(error, Error::Unclear(_)) => return Err(error),
            Settled::AtRest => refused_at_rest = true,
        }
    }
}

/// Starts a VM that is stopped or was interrupted. Does not wait.
pub(crate) async fn start(client: &Client, call: &Call, id: &str) -> Result<()> {
    let result = routes::start(client, call, id).await;
    forgive(client, call, result, &["starting", status::RUNNING], get(client, call, id)).await
}

/// Stops a running VM. Does not wait. Its data is kept, and its storage is still billed.
pub(crate) async fn stop(client: &Client, call: &Call, id: &str) -> Result<()> {
    let result = routes::stop(client, call, id).await;
    forgive(client, call, result, &["stopping", status::STOPPED], get(client, call, id)).await
}

#[cfg(test)]
mod tests;
