//! Terraform's type constraints, and their JSON form in schemas and dynamic values.
//!
//! Owns the type system only; [`crate::value`] holds what has such a type. Optional attributes
//! of object types are a matter of the configuration language and are not kept.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use thiserror::Error;

/// How deep types and values may nest. A configuration hardly nests ten deep, and JSON readers, ours
/// included, stop at 128 as well; the limit keeps hostile input from exhausting the stack.
pub(crate) const MAX_DEPTH: usize = 128;

/// How many values one message may hold, elements of elements and absent attributes included. A large
/// configuration has some thousands; the limit keeps a message of bytes that stand for a value each, or
/// for an object of many absent attributes, from becoming gigabytes. With it, what is decoded takes up at
/// most some 100 MB besides its texts.
pub(crate) const MAX_VALUES: usize = 1 << 20;

/// A type constraint. The order has no meaning but that equal types are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// Text; clients normalise it to Unicode NFC.
    String,
    /// A number of any size and precision.
    Number,
    /// `true` or `false`.
    Bool,
    /// Any type, decided by the value.
    Dynamic,
    /// Ordered elements of one type.
    List(Box<Self>),
    /// Unordered, unique elements of one type.
    Set(Box<Self>),
    /// Elements of one type under text keys.
    Map(Box<Self>),
    /// Ordered elements, each of its own type.
    Tuple(Vec<Self>),
    /// Named attributes, each of its own type.
    Object(BTreeMap<String, Self>),
}

/// Why a JSON text is not a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TypeError {
    /// Neither the name of a primitive type nor an array that begins with the name of another.
    #[error("not a type constraint")]
    NotAType,
    /// More than `MAX_DEPTH` types inside one another.
    #[error("a type constraint that nests more than {MAX_DEPTH} deep")]
    TooDeep,
}

impl Type {
    /// The compact form: `"string"`, `["list","string"]`, `["object",{"a":"bool"}]`.
    pub(crate) fn to_json(&self) -> Json {
        match self {
            Self::String => json!("string"),
            Self::Number => json!("number"),
            Self::Bool => json!("bool"),
            Self::Dynamic => json!("dynamic"),
            Self::List(element) => json!(["list", element.to_json()]),
            Self::Set(element) => json!(["set", element.to_json()]),
            Self::Map(element) => json!(["map", element.to_json()]),
            Self::Tuple(elements) => json!(["tuple", elements.iter().map(Self::to_json).collect::<Vec<_>>()]),
            Self::Object(attributes) => {
                let attributes = attributes.iter().map(|(name, ty)| (name.clone(), ty.to_json()));
                json!(["object", Json::Object(attributes.collect())])
            }
        }
    }

    /// Reads the compact form. The third element of an object, the names of optional attributes, is
    /// accepted and dropped.
    ///
    /// # Errors
    /// When the JSON is no type, or nests deeper than `MAX_DEPTH`.
    pub fn from_json(json: &Json) -> Result<Self, TypeError> {
        parse(json, MAX_DEPTH)
    }
}

fn parse(json: &Json, depth: usize) -> Result<Type, TypeError> {
    let depth = depth.checked_sub(1).ok_or(TypeError::TooDeep)?;
    match json {
        Json::String(name) => primitive(name),
        Json::Array(parts) => match parts.as_slice() {
            [Json::String(name), argument] => compound(name, argument, depth),
            [Json::String(name), argument, Json::Array(optional)]
                if name == "object" && optional.iter().all(Json::is_string) =>
            {
                compound(name, argument, depth)
            }
            _ => Err(TypeError::NotAType),
        },
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => Err(TypeError::NotAType),
    }
}

fn primitive(name: &str) -> Result<Type, TypeError> {
    match name {
        "string" => Ok(Type::String),
        "number" => Ok(Type::Number),
        "bool" => Ok(Type::Bool),
        "dynamic" => Ok(Type::Dynamic),
        _ => Err(TypeError::NotAType),
    }
}

fn compound(name: &str, argument: &Json, depth: usize) -> Result<Type, TypeError> {
    let element = || parse(argument, depth).map(Box::new);
    match (name, argument) {
        ("list", _) => element().map(Type::List),
        ("set", _) => element().map(Type::Set),
        ("map", _) => element().map(Type::Map),
        ("tuple", Json::Array(elements)) => {
            elements.iter().map(|it| parse(it, depth)).collect::<Result<_, _>>().map(Type::Tuple)
        }
        ("object", Json::Object(attributes)) => {
            let attributes = attributes.iter().map(|(name, ty)| Ok((name.clone(), parse(ty, depth)?)));
            attributes.collect::<Result<_, _>>().map(Type::Object)
        }
        _ => Err(TypeError::NotAType),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_its_compact_form() {
        for text in [
            r#""string""#,
            r#""number""#,
            r#""bool""#,
            r#""dynamic""#,
            r#"["list","string"]"#,
            r#"["set",["list","number"]]"#,
            r#"["map","dynamic"]"#,
            r#"["tuple",[]]"#,
            r#"["tuple",["string",["set","bool"]]]"#,
            r#"["object",{}]"#,
            r#"["object",{"a":"string","b":["object",{"c":"bool"}]}]"#,
        ] {
            let ty = Type::from_json(&serde_json::from_str(text).unwrap()).unwrap();
            assert_eq!(ty.to_json().to_string(), text);
        }
    }

    #[test]
    fn optional_attributes_are_read_and_dropped() {
        let ty = Type::from_json(&json!(["object", {"a": "string"}, ["a"]])).unwrap();
        assert_eq!(ty.to_json(), json!(["object", {"a": "string"}]));
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for json in [
            json!(null),
            json!(1),
            json!({}),
            json!([]),
            json!("text"),
            json!("list"),
            json!(["list"]),
            json!(["string"]),
            json!(["string", "string"]),
            json!(["list", "string", []]),
            json!(["list", ["string"]]),
            json!(["tuple", "string"]),
            json!(["object", []]),
            json!(["object", {"a": 1}]),
            json!(["object", {"a": "string"}, [1]]),
            json!(["object", {"a": "string"}, ["a"], 1]),
        ] {
            assert_eq!(Type::from_json(&json), Err(TypeError::NotAType), "{json}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |times| (0..times).fold(json!("string"), |inner, _| json!(["list", inner]));
        assert!(Type::from_json(&nested(MAX_DEPTH - 1)).is_ok());
        assert_eq!(Type::from_json(&nested(MAX_DEPTH)), Err(TypeError::TooDeep));
    }
}
