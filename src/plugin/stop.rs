//! The signal that a user pressed Ctrl-C: whoever waits should come to an end.
//!
//! It is not the end of the process (see [`crate::plugin::serve`]): a stopped provider goes on
//! serving, and in debug mode sees many runs. So a signal once given must not reach later calls.

use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

/// Hands out the present stop signal. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop {
    present: Arc<Mutex<CancellationToken>>,
}

impl Stop {
    /// The signal for a call that begins now. Take it once, at the beginning of the call.
    pub(crate) fn current(&self) -> CancellationToken {
        self.present.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells all calls that run now, and none that come later.
    pub(crate) fn fire(&self) {
        let fired = {
            let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *present)
        };
        fired.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s5_a_stop_reaches_running_calls_and_not_later_ones() {
        let stop = Stop::default();
        let of_service = stop.clone();
        let (first, second) = (stop.current(), of_service.current());
        of_service.fire();
        assert!(first.is_cancelled() && second.is_cancelled());
        let later = stop.current();
        assert!(!later.is_cancelled());
        stop.fire();
        assert!(later.is_cancelled());
    }
}
