//! Data sources that show a resource of the same name: found by a key instead of managed.
//!
//! A field is defined once, on the resource's model, and filled in once, by the resource's own refresh.
//! This turns the definition into that of a data source: everything is computed but the keys, and a text
//! keeps its first sentence only, since what follows it says how to configure the field. How a thing is
//! found is the author's matter.

use std::future::Future;

use crate::attr::Mismatch;
use crate::check::Check;
use crate::data_source::DataSource;
use crate::model::Model;
use crate::resource::{Context, Resource, Result, Rules};
use crate::schema::{Attribute, AttributeType};
use crate::value::Value;

/// A resource that a data source of the same name can show.
pub trait Lookup: Resource {
    /// What the data source is, for users.
    const LOOKUP: &'static str;

    /// What it is found by, with the descriptions: exactly one of them is configured, a text of 1 to 255 characters.
    const KEYS: &'static [(&'static str, &'static str)];

    /// Attributes that only say how the resource is managed, or that are never read back.
    const UNSEEN: &'static [&'static str];

    /// Attributes that may hold secrets here, with their descriptions: what is read back does not tell.
    const SECRETS: &'static [(&'static str, &'static str)] = &[];

    /// Rules of the keys beyond that one is configured; unknown values pass.
    fn validate_key(key: &Self::Model, rules: &mut Rules) {
        let _ = (key, rules);
    }

    /// Finds it by the key that is known, and reads all of it.
    ///
    /// # Errors
    /// There is none, there are several, or it could not be read.
    fn find(cx: &Context<Self::Data>, key: Self::Model) -> impl Future<Output = Result<Self::Model>> + Send;
}

/// The data source that shows `R`.
pub struct LookedUp<R: Lookup>(R::Model);

impl<R: Lookup> Model for LookedUp<R> {
    const TEXT: &'static str = R::LOOKUP;

    fn attributes() -> Vec<Attribute> {
        let seen = R::Model::attributes().into_iter().filter(|it| !R::UNSEEN.contains(&it.name));
        seen.map(as_key_or_secret::<R>).collect()
    }

    fn from_object(object: &Value) -> std::result::Result<Self, Mismatch> {
        R::Model::from_object(object).map(Self)
    }

    fn to_object(&self) -> Value {
        let Value::Map(mut values) = self.0.to_object() else { return Value::Null };
        values.retain(|name, _| !R::UNSEEN.contains(&name.as_str()));
        Value::Map(values)
    }
}

impl<R: Lookup> DataSource for LookedUp<R> {
    type Data = R::Data;

    const TYPE: &'static str = R::TYPE;

    fn validate(&self, rules: &mut Rules) {
        let object = self.0.to_object();
        let keys = || R::KEYS.iter().map(|(name, _)| *name);
        let known: Vec<_> = keys().map(|name| (name, is_known(object.get(name)))).collect();
        rules.exclusive(&known);
        if R::KEYS.len() > 1 && keys().all(|name| object.get(name).is_null()) {
            let choice: Vec<_> = keys().map(|name| format!("`{name}`")).collect();
            let detail = format!("Set one of {}: it decides what to look up.", choice.join(" and "));
            rules.lacks(known[0].0, detail);
        }
        R::validate_key(&self.0, rules);
    }

    async fn read(cx: &Context<Self::Data>, config: Self) -> Result<Self> {
        R::find(cx, config.0).await.map(Self)
    }
}

fn is_known(value: &Value) -> bool {
    !value.is_null() && !value.is_unknown()
}

fn as_key_or_secret<R: Lookup>(attribute: Attribute) -> Attribute {
    let text_in = |texts: &[(&str, &'static str)]| {
        texts.iter().find(|(name, _)| *name == attribute.name).map(|(_, text)| *text)
    };
    let (key, secret) = (text_in(R::KEYS), text_in(R::SECRETS));
    let mut attribute = as_found(attribute);
    if let Some(text) = key {
        attribute.text = text;
        attribute.required = R::KEYS.len() == 1;
        attribute.optional = !attribute.required;
        attribute.computed = attribute.optional;
        attribute.checks.push(Check::Length(1..=255));
    }
    if let Some(text) = secret {
        attribute.text = text;
        attribute.sensitive = true;
    }
    attribute
}

/// The attribute as something that nobody configures.
pub fn as_found(attribute: Attribute) -> Attribute {
    let Attribute { name, ty, text, sensitive, deprecated, mut checks, .. } = attribute;
    // Bounds are for those who configure it; which values there are also tells what can be expected.
    checks.retain(|it| matches!(it, Check::Whole(_) | Check::OneOf(_)));
    let ty = match ty {
        AttributeType::Value(ty) => AttributeType::Value(ty),
        AttributeType::Nested(nesting, attributes) => {
            AttributeType::Nested(nesting, attributes.into_iter().map(as_found).collect())
        }
    };
    Attribute { sensitive, deprecated, checks, ..Attribute::of_type(name, first_sentence(text), ty) }
        .computed()
}

fn first_sentence(text: &'static str) -> &'static str {
    text.find(". ").and_then(|end| text.get(..=end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_first_sentence() {
        for (text, kept) in [
            ("Name. Without one it is made.", "Name."),
            ("CUDA 12.4 or newer. Optional.", "CUDA 12.4 or newer."),
            ("Name.", "Name."),
            ("Name", "Name"),
            ("", ""),
        ] {
            assert_eq!(first_sentence(text), kept);
        }
    }
}
