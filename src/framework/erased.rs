//! Resources without their types: what the table of a provider holds and the plugin layer calls.
//!
//! Owns the steps that are the same for every resource around the author's code: values in and out
//! of models, write-only values, the saved state, and what a client may never see.

use std::marker::PhantomData;
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::framework::attr::Mismatch;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::equality::{Forms, keep_form, same};
use crate::framework::json;
use crate::framework::model::Model;
use crate::framework::path::{Path, Step};
use crate::framework::plan::{self, Planned, Proposal};
use crate::framework::private::Private;
use crate::framework::redact::Secrets;
use crate::framework::resource::{
    Changes, Context, Plan, Resource, Result, StateCell, StateWriter, forget_write_only, to_state,
};
use crate::framework::schema::{Schema, TIMEOUTS};
use crate::framework::timeouts::Operation;
use crate::framework::types::Type;
use crate::framework::validate::{validate_creation, validate_model};
use crate::framework::value::Value;

/// Longest time for reading one resource, retries included.
pub(crate) const READ_LIMIT: Duration = Duration::from_secs(300);

/// Longest time for the checks of a plan that need the API.
const CHECK_LIMIT: Duration = Duration::from_secs(15);

/// What an operation has from the server: configured data and the stop signal.
pub(crate) struct Environment<D> {
    /// What the provider made of its configuration.
    pub(crate) data: Arc<D>,
    /// Cancelled when the user wants everything to stop.
    pub(crate) stop: CancellationToken,
}

/// What the client asks to apply.
pub(crate) struct Apply {
    /// What the user wrote, write-only values included; null on destroy.
    pub(crate) config: Value,
    /// What is in the state; null: create.
    pub(crate) prior: Value,
    /// What was planned; null: destroy.
    pub(crate) planned: Value,
    /// The notes made in the plan.
    pub(crate) private: Private,
}

/// What the client is answered after apply or read; a null state means: it does not exist.
pub(crate) struct Outcome {
    /// What exists; wholly known.
    pub(crate) state: Value,
    /// The framework's notes beside it.
    pub(crate) private: Private,
    /// What the user is told.
    pub(crate) diagnostics: Diagnostics,
}

/// A resource of any model.
#[async_trait]
pub(crate) trait DynResource<D>: Send + Sync {
    /// Name of the type in HCL.
    fn type_name(&self) -> &'static str;

    /// The schema, made on first use.
    fn schema(&self) -> &Schema;

    /// The type of the schema's objects.
    fn ty(&self) -> &Type;

    /// Everything wrong with a configuration that can be told without a call.
    fn validate(&self, config: &Value, write_only_allowed: bool) -> Diagnostics;

    /// A stored state, converted to this schema.
    ///
    /// # Errors
    /// It has another shape, or a version that nobody knows.
    fn upgrade(&self, version: i64, state: &[u8]) -> Result<Value>;

    /// Plans a creation, a change or a destruction.
    fn plan(&self, proposal: &Proposal) -> Planned;

    /// Checks a plan without errors against the API.
    async fn check_plan(&self, environment: Environment<D>, prior: &Value, planned: &Value) -> Diagnostics;

    /// Reads the resource back.
    async fn read(&self, environment: Environment<D>, state: Value, private: Private) -> Outcome;

    /// Creates, changes or destroys. `cell` shows what exists at any moment.
    async fn apply(&self, environment: Environment<D>, apply: Apply, cell: StateCell) -> Outcome;

    /// The state of an import, to be read next.
    ///
    /// # Errors
    /// The id cannot be one.
    fn import(&self, id: &str) -> Result<(Value, Private)>;
}

/// The table's entry for a resource.
pub(crate) fn resource<R: Resource>() -> Box<dyn DynResource<R::Data>> {
    Box::new(Entry::<R> { schema: OnceLock::new(), ty: OnceLock::new(), resource: PhantomData })
}

/// Both are made when first needed: most processes need the schemas of all, and the types of few.
struct Entry<R> {
    schema: OnceLock<Arc<Schema>>,
    ty: OnceLock<Type>,
    resource: PhantomData<fn() -> R>,
}

impl<R: Resource> Entry<R> {
    fn shared_schema(&self) -> &Arc<Schema> {
        self.schema.get_or_init(|| {
            let timeouts = Some(R::TIMEOUTS);
            Arc::new(Schema { version: R::VERSION, timeouts, ..Schema::of::<R::Model>() })
        })
    }
}

