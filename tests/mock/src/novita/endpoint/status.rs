//! The states of an endpoint and the walks between them.

pub const INITIALIZING: &str = "initializing";
pub const SERVING: &str = "serving";
pub const UPDATING: &str = "updating";
pub const STOPPED: &str = "stopped";
pub const FAILED: &str = "failed";
pub const TERMINATING: &str = "terminating";
/// The end of a walk; no answer shows it.
pub(crate) const REMOVED: &str = "removed";

pub(crate) const CREATION_WALK: [&str; 2] = [INITIALIZING, SERVING];
pub(crate) const UPDATING_WALK: [&str; 2] = [UPDATING, SERVING];
pub(crate) const REMOVING_WALK: [&str; 2] = [TERMINATING, REMOVED];

/// States in which an endpoint takes an update. No document says it; a service that is still busy with
/// the last change is the case that a client has to wait for.
pub(crate) const CHANGEABLE: [&str; 5] = [SERVING, "running", STOPPED, FAILED, "error"];
