//! The statuses of a VM and the walks between them.

pub const CREATING: &str = "creating";
pub const STARTING: &str = "starting";
pub const RUNNING: &str = "running";
pub const STOPPING: &str = "stopping";
pub const STOPPED: &str = "stopped";
pub const INTERRUPTED: &str = "interrupted";
pub const OFFLINE: &str = "offline";
pub const FAILED: &str = "failed";
pub const DESTROYED: &str = "destroyed";

pub(crate) const CREATION_WALK: [&str; 3] = [CREATING, STARTING, RUNNING];
pub(crate) const STARTING_WALK: [&str; 2] = [STARTING, RUNNING];
pub(crate) const STOPPING_WALK: [&str; 2] = [STOPPING, STOPPED];
pub(crate) const RESTARTING_WALK: [&str; 3] = [STOPPING, STARTING, RUNNING];

/// Whether a VM is on its way somewhere.
pub(crate) fn is_transition(status: &str) -> bool {
    [CREATING, STARTING, STOPPING].contains(&status)
}
