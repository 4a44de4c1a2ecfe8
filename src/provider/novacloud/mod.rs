//! The resources of Nova Cloud.

pub(crate) mod account;
pub(crate) mod reservation_quote;
mod routes;
pub(crate) mod ssh_key;
pub(crate) mod vm;
