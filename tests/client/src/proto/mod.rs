//! The client's side of the wire contract, made by `cargo run -p proto-gen`.

#![allow(
    clippy::all,
    clippy::use_self,
    dead_code,
    unreachable_pub,
    unused_qualifications,
    reason = "the code is generated"
)]

#[rustfmt::skip]
pub mod plugin;
#[rustfmt::skip]
pub mod tfplugin6;

/// gRPC's health service.
pub use tonic_health::pb as health;
