//! A provider without what makes it one: the same schemas, checks and plans, and no API behind them.
//!
//! [`InMemory`] is the floor for measurements: what a client and this crate take, whatever the author's own code does.
//! What is planned exists as soon as it is applied, and is as the state says when it is read. Owns where values come
//! from that an API would tell; knows no resource.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::OnceLock;
use std::time::SystemTime;

use async_trait::async_trait;
use serde_json::Value as Json;
use tokio::sync::mpsc;

use crate::action::DynAction;
use crate::apply::{Apply, Outcome, known};
use crate::data_source::DynDataSource;
use crate::definition::{Defined, Definition};
use crate::diagnostics::{Diagnostics, bug};
use crate::ephemeral::{DynEphemeralResource, Opened};
use crate::erased::{CallContext, DynResource};
use crate::json;
use crate::list_resource::{DynListResource, Listed, Wanted};
use crate::plan::{Planned, Proposal};
use crate::private::Private;
use crate::provider::Provider;
use crate::resource::{Result, StateCell};
use crate::schema::Schema;
use crate::types::Type;
use crate::value::Value;

/// Reads the state file from which values come.
static STATE: OnceLock<fn() -> Option<Vec<u8>>> = OnceLock::new();

/// Says how a state file is read, before a provider is served; it is, when a first object is made. Of each type, the values
/// of the first object in it are those of every object, where a plan leaves them open. Without it such values are null. The
/// first call counts.
pub fn take_values_from(read: fn() -> Option<Vec<u8>>) {
    STATE.get_or_init(|| read);
}

/// The same provider without its API. Only resources can be used.
pub struct InMemory<P>(PhantomData<fn() -> P>);

impl<P: Provider> Provider for InMemory<P> {
    type Config = P::Config;
    type Data = ();

    const ADDRESSES: &'static [&'static str] = P::ADDRESSES;

    fn resources() -> Vec<Box<dyn DynResource<()>>> {
        P::resources().into_iter().map(|it| -> Box<dyn DynResource<()>> { Box::new(Kept::new(it)) }).collect()
    }

    fn data_sources() -> Vec<Box<dyn DynDataSource<()>>> {
        P::data_sources()
            .into_iter()
            .map(|it| -> Box<dyn DynDataSource<()>> { Box::new(Shown(it)) })
            .collect()
    }

    fn list_resources() -> Vec<Box<dyn DynListResource<()>>> {
        let mut resources: BTreeMap<_, _> =
            P::resources().into_iter().map(|it| (it.type_name(), it)).collect();
        let shown = |list: Box<dyn DynListResource<P::Data>>| -> Option<Box<dyn DynListResource<()>>> {
            let listed = Kept::new(resources.remove(list.type_name())?);
            Some(Box::new(ShownList { list, listed }))
        };
        P::list_resources().into_iter().filter_map(shown).collect()
    }

    fn actions() -> Vec<Box<dyn DynAction<()>>> {
        P::actions().into_iter().map(|it| -> Box<dyn DynAction<()>> { Box::new(Shown(it)) }).collect()
    }

    fn ephemeral_resources() -> Vec<Box<dyn DynEphemeralResource<()>>> {
        let shown = |it| -> Box<dyn DynEphemeralResource<()>> { Box::new(Shown(it)) };
        P::ephemeral_resources().into_iter().map(shown).collect()
    }

    fn configure(_: Self::Config, _: &str) -> Result<()> {
        Ok(())
    }
}

/// A resource whose objects the client alone keeps.
struct Kept<D> {
    resource: Box<dyn DynResource<D>>,
    example: OnceLock<Value>,
}

impl<D> Kept<D> {
    fn new(resource: Box<dyn DynResource<D>>) -> Self {
        Self { resource, example: OnceLock::new() }
    }

    /// What stands for values that a plan leaves open.
    fn example(&self) -> &Value {
        let read = || first_of(self.resource.type_name(), self.resource.ty(), &STATE.get()?()?);
        self.example.get_or_init(|| read().unwrap_or(Value::Null))
    }
}

/// The first object of a type in a state file.
fn first_of(type_name: &str, ty: &Type, state: &[u8]) -> Option<Value> {
    let state: Json = serde_json::from_slice(state).ok()?;
    let found = state["resources"].as_array()?.iter().find(|it| it["type"] == type_name)?;
    json::decode(found["instances"][0]["attributes"].to_string().as_bytes(), ty).ok()
}

