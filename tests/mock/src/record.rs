//! Records as JSON: how tests plant and change them.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// A record with the change on top, or what is wrong with it.
pub(crate) fn patched<T: DeserializeOwned>(mut whole: Value, change: Value) -> Result<T, String> {
    if !change.is_object() {
        return Err("a record is an object".to_owned());
    }
    patch(&mut whole, change);
    serde_json::from_value(whole).map_err(|error| error.to_string())
}

/// Replaces members, also inside objects; lists are replaced as a whole.
pub(crate) fn patch(whole: &mut Value, change: Value) {
    match (whole, change) {
        (Value::Object(whole), Value::Object(change)) => {
            for (name, value) in change {
                patch(whole.entry(name).or_insert(Value::Null), value);
            }
        }
        (whole, change) => *whole = change,
    }
}
