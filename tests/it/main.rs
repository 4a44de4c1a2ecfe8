//! The one binary of integration tests.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod acceptance;
mod cli;
mod layers;
