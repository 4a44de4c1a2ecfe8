//! Protocol messages ↔ framework types.
//!
//! The only file that knows both sides. It decides nothing: what a message means for a resource is
//! asked of the framework by `rpc`.

use bytes::Bytes;
use prost::Message as _;

use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::path::{Path, Step};
use crate::plugin::proto::tfplugin6 as proto;
use crate::schema::{Attribute, AttributeType, Nesting, Schema, TIMEOUTS, Timeouts, timeouts_attributes};
use crate::types::Type;
use crate::value::Value;
use crate::{json, msgpack};

/// The most characters of one text of a message. Ours have some hundreds; longer is only what repeats what
/// someone else wrote.
pub(crate) const LONGEST_TEXT: usize = 8 << 10;

/// A value out of a request. One that is missing reads as null.
pub(crate) fn value(message: Option<&proto::DynamicValue>, ty: &Type) -> Result<Value, Diagnostics> {
    let Some(message) = message else { return Ok(Value::Null) };
    if !message.msgpack.is_empty() {
        return msgpack::decode(&message.msgpack, ty).map_err(|it| malformed(&it));
    }
    if !message.json.is_empty() {
        return json::decode(&message.json, ty).map_err(|it| malformed(&it));
    }
    Ok(Value::Null)
}

fn malformed(error: &dyn std::fmt::Display) -> Diagnostics {
    let detail = format!("Terraform sent a value that does not fit the schema: {error}.");
    Diagnostic::error("Malformed value from Terraform", detail).into()
}

/// A value for an answer.
pub(crate) fn dynamic(value: &Value, ty: &Type) -> Option<proto::DynamicValue> {
    Some(proto::DynamicValue { msgpack: Bytes::from(msgpack::encode(value, ty)), json: Bytes::new() })
}

/// An identity out of a request. One that is missing or null is `None`.
pub(crate) fn identity(
    message: Option<&proto::ResourceIdentityData>,
    schema: &Schema,
) -> Result<Option<Value>, Diagnostics> {
    let (Some(message), Some(ty)) = (message, schema.identity_type()) else { return Ok(None) };
    let identity = value(message.identity_data.as_ref(), &ty)?;
    Ok(Some(identity).filter(|it| !it.is_null()))
}

/// The identity of an object for an answer, if it is known.
pub(crate) fn identity_of(object: &Value, schema: &Schema) -> Option<proto::ResourceIdentityData> {
    schema.identity_of(object).and_then(|it| identity_data(&it, schema))
}

/// An identity for an answer.
pub(crate) fn identity_data(identity: &Value, schema: &Schema) -> Option<proto::ResourceIdentityData> {
    let ty = schema.identity_type()?;
    Some(proto::ResourceIdentityData { identity_data: dynamic(identity, &ty) })
}

/// What identities of a type consist of, for an answer. All of it must be given for an import.
pub(super) fn identity_schema(schema: &Schema) -> proto::ResourceIdentitySchema {
    let attribute = |it: &Attribute| proto::resource_identity_schema::IdentityAttribute {
        name: it.name.to_owned(),
        r#type: type_json(&it.ty.value_type()),
        required_for_import: true,
        optional_for_import: false,
        description: it.text.to_owned(),
    };
    proto::ResourceIdentitySchema {
        version: 0,
        identity_attributes: schema.identity().map(attribute).collect(),
    }
}

/// Messages for the user.
pub(crate) fn diagnostics(diagnostics: Diagnostics) -> Vec<proto::Diagnostic> {
    diagnostics.0.into_iter().map(diagnostic).collect()
}

fn diagnostic(it: Diagnostic) -> proto::Diagnostic {
    let severity = match it.severity {
        Severity::Error => proto::diagnostic::Severity::Error,
        Severity::Warning => proto::diagnostic::Severity::Warning,
    };
    proto::Diagnostic {
        severity: severity.into(),
        summary: text(it.summary),
        detail: text(it.detail),
        attribute: it.path.as_ref().map(|it| path(&it.visible())),
    }
}

/// A text for the user's terminal: of bounded length, and without characters that would steer the terminal.
pub(super) fn text(text: String) -> String {
    let steers = |it: char| it.is_control() && it != '\n';
    if text.len() <= LONGEST_TEXT && !text.contains(steers) {
        return text;
    }
    let mut characters = text.chars().map(|it| if steers(it) { ' ' } else { it });
    let mut shown: String = characters.by_ref().take(LONGEST_TEXT).collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}

/// A path for an answer.
pub(crate) fn path(path: &Path) -> proto::AttributePath {
    proto::AttributePath { steps: path.0.iter().map(step).collect() }
}

fn step(step: &Step) -> proto::attribute_path::Step {
    use proto::attribute_path::step::Selector;
    let selector = match step {
        Step::Attribute(name) | Step::Block(name) => Selector::AttributeName(name.clone()),
        Step::Key(key) => Selector::ElementKeyString(key.clone()),
        Step::Index(index) => Selector::ElementKeyInt(i64::try_from(*index).unwrap_or(i64::MAX)),
    };
    proto::attribute_path::Step { selector: Some(selector) }
}

