//! When and how the process ends, if not by the client's call.
//!
//! A signal fires the stop, so that running calls return what exists, and gives them time for it.
//! A client that died leaves nobody to answer: then the process ends once nothing runs any more.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::plugin::gauge::Gauge;
use crate::plugin::life::Life;
use crate::plugin::signals::Signals;
use crate::plugin::stop::Stop;

/// How long running calls may take to return after a signal. Whoever sends SIGTERM to a whole
/// container kills it after 10 s or more.
const TIME_TO_RETURN: Duration = Duration::from_secs(8);

/// How often a process without a connection looks whether its parent still lives.
#[cfg(unix)]
const LOOK_FOR_PARENT: Duration = Duration::from_secs(1);

/// What the end depends on.
pub(crate) struct Ending {
    pub(crate) life: Life,
    pub(crate) signals: Signals,
    pub(crate) stop: Stop,
    pub(crate) running_calls: Gauge,
    pub(crate) open_connections: Gauge,
    pub(crate) down: CancellationToken,
}

impl Ending {
    /// Waits for a reason to end, lets running calls return, and takes the server down.
    pub(crate) async fn bring_about(mut self) {
        tokio::select! {
            () = self.signals.end() => log::info!(target: "sdk.plugin", "ending by a signal"),
            () = orphaned(self.life, &self.open_connections) => {
                log::warn!(target: "sdk.plugin", "ending because the client is gone");
            }
        }
        self.stop.fire();
        tokio::select! {
            () = self.running_calls.until(|count| *count == 0) => {}
            () = self.signals.end() => {}
            () = tokio::time::sleep(TIME_TO_RETURN) => {
                log::warn!(target: "sdk.plugin", running = self.running_calls.now(); "calls did not return in time");
            }
        }
        self.down.cancel();
    }
}

/// Returns when the client has connected, its connections are gone, its process is gone, and no task
/// runs any more: what a call has begun may go on in a task of its own.
#[cfg(unix)]
async fn orphaned(life: Life, open_connections: &Gauge) {
    use std::os::unix::process::parent_id;

    if life == Life::Debug {
        return std::future::pending().await;
    }
    let parent = parent_id();
    open_connections.until(|count| *count > 0).await;
    loop {
        open_connections.until(|count| *count == 0).await;
        let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
        if parent_id() != parent && tasks == 0 {
            return;
        }
        tokio::time::sleep(LOOK_FOR_PARENT).await;
    }
}

/// Windows does not tell a process that its parent has died.
#[cfg(windows)]
async fn orphaned(_life: Life, _open_connections: &Gauge) {
    std::future::pending().await
}
