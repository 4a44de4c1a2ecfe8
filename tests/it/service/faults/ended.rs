//! Waits that end badly: a status error, a machine that vanishes, one that is taken back.

use mock_cloud::Effect;
use serde_json::{Value, json};

use super::{check, get, is_novita, thing};
use crate::service::subject::{CPU, ENDPOINT, GPU, SUBJECTS, Subject, VM};
use crate::service::world::World;

#[tokio::test]
async fn demand_17_a_status_error_ends_a_create_with_advice_of_its_kind() {
    for (subject, message, words) in [
        (&GPU, "failed to pull image", &["failed to pull image", "`image_url`", "`image_auth`"][..]),
        (&GPU, "the disk is broken", &["the disk is broken", "the node is to blame"]),
        (&CPU, "failed to pull image", &["failed to pull image", "`image_url`"]),
        (&ENDPOINT, "failed to pull image", &["failed to pull image", "`image.image`", "`image.auth_id`"]),
        (&ENDPOINT, "no health", &["no health", "`healthy`"]),
        (&VM, "", &["\"failed\"", "`template_vmid`"]),
    ] {
        let world = World::start().await;
        let resource = world.of(subject);
        world.fault(subject.create.with(subject.failing(message)));
        let answer = resource.try_create(&(subject.least)()).await;
        let name = thing(subject);
        let summary = format!("{}{} failed while starting", name[..1].to_uppercase(), &name[1..]);
        let id = answer.state["id"].as_str().expect("the id is in the state").to_owned();
        check(&answer.said, &summary, &[words, &[&id, "exists and costs money", "untaint"]].concat());
        assert_eq!(world.cloud.alive()[0].id, id);
    }
}

#[tokio::test]
async fn demand_17_a_failed_upgrade_says_what_failed() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let object = resource.created(&json!({})).await;
    let plan = resource.plan(&resource.least(&(GPU.slow_change.0)()), Some(&object)).await.accepted();
    // Two looks come before the call: whether the instance is at rest, and at what is to be sent back.
    world.fault(GPU.get.with(Effect::EnterStatus("resetFailed".to_owned())).after(2));
    let answer = resource.apply(&plan).await;
    check(
        &answer.said,
        "Instance failed while being changed",
        &["\"resetFailed\"", "the API gave no reason", "goes on existing"],
    );
    assert_eq!(answer.state["id"], object.state["id"]);
}

#[tokio::test]
async fn demand_05_a_machine_that_vanishes_while_it_starts_is_told_and_made_anew() {
    for subject in SUBJECTS {
        let world = World::start().await;
        world.pace(subject.statuses.0, 3);
        let resource = world.of(subject);
        world.fault(get(subject).with(Effect::VanishInstance).after(1));
        let answer = resource.try_create(&(subject.least)()).await;
        let name = thing(subject);
        let summary = format!("{}{} vanished while starting", name[..1].to_uppercase(), &name[1..]);
        check(&answer.said, &summary, &["not found any more", "creates another one"]);
        let read = resource.read(&answer.left()).await;
        assert_eq!((read.state, read.said), (Value::Null, vec![]));
    }
}

/// The two kinds of machines that can be taken back.
fn cheap() -> [(&'static Subject, Value, &'static str); 2] {
    [
        (&GPU, json!({"billing_mode": "spot"}), "onDemand"),
        (&VM, json!({"rental_type": "interruptible"}), "on_demand"),
    ]
}

#[tokio::test]
async fn demand_16_a_machine_that_is_taken_back_while_it_starts_is_told() {
    for (subject, config, advice) in cheap() {
        let world = World::start().await;
        world.pace(subject.statuses.0, 5);
        let resource = world.of(subject);
        world.fault(get(subject).with(Effect::SpotReclaim).after(1));
        let answer = resource.try_create(&resource.least(&config)).await;
        let name = thing(subject);
        let summary = format!("{}{} was taken back while starting", name[..1].to_uppercase(), &name[1..]);
        check(&answer.said, &summary, &["taken back", advice]);
        assert_ne!(answer.state["id"], Value::Null);
    }
}

#[tokio::test]
async fn demand_16_a_machine_that_is_being_taken_back_is_kept_with_a_warning() {
    for (subject, config, _) in cheap() {
        let world = World::start().await;
        let resource = world.of(subject);
        let object = resource.created(&config).await;
        world.fault(get(subject).with(Effect::SpotReclaim));
        let read = resource.read(&object).await;
        let [warning] = &read.said[..] else { panic!("one warning is expected: {:?}", read.said) };
        assert!(!warning.is_error);
        let (summary, words) = match is_novita(subject) {
            true => ("Spot instance is being taken back", ["back at 2026-01-01T00:01:", "`notified`"]),
            false => ("VM was interrupted", ["`desired_status = \"running\"`", "disk is kept, and billed"]),
        };
        assert_eq!(warning.summary, summary);
        assert!(words.iter().all(|it| warning.detail.contains(it)), "{}", warning.detail);
        assert_eq!(read.state["id"], object.state["id"]);
    }
}
