//! The resource for Nova Cloud's virtual machines.

pub(crate) mod calls;
pub(crate) mod check;
mod lookup;
pub(crate) mod lost;
pub(crate) mod resource;
pub(crate) mod routes;
