//! Sending requests: the rate, the repetitions, and what an answer is.
//!
//! A [`Client`] belongs to one API. It keeps to the rate, lets [`Transport`] send, bounds the time, reads
//! the answer, and repeats what may be repeated. It knows no path and no field. Credentials go to the
//! base URL's host alone: redirects are not followed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::Method;
use http::header::{AUTHORIZATION, DATE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use jiff::{SignedDuration, Timestamp};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use serde_json::value::RawValue;
use tfplugin::redact::{self, Secrets};
use tokio::time::Instant;
use url::Url;

use crate::api::answer::{self, Created, List, One, note_secrets, text_of};
use crate::api::base_url::BaseUrl;
use crate::api::body;
use crate::api::call::{Call, Intent};
use crate::api::error::{Details, Error, Result};
use crate::api::error_mapping::{Claim, ErrorMapping};
use crate::api::http::{LONGEST_ANSWER, Network};
use crate::api::lenient::{self, Misunderstood};
use crate::api::rate::RateLimiter;
use crate::api::resource_kind::ResourceKind;
use crate::api::retry::{Outcome, Retry, Tried, http_date, retry_after};
use crate::api::secret::Secret;
use crate::api::text::{beginning, tidy};
use crate::api::transport::{Request, Response, Transport, TransportError};

/// Everything that a client needs to know.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Whose errors to expect.
    pub(crate) error_mapping: ErrorMapping,
    /// Where the API lives.
    pub(crate) base_url: BaseUrl,
    /// Sent as a bearer token with every request; `None` sends no credentials, which only public calls bear.
    pub(crate) api_key: Option<Secret>,
    /// What no text of an answer may show, whichever API repeats it; the key is added to it.
    pub(crate) secrets: Arc<Secrets>,
    /// Bound of a single attempt, from connecting to the last byte of the answer; but for creates.
    pub(crate) request_timeout: Duration,
    /// Repetitions of a request after its first attempt; 0 = none. See [`Retry`].
    pub(crate) max_retries: u32,
    /// Requests per minute; 0 = no limit.
    pub(crate) max_requests_per_minute: u32,
    /// First interval between two looks of a wait.
    pub(crate) poll_interval: Duration,
    /// See [`user_agent`].
    pub(crate) user_agent: String,
}

/// A client of one API. Clones share its connections and its rate limit, and so does the client of an API
/// [beside](Client::beside) it.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    inner: Arc<Inner>,
    base_url: BaseUrl,
}

#[derive(Debug)]
struct Inner {
    settings: Settings,
    rate: RateLimiter,
    retry: Retry,
    /// Whether an answer has not come in time, so that the present connections may be deaf.
    may_be_deaf: AtomicBool,
    /// How far the API's clock is ahead of ours.
    clock: Mutex<Option<SignedDuration>>,
    transport: Arc<dyn Transport>,
}

/// One request, which may take several attempts.
struct Prepared<'a> {
    name: String,
    method: Method,
    path: &'a str,
    url: Url,
    body: Option<Vec<u8>>,
    intent: Intent,
}

impl Prepared<'_> {
    /// The error of an answer that is lost or of no use. A read may be done again; of anything else
    /// nobody knows now what it did.
    fn useless(&self, read: fn(Box<Details>) -> Error, details: Details) -> Error {
        if self.intent.only_looks() { read(details.into()) } else { Error::Ambiguous(details.into()) }
    }

    /// What was decoded, or the error that names the place and no contents.
    fn decoded<T>(&self, decoded: std::result::Result<T, Misunderstood>) -> Result<T> {
        decoded.map_err(|Misunderstood { place, source }| {
            self.useless(Error::Decode, self.misread(&format!(" at {place:?}"), source))
        })
    }

    fn misread(&self, place: &str, source: serde_json::Error) -> Details {
        Details::new(&self.name, format!("the answer was not understood{place}")).because(source)
    }
}

/// How an attempt failed: for the decision to repeat it, and for the caller.
struct Fault {
    outcome: Outcome,
    error: Error,
}

