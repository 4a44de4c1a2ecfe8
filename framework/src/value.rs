//! A value of Terraform's type system: known, null or unknown, of any type.
//!
//! Knows nothing of encodings (see `msgpack`, `json`) nor of
//! schemas. Lists and tuples share one variant, as maps and objects do: the type tells them apart.
//!
//! Values hold what users keep secret, so outside of tests `Debug` tells only the kind of a value.

use std::cmp::Ordering;
use std::collections::BTreeMap;
#[cfg(not(test))]
use std::fmt;

use serde_json::Value as Json;

use crate::number::Number;
use crate::types::Type;

/// A value; its type is kept beside it by whoever needs one.
///
/// Equality is the client's: numbers by value, sets without regard to order or to repeated known elements.
/// The refinement of an unknown value is not compared: it describes the value to come, a client may
/// refine more in a later step about the very same value, and that is no change for anyone to plan.
#[derive(Clone, Default)]
#[cfg_attr(test, derive(Debug))]
pub enum Value {
    /// Absent.
    #[default]
    Null,
    /// Known only after apply, perhaps with a refinement.
    Unknown(Option<Box<Refinement>>),
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    String(String),
    /// A list or a tuple.
    List(Vec<Self>),
    /// A set: equal to another with the same elements in any order.
    Set(Vec<Self>),
    /// A map or an object.
    Map(BTreeMap<String, Self>),
    /// A value whose type travels with it.
    Dynamic(Box<Type>, Box<Self>),
}

/// What is known of an unknown value: its refinement in the protocol.
#[derive(Clone, Default, PartialEq)]
#[cfg_attr(test, derive(Debug))]
pub struct Refinement {
    /// `Some(false)`: not null.
    pub(crate) nullness: Option<bool>,
    /// The text begins with this.
    pub(crate) prefix: Option<String>,
    /// The number is above this; `true`: or equal to it.
    pub(crate) lower: Option<(Number, bool)>,
    /// The number is below this; `true`: or equal to it.
    pub(crate) upper: Option<(Number, bool)>,
    /// The collection has at least this many elements.
    pub(crate) min_len: Option<i64>,
    /// The collection has at most this many elements.
    pub(crate) max_len: Option<i64>,
}

/// What is absent is read as.
static NULL: Value = Value::Null;

/// Accessors see through [`Value::Dynamic`] to the value inside.
impl Value {
    /// An unknown value without refinements.
    pub fn unknown() -> Self {
        Self::Unknown(None)
    }

    /// Whether the value is absent.
    pub fn is_null(&self) -> bool {
        matches!(self.inner(), Self::Null)
    }

    /// Whether the value as a whole is unknown.
    pub fn is_unknown(&self) -> bool {
        matches!(self.inner(), Self::Unknown(_))
    }

    /// Whether neither the value nor anything inside it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
            Self::List(elements) | Self::Set(elements) => elements.iter().all(Self::is_wholly_known),
            Self::Map(elements) => elements.values().all(Self::is_wholly_known),
            Self::Dynamic(_, inner) => inner.is_wholly_known(),
        }
    }

    /// The text of a known string.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self.inner() { Some(text) } else { None }
    }

    /// A known truth value.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(truth) = self.inner() { Some(*truth) } else { None }
    }

    /// A known number.
    pub fn as_number(&self) -> Option<&Number> {
        if let Self::Number(number) = self.inner() { Some(number) } else { None }
    }

    /// What a known map or object holds.
    pub fn as_map(&self) -> Option<&BTreeMap<String, Self>> {
        if let Self::Map(elements) = self.inner() { Some(elements) } else { None }
    }

    /// The elements of a known list, tuple or set; those of a set in no particular order.
    pub fn as_slice(&self) -> Option<&[Self]> {
        if let Self::List(elements) | Self::Set(elements) = self.inner() { Some(elements) } else { None }
    }

    /// What a known collection or object holds, to change it.
    pub(crate) fn elements_mut(&mut self) -> Box<dyn Iterator<Item = &mut Self> + '_> {
        match self {
            Self::Dynamic(_, inner) => inner.elements_mut(),
            Self::List(elements) | Self::Set(elements) => Box::new(elements.iter_mut()),
            Self::Map(elements) => Box::new(elements.values_mut()),
            Self::Null | Self::Unknown(_) | Self::Bool(_) | Self::Number(_) | Self::String(_) => {
                Box::new(std::iter::empty())
            }
        }
    }

    /// A map, or an object, of these members. Of two with the same name the later one counts.
    pub fn object(members: impl IntoIterator<Item = (String, Self)>) -> Self {
        Self::Map(by_name(members))
    }

    /// An element of a map, an attribute of an object; null where there is none.
    pub fn get(&self, name: &str) -> &Self {
        self.as_map().and_then(|elements| elements.get(name)).unwrap_or(&NULL)
    }

    /// Sets an element of a map or an attribute of an object. A value of any other kind becomes a map with this one,
    /// so that an object can be built from [`Value::Null`].
    pub fn set(&mut self, name: &str, value: Self) {
        match self {
            Self::Dynamic(_, inner) => inner.set(name, value),
            Self::Map(elements) => drop(elements.insert(name.to_owned(), value)),
            _ => *self = Self::Map(BTreeMap::from([(name.to_owned(), value)])),
        }
    }

    /// The type that the value shows by itself, for places that allow any. Lists count as tuples and maps as
    /// objects, since their elements may differ; a set has the type of its first element.
    pub(crate) fn implied_type(&self) -> Type {
        match self {
            Self::Null | Self::Unknown(_) => Type::Dynamic,
            Self::Bool(_) => Type::Bool,
            Self::Number(_) => Type::Number,
            Self::String(_) => Type::String,
            Self::List(elements) => Type::Tuple(elements.iter().map(Self::implied_type).collect()),
            Self::Set(elements) => {
                Type::Set(Box::new(elements.first().map_or(Type::Dynamic, Self::implied_type)))
            }
            Self::Map(elements) => {
                Type::Object(by_name(elements.iter().map(|(name, it)| (name.clone(), it.implied_type()))))
            }
            Self::Dynamic(ty, _) => (**ty).clone(),
        }
    }

    fn inner(&self) -> &Self {
        match self {
            Self::Dynamic(_, inner) => inner.inner(),
            _ => self,
        }
    }

    /// The position of the value's kind in the order of all values.
    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Unknown(_) => 1,
            Self::Bool(_) => 2,
            Self::Number(_) => 3,
            Self::String(_) => 4,
            Self::List(_) => 5,
            Self::Set(_) => 6,
            Self::Map(_) => 7,
            Self::Dynamic(..) => 8,
        }
    }
}

