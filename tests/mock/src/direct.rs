//! The mock without a server: requests are handed over in memory, and nothing waits.
//!
//! For tests that play many lives on a clock of their own. What `server` does with connections (delays,
//! hanging requests) is the caller's matter here.

use std::net::{Ipv4Addr, SocketAddr};

use crate::answer::Incoming;
use crate::cloud::{MockCloud, Options};
use crate::faults::{Effect, Fault, When};
use crate::server::{decode, pairs};

/// A request without HTTP around it.
#[derive(Debug, Default)]
pub struct Direct {
    /// The method, in capitals.
    pub method: String,
    /// Path and query, encoded.
    pub target: String,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The body, JSON or empty.
    pub body: Vec<u8>,
}

/// What comes back.
#[derive(Debug, PartialEq, Eq)]
pub enum Reply {
    /// An answer.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The `Retry-After` header.
        retry_after: Option<String>,
        /// The body.
        body: String,
    },
    /// None: the connection ends.
    Dropped,
}

impl MockCloud {
    /// A mock that listens nowhere; its addresses name it and lead to nothing.
    #[must_use]
    pub fn without_server(options: Options) -> Self {
        Self::of(SocketAddr::from((Ipv4Addr::LOCALHOST, 1)), options)
    }

    /// Handles a request, with these effects on it besides the faults that are set.
    pub fn exchange(&self, request: Direct, effects: &[Effect]) -> Reply {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let incoming = Incoming {
            path: decode(path),
            query: pairs(query),
            method: request.method,
            authorization: request.authorization,
            content_type: Some("application/json".to_owned()),
            user_agent: None,
            body: request.body,
        };
        let mut core = self.shared.core();
        for effect in effects {
            core.faults.push(Fault::new(&incoming.method, &incoming.path, effect.clone()));
        }
        let received = core.receive(&incoming);
        let drops = |when| received.effects.contains(&Effect::Drop(when));
        let answer = core.perform(&received);
        if drops(When::Before) || drops(When::After) {
            return Reply::Dropped;
        }
        Reply::Answer { status: answer.status, retry_after: answer.retry_after, body: answer.body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_in_memory_is_handled_like_one_on_the_wire() {
        let cloud = MockCloud::without_server(Options::default());
        let request = |target: &str| Direct {
            method: "GET".to_owned(),
            target: format!("{}{target}", crate::novita::PREFIX),
            authorization: Some(format!("Bearer {}", cloud.api_key())),
            body: Vec::new(),
        };
        let list = "/gpu/instances?pageSize=10&pageNum=0";
        let Reply::Answer { status, body, .. } = cloud.exchange(request(list), &[]) else {
            panic!("dropped")
        };
        assert_eq!((status, body.contains("\"instances\"")), (200, true), "{body}");
        for when in [When::Before, When::After] {
            assert_eq!(cloud.exchange(request(list), &[Effect::Drop(when)]), Reply::Dropped);
        }
        assert_eq!(cloud.requests().len(), 3);
    }
}
