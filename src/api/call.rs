//! What bounds a piece of work: a stop signal and a deadline; and what a request intends.
//!
//! Every wait of this layer goes through [`Call::run`], so that none can outlive either bound.
//! Knows nothing of HTTP.

use std::future::{Future, pending};
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::api::resource_kind::ResourceKind;

/// The bounds of one operation. Clones share the stop signal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Call {
    /// Cancelled when the work is to end as soon as nothing can get lost by it.
    pub(crate) stop: CancellationToken,
    /// When the operation's time is up.
    pub(crate) deadline: Option<Instant>,
    /// Whether each request goes over a connection of its own making, since the present ones may be deaf.
    pub(crate) new_connection: bool,
}

/// Why a wait ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interrupted {
    /// The stop signal.
    Stopped,
    /// The deadline.
    OutOfTime,
}

impl Call {
    /// The same bounds, with at most this much time from now.
    #[must_use]
    pub(crate) fn within(&self, time: Duration) -> Self {
        // A duration so long that the clock cannot hold its end is no deadline.
        let wanted = Instant::now().checked_add(time);
        let deadline = match (self.deadline, wanted) {
            (Some(old), Some(new)) => Some(old.min(new)),
            (old, new) => old.or(new),
        };
        Self { deadline, ..self.clone() }
    }

    /// The same bounds; no connection is used that was there before.
    #[must_use]
    pub(crate) fn over_new_connection(&self) -> Self {
        Self { new_connection: true, ..self.clone() }
    }

    /// Does the work, unless a bound is reached first; the work is dropped then.
    pub(crate) async fn run<F: Future>(&self, work: F) -> Result<F::Output, Interrupted> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Interrupted::Stopped),
            () = reached(self.deadline) => Err(Interrupted::OutOfTime),
            output = work => Ok(output),
        }
    }

    /// Does work that must not be dropped lightly: until the deadline, and after a stop for no longer than
    /// this. `None` when a bound was reached.
    pub(crate) async fn run_to_deadline<F: Future>(
        &self,
        after_stop: Duration,
        work: F,
    ) -> Option<F::Output> {
        tokio::select! {
            biased;
            output = work => Some(output),
            () = reached(self.deadline) => None,
            () = async { self.stop.cancelled().await; sleep(after_stop).await } => None,
        }
    }

    /// Waits, unless a bound is reached first.
    pub(crate) async fn pause(&self, time: Duration) -> Result<(), Interrupted> {
        self.run(sleep(time)).await
    }

    /// Whether a wait of this length would pass the deadline.
    pub(crate) fn has_time_for(&self, time: Duration) -> bool {
        self.deadline.is_none_or(|deadline| Instant::now() + time < deadline)
    }
}

async fn reached(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}

/// What a request is for, and about what. It decides whether it may be repeated and how a refusal is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    /// Looks at what is not one thing, such as a list, and changes nothing.
    List,
    /// Looks at one thing, and changes nothing.
    Read(&'static ResourceKind),
    /// Makes something new that costs money.
    Create,
    /// Changes something; the body may name other things as well.
    Change(&'static ResourceKind),
    /// Does something to one thing that exists: start, stop.
    Action(&'static ResourceKind),
    /// Removes something.
    Remove(&'static ResourceKind),
}

impl Intent {
    /// Whether nothing changes by it.
    pub(crate) fn only_looks(self) -> bool {
        matches!(self, Self::List | Self::Read(_))
    }

    /// The kind of the one thing that it is about, which must exist for it to work.
    pub(crate) fn subject(self) -> Option<&'static ResourceKind> {
        match self {
            Self::Read(kind) | Self::Change(kind) | Self::Action(kind) | Self::Remove(kind) => Some(kind),
            Self::List | Self::Create => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_a_pause() {
        let call = Call::default();
        let stop = call.stop.clone();
        let (paused, ()) = tokio::join!(call.pause(Duration::from_secs(3600)), async { stop.cancel() });
        assert_eq!(paused, Err(Interrupted::Stopped));
    }

    #[tokio::test(start_paused = true)]
    async fn the_nearer_deadline_holds() {
        let call = Call::default().within(Duration::from_secs(10)).within(Duration::from_secs(600));
        let start = Instant::now();
        assert_eq!(call.pause(Duration::from_secs(60)).await, Err(Interrupted::OutOfTime));
        assert_eq!(start.elapsed(), Duration::from_secs(10));
    }

    #[tokio::test(start_paused = true)]
    async fn an_endless_duration_is_no_deadline() {
        assert_eq!(Call::default().within(Duration::MAX).deadline, None);
    }

    #[tokio::test(start_paused = true)]
    async fn has_time_for_looks_at_the_deadline() {
        let call = Call::default().within(Duration::from_secs(10));
        assert!(call.has_time_for(Duration::from_secs(9)));
        assert!(!call.has_time_for(Duration::from_secs(10)));
        assert!(Call::default().has_time_for(Duration::from_secs(1_000_000)));
    }
}
