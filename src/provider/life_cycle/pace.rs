//! How long to pause between two looks: what is soon over is seen soon, and what takes long is not asked
//! about often.

use std::time::Duration;

/// The pauses at the beginning: looks after 0, 0.5, 1, 2 seconds and so on.
const FIRST: [Duration; 4] =
    [Duration::from_millis(500), Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];
/// While nothing changes, the interval grows up to this many times the first one.
const LONGEST: u32 = 6;

/// The pauses of one wait.
#[derive(Debug)]
pub(crate) struct Pace {
    /// `poll_interval`.
    interval: Duration,
    current: Duration,
    pauses: usize,
}

impl Pace {
    pub(crate) fn new(interval: Duration) -> Self {
        Self { interval, current: interval, pauses: 0 }
    }

    /// Makes the interval short again.
    pub(crate) fn quicken(&mut self) {
        self.current = self.interval;
    }

    /// The next pause of a wait that has taken so long. What happens meanwhile is seen at most so much later
    /// as a tenth of the wait and a second.
    pub(crate) fn pause(&mut self, elapsed: Duration) -> Duration {
        let first = FIRST.get(self.pauses).copied().unwrap_or(Duration::MAX);
        let pause = self.current.min(first).min(elapsed / 10 + Duration::from_secs(1));
        self.pauses += 1;
        self.current = (self.current.saturating_mul(3) / 2).min(self.interval.saturating_mul(LONGEST));
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When a wait looks, in milliseconds, as often as that.
    fn looks(interval: u64, count: usize) -> Vec<u128> {
        let mut pace = Pace::new(Duration::from_millis(interval));
        let mut now = Duration::ZERO;
        let next = |_| {
            let look = now;
            now += pace.pause(now);
            look.as_millis()
        };
        (0..count).map(next).collect()
    }

    #[test]
    fn what_is_soon_over_is_seen_soon() {
        assert_eq!(looks(5_000, 7), [0, 500, 1_000, 2_000, 3_200, 4_520, 5_972]);
    }

    #[test]
    fn nothing_is_seen_later_than_a_tenth_of_the_wait_and_a_second() {
        for interval in [5_000, 60_000, 3_600_000] {
            let looks = looks(interval, 60);
            assert!(looks.windows(2).all(|it| it[1] - it[0] <= it[0] / 10 + 1_001), "{looks:?}");
        }
    }

    #[test]
    fn the_interval_grows_to_six_times_the_configured_one() {
        let looks = looks(5_000, 60);
        let last: Vec<_> = looks.windows(2).map(|it| it[1] - it[0]).rev().take(3).collect();
        assert_eq!(last, [30_000; 3]);
        // Who is in a hurry, as tests are, looks as often as configured.
        assert_eq!(self::looks(10, 5), [0, 10, 25, 47, 81]);
    }

    #[test]
    fn a_change_makes_it_short_again() {
        let mut pace = Pace::new(Duration::from_secs(5));
        let hour = Duration::from_secs(3600);
        let pauses: Vec<_> = (0..20).map(|_| pace.pause(hour)).collect();
        assert_eq!(pauses[19], Duration::from_secs(30));
        pace.quicken();
        assert_eq!(pace.pause(hour), Duration::from_secs(5));
    }
}
