//! What is taken over, as tables: what is listed, and what a creation picks.

use std::collections::BTreeSet;

use super::*;
use crate::provider::life_cycle::fake::Thing;

fn time(second: i64) -> Option<Timestamp> {
    Timestamp::from_second(1_767_225_600 + second).ok()
}

/// A thing of a shape, made so many seconds after the first call began.
fn thing(id: &str, shape: &str, second: i64) -> Thing {
    Thing { id: id.to_owned(), name: shape.to_owned(), created: time(second), ..Thing::default() }
}

fn wanted(shape: &str, name: Name) -> Wanted<Thing> {
    let (own, text) = (shape.to_owned(), shape.to_owned());
    Wanted { fits: Box::new(move |it| it.name == own), name, text }
}

fn ids(ids: &[&str]) -> Option<BTreeSet<String>> {
    Some(ids.iter().map(|it| (*it).to_owned()).collect())
}

/// A creation whose call took from second to second and was answered ambiguously.
fn lost<'f>(
    in_flight: &'f InFlight<Thing>,
    name: Name,
    before: Option<BTreeSet<String>>,
    (begin, end): (i64, i64),
) -> Ticket<'f, Thing> {
    let mut ticket = in_flight.begin(wanted("x", name), before, time(begin));
    ticket.is_ambiguous(time(end));
    ticket
}

/// What it picks, by id; or the ids that it is not sure of.
fn pick(ticket: &mut Ticket<'_, Thing>, listed: &[Thing]) -> String {
    match ticket.pick(listed.iter()) {
        Found::Nothing => "nothing".to_owned(),
        Found::Ours(it) => it.id,
        Found::Unsure(ids, why) => format!("unsure of {}: {why}", ids.join(", ")),
        Found::Rivalled(ids, _) => format!("rivalled for {}", ids.join(", ")),
    }
}

#[test]
fn demand_27_the_one_new_thing_of_its_kind_is_taken_over() {
    let in_flight = InFlight::default();
    let mut ticket = lost(&in_flight, Name::None, ids(&["old"]), (0, 10));
    assert_eq!(pick(&mut ticket, &[thing("old", "x", 5), thing("other", "y", 5)]), "nothing");
    assert_eq!(pick(&mut ticket, &[thing("old", "x", 5), thing("new", "x", 5)]), "new");
}

#[test]
fn demand_02_what_has_no_name_was_made_while_the_call_was_made() {
    for (second, taken) in [(-3, false), (-2, true), (0, true), (10, true), (25, true), (26, false)] {
        let in_flight = InFlight::default();
        let mut ticket = lost(&in_flight, Name::None, ids(&[]), (0, 10));
        assert_eq!(pick(&mut ticket, &[thing("new", "x", second)]) == "new", taken, "{second}");
    }
    // Where the API tells no time, the list from before must do.
    let in_flight = InFlight::default();
    let untimed = Thing { created: None, ..thing("new", "x", 0) };
    let mut ticket = lost(&in_flight, Name::None, ids(&[]), (0, 10));
    assert_eq!(pick(&mut ticket, std::slice::from_ref(&untimed)), "new");
    let in_flight = InFlight::default();
    let mut ticket = lost(&in_flight, Name::None, None, (0, 10));
    assert!(pick(&mut ticket, &[untimed]).starts_with("unsure of new: it could not be listed"));
}

#[test]
fn demand_27_a_clock_is_no_veto_for_what_bears_a_name_where_it_is_known_what_was_there() {
    let in_flight = InFlight::default();
    let mut ticket = lost(&in_flight, Name::Theirs, ids(&["old"]), (0, 10));
    assert_eq!(pick(&mut ticket, &[thing("new", "x", -9_999)]), "new");
    // Nor is it a proof where it is not: someone else may have made it in the same second.
    let mut ticket = lost(&in_flight, Name::Theirs, None, (0, 10));
    let picked = pick(&mut ticket, &[thing("older", "x", -9_999), thing("newer", "x", 3)]);
    assert!(picked.starts_with("unsure of newer: it could not be listed"), "{picked}");
}

