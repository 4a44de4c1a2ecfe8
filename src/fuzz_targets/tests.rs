//! A bounded run of every target: the saved inputs, and a fixed number of mutations of each.

use std::path::Path;

use tfplugin::testing::Random;

use super::mutate::mutate;

/// Mutations of one saved input; of a target, at least [`LEAST`] altogether.
const MUTATIONS: usize = 40;
const LEAST: usize = 4000;

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    files.iter().map(|it| std::fs::read(it).unwrap()).collect()
}

/// Runs a target; a failure tells the input.
fn survive(target: &str, run: fn(&[u8]), input: &[u8]) {
    let told = std::panic::catch_unwind(|| run(input));
    assert!(told.is_ok(), "{target} fails on the input b\"{}\"", input.escape_ascii());
}

#[track_caller]
fn check(target: &str, run: fn(&[u8])) {
    let saved = corpus(target);
    assert!(saved.len() >= 10, "hardly any input is saved for {target}");
    for input in &saved {
        survive(target, run, input);
    }
    let mut random = Random::new(8);
    for _ in 0..(LEAST / (saved.len() * MUTATIONS) + 1) {
        for input in &saved {
            for _ in 0..MUTATIONS {
                let other = &saved[random.below(saved.len())];
                survive(target, run, &mutate(&mut random, input, other));
            }
        }
    }
}

#[test]
fn hostile_msgpack_is_survived() {
    check("msgpack", super::msgpack);
}

#[test]
fn hostile_json_is_survived() {
    check("json", super::json);
}

#[test]
fn hostile_requests_are_answered_with_messages() {
    check("requests", super::requests);
}

#[test]
fn hostile_answers_are_survived() {
    check("answers", super::answers);
}

#[test]
fn hostile_refusals_are_named_rightly() {
    check("errors", super::errors);
}

#[test]
fn hostile_answers_to_whole_operations_are_survived() {
    check("operations", super::operations);
}
