//! The resources through one and the same life, and what is particular to each in a table.
//!
//! What is told here of a resource comes from the API pages, not from the provider's code: the calls with
//! their bodies, what can be changed in place, what is read back. `life` tells the story, `fields` goes
//! through every field of the create calls, `imports` through what is refused, `platform` through what a platform does
//! of its own accord.

mod endpoint;
mod fields;
mod imports;
mod instances;
mod life;
mod network;
mod platform;
mod prewarm;
mod registry_auth;
mod ssh_key;
mod storage;
mod table;
mod template;
mod vm;

pub(super) use vm::SSH_KEY;
