//! Importing: the state that an import begins with, and what is said when there is nothing to import.

use crate::framework::diagnostics::Diagnostic;
use crate::framework::private::Private;
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
    Ok((just_imported(schema, id), Private { imported: true, replacing: false }))
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

/// Why there is nothing to read, if the id came from an import and was never read before.
pub(crate) fn nothing_to_import<R: Resource>(
    schema: &Schema,
    state: &Value,
    private: Private,
) -> Option<Diagnostic> {
    let id = state.get("id").as_str()?;
    let is_first_look = private.imported && *state == just_imported(schema, id);
    is_first_look.then(|| {
        let detail = format!("There is no `{}` with the id {id:?}. {}", R::TYPE, example::<R>());
        Diagnostic::error("Nothing to import", detail)
    })
}

fn example<R: Resource>() -> String {
    format!(
        "An example is `terraform import {}.example {}`; the vendor's console shows the id.",
        R::TYPE,
        R::IMPORT_ID.example
    )
}
