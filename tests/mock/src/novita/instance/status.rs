//! The statuses of an instance and the walks between them.

pub const PENDING: &str = "pending";
pub const TO_CREATE: &str = "toCreate";
pub const CREATING: &str = "creating";
pub const PULLING: &str = "pulling";
pub const RUNNING: &str = "running";
pub const EXITED: &str = "exited";
pub const MIGRATING: &str = "migrating";
pub const TO_REMOVE: &str = "toRemove";
pub const REMOVING: &str = "removing";
pub const REMOVED: &str = "removed";
pub const FREEZING: &str = "freezing";

pub(crate) const CREATION_WALK: [&str; 5] = [PENDING, TO_CREATE, CREATING, PULLING, RUNNING];
pub(crate) const STARTING_WALK: [&str; 3] = ["toStart", "starting", RUNNING];
pub(crate) const STOPPING_WALK: [&str; 3] = ["toStop", "stopping", EXITED];
pub(crate) const RESTARTING_WALK: [&str; 3] = ["toRestart", "restarting", RUNNING];
pub(crate) const RESETTING_WALK: [&str; 3] = ["toReset", "resetting", RUNNING];
pub(crate) const REMOVING_WALK: [&str; 3] = [TO_REMOVE, REMOVING, REMOVED];

/// Whether it is on its way out, or gone.
pub(crate) fn is_leaving(status: &str) -> bool {
    [TO_REMOVE, REMOVING, REMOVED].contains(&status)
}

/// Whether a creation is still under way.
pub(crate) fn is_creation(status: &str) -> bool {
    [PENDING, TO_CREATE, CREATING, PULLING].contains(&status)
}
