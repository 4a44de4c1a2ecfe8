//! Why the process could not begin to serve.
//!
//! The client shows none of this unless logging is on, so each text has to be enough by itself.

use std::io;
#[cfg(unix)]
use std::path::PathBuf;

/// A start that failed. The process writes it as one line and ends.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("the environment variable {0} is not valid UTF-8")]
    NotUnicode(&'static str),
    #[error("the environment variable {name} should be a port number, but is {value:?}")]
    Port { name: &'static str, value: String },
    #[error("PLUGIN_CLIENT_CERT holds no certificate that can be read: {0}")]
    ClientCertificate(String),
    #[error("cannot make the TLS certificate of this run")]
    Certificate(#[from] rcgen::Error),
    #[error("cannot set up TLS")]
    Tls(#[from] rustls::Error),
    #[cfg(unix)]
    #[error("cannot make a directory for the socket in {}: {source}", parent.display())]
    Directory { parent: PathBuf, source: io::Error },
    #[cfg(unix)]
    #[error(
        "cannot listen on {}: {source} (socket paths are limited to about 100 bytes; TMPDIR chooses the place)",
        path.display()
    )]
    Listen { path: PathBuf, source: io::Error },
    #[cfg(unix)]
    #[error("the socket path {} cannot be told to the client", .0.display())]
    UntellablePath(PathBuf),
    #[cfg(unix)]
    #[error("cannot give the socket to group {group:?}: {source}")]
    Group { group: String, source: io::Error },
    #[cfg(any(windows, test))]
    #[error("no port of 127.0.0.1 between {lowest} and {highest} is free")]
    NoFreePort { lowest: u16, highest: u16 },
    #[error("cannot start the runtime: {0}")]
    Runtime(io::Error),
    #[error("cannot watch for signals: {0}")]
    Signals(io::Error),
    #[error("cannot write the handshake to stdout: {0}")]
    Handshake(io::Error),
}
