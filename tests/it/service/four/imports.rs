//! Ids that cannot be imported: empty, of the wrong shape, unknown, or those of another kind.

use super::endpoint::ENDPOINT;
use super::instances::{CPU, GPU};
use super::table::{Four, usual_world};
use super::vm::VM;

const ALL: [&Four; 4] = [&GPU, &CPU, &ENDPOINT, &VM];

#[tokio::test]
async fn an_id_of_the_wrong_shape_is_refused_with_the_right_form_and_without_a_call() {
    let world = usual_world().await;
    let long = "x".repeat(256);
    for four in ALL {
        let (malformed, right) = four.subject.ids;
        for id in ["", " ", "two words", "a/b", "\t", "ä", malformed, &long] {
            let error = world.of(four.subject).import(id).await.nothing_but_an_error();
            let command = format!("terraform import {}.example {right}", four.subject.type_name);
            assert!(error.contains(&command), "{id:?}: {error}");
        }
    }
    // Those of the other resources are no UUIDs.
    for id in ["6c1be0a94d27f3e8", "ep-7d20c4", "b0c6e0a2-77f1-4b39-8a0d-1f6b1f0f5a1", "2104"] {
        world.of(VM.subject).import(id).await.nothing_but_an_error();
    }
    assert_eq!(world.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn an_unknown_id_is_found_missing() {
    let world = usual_world().await;
    for four in ALL {
        let resource = world.of(four.subject);
        let imported = resource.import(four.subject.ids.1).await.object();
        let error = resource.read(&imported).await.error();
        let example = format!("terraform import {}.example", four.subject.type_name);
        assert!(error.contains(four.subject.ids.1) && error.contains(&example), "{error}");
    }
    assert_eq!(world.calls(), []);
}

#[tokio::test]
async fn an_instance_of_the_other_kind_is_refused_with_the_right_resource() {
    let world = usual_world().await;
    for (four, other) in [(GPU, CPU), (CPU, GPU)] {
        let made = world.of(four.subject).create(&(four.subject.least)()).await;
        let resource = world.of(other.subject);
        let imported = resource.import(made.id()).await.object();
        let read = resource.read(&imported).await;
        let error = read.error();
        assert!(error.contains(&format!("Use `{}`", four.subject.type_name)), "{error}");
        assert!(error.contains(made.id()), "{error}");
    }
}

#[tokio::test]
async fn ids_of_other_things_are_found_missing() {
    let world = usual_world().await;
    let endpoint = world.of(ENDPOINT.subject).create(&(ENDPOINT.subject.least)()).await;
    let gpu = world.of(GPU.subject).create(&(GPU.subject.least)()).await;
    for (four, id) in [(GPU, endpoint.id()), (CPU, endpoint.id()), (ENDPOINT, gpu.id())] {
        let resource = world.of(four.subject);
        let imported = resource.import(id).await.object();
        let error = resource.read(&imported).await.error();
        assert!(error.contains("Nothing to import") && error.contains(id), "{error}");
    }
}
