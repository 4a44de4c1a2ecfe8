//! The client's own limit on requests, and what a refusal for too many of them does to everyone.
//!
//! A token bucket: so many requests at once, and then as many as flow in. After a refusal all who share the
//! limit hold still for a while, and then go evenly spaced. They go in the order in which they came. Knows
//! nothing of requests.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::api::call::{Call, Interrupted};

const MINUTE: Duration = Duration::from_secs(60);
/// The most requests at once.
const MOST_AT_ONCE: u32 = 100;
/// Requests are evenly spaced for so long after the last refusal has been waited for.
const CAUTION: Duration = MINUTE;

/// A limit that everyone who shares it obeys together.
#[derive(Debug)]
pub(crate) struct RateLimiter {
    /// 0 = none.
    max_per_minute: u32,
    bucket: Mutex<Bucket>,
    /// Held by the one whose turn is next, while it waits. One that gives up lets go.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Bucket {
    /// When the bucket would be full, were nothing taken any more; `None`: it is.
    full_at: Option<Instant>,
    /// Nothing is sent before this.
    held_until: Option<Instant>,
}

impl RateLimiter {
    /// A limit; 0 = none. A refusal holds also those without one.
    pub(crate) fn per_minute(max_per_minute: u32) -> Self {
        Self { max_per_minute, bucket: Mutex::default(), turn: tokio::sync::Mutex::default() }
    }

    /// Waits until a request may be sent.
    pub(crate) async fn acquire(&self, call: &Call) -> Result<(), Interrupted> {
        call.run(async {
            let _turn = self.turn.lock().await;
            // A refusal of another request may come in while this one waits.
            while let Err(earliest) = self.take() {
                sleep_until(earliest).await;
            }
        })
        .await
    }

    /// Nobody sends anything for this time, and all go slowly for a while after it.
    pub(crate) fn hold(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.held_until = bucket.held_until.max(Some(until));
    }

    /// Takes one request out of the bucket, or says when there will be one.
    fn take(&self) -> Result<(), Instant> {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if let Some(until) = bucket.held_until.filter(|it| *it > now) {
            return Err(until);
        }
        let Some(spacing) = MINUTE.checked_div(self.max_per_minute) else { return Ok(()) };
        let careful = bucket.held_until.is_some_and(|it| now < it + CAUTION);
        let at_once = if careful { 1 } else { self.max_per_minute.min(MOST_AT_ONCE) };
        let full_at = bucket.full_at.map_or(now, |it| it.max(now)).min(now + spacing * at_once) + spacing;
        match full_at.checked_sub(spacing * at_once) {
            Some(earliest) if earliest > now => Err(earliest),
            Some(_) | None => {
                bucket.full_at = Some(full_at);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    async fn times(rate: &RateLimiter, count: usize) -> Vec<Duration> {
        let start = Instant::now();
        let mut times = Vec::new();
        for _ in 0..count {
            rate.acquire(&Call::default()).await.unwrap();
            times.push(start.elapsed());
        }
        times
    }

    /// Even spacing from the sixth request on took 9.375 s of these.
    #[tokio::test(start_paused = true)]
    async fn a_plan_of_twenty_machines_waits_for_nothing() {
        assert_eq!(times(&RateLimiter::per_minute(100), 20).await[19], Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn demand_09_no_minute_holds_more_requests_than_the_bucket_and_what_flows_in() {
        for limit in [1, 2, 19, 20, 100, 1000] {
            let at_once = limit.min(MOST_AT_ONCE) as usize;
            let times = times(&RateLimiter::per_minute(limit), at_once + 3 * limit as usize).await;
            assert_eq!(times[at_once - 1], Duration::ZERO, "{limit}");
            assert!(times[at_once] > Duration::ZERO, "{limit}");
            for (first, later) in times[at_once..].iter().zip(&times[at_once + limit as usize..]) {
                assert!(*later - *first >= MINUTE - Duration::from_millis(5), "{limit}: {first:?} {later:?}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_fills_the_bucket_again_and_no_further() {
        let rate = RateLimiter::per_minute(10);
        times(&rate, 10).await;
        tokio::time::sleep(18 * SECOND).await;
        assert_eq!(times(&rate, 4).await, [Duration::ZERO, Duration::ZERO, Duration::ZERO, 6 * SECOND]);
        tokio::time::sleep(60 * MINUTE).await;
        assert_eq!(times(&rate, 11).await[9..], [Duration::ZERO, 6 * SECOND]);
    }

    #[tokio::test(start_paused = true)]
    async fn zero_is_no_limit() {
        assert_eq!(times(&RateLimiter::per_minute(0), 10_000).await[9_999], Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_holds_everyone_and_makes_all_go_evenly_for_a_while() {
        for (limit, pace) in [(0, Duration::ZERO), (100, Duration::from_millis(600))] {
            let rate = Arc::new(RateLimiter::per_minute(limit));
            rate.hold(30 * SECOND);
            let others = (0..3).map(|_| {
                let rate = rate.clone();
                tokio::spawn(async move { times(&rate, 1).await[0] })
            });
            let mut waited = Vec::new();
            for other in others.collect::<Vec<_>>() {
                waited.push(other.await.unwrap());
            }
            assert_eq!(waited, [30 * SECOND, 30 * SECOND + pace, 30 * SECOND + 2 * pace], "{limit}");
            tokio::time::sleep(CAUTION).await;
            assert_eq!(times(&rate, 50).await[49], Duration::ZERO, "{limit}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_waits_already_is_held_by_a_refusal_too_and_a_shorter_hold_frees_nobody() {
        let rate = Arc::new(RateLimiter::per_minute(1));
        times(&rate, 1).await;
        let other = tokio::spawn({
            let rate = rate.clone();
            async move { times(&rate, 1).await[0] }
        });
        tokio::time::sleep(SECOND).await;
        rate.hold(200 * SECOND);
        rate.hold(SECOND);
        assert_eq!(other.await.unwrap(), 201 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn turns_come_in_order() {
        let rate = Arc::new(RateLimiter::per_minute(1));
        let (sender, mut order) = tokio::sync::mpsc::unbounded_channel();
        for number in 0..5 {
            let (rate, sender) = (rate.clone(), sender.clone());
            tokio::spawn(async move {
                rate.acquire(&Call::default()).await.unwrap();
                sender.send(number).unwrap();
            });
            tokio::task::yield_now().await;
        }
        drop(sender);
        let mut seen = Vec::new();
        while let Some(number) = order.recv().await {
            seen.push(number);
        }
        assert_eq!(seen, [0, 1, 2, 3, 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiter_that_is_stopped_takes_no_turn() {
        let rate = RateLimiter::per_minute(1);
        rate.acquire(&Call::default()).await.unwrap();
        let call = Call::default();
        call.stop.cancel();
        assert_eq!(rate.acquire(&call).await, Err(Interrupted::Stopped));
        assert_eq!(times(&rate, 1).await, [MINUTE]);
    }
}
