//! A provider in process, as a client drives it: for tests of a provider.
//!
//! [`Client`] plans, applies, reads, imports, destroys, lists, invokes and opens by type name and JSON, and fails where
//! Terraform would. The rest is what it is made of. For tests alone: what is here may change with any version.

mod faults;
mod newest;

use serde_json::Value as Json;

use crate::diagnostics::Diagnostics;
use crate::provider::Provider;
use crate::resource::Result;
use crate::schema::Schema;
use crate::value::Value;

pub use crate::apply::{Apply, Outcome, known};
pub use crate::client::{apply_faults, differences, plan_faults, propose, state_faults, value};
pub use crate::crash::apply;
pub use crate::erased::{CallContext, DynResource, resource};
pub use crate::plan::{Planned, Proposal};
pub use crate::plugin::rpc::fuzz_targets::Calls;
pub use crate::private::Private;
pub use crate::provider::Server;
pub use crate::redact::samples::{SECRETS, WAYS};
pub use crate::resource::StateCell;
pub use crate::samples::Random;
pub use crate::schema::lint::{RESERVED_IN_PROVIDERS, RESERVED_IN_RESOURCES};

/// Values in JSON, as states are stored.
pub mod json {
    pub use crate::json::decode;
}

/// Values in MessagePack, as the protocol carries them.
pub mod msgpack {
    pub use crate::msgpack::{decode, encode};
}

/// A client of a provider in process. It checks what Terraform checks of plans and states, and that a plan after an apply
/// is empty.
///
/// # Panics
/// All of its methods do where an operation has an error, and where a client would call an answer a bug of the provider.
/// Those that begin with `try_` return errors instead.
pub struct Client<P: Provider> {
    server: Server<P>,
}

/// What exists of a resource: its state, and the framework's notes beside it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Object {
    /// The state.
    pub state: Value,
    private: Private,
}

impl Object {
    /// What an operation answered; `None`: there is nothing.
    fn of(Outcome { state, private, .. }: Outcome) -> Option<Self> {
        (!state.is_null()).then_some(Self { state, private })
    }

    /// A state that was stored without notes.
    fn stored(schema: &Schema, state: Value) -> Self {
        let faults = state_faults(schema, &state);
        assert!(faults.is_empty(), "a client calls this a bug: {faults:?}");
        Self { state, private: Private::default() }
    }
}

impl<P: Provider> Client<P> {
    /// Configures the provider.
    pub fn configured(settings: &Json) -> Self {
        Self::try_configured(settings).unwrap_or_else(|it| panic!("configure: {}", told(&it)))
    }

    /// As [`Client::configured`].
    ///
    /// # Errors
    /// The settings are refused.
    pub fn try_configured(settings: &Json) -> Result<Self> {
        let server = Server::<P>::default();
        let settings = value(&server.schema().0, settings);
        let diagnostics = server.configure(&settings, "1.16.4");
        if diagnostics.has_error() { Err(diagnostics) } else { Ok(Self { server }) }
    }

    /// What would make a schema of the provider unusable, unsafe or unclear, be it that of the provider block, a resource, a
    /// data source or whatever else it has: a line for each fault, with the type and the attribute. None: clients take them.
    pub fn lint() -> Vec<String> {
        let server = Server::<P>::default();
        let resources = server.resources().map(|it| ("resource", it.type_name(), it.schema()));
        let data_sources = server.data_sources().map(|it| ("data source", it.type_name(), it.schema()));
        let lists = server.list_resources.iter().map(|it| ("list resource", it.type_name(), it.schema()));
        let actions = server.actions.iter().map(|it| ("action", it.type_name(), it.schema()));
        let ephemerals =
            server.ephemeral_resources.iter().map(|it| ("ephemeral resource", it.type_name(), it.schema()));
        let types = resources.chain(data_sources).chain(lists).chain(actions).chain(ephemerals);
        let of_types = types.flat_map(|(kind, name, schema)| {
            schema.lint(RESERVED_IN_RESOURCES).into_iter().map(move |it| format!("{kind} {name}: {it}"))
        });
        let address = P::ADDRESSES.is_empty().then(|| "it has no source address".to_owned());
        let of_provider = address.into_iter().chain(server.schema().0.lint(RESERVED_IN_PROVIDERS));
        of_provider.map(|it| format!("provider: {it}")).chain(of_types).collect()
    }

