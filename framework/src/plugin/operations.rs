//! The operations that calls have begun: how they are told to stop, and how many still run.
//!
//! An operation is the task behind a call, and may outlive it: a client that drops a call does not end what
//! the call has begun. A stop is not the end of the process: a stopped provider goes on serving, and in debug
//! mode sees many runs. So a stop must not reach later operations, until the provider closes.

use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::plugin::in_flight::{Counted, InFlight};

/// All operations of this process. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Operations {
    closed: CancellationToken,
    /// Stops what begins now: a child of `closed`, made when first needed.
    present: Arc<Mutex<Option<CancellationToken>>>,
    running: InFlight,
}

/// One operation, which runs until this is dropped.
#[derive(Debug)]
pub(crate) struct Operation {
    /// Cancelled when the operation is to end.
    pub(crate) stop: CancellationToken,
    _running: Counted,
}

impl Operations {
    /// An operation begins.
    pub(crate) fn begin(&self) -> Operation {
        let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        let stop = present.get_or_insert_with(|| self.closed.child_token()).clone();
        Operation { stop, _running: self.running.enter() }
    }

    /// Stops all operations that run now, and none that begin later.
    pub(crate) fn stop(&self) {
        let present = self.present.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(stop) = present {
            stop.cancel();
        }
    }

    /// Stops all operations, also those that begin later.
    pub(crate) fn close(&self) {
        self.closed.cancel();
    }

    /// An operation that runs on until it is dropped, and is told to end with the process alone.
    pub(crate) fn begin_last(&self) -> Operation {
        Operation { stop: self.closed.clone(), _running: self.running.enter() }
    }

    /// How many run.
    pub(crate) fn running(&self) -> usize {
        self.running.count()
    }

    /// Returns once none runs.
    pub(crate) async fn ended(&self) {
        self.running.none().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s5_a_stop_reaches_running_operations_and_not_later_ones() {
        let operations = Operations::default();
        let of_service = operations.clone();
        let (first, second) = (operations.begin(), of_service.begin());
        of_service.stop();
        assert!(first.stop.is_cancelled() && second.stop.is_cancelled());
        let later = operations.begin();
        assert!(!later.stop.is_cancelled());
        operations.stop();
        assert!(later.stop.is_cancelled());
    }

    #[test]
    fn what_begins_after_the_close_is_stopped_whatever_stops_came_between() {
        let operations = Operations::default();
        let before = operations.begin();
        operations.close();
        operations.stop();
        assert!(before.stop.is_cancelled() && operations.begin().stop.is_cancelled());
    }
}
