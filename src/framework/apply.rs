//! Applying a plan: creates, changes or destroys through the author's code, and answers with what exists.
//!
//! Owns what reaches the state on every way out; knows nothing of clients, values on the wire or vendors.

use std::sync::{Arc, PoisonError};

use crate::framework::diagnostics::Diagnostics;
use crate::framework::equality::{Forms, keep_form, same};
use crate::framework::erased::{Environment, bug, mismatched};
use crate::framework::model::Model;
use crate::framework::plan;
use crate::framework::private::Private;
use crate::framework::resource::{Changes, Context, Resource, Result, StateCell, StateWriter};
use crate::framework::schema::{Schema, TIMEOUTS};
use crate::framework::timeouts::Operation;
use crate::framework::value::Value;

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

/// Applies what was planned.
pub(crate) async fn applied<R: Resource>(
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
