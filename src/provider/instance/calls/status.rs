//! What an instance's status means.
//!
//! The vendor documents the names; there is no name for "failed": failure shows in `statusError`.

/// The status of an instance that runs.
pub(crate) const RUNNING: &str = "running";
/// The status of an instance that is stopped.
pub(crate) const EXITED: &str = "exited";

/// Kinds of statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// It runs.
    Running,
    /// It is stopped, and stays so.
    Exited,
    /// It is on its way to another status. Every unknown name is taken for this.
    Moving,
    /// It is held back, by the account's state for instance; it may come back.
    Held,
    /// It is being removed.
    Leaving,
    /// It does not exist any more.
    Gone,
}

impl Class {
    /// The kind of a status; case does not matter.
    pub(crate) fn of(status: &str) -> Self {
        match status.to_ascii_lowercase().as_str() {
            RUNNING => Self::Running,
            EXITED => Self::Exited,
            "freezing" => Self::Held,
            "toremove" | "removing" => Self::Leaving,
            "removed" => Self::Gone,
            // pending (undocumented), toCreate, creating, pulling, toStart, starting, toStop, stopping,
            // toRestart, restarting, toReset, resetting, migrating, and what the vendor invents next.
            _ => Self::Moving,
        }
    }

    /// The kind of status that one with this status comes to by itself, if all goes well and it is known.
    pub(crate) fn ahead_of(status: &str) -> Self {
        match status.to_ascii_lowercase().as_str() {
            "pending" | "tocreate" | "creating" | "pulling" | "tostart" | "starting" | "torestart"
            | "restarting" | "toreset" | "resetting" => Self::Running,
            "tostop" | "stopping" => Self::Exited,
            other => Self::of(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_kind() {
        for (status, class) in [
            ("running", Class::Running),
            ("Running", Class::Running),
            ("exited", Class::Exited),
            ("freezing", Class::Held),
            ("toRemove", Class::Leaving),
            ("TOREMOVE", Class::Leaving),
            ("removing", Class::Leaving),
            ("removed", Class::Gone),
            ("pulling", Class::Moving),
            ("pending", Class::Moving),
            ("", Class::Moving),
            ("a new one", Class::Moving),
        ] {
            assert_eq!(Class::of(status), class, "{status}");
        }
    }

    #[test]
    fn what_moves_comes_to_rest_somewhere() {
        for (status, class) in [
            ("pulling", Class::Running),
            ("resetting", Class::Running),
            ("toStop", Class::Exited),
            ("TOSTOP", Class::Exited),
            ("exited", Class::Exited),
            ("migrating", Class::Moving),
            ("a new one", Class::Moving),
        ] {
            assert_eq!(Class::ahead_of(status), class, "{status}");
        }
    }
}
