//! A provider in process, as a client drives it: the parts of the protocol that tests of a provider need.
//!
//! For tests alone: what is here may change with any version.

pub use crate::apply::{Apply, Outcome, known};
pub use crate::client::{apply_faults, differences, plan_faults, propose, state_faults, value};
pub use crate::crash::apply;
pub use crate::erased::{CallContext, DynResource, resource};
pub use crate::plan::{Planned, Proposal};
pub use crate::plugin::rpc::fuzz_targets::Calls;
pub use crate::private::Private;
pub use crate::provider::Server;
pub use crate::redact::samples::{SECRETS, WAYS};
pub use crate::resource::StateCell;
pub use crate::samples::Random;
pub use crate::schema::lint::{RESERVED_IN_PROVIDERS, RESERVED_IN_RESOURCES};

/// Values in JSON, as states are stored.
pub mod json {
    pub use crate::json::decode;
}

/// Values in MessagePack, as the protocol carries them.
pub mod msgpack {
    pub use crate::msgpack::{decode, encode};
}
