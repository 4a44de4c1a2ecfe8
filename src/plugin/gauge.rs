//! A count of things that are going on: open connections, running calls.

use tokio::sync::watch;

/// How many there are. Clones share the count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gauge(watch::Sender<usize>);

/// One of the counted things; dropping it takes it off the count.
#[derive(Debug)]
pub(crate) struct Counted(watch::Sender<usize>);

impl Gauge {
    /// Counts one more.
    pub(crate) fn enter(&self) -> Counted {
        self.0.send_modify(|count| *count += 1);
        Counted(self.0.clone())
    }

    /// The present count.
    pub(crate) fn now(&self) -> usize {
        *self.0.borrow()
    }

    /// Returns once the count is as wished, at once if it is so already.
    pub(crate) async fn until(&self, wished: impl FnMut(&usize) -> bool) {
        // Cannot fail: `self` keeps the sender alive.
        let _ = self.0.subscribe().wait_for(wished).await;
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}
