//! What happens to connections, and the handle that tests hold.

use std::sync::Arc;
use std::time::Duration;

use mock_cloud::{Clock, Effect, Fault, MockCloud, Options, When};
use serde_json::{Value, json};

use crate::{call, create, created, read, send};

/// Long enough for the slowest machine; nothing waits for so long when all is well.
const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn a_machine_lives_and_dies_over_http() {
    let cloud = MockCloud::start(Options::default());
    let id = created(&cloud);
    let statuses: Vec<String> =
        (0..4).map(|_| read(&cloud, &id).json()["status"].as_str().unwrap().to_owned()).collect();
    assert_eq!(statuses, ["toCreate", "creating", "pulling", "running"]);
    assert_eq!(cloud.alive().len(), 1);
    let deleted = call(&cloud, "POST", "/gpu/instance/delete", &json!({"instanceId": id})).unwrap();
    assert_eq!((deleted.status, deleted.body.as_str()), (200, ""));
    let last = (0..10).map(|_| read(&cloud, &id)).find(|it| it.status != 200).unwrap();
    assert_eq!((last.status, last.json()["reason"].as_str()), (400, Some("RESOURCE_NOT_FOUND")));
    assert_eq!((cloud.alive().len(), cloud.created_count(), cloud.instance(&id)), (0, 1, None));
}

#[test]
fn a_request_without_the_key_is_refused_and_logged_without_it() {
    let cloud = MockCloud::start(Options { api_key: "right".to_owned(), ..Options::default() });
    let path = "/gpu-instance/openapi/v1/clusters";
    let refused = send(&cloud.origin(), "GET", path, &[("Authorization", "Bearer wrong")], "").unwrap();
    assert_eq!((refused.status, refused.json()["reason"].as_str()), (401, Some("UNAUTHORIZED")));
    let log = cloud.requests();
    assert_eq!((log[0].status, log[0].authorized, log[0].path.as_str()), (401, false, path));
    assert!(!format!("{log:?}").contains("wrong"));
    cloud.clear_log();
    assert_eq!(cloud.requests(), []);
}

#[test]
fn a_lost_answer_is_lost_before_or_after_the_work() {
    let cloud = MockCloud::start(Options::default());
    cloud.faults().push(Fault::new("POST", "/gpu/instance/create", Effect::Drop(When::Before)));
    cloud.faults().push(Fault::new("POST", "/gpu/instance/create", Effect::Drop(When::After)));
    assert_eq!(create(&cloud), None);
    assert_eq!(cloud.created_count(), 0);
    assert_eq!(create(&cloud), None);
    assert_eq!(cloud.created_count(), 1);
    assert_eq!(cloud.requests().iter().map(|it| it.status).collect::<Vec<_>>(), [0, 0]);
    assert_eq!(cloud.faults().waiting(), []);
}

#[test]
fn a_hanging_request_is_seen_and_let_go() {
    let cloud = Arc::new(MockCloud::start(Options::default()));
    for (when, made) in [(When::Before, 0), (When::After, 1)] {
        cloud.faults().push(Fault::new("POST", "/create", Effect::Hang(when)));
        cloud.clear_log();
        let before = cloud.created_count();
        let request = std::thread::spawn({
            let cloud = cloud.clone();
            move || created(&cloud)
        });
        let wanted_status = if when == When::Before { 0 } else { 200 };
        assert!(cloud.wait_until(LIMIT, |log| log.first().is_some_and(|it| it.status == wanted_status)));
        assert_eq!(cloud.created_count() - before, made);
        cloud.release();
        let id = request.join().unwrap();
        assert!(cloud.instance(&id).is_some());
    }
}

