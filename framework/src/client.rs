//! The client's side of planning and applying, for tests: what it proposes, and what it calls a bug.
//!
//! Follows the checks that clients make of plans and of results, so that a test that plans or applies
//! through here fails wherever a client would.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::attr::Dynamic;
use crate::schema::{Attribute, Nesting, Schema, TIMEOUTS};
use crate::types::Type;
use crate::value::Value;

/// A value of a schema's type; the text `?` stands for an unknown value, what is left out for null.
pub fn value(schema: &Schema, json: &Json) -> Value {
    let mut object = typed(json, &schema.ty());
    place_blocks(&schema.attributes, &mut object);
    object
}

/// Where a configuration has no blocks, clients have none of them instead of null.
fn place_blocks(attributes: &[Attribute], object: &mut Value) {
    let Value::Map(values) = object else { return };
    for attribute in attributes.iter().filter(|it| it.block) {
        let (Some(value), Some((nesting, inner))) = (values.get_mut(attribute.name), attribute.nested())
        else {
            continue;
        };
        if value.is_null() {
            *value = attribute.nothing();
        }
        match nesting {
            Nesting::Single => place_blocks(inner, value),
            Nesting::List | Nesting::Set | Nesting::Map => {
                value.elements_mut().for_each(|it| place_blocks(inner, it));
            }
        }
    }
}

fn typed(json: &Json, ty: &Type) -> Value {
    let elements = |ty: &Type| json.as_array().into_iter().flatten().map(|it| typed(it, ty)).collect();
    match (json, ty) {
        (Json::Null, _) => Value::Null,
        (Json::String(text), _) if text == "?" => Value::unknown(),
        (Json::String(text), Type::String) => Value::from(text.as_str()),
        (Json::Number(number), Type::Number) => Value::Number(number.to_string().parse().unwrap()),
        (Json::Bool(truth), Type::Bool) => Value::from(*truth),
        (json, Type::Dynamic) => Dynamic::from(Value::from(json)).into(),
        (Json::Array(_), Type::List(ty)) => Value::List(elements(ty)),
        (Json::Array(_), Type::Set(ty)) => Value::Set(elements(ty)),
        (Json::Object(it), Type::Map(ty)) => {
            Value::Map(it.iter().map(|(key, it)| (key.clone(), typed(it, ty))).collect())
        }
        (Json::Object(it), Type::Object(types)) => {
            let surplus: Vec<_> = it.keys().filter(|key| !types.contains_key(*key)).collect();
            assert!(surplus.is_empty(), "a test names attributes that do not exist: {surplus:?}");
            let element = |name| it.get(name).unwrap_or(&Json::Null);
            Value::Map(types.iter().map(|(name, ty)| (name.clone(), typed(element(name), ty))).collect())
        }
        _ => panic!("a test has {json} where {ty:?} is wanted"),
    }
}

/// A value as a test reads it: what is null left out, `?` for unknown.
pub(crate) fn show(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Unknown(_) => "?".to_owned(),
        Value::Bool(it) => it.to_string(),
        Value::Number(it) => it.to_string(),
        Value::String(it) => format!("{it:?}"),
        Value::List(it) | Value::Set(it) => {
            format!("[{}]", it.iter().map(show).collect::<Vec<_>>().join(", "))
        }
        Value::Map(it) => {
            let elements = it.iter().filter(|(_, it)| !it.is_null());
            let elements: Vec<_> = elements.map(|(name, it)| format!("{name}: {}", show(it))).collect();
            format!("{{{}}}", elements.join(", "))
        }
        Value::Dynamic(_, it) => show(it),
    }
}

/// What differs between two objects, a line each; from null, everything that is not null.
pub fn differences(before: &Value, after: &Value) -> String {
    let elements = after.as_map().into_iter().flatten();
    let changed = elements.filter(|(name, it)| before.get(name) != *it);
    let line = |(name, it): (&String, &Value)| match before {
        Value::Null => format!("{name}: {}\n", show(it)),
        _ => format!("{name}: {} → {}\n", show(before.get(name)), show(it)),
    };
    changed.map(line).collect()
}

