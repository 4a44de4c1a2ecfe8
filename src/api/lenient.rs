//! Reading what vendors really send: numbers as text, `null` for a list, a text for an object, fields of
//! another form than yesterday.
//!
//! [`decode`] reads a whole object: what it does not understand is left out and logged once, except the few
//! fields on which a decision hangs. The other functions are for `#[serde(default, deserialize_with = "…")]`.
//! Every text is cleaned here of what cannot be seen. Knows no field of any vendor but those few.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{
    DeserializeOwned, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::api::secret::Secret;
use crate::api::text::{clean, clean_lines, tidy};

/// What must be read, wherever it stands in an object of its own: which thing it is, how it is, and whether
/// it is the right kind. Everything else is worth less than the rest of the answer.
const HARD: [&str; 5] = ["id", "Id", "status", "state", "kind"];
/// Fields of one object that may be left out before it counts as something else.
const MOST_LEFT_OUT: usize = 64;
/// Fields of which it is remembered that they were logged.
const MOST_NOTED: usize = 1000;

/// Decodes an object. A field that is not understood is left out, the smallest part of it that can be.
///
/// # Errors
/// It is a list, or one of the fields that must be read has another form, or too much has.
pub(crate) fn decode<T: DeserializeOwned>(mut value: Value) -> Result<T, Misunderstood> {
    if value.is_array() {
        // Serde alone would take a list for a struct, element by element.
        return Err(Misunderstood {
            place: ".".to_owned(),
            source: serde_json::Error::custom("expected an object"),
        });
    }
    let mut left_out = 0;
    loop {
        let error = match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(decoded) => return Ok(decoded),
            Err(error) => error,
        };
        left_out += 1;
        let is_hard =
            matches!(error.path().iter().next(), Some(Segment::Map { key }) if HARD.contains(&key.as_str()));
        if is_hard || left_out > MOST_LEFT_OUT || !leave_out(&mut value, error.path()) {
            return Err(Misunderstood { place: tidy(&error.path().to_string()), source: error.into_inner() });
        }
        note(error.path(), error.inner());
    }
}

/// Where an answer has another form, and what it says about that; the latter may hold a part of the answer.
#[derive(Debug)]
pub(crate) struct Misunderstood {
    pub(crate) place: String,
    pub(crate) source: serde_json::Error,
}

impl fmt::Display for Misunderstood {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.place, self.source)
    }
}

/// Puts `null` at a path, or where that is there already, at the object or list around it.
fn leave_out(value: &mut Value, path: &Path) -> bool {
    let segments: Vec<&Segment> = path.iter().collect();
    (1..=segments.len()).rev().any(|len| {
        let target = segments[..len].iter().try_fold(&mut *value, |at, segment| match segment {
            Segment::Map { key } => at.get_mut(key),
            Segment::Seq { index } => at.get_mut(index),
            Segment::Enum { .. } | Segment::Unknown => None,
        });
        target.filter(|it| !it.is_null()).map(|it| *it = Value::Null).is_some()
    })
}

/// Logs what was left out, once for each field of a kind. The error names forms and no contents.
fn note(path: &Path, error: &serde_json::Error) {
    static NOTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let field =
        path.iter().map(|it| if let Segment::Seq { .. } = it { "[]".to_owned() } else { it.to_string() });
    let field = tidy(&field.collect::<Vec<_>>().join("."));
    let mut noted = NOTED.lock().unwrap_or_else(PoisonError::into_inner);
    if noted.len() < MOST_NOTED && noted.insert(field.clone()) {
        let why = if error.to_string().starts_with("expected") {
            error.to_string()
        } else {
            "unexpected form".to_owned()
        };
        log::warn!(target: "provider", field = field.as_str(); "a part of an answer was not understood and is left out: {why}");
    }
}

/// A whole number, or one written as text, with a unit maybe. `null` and `""` are none.
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

/// A bound, which is a whole number above 0: 0 is none.
pub(crate) fn bound<'de, D: Deserializer<'de>>(input: D) -> Result<Option<i64>, D::Error> {
    Ok(int(input)?.filter(|it| *it > 0))
}

