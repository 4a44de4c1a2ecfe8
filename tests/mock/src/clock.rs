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
            reads: 0,
            steps_taken: 0,
        }
    }

    /// Seconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        (self.start + self.elapsed() + Duration::from_secs(self.reads.into())).as_secs()
    }

    /// Moves the time forward; the steps that are due come out of `steps_due`.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.advanced += by;
    }

    /// How many steps every machine has to take since the last call.
    pub(crate) fn steps_due(&mut self) -> u64 {
        let step = match self.clock {
            Clock::Real { step } => step.max(Duration::from_millis(1)),
            Clock::PerRead | Clock::Manual => Duration::from_secs(1),
        };
        let steps = self.elapsed().as_nanos() / step.as_nanos();
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
    }

    #[test]
    fn a_read_moves_the_machine_and_the_time() {
        let mut time = Time::start(Clock::PerRead, Some(100));
        assert!(time.read_moves());
        assert_eq!((time.now(), time.steps_due()), (101, 0));
    }
}
