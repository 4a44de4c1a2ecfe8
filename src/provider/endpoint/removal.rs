//! Removing an endpoint.
//!
//! Its workers go with it, but an asynchronous one that still has some is refused: the vendor's console asks
//! to set `minNum` to 0 and to wait until they have ended. By which error it is refused, and that ended workers
//! may still be shown, is (assumed).

use crate::api::call::Call;
use crate::api::error::{Error, Result};
use crate::api::transport::Client;
use crate::api::wait::{Verdict, poll};
use crate::provider::endpoint::calls;
use crate::provider::endpoint::resource::{Endpoint, REQUEST_TIMEOUT};

/// Removes an endpoint. Does not wait until it is gone.
///
/// # Errors
/// Those of the calls and of the bounds.
pub(super) async fn remove(client: &Client, call: &Call, endpoint: &Endpoint) -> Result<()> {
    let id = endpoint.id.text_or_empty();
    match calls::delete(client, call, id).await {
        Err(error @ (Error::Conflict(_) | Error::Rejected(_))) => {
            let found = calls::get(client, call, id).await;
            match found {
                Ok(found) if found.kind == "async" && has_workers(&found) => {
                    end_workers(client, call, endpoint, &found).await?;
                    calls::delete(client, call, id).await
                }
                Ok(_) | Err(_) => Err(error),
            }
        }
        other => other,
    }
}

async fn end_workers(
    client: &Client,
    call: &Call,
    endpoint: &Endpoint,
    found: &calls::Endpoint,
) -> Result<()> {
    let mut body = endpoint.update_body();
    let workers = &mut body["workerConfig"];
    workers["minNum"] = 0.into();
    if workers["requestTimeout"].is_null() {
        workers["requestTimeout"] = found.worker_config.request_timeout.unwrap_or(REQUEST_TIMEOUT).into();
    }
    calls::update(client, call, &body).await?;
    let id = endpoint.id.text_or_empty();
    let judge = |sight: Result<calls::Endpoint>| match sight {
        Ok(it) if has_workers(&it) => Verdict::Waiting(it.state.state),
        Ok(_) | Err(Error::NotFound(_)) => Verdict::Done(()),
        Err(error) => Verdict::Failed(error),
    };
    let what = format!("the workers of endpoint {id} to end");
    poll(call, client.poll_interval(), &what, || calls::get(client, call, id), judge).await
}

fn has_workers(endpoint: &calls::Endpoint) -> bool {
    endpoint.workers.iter().any(|it| !matches!(it.state.state.as_str(), "removed" | "exited" | "stopped"))
}
