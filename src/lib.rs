//! The Terraform and OpenTofu provider for Novita AI and Nova Cloud.
//!
//! Four layers, each ignorant of the ones beside it:
//! - [`plugin`]: being a process that Terraform starts and talks to;
//! - [`framework`]: being a provider, as pure functions over values;
//! - [`api`]: being an HTTP client of a vendor;
//! - [`provider`]: the resources, the only place where the two middle layers meet.

mod api;
mod framework;
mod plugin;
mod provider;

use std::process::ExitCode;

use crate::plugin::About;
use crate::plugin::proto::tfplugin6::provider_server::Provider;
use crate::plugin::proto::tfplugin6::stop_provider;
use crate::plugin::stop::Stop;

const ABOUT: About = About { name: "novita", version: env!("CARGO_PKG_VERSION"), source: "novita/novita" };

/// Lives the life of the provider's process; the whole of `main`.
pub fn run() -> ExitCode {
    plugin::run(ABOUT, |stop| NoProviderYet { stop })
}

/// Stands in for the service that answers from `provider`'s tables: a plugin without resources,
/// which answers every call but the stop with Unimplemented.
struct NoProviderYet {
    stop: Stop,
}

#[tonic::async_trait]
impl Provider for NoProviderYet {
    async fn stop_provider(
        &self,
        _request: tonic::Request<stop_provider::Request>,
    ) -> Result<tonic::Response<stop_provider::Response>, tonic::Status> {
        self.stop.fire();
        Ok(tonic::Response::new(stop_provider::Response::default()))
    }
}
