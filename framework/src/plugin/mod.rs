//! Being a plugin: a process that Terraform or OpenTofu starts and talks to over gRPC.
//!
//! [`run`] is the whole life of the process: arguments, handshake, TLS, the listener, the services,
//! the end. It is handed the provider's service and knows nothing of what that does. The contract
//! with the client is go-plugin's (protocol version 1) and `proto/*.proto`.
//!
//! Invariant: nothing but [`handshake`] and [`command`] writes to stdout.

mod accept;
mod alone;
mod aux_services;
mod client_auth;
mod command;
mod convert;
mod environment;
mod handshake;
mod in_flight;
mod listener;
pub(crate) mod logging;
pub(crate) mod operations;
pub(crate) mod proto;
pub(crate) mod rpc;
mod serve;
mod shutdown;
mod signals;
mod start_error;
mod tls;

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use crate::plugin::command::Command;
use crate::plugin::environment::Environment;
use crate::plugin::operations::Operations;
use crate::plugin::proto::tfplugin6::provider_server::Provider;
use crate::plugin::start_error::StartError;

/// Who started the process, and so whom it obeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServeMode {
    /// Started by Terraform or OpenTofu, which ends it by a call.
    Plugin,
    /// Started by a developer, to serve many runs until Ctrl-C.
    Debug,
}

/// Who this plugin is.
#[derive(Clone, Copy, Debug)]
pub struct PluginInfo {
    /// The name after `terraform-provider-`.
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// Source address without a host, as users write it in `required_providers`.
    pub(crate) source: &'static str,
    pub(crate) crate_name: &'static str,
}

impl PluginInfo {
    /// Version of the release, without `v`, and the author's crate, `env!("CARGO_CRATE_NAME")`: its log records are kept,
    /// other crates' below warnings are not.
    pub const fn new(version: &'static str, crate_name: &'static str) -> Self {
        Self { name: "", version, source: "", crate_name }
    }

    /// The name after `terraform-provider-`.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Released under one of these addresses: that by which the file of the program is called, else the first. What is served
    /// depends on it, and what a person reads: texts, log lines and how to attach to a debugged process.
    pub(crate) fn released_as(self, addresses: &[&'static str], program: Option<&OsStr>) -> Self {
        let file = Path::new(program.unwrap_or_default()).file_name().and_then(OsStr::to_str);
        let called = file.and_then(|it| it.strip_prefix("terraform-provider-")).unwrap_or_default();
        let called = called.split(['_', '.']).next();
        let name = |address: &'static str| address.rsplit('/').next().unwrap_or(address);
        let chosen = addresses.iter().find(|it| Some(name(it)) == called).or(addresses.first());
        let source = chosen.copied().unwrap_or_default();
        Self { name: name(source), source, ..self }
    }
}

/// Lives the life of a plugin process and returns its exit code.
///
/// `make` builds the provider's service; it is called after the handshake line is out, so that what
/// it does delays nobody. It gets the [`Operations`] that its calls have to begin, and StopProvider to stop.
pub(crate) fn run<S: Provider>(info: PluginInfo, make: impl FnOnce(Operations) -> S) -> ExitCode {
    let mode = match command::parse(std::env::args_os().skip(1)) {
        Ok(Command::Version) => return command::print_version(info),
        Ok(Command::Help) => return command::print_help(info),
        Ok(Command::Debug) => ServeMode::Debug,
        Ok(Command::Plugin) if handshake::started_by_a_client() => ServeMode::Plugin,
        Ok(Command::Plugin) => return command::explain_to_a_person(info),
        Err(error) => return command::refuse(info, &error),
    };
    logging::install(info);
    match start(info, mode, make) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => command::report_failed_start(&error),
    }
}

fn start<S: Provider>(
    info: PluginInfo,
    mode: ServeMode,
    make: impl FnOnce(Operations) -> S,
) -> Result<(), StartError> {
    let environment = Environment::of_this_process()?;
    has_file_descriptors().map_err(StartError::Runtime)?;
    // One thread is enough: the work is waiting for the network.
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(StartError::Runtime)?;
    let ended = runtime.block_on(serve::serve(info, mode, &environment, make));
    // Without this a name lookup that hangs in a thread of its own would hold the process back.
    runtime.shutdown_background();
    ended
}

/// Fails where the runtime, the listener and one connection cannot have theirs: the runtime would panic.
fn has_file_descriptors() -> io::Result<()> {
    let pairs: io::Result<Vec<_>> = (0..4).map(|_| io::pipe()).collect();
    pairs.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_file_chooses_the_address() {
        for (program, source) in [
            ("/plugins/terraform-provider-one_v1.2.3", "demo/one"),
            ("/plugins/terraform-provider-two_v1.2.3", "demo/two"),
            ("terraform-provider-two.exe", "demo/two"),
            ("/terraform-provider-two/anything", "demo/one"),
            ("", "demo/one"),
        ] {
            let info =
                PluginInfo::new("1.2.3", "x").released_as(&["demo/one", "demo/two"], Some(program.as_ref()));
            assert_eq!((info.source, info.name), (source, &source[5..]), "{program}");
        }
    }
}
