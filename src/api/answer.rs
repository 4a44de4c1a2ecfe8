//! What the body of a successful answer shows: one thing, none, or a list.
//!
//! The one place that knows the envelopes that answers come in. "There is none" is said by few forms, each
//! allowed by name; everything else without an id is unreadable, which must never make a thing look gone.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};
use tfplugin::redact;

use crate::api::error::{Details, Error};
use crate::api::lenient;
use crate::api::resource_kind::{ResourceId, ResourceKind};
use crate::api::text::tidy;

/// Keys under which one thing may come, beside its documented wrapper.
const ENVELOPES: [&str; 4] = ["data", "instance", "endpoint", "vm"];
/// Keys under which a list may come, beside the documented one.
const LIST_ENVELOPES: [&str; 4] = ["data", "items", "list", "networks"];
/// Elements of one answer: many times as many as a page has, and as the catalogues list.
const MOST_ELEMENTS: usize = 5000;
/// Longer than any id, in bytes: what is longer is none, and is not copied.
const LONGEST_ID: usize = 1 << 20;
/// The names of the member that holds an id, beside `<noun>Id`.
const ID_KEYS: [&str; 2] = ["id", "Id"];

/// What an answer about one thing shows.
#[derive(Debug, PartialEq)]
pub(crate) enum One<T = Value> {
    /// Its id, and it, out of its envelopes.
    Shown(String, T),
    /// That it does not exist.
    Nothing,
    /// Nothing that can be made out; in words for people.
    Unreadable(String),
}

impl One {
    /// With what is shown read further.
    pub(crate) fn map<T>(self, read: impl FnOnce(Value) -> T) -> One<T> {
        match self {
            Self::Shown(id, shown) => One::Shown(id, read(shown)),
            Self::Nothing => One::Nothing,
            Self::Unreadable(why) => One::Unreadable(why),
        }
    }
}

/// What a create call has made.
#[derive(Debug)]
pub(crate) struct Created {
    /// Its id.
    pub(crate) id: ResourceId,
    /// What else the answer shows of it, out of its envelopes; maybe nothing.
    shown: Value,
}

impl Created {
    /// What the answer shows of it. Whatever is wrong with that, the id is not lost.
    pub(crate) fn shown<T: DeserializeOwned + Default>(self) -> T {
        lenient::decode::<Option<T>>(self.shown).ok().flatten().unwrap_or_default()
    }
}

/// A list, or a page of one.
#[derive(Debug)]
pub(crate) struct List<T> {
    /// Its elements.
    pub(crate) elements: Vec<T>,
    /// Elements that could not be read. A list with such ones proves no absence.
    pub(crate) unreadable: usize,
    /// How many elements all pages have together, if the answer tells.
    pub(crate) total: Option<i64>,
    /// By what the next page is asked for, where pages follow each other so and there is one.
    pub(crate) next_cursor: Option<String>,
    /// Bytes of the answer.
    pub(crate) bytes: usize,
}

/// The same before its elements are read.
#[derive(Debug, Default)]
struct Texts<'a> {
    elements: Vec<Cow<'a, RawValue>>,
    total: Option<i64>,
    next_cursor: Option<String>,
}

/// The text of a body. Broken characters spoil no more than the text that they are in.
pub(crate) fn text_of(body: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text.trim_start_matches('\u{feff}')),
        Err(_) => String::from_utf8_lossy(body),
    }
}

