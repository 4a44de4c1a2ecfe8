//! `Attr<T>`: the typed three-way value of a model's field, and the Rust types that a field may have.
//!
//! Owns the step between a [`Value`] and Rust types, both ways. Knows nothing of schemas' rules: a
//! value that passes here may still be refused by `validate`.

use std::collections::BTreeMap;
#[cfg(not(test))]
use std::fmt;

pub use crate::dynamic::Dynamic;
pub use crate::number::Number;

use crate::path::{Path, Step};
use crate::schema::{AttributeType, Check, Nesting};
use crate::types::Type;
use crate::value::{Value, by_name};

/// A field's value: absent, known only after apply, or known.
///
/// It may be a secret, so outside of tests `Debug` tells only which of the three it is.
#[derive(Clone, Copy, Default, PartialEq)]
#[cfg_attr(test, derive(Debug))]
pub enum Attr<T> {
    /// Absent.
    #[default]
    Null,
    /// Known only after apply.
    Unknown,
    /// Known.
    Known(T),
}

impl<T> Attr<T> {
    /// The value, when known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// Whether the value is absent.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether the value is known only after apply.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether a value surely stands here. One that is unknown may yet turn out to be null.
    pub fn is_set(&self) -> bool {
        matches!(self, Self::Known(_))
    }
}

#[cfg(not(test))]
impl<T> fmt::Debug for Attr<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Unknown => "Unknown",
            Self::Known(_) => "Known(..)",
        })
    }
}

impl<T> From<T> for Attr<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T> Attr<T> {
    /// Known, or null where there is nothing.
    pub fn from_option(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Known)
    }
}

impl Attr<String> {
    /// The text, when known.
    pub fn text(&self) -> Option<&str> {
        self.known().map(String::as_str)
    }

    /// The text, or `""` when there is none.
    pub fn text_or_empty(&self) -> &str {
        self.text().unwrap_or_default()
    }
}

/// A value that does not fit its field's type.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    /// Where it stands, from the model's root.
    pub(crate) path: Path,
    /// What is wanted; the caller prefixes the attribute's name.
    pub wanted: &'static str,
}

impl Mismatch {
    /// At the place where it was found; each caller adds the step that led there.
    pub fn wanted(wanted: &'static str) -> Self {
        Self { path: Path::default(), wanted }
    }

    fn below(mut self, step: Step) -> Self {
        self.path.0.insert(0, step);
        self
    }
}

/// A Rust type that a field of a model can have.
pub trait FieldType: Sized {
    /// The type in the schema.
    fn attribute_type() -> AttributeType;

    /// What the Rust type itself demands of a value, beyond the schema's type.
    fn checks() -> Vec<Check> {
        Vec::new()
    }

    /// From a value that is neither null nor unknown.
    ///
    /// # Errors
    /// The value has another type, or is outside of what the Rust type can hold.
    fn from_known(value: &Value) -> Result<Self, Mismatch>;

    /// Back to a value.
    fn to_value(&self) -> Value;
}

impl<T: FieldType> Attr<T> {
    /// From any value.
    ///
    /// # Errors
    /// As [`FieldType::from_known`].
    pub(crate) fn from_value(value: &Value) -> Result<Self, Mismatch> {
        match value {
            none if none.is_null() => Ok(Self::Null),
            later if later.is_unknown() => Ok(Self::Unknown),
            known => T::from_known(known).map(Self::Known),
        }
    }

    /// The attribute `name` of an object.
    ///
    /// # Errors
    /// As [`FieldType::from_known`], with the name in the path.
    pub fn attribute(object: &Value, name: &str) -> Result<Self, Mismatch> {
        Self::from_value(object.get(name)).map_err(|it| it.below(Step::Attribute(name.to_owned())))
    }

    /// As [`Attr::attribute`], where an empty text is as good as none.
    ///
    /// # Errors
    /// As there.
    pub fn attribute_or_empty(object: &Value, name: &str) -> Result<Self, Mismatch> {
        if object.get(name).as_str() == Some("") { Ok(Self::Null) } else { Self::attribute(object, name) }
    }

    /// Back to a value.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Unknown => Value::unknown(),
            Self::Known(value) => value.to_value(),
        }
    }
}

/// What a condition says of an old and a new value. A new one that is not wholly known may turn out either way, so
/// it counts as met: planned as unmet, it could not be met any more when it is known. Null is not compared.
#[cfg_attr(not(test), expect(dead_code, reason = "no attribute of ours decides it by the value at present"))]
pub(crate) fn is_met<T: FieldType>(condition: fn(&T, &T) -> bool, old: &Value, new: &Value) -> bool {
    if !new.is_wholly_known() {
        return true;
    }
    match (Attr::from_value(old), Attr::from_value(new)) {
        (Ok(Attr::Known(old)), Ok(Attr::Known(new))) => condition(&old, &new),
        _ => false,
    }
}

impl FieldType for String {
    fn attribute_type() -> AttributeType {
        AttributeType::Value(Type::String)
    }

    fn from_known(value: &Value) -> Result<Self, Mismatch> {
        value.as_str().map(str::to_owned).ok_or(Mismatch::wanted("a string"))
    }

    fn to_value(&self) -> Value {
        Value::from(self.as_str())
    }
}

impl FieldType for bool {
    fn attribute_type() -> AttributeType {
        AttributeType::Value(Type::Bool)
    }

    fn from_known(value: &Value) -> Result<Self, Mismatch> {
        value.as_bool().ok_or(Mismatch::wanted("true or false"))
    }

