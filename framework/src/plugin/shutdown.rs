//! When and how the process ends.
//!
//! A client ends it by a call, which cancels `down`: then it ends at once. After a signal nothing new begins, what
//! runs is stopped, and the process ends with the last operation: a create request in flight is answered first,
//! since its answer holds the id. A client that died leaves nobody to answer; the process ends in the same way,
//! and not later than a minute after.

use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::plugin::ServeMode;
use crate::plugin::in_flight::InFlight;
use crate::plugin::operations::Operations;

/// How long the server goes on after `down` to send what is ready. Clients kill after 2 s.
const TIME_TO_FINISH: Duration = Duration::from_millis(400);

/// How long a process without a client lives, whatever it does, even if the client's process seems to be there:
/// it connects as soon as it has read the handshake, and does not close a connection that it needs.
const LONGEST_ALONE: Duration = Duration::from_secs(58);

/// How often a process without a connection looks whether its parent still lives.
const LOOK_FOR_PARENT: Duration = Duration::from_secs(1);

/// The end of the process, and what it depends on.
pub(crate) struct Shutdown {
    pub(crate) mode: ServeMode,
    /// What runs and is to be stopped first.
    pub(crate) operations: Operations,
    /// Connections of clients.
    pub(crate) connections: InFlight,
    /// Takes the server down.
    pub(crate) down: CancellationToken,
    parent_is_gone: Box<dyn Fn() -> bool>,
}

impl Shutdown {
    /// The end of a process that is started now.
    pub(super) fn new(mode: ServeMode) -> Self {
        Self {
            mode,
            operations: Operations::default(),
            connections: InFlight::default(),
            down: CancellationToken::new(),
            parent_is_gone: Box::new(parent_is_gone()),
        }
    }

    /// Returns when the process is to exit. `signal` waits for the next signal that asks for it.
    pub(crate) async fn run(self, signal: impl AsyncFnMut()) {
        tokio::select! {
            () = self.down.cancelled() => {}
            () = self.come_to_rest(signal) => {}
        }
        self.operations.close();
        self.down.cancel();
        let finished = async { tokio::join!(self.connections.none(), self.operations.ended()) };
        // Too late is told below.
        let _ = timeout(TIME_TO_FINISH, finished).await;
        match self.operations.running() {
            0 => log::debug!(target: "sdk.plugin", "ended"),
            running => log::error!(target: "sdk.plugin", running; "ended in the middle of operations"),
        }
    }

    /// Waits for a reason to end, and then until no operation runs any more.
    async fn come_to_rest(&self, mut signal: impl AsyncFnMut()) {
        let mut alone = None;
        tokio::select! {
            () = signal() => log::info!(target: "sdk.plugin", "ending by a signal"),
            since = self.orphaned() => {
                log::warn!(target: "sdk.plugin", "ending because the client is gone");
                alone = Some(since);
            }
        }
        self.operations.close();
        let too_long = async {
            let since = match alone {
                Some(since) => since,
                None => self.orphaned().await,
            };
            sleep_until(since + LONGEST_ALONE).await;
        };
        tokio::select! {
            () = self.operations.ended() => {}
            () = signal() => {}
            () = too_long => {}
        }
    }

    /// Returns when the client is gone for good: since when there is no connection. Whenever there is none,
    /// nobody waits for an answer, and what runs is stopped.
    async fn orphaned(&self) -> Instant {
        loop {
            self.connections.none().await;
            self.operations.stop();
            let since = Instant::now();
            tokio::select! {
                () = self.connections.some() => {}
                () = self.client_gone(since) => return since,
            }
        }
    }

    async fn client_gone(&self, since: Instant) {
        if self.mode == ServeMode::Debug {
            // The developer ends the process.
            std::future::pending().await
        }
        while !(self.parent_is_gone)() && since.elapsed() < LONGEST_ALONE {
            sleep(LOOK_FOR_PARENT).await;
        }
    }
}

/// Tells whether the parent of now is gone: an orphan gets another one.
#[cfg(unix)]
fn parent_is_gone() -> impl Fn() -> bool {
    use std::os::unix::process::parent_id;
    let parent = parent_id();
    move || parent_id() != parent
}

