//! Waiting for something slow: look again and again until it is done, has failed, or a bound is hit.
//!
//! Knows no status of any vendor: the caller judges what it sees. Runs on tokio's clock.

use std::future::Future;
use std::time::Duration;

use crate::api::call::Call;
use crate::api::error::{Error, Result};

/// While nothing changes, the interval grows up to this many times the first one.
const LONGEST: u32 = 6;

/// What a look means for the wait.
#[derive(Debug)]
pub(crate) enum Verdict<T> {
    /// It is over, with this result.
    Done(T),
    /// It cannot succeed any more.
    Failed(Error),
    /// Not yet; the status seen.
    Waiting(String),
}

/// Looks at once and then at growing intervals, until the judge says that the wait is over.
///
/// `what` completes "waiting for …". `look` fetches; `judge` decides, also about a failed look, and
/// may keep notes between looks. Each change of the status makes the interval short again.
///
/// # Errors
/// What the judge says; [`Error::Stopped`] and [`Error::TimedOut`] at the bounds of the call.
pub(crate) async fn poll<S, T, F>(
    call: &Call,
    interval: Duration,
    what: &str,
    mut look: impl FnMut() -> F,
    mut judge: impl FnMut(Result<S>) -> Verdict<T>,
) -> Result<T>
where
    F: Future<Output = Result<S>>,
{
    let doing = format!("waiting for {what}");
    let mut seen: Option<String> = None;
    let mut current = interval;
    loop {
        let interrupted = |why| Error::interrupted(why, "", &doing, seen.clone());
        let sight = call.run(look()).await.map_err(interrupted)?;
        let status = match judge(sight) {
            Verdict::Done(result) => return Ok(result),
            Verdict::Failed(error) => return Err(error),
            Verdict::Waiting(status) => status,
        };
        if seen.as_ref() == Some(&status) {
            current = (current.saturating_mul(3) / 2).min(interval.saturating_mul(LONGEST));
        } else {
            log::info!(target: "provider", status = status.as_str(); "{doing}");
            seen = Some(status);
            current = interval;
        }
        let interrupted = |why| Error::interrupted(why, "", &doing, seen.clone());
        call.pause(current).await.map_err(interrupted)?;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use tokio::time::Instant;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Waits for `running` along a list of statuses, of which the last one lasts.
    async fn walk(call: &Call, statuses: &[&str]) -> (Result<()>, Vec<u128>) {
        let start = Instant::now();
        let looks = RefCell::new(Vec::new());
        let look = || {
            let count = looks.borrow().len();
            looks.borrow_mut().push(start.elapsed().as_millis());
            let status = statuses[count.min(statuses.len() - 1)].to_owned();
            async move { Ok(status) }
        };
        let result = poll(call, SECOND, "it to run", look, |status: Result<String>| match status.unwrap() {
            it if it == "running" => Verdict::Done(()),
            it if it == "broken" => Verdict::Failed(Error::failed("it broke", it)),
            it => Verdict::Waiting(it),
        });
        (result.await, looks.take())
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_look_is_at_once() {
        let (result, looks) = walk(&Call::default(), &["running"]).await;
        assert!(result.is_ok());
        assert_eq!(looks, [0]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_interval_grows_while_nothing_changes_and_shrinks_on_a_change() {
        let mut statuses = vec!["a"; 8];
        statuses.extend(["b", "b", "running"]);
        let (_, looks) = walk(&Call::default(), &statuses).await;
        let gaps: Vec<u128> = looks.windows(2).map(|it| it[1] - it[0]).collect();
        assert_eq!(gaps[..3], [1000, 1500, 2250]);
        assert_eq!(gaps[5..], [6000, 6000, 6000, 1000, 1500]);
    }

    #[tokio::test(start_paused = true)]
    async fn demand_17_a_bad_status_ends_the_wait() {
        let (result, looks) = walk(&Call::default(), &["a", "broken"]).await;
        let error = result.unwrap_err();
        assert!(matches!(error, Error::Failed(_)));
        assert_eq!((error.details().seen.as_deref(), looks.len()), (Some("broken"), 2));
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_ends_the_wait_and_names_the_last_status() {
        let start = Instant::now();
        let (result, _) = walk(&Call::default().within(100 * SECOND), &["a", "b"]).await;
        let error = result.unwrap_err();
        assert!(matches!(error, Error::TimedOut(_)));
        assert_eq!(
            error.to_string(),
            "ran out of time while waiting for it to run; the last status seen was \"b\""
        );
        assert_eq!(start.elapsed(), 100 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_the_wait_at_once() {
        let call = Call::default();
        let start = Instant::now();
        let stop = async {
            tokio::time::sleep(10 * SECOND).await;
            call.stop.cancel();
        };
        let ((result, _), ()) = tokio::join!(walk(&call, &["a"]), stop);
        assert!(matches!(result.unwrap_err(), Error::Stopped(_)));
        assert_eq!(start.elapsed(), 10 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_hangs_does_not_outlive_the_deadline() {
        let call = Call::default().within(3 * SECOND);
        let look = || std::future::pending::<Result<()>>();
        let judge = |_| Verdict::<()>::Waiting("a".into());
        let error = poll(&call, SECOND, "it", look, judge).await.unwrap_err();
        assert!(matches!(error, Error::TimedOut(_)));
    }
}
