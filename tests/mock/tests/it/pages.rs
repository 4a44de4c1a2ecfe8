//! The pages under `/_mock/`.

use mock_cloud::{MockCloud, Options};
use serde_json::{Value, json};

use crate::{Reply, call, create, created, read, send};

fn page(cloud: &MockCloud, method: &str, name: &str, body: &str) -> Reply {
    send(&cloud.origin(), method, &format!("/_mock/{name}"), &[], body).unwrap()
}

fn json_page(cloud: &MockCloud, name: &str) -> Value {
    let accept = [("Accept", "application/json")];
    send(&cloud.origin(), "GET", &format!("/_mock/{name}"), &accept, "").unwrap().json()
}

#[test]
fn the_log_is_lines_without_secrets() {
    let cloud = MockCloud::start(Options::default());
    let id = created(&cloud);
    read(&cloud, &id);
    let text = page(&cloud, "GET", "requests", "").body;
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("POST /gpu-instance/openapi/v1/gpu/instance/create → 200  {"), "{text}");
    assert_eq!(lines[1], format!("GET /gpu-instance/openapi/v1/gpu/instance?instanceId={id} → 200"));
    assert!(!text.contains("s3cret"), "{text}");
    let log = json_page(&cloud, "requests");
    assert_eq!((&log[0]["seq"], &log[0]["body"]["imageAuth"]), (&json!(1), &json!("ci:s3cret")));
    page(&cloud, "DELETE", "requests", "");
    assert_eq!(page(&cloud, "GET", "requests", "").body, "");
}

#[test]
fn the_books_are_lines_or_json() {
    let cloud = MockCloud::start(Options::default());
    let id = created(&cloud);
    assert_eq!(page(&cloud, "GET", "alive", "").body, format!("{id} cpu toCreate one\n"));
    let expected =
        json!([{"id": id, "name": "one", "vendor": "novita", "kind": "cpu", "status": "toCreate"}]);
    assert_eq!(json_page(&cloud, "alive"), expected);
}

