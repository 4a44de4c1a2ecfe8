//! The Terraform and OpenTofu provider for Novita AI and Nova Cloud.
//!
//! Two layers on the crate `tfplugin`, which is being a process that Terraform starts, and being a provider:
//! - `api`: being an HTTP client of a vendor; of `tfplugin` it knows `redact` alone;
//! - `provider`: the resources, the only place where `api` and `tfplugin` meet.

mod api;
#[cfg(any(test, fuzzing))]
pub mod fuzz_targets;
mod provider;

use std::process::ExitCode;

use tfplugin::PluginInfo;
use tfplugin::in_memory::{self, InMemory};

use crate::provider::Novita;

/// The version of this build: what `make package` was told, else what the manifest says.
pub(crate) const VERSION: &str = match option_env!("RELEASE_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};

/// Lives the life of the provider's process; the whole of `main`.
pub fn run() -> ExitCode {
    tfplugin::serve::<Novita>(info())
}

/// The same with no API behind it: the null provider, beside which `make bench` measures this one. What an API would tell
/// is as in this state file, if there is one.
pub fn run_in_memory(state: fn() -> Option<Vec<u8>>) -> ExitCode {
    in_memory::take_values_from(state);
    tfplugin::serve::<InMemory<Novita>>(info())
}

fn info() -> PluginInfo {
    PluginInfo::new(VERSION, env!("CARGO_CRATE_NAME"))
}
