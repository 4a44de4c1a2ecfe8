//! Tests of the finished program from outside, in one binary.
//!
//! `launch` starts the program as a client does, and what is built on it speaks the protocol through
//! code of its own (the package `plugin-client`). `cli` and `acceptance` run real clients. The number at the
//! beginning of a test's name is that of the rule it checks.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod acceptance;
mod cli;
mod demands;
mod dependencies;
mod docs;
mod guide;
mod layers;

#[cfg(unix)]
use plugin_client::{certificate, connect, proto};

// The client's end is a unix socket here; Windows gets by with the unit tests.
#[cfg(unix)]
mod body;
#[cfg(unix)]
mod golden;
#[cfg(unix)]
mod launch;
#[cfg(unix)]
mod make;
#[cfg(unix)]
mod options;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod registry;
#[cfg(unix)]
mod service;
