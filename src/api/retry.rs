//! Whether a request is sent once more, and when: a pure decision over what happened.
//!
//! Repeated is only what cannot have happened or may safely happen twice. Whether there is time
//! left for the wait is the caller's matter.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;

use crate::api::call::Intent;
use crate::api::planted::{Bug, is_planted};

/// The first wait is between half of this and all of it; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// No wait of our own is longer.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A server that asks for more than this is not obeyed by waiting but by giving up.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);
/// So long is waited, all waits together, for an API that says "too many requests".
const PATIENCE: Duration = Duration::from_secs(90);

/// How one attempt ended, if not well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// No connection came about, so the request certainly never left.
    NeverLeft,
    /// The request left, or may have, and no whole answer came.
    Lost,
    /// A successful answer that is not JSON.
    Unreadable,
    /// A refusal with this status, and what `Retry-After` asks for.
    Refused(u16, Option<Duration>),
    /// Something that another attempt cannot mend.
    Hopeless,
}

/// How often, and how patiently, requests are repeated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retry {
    /// Repetitions after the first attempt; 0 = none. Refusals for too many requests are no part of them.
    pub(crate) max_retries: u32,
    /// Upper bound of the first wait.
    first_wait: Duration,
    /// Once attempts have taken this long together, none is repeated: a hung API must not cost the
    /// longest time of a request as many times as there are repetitions.
    budget: Duration,
}

/// What one request has cost so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tried {
    /// Repetitions after the first attempt, but for those of [`Tried::throttled`].
    pub(crate) repetitions: u32,
    /// Time in which answers were waited for; the waits between attempts do not count.
    pub(crate) spent: Duration,
    /// Repetitions after "too many requests".
    pub(crate) throttled: u32,
    /// Time that was waited between those.
    pub(crate) patience: Duration,
}

impl Retry {
    /// A policy. Whoever polls faster than once a second also repeats faster.
    pub(crate) fn new(max_retries: u32, poll_interval: Duration, request_timeout: Duration) -> Self {
        Self {
            max_retries,
            first_wait: poll_interval.min(FIRST_WAIT),
            budget: request_timeout.saturating_mul(2),
        }
    }

    /// The wait before the next attempt, or `None` to stop. `chance` is in 0..1 and spreads clients that
    /// failed at the same time.
    pub(crate) fn next_wait(
        self,
        intent: Intent,
        tried: Tried,
        outcome: Outcome,
        chance: f64,
    ) -> Option<Duration> {
        let throttled = matches!(outcome, Outcome::Refused(429, _));
        let used_up = match throttled {
            true => tried.patience >= PATIENCE,
            false => tried.repetitions >= self.max_retries || tried.spent >= self.budget,
        };
        if used_up || !may_repeat(intent, outcome) {
            return None;
        }
        let asked = match outcome {
            Outcome::Refused(_, asked) => asked.unwrap_or_default(),
            Outcome::NeverLeft | Outcome::Lost | Outcome::Unreadable | Outcome::Hopeless => Duration::ZERO,
        };
        // What is asked for makes our own wait longer, never shorter.
        let own = self.back_off(if throttled { tried.throttled } else { tried.repetitions }, chance);
        (asked <= LONGEST_RETRY_AFTER).then(|| own.max(asked))
    }

    fn back_off(self, repetitions: u32, chance: f64) -> Duration {
        let whole = self.first_wait.saturating_mul(1 << repetitions.min(16)).min(LONGEST_WAIT);
        whole.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
    }
}

fn may_repeat(intent: Intent, outcome: Outcome) -> bool {
    match outcome {
        Outcome::NeverLeft | Outcome::Refused(429, _) => true,
        // 500 is left out: the APIs use it for faults that stay.
        Outcome::Lost | Outcome::Unreadable | Outcome::Refused(502..=504, _) => {
            intent.only_looks() || (intent == Intent::Create && is_planted(Bug::RepeatsCreates))
        }
        Outcome::Refused(..) | Outcome::Hopeless => false,
    }
}

