//! Changes whose answer got lost: what was wanted is looked for, and what costs is never sent twice.

use mock_cloud::{Effect, When};
use serde_json::{Value, json};

use super::said::text_of;
use super::subject::{CPU, Call, ENDPOINT, GPU, Subject, VM};
use super::world::{World, patched};

/// A change in place, and the call that makes it.
struct Change {
    subject: &'static Subject,
    made_with: Value,
    change: Value,
    call: Call,
}

fn changes() -> Vec<Change> {
    let one =
        |subject, made_with, change, path| Change { subject, made_with, change, call: Call("POST", path) };
    let workers = (ENDPOINT.least)()["worker_config"].clone();
    vec![
        one(&GPU, json!({"ports": ["80/http"]}), json!({"ports": ["80/tcp"]}), "/edit"),
        one(&GPU, json!({}), json!({"rootfs_size": 90}), "/edit"),
        one(&CPU, json!({}), json!({"ports": ["80/http"]}), "/edit"),
        one(&GPU, json!({}), json!({"image_url": "docker.io/acme/trainer:2"}), "/upgrade"),
        one(&GPU, json!({"envs": {"A": "1", "B": "2"}}), json!({"envs": {"A": "3"}}), "/upgrade"),
        one(&GPU, json!({"command": "run"}), json!({"command": null, "entrypoint": "/bin/sh"}), "/upgrade"),
        one(&GPU, json!({"cluster_id": "7"}), json!({"network_storages": [{"id": "st-51c0"}]}), "/upgrade"),
        one(&GPU, json!({}), json!({"month": 2}), "/transToMonthlyInstance"),
        one(&GPU, json!({"desired_status": "running"}), json!({"desired_status": "stopped"}), "/stop"),
        one(&CPU, json!({"desired_status": "stopped"}), json!({"desired_status": "running"}), "/start"),
        one(&ENDPOINT, json!({}), json!({"port": 8001}), "/endpoint/update"),
        one(&ENDPOINT, json!({}), json!({"envs": {"A": "1"}, "name": "other"}), "/endpoint/update"),
        one(
            &ENDPOINT,
            json!({}),
            json!({"worker_config": patched(&workers, &json!({"max_num": 3}))}),
            "/endpoint/update",
        ),
        one(&VM, json!({"desired_status": "running"}), json!({"desired_status": "stopped"}), "/stop"),
        one(&VM, json!({"desired_status": "stopped"}), json!({"desired_status": "running"}), "/start"),
    ]
}

/// The ways in which the answer gets lost although the work was done.
fn lost_answers() -> Vec<Effect> {
    let unclear =
        |code| Effect::RefusedButDone { code, reason: "UNKNOWN".to_owned(), message: "oops".to_owned() };
    vec![Effect::Drop(When::After), Effect::Garbage, unclear(408), unclear(500)]
}

#[tokio::test]
async fn demand_27_a_change_whose_answer_is_lost_is_a_success_when_it_shows() {
    for Change { subject, made_with, change, call } in changes() {
        for effect in lost_answers() {
            let world = World::start().await;
            let resource = world.of(subject);
            let before = resource.created(&made_with).await;
            let config = resource.least(&patched(&made_with, &change));
            world.fault(call.with(effect.clone()));
            let answer = resource.settle(&config, Some(&before)).await;
            assert_eq!(text_of(&answer.said), "", "{change} {effect:?}");
            assert_eq!(world.count(call), 1, "{change} {effect:?}");
            resource.assert_settled(&config, &answer.object()).await;
        }
    }
}

#[tokio::test]
async fn demand_02_a_change_that_does_not_show_is_an_error_and_not_sent_again() {
    for Change { subject, made_with, change, call } in changes() {
        let world = World::start().await;
        let resource = world.of(subject);
        let before = resource.created(&made_with).await;
        let config = resource.least(&patched(&made_with, &change));
        let sent = world.count(call);
        world.fault(call.with(Effect::Drop(When::Before)));
        let answer = resource.settle(&config, Some(&before)).await;
        assert!(answer.error().contains("Unclear whether"), "{change}: {}", answer.error());
        assert_eq!(world.count(call), sent + 1, "{change}");
        // The next apply makes the change.
        let answer = resource.settle(&config, Some(&answer.left())).await;
        resource.assert_settled(&config, &answer.object()).await;
    }
}

#[tokio::test]
async fn demand_02_a_disk_that_an_unclear_edit_has_grown_is_not_grown_again() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let before = resource.created(&json!({})).await;
    let config = resource.least(&json!({"rootfs_size": 90}));
    world.fault(Call("POST", "/edit").with(Effect::Drop(When::After)));
    world.fault(GPU.get.with(Effect::Http5xx { code: 500, html: false }).after(1).always());
    let answer = resource.settle(&config, Some(&before)).await;
    assert!(answer.error().contains("Unclear whether"), "{}", answer.error());
    world.cloud.faults().clear();
    // Without a refresh, the state does not know of it.
    resource.settle(&config, Some(&answer.left())).await.object();
    assert_eq!(world.cloud.instance(before.id()).unwrap()["rootfsSize"], 90);
}

#[tokio::test]
async fn demand_27_automatic_renewal_is_set_once_more_since_it_never_shows() {
    let (change, call) = (json!({"month": 1, "auto_renew": true}), Call("POST", "/setAutoRenew"));
    for (times, calls, done) in [(1, 2, true), (2, 2, false)] {
        let world = World::start().await;
        let resource = world.of(&GPU);
        let before = resource.created(&json!({"month": 1})).await;
        world.fault(call.with(Effect::Drop(When::Before)).times(times));
        let answer = resource.settle(&resource.least(&change), Some(&before)).await;
        assert_eq!(world.count(call), calls);
        match done {
            true => assert_eq!(answer.object().state["auto_renew"], true),
            false => assert!(answer.error().contains("Unclear whether"), "{}", answer.error()),
        }
    }
}

#[tokio::test]
async fn demand_21_a_removal_that_got_lost_is_sent_again() {
    for subject in super::subject::SUBJECTS {
        for effect in [Effect::Drop(When::Before), Effect::Http5xx { code: 502, html: true }] {
            let world = World::start().await;
            let resource = world.of(subject);
            let object = resource.create(&(subject.least)()).await;
            world.fault(subject.delete.with(effect.clone()).times(2));
            let answer = resource.destroy(&object).await;
            assert_eq!(answer.state, Value::Null, "{effect:?}: {}", text_of(&answer.said));
            assert!(world.cloud.alive().is_empty(), "{effect:?}");
            assert_eq!(world.count(subject.delete), 3);
        }
    }
}
