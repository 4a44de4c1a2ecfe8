//! An instance as the API describes it, decoded leniently.
//!
//! Only what a resource reads is here; unknown fields are ignored. An empty text means "none".

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use serde_json::Value as Json;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error;

use crate::api::lenient::{bound, float, int, lines, list, object, secret, text, time, words};
use crate::api::resource_kind::{IdFormat, ResourceKind};
use crate::api::secret::Secret;
use crate::provider::image::is_about_image;
use crate::provider::life_cycle::phase::{Phase, Phases};
use crate::provider::life_cycle::remote::{Answer, meaningful};
use crate::provider::novita::instance::calls;
use crate::provider::paging::{Element, Steps};

/// How an instance is told from other things. Novita names the error of a missing one by a general name.
pub(crate) const KIND: ResourceKind = ResourceKind {
    noun: "instance",
    words: &["instance", "container", "machine", "pod"],
    not_found: &["INSTANCE_NOT_FOUND", "CONTAINER_NOT_FOUND"],
    wrapper: None,
    is_listed: false,
    bare_id: false,
    id: IdFormat::Text,
};

/// The statuses. The vendor documents the names but `pending`; none means "failed", which shows in `statusError`.
pub(crate) const PHASES: Phases = &[
    ("running", Phase::Ready),
    // It is stopped. Its data is kept for some days, and its storage is billed.
    ("exited", Phase::Stopped),
    ("freezing", Phase::Held),
    ("toRemove", Phase::Leaving),
    ("removing", Phase::Leaving),
    ("removed", Phase::Gone),
    ("pending", Phase::Moving),
    ("toCreate", Phase::Moving),
    ("creating", Phase::Moving),
    ("pulling", Phase::Moving),
    ("toStart", Phase::Moving),
    ("starting", Phase::Moving),
    ("toStop", Phase::Moving),
    ("stopping", Phase::Moving),
    ("toRestart", Phase::Moving),
    ("restarting", Phase::Moving),
    ("toReset", Phase::Moving),
    ("resetting", Phase::Moving),
    ("migrating", Phase::Moving),
];

/// An instance. The list call leaves some of it out, the get call some other.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Instance {
    #[serde(deserialize_with = "text")]
    pub(crate) id: String,
    #[serde(deserialize_with = "text")]
    pub(crate) name: String,
    /// The real cluster, also when none was asked for.
    #[serde(deserialize_with = "text")]
    pub(crate) cluster_id: String,
    #[serde(deserialize_with = "text")]
    pub(crate) cluster_name: String,
    /// See [`PHASES`].
    #[serde(deserialize_with = "text")]
    pub(crate) status: String,
    /// Filled when the last transition failed.
    #[serde(deserialize_with = "status_error")]
    pub(crate) status_error: StatusError,
    #[serde(deserialize_with = "text")]
    pub(crate) image_url: String,
    #[serde(deserialize_with = "text")]
    pub(crate) image_auth_id: String,
    #[serde(deserialize_with = "lines")]
    pub(crate) command: String,
    #[serde(deserialize_with = "lines")]
    pub(crate) entrypoint: String,
    /// vCPUs.
    #[serde(deserialize_with = "float")]
    pub(crate) cpu_num: Option<f64>,
    /// GB.
    #[serde(deserialize_with = "float")]
    pub(crate) memory: Option<f64>,
    #[serde(deserialize_with = "int")]
    pub(crate) gpu_num: Option<i64>,
    /// `gpu` or `cpu`.
    #[serde(deserialize_with = "text")]
    pub(crate) kind: String,
    /// As the API wrote it; see [`Instance::billing`].
    #[serde(deserialize_with = "text")]
    pub(crate) billing_mode: String,
    /// As the API wrote it; see [`moment`].
    #[serde(deserialize_with = "text")]
    pub(crate) end_time: String,
    /// As the API wrote it; see [`moment`].
    #[serde(deserialize_with = "text")]
    pub(crate) created_at: String,
    /// As the API wrote it.
    #[serde(deserialize_with = "text")]
    pub(crate) last_started_at: String,
    #[serde(deserialize_with = "list")]
    pub(crate) port_mappings: Vec<PortMapping>,
    #[serde(deserialize_with = "list")]
    pub(crate) envs: Vec<Env>,
    #[serde(deserialize_with = "list")]
    pub(crate) volume_mounts: Vec<VolumeMount>,
    #[serde(deserialize_with = "list")]
    pub(crate) network: Vec<Network>,
    #[serde(deserialize_with = "list")]
    pub(crate) node: Vec<Node>,
    #[serde(rename = "connectComponentSSH", deserialize_with = "object")]
    pub(crate) ssh: Ssh,
    #[serde(rename = "connectComponentJupyter", deserialize_with = "object")]
    pub(crate) jupyter: Jupyter,
    #[serde(rename = "connectComponentWebTerminal", deserialize_with = "object")]
    pub(crate) web_terminal: WebTerminal,
    /// May be missing from the get call; see [`complete`](calls::complete).
    #[serde(deserialize_with = "text")]
    pub(crate) product_id: String,
    #[serde(deserialize_with = "text")]
    pub(crate) product_name: String,
    /// GB. May be missing from the get call.
    #[serde(deserialize_with = "int")]
    pub(crate) rootfs_size: Option<i64>,
    /// `None` = not told, which is not the same as none.
    #[serde(deserialize_with = "told")]
    pub(crate) tools: Option<Vec<Tool>>,
    /// `running`, `notified`, `reclaiming`, `terminated`.
    #[serde(deserialize_with = "text")]
    pub(crate) spot_status: String,
    /// As the API wrote it; see [`moment`].
    #[serde(deserialize_with = "text")]
    pub(crate) spot_reclaim_time: String,
}

