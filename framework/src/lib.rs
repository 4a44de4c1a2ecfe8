//! Terraform and OpenTofu providers in Rust.
//!
//! Two layers: being a plugin, a process that a client starts and talks to over gRPC ([`serve`]); and being a
//! provider, as pure functions over values: schemas, plans, states. An author writes models ([`model::Model`]),
//! resources ([`resource::Resource`]) and data sources ([`data_source::DataSource`]), and lists them in a
//! [`provider::Provider`]. Start reading at [`value`], then [`schema`], then [`resource`].
//!
//! What exists is returned to the client, whatever ends an operation: an error, a stop, a deadline or a panic.

#![deny(missing_docs)]
#![cfg_attr(not(feature = "testing"), allow(unreachable_pub, dead_code))]

extern crate self as tfplugin;

mod apply;
pub mod attr;
mod attribute;
pub mod body;
pub mod check;
#[cfg(any(test, feature = "testing"))]
#[allow(clippy::unwrap_used, reason = "a test's own mistake may end it")]
mod client;
mod crash;
pub mod data_source;
mod decode_error;
#[cfg(test)]
mod demo;
pub mod diagnostics;
pub mod equality;
mod erased;
mod guarded;
mod import;
mod json;
pub mod lookup;
pub mod model;
mod msgpack;
mod number;
pub mod path;
mod plan;
mod plugin;
mod private;
mod protection;
pub mod provider;
pub mod redact;
pub mod resource;
#[cfg(any(test, feature = "testing"))]
#[allow(clippy::unwrap_used, reason = "a test's own mistake may end it")]
mod samples;
pub mod schema;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod timeouts;
pub mod types;
mod validate;
pub mod value;

use std::process::ExitCode;

pub use crate::plugin::PluginInfo;

/// Lives the life of a provider's process, and returns its exit code: the whole of an author's `main`.
///
/// Started by a client, it serves until that ends it. Started by a person, it explains itself, and serves to be
/// debugged with `-debug`.
pub fn serve<P: provider::Provider>(info: PluginInfo) -> ExitCode {
    plugin::run(info, plugin::rpc::Service::<P>::new)
}
