//! Stories: what is seen, one look every ten seconds, and how the wait ends with the last of them.

use super::*;
use crate::provider::life_cycle::phase::{Phases, is_known};

const TABLE: Phases = &[
    ("running", Phase::Ready),
    ("exited", Phase::Stopped),
    ("creating", Phase::Moving),
    ("pulling", Phase::Moving),
    ("starting", Phase::Moving),
    ("stopping", Phase::Moving),
    ("resetting", Phase::Moving),
    ("removing", Phase::Leaving),
    ("removed", Phase::Gone),
    ("offline", Phase::Held),
    ("interrupted", Phase::Lost),
    ("failed", Phase::Failed),
];

const INTERVAL: Duration = Duration::from_secs(10);

/// A status; with a `!` something ails it, with a `…` it does not tell all yet. `404`: it is not there.
fn judged(judge: &mut Judge, elapsed: Duration, scene: &str) -> Verdict {
    if scene == "404" {
        return judge.miss(elapsed);
    }
    let status = scene.trim_end_matches(['!', '…']);
    judge.see(
        elapsed,
        &Observation {
            status,
            is_known: is_known(TABLE, status),
            phase: Phase::of(TABLE, status),
            is_troubled: scene.ends_with('!'),
            is_complete: !scene.ends_with('…'),
        },
    )
}

/// Lets the judge see the scenes of a story, each so often as it says, and expects the wait to end so with the last
/// of them.
#[track_caller]
fn check(goal: Goal, story: &[(&str, u32)], ending: Verdict) {
    let mut judge = Judge::new(goal);
    let scenes = story.iter().flat_map(|(scene, times)| (0..*times).map(move |_| *scene));
    let count = scenes.clone().count();
    let mut elapsed = Duration::ZERO;
    for (number, scene) in scenes.enumerate() {
        let verdict = judged(&mut judge, elapsed, scene);
        let expected = if number + 1 == count { ending } else { Verdict::Waiting };
        assert_eq!(verdict, expected, "{goal:?} {story:?}: look {}", number + 1);
        elapsed += INTERVAL;
    }
}

const CREATED: Goal = Goal::Ready(After::Create);
const STARTED: Goal = Goal::Ready(After::Start);
const CHANGED: Goal = Goal::Ready(After::Change);

#[test]
fn the_usual_walks_end_in_ready() {
    check(CREATED, &[("creating", 3), ("pulling", 500), ("running", 1)], Verdict::Done);
    check(CREATED, &[("running", 1)], Verdict::Done);
    check(CREATED, &[("RUNNING", 1)], Verdict::Done);
    check(CREATED, &[("creating", 1), ("exited", 3), ("something new", 1), ("running", 1)], Verdict::Done);
    check(STARTED, &[("exited", 1), ("starting", 1), ("running", 1)], Verdict::Done);
    check(STARTED, &[("interrupted", 2), ("starting", 1), ("running", 1)], Verdict::Done);
    check(CHANGED, &[("running", 1), ("resetting", 2), ("running", 1)], Verdict::Done);
}

#[test]
fn demand_19_a_thing_may_be_unknown_for_three_minutes_after_its_creation() {
    check(CREATED, &[("404", 18), ("creating", 1), ("running", 1)], Verdict::Done);
    check(CREATED, &[("404", 19)], Verdict::NeverSeen);
    check(STARTED, &[("404", 1)], Verdict::Vanished);
    check(CREATED, &[("creating", 1), ("404", 1)], Verdict::Vanished);
}

#[test]
fn ready_wins_whatever_else_is_said() {
    check(CREATED, &[("pulling!", 2), ("running!", 1)], Verdict::Done);
    check(STARTED, &[("running!", 1)], Verdict::Done);
}

#[test]
fn demand_17_only_a_terminal_status_ends_a_creation() {
    check(CREATED, &[("creating", 1), ("failed", 1)], Verdict::Failed);
    check(CREATED, &[("creating", 1), ("ERROR", 1)], Verdict::Failed);
    check(CREATED, &[("pulling", 1), ("removing", 1)], Verdict::Failed);
    check(CREATED, &[("creating", 1), ("terminated", 1)], Verdict::Failed);
    check(CREATED, &[("interrupted", 1)], Verdict::Failed);
    // What is held back may come back.
    check(CREATED, &[("offline", 500), ("running", 1)], Verdict::Done);
}