/// Why the last transition failed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct StatusError {
    #[serde(deserialize_with = "words")]
    pub(crate) state: String,
    #[serde(deserialize_with = "words")]
    pub(crate) message: String,
}

/// A published port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct PortMapping {
    #[serde(deserialize_with = "int")]
    pub(crate) port: Option<i64>,
    /// Public address; empty until the instance runs.
    #[serde(deserialize_with = "text")]
    pub(crate) endpoint: String,
    /// `tcp` or `http`.
    #[serde(rename = "type", deserialize_with = "text")]
    pub(crate) kind: String,
}

/// An environment variable. Which ones are secret is not known here, so all are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Env {
    #[serde(default, deserialize_with = "text")]
    pub(crate) key: String,
    #[serde(default = "no_secret", deserialize_with = "env_value")]
    pub(crate) value: Secret,
}

/// A mounted disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct VolumeMount {
    /// `network` or `local`.
    #[serde(rename = "type", deserialize_with = "text")]
    pub(crate) kind: String,
    /// GB.
    #[serde(deserialize_with = "int")]
    pub(crate) size: Option<i64>,
    /// The network storage; empty for a local disk.
    #[serde(deserialize_with = "text")]
    pub(crate) id: String,
    #[serde(deserialize_with = "text")]
    pub(crate) mount_path: String,
}

/// The private network.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Network {
    #[serde(alias = "Id", deserialize_with = "text")]
    pub(crate) id: String,
    #[serde(alias = "Ip", deserialize_with = "text")]
    pub(crate) ip: String,
}

/// Bounds of the node that the instance is on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Node {
    /// GB that the root disk can grow to.
    #[serde(deserialize_with = "bound")]
    pub(crate) max_rootfs_size: Option<i64>,
}

/// Access by SSH.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Ssh {
    #[serde(deserialize_with = "text")]
    pub(crate) ssh_command: String,
    #[serde(deserialize_with = "secret")]
    pub(crate) password: Option<Secret>,
    pub(crate) is_running: Option<bool>,
}

/// Access by a shell in a browser.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WebTerminal {
    #[serde(deserialize_with = "text")]
    pub(crate) address: String,
    #[serde(deserialize_with = "text")]
    pub(crate) username: String,
    #[serde(deserialize_with = "secret")]
    pub(crate) password: Option<Secret>,
}

/// Access to Jupyter.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Jupyter {
    #[serde(deserialize_with = "int")]
    pub(crate) port: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub(crate) address: String,
}

/// A tool of an official image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Tool {
    #[serde(deserialize_with = "text")]
    pub(crate) name: String,
    #[serde(deserialize_with = "int")]
    pub(crate) port: Option<i64>,
    #[serde(rename = "type", deserialize_with = "text")]
    pub(crate) kind: String,
}

impl VolumeMount {
    /// Whether it is a network storage.
    pub(crate) fn is_network(&self) -> bool {
        self.kind.eq_ignore_ascii_case("network")
    }
}

impl Instance {
    /// Whether it is of the other kind than this one. What is no kind that is known says nothing.
    pub(crate) fn is_other_kind(&self, kind: &str) -> bool {
        ["gpu", "cpu"].iter().any(|it| *it != kind && self.kind.trim().eq_ignore_ascii_case(it))
    }

    /// Its billing mode; the API's empty text means pay as you go.
    pub(crate) fn billing(&self) -> &str {
        if self.billing_mode.is_empty() { "onDemand" } else { &self.billing_mode }
    }

    /// The private network that it is in, if any.
    pub(crate) fn private_network(&self) -> Option<&Network> {
        self.network.first().filter(|it| !it.id.is_empty())
    }

    /// Whether the platform is taking it back.
    pub(crate) fn is_reclaimed(&self) -> bool {
        ["notified", "reclaiming", "terminated"].iter().any(|it| it.eq_ignore_ascii_case(&self.spot_status))
    }

