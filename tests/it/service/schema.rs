//! The schema, as the wire tells it (rules C2 to C6).

use std::collections::BTreeSet;

use prost::Message;
use serde_json::json;

use super::shape::{Attribute, Type};
use super::subject::{STORED, SUBJECTS};
use super::world::World;
use crate::launch::{Launched, within};
use crate::options::Options;
use crate::proto::tfplugin6::{Schema, get_provider_schema, schema};

async fn told(world: &World) -> get_provider_schema::Response {
    let request = get_provider_schema::Request {};
    within(world.client().get_provider_schema(request)).await.unwrap().into_inner()
}

/// Looks at every attribute and block of all schemas, with its path.
fn every(schemas: &get_provider_schema::Response, mut look: impl FnMut(&str, &schema::Attribute)) {
    let provider = schemas.provider.iter().map(|it| ("provider", it));
    let others = schemas.resource_schemas.iter().chain(&schemas.data_source_schemas);
    for (name, schema) in provider.chain(others.map(|(name, it)| (name.as_str(), it))) {
        let block = schema.block.as_ref().unwrap();
        for attributes in [&block.attributes]
            .into_iter()
            .chain(block.block_types.iter().map(|it| &it.block.as_ref().unwrap().attributes))
        {
            below(name, attributes, &mut look);
        }
    }
}

fn below(path: &str, attributes: &[schema::Attribute], look: &mut impl FnMut(&str, &schema::Attribute)) {
    for it in attributes {
        let path = format!("{path}.{}", it.name);
        look(&path, it);
        if let Some(nested) = &it.nested_type {
            below(&path, &nested.attributes, look);
        }
    }
}

#[tokio::test]
async fn c2_each_attribute_obeys_the_rules_about_its_flags() {
    let world = World::start().await;
    every(&told(&world).await, |path, it| {
        assert!(it.required || it.optional || it.computed, "{path} can neither be set nor read");
        assert!(!it.required || !(it.optional || it.computed), "{path} is required and something else");
        assert!(it.r#type.is_empty() == it.nested_type.is_some(), "{path} has not exactly one type");
        assert!(!it.write_only || !it.computed, "{path} is write-only and computed");
        assert!(it.deprecation_message.is_empty() || it.deprecated, "{path} is not marked as deprecated");
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        assert!(!it.name.is_empty() && it.name.chars().all(plain), "{path}");
    });
}

#[tokio::test]
async fn c2_no_attribute_has_a_name_that_the_language_keeps_for_itself() {
    let world = World::start().await;
    let reserved = ["count", "for_each", "depends_on", "lifecycle", "provider", "provisioner", "connection"];
    for name in world.type_names() {
        let names: Vec<_> = world.shape(name).attributes.iter().map(|it| it.name.as_str()).collect();
        assert!(names.iter().all(|it| !reserved.contains(it)), "{name}");
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{name} has a name twice");
    }
    assert!(world.block.attributes.iter().all(|it| it.name != "alias" && it.name != "version"));
}

#[tokio::test]
async fn c3_the_provider_block_is_there_and_provider_meta_is_not() {
    let world = World::start().await;
    let schemas = told(&world).await;
    assert!(schemas.provider.is_some() && schemas.provider_meta.is_none());
    assert!(schemas.diagnostics.is_empty());
    assert_eq!(
        schemas.resource_schemas.len(),
        SUBJECTS.len() + STORED.len(),
        "each resource has its entry in these tests"
    );
}

#[tokio::test]
async fn c4_everything_has_a_description() {
    let world = World::start().await;
    let schemas = told(&world).await;
    every(&schemas, |path, it| {
        assert!(it.description.trim().ends_with(['.', '!']), "{path}: {:?}", it.description);
    });
    let blocks = |it: &Schema| it.block.clone().unwrap();
    for (name, schema) in schemas.resource_schemas.iter().chain(&schemas.data_source_schemas) {
        assert!(!blocks(schema).description.is_empty(), "{name}");
        assert!(blocks(schema).block_types.iter().all(|it| !blocks_text(it).is_empty()), "{name}");
    }
    assert!(!blocks(schemas.provider.as_ref().unwrap()).description.is_empty());
}

fn blocks_text(it: &schema::NestedBlock) -> &str {
    &it.block.as_ref().unwrap().description
}

#[tokio::test]
async fn c5_each_secret_is_hidden_and_nothing_else_is() {
    let world = World::start().await;
    for subject in SUBJECTS.iter().chain(STORED) {
        let hidden = |it: &&Attribute| it.flags.sensitive || it.flags.write_only;
        let attributes = &world.shape(subject.type_name).attributes;
        let names: BTreeSet<_> = attributes.iter().filter(hidden).map(|it| it.name.as_str()).collect();
        assert_eq!(names, subject.secrets.iter().copied().collect(), "{}", subject.type_name);
    }
    let hidden = world.block.attributes.iter().filter(|it| it.flags.sensitive);
    assert_eq!(hidden.map(|it| it.name.as_str()).collect::<Vec<_>>(), ["api_key", "novacloud_api_key"]);
}

#[tokio::test]
async fn c6_the_schema_is_the_same_bytes_each_time_and_not_large() {
    let world = World::start().await;
    let other = World::start().await;
    let bytes = told(&world).await;
    assert_eq!(bytes, told(&world).await);
    assert_eq!(bytes, told(&other).await);
    assert!(bytes.encoded_len() < 64 << 20);
    // Maps have no order in a message; lists do.
    let others = bytes.resource_schemas.values().chain(bytes.data_source_schemas.values());
    for schema in others.chain(&bytes.provider) {
        let names: Vec<_> = schema.block.as_ref().unwrap().attributes.iter().map(|it| &it.name).collect();
        assert!(names.is_sorted(), "{names:?}");
    }
}

/// Of the processes of a command, a client asks one for its schemas, and tells the others what it knows from that.
#[tokio::test]
async fn a_process_that_was_not_asked_for_its_schemas_serves_all_the_same_and_can_be_asked_later() {
    let mut world = World::start().await;
    let schemas = told(&world).await;
    world.provider = Launched::start_with(Options::default().without_tls()).await;
    assert_eq!(world.configure(&json!({})).await, []);
    for subject in SUBJECTS {
        let resource = world.of(subject);
        assert_eq!(resource.validate(&(subject.full)()).await, []);
        let object = resource.create(&(subject.least)()).await;
        resource.assert_settled(&(subject.least)(), &object).await;
    }
    assert_eq!(told(&world).await, schemas);
}

#[tokio::test]
async fn managed_resources_have_an_id() {
    let world = World::start().await;
    for name in world.type_names() {
        let id = world.shape(name).attribute("id");
        assert!(id.flags.computed && !id.flags.optional && id.ty == Type::Text);
    }
}
