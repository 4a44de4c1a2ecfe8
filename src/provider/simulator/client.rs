//! What a client does around the provider: refresh, plan and apply, each against a new process, and the
//! state file between them.
//!
//! Follows Terraform: what a creation left behind with an error is tainted and replaced next time, a plan
//! that fails is not applied, up to ten operations run at once, and what an operation answered is written
//! to the state at once, whatever becomes of the others. States go through their wire form.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::{self, FuturesUnordered};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::api::client::Client;
use crate::framework::apply::{Apply, Outcome};
use crate::framework::client::{apply_faults, differences, plan_faults, propose, state_faults, value};
use crate::framework::data_source::DynDataSource;
use crate::framework::diagnostics::Diagnostics;
use crate::framework::erased::DynResource;
use crate::framework::msgpack;
use crate::framework::plan::{Planned, Proposal};
use crate::framework::private::Private;
use crate::framework::provider::{Provider, Server};
use crate::framework::resource::{Result, Rules, StateCell};
use crate::framework::schema::Schema;
use crate::framework::timeouts::Operation;
use crate::framework::value::Value;
use crate::provider::Novita;
use crate::provider::census::Census;
use crate::provider::clients::{Censuses, Clients, Config, Rolls, Surroundings};
use crate::provider::life_cycle::list_cache::ListCache;
use crate::provider::life_cycle::remote::Kind;
use crate::provider::novacloud::vm::answer::Vm;
use crate::provider::roll::Roll;
use crate::provider::simulator::wishes::Wish;
use crate::provider::simulator::world::World;

/// As many operations as Terraform runs at once unless told otherwise.
const PARALLELISM: usize = 10;
/// `request_timeout` of these runs.
pub(super) const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// What an operation may take beyond its time-out and one request: the last look for what got lost.
const GRACE: Duration = Duration::from_secs(12);
/// What an operation may take after a stop and its current request.
const AFTER_STOP: Duration = Duration::from_millis(1_100);

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
        let mut clients = Clients::configure(&config, &surroundings)?;
        // The estates here are small; lists are to be heard all the same.
        clients.censuses = Censuses { endpoints: Census::after(1) };
        clients.share(Kind::<Vm>::with(ListCache::new(true, 1)));
        if world.looks_one_by_one() {
            clients.rolls = Rolls { instances: Roll::unshared(), ..Rolls::default() };
        }
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
    /// Its id, to look at.
    pub(super) id: String,
    /// Whether it is prepaid, so that the cloud does not let go of it.
    pub(super) prepaid: bool,
}

/// What is planned for one address.
enum Action {
    Create(Planned),
    Update(Planned),
    Replace,
    Delete,
}

/// What a command was about, for the books.
#[derive(Default)]
pub(super) struct Account {
    /// Creations that were begun.
    pub(super) creates: u64,
    /// Ids of things that were to be destroyed, by a plan that said so.
    pub(super) deleted: BTreeSet<String>,
    /// Ids that a refresh took for gone.
    pub(super) dropped: Vec<String>,
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
    pub(super) settings: serde_json::Value,
    pub(super) wanted: BTreeMap<String, Wish>,
    pub(super) state: RefCell<BTreeMap<String, Object>>,
    pub(super) account: RefCell<Account>,
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
        if !self.read_all(&server).await {
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
        if !self.read_all(&server).await {
            return false;
        }
        let addresses: Vec<String> = self.state.borrow().keys().cloned().collect();
        let actions = addresses.into_iter().map(|it| (it, Action::Delete)).collect();
        self.apply_all(&server, actions).await
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
        let environment = server.environment(self.stop.borrow().clone()).expect("configured");
        let outcome = resource.read(environment, state, private).await;
        let good = self.heard(address, "import", &outcome.diagnostics);
        if good && !outcome.state.is_null() {
            self.write(address, wish.type_name, resource, &outcome, false);
        }
        good
    }

