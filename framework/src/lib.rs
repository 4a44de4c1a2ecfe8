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

pub mod action;
mod apply;
pub mod attr;
mod attribute;
mod author;
#[cfg(feature = "rest")]
pub mod body;
pub mod check;
#[cfg(any(test, feature = "testing"))]
#[allow(clippy::unwrap_used, reason = "a test's own mistake may end it")]
mod client;
mod crash;
pub mod data_source;
mod decode_error;
pub mod definition;
#[cfg(test)]
mod demo;
pub mod diagnostics;
mod dynamic;
pub mod ephemeral;
pub mod equality;
mod erased;
mod generate;
mod guarded;
mod identity;
mod import;
pub mod in_memory;
mod json;
pub mod list_resource;
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

/// The examples of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// What most providers name.
pub mod prelude {
    pub use crate::PluginInfo;
    pub use crate::action::{Action, DynAction, Progress, action};
    pub use crate::attr::{Attr, Dynamic, List, Map, Number, Set};
    pub use crate::data_source::{DataSource, DynDataSource, data_source};
    pub use crate::diagnostics::{Diagnostic, Diagnostics};
    pub use crate::ephemeral::{DynEphemeralResource, EphemeralResource, Lease, Opened, ephemeral_resource};
    pub use crate::list_resource::{DynListResource, ListResource, Listing, list_resource};
    pub use crate::lookup::{LookedUp, Lookup};
    pub use crate::model::{Model, StringEnum};
    pub use crate::path::Path;
    pub use crate::provider::Provider;
    pub use crate::redact::Secrets;
    pub use crate::resource::{
        Changes, Context, DynResource, ImportId, Notes, Plan, ProviderData, Resource, Result, Rules,
        StateWriter, resource,
    };
    pub use crate::timeouts::Timeouts;
}

/// A `main` for a provider that has resources and no settings: its source address, and the resources, as in
/// `tfplugin::main!("example/notes": Note);`.
#[macro_export]
macro_rules! main {
    ($source:literal: $($resource:ty),+ $(,)?) => {
        struct WithoutSettings;

        impl $crate::provider::Provider for WithoutSettings {
            type Config = ();
            type Data = ();
            const ADDRESSES: &'static [&'static str] = &[$source];

            fn resources() -> ::std::vec::Vec<::std::boxed::Box<dyn $crate::resource::DynResource<()>>> {
                ::std::vec![$($crate::resource::resource::<$resource>()),+]
            }

            fn configure((): (), _: &str) -> $crate::resource::Result<()> {
                ::std::result::Result::Ok(())
            }
        }

        fn main() -> ::std::process::ExitCode {
            let version = ::std::env!("CARGO_PKG_VERSION");
            $crate::serve::<WithoutSettings>($crate::PluginInfo::new(version, ::std::env!("CARGO_CRATE_NAME")))
        }
    };
}

/// Lives the life of a provider's process, and returns its exit code: the whole of an author's `main`.
///
/// Started by a client, it serves until that ends it. Started by a person, it explains itself, and serves to be
/// debugged with `-debug`.
pub fn serve<P: provider::Provider>(info: PluginInfo) -> ExitCode {
    let program = std::env::args_os().next();
    let info = info.released_as(P::ADDRESSES, program.as_deref());
    plugin::run(info, move |operations| {
        plugin::rpc::Service::new(provider::Server::<P>::released_as(info.name()), operations)
    })
}
