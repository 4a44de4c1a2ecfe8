//! The resources for Novita's instances, with and without GPUs.

pub(crate) mod calls;
