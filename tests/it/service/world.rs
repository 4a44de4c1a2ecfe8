//! A provider process that is configured to talk to a mock cloud.

use std::collections::BTreeMap;
use std::time::Duration;

use mock_cloud::{Effect, Fault, MockCloud};
use serde_json::{Value, json};

use super::resource::Resource;
use super::said::{SECRET, Said, said};
use super::shape::Shape;
use super::subject::{Call, Subject};
use crate::launch::{Ended, Launched, within};
use crate::options::Options;
use crate::proto::tfplugin6::provider_client::ProviderClient;
use crate::proto::tfplugin6::{configure_provider, get_provider_schema, stop_provider};

/// What the clocks of these tests show when they start: 2026-01-01T00:00:00Z.
pub(crate) const START: u64 = 1_767_225_600;

/// A cloud, a provider, and the schemas that the provider told.
pub(crate) struct World {
    pub(crate) cloud: MockCloud,
    pub(crate) provider: Launched,
    pub(crate) block: Shape,
    shapes: BTreeMap<String, Shape>,
    pub(crate) data_sources: BTreeMap<String, Shape>,
    /// Ephemeral resources, list resources and actions, by the word that begins their block, and their type.
    pub(crate) newest: BTreeMap<(&'static str, String), Shape>,
}

impl World {
    /// A world of its own, whose machines take one step with each look at them.
    pub(crate) async fn start() -> Self {
        Self::with(cloud_options()).await
    }

    /// A world whose machines move only when the test advances the clock.
    pub(crate) async fn standing_still() -> Self {
        Self::with(mock_cloud::Options { clock: mock_cloud::Clock::Manual, ..cloud_options() }).await
    }

    /// A world with another cloud.
    pub(crate) async fn with(cloud: mock_cloud::Options) -> Self {
        Self::with_both(cloud, Options::default()).await
    }

    /// A world whose provider process is started otherwise.
    pub(crate) async fn launched(options: Options) -> Self {
        Self::with_both(cloud_options(), options).await
    }

    /// A world with another cloud, whose provider process is started otherwise.
    pub(crate) async fn with_both(cloud: mock_cloud::Options, options: Options) -> Self {
        let world = Self::unconfigured(cloud, options).await;
        assert_eq!(world.configure(&json!({})).await, []);
        world
    }

    /// A world before ConfigureProvider.
    pub(crate) async fn unconfigured(cloud: mock_cloud::Options, options: Options) -> Self {
        let provider = Launched::start_with(options.without_tls()).await;
        let schemas = provider.client().get_provider_schema(get_provider_schema::Request {}).await;
        let schemas = schemas.unwrap().into_inner();
        assert_eq!(said(&schemas.diagnostics), []);
        let shapes = schemas.resource_schemas.iter().map(|(name, it)| (name.clone(), Shape::of(it)));
        let data_sources = schemas.data_source_schemas.iter().map(|(name, it)| (name.clone(), Shape::of(it)));
        let ephemerals = schemas.ephemeral_resource_schemas.iter().map(|it| ("ephemeral", it));
        let lists = schemas.list_resource_schemas.iter().map(|it| ("list", it));
        let actions = schemas.action_schemas.iter();
        let actions = actions.map(|(name, it)| ("action", (name, it.schema.as_ref().expect("a schema"))));
        let newest = ephemerals.chain(lists).chain(actions);
        let newest = newest.map(|(word, (name, it))| ((word, name.clone()), Shape::of(it)));
        let newest = newest.collect();
        let cloud = MockCloud::start(cloud);
        cloud.with_novacloud(|it| {
            it.account.max_vms = 1000;
            it.account.max_hourly_spend = u64::MAX;
            it.nodes.iter_mut().for_each(|node| node.gpus = 1000);
            it.style.destroy_through_stopping = true;
            it.unbounded_keys = true;
        });
        Self {
            cloud,
            provider,
            block: Shape::of(schemas.provider.as_ref().unwrap()),
            shapes: shapes.collect(),
            data_sources: data_sources.collect(),
            newest,
        }
    }

    /// The provider block that these tests use: short waits, no limit on the rate.
    pub(crate) fn block_config(&self) -> Value {
        json!({
            "api_key": self.cloud.api_key(),
            "base_url": self.cloud.novita_url(),
            "novacloud_api_key": self.cloud.novacloud_api_key(),
            "novacloud_base_url": self.cloud.novacloud_url(),
            "poll_interval": "5ms",
            "request_timeout": "20s",
            "max_retries": 2,
            "max_requests_per_minute": 0,
        })
    }

    /// Configures the provider, with `changes` in place of what these tests use.
    pub(crate) async fn configure(&self, changes: &Value) -> Vec<Said> {
        self.configure_as("1.11.4", changes).await
    }

