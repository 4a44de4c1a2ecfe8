//! What would make a schema unusable, unsafe or unclear, for tests: [`Schema::lint`] names every fault.
//!
//! One bad attribute makes clients refuse the whole provider, so each table is held to these rules. They
//! are the clients' (flags, names, sets) and the framework's (what has no effect where it stands; descriptions are
//! put together from sentences). What else a provider wants of its schemas, its own tests ask.

use crate::check::Check;
use crate::schema::{Attribute, AttributeType, Nesting, OnChange, Schema};
use crate::types::Type;
use crate::value::Value;

/// Names that the language keeps for itself in resource blocks.
pub const RESERVED_IN_RESOURCES: &[&str] =
    &["count", "for_each", "depends_on", "lifecycle", "provider", "provisioner", "connection", "timeouts"];

/// Names that the language keeps for itself in provider blocks.
pub const RESERVED_IN_PROVIDERS: &[&str] = &["alias", "version"];

impl Schema {
    /// Every fault, each with the attribute's path; none: clients take the schema.
    pub fn lint(&self, reserved: &[&str]) -> Vec<String> {
        let mut run = Run { faults: Vec::new() };
        run.when(self.version < 0, "the schema", "its version is below zero");
        run.text("the schema", self.text);
        for attribute in &self.attributes {
            run.when(reserved.contains(&attribute.name), attribute.name, "the language keeps this name");
            run.top_level(attribute);
        }
        run.object(&self.attributes, "");
        run.faults
    }
}

struct Run {
    faults: Vec<String>,
}

impl Run {
    fn when(&mut self, is_fault: bool, path: &str, fault: &str) {
        if is_fault {
            self.faults.push(format!("{path}: {fault}"));
        }
    }

    fn text(&mut self, path: &str, text: &str) {
        self.when(!text.starts_with(char::is_uppercase), path, "its text does not begin like a sentence");
        self.when(!text.ends_with('.'), path, "its text does not end like a sentence");
    }

    fn object(&mut self, attributes: &[Attribute], above: &str) {
        for (position, attribute) in attributes.iter().enumerate() {
            let path = format!("{above}{}", attribute.name);
            let again = attributes.iter().skip(position + 1).any(|it| it.name == attribute.name);
            self.when(again, &path, "two attributes have this name");
            self.when(!is_name(attribute.name), &path, "a name has lower-case letters, digits and `_`");
            self.text(&path, attribute.text);
            self.flags(attribute, &path);
            self.default(attribute, &path);
            if let Some((nesting, nested)) = attribute.nested() {
                self.when(nested.is_empty(), &path, "it has no attributes");
                for it in nested {
                    self.nested(attribute, nesting, it, &format!("{path}.{}", it.name));
                }
                let any = nesting != Nesting::Single && holds(&attribute.ty, &Type::Dynamic);
                self.when(any, &path, "clients take no values of any type inside of collections of objects");
                self.object(nested, &format!("{path}."));
            }
        }
    }

    fn flags(&mut self, it: &Attribute, path: &str) {
        let configurable = it.required || it.optional;
        self.when(!configurable && !it.computed, path, "nobody sets it");
        self.when(it.required && it.optional, path, "it is required and optional");
        self.when(it.required && it.computed, path, "it is required and computed");
        self.when(it.write_only && it.computed, path, "it is write-only and computed");
        self.when(it.volatile.is_some() && !it.computed, path, "it is volatile and not computed");
        self.when(
            it.deletion_protection && it.ty.value_type() != Type::Bool,
            path,
            "it protects and is neither true nor false",
        );
        let never = matches!(it.on_change, OnChange::NotConfigurable);
        self.when(!configurable && !never, path, "nobody can change it");
        self.when(it.not_returned && !configurable, path, "nobody configures what it adopts");
        let block = it.block && (it.nested().is_none() || it.computed || it.sensitive || it.write_only);
        self.when(
            block,
            path,
            "a block has attributes, which are computed, sensitive or write-only one by one",
        );
        self.when(it.group && it.required, path, "a group is always there");
        self.when(it.wire_name() == Some(""), path, "its wire name is empty");
    }

    fn top_level(&mut self, it: &Attribute) {
        let text = match it.on_change {
            OnChange::ReplaceIf(_, text) | OnChange::Update(text) => text,
            OnChange::NotConfigurable | OnChange::Replace | OnChange::StateOnly => return,
        };
        self.when(!text.ends_with('.'), it.name, "what a change does is not a sentence");
    }

    /// What has no effect, or another one than it says, inside of another attribute.
    fn nested(&mut self, holder: &Attribute, nesting: Nesting, it: &Attribute, path: &str) {
        let useless = it.not_returned || it.deletion_protection;
        self.when(useless, path, "not_returned and protects have no effect in here");
        let unseen = nesting == Nesting::Set && it.write_only | it.volatile.is_some();
        self.when(unseen, path, "write-only and volatile have no effect in a set");
        self.when(it.block && !holder.block, path, "a block is inside of blocks alone, not of an attribute");
        let costs_like_holder = match (it.on_change, holder.on_change) {
            (OnChange::NotConfigurable, _) | (_, OnChange::NotConfigurable) => true,
            (
                OnChange::Update(_) | OnChange::ReplaceIf(..),
                OnChange::Update(_) | OnChange::ReplaceIf(..),
            ) => true,
            (OnChange::Replace, it) => !matches!(it, OnChange::StateOnly),
            (OnChange::StateOnly, it) => matches!(it, OnChange::StateOnly),
            (OnChange::Update(_) | OnChange::ReplaceIf(..), OnChange::Replace | OnChange::StateOnly) => false,
        };
        self.when(!costs_like_holder, path, "a change costs what the attribute around it says");
        let unclear = nesting == Nesting::Set && holder.optional | holder.required;
        let guessed = unclear && it.computed && it.default.is_none();
        self.when(guessed, path, "nothing tells which element of a set computed it");
    }

    fn default(&mut self, it: &Attribute, path: &str) {
        let Some(default) = &it.default else { return };
        self.when(!has_type(&it.ty, default), path, "its default has another type");
        let refused = it.checks.iter().find_map(|check: &Check| check.reject(default));
        self.when(refused.is_some(), path, "its own checks refuse its default");
    }
}

fn is_name(name: &str) -> bool {
    let lower = |it: char| it.is_ascii_lowercase();
    name.starts_with(lower) && name.chars().all(|it| lower(it) || it.is_ascii_digit() || it == '_')
}

/// Whether a type is this one inside.
fn holds(ty: &AttributeType, wanted: &Type) -> bool {
    fn within(ty: &Type, wanted: &Type) -> bool {
        match ty {
            Type::List(it) | Type::Set(it) | Type::Map(it) => within(it, wanted),
            Type::Tuple(elements) => elements.iter().any(|it| within(it, wanted)),
            Type::Object(attributes) => attributes.values().any(|it| within(it, wanted)),
            plain => plain == wanted,
        }
    }
    within(&ty.value_type(), wanted)
}

fn has_type(ty: &AttributeType, value: &Value) -> bool {
    match ty.value_type() {
        Type::String => value.as_str().is_some(),
        Type::Number => value.as_number().is_some(),
        Type::Bool => value.as_bool().is_some(),
        _ => false, // no resource needs a default for a collection
    }
}
