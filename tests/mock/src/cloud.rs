//! The handle that tests hold: starts the server in a thread of its own, stops it when dropped.
//!
//! What tests read and change behind the API stands in `books`.
//!
//! Every method may be called from plain threads and from inside any async runtime; none blocks for
//! longer than a lock, but those whose names begin with `wait`.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::clock::{Clock, Time};
use crate::core::Core;
use crate::faults::{Effect, Fault, When};
use crate::log::Request;
use crate::novacloud::{self, NovaCloud};
use crate::novita::style::AnswerStyle;
use crate::novita::{Novita, PREFIX};
use crate::server::{Shared, serve};
use crate::style::Style;
use crate::walk::Pace;

/// How a mock is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// Port on 127.0.0.1; 0 for a free one.
    pub port: u16,
    /// What makes machines move on.
    pub clock: Clock,
    /// The key that requests to Novita AI must carry.
    pub api_key: String,
    /// The key that requests to Nova Cloud must carry; `_read_only` and `_billing_only` behind it make
    /// keys that may do less.
    pub novacloud_api_key: String,
    /// Seconds since 1970 that the clock begins with; none for the system's time.
    pub start_time: Option<u64>,
    /// How loosely Novita AI's answers are written.
    pub style: AnswerStyle,
    /// What both platforms do of their own accord.
    pub platform: Style,
    /// How many steps each status lasts, with both vendors.
    pub pace: Pace,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            clock: Clock::default(),
            api_key: "mock-api-key".to_owned(),
            novacloud_api_key: "nv_mock_api_key".to_owned(),
            start_time: None,
            style: AnswerStyle::default(),
            platform: Style::default(),
            pace: Pace::default(),
        }
    }
}

/// A machine or endpoint that exists and costs money.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Machine {
    pub id: String,
    pub name: String,
    /// `novita` or `novacloud`.
    pub vendor: String,
    /// `gpu`, `cpu`, `endpoint` or `vm`.
    pub kind: String,
    /// The status, or the state of an endpoint.
    pub status: String,
}

/// A running mock.
#[derive(Debug)]
pub struct MockCloud {
    pub(crate) shared: std::sync::Arc<Shared>,
    address: SocketAddr,
    api_key: String,
    novacloud_api_key: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl MockCloud {
    /// Starts a mock.
    ///
    /// # Panics
    ///
    /// When the port cannot be bound; see [`MockCloud::try_start`].
    #[must_use]
    pub fn start(options: Options) -> Self {
        match Self::try_start(options) {
            Ok(cloud) => cloud,
            Err(error) => panic!("the mock cannot start: {error}"),
        }
    }

    /// Starts a mock, or says why its port cannot be used.
    pub fn try_start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
        listener.set_nonblocking(true)?;
        let mut cloud = Self::of(listener.local_addr()?, options);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let serving = cloud.shared.clone();
        let thread = std::thread::Builder::new()
            .name("mock-cloud".to_owned())
            .spawn(move || runtime.block_on(serve(listener, serving, stopped)))?;
        (cloud.stop, cloud.thread) = (Some(stop), Some(thread));
        Ok(cloud)
    }