#[async_trait]
impl<R: Resource> DynResource<R::Data> for Entry<R> {
    fn type_name(&self) -> &'static str {
        R::TYPE
    }

    fn schema(&self) -> &Schema {
        self.shared_schema()
    }

    fn ty(&self) -> &Type {
        self.ty.get_or_init(|| self.schema().ty())
    }

    fn validate(&self, config: &Value, write_only_allowed: bool) -> Diagnostics {
        validate_model(self.schema(), config, write_only_allowed, R::validate)
    }

    fn upgrade(&self, version: i64, state: &[u8]) -> Result<Value> {
        let unreadable = |error: &dyn std::fmt::Display| {
            let detail = format!("The stored state of this {} cannot be read: {error}.", R::TYPE);
            Diagnostics::from(Diagnostic::error("Stored state cannot be read", detail))
        };
        let mut state = if version == R::VERSION {
            json::decode(state, self.ty()).map_err(|error| unreadable(&error))?
        } else {
            let state = json::parse(state).map_err(|error| unreadable(&error))?;
            let upgraded = R::upgrade(version, state)?.to_string();
            json::decode(upgraded.as_bytes(), self.ty()).map_err(|error| unreadable(&error))?
        };
        if state.as_map().is_none() {
            return Err(unreadable(&"it is not an object"));
        }
        forget_write_only(self.schema(), &mut state);
        Ok(state)
    }

    fn plan(&self, proposal: &Proposal) -> Planned {
        let schema = self.schema();
        let destroys = proposal.proposed.is_null();
        let mut planned = match destroys {
            true => plan::plan_destroy(schema, proposal),
            false => plan::plan(schema, proposal, |draft| {
                if let Err(mismatch) = adjust::<R>(draft) {
                    draft.diagnostics.push(mismatched(&mismatch));
                }
            }),
        };
        if !destroys && (proposal.prior.is_null() || !planned.replace.is_empty()) {
            let lacking = validate_creation(schema, &proposal.config, R::validate_creation);
            planned.diagnostics.append(lacking);
        }
        if let (true, Ok(state)) =
            (destroys || !planned.replace.is_empty(), R::Model::from_object(&proposal.prior))
        {
            planned.diagnostics.append(R::plan_destroy(&state));
        }
        planned
    }

    async fn check_plan(
        &self,
        environment: Environment<R::Data>,
        prior: &Value,
        planned: &Value,
    ) -> Diagnostics {
        let schema = self.schema();
        let changes_nothing = || plan::is_free(schema, prior, planned, Private::default());
        if planned.is_null() || !prior.is_null() && changes_nothing() {
            return Diagnostics::default();
        }
        let cx = Context::new(environment.data, environment.stop, CHECK_LIMIT);
        let before = if prior.is_null() { Ok(None) } else { R::Model::from_object(prior).map(Some) };
        let found = match (before, R::Model::from_object(planned)) {
            (Ok(before), Ok(planned)) => R::check_plan(&cx, before, planned).await,
            _ => Diagnostics::default(), // planning has told
        };
        Secrets::of(schema, &[prior, planned]).out_of(found)
    }

    async fn read(&self, environment: Environment<R::Data>, state: Value, private: Private) -> Outcome {
        let cx = Context::new(environment.data, environment.stop, READ_LIMIT);
        let secrets = Secrets::of(self.schema(), &[&state]);
        let outcome = match R::Model::from_object(&state) {
            Ok(model) => R::read(&cx, model).await,
            Err(mismatch) => Err(mismatched(&mismatch).into()),
        };
        let mut diagnostics = cx.take_warnings();
        let state = match outcome {
            Ok(Some(model)) => {
                let mut read = known(to_state(self.schema(), &model, state.get(TIMEOUTS).clone()));
                keep_form(&self.schema().attributes, &state, &mut read, Forms::All);
                read
            }
            Ok(None) => match self.nothing_to_import(&state, private) {
                Some(error) => {
                    diagnostics.push(error);
                    state
                }
                None => Value::Null,
            },
            Err(failure) => {
                diagnostics.append(failure);
                state
            }
        };
        Outcome { state, private, diagnostics: secrets.out_of(diagnostics) }
    }

    async fn apply(&self, environment: Environment<R::Data>, apply: Apply, cell: StateCell) -> Outcome {
        let schema = self.shared_schema();
        let secrets = Secrets::of(schema, &[&apply.config, &apply.prior, &apply.planned]);
        let mut outcome = applied::<R>(schema, environment, apply, cell).await;
        outcome.diagnostics = secrets.out_of(outcome.diagnostics);
        outcome
    }

    fn import(&self, id: &str) -> Result<(Value, Private)> {
        if !(R::IMPORT_ID.fits)(id) {
            let detail =
                format!("The id of a `{}` is {}. {}", R::TYPE, R::IMPORT_ID.text, import_example::<R>());
            return Err(Diagnostic::error("Invalid id to import", detail).into());
        }
        Ok((self.just_imported(id), Private { imported: true, replacing: false }))
    }
}

