//! A task's life against an API of a few lines that keeps tasks, on a clock that jumps over every wait.

use std::sync::Mutex;

use tfplugin::resource::{Changes, Resource};
use tfplugin::schema::Schema;
use tfplugin::testing as client;
use tfplugin::value::Value;

use super::*;
use crate::provider::life_cycle::stored::StoredLife;
use crate::provider::loopback::{self, Requests, acts, sent, told, writer};

type Life = StoredLife<ImagePrewarm>;

/// An API whose tasks come to this state, and which answers a create with this status.
fn account(end: &'static str, created: u16) -> (Cx, Requests) {
    let tasks = Mutex::new((Vec::<Json>::new(), 0));
    loopback::operation("1.11.4", move |request| {
        let (tasks, looks) = &mut *tasks.lock().unwrap();
        let body = request.split_once(" {").map(|(_, it)| format!("{{{it}")).unwrap_or_default();
        let body: Json = serde_json::from_str(&body).unwrap_or_default();
        if request.starts_with("POST /image/prewarm/edit") {
            tasks[0]["note"] = body["note"].clone();
            return (200, "{}".to_owned());
        }
        if request.starts_with("POST /image/prewarm/delete") {
            tasks.retain(|it| body["ids"] != json!([it["id"]]));
            return (200, "{}".to_owned());
        }
        if request.starts_with("POST /image/prewarm") {
            let mut task = body.clone();
            (task["id"], task["state"], task["createTime"]) =
                (json!("p-1"), json!("Pending"), json!("4102444800"));
            task["products"] = json!([{"productId": "4090.16c62g", "productName": "RTX 4090"}]);
            tasks.push(task);
            return (created, json!({"id": "p-1"}).to_string());
        }
        assert!(request.starts_with("GET /image/prewarm?pageSize=100&page="), "{request}");
        *looks += 1;
        if *looks > 3 {
            tasks.iter_mut().for_each(|it| {
                (it["state"], it["imageSize"], it["reason"]) = (json!(end), json!("1234"), json!([]));
                if end == "Failed" {
                    it["reason"] = json!(["no such tag", "on 3 nodes"]);
                }
            });
        }
        if request.contains("page=0") {
            return (400, json!({"code": 400, "message": "page must be at least 1"}).to_string());
        }
        let shown = if request.contains("page=1") { json!(tasks) } else { json!([]) };
        (200, json!({"data": shown, "total": tasks.len()}).to_string())
    })
}

fn model(object: &Json) -> ImagePrewarm {
    ImagePrewarm::from_object(&client::value(&Schema::of::<ImagePrewarm>(), object)).unwrap()
}

fn wanted(more: &Json) -> ImagePrewarm {
    let mut whole = json!({
        "id": "?", "image_url": "ghcr.io/acme/model:1", "cluster_id": "7", "note": "for the night", "status": "?",
        "image_size_bytes": "?", "created_at": "?", "completed_at": "?",
    });
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    model(&whole)
}

async fn create(cx: &Cx, more: &Json) -> (Value, String) {
    let (cell, writer) = writer();
    let told = told(cx, Life::create(cx, wanted(more), &writer).await);
    (cell.lock().unwrap().clone().unwrap_or(Value::Null), told)
}

#[tokio::test(start_paused = true)]
async fn a_task_is_waited_for_and_what_the_cluster_adds_is_no_drift() {
    let (cx, requests) = account("Succeeded", 200);
    let (state, told) = create(&cx, &json!({})).await;
    assert_eq!(told, "");
    assert_eq!((state.get("status").as_str(), state.get("id").as_str()), (Some("Succeeded"), Some("p-1")));
    assert_eq!(Json::from(state.get("image_size_bytes")), json!(1234));
    assert!(state.get("product_ids").is_null(), "all of the cluster");
    let body = r#"{"clusterId":"7","imageUrl":"ghcr.io/acme/model:1","note":"for the night"}"#;
    assert_eq!(sent(&requests), [format!("POST /image/prewarm {body}")]);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_not_waited_for_ends_with_its_id() {
    let (cx, requests) = account("Failed", 200);
    let (state, told) = create(&cx, &json!({"wait_for_ready": false})).await;
    assert_eq!((state.get("id").as_str(), told.as_str()), (Some("p-1"), ""));
    assert_eq!(requests.lock().unwrap().last().unwrap().split(' ').next(), Some("POST"), "no look after it");
}

#[tokio::test(start_paused = true)]
async fn a_failed_task_is_an_error_with_the_reason_and_stays_in_the_state() {
    let (cx, _) = account("Failed", 200);
    let (state, told) = create(&cx, &json!({})).await;
    assert_eq!(state.get("id").as_str(), Some("p-1"));
    assert!(told.contains("no such tag; on 3 nodes") && told.contains("registry_auth_id"), "{told}");
    assert!(!told.contains("money"), "{told}");
    let read = Life::read(&cx, wanted(&json!({"id": "p-1", "status": "Pending"}))).await;
    assert_eq!(read.unwrap_or_else(|it| panic!("{it:?}")).unwrap().status.text(), Some("Failed"));
    let told = loopback::told::<()>(&cx, Ok(()));
    assert!(told.starts_with("[Image prewarm has failed") && told.contains("no such tag"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn demand_27_a_task_whose_answer_is_lost_is_looked_for() {
    let (cx, requests) = account("Succeeded", 500);
    let (_, told) = create(&cx, &json!({})).await;
    // The time at which it was made is not that of the call.
    assert!(told.contains("Unclear whether") && told.contains("`image_url` ghcr.io/acme/model:1"), "{told}");
    assert_eq!(acts(&requests), ["POST /image/prewarm"]);
}

#[tokio::test(start_paused = true)]
async fn a_note_changes_in_place_and_a_task_goes() {
    let (cx, requests) = account("Succeeded", 200);
    create(&cx, &json!({})).await;
    let prior = wanted(&json!({"id": "p-1", "status": "Succeeded"}));
    let planned = wanted(&json!({"id": "p-1", "status": "Succeeded", "note": "kept"}));
    let (cell, writer) = writer();
    let result = Life::update(&cx, Changes { prior, planned }, &writer).await;
    assert_eq!(told(&cx, result), "");
    assert_eq!(cell.lock().unwrap().as_ref().unwrap().get("note").as_str(), Some("kept"));
    let result = Life::delete(&cx, wanted(&json!({"id": "p-1", "status": "Succeeded"}))).await;
    assert_eq!(told(&cx, result), "");
    let calls = [
        r#"POST /image/prewarm/edit {"id":"p-1","note":"kept"}"#,
        r#"POST /image/prewarm/delete {"ids":["p-1"]}"#,
    ];
    assert_eq!(sent(&requests)[1..], calls);
}
