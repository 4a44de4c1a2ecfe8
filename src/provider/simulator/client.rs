//! What a client does around the provider: refresh, plan and apply, each against a new process, and the
//! state file between them.
//!
//! Follows Terraform: what a creation left behind with an error is tainted and replaced next time, a plan
//! that fails is not applied, up to ten operations run at once, and what an operation answered is written
//! to the state at once, whatever becomes of the others. States go through their wire form.

mod apply;
mod plan;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use serde_json::{Value as Json, json};
use tfplugin::data_source::DynDataSource;
use tfplugin::diagnostics::Diagnostics;
use tfplugin::provider::Provider;
use tfplugin::resource::DynResource;
use tfplugin::resource::{Result, Rules};
use tfplugin::testing::Outcome;
use tfplugin::testing::Planned;
use tfplugin::testing::Private;
use tfplugin::testing::Server;
use tfplugin::testing::msgpack;
use tfplugin::testing::{state_faults, value};
use tfplugin::value::Value;
use tokio_util::sync::CancellationToken;

use crate::api::client::Client;
use crate::provider::Novita;
use crate::provider::clients::{Clients, Config, Surroundings};
use crate::provider::life_cycle::list_cache::ListCache;
use crate::provider::life_cycle::remote::Kind;
use crate::provider::novacloud::ssh_key::Shown;
use crate::provider::novacloud::vm::answer::Vm;
use crate::provider::novita::endpoint::answer::Endpoint;
use crate::provider::novita::image_prewarm::Task;
use crate::provider::novita::instance::answer::Instance;
use crate::provider::novita::network::Vpc;
use crate::provider::novita::network_storage::Storage;
use crate::provider::novita::registry_auth::Login;
use crate::provider::novita::template::answer;
use crate::provider::simulator::books::key;
use crate::provider::simulator::wishes::Wish;
use crate::provider::simulator::world::World;

/// As many operations as Terraform runs at once unless told otherwise.
const PARALLELISM: usize = 10;
/// `request_timeout` of these runs.
pub(super) const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// What an operation may take beyond its time-out and one request: the last look for what got lost.
const GRACE: Duration = Duration::from_secs(32);
/// What an operation may take after a stop and its current request.
const AFTER_STOP: Duration = Duration::from_millis(1_100);

/// How a client introduces itself that forgets what a failed creation has made.
const FORGETFUL: &str = "pulumi-terraform-bridge";

thread_local! {
    /// The world that a provider of this thread is configured in.
    static WORLD: RefCell<Option<Arc<World>>> = const { RefCell::new(None) };
}

/// The provider, in a simulated world.
struct Simulated;

impl Provider for Simulated {
    type Config = Config;
    type Data = Clients;

    const ADDRESSES: &'static [&'static str] = Novita::ADDRESSES;

    fn resources() -> Vec<Box<dyn DynResource<Clients>>> {
        Novita::resources()
    }

    fn data_sources() -> Vec<Box<dyn DynDataSource<Clients>>> {
        Novita::data_sources()
    }

    fn validate(config: &Config, rules: &mut Rules) {
        Novita::validate(config, rules);
    }

    fn configure(config: Config, client_version: &str) -> Result<Clients> {
        let world = WORLD.with_borrow(Clone::clone).expect("a world");
        let connect = |settings| Client::through(settings, Arc::clone(&world) as _);
        let surroundings = Surroundings { environment: &|_| None, connect: &connect, client_version };
        let clients = Clients::configure(&config, &surroundings)?;
        // The estates here are small; lists are to be heard all the same.
        clients.share(Kind::<Endpoint>::with(ListCache::new(true, 1)));
        clients.share(Kind::<Vm>::with(ListCache::new(true, 1)));
        clients.share(Kind::<Storage>::with(ListCache::new(true, 1)));
        clients.share(Kind::<Vpc>::with(ListCache::new(true, 1)));
        clients.share(Kind::<Login>::with(ListCache::new(true, 1)));
        clients.share(Kind::<Task>::with(ListCache::new(true, 1)));
        clients.share(Kind::<answer::Template>::with(ListCache::new(true, 1)));
        clients.share(Kind::<Shown>::with(ListCache::new(true, 1)));
        let instances = match world.looks_one_by_one() {
            true => ListCache::new(false, usize::MAX),
            false => ListCache::new(true, 1),
        };
        clients.share(Kind::<Instance>::with(instances));
        Ok(clients)
    }
}