    fn to_value(&self) -> Value {
        Value::from(*self)
    }
}

/// Whole numbers within the bounds of a Rust type.
macro_rules! whole {
    ($($ty:ident)*) => {$(
        impl FieldType for $ty {
            fn attribute_type() -> AttributeType {
                AttributeType::Value(Type::Number)
            }

            fn checks() -> Vec<Check> {
                vec![Check::Whole(i128::from($ty::MIN)..=i128::from($ty::MAX))]
            }

            fn from_known(value: &Value) -> Result<Self, Mismatch> {
                let number = value.as_number().and_then(Number::to_whole);
                number.ok_or(Mismatch::wanted(concat!("a whole number that fits in ", stringify!($ty))))
            }

            fn to_value(&self) -> Value {
                Value::from(*self)
            }
        }
    )*};
}

whole!(i32 i64 u32 u64);

impl FieldType for f64 {
    fn attribute_type() -> AttributeType {
        AttributeType::Value(Type::Number)
    }

    fn checks() -> Vec<Check> {
        vec![Check::Finite]
    }

    fn from_known(value: &Value) -> Result<Self, Mismatch> {
        let number = value.as_number().map(Number::to_f64).filter(|it| it.is_finite());
        number.ok_or(Mismatch::wanted("a number that fits in 64 bits"))
    }

    fn to_value(&self) -> Value {
        Value::from(*self)
    }
}

/// A number of any size and precision, to the last digit.
impl FieldType for Number {
    fn attribute_type() -> AttributeType {
        AttributeType::Value(Type::Number)
    }

    fn from_known(value: &Value) -> Result<Self, Mismatch> {
        value.as_number().cloned().ok_or(Mismatch::wanted("a number"))
    }

    fn to_value(&self) -> Value {
        Value::from(self.clone())
    }
}

impl FieldType for Dynamic {
    fn attribute_type() -> AttributeType {
        AttributeType::Value(Type::Dynamic)
    }

    fn from_known(value: &Value) -> Result<Self, Mismatch> {
        Ok(Self::from(value.clone()))
    }

    fn to_value(&self) -> Value {
        self.clone().into()
    }
}

/// Elements in any order. One of them may still be unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Set<T>(pub Vec<Attr<T>>);

/// Elements in an order that means something.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List<T>(pub Vec<Attr<T>>);

/// Elements under text keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map<T>(pub BTreeMap<String, Attr<T>>);

impl<T> Set<T> {
    /// The elements that are known.
    pub fn known(&self) -> impl Iterator<Item = &T> {
        self.0.iter().filter_map(Attr::known)
    }
}

impl<T> Map<T> {
    /// The elements that are known, with their keys.
    pub fn known(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().filter_map(|(key, it)| it.known().map(|it| (key.as_str(), it)))
    }
}

impl<T> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Self(elements.into_iter().map(Attr::Known).collect())
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Self(elements.into_iter().map(Attr::Known).collect())
    }
}

impl<T> FromIterator<(String, T)> for Map<T> {
    fn from_iter<I: IntoIterator<Item = (String, T)>>(elements: I) -> Self {
        Self(by_name(elements.into_iter().map(|(key, it)| (key, Attr::Known(it)))))
    }
}

fn collection(element: AttributeType, plain: fn(Box<Type>) -> Type, nesting: Nesting) -> AttributeType {
    match element {
        AttributeType::Value(ty) => AttributeType::Value(plain(Box::new(ty))),
        AttributeType::Nested(_, attributes) => AttributeType::Nested(nesting, attributes),
    }
}

impl<T: FieldType> FieldType for Set<T> {
    fn attribute_type() -> AttributeType {
        collection(T::attribute_type(), Type::Set, Nesting::Set)
    }

    fn checks() -> Vec<Check> {
        T::checks()
    }

    fn from_known(value: &Value) -> Result<Self, Mismatch> {
        let elements = value.as_slice().ok_or(Mismatch::wanted("a set"))?;
        elements.iter().map(Attr::from_value).collect::<Result<_, _>>().map(Self)
    }

    fn to_value(&self) -> Value {
        Value::Set(self.0.iter().map(Attr::to_value).collect())
    }
}

impl<T: FieldType> FieldType for List<T> {
    fn attribute_type() -> AttributeType {
        collection(T::attribute_type(), Type::List, Nesting::List)
    }

    fn checks() -> Vec<Check> {
        T::checks()
    }

    fn from_known(value: &Value) -> Result<Self, Mismatch> {
        let elements = value.as_slice().ok_or(Mismatch::wanted("a list"))?.iter().enumerate();
        elements
            .map(|(index, it)| Attr::from_value(it).map_err(|it| it.below(Step::Index(index))))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn to_value(&self) -> Value {
        Value::List(self.0.iter().map(Attr::to_value).collect())
    }
}

impl<T: FieldType> FieldType for Map<T> {
    fn attribute_type() -> AttributeType {
        collection(T::attribute_type(), Type::Map, Nesting::Map)
    }

    fn checks() -> Vec<Check> {
        T::checks()
    }

    fn from_known(value: &Value) -> Result<Self, Mismatch> {
        let mut elements = BTreeMap::new();
        for (key, it) in value.as_map().ok_or(Mismatch::wanted("a map"))? {
            let it = Attr::from_value(it).map_err(|it| it.below(Step::Key(key.clone())))?;
            elements.insert(key.clone(), it);
        }
        Ok(Self(elements))
    }

    fn to_value(&self) -> Value {
        Value::object(self.0.iter().map(|(key, it)| (key.clone(), it.to_value())))
    }
}
