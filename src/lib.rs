//! The Terraform and OpenTofu provider for Novita AI and Nova Cloud.
//!
//! Four layers, each ignorant of the ones beside it:
//! - `plugin`: being a process that Terraform starts and talks to;
//! - `framework`: being a provider, as pure functions over values;
//! - `api`: being an HTTP client of a vendor;
//! - `provider`: the resources, the only place where the two middle layers meet.

mod api;
mod framework;
#[cfg(any(test, fuzzing))]
pub mod hostile;
mod plugin;
mod provider;

use std::process::ExitCode;

use crate::plugin::About;
use crate::plugin::rpc::Service;
use crate::provider::Novita;

const ABOUT: About = About { name: "novita", version: env!("CARGO_PKG_VERSION"), source: "novita/novita" };

/// Lives the life of the provider's process; the whole of `main`.
pub fn run() -> ExitCode {
    plugin::run(ABOUT, Service::<Novita>::new)
}