impl Client {
    /// A client of the real network. Does no work before the first request.
    pub(crate) fn new(settings: Settings) -> Self {
        let network = Arc::new(Network::new(settings.clone()));
        Self::through(settings, network)
    }

    /// A client of this world.
    pub(crate) fn through(settings: Settings, transport: Arc<dyn Transport>) -> Self {
        if let Some(key) = &settings.api_key {
            settings.secrets.learn(key.expose());
        }
        let rate = RateLimiter::per_minute(settings.max_requests_per_minute);
        let retry = Retry::new(settings.max_retries, settings.poll_interval, settings.request_timeout);
        let (may_be_deaf, clock) = (AtomicBool::new(false), Mutex::new(None));
        let base_url = settings.base_url.clone();
        Self { inner: Arc::new(Inner { settings, rate, retry, may_be_deaf, clock, transport }), base_url }
    }

    /// The client of an API on the same host, for the same key: at `other` in place of `own`, the end of the base URL.
    ///
    /// # Errors
    /// [`Error::Misconfigured`]: the base URL ends otherwise.
    pub(crate) fn beside(&self, own: &str, other: &str) -> Result<Self> {
        let base_url = self.base_url.beside(own, other).ok_or_else(|| {
            let message = format!(
                "the base URL does not end with {own}, so that the API at {other} beside it is not found"
            );
            Error::Misconfigured(Details::new("", message).into())
        })?;
        Ok(Self { base_url, ..self.clone() })
    }

    /// The time of day.
    pub(crate) fn now(&self) -> Timestamp {
        self.inner.transport.now()
    }

    /// The API's time of day, by the `Date` of its last answer; `None` where it told none.
    pub(crate) fn api_time(&self) -> Option<Timestamp> {
        let ahead = *self.inner.clock.lock().unwrap_or_else(PoisonError::into_inner);
        self.now().checked_add(ahead?).ok()
    }

    /// Takes note of the API's time of day.
    fn learn_time(&self, answer: &Response) {
        let date = answer.headers.get(DATE).and_then(|it| it.to_str().ok()).and_then(http_date);
        if let Some(date) = date {
            let ahead = date.duration_since(self.now());
            *self.inner.clock.lock().unwrap_or_else(PoisonError::into_inner) = Some(ahead);
        }
    }

    /// Random bytes that nobody can guess; `None` when the system has none.
    pub(crate) fn random(&self) -> Option<[u8; 8]> {
        self.inner.transport.random()
    }

    /// First interval between two looks of a wait.
    pub(crate) fn poll_interval(&self) -> Duration {
        self.inner.settings.poll_interval
    }

