//! The resource for Novita's serverless endpoints.

pub(crate) mod calls;
mod lookup;
mod refresh;
pub(crate) mod resource;
