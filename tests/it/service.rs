//! The provider's calls through a client of our own, rule by rule, against the mock cloud.
//!
//! The number in a test's name is that of the rule in the notes on the plugin protocol, or of the demand in
//! `tests/demands.md`. What holds for every answer is checked in every test by `resource`, which does what
//! clients do: it decodes strictly, proposes, and looks for what they call an invalid plan or an inconsistent
//! result. Start reading at `World`; `subject` lists the resources that the rules are checked on.

mod client;
mod resource;
mod said;
mod shape;
mod subject;
mod unclear;
mod world;

mod absent;
mod apply;
mod asked;
mod candidates;
mod catalogue;
mod changes;
mod create;
mod data;
mod encoding;
mod equality;
mod faults;
mod flood;
mod four;
mod grpc;
mod hostile;
mod import;
mod kept;
mod logs;
mod minors;
mod plan;
mod read;
mod schema;
mod set_up;
mod stop;
mod upgrade;
mod validate;

pub(crate) use client::proposed;
pub(crate) use resource::{Object, Planned, Resource};
pub(crate) use said::SECRET;
pub(crate) use shape::{Attribute, Shape, Type, unknown};
pub(crate) use subject::GPU;
pub(crate) use world::{World, patched};
