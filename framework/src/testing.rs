//! A provider in process, as a client drives it: for tests of a provider.
//!
//! [`Client`] plans, applies, reads, imports and destroys by type name and JSON, and fails where Terraform would. The rest is
//! what it is made of. For tests alone: what is here may change with any version.

mod faults;

use serde_json::Value as Json;

use crate::data_source::DynDataSource;
use crate::diagnostics::Diagnostics;
use crate::provider::Provider;
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
/// [`Client::try_plan`] and [`Client::try_apply`] return errors instead.
pub struct Client<P: Provider> {
    server: Server<P>,
}

/// What exists of a resource: its state, and the framework's notes beside it.
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
}

impl<P: Provider> Client<P> {
    /// Configures the provider.
    pub fn configured(settings: &Json) -> Self {
        let server = Server::<P>::default();
        let settings = value(&server.schema().0, settings);
        succeeded("configure", &server.configure(&settings, "1.16.4"));
        Self { server }
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
        let resource = self.resource(type_name);
        let outcome = resource.read(self.context(), object.state.clone(), object.private.clone()).await;
        succeeded("read", &outcome.diagnostics);
        let read = Object::of(outcome)?;
        let faults = state_faults(resource.schema(), &read.state);
        assert!(faults.is_empty(), "a client calls this a bug: {faults:?}");
        Some(read)
    }

    /// Imports by id.
    pub async fn import(&self, type_name: &str, id: &str) -> Object {
        let imported = self.resource(type_name).import(id);
        let (state, private) = imported.unwrap_or_else(|it| panic!("import of {id:?}: {}", told(&it)));
        let read = self.read(type_name, &Object { state, private }).await;
        read.unwrap_or_else(|| panic!("there is no {type_name} with the id {id:?}"))
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
        let source: &dyn DynDataSource<P::Data> =
            self.server.data_source(type_name).unwrap_or_else(|it| panic!("{}", told(&it)));
        let config = value(source.schema(), config);
        succeeded("validate", &source.validate(&config));
        let (value, diagnostics) = source.read(self.context(), config).await;
        succeeded("read", &diagnostics);
        value
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
        let mut planned = resource.plan(&proposal);
        diagnostics.append(std::mem::take(&mut planned.diagnostics));
        if !diagnostics.has_error() {
            diagnostics.append(resource.check_plan(self.context(), &proposal, &planned).await);
            if !proposal.config.is_null() {
                let faults = plan_faults(schema, &proposal.config, &proposal.prior, &planned.value);
                assert!(faults.is_empty(), "a client calls this a bug: {faults:?}");
            }
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
