//! An endpoint's life against an API of a few lines, on a clock that jumps over every wait.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tfplugin::lookup::Lookup;
use tfplugin::resource::{Changes, Resource};
use tfplugin::testing as client;

use super::*;
use crate::api::call::Call;
use crate::api::error_mapping::ErrorMapping;
use crate::provider::life_cycle::rented::RentedLife;
use crate::provider::loopback::{self, Requests, sent, told, writer};

type Life = RentedLife<Endpoint>;

const ID: &str = "ep-1";
const GONE: &str = r#"404 {"message":"endpoint not found"}"#;
const NONE: &str = r#"200 {"endpoints":[],"total":0}"#;

fn model(changes: &Json) -> Endpoint {
    let mut object = json!({
        "id": "?", "name": "n", "app_name": "?", "cluster_id": "?", "url": "?", "status": "?", "port": 8000,
        "rootfs_size": 100, "wait_for_ready": true, "product_ids": ["p-1"], "image": {"image": "img:1"},
        "worker_config": {"min_num": 0, "max_num": 2, "free_timeout": 60, "max_concurrent": 1, "gpu_num": 1,
            "request_timeout": 600},
        "policy": {"type": "queue", "value": 60}, "healthy": {"path": "/health"},
    });
    object.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    Endpoint::from_object(&client::value(&Schema::of::<Endpoint>(), &object)).unwrap()
}

/// An endpoint as the API shows it, in a state, or a state and what ails it: `failed!no such image`.
fn shown(scene: &str) -> Json {
    let (state, error) = scene.split_once('!').unwrap_or((scene, "none"));
    json!({
        "id": ID, "name": "n", "image": {"image": "img:1"}, "products": [{"id": "p-1"}], "rootfsSize": 100,
        "state": {"state": state, "error": error, "message": "none"},
    })
}

/// The state of one that was read.
fn state(status: &str) -> Endpoint {
    let mut endpoint = model(&json!({"id": ID}));
    let _ = endpoint.take(serde_json::from_value(shown(status)).unwrap(), Origin::Created);
    endpoint
}

/// An answer of a script: `404 {…}` as it is, else a get that shows this scene.
fn answer(scene: &str) -> (u16, String) {
    let raw = |(status, body): (&str, &str)| Some((status.parse().ok()?, body.to_owned()));
    let shown = || (200, json!({"endpoint": shown(scene)}).to_string());
    scene.split_once(' ').and_then(raw).unwrap_or_else(shown)
}

