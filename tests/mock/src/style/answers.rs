//! What stands around objects: wrappers, lists under other keys, catalogues of other shapes.

use serde_json::{Value, json};

use super::spelling::everywhere;
use super::{Style, Switch};
use crate::answer::Answer;
use crate::odd::Odd;

/// What kind of answer it is that may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One object, which is of this kind: `instance`, `endpoint`, `vm`, `storage`, `auth`, `prewarm`.
    Object(&'static str),
    /// The answer of a create call.
    Created(&'static str),
    List,
    Catalogue,
}

/// The answer as this platform writes it. `path` is the call's, below the vendor's prefix.
pub(crate) fn reshape(style: &Style, shape: Shape, path: &str, answer: Answer) -> Answer {
    if style.is_plain() || answer.status >= 300 {
        return answer;
    }
    let Ok(body) = serde_json::from_str::<Value>(&answer.body) else { return answer };
    let body = match shape {
        Shape::Object(kind) => object(style, kind, body),
        Shape::Created(kind) => created(style, kind, body),
        Shape::List => list(style, path, body),
        Shape::Catalogue if style.holds(Switch::CatalogueUnreadable, path) => return Odd::Html200.answer(),
        Shape::Catalogue => catalogue(style, path, body),
    };
    Answer { body: body.to_string(), ..answer }
}

fn object(style: &Style, kind: &str, body: Value) -> Value {
    let bare = body.get(kind).unwrap_or(&body);
    let id = written(&bare["id"]);
    if id.is_empty() {
        return body;
    }
    if style.holds(Switch::EnvelopeData, &id) {
        return json!({"code": 0, "data": bare});
    }
    if style.holds(Switch::EnvelopeKind, &id) { json!({kind: bare}) } else { body }
}

fn created(style: &Style, kind: &str, body: Value) -> Value {
    let id = written(body.get("id").unwrap_or(&body));
    if id.is_empty() || !style.holds(Switch::EnvelopedCreates, &id) {
        return body;
    }
    let key = style.pick(Switch::EnvelopedCreates, &id, "data", &[kind]);
    json!({key: if body.is_string() { json!({"storageId": body}) } else { body }})
}

fn list(style: &Style, path: &str, mut body: Value) -> Value {
    if !style.holds(Switch::ListsUnderData, path) {
        return body;
    }
    match body.as_object_mut() {
        None => json!({"data": body}),
        Some(members) => {
            let key = members.iter().find(|(_, it)| it.is_array()).map(|(key, _)| key.clone());
            if let Some(items) = key.and_then(|it| members.remove(&it)) {
                members.insert("data".to_owned(), items);
            }
            body
        }
    }
}

fn catalogue(style: &Style, path: &str, mut body: Value) -> Value {
    if style.holds(Switch::SoldOutHidden, path) {
        hide_sold_out(&mut body);
    }
    if style.holds(Switch::ZeroLimits, path) {
        zero_limits(&mut body);
    }
    if style.holds(Switch::CatalogueEmpty, path) {
        return emptied(body);
    }
    if style.holds(Switch::CatalogueReshaped, path) {
        return json!({"result": {"page": 1, "items": [body]}});
    }
    body
}

fn hide_sold_out(body: &mut Value) {
    let items = if body.is_array() { Some(body) } else { body.get_mut("data") };
    if let Some(items) = items.and_then(Value::as_array_mut) {
        items.retain(|it| it["availableDeploy"] != false && it["available"] != false);
    }
}

/// Numbers that bound something, and lists of what is allowed.
fn zero_limits(body: &mut Value) {
    everywhere(body, &mut |members| {
        for (name, value) in members {
            let is_bound = ["min", "max"].iter().any(|it| name.starts_with(it));
            if is_bound && value.is_number() {
                *value = json!(0);
            } else if name == "cudaVersionList" {
                *value = json!([]);
            }
        }
    });
}

/// No items, no prices, no bounds.
fn emptied(body: Value) -> Value {
    match body {
        Value::Array(_) => json!([]),
        Value::Object(members) => {
            let lists = members.into_iter().filter(|(name, _)| ["data", "gpus"].contains(&name.as_str()));
            lists.map(|(name, it)| (name, if it.is_array() { json!([]) } else { json!({}) })).collect()
        }
        other => other,
    }
}

/// An identifier as a text.
fn written(id: &Value) -> String {
    match id {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}
