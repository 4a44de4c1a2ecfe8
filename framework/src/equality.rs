//! Equality by meaning: whether two values of an attribute are the same thing to the API.
//!
//! The one notion of it. Planning asks whether a change needs a call or a replacement, refreshing asks whether
//! anything has changed; both go by the attribute's definition. Null, an empty text and an empty collection are
//! equal, no value equals the default or what the API takes it for, texts are compared in their canonical form, and maps that share a wire
//! name are compared as the one map that the API sees. Knows no vendor.

use std::collections::BTreeMap;

use crate::model::Model;
use crate::schema::{Attribute, AttributeType, Nesting};
use crate::value::Value;

/// Whether two values of an attribute mean the same. An unknown value equals an unknown one alone.
pub fn same(attribute: &Attribute, one: &Value, other: &Value) -> bool {
    one == other || canonical(attribute, one) == canonical(attribute, other)
}

/// Whether an attribute of an object has another meaning in another object of the same attributes.
pub(crate) fn differs(attributes: &[Attribute], attribute: &Attribute, one: &Value, other: &Value) -> bool {
    if same(attribute, one.get(attribute.name), other.get(attribute.name)) {
        return false;
    }
    match (joined(attributes, attribute, one), joined(attributes, attribute, other)) {
        (Some(one), Some(other)) => one != other,
        _ => true,
    }
}

/// Whether any attribute of these names has another meaning in another model.
pub fn differ_in<M: Model>(names: &[&str], one: &M, other: &M) -> bool {
    let (attributes, one, other) = (M::attributes(), one.to_object(), other.to_object());
    let mut named = attributes.iter().filter(|it| names.contains(&it.name));
    named.any(|it| differs(&attributes, it, &one, &other))
}

/// Which forms are kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Forms {
    /// Those of values, and those of nothing: null, an empty text, an empty collection.
    All,
    /// Those of values. Clients take the prior value in place of a configured one, but not in place of null.
    OfValues,
}

/// Gives every value of an object the form that it had in the old object, if it means the same.
pub fn keep_form(attributes: &[Attribute], old: &Value, new: &mut Value, forms: Forms) {
    let Value::Map(values) = new else { return };
    for attribute in attributes {
        if let Some(value) = values.get_mut(attribute.name) {
            keep_form_of(attribute, old.get(attribute.name), value, forms);
        }
    }
}

fn keep_form_of(attribute: &Attribute, old: &Value, new: &mut Value, forms: Forms) {
    if old.is_null() || new.is_null() {
        // Only a configuration has its way of writing nothing; what is computed has the API's, and blocks one.
        let is_written = (attribute.optional || attribute.required) && !attribute.block;
        if is_written && forms == Forms::All && is_empty(old) && is_empty(new) {
            *new = old.clone();
        }
        return;
    }
    match (&attribute.ty, &mut *new) {
        (AttributeType::Nested(Nesting::Single, attributes), _) => keep_form(attributes, old, new, forms),
        (AttributeType::Nested(Nesting::List, attributes), Value::List(elements)) => {
            for (old, element) in old.as_slice().unwrap_or_default().iter().zip(elements) {
                keep_form(attributes, old, element, forms);
            }
        }
        (AttributeType::Nested(Nesting::Map, attributes), Value::Map(elements)) => {
            elements.iter_mut().for_each(|(key, it)| keep_form(attributes, old.get(key), it, forms));
        }
        // A set of plain values is planned as a whole: as configured, or as it was.
        (ty, Value::Set(elements)) if forms == Forms::All || matches!(ty, AttributeType::Nested(..)) => {
            let olds = old.as_slice().unwrap_or_default();
            for element in elements {
                let meant = canonical_element(attribute, element);
                if let Some(old) = olds.iter().find(|it| canonical_element(attribute, it) == meant) {
                    *element = old.clone();
                }
            }
        }
        _ => {
            if same(attribute, old, new) {
                *new = old.clone();
            }
        }
    }
}

/// The form of a value in which equal values are equal byte for byte.
fn canonical(attribute: &Attribute, value: &Value) -> Value {
    let value = match attribute.unset.as_ref().or(attribute.default.as_ref()) {
        Some(unset) if is_empty(value) => unset,
        _ => value,
    };
    match (&attribute.ty, value) {
        _ if is_empty(value) => Value::Null,
        (AttributeType::Nested(Nesting::Map, _), Value::Map(elements)) => elements_of(attribute, elements),
        _ => canonical_element(attribute, value),
    }
}

fn canonical_element(attribute: &Attribute, value: &Value) -> Value {
    match (value, attribute.nested()) {
        (Value::List(elements), _) => {
            Value::List(elements.iter().map(|it| canonical_element(attribute, it)).collect())
        }
        (Value::Set(elements), _) => {
            Value::Set(elements.iter().map(|it| canonical_element(attribute, it)).collect())
        }
        (Value::Map(values), Some((_, attributes))) => {
            let values = values.iter().map(|(name, value)| {
                let attribute = attributes.iter().find(|it| it.name == name);
                (name.clone(), attribute.map_or_else(|| value.clone(), |it| canonical(it, value)))
            });
            Value::object(values)
        }
        (Value::Map(elements), None) => elements_of(attribute, elements),
        (Value::String(text), _) => Value::String(attribute.canonical_text(text)),
        (value, _) => value.clone(),
    }
}

fn elements_of(attribute: &Attribute, elements: &BTreeMap<String, Value>) -> Value {
    Value::object(elements.iter().map(|(key, it)| (key.clone(), canonical_element(attribute, it))))
}

/// All elements of the maps that share the attribute's wire name, if they are known maps.
fn joined(attributes: &[Attribute], attribute: &Attribute, object: &Value) -> Option<Value> {
    let name = attribute.wire_name()?;
    let mut all = BTreeMap::new();
    for it in attributes.iter().filter(|it| it.wire_name() == Some(name)) {
        match canonical(it, object.get(it.name)) {
            Value::Null => {}
            Value::Map(elements) if it.nested().is_none() => all.extend(elements),
            _ => return None,
        }
    }
    Some(Value::Map(all))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::List(elements) | Value::Set(elements) => elements.is_empty(),
        Value::Map(elements) => elements.is_empty(),
        Value::Dynamic(_, it) => it.is_null(),
        Value::Bool(_) | Value::Number(_) | Value::Unknown(_) => false,
    }
}

#[cfg(test)]
mod tests;
