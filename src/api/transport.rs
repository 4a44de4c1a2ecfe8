//! What a client has from outside: the network, the time of day, and chance.
//!
//! One trait, so that a whole life can be played without sockets on a clock that does not wait (see
//! `simulator`). Knows neither a path nor a vendor, and no HTTP library: that is [`http`](crate::api::http)'s
//! matter.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use http::header::HeaderMap;
use http::{Method, StatusCode};
use jiff::Timestamp;
use url::Url;

/// The world around a client.
#[async_trait]
pub(crate) trait Transport: fmt::Debug + Send + Sync {
    /// Sends a request and reads the whole answer. Whoever drops the future gives the answer up; the
    /// request may have arrived all the same.
    async fn exchange(&self, request: Request) -> Result<Response, TransportError>;

    /// The time of day.
    fn now(&self) -> Timestamp;

    /// Random bytes that nobody can guess; `None` when the system has none.
    fn random(&self) -> Option<[u8; 8]>;
}

/// A request as it goes over the wire.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// Those of this request; the ones that all requests have are added on the way.
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Vec<u8>>,
    /// Whether no connection may be used that was there before.
    pub(crate) new_connection: bool,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// Why there is no answer. The causes name no address: it may hold an id in its query.
#[derive(Debug)]
pub(crate) enum TransportError {
    /// The client could not be set up; a sentence with advice.
    NotSetUp(String),
    /// The request cannot be put into HTTP.
    Unsendable(Cause),
    /// The server's certificate is not trusted.
    Untrusted(Cause),
    /// No connection came about, so the request certainly never left.
    NeverLeft(Cause),
    /// The request left, or may have, and the answer did not come, or not all of it.
    Lost(Cause),
    /// The same, for this time.
    TooSlow(Duration),
    /// The answer is longer than any of these APIs gives.
    TooLong,
}

/// An error of the HTTP library, and the part of it that says something.
#[derive(Debug)]
pub(crate) struct Cause {
    pub(crate) text: String,
    pub(crate) source: Box<dyn std::error::Error + Send + Sync>,
}
