//! The resources of Nova Cloud.

pub(crate) mod account;
mod routes;
pub(crate) mod vm;
