//! Terraform's type constraints, and their JSON form in schemas and dynamic values.
//!
//! Owns the type system only; [`crate::framework::value`] holds what has such a type.

use std::collections::BTreeMap;

/// A type constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// Text; clients normalise it to Unicode NFC.
    String,
    /// A number of any size and precision.
    Number,
    /// `true` or `false`.
    Bool,
    /// Any type, decided by the value.
    Dynamic,
    /// Ordered members of one type.
    List(Box<Type>),
    /// Unordered, unique members of one type.
    Set(Box<Type>),
    /// Members of one type under text keys.
    Map(Box<Type>),
    /// Ordered members, each of its own type.
    Tuple(Vec<Type>),
    /// Named members, each of its own type.
    Object(BTreeMap<String, Type>),
}