    /// Plans a creation, or a change of what exists.
    pub async fn plan(&self, type_name: &str, config: &Json, prior: Option<&Object>) -> Planned {
        let planned = self.try_plan(type_name, config, prior).await;
        succeeded("plan", &planned.diagnostics);
        planned
    }

    /// As [`Client::plan`], with the errors of the plan in it.
    pub async fn try_plan(&self, type_name: &str, config: &Json, prior: Option<&Object>) -> Planned {
        let config = value(self.resource(type_name).schema(), config);
        self.planned(type_name, config, prior).await
    }

    /// Applies a configuration, and looks whether nothing is left to do. What has to be replaced is destroyed first.
    pub async fn apply(&self, type_name: &str, config: &Json, prior: Option<&Object>) -> Object {
        let (object, diagnostics) = self.try_apply(type_name, config, prior).await;
        succeeded("apply", &diagnostics);
        let object = object.unwrap_or_else(|| panic!("an apply of a {type_name} left nothing"));
        let read = self.read(type_name, &object).await;
        let read = read.unwrap_or_else(|| panic!("a {type_name} is gone right after it was applied"));
        let again = self.plan(type_name, config, Some(&read)).await;
        let left = differences(&read.state, &again.value);
        assert!(left.is_empty() && again.replace.is_empty(), "a plan after an apply is not empty: {left}");
        read
    }

    /// As [`Client::apply`] up to the answer: what exists then, and what was told.
    pub async fn try_apply(
        &self,
        type_name: &str,
        config: &Json,
        prior: Option<&Object>,
    ) -> (Option<Object>, Diagnostics) {
        let planned = self.try_plan(type_name, config, prior).await;
        if planned.diagnostics.has_error() {
            return (None, planned.diagnostics);
        }
        let prior = match prior {
            Some(prior) if !planned.replace.is_empty() => {
                self.destroy(type_name, prior).await;
                return Box::pin(self.try_apply(type_name, config, None)).await;
            }
            prior => prior,
        };
        let schema = self.resource(type_name).schema();
        let config = value(schema, config);
        let wanted = planned.value.clone();
        let outcome = self.outcome(type_name, config, prior, planned).await;
        let mut faults = state_faults(schema, &outcome.state);
        if !outcome.diagnostics.has_error() {
            faults.extend(apply_faults(schema, &wanted, &outcome.state));
        }
        assert!(outcome.state.is_null() || faults.is_empty(), "a client calls this a bug: {faults:?}");
        let diagnostics = outcome.diagnostics.clone();
        (Object::of(outcome), diagnostics)
    }

    /// Reads it back; `None`: it is gone.
    pub async fn read(&self, type_name: &str, object: &Object) -> Option<Object> {
        self.try_read(type_name, object).await.unwrap_or_else(|it| panic!("read: {}", told(&it)))
    }

    /// As [`Client::read`].
    ///
    /// # Errors
    /// It could not be read.
    pub async fn try_read(&self, type_name: &str, object: &Object) -> Result<Option<Object>> {
        let resource = self.resource(type_name);
        let outcome = resource.read(self.context(), object.state.clone(), object.private.clone()).await;
        if outcome.diagnostics.has_error() {
            return Err(outcome.diagnostics);
        }
        let read = Object::of(outcome);
        let faults = read.as_ref().map(|it| state_faults(resource.schema(), &it.state)).unwrap_or_default();
        assert!(faults.is_empty(), "a client calls this a bug: {faults:?}");
        Ok(read)
    }

    /// Imports by id.
    pub async fn import(&self, type_name: &str, id: &str) -> Object {
        let imported = self.try_import(type_name, id).await;
        imported.unwrap_or_else(|it| panic!("import of {id:?}: {}", told(&it)))
    }

    /// As [`Client::import`].
    ///
    /// # Errors
    /// The id cannot be one, or nothing has it.
    pub async fn try_import(&self, type_name: &str, id: &str) -> Result<Object> {
        let (state, private) = self.resource(type_name).import(id)?;
        Ok(self
            .try_read(type_name, &Object { state, private })
            .await?
            .unwrap_or_else(|| panic!("an import of {id:?} was answered with a {type_name} that is gone")))
    }

    /// Converts a state that an older version of the provider has stored, of that version of the schema.
    pub fn upgrade(&self, type_name: &str, version: i64, state: &Json) -> Object {
        let upgraded = self.try_upgrade(type_name, version, state);
        upgraded.unwrap_or_else(|it| panic!("upgrade from version {version}: {}", told(&it)))
    }

