//! A kind of thing of no vendor, for the tests of the life cycle; and an API that has some, whose gets and lists
//! say what a test wants them to, on a clock that jumps over every wait.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::StatusCode;
use http::header::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use tokio::time::{Instant, sleep};

use crate::api::call::Call;
use crate::api::client::{Client, Settings};
use crate::api::error::Result;
use crate::api::error_mapping::ErrorMapping;
use crate::api::resource_kind::{IdFormat, ResourceKind};
use crate::api::transport::{Request, Response, Transport, TransportError};
use crate::provider::life_cycle::list_cache::ListCache;
use crate::provider::life_cycle::phase::{Phase, Phases};
use crate::provider::life_cycle::remote::{Answer, Kind, Remote};
use crate::provider::loopback;
use crate::provider::paging::{Element, LIMIT, Steps};

/// A thing.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Thing {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) trouble: String,
    #[serde(skip)]
    pub(crate) created: Option<Timestamp>,
    /// Whether it can be taken back.
    pub(crate) is_cheap: bool,
}

/// What tells one from other things.
const KIND: ResourceKind = ResourceKind {
    noun: "thing",
    words: &["thing"],
    not_found: &[],
    wrapper: None,
    is_listed: false,
    bare_id: false,
    id: IdFormat::Text,
};

impl Element for Thing {
    const KIND: &'static ResourceKind = &KIND;
    const KEY: &'static str = "things";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Answer for Thing {
    const PHASES: Phases = &[
        ("there", Phase::Ready),
        ("off", Phase::Stopped),
        ("going", Phase::Moving),
        ("broken", Phase::Failed),
        ("lost", Phase::Lost),
        ("leaving", Phase::Leaving),
        ("gone", Phase::Gone),
    ];

    fn list() -> Steps<Self> {
        Steps::by_offset("/things")
    }

    fn get<'a>(
        client: &'a Client,
        call: &'a Call,
        id: &'a str,
    ) -> Option<impl Future<Output = Result<Self>> + Send + 'a> {
        Some(async move { client.read(call, &KIND, id, &format!("/things/{id}"), &[]).await })
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn created(&self) -> Option<Timestamp> {
        self.created
    }

    fn status(&self) -> &str {
        &self.status
    }

    fn trouble(&self) -> Option<&str> {
        Some(self.trouble.as_str()).filter(|it| !it.is_empty())
    }

    fn would_be_kept_by(&self) -> Option<&'static str> {
        self.is_cheap.then_some("`cheap = false`")
    }

    fn advice(&self) -> String {
        format!("advice for {:?}", self.phase())
    }
}

/// What an API says about all its things after so much time: a status, with a `!` for trouble; nothing: it has none;
/// `503`, `401`: that status; `hangs`.
type Scene = fn(Duration) -> &'static str;

/// An API with things whose ids are numbers.
pub(crate) struct World {
    api: Arc<Api>,
    client: Client,
    kind: Arc<Kind<Thing>>,
}

struct Api {
    start: Instant,
    get: Scene,
    list: Scene,
    /// Elements of its list.
    size: usize,
    /// How long a page of the list takes.
    slow: Duration,
    asked: Mutex<Vec<(Duration, String)>>,
}

impl World {
    /// Its gets and lists say this.
    pub(crate) fn new(get: Scene, list: Scene) -> Self {
        Self::of_size(40, Duration::ZERO, get, list)
    }

    /// The same with so many things in its list, a page of which takes so long.
    pub(crate) fn of_size(size: usize, slow: Duration, get: Scene, list: Scene) -> Self {
        let api = Arc::new(Api { start: Instant::now(), get, list, size, slow, asked: Mutex::default() });
        let settings = Settings {
            poll_interval: INTERVAL,
            ..loopback::settings(ErrorMapping::NovaCloud, "http://127.0.0.1:1", "key")
        };
        let client = Client::through(settings, Arc::clone(&api) as _);
        Self { api, client, kind: Arc::default() }
    }

    /// The same, of which waits share nothing.
    pub(crate) fn unshared(self) -> Self {
        Self { kind: Arc::new(Kind::with(ListCache::new(false, 10))), ..self }
    }

    pub(crate) fn remote(&self, call: &Call) -> Remote<'_, Thing> {
        let (call, kind) = (call.clone(), Arc::clone(&self.kind));
        Remote::new(&self.client, call, kind, "thing")
    }

    /// Since it was made.
    pub(crate) fn elapsed(&self) -> Duration {
        self.api.start.elapsed()
    }

    /// When what was asked, if it begins with this.
    pub(crate) fn times(&self, what: &str) -> Vec<Duration> {
        let asked = self.api.asked.lock().unwrap();
        asked.iter().filter(|(_, it)| it.starts_with(what)).map(|(time, _)| *time).collect()
    }

    pub(crate) fn count(&self, what: &str) -> usize {
        self.times(what).len()
    }
}

/// The `poll_interval` of these tests.
pub(crate) const INTERVAL: Duration = Duration::from_secs(5);

impl fmt::Debug for Api {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Api")
    }
}

fn thing(id: usize, scene: &str) -> Json {
    let trouble = if scene.ends_with('!') { "trouble" } else { "" };
    json!({"id": id.to_string(), "status": scene.trim_end_matches('!'), "trouble": trouble})
}

#[async_trait]
impl Transport for Api {
    async fn exchange(&self, request: Request) -> std::result::Result<Response, TransportError> {
        let now = self.start.elapsed();
        let (method, path) = (request.method.as_str(), request.url.path());
        let id = path.strip_prefix("/things/").and_then(|it| it.parse().ok());
        let offset = request.url.query().and_then(|it| it.rsplit('=').next()?.parse().ok()).unwrap_or(0);
        let what = match (method, id) {
            ("GET", Some(id)) => format!("get {id}"),
            ("GET", None) if offset == 0 => "list".to_owned(),
            ("GET", None) => format!("page {offset}"),
            (method, _) => format!("{method} {path}"),
        };
        self.asked.lock().unwrap().push((now, what));
        sleep(Duration::from_millis(1)).await;
        let scene = match (method, id) {
            ("GET", Some(_)) => (self.get)(now),
            ("GET", None) => {
                sleep(self.slow).await;
                (self.list)(now)
            }
            _ => "done",
        };
        let (status, body) = match (scene, id) {
            ("hangs", _) => std::future::pending().await,
            ("", Some(_)) => (404, json!({"detail": "thing not found"})),
            (number, _) if number.parse::<u16>().is_ok() => {
                (number.parse().unwrap(), json!({"detail": "no"}))
            }
            ("done", _) => (200, json!({})),
            (scene, Some(id)) => (200, thing(id, scene)),
            (scene, None) => {
                let all = if scene.is_empty() { 0 } else { self.size };
                let page = offset.min(all)..(offset + LIMIT).min(all);
                (200, page.map(|it| thing(it, scene)).collect())
            }
        };
        let (status, body) = (StatusCode::from_u16(status).unwrap(), body.to_string().into_bytes());
        Ok(Response { status, headers: HeaderMap::new(), body })
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_767_225_600).unwrap()
            + SignedDuration::try_from(self.start.elapsed()).unwrap()
    }

    fn random(&self) -> Option<[u8; 8]> {
        Some([7; 8])
    }
}
