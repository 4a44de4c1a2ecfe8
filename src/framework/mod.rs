//! Being a provider: the type system, schemas, planning and what a resource's author implements.
//!
//! Pure: no process, no socket, no HTTP, no vendor. `plugin` carries these calls over gRPC, and
//! `provider` fills them with life. Start reading at [`value`], then [`schema`], then [`resource`].

pub(crate) mod decode_error;
pub(crate) mod diagnostics;
pub(crate) mod json;
pub(crate) mod msgpack;
pub(crate) mod number;
pub(crate) mod path;
#[cfg(test)]
mod samples;
pub(crate) mod types;
pub(crate) mod value;