/// A schema for an answer, encoded.
pub(super) fn schema(schema: &Schema) -> Bytes {
    schema_message(schema).encode_to_vec().into()
}

/// An action's schema for an answer.
pub(super) fn action_schema(schema: &Schema) -> proto::ActionSchema {
    proto::ActionSchema { schema: Some(schema_message(schema)) }
}

fn schema_message(schema: &Schema) -> proto::Schema {
    let mut block = block(&schema.attributes, schema.text.to_owned());
    block.version = schema.version;
    block.block_types.extend(schema.timeouts.iter().map(timeouts_block));
    proto::Schema { version: schema.version, block: Some(block) }
}

/// A block with these attributes and the blocks among them.
fn block(attributes: &[Attribute], description: String) -> proto::schema::Block {
    let mut block = proto::schema::Block {
        attributes: attributes.iter().filter(|it| !it.block).map(attribute).collect(),
        block_types: attributes.iter().filter(|it| it.block).map(nested_block).collect(),
        description,
        description_kind: proto::StringKind::Markdown.into(),
        ..Default::default()
    };
    block.attributes.sort_by(|left, right| left.name.cmp(&right.name));
    block.block_types.sort_by(|left, right| left.type_name.cmp(&right.type_name));
    block
}

fn nested_block(it: &Attribute) -> proto::schema::NestedBlock {
    use proto::schema::nested_block::NestingMode;
    let (nesting, attributes) = it.nested().unwrap_or((Nesting::Single, &[]));
    let nesting = match nesting {
        Nesting::Single if it.group => NestingMode::Group,
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Map => NestingMode::Map,
    };
    let mut block = block(attributes, it.description());
    block.deprecated = it.deprecated.is_some();
    let (min_items, max_items) = it.block_count();
    proto::schema::NestedBlock {
        type_name: it.name.to_owned(),
        block: Some(block),
        nesting: nesting.into(),
        min_items,
        max_items,
    }
}

fn attribute(it: &Attribute) -> proto::schema::Attribute {
    let (ty, nested_type) = match &it.ty {
        AttributeType::Value(ty) => (type_json(ty), None),
        AttributeType::Nested(nesting, attributes) => (Bytes::new(), Some(nested(*nesting, attributes))),
    };
    proto::schema::Attribute {
        name: it.name.to_owned(),
        r#type: ty,
        nested_type,
        description: it.description(),
        description_kind: proto::StringKind::Markdown.into(),
        required: it.required,
        optional: it.optional,
        computed: it.computed,
        sensitive: it.sensitive,
        write_only: it.write_only,
        deprecated: it.deprecated.is_some(),
        deprecation_message: it.deprecated.unwrap_or_default().to_owned(),
    }
}

/// Nearly all types are one of three, so these are not written anew for each attribute.
fn type_json(ty: &Type) -> Bytes {
    match ty {
        Type::String => Bytes::from_static(b"\"string\""),
        Type::Number => Bytes::from_static(b"\"number\""),
        Type::Bool => Bytes::from_static(b"\"bool\""),
        other => Bytes::from(other.to_json().to_string()),
    }
}

fn nested(nesting: Nesting, attributes: &[Attribute]) -> proto::schema::Object {
    use proto::schema::object::NestingMode;
    let nesting = match nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Map => NestingMode::Map,
    };
    let mut attributes: Vec<_> = attributes.iter().map(attribute).collect();
    attributes.sort_by(|left, right| left.name.cmp(&right.name));
    proto::schema::Object { attributes, nesting: nesting.into() }
}

fn timeouts_block(timeouts: &Timeouts) -> proto::schema::NestedBlock {
    let attribute = |(name, text): (&str, String)| proto::schema::Attribute {
        name: name.to_owned(),
        r#type: type_json(&Type::String),
        description: text,
        description_kind: proto::StringKind::Markdown.into(),
        optional: true,
        ..Default::default()
    };
    let block = proto::schema::Block {
        attributes: timeouts_attributes(timeouts).into_iter().map(attribute).collect(),
        description: "Timeouts of the operations.".to_owned(),
        description_kind: proto::StringKind::Markdown.into(),
        ..Default::default()
    };
    proto::schema::NestedBlock {
        type_name: TIMEOUTS.to_owned(),
        block: Some(block),
        nesting: proto::schema::nested_block::NestingMode::Single.into(),
        min_items: 0,
        max_items: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_for_a_terminal_is_bounded_and_steers_nothing() {
        for kept in ["", "two\nlines", "ümläut"] {
            assert_eq!(text(kept.to_owned()), kept);
        }
        assert_eq!(text("a\u{1b}[31m\tb\r\0".to_owned()), "a [31m b  ");
        let long = text("ü".repeat(LONGEST_TEXT + 1));
        assert!(long.ends_with("ü…") && long.chars().count() == LONGEST_TEXT + 1);
        assert_eq!(text("ü".repeat(LONGEST_TEXT)), "ü".repeat(LONGEST_TEXT));
    }
}