impl<R: Resource> Entry<R> {
    /// A state that knows the id alone, and the defaults that are no guess: what the API may never tell
    /// stays null, so that whatever is configured can be adopted.
    fn just_imported(&self, id: &str) -> Value {
        let mut state = self.schema().null_object();
        for attribute in self.schema().attributes.iter().filter(|it| !it.not_returned) {
            if let Some(default) = &attribute.default {
                state.set(attribute.name, default.clone());
            }
        }
        state.set("id", Value::from(id));
        state
    }

    /// Why there is nothing to read, if the id came from an import and was never read before.
    fn nothing_to_import(&self, state: &Value, private: Private) -> Option<Diagnostic> {
        let id = state.get("id").as_str()?;
        let is_first_look = private.imported && *state == self.just_imported(id);
        is_first_look.then(|| {
            let detail = format!("There is no `{}` with the id {id:?}. {}", R::TYPE, import_example::<R>());
            Diagnostic::error("Nothing to import", detail)
        })
    }
}

fn import_example<R: Resource>() -> String {
    format!(
        "An example is `terraform import {}.example {}`; the vendor's console shows the id.",
        R::TYPE,
        R::IMPORT_ID.example
    )
}

/// Lets the resource adjust a plan through its model.
fn adjust<R: Resource>(draft: &mut plan::Draft<'_>) -> std::result::Result<(), Mismatch> {
    let prior = if draft.prior.is_null() { None } else { Some(R::Model::from_object(draft.prior)?) };
    let mut typed = Plan {
        config: R::Model::from_object(draft.config)?,
        prior,
        planned: R::Model::from_object(&draft.planned)?,
        imported: draft.private.imported,
        replace: Vec::new(),
        diagnostics: Diagnostics::default(),
    };
    // Unknown values may carry refinements that a model cannot: only what the resource changes is copied.
    let untouched = typed.planned.to_object();
    R::plan(&mut typed);
    for (name, value) in typed.planned.to_object().as_map().into_iter().flatten() {
        if untouched.get(name) != value {
            draft.planned.set(name, value.clone());
        }
    }
    draft.replace.extend(typed.replace.into_iter().map(Path::root));
    draft.diagnostics.append(typed.diagnostics);
    Ok(())
}

async fn applied<R: Resource>(
    schema: &Arc<Schema>,
    environment: Environment<R::Data>,
    apply: Apply,
    cell: StateCell,
) -> Outcome {
    if apply.planned.is_null() {
        return delete::<R>(schema, environment, apply).await;
    }
    if !apply.prior.is_null() && plan::is_free(schema, &apply.prior, &apply.planned, apply.private) {
        let state = known(apply.planned);
        return Outcome { state, private: Private::default(), diagnostics: Diagnostics::default() };
    }
    change::<R>(schema, environment, apply, cell).await
}

/// Creates or changes, and answers with what exists whatever happened.
async fn change<R: Resource>(
    schema: &Arc<Schema>,
    environment: Environment<R::Data>,
    apply: Apply,
    cell: StateCell,
) -> Outcome {
    let operation = if apply.prior.is_null() { Operation::Create } else { Operation::Update };
    let cx = Context::new(environment.data, environment.stop, operation.limit(&apply.planned, &R::TIMEOUTS));
    if !apply.prior.is_null() {
        *cell.lock().unwrap_or_else(PoisonError::into_inner) = Some(apply.prior.clone());
    }
    let writer = StateWriter::new(Arc::clone(&cell), Arc::clone(schema), apply.planned.get(TIMEOUTS).clone());
    let result = run_change::<R>(&cx, schema, &apply, &writer).await;
    let mut diagnostics = cx.take_warnings();
    let state = cell.lock().unwrap_or_else(PoisonError::into_inner).clone();
    // What was created and only not waited for is kept; a change that is not finished must not look so.
    let unfinished = result.is_err() && operation == Operation::Update;
    diagnostics.append(result.err().unwrap_or_default());
    if (state.is_none() || unfinished) && !diagnostics.has_error() {
        diagnostics.push(bug("the operation ended without a result and without an error"));
    }
    let mut state = known(state.unwrap_or(Value::Null));
    keep_form(&schema.attributes, &apply.planned, &mut state, Forms::All);
    if diagnostics.has_error() {
        // The truth is wanted, not the plan; clients compare the two only on success.
        return Outcome { state, private: apply.private.without_replacing(), diagnostics };
    }
    let kept = as_planned(&apply.planned, state.clone());
    log_other_answers(schema, &kept, &state);
    Outcome { state: kept, private: Private::default(), diagnostics }
}

