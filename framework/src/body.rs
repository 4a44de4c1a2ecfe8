//! A create request's body from a resource's values, and the way back from wire names to attributes.
//!
//! For APIs that take JSON; with the feature `rest` alone, as are the words of `derive(Model)` that it needs: `wire`,
//! `wire_with`, `no_wire`, and `snake_case` on the struct.

use serde_json::{Map, Value as Json};

use crate::schema::{Attribute, AttributeType, Nesting, Schema};
use crate::value::Value;

/// How an attribute travels in a create request.
#[derive(Clone)]
pub(crate) struct Wire {
    /// Its name there. Attributes that share a name are joined: lists appended, else the one that is set.
    pub(crate) name: String,
    /// Its form there; without one, the value's own JSON.
    encode: Option<fn(&Value) -> Json>,
}

/// What the derive writes for a request.
impl Attribute {
    /// Travels under this name.
    pub fn wire(mut self, name: &str) -> Self {
        let encode = self.wire.as_ref().and_then(|it| it.encode);
        self.wire = Some(Wire { name: name.to_owned(), encode });
        self
    }

    /// Travels in this form.
    pub fn wire_with(mut self, encode: fn(&Value) -> Json) -> Self {
        let name = self.wire.map_or_else(|| self.name.to_owned(), |it| it.name);
        self.wire = Some(Wire { name, encode: Some(encode) });
        self
    }
}

/// The body that creates this object: every attribute that has a wire name and a value.
///
/// Attributes that share a wire name are joined: lists are appended, of other values the last one
/// that is set stands (a schema's rules let only one be set).
pub fn body(schema: &Schema, object: &Value) -> Map<String, Json> {
    encode_object(&schema.attributes, object)
}

/// The attribute that travels under a wire name, for errors of the API that name a field.
pub fn attribute_of_wire<'s>(schema: &'s Schema, wire: &str) -> Option<&'s str> {
    let matches = |it: &&Attribute| it.wire_name() == Some(wire);
    schema.attributes.iter().find(matches).map(|it| it.name)
}

fn encode_object(attributes: &[Attribute], object: &Value) -> Map<String, Json> {
    let mut body = Map::new();
    for attribute in attributes {
        let Some(wire) = &attribute.wire else { continue };
        let value = object.get(attribute.name);
        if value.is_null() || value.is_unknown() {
            continue;
        }
        let json = wire.encode.map_or_else(|| encode(&attribute.ty, value), |encode| encode(value));
        join(&mut body, &wire.name, json);
    }
    body
}

fn join(body: &mut Map<String, Json>, name: &str, json: Json) {
    match (body.get_mut(name), json) {
        (Some(Json::Array(present)), Json::Array(more)) => present.extend(more),
        (_, json) => {
            body.insert(name.to_owned(), json);
        }
    }
}

fn encode(ty: &AttributeType, value: &Value) -> Json {
    match (ty, value) {
        (AttributeType::Nested(Nesting::Single, attributes), object) => {
            Json::Object(encode_object(attributes, object))
        }
        (AttributeType::Nested(Nesting::List | Nesting::Set, attributes), elements) => {
            let elements = elements.as_slice().unwrap_or_default().iter();
            elements.map(|it| Json::Object(encode_object(attributes, it))).collect()
        }
        (AttributeType::Nested(Nesting::Map, attributes), elements) => {
            let elements = elements.as_map().into_iter().flatten();
            elements.map(|(key, it)| (key.clone(), Json::Object(encode_object(attributes, it)))).collect()
        }
        (AttributeType::Value(_), value) => Json::from(value),
    }
}

#[cfg(test)]
mod tests;