    /// A mock at this address that nobody serves yet.
    pub(crate) fn of(address: SocketAddr, options: Options) -> Self {
        let Options { clock, api_key, novacloud_api_key, start_time, style, platform, pace, port: _ } =
            options;
        let mut novita = Novita::new(&api_key);
        let mut novacloud = NovaCloud::new(&novacloud_api_key);
        (novita.style, novita.pace) = (style, pace.clone());
        novacloud.pace = pace;
        (novita.platform, novacloud.platform) = (platform.clone(), platform);
        let core = Core::new(Time::start(clock, start_time), novita, novacloud);
        let shared = std::sync::Arc::new(Shared::new(core));
        Self { shared, address, api_key, novacloud_api_key, stop: None, thread: None }
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The base URL of the Novita AI side, with its prefix and without a slash at the end.
    pub fn novita_url(&self) -> String {
        format!("{}{PREFIX}", self.origin())
    }

    /// The key that requests to Novita AI must carry.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// The base URL of the Nova Cloud side, without a slash at the end.
    pub fn novacloud_url(&self) -> String {
        format!("{}{}", self.origin(), novacloud::PREFIX)
    }

    /// The key that requests to Nova Cloud must carry.
    pub fn novacloud_api_key(&self) -> &str {
        &self.novacloud_api_key
    }

    /// A key of Nova Cloud that may only read.
    pub fn novacloud_read_only_key(&self) -> String {
        format!("{}_read_only", self.novacloud_api_key)
    }

    /// Seconds since 1970 on the mock's clock.
    pub fn now(&self) -> u64 {
        self.shared.core().time.now()
    }

    /// The `Date` header of an answer that is sent now.
    pub fn date(&self) -> String {
        self.shared.core().time.date()
    }

    /// Sets the vendors' clocks so many seconds forward (back, below zero), and the `Date` header so many
    /// more.
    pub fn skew_clock(&self, clock: i64, date: i64) {
        self.shared.core().time.skew(clock, date);
    }

    /// Moves the time forward, and the machines by the steps that are due.
    pub fn advance(&self, by: Duration) {
        let mut core = self.shared.core();
        core.time.advance(by);
        core.catch_up();
    }

    /// Looks at or changes what both platforms do of their own accord.
    pub fn with_style<T>(&self, change: impl FnOnce(&mut Style) -> T) -> T {
        self.shared.core().with_style(change)
    }

    /// The switches that make requests fail.
    pub fn faults(&self) -> FaultList<'_> {
        FaultList(&self.shared)
    }

    /// Lets all requests go that hang now.
    pub fn release(&self) {
        self.shared.release();
    }

    /// The requests since the start or the last `clear_log`.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.core().log.requests().to_vec()
    }

    /// Forgets the requests.
    pub fn clear_log(&self) {
        self.shared.core().log.clear();
    }

    /// Blocks the thread until the log is as wanted; false when `limit` passed before.
    pub fn wait_until(&self, limit: Duration, wanted: impl Fn(&[Request]) -> bool) -> bool {
        let deadline = Instant::now() + limit;
        self.shared.wait_until(deadline, |core| wanted(core.log.requests()))
    }

    /// The same for what exists; see [`MockCloud::alive`].
    pub fn wait_until_alive(&self, limit: Duration, wanted: impl Fn(&[Machine]) -> bool) -> bool {
        let deadline = Instant::now() + limit;
        self.shared.wait_until(deadline, |core| wanted(&core.alive()))
    }

    /// The same for async callers, without a limit.
    pub async fn until(&self, wanted: impl Fn(&[Request]) -> bool) {
        let mut changes = self.shared.changes();
        while !wanted(self.shared.core().log.requests()) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }
}

impl Drop for MockCloud {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The thread may have ended by itself; then there is nobody left to tell.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            // A panic in the server's thread was printed there; a second one in a drop would abort.
            let _ = thread.join();
        }
    }
}

/// The switches of a running mock.
#[derive(Debug)]
pub struct FaultList<'a>(&'a Shared);

impl FaultList<'_> {
    /// Adds a switch behind those that are set.
    pub fn push(&self, fault: Fault) {
        self.0.core().faults.push(fault);
    }

    /// Ends every connection on which a catalogue of either vendor is asked for, until `clear`.
    pub fn catalogue_unreachable(&self) {
        for path in CATALOGUE {
            self.push(Fault::new("GET", path, Effect::Drop(When::Before)).always());
        }
    }

    /// Takes all switches away.
    pub fn clear(&self) {
        self.0.core().faults.clear();
    }

    /// Switches that have not acted as often as they should.
    pub fn waiting(&self) -> Vec<Fault> {
        self.0.core().faults.waiting().to_vec()
    }
}

/// The reads that tell what can be rented; `/products` is both lists of them.
const CATALOGUE: [&str; 5] = ["/products", "/clusters", "/endpoint/limit", "/search", "/pricing"];
