//! The world around the provider's process: a network with trouble in it, a clock that does not wait, and
//! chance that repeats itself.
//!
//! The world outlives processes. Each of them has a runtime of its own, whose clock begins at zero; the
//! world's goes on.

use std::fmt;
use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use fastrand::Rng;
use http::StatusCode;
use http::header::{AUTHORIZATION, DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use jiff::{SignedDuration, Timestamp};
use mock_cloud::{Clock, Direct, Effect, MockCloud, Options, Reply, When};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::api::transport::{Cause, Request, Response, Transport, TransportError};
use crate::provider::simulator::mischief::{Mischief, Trouble, latency};

/// What the clocks show when a run begins: 2026-01-01T00:00:00Z.
const START: u64 = 1_767_225_600;

/// The world of one run.
pub(super) struct World {
    pub(super) cloud: MockCloud,
    /// Whether its story is written down.
    told: bool,
    /// Whether waits look each for itself.
    one_by_one: AtomicBool,
    inner: Mutex<Inner>,
}

struct Inner {
    rng: Rng,
    /// For the provider's own chance, so that its draws and the world's do not mix.
    provider_rng: Rng,
    mischief: Mischief,
    /// What earlier processes took.
    before: Duration,
    /// When the clock of the present process showed zero.
    process: Option<Instant>,
    /// How far the mock's clock was moved.
    mock: Duration,
    story: Vec<String>,
    requests: u32,
    /// Requests since the command began.
    since_command: u32,
    stop: CancellationToken,
    killed: CancellationToken,
    /// When the last request ended.
    last_end: Duration,
    /// When the last Ctrl-C came.
    stopped_at: Duration,
}

impl fmt::Debug for World {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("World")
    }
}

