//! A value of Terraform's type system: known, null or unknown, of any type.
//!
//! Knows nothing of encodings (see [`crate::framework::msgpack`], [`crate::framework::json`]) nor of
//! schemas. Lists and tuples share one variant, as maps and objects do: the type tells them apart.

use std::collections::BTreeMap;

use crate::framework::number::Number;
use crate::framework::types::Type;

/// A value; its type is kept beside it by whoever needs one.
#[derive(Clone)]
#[cfg_attr(test, derive(Debug))]
pub(crate) enum Value {
    /// Absent.
    Null,
    /// Known only after apply, perhaps with promises about it.
    Unknown(Option<Box<Refinement>>),
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    String(String),
    /// A list or a tuple.
    List(Vec<Value>),
    /// A set: equal to another with the same members in any order.
    Set(Vec<Value>),
    /// A map or an object.
    Map(BTreeMap<String, Value>),
    /// A value whose type travels with it.
    Dynamic(Box<Type>, Box<Value>),
}

/// What is promised about an unknown value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Refinement {
    /// `Some(false)`: not null.
    pub(crate) nullness: Option<bool>,
    /// The text begins with this.
    pub(crate) prefix: Option<String>,
    /// The number is above this; `true`: or equal to it.
    pub(crate) lower: Option<(Number, bool)>,
    /// The number is below this; `true`: or equal to it.
    pub(crate) upper: Option<(Number, bool)>,
    /// The collection has at least this many members.
    pub(crate) min_len: Option<i64>,
    /// The collection has at most this many members.
    pub(crate) max_len: Option<i64>,
}