    /// Reads what is not one thing, such as the bounds of an endpoint. `path` begins with a slash and is below
    /// the base URL.
    ///
    /// # Errors
    /// All but [`Error::NotFound`] and [`Error::Ambiguous`].
    pub(crate) async fn get<T: DeserializeOwned + Send + 'static>(
        &self,
        call: &Call,
        path: &str,
    ) -> Result<T> {
        redact::within(&self.inner.settings.secrets, async {
            let request = self.prepare(Method::GET, path, &[], None, Intent::List);
            request.decoded(self.json(call, &request, lenient::decode).await?)
        })
        .await
    }

    /// As [`Client::get`], of what is asked for by a body: a POST that changes nothing.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(crate) async fn ask<T: DeserializeOwned + Send + 'static>(
        &self,
        call: &Call,
        path: &str,
        body: &Value,
    ) -> Result<T> {
        redact::within(&self.inner.settings.secrets, async {
            let request = self.prepare(Method::POST, path, &[], Some(body), Intent::List);
            request.decoded(self.json(call, &request, lenient::decode).await?)
        })
        .await
    }

    /// Reads a list, or a page of one, that is documented as an array or under this key. Its elements are read
    /// one by one: those of another form are counted and hide no other.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(crate) async fn list<T: DeserializeOwned + Send + 'static>(
        &self,
        call: &Call,
        path: &str,
        query: &[(&str, &str)],
        key: &'static str,
    ) -> Result<List<T>> {
        self.list_by(call, path, query, key, answer::element).await
    }

    /// As [`Client::list`], where `read` reads an element.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(crate) async fn list_by<T: Send + 'static>(
        &self,
        call: &Call,
        path: &str,
        query: &[(&str, &str)],
        key: &'static str,
        read: impl FnMut(&RawValue) -> Option<T> + Send + 'static,
    ) -> Result<List<T>> {
        redact::within(&self.inner.settings.secrets, async {
            let request = self.prepare(Method::GET, path, query, None, Intent::List);
            let body = self.repeat(call, &request).await?;
            let list = body::read(body.len(), move || answer::list(&text_of(&body), key, read)).await;
            let list = list.map_err(|error| Error::Decode(request.misread(" as a list", error).into()))?;
            if list.unreadable > 0 {
                let elements = list.unreadable;
                log::warn!(target: "provider", path, elements; "elements of a list were not understood and are left out");
            }
            Ok(list)
        })
        .await
    }

    /// Reads one thing.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the answer says in one of the allowed forms that there is none; anything else
    /// that shows no thing with this id is an [`Error::Decode`].
    pub(crate) async fn read<T: DeserializeOwned + Send + 'static>(
        &self,
        call: &Call,
        kind: &'static ResourceKind,
        id: &str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T> {
        redact::within(&self.inner.settings.secrets, async {
            let request = self.prepare(Method::GET, path, query, None, Intent::Read(kind));
            let unreadable = |message| Error::Decode(Details::new(&request.name, message).into());
            let read = |answer| answer::one(kind, answer).map(lenient::decode);
            match self.json(call, &request, read).await? {
                One::Shown(shown, _) if !shown.eq_ignore_ascii_case(id) => {
                    let shown = tidy(&shown);
                    Err(unreadable(format!("the answer is about {shown:?}, but {id:?} was asked for")))
                }
                One::Shown(_, found) => request.decoded(found),
                One::Nothing => {
                    let message = format!("there is no {} with the id {id:?} (any more)", kind.noun);
                    Err(Error::gone(&request.name, message))
                }
                One::Unreadable(why) => Err(unreadable(why)),
            }
        })
        .await
    }

    /// Makes something new. Once on its way the request is not repeated, and its answer is awaited until the
    /// deadline of the call; after a stop no longer than any other answer.
    ///
    /// # Errors
    /// [`Error::Ambiguous`] also when the answer has no fit id.
    pub(crate) async fn create(
        &self,
        call: &Call,
        kind: &'static ResourceKind,
        path: &str,
        body: &Value,
    ) -> Result<Created> {
        self.create_untold(call, kind, path, body).await?.ok_or_else(|| {
            let message = format!("the answer has no id of the new {}", kind.noun);
            Error::Ambiguous(Details::new(&format!("POST {path}"), message).into())
        })
    }

    /// As [`Client::create`], where a successful answer may show nothing: `None`.
    ///
    /// # Errors
    /// [`Error::Ambiguous`] when the answer shows something else than what was made.
    pub(crate) async fn create_untold(
        &self,
        call: &Call,
        kind: &'static ResourceKind,
        path: &str,
        body: &Value,
    ) -> Result<Option<Created>> {
        redact::within(&self.inner.settings.secrets, async {
            let request = self.prepare(Method::POST, path, &[], Some(body), Intent::Create);
            let created = self.json(call, &request, |answer| answer::created(kind, answer)).await?;
            if let Ok(Some(created)) = &created {
                log::info!(target: "provider", path, id = created.id.as_str(); "made something");
            }
            created.map_err(|why| Error::Ambiguous(Details::new(&request.name, why).into()))
        })
        .await
    }

    /// Sends a body and takes any successful answer; `Value::Null` sends none. Once on its way the request is
    /// neither stopped nor cut short by the deadline, only by the request time-out.
    ///
    /// # Errors
    /// [`Error::Ambiguous`] when it may have worked.
    pub(crate) async fn post(&self, call: &Call, path: &str, body: &Value, intent: Intent) -> Result<()> {
        redact::within(&self.inner.settings.secrets, async {
            let request = self.prepare(Method::POST, path, &[], Some(body), intent);
            self.repeat(call, &request).await.map(drop)
        })
        .await
    }

    /// Removes a thing of this kind, as [`Client::post`] does.
    ///
    /// # Errors
    /// As [`Client::post`].
    pub(crate) async fn delete(&self, call: &Call, kind: &'static ResourceKind, path: &str) -> Result<()> {
        redact::within(&self.inner.settings.secrets, async {
            let request = self.prepare(Method::DELETE, path, &[], None, Intent::Remove(kind));
            self.repeat(call, &request).await.map(drop)
        })
        .await
    }

    fn prepare<'a>(
        &self,
        method: Method,
        path: &'a str,
        query: &[(&str, &str)],
        body: Option<&Value>,
        intent: Intent,
    ) -> Prepared<'a> {
        let url = self.base_url.join(path, query);
        let body = body.filter(|it| !it.is_null()).map(|it| it.to_string().into_bytes());
        Prepared { name: format!("{method} {path}"), method, path, url, body, intent }
    }

    /// The JSON of the answer, read by this function.
    async fn json<T: Send + 'static>(
        &self,
        call: &Call,
        request: &Prepared<'_>,
        read: impl FnOnce(Value) -> T + Send + 'static,
    ) -> Result<T> {
        let body = self.repeat(call, request).await?;
        let length = body.len();
        let read = |answer| {
            note_secrets(&answer);
            read(answer)
        };
        let work = move || match body.is_empty() {
            true => Ok(read(Value::Null)),
            false => serde_json::from_str(&text_of(&body)).map(read),
        };
        let done = body::read(length, work).await;
        done.map_err(|error| request.useless(Error::Decode, request.misread("", error)))
    }

    /// The body of the successful answer: JSON, or nothing where that is an answer. Boxed, since every call holds one.
    fn repeat<'c>(&'c self, call: &'c Call, request: &'c Prepared<'_>) -> BoxFuture<'c, Result<Vec<u8>>> {
        Box::pin(self.repeated(call, request))
    }

    async fn repeated(&self, call: &Call, request: &Prepared<'_>) -> Result<Vec<u8>> {
        let mut tried = Tried::default();
        loop {
            let permit = self.inner.rate.acquire(call).await;
            permit.map_err(|why| {
                Error::interrupted(why, &request.name, "waiting for its turn to be sent", None)
            })?;
            let start = Instant::now();
            let fault = match self.attempt(call, request, tried).await {
                Ok(body) => return Ok(body),
                Err(fault) => fault,
            };
            tried.spent += start.elapsed();
            let wait = self.inner.retry.next_wait(request.intent, tried, fault.outcome, self.chance());
            let throttled = matches!(fault.outcome, Outcome::Refused(429, _));
            if throttled {
                self.inner.rate.hold(wait.unwrap_or_default());
            }
            let Some(wait) = wait.filter(|it| call.has_time_for(*it)) else {
                return Err(fault.error);
            };
            let pause = call.pause(wait).await;
            pause.map_err(|why| Error::interrupted(why, &request.name, "waiting to repeat it", None))?;
            match throttled {
                true => (tried.throttled, tried.patience) = (tried.throttled + 1, tried.patience + wait),
                false => tried.repetitions += 1,
            }
        }
    }

    async fn attempt(&self, call: &Call, request: &Prepared<'_>, tried: Tried) -> Result<Vec<u8>, Fault> {
        let mut wire = self.to_wire(request).map_err(hopeless)?;
        let may_be_deaf = self.inner.may_be_deaf.swap(false, Ordering::Relaxed);
        wire.new_connection = call.new_connection || may_be_deaf;
        let start = Instant::now();
        let timeout = self.inner.settings.request_timeout;
        let answer = self.inner.transport.exchange(wire);
        let answer = match request.intent {
            Intent::List | Intent::Read(_) => {
                let bounded = call.run(tokio::time::timeout(timeout, answer)).await;
                let bounded = bounded.map_err(|why| {
                    hopeless(Error::interrupted(why, &request.name, "waiting for its answer", None))
                })?;
                bounded.ok()
            }
            Intent::Create => call.run_to_deadline(timeout, answer).await,
            Intent::Change(_) | Intent::Action(_) | Intent::Remove(_) => {
                tokio::time::timeout(timeout, answer).await.ok()
            }
        };
        let answer = answer.unwrap_or_else(|| Err(TransportError::TooSlow(start.elapsed())));
        self.inner.may_be_deaf.fetch_or(matches!(answer, Err(TransportError::TooSlow(_))), Ordering::Relaxed);
        let attempt = tried.repetitions + tried.throttled;
        let duration_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let status = answer.as_ref().map_or(0, |it| it.status.as_u16());
        log::debug!(
            target: "provider",
            method = request.method.as_str(), path = request.path, status, duration_ms, attempt;
            "sent a request"
        );
        match answer {
            Ok(answer) => {
                self.learn_time(&answer);
                self.understand(request, answer).await
            }
            Err(error) => Err(self.unanswered(request, error)),
        }
    }

    fn to_wire(&self, request: &Prepared<'_>) -> Result<Request> {
        let mut headers = HeaderMap::new();
        if let Some(key) = &self.inner.settings.api_key {
            headers.insert(AUTHORIZATION, bearer(key, &request.name)?);
        }
        let Prepared { method, url, body, .. } = request;
        Ok(Request {
            method: method.clone(),
            url: url.clone(),
            headers,
            body: body.clone(),
            new_connection: false,
        })
    }

    /// A number in 0..1, to spread clients; one half where the system has no chance to give.
    fn chance(&self) -> f64 {
        let [a, b, c, d, ..] = self.random().unwrap_or([128, 0, 0, 0, 0, 0, 0, 0]);
        f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX)
    }

    /// The body of an answer that is JSON, or the error that the answer is.
    async fn understand(&self, request: &Prepared<'_>, answer: Response) -> Result<Vec<u8>, Fault> {
        let status = answer.status.as_u16();
        if answer.status.is_redirection() {
            return Err(hopeless(redirected(request, &answer)));
        }
        if !answer.status.is_success() {
            return Err(self.refused(request, status, &answer));
        }
        let is_empty = answer.body.iter().all(u8::is_ascii_whitespace);
        // Only `null` and `{}` say that there is nothing: no answer at all must not make a thing look gone.
        if is_empty && !request.intent.only_looks() {
            return Ok(Vec::new());
        }
        let (claim, answer) = body::read(answer.body.len(), move || (claim(&answer.body), answer)).await;
        let claim = claim.map_err(|NoJson { what, source }| {
            let message = format!("the answer was {what}, although its status was a successful one");
            let details = Details::new(&request.name, message).with_status(status);
            let details = match source {
                Some(source) => details.because(source),
                None => details,
            };
            Fault { outcome: Outcome::Unreadable, error: request.useless(Error::Decode, details) }
        })?;
        match self.inner.settings.error_mapping.hidden_status(&claim) {
            Some(status) => Err(self.refused(request, status, &answer)),
            None => Ok(answer.body),
        }
    }

    fn refused(&self, request: &Prepared<'_>, status: u16, answer: &Response) -> Fault {
        let header = |name| answer.headers.get(name).and_then(|it| it.to_str().ok());
        let asked = header(RETRY_AFTER).and_then(|it| retry_after(it, header(DATE), self.now()));
        let text = text_of(&answer.body);
        let body = beginning(&text);
        let mut error =
            self.inner.settings.error_mapping.error(&request.name, request.intent, status, body.as_bytes());
        error.details_mut().retry_after = asked;
        Fault { outcome: Outcome::Refused(status, asked), error }
    }

    fn unanswered(&self, request: &Prepared<'_>, error: TransportError) -> Fault {
        let host = self.base_url.host();
        let facts = |message: String| Details::new(&request.name, message);
        let lost = |message| request.useless(Error::Transport, facts(message));
        match error {
            TransportError::NotSetUp(why) => hopeless(Error::Misconfigured(Details::new("", why).into())),
            TransportError::Unsendable(cause) => {
                hopeless(Error::Misconfigured(facts(cause.text).because(cause.source).into()))
            }
            TransportError::Untrusted(cause) => {
                let message = format!(
                    "the certificate of {host} is not trusted ({}); if a proxy or a private authority is in between, \
                     let SSL_CERT_FILE name a file with its certificate",
                    cause.text
                );
                hopeless(Error::Misconfigured(facts(message).because(cause.source).into()))
            }
            TransportError::NeverLeft(cause) => {
                let message = format!("could not connect to {host}: {}", cause.text);
                let error = Error::Transport(facts(message).because(cause.source).into());
                Fault { outcome: Outcome::NeverLeft, error }
            }
            TransportError::Lost(cause) => {
                let message =
                    format!("the connection to {host} broke before the answer was complete: {}", cause.text);
                let mut error = lost(message);
                error.details_mut().source = Some(cause.source.into());
                Fault { outcome: Outcome::Lost, error }
            }
            TransportError::TooSlow(time) => {
                Fault { outcome: Outcome::Lost, error: lost(format!("no answer within {time:?}")) }
            }
            TransportError::TooLong => {
                hopeless(lost(format!("the answer was longer than {} MiB", LONGEST_ANSWER >> 20)))
            }
        }
    }
}

