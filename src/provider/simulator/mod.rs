//! A simulator: whole lives of machines under random faults, cancels and kills, checked against the
//! mock's own books.
//!
//! One run is one seed. It invents an estate, lets a client apply, change, refresh and destroy it through
//! the framework while the network misbehaves, and after each command compares what is alive in the cloud
//! with the state and with what the user was told. Time is virtual and nothing opens a socket, so that
//! thousands of runs take minutes.
//!
//! - [`world`]: the network, the clock and chance, with the mock cloud behind them;
//! - [`draws`]: what makes a run harder than a plain one;
//! - [`mischief`]: what can go wrong with a request;
//! - [`wishes`]: configurations and their changes;
//! - [`client`]: what a client does around the provider, the state file included;
//! - [`others`]: who else works on the account;
//! - [`books`]: the invariants that hold after each command;
//! - [`run`]: one run from a seed to a verdict;
//! - [`summary`]: what runs add up to.
//!
//! `make simulate SEED=17` plays one run again and prints its story; `make simulate RUNS=100000` plays more of them, and
//! `SIMULATOR_SURVEY=1` plays on after a failure and prints a line for each.

mod books;
mod client;
mod crowd;
mod draws;
mod mischief;
mod others;
mod run;
mod summary;
mod wishes;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use self::run::{play, play_told};
use self::summary::{Failure, Summary};
use crate::api::planted::Bug;

/// Runs in a normal test.
const RUNS: u64 = 5_000;

/// Mistakes that are planted, each of which some invariant must show.
const BUGS: [Bug; 9] = [
    Bug::RepeatsCreates,
    Bug::TakesDoubtForRefusal,
    Bug::LosesIds,
    Bug::BelievesOneWitness,
    Bug::TakesOverWhatLooksAlike,
    Bug::RefreshesWhatIsFixed,
    Bug::EndsBeforeItShows,
    Bug::FailsClosed,
    Bug::FailsWhereFailuresAreForgotten,
];

/// Plays the seeds of a range on all cores until one fails; what they add up to, or the failure.
fn play_all(seeds: std::ops::Range<u64>, bug: Option<Bug>) -> Result<Summary, Box<Failure>> {
    let next = AtomicU64::new(seeds.start);
    let outcome: Mutex<Result<Summary, Box<Failure>>> = Mutex::new(Ok(Summary::default()));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            let failed = outcome.lock().unwrap_or_else(PoisonError::into_inner).is_err();
            if seed >= seeds.end || failed {
                return;
            }
            let played = play(seed, bug);
            let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
            match (&mut *outcome, played) {
                (Ok(sum), Ok(summary)) => sum.add(&summary),
                // The first failing seed is the one to look at, whichever thread was first.
                (Err(first), Err(failure)) if failure.seed > first.seed => {}
                (_, Err(failure)) => *outcome = Err(failure),
                (Err(_), Ok(_)) => {}
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(work);
        }
    });
    outcome.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Prints one line for each run that fails, to see what is frequent.
fn survey(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        if let Err(failure) = play_told(seed, None, false) {
            println!("seed {seed}: {}", failure.violation);
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|it| it.parse().expect("a whole number"))
}

#[test]
fn nothing_is_forgotten_doubled_or_replaced_under_any_fault() {
    let seeds = match (number("SIMULATOR_SEED"), number("SIMULATOR_RUNS")) {
        (Some(seed), _) => seed..seed + 1,
        (None, runs) => 0..runs.unwrap_or(RUNS),
    };
    let runs = seeds.end - seeds.start;
    if number("SIMULATOR_SURVEY").is_some() {
        survey(seeds);
        return;
    }
    match play_all(seeds, None) {
        Ok(sum) => {
            println!("{runs} runs, 0 violations: {sum}");
            assert!(runs == 1 || sum.is_eventful(), "the runs prove nothing, too little happened: {sum}");
        }
        Err(failure) => panic!("{failure}"),
    }
}

/// What finds nothing when there is nothing to find must find what is planted.
#[test]
fn a_planted_bug_is_found() {
    for bug in BUGS {
        let failure = play_all(0..RUNS, Some(bug)).expect_err("a planted bug is found");
        println!("{bug:?}: found by run {} of at most {RUNS}: {}", failure.seed + 1, failure.violation);
    }
}

#[test]
fn a_seed_plays_the_same_run_again() {
    for seed in 0..20 {
        let story = || play_told(seed, None, true).map_or_else(|it| it.story, |it| it.story);
        assert_eq!(story(), story(), "seed {seed}");
    }
}