/// Windows does not tell a process that its parent has died.
#[cfg(windows)]
fn parent_is_gone() -> impl Fn() -> bool {
    || false
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::pin::pin;

    use tokio::sync::mpsc;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    /// The end of a process that is started now, by a parent that lives on or is gone at once.
    fn shutdown(mode: ServeMode, parent_is_gone: bool) -> Shutdown {
        Shutdown { parent_is_gone: Box::new(move || parent_is_gone), ..Shutdown::new(mode) }
    }

    /// How long it takes to end without a signal; `None`: it does not.
    async fn time_to_end(shutdown: Shutdown) -> Option<Duration> {
        let begin = Instant::now();
        timeout(HOUR, shutdown.run(async || pending().await)).await.ok().map(|()| begin.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_signal_stops_operations_and_waits_for_the_last_one_however_long_it_takes() {
        let shutdown = shutdown(ServeMode::Plugin, false);
        let (_client, operation) = (shutdown.connections.enter(), shutdown.operations.begin());
        let operations = shutdown.operations.clone();
        let (signals, mut signal) = mpsc::channel(1);
        signals.send(()).await.unwrap();
        let mut end = pin!(shutdown.run(async || signal.recv().await.unwrap()));
        assert!(timeout(HOUR, end.as_mut()).await.is_err(), "a create request may be in flight");
        assert!(operation.stop.is_cancelled());
        assert!(operations.begin().stop.is_cancelled(), "nothing new is begun");
        drop(operation);
        end.await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_signal_ends_it_at_once() {
        let shutdown = shutdown(ServeMode::Debug, false);
        let _operation = shutdown.operations.begin();
        let (signals, mut signal) = mpsc::channel(2);
        signals.send(()).await.unwrap();
        signals.send(()).await.unwrap();
        shutdown.run(async || signal.recv().await.unwrap()).await;
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_loses_the_client_stops_and_ends_with_the_last_operation_within_a_minute() {
        for parent_is_gone in [true, false] {
            for takes in [0, 20, 3600] {
                let shutdown = shutdown(ServeMode::Plugin, parent_is_gone);
                let operation = shutdown.operations.begin();
                tokio::spawn(async move {
                    operation.stop.cancelled().await;
                    sleep(Duration::from_secs(takes)).await;
                    drop(operation);
                });
                let time = time_to_end(shutdown).await.unwrap();
                assert!(time <= Duration::from_secs(60), "{time:?}");
                let is_early = parent_is_gone && takes < 60;
                assert!(!is_early || time <= Duration::from_secs(takes + 2), "{takes}: {time:?}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_is_connected_is_never_gone_and_one_that_comes_back_is_not() {
        let shutdown = shutdown(ServeMode::Plugin, false);
        let connections = shutdown.connections.clone();
        let first = connections.enter();
        let mut end = pin!(shutdown.run(async || pending().await));
        assert!(timeout(HOUR, end.as_mut()).await.is_err());
        drop(first);
        assert!(timeout(LONGEST_ALONE / 2, end.as_mut()).await.is_err());
        let second = connections.enter();
        assert!(timeout(HOUR, end.as_mut()).await.is_err());
        drop(second);
        end.await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_developers_process_waits_for_the_next_run_and_stops_what_the_last_one_has_left() {
        let shutdown = shutdown(ServeMode::Debug, true);
        let operation = shutdown.operations.begin();
        let operations = shutdown.operations.clone();
        assert_eq!(time_to_end(shutdown).await, None);
        assert!(operation.stop.is_cancelled() && !operations.begin().stop.is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn s1_the_clients_call_ends_it_at_once_whatever_runs() {
        let shutdown = shutdown(ServeMode::Plugin, false);
        let (_client, operation) = (shutdown.connections.enter(), shutdown.operations.begin());
        shutdown.down.cancel();
        assert!(time_to_end(shutdown).await.unwrap() < Duration::from_secs(1));
        assert!(operation.stop.is_cancelled());
    }
}
