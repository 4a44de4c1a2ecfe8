//! The resource for Novita's serverless endpoints.

pub(crate) mod calls;
mod refresh;
pub(crate) mod resource;