    /// Takes over what is missing here.
    pub(crate) fn fill_from(&mut self, listed: Self) {
        if self.product_id.is_empty() {
            self.product_id = listed.product_id;
        }
        if self.product_name.is_empty() {
            self.product_name = listed.product_name;
        }
        self.rootfs_size = self.rootfs_size.or(listed.rootfs_size);
        self.tools = self.tools.take().or(listed.tools);
    }
}

/// A [`time`] as RFC 3339.
pub(crate) fn moment(text: &str) -> Option<String> {
    time(text).map(|it| it.to_string())
}

/// The documented object, or its message alone.
fn status_error<'de, D: Deserializer<'de>>(input: D) -> Result<StatusError, D::Error> {
    match Json::deserialize(input)? {
        members @ Json::Object(_) => object(members).map_err(D::Error::custom),
        other => {
            let message = words(other).map_err(D::Error::custom)?;
            Ok(StatusError { message, ..StatusError::default() })
        }
    }
}

/// A list of which it matters whether it was told.
fn told<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Vec<Tool>>, D::Error> {
    match Json::deserialize(input)? {
        Json::Null => Ok(None),
        told => list(told).map(Some).map_err(D::Error::custom),
    }
}

fn no_secret() -> Secret {
    Secret::new("")
}

/// Character by character, as it may be compared with the configured one.
fn env_value<'de, D: Deserializer<'de>>(input: D) -> Result<Secret, D::Error> {
    secret(input).map(|it| it.unwrap_or_else(no_secret))
}

impl Element for Instance {
    const KIND: &'static ResourceKind = &KIND;
    const KEY: &'static str = "instances";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Answer for Instance {
    const PHASES: Phases = PHASES;
    /// The list leaves out the addresses and the password, which a start or a restart may change while nothing else does.
    /// Only a time in seconds tells one start from the next.
    fn mark(&self) -> Option<&str> {
        let is_in_seconds =
            !self.last_started_at.is_empty() && self.last_started_at.bytes().all(|it| it.is_ascii_digit());
        Some(if is_in_seconds { self.last_started_at.as_str() } else { "" })
    }

    fn list() -> Steps<Self> {
        calls::list()
    }