    /// As [`Client::upgrade`].
    ///
    /// # Errors
    /// There is no way from that version, or from that state.
    pub fn try_upgrade(&self, type_name: &str, version: i64, state: &Json) -> Result<Object> {
        let resource = self.resource(type_name);
        Ok(Object::stored(resource.schema(), resource.upgrade(version, state.to_string().as_bytes())?))
    }

    /// Moves a stored state here from a resource of another type or another provider, which is given by its source address and
    /// its type, as a block `moved` does.
    ///
    /// # Errors
    /// Nothing of that kind can be moved here.
    pub fn try_move(
        &self,
        from: (&str, &str),
        type_name: &str,
        version: i64,
        state: &Json,
    ) -> Result<Object> {
        let state = self.server.move_state(from, type_name, version, state.to_string().as_bytes())?;
        Ok(Object::stored(self.resource(type_name).schema(), state))
    }

    /// Destroys it.
    pub async fn destroy(&self, type_name: &str, object: &Object) {
        let planned = self.planned(type_name, Value::Null, Some(object)).await;
        succeeded("plan to destroy", &planned.diagnostics);
        let outcome = self.outcome(type_name, Value::Null, Some(object), planned).await;
        succeeded("destroy", &outcome.diagnostics);
        assert!(outcome.state.is_null(), "a {type_name} was destroyed and is there");
    }

    /// Reads a data source.
    pub async fn data(&self, type_name: &str, config: &Json) -> Value {
        let found = self.try_data(type_name, config).await;
        found.unwrap_or_else(|it| panic!("data source {type_name}: {}", told(&it)))
    }

    /// As [`Client::data`].
    ///
    /// # Errors
    /// The configuration is refused, or what it asks for cannot be read.
    pub async fn try_data(&self, type_name: &str, config: &Json) -> Result<Value> {
        let source = self.server.data_source(type_name).unwrap_or_else(|it| panic!("{}", told(&it)));
        let config = newest::validated(source, config)?;
        let (value, diagnostics) = source.read(self.context(), config).await;
        if diagnostics.has_error() { Err(diagnostics) } else { Ok(value) }
    }

    fn resource(&self, type_name: &str) -> &dyn DynResource<P::Data> {
        self.server.resource(type_name).unwrap_or_else(|it| panic!("{}", told(&it)))
    }

    fn context(&self) -> CallContext<P::Data> {
        self.server.context(Default::default()).unwrap_or_else(|it| panic!("{}", told(&it)))
    }

    /// Plans, with checks that need the API; a configuration of null: to destroy.
    async fn planned(&self, type_name: &str, config: Value, prior: Option<&Object>) -> Planned {
        let resource = self.resource(type_name);
        let schema: &Schema = resource.schema();
        let (prior, private) = match prior {
            Some(it) => (it.state.clone(), it.private.clone()),
            None => (Value::Null, Private::default()),
        };
        let mut diagnostics = Diagnostics::default();
        if !config.is_null() {
            diagnostics = resource.validate(&config, true);
        }
        let proposal = Proposal {
            proposed: propose(schema, &config, &prior),
            config,
            prior,
            private,
            ..Proposal::default()
        };
        let is_valid = !diagnostics.has_error();
        let mut planned = resource.plan(&proposal);
        diagnostics.append(std::mem::take(&mut planned.diagnostics));
        if is_valid {
            diagnostics.append(resource.check_plan(self.context(), &proposal, &planned).await);
        }
        if !diagnostics.has_error() && !proposal.config.is_null() {
            let faults = plan_faults(schema, &proposal.config, &proposal.prior, &planned.value);
            assert!(faults.is_empty(), "a client calls this a bug: {faults:?}");
        }
        Planned { diagnostics, ..planned }
    }

    async fn outcome(
        &self,
        type_name: &str,
        config: Value,
        prior: Option<&Object>,
        planned: Planned,
    ) -> Outcome {
        let prior = prior.map_or(Value::Null, |it| it.state.clone());
        let work = Apply { config, prior, planned: planned.value, private: planned.private };
        apply(self.resource(type_name), self.context(), work).await
    }
}

#[track_caller]
fn succeeded(what: &str, diagnostics: &Diagnostics) {
    assert!(!diagnostics.has_error(), "{what}: {}", told(diagnostics));
}

/// Summaries and details, a line each.
fn told(diagnostics: &Diagnostics) -> String {
    diagnostics.0.iter().map(|it| format!("{}: {}\n", it.summary, it.detail)).collect()
}