async fn run_change<R: Resource>(
    cx: &Context<R::Data>,
    schema: &Schema,
    apply: &Apply,
    writer: &StateWriter<R::Model>,
) -> Result<()> {
    let model = |value: &Value| R::Model::from_object(value).map_err(|it| Diagnostics::from(mismatched(&it)));
    let mut planned = apply.planned.clone();
    for attribute in schema.attributes.iter().filter(|it| it.write_only) {
        planned.set(attribute.name, apply.config.get(attribute.name).clone());
    }
    let planned = model(&planned)?;
    if apply.prior.is_null() {
        return R::create(cx, planned, writer).await;
    }
    R::update(cx, Changes { prior: model(&apply.prior)?, planned }, writer).await
}

async fn delete<R: Resource>(schema: &Schema, environment: Environment<R::Data>, apply: Apply) -> Outcome {
    let cx =
        Context::new(environment.data, environment.stop, Operation::Delete.limit(&apply.prior, &R::TIMEOUTS));
    let result = match (plan::protection(schema, &apply.prior), R::Model::from_object(&apply.prior)) {
        _ if apply.prior.is_null() => Ok(()), // nothing there, and nothing wanted
        (Some(name), _) if !apply.private.replacing => Err(plan::still_protected(name).into()),
        (_, Ok(state)) => R::delete(&cx, state).await,
        (_, Err(mismatch)) => Err(mismatched(&mismatch).into()),
    };
    let mut diagnostics = cx.take_warnings();
    let state = match result {
        Ok(()) => Value::Null,
        Err(failure) => {
            diagnostics.append(failure);
            if !diagnostics.has_error() {
                diagnostics.push(bug("the deletion failed without an error"));
            }
            apply.prior
        }
    };
    Outcome { state, private: apply.private.without_replacing(), diagnostics }
}

/// What is unknown after apply does not exist: null.
pub(crate) fn known(value: Value) -> Value {
    match value {
        Value::Unknown(_) => Value::Null,
        Value::List(elements) => Value::List(elements.into_iter().map(known).collect()),
        Value::Set(elements) => Value::Set(elements.into_iter().map(known).collect()),
        Value::Map(elements) => Value::Map(elements.into_iter().map(|(key, it)| (key, known(it))).collect()),
        Value::Dynamic(ty, it) => Value::Dynamic(ty, Box::new(known(*it))),
        scalar => scalar,
    }
}

/// Keeps each value that was known in the plan: clients call another one a bug. Where the API stored
/// something else, the next read shows it as drift, which a user can act on.
fn as_planned(planned: &Value, state: Value) -> Value {
    match (planned, state) {
        (Value::Unknown(_), state) => state,
        (Value::Map(planned), Value::Map(mut state)) => {
            let mut kept = |name| state.remove(name).unwrap_or(Value::Null);
            Value::Map(planned.iter().map(|(name, it)| (name.clone(), as_planned(it, kept(name)))).collect())
        }
        (Value::List(planned), Value::List(state)) if planned.len() == state.len() => {
            Value::List(planned.iter().zip(state).map(|(planned, it)| as_planned(planned, it)).collect())
        }
        (planned, _) => known(planned.clone()),
    }
}

fn log_other_answers(schema: &Schema, kept: &Value, state: &Value) {
    for it in schema.attributes.iter().filter(|it| !same(it, kept.get(it.name), state.get(it.name))) {
        log::warn!(target: "provider", attribute = it.name; "API answered another value than planned");
    }
}

pub(crate) fn mismatched(mismatch: &Mismatch) -> Diagnostic {
    // A path cannot lead into a set, and which steps do cannot be told here: stay at the attribute.
    let steps = mismatch.path.0.iter().take_while(|it| matches!(it, Step::Attribute(_))).take(1);
    let path = Path(steps.cloned().collect());
    let detail = format!("`{}` must be {}.", mismatch.path, mismatch.wanted);
    Diagnostic::error("Invalid attribute value", detail).at(path)
}

/// An impossible case.
pub(crate) fn bug(what: &str) -> Diagnostic {
    let detail = format!("This should not happen: {what}. Please report it with the steps that led here.");
    Diagnostic::error("Bug in the provider", detail)
}

#[cfg(test)]
mod tests;
