//! An endpoint as the API describes it, decoded leniently.
//!
//! Logs, metrics and the console's extras are left out; unknown fields are ignored. An empty text
//! means "none". Three numbers of the settings are texts in documented answers.

use std::fmt;

use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::Value as Json;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error;
use crate::api::lenient::{int, lines, list, object, text, time, words};
use crate::api::resource_kind::{IdFormat, ResourceKind};
use crate::api::text::clean;
use crate::provider::image::is_about_image;
use crate::provider::life_cycle::phase::{Phase, Phases};
use crate::provider::life_cycle::remote::{Answer, meaningful};
use crate::provider::novita::instance::answer::{Env, VolumeMount};
use crate::provider::paging::{Element, Steps};
use crate::provider::read_modify_write::Shown;

/// How an endpoint is told from other things.
pub(crate) const KIND: ResourceKind = ResourceKind {
    noun: "endpoint",
    words: &["endpoint", "serverless"],
    not_found: &["SERVERLESS_ENDPOINT_NOT_FOUND", "ENDPOINT_NOT_FOUND"],
    wrapper: Some("endpoint"),
    is_listed: false,
    bare_id: false,
    id: IdFormat::Text,
};

/// The states. Only `serving` is documented; the other names were seen in the vendor's console and in clients.
pub(super) const PHASES: Phases = &[
    // It takes requests. With no worker at least, it may do so without one.
    ("serving", Phase::Ready),
    ("running", Phase::Ready),
    // It is switched off, for lack of money for instance. It may pass through this on its way, too.
    ("stopped", Phase::Stopped),
    ("failed", Phase::Failed),
    ("error", Phase::Failed),
    ("terminating", Phase::Leaving),
    ("deleting", Phase::Leaving),
    // What a removed worker is called; that endpoints do the same is a guess.
    ("removed", Phase::Gone),
    ("initializing", Phase::Moving),
    ("pending", Phase::Moving),
    ("creating", Phase::Moving),
    ("updating", Phase::Moving),
    ("unknown", Phase::Moving),
];

/// An endpoint.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Endpoint {
    #[serde(deserialize_with = "text")]
    pub(crate) id: String,
    #[serde(deserialize_with = "text")]
    pub(crate) name: String,
    /// Part of the address; the id when none was asked for.
    #[serde(deserialize_with = "text")]
    pub(crate) app_name: String,
    /// Public address.
    #[serde(deserialize_with = "text")]
    pub(crate) url: String,
    /// See [`PHASES`].
    #[serde(deserialize_with = "state")]
    pub(crate) state: State,
    #[serde(deserialize_with = "object")]
    pub(crate) worker_config: WorkerConfig,
    #[serde(deserialize_with = "object")]
    pub(crate) policy: Policy,
    #[serde(deserialize_with = "object")]
    pub(crate) image: Image,
    /// GB.
    #[serde(deserialize_with = "int")]
    pub(crate) rootfs_size: Option<i64>,
    /// A local disk may carry an id that the platform made.
    #[serde(deserialize_with = "list")]
    pub(crate) volume_mounts: Vec<VolumeMount>,
    #[serde(deserialize_with = "list")]
    pub(crate) envs: Vec<Env>,
    /// Exactly one, as far as is known.
    #[serde(deserialize_with = "list")]
    pub(crate) ports: Vec<Port>,
    #[serde(deserialize_with = "list")]
    pub(crate) workers: Vec<Worker>,
    #[serde(deserialize_with = "list")]
    pub(crate) products: Vec<Product>,
    #[serde(deserialize_with = "object")]
    pub(crate) healthy: Healthy,
    /// Told only when network storage is used.
    #[serde(rename = "clusterID", deserialize_with = "text")]
    pub(crate) cluster_id: String,
    /// Unix seconds, as instances have it (assumed): no page documents it, and clients saw it.
    #[serde(deserialize_with = "text")]
    pub(crate) created_at: String,
    /// `sync` or `async`; seen by clients, in no page.
    #[serde(rename = "type", deserialize_with = "text")]
    pub(crate) kind: String,
    /// All of it, where a get has shown it.
    #[serde(skip)]
    pub(crate) raw: Raw,
}

/// An answer as it came, out of its wrapper. It may hold secrets, so its `Debug` shows nothing.
#[derive(Clone, Default)]
pub(crate) struct Raw(pub(crate) Json);

impl fmt::Debug for Raw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Raw")
    }
}

/// How an endpoint or a worker is.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct State {
    #[serde(deserialize_with = "text")]
    pub(crate) state: String,
    #[serde(deserialize_with = "words")]
    pub(crate) error: String,
    #[serde(deserialize_with = "words")]
    pub(crate) message: String,
}

/// How many workers there are and what each of them takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct WorkerConfig {
    #[serde(deserialize_with = "int")]
    pub(crate) min_num: Option<i64>,
    #[serde(deserialize_with = "int")]
    pub(crate) max_num: Option<i64>,
    /// Seconds without a request.
    #[serde(deserialize_with = "int")]
    pub(crate) free_timeout: Option<i64>,
    /// Requests at a time.
    #[serde(deserialize_with = "int")]
    pub(crate) max_concurrent: Option<i64>,
    #[serde(deserialize_with = "int")]
    pub(crate) gpu_num: Option<i64>,
    /// Seconds. The documented get call leaves it out.
    #[serde(deserialize_with = "int")]
    pub(crate) request_timeout: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub(crate) cuda_version: String,
}

