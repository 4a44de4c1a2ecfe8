//! Signals of the operating system, and what each means.
//!
//! A process that a client started survives Ctrl-C and a hang-up: both reach the whole process group, and the
//! client decides what they mean. It tells a Ctrl-C by a call; under `nohup` it works on after a log-out, and what
//! is being created would be lost otherwise. A process that a developer started ends by either.

use std::io;

use crate::plugin::ServeMode;

/// The signals that end the process. From its making on, no other signal of this module ends it.
pub(crate) struct Signals {
    mode: ServeMode,
    watched: Watched,
}

impl Signals {
    /// Begins to watch. Needs a running runtime.
    pub(crate) fn watch(mode: ServeMode) -> io::Result<Self> {
        Ok(Self { mode, watched: Watched::new()? })
    }

    /// Returns when a signal asks for the end of the process.
    pub(crate) async fn end(&mut self) {
        self.watched.end(self.mode == ServeMode::Debug).await;
    }
}

#[cfg(unix)]
struct Watched {
    interrupt: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Watched {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn end(&mut self, by_the_terminal: bool) {
        tokio::select! {
            _ = self.interrupt.recv(), if by_the_terminal => {}
            _ = self.hang_up.recv(), if by_the_terminal => {}
            _ = self.terminate.recv() => {}
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

    async fn end(&mut self, by_the_terminal: bool) {
        tokio::select! {
            _ = self.interrupt.recv(), if by_the_terminal => {}
            _ = self.break_key.recv(), if by_the_terminal => {}
            _ = self.close.recv() => {}
            _ = self.shutdown.recv() => {}
        }
    }
}
