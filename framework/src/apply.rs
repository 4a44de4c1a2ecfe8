//! Applying a plan: creates, changes or destroys through the author's code, and answers with what exists.
//!
//! Owns what reaches the state on every way out; knows nothing of clients, values on the wire or vendors.

use std::sync::{Arc, PoisonError};

use crate::author::Author;
use crate::diagnostics::{Diagnostic, Diagnostics, bug};
use crate::equality::{Forms, keep_form, same};
use crate::erased::CallContext;
use crate::import;
use crate::plan;
use crate::private::Private;
use crate::protection;
use crate::resource::{Context, ProviderData, Result, StateCell, Target};
use crate::schema::{Schema, TIMEOUTS, beside_config};
use crate::timeouts::Operation;
use crate::value::Value;

/// What the client asks to apply.
pub struct Apply {
    /// What the user wrote, write-only values included; null on destroy.
    pub config: Value,
    /// What is in the state; null: create.
    pub prior: Value,
    /// What was planned; null: destroy.
    pub planned: Value,
    /// The notes made in the plan.
    pub private: Private,
}

/// What the client is answered after apply or read; a null state means: it does not exist.
pub struct Outcome {
    /// What exists; wholly known.
    pub state: Value,
    /// The framework's notes beside it.
    pub private: Private,
    /// What the user is told.
    pub diagnostics: Diagnostics,
}

/// Applies what was planned.
pub(crate) async fn applied<D: ProviderData>(
    author: &dyn Author<D>,
    schema: &Arc<Schema>,
    context: CallContext<D>,
    mut apply: Apply,
    cell: StateCell,
) -> Outcome {
    if apply.planned.is_null() {
        return delete(author, schema, context, apply).await;
    }
    import::keep_managed(schema, &apply.private, &apply.config, &mut apply.prior);
    if !apply.prior.is_null() && plan::is_free(schema, &apply.prior, &apply.planned, &apply.private) {
        let state = known(apply.planned);
        let private = apply.private.after(&apply.config, &state);
        return Outcome { state, private, diagnostics: Diagnostics::default() };
    }
    change(author, schema, context, apply, cell).await
}

/// Creates or changes, and answers with what exists whatever happened.
async fn change<D: ProviderData>(
    author: &dyn Author<D>,
    schema: &Arc<Schema>,
    context: CallContext<D>,
    apply: Apply,
    cell: StateCell,
) -> Outcome {
    let operation = if apply.prior.is_null() { Operation::Create } else { Operation::Update };
    let cx = Context::of(context, operation.limit(&apply.planned, author.timeouts()));
    if !apply.prior.is_null() {
        *cell.lock().unwrap_or_else(PoisonError::into_inner) = Some(apply.prior.clone());
    }
    let timeouts = apply.planned.get(TIMEOUTS).clone();
    let target = Target { cell: Arc::clone(&cell), schema: Arc::clone(schema), timeouts };
    let result = run_change(author, &cx, &apply, target).await;
    let mut diagnostics = cx.take_warnings();
    let state = cell.lock().unwrap_or_else(PoisonError::into_inner).clone();
    // What was created and only not waited for is kept; a change that is not finished must not look so.
    let unfinished = result.is_err() && operation == Operation::Update;
    let mut failure = result.err().unwrap_or_default();
    if unfinished && protection::is_gone(author, &cx, &apply.prior).await {
        failure = gone(author.type_name(), &apply.prior).into();
    }
    diagnostics.append(failure);
    if (state.is_none() || unfinished) && !diagnostics.has_error() {
        diagnostics.push(bug("the operation ended without a result and without an error"));
    }
    let mut state = known(state.unwrap_or(Value::Null));
    let mut private = apply.private;
    keep_form(&schema.attributes, &apply.planned, &mut state, Forms::All);
    if !diagnostics.has_error() {
        let kept = as_planned(&apply.planned, state.clone());
        log_other_answers(schema, &kept, &state);
        state = kept;
        private = private.after(&apply.config, &state);
    } else if operation == Operation::Create {
        protection::lift(schema, &mut state);
    }
    // Beside an error the truth is wanted, not the plan; clients compare the two only on success.
    Outcome { private: private.for_state(&state), state, diagnostics }
}

async fn run_change<D>(author: &dyn Author<D>, cx: &Context<D>, apply: &Apply, target: Target) -> Result<()> {
    let mut planned = apply.planned.clone();
    beside_config(&target.schema.attributes, &mut planned, &apply.config, &mut |it, value, config| {
        if it.write_only {
            *value = config.clone();
        }
    });
    match apply.prior.is_null() {
        true => author.create(cx, &planned, target).await,
        false => author.update(cx, &apply.prior, &planned, target).await,
    }
}

async fn delete<D: ProviderData>(
    author: &dyn Author<D>,
    schema: &Schema,
    context: CallContext<D>,
    apply: Apply,
) -> Outcome {
    let cx = Context::of(context, Operation::Delete.limit(&apply.prior, author.timeouts()));
    let result = if apply.prior.is_null() {
        Ok(()) // nothing there, and nothing wanted
    } else {
        // What a client sees as tainted comes here without a plan that could refuse.
        match protection::refuse_deletion(author, &cx, schema, &apply.prior).await {
            Some(refusal) if !cx.data.ignores_deletion_protection() => Err(refusal.into()),
            _ => author.delete(&cx, &apply.prior).await,
        }
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
    Outcome { private: apply.private.for_state(&state), state, diagnostics }
}

/// The failure of a change of something that was removed since the plan's refresh, or without one.
fn gone(type_name: &str, prior: &Value) -> Diagnostic {
    let detail = format!(
        "{} does not exist any more, so nothing was changed. Plan again, with a refresh: the new plan shows what it takes \
         to have it as configured.",
        protection::named(type_name, protection::id(prior))
    );
    Diagnostic::error("Resource is gone", detail)
}

/// What is unknown after apply does not exist: null.
pub fn known(value: Value) -> Value {
    match value {
        Value::Unknown(_) => Value::Null,
        Value::List(elements) => Value::List(elements.into_iter().map(known).collect()),
        Value::Set(elements) => Value::Set(elements.into_iter().map(known).collect()),
        Value::Map(elements) => Value::object(elements.into_iter().map(|(key, it)| (key, known(it)))),
        Value::Dynamic(ty, it) => Value::Dynamic(ty, Box::new(known(*it))),
        scalar => scalar,
    }
}

/// Keeps each value that was known in the plan: clients call another one a bug. Where the API stored
/// something else, the next read shows it as drift, which a user can act on.
fn as_planned(planned: &Value, state: Value) -> Value {
    match (planned, state) {
        (planned, state) if planned.is_unknown() => state,
        // What is not known in a plan may have any type yet.
        (Value::Dynamic(_, planned), Value::Dynamic(ty, state)) if !planned.is_wholly_known() => {
            Value::Dynamic(ty, Box::new(as_planned(planned, *state)))
        }
        (Value::Map(planned), Value::Map(mut state)) => {
            let mut kept = |name| state.remove(name).unwrap_or(Value::Null);
            Value::object(planned.iter().map(|(name, it)| (name.clone(), as_planned(it, kept(name)))))
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
