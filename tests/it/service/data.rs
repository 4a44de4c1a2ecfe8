//! Data sources (rules D1 and D2).

use serde_json::{Value, json};

use super::said::{Said, said, text_of};
use super::shape::has_unknown;
use super::subject::{STORED, SUBJECTS};
use super::validate::all_unknown;
use super::world::World;
use crate::launch::within;
use crate::proto::tfplugin6::{read_data_source, validate_data_resource_config};

/// ReadDataSource, with what holds for each answer (rule D1).
async fn read(world: &World, name: &str, config: &Value) -> (Value, Vec<Said>) {
    let shape = &world.data_sources[name];
    let request = read_data_source::Request {
        type_name: name.to_owned(),
        config: Some(shape.encode(config)),
        ..Default::default()
    };
    let answer = within(world.client().read_data_source(request)).await.unwrap().into_inner();
    assert_eq!(answer.deferred, None);
    let said = said(&answer.diagnostics);
    let state = shape.decode(answer.state.as_ref());
    if said.iter().all(|it| !it.is_error) {
        assert!(!state.is_null() && !has_unknown(&state), "{name}: {state}");
        for (member, value) in
            shape.complete(config).as_object().unwrap().iter().filter(|(_, it)| !it.is_null())
        {
            assert_eq!(state[member], *value, "{name}: {member} is another one than configured");
        }
    }
    (state, said)
}

/// The data sources that list something, and need nothing for it.
fn plural(world: &World) -> Vec<&str> {
    let singular = |name: &&str| !SUBJECTS.iter().chain(STORED).any(|it| it.type_name == *name);
    let needs_nothing =
        |name: &&str| world.data_sources[*name].attributes.iter().all(|it| !it.flags.required);
    world.data_sources.keys().map(String::as_str).filter(singular).filter(needs_nothing).collect()
}

#[tokio::test]
async fn d1_each_resource_can_be_looked_up_by_its_id() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let resource = world.of(subject);
        let object = resource.create(&(subject.full)()).await;
        let (state, said) = read(&world, subject.type_name, &json!({"id": object.id()})).await;
        assert_eq!(said, [], "{}", text_of(&said));
        for (name, value) in state.as_object().unwrap() {
            let same = object.state.get(name).is_none_or(|it| it == value);
            // A look-up cannot know which variables are secret.
            let split = name == "envs" || name == "secret_envs";
            assert!(same || split || value.is_null(), "{}.{name} is {value}", subject.type_name);
        }
    }
}

#[tokio::test]
async fn d1_what_does_not_exist_is_an_error_and_no_empty_answer() {
    let world = World::start().await;
    for subject in SUBJECTS.iter().chain(STORED) {
        let (state, said) = read(&world, subject.type_name, &json!({"id": subject.ids.1})).await;
        assert!(said.iter().any(|it| it.is_error), "{}: {state}", subject.type_name);
        assert!(text_of(&said).contains(subject.ids.1), "{}", text_of(&said));
    }
}

#[tokio::test]
async fn d2_lists_have_members_in_the_same_order_each_time() {
    let world = World::start().await;
    let other = World::start().await;
    for name in plural(&world) {
        let (state, said) = read(&world, name, &json!({})).await;
        assert_eq!(said, [], "{name}: {}", text_of(&said));
        let filled = state.as_object().unwrap().values().filter(|it| !it.is_null() && **it != json!([]));
        assert!(filled.count() > 0, "{name} tells nothing");
        assert_eq!(read(&world, name, &json!({})).await.0, state, "{name}");
        assert_eq!(read(&other, name, &json!({})).await.0, state, "{name}");
    }
}

#[tokio::test]
async fn a_data_source_with_unknown_values_is_valid_and_not_read() {
    let world = World::start().await;
    for (name, shape) in &world.data_sources {
        let request = validate_data_resource_config::Request {
            type_name: name.clone(),
            config: Some(shape.encode(&all_unknown(&shape.attributes))),
        };
        let answer =
            within(world.client().validate_data_resource_config(request)).await.unwrap().into_inner();
        assert_eq!(said(&answer.diagnostics), [], "{name}");
    }
    assert_eq!(world.requests(), Vec::<String>::new());
}
