//! The client's own limit on requests per minute.
//!
//! Requests are spaced evenly, with a small burst after a pause (the generic cell rate algorithm),
//! and take their turns in the order in which they came. Knows nothing of requests.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use crate::api::call::{Call, Interrupted};

const MINUTE: Duration = Duration::from_secs(60);

/// A limit that everyone who shares it obeys together.
#[derive(Debug)]
pub(crate) struct Rate {
    /// `None` = no limit.
    pace: Option<Pace>,
    /// When the next request would be due if all were evenly spaced. The lock is held while its
    /// holder waits: it hands out turns in order, and a waiter that gives up simply lets go.
    due: Mutex<Option<Instant>>,
}

#[derive(Clone, Copy, Debug)]
struct Pace {
    spacing: Duration,
    /// How far ahead of the even spacing a request may go.
    ahead: Duration,
}

impl Rate {
    /// A limit; 0 = none. In no minute are more requests let through than that.
    pub(crate) fn per_minute(max_requests: u32) -> Self {
        let pace = (max_requests > 0).then(|| {
            // `burst` at once and then one per `spacing` add up to `max_requests` in a minute.
            let burst = 1 + (max_requests - 1) / 20;
            let spacing = MINUTE / (max_requests - burst + 1);
            Pace { spacing, ahead: spacing * (burst - 1) }
        });
        Self { pace, due: Mutex::new(None) }
    }

    /// Waits for a turn.
    pub(crate) async fn acquire(&self, call: &Call) -> Result<(), Interrupted> {
        let Some(pace) = self.pace else {
            return call.run(std::future::ready(())).await;
        };
        call.run(async {
            let mut due = self.due.lock().await;
            let wanted = due.unwrap_or_else(Instant::now).max(Instant::now());
            if let Some(earliest) = wanted.checked_sub(pace.ahead)
                && earliest > Instant::now()
            {
                sleep_until(earliest).await;
            }
            *due = Some(wanted + pace.spacing);
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    async fn times(rate: &Rate, count: usize) -> Vec<Duration> {
        let start = Instant::now();
        let mut times = Vec::new();
        for _ in 0..count {
            rate.acquire(&Call::default()).await.unwrap();
            times.push(start.elapsed());
        }
        times
    }

    #[tokio::test(start_paused = true)]
    async fn demand_09_no_minute_holds_more_requests_than_allowed() {
        for limit in [1, 2, 19, 20, 21, 100, 1000] {
            let rate = Rate::per_minute(limit);
            let times = times(&rate, limit as usize * 3).await;
            for (first, later) in times.iter().zip(&times[limit as usize..]) {
                assert!(*later - *first >= MINUTE - Duration::from_millis(5), "{limit}: {first:?} {later:?}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_few_requests_need_not_wait() {
        assert_eq!(times(&Rate::per_minute(100), 5).await[4], Duration::ZERO);
        assert!(times(&Rate::per_minute(100), 6).await[5] > Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn zero_is_no_limit() {
        assert_eq!(times(&Rate::per_minute(0), 10_000).await[9_999], Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn turns_come_in_order() {
        let rate = Arc::new(Rate::per_minute(1));
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
        let rate = Rate::per_minute(1);
        rate.acquire(&Call::default()).await.unwrap();
        let call = Call::default();
        call.stop.cancel();
        assert_eq!(rate.acquire(&call).await, Err(Interrupted::Stopped));
        assert_eq!(times(&rate, 1).await, [MINUTE]);
    }
}