/// A number, or one written as text, with a unit maybe. `null` and `""` are none.
pub(crate) fn float<'de, D: Deserializer<'de>>(input: D) -> Result<Option<f64>, D::Error> {
    let Some(text) = number_text(Value::deserialize(input)?)? else { return Ok(None) };
    let number = text.parse::<f64>().ok().filter(|it| it.is_finite());
    number.map(Some).ok_or_else(|| D::Error::custom("expected a number"))
}

/// A text, or a number or truth value as text. `null` is the empty text.
pub(crate) fn text<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    raw_text(input).map(|it| clean(&it))
}

/// As [`text`], for one that has lines.
pub(crate) fn lines<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    raw_text(input).map(|it| clean_lines(&it))
}

/// What an API says of a fault, in whatever form: that it says something must not get lost.
pub(crate) fn words<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(input)? {
        Value::Object(members) if members.is_empty() => String::new(),
        Value::Array(elements) if elements.is_empty() => String::new(),
        odd @ (Value::Object(_) | Value::Array(_)) => tidy(&odd.to_string()),
        plain => {
            raw_text(plain).map_or_else(|_| "a text that is too long to be shown".to_owned(), |it| clean(&it))
        }
    })
}

/// A text that must not be seen, character by character as it was sent.
pub(crate) fn secret<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Secret>, D::Error> {
    let text = raw_text(input)?;
    Ok((!text.is_empty()).then(|| Secret::new(text)))
}

/// A time: RFC 3339, where one without a zone is in UTC, or seconds since 1970, where `-1` and `0` are none.
pub(crate) fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return Timestamp::from_second(seconds).ok().filter(|_| seconds > 0);
    }
    let local = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|it| it.timestamp());
    text.parse().ok().or_else(local)
}

/// An object; `null`, an empty text and an empty list are one without members.
pub(crate) fn object<'de, T, D>(input: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    input.deserialize_any(ObjectVisitor(PhantomData)).map(Option::unwrap_or_default)
}

/// A list, or its only element without the brackets; `null` and an empty text are none. What is `null` in it
/// is left out.
pub(crate) fn list<'de, T, D>(input: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    input.deserialize_any(ListVisitor(PhantomData))
}

