//! Value ↔ JSON, under a type.
//!
//! The form in which states are stored, handed back for an upgrade, and sent by clients that fall back from
//! msgpack. There is no form for an unknown value. Knows nothing of schemas.
//!
//! Numbers keep all their digits: each value is read from its own text, as its type says how.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::decode_error::DecodeError;
use crate::path::Step;
use crate::types::{MAX_DEPTH, MAX_VALUES, Type};
use crate::value::Value;

/// The most bytes of JSON that are read. A hundred environment variables of the longest text that Linux passes on
/// (128 KiB) still fit.
const MAX_BYTES: usize = 32 << 20;

type Result<T> = std::result::Result<T, DecodeError>;

/// Reads one value of a type.
///
/// Attributes that an object lacks become null. Those that the type lacks are dropped: an older version of
/// the schema may have had them.
///
/// # Errors
/// When the bytes are no JSON, too many, not of the type, or nest more than 128 deep.
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value> {
    Reader { values: MAX_VALUES }.read(parse_as(bytes)?, ty, MAX_DEPTH)
}

/// Parses JSON of any form; of numbers with more digits than a double or a 64-bit integer has, only those are kept.
///
/// # Errors
/// When the bytes are no JSON, too many, or nest more than 128 deep (serde_json's own limit).
pub(crate) fn parse(bytes: &[u8]) -> Result<Json> {
    parse_as(bytes)
}

fn parse_as<'b, T: Deserialize<'b>>(bytes: &'b [u8]) -> Result<T> {
    if bytes.len() > MAX_BYTES {
        return Err(DecodeError::new(format!("longer than {} MiB", MAX_BYTES >> 20)));
    }
    serde_json::from_slice(bytes)
        .map_err(|it| DecodeError::new(format!("not JSON: line {}, column {}", it.line(), it.column())))
}

/// How many values may still be read.
struct Reader {
    values: usize,
}

impl Reader {
    fn read(&mut self, json: &RawValue, ty: &Type, depth: usize) -> Result<Value> {
        let depth = depth.checked_sub(1).ok_or_else(DecodeError::too_deep)?;
        self.values = self.values.checked_sub(1).ok_or_else(DecodeError::too_many)?;
        match (ty, found(json)) {
            (_, NULL) => Ok(Value::Null),
            (Type::String, TEXT) => inside(json).map(Value::String),
            (Type::Number, NUMBER) => {
                json.get().parse().map(Value::Number).map_err(|it| DecodeError::new(format!("{it}")))
            }
            (Type::Bool, BOOL) => inside(json).map(Value::Bool),
            (Type::Dynamic, OBJECT) => self.read_dynamic(&inside(json)?, depth),
            (Type::List(ty), ARRAY) => self.read_sequence(inside(json)?, |_| ty, depth).map(Value::List),
            (Type::Set(ty), ARRAY) => self
                .read_sequence(inside(json)?, |_| ty, depth)
                .map(Value::Set)
                .map_err(DecodeError::within_set),
            (Type::Tuple(types), ARRAY) => {
                let elements: Vec<&RawValue> = inside(json)?;
                if elements.len() != types.len() {
                    let fault = format!("expected {} elements, found {}", types.len(), elements.len());
                    return Err(DecodeError::new(fault));
                }
                self.read_sequence(elements, |index| &types[index], depth).map(Value::List)
            }
            (Type::Map(ty), OBJECT) => self.read_map(inside(json)?, ty, depth),
            (Type::Object(attributes), OBJECT) => self.read_object(&inside(json)?, attributes, depth),
            (ty, found) => Err(DecodeError::mismatch(expected(ty), found)),
        }
    }

