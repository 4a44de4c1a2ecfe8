//! The small parts of an endpoint's record.

use serde::{Deserialize, Serialize};

/// How an endpoint is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EndpointState {
    pub state: String,
    pub error: String,
    pub message: String,
}

/// How many workers there are, and what one of them is like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkerConfig {
    pub min_num: u64,
    pub max_num: u64,
    /// Seconds.
    pub free_timeout: u64,
    pub max_concurrent: u64,
    pub gpu_num: u64,
    /// Seconds.
    pub request_timeout: u64,
    /// Empty for any.
    #[serde(default)]
    pub cuda_version: String,
}

/// The one port that requests go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointPort {
    pub port: u16,
}

/// What makes the number of workers grow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// `queue` or `concurrency`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Seconds of waiting, or requests in the queue.
    pub value: u64,
}

/// The image of the workers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointImage {
    pub image: String,
    #[serde(default)]
    pub auth_id: String,
    #[serde(default)]
    pub command: String,
}

/// A product that workers may run on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductUse {
    pub id: String,
}

/// The health check, as far as it can be set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    pub path: String,
}

/// The states that workers are shown in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerState {
    Pulling,
    Running,
    Failed,
    Removed,
}

impl WorkerState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pulling => "pulling",
            Self::Running => "running",
            Self::Failed => "failed",
            Self::Removed => "removed",
        }
    }
}
