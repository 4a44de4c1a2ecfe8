//! The resource for Novita's serverless endpoints.

pub(crate) mod calls;
pub(crate) mod check;
mod lookup;
mod refresh;
pub(crate) mod resource;
