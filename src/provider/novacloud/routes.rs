//! Where Nova Cloud's calls of VMs, of SSH keys and of the account are: verb, path and body of each.
//!
//! Part of them stands in no public page and is a guess, marked (assumed). A wrong guess is one edit
//! here. What an answer means is the callers' matter, and what a refusal means is in
//! [`error_mapping`](crate::api::error_mapping), the guessed status codes included.

use serde_json::Value as Json;

use crate::api::answer::Created;
use crate::api::base_url::segment;
use crate::api::call::{Call, Intent};
use crate::api::client::Client;
use crate::api::error::{Details, Error, Result};
use crate::provider::novacloud::account::{Owner, Spend};
use crate::provider::novacloud::reservation_quote::Quote;
use crate::provider::novacloud::ssh_key::{self, Shown};
use crate::provider::novacloud::vm::answer::{KIND, Vm};
use crate::provider::paging::Steps;

/// All VMs. Creating (POST) is documented; the list (GET) is named in the documentation's
/// introduction, and its page is (assumed).
const VMS: &str = "/vms";

/// One VM, as documented for reading.
fn vm(id: &str) -> String {
    format!("{VMS}/{}", segment(id))
}

/// Rents a VM: `POST /vms`, documented. That the answer's status is 201 is (assumed); any 2xx will do.
pub(crate) async fn create(client: &Client, call: &Call, body: &Json) -> Result<Created> {
    client.create(call, &KIND, VMS, body).await
}

/// Reads a VM: `GET /vms/{id}`, documented.
pub(crate) async fn read(client: &Client, call: &Call, id: &str) -> Result<Vm> {
    client.read(call, &KIND, id, &vm(id), &[]).await
}

/// Lists the VMs: `GET /vms?limit=&offset=`. The parameters are documented for lists in general; that
/// this list has them, and its bare array, are (assumed).
pub(crate) fn list() -> Steps<Vm> {
    Steps::by_offset(VMS)
}

/// Destroys a VM: `DELETE /vms/{id}` without a body. (assumed), verb and path.
pub(crate) async fn destroy(client: &Client, call: &Call, id: &str) -> Result<()> {
    client.delete(call, &KIND, &vm(id)).await
}

/// Starts a VM: `POST /vms/{id}/start` without a body. (assumed), verb, path and body.
pub(crate) async fn start(client: &Client, call: &Call, id: &str) -> Result<()> {
    act(client, call, &format!("{}/start", vm(id))).await
}

/// Stops a VM: `POST /vms/{id}/stop` without a body. (assumed), verb, path and body.
pub(crate) async fn stop(client: &Client, call: &Call, id: &str) -> Result<()> {
    act(client, call, &format!("{}/stop", vm(id))).await
}

/// Restarts a VM: `POST /vms/{id}/restart` without a body. (assumed), verb, path and body.
pub(crate) async fn restart(client: &Client, call: &Call, id: &str) -> Result<()> {
    act(client, call, &format!("{}/restart", vm(id))).await
}

/// A success may have any body or none. (assumed)
async fn act(client: &Client, call: &Call, path: &str) -> Result<()> {
    client.post(call, path, &Json::Null, Intent::Action(&KIND)).await
}

/// Reads who has the key: `GET /auth/me`, documented. An answer without an id shows no account.
pub(crate) async fn owner(client: &Client, call: &Call) -> Result<Owner> {
    const PATH: &str = "/auth/me";
    let owner = client.get::<Option<Owner>>(call, PATH).await?.filter(|it| !it.id.is_empty());
    let unreadable = || Details::new(&format!("GET {PATH}"), "the answer shows no account");
    owner.ok_or_else(|| Error::Decode(unreadable().into()))
}

/// Reads what is spent at present: `GET /billing/current-spend`, documented.
pub(crate) async fn spend(client: &Client, call: &Call) -> Result<Spend> {
    Ok(client.get::<Option<Spend>>(call, "/billing/current-spend").await?.unwrap_or_default())
}

/// What a reservation would cost: `POST /reservations/calculate`, documented. It buys nothing.
pub(crate) async fn quote(client: &Client, call: &Call, wanted: &Json) -> Result<Quote> {
    Ok(client.ask::<Option<Quote>>(call, "/reservations/calculate", wanted).await?.unwrap_or_default())
}

/// All SSH keys. Adding one (POST) is documented; the list (GET) is (assumed).
const KEYS: &str = "/ssh-keys";

/// One key, as documented for reading.
fn key(id: &str) -> String {
    format!("{KEYS}/{}", segment(id))
}

/// Adds a key: `POST /ssh-keys`, documented.
pub(crate) async fn add_key(client: &Client, call: &Call, body: &Json) -> Result<Created> {
    client.create(call, &ssh_key::KIND, KEYS, body).await
}

/// Reads a key: `GET /ssh-keys/{id}`, documented.
pub(crate) async fn read_key(client: &Client, call: &Call, id: &str) -> Result<Shown> {
    client.read(call, &ssh_key::KIND, id, &key(id), &[]).await
}

/// Lists the keys: `GET /ssh-keys?limit=&offset=`. (assumed), as the list of VMs.
pub(crate) fn keys() -> Steps<Shown> {
    Steps::by_offset(KEYS)
}

/// Deletes a key: `DELETE /ssh-keys/{id}` without a body. (assumed), verb and path.
pub(crate) async fn delete_key(client: &Client, call: &Call, id: &str) -> Result<()> {
    client.delete(call, &ssh_key::KIND, &key(id)).await
}
