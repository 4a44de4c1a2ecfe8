//! Measures the provider beside its peers: `bench startup`, `bench estates`, `bench accounts`, all, or `bench report`.
//!
//! This file reads the arguments and hands over. `startup` starts programs as a CLI does, `estates` runs real
//! CLIs against the mock, `accounts` speaks the protocol itself, `results` is the data that they leave in `target/bench`, and `report`, `targets` and
//! `plots` make pages of that data. Nothing here knows how a provider works.
#![cfg_attr(
    test,
    allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot be set up has failed")
)]

mod accounts;
mod arguments;
mod cli;
mod commands;
mod estates;
mod failure;
mod handshake;
mod hcl;
mod machine;
mod metering;
mod plots;
mod record;
mod report;
mod results;
mod start;
mod startup;
mod stats;
mod subjects;
mod tables;
mod targets;

use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::arguments::{Arguments, Asked, Command};
use crate::failure::Result;
use crate::results::Results;

fn main() -> ExitCode {
    let outcome = match arguments::read(std::env::args_os().skip(1)) {
        Ok(Asked::Help) => return print(arguments::HELP),
        Ok(Asked::Run(arguments)) => run(&arguments),
        Err(error) => return fail(2, &format!("{error}; see bench --help")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(1, &error.to_string()),
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let mut results = Results::load(&arguments.out)?;
    if matches!(arguments.command, Command::All | Command::Startup) {
        results.startup = Some(startup::measure(arguments)?);
        results.save(&arguments.out)?;
    }
    if matches!(arguments.command, Command::All | Command::Estates) {
        estates::measure(arguments, &mut results)?;
    }
    if matches!(arguments.command, Command::All | Command::Accounts) {
        results.accounts = Some(accounts::measure(arguments)?);
        results.save(&arguments.out)?;
    }
    let written = report::write(&results, arguments)?;
    say(&format!("written: {}", written.display()));
    Ok(())
}

/// Tells the person who waits.
fn say(text: &str) {
    // Nothing can be done when even this cannot be written.
    let _ = writeln!(io::stderr(), "bench: {text}");
}

fn print(text: &str) -> ExitCode {
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn fail(code: u8, text: &str) -> ExitCode {
    say(text);
    ExitCode::from(code)
}