/// The elements of a set, sorted and each only once. Unknown elements stay as many as they are, since they
/// may turn out to differ.
fn distinct(elements: &[Value]) -> Vec<&Value> {
    let mut sorted: Vec<&Value> = elements.iter().collect();
    sorted.sort();
    sorted.dedup_by(|one, other| one == other && one.is_wholly_known());
    sorted
}

/// An order without a meaning of its own, which lets sets be compared without looking at every pair.
impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(one), Self::Bool(two)) => one.cmp(two),
            (Self::Number(one), Self::Number(two)) => one.cmp(two),
            (Self::String(one), Self::String(two)) => one.cmp(two),
            (Self::List(one), Self::List(two)) => one.cmp(two),
            (Self::Set(one), Self::Set(two)) => distinct(one).cmp(&distinct(two)),
            (Self::Map(one), Self::Map(two)) => one.cmp(two),
            (Self::Dynamic(ty, one), Self::Dynamic(other_ty, two)) => {
                ty.cmp(other_ty).then_with(|| one.cmp(two))
            }
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value {}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

macro_rules! from_whole {
    ($($ty:ident)*) => {$(
        impl From<$ty> for Value {
            fn from(number: $ty) -> Self {
                Self::Number(Number::from(number))
            }
        }
    )*};
}

from_whole!(i32 i64 u32 u64);

impl From<f64> for Value {
    /// Infinities and NaN become null: no API's JSON can say them.
    fn from(number: f64) -> Self {
        Number::from_f64(number).map_or(Self::Null, Self::Number)
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

/// A value as JSON. What is null or unknown has none and becomes `null`; of a number that is not whole it keeps what a
/// double does.
impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null | Value::Unknown(_) => Self::Null,
            Value::Bool(it) => Self::Bool(*it),
            Value::Number(it) => match (it.to_i64(), it.to_u64()) {
                (Some(whole), _) => Self::from(whole),
                (None, Some(whole)) => Self::from(whole),
                (None, None) => Self::from(it.to_f64()),
            },
            Value::String(it) => Self::String(it.clone()),
            Value::List(elements) | Value::Set(elements) => elements.iter().map(Self::from).collect(),
            Value::Map(elements) => elements.iter().map(|(key, it)| (key.clone(), Self::from(it))).collect(),
            Value::Dynamic(_, it) => Self::from(&**it),
        }
    }
}

/// JSON as a value, of which a model can be made: arrays are lists, objects are maps.
impl From<&Json> for Value {
    fn from(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(it) => Self::Bool(*it),
            Json::Number(it) => it.to_string().parse().map_or(Self::Null, Self::Number),
            Json::String(it) => Self::String(it.clone()),
            Json::Array(elements) => Self::List(elements.iter().map(Self::from).collect()),
            Json::Object(elements) => {
                Self::object(elements.iter().map(|(key, it)| (key.clone(), Self::from(it))))
            }
        }
    }
}

