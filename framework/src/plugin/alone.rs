//! Answers that must not reach the client together with others.
//!
//! When a creation fails but something exists, Terraform 1.16.4 holds the object for a moment in a status that it cannot
//! write ("status ObjectStatus(0), which cannot be saved in state"). If another resource makes it write its state in this
//! moment, it crashes, and what it has not written yet is forgotten. So such an answer goes out with a pause before and
//! after it, in which no other answer to an apply goes out. It cannot help where another provider's answer comes in.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, sleep_until};

/// So long a client takes to take note of the answers that it has. A guess: with hundreds of objects, it writes its state in
/// some tens of milliseconds for each of them.
const PAUSE: Duration = Duration::from_millis(250);

/// The way out for the answers of one process.
#[derive(Clone, Debug, Default)]
pub(crate) struct WayOut(Arc<Mutex<Option<Instant>>>);

impl WayOut {
    /// Returns when an answer may go out; `alone`: not together with others.
    pub(crate) async fn pass(&self, alone: bool) {
        let mut closed_until = self.0.lock().await;
        if let Some(moment) = closed_until.take() {
            sleep_until(moment).await;
        }
        if alone {
            sleep(PAUSE).await;
            *closed_until = Some(Instant::now() + PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When answers go out that are ready at these moments, in milliseconds.
    async fn passed(answers: &[(u64, bool)]) -> Vec<u128> {
        let (way, begin) = (WayOut::default(), Instant::now());
        let answers = answers.iter().map(|(ready, alone)| {
            let way = way.clone();
            async move {
                sleep(Duration::from_millis(*ready)).await;
                way.pass(*alone).await;
                begin.elapsed().as_millis()
            }
        });
        futures_util::future::join_all(answers).await
    }

    #[tokio::test(start_paused = true)]
    async fn the_answer_of_a_failed_creation_goes_out_with_a_pause_before_and_after_it() {
        assert_eq!(passed(&[(0, false), (1, false), (5, false)]).await, [0, 1, 5]);
        assert_eq!(passed(&[(0, false), (1, true), (2, false), (900, false)]).await, [0, 251, 501, 900]);
        assert_eq!(passed(&[(0, true), (0, true), (0, false)]).await, [250, 750, 1000]);
    }
}
