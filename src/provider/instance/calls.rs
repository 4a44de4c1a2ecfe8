//! The instance calls of Novita's API: paths, request bodies, and what comes back.
//!
//! Knows neither models nor plans. Answers are decoded by [`answer`], what a status means stands in
//! [`status`], waiting in [`waits`].

pub(crate) mod answer;
pub(crate) mod status;
pub(crate) mod waits;

use serde_json::{Value, json};

use crate::api::call::{Call, Intent};
use crate::api::client::Client;
use crate::api::error::{Error, Result};
use crate::api::resource_kind::{IdFormat, ResourceKind};
use crate::provider::paging::{Steps, Walk};
use crate::provider::read_modify_write::Shown;
use crate::provider::unclear::{Removal, SecondLook};

pub(crate) use answer::Instance;
pub(crate) use status::Class;

const INSTANCE: &str = "/gpu/instance";
const INSTANCES: &str = "/gpu/instances";

/// How an instance is told from other things. Novita names the error of a missing one by a general name.
pub(crate) const KIND: ResourceKind = ResourceKind {
    noun: "instance",
    words: &["instance", "container", "machine", "pod"],
    not_found: &["INSTANCE_NOT_FOUND", "CONTAINER_NOT_FOUND"],
    wrapper: None,
    bare_id: false,
    id: IdFormat::Text,
};

/// One port of an instance, as the edit call takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Port {
    /// 1–65535.
    pub(crate) port: i64,
    /// `tcp` or `http`.
    pub(crate) kind: String,
}

/// Rents an instance and returns its id. `body` is as in the API's documentation, `kind` included.
///
/// # Errors
/// [`Error::Ambiguous`] when an instance may exist without our knowing its id: look for its name.
pub(crate) async fn create(client: &Client, call: &Call, body: &Value) -> Result<String> {
    const PATH: &str = "/gpu/instance/create";
    client.create(call, &KIND, PATH, body).await.map(|it| it.id.to_string())
}

/// Reads an instance.
///
/// # Errors
/// [`Error::NotFound`] also for the successful answers that mean the same, and for the status `removed`.
pub(crate) async fn get(client: &Client, call: &Call, id: &str) -> Result<Instance> {
    get_shown(client, call, id).await.map(|shown| shown.it)
}

/// As [`get`], with the answer as it came.
pub(crate) async fn get_shown(client: &Client, call: &Call, id: &str) -> Result<Shown<Instance>> {
    let found: Shown<Instance> = client.read(call, &KIND, id, INSTANCE, &[("instanceId", id)]).await?;
    match found.it.class() {
        Class::Gone => {
            let status = &found.it.status;
            Err(Error::gone(&format!("GET {INSTANCE}"), format!("the instance {id} has the status {status}")))
        }
        _ => Ok(found),
    }
}

/// Lists the instances, removed ones left out. With a name, only those of exactly that name.
pub(crate) async fn list(client: &Client, call: &Call, name: Option<&str>) -> Result<Vec<Instance>> {
    let mut instances = walk(client, call, name).await?.elements;
    instances.retain(|it| name.is_none_or(|name| it.name == name));
    Ok(instances)
}

/// Walks through the list of instances, removed ones left out. A name is searched for loosely.
async fn walk(client: &Client, call: &Call, name: Option<&str>) -> Result<Walk<Instance>> {
    let steps = Steps::<Instance>::by_number(INSTANCES);
    let steps = match name {
        Some(name) => steps.filtered("name", name),
        None => steps,
    };
    let mut walk = steps.finish(client, call).await?;
    walk.elements.retain(|it| it.class() != Class::Gone);
    Ok(walk)
}

