//! The handle that tests hold: starts the server in a thread of its own, stops it when dropped.
//!
//! Every method may be called from plain threads and from inside any async runtime; none blocks for
//! longer than a lock, but `wait_until`.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::oneshot;

use crate::clock::{Clock, Time};
use crate::core::Core;
use crate::faults::Fault;
use crate::log::Request;
use crate::novita::style::{AnswerStyle, Pace};
use crate::novita::{Novita, PREFIX};
use crate::server::{Shared, serve};

/// How a mock is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// Port on 127.0.0.1; 0 for a free one.
    pub port: u16,
    /// What makes machines move on.
    pub clock: Clock,
    /// The key that requests must carry.
    pub api_key: String,
    /// Seconds since 1970 that the clock begins with; none for the system's time.
    pub start_time: Option<u64>,
    /// How loosely answers are written.
    pub style: AnswerStyle,
    /// How many steps each status lasts.
    pub pace: Pace,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            clock: Clock::default(),
            api_key: "mock-api-key".to_owned(),
            start_time: None,
            style: AnswerStyle::default(),
            pace: Pace::default(),
        }
    }
}

/// A machine that exists and costs money.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Machine {
    pub id: String,
    pub name: String,
    /// `gpu` or `cpu`.
    pub kind: String,
    pub status: String,
}

/// A running mock.
#[derive(Debug)]
pub struct MockCloud {
    shared: std::sync::Arc<Shared>,
    address: SocketAddr,
    api_key: String,
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
        let address = listener.local_addr()?;
        let mut novita = Novita::new(&options.api_key);
        (novita.style, novita.pace) = (options.style, options.pace);
        let time = Time::start(options.clock, options.start_time);
        let shared = std::sync::Arc::new(Shared::new(Core::new(time, novita)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let serving = shared.clone();
        let thread = std::thread::Builder::new()
            .name("mock-cloud".to_owned())
            .spawn(move || runtime.block_on(serve(listener, serving, stopped)))?;
        Ok(Self { shared, address, api_key: options.api_key, stop: Some(stop), thread: Some(thread) })
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The base URL of the Novita AI side, with its prefix and without a slash at the end.
    pub fn novita_url(&self) -> String {
        format!("{}{PREFIX}", self.origin())
    }

    /// The key that requests must carry.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// Seconds since 1970 on the mock's clock.
    pub fn now(&self) -> u64 {
        self.shared.core().time.now()
    }

    /// Moves the time forward, and the machines by the steps that are due.
    pub fn advance(&self, by: Duration) {
        let mut core = self.shared.core();
        core.time.advance(by);
        core.catch_up();
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

    /// The same for async callers, without a limit.
    pub async fn until(&self, wanted: impl Fn(&[Request]) -> bool) {
        let mut changes = self.shared.changes();
        while !wanted(self.shared.core().log.requests()) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Machines that exist and cost money.
    pub fn alive(&self) -> Vec<Machine> {
        let mut core = self.shared.core();
        core.catch_up();
        core.novita.alive()
    }

    /// Machines that were made by create calls, those that are gone included.
    pub fn created_count(&self) -> u64 {
        self.shared.core().novita.created
    }

    /// The whole record of an instance, with what answers never show.
    pub fn instance(&self, id: &str) -> Option<Value> {
        let mut core = self.shared.core();
        core.catch_up();
        core.novita.record(id)
    }

    /// Puts an instance into the books as if it had always been there. What is left out is that of a
    /// small running machine of the `kind`. Answers its id, or what is wrong with the record.
    pub fn seed_instance(&self, record: Value) -> Result<String, String> {
        let mut core = self.shared.core();
        let now = core.time.now();
        core.novita.seed_instance(record, now)
    }

    /// Changes members of an instance's record behind everyone's back; lists are replaced as a whole.
    pub fn modify_instance(&self, id: &str, patch: Value) -> Result<(), String> {
        self.shared.core().novita.modify_instance(id, patch)
    }

    /// Takes an instance out of the books at once; false when it is not in them.
    pub fn remove_instance(&self, id: &str) -> bool {
        self.shared.core().novita.remove_instance(id)
    }

    /// Puts an instance into a status, in which it stays; false when it is not in the books.
    pub fn set_status(&self, id: &str, status: &str) -> bool {
        self.shared.core().novita.set_status(id, status)
    }

    /// Looks at or changes the rest of the Novita AI side: catalogue, storages, style, pace. Holds the
    /// mock's lock meanwhile, so `change` must not call this handle.
    pub fn with_novita<T>(&self, change: impl FnOnce(&mut Novita) -> T) -> T {
        change(&mut self.shared.core().novita)
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

    /// Takes all switches away.
    pub fn clear(&self) {
        self.0.core().faults.clear();
    }

    /// Switches that have not acted as often as they should.
    pub fn waiting(&self) -> Vec<Fault> {
        self.0.core().faults.waiting().to_vec()
    }
}