/// Takes note of what must not be shown of this answer: the passwords of machines that it brings.
pub(crate) fn note_secrets(answer: &Value) {
    let is_secret = |key: &str| key.as_bytes().windows(8).any(|it| it.eq_ignore_ascii_case(b"password"));
    match answer {
        Value::Object(members) => members.iter().for_each(|(key, it)| match it {
            Value::String(text) if is_secret(key) => redact::learn(text),
            other => note_secrets(other),
        }),
        Value::Array(elements) => elements.iter().for_each(note_secrets),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Reads an answer about one thing of a kind.
pub(crate) fn one(kind: &ResourceKind, answer: Value) -> One {
    match answer {
        Value::Null => One::Nothing,
        Value::Object(members) if members.is_empty() => One::Nothing,
        Value::Object(members) => within(kind, members, true),
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Array(_) => {
            One::Unreadable(format!("the answer shows no {}", kind.noun))
        }
    }
}

/// Reads the answer to a create call. `None`: it shows nothing at all. The error says what is wrong with it.
pub(crate) fn created(kind: &ResourceKind, answer: Value) -> Result<Option<Created>, String> {
    let shown = match answer {
        Value::String(id) if kind.bare_id => One::Shown(id, Value::Null),
        other => one(kind, other),
    };
    match shown {
        One::Shown(id, shown) => match ResourceId::parse(kind, &id) {
            Some(id) => Ok(Some(Created { id, shown })),
            None => {
                Err(format!("the answer gives the new {} an id that can be none: {:?}", kind.noun, tidy(&id)))
            }
        },
        One::Nothing => Ok(None),
        One::Unreadable(why) => Err(format!("the answer has no id of the new {}: {why}", kind.noun)),
    }
}

fn within(kind: &ResourceKind, mut members: Map<String, Value>, is_outermost: bool) -> One {
    let own = format!("{}Id", kind.noun);
    if let Some(id) = ID_KEYS.into_iter().chain([own.as_str()]).find_map(|it| id_text(members.get(it)?)) {
        return One::Shown(id, Value::Object(members));
    }
    if let Some(wrapper) = kind.wrapper.filter(|_| is_outermost) {
        let is_empty = |it: &Value| it.is_null() || it.as_object().is_some_and(Map::is_empty);
        if members.get(wrapper).is_some_and(is_empty) {
            return One::Nothing;
        }
    }
    if let Some(list) = listed(kind, &mut members) {
        let mut list = list.into_iter();
        return match (list.next(), list.next()) {
            (None, _) => One::Nothing,
            (Some(Value::Object(only)), None) => within(kind, only, false),
            _ => One::Unreadable(format!("the answer does not show one {}", kind.noun)),
        };
    }
    for envelope in kind.wrapper.into_iter().chain(ENVELOPES) {
        if members.get(envelope).is_some_and(Value::is_object)
            && let Some(Value::Object(inner)) = members.remove(envelope)
        {
            return within(kind, inner, false);
        }
    }
    let said = ["message", "error", "msg", "detail"].into_iter().find_map(|it| members.get(it)?.as_str());
    let said = said.map(|it| format!(", but says: {}", tidy(it))).unwrap_or_default();
    One::Unreadable(format!("the answer shows no {}{said}", kind.noun))
}

/// The list in which a thing of this kind comes, if there is one.
fn listed(kind: &ResourceKind, members: &mut Map<String, Value>) -> Option<Vec<Value>> {
    let wrapper = kind.wrapper.filter(|_| kind.is_listed)?;
    let plural = format!("{wrapper}s");
    let key =
        [wrapper, plural.as_str()].into_iter().find(|it| members.get(*it).is_some_and(Value::is_array))?;
    match members.remove(key)? {
        Value::Array(list) => Some(list),
        _ => None,
    }
}

fn id_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() && text.len() <= LONGEST_ID => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Reads a list, which is bare, or under this documented key or another known one. Its elements are read one by one by
/// `read`, so that an odd one hides no other. `null` and `{}` are empty lists.
///
/// # Errors
/// There is no list.
pub(crate) fn list<T>(
    text: &str,
    key: &'static str,
    mut read: impl FnMut(&RawValue) -> Option<T>,
) -> Result<List<T>, serde_json::Error> {
    let list =
        ListSeed { key, is_outermost: true }.deserialize(&mut serde_json::Deserializer::from_str(text))?;
    let count = list.elements.len();
    let elements: Vec<_> = list.elements.iter().filter_map(|it| read(it)).collect();
    let (unreadable, bytes) = (count - elements.len(), text.len());
    Ok(List { elements, unreadable, total: list.total, next_cursor: list.next_cursor, bytes })
}

/// Reads an element of a list, and takes note of its secrets.
pub(crate) fn element<T: DeserializeOwned>(text: &RawValue) -> Option<T> {
    let element = serde_json::from_str(text.get()).ok()?;
    note_secrets(&element);
    lenient::decode(element).ok()
}

/// Takes a list out of its envelopes.
struct ListSeed {
    /// The documented key.
    key: &'static str,
    is_outermost: bool,
}

impl<'de> DeserializeSeed<'de> for ListSeed {
    type Value = Texts<'de>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Texts<'de>, D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ListSeed {
    type Value = Texts<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "a list, or an object with one under `{}`", self.key)
    }

    fn visit_unit<E>(self) -> Result<Texts<'de>, E> {
        Ok(Texts::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Texts<'de>, A::Error> {
        let mut list = Texts::default();
        while let Some(element) = elements.next_element::<&RawValue>()? {
            if list.elements.len() >= MOST_ELEMENTS {
                let message = format_args!("there are more than {MOST_ELEMENTS} elements in one answer");
                return Err(A::Error::custom(message));
            }
            list.elements.push(Cow::Borrowed(element));
        }
        Ok(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Texts<'de>, A::Error> {
        let (mut list, mut total, mut others) = (None, None, Map::new());
        let mut next_cursor = None;
        while let Some(key) = members.next_key::<String>()? {
            if key == self.key || LIST_ENVELOPES.contains(&key.as_str()) {
                list = Some(members.next_value_seed(Self { is_outermost: false, ..self })?);
            } else if key == "total" {
                total = lenient::int(members.next_value::<Value>()?).ok().flatten();
            } else if key == "next_cursor" {
                next_cursor = id_text(&members.next_value()?);
            } else {
                others.insert(key, members.next_value()?);
            }
        }
        let next_cursor = next_cursor.filter(|_| others.get("has_more") != Some(&Value::Bool(false)));
        let is_empty =
            others.is_empty() && (self.is_outermost || total.is_some()) && total.is_none_or(|it| it <= 0);
        match list {
            Some(list) => Ok(Texts { total: total.or(list.total), next_cursor, ..list }),
            // The only element, without the list's brackets.
            None if !self.is_outermost && ID_KEYS.iter().any(|it| others.contains_key(*it)) => {
                let element = to_raw_value(&others).map_err(A::Error::custom)?;
                Ok(Texts { elements: vec![Cow::Owned(element)], ..Texts::default() })
            }
            // Lists without elements may be left out.
            None if is_empty => Ok(Texts::default()),
            None => Err(A::Error::custom(format_args!("there is no list under `{}`", self.key))),
        }
    }
}

impl<T> List<T> {
    /// The elements, unless there are some and none could be read: such a list is not an empty one.
    ///
    /// # Errors
    /// [`Error::Decode`].
    pub(crate) fn readable(self, path: &str) -> Result<Vec<T>, Error> {
        if self.elements.is_empty() && self.unreadable > 0 {
            let message = format!("none of the {} elements of the list was understood", self.unreadable);
            return Err(Error::Decode(Details::new(&format!("GET {path}"), message).into()));
        }
        Ok(self.elements)
    }
}

#[cfg(test)]
mod tests;
