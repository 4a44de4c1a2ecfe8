//! What a VM's status means.
//!
//! The names are documented; what they mean is read from them and from the vendor's guides.

/// The status of a VM that was only just asked for.
pub(crate) const CREATING: &str = "creating";
/// The status of a VM that runs.
pub(crate) const RUNNING: &str = "running";
/// The status of a VM that is stopped.
pub(crate) const STOPPED: &str = "stopped";

/// Kinds of statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// It runs.
    Running,
    /// It is stopped, and stays so. Its storage is billed.
    Stopped,
    /// It was taken back to be had by someone else, and stays so. Its storage is billed.
    Interrupted,
    /// Its node cannot be reached ((assumed) meaning). It may come back.
    Offline,
    /// It will not run. It still needs destroying.
    Failed,
    /// It is on its way to another status. Every unknown name is taken for this.
    Moving,
    /// It does not exist any more.
    Gone,
}

impl Class {
    /// The kind of a status.
    pub(crate) fn of(status: &str) -> Self {
        match status {
            RUNNING => Self::Running,
            STOPPED => Self::Stopped,
            "interrupted" => Self::Interrupted,
            "offline" => Self::Offline,
            "failed" => Self::Failed,
            "destroyed" => Self::Gone,
            // creating, starting, stopping, and what the vendor invents next.
            _ => Self::Moving,
        }
    }

    /// The kind of status that one with this status comes to by itself, if all goes well and it is known.
    pub(crate) fn ahead_of(status: &str) -> Self {
        match status {
            CREATING | "starting" => Self::Running,
            "stopping" => Self::Stopped,
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
            ("stopped", Class::Stopped),
            ("interrupted", Class::Interrupted),
            ("offline", Class::Offline),
            ("failed", Class::Failed),
            ("destroyed", Class::Gone),
            ("creating", Class::Moving),
            ("starting", Class::Moving),
            ("stopping", Class::Moving),
            ("", Class::Moving),
            ("a new one", Class::Moving),
        ] {
            assert_eq!(Class::of(status), class, "{status}");
        }
    }

    #[test]
    fn what_moves_comes_to_rest_somewhere() {
        for (status, class) in [
            ("creating", Class::Running),
            ("stopping", Class::Stopped),
            ("running", Class::Running),
            ("a new one", Class::Moving),
        ] {
            assert_eq!(Class::ahead_of(status), class, "{status}");
        }
    }
}