    /// A new process, configured.
    fn start(&self) -> Option<Server<Simulated>> {
        *self.stop.borrow_mut() = self.world.new_stop();
        let server = Server::<Simulated>::new();
        let config = value(&server.schema().0, &self.settings);
        let diagnostics = server.configure(&config, "1.11.4");
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
    fn write(
        &self,
        address: &str,
        type_name: &'static str,
        resource: &dyn DynResource<Clients>,
        outcome: &Outcome,
        tainted: bool,
    ) {
        let mut state = self.state.borrow_mut();
        if outcome.state.is_null() {
            state.remove(address);
            return;
        }
        let text = |name: &str| outcome.state.get(name).as_str().unwrap_or_default().to_owned();
        let object = Object {
            type_name,
            state: msgpack::encode(&outcome.state, resource.ty()),
            private: outcome.private.to_bytes(),
            tainted,
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
        let environment = server.environment(self.stop.borrow().clone()).expect("configured");
        let began = self.world.elapsed();
        let outcome = resource
            .read(environment, decode(resource, &object.state), Private::from_bytes(&object.private))
            .await;
        self.check_time(address, "read", began, Duration::from_secs(300));
        let good = self.heard(address, "read", &outcome.diagnostics);
        if outcome.state.is_null() {
            self.world.tell(format_args!("{address}: {} is gone", object.id));
            self.account.borrow_mut().dropped.push(object.id.clone());
        } else if outcome.state.get("id").as_str() != Some(&object.id) {
            self.fault(format!("{address}: a read changed the id {}", object.id));
        }
        self.write(address, object.type_name, resource, &outcome, object.tainted);
        good
    }

    async fn plan_all(&self, server: &Server<Simulated>) -> Option<Vec<(String, Action)>> {
        let mut actions = Vec::new();
        let mut good = true;
        let known: BTreeSet<String> = self.state.borrow().keys().cloned().collect();
        for address in known.iter().filter(|it| !self.wanted.contains_key(*it)) {
            actions.push((address.clone(), Action::Delete));
        }
        let addresses: Vec<&String> = self.wanted.keys().collect();
        let mut plans: FuturesUnordered<_> = addresses
            .into_iter()
            .map(|address| async move { (address.clone(), self.plan_one(server, address).await) })
            .collect();
        while let Some((address, action)) = plans.next().await {
            match action {
                Ok(Some(action)) => actions.push((address, action)),
                Ok(None) => {}
                Err(()) => good = false,
            }
        }
        good.then_some(actions)
    }

    /// What is to be done for a wish; nothing, if all is as wanted.
    async fn plan_one(
        &self,
        server: &Server<Simulated>,
        address: &str,
    ) -> std::result::Result<Option<Action>, ()> {
        let wish = &self.wanted[address];
        let resource = server.resource(wish.type_name).expect("a resource");
        let config = value(resource.schema(), &wish.config);
        if !self.heard(address, "validate", &resource.validate(&config, true)) {
            return Err(());
        }
        let object = self.object(address);
        if object.as_ref().is_some_and(|it| it.type_name != wish.type_name || it.tainted) {
            return Ok(Some(Action::Replace));
        }
        let (prior, private) = match &object {
            Some(it) => (decode(resource, &it.state), Private::from_bytes(&it.private)),
            None => (Value::Null, Private::default()),
        };
        let planned = self.planned(server, address, &config, prior.clone(), private).await?;
        Ok(match object {
            None => Some(Action::Create(planned)),
            Some(_) if !planned.replace.is_empty() => Some(Action::Replace),
            Some(_) if planned.value == prior => None,
            Some(_) => {
                let changes = differences(&prior, &planned.value);
                self.world.tell(format_args!("{address}: {}", changes.trim_end().replace('\n', ", ")));
                Some(Action::Update(planned))
            }
        })
    }

    async fn planned(
        &self,
        server: &Server<Simulated>,
        address: &str,
        config: &Value,
        prior: Value,
        private: Private,
    ) -> std::result::Result<Planned, ()> {
        let wish = &self.wanted[address];
        let resource = server.resource(wish.type_name).expect("a resource");
        let schema = resource.schema();
        let proposed = propose(schema, config, &prior);
        let proposal = Proposal { config: config.clone(), prior, proposed, private };
        let mut planned = resource.plan(&proposal);
        self.faults(address, "plan", plan_faults(schema, config, &proposal.prior, &planned.value));
        if !planned.diagnostics.has_error() {
            let environment = server.environment(self.stop.borrow().clone()).expect("configured");
            let began = self.world.elapsed();
            let found = resource.check_plan(environment, &proposal.prior, &planned.value).await;
            self.check_time(address, "plan", began, Duration::from_secs(15));
            planned.diagnostics.append(found);
        }
        if self.heard(address, "plan", &planned.diagnostics) { Ok(planned) } else { Err(()) }
    }

    async fn apply_all(&self, server: &Server<Simulated>, actions: Vec<(String, Action)>) -> bool {
        let results = stream::iter(actions)
            .map(|(address, action)| async move {
                // After a Ctrl-C nothing is begun any more.
                let stopped = self.stop.borrow().is_cancelled();
                !stopped && self.act(server, &address, action).await
            })
            .buffer_unordered(self.parallelism)
            .collect::<Vec<bool>>()
            .await;
        results.into_iter().all(|it| it)
    }

    async fn act(&self, server: &Server<Simulated>, address: &str, action: Action) -> bool {
        self.world.tell(format_args!("{address}: {}", action.name()));
        match action {
            Action::Create(planned) => self.create(server, address, planned).await,
            Action::Update(planned) => self.update(server, address, planned).await,
            Action::Delete => self.delete(server, address).await,
            Action::Replace => {
                if !self.delete(server, address).await || self.stop.borrow().is_cancelled() {
                    return false;
                }
                let wish = &self.wanted[address];
                let resource = server.resource(wish.type_name).expect("a resource");
                let config = value(resource.schema(), &wish.config);
                match self.planned(server, address, &config, Value::Null, Private::default()).await {
                    Ok(planned) => self.create(server, address, planned).await,
                    Err(()) => false,
                }
            }
        }
    }

    async fn create(&self, server: &Server<Simulated>, address: &str, planned: Planned) -> bool {
        let wish = self.wanted[address].clone();
        self.account.borrow_mut().creates += 1;
        self.account.borrow_mut().in_flight.insert(address.to_owned(), wish.clone());
        let (outcome, good) =
            self.change(server, address, (Value::Null, Private::default()), planned, Operation::Create).await;
        let resource = server.resource(wish.type_name).expect("a resource");
        self.write(address, wish.type_name, resource, &outcome, !good);
        self.account.borrow_mut().in_flight.remove(address);
        good
    }

    async fn update(&self, server: &Server<Simulated>, address: &str, planned: Planned) -> bool {
        let object = self.object(address).expect("in the state");
        let resource = server.resource(object.type_name).expect("a resource");
        let before = (decode(resource, &object.state), Private::from_bytes(&object.private));
        let (outcome, good) = self.change(server, address, before, planned, Operation::Update).await;
        if outcome.state.get("id").as_str() != Some(&object.id) {
            self.fault(format!("{address}: an update changed the id {}", object.id));
        }
        self.write(address, object.type_name, resource, &outcome, false);
        if !good {
            self.account.borrow_mut().unchanged.insert(address.to_owned());
        }
        good
    }

    /// `terraform taint` of what could not be changed in place.
    pub(super) fn taint_unchanged(&self) {
        let mut state = self.state.borrow_mut();
        for address in std::mem::take(&mut self.account.borrow_mut().unchanged) {
            if let Some(object) = state.get_mut(&address) {
                self.world.tell(format_args!("{address} is tainted by hand"));
                object.tainted = true;
            }
        }
    }

    /// Applies a creation or an update, and holds its answer against the plan.
    async fn change(
        &self,
        server: &Server<Simulated>,
        address: &str,
        (prior, prior_private): (Value, Private),
        planned: Planned,
        operation: Operation,
    ) -> (Outcome, bool) {
        let wish = &self.wanted[address];
        let resource = server.resource(wish.type_name).expect("a resource");
        let config = value(resource.schema(), &wish.config);
        let Planned { value: planned, private, .. } = planned;
        let limit = operation.limit(&planned, &limits(resource.schema()));
        let _ = prior_private;
        let apply = Apply { config, prior, planned: planned.clone(), private };
        let environment = server.environment(self.stop.borrow().clone()).expect("configured");
        let began = self.world.elapsed();
        let outcome = resource.apply(environment, apply, StateCell::default()).await;
        self.check_time(address, operation.name(), began, limit);
        let good = self.heard(address, operation.name(), &outcome.diagnostics);
        if good {
            self.faults(address, operation.name(), apply_faults(resource.schema(), &planned, &outcome.state));
        }
        (outcome, good)
    }

    async fn delete(&self, server: &Server<Simulated>, address: &str) -> bool {
        let Some(object) = self.object(address) else { return true };
        let resource = server.resource(object.type_name).expect("a resource");
        let prior = decode(resource, &object.state);
        let private = Private::from_bytes(&object.private);
        self.account.borrow_mut().deleted.insert(object.id.clone());
        let limit = Operation::Delete.limit(&prior, &limits(resource.schema()));
        let apply = Apply { config: Value::Null, prior, planned: Value::Null, private };
        let environment = server.environment(self.stop.borrow().clone()).expect("configured");
        let began = self.world.elapsed();
        let outcome = resource.apply(environment, apply, StateCell::default()).await;
        self.check_time(address, "delete", began, limit);
        let good = self.heard(address, "delete", &outcome.diagnostics);
        if good != outcome.state.is_null() {
            self.fault(format!("{address}: a deletion says one thing and leaves another in the state"));
        }
        self.write(address, object.type_name, resource, &outcome, object.tainted);
        good
    }

    /// An operation ends in its time, and soon after a stop.
    fn check_time(&self, address: &str, doing: &str, began: Duration, limit: Duration) {
        let now = self.world.elapsed();
        let took = now - began;
        if took > limit + REQUEST_TIMEOUT + GRACE {
            self.fault(format!("{address}: {doing} took {took:?}, its limit is {limit:?}"));
        }
        if self.stop.borrow().is_cancelled() {
            let since = now.saturating_sub(self.world.last_end().max(self.world.stopped_at()).max(began));
            if since > AFTER_STOP {
                self.fault(format!("{address}: {doing} went on for {since:?} after a stop"));
            }
        }
    }
}

impl Action {
    fn name(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::Update(_) => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
        }
    }
}

fn limits(schema: &Schema) -> crate::framework::schema::Timeouts {
    schema.timeouts.expect("every resource has time-outs")
}

fn decode(resource: &dyn DynResource<Clients>, state: &[u8]) -> Value {
    msgpack::decode(state, resource.ty()).expect("what was encoded")
}
