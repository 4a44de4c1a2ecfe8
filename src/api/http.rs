//! HTTP and TLS: the only user of the HTTP library.
//!
//! Redirects are not followed and nothing is repeated here: both could send a key or a create where it
//! must not go. What an answer means, and whether to try again, is [`client`](crate::api::client)'s
//! matter.
//!
//! Connections live on threads of their own. One that is sent a flood, such as of informational answers, is busy
//! for as long as more arrives, and would keep time-outs and all other calls from their turn.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::api::client::Settings;
use crate::api::transport::{Cause, Request, Response, Transport, TransportError};

/// No answer of either API comes near this; a longer one is not read to its end.
pub(crate) const LONGEST_ANSWER: usize = 4 << 20;
/// A connection that comes about at all does so within this.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Shorter than servers and address translators keep an idle connection, so that no create is sent
/// into one that they have already forgotten.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);
/// A connection is asked so often whether anybody is still there, and left when no answer comes for as long.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// So many connections but one can be flooded before the others wait for them. A thread that has nothing to do costs
/// nothing.
const THREADS: usize = 4;
/// What `localhost` and the names below it mean, whatever a resolver says. The port is the address's own.
const LOOPBACK: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];

/// The network.
#[derive(Debug)]
pub(crate) struct Network {
    settings: Settings,
    /// Made for the first request, since reading the system's certificates takes its time; and anew, with
    /// connections of its own, when the present ones are not to be used any more.
    client: Mutex<Option<Result<reqwest::Client, String>>>,
}

impl Network {
    /// The way to one API. Does no work before the first request.
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings, client: Mutex::default() }
    }

    fn client(&self, new_connection: bool) -> Result<reqwest::Client, String> {
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if new_connection {
            *client = None;
        }
        client.get_or_insert_with(|| build(&self.settings)).clone()
    }
}

#[async_trait]
impl Transport for Network {
    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        let client = self.client(request.new_connection).map_err(TransportError::NotSetUp)?;
        let threads = threads().map_err(TransportError::NotSetUp)?;
        let (mut answer, answered) = oneshot::channel();
        threads.spawn(async move {
            tokio::select! {
                () = answer.closed() => {}
                // Whoever has given the answer up meanwhile does not want it.
                exchanged = exchange(client, request) => drop(answer.send(exchanged)),
            }
        });
        answered.await.unwrap_or_else(|error| {
            let text = "the HTTP library crashed".to_owned();
            Err(TransportError::Lost(Cause { text, source: error.into() }))
        })
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn random(&self) -> Option<[u8; 8]> {
        let mut bytes = [0; 8];
        SystemRandom::new().fill(&mut bytes).ok().map(|()| bytes)
    }
}

/// The threads of all connections of this process, started for the first request. They end with the process.
fn threads() -> Result<&'static Runtime, String> {
    static STARTED: OnceLock<Result<Runtime, String>> = OnceLock::new();
    let start =
        || Builder::new_multi_thread().worker_threads(THREADS).thread_name("http").enable_all().build();
    let started = STARTED.get_or_init(|| {
        start().map_err(|error| format!("the threads for HTTP could not be started: {error}"))
    });
    started.as_ref().map_err(Clone::clone)
}

/// Sends a request and reads the whole answer.
async fn exchange(client: reqwest::Client, request: Request) -> Result<Response, TransportError> {
    let Request { method, url, headers, body, new_connection: _ } = request;
    let mut request = client.request(method, url).headers(headers);
    if let Some(body) = body {
        request = request.body(body);
    }
    let mut response = request.send().await.map_err(transport_error)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(transport_error)? {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return Err(TransportError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response { status: response.status(), headers: std::mem::take(response.headers_mut()), body })
}

/// What a failure of the library says about the request.
fn transport_error(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    let (connecting, building) = (error.is_connect(), error.is_builder());
    let cause = Cause { text: innermost(&error), source: error.into() };
    if cause.text.contains("invalid peer certificate") {
        TransportError::Untrusted(cause)
    } else if building {
        TransportError::Unsendable(cause)
    } else if connecting {
        TransportError::NeverLeft(cause)
    } else {
        TransportError::Lost(cause)
    }
}

/// The last cause in a chain, which is the one that says something.
fn innermost(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |it| it.source()).last().map(ToString::to_string).unwrap_or_default()
}

/// Makes the HTTP client. The error is a sentence with advice.
fn build(settings: &Settings) -> Result<reqwest::Client, String> {
    // Only the first one to install a provider succeeds, and whoever it was, there is one then.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    // Novita's documentation asks for it on every request, also without a body.
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut builder = reqwest::Client::builder()
        .default_headers(headers)
        .user_agent(settings.user_agent.as_str())
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_TIMEOUT.min(settings.request_timeout / 2))
        .pool_idle_timeout(IDLE_TIMEOUT)
        .tcp_keepalive(KEEP_ALIVE)
        .tcp_keepalive_interval(KEEP_ALIVE)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .http2_keep_alive_timeout(KEEP_ALIVE)
        .http2_keep_alive_while_idle(true);
    if settings.base_url.is_loopback() {
        // A proxy's localhost is another one, and a plain request would show it the key.
        builder = builder.no_proxy().resolve_to_addrs(settings.base_url.host(), &LOOPBACK);
    }
    if !settings.base_url.is_https() {
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(|error| {
        format!(
            "the HTTPS client could not be set up: {}; if this system has no CA certificates, install them (the \
             package is usually called ca-certificates) or let SSL_CERT_FILE name a file that holds them",
            innermost(&error)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::base_url::BaseUrl;
    use crate::api::error_mapping::ErrorMapping;
    use crate::api::secret::Secret;

    #[test]
    fn https_clients_can_be_built_or_say_what_to_do() {
        let settings = Settings {
            error_mapping: ErrorMapping::Novita,
            base_url: BaseUrl::parse("https://api.example.net").unwrap(),
            api_key: Some(Secret::new("k")),
            secrets: std::sync::Arc::default(),
            request_timeout: Duration::from_secs(60),
            max_retries: 5,
            max_requests_per_minute: 100,
            poll_interval: Duration::from_secs(5),
            user_agent: String::new(),
        };
        if let Err(why) = build(&settings) {
            assert!(why.contains("ca-certificates") && why.contains("SSL_CERT_FILE"), "{why}");
        }
    }
}
