//! An API of a few lines for the tests of calls, which shows what is sent and how answers are read; and
//! clients for it and for the mock.
//!
//! It opens no socket, so that a test may pause tokio's clock, which jumps then over every wait.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::StatusCode;
use http::header::{DATE, HeaderMap};
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use tfplugin::diagnostics::{Diagnostic, Diagnostics, Severity};
use tfplugin::model::Model;
use tfplugin::resource::{StateCell, StateWriter};
use tfplugin::schema::Schema;
use tfplugin::value::Value;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::api::base_url::BaseUrl;
use crate::api::client::{Client, Settings};
use crate::api::error_mapping::ErrorMapping;
use crate::api::secret::Secret;
use crate::api::transport::{Request, Response, Transport, TransportError};
use crate::provider::clients::{Clients, Config, Cx, Surroundings};

/// The requests that an API got, as `METHOD target body`.
pub(crate) type Requests = Arc<Mutex<Vec<String>>>;

/// A client whose API answers each request by a function of its line and body, and a record of both.
pub(crate) async fn serve(
    error_mapping: ErrorMapping,
    answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static,
) -> (Client, Requests) {
    let requests = Requests::default();
    let api =
        Api { answer: Box::new(answer), requests: requests.clone(), start: now(), begin: Instant::now() };
    (Client::through(settings(error_mapping, "http://127.0.0.1:1", "key"), Arc::new(api)), requests)
}

/// A client that repeats nothing and looks often.
pub(crate) fn client(error_mapping: ErrorMapping, url: &str, key: &str) -> Client {
    Client::new(settings(error_mapping, url, key))
}

pub(crate) fn settings(error_mapping: ErrorMapping, url: &str, key: &str) -> Settings {
    Settings {
        error_mapping,
        base_url: BaseUrl::parse(url).unwrap(),
        api_key: Some(Secret::new(key)),
        secrets: Arc::default(),
        request_timeout: Duration::from_secs(20),
        max_retries: 0,
        max_requests_per_minute: 0,
        poll_interval: Duration::from_millis(2),
        user_agent: "test".to_owned(),
    }
}

/// An operation of a provider whose APIs are both this one, which may take half an hour.
pub(crate) fn operation(
    client_version: &str,
    answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static,
) -> (Cx, Requests) {
    let requests = Requests::default();
    let (answer, record) = (Box::new(answer), requests.clone());
    let api = Arc::new(Api { answer, requests: record, start: now(), begin: Instant::now() });
    let environment = |name: &str| match name {
        "NOVITA_BASE_URL" | "NOVACLOUD_BASE_URL" => Some("http://127.0.0.1:1".to_owned()),
        _ => name.ends_with("API_KEY").then(|| "key".to_owned()),
    };
    let connect = |it| {
        Client::through(Settings { max_retries: 0, max_requests_per_minute: 0, ..it }, Arc::clone(&api) as _)
    };
    let surroundings = Surroundings { environment: &environment, connect: &connect, client_version };
    let clients = Clients::configure(&Config::from_object(&Value::Null).unwrap(), &surroundings).unwrap();
    (Cx::new(Arc::new(clients), CancellationToken::new(), Duration::from_secs(1800)), requests)
}

/// As [`serve`], with one answer after the other; the last one again and again.
pub(crate) async fn play(
    error_mapping: ErrorMapping,
    script: &'static [(u16, &'static str)],
) -> (Client, Requests) {
    let next = Mutex::new(0);
    serve(error_mapping, move |_| {
        let mut next = next.lock().unwrap();
        let (status, body) = script[(*next).min(script.len() - 1)];
        *next += 1;
        (status, body.to_owned())
    })
    .await
}

/// Whether this asks for a page of a list behind its first one: where it ends, for fakes whose lists have one page.
pub(crate) fn is_later_page(request: &str) -> bool {
    let query = request.split_once('?').map_or("", |it| it.1);
    let places = query.split(['&', ' ']).filter_map(|it| it.split_once('='));
    places.into_iter().any(|it| matches!(it.0, "offset" | "pageNum" | "pageNo") && it.1 != "0")
}

/// What was sent to change something, as it was sent.
pub(crate) fn sent(requests: &Requests) -> Vec<String> {
    requests.lock().unwrap().iter().filter(|it| !it.starts_with("GET")).cloned().collect()
}

/// As [`sent`], without the bodies.
pub(crate) fn acts(requests: &Requests) -> Vec<String> {
    sent(requests).iter().map(|it| it.split(" {").next().unwrap().to_owned()).collect()
}

/// All that is told of an operation, as summaries and details: its warnings, in brackets, and what it failed with.
pub(crate) fn told<T>(cx: &Cx, result: Result<T, Diagnostics>) -> String {
    let mut diagnostics = cx.take_warnings();
    diagnostics.append(result.err().unwrap_or_default());
    let one = |it: &Diagnostic| match it.severity {
        Severity::Error => format!("{}: {}", it.summary, it.detail),
        Severity::Warning => format!("[{}: {}]", it.summary, it.detail),
    };
    diagnostics.0.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// What keeps the state of a resource, and where it keeps it.
pub(crate) fn writer<M: Model>() -> (StateCell, StateWriter<M>) {
    let cell = StateCell::default();
    (cell.clone(), StateWriter::new(cell, Arc::new(Schema::of::<M>()), Value::Null))
}

fn now() -> Timestamp {
    Timestamp::now()
}

/// The answer to a request: a status and a body.
type Answer = dyn Fn(&str) -> (u16, String) + Send + Sync;

/// An API whose clock goes as tokio's does.
struct Api {
    answer: Box<Answer>,
    requests: Requests,
    start: Timestamp,
    begin: Instant,
}

impl fmt::Debug for Api {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Api")
    }
}

#[async_trait]
impl Transport for Api {
    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        let Request { method, url, body, .. } = request;
        let query = url.query().map(|it| format!("?{it}")).unwrap_or_default();
        let body = String::from_utf8(body.unwrap_or_default()).unwrap();
        let line = format!("{method} {}{query} {body}", url.path()).trim_end().to_owned();
        sleep(Duration::from_millis(1)).await;
        let (status, body) = (self.answer)(&line);
        self.requests.lock().unwrap().push(line);
        let mut headers = HeaderMap::new();
        let date = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&self.now()).unwrap();
        headers.insert(DATE, date.parse().unwrap());
        Ok(Response { status: StatusCode::from_u16(status).unwrap(), headers, body: body.into_bytes() })
    }

    fn now(&self) -> Timestamp {
        self.start + SignedDuration::try_from(self.begin.elapsed()).unwrap()
    }

    fn random(&self) -> Option<[u8; 8]> {
        Some([7; 8])
    }
}