/// The merge of configuration and prior state that a client proposes as the plan.
pub fn propose(schema: &Schema, config: &Value, prior: &Value) -> Value {
    let mut proposed = merge(&schema.attributes, config, prior);
    if schema.timeouts.is_some() && !config.is_null() {
        proposed.set(TIMEOUTS, config.get(TIMEOUTS).clone());
    }
    proposed
}

fn merge(attributes: &[Attribute], config: &Value, prior: &Value) -> Value {
    if config.as_map().is_none() {
        return config.clone();
    }
    let element =
        |it: &Attribute| (it.name.to_owned(), merge_one(it, config.get(it.name), prior.get(it.name)));
    Value::Map(attributes.iter().map(element).collect())
}

fn merge_one(attribute: &Attribute, config: &Value, prior: &Value) -> Value {
    if config.is_null() && attribute.computed {
        return prior.clone();
    }
    let Some((nesting, attributes)) = attribute.nested() else { return config.clone() };
    let priors = prior.as_slice().unwrap_or_default();
    match (nesting, config) {
        (Nesting::Single, config) => merge(attributes, config, prior),
        (Nesting::List, Value::List(configs)) => {
            let prior = |index| priors.get(index).unwrap_or(&Value::Null);
            let elements = configs.iter().enumerate();
            Value::List(elements.map(|(index, it)| merge(attributes, it, prior(index))).collect())
        }
        (Nesting::Map, Value::Map(configs)) => {
            let elements =
                configs.iter().map(|(key, it)| (key.clone(), merge(attributes, it, prior.get(key))));
            Value::Map(elements.collect())
        }
        (Nesting::Set, Value::Set(configs)) => {
            // A element of the state that differs only in computed values is taken for the same one.
            let correlated = |config: &Value| {
                let same = |prior: &&Value| merge(attributes, config, prior) == **prior;
                priors.iter().find(same).unwrap_or(config).clone()
            };
            Value::Set(configs.iter().map(correlated).collect())
        }
        (_, config) => config.clone(),
    }
}

/// What a client would call an invalid plan.
pub fn plan_faults(schema: &Schema, config: &Value, prior: &Value, planned: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    if names(planned) != names(&schema.null_object()) {
        faults.push("the plan has other attributes than the schema".to_owned());
    }
    if planned.get(TIMEOUTS) != config.get(TIMEOUTS) {
        faults.push("the plan changes the block `timeouts`".to_owned());
    }
    object_faults(&schema.attributes, config, prior, planned, &mut faults);
    faults
}

fn names(object: &Value) -> Vec<&String> {
    object.as_map().into_iter().flat_map(BTreeMap::keys).collect()
}

fn object_faults(
    attributes: &[Attribute],
    config: &Value,
    prior: &Value,
    planned: &Value,
    faults: &mut Vec<String>,
) {
    for attribute in attributes {
        let name = attribute.name;
        let (config, prior, planned) = (config.get(name), prior.get(name), planned.get(name));
        if attribute.block && planned.is_null() && !attribute.nothing().is_null() {
            faults.push(format!("`{name}` is planned as null, and no blocks are none of them"));
        } else if attribute.block && planned.is_unknown() && !config.is_unknown() {
            faults.push(format!("the blocks `{name}` are not known in the plan"));
        } else if attribute.write_only && !planned.is_null() {
            faults.push(format!("`{name}` is write-only and planned"));
        } else if attribute.write_only {
        } else if config.is_null() && !attribute.computed && !planned.is_null() {
            faults.push(format!("`{name}` is not configured and planned"));
        } else if let (Some((nesting, attributes)), true) = (attribute.nested(), is_known(config)) {
            nested_faults(name, nesting, attributes, (config, prior, planned), faults);
        } else if !config.is_null() && planned != config && planned != prior {
            faults.push(format!("`{name}` is planned neither as configured nor as it was"));
        }
    }
}

fn is_known(value: &Value) -> bool {
    !value.is_null() && !value.is_unknown()
}