impl World {
    pub(super) fn new(seed: u64, options: Options, told: bool) -> Arc<Self> {
        let options = Options { clock: Clock::Manual, start_time: Some(START), ..options };
        let mut rng = Rng::with_seed(seed);
        let provider_rng = rng.fork();
        Arc::new(Self {
            cloud: MockCloud::without_server(options),
            told,
            one_by_one: AtomicBool::new(false),
            inner: Mutex::new(Inner {
                rng,
                provider_rng,
                mischief: Mischief::default(),
                since_command: 0,
                before: Duration::ZERO,
                process: None,
                mock: Duration::ZERO,
                story: Vec::new(),
                requests: 0,
                stop: CancellationToken::new(),
                killed: CancellationToken::new(),
                last_end: Duration::ZERO,
                stopped_at: Duration::ZERO,
            }),
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the work in a process of its own, on a clock that jumps over waits; `None`: it was killed.
    pub(super) fn process<T>(&self, mischief: Mischief, work: impl Future<Output = T>) -> Option<T> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let outcome = runtime.expect("a runtime").block_on(async {
            let killed = {
                let mut inner = self.inner();
                inner.process = Some(Instant::now());
                (inner.mischief, inner.since_command) = (mischief, 0);
                inner.killed = CancellationToken::new();
                inner.killed.clone()
            };
            let outcome = tokio::select! {
                biased;
                () = killed.cancelled() => None,
                outcome = work => Some(outcome),
            };
            let mut inner = self.inner();
            inner.before = inner.now();
            inner.process = None;
            outcome
        });
        self.catch_up();
        outcome
    }

    /// The signal of this process's Ctrl-C, from now on.
    pub(super) fn new_stop(&self) -> CancellationToken {
        let mut inner = self.inner();
        inner.stop = CancellationToken::new();
        inner.stop.clone()
    }

    /// From now on waits look each for itself, to compare the requests.
    pub(super) fn look_one_by_one(&self) {
        self.one_by_one.store(true, Ordering::Relaxed);
    }

    pub(super) fn looks_one_by_one(&self) -> bool {
        self.one_by_one.load(Ordering::Relaxed)
    }

    /// Time since the run began.
    pub(super) fn elapsed(&self) -> Duration {
        self.inner().now()
    }

    /// When the last request ended.
    pub(super) fn last_end(&self) -> Duration {
        self.inner().last_end
    }

    /// When the last Ctrl-C came.
    pub(super) fn stopped_at(&self) -> Duration {
        self.inner().stopped_at
    }

    /// Lets time pass while no process runs.
    pub(super) fn pass(&self, time: Duration) {
        self.inner().before += time;
        self.catch_up();
    }

    /// Lets the mock's clock show the time.
    fn catch_up(&self) {
        let due = {
            let mut inner = self.inner();
            let now = inner.now();
            let due = now.saturating_sub(inner.mock);
            inner.mock = now;
            due
        };
        self.cloud.advance(due);
    }

    /// Writes a line of the run's story, if anybody listens.
    pub(super) fn tell(&self, line: fmt::Arguments<'_>) {
        if !self.told {
            return;
        }
        let mut inner = self.inner();
        let time = inner.now().as_secs_f64();
        inner.story.push(format!("{time:9.2}  {line}"));
    }

    pub(super) fn story(&self) -> Vec<String> {
        self.inner().story.clone()
    }

    /// Requests so far.
    pub(super) fn requests(&self) -> u32 {
        self.inner().requests
    }

    /// What happens to a request, and how long it takes before and after the work.
    fn draw(&self, request: &Request) -> (Trouble, Duration, Duration) {
        let mut inner = self.inner();
        inner.requests += 1;
        inner.since_command += 1;
        let (mischief, number) = (inner.mischief, inner.since_command);
        let rng = &mut inner.rng;
        let trouble = mischief.draw(rng, number, request.method.as_str(), request.url.path());
        (trouble, latency(rng), latency(rng))
    }

    /// Ends the process: nothing of it goes on.
    async fn kill(&self) -> ! {
        self.inner().killed.cancel();
        pending().await
    }

    fn cancel(&self) {
        self.tell(format_args!("Ctrl-C"));
        let mut inner = self.inner();
        inner.stopped_at = inner.now();
        let stop = inner.stop.clone();
        drop(inner);
        stop.cancel();
    }

    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let (trouble, before, after) = self.draw(&request);
        if !matches!(trouble, Trouble::None) {
            self.tell(format_args!("{} {}: {trouble:?}", request.method, target(&request)));
        }
        sleep(before).await;
        match trouble {
            Trouble::NeverLeft => return Err(TransportError::NeverLeft(cause("connection refused"))),
            Trouble::Lost(When::Before) => return Err(TransportError::Lost(cause("connection reset"))),
            Trouble::Hangs(When::Before) => pending().await,
            Trouble::Kill(When::Before) => self.kill().await,
            Trouble::Cancel(When::Before) => self.cancel(),
            _ => {}
        }
        let effects: Vec<Effect> = match &trouble {
            Trouble::Mock(effect) => vec![effect.clone()],
            _ => Vec::new(),
        };
        self.catch_up();
        let answer = self.exchanged(&request, &effects);
        let status = answer.as_ref().map_or(0, |it| it.status.as_u16());
        self.tell(format_args!("{} {} → {status}", request.method, target(&request)));
        match trouble {
            Trouble::Hangs(_) => pending().await,
            Trouble::Kill(_) => self.kill().await,
            Trouble::Cancel(When::After) => self.cancel(),
            _ => {}
        }
        sleep(after).await;
        match (trouble, answer) {
            (Trouble::Lost(_), _) => Err(TransportError::Lost(cause("connection reset"))),
            (Trouble::Truncated, Ok(mut answer)) => {
                answer.body.truncate(answer.body.len() / 2);
                Ok(answer)
            }
            (_, answer) => answer,
        }
    }

    fn exchanged(&self, request: &Request, effects: &[Effect]) -> Result<Response, TransportError> {
        let request = Direct {
            method: request.method.to_string(),
            target: target(request),
            authorization: request
                .headers
                .get(AUTHORIZATION)
                .and_then(|it| it.to_str().ok())
                .map(str::to_owned),
            body: request.body.clone().unwrap_or_default(),
        };
        match self.cloud.exchange(request, effects) {
            Reply::Dropped => Err(TransportError::Lost(cause("connection reset"))),
            Reply::Answer { status, retry_after, body } => {
                let mut headers = HeaderMap::new();
                let date = HeaderValue::from_str(&self.cloud.date()).expect("a date");
                headers.insert(DATE, date);
                if let Some(value) = retry_after.and_then(|it| HeaderValue::from_str(&it).ok()) {
                    headers.insert(RETRY_AFTER, value);
                }
                let status = StatusCode::from_u16(status).expect("a status");
                Ok(Response { status, headers, body: body.into_bytes() })
            }
        }
    }
}

impl Inner {
    fn now(&self) -> Duration {
        self.before + self.process.map_or(Duration::ZERO, |it| it.elapsed())
    }
}

#[async_trait]
impl Transport for World {
    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        let ended = Ended(self);
        let answer = self.send(request).await;
        drop(ended);
        answer
    }

    fn now(&self) -> Timestamp {
        let start = Timestamp::from_second(START.try_into().expect("in range")).expect("in range");
        start + SignedDuration::try_from(self.elapsed()).expect("in range")
    }

    fn random(&self) -> Option<[u8; 8]> {
        Some(self.inner().provider_rng.u64(..).to_be_bytes())
    }
}

/// Notes when a request ends, be it that its caller gives it up.
struct Ended<'w>(&'w World);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        let mut inner = self.0.inner();
        if inner.process.is_some() {
            inner.last_end = inner.now();
        }
    }
}

fn target(request: &Request) -> String {
    let query = request.url.query().map(|it| format!("?{it}")).unwrap_or_default();
    format!("{}{query}", request.url.path())
}

fn cause(text: &str) -> Cause {
    Cause { text: text.to_owned(), source: text.into() }
}
