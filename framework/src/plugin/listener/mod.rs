//! Where the client connects: a unix socket, on Windows a TCP port of 127.0.0.1.
//!
//! Knows nothing of TLS or gRPC. Dropping a listener takes away its traces in the file system.

#[cfg(any(windows, test))]
mod tcp;
#[cfg(unix)]
mod unix;

#[cfg(windows)]
pub(crate) use tcp::Listener;
#[cfg(unix)]
pub(crate) use unix::Listener;

/// Where a listener can be reached, in go-plugin's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// `unix` or `tcp`.
    pub(crate) network: &'static str,
    /// The socket's path, or `127.0.0.1:PORT`.
    pub(crate) text: String,
}