#[test]
fn demand_17_what_exits_with_a_trouble_of_its_own_has_failed_and_without_one_after_a_minute() {
    check(CREATED, &[("creating", 1), ("exited!", 1)], Verdict::Failed);
    check(CREATED, &[("creating", 1), ("exited", 7)], Verdict::Failed);
    check(CREATED, &[("exited", 6), ("running", 1)], Verdict::Done);
    check(STARTED, &[("starting", 1), ("exited!", 1)], Verdict::Failed);
    check(CHANGED, &[("running", 1), ("resetting", 1), ("exited!", 1)], Verdict::Failed);
}

#[test]
fn trouble_that_passes_within_three_minutes_is_none() {
    check(CREATED, &[("pulling!", 18), ("pulling", 1), ("pulling!", 18), ("running", 1)], Verdict::Done);
    check(CREATED, &[("pulling!", 19)], Verdict::Failed);
    check(CREATED, &[("pulling", 1), ("offline!", 19)], Verdict::Failed);
}

#[test]
fn a_status_that_nobody_knows_ends_a_creation_well_after_five_minutes() {
    check(CREATED, &[("creating", 1), ("hibernating", 31)], Verdict::Unknown);
    check(CREATED, &[("creating", 1), ("hibernating", 30), ("running", 1)], Verdict::Done);
    check(CREATED, &[("pulling", 100), ("running", 1)], Verdict::Done);
    // With trouble it is not well.
    check(CREATED, &[("hibernating!", 19)], Verdict::Failed);
    check(STARTED, &[("hibernating", 100), ("running", 1)], Verdict::Done);
}

#[test]
fn what_is_told_a_little_later_is_waited_for_a_little() {
    check(CREATED, &[("creating…", 1), ("running…", 2), ("running", 1)], Verdict::Done);
    check(CREATED, &[("running…", 4)], Verdict::Done);
}

#[test]
fn a_start_that_was_accepted_and_not_done_is_idle_after_a_minute() {
    check(STARTED, &[("exited", 7)], Verdict::Idle);
    check(STARTED, &[("exited!", 7)], Verdict::Idle);
    check(STARTED, &[("interrupted", 7)], Verdict::Idle);
    check(STARTED, &[("starting", 1), ("interrupted", 1)], Verdict::Failed);
    check(STARTED, &[("starting", 1), ("exited", 7)], Verdict::Failed);
}

#[test]
fn a_status_from_before_a_change_is_not_its_outcome() {
    check(CHANGED, &[("failed", 1), ("resetting", 1), ("running", 1)], Verdict::Done);
    check(CHANGED, &[("failed", 2)], Verdict::Failed);
    // A change may be over before the first look.
    check(CHANGED, &[("running", 2)], Verdict::Done);
}

#[test]
fn stopping_ends_in_stopped_or_in_a_failure() {
    check(Goal::Stopped, &[("running", 1), ("stopping", 50), ("exited", 1)], Verdict::Done);
    check(Goal::Stopped, &[("interrupted", 1), ("stopping", 1), ("exited", 1)], Verdict::Done);
    check(Goal::Stopped, &[("running", 7)], Verdict::Idle);
    check(Goal::Stopped, &[("stopping", 1), ("failed", 1)], Verdict::Failed);
    check(Goal::Stopped, &[("stopping", 1), ("removing", 1)], Verdict::Failed);
    check(Goal::Stopped, &[("interrupted", 7)], Verdict::Failed);
    check(Goal::Stopped, &[("stopping!", 19)], Verdict::Failed);
    check(Goal::Stopped, &[("stopping", 1), ("404", 1)], Verdict::Vanished);
}

#[test]
fn what_is_at_rest_does_not_move_or_is_kept_by_trouble_that_lasts() {
    for status in ["running", "exited", "failed", "offline", "interrupted", "removing"] {
        check(Goal::AtRest, &[("pulling", 50), (status, 1)], Verdict::Done);
    }
    check(Goal::AtRest, &[("pulling!", 19)], Verdict::Done);
    check(Goal::AtRest, &[("hibernating", 31)], Verdict::Done);
    check(Goal::AtRest, &[("pulling", 1), ("404", 1)], Verdict::Vanished);
}

#[test]
fn demand_21_gone_is_what_is_not_there_and_a_removal_that_is_not_begun_is_idle() {
    check(Goal::Gone, &[("404", 1)], Verdict::Done);
    check(Goal::Gone, &[("removing!", 500), ("removed", 1)], Verdict::Done);
    check(Goal::Gone, &[("running", 6), ("stopping", 50), ("404", 1)], Verdict::Done);
    for status in ["running", "exited", "failed", "offline", "interrupted"] {
        check(Goal::Gone, &[(status, 7)], Verdict::Idle);
    }
}
