//! Reading what vendors really send: numbers as text, `null` for a list, an object for a list of one.
//!
//! Functions for `#[serde(default, deserialize_with = "…")]`. They go through a JSON value, since
//! only that reads numbers of every form. Knows no field of any vendor.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;

use crate::api::secret::Secret;

/// An answer of which only the arrival matters: any JSON, or an empty body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ignored;

impl<'de> Deserialize<'de> for Ignored {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(input).map(|_| Self)
    }
}

/// A whole number, or one written as text. `null` and `""` are none.
pub(crate) fn int<'de, D: Deserializer<'de>>(input: D) -> Result<Option<i64>, D::Error> {
    let Some(text) = number_text(Value::deserialize(input)?)? else { return Ok(None) };
    let whole = || text.parse::<f64>().ok().filter(|it| it.fract() == 0.0 && it.abs() < 9e15);
    match text.parse() {
        Ok(number) => Ok(Some(number)),
        #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
        Err(_) => {
            whole().map(|it| Some(it as i64)).ok_or_else(|| D::Error::custom("expected a whole number"))
        }
    }
}

/// A number, or one written as text. `null` and `""` are none.
pub(crate) fn float<'de, D: Deserializer<'de>>(input: D) -> Result<Option<f64>, D::Error> {
    let Some(text) = number_text(Value::deserialize(input)?)? else { return Ok(None) };
    let number = text.parse::<f64>().ok().filter(|it| it.is_finite());
    number.map(Some).ok_or_else(|| D::Error::custom("expected a number"))
}

/// A text, or a number or truth value as text. `null` is the empty text.
pub(crate) fn text<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    match Value::deserialize(input)? {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Array(_) | Value::Object(_) => Err(D::Error::custom("expected a text")),
    }
}

/// A text that must not be seen; read like [`text`].
pub(crate) fn secret<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Secret>, D::Error> {
    let text = text(input)?;
    Ok((!text.is_empty()).then(|| Secret::new(text)))
}

/// A value, or its default for `null`: above all a list.
pub(crate) fn or_default<'de, T, D>(input: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Option::deserialize(input).map(Option::unwrap_or_default)
}

/// A list, or its only member without the brackets, or `null` for none.
pub(crate) fn one_or_many<'de, T, D>(input: D) -> Result<Vec<T>, D::Error>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    let members = match Value::deserialize(input)? {
        Value::Null => Vec::new(),
        Value::Array(members) => members,
        one @ (Value::Object(_) | Value::String(_) | Value::Number(_) | Value::Bool(_)) => vec![one],
    };
    members.into_iter().map(|it| T::deserialize(it).map_err(D::Error::custom)).collect()
}

/// An object, or `null` for none. Serde alone takes a list for a struct too, member by member, so that
/// a wrong answer would read as a thing with odd values.
pub(crate) struct Object<T>(pub(crate) Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(ObjectVisitor(PhantomData)).map(Self)
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("an object")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(Some)
    }
}

fn number_text<E: serde::de::Error>(value: Value) -> Result<Option<String>, E> {
    match value {
        Value::Null => Ok(None),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => Ok(Some(text.trim().to_owned())),
        // The text of the value stays out of the message: it may be anything.
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err(E::custom("expected a number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    struct Member {
        #[serde(default)]
        size: i64,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct All {
        #[serde(deserialize_with = "int")]
        int: Option<i64>,
        #[serde(deserialize_with = "float")]
        float: Option<f64>,
        #[serde(deserialize_with = "text")]
        text: String,
        #[serde(deserialize_with = "secret")]
        secret: Option<Secret>,
        #[serde(deserialize_with = "or_default")]
        list: Vec<Member>,
        #[serde(deserialize_with = "one_or_many")]
        many: Vec<Member>,
    }

    fn read(json: &str) -> Result<All, String> {
        let value: Value = serde_json::from_str(json).unwrap();
        let from_value = serde_path_to_error::deserialize::<_, All>(value).map_err(|it| it.to_string());
        let from_text = serde_json::from_str::<All>(json).map_err(|it| it.to_string());
        assert_eq!(from_value.is_ok(), from_text.is_ok(), "{json}");
        from_value
    }

    #[test]
    fn numbers_may_be_text() {
        for (json, expected) in [
            ("1", Some(1)),
            ("-7", Some(-7)),
            ("\"16\"", Some(16)),
            ("\" 16 \"", Some(16)),
            ("62.0", Some(62)),
            ("\"6.2e1\"", Some(62)),
            ("null", None),
            ("\"\"", None),
            ("9007199254740993", Some(9_007_199_254_740_993)),
        ] {
            assert_eq!(read(&format!(r#"{{"int":{json}}}"#)).unwrap().int, expected, "{json}");
        }
        for (json, expected) in
            [("0.5", Some(0.5)), ("\"35000\"", Some(35000.0)), ("62", Some(62.0)), ("null", None)]
        {
            assert_eq!(read(&format!(r#"{{"float":{json}}}"#)).unwrap().float, expected, "{json}");
        }
    }

    #[test]
    fn what_is_no_number_names_its_place() {
        for json in ["\"many\"", "true", "[]", "{}", "1.5", "1e40"] {
            let error = read(&format!(r#"{{"int":{json}}}"#)).unwrap_err();
            assert!(error.starts_with("int: expected"), "{json}: {error}");
        }
        assert!(read(r#"{"float":"NaN"}"#).is_err());
    }

    #[test]
    fn texts_may_be_numbers_or_null() {
        for (json, expected) in
            [("\"a\"", "a"), ("8888", "8888"), ("1.5", "1.5"), ("true", "true"), ("null", ""), ("\"\"", "")]
        {
            assert_eq!(read(&format!(r#"{{"text":{json}}}"#)).unwrap().text, expected, "{json}");
        }
        assert!(read(r#"{"text":[]}"#).is_err());
    }

    #[test]
    fn an_empty_secret_is_none() {
        assert_eq!(read(r#"{"secret":""}"#).unwrap().secret, None);
        assert_eq!(read(r#"{"secret":"x"}"#).unwrap().secret, Some(Secret::new("x")));
    }

    #[test]
    fn lists_may_be_null_absent_or_a_single_member() {
        assert_eq!(read(r#"{"list":null,"many":null}"#).unwrap(), All::default());
        assert_eq!(read("{}").unwrap(), All::default());
        for json in [r#"{"many":{"size":4,"other":1}}"#, r#"{"many":[{"size":4}]}"#] {
            assert_eq!(read(json).unwrap().many, [Member { size: 4 }]);
        }
    }

    #[test]
    fn r2_a_list_is_no_object() {
        let read = |json: &str| {
            let value: Value = serde_json::from_str(json).unwrap();
            serde_path_to_error::deserialize::<_, Object<Member>>(value).map_err(|it| it.to_string())
        };
        assert_eq!(read(r#"{"size":4,"other":[1]}"#).unwrap().0, Some(Member { size: 4 }));
        assert_eq!(read("null").unwrap().0, None);
        for json in ["[4]", "[]", "4", "\"4\"", "true"] {
            assert!(read(json).err().unwrap().contains("expected an object"), "{json}");
        }
        assert!(read(r#"{"size":"x"}"#).err().unwrap().starts_with("size: "));
    }

    #[test]
    fn any_json_can_be_ignored() {
        for json in ["null", "{}", r#"{"instanceId":"i","state":1}"#, "\"ok\"", "[]", "3"] {
            let value: Value = serde_json::from_str(json).unwrap();
            assert_eq!(Ignored::deserialize(value).unwrap(), Ignored);
        }
    }
}
