//! The client's end of the plugin protocol, as the Go clients speak it.
//!
//! Owns the certificate that a client shows, the connection to a plugin and the generated calls. Starts no
//! process: whoever does so reads the handshake line and comes here with an address. Start reading at
//! [`connect`].
#![cfg(unix)]

pub mod certificate;
pub mod connect;
pub mod proto;

/// The variable, with its value, by which a plugin knows that a client starts it and not a person.
pub const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// Bytes of the largest message that clients take, and that a server sends.
pub const LARGEST_MESSAGE: usize = 256 << 20;
