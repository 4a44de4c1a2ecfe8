//! The resource for Novita's serverless endpoints.

pub(crate) mod calls;
pub(crate) mod check;
mod refresh;
pub(crate) mod resource;
