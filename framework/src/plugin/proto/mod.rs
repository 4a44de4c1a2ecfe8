//! The wire contract: descriptions in our own words, and the code that `cargo run -p proto-gen`
//! makes of them. Nothing else is written by hand in this folder but the two `Debug`s below.

#![allow(
    clippy::all,
    clippy::use_self,
    dead_code,
    unreachable_pub,
    unused_qualifications,
    unused_variables,
    reason = "the code is generated"
)]

use std::fmt;

/// The provider protocol, from `tfplugin6.proto`.
#[rustfmt::skip]
pub(crate) mod tfplugin6;

/// What every plugin serves, from `plugin.proto`.
#[rustfmt::skip]
pub(crate) mod plugin;

/// Shows sizes only: the bytes hold a user's values.
impl fmt::Debug for tfplugin6::DynamicValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DynamicValue(msgpack: {} bytes, json: {} bytes)", self.msgpack.len(), self.json.len())
    }
}

/// Shows sizes only: the bytes hold a user's values.
impl fmt::Debug for tfplugin6::RawState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawState(json: {} bytes, flatmap: {} keys)", self.json.len(), self.flatmap.len())
    }
}