/// When workers are added.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Policy {
    /// `queue` or `concurrency`.
    #[serde(rename = "type", deserialize_with = "text")]
    pub(crate) kind: String,
    /// Seconds of waiting, or requests.
    #[serde(deserialize_with = "int")]
    pub(crate) value: Option<i64>,
}

/// What the workers run.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Image {
    #[serde(deserialize_with = "text")]
    pub(crate) image: String,
    #[serde(deserialize_with = "text")]
    pub(crate) auth_id: String,
    #[serde(deserialize_with = "lines")]
    pub(crate) command: String,
}

/// A port of the workers.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Port {
    #[serde(deserialize_with = "int")]
    pub(crate) port: Option<i64>,
}

/// A worker.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Worker {
    #[serde(deserialize_with = "text")]
    pub(crate) id: String,
    #[serde(deserialize_with = "state")]
    pub(crate) state: State,
    pub(crate) healthy: Option<bool>,
}

/// What the workers run on.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Product {
    #[serde(deserialize_with = "text")]
    pub(crate) id: String,
}

/// The check of the workers' health. Only the path can be set.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Healthy {
    #[serde(deserialize_with = "text")]
    pub(crate) path: String,
}

impl Endpoint {
    /// Whether it has workers that have not ended.
    pub(crate) fn has_workers(&self) -> bool {
        const ENDED: [&str; 3] = ["removed", "exited", "stopped"];
        self.workers.iter().any(|it| !ENDED.iter().any(|ended| it.state.state.eq_ignore_ascii_case(ended)))
    }
}

impl Element for Endpoint {
    const KIND: &'static ResourceKind = &KIND;
    const KEY: &'static str = "endpoints";

    fn id(&self) -> &str {
        &self.id
    }
}

/// Its own state tells how it is, never its workers: with `minNum` 0 it serves without any.
impl Answer for Endpoint {
    const PHASES: Phases = PHASES;

    /// The documented call has no filter; the console's own is not relied on.
    fn list() -> Steps<Self> {
        Steps::by_number("/endpoints")
    }

    fn get<'a>(
        client: &'a Client,
        call: &'a Call,
        id: &'a str,
    ) -> Option<impl Future<Output = error::Result<Self>> + Send + 'a> {
        Some(async move {
            let Shown { it, raw } = client.read(call, &KIND, id, "/endpoint", &[("id", id)]).await?;
            Ok(Self { raw: Raw(raw), ..it })
        })
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn created(&self) -> Option<Timestamp> {
        time(&self.created_at)
    }

    fn status(&self) -> &str {
        &self.state.state
    }

    /// `message` alone may tell of progress and is no trouble.
    fn trouble(&self) -> Option<&str> {
        meaningful(&self.state.error)
    }

    fn explanation(&self) -> Option<String> {
        let said = [&self.state.error, &self.state.message].map(|it| meaningful(it));
        match said {
            [Some(error), Some(message)] if error != message => Some(format!("{error}: {message}")),
            [one, other] => one.or(other).map(str::to_owned),
        }
    }

    fn advice(&self) -> String {
        let advice = match self.phase() {
            _ if self.explanation().is_some_and(|it| is_about_image(&it)) => {
                "Its image cannot be had: check `image.image` and its tag, and for a private registry the login \
                 (`image.auth_id`)."
            }
            Phase::Stopped => {
                "It is switched off: check the account's balance, and switch it on in the vendor's console."
            }
            Phase::Leaving | Phase::Gone => {
                "The platform or another user of the account removes it. Apply again to get another one."
            }
            Phase::Ready | Phase::Failed | Phase::Moving | Phase::Held | Phase::Lost => {
                "Act on the API's words above if they name a cause; if not, look at the workers' logs in the vendor's \
                 console, and check `port`, `healthy` and `image.command`."
            }
        };
        advice.to_owned()
    }
}

