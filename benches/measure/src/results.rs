//! The data that the bench leaves behind: one JSON file with every single run. Pages are made from it alone.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::failure::{Result, While as _};
use crate::machine::About;

const FILE: &str = "results.json";

/// All that was measured last.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Results {
    pub(crate) startup: Option<Startup>,
    pub(crate) estates: Option<Estates>,
    #[serde(default)]
    pub(crate) accounts: Option<Vec<Account>>,
}

/// The starts of all programs.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Startup {
    pub(crate) about: About,
    /// What the client's signature takes, which is in every time to the schema.
    pub(crate) client_signs_ms: f64,
    pub(crate) programs: Vec<StartedProgram>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StartedProgram {
    pub(crate) name: String,
    pub(crate) file_bytes: u64,
    /// Size of the encoded schema; none for a floor.
    pub(crate) schema_bytes: Option<usize>,
    pub(crate) starts: Vec<Start>,
}

/// One start. Times in milliseconds, from just before the process is made.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Start {
    pub(crate) line_ms: f64,
    pub(crate) schema_ms: Option<f64>,
    /// Highest resident memory, right after the schema or, with a floor, the line.
    pub(crate) peak_kib: Option<u64>,
    /// From the call of Shutdown until the process is gone.
    pub(crate) stop_ms: Option<f64>,
    pub(crate) was_killed: bool,
    pub(crate) cpu_ms: f64,
}

/// One task on all objects of an account.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) what: String,
    pub(crate) objects: usize,
    pub(crate) wall_ms: f64,
    /// Of a process that did nothing else.
    pub(crate) peak_kib: u64,
    pub(crate) requests: usize,
}

/// The commands of all estates.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Estates {
    pub(crate) about: About,
    pub(crate) parallelism: usize,
    pub(crate) runs: Vec<CommandRun>,
}

/// One command of a CLI on one estate.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct CommandRun {
    pub(crate) cli: String,
    pub(crate) subject: String,
    pub(crate) scenario: String,
    pub(crate) size: usize,
    /// Which life of the same estate, from 0.
    pub(crate) life: usize,
    pub(crate) command: String,
    pub(crate) wall_ms: f64,
    /// From when the machines were running until the end, where that was watched.
    pub(crate) after_running_ms: Option<f64>,
    /// Of the CLI without its providers.
    pub(crate) client_cpu_ms: f64,
    pub(crate) client_peak_kib: u64,
    /// Of all provider processes together.
    pub(crate) provider_cpu_ms: f64,
    /// Of the largest provider process.
    pub(crate) provider_peak_kib: u64,
    pub(crate) provider_processes: usize,
    /// Provider processes that the CLI killed or forgot; they are in the figures as far as they could be asked.
    pub(crate) left_over: usize,
    /// Those that were gone before they could be asked; the figures lack them.
    pub(crate) unmetered: usize,
    pub(crate) requests: usize,
    /// Requests by method and path, identifiers left out.
    pub(crate) calls: BTreeMap<String, usize>,
}

impl Results {
    /// What an earlier run has left; nothing when there was none.
    pub(crate) fn load(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = std::fs::read_to_string(&path).doing(format!("reading {}", path.display()))?;
        serde_json::from_str(&text).doing(format!("reading {}", path.display()))
    }

    pub(crate) fn save(&self, folder: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self).doing("writing results")?;
        std::fs::create_dir_all(folder).doing(format!("making {}", folder.display()))?;
        let path = folder.join(FILE);
        std::fs::write(&path, text + "\n").doing(format!("writing {}", path.display()))
    }
}