#[cfg(not(test))]
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Unknown(_) => "Unknown",
            Self::Bool(_) => "Bool(..)",
            Self::Number(_) => "Number(..)",
            Self::String(_) => "String(..)",
            Self::List(_) => "List(..)",
            Self::Set(_) => "Set(..)",
            Self::Map(_) => "Map(..)",
            Self::Dynamic(..) => "Dynamic(..)",
        })
    }
}

#[cfg(not(test))]
impl fmt::Debug for Refinement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Refinement(..)")
    }
}

/// Members under their names. To collect them would sort them first, by code that is made anew for each iterator: a third
/// of a megabyte of a large provider.
pub(crate) fn by_name<K: Ord, T>(members: impl IntoIterator<Item = (K, T)>) -> BTreeMap<K, T> {
    let mut named = BTreeMap::new();
    named.extend(members);
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(elements: &[&str]) -> Value {
        Value::Set(elements.iter().map(|it| Value::from(*it)).collect())
    }

    fn list(elements: &[&str]) -> Value {
        Value::List(elements.iter().map(|it| Value::from(*it)).collect())
    }

    #[test]
    fn sets_are_equal_in_any_order_and_lists_are_not() {
        assert_eq!(set(&["a", "b", "c"]), set(&["c", "a", "b"]));
        assert_ne!(set(&["a", "b"]), set(&["a", "c"]));
        assert_ne!(set(&["a"]), set(&["a", "b"]));
        assert_ne!(list(&["a", "b"]), list(&["b", "a"]));
        assert_ne!(list(&["a"]), set(&["a"]));
        let nested = |inner: &[&[&str]]| Value::Set(inner.iter().map(|it| set(it)).collect());
        assert_eq!(nested(&[&["a", "b"], &["c"]]), nested(&[&["c"], &["b", "a"]]));
    }

    #[test]
    fn a_repeated_known_member_of_a_set_counts_once() {
        assert_eq!(set(&["a", "b", "a"]), set(&["b", "a"]));
        let unknowns = |count| Value::Set(vec![Value::unknown(); count]);
        assert_ne!(unknowns(2), unknowns(1));
        assert_eq!(unknowns(2), unknowns(2));
    }

    #[test]
    fn refinements_of_an_unknown_are_not_compared() {
        let refinement = Refinement { nullness: Some(false), ..Refinement::default() };
        assert_eq!(Value::Unknown(Some(Box::new(refinement))), Value::unknown());
        assert_ne!(Value::unknown(), Value::Null);
    }

    #[test]
    fn numbers_are_equal_by_value_and_text_is_not_a_number() {
        assert_eq!(Value::from(1), Value::Number("1.0".parse().unwrap()));
        assert_ne!(Value::from(1), Value::from("1"));
        assert_ne!(Value::Null, Value::from(""));
    }

    #[test]
    fn members_are_read_and_set_by_name() {
        let mut object = Value::Null;
        object.set("a", Value::from(true));
        object.set("b", Value::from("text"));
        object.set("a", Value::from(7));
        assert_eq!(object.get("a").as_number(), Some(&Number::from(7_i64)));
        assert_eq!(object.get("b").as_str(), Some("text"));
        assert!(object.get("c").is_null());
        assert!(Value::from("text").get("a").is_null());
    }

    #[test]
    fn accessors_see_through_dynamic_values() {
        let wrapped = |value| Value::Dynamic(Box::new(Type::Dynamic), Box::new(value));
        assert!(wrapped(Value::Null).is_null());
        assert!(wrapped(wrapped(Value::unknown())).is_unknown());
        assert_eq!(wrapped(Value::from("a")).as_str(), Some("a"));
        assert_eq!(wrapped(Value::from(true)).as_bool(), Some(true));
        assert_eq!(wrapped(list(&["a"])).as_slice(), Some(&[Value::from("a")][..]));
        assert_ne!(wrapped(Value::Null), Value::Null);
    }

    #[test]
    fn one_unknown_inside_makes_the_whole_not_wholly_known() {
        let mut object = Value::Null;
        object.set("known", list(&["a"]));
        assert!(object.is_wholly_known());
        object.set("inside", Value::Set(vec![Value::from("a"), Value::unknown()]));
        assert!(!object.is_wholly_known());
        assert!(!object.is_unknown());
    }

    #[test]
    fn a_value_implies_a_type() {
        let mut object = Value::Null;
        object.set("a", list(&["x"]));
        object.set("b", Value::Null);
        object.set("c", set(&["x"]));
        let expected = r#"["object",{"a":["tuple",["string"]],"b":"dynamic","c":["set","string"]}]"#;
        assert_eq!(object.implied_type().to_json().to_string(), expected);
    }
}