/// The documented object, or the state alone, as one client has seen it.
fn state<'de, D: Deserializer<'de>>(input: D) -> Result<State, D::Error> {
    match Json::deserialize(input)? {
        Json::String(state) => Ok(State { state: clean(&state), ..State::default() }),
        other => object(other).map_err(D::Error::custom),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Endpoint {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn each_state_has_its_phase() {
        for (state, phase) in [
            ("serving", Phase::Ready),
            ("Running", Phase::Ready),
            ("stopped", Phase::Stopped),
            ("failed", Phase::Failed),
            ("ERROR", Phase::Failed),
            ("terminating", Phase::Leaving),
            ("deleting", Phase::Leaving),
            ("removed", Phase::Gone),
            ("initializing", Phase::Moving),
            ("pending", Phase::Moving),
            ("creating", Phase::Moving),
            ("updating", Phase::Moving),
            ("unknown", Phase::Moving),
            ("", Phase::Moving),
            ("a new one", Phase::Moving),
        ] {
            assert_eq!(Phase::of(PHASES, state), phase, "{state}");
        }
    }

    const DOCUMENTED: &str = r#"{"id":"ep-1","name":"tf-llm","appName":"tf-llm-a1","url":"https://x.example",
        "state":{"state":"serving","error":"","message":""},
        "workerConfig":{"minNum":0,"maxNum":2,"freeTimeout":"300","maxConcurrent":"1","gpuNum":1,"requestTimeout":600,"cudaVersion":""},
        "policy":{"type":"queue","value":"60"},"image":{"image":"img","authId":"","command":"run"},"rootfsSize":100,
        "volumeMounts":[{"type":"local","id":"made","size":30,"mountPath":"/workspace"}],
        "envs":[{"key":"MODEL","value":"demo"}],"ports":[{"port":8000}],
        "workers":[{"id":"w-1","state":{"state":"running","error":"","message":""},"log":"","metrics":"","healthy":true}],
        "products":[{"id":"SL-serverless-3"}],"healthy":{"path":"/health","initialDelay":5},"clusterID":"7","log":"","new":1}"#;

    #[test]
    fn a_documented_answer_is_read() {
        let it = read(DOCUMENTED);
        assert_eq!(
            (it.id.as_str(), it.app_name.as_str(), it.url.as_str()),
            ("ep-1", "tf-llm-a1", "https://x.example")
        );
        let workers = WorkerConfig {
            min_num: Some(0),
            max_num: Some(2),
            free_timeout: Some(300),
            max_concurrent: Some(1),
            gpu_num: Some(1),
            request_timeout: Some(600),
            cuda_version: String::new(),
        };
        assert_eq!(it.worker_config, workers);
        assert_eq!(it.policy, Policy { kind: "queue".into(), value: Some(60) });
        assert_eq!((it.image.image.as_str(), it.image.command.as_str()), ("img", "run"));
        assert_eq!((it.rootfs_size, it.volume_mounts[0].size), (Some(100), Some(30)));
        assert_eq!((it.envs[0].key.as_str(), it.envs[0].value.expose()), ("MODEL", "demo"));
        assert_eq!((it.ports[0].port, it.products[0].id.as_str()), (Some(8000), "SL-serverless-3"));
        assert_eq!((it.workers[0].healthy, it.workers[0].state.state.as_str()), (Some(true), "running"));
        assert_eq!((it.healthy.path.as_str(), it.cluster_id.as_str()), ("/health", "7"));
        assert!(!format!("{it:?}").contains("demo"));
    }

    #[test]
    fn every_looseness_that_was_seen_is_read() {
        for json in [
            "{}",
            r#"{"id":null,"state":null,"workerConfig":null,"policy":null,"image":null,"volumeMounts":null,"envs":null,
                "ports":null,"workers":null,"products":null,"healthy":null,"clusterID":null,"rootfsSize":null}"#,
        ] {
            let it = read(json);
            assert!(
                it.id.is_empty() && it.ports.is_empty() && it.workers.is_empty() && it.trouble().is_none()
            );
        }
        let it = read(
            r#"{"ports":[{"port":"8000"}],"rootfsSize":"100","policy":{"type":"concurrency","value":4},
            "workerConfig":{"minNum":"1","freeTimeout":300,"requestTimeout":""}}"#,
        );
        assert_eq!((it.ports[0].port, it.rootfs_size, it.policy.value), (Some(8000), Some(100), Some(4)));
        assert_eq!((it.worker_config.min_num, it.worker_config.request_timeout), (Some(1), None));
    }

    #[test]
    fn a_state_may_be_a_text_and_a_fault_of_any_form() {
        for (state, status, trouble) in [
            (r#""serving""#, "serving", None),
            (r#"{"state":"failed","error":{"code":3}}"#, "failed", Some(r#"{"code":3}"#)),
            (r#"{"state":"failed","error":["no image"]}"#, "failed", Some(r#"["no image"]"#)),
            (r#"{"state":"serving","error":{},"message":[]}"#, "serving", None),
            ("null", "", None),
            (r#""""#, "", None),
            ("[]", "", None),
        ] {
            let it = read(&format!(r#"{{"id":"e","state":{state}}}"#));
            assert_eq!((it.state.state.as_str(), it.trouble()), (status, trouble), "{state}");
        }
    }

    #[test]
    fn fillers_are_no_trouble() {
        for (error, message, trouble, explanation) in [
            ("", "", None, None),
            ("none", "None", None, None),
            ("NULL", " ", None, None),
            ("", "2 of 3 workers", None, Some("2 of 3 workers")),
            ("no such image", "", Some("no such image"), Some("no such image")),
            ("bad", "bad", Some("bad"), Some("bad")),
            ("ImagePull", "no such image", Some("ImagePull"), Some("ImagePull: no such image")),
        ] {
            let state = State { state: "failed".into(), error: error.into(), message: message.into() };
            let it = Endpoint { state, ..Endpoint::default() };
            assert_eq!(
                (it.trouble(), it.explanation().as_deref()),
                (trouble, explanation),
                "{error} {message}"
            );
        }
    }
}
