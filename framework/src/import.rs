//! Importing: the state that an import begins with, and what is said when there is nothing to import.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::equality::same;
use crate::private::Private;
use crate::protection::id;
use crate::resource::{ImportId, Result};
use crate::schema::{Attribute, Nesting, Schema};
use crate::value::{Value, by_name};

/// The state of an import, to be read next. The key is the id, or the whole identity.
///
/// # Errors
/// The id cannot be one.
pub(crate) fn import(
    type_name: &str,
    form: &ImportId,
    schema: &Schema,
    key: &Value,
) -> Result<(Value, Private)> {
    if !(form.fits)(id(key)) {
        let detail = format!("The id of a `{type_name}` is {}. {}", form.text, example(type_name, form));
        return Err(Diagnostic::error("Invalid id to import", detail).into());
    }
    let not_returned = schema.attributes.iter().filter(|it| it.not_returned);
    let not_told = not_returned.map(|it| it.name.to_owned()).collect();
    Ok((just_imported(schema, key), Private { not_told, ..Private::default() }))
}

/// Whether an import has just begun: of this state nothing was read yet.
pub(crate) fn is_unread(schema: &Schema, state: &Value) -> bool {
    *state == just_imported(schema, state)
}

/// Takes note of what the API has told by the first read. What it says is empty is known to be empty: it
/// becomes null, as nothing is configured yet, and is not adopted later.
pub(crate) fn note_told(schema: &Schema, private: &mut Private, state: &mut Value) {
    let told = schema.attributes.iter().filter(|it| may_be_unmanaged(it) && !state.get(it.name).is_null());
    private.taken_over = told.map(|it| it.name.to_owned()).collect();
    private.not_told.retain(|name| {
        let is_empty = state.get(name).as_slice().is_some_and(<[_]>::is_empty);
        if is_empty {
            state.set(name, Value::Null);
        }
        !is_empty
    });
}

/// Whether a value may be none of the configuration's: it can be left out, wholly or in part, or be more.
fn may_be_unmanaged(attribute: &Attribute) -> bool {
    let has_parts = matches!(attribute.nested(), Some((Nesting::Single, _)));
    attribute.at_least || (attribute.optional && !attribute.computed) || (attribute.required && has_parts)
}

/// Keeps the part of an imported state that the configuration manages. What it leaves out was never asked for by
/// anybody here: it is no difference, and makes no call and no replacement. An empty
/// value is configured, and leaves out nothing.
pub(crate) fn keep_managed(schema: &Schema, private: &Private, config: &Value, state: &mut Value) {
    if !config.is_null() && !state.is_null() {
        let noted = schema.attributes.iter().filter(|it| private.taken_over.contains(it.name));
        noted.for_each(|it| leave_out(&schema.attributes, it, config, state));
    }
}

fn leave_out(attributes: &[Attribute], attribute: &Attribute, config: &Value, state: &mut Value) {
    let (wanted, told) = (config.get(attribute.name), state.get(attribute.name));
    let left = match (attribute.nested(), wanted, told) {
        _ if attribute.block && *wanted == attribute.nothing() => wanted.clone(),
        (_, Value::Map(wanted), _) if wanted.is_empty() => return,
        (_, Value::Set(wanted), Value::Set(told)) if !wanted.is_empty() => {
            let one = |it: &Value| Value::Set(vec![it.clone()]);
            let is_wanted = |told: &&Value| {
                wanted.iter().any(|it| !it.is_wholly_known() || same(attribute, &one(it), &one(told)))
            };
            Value::Set(told.iter().filter(is_wanted).cloned().collect())
        }
        (None, _, Value::Map(elements)) => {
            let is_wanted = |key: &String| in_any_of_the_wire(attributes, attribute, config, key);
            let elements = elements.iter().filter(|(key, _)| is_wanted(key));
            let left = by_name(elements.map(|(key, it)| (key.clone(), it.clone())));
            if left.is_empty() && wanted.is_null() { Value::Null } else { Value::Map(left) }
        }
        (Some((Nesting::Single, inner)), Value::Map(_), Value::Map(_)) => {
            let mut left = told.clone();
            let optional = inner.iter().filter(|it| may_be_unmanaged(it));
            optional.for_each(|it| leave_out(inner, it, wanted, &mut left));
            left
        }
        (_, Value::Null, _) if !attribute.computed => Value::Null,
        (_, Value::Number(wanted), Value::Number(told)) if attribute.at_least => {
            Value::Number(if wanted.to_f64() < told.to_f64() { wanted } else { told }.clone())
        }
        _ => return,
    };
    state.set(attribute.name, left);
}

/// Whether a key is configured in this map, or in one that travels under the same name. What is not known yet may
/// have any.
fn in_any_of_the_wire(attributes: &[Attribute], attribute: &Attribute, config: &Value, key: &str) -> bool {
    fn name(it: &Attribute) -> &str {
        it.wire_name().unwrap_or(it.name)
    }
    let mut maps = attributes.iter().filter(|it| name(it) == name(attribute)).map(|it| config.get(it.name));
    maps.any(|it| it.is_unknown() || it.as_map().is_some_and(|it| it.contains_key(key)))
}

/// Tells what a configuration leaves out of an imported state. What is more than asked for needs no word.
pub(crate) fn left_out(schema: &Schema, told: &Value, managed: &Value) -> Diagnostics {
    let differs = |it: &&Attribute| !it.at_least && told.get(it.name) != managed.get(it.name);
    let names = schema.attributes.iter().filter(differs).map(|it| format!("`{}`", it.name));
    let names: Vec<_> = names.collect();
    if names.is_empty() {
        return Diagnostics::default();
    }
    let detail = format!(
        "What the import found in {} and the configuration leaves out was perhaps set by nobody. It stays as it is, \
         without a call, and is not managed from the next apply on. To manage it, configure it.",
        names.join(", ")
    );
    Diagnostic::warning("Part of what was imported is not managed", detail).into()
}

/// A state that knows the key alone, and the defaults that are no guess: what the API may never tell
/// stays null, so that whatever is configured can be adopted.
fn just_imported(schema: &Schema, key: &Value) -> Value {
    let mut state = schema.null_object();
    for attribute in schema.attributes.iter().filter(|it| !it.not_returned) {
        if let Some(default) = &attribute.default {
            state.set(attribute.name, default.clone());
        }
    }
    for name in schema.identity().map(|it| it.name).chain(["id"]) {
        state.set(name, key.get(name).clone());
    }
    state
}

/// Summary of the error that there is nothing to import.
pub(crate) const NOTHING: &str = "Nothing to import";

/// Why there is nothing to read of an import that has just begun.
pub(crate) fn nothing_to_import(type_name: &str, form: &ImportId, state: &Value) -> Diagnostic {
    let detail =
        format!("There is no `{type_name}` with the id {:?}. {}", id(state), example(type_name, form));
    Diagnostic::error(NOTHING, detail)
}

fn example(type_name: &str, form: &ImportId) -> String {
    let ImportId { example, found, .. } = form;
    let found = if found.is_empty() { String::new() } else { format!("; {found}") };
    format!("An example is `terraform import {type_name}.example {example}`{found}.")
}

#[cfg(test)]
mod tests;
