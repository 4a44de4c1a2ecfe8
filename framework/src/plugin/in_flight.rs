//! A count of what is in flight: connections, operations.

use tokio::sync::watch;

/// How many there are. Clones share the count.
#[derive(Clone, Debug, Default)]
pub(crate) struct InFlight(watch::Sender<usize>);

/// One of the counted things; dropping it takes it off the count.
#[derive(Debug)]
pub(crate) struct Counted(watch::Sender<usize>);

impl InFlight {
    /// Counts one more.
    pub(crate) fn enter(&self) -> Counted {
        self.0.send_modify(|count| *count += 1);
        Counted(self.0.clone())
    }

    /// The present count.
    pub(crate) fn count(&self) -> usize {
        *self.0.borrow()
    }

    /// Returns once there is none, at once if there is none now.
    pub(crate) async fn none(&self) {
        // Cannot fail: `self` keeps the sender alive.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Returns once there are some, at once if there are some now.
    pub(crate) async fn some(&self) {
        let _ = self.0.subscribe().wait_for(|count| *count > 0).await;
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}