/// A resource in the state file.
#[derive(Clone)]
pub(super) struct Object {
    pub(super) type_name: &'static str,
    state: Vec<u8>,
    private: Vec<u8>,
    tainted: bool,
    /// The configurations that it was made and changed by; none are known of what was imported.
    configs: Option<Vec<Json>>,
    /// Whether its deletion protection is on.
    protected: bool,
    /// Its id, to look at.
    pub(super) id: String,
    /// Whether it is prepaid, so that the cloud does not let go of it.
    pub(super) prepaid: bool,
}

/// Where an object in the state file comes from.
struct Origin {
    type_name: &'static str,
    tainted: bool,
    configs: Option<Vec<Json>>,
}

impl Object {
    fn origin(&self) -> Origin {
        Origin { type_name: self.type_name, tainted: self.tainted, configs: self.configs.clone() }
    }

    /// Whether any of these attributes was configured otherwise than it is now.
    fn was_configured_otherwise(&self, config: &Json, attributes: &[String]) -> bool {
        let Some(configs) = &self.configs else { return true };
        attributes.iter().any(|name| configs.iter().any(|it| it[name] != config[name]))
    }
}

/// What is planned for one address.
enum Action {
    Create(Planned),
    Update(Planned),
    /// By the second plan, which does not show the old object.
    Replace(Planned),
    Delete(Private),
}

/// What a command was about, for the books.
#[derive(Default)]
pub(super) struct Account {
    /// Creations that were begun.
    pub(super) creates: u64,
    /// Keys of things that were to be destroyed, by a plan that said so.
    pub(super) deleted: BTreeSet<String>,
    /// Keys of what a refresh took for gone.
    pub(super) dropped: BTreeSet<String>,
    /// Creations whose end was never heard of.
    pub(super) in_flight: BTreeMap<String, Wish>,
    /// Everything that the user was told.
    pub(super) told: Vec<String>,
    /// What a client would call a bug, and time that should not have passed.
    pub(super) faults: Vec<String>,
    /// Addresses whose last change in place failed.
    pub(super) unchanged: BTreeSet<String>,
}

/// A client with its directory.
pub(super) struct Terraform {
    world: Arc<World>,
    pub(super) settings: Json,
    pub(super) wanted: BTreeMap<String, Wish>,
    pub(super) state: RefCell<BTreeMap<String, Object>>,
    pub(super) account: RefCell<Account>,
    /// What was last applied without an error, by address.
    pub(super) applied: RefCell<BTreeMap<String, Wish>>,
    /// Ids of what a user has tainted, protected or not.
    tainted_by_hand: RefCell<BTreeSet<String>>,
    /// Objects deposed so far.
    pub(super) deposed: Cell<u64>,
    /// Addresses named by `-replace`.
    pub(super) replace: RefCell<BTreeSet<String>>,
    /// `-refresh`.
    pub(super) refreshes: bool,
    /// Whether it forgets what a failed creation has left in the state, as Pulumi does.
    pub(super) forgets_failures: bool,
    /// Operations that run at once.
    pub(super) parallelism: usize,
    /// The Ctrl-C of the command that runs.
    stop: RefCell<CancellationToken>,
}

impl Terraform {
    pub(super) fn new(world: Arc<World>) -> Self {
        WORLD.set(Some(Arc::clone(&world)));
        Self {
            world,
            settings: json!({}),
            wanted: BTreeMap::new(),
            state: RefCell::default(),
            account: RefCell::default(),
            applied: RefCell::default(),
            tainted_by_hand: RefCell::default(),
            deposed: Cell::default(),
            replace: RefCell::default(),
            refreshes: true,
            forgets_failures: false,
            parallelism: PARALLELISM,
            stop: RefCell::default(),
        }
    }