#[test]
fn demand_27_a_name_of_our_own_is_proof_enough() {
    let in_flight = InFlight::default();
    let mut ticket = lost(&in_flight, Name::Ours, None, (0, 10));
    assert_eq!(pick(&mut ticket, &[thing("new", "x", -9_999)]), "new");
    let mut ticket = lost(&in_flight, Name::Ours, None, (0, 10));
    let twins = [thing("one", "x", 0), thing("two", "x", 0)];
    assert!(pick(&mut ticket, &twins).starts_with("unsure of one, two"));
}

#[test]
fn demand_27_finds_are_dealt_out_among_creations_that_make_the_same() {
    let in_flight = InFlight::default();
    let mut tickets: Vec<_> = (0..3).map(|it| lost(&in_flight, Name::None, ids(&[]), (it, 10))).collect();
    let two = [thing("a", "x", 4), thing("b", "x", 5)];
    let picked: Vec<_> = tickets.iter_mut().map(|it| pick(it, &two)).collect();
    assert_eq!(picked, ["a", "b", "nothing"]);
    // What the third one has made may still be listed.
    assert_eq!(pick(&mut tickets[2], &[two.as_slice(), &[thing("c", "x", 6)]].concat()), "c");
}

#[test]
fn demand_27_more_than_this_process_has_asked_for_are_told_and_none_is_taken() {
    let in_flight = InFlight::default();
    let mut one = lost(&in_flight, Name::None, ids(&[]), (0, 10));
    let _other = lost(&in_flight, Name::None, ids(&[]), (0, 10));
    let three = ["a", "b", "c"].map(|it| thing(it, "x", 5));
    assert!(pick(&mut one, &three).starts_with("unsure of a, b, c: there are more"));
}

#[test]
fn demand_27_the_answer_to_another_creation_is_awaited() {
    let in_flight = InFlight::default();
    let mut lost = lost(&in_flight, Name::None, ids(&[]), (0, 10));
    let mut sent = in_flight.begin(wanted("x", Name::None), ids(&[]), time(1));
    let one = [thing("a", "x", 5)];
    assert_eq!(pick(&mut lost, &one), "rivalled for a");
    assert!(sent.receive("a"));
    assert_eq!(pick(&mut lost, &one), "nothing");
    assert_eq!(pick(&mut lost, &[thing("a", "x", 5), thing("b", "x", 6)]), "b");
    // One of another kind is no rival.
    let in_flight = InFlight::default();
    let mut lost = self::lost(&in_flight, Name::None, ids(&[]), (0, 10));
    let _other = in_flight.begin(wanted("y", Name::None), ids(&[]), time(1));
    assert_eq!(pick(&mut lost, &one), "a");
}

#[test]
fn a_thing_never_gets_into_two_states() {
    let in_flight = InFlight::default();
    let mut lost = lost(&in_flight, Name::None, ids(&[]), (0, 10));
    assert_eq!(pick(&mut lost, &[thing("Ab", "x", 5)]), "Ab");
    // The same id in another case is the same thing.
    for id in ["Ab", "aB"] {
        let mut other = in_flight.begin(wanted("x", Name::None), ids(&[]), time(1));
        assert!(!other.receive(id), "{id}");
    }
    let mut other = in_flight.begin(wanted("x", Name::None), ids(&["old"]), time(1));
    assert!(!other.receive("OLD"), "it was there before");
    assert!(other.receive("new"));
}

#[test]
fn what_a_creation_that_was_given_up_may_have_made_counts_as_its_own() {
    let in_flight = InFlight::default();
    drop(lost(&in_flight, Name::None, ids(&[]), (0, 10)));
    let mut later = lost(&in_flight, Name::None, ids(&[]), (5, 15));
    // Two were asked for, so neither of these is a stranger's.
    assert_eq!(pick(&mut later, &[thing("a", "x", 6), thing("b", "x", 7)]), "a");
    // One that was refused has made nothing.
    let in_flight = InFlight::default();
    let mut refused = in_flight.begin(wanted("x", Name::None), ids(&[]), time(0));
    refused.made_nothing();
    drop(refused);
    let mut later = lost(&in_flight, Name::None, ids(&[]), (5, 15));
    assert!(pick(&mut later, &[thing("a", "x", 6), thing("b", "x", 7)]).starts_with("unsure of a, b"));
}
