//! Schemas: what attributes a resource has, and everything that is known of each in one place.
//!
//! Owns the definition and the types of its values; `attribute` holds what is known
//! of one attribute. `validate`, `plan` and
//! `body` compute from it; the derive writes it, and nothing else does.

use std::collections::BTreeMap;

use crate::model::Model;
use crate::types::Type;
use crate::value::{self, Value};

pub use crate::attribute::{Attribute, OnChange};
pub use crate::check::Check;
pub use crate::plan::Difference;
pub use crate::timeouts::{TIMEOUTS, Timeouts};
pub(crate) use crate::timeouts::{timeouts_attributes, timeouts_type};

/// How nested attributes are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
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
pub enum AttributeType {
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
    Type::Object(value::by_name(attributes.iter().map(|it| (it.name.to_owned(), it.ty.value_type()))))
}

/// A resource's, a data source's or the provider's definition.
#[derive(Clone)]
pub struct Schema {
    /// Raised with every change that old states must be converted for.
    pub version: i64,
    /// What it is, for users.
    pub text: &'static str,
    /// Sorted by name.
    pub attributes: Vec<Attribute>,
    /// Adds the block `timeouts`.
    pub timeouts: Option<Timeouts>,
}

impl Schema {
    /// The schema of a model; version and time-outs are the resource's.
    pub fn of<M: Model>() -> Self {
        Self::new(M::TEXT, M::attributes())
    }

    /// A schema of these attributes.
    pub fn new(text: &'static str, mut attributes: Vec<Attribute>) -> Self {
        attributes.sort_by_key(|it| it.name);
        Self { version: 0, text, attributes, timeouts: None }
    }

    /// A schema of what is only configured or looked up: nothing plans it, so its texts tell no cost of a change.
    pub(crate) fn unplanned(text: &'static str, mut attributes: Vec<Attribute>) -> Self {
        forget_changes(&mut attributes);
        Self::new(text, attributes)
    }

    /// The type of the whole object, blocks included.
    pub fn ty(&self) -> Type {
        Type::Object(self.by_name(|it| it.ty.value_type(), timeouts_type()))
    }

    /// The attribute of this name.
    #[cfg(test)]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|it| it.name == name)
    }

    /// An object in which everything is null, and no block.
    pub fn null_object(&self) -> Value {
        Value::Map(self.by_name(Attribute::nothing, Value::Null))
    }

    /// Something for every attribute of the object, blocks included.
    fn by_name<T>(&self, of: impl Fn(&Attribute) -> T, timeouts: T) -> BTreeMap<String, T> {
        let block = self.timeouts.map(|_| (TIMEOUTS.to_owned(), timeouts));
        value::by_name(self.attributes.iter().map(|it| (it.name.to_owned(), of(it))).chain(block))
    }
}

/// Brings an object of these attributes into the form in which clients store it: nothing in it is write-only, and where
/// there are no blocks, there is none of them instead of null.
pub(crate) fn make_storable(attributes: &[Attribute], object: &mut Value) {
    let Value::Map(values) = object else { return };
    for attribute in attributes {
        let value = values.entry(attribute.name.to_owned()).or_insert(Value::Null);
        if attribute.write_only {
            *value = Value::Null;
        } else if value.is_null() {
            *value = attribute.nothing();
        }
        match attribute.nested() {
            Some((Nesting::Single, attributes)) => make_storable(attributes, value),
            Some((_, attributes)) => value.elements_mut().for_each(|it| make_storable(attributes, it)),
            None => {}
        }
    }
}

/// Visits each attribute of an object, nested ones too, beside what is configured of it. Elements of sets are not visited:
/// nothing tells which was configured where.
pub(crate) fn beside_config(
    attributes: &[Attribute],
    object: &mut Value,
    config: &Value,
    visit: &mut dyn FnMut(&Attribute, &mut Value, &Value),
) {
    let Value::Map(values) = object else { return };
    for attribute in attributes {
        let Some(value) = values.get_mut(attribute.name) else { continue };
        let config = config.get(attribute.name);
        visit(attribute, value, config);
        match (attribute.nested(), value) {
            (Some((Nesting::Single, inner)), value) => beside_config(inner, value, config, visit),
            (Some((Nesting::List, inner)), Value::List(elements)) => {
                for (index, element) in elements.iter_mut().enumerate() {
                    let config = config.as_slice().and_then(|it| it.get(index)).unwrap_or(&Value::Null);
                    beside_config(inner, element, config, visit);
                }
            }
            (Some((Nesting::Map, inner)), Value::Map(elements)) => {
                elements.iter_mut().for_each(|(key, it)| beside_config(inner, it, config.get(key), visit));
            }
            _ => {}
        }
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

#[cfg(any(test, feature = "testing"))]
pub(crate) mod lint;
#[cfg(test)]
mod tests;
