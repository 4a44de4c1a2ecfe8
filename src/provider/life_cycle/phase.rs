//! What a status means: one of eight phases, whatever the vendor calls it.
//!
//! Each kind of thing has a table of the statuses that are known. One that is not in it is taken by its
//! words, since vendors invent new ones, and never for the end of anything but itself. Pure.

/// What a thing is doing, as far as waiting for it, reading it and switching it are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It works.
    Ready,
    /// It is switched off, and stays so.
    Stopped,
    /// It is on its way to another phase.
    Moving,
    /// It is held back, and may come back by itself: a frozen account, a node out of reach.
    Held,
    /// It cannot work any more.
    Failed,
    /// Its hardware was taken back.
    Lost,
    /// It is being removed.
    Leaving,
    /// It does not exist any more.
    Gone,
}

/// The statuses of a kind that are known, with their phases.
pub(crate) type Phases = &'static [(&'static str, Phase)];

/// Parts of words by which a status that nobody knows is understood.
const PARTS: &[(Phase, &[&str])] =
    &[(Phase::Failed, &["fail", "error"]), (Phase::Leaving, &["delet", "terminat", "destroy", "remov"])];

/// Parts of the known statuses that lead to being stopped, and to being ready.
const AHEAD: &[(Phase, &[&str])] = &[
    (Phase::Stopped, &["stop"]),
    (Phase::Ready, &["creat", "start", "pend", "pull", "reset", "init", "updat"]),
];

impl Phase {
    /// The phase of a status, by a table and else by its words; case does not matter.
    pub(crate) fn of(table: Phases, status: &str) -> Self {
        known(table, status).or_else(|| by_parts(PARTS, status)).unwrap_or(Self::Moving)
    }

    /// The phase to which a thing with this status comes by itself, if all goes well and the status is known.
    pub(crate) fn ahead_of(table: Phases, status: &str) -> Self {
        match known(table, status) {
            Some(Self::Moving) => by_parts(AHEAD, status).unwrap_or(Self::Moving),
            Some(phase) => phase,
            None => Self::of(table, status),
        }
    }
}

/// Whether a table has a status.
pub(crate) fn is_known(table: Phases, status: &str) -> bool {
    known(table, status).is_some()
}

/// A status as the table writes it, so that configurations can compare it; one that nobody knows as it is.
pub(crate) fn spelled(table: Phases, status: &str) -> String {
    entry(table, status).map_or(status, |(it, _)| it).to_owned()
}

fn known(table: Phases, status: &str) -> Option<Phase> {
    entry(table, status).map(|(_, phase)| *phase)
}

fn entry(table: Phases, status: &str) -> Option<&'static (&'static str, Phase)> {
    table.iter().find(|(it, _)| it.eq_ignore_ascii_case(status.trim()))
}

fn by_parts(parts: &[(Phase, &[&str])], status: &str) -> Option<Phase> {
    let status = status.to_ascii_lowercase();
    parts.iter().find(|(_, parts)| parts.iter().any(|it| status.contains(it))).map(|(phase, _)| *phase)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: Phases = &[
        ("running", Phase::Ready),
        ("exited", Phase::Stopped),
        ("toStart", Phase::Moving),
        ("pulling", Phase::Moving),
        ("toStop", Phase::Moving),
        ("migrating", Phase::Moving),
        ("freezing", Phase::Held),
        ("removed", Phase::Gone),
    ];

    #[test]
    fn a_status_of_the_table_has_its_phase_in_any_case() {
        for (status, phase) in [
            ("running", Phase::Ready),
            ("RUNNING", Phase::Ready),
            (" Exited ", Phase::Stopped),
            ("tostart", Phase::Moving),
            ("Freezing", Phase::Held),
            ("REMOVED", Phase::Gone),
        ] {
            assert_eq!((Phase::of(TABLE, status), is_known(TABLE, status)), (phase, true), "{status}");
        }
    }

    #[test]
    fn a_status_is_written_as_in_the_table_and_else_as_it_is() {
        for (status, written) in [
            ("RUNNING", "running"),
            ("tostart", "toStart"),
            (" Exited ", "exited"),
            ("Hibernating", "Hibernating"),
        ] {
            assert_eq!(spelled(TABLE, status), written);
        }
    }

    #[test]
    fn a_status_that_nobody_knows_is_understood_by_its_words() {
        for (status, phase) in [
            ("createFailed", Phase::Failed),
            ("ERROR", Phase::Failed),
            ("deleting", Phase::Leaving),
            ("Terminated", Phase::Leaving),
            ("to_be_destroyed", Phase::Leaving),
            ("removing", Phase::Leaving),
            ("warmingUp", Phase::Moving),
            ("", Phase::Moving),
        ] {
            assert_eq!((Phase::of(TABLE, status), is_known(TABLE, status)), (phase, false), "{status}");
        }
    }

    #[test]
    fn what_moves_comes_to_rest_somewhere_if_it_is_known() {
        for (status, phase) in [
            ("toStart", Phase::Ready),
            ("pulling", Phase::Ready),
            ("ToStop", Phase::Stopped),
            ("exited", Phase::Stopped),
            ("migrating", Phase::Moving),
            ("freezing", Phase::Held),
            ("restarting", Phase::Moving),
            ("a new one", Phase::Moving),
            ("failed", Phase::Failed),
        ] {
            assert_eq!(Phase::ahead_of(TABLE, status), phase, "{status}");
        }
    }
}
