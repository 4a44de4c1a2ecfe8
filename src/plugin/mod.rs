//! Being a plugin: a process that Terraform or OpenTofu starts and talks to over gRPC.
//!
//! [`run`] is the whole life of the process: arguments, handshake, TLS, the listener, the services,
//! the end. It is handed the provider's service and knows nothing of what that does. The contract
//! with the client is go-plugin's (protocol version 1) and `proto/*.proto`.
//!
//! Invariant: nothing but [`handshake`] and [`command`] writes to stdout.

mod accept;
mod calls;
mod client_auth;
mod command;
mod convert;
mod ending;
mod environment;
mod gauge;
mod handshake;
mod life;
mod listener;
pub(crate) mod logging;
pub(crate) mod proto;
pub(crate) mod rpc;
mod serve;
mod services;
mod signals;
mod start_error;
pub(crate) mod stop;
mod tls;

use std::process::ExitCode;

use crate::plugin::command::Command;
use crate::plugin::environment::Environment;
use crate::plugin::life::Life;
use crate::plugin::proto::tfplugin6::provider_server::Provider;
use crate::plugin::start_error::StartError;
use crate::plugin::stop::Stop;

/// Who this plugin is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    /// The name after `terraform-provider-`.
    pub(crate) name: &'static str,
    /// Version of the release, without `v`.
    pub(crate) version: &'static str,
    /// Source address without a host, as users write it in `required_providers`.
    pub(crate) source: &'static str,
}

/// Lives the life of a plugin process and returns its exit code.
///
/// `make` builds the provider's service; it is called after the handshake line is out, so that what
/// it does delays nobody. The [`Stop`] it gets is the one that the StopProvider call has to fire.
pub(crate) fn run<S: Provider>(about: About, make: impl FnOnce(Stop) -> S) -> ExitCode {
    let life = match command::parse(std::env::args_os().skip(1)) {
        Ok(Command::Version) => return command::print_version(about),
        Ok(Command::Help) => return command::print_help(about),
        Ok(Command::Debug) => Life::Debug,
        Ok(Command::Plugin) if handshake::started_by_a_client() => Life::Plugin,
        Ok(Command::Plugin) => return command::explain_to_a_person(about),
        Err(error) => return command::refuse(about, &error),
    };
    logging::install(about);
    match start(about, life, make) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => command::report_failed_start(&error),
    }
}

fn start<S: Provider>(about: About, life: Life, make: impl FnOnce(Stop) -> S) -> Result<(), StartError> {
    let environment = Environment::of_this_process()?;
    // One thread is enough: the work is waiting for the network.
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(StartError::Runtime)?;
    let ended = runtime.block_on(serve::serve(about, life, &environment, make));
    // Without this a name lookup that hangs in a thread of its own would hold the process back.
    runtime.shutdown_background();
    ended
}
