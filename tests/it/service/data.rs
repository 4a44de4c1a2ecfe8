//! Data sources (rules D1 and D2).

use serde_json::{Value, json};

use super::said::{SECRET, Said, said, text_of};
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

/// A world with something of each kind, the same each time.
async fn inhabited() -> World {
    let world = World::start().await;
    for (id, kind) in [("i-2", "gpu"), ("i-1", "gpu"), ("i-4", "cpu"), ("i-3", "cpu")] {
        let record =
            json!({"id": id, "name": id, "kind": kind, "sshPassword": SECRET, "createdAt": 1_700_000_000});
        world.cloud.seed_instance(record).unwrap();
    }
    for id in ["ep-2", "ep-1"] {
        world.cloud.seed_endpoint(json!({"id": id, "name": id})).unwrap();
    }
    for number in [2, 1] {
        let id = format!("0f7a3c52-5d0e-4a57-9a41-{number:012}");
        world.cloud.seed_vm(json!({"id": id, "created_at": 1_700_000_000})).unwrap();
    }
    world.cloud.with_novita(|it| {
        for id in ["prewarm-2", "prewarm-1"] {
            let record =
                json!({"id": id, "imageUrl": "acme/model:1", "clusterId": "7", "state": "Succeeded"});
            it.prewarms.push(serde_json::from_value(record).unwrap());
        }
    });
    world
}

#[tokio::test]
async fn d2_lists_have_members_in_the_same_order_each_time() {
    let (world, other) = (inhabited().await, inhabited().await);
    for name in plural(&world) {
        let (state, said) = read(&world, name, &json!({})).await;
        assert_eq!(said, [], "{name}: {}", text_of(&said));
        assert!(!state.to_string().contains(SECRET), "{name} shows a secret");
        let filled = state.as_object().unwrap().values().filter(|it| !it.is_null() && **it != json!([]));
        assert!(filled.count() > 0, "{name} tells nothing");
        assert_eq!(read(&world, name, &json!({})).await.0, state, "{name}");
        assert_eq!(read(&other, name, &json!({})).await.0, state, "{name}");
        // Catalogues are ordered by price.
        if SUBJECTS.iter().chain(STORED).any(|it| *name == format!("{}s", it.type_name)) {
            let list = state.as_object().unwrap().values().find_map(Value::as_array).unwrap();
            let ids: Vec<_> = list.iter().filter_map(|it| it["id"].as_str()).collect();
            assert!(!ids.is_empty() && ids.is_sorted(), "{name}: {ids:?}");
        }
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
