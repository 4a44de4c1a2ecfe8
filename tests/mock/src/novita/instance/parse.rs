//! Taking apart a body that agrees with the description.

use serde_json::Value;

use crate::answer::{Refusal, Result};

/// A text; empty when it is absent.
pub(crate) fn text(body: &Value, field: &str) -> String {
    body[field].as_str().unwrap_or_default().to_owned()
}

/// A whole number. The description lets `1.0` through, decoders of real servers do not.
pub(crate) fn number(body: &Value, field: &str) -> Result<u64> {
    body[field].as_u64().ok_or_else(|| Refusal::field(field, "must be a whole number"))
}

pub(crate) fn optional_number(body: &Value, field: &str) -> Result<u64> {
    if body[field].is_null() { Ok(0) } else { number(body, field) }
}

pub(crate) fn read_list<T: serde::de::DeserializeOwned>(body: &Value, field: &str) -> Result<Vec<T>> {
    elements(&body[field])
        .map(|it| {
            serde_json::from_value(it.clone()).map_err(|error| Refusal::field(field, &error.to_string()))
        })
        .collect()
}

pub(crate) fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