#[test]
fn faults_are_set_and_taken_away() {
    let cloud = MockCloud::start(Options::default());
    let stock = r#"{"method":"POST","path":"/gpu/instance/create","effect":"outOfStock"}"#;
    let slow = r#"{"path":"/clusters","times":"always","effect":{"http429":{"retryAfter":"1"}}}"#;
    assert_eq!(page(&cloud, "POST", "faults", &format!("[{stock},{slow}]")).status, 200);
    assert_eq!(json_page(&cloud, "faults").as_array().unwrap().len(), 2);
    assert_eq!(create(&cloud).unwrap().json()["reason"], "INSUFFICIENT_RESOURCE");
    assert_eq!(create(&cloud).unwrap().status, 200);
    page(&cloud, "POST", "faults", stock);
    page(&cloud, "DELETE", "faults", "");
    assert_eq!(call(&cloud, "GET", "/clusters", &Value::Null).unwrap().status, 200);
    let wrong = page(&cloud, "POST", "faults", r#"{"path":"/clusters","effect":"meteor"}"#);
    assert!(wrong.status == 400 && wrong.body.contains("meteor"), "{wrong:?}");
}

#[test]
fn the_clock_is_moved_from_outside() {
    let cloud = MockCloud::start(Options { start_time: Some(1000), ..Options::default() });
    let id = created(&cloud);
    assert_eq!(page(&cloud, "POST", "clock", r#"{"advance":"2s"}"#).json(), json!({"now": 1002}));
    assert_eq!(cloud.instance(&id).unwrap()["status"], "pulling");
    assert_eq!(page(&cloud, "POST", "clock", r#"{"advance":"soon"}"#).status, 400);
    assert_eq!(page(&cloud, "POST", "clock", "").status, 400);
}

#[test]
fn the_style_is_changed_and_listed() {
    let cloud = MockCloud::start(Options::default());
    let request = r#"{"seed":7,"draw":["fillsIn"],"on":["echoCommand"],"off":["sshPort"]}"#;
    assert_eq!(page(&cloud, "POST", "style", request).status, 200);
    let overview = json_page(&cloud, "style");
    let odds = |name: &str| {
        let switches = overview["switches"].as_array().unwrap();
        switches.iter().find(|it| it["name"] == name).unwrap()["odds"].clone()
    };
    assert_eq!((&overview["seed"], odds("echoCommand")), (&json!(7), json!("on")));
    assert_eq!((odds("sshPort"), odds("diskRounded")), (json!("off"), json!("drawn")));
    let id = created(&cloud);
    assert_eq!(read(&cloud, &id).json()["command"], "/start.sh --foreground");
    assert!(page(&cloud, "GET", "style", "").body.starts_with("on    fillsIn      echoCommand"));
    let wrong = page(&cloud, "POST", "style", r#"{"on":["meteor"]}"#);
    assert_eq!(wrong.status, 400);
    page(&cloud, "DELETE", "style", "");
    assert_eq!(read(&cloud, &id).json()["command"], "");
}

#[test]
fn things_are_changed_behind_the_api() {
    let cloud = MockCloud::start(Options::default());
    let seed = page(&cloud, "POST", "seed", r#"{"kind":"gpu","record":{"name":"old"}}"#);
    let id = seed.json()["id"].as_str().unwrap().to_owned();
    let post =
        |name: &str, rest: &str| page(&cloud, "POST", name, &format!(r#"{{"id":"{id}"{rest}}}"#)).status;
    assert_eq!(post("modify", r#","patch":{"name":"renamed"}"#), 200);
    assert_eq!(read(&cloud, &id).json()["name"], "renamed");
    assert_eq!(post("status", r#","status":"freezing""#), 200);
    assert_eq!(page(&cloud, "GET", &format!("record?id={id}"), "").json()["status"], "freezing");
    assert_eq!(post("end", r#","why":"term""#), 200);
    assert_eq!(cloud.instance(&id).unwrap()["status"], "toRemove");
    assert_eq!([post("remove", ""), post("remove", ""), post("end", r#","why":"spot""#)], [200, 400, 400]);
    assert_eq!(page(&cloud, "POST", "seed", r#"{"kind":"disk","record":{}}"#).status, 400);
    let storages = page(&cloud, "GET", "storages", "").body;
    assert!(storages.starts_with("st-51c0 7 100 shared-data\n"), "{storages}");
}

#[test]
fn catalogue_and_clocks_are_changed_from_outside() {
    let cloud = MockCloud::start(Options { start_time: Some(1_767_225_600), ..Options::default() });
    for (body, status) in [
        (r#"{"soldOut":"4090.16c62g"}"#, 200),
        (r#"{"withdrawn":"4090.16c62g"}"#, 200),
        (r#"{"withdrawn":"4090.16c62g"}"#, 400),
    ] {
        assert_eq!(page(&cloud, "POST", "catalogue", body).status, status, "{body}");
    }
    let skewed = page(&cloud, "POST", "clock", r#"{"skew":-600,"dateSkew":3600}"#);
    assert_eq!(skewed.json(), json!({"now": 1_767_225_000}));
    let answer = call(&cloud, "GET", "/clusters", &Value::Null).unwrap();
    assert!(answer.head.contains("date: thu, 01 jan 2026 00:50:00 gmt"), "{}", answer.head);
}

#[test]
fn odd_answers_and_windows_are_set_from_outside() {
    let cloud = MockCloud::start(Options::default());
    let faults = r#"[{"path":"/clusters","effect":{"oddInstead":"proxy1010"}},
        {"path":"/products","times":{"seconds":60},"effect":{"http429":{"retryAfter":"0"}}},
        {"path":"/gpu/instance/create","effect":{"createdId":"lineFeed"}},
        {"path":"/gpu/instance/delete","times":"always","effect":{"ignored":"successFalse"}},
        {"path":"/gpu/instance","effect":"forgotten"}]"#;
    assert_eq!(page(&cloud, "POST", "faults", faults).status, 200);
    let clusters = call(&cloud, "GET", "/clusters", &Value::Null).unwrap();
    assert_eq!((clusters.status, clusters.body.as_str()), (403, "error code: 1010"));
    for _ in 0..3 {
        assert_eq!(call(&cloud, "GET", "/products", &Value::Null).unwrap().status, 429);
    }
    page(&cloud, "POST", "clock", r#"{"advance":"60s"}"#);
    assert_eq!(call(&cloud, "GET", "/products", &Value::Null).unwrap().status, 200);
    assert!(created(&cloud).contains("\n\nError"));
    let id = cloud.alive()[0].id.clone();
    assert_eq!([read(&cloud, &id).status, read(&cloud, &id).status], [400, 200]);
    let delete = call(&cloud, "POST", "/gpu/instance/delete", &json!({"instanceId": id})).unwrap();
    assert_eq!((delete.status, &delete.json()["success"]), (200, &json!(false)));
    assert_eq!(cloud.alive().len(), 1);
}

#[test]
fn an_unknown_page_lists_the_known_ones() {
    let cloud = MockCloud::start(Options::default());
    let list = page(&cloud, "GET", "", "");
    assert!(list.status == 404 && list.body.contains("/_mock/alive"));
}
