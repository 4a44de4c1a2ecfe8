//! The small parts of an instance's record.

use serde::{Deserialize, Serialize};

/// Which of the two forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Gpu,
    Cpu,
}

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Gpu => "gpu",
            Self::Cpu => "cpu",
        }
    }
}

/// Why the last transition failed; empty texts when it did not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusError {
    pub state: String,
    pub message: String,
}

/// A published port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    pub port: u16,
    /// `tcp` or `http`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// A variable of the environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Env {
    pub key: String,
    pub value: String,
}

/// A platform tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    pub name: String,
    /// As text, as it is sent.
    pub port: String,
    #[serde(rename = "type")]
    pub kind: String,
}

/// A mounted disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VolumeMount {
    /// `network` or `local`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The network storage; empty for a local disk.
    #[serde(default)]
    pub id: String,
    /// GB.
    pub size: u64,
    pub mount_path: String,
}

/// The private network and the address in it; empty texts for none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkUse {
    pub id: String,
    pub ip: String,
}

/// A job under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
}