/// An API whose calls are answered along these scripts, each the last one again and again; a call without one works.
fn operation(scripts: &[(&'static str, &[&str])]) -> (Cx, Requests) {
    let own = |(call, script): &(&'static str, &[&str])| {
        (*call, (0, script.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>()))
    };
    let scripts: Mutex<BTreeMap<_, _>> = Mutex::new(scripts.iter().map(own).collect());
    loopback::operation("1.11.4", move |request| {
        let call = request.split(['?', ' ']).nth(1).unwrap();
        let mut scripts = scripts.lock().unwrap();
        if loopback::is_later_page(request) {
            return answer(NONE);
        }
        match (scripts.get_mut(call), call) {
            (Some((next, script)), _) => {
                *next += 1;
                answer(&script[(*next - 1).min(script.len() - 1)])
            }
            (None, "/endpoints") => answer(NONE),
            (None, "/endpoint/create") => (200, json!({"id": ID}).to_string()),
            (None, _) => (200, String::new()),
        }
    })
}

/// Creates an endpoint: what was kept of it, and what is told.
async fn create(cx: &Cx, changes: &Json) -> (Value, String) {
    let (cell, writer) = writer();
    let result = Life::create(cx, model(changes), &writer).await;
    (cell.lock().unwrap().clone().unwrap_or(Value::Null), told(cx, result))
}

/// Reads an endpoint: its status, or `gone`, or nothing where that is an error, and what is told.
async fn read(cx: &Cx, state: Endpoint) -> (String, String) {
    let result = Life::read(cx, state).await;
    let status = |it: &Option<Endpoint>| match it {
        Some(it) => it.status.text_or_empty().to_owned(),
        None => "gone".to_owned(),
    };
    (result.as_ref().map(status).unwrap_or_default(), told(cx, result))
}

/// Changes an endpoint in this status: what was kept of it, and what is told.
async fn change(cx: &Cx, status: &str, changes: &Json) -> (Value, String) {
    let (cell, writer) = writer();
    let mut changes = changes.clone();
    changes["id"] = json!(ID);
    let result = Life::update(cx, Changes { prior: state(status), planned: model(&changes) }, &writer).await;
    (cell.lock().unwrap().clone().unwrap_or(Value::Null), told(cx, result))
}

#[tokio::test(start_paused = true)]
async fn a_creation_wraps_its_body_and_ends_when_the_endpoint_serves() {
    for created in [r#"200 {"id":"ep-1"}"#, r#"200 {"endpoint":{"id":"ep-1","rootfsSize":"odd"}}"#] {
        for scenes in [
            &["initializing", "pending", "serving"][..],
            &[GONE, GONE, "initializing", "Serving"],
            &["", "unknown", "running"],
            &["stopped", "stopped", "initializing", "serving"],
            &["initializing!slow", "serving"],
        ] {
            let (cx, requests) = operation(&[("/endpoint/create", &[created]), ("/endpoint", scenes)]);
            let (state, told) = create(&cx, &json!({})).await;
            assert_eq!((state.get("id").as_str(), told.as_str()), (Some(ID), ""), "{scenes:?}");
            let ready = scenes.last().map(|it| it.to_lowercase());
            assert_eq!(state.get("status").as_str(), ready.as_deref());
            let sent = sent(&requests);
            assert!(sent[0].starts_with(r#"POST /endpoint/create {"endpoint":{"#), "{sent:?}");
            assert!(sent.len() == 1 && sent[0].contains(r#""volumeMounts":[]"#), "{sent:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn demand_27_an_endpoint_whose_creation_told_no_id_is_looked_for_by_its_name() {
    let listed =
        format!("200 {}", json!({"endpoints": [{"id": "ep-0", "name": "n"}, shown("pending")], "total": 2}));
    let before = r#"200 {"endpoints":[{"id":"ep-0","name":"n"}],"total":1}"#;
    for created in [
        r#"200 {"id":""}"#,
        r#"200 {"id":null}"#,
        r#"200 {"endpoint":null}"#,
        "200 {}",
        "200 ",
        "200 null",
        "200 \"x\"",
        "502 ",
    ] {
        let scripts = [
            ("/endpoint/create", &[created][..]),
            ("/endpoints", &[before, before, &listed]),
            ("/endpoint", &["serving"]),
        ];
        let (cx, requests) = operation(&scripts);
        let (state, told) = create(&cx, &json!({})).await;
        assert_eq!(state.get("id").as_str(), Some(ID), "{created}: {told}");
        assert!(told.starts_with("[Endpoint was taken over") && told.contains("named \"n\""), "{told}");
        assert_eq!(sent(&requests).len(), 1);
    }
    // Of another product, it is another's.
    let other = listed.replace("p-1", "p-2");
    let (cx, _) = operation(&[("/endpoint/create", &["502 "]), ("/endpoints", &[before, &other])]);
    let (state, told) = create(&cx, &json!({})).await;
    assert!(state.is_null() && told.contains("did not show it"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_is_not_active_yet_is_tried_again_for_half_a_minute() {
    let refused = r#"400 {"reason":"CLUSTER_STATUS","message":"Serverless cluster is not active"}"#;
    let scripts =
        [("/endpoint/create", &[refused, refused, r#"200 {"id":"ep-1"}"#][..]), ("/endpoint", &["serving"])];
    let (cx, requests) = operation(&scripts);
    let (state, told) = create(&cx, &json!({})).await;
    assert_eq!((state.get("id").as_str(), told.as_str(), sent(&requests).len()), (Some(ID), "", 3));
    let (cx, requests) = operation(&[("/endpoint/create", &[refused])]);
    let (state, told) = create(&cx, &json!({})).await;
    assert!(
        state.is_null() && told.contains("No endpoint was created.") && told.ends_with("not active."),
        "{told}"
    );
    assert_eq!(sent(&requests).len(), 4);
}

#[tokio::test(start_paused = true)]
async fn demand_17_a_failure_ends_the_wait_with_the_apis_words() {
    for (scenes, said, advice) in [
        (&["initializing", "failed!no such image"][..], "\"failed\": no such image", "`image.image`"),
        (&["failed"], "the API gave no reason", "the workers' logs"),
        (&["error!x"], "\"error\": x", "the workers' logs"),
        (&["pending!bad"], "\"pending\": bad", "the workers' logs"),
        (&["stopped"], "\"stopped\"", "the account's balance"),
        (&["initializing", "terminating"], "\"terminating\"", "another user of the account"),
    ] {
        let (cx, _) = operation(&[("/endpoint", scenes)]);
        let (state, told) = create(&cx, &json!({})).await;
        assert_eq!(state.get("id").as_str(), Some(ID));
        assert!(told.starts_with("Endpoint failed while starting"), "{scenes:?}: {told}");
        assert!(told.contains(said) && told.contains(advice) && told.contains("tainted"), "{told}");
    }
    // One that serves does, whatever is said of it.
    let (cx, _) = operation(&[("/endpoint", &["serving!a remark"])]);
    let (state, told) = create(&cx, &json!({})).await;
    assert_eq!(state.get("status").as_str(), Some("serving"));
    assert!(told.starts_with("[Endpoint is ready") && told.contains("a remark"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_refused_setting_is_named_as_the_endpoint_does() {
    for (refusal, field) in [
        (r#"{"reason":"VALIDATOR_PARAM","message":"minNum must be at most 10"}"#, "workerConfig.minNum"),
        (r#"{"reason":"SERVERLESS_APP_NAME_IS_EXIST","message":"taken"}"#, "appName"),
        (r#"{"reason":"SERVERLESS_PRODUCT_NOT_FOUND","message":"x"}"#, "products"),
        (r#"{"reason":"IMAGE_NOT_FOUND","message":"x"}"#, "image.image"),
    ] {
        let (client, _) = loopback::serve(ErrorMapping::Novita, move |_| (400, refusal.to_owned())).await;
        let at = Remote::new(&client, Call::default(), Arc::default(), "endpoint");
        let created = calls::create(&at, &json!({})).await.map(drop);
        for result in [created, calls::update(&at, &json!({})).await] {
            let error = result.unwrap_err();
            assert!(matches!(error, Error::Rejected(_)), "{refusal}");
            assert_eq!(error.details().field.as_deref(), Some(field));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn demand_05_gone_is_what_get_and_list_both_lack() {
    let listed = format!("200 {}", json!({"endpoints": [shown("serving")]}));
    for get in [
        "200 {}",
        r#"200 {"endpoint":null}"#,
        r#"200 {"endpoint":{}}"#,
        GONE,
        r#"400 {"reason":"SERVERLESS_ENDPOINT_NOT_FOUND","message":"x"}"#,
        r#"400 {"message":"endpoint not found"}"#,
    ] {
        let (cx, requests) = operation(&[("/endpoint", &[get])]);
        assert_eq!(read(&cx, state("serving")).await, ("gone".to_owned(), String::new()), "{get}");
        assert_eq!(requests.lock().unwrap()[0], "GET /endpoint?id=ep-1");
        for list in [listed.as_str(), "500 {}", "401 {}"] {
            let (cx, _) = operation(&[("/endpoint", &[get]), ("/endpoints", &[list])]);
            let (end, told) = read(&cx, state("serving")).await;
            assert!(end.is_empty() && !told.is_empty(), "{get} {list}: {end} {told}");
        }
    }
    // A terminal status under the very id needs no second witness, and what is going is as good as gone.
    for get in ["removed", "terminating"] {
        let (cx, _) = operation(&[("/endpoint", &[get]), ("/endpoints", &["500 {}"])]);
        assert_eq!(read(&cx, state("serving")).await, ("gone".to_owned(), String::new()));
    }
    for get in [r#"401 {"message":"not found"}"#, r#"403 {"message":"not found"}"#, "500 {}", "200 <html>"] {
        let (cx, _) = operation(&[("/endpoint", &[get])]);
        let (end, told) = read(&cx, state("serving")).await;
        assert!(end.is_empty() && !told.is_empty(), "{get}: {end} {told}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_told_whenever_it_is_read() {
    for (scene, warning) in [
        (
            "failed!no such image",
            "Endpoint has failed: The endpoint ep-1 does not serve (status `failed`): no such image",
        ),
        ("ERROR", "Endpoint has failed"),
        ("serving!x", ""),
        ("stopped", ""),
        ("a new one", ""),
    ] {
        let (cx, _) = operation(&[("/endpoint", &[scene])]);
        let (status, told) = read(&cx, state("serving")).await;
        assert_eq!(Some(status), scene.split('!').next().map(str::to_lowercase));
        assert!(told.contains(warning) && told.is_empty() == warning.is_empty(), "{scene}: {told}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_is_matched_exactly_over_all_pages() {
    let (cx, requests) = loopback::operation("1.11.4", |request| match request {
        it if it.starts_with("GET /endpoint?") => answer(r#"200 {"id":"1","name":"tf-a"}"#),
        it if it.ends_with("pageNum=3") => answer(NONE),
        it if it.ends_with("pageNum=2") => answer(
            r#"200 {"endpoints":[{"id":"3","name":"tf-b"},{"id":"4","name":"tf-a","state":{"state":"removed"}}],"total":4}"#,
        ),
        _ => answer(r#"200 {"endpoints":[{"id":"1","name":"tf-a"},{"id":"2","name":"tf-ab"}],"total":4}"#),
    });
    let key = model(&json!({"id": null, "name": "tf-a"}));
    let found = Life::find(&cx, key).await.unwrap_or_else(|it| panic!("{it:?}"));
    assert_eq!(found.id.text(), Some("1"));
    let expected = [0, 1, 2, 3].map(|it| format!("GET /endpoints?pageSize=100&pageNum={it}"));
    assert_eq!(requests.lock().unwrap()[..4], expected);
}

#[tokio::test(start_paused = true)]
async fn an_update_is_flat_and_waited_for_until_the_endpoint_serves() {
    for scenes in [
        &["serving", "serving", "updating", "serving"][..],
        // An update may never show.
        &["serving"],
        // An old failure is not taken for the update's.
        &["failed!old", "failed!old", "updating", "serving"],
        // One on its way is changed as it is: what hinders it may be what is changed.
        &["initializing", "initializing", "serving"],
        // One that was switched off is not switched off again.
        &["stopped", "stopped", "updating", "serving"],
    ] {
        let (cx, requests) = operation(&[("/endpoint", scenes)]);
        let (state, told) = change(&cx, "serving", &json!({"port": 9000})).await;
        assert_eq!((state.get("status").as_str(), told.as_str()), (Some("serving"), ""), "{scenes:?}");
        let requests = requests.lock().unwrap();
        assert!(
            requests[1].starts_with("POST /endpoint/update {")
                && requests[1].contains(r#""ports":[{"port":"9000"}]"#)
        );
        assert!(
            requests[1].contains(r#""id":"ep-1""#) && !requests[1].contains("\"endpoint\""),
            "{requests:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_update_made_true_is_kept_when_the_endpoint_does_not_serve_then() {
    for (scenes, said) in [
        (&["serving", "updating", "failed!no such image"][..], "\"failed\": no such image"),
        (&["failed!x"], "\"failed\": x"),
        (&["serving", "updating", GONE], "vanished"),
    ] {
        let (cx, _) = operation(&[("/endpoint", scenes)]);
        let (state, told) = change(&cx, "serving", &json!({"image": {"image": "img:2"}})).await;
        assert!(told.contains(said) && told.contains("goes on existing"), "{scenes:?}: {told}");
        assert_eq!(state.get("image").get("image").as_str(), Some("img:2"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_without_a_clear_answer_is_looked_at_and_not_sent_again() {
    let renamed = json!({"endpoint": {"id": ID, "name": "other", "state": {"state": "serving"}}});
    let renamed = format!("200 {renamed}");
    for answer in ["502 ", r#"400 {"reason":"CONFLICT","message":"busy"}"#] {
        for (gets, works) in [(&["serving", &renamed][..], true), (&["serving"], false)] {
            let (cx, requests) = operation(&[("/endpoint/update", &[answer]), ("/endpoint", gets)]);
            let (state, told) = change(&cx, "serving", &json!({"name": "other"})).await;
            assert_eq!(
                (told.is_empty(), state.get("name").as_str() == Some("other")),
                (works, works),
                "{told}"
            );
            assert_eq!(sent(&requests).len(), 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_removal_names_the_id_twice_and_ends_when_the_endpoint_is_gone() {
    let busy = r#"400 {"reason":"CONFLICT","message":"busy"}"#;
    for (acts, gets, times) in [
        (&["200 "][..], &["serving", "terminating", GONE][..], 1),
        (&[r#"400 {"reason":"SERVERLESS_ENDPOINT_NOT_FOUND","message":"x"}"#], &[GONE], 1),
        (&["200 "], &["removed"], 1),
        (&[busy], &["terminating", GONE], 1),
        (&["502 ", "200 "], &["serving", GONE], 2),
    ] {
        let (cx, requests) = operation(&[("/endpoint/delete", acts), ("/endpoint", gets)]);
        assert_eq!(told(&cx, Life::delete(&cx, state("serving")).await), "", "{acts:?} {gets:?}");
        assert_eq!(sent(&requests), vec![r#"POST /endpoint/delete {"id":"ep-1","name":"ep-1"}"#; times]);
    }
    for (act, times) in [(busy, 3), ("502 ", 3), ("200 ", 3), ("403 {}", 1)] {
        let (cx, requests) = operation(&[("/endpoint/delete", &[act]), ("/endpoint", &["serving"])]);
        let told = told(&cx, Life::delete(&cx, state("serving")).await);
        assert!(told.contains("may still exist and cost money"), "{act}: {told}");
        assert_eq!(sent(&requests).len(), times, "{act}");
    }
}
