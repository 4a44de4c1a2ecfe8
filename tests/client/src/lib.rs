//! The client's end of the plugin protocol, as the Go clients speak it.
//!
//! Owns the certificate that a client shows, the connection to a plugin and the generated calls. Starts no
//! process: whoever does so reads the handshake line and comes here with an address. Start reading at
//! [`connect`].
#![cfg(unix)]

pub mod certificate;
pub mod connect;
pub mod proto;
