//! Schemas as a client gets them, and values in JSON turned into msgpack and back by them.
//!
//! An independent witness of the provider's own codec: written from the wire format's description, on
//! another msgpack library. Sets have no order here: their members are sorted, so that two equal values
//! are equal as JSON.

use std::collections::BTreeMap;

use bytes::Bytes;
use rmpv::Value as Packed;
use serde_json::{Map, Number, Value, json};

use crate::proto::tfplugin6::schema::{self, nested_block, object};
use crate::proto::tfplugin6::{DynamicValue, Schema};

/// How a value that is not known yet is written in these tests.
const UNKNOWN: &str = "\u{1}unknown";

/// A value that is not known yet.
pub(crate) fn unknown() -> Value {
    Value::from(UNKNOWN)
}

/// Whether a value is or contains one that is not known yet.
pub(crate) fn has_unknown(value: &Value) -> bool {
    match value {
        Value::String(text) => text == UNKNOWN,
        Value::Array(members) => members.iter().any(has_unknown),
        Value::Object(members) => members.values().any(has_unknown),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A type as the wire describes it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    Text,
    Number,
    Bool,
    List(Box<Self>),
    Set(Box<Self>),
    Map(Box<Self>),
    Object(BTreeMap<String, Self>),
}

/// One attribute, or a block that stands once.
#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) flags: Flags,
    /// Attributes of the objects in it; empty for a plain type.
    pub(crate) nested: Vec<Self>,
    pub(crate) is_block: bool,
}

/// What can be said of an attribute besides its type.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags {
    pub(crate) description: String,
    pub(crate) required: bool,
    pub(crate) optional: bool,
    pub(crate) computed: bool,
    pub(crate) sensitive: bool,
    pub(crate) write_only: bool,
}

/// The schema of a provider block or a resource.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) version: i64,
    pub(crate) description: String,
    /// Attributes and blocks in the order of the answer.
    pub(crate) attributes: Vec<Attribute>,
}

impl Shape {
    pub(crate) fn of(schema: &Schema) -> Self {
        let block = schema.block.clone().unwrap();
        let description = block.description.clone();
        Self { version: schema.version, description, attributes: members_of(&block) }
    }

    /// The attribute of this name.
    pub(crate) fn attribute(&self, name: &str) -> &Attribute {
        self.attributes
            .iter()
            .find(|it| it.name == name)
            .unwrap_or_else(|| panic!("there is no attribute {name}"))
    }

    pub(crate) fn ty(&self) -> Type {
        object_type(&self.attributes)
    }

    /// The same value with all attributes, absent ones null, and sets sorted.
    pub(crate) fn complete(&self, value: &Value) -> Value {
        completed(value, &self.ty(), "")
    }

    /// A value for a request.
    pub(crate) fn encode(&self, value: &Value) -> DynamicValue {
        let mut msgpack = Vec::new();
        rmpv::encode::write_value(&mut msgpack, &pack(&self.complete(value), &self.ty())).unwrap();
        DynamicValue { msgpack: msgpack.into(), json: Bytes::new() }
    }

    /// The same in the wire's other form, which knows no unknown values.
    pub(crate) fn encode_json(&self, value: &Value) -> DynamicValue {
        let json = self.complete(value).to_string().into_bytes();
        DynamicValue { msgpack: Bytes::new(), json: json.into() }
    }

    /// A value out of an answer. Panics where a client would say "invalid".
    pub(crate) fn decode(&self, value: Option<&DynamicValue>) -> Value {
        let Some(value) = value else { return Value::Null };
        assert!(value.json.is_empty(), "answers are in msgpack");
        if value.msgpack.is_empty() {
            return Value::Null;
        }
        let mut rest = &value.msgpack[..];
        let packed = rmpv::decode::read_value(&mut rest).unwrap();
        assert!(rest.is_empty(), "there is something behind the value");
        unpack(&packed, &self.ty(), "")
    }
}