/// A body that is none that could be decoded.
struct NoJson {
    what: &'static str,
    source: Option<serde_json::Error>,
}

/// What the body of a successful answer claims of itself.
fn claim(body: &[u8]) -> std::result::Result<Claim, NoJson> {
    if !body::is_affordable(body) {
        return Err(NoJson { what: "too large in memory", source: None });
    }
    let text = text_of(body);
    if text.trim_start().starts_with('{')
        && let Ok(claim) = serde_json::from_str(&text)
    {
        return Ok(claim);
    }
    if let Err(error) = serde_json::from_str::<IgnoredAny>(&text) {
        let what = match text.trim_start().chars().next() {
            None => "empty",
            Some('<') => "a web page (is the base URL right?)",
            Some(_) => "not JSON",
        };
        return Err(NoJson { what, source: Some(error) });
    }
    Ok(Claim::default())
}

/// The value of the header that carries the key.
fn bearer(key: &Secret, request: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose())).map_err(|_| {
        let message = "the API key contains a character that cannot be sent, such as a line break";
        Error::Misconfigured(Details::new(request, message).into())
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn hopeless(error: Error) -> Fault {
    Fault { outcome: Outcome::Hopeless, error }
}

fn redirected(request: &Prepared<'_>, answer: &Response) -> Error {
    let target = answer.headers.get(LOCATION).and_then(|it| it.to_str().ok());
    let target = target.and_then(|it| request.url.join(it).ok());
    // Its path may hold anything, what was sent included.
    let place = target.as_ref().and_then(Url::host_str).unwrap_or("nowhere");
    let message = format!(
        "the API redirects to {place}; redirects are not followed, so that the key goes to no other host than the \
         base URL's: correct the base URL if this one is outdated"
    );
    let details = Details::new(&request.name, message).with_status(answer.status.as_u16());
    Error::Misconfigured(details.into())
}

/// How the client introduces itself: this program's and the calling client's versions, and what the
/// operator wants to add. Characters that a header cannot hold are left out.
pub(crate) fn user_agent(version: &str, client_version: &str, suffix: Option<&str>) -> String {
    let mut text = format!("{}/{version}", env!("CARGO_PKG_NAME"));
    if !client_version.is_empty() {
        text += &format!(" (client {client_version}; {} {})", std::env::consts::OS, std::env::consts::ARCH);
    }
    if let Some(suffix) = suffix.map(str::trim).filter(|it| !it.is_empty()) {
        text += &format!(" {suffix}");
    }
    text.retain(|it| matches!(it, ' '..='~'));
    text
}

#[cfg(test)]
mod patience;
#[cfg(test)]
mod tests;