/// A value in which what is not known is as in another.
fn filled(planned: Value, example: &Value) -> Value {
    match planned {
        Value::Unknown(_) => example.clone(),
        Value::Map(elements) => {
            let filled = elements.into_iter().map(|(name, it)| {
                let it = filled(it, example.get(&name));
                (name, it)
            });
            Value::object(filled)
        }
        planned => planned,
    }
}

#[async_trait]
impl<D: Send + Sync + 'static> DynResource<()> for Kept<D> {
    fn type_name(&self) -> &'static str {
        self.resource.type_name()
    }

    fn schema(&self) -> &Schema {
        self.resource.schema()
    }

    fn ty(&self) -> &Type {
        self.resource.ty()
    }

    fn validate(&self, config: &Value, write_only_allowed: bool) -> Diagnostics {
        self.resource.validate(config, write_only_allowed)
    }

    fn upgrade(&self, version: i64, state: &[u8]) -> Result<Value> {
        self.resource.upgrade(version, state)
    }

    fn plan(&self, proposal: &Proposal) -> Planned {
        self.resource.plan(proposal)
    }

    async fn foresee(&self, _: CallContext<()>, _: &Proposal, _: &mut Planned) {}

    async fn check_plan(&self, _: CallContext<()>, _: &Proposal, _: &Planned) -> Diagnostics {
        Diagnostics::default()
    }

    async fn read(&self, _: CallContext<()>, state: Value, private: Private) -> Outcome {
        Outcome { state, private, diagnostics: Diagnostics::default() }
    }

    async fn apply(&self, _: CallContext<()>, apply: Apply, _: StateCell) -> Outcome {
        let before = if apply.prior.is_null() { self.example() } else { &apply.prior };
        let state = known(filled(apply.planned, before));
        let private = apply.private.after(&apply.config, &state);
        Outcome { state, private, diagnostics: Diagnostics::default() }
    }

    fn import_by(&self, key: &Value) -> Result<(Value, Private)> {
        self.resource.import_by(key)
    }
}

/// What is in the schema and cannot be used.
struct Shown<T: ?Sized>(Box<T>);

fn unusable() -> Diagnostics {
    bug("there is no API behind this build, and only its resources can be used").into()
}

impl<T: Defined + ?Sized> Defined for Shown<T> {
    fn definition(&self) -> &Definition {
        self.0.definition()
    }
}

#[async_trait]
impl<D: Send + Sync + 'static> DynDataSource<()> for Shown<dyn DynDataSource<D>> {
    async fn read(&self, _: CallContext<()>, _: Value) -> (Value, Diagnostics) {
        (Value::Null, unusable())
    }
}

#[async_trait]
impl<D: Send + Sync + 'static> DynAction<()> for Shown<dyn DynAction<D>> {
    async fn plan(&self, _: CallContext<()>, _: Value) -> Diagnostics {
        unusable()
    }

    async fn invoke(&self, _: CallContext<()>, _: Value, _: mpsc::UnboundedSender<String>) -> Diagnostics {
        unusable()
    }
}

#[async_trait]
impl<D: Send + Sync + 'static> DynEphemeralResource<()> for Shown<dyn DynEphemeralResource<D>> {
    async fn open(&self, _: CallContext<()>, _: Value) -> (Opened<Value>, Diagnostics) {
        (Value::Null.into(), unusable())
    }

    async fn renew(&self, _: CallContext<()>, _: Json) -> (Option<SystemTime>, Diagnostics) {
        (None, unusable())
    }

    async fn close(&self, _: CallContext<()>, _: Json) -> Diagnostics {
        unusable()
    }
}

/// A list that is in the schema and cannot be had.
struct ShownList<D> {
    list: Box<dyn DynListResource<D>>,
    listed: Kept<D>,
}

impl<D> Defined for ShownList<D> {
    fn definition(&self) -> &Definition {
        self.list.definition()
    }
}

#[async_trait]
impl<D: Send + Sync + 'static> DynListResource<()> for ShownList<D> {
    fn listed(&self) -> &dyn DynResource<()> {
        &self.listed
    }

    async fn list(&self, _: CallContext<()>, _: Value, _: Wanted, _: mpsc::Sender<Listed>) -> Diagnostics {
        unusable()
    }
}

#[cfg(test)]
mod tests;
