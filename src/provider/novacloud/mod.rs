//! The resources of Nova Cloud.

mod routes;
pub(crate) mod vm;