    /// The same, by a client that calls itself so.
    pub(crate) async fn configure_as(&self, terraform_version: &str, changes: &Value) -> Vec<Said> {
        let request = configure_provider::Request {
            terraform_version: terraform_version.to_owned(),
            config: Some(self.block.encode(&patched(&self.block_config(), changes))),
            client_capabilities: None,
        };
        said(&within(self.client().configure_provider(request)).await.unwrap().into_inner().diagnostics)
    }

    /// Configures a short time for one request where something hangs. Where nothing does, a busy machine
    /// must not turn into another failure than the one that is looked at.
    pub(crate) async fn impatient_with(&self, effect: &Effect) {
        let hangs = matches!(effect, Effect::Hang(_));
        let time = if hangs { "1s" } else { "20s" };
        assert_eq!(self.configure(&json!({"request_timeout": time, "max_retries": 1})).await, []);
    }

    pub(crate) fn client(&self) -> ProviderClient<tonic::transport::Channel> {
        self.provider.client()
    }

    /// The calls about one resource.
    pub(crate) fn of(&self, subject: &'static Subject) -> Resource<'_> {
        Resource { world: self, subject, shape: self.shape(subject.type_name) }
    }

    pub(crate) fn shape(&self, type_name: &str) -> &Shape {
        &self.shapes[type_name]
    }

    pub(crate) fn type_names(&self) -> Vec<&str> {
        self.shapes.keys().map(String::as_str).collect()
    }

    /// Makes a status last so many steps in both clouds.
    pub(crate) fn pace(&self, status: &str, steps: u32) {
        self.cloud.with_novita(|it| it.pace.set(status, steps));
        self.cloud.with_novacloud(|it| it.pace.set(status, steps));
    }

    /// Lets the next fitting requests fail.
    pub(crate) fn fault(&self, fault: Fault) {
        self.cloud.faults().push(fault);
    }

    /// The requests so far as `METHOD /path`, without the base path.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.cloud.requests().iter().map(|it| format!("{} {}", it.method, below_base(&it.path))).collect()
    }

    /// The requests so far that were to change something, each with its body.
    pub(crate) fn changes(&self) -> Vec<(String, Value)> {
        let requests = self.cloud.requests();
        let changes = requests.iter().filter(|it| is_change(it));
        changes.map(|it| (below_base(&it.path), it.body.clone().unwrap_or_default())).collect()
    }

    /// The same with their methods, `METHOD /path`.
    pub(crate) fn calls(&self) -> Vec<(String, Value)> {
        let requests = self.cloud.requests();
        let changes = requests.iter().filter(|it| is_change(it));
        changes
            .map(|it| {
                (format!("{} {}", it.method, below_base(&it.path)), it.body.clone().unwrap_or_default())
            })
            .collect()
    }

    /// How often a call was made.
    pub(crate) fn count(&self, call: Call) -> usize {
        self.cloud.requests().iter().filter(|it| call.is(it)).count()
    }

    /// Waits until a call was made so often.
    pub(crate) async fn until(&self, call: Call, count: usize) {
        within(self.cloud.until(|it| it.iter().filter(|it| call.is(it)).count() >= count)).await;
    }

    /// Does the work while time passes in the cloud: a second with each request.
    pub(crate) async fn passing<T>(&self, work: impl Future<Output = T>) -> T {
        let clock = async {
            let seen = self.cloud.requests().len();
            for count in seen.. {
                self.cloud.until(|it| it.len() > count).await;
                self.cloud.advance(Duration::from_secs(1));
            }
        };
        tokio::select! {
            done = work => done,
            () = clock => unreachable!("the clock goes on for ever"),
        }
    }

    /// Ctrl-C.
    pub(crate) async fn stop(&self) {
        let answer = within(self.client().stop_provider(stop_provider::Request {})).await.unwrap();
        assert_eq!(answer.into_inner().error, "");
    }

    pub(crate) async fn shut_down(self) -> Ended {
        self.provider.shut_down().await
    }
}

/// How the clouds of these tests are started.
pub(crate) fn cloud_options() -> mock_cloud::Options {
    mock_cloud::Options {
        api_key: format!("{SECRET}-api-key"),
        novacloud_api_key: format!("{SECRET}-novacloud-api-key"),
        start_time: Some(START),
        ..mock_cloud::Options::default()
    }
}

/// The same object with some members replaced.
pub(crate) fn patched(object: &Value, changes: &Value) -> Value {
    let mut patched = object.as_object().unwrap().clone();
    patched.extend(changes.as_object().unwrap().clone());
    patched.into()
}

fn below_base(path: &str) -> String {
    let base = ["/openapi/v1", "/novacloud"].into_iter().find_map(|it| path.split_once(it));
    base.map_or(path, |(_, call)| call).to_owned()
}

/// Whether a request is to change something. To ask what a reservation costs is a POST, and changes nothing.
fn is_change(it: &mock_cloud::Request) -> bool {
    it.method != "GET" && !it.path.ends_with("/reservations/calculate")
}
