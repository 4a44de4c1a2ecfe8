//! Signals of the operating system, and what each means.
//!
//! Ctrl-C in a terminal reaches the client and its plugins alike. A plugin must survive it: the
//! client tells it by a call, and what is being created would be lost otherwise. Only a process that
//! a developer started ends by it.

use std::io;

use crate::plugin::life::Life;

/// The signals that end the process. From its making on, an interrupt no longer kills the process.
pub(crate) struct Signals {
    life: Life,
    watched: Watched,
}

impl Signals {
    /// Begins to watch. Needs a running runtime.
    pub(crate) fn watch(life: Life) -> io::Result<Self> {
        Ok(Self { life, watched: Watched::new()? })
    }

    /// Returns when a signal asks for the end of the process.
    pub(crate) async fn end(&mut self) {
        let heeds_interrupt = self.life == Life::Debug;
        self.watched.end(heeds_interrupt).await;
    }
}

#[cfg(unix)]
struct Watched {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Watched {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn end(&mut self, heeds_interrupt: bool) {
        tokio::select! {
            _ = self.interrupt.recv(), if heeds_interrupt => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Watched {
    interrupt: tokio::signal::windows::CtrlC,
    break_key: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
    shutdown: tokio::signal::windows::CtrlShutdown,
}

#[cfg(windows)]
impl Watched {
    fn new() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};
        Ok(Self {
            interrupt: ctrl_c()?,
            break_key: ctrl_break()?,
            close: ctrl_close()?,
            shutdown: ctrl_shutdown()?,
        })
    }

    async fn end(&mut self, heeds_interrupt: bool) {
        tokio::select! {
            _ = self.interrupt.recv(), if heeds_interrupt => {}
            _ = self.break_key.recv(), if heeds_interrupt => {}
            _ = self.close.recv() => {}
            _ = self.shutdown.recv() => {}
        }
    }
}
