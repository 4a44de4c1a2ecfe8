//! What users of such providers ask for, where no other file is about it.

use serde_json::{Value, json};

use super::four::SSH_KEY;
use super::subject::{CPU, Call, ENDPOINT, GPU, SUBJECTS, Subject, VM};
use super::world::{World, patched};

const BY_UPGRADE: [&Subject; 2] = [&GPU, &CPU];

#[tokio::test]
async fn demand_05_another_image_is_installed_in_place_and_needs_no_free_hardware() {
    for subject in BY_UPGRADE {
        let world = World::start().await;
        let resource = world.of(subject);
        let before = resource.create(&(subject.least)()).await;
        let product = (subject.least)()["product_id"].as_str().unwrap().to_owned();
        world.cloud.with_novita(|it| assert!(it.sell_out(&product)));
        let config = resource.least(&json!({"image_url": "docker.io/acme/trainer:2"}));
        let plan = resource.plan(&config, Some(&before)).await.accepted();
        assert_eq!(plan.replace, Vec::<String>::new());
        let after = resource.apply(&plan).await.object();
        assert_eq!((after.id(), world.cloud.created_count()), (before.id(), 1));
    }
}

#[tokio::test]
async fn demand_10_importing_a_machine_that_was_made_with_a_key_does_not_replace_it() {
    let world = World::start().await;
    let resource = world.of(&VM);
    let config = resource.least(&json!({"auth_method": "ssh_key", "ssh_key_id": SSH_KEY}));
    let made = resource.create(&config).await;
    let imported = resource.imported(made.id()).await;
    let before = world.changes().len();
    let plan = resource.plan(&config, Some(&imported)).await.accepted();
    assert_eq!(plan.replace, Vec::<String>::new());
    let adopted = resource.apply(&plan).await.object();
    assert_eq!((adopted.id(), world.changes().len()), (made.id(), before), "nothing was called");
    resource.assert_settled(&config, &adopted).await;
}

#[tokio::test]
async fn demand_10_a_key_that_was_removed_from_the_account_changes_no_machine() {
    let world = World::start().await;
    let resource = world.of(&VM);
    let config = resource.least(&json!({"auth_method": "ssh_key", "ssh_key_id": SSH_KEY}));
    let made = resource.create(&config).await;
    world.cloud.with_novacloud(|it| it.ssh_keys.clear());
    resource.assert_settled(&config, &made).await;
}

#[tokio::test]
async fn demand_11_another_start_command_is_a_change_in_place() {
    let of_instances =
        |it: &Subject| patched(&(it.least)(), &json!({"command": "walk", "entrypoint": "/bin/sh -c"}));
    let of_endpoints = |it: &Subject| {
        let image = json!({"image": "docker.io/acme/model:1", "command": "walk"});
        patched(&(it.least)(), &json!({"image": image}))
    };
    let update = Call("POST", "/endpoint/update");
    for (subject, config, call) in [
        (&GPU, of_instances(&GPU), GPU.slow_change.1),
        (&CPU, of_instances(&CPU), CPU.slow_change.1),
        (&ENDPOINT, of_endpoints(&ENDPOINT), update),
    ] {
        let world = World::start().await;
        let resource = world.of(subject);
        let before = resource.create(&(subject.least)()).await;
        let plan = resource.plan(&config, Some(&before)).await.accepted();
        assert_eq!(plan.replace, Vec::<String>::new(), "{}", subject.type_name);
        let after = resource.apply(&plan).await.object();
        assert_eq!((after.id(), world.count(call)), (before.id(), 1));
        resource.assert_settled(&config, &after).await;
    }
}

#[tokio::test]
async fn demand_24_workers_that_come_and_go_are_no_change() {
    let world = World::start().await;
    let resource = world.of(&ENDPOINT);
    let mut workers = (ENDPOINT.least)()["worker_config"].clone();
    workers["min_num"] = json!(1);
    let config = resource.least(&json!({ "worker_config": workers }));
    let object = resource.create(&config).await;
    for generation in [3, 7] {
        world.cloud.modify_endpoint(object.id(), json!({"updates": generation})).unwrap();
        resource.assert_settled(&config, &object).await;
    }
    let told = resource.shape.attributes.iter().map(|it| it.name.as_str());
    assert!(
        !told.into_iter().any(|it| it.contains("replica") || it == "workers"),
        "their number is in no state"
    );
}

#[tokio::test]
async fn demand_28_a_status_that_does_not_move_is_named_with_what_it_costs() {
    for subject in SUBJECTS {
        let world = World::start().await;
        world.pace(subject.statuses.0, u32::MAX);
        let resource = world.of(subject);
        let config = resource.least(&json!({"timeouts": {"create": "1s"}}));
        let error = resource.try_create(&config).await.error();
        for words in [subject.statuses.0, "costs money", &world.cloud.alive()[0].id] {
            assert!(error.contains(words), "{words}: {error}");
        }
    }
}

#[tokio::test]
async fn demand_28_a_machine_without_gpus_is_made_of_what_it_has() {
    let world = World::start().await;
    let resource = world.of(&CPU);
    let object = resource.create(&(CPU.least)()).await;
    let sent = &world.changes()[0].1;
    assert_eq!((&sent["kind"], &sent["gpuNum"]), (&json!("cpu"), &Value::Null));
    assert!(object.state["hourly_price"].as_f64().is_some_and(|it| it > 0.0), "{}", object.state);
    assert_eq!(world.cloud.alive()[0].kind, "cpu");
    let names: Vec<_> = resource.shape.attributes.iter().map(|it| it.name.as_str()).collect();
    assert!(!names.iter().any(|it| it.starts_with("gpu_")), "{names:?}");
}
