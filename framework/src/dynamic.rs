//! `Dynamic`: the value of an attribute of any type.
//!
//! Owns the pair of a type and a value that fits it; what is absent or not known as a whole is
//! [`Attr`](crate::attr::Attr)'s matter.

use crate::types::Type;
use crate::value::Value;

/// A value of any type, with the type that the configuration gave it or that it shows.
///
/// As a whole it is neither null nor unknown; what is inside may be. Clients want the elements of a collection of these to
/// be of one type.
#[derive(Clone, Debug, PartialEq)]
pub struct Dynamic {
    ty: Type,
    value: Value,
}

impl Dynamic {
    /// The type.
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// The value.
    pub fn value(&self) -> &Value {
        &self.value
    }
}

/// The type of a bare value is what it shows: lists count as tuples and maps as objects, as in a configuration.
impl From<Value> for Dynamic {
    fn from(value: Value) -> Self {
        match value {
            Value::Dynamic(ty, value) if !matches!(*ty, Type::Dynamic) => Self { ty: *ty, value: *value },
            Value::Dynamic(_, value) => Self::from(*value),
            value => Self { ty: value.implied_type(), value },
        }
    }
}

impl From<Dynamic> for Value {
    fn from(Dynamic { ty, value }: Dynamic) -> Self {
        Self::Dynamic(Box::new(ty), Box::new(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attr::{Attr, FieldType, List};

    fn typed(ty: Type, value: Value) -> Value {
        Value::Dynamic(Box::new(ty), Box::new(value))
    }

    #[test]
    fn what_is_absent_or_unknown_is_so_whatever_its_type() {
        for (value, expected) in [
            (Value::Null, Attr::Null),
            (typed(Type::String, Value::Null), Attr::Null),
            (Value::unknown(), Attr::Unknown),
            (typed(Type::Bool, Value::unknown()), Attr::Unknown),
        ] {
            assert!(Attr::<Dynamic>::from_value(&value) == Ok(expected));
        }
    }

    #[test]
    fn a_value_keeps_the_type_that_it_came_with() {
        let list =
            typed(Type::List(Box::new(Type::String)), Value::List(vec![Value::from("a"), Value::unknown()]));
        let read = Attr::<Dynamic>::from_value(&list).unwrap();
        assert_eq!(read.known().unwrap().ty(), &Type::List(Box::new(Type::String)));
        assert_eq!(read.to_value(), list);
        let all = Value::List(vec![list.clone(), typed(Type::String, Value::Null)]);
        let read = List::<Dynamic>::from_known(&all).unwrap();
        assert!(read.0[1].is_null());
        assert_eq!(read.0[0].to_value(), list);
    }

    #[test]
    fn a_bare_value_has_the_type_that_it_shows() {
        let made = Dynamic::from(Value::List(vec![Value::from("a"), Value::from(1)]));
        assert_eq!(made.ty(), &Type::Tuple(vec![Type::String, Type::Number]));
    }
}
