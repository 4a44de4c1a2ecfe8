//! Being a provider: the type system, schemas, planning and what a resource's author implements.
//!
//! Pure: no process, no socket, no HTTP, no vendor. `plugin` carries these calls over gRPC, and
//! `provider` fills them with life. Start reading at [`value`], then [`schema`], then [`resource`].

pub(crate) mod apply;
pub(crate) mod attr;
pub(crate) mod attribute;
pub(crate) mod body;
pub(crate) mod check;
#[cfg(test)]
pub(crate) mod client;
pub(crate) mod crash;
pub(crate) mod data_source;
pub(crate) mod decode_error;
#[cfg(test)]
pub(crate) mod demo;
pub(crate) mod diagnostics;
pub(crate) mod equality;
pub(crate) mod erased;
pub(crate) mod import;
pub(crate) mod json;
pub(crate) mod lookup;
pub(crate) mod model;
pub(crate) mod msgpack;
pub(crate) mod number;
pub(crate) mod path;
pub(crate) mod plan;
pub(crate) mod private;
pub(crate) mod protection;
pub(crate) mod provider;
pub(crate) mod redact;
pub(crate) mod resource;
#[cfg(test)]
pub(crate) mod samples;
pub(crate) mod schema;
pub(crate) mod timeouts;
pub(crate) mod types;
pub(crate) mod validate;
pub(crate) mod value;