fn members_of(block: &schema::Block) -> Vec<Attribute> {
    let attributes = block.attributes.iter().map(attribute_of);
    attributes.chain(block.block_types.iter().map(block_of)).collect()
}

fn attribute_of(it: &schema::Attribute) -> Attribute {
    let (ty, nested) = match &it.nested_type {
        Some(nested) => {
            assert!(it.r#type.is_empty(), "{} has two types", it.name);
            let attributes: Vec<_> = nested.attributes.iter().map(attribute_of).collect();
            (wrapped(nested.nesting(), object_type(&attributes)), attributes)
        }
        None => (parse_type(&serde_json::from_slice(&it.r#type).unwrap()), Vec::new()),
    };
    let flags = Flags {
        description: it.description.clone(),
        required: it.required,
        optional: it.optional,
        computed: it.computed,
        sensitive: it.sensitive,
        write_only: it.write_only,
    };
    Attribute { name: it.name.clone(), ty, flags, nested, is_block: false }
}

fn block_of(it: &schema::NestedBlock) -> Attribute {
    assert_eq!(it.nesting(), nested_block::NestingMode::Single, "these tests know no other blocks");
    assert_eq!((it.min_items, it.max_items), (0, 0), "a single block that may be absent");
    let block = it.block.clone().unwrap();
    let nested = members_of(&block);
    let flags = Flags { description: block.description, optional: true, ..Flags::default() };
    Attribute { name: it.type_name.clone(), ty: object_type(&nested), flags, nested, is_block: true }
}

fn object_type(attributes: &[Attribute]) -> Type {
    Type::Object(attributes.iter().map(|it| (it.name.clone(), it.ty.clone())).collect())
}

fn wrapped(nesting: object::NestingMode, ty: Type) -> Type {
    match nesting {
        object::NestingMode::Invalid => panic!("no nesting"),
        object::NestingMode::Single => ty,
        object::NestingMode::List => Type::List(Box::new(ty)),
        object::NestingMode::Set => Type::Set(Box::new(ty)),
        object::NestingMode::Map => Type::Map(Box::new(ty)),
    }
}

fn parse_type(json: &Value) -> Type {
    let inner = || Box::new(parse_type(&json[1]));
    match (json.as_str(), json[0].as_str()) {
        (Some("string"), _) => Type::Text,
        (Some("number"), _) => Type::Number,
        (Some("bool"), _) => Type::Bool,
        (_, Some("list")) => Type::List(inner()),
        (_, Some("set")) => Type::Set(inner()),
        (_, Some("map")) => Type::Map(inner()),
        (_, Some("object")) => {
            let members = json[1].as_object().unwrap().iter();
            Type::Object(members.map(|(name, it)| (name.clone(), parse_type(it))).collect())
        }
        _ => panic!("these tests know no type {json}"),
    }
}

fn completed(value: &Value, ty: &Type, path: &str) -> Value {
    match (ty, value) {
        (_, Value::Null) => Value::Null,
        (_, Value::String(text)) if text == UNKNOWN => value.clone(),
        (Type::Object(members), Value::Object(given)) => {
            let surplus: Vec<_> = given.keys().filter(|it| !members.contains_key(*it)).collect();
            assert!(surplus.is_empty(), "{path}: the schema has no {surplus:?}");
            let member = |(name, ty): (&String, &Type)| {
                let member = given.get(name).unwrap_or(&Value::Null);
                (name.clone(), completed(member, ty, &format!("{path}.{name}")))
            };
            Value::Object(members.iter().map(member).collect())
        }
        (Type::Map(ty), Value::Object(given)) => {
            let member = |(key, it): (&String, &Value)| (key.clone(), completed(it, ty, path));
            Value::Object(given.iter().map(member).collect())
        }
        (Type::List(ty), Value::Array(given)) => given.iter().map(|it| completed(it, ty, path)).collect(),
        (Type::Set(ty), Value::Array(given)) => {
            sorted(given.iter().map(|it| completed(it, ty, path)).collect())
        }
        (Type::Text, Value::String(_)) | (Type::Number, Value::Number(_)) | (Type::Bool, Value::Bool(_)) => {
            value.clone()
        }
        _ => panic!("{path}: {value} is no {ty:?}"),
    }
}

fn sorted(mut members: Vec<Value>) -> Value {
    members.sort_by_cached_key(Value::to_string);
    members.into()
}

fn pack(value: &Value, ty: &Type) -> Packed {
    match (ty, value) {
        (_, Value::Null) => Packed::Nil,
        (_, Value::String(text)) if text == UNKNOWN => Packed::Ext(0, vec![0]),
        (Type::Object(members), Value::Object(given)) => {
            let member = |(name, ty): (&String, &Type)| (Packed::from(name.as_str()), pack(&given[name], ty));
            Packed::Map(members.iter().map(member).collect())
        }
        (Type::Map(ty), Value::Object(given)) => {
            Packed::Map(given.iter().map(|(key, it)| (Packed::from(key.as_str()), pack(it, ty))).collect())
        }
        (Type::List(ty) | Type::Set(ty), Value::Array(given)) => {
            Packed::Array(given.iter().map(|it| pack(it, ty)).collect())
        }
        (Type::Number, Value::Number(number)) => match number.as_i64() {
            Some(whole) => Packed::from(whole),
            None => Packed::from(number.as_f64().unwrap()),
        },
        (_, Value::String(text)) => Packed::from(text.as_str()),
        (_, Value::Bool(flag)) => Packed::from(*flag),
        _ => panic!("{value} is no {ty:?}"),
    }
}

fn unpack(packed: &Packed, ty: &Type, path: &str) -> Value {
    match (ty, packed) {
        (_, Packed::Nil) => Value::Null,
        (_, Packed::Ext(0, _)) => unknown(),
        // Unknown, with a promise that the configuration made; an empty promise is an error.
        (_, Packed::Ext(12, promise)) if promise != &[0x80] => unknown(),
        (Type::Object(members), Packed::Map(given)) => {
            let given = texts(given, path);
            assert!(given.keys().eq(members.keys()), "{path} has {:?}", given.keys());
            let member = |(name, it): (&String, &Type)| {
                (name.clone(), unpack(given[name], it, &format!("{path}.{name}")))
            };
            Value::Object(members.iter().map(member).collect::<Map<_, _>>())
        }
        (Type::Map(ty), Packed::Map(given)) => {
            let given = texts(given, path);
            Value::Object(
                given
                    .into_iter()
                    .map(|(key, it)| (key.clone(), unpack(it, ty, &format!("{path}[{key}]"))))
                    .collect(),
            )
        }
        (Type::List(ty), Packed::Array(given)) => given.iter().map(|it| unpack(it, ty, path)).collect(),
        (Type::Set(ty), Packed::Array(given)) => {
            sorted(given.iter().map(|it| unpack(it, ty, path)).collect())
        }
        (Type::Number, Packed::Integer(number)) => json!(number.as_i64().unwrap()),
        (Type::Number, Packed::F64(number)) => json!(number),
        (Type::Number, Packed::String(text)) => {
            let number: Number = serde_json::from_str(text.as_str().unwrap()).unwrap();
            Value::Number(number)
        }
        (Type::Text, Packed::String(text)) => Value::from(text.as_str().unwrap()),
        (Type::Bool, Packed::Boolean(flag)) => json!(flag),
        _ => panic!("{path}: {packed} is no {ty:?}"),
    }
}

fn texts<'p>(members: &'p [(Packed, Packed)], path: &str) -> BTreeMap<String, &'p Packed> {
    let texts: BTreeMap<_, _> =
        members.iter().map(|(key, it)| (key.as_str().unwrap().to_owned(), it)).collect();
    assert_eq!(texts.len(), members.len(), "{path} has a name twice");
    texts
}
