//! Importing: the state that an import begins with, and what is said when there is nothing to import.

use crate::framework::diagnostics::Diagnostic;
use crate::framework::private::Private;
use crate::framework::protection::id;
use crate::framework::resource::{Resource, Result};
use crate::framework::schema::Schema;
use crate::framework::value::Value;

/// The state of an import, to be read next.
///
/// # Errors
/// The id cannot be one.
pub(crate) fn import<R: Resource>(schema: &Schema, id: &str) -> Result<(Value, Private)> {
    if !(R::IMPORT_ID.fits)(id) {
        let detail = format!("The id of a `{}` is {}. {}", R::TYPE, R::IMPORT_ID.text, example::<R>());
        return Err(Diagnostic::error("Invalid id to import", detail).into());
    }
    let not_returned = schema.attributes.iter().filter(|it| it.not_returned);
    let not_told = not_returned.map(|it| it.name.to_owned()).collect();
    Ok((just_imported(schema, id), Private { not_told, ..Private::default() }))
}

/// Whether an import has just begun: of this state nothing was read yet.
pub(crate) fn is_unread(schema: &Schema, state: &Value) -> bool {
    *state == just_imported(schema, id(state))
}

/// Takes note of what the API has told by the first read. What it says is empty is known to be empty: it
/// becomes null, as nothing is configured yet, and is not adopted later.
pub(crate) fn note_empty(private: &mut Private, state: &mut Value) {
    private.not_told.retain(|name| {
        let is_empty = state.get(name).as_slice().is_some_and(<[_]>::is_empty);
        if is_empty {
            state.set(name, Value::Null);
        }
        !is_empty
    });
}

/// A state that knows the id alone, and the defaults that are no guess: what the API may never tell
/// stays null, so that whatever is configured can be adopted.
fn just_imported(schema: &Schema, id: &str) -> Value {
    let mut state = schema.null_object();
    for attribute in schema.attributes.iter().filter(|it| !it.not_returned) {
        if let Some(default) = &attribute.default {
            state.set(attribute.name, default.clone());
        }
    }
    state.set("id", Value::from(id));
    state
}

/// Why there is nothing to read of an import that has just begun.
pub(crate) fn nothing_to_import<R: Resource>(state: &Value) -> Diagnostic {
    let detail = format!("There is no `{}` with the id {:?}. {}", R::TYPE, id(state), example::<R>());
    Diagnostic::error("Nothing to import", detail)
}

fn example<R: Resource>() -> String {
    format!(
        "An example is `terraform import {}.example {}`; the vendor's console shows the id.",
        R::TYPE,
        R::IMPORT_ID.example
    )
}