    /// `terraform apply -refresh-only`: whether it went well.
    pub(super) async fn refresh(&self) -> bool {
        let Some(server) = self.start() else { return false };
        self.read_all(&server).await
    }

    /// `terraform plan`: what would be done, a line each; `None`: it failed.
    pub(super) async fn plan(&self) -> Option<Vec<String>> {
        let server = self.start()?;
        if !self.read_all(&server).await {
            return None;
        }
        let actions = self.plan_all(&server).await?;
        Some(actions.into_iter().map(|(address, action)| format!("{} {address}", action.name())).collect())
    }

    /// `terraform apply`: whether it went well.
    pub(super) async fn apply(&self) -> bool {
        let Some(server) = self.start() else { return false };
        if self.refreshes && !self.read_all(&server).await {
            return false;
        }
        let Some(actions) = self.plan_all(&server).await else { return false };
        // The plan and the apply of a CLI are two processes.
        let Some(server) = self.start() else { return false };
        self.apply_all(&server, actions).await
    }

    /// `terraform destroy`: whether it went well.
    pub(super) async fn destroy(&self) -> bool {
        let Some(server) = self.start() else { return false };
        // The refresh of a destroy is that of a normal plan.
        if self.refreshes && !(self.read_all(&server).await && self.plan_all(&server).await.is_some()) {
            return false;
        }
        let addresses: Vec<String> = self.state.borrow().keys().cloned().collect();
        let mut actions = Vec::new();
        for address in addresses {
            let Ok(action) = self.plan_deletion(&server, &address).await else { return false };
            actions.push((address, action));
        }
        self.apply_all(&server, actions).await
    }

    /// `terraform taint`, or `terraform untaint`.
    pub(super) fn taint(&self, address: &str, tainted: bool) {
        if let Some(object) = self.state.borrow_mut().get_mut(address) {
            self.world.tell(format_args!("{address}: tainted by hand: {tainted}"));
            object.tainted = tainted;
            self.tainted_by_hand.borrow_mut().insert(object.id.clone());
        }
    }

    /// `terraform taint` of what could not be changed in place.
    pub(super) fn taint_unchanged(&self) {
        for address in std::mem::take(&mut self.account.borrow_mut().unchanged) {
            self.taint(&address, true);
        }
    }

    /// Sets the object of this address aside; where it is then, and its id.
    fn depose(&self, address: &str) -> (String, String) {
        self.deposed.set(self.deposed.get() + 1);
        let deposed = format!("{address} (deposed {})", self.deposed.get());
        self.rename(address, &deposed);
        let id = self.object(&deposed).map(|it| it.id).unwrap_or_default();
        (deposed, id)
    }

    fn rename(&self, from: &str, to: &str) {
        let mut state = self.state.borrow_mut();
        if let Some(object) = state.remove(from) {
            drop(state.insert(to.to_owned(), object));
        }
    }

    /// Whether a protected object is one that no configuration reaches: it is tainted, or deposed.
    pub(super) fn has_unreachable(&self) -> bool {
        let state = self.state.borrow();
        state.iter().any(|(address, it)| it.protected && (it.tainted || address.contains("(deposed ")))
    }

    /// `terraform import`: whether it went well.
    pub(super) async fn import(&self, address: &str, id: &str) -> bool {
        let Some(server) = self.start() else { return false };
        let wish = &self.wanted[address];
        let resource = server.resource(wish.type_name).expect("a resource");
        let (state, private) = match resource.import(id) {
            Ok(imported) => imported,
            Err(failure) => return self.heard(address, "import", &failure),
        };
        let environment = server.context(self.stop.borrow().clone()).expect("configured");
        let outcome = resource.read(environment, state, private).await;
        let good = self.heard(address, "import", &outcome.diagnostics);
        if good && !outcome.state.is_null() {
            let origin = Origin { type_name: wish.type_name, tainted: false, configs: None };
            self.write(address, origin, resource, &outcome);
        }
        good
    }

