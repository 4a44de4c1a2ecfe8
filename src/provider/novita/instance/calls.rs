//! The instance calls of Novita's API: paths and request bodies.
//!
//! Knows neither models nor plans, and does not wait. What comes back is decoded in
//! [`answer`](crate::provider::novita::instance::answer).

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::api::answer::Created;
use crate::api::call::{Call, Intent};
use crate::api::client::Client;
use crate::api::error::Result;
use crate::provider::life_cycle::remote::Remote;
use crate::provider::novita::instance::answer::{Instance, KIND};
use crate::provider::paging::Steps;
use crate::provider::read_modify_write::Shown;

const INSTANCE: &str = "/gpu/instance";
const INSTANCES: &str = "/gpu/instances";

/// One port of an instance, as the edit call takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Port {
    /// 1–65535.
    pub(crate) port: i64,
    /// `tcp` or `http`.
    pub(crate) kind: String,
}

/// Rents an instance. `body` is as in the API's documentation, `kind` included.
pub(crate) async fn create(client: &Client, call: &Call, body: &Value) -> Result<Created> {
    client.create(call, &KIND, "/gpu/instance/create", body).await
}

/// Reads an instance.
pub(crate) async fn get(client: &Client, call: &Call, id: &str) -> Result<Instance> {
    client.read(call, &KIND, id, INSTANCE, &[("instanceId", id)]).await
}

/// As [`get`], with the answer as it came.
pub(crate) async fn get_shown(client: &Client, call: &Call, id: &str) -> Result<Shown<Instance>> {
    client.read(call, &KIND, id, INSTANCE, &[("instanceId", id)]).await
}

/// Lists the instances, with GPUs and without.
pub(crate) fn list() -> Steps<Instance> {
    Steps::by_number(INSTANCES)
}

/// Fills in what a get may leave out and the list has: product, disk size and tools, by a list that is no older than
/// `since` if it has the instance. Costs nothing when all of it is there, and leaves the instance as it is when it is not
/// listed.
pub(crate) async fn complete(
    remote: &Remote<'_, Instance>,
    mut instance: Instance,
    since: Instant,
) -> Result<Instance> {
    if !instance.product_id.is_empty() && instance.rootfs_size.is_some() && instance.tools.is_some() {
        return Ok(instance);
    }
    for since in [since, Instant::now()] {
        if let Some(listed) = remote.kind.list.element(remote, &instance.id, since).await? {
            instance.fill_from(listed);
            break;
        }
    }
    Ok(instance)
}

/// Starts a stopped instance.
pub(crate) async fn start(client: &Client, call: &Call, id: &str) -> Result<()> {
    act(client, call, "/gpu/instance/start", id, Intent::Action(&KIND)).await
}

/// Stops a running instance.
pub(crate) async fn stop(client: &Client, call: &Call, id: &str) -> Result<()> {
    act(client, call, "/gpu/instance/stop", id, Intent::Action(&KIND)).await
}

/// Restarts a running instance.
pub(crate) async fn restart(client: &Client, call: &Call, id: &str) -> Result<()> {
    act(client, call, "/gpu/instance/restart", id, Intent::Action(&KIND)).await
}

/// Moves an instance to another node. Its system disk and its local disk are lost.
pub(crate) async fn migrate(client: &Client, call: &Call, id: &str) -> Result<()> {
    act(client, call, "/gpu/instance/migrate", id, Intent::Change(&KIND)).await
}

/// Pays a monthly instance for that many months more. There is no way back.
pub(crate) async fn renew(client: &Client, call: &Call, id: &str, month: i64) -> Result<()> {
    let body = json!({"instanceId": id, "month": month});
    change(client, call, "/gpu/instance/renewInstance", &body).await
}

/// Removes an instance.
pub(crate) async fn delete(client: &Client, call: &Call, id: &str) -> Result<()> {
    act(client, call, "/gpu/instance/delete", id, Intent::Remove(&KIND)).await
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

/// Switches the automatic migration of an instance whose node fails, with its system disk or without.
pub(crate) async fn set_auto_migrate(
    client: &Client,
    call: &Call,
    id: &str,
    on: bool,
    system_disk: bool,
) -> Result<()> {
    let body = json!({"instanceId": id, "autoMigrateOpen": on, "autoMigrateSystemDisk": system_disk});
    change(client, call, "/gpu/instance/setAutoMigrate", &body).await
}

async fn act(client: &Client, call: &Call, path: &str, id: &str, intent: Intent) -> Result<()> {
    client.post(call, path, &json!({"instanceId": id}), intent).await
}

async fn change(client: &Client, call: &Call, path: &str, body: &Value) -> Result<()> {
    client.post(call, path, body, Intent::Change(&KIND)).await
}

#[cfg(test)]
mod tests;
