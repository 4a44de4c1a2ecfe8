//! The calls about instances, what comes back, and waiting. Numbers are read leniently, since the API writes
//! some of them as texts.

use std::time::Duration;

use serde::{Deserialize, Deserializer};
use serde_json::{Value as Json, json};
use tokio::time::sleep;

use crate::client::{Client, Error, Result, decode};

/// The status of an instance that runs.
pub(crate) const RUNNING: &str = "running";
/// While nothing changes, the interval between looks grows up to this many times the first one.
const LONGEST_INTERVAL: u32 = 6;

/// What the API says of an instance.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Instance {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) cluster_id: String,
    pub(crate) cluster_name: String,
    pub(crate) status: String,
    pub(crate) status_error: StatusError,
    pub(crate) image_url: String,
    pub(crate) image_auth_id: String,
    pub(crate) command: String,
    pub(crate) entrypoint: String,
    #[serde(deserialize_with = "number")]
    pub(crate) cpu_num: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub(crate) memory: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub(crate) gpu_num: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub(crate) rootfs_size: Option<i64>,
    pub(crate) billing_mode: String,
    #[serde(deserialize_with = "number")]
    pub(crate) end_time: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub(crate) created_at: Option<i64>,
    pub(crate) product_id: String,
    pub(crate) product_name: String,
    #[serde(deserialize_with = "or_default")]
    pub(crate) port_mappings: Vec<PortMapping>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) envs: Vec<Env>,
    pub(crate) network: Network,
    pub(crate) spot_status: String,
    #[serde(rename = "connectComponentSSH")]
    pub(crate) ssh: Ssh,
    #[serde(rename = "connectComponentJupyter")]
    pub(crate) jupyter: Jupyter,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct StatusError {
    pub(crate) message: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PortMapping {
    pub(crate) port: i64,
    pub(crate) endpoint: String,
    #[serde(rename = "type")]
    pub(crate) protocol: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Env {
    pub(crate) key: String,
    pub(crate) value: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Network {
    pub(crate) id: String,
    pub(crate) ip: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Ssh {
    pub(crate) ssh_command: String,
    pub(crate) password: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Jupyter {
    pub(crate) address: String,
}

/// A number, or a text with one.
fn number<'de, D: Deserializer<'de>>(input: D) -> std::result::Result<Option<i64>, D::Error> {
    Ok(match Json::deserialize(input)? {
        Json::Number(it) => it.as_i64(),
        Json::String(it) => it.parse().ok(),
        _ => None,
    })
}

fn or_default<'de, D, T>(input: D) -> std::result::Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(input)?.unwrap_or_default())
}

impl Instance {
    /// Whether it is being removed, which no call stops.
    pub(crate) fn is_leaving(&self) -> bool {
        ["toRemove", "removing"].contains(&self.status.as_str())
    }

    /// The open ports in order, without the platform's own.
    pub(crate) fn ports(&self) -> Vec<&PortMapping> {
        let mut ports: Vec<_> =
            self.port_mappings.iter().filter(|it| !(2222..=2224).contains(&it.port)).collect();
        ports.sort_by_key(|it| it.port);
        ports
    }
}

impl Client {
    /// Rents an instance and returns its id.
    pub(crate) async fn create(&self, body: &Json) -> Result<String> {
        const PATH: &str = "/gpu/instance/create";
        let created: Json = decode(PATH, &self.post(PATH, body).await?)?;
        let id = created["id"].as_str().filter(|it| !it.is_empty());
        id.map(str::to_owned).ok_or_else(|| Error::Other(format!("{PATH}: the answer has no id")))
    }

    /// Reads an instance.
    pub(crate) async fn instance(&self, id: &str) -> Result<Instance> {
        let found: Instance = self.get("/gpu/instance", &[("instanceId", id)]).await?;
        if found.id.is_empty() || found.status == "removed" {
            return Err(Error::NotFound(format!("there is no instance {id}")));
        }
        Ok(found)
    }

    /// Removes an instance. One that is gone already is a success.
    pub(crate) async fn delete(&self, id: &str) -> Result<()> {
        match self.post("/gpu/instance/delete", &json!({"instanceId": id})).await {
            Ok(_) | Err(Error::NotFound(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Sets ports and adds to the disk.
    pub(crate) async fn edit(&self, body: &Json) -> Result<()> {
        self.post("/gpu/instance/edit", body).await.map(|_| ())
    }

    /// Resets the container with other settings.
    pub(crate) async fn upgrade(&self, body: &Json) -> Result<()> {
        self.post("/gpu/instance/upgrade", body).await.map(|_| ())
    }

    /// Waits until an instance runs and shows what was changed.
    pub(crate) async fn wait_until_running(
        &self,
        id: &str,
        shows: impl Fn(&Instance) -> bool,
    ) -> Result<Instance> {
        self.wait(id, |it| match it.status.as_str() {
            RUNNING if it.status_error.message.is_empty() => Ok(shows(it)),
            RUNNING | "exited" | "toRemove" | "removing" => {
                let Instance { status, status_error, .. } = it;
                Err(Error::Other(format!(
                    "instance {id} is in the status {status:?}: {}",
                    status_error.message
                )))
            }
            _ => Ok(false),
        })
        .await
    }

    /// Waits until an instance shows what was changed, in whatever status.
    pub(crate) async fn wait_until_shown(
        &self,
        id: &str,
        shows: impl Fn(&Instance) -> bool,
    ) -> Result<Instance> {
        self.wait(id, |it| Ok(shows(it))).await
    }

    /// Waits until an instance does not exist any more.
    pub(crate) async fn wait_until_gone(&self, id: &str) -> Result<()> {
        match self.wait(id, |_| Ok(false)).await {
            Ok(_) | Err(Error::NotFound(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Looks at once and then at growing intervals, which a change of the status makes short again.
    async fn wait(&self, id: &str, done: impl Fn(&Instance) -> Result<bool>) -> Result<Instance> {
        let first = self.settings.poll_interval;
        let (mut interval, mut seen) = (first, String::new());
        loop {
            let instance = self.instance(id).await?;
            if done(&instance)? {
                return Ok(instance);
            }
            interval = if instance.status == seen { grown(interval, first) } else { first };
            seen = instance.status;
            sleep(interval).await;
        }
    }
}

fn grown(interval: Duration, first: Duration) -> Duration {
    (interval * 3 / 2).min(first * LONGEST_INTERVAL)
}
