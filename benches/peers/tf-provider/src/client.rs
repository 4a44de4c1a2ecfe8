//! The HTTP client: one pool of connections, a limit on requests per minute, and repetition of what can do
//! no harm when it happens twice. It knows no call of the API; those are in `instance`.

use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Method, Response, Url};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, sleep_until};

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
const LONGEST_RETRY_AFTER: u64 = 300;

/// What a client needs to know.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) base_url: String,
    pub(crate) api_key: String,
    pub(crate) request_timeout: Duration,
    pub(crate) poll_interval: Duration,
    pub(crate) max_retries: u32,
    pub(crate) max_requests_per_minute: u32,
    pub(crate) ignore_deletion_protection: bool,
}

/// A client that all resources share.
#[derive(Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    pub(crate) settings: Settings,
    /// When the next request may be sent.
    next: Mutex<Instant>,
}

/// Why a call failed.
#[derive(Debug)]
pub(crate) enum Error {
    NotFound(String),
    Other(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotFound(text) | Self::Other(text) => out.write_str(text),
        }
    }
}

pub(crate) type Result<T> = std::result::Result<T, Error>;

/// A failed attempt, and how long to wait before another one if there may be one.
struct Failure {
    error: Error,
    retry: Option<Duration>,
}

impl Client {
    pub(crate) fn new(settings: Settings) -> Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(settings.request_timeout)
            .user_agent(concat!("terraform-provider-novita-peer/", env!("CARGO_PKG_VERSION")));
        let http = http.build().map_err(|it| Error::Other(format!("cannot set up HTTP: {it}")))?;
        Ok(Self { http, settings, next: Mutex::new(Instant::now()) })
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T> {
        let body = self.call(Method::GET, path, query, None).await?;
        decode(path, &body)
    }

    pub(crate) async fn post(&self, path: &str, body: &Json) -> Result<Vec<u8>> {
        self.call(Method::POST, path, &[], Some(body.to_string())).await
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<String>,
    ) -> Result<Vec<u8>> {
        let mut url = Url::parse(&format!("{}{path}", self.settings.base_url.trim_end_matches('/')))
            .map_err(|it| Error::Other(format!("the base URL cannot be used: {it}")))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut attempt = 0;
        loop {
            let failure = match self.attempt(method.clone(), url.clone(), path, body.clone(), attempt).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            match failure.retry.filter(|_| attempt < self.settings.max_retries) {
                Some(wait) => sleep(wait).await,
                None => return Err(failure.error),
            }
            attempt += 1;
        }
    }

    async fn attempt(
        &self,
        method: Method,
        url: Url,
        path: &str,
        body: Option<String>,
        attempt: u32,
    ) -> std::result::Result<Vec<u8>, Failure> {
        self.take_turn().await;
        let reads = method == Method::GET;
        let request = format!("{method} {path}");
        let mut builder = self.http.request(method, url).bearer_auth(&self.settings.api_key);
        builder = builder.header("Content-Type", "application/json");
        if let Some(body) = body {
            builder = builder.body(body);
        }
        let lost = |it: reqwest::Error| Failure {
            error: Error::Other(format!("{request}: {}", it.without_url())),
            retry: reads.then(|| self.backoff(attempt)),
        };
        let response = builder.send().await.map_err(lost)?;
        let status = response.status().as_u16();
        let repeatable = status == 429 || (status >= 500 && reads);
        let retry = if repeatable { self.retry_after(&response, attempt) } else { None };
        let answer = response.bytes().await.map_err(lost)?;
        if status < 300 {
            Ok(answer.to_vec())
        } else {
            Err(Failure { error: refusal(&request, status, &answer), retry })
        }
    }

    /// Waits until the limit on requests lets another one through.
    async fn take_turn(&self) {
        if self.settings.max_requests_per_minute == 0 {
            return;
        }
        let mut next = self.next.lock().await;
        sleep_until(*next).await;
        *next = Instant::now() + Duration::from_secs(60) / self.settings.max_requests_per_minute;
    }

    fn backoff(&self, attempt: u32) -> Duration {
        let first = self.settings.poll_interval.min(FIRST_WAIT);
        first.saturating_mul(1 << attempt.min(16)).min(LONGEST_WAIT)
    }

    fn retry_after(&self, response: &Response, attempt: u32) -> Option<Duration> {
        let header = response.headers().get(RETRY_AFTER).and_then(|it| it.to_str().ok());
        match header.and_then(|it| it.trim().parse().ok()) {
            Some(seconds) => (seconds <= LONGEST_RETRY_AFTER).then(|| Duration::from_secs(seconds)),
            None => Some(self.backoff(attempt)),
        }
    }
}

/// Reads an answer.
pub(crate) fn decode<T: DeserializeOwned>(path: &str, body: &[u8]) -> Result<T> {
    serde_json::from_slice(body)
        .map_err(|it| Error::Other(format!("{path}: the answer cannot be read: {it}")))
}

fn refusal(request: &str, status: u16, body: &[u8]) -> Error {
    let body: Json = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let (reason, message) = (text("reason"), text("message"));
    let lower = message.to_lowercase();
    let says_so = ["RESOURCE_NOT_FOUND", "NOT_FOUNT"].contains(&reason.as_str())
        || lower.contains("not found")
        || lower.contains("not fount");
    let text = format!("{request} answered {status} {reason}: {message}");
    match status {
        404 if reason != "API_NOT_FOUND" => Error::NotFound(text),
        400 if says_so => Error::NotFound(text),
        _ => Error::Other(text),
    }
}
