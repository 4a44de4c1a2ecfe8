//! Serverless endpoints: the record of one. The calls stand in the modules below.
//!
//! In JSON the names are those of the API; numbers are numbers here, whatever answers make of them.

mod calls;
mod limit;
mod parts;
mod rules;
mod show;
pub mod status;

use serde::{Deserialize, Serialize};

use super::Novita;
use super::instance::{Env, VolumeMount};
use crate::answer::{Refusal, Result};
use crate::walk::{Pace, Walk};
pub use limit::{EndpointLimit, EndpointProduct};
pub use parts::{
    EndpointImage, EndpointPort, EndpointState, Health, Policy, ProductUse, WorkerConfig, WorkerState,
};

/// An endpoint, as the mock remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Endpoint {
    pub id: String,
    pub name: String,
    pub app_name: String,
    pub state: EndpointState,
    pub worker_config: WorkerConfig,
    pub ports: Vec<EndpointPort>,
    pub policy: Policy,
    pub image: EndpointImage,
    pub products: Vec<ProductUse>,
    pub rootfs_size: u64,
    pub volume_mounts: Vec<VolumeMount>,
    /// As sent; shown only with a network volume.
    #[serde(rename = "clusterID")]
    pub cluster_id: String,
    pub envs: Vec<Env>,
    pub healthy: Health,
    pub created_at: u64,
    pub updated_at: u64,
    /// Updates that were accepted.
    pub updates: u64,
    pub walk: Walk,
    /// Gets that do not find it yet.
    pub hidden_reads: u32,
    /// Lists that leave it out.
    pub unlisted_reads: u32,
    /// What goes wrong before it serves; empty for nothing.
    pub start_error: String,
    /// The state in which that ends.
    pub start_error_state: String,
}

impl Default for Endpoint {
    /// A small serving endpoint; what a seed leaves out.
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            app_name: String::new(),
            state: EndpointState { state: status::SERVING.to_owned(), ..EndpointState::default() },
            worker_config: WorkerConfig {
                min_num: 0,
                max_num: 1,
                free_timeout: 300,
                max_concurrent: 1,
                gpu_num: 1,
                request_timeout: 600,
                cuda_version: String::new(),
            },
            ports: vec![EndpointPort { port: 8000 }],
            policy: Policy { kind: "queue".to_owned(), value: 60 },
            image: EndpointImage {
                image: "docker.io/acme/llm:2".to_owned(),
                auth_id: String::new(),
                command: String::new(),
            },
            products: vec![ProductUse { id: "SL-serverless-3".to_owned() }],
            rootfs_size: 100,
            volume_mounts: Vec::new(),
            cluster_id: String::new(),
            envs: Vec::new(),
            healthy: Health { path: "/health".to_owned() },
            created_at: 0,
            updated_at: 0,
            updates: 0,
            walk: Walk::default(),
            hidden_reads: 0,
            unlisted_reads: 0,
            start_error: String::new(),
            start_error_state: String::new(),
        }
    }
}

impl Endpoint {
    /// Begins a walk through these states.
    pub(crate) fn walk(&mut self, states: &[&str], pace: &Pace) {
        (self.state.error, self.state.message) = (String::new(), String::new());
        self.walk.begin(&mut self.state.state, states, pace);
    }

    /// One step: the state lasts one step less, or the next one begins.
    pub(crate) fn step(&mut self, pace: &Pace) {
        let starts = [status::INITIALIZING, status::UPDATING].contains(&self.state.state.as_str());
        if starts && !self.start_error.is_empty() {
            self.fail();
        } else {
            self.walk.step(&mut self.state.state, pace);
        }
    }

    /// All its workers are gone, and it is in no answer any more.
    pub(crate) fn is_forgotten(&self) -> bool {
        self.state.state == status::REMOVED
    }

    fn fail(&mut self) {
        let message = std::mem::take(&mut self.start_error);
        self.state = EndpointState {
            state: std::mem::take(&mut self.start_error_state),
            error: "worker_start_failed".to_owned(),
            message,
        };
        self.walk.to_come.clear();
    }

    fn has_network_volume(&self) -> bool {
        self.volume_mounts.iter().any(|it| it.kind == "network")
    }
}

impl Novita {
    /// The endpoint of an action, or the refusal that it does not exist.
    fn existing_endpoint(&mut self, id: &str) -> Result<&mut Endpoint> {
        self.endpoints
            .iter_mut()
            .find(|it| it.id == id)
            .ok_or_else(|| Refusal::new(400, NOT_FOUND, "endpoint not found"))
    }
}

/// The name of the error for an endpoint that is not there.
const NOT_FOUND: &str = "SERVERLESS_ENDPOINT_NOT_FOUND";