    fn read_sequence<'a>(
        &mut self,
        elements: Vec<&RawValue>,
        ty: impl Fn(usize) -> &'a Type,
        depth: usize,
    ) -> Result<Vec<Value>> {
        let elements = elements.into_iter().enumerate();
        elements
            .map(|(index, it)| self.read(it, ty(index), depth).map_err(|it| it.within(Step::Index(index))))
            .collect()
    }

    fn read_map(&mut self, elements: Entries<'_>, ty: &Type, depth: usize) -> Result<Value> {
        let elements = elements.into_iter().map(|(key, it)| {
            let value = self.read(it, ty, depth).map_err(|it| it.within(Step::Key(key.clone())))?;
            Ok((key, value))
        });
        elements.collect::<Result<_>>().map(Value::Map)
    }

    fn read_object(
        &mut self,
        values: &Entries<'_>,
        attributes: &BTreeMap<String, Type>,
        depth: usize,
    ) -> Result<Value> {
        let attributes = attributes.iter().map(|(name, ty)| {
            let json = values.get(name).copied().unwrap_or(RawValue::NULL);
            let value = self.read(json, ty, depth).map_err(|it| it.within(Step::Attribute(name.clone())))?;
            Ok((name.clone(), value))
        });
        attributes.collect::<Result<_>>().map(Value::Map)
    }

    fn read_dynamic(&mut self, parts: &Entries<'_>, depth: usize) -> Result<Value> {
        let (Some(ty), Some(value)) = (parts.get("type"), parts.get("value")) else {
            return Err(DecodeError::mismatch(expected(&Type::Dynamic), "another object"));
        };
        let ty = Type::from_json(&inside(ty)?).map_err(|it| DecodeError::new(it.to_string()))?;
        let value = self.read(value, &ty, depth)?;
        Ok(Value::Dynamic(Box::new(ty), Box::new(value)))
    }
}

/// The names and values of an object, each value as its text.
type Entries<'a> = BTreeMap<String, &'a RawValue>;

/// What a text holds that is known to be JSON of this form. Still wrong may be an escape in a string.
fn inside<'a, T: Deserialize<'a>>(json: &'a RawValue) -> Result<T> {
    serde_json::from_str(json.get()).map_err(|_| DecodeError::new("not JSON: an escape that is no character"))
}

const NULL: &str = "null";
const BOOL: &str = "a bool";
const NUMBER: &str = "a number";
const TEXT: &str = "text";
const ARRAY: &str = "an array";
const OBJECT: &str = "an object";

fn expected(ty: &Type) -> &'static str {
    match ty {
        Type::String => TEXT,
        Type::Number => NUMBER,
        Type::Bool => BOOL,
        Type::Dynamic => "an object of type and value",
        Type::List(_) | Type::Set(_) | Type::Tuple(_) => ARRAY,
        Type::Map(_) | Type::Object(_) => OBJECT,
    }
}

