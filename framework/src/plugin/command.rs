//! The command line, and the texts for a person who started the program by hand.
//!
//! A client starts the program without arguments; all of this is for people. Knows nothing of what
//! happens once the process serves.

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use lexopt::Arg::{Long, Short};

use crate::plugin::PluginInfo;
use crate::plugin::start_error::StartError;

/// What the arguments ask for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// No arguments: be a plugin.
    Plugin,
    /// Serve a developer's runs.
    Debug,
    /// Print the version.
    Version,
    /// Print the help.
    Help,
}

/// Reads the arguments, the program's name left out.
pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Command, lexopt::Error> {
    let mut parser = lexopt::Parser::from_args(arguments.map(with_two_dashes));
    let mut command = Command::Plugin;
    while let Some(argument) = parser.next()? {
        command = match argument {
            Long("debug") => Command::Debug,
            Long("version") | Short('V') => Command::Version,
            Long("help") | Short('h') => Command::Help,
            other => return Err(other.unexpected()),
        };
    }
    Ok(command)
}

/// Providers written in Go take `-debug`, and so do the tools that start them.
fn with_two_dashes(argument: OsString) -> OsString {
    match argument.to_str() {
        Some(known @ ("-debug" | "-version" | "-help")) => OsString::from(format!("-{known}")),
        _ => argument,
    }
}

/// `--version`.
pub(crate) fn print_version(info: PluginInfo) -> ExitCode {
    print(&format!("terraform-provider-{} {}\n", info.name, info.version))
}

/// `--help`.
pub(crate) fn print_help(info: PluginInfo) -> ExitCode {
    let PluginInfo { name, version, source, crate_name: _ } = info;
    print(&format!(
        "terraform-provider-{name} {version}, the provider {source} for Terraform and OpenTofu\n\
         \n\
         Terraform and OpenTofu start this program by themselves, without arguments.\n\
         \n\
         Options:\n  \
           --debug    serve until Ctrl-C, and print how to attach a run to this process\n  \
           --version  print the version\n  \
           --help     print this text\n"
    ))
}

/// Started without the client's cookie: most likely somebody tries the program out.
pub(crate) fn explain_to_a_person(info: PluginInfo) -> ExitCode {
    complain(&format!(
        "terraform-provider-{} is a plugin: Terraform and OpenTofu start it, it does nothing by itself.\n\
         Put `source = \"{}\"` under `required_providers` in a configuration and run `terraform init`.\n\
         Run it with --debug to serve as a provider under development, or with --help for more.\n",
        info.name, info.source
    ))
}

/// The arguments make no sense.
pub(crate) fn refuse(info: PluginInfo, error: &lexopt::Error) -> ExitCode {
    complain(&format!("terraform-provider-{}: {error}; see --help\n", info.name))
}

/// The process cannot serve. One line, with the prefix that clients take for the level of a plain
/// line, whatever the log level: the client itself has nothing to show but that no line came.
pub(crate) fn report_failed_start(error: &StartError) -> ExitCode {
    let mut text = format!("[ERROR] the provider cannot start: {error}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.ends_with(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    complain(&format!("{}\n", text.replace('\n', " ")))
}

fn print(text: &str) -> ExitCode {
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn complain(text: &str) -> ExitCode {
    // Nobody is left to hear that stderr is closed.
    let _ = io::stderr().write_all(text.as_bytes());
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(arguments: &[&str], expected: &Command) {
        assert_eq!(&parse(arguments.iter().map(OsString::from)).unwrap(), expected);
    }

    #[test]
    fn debug_takes_one_dash_as_in_go() {
        check(&[], &Command::Plugin);
        check(&["-debug"], &Command::Debug);
        check(&["--debug"], &Command::Debug);
        check(&["-version"], &Command::Version);
        check(&["-h"], &Command::Help);
    }

    #[test]
    fn an_unknown_argument_is_named() {
        let error = parse([OsString::from("--frobnicate")].into_iter()).unwrap_err();
        assert!(error.to_string().contains("--frobnicate"), "{error}");
    }
}
