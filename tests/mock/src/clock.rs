//! The mock's own time: what it writes into timestamps, and when its machines move on.
//!
//! Machines move in whole steps. Nothing in here knows what a step does.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What makes the mock's machines move on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clock {
    /// A read of a machine moves that machine by one step, after its answer is written, and the time
    /// by one second. Tests need no waiting.
    #[default]
    PerRead,
    /// Real time; all machines move one step in each `step`.
    Real {
        /// Length of one step; zero counts as a millisecond.
        step: Duration,
    },
    /// Only `advance` moves the time; one second is one step.
    Manual,
}

/// A clock that runs.
#[derive(Debug)]
pub(crate) struct Time {
    clock: Clock,
    start: Duration,
    started: Instant,
    advanced: Duration,
    /// Seconds by which everything that is written is late (or early, below zero).
    skew: i64,
    /// The same for the `Date` header alone.
    date_skew: i64,
    reads: u32,
    steps_taken: u128,
}

impl Time {
    /// Starts a clock that shows `start` seconds since 1970, or the system's time.
    pub(crate) fn start(clock: Clock, start: Option<u64>) -> Self {
        let system = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            clock,
            start: start.map_or_else(system, Duration::from_secs),
            started: Instant::now(),
            advanced: Duration::ZERO,
            skew: 0,
            date_skew: 0,
            reads: 0,
            steps_taken: 0,
        }
    }

    /// Seconds since 1970, as the vendors' clocks show them.
    pub(crate) fn now(&self) -> u64 {
        self.steps_ago(0)
    }

    /// What the clocks showed so many steps ago.
    pub(crate) fn steps_ago(&self, steps: u64) -> u64 {
        let past = self.step().saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX));
        let elapsed = self.elapsed().saturating_sub(past);
        let real = self.start + elapsed + Duration::from_secs(self.reads.into());
        real.as_secs().saturating_add_signed(self.skew)
    }

    /// The `Date` header of an answer that is sent now.
    pub(crate) fn date(&self) -> String {
        let seconds = self.now().saturating_add_signed(self.date_skew);
        httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))
    }

    /// Sets the vendors' clocks, and the one that writes the `Date` header, so many seconds forward.
    pub(crate) fn skew(&mut self, clock: i64, date: i64) {
        (self.skew, self.date_skew) = (clock, date);
    }

    /// Moves the time forward; the steps that are due come out of `steps_due`.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.advanced += by;
    }

    /// How many steps every machine has to take since the last call.
    pub(crate) fn steps_due(&mut self) -> u64 {
        let steps = self.elapsed().as_nanos() / self.step().as_nanos();
        let due = steps.saturating_sub(self.steps_taken);
        self.steps_taken = steps;
        u64::try_from(due).unwrap_or(u64::MAX)
    }

    /// A machine was read: true when that moves it by one step.
    pub(crate) fn read_moves(&mut self) -> bool {
        let moves = self.clock == Clock::PerRead;
        self.reads += u32::from(moves);
        moves
    }

    /// Length of one step.
    fn step(&self) -> Duration {
        match self.clock {
            Clock::Real { step } => step.max(Duration::from_millis(1)),
            Clock::PerRead | Clock::Manual => Duration::from_secs(1),
        }
    }

    fn elapsed(&self) -> Duration {
        match self.clock {
            Clock::Real { .. } => self.started.elapsed() + self.advanced,
            Clock::PerRead | Clock::Manual => self.advanced,
        }
    }
}

/// Reads a duration of one whole number and a unit: `500ms`, `30s`, `2m`, `1h`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let millis = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        _ => return None,
    };
    Some(Duration::from_millis(number.parse::<u64>().ok()?.checked_mul(millis)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manual_time_stands_still_until_it_is_advanced() {
        let mut time = Time::start(Clock::Manual, Some(1_767_225_600));
        assert_eq!((time.now(), time.steps_due(), time.read_moves()), (1_767_225_600, 0, false));
        time.advance(Duration::from_millis(2500));
        assert_eq!((time.now(), time.steps_due(), time.steps_due()), (1_767_225_602, 2, 0));
        time.advance(Duration::from_millis(500));
        assert_eq!(time.steps_due(), 1, "the half second was not lost");
        assert_eq!(time.steps_ago(2), 1_767_225_601);
    }

    #[test]
    fn clocks_that_disagree_show_another_time() {
        let mut time = Time::start(Clock::Manual, Some(1_767_225_600));
        assert_eq!(time.date(), "Thu, 01 Jan 2026 00:00:00 GMT");
        time.skew(-300, 60);
        assert_eq!((time.now(), time.date().as_str()), (1_767_225_300, "Wed, 31 Dec 2025 23:56:00 GMT"));
        assert_eq!(time.steps_due(), 0);
    }

    #[test]
    fn a_read_moves_the_machine_and_the_time() {
        let mut time = Time::start(Clock::PerRead, Some(100));
        assert!(time.read_moves());
        assert_eq!((time.now(), time.steps_due()), (101, 0));
    }
}