fn found(json: &RawValue) -> &'static str {
    match json.get().as_bytes().first() {
        Some(b'n') => NULL,
        Some(b't' | b'f') => BOOL,
        Some(b'"') => TEXT,
        Some(b'[') => ARRAY,
        Some(b'{') => OBJECT,
        _ => NUMBER,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use serde_json::json;
    use thiserror::Error;

    use super::*;
    use crate::decode_error::place;
    use crate::path::Path;
    use crate::samples::Random;

    // The way back, for round trips: the product itself answers in msgpack alone.

    /// A value that cannot be written as JSON.
    #[derive(Clone, Debug, PartialEq, Eq, Error)]
    #[error("{}a value that is only known after apply cannot be written as JSON", place(path))]
    pub(crate) struct UnknownValue {
        /// Where the unknown value is; as far as the set for an element of one.
        pub(crate) path: Path,
    }

    /// Writes a value of a type. Objects get exactly the type's attributes, null where the value has none; a
    /// value that does not fit its type is written as what it is.
    ///
    /// # Errors
    /// When any part of the value is unknown.
    pub(super) fn encode(value: &Value, ty: &Type) -> std::result::Result<Json, UnknownValue> {
        write(value, ty, &Path::default())
    }

    /// What stands around a number until the text is made: it may have more digits than serde_json keeps.
    const MARK: char = '\u{e000}';

    fn text_of(value: &Value, ty: &Type) -> String {
        let text = encode(value, ty).unwrap().to_string();
        text.replace(&format!("\"{MARK}"), "").replace(&format!("{MARK}\""), "")
    }

    fn write(value: &Value, ty: &Type, path: &Path) -> std::result::Result<Json, UnknownValue> {
        match (value, ty) {
            (Value::Null, _) => Ok(Json::Null),
            (Value::Unknown(_), _) => Err(UnknownValue { path: path.clone() }),
            (Value::Dynamic(inner_ty, inner), Type::Dynamic) => write_dynamic(inner, inner_ty, path),
            (_, Type::Dynamic) => write_dynamic(value, &value.implied_type(), path),
            (Value::Dynamic(_, inner), _) => write(inner, ty, path),
            (Value::Bool(truth), _) => Ok(Json::Bool(*truth)),
            (Value::Number(number), _) => Ok(Json::String(format!("{MARK}{number}{MARK}"))),
            (Value::String(text), _) => Ok(Json::String(text.clone())),
            (Value::Set(elements), Type::List(ty) | Type::Set(ty)) => elements
                .iter()
                .map(|it| write(it, ty, path))
                .collect::<std::result::Result<_, _>>()
                .map(Json::Array),
            (Value::List(elements), Type::List(ty) | Type::Set(ty)) => {
                let elements = elements.iter().enumerate();
                elements
                    .map(|(at, it)| write(it, ty, &path.index(at)))
                    .collect::<std::result::Result<_, _>>()
                    .map(Json::Array)
            }
            (Value::List(elements) | Value::Set(elements), Type::Tuple(types)) => {
                let types = types.iter().enumerate();
                let element = |at| elements.get(at).unwrap_or(&Value::Null);
                types
                    .map(|(at, ty)| write(element(at), ty, &path.index(at)))
                    .collect::<std::result::Result<_, _>>()
                    .map(Json::Array)
            }
            (Value::Map(elements), Type::Map(ty)) => {
                let elements = elements.iter();
                elements.map(|(key, it)| Ok((key.clone(), write(it, ty, &path.key(key))?))).collect()
            }
            (Value::Map(_), Type::Object(attributes)) => {
                let attributes = attributes.iter();
                let element = |name, ty| write(value.get(name), ty, &path.attribute(name));
                attributes.map(|(name, ty)| Ok((name.clone(), element(name, ty)?))).collect()
            }
            (Value::List(_) | Value::Set(_) | Value::Map(_), _) => write(value, &value.implied_type(), path),
        }
    }

    fn write_dynamic(value: &Value, ty: &Type, path: &Path) -> std::result::Result<Json, UnknownValue> {
        Ok(json!({ "type": ty.to_json(), "value": write(value, ty, path)? }))
    }

    fn ty(json: &str) -> Type {
        Type::from_json(&serde_json::from_str(json).unwrap()).unwrap()
    }

    fn check_round_trip(json: &str, text: &str) {
        let ty = ty(json);
        let value = decode(text.as_bytes(), &ty).unwrap();
        assert_eq!(text_of(&value, &ty), text);
    }

    #[expect(clippy::needless_pass_by_value, reason = "shorter calls")]
    fn check_error(json: &str, text: &str, expected: Expect) {
        expected.assert_eq(&decode(text.as_bytes(), &ty(json)).unwrap_err().to_string());
    }

    #[test]
    fn every_type_has_its_natural_form() {
        check_round_trip(r#""string""#, r#""text""#);
        check_round_trip(r#""bool""#, "true");
        check_round_trip(r#""number""#, "-1.5");
        check_round_trip(r#"["list","string"]"#, r#"["a",null]"#);
        check_round_trip(r#"["set","number"]"#, "[2,1]");
        check_round_trip(r#"["map","bool"]"#, r#"{"a":true,"b":null}"#);
        check_round_trip(r#"["tuple",["string","number"]]"#, r#"["a",1]"#);
        check_round_trip(r#"["object",{"a":"string","b":["list","bool"]}]"#, r#"{"a":"x","b":[]}"#);
        check_round_trip(r#""dynamic""#, r#"{"type":["list","number"],"value":[1]}"#);
        check_round_trip(r#""dynamic""#, "null");
    }

    #[test]
    fn numbers_keep_all_their_digits() {
        for text in
            ["0.1", "9007199254740993", "123456789012345678901234567890", "0.12345678901234567890123456789"]
        {
            check_round_trip(r#""number""#, text);
        }
        let huge = decode(b"1.5e300", &Type::Number).unwrap();
        assert_eq!(huge, Value::Number("1.5e300".parse().unwrap()));
        let written = text_of(&huge, &Type::Number);
        assert_eq!(decode(written.as_bytes(), &Type::Number), Ok(huge));
        assert_eq!(decode(b"1.0", &Type::Number), Ok(Value::from(1)));
    }

    #[test]
    fn attributes_of_another_schema_version_do_no_harm() {
        let json = r#"["object",{"a":"string","b":"number"}]"#;
        let value = decode(br#"{"a":"x","gone":[1]}"#, &ty(json)).unwrap();
        assert_eq!(text_of(&value, &ty(json)), r#"{"a":"x","b":null}"#);
    }

    #[test]
    fn an_error_tells_what_and_where_but_never_the_content() {
        check_error(r#""string""#, r#"{"secret":"#, expect!["not JSON: line 1, column 10"]);
        check_error(r#""string""#, "\"a\" 1", expect!["not JSON: line 1, column 5"]);
        check_error(r#""string""#, "1", expect!["expected text, found a number"]);
        check_error(r#""number""#, r#""1""#, expect!["expected a number, found text"]);
        check_error(r#""bool""#, r#""true""#, expect!["expected a bool, found text"]);
        check_error(r#""number""#, "1e99999", expect!["a number with more than 4096 digits"]);
        check_error(r#"["tuple",["bool"]]"#, "[]", expect!["expected 1 elements, found 0"]);
        check_error(r#""dynamic""#, "1", expect!["expected an object of type and value, found a number"]);
        check_error(
            r#""dynamic""#,
            r#"{"value":1}"#,
            expect!["expected an object of type and value, found another object"],
        );
        check_error(r#""dynamic""#, r#"{"type":"x","value":1}"#, expect!["not a type constraint"]);
        let json = r#"["object",{"a":["list",["map","string"]],"s":["set","string"]}]"#;
        check_error(
            json,
            r#"{"a":[null,{"k":true}]}"#,
            expect![[r#"a[1]["k"]: expected text, found a bool"#]],
        );
        check_error(json, r#"{"s":["x",1]}"#, expect!["s: expected text, found a number"]);
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |times| (0..times).fold(Type::Bool, |inner, _| Type::List(Box::new(inner)));
        let text = |times| format!("{}true{}", "[".repeat(times), "]".repeat(times));
        assert!(decode(text(100).as_bytes(), &nested(100)).is_ok());
        assert!(decode(text(100_000).as_bytes(), &nested(100)).is_err());
        let json = (0..MAX_DEPTH).fold(json!(true), |inner, _| json!({ "type": "dynamic", "value": inner }));
        assert_eq!(decode(json.to_string().as_bytes(), &Type::Dynamic), Err(DecodeError::too_deep()));
    }

    #[test]
    fn the_number_of_values_and_bytes_is_bounded() {
        let names: Vec<_> = (0..64).map(|it| format!(r#""a{it}":"bool""#)).collect();
        let objects = ty(&format!(r#"["list",["object",{{{}}}]]"#, names.join(",")));
        let text = |count| format!("[{}{{}}]", "{},".repeat(count));
        assert!(decode(text(100).as_bytes(), &objects).is_ok());
        assert_eq!(
            decode(text(MAX_VALUES / 64).as_bytes(), &objects).unwrap_err().message,
            "too many values"
        );
        assert_eq!(parse(&vec![b' '; MAX_BYTES + 1]).unwrap_err().message, "longer than 32 MiB");
    }

    #[test]
    fn an_unknown_value_cannot_be_written() {
        let json = r#"["object",{"a":["list","string"],"s":["set","string"]}]"#;
        let mut object = Value::Null;
        object.set("a", Value::List(vec![Value::from("x"), Value::unknown()]));
        let error = encode(&object, &ty(json)).unwrap_err();
        assert_eq!(error.path, Path::root("a").index(1));
        object.set("a", Value::Null);
        object.set("s", Value::Set(vec![Value::unknown()]));
        assert_eq!(encode(&object, &ty(json)).unwrap_err().path, Path::root("s"));
    }

    #[test]
    fn every_known_value_survives_a_round_trip() {
        let mut random = Random::new(4);
        for _ in 0..2000 {
            let ty = random.ty(3);
            let value = random.value(&ty, false);
            let text = text_of(&value, &ty);
            assert_eq!(decode(text.as_bytes(), &ty), Ok(value), "{text}");
        }
    }

    #[test]
    fn garbage_never_panics() {
        let mut random = Random::new(5);
        for _ in 0..2000 {
            let ty = random.ty(3);
            let mut text = text_of(&random.value(&ty, false), &ty).into_bytes();
            let at = random.below(text.len());
            text[at] = random.pick(b"[]{}\",:0-e\\x\xff");
            let _ = decode(&text, &ty);
            let _ = decode(&text[..at], &ty);
        }
    }
}
