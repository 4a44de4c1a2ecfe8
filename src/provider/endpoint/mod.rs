//! The resource for Novita's serverless endpoints.

pub(crate) mod calls;
pub(crate) mod check;
mod lookup;
pub(crate) mod lost;
mod refresh;
mod removal;
pub(crate) mod resource;
mod update;