/// The wait that a `Retry-After` header asks for: seconds, or an HTTP date, which is compared with
/// the answer's own `date` where there is one, so that clocks need not agree.
pub(crate) fn retry_after(value: &str, date: Option<&str>, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = http_date(value)?;
    let now = date.and_then(http_date).unwrap_or(now);
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

/// RFC 9110 §5.6.7, the preferred form, which is a form of RFC 2822's.
pub(crate) fn http_date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::resource_kind::tests::THING;

    const ALL: [Intent; 6] = [
        Intent::List,
        Intent::Read(&THING),
        Intent::Create,
        Intent::Change(&THING),
        Intent::Action(&THING),
        Intent::Remove(&THING),
    ];

    const TIMEOUT: Duration = Duration::from_secs(60);

    fn retry(max_retries: u32) -> Retry {
        Retry::new(max_retries, Duration::from_secs(5), TIMEOUT)
    }

    fn after(repetitions: u32) -> Tried {
        Tried { repetitions, ..Tried::default() }
    }

    fn repeated(intent: Intent, outcome: Outcome) -> bool {
        retry(5).next_wait(intent, after(0), outcome, 0.0).is_some()
    }

    #[test]
    fn what_never_left_and_429_are_always_repeated() {
        for intent in ALL {
            assert!(repeated(intent, Outcome::NeverLeft));
            assert!(repeated(intent, Outcome::Refused(429, None)));
        }
    }

    #[test]
    fn demand_02_what_may_have_acted_is_repeated_for_reads_alone() {
        for outcome in [
            Outcome::Lost,
            Outcome::Unreadable,
            Outcome::Refused(502, None),
            Outcome::Refused(503, Some(Duration::ZERO)),
            Outcome::Refused(504, None),
        ] {
            for intent in ALL {
                assert_eq!(repeated(intent, outcome), intent.only_looks(), "{intent:?} {outcome:?}");
            }
        }
    }

    #[test]
    fn other_refusals_are_never_repeated() {
        for status in [301, 400, 401, 403, 404, 409, 422, 500, 501, 505] {
            for intent in ALL {
                assert!(!repeated(intent, Outcome::Refused(status, None)), "{intent:?} {status}");
            }
        }
        assert!(!repeated(Intent::List, Outcome::Hopeless));
    }

    #[test]
    fn the_number_of_repetitions_is_bounded() {
        for (max_retries, expected) in [(0, 0), (1, 1), (5, 5)] {
            let retry = retry(max_retries);
            let count = (0..)
                .take_while(|it| retry.next_wait(Intent::List, after(*it), Outcome::Lost, 0.5).is_some())
                .count();
            assert_eq!(count, expected);
        }
    }

    #[test]
    fn a_hung_api_costs_two_time_outs_and_not_one_for_each_repetition() {
        let wait = |spent| {
            let tried = Tried { repetitions: 1, spent, ..Tried::default() };
            retry(5).next_wait(Intent::List, tried, Outcome::Lost, 0.5)
        };
        assert!(wait(TIMEOUT).is_some());
        assert_eq!(wait(2 * TIMEOUT), None);
    }

    #[test]
    fn waits_double_up_to_a_bound_and_are_spread() {
        let retry = retry(100);
        let waits = |chance| {
            [0, 1, 2, 4, 5, 60].map(|attempt| {
                retry.next_wait(Intent::List, after(attempt), Outcome::Lost, chance).unwrap().as_millis()
            })
        };
        assert_eq!(waits(0.0), [500, 1000, 2000, 8000, 15000, 15000]);
        assert_eq!(waits(1.0), [1000, 2000, 4000, 16000, 30000, 30000]);
    }

    #[test]
    fn demand_09_retry_after_makes_a_wait_longer_within_reason_and_never_shorter() {
        for status in [429, 503] {
            let wait = |asked| {
                let outcome = Outcome::Refused(status, Some(Duration::from_secs(asked)));
                retry(5).next_wait(Intent::List, after(0), outcome, 1.0)
            };
            assert_eq!(wait(0), Some(Duration::from_secs(1)), "as long as without it");
            assert_eq!(wait(7), Some(Duration::from_secs(7)));
            assert_eq!(wait(300), Some(Duration::from_secs(300)));
            assert_eq!(wait(301), None);
        }
    }

    #[test]
    fn too_many_requests_are_borne_for_a_minute_and_a_half_whatever_the_number_of_repetitions() {
        for (max_retries, chance, asked) in
            [(0, 0.0, None), (5, 1.0, None), (5, 0.5, Some(0)), (1, 0.5, Some(1))]
        {
            let (mut tried, outcome) =
                (Tried::default(), Outcome::Refused(429, asked.map(Duration::from_secs)));
            while let Some(wait) = retry(max_retries).next_wait(Intent::Create, tried, outcome, chance) {
                tried.throttled += 1;
                tried.patience += wait;
            }
            assert!((PATIENCE..PATIENCE + LONGEST_WAIT).contains(&tried.patience), "{tried:?}");
            assert!((6..15).contains(&tried.throttled), "{tried:?}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2026-01-05T10:00:00Z".parse().unwrap();
        for (value, date, expected) in [
            ("7", None, Some(7)),
            (" 0 ", None, Some(0)),
            ("Mon, 05 Jan 2026 10:00:30 GMT", None, Some(30)),
            ("Mon, 05 Jan 2026 10:00:30 GMT", Some("Mon, 05 Jan 2026 10:00:20 GMT"), Some(10)),
            ("Mon, 05 Jan 2026 09:00:00 GMT", None, Some(0)),
            ("soon", None, None),
            ("-1", None, None),
            ("", None, None),
        ] {
            assert_eq!(retry_after(value, date, now), expected.map(Duration::from_secs), "{value}");
        }
    }
}