fn nested_faults(
    name: &str,
    nesting: Nesting,
    attributes: &[Attribute],
    (config, prior, planned): (&Value, &Value, &Value),
    faults: &mut Vec<String>,
) {
    let (configs, plans) = (config.as_slice().unwrap_or_default(), planned.as_slice().unwrap_or_default());
    if !is_known(planned) || configs.len() != plans.len() {
        return faults.push(format!("`{name}` is planned with another number of elements than configured"));
    }
    match nesting {
        Nesting::Single => object_faults(attributes, config, prior, planned, faults),
        Nesting::Set => {
            let fits = |config: &Value, planned: &Value| {
                let mut faults = Vec::new();
                object_faults(attributes, config, &Value::Null, planned, &mut faults);
                faults.is_empty()
            };
            let of_config = |planned: &Value| configs.iter().any(|config| fits(config, planned));
            if !plans.iter().all(of_config)
                || !configs.iter().all(|config| plans.iter().any(|planned| fits(config, planned)))
            {
                faults.push(format!("`{name}` is planned with other elements than configured"));
            }
        }
        Nesting::List => {
            let priors = prior.as_slice().unwrap_or_default();
            for (index, (config, planned)) in configs.iter().zip(plans).enumerate() {
                object_faults(attributes, config, priors.get(index).unwrap_or(&Value::Null), planned, faults);
            }
        }
        Nesting::Map if names(config) != names(planned) => {
            faults.push(format!("`{name}` is planned with other keys than configured"));
        }
        Nesting::Map => {
            for key in names(config) {
                object_faults(attributes, config.get(key), prior.get(key), planned.get(key), faults);
            }
        }
    }
}

/// What a client would call an inconsistent result of an apply without errors.
pub fn apply_faults(schema: &Schema, planned: &Value, state: &Value) -> Vec<String> {
    let mut faults = state_faults(schema, state);
    for (name, planned) in planned.as_map().into_iter().flatten() {
        if !fulfils(planned, state.get(name)) {
            faults.push(format!("`{name}` came out as {}, planned {}", show(state.get(name)), show(planned)));
        }
    }
    faults
}

/// What a client would refuse to store.
pub fn state_faults(schema: &Schema, state: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    if names(state) != names(&schema.null_object()) {
        faults.push("the state has other attributes than the schema".to_owned());
    }
    if !state.is_wholly_known() {
        faults.push("the state holds unknown values".to_owned());
    }
    stored_faults(&schema.attributes, state, &mut faults);
    faults
}

fn stored_faults(attributes: &[Attribute], object: &Value, faults: &mut Vec<String>) {
    if !is_known(object) {
        return;
    }
    for attribute in attributes {
        let (name, value) = (attribute.name, object.get(attribute.name));
        if attribute.write_only && !value.is_null() {
            faults.push(format!("the state holds the write-only `{name}`"));
        }
        if attribute.block && value.is_null() && !attribute.nothing().is_null() {
            faults.push(format!("the state has null for the blocks `{name}`"));
        }
        match attribute.nested() {
            Some((Nesting::Single, inner)) => stored_faults(inner, value, faults),
            Some((Nesting::Map, inner)) => {
                value.as_map().into_iter().flatten().for_each(|(_, it)| stored_faults(inner, it, faults));
            }
            Some((_, inner)) => {
                value.as_slice().into_iter().flatten().for_each(|it| stored_faults(inner, it, faults));
            }
            None => {}
        }
    }
}

fn fulfils(planned: &Value, state: &Value) -> bool {
    match (planned, state) {
        (planned, _) if planned.is_unknown() => true,
        (Value::Dynamic(_, planned), Value::Dynamic(_, state)) if !planned.is_wholly_known() => {
            fulfils(planned, state)
        }
        (Value::List(planned), Value::List(state)) => {
            planned.len() == state.len() && planned.iter().zip(state).all(|(one, two)| fulfils(one, two))
        }
        (Value::Set(planned), Value::Set(state)) => {
            state.len() <= planned.len()
                && planned.iter().all(|one| state.iter().any(|two| fulfils(one, two)))
        }
        (Value::Map(planned), Value::Map(state)) => {
            planned.keys().eq(state.keys()) && planned.iter().all(|(key, it)| fulfils(it, &state[key]))
        }
        (planned, state) => planned == state,
    }
}
