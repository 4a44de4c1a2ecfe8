//! `Model`: a struct with one field per attribute, filled in by `#[derive(Model)]`.
//!
//! Owns the trait only. The derive (crate `tfplugin-derive`) writes the three functions from the fields;
//! everything else about a schema is an ordinary function over [`crate::schema::Schema`].

use std::collections::BTreeMap;

use crate::attr::Mismatch;
use crate::schema::Attribute;
use crate::value::Value;

pub use tfplugin_derive::{Model, StringEnum};

/// A struct whose fields are the attributes of an object.
pub trait Model: Sized {
    /// What the object is, for users: the struct's doc comment.
    const TEXT: &'static str;

    /// The attributes, in the order of the fields.
    fn attributes() -> Vec<Attribute>;

    /// From an object; attributes that the model lacks are ignored.
    ///
    /// # Errors
    /// An attribute has another type than its field.
    fn from_object(object: &Value) -> Result<Self, Mismatch>;

    /// Back to an object with exactly the model's attributes.
    fn to_object(&self) -> Value;
}

/// An enumeration whose variants are texts on the wire and in HCL.
pub trait StringEnum: Copy + PartialEq + 'static {
    /// The variants with their texts, in the order of the docs.
    const VARIANTS: &'static [(&'static str, Self)];

    /// The text of this variant.
    fn as_str(self) -> &'static str {
        let found = Self::VARIANTS.iter().find(|(_, variant)| *variant == self);
        found.map(|(text, _)| *text).unwrap_or_default()
    }

    /// The variant of this text, in whatever case: an answer may write it otherwise than a configuration must.
    fn from_text(text: &str) -> Option<Self> {
        Self::VARIANTS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, variant)| *variant)
    }
}

/// No attributes: the settings of a provider that has none.
impl Model for () {
    const TEXT: &'static str = "This provider has no settings.";

    fn attributes() -> Vec<Attribute> {
        Vec::new()
    }

    fn from_object(_: &Value) -> Result<Self, Mismatch> {
        Ok(())
    }

    fn to_object(&self) -> Value {
        Value::Map(BTreeMap::new())
    }
}
