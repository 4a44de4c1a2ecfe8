//! What no create call takes and is set once a new machine runs: automatic migration.

use mock_cloud::{Effect, When};
use serde_json::{Value, json};

use super::said::text_of;
use super::stop::{look_rarely, looked_after, stopped};
use super::subject::{Call, GPU};
use super::world::World;

const SET: Call = Call("POST", "/setAutoMigrate");

fn migrating() -> Value {
    json!({"auto_migrate": true})
}

fn is_set(world: &World) -> bool {
    world.cloud.instance(&world.cloud.alive()[0].id).unwrap()["autoMigrateOpen"] == true
}

fn paths(world: &World) -> Vec<String> {
    world.changes().into_iter().map(|it| it.0).collect()
}

#[tokio::test]
async fn it_is_set_before_a_new_machine_is_stopped() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let config = resource
        .least(&json!({"auto_migrate": true, "auto_migrate_system_disk": true, "desired_status": "stopped"}));
    let object = resource.create(&config).await;
    assert_eq!(paths(&world), ["/gpu/instance/create", "/gpu/instance/setAutoMigrate", "/gpu/instance/stop"]);
    assert!(is_set(&world) && object.state["auto_migrate"] == true);
    resource.assert_settled(&config, &object).await;
}

#[tokio::test]
async fn an_answer_that_is_lost_is_no_failure_of_a_creation() {
    for lost in [When::Before, When::After] {
        let world = World::start().await;
        let resource = world.of(&GPU);
        world.fault(SET.with(Effect::Drop(lost)));
        let object = resource.created(&migrating()).await;
        assert_eq!(world.count(SET), 2);
        resource.assert_settled(&resource.least(&migrating()), &object).await;
    }
}

#[tokio::test]
async fn a_refusal_keeps_the_machine_says_what_to_do_and_is_made_good_in_place() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let message = "this instance does not support it".to_owned();
    world.fault(SET.with(Effect::Status { code: 400, reason: "NOT_SUPPORT".to_owned(), message }));
    let config = resource.least(&migrating());
    let answer = resource.try_create(&config).await;
    let id = world.cloud.alive()[0].id.clone();
    assert_eq!(answer.state["id"], json!(id));
    for words in ["does not support it", "setAutoMigrate", id.as_str(), "costs money", "terraform untaint"] {
        assert!(answer.error().contains(words), "{words}: {}", answer.error());
    }
    let left = answer.left();
    assert_eq!(left.state["auto_migrate"], Value::Null, "it is not set");
    let plan = resource.plan(&config, Some(&left)).await.accepted();
    assert!(plan.replace.is_empty() && plan.changed().contains(&"auto_migrate"), "{:?}", plan.changed());
    let after = resource.apply(&plan).await.object();
    assert!(is_set(&world) && after.id() == id);
    resource.assert_settled(&config, &after).await;
}

#[tokio::test]
async fn a_stop_before_it_was_set_is_no_failure_and_the_next_apply_sets_it() {
    let world = World::standing_still().await;
    let resource = world.of(&GPU);
    look_rarely(&world).await;
    let config = resource.least(&migrating());
    let plan = resource.plan(&config, None).await.accepted();
    let answer = stopped(&world, resource.apply(&plan), looked_after(GPU.create)).await;
    assert!(answer.said.iter().all(|it| !it.is_error), "{}", text_of(&answer.said));
    let left = answer.left();

    assert_eq!(world.configure(&json!({})).await, []);
    let found = world.passing(resource.read(&left)).await.object();
    assert_eq!(found.state["auto_migrate"], Value::Null, "a refresh shows that it is not set");
    let plan = resource.plan(&config, Some(&found)).await.accepted();
    assert!(plan.replace.is_empty() && !plan.is_empty());
    let after = world.passing(resource.apply(&plan)).await.object();
    assert!(is_set(&world) && after.id() == found.id());
    // What was not there yet when it was planned shows now.
    let read = world.passing(resource.read(&after)).await.object();
    resource.assert_nothing_to_do(&config, &read).await;
}

#[tokio::test]
async fn a_machine_that_is_imported_takes_it_over_by_a_call() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let made = resource.created(&json!({})).await;
    let read = resource.imported(made.id()).await;
    world.cloud.clear_log();
    let after = resource.settle(&resource.least(&migrating()), Some(&read)).await.object();
    assert_eq!(paths(&world), ["/gpu/instance/setAutoMigrate"]);
    resource.assert_settled(&resource.least(&migrating()), &after).await;
}
