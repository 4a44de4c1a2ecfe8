//! Configurations out of states: what a user would have written for an object that exists.
//!
//! Knows nothing of files: the client writes them, every attribute that is not null included.

use crate::schema::{Attribute, Nesting, Schema};
use crate::value::Value;

/// The configuration of a state. A state that is missing gives one in which everything is null; it is never null as a
/// whole, over which clients crash.
pub(crate) fn config_of(schema: &Schema, state: &Value) -> Value {
    let mut config = schema.null_object();
    if let Value::Map(written) = object(&schema.attributes, state) {
        written.into_iter().for_each(|(name, it)| config.set(&name, it));
    }
    config
}

fn object(attributes: &[Attribute], state: &Value) -> Value {
    if state.as_map().is_none() {
        return Value::Null;
    }
    Value::object(attributes.iter().map(|it| (it.name.to_owned(), written(it, state.get(it.name)))))
}

/// The value as a user would write it; null is left out.
fn written(attribute: &Attribute, value: &Value) -> Value {
    let is_configurable = attribute.required || attribute.optional;
    let is_left_out = attribute.is_secret()
        || attribute.deprecated.is_some()
        || !attribute.required
            && (attribute.default.as_ref() == Some(value) || attribute.unset.as_ref() == Some(value))
        || attribute.empty_is_null && value.as_str() == Some("");
    if !is_configurable || is_left_out || !value.is_wholly_known() {
        return attribute.nothing();
    }
    match (attribute.nested(), value) {
        (Some((Nesting::Single, inner)), value) => object(inner, value),
        (Some((_, inner)), Value::List(it)) => Value::List(it.iter().map(|it| object(inner, it)).collect()),
        (Some((_, inner)), Value::Set(it)) => Value::Set(it.iter().map(|it| object(inner, it)).collect()),
        (Some((_, inner)), Value::Map(it)) => {
            Value::object(it.iter().map(|(key, it)| (key.clone(), object(inner, it))))
        }
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::client::{differences, value};
    use crate::demo::{Disk, state};
    use crate::erased::resource;

    #[test]
    fn n12_a_configuration_has_neither_computed_nor_secret_nor_default_values_and_validates() {
        let schema = Schema::of::<Disk>();
        let full = state(json!({
            "backup": {"hour": 3, "keep": 7, "place": "there"}, "password": "hunter2", "copies": 2,
            "rules": [{"port": 22, "protocol": "tcp"}], "mounts": [{"host": "h", "path": "/data"}],
        }));
        let config = config_of(&schema, &value(&schema, &full));
        let written = differences(&Value::Null, &config);
        let lines: Vec<_> = written.lines().filter(|it| !it.ends_with(": null")).collect();
        assert_eq!(
            lines,
            [
                "backup: {hour: 3, keep: 7}",
                "copies: 2",
                "mounts: [{host: \"h\"}]",
                "name: \"auto\"",
                "rules: [{port: 22}]",
                "size: 20",
                "zone: \"a\"",
            ]
        );
        let disk = resource::<Disk>();
        let config = config_of(disk.schema(), &value(disk.schema(), &full));
        assert!(disk.validate(&config, true).0.is_empty());
    }

    #[test]
    fn n12_a_state_that_is_missing_gives_an_object_of_nulls() {
        let schema = Schema::of::<Disk>();
        for missing in [Value::Null, Value::unknown(), schema.null_object()] {
            assert!(config_of(&schema, &missing) == schema.null_object());
        }
    }
}
