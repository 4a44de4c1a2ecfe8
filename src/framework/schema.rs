//! Schemas: what attributes a resource has, and everything that is known of each in one place.
//!
//! Owns the definition and the types of its values; [`crate::framework::attribute`] holds what is known
//! of one attribute. [`crate::framework::validate`], [`crate::framework::plan`] and
//! [`crate::framework::body`] compute from it; the derive writes it, and nothing else does.

use std::collections::BTreeMap;

use crate::framework::model::Model;
use crate::framework::types::Type;
use crate::framework::value::Value;

pub(crate) use crate::framework::attribute::{Attribute, OnChange};
pub(crate) use crate::framework::check::Check;
pub(crate) use crate::framework::timeouts::{TIMEOUTS, Timeouts, timeouts_attributes, timeouts_type};

/// How nested attributes are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nesting {
    /// One object.
    Single,
    /// Objects in order.
    List,
    /// Objects in any order.
    Set,
    /// Objects under keys.
    Map,
}

/// An attribute's type: that of a value, or objects with attributes of their own.
#[derive(Clone)]
pub(crate) enum AttributeType {
    /// A type of the type system.
    Value(Type),
    /// Nested attributes.
    Nested(Nesting, Vec<Attribute>),
}

impl AttributeType {
    /// The type of the values.
    pub(crate) fn value_type(&self) -> Type {
        match self {
            Self::Value(ty) => ty.clone(),
            Self::Nested(nesting, attributes) => {
                let object = Box::new(object_type(attributes));
                match nesting {
                    Nesting::Single => *object,
                    Nesting::List => Type::List(object),
                    Nesting::Set => Type::Set(object),
                    Nesting::Map => Type::Map(object),
                }
            }
        }
    }
}

fn object_type(attributes: &[Attribute]) -> Type {
    Type::Object(attributes.iter().map(|it| (it.name.to_owned(), it.ty.value_type())).collect())
}

/// A resource's, a data source's or the provider's definition.
#[derive(Clone)]
pub(crate) struct Schema {
    /// Raised with every change that old states must be converted for.
    pub(crate) version: i64,
    /// What it is, for users.
    pub(crate) text: &'static str,
    /// Sorted by name.
    pub(crate) attributes: Vec<Attribute>,
    /// Adds the block `timeouts`.
    pub(crate) timeouts: Option<Timeouts>,
}

impl Schema {
    /// The schema of a model; version and time-outs are the resource's.
    pub(crate) fn of<M: Model>() -> Self {
        Self::new(M::TEXT, M::attributes())
    }

    /// A schema of these attributes.
    pub(crate) fn new(text: &'static str, mut attributes: Vec<Attribute>) -> Self {
        attributes.sort_by_key(|it| it.name);
        Self { version: 0, text, attributes, timeouts: None }
    }

    /// A schema of what is only configured or looked up: nothing plans it, so its texts tell no cost of a change.
    pub(crate) fn unplanned(text: &'static str, mut attributes: Vec<Attribute>) -> Self {
        forget_changes(&mut attributes);
        Self::new(text, attributes)
    }

    /// The type of the whole object, blocks included.
    pub(crate) fn ty(&self) -> Type {
        Type::Object(self.by_name(|it| it.ty.value_type(), timeouts_type()))
    }

    /// The attribute of this name.
    #[cfg(test)]
    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|it| it.name == name)
    }

    /// An object in which everything is null.
    pub(crate) fn null_object(&self) -> Value {
        Value::Map(self.by_name(|_| Value::Null, Value::Null))
    }

    /// Something for every attribute of the object, blocks included.
    fn by_name<T>(&self, of: impl Fn(&Attribute) -> T, timeouts: T) -> BTreeMap<String, T> {
        let block = self.timeouts.map(|_| (TIMEOUTS.to_owned(), timeouts));
        self.attributes.iter().map(|it| (it.name.to_owned(), of(it))).chain(block).collect()
    }
}

fn forget_changes(attributes: &mut [Attribute]) {
    for attribute in attributes {
        attribute.on_change = OnChange::NotConfigurable;
        if let AttributeType::Nested(_, attributes) = &mut attribute.ty {
            forget_changes(attributes);
        }
    }
}

#[cfg(test)]
pub(crate) mod lint;
#[cfg(test)]
mod tests;