#[test]
fn odd_answers_come_as_they_were_ordered() {
    let cloud = MockCloud::start(Options::default());
    let answer = |effect: Effect| {
        cloud.faults().push(Fault::new("GET", "/clusters", effect));
        call(&cloud, "GET", "/clusters", &Value::Null).unwrap()
    };
    let limited = answer(Effect::Http429 { retry_after: Some("3".to_owned()) });
    assert!(limited.status == 429 && limited.head.contains("\r\nretry-after: 3"));
    assert!(!answer(Effect::Http429 { retry_after: None }).head.contains("retry-after"));
    let page = answer(Effect::Http5xx { code: 503, html: true });
    assert!(
        page.status == 503
            && page.head.contains("content-type: text/html")
            && page.body.starts_with("<html>")
    );
    assert_eq!(answer(Effect::Empty).body, "");
    assert!(serde_json::from_str::<Value>(&answer(Effect::Garbage).body).is_err());
    let raw = Effect::Raw { code: 202, content_type: "text/plain".to_owned(), body: "odd".to_owned() };
    assert_eq!((answer(raw.clone()).status, answer(raw).body.as_str()), (202, "odd"));
    assert_eq!(answer(Effect::delay(Duration::from_millis(1))).status, 200);
}

#[test]
fn the_handle_works_inside_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let cloud = MockCloud::start(Options::default());
        let origin = cloud.origin();
        let request = tokio::task::spawn_blocking(move || send(&origin, "GET", "/elsewhere", &[], ""));
        cloud.until(|log| log.iter().any(|it| it.path == "/elsewhere" && it.status == 404)).await;
        assert_eq!(request.await.unwrap().unwrap().status, 404);
        drop(cloud);
    });
}

#[test]
fn a_dropped_mock_frees_its_port_even_while_a_request_hangs() {
    let cloud = MockCloud::start(Options::default());
    cloud.faults().push(Fault::new("GET", "/clusters", Effect::Hang(When::Before)));
    let (origin, key) = (cloud.origin(), format!("Bearer {}", cloud.api_key()));
    let request = std::thread::spawn(move || {
        send(&origin, "GET", "/gpu-instance/openapi/v1/clusters", &[("Authorization", &key)], "")
    });
    assert!(cloud.wait_until(LIMIT, |log| log.len() == 1));
    let address = cloud.origin().strip_prefix("http://").unwrap().to_owned();
    drop(cloud);
    assert_eq!(request.join().unwrap(), None);
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn drift_is_made_behind_the_api() {
    let cloud = MockCloud::start(Options { clock: Clock::Manual, ..Options::default() });
    let id = cloud
        .seed_instance(json!({"kind": "gpu", "name": "old", "ports": [{"port": 80, "type": "http"}]}))
        .unwrap();
    assert_eq!(read(&cloud, &id).json()["gpuNum"], "1");
    cloud.modify_instance(&id, json!({"imageUrl": "changed", "envs": [{"key": "A", "value": "b"}]})).unwrap();
    let shown = read(&cloud, &id).json();
    assert_eq!((&shown["imageUrl"], &shown["envs"][0]["value"]), (&json!("changed"), &json!("b")));
    assert!(cloud.modify_instance(&id, json!({"imageURL": "typo"})).unwrap_err().contains("imageURL"));
    assert!(cloud.seed_instance(json!({"id": id})).unwrap_err().contains("already"));
    assert!(cloud.set_status(&id, "freezing"));
    assert_eq!(read(&cloud, &id).json()["status"], "freezing");
    cloud.advance(Duration::from_secs(60));
    assert_eq!(cloud.alive()[0].status, "freezing");
    assert!(cloud.remove_instance(&id) && !cloud.remove_instance(&id));
    assert_eq!(read(&cloud, &id).status, 400);
    assert_eq!(cloud.created_count(), 0, "a seed was not created by a call");
}

#[test]
fn what_instances_refer_to_can_be_changed() {
    let cloud = MockCloud::start(Options::default());
    cloud.with_novita(|novita| novita.cpu_products[0].available_deploy = false);
    let refused = create(&cloud).unwrap();
    assert_eq!(refused.json()["reason"], "INSUFFICIENT_RESOURCE");
}