    /// A new process, configured.
    fn start(&self) -> Option<Server<Simulated>> {
        *self.stop.borrow_mut() = self.world.new_stop();
        let server = Server::<Simulated>::default();
        let config = value(&server.schema().0, &self.settings);
        let version = if self.forgets_failures { FORGETFUL } else { "1.11.4" };
        let diagnostics = server.configure(&config, version);
        self.heard("provider", "configure", &diagnostics).then_some(server)
    }

    /// Notes what the user is told; whether it is no error.
    fn heard(&self, address: &str, doing: &str, diagnostics: &Diagnostics) -> bool {
        for it in &diagnostics.0 {
            self.world
                .tell(format_args!("{address}: {doing}: {:?}: {}: {}", it.severity, it.summary, it.detail));
            self.account.borrow_mut().told.push(format!("{} {}", it.summary, it.detail));
        }
        !diagnostics.has_error()
    }

    fn fault(&self, text: String) {
        self.account.borrow_mut().faults.push(text);
    }

    fn faults(&self, address: &str, doing: &str, faults: Vec<String>) {
        for fault in faults {
            self.fault(format!("{address}: {doing}: {fault}"));
        }
    }

    /// Takes an answer into the state file.
    fn write(&self, address: &str, origin: Origin, resource: &dyn DynResource<Clients>, outcome: &Outcome) {
        let mut state = self.state.borrow_mut();
        if outcome.state.is_null() {
            state.remove(address);
            return;
        }
        let text = |name: &str| outcome.state.get(name).as_str().unwrap_or_default().to_owned();
        let Origin { type_name, tainted, configs } = origin;
        let object = Object {
            type_name,
            state: msgpack::encode(&outcome.state, resource.ty()),
            private: outcome.private.to_bytes(),
            tainted,
            configs,
            protected: outcome.state.get("deletion_protection").as_bool() == Some(true),
            id: text("id"),
            prepaid: text("billing_mode") == "monthly",
        };
        drop(state.insert(address.to_owned(), object));
        drop(state);
        self.faults(address, "state", state_faults(resource.schema(), &outcome.state));
    }

    fn object(&self, address: &str) -> Option<Object> {
        self.state.borrow().get(address).cloned()
    }

    async fn read_all(&self, server: &Server<Simulated>) -> bool {
        let addresses: Vec<String> = self.state.borrow().keys().cloned().collect();
        let reads = stream::iter(&addresses).map(|it| self.read(server, it));
        let results: Vec<bool> = reads.buffer_unordered(self.parallelism).collect().await;
        results.into_iter().all(|it| it)
    }

    async fn read(&self, server: &Server<Simulated>, address: &str) -> bool {
        let object = self.object(address).expect("in the state");
        let resource = server.resource(object.type_name).expect("a resource");
        let environment = server.context(self.stop.borrow().clone()).expect("configured");
        let began = self.world.elapsed();
        let outcome = resource
            .read(environment, decode(resource, &object.state), Private::from_bytes(&object.private))
            .await;
        self.check_time(address, "read", began, Duration::from_secs(300));
        let good = self.heard(address, "read", &outcome.diagnostics);
        if outcome.state.is_null() {
            self.world.tell(format_args!("{address}: {} is gone", object.id));
            self.account.borrow_mut().dropped.insert(key(&object.id));
        } else if outcome.state.get("id").as_str() != Some(&object.id) {
            self.fault(format!("{address}: a read changed the id {}", object.id));
        }
        self.write(address, object.origin(), resource, &outcome);
        good
    }
}

impl Action {
    fn name(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::Update(_) => "update",
            Self::Replace(_) => "replace",
            Self::Delete(_) => "delete",
        }
    }
}

fn decode(resource: &dyn DynResource<Clients>, state: &[u8]) -> Value {
    msgpack::decode(state, resource.ty()).expect("what was encoded")
}