/// A [`list`] of texts.
pub(crate) fn texts<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    struct Text(#[serde(deserialize_with = "text")] String);
    let texts: Vec<Text> = match Value::deserialize(input)? {
        Value::Array(elements) => elements.into_iter().filter_map(|it| Text::deserialize(it).ok()).collect(),
        one => vec![Text::deserialize(one).map_err(D::Error::custom)?],
    };
    Ok(texts.into_iter().map(|Text(it)| it).filter(|it| !it.is_empty()).collect())
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

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.trim().is_empty() { Ok(None) } else { Err(E::custom("expected an object")) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        match elements.next_element::<T>() {
            Ok(None) => Ok(None),
            // Serde alone would take a list for a struct, element by element.
            Ok(Some(_)) | Err(_) => Err(A::Error::custom("expected an object")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(Some)
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        match text.trim() {
            "" => Ok(Vec::new()),
            _ => T::deserialize(text.into_deserializer()).map(|it| vec![it]),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element::<Option<T>>()? {
            list.extend(element);
        }
        Ok(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(|it| vec![it])
    }
}

/// Longer than any text that the vendors document (a template's readme, 100 KiB), in bytes; what is longer is none.
const LONGEST_TEXT: usize = 1 << 20;

fn raw_text<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    match Value::deserialize(input)? {
        Value::Null => Ok(String::new()),
        Value::String(text) if text.len() > LONGEST_TEXT => Err(D::Error::custom("expected a shorter text")),
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Array(_) | Value::Object(_) => Err(D::Error::custom("expected a text")),
    }
}

fn number_text<E: serde::de::Error>(value: Value) -> Result<Option<String>, E> {
    match value {
        Value::Null => Ok(None),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => Ok(Some(without_unit(text.trim()).to_owned())),
        // The text of the value stays out of the message: it may be anything.
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err(E::custom("expected a number")),
    }
}

/// `16 cores`, `62GB` → the number; a text that is none, or more than one, stays as it is.
fn without_unit(text: &str) -> &str {
    let end = text.find(|it: char| !matches!(it, '0'..='9' | '.' | '-' | '+')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let is_unit = unit.trim_start().chars().all(|it| it.is_alphabetic() || matches!(it, ' ' | '%' | '.'));
    if is_unit && !number.is_empty() { number } else { text }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Part {
        #[serde(deserialize_with = "int")]
        size: Option<i64>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct All {
        #[serde(deserialize_with = "text")]
        id: String,
        #[serde(deserialize_with = "int")]
        int: Option<i64>,
        #[serde(deserialize_with = "bound")]
        bound: Option<i64>,
        #[serde(deserialize_with = "float")]
        float: Option<f64>,
        #[serde(deserialize_with = "text")]
        text: String,
        #[serde(deserialize_with = "lines")]
        lines: String,
        #[serde(deserialize_with = "words")]
        words: String,
        #[serde(deserialize_with = "secret")]
        secret: Option<Secret>,
        #[serde(deserialize_with = "object")]
        object: Part,
        #[serde(deserialize_with = "list")]
        list: Vec<Part>,
        #[serde(deserialize_with = "texts")]
        texts: Vec<String>,
        flag: Option<bool>,
    }

    /// As it stands in the code, field by field; and as a whole, where what is not understood is left out.
    fn read(json: &str) -> (Result<All, String>, Result<All, String>) {
        let value: Value = serde_json::from_str(json).unwrap();
        let strict = serde_path_to_error::deserialize::<_, All>(&value).map_err(|it| it.to_string());
        assert_eq!(strict.is_ok(), serde_json::from_str::<All>(json).is_ok(), "{json}");
        (strict, decode(value).map_err(|it| it.to_string()))
    }

    fn field(name: &str, json: &str) -> All {
        read(&format!(r#"{{"{name}":{json}}}"#)).0.unwrap()
    }

    #[test]
    fn numbers_may_be_text_and_have_a_unit() {
        for (json, expected) in [
            ("1", Some(1)),
            ("-7", Some(-7)),
            (r#""16""#, Some(16)),
            (r#"" 16 ""#, Some(16)),
            (r#""16 cores""#, Some(16)),
            (r#""62GB""#, Some(62)),
            ("62.0", Some(62)),
            (r#""6.2e1""#, Some(62)),
            ("null", None),
            (r#""""#, None),
            ("9007199254740993", Some(9_007_199_254_740_993)),
        ] {
            assert_eq!(field("int", json).int, expected, "{json}");
            assert_eq!(field("bound", json).bound, expected.filter(|it| *it > 0), "{json}");
        }
        for (json, expected) in [
            ("0.5", Some(0.5)),
            (r#""35000""#, Some(35000.0)),
            (r#""0.6 USD""#, Some(0.6)),
            ("62", Some(62.0)),
            ("null", None),
        ] {
            assert_eq!(field("float", json).float, expected, "{json}");
        }
        for none in ["0", r#""0""#, "null", "-1"] {
            assert_eq!(field("bound", none).bound, None, "{none}");
        }
    }

    #[test]
    fn what_is_no_number_names_its_place_and_is_left_out() {
        for json in
            [r#""many""#, "true", "[]", "{}", "1.5", "1e40", r#""2026-01-05""#, r#""16 of 32""#, r#""1.2.3""#]
        {
            let (strict, left_out) = read(&format!(r#"{{"id":"x","int":{json},"float":2}}"#));
            assert!(strict.unwrap_err().starts_with("int: expected"), "{json}");
            let expected = All { id: "x".into(), float: Some(2.0), ..All::default() };
            assert_eq!(left_out, Ok(expected), "{json}");
        }
        assert!(read(r#"{"float":"NaN"}"#).0.is_err());
    }

    #[test]
    fn texts_may_be_numbers_or_null_and_hide_nothing() {
        for (json, expected) in [
            (r#""a""#, "a"),
            ("8888", "8888"),
            ("1.5", "1.5"),
            ("true", "true"),
            ("null", ""),
            (r#""""#, ""),
            (r#""run\u202en\u200bing\u0000\n""#, "running"),
        ] {
            assert_eq!(field("text", json).text, expected, "{json}");
        }
        assert_eq!(field("lines", r#""a\n\tb\u202e\r""#).lines, "a\n\tb");
        assert_eq!(field("secret", r#""a\u200d\n""#).secret, Some(Secret::new("a\u{200d}\n")));
        assert_eq!(field("secret", r#""""#).secret, None);
        assert_eq!(field("texts", r#"["a",7,{},null,"b\u202e"]"#).texts, ["a", "7", "b"]);
        assert_eq!(field("texts", r#""a""#).texts, ["a"]);
    }

    #[test]
    fn a_fault_is_told_in_whatever_form() {
        for (json, expected) in [
            (r#""no image""#, "no image"),
            ("null", ""),
            ("{}", ""),
            ("[]", ""),
            ("3", "3"),
            (r#"{"code":3}"#, r#"{"code":3}"#),
        ] {
            assert_eq!(field("words", json).words, expected, "{json}");
        }
    }

    #[test]
    fn lists_and_objects_may_be_null_absent_empty_or_single() {
        assert_eq!(read("{}").0.unwrap(), All::default());
        for nothing in ["null", r#""""#, r#"" ""#, "[]"] {
            assert_eq!(field("object", nothing), All::default(), "{nothing}");
            assert_eq!(field("list", nothing), All::default(), "{nothing}");
        }
        for json in [r#"{"size":4,"other":1}"#, r#"[{"size":4}]"#, r#"[null,{"size":"4"}]"#] {
            assert_eq!(field("list", json).list, [Part { size: Some(4) }], "{json}");
        }
    }

    #[test]
    fn r2_a_list_is_no_object() {
        for json in ["[4]", "[[]]", "4", r#""4""#, "true"] {
            assert!(read(&format!(r#"{{"object":{json}}}"#)).0.unwrap_err().contains("an object"), "{json}");
        }
    }

    #[test]
    fn of_what_is_odd_the_smallest_part_is_left_out() {
        let (strict, left_out) = read(
            r#"{"id":7,"list":[{"size":1},{"size":{"x":1}},5,{"size":3}],"object":{"size":[2]},"flag":"yes",
                "text":["x"],"int":4}"#,
        );
        assert!(strict.is_err());
        let sizes = [Some(1), None, Some(3)].map(|size| Part { size });
        assert_eq!(left_out, Ok(All { id: "7".into(), list: sizes.into(), int: Some(4), ..All::default() }));
    }

    #[test]
    fn what_must_be_read_is_never_left_out() {
        for id in ["{}", "[]", r#"{"x":1}"#] {
            assert!(read(&format!(r#"{{"id":{id}}}"#)).1.unwrap_err().starts_with("id: "), "{id}");
        }
        assert!(decode::<All>(serde_json::json!([{"x": 1}])).is_err());
    }

    #[test]
    fn an_object_of_which_nearly_nothing_is_understood_is_another_one() {
        let odd = |count: usize| Value::Object((0..count).map(|it| (it.to_string(), "x".into())).collect());
        assert!(decode::<BTreeMap<String, Option<i64>>>(odd(MOST_LEFT_OUT)).is_ok());
        assert!(decode::<BTreeMap<String, Option<i64>>>(odd(MOST_LEFT_OUT + 1)).is_err());
    }

    #[test]
    fn times_are_seconds_or_rfc_3339_and_without_a_zone_in_utc() {
        for (text, expected) in [
            ("1767225600", Some("2026-01-01T00:00:00Z")),
            (" 1767225600 ", Some("2026-01-01T00:00:00Z")),
            ("2026-01-01T00:00:00Z", Some("2026-01-01T00:00:00Z")),
            ("2026-01-01T02:00:00+02:00", Some("2026-01-01T00:00:00Z")),
            ("2026-01-01T00:00:00", Some("2026-01-01T00:00:00Z")),
            ("2026-01-01T00:00:00.25", Some("2026-01-01T00:00:00.25Z")),
            ("2026-01-01 00:00:00", Some("2026-01-01T00:00:00Z")),
            ("-1", None),
            ("0", None),
            ("", None),
            ("soon", None),
            ("99999999999999999", None),
        ] {
            assert_eq!(time(text).map(|it| it.to_string()).as_deref(), expected, "{text}");
        }
    }
}