    fn get<'a>(
        client: &'a Client,
        call: &'a Call,
        id: &'a str,
    ) -> Option<impl Future<Output = error::Result<Self>> + Send + 'a> {
        Some(calls::get(client, call, id))
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn created(&self) -> Option<Timestamp> {
        time(&self.created_at)
    }

    fn status(&self) -> &str {
        &self.status
    }

    /// What is being taken back runs on for a while, and that is all it will do.
    fn phase(&self) -> Phase {
        match Phase::of(PHASES, &self.status) {
            Phase::Stopped | Phase::Moving | Phase::Held if self.is_reclaimed() => Phase::Lost,
            phase => phase,
        }
    }

    fn trouble(&self) -> Option<&str> {
        let StatusError { state, message } = &self.status_error;
        [message, state].into_iter().find_map(|it| meaningful(it))
    }

    fn explanation(&self) -> Option<String> {
        let StatusError { state, message } = &self.status_error;
        match (meaningful(state), meaningful(message)) {
            (Some(state), Some(message)) => Some(format!("{state}: {message}")),
            (one, other) => one.or(other).map(str::to_owned),
        }
    }

    fn loss(&self) -> Option<String> {
        self.is_reclaimed()
            .then(|| format!("its hardware is taken back (spot status {:?})", self.spot_status))
    }

    fn would_be_kept_by(&self) -> Option<&'static str> {
        (self.billing() == "spot").then_some("`billing_mode = \"onDemand\"`")
    }

    fn advice(&self) -> String {
        let advice = match self.phase() {
            _ if self.trouble().is_some_and(is_about_image) => {
                "Its image cannot be had: check `image_url` and its tag, and for a private registry the login (`image_auth` \
                 or `image_auth_id`)."
            }
            Phase::Lost => "",
            Phase::Leaving | Phase::Gone => {
                "The platform or another user of the account removes it. Apply again to get another one."
            }
            Phase::Stopped if self.trouble().is_none() => {
                "What it runs ended: check `command`, `entrypoint` and the image, and the logs in the vendor's console."
            }
            Phase::Ready | Phase::Stopped | Phase::Moving | Phase::Held | Phase::Failed => {
                "Act on the API's words above if they name a cause; if not, the node is to blame: let the next apply create \
                 another one, in another cluster if it happens again."
            }
        };
        advice.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Instance {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_documented_answer_is_read() {
        let it = read(
            r#"{"id":"i-1","name":"n","clusterId":7,"status":"running","statusError":{"state":"","message":""},
            "cpuNum":"16","memory":"62","gpuNum":"1","billingMode":"","endTime":"-1","rootfsSize":60,
            "portMappings":[{"port":8080,"endpoint":"https://x","type":"http"}],
            "envs":[{"key":"MODE","value":"hunter2"}],"tools":[{"name":"Jupyter","port":"8888","type":"http"}],
            "volumeMounts":[{"type":"network","size":"100","id":"st-1","mountPath":"/network"}],
            "network":{"id":"vpc-1","ip":"10.0.0.2"},"node":[{"maxRootfsSize":400}],
            "connectComponentSSH":{"sshCommand":"ssh root@x","password":"hunter2","isRunning":true},
            "connectComponentJupyter":{"port":8888,"address":"https://j","isRunning":true},"new":{"x":[1.5]}}"#,
        );
        assert_eq!(
            (it.cluster_id.as_str(), it.cpu_num, it.memory, it.gpu_num),
            ("7", Some(16.0), Some(62.0), Some(1))
        );
        assert_eq!((it.billing(), it.phase(), it.trouble()), ("onDemand", Phase::Ready, None));
        assert_eq!(it.tools.as_ref().unwrap()[0].port, Some(8888));
        assert_eq!(it.volume_mounts[0].size, Some(100));
        assert_eq!(it.private_network().unwrap().ip, "10.0.0.2");
        assert_eq!(it.node[0].max_rootfs_size, Some(400));
        assert_eq!(it.ssh.password.as_ref().unwrap().expose(), "hunter2");
        assert!(!format!("{it:?}").contains("hunter2"));
    }

    #[test]
    fn nulls_and_missing_fields_are_survived() {
        for json in [
            "{}",
            r#"{"id":null,"statusError":null,"cpuNum":"","portMappings":null,"envs":null,"volumeMounts":null,
            "network":null,"node":{"maxRootfsSize":"400"},"connectComponentSSH":null,"tools":null,"rootfsSize":null}"#,
        ] {
            let it = read(json);
            assert_eq!((it.id.as_str(), it.cpu_num, it.rootfs_size, &it.tools), ("", None, None, &None));
            assert!(it.private_network().is_none() && it.ssh.password.is_none());
        }
        assert!(read(r#"{"network":{"id":"","ip":""}}"#).private_network().is_none());
        assert!(read(r#"{"envs":[{"key":"A","value":null}]}"#).envs[0].value.is_empty());
    }

    #[test]
    fn only_the_other_kind_is_another_kind() {
        for (kind, of_gpu, of_cpu) in [
            ("gpu", false, true),
            ("CPU", true, false),
            ("GPU", false, true),
            ("", false, false),
            ("vgpu", false, false),
        ] {
            let it = Instance { kind: kind.to_owned(), ..Instance::default() };
            assert_eq!((it.is_other_kind("gpu"), it.is_other_kind("cpu")), (of_gpu, of_cpu), "{kind}");
        }
    }

    #[test]
    fn what_is_odd_is_read_or_left_out() {
        let json = r#"{"id":7,"status":"running","statusError":"no image","cpuNum":"16 cores","memory":[1],
            "connectComponentSSH":"","network":[],"node":{"maxRootfsSize":0},"portMappings":[{"port":"x"},{"port":80}],
            "envs":{"key":"A","value":"a\nb"},"tools":"","command":"a\nb"}"#;
        let it: Instance = crate::api::lenient::decode(serde_json::from_str(json).unwrap()).unwrap();
        assert_eq!(
            (it.id.as_str(), it.trouble(), it.cpu_num, it.memory),
            ("7", Some("no image"), Some(16.0), None)
        );
        assert_eq!((it.node[0].max_rootfs_size, it.port_mappings[1].port), (None, Some(80)));
        assert_eq!(
            (it.envs[0].value.expose(), it.command.as_str(), it.tools),
            ("a\nb", "a\nb", Some(vec![]))
        );
    }

    #[test]
    fn times_are_rfc_3339_or_none() {
        for (text, expected) in [
            ("1767225600", Some("2026-01-01T00:00:00Z")),
            (" 1767225600 ", Some("2026-01-01T00:00:00Z")),
            ("-1", None),
            ("0", None),
            ("", None),
            ("soon", None),
            ("99999999999999999", None),
        ] {
            assert_eq!(moment(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn only_what_is_missing_is_filled_in() {
        let mut it = read(r#"{"id":"i","productId":"mine"}"#);
        it.fill_from(read(r#"{"id":"i","productId":"other","productName":"P","rootfsSize":60,"tools":[]}"#));
        assert_eq!((it.product_id.as_str(), it.product_name.as_str()), ("mine", "P"));
        assert_eq!((it.rootfs_size, it.tools), (Some(60), Some(vec![])));
    }
}
