//! Values in both encodings, under every type that the provider has and under some that it has not.

use std::sync::OnceLock;

use serde_json::json;
use tfplugin::testing::Private;
use tfplugin::testing::Server;
use tfplugin::testing::{json, msgpack};
use tfplugin::types::Type;
use tfplugin::value::Value;

use crate::provider::Novita;

/// A message about bytes that cannot be read quotes no more than this of them, in characters.
const LONGEST_ERROR: usize = 1024;

static SERVER: OnceLock<Server<Novita>> = OnceLock::new();
static TYPES: OnceLock<Vec<Type>> = OnceLock::new();

fn server() -> &'static Server<Novita> {
    SERVER.get_or_init(Server::default)
}

/// The types of resources and data sources by name, the provider block's, and some that hold any type.
pub(super) fn types() -> &'static [Type] {
    TYPES.get_or_init(|| {
        let resources = server().resources().map(|it| it.ty().clone());
        let sources = server().data_sources().map(|it| it.ty().clone());
        let odd = [
            json!("dynamic"),
            json!("number"),
            json!(["list", "dynamic"]),
            json!(["set", ["list", "number"]]),
            json!(["map", ["set", "string"]]),
            json!(["tuple", ["bool", "dynamic", ["map", "number"]]]),
            json!(["object", {"a": "dynamic", "b": ["list", ["object", {"c": "string", "d": "number"}]]}]),
        ];
        let odd = odd.iter().filter_map(|it| Type::from_json(it).ok());
        resources.chain(sources).chain([server().schema().1.clone()]).chain(odd).collect()
    })
}

pub(super) fn msgpack(data: &[u8]) {
    let Some((which, bytes)) = data.split_first() else { return };
    let ty = &types()[usize::from(*which) % types().len()];
    match msgpack::decode(bytes, ty) {
        Ok(value) => survives(&value, ty),
        Err(error) => bounded(&error.to_string()),
    }
}

pub(super) fn json(data: &[u8]) {
    let Some((which, bytes)) = data.split_first() else { return };
    let ty = &types()[usize::from(*which) % types().len()];
    match json::decode(bytes, ty) {
        Ok(value) => survives(&value, ty),
        Err(error) => bounded(&error.to_string()),
    }
    let resources: Vec<_> = server().resources().collect();
    let resource = resources[usize::from(*which) % resources.len()];
    match resource.upgrade(resource.schema().version, bytes) {
        Ok(state) => {
            assert!(state.as_map().is_some() && state.is_wholly_known());
            survives(&state, resource.ty());
        }
        Err(failure) => failure.0.iter().for_each(|it| bounded(&it.detail)),
    }
    let _ = resource.upgrade(-1, bytes);
    let notes = Private::from_bytes(bytes);
    assert!(Private::from_bytes(&notes.to_bytes()) == notes);
}

/// What was read is written so that it is read as the same.
fn survives(value: &Value, ty: &Type) {
    let again = msgpack::decode(&msgpack::encode(value, ty), ty);
    assert!(again.as_ref() == Ok(value), "{:?}", again.err());
}

fn bounded(text: &str) {
    assert!(text.chars().count() <= LONGEST_ERROR, "{} characters", text.chars().count());
    assert!(!text.contains(char::is_control), "{text:?}");
}
