//! An instance's life against an API of a few lines, on a clock that jumps over every wait.

use std::sync::Mutex;

use serde_json::{Value as Json, json};
use tfplugin::resource::{Changes, Resource};
use tfplugin::schema::Schema;
use tfplugin::testing as client;

use super::*;
use crate::provider::life_cycle::rented::RentedLife;
use crate::provider::loopback::{self, Requests, acts, told, writer};
use crate::provider::novita::instance::gpu::Gpu;

type Life = RentedLife<Gpu>;

const GONE: (u16, &str) = (404, r#"{"message":"instance not found"}"#);

/// A planned instance, with changes.
fn planned(changes: &Json) -> Gpu {
    let mut object = json!({
        "name": "n", "product_id": "p", "gpu_num": 1, "rootfs_size": 60, "image_url": "docker.io/acme/x:1",
        "billing_mode": "onDemand", "wait_for_ready": true, "status": "?", "id": "?",
    });
    object.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    Gpu::from_object(&client::value(&Schema::of::<Gpu>(), &object)).unwrap()
}

/// An instance as the API shows it: `status`, `status!trouble`, `status/spot status`; or `404`.
fn shown(scene: &str) -> (u16, String) {
    if scene == "404" {
        return (GONE.0, GONE.1.to_owned());
    }
    let (status, trouble) = scene.split_once('!').unwrap_or((scene, ""));
    let (status, spot) = status.split_once('/').unwrap_or((status, ""));
    let object = json!({
        "id": "i-1", "name": "n", "productId": "p", "gpuNum": 1, "rootfsSize": 60, "tools": [], "kind": "gpu",
        "imageUrl": "docker.io/acme/x:1", "status": status, "statusError": {"state": "", "message": trouble},
        "billingMode": if scene.contains('/') { "spot" } else { "" }, "spotStatus": spot,
    });
    (200, object.to_string())
}

/// The state of one that was read.
fn state(scene: &str) -> Gpu {
    let mut gpu = planned(&json!({}));
    let _ = gpu.take(serde_json::from_str(&shown(scene).1).unwrap(), Origin::Created);
    gpu
}

/// An API whose instance goes through these scenes, one a get; whatever is done to it is answered so, in this order.
/// The list has it once a get does, and as long.
fn operation(scenes: &[&str], acts: &[(u16, &str)]) -> (Cx, Requests) {
    let scenes: Vec<String> = scenes.iter().map(|it| (*it).to_owned()).collect();
    let acts: Vec<(u16, String)> = acts.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
    let counts = Mutex::new((0_usize, 0_usize));
    loopback::operation("1.11.4", move |request| {
        let mut counts = counts.lock().unwrap();
        let scene = |count: usize| shown(&scenes[count.min(scenes.len() - 1)]);
        if request.starts_with("GET /gpu/instances") {
            // Before anything was seen, there is nothing.
            let last = counts.0.checked_sub(1).map(scene).filter(|it| it.0 == 200);
            let listed = last.map(|it| it.1).unwrap_or_default();
            return (200, format!(r#"{{"instances":[{listed}],"total":1}}"#));
        }
        if request.starts_with("GET /gpu/instance") {
            counts.0 += 1;
            return scene(counts.0 - 1);
        }
        if request.starts_with("GET") {
            return (200, r#"{"data":[]}"#.to_owned());
        }
        counts.1 += 1;
        acts[(counts.1 - 1).min(acts.len() - 1)].clone()
    })
}

/// Creates an instance that goes through these scenes: its status in the state then, and what is told.
async fn created(scenes: &[&str], changes: &Json) -> (String, String) {
    let (cx, requests) = operation(scenes, &[(200, r#"{"id":"i-1"}"#)]);
    let (cell, writer) = writer();
    let told = told(&cx, Life::create(&cx, planned(changes), &writer).await);
    assert_eq!(acts(&requests)[0], "POST /gpu/instance/create");
    let state = cell.lock().unwrap().clone().unwrap();
    assert_eq!(state.get("id").as_str(), Some("i-1"), "{told}");
    (state.get("status").as_str().unwrap_or_default().to_owned(), told)
}

/// Changes the power of an instance: what is told, and what was asked.
async fn switched(scenes: &[&str], wanted: &str, acts_answered: &[(u16, &str)]) -> (String, Vec<String>) {
    let (cx, requests) = operation(scenes, acts_answered);
    let (prior, power) = (state(scenes[0]), PowerState::from_text(wanted).unwrap());
    let mut planned = state(scenes[0]);
    planned.container.desired_status = power.into();
    let told = told(&cx, Life::update(&cx, Changes { prior, planned }, &writer().1).await);
    (told, acts(&requests))
}

#[tokio::test(start_paused = true)]
async fn the_usual_walks_end_in_running() {
    for scenes in [
        &["running"][..],
        &["pending", "toCreate", "creating", "pulling", "running"],
        &["404", "404", "creating", "running"],
        &["freezing", "something new", "RUNNING"],
        &["pulling!x", "pulling!x", "pulling", "running"],
        &["pulling", "running!none"],
    ] {
        let (status, told) = created(scenes, &json!({})).await;
        assert_eq!((status.to_lowercase().as_str(), told.as_str()), ("running", ""), "{scenes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn demand_19_an_instance_may_be_unknown_at_first() {
    let (status, told) = created(&["404"], &json!({})).await;
    assert!(status.is_empty() && told.starts_with("Instance did not appear while starting"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn demand_17_a_failure_ends_the_wait_with_the_apis_words_and_advice_of_its_kind() {
    for (scenes, headline, words) in [
        (&["creating", "exited!cannot PULL it"][..], "Instance failed while starting", "`image_url`"),
        (&["creating", "exited!disk broke"], "Instance failed while starting", "disk broke"),
        (&["creating", "exited!disk broke"], "Instance failed while starting", "the node is to blame"),
        (&["creating", "exited"], "Instance failed while starting", "`command`"),
        (&["pulling", "pulling!bad", "pulling!bad"], "Instance failed while starting", "bad"),
        (&["creating", "createFailed"], "Instance failed while starting", "\"createFailed\""),
        (&["removing"], "Instance failed while starting", "Apply again"),
        (&["pulling", "404"], "Instance vanished while starting", "Apply again"),
    ] {
        let (_, told) = created(scenes, &json!({})).await;
        assert!(told.starts_with(headline) && told.contains(words), "{scenes:?}: {told}");
        assert!(
            told.contains("i-1") && (told.contains("tainted") || told.contains("does not exist")),
            "{told}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn demand_16_a_spot_instance_that_is_taken_back_says_so() {
    for scenes in [
        &["creating/", "creating/notified"][..],
        &["pulling/reclaiming"],
        &["creating/", "exited/terminated"],
        &["creating/", "exited/"],
        &["creating/", "toRemove/"],
        &["creating/running", "404"],
    ] {
        let (_, told) = created(scenes, &json!({"billing_mode": "spot"})).await;
        assert!(told.starts_with("Instance was taken back while starting"), "{scenes:?}: {told}");
        assert!(told.contains("onDemand"), "{told}");
    }
    // A broken image is no reclaim.
    let (_, told) = created(&["creating/", "exited/!no such image"], &json!({"billing_mode": "spot"})).await;
    assert!(told.starts_with("Instance failed while starting"), "{told}");
}

#[test]
fn demand_16_what_comes_and_when_is_told() {
    let told = |status: &str, time: &str| {
        let json = json!({"id": "i-1", "spotStatus": status, "spotReclaimTime": time});
        is_taken_back(&serde_json::from_value(json).unwrap()).map(|it| it.detail)
    };
    let notified = told("notified", "1767225660").unwrap();
    assert!(notified.contains("i-1 back at 2026-01-01T00:01:00Z"), "{notified}");
    for time in ["", "0", "soon"] {
        let reclaiming = told("reclaiming", time).unwrap();
        assert!(reclaiming.contains("i-1 back (spot status `reclaiming`)"), "{reclaiming}");
    }
    assert!(told("terminated", "0").is_some());
    for status in ["", "running", "a new one"] {
        assert_eq!(told(status, "1767225660"), None, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn demand_16_why_one_is_gone_is_told_where_it_is_known() {
    for (changes, summary) in [
        (json!({}), ""),
        (json!({"billing_mode": "spot"}), "[Spot instance is gone"),
        (json!({"billing_mode": "monthly", "end_time": "2026-01-01T00:00:00Z"}), "[Prepaid instance is gone"),
    ] {
        let (cx, _) = operation(&["404"], &[(200, "")]);
        let mut gone = planned(&changes);
        gone.container.id = "i-1".to_owned().into();
        gone.container.status = "running".to_owned().into();
        let read = Life::read(&cx, gone).await;
        assert!(read.as_ref().is_ok_and(Option::is_none), "{:?}", read.err());
        let told = told(&cx, Ok(()));
        assert!(told.starts_with(summary) && told.is_empty() == summary.is_empty(), "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn demand_27_a_start_or_a_stop_whose_answer_tells_nothing_is_looked_at_before_it_fails() {
    const LOST: (u16, &str) = (502, "");
    const REFUSED: (u16, &str) = (400, r#"{"message":"invalid state change"}"#);
    for (scenes, wanted, answer, works) in [
        (&["exited", "toStart", "running"][..], "running", LOST, true),
        (&["exited", "exited", "running"], "running", REFUSED, true),
        (&["exited"], "running", LOST, false),
        (&["running", "stopping", "exited"], "stopped", REFUSED, true),
        (&["running", "exited"], "stopped", LOST, true),
        (&["running"], "stopped", REFUSED, false),
        // What hangs may run any time, so that it is told to stop.
        (&["pulling!no such image"], "stopped", REFUSED, false),
    ] {
        let (told, acts) = switched(scenes, wanted, &[answer]).await;
        assert_eq!(told.is_empty(), works, "{scenes:?} {wanted}: {told}");
        assert_eq!(acts.len(), 1, "{acts:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn demand_21_a_removal_is_sent_again_while_the_instance_is_there() {
    const LOST: (u16, &str) = (502, "");
    const OK: (u16, &str) = (200, "");
    for (scenes, answers, sent, deleted) in [
        (&["404"][..], &[OK][..], 1, true),
        (&["removing", "removed"], &[OK], 1, true),
        (&["404"], &[LOST], 1, true),
        (&["toRemove", "404"], &[LOST], 1, true),
        (&["running", "404"], &[LOST, OK], 2, true),
        (&["running"], &[LOST], 3, false),
        (&["running"], &[(401, "{}")], 1, false),
    ] {
        let (cx, requests) = operation(scenes, answers);
        let result = Life::delete(&cx, state("running")).await;
        assert_eq!(result.is_ok(), deleted, "{scenes:?} {answers:?}: {result:?}");
        assert_eq!(acts(&requests).len(), sent, "{scenes:?} {answers:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_instance_of_the_other_kind_is_refused() {
    let answer = |_: &str| (200, r#"{"id":"i-1","kind":"cpu","status":"running"}"#.to_owned());
    let (cx, _) = loopback::operation("1.11.4", answer);
    let told = told(&cx, Life::read(&cx, state("running")).await.map(drop));
    assert!(told.contains("`cpu`") && told.contains("`novita_cpu_instance`"), "{told}");
}
