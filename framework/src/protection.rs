//! Deletion protection: what has it, which plans and deletions are refused because of it, and the way around.
//!
//! What counts is the state. A configuration does not reach every object: one that is tainted is planned
//! like a new one, and one that `create_before_destroy` has set aside (deposed) is destroyed by a plan of its
//! own, with nothing of the plan that replaced it. So no plan lifts a protection and destroys at once.

use crate::author::Author;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::path::Path;
use crate::plan::{Planned, Proposal};
use crate::resource::{Context, ProviderData};
use crate::schema::{Attribute, Schema};
use crate::value::Value;

/// The attribute that forbids destroying this object, if one does.
pub(crate) fn protection(schema: &Schema, object: &Value) -> Option<&'static str> {
    protecting(schema).find(|it| object.get(it.name).as_bool() == Some(true)).map(|it| it.name)
}

fn protecting(schema: &Schema) -> impl Iterator<Item = &Attribute> {
    schema.attributes.iter().filter(|it| it.deletion_protection)
}

/// Lifts the protection of what a failed creation leaves: clients take it for tainted, to be destroyed, and
/// do not compare a state beside an error with the plan.
pub(crate) fn lift(schema: &Schema, state: &mut Value) {
    if state.is_null() {
        return;
    }
    for attribute in protecting(schema) {
        state.set(attribute.name, Value::from(false));
    }
}

/// What a user is told of a plan that would destroy something protected, be it to replace it: an error, or a
/// warning where protection is ignored.
pub(crate) async fn check_plan<D: ProviderData>(
    author: &dyn Author<D>,
    cx: &Context<D>,
    schema: &Schema,
    proposal: &Proposal,
    planned: &Planned,
) -> Diagnostics {
    let found = if proposal.proposed.is_null() {
        refuse_deletion(author, cx, schema, &proposal.prior).await
    } else {
        refuse_replacement(author, cx, schema, proposal, planned).await
    };
    match found {
        None => Diagnostics::default(),
        Some(refusal) if !cx.data.ignores_deletion_protection() => refusal.into(),
        Some(refusal) => {
            let object = proposal.private.protected.as_deref().unwrap_or(id(&proposal.prior));
            let detail =
                format!("{} is protected, and destroyed all the same.", named(author.type_name(), object));
            Diagnostic { path: refusal.path, ..Diagnostic::warning("Deletion protection is ignored", detail) }
                .into()
        }
    }
}

/// The refusal to destroy an object that is protected, and not known to be gone.
pub(crate) async fn refuse_deletion<D: ProviderData>(
    author: &dyn Author<D>,
    cx: &Context<D>,
    schema: &Schema,
    state: &Value,
) -> Option<Diagnostic> {
    let name = protection(schema, state)?;
    if is_gone(author, cx, state).await {
        return None;
    }
    let detail = format!(
        "{} is not destroyed while `{name}` is true in its state. Set `{name} = false`, apply that alone, and then \
         destroy it. No configuration reaches an object that is tainted or deposed: to destroy such a one, {}.",
        named(author.type_name(), id(state)),
        D::IGNORING_PROTECTION
    );
    Some(Diagnostic::error("Deletion protection forbids destroying", detail).at(Path::root(name)))
}

async fn refuse_replacement<D: ProviderData>(
    author: &dyn Author<D>,
    cx: &Context<D>,
    schema: &Schema,
    proposal: &Proposal,
    planned: &Planned,
) -> Option<Diagnostic> {
    let (prior, Some(name)) = (&proposal.prior, protecting(schema).next().map(|it| it.name)) else {
        return None;
    };
    if prior.is_null() {
        // A replacement's second plan. The first one had no cause of its own, so the user asks for it.
        let id = proposal.private.protected.as_deref()?;
        return Some(not_replaced(
            author.type_name(),
            id,
            name,
            "`-replace` or `replace_triggered_by` asks to replace it",
        ));
    }
    let cause = planned.replace.first()?;
    let name = protection(schema, prior).or_else(|| protection(schema, &planned.value))?;
    if is_gone(author, cx, prior).await {
        return None;
    }
    let causes: Vec<_> = planned.replace.iter().map(|it| format!("`{it}`")).collect();
    let why = format!("the new value of {} can only be had by replacing it", causes.join(", "));
    Some(not_replaced(author.type_name(), id(prior), name, &why).at(cause.clone()))
}

fn not_replaced(type_name: &str, id: &str, name: &str, why: &str) -> Diagnostic {
    let detail = format!(
        "{} is protected by `{name} = true`, and {why}. Take that back; or set `{name} = false`, apply that alone, and \
         then replace it.",
        named(type_name, id)
    );
    Diagnostic::error("Deletion protection forbids replacing", detail)
}

/// Whether it surely does not exist any more: what is gone needs no protection.
pub(crate) async fn is_gone<D>(author: &dyn Author<D>, cx: &Context<D>, state: &Value) -> bool {
    matches!(author.read(cx, state).await, Ok(None))
}

/// An object as a message names it.
pub(crate) fn named(type_name: &str, id: &str) -> String {
    format!("The `{type_name}` {id:?}")
}

/// The id of an object.
pub(crate) fn id(state: &Value) -> &str {
    state.get("id").as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests;