/// Fills in what the get call may leave out and the list call has: product, disk size and tools.
/// Costs nothing when all of it is there, and leaves the instance as it is when it is not listed.
pub(crate) async fn complete(client: &Client, call: &Call, mut instance: Instance) -> Result<Instance> {
    if !instance.product_id.is_empty() && instance.rootfs_size.is_some() && instance.tools.is_some() {
        return Ok(instance);
    }
    let name = Some(instance.name.as_str()).filter(|it| !it.is_empty());
    let listed = list(client, call, name).await?.into_iter().find(|it| it.id == instance.id);
    if let Some(listed) = listed {
        instance.fill_from(listed);
    }
    Ok(instance)
}

/// Starts a stopped instance. Does not wait.
pub(crate) async fn start(client: &Client, call: &Call, id: &str) -> Result<()> {
    let started = act(client, call, "/gpu/instance/start", id).await;
    on_the_way(client, call, id, started, &["toStart", "starting", status::RUNNING]).await
}

/// Stops a running instance. Does not wait.
pub(crate) async fn stop(client: &Client, call: &Call, id: &str) -> Result<()> {
    let stopped = act(client, call, "/gpu/instance/stop", id).await;
    on_the_way(client, call, id, stopped, &["toStop", "stopping", status::EXITED]).await
}

/// Replaces the published ports, and adds to the root disk (GB to add; 0 = nothing).
pub(crate) async fn edit(
    client: &Client,
    call: &Call,
    id: &str,
    ports: &[Port],
    expand_root_disk: i64,
) -> Result<()> {
    let ports: Vec<Value> = ports.iter().map(|it| json!({"port": it.port, "type": it.kind})).collect();
    let body = json!({"instanceId": id, "ports": ports, "expandRootDisk": expand_root_disk});
    change(client, call, "/gpu/instance/edit", &body).await
}

/// Changes image, environment, commands and network storages. Resets the container; data is kept. `body` is as in the
/// API's documentation, with the id inside: the call knows no "leave as it is", so all of it is sent.
pub(crate) async fn upgrade(client: &Client, call: &Call, body: &Value) -> Result<()> {
    change(client, call, "/gpu/instance/upgrade", body).await
}

/// Turns pay as you go into a prepaid term of that many months. There is no way back.
pub(crate) async fn trans_to_monthly(client: &Client, call: &Call, id: &str, month: i64) -> Result<()> {
    let body = json!({"instanceId": id, "month": month});
    change(client, call, "/gpu/instance/transToMonthlyInstance", &body).await
}

/// Switches the renewal of a prepaid instance, by that many months at a time.
pub(crate) async fn set_auto_renew(
    client: &Client,
    call: &Call,
    id: &str,
    on: bool,
    month: i64,
) -> Result<()> {
    let body = json!({"instanceIds": [id], "autoRenew": on, "autoRenewMonth": month});
    change(client, call, "/gpu/instance/setAutoRenew", &body).await
}

/// Removes an instance. Does not wait. One that is gone or going already is a success.
///
/// # Errors
/// The refusal, when it stays although that was asked for again; the bounds' errors.
pub(crate) async fn delete(client: &Client, call: &Call, id: &str) -> Result<()> {
    let body = json!({"instanceId": id});
    let send = || client.post(call, "/gpu/instance/delete", &body, Intent::Remove(&KIND));
    let removal = Removal { client, call, what: format!("instance {id}") };
    removal.run(send, || get(client, call, id), |it| it.class() == Class::Leaving).await
}

/// The result of a start or stop, which may have worked whatever its answer was.
async fn on_the_way(
    client: &Client,
    call: &Call,
    id: &str,
    result: Result<()>,
    statuses: &[&str],
) -> Result<()> {
    let shows = |it: Instance| statuses.contains(&it.status.as_str());
    SecondLook::soon(client, call).forgive(result, || get(client, call, id), shows).await
}

async fn act(client: &Client, call: &Call, path: &str, id: &str) -> Result<()> {
    let body = json!({"instanceId": id});
    client.post(call, path, &body, Intent::Action(&KIND)).await
}

async fn change(client: &Client, call: &Call, path: &str, body: &Value) -> Result<()> {
    client.post(call, path, body, Intent::Change(&KIND)).await
}

#[cfg(test)]
mod tests;
