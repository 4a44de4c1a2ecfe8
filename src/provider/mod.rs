//! The provider `novita`: its configuration, its resources, and the tables that list them.

pub(crate) mod instance;
