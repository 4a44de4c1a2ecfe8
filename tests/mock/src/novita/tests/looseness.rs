//! The forms that real answers take.

use serde_json::{Value, json};

use super::{Bench, cpu, gpu, outcome};
use crate::answer::Incoming;
use crate::faults::{Effect, When};
use crate::novita::PREFIX;
use crate::novita::style::{Actions, AnswerStyle, Gone};

fn full() -> Value {
    gpu(json!({
        "ports": "80/http", "envs": [{"key": "A", "value": "1"}, {"key": "B", "value": "2"}],
        "tools": [{"name": "Jupyter", "port": "8888", "type": "http"}],
    }))
}

#[test]
fn numbers_and_times_are_texts() {
    let mut bench = Bench::new();
    let id = bench.running(&full());
    let shown = bench.read(&id).unwrap();
    for (name, text) in [
        ("gpuNum", "1"),
        ("cpuNum", "16"),
        ("memory", "62"),
        ("endTime", "-1"),
        ("createdAt", "1767225600"),
        ("spotReclaimTime", "0"),
    ] {
        assert_eq!(shown[name], text, "{name}");
    }
    assert_eq!(shown["tools"][0]["port"], "8888");
    assert_eq!(shown["envs"][0]["key"], "B", "not in the order that was sent");
    assert_eq!(shown["network"], json!({"id": "", "ip": ""}));
}

#[test]
fn the_ways_in_open_when_it_runs() {
    let mut bench = Bench::new();
    let id = bench.create(&full());
    let waiting = bench.read(&id).unwrap();
    assert_eq!(waiting["portMappings"][1], json!({"port": 80, "endpoint": "", "type": "http"}));
    assert_eq!(waiting["connectComponentSSH"], json!({"sshCommand": "", "password": "", "isRunning": false}));
    bench.settle();
    let running = bench.read(&id).unwrap();
    assert!(running["connectComponentSSH"]["sshCommand"].as_str().unwrap().starts_with("ssh -p 40001 root@"));
    let jupyter = format!("https://{id}-8888.example.net");
    assert_eq!(running["connectComponentJupyter"]["address"], jupyter);
    let tcp = bench.running(&gpu(json!({"ports": "22/tcp,23/tcp"})));
    let shown = bench.read(&tcp).unwrap();
    let endpoint = |at: usize| shown["portMappings"][at]["endpoint"].as_str().unwrap();
    assert!(endpoint(1).starts_with("proxy.example.net:") && endpoint(1) != endpoint(2));
    let other = bench.running(&full());
    let password = |it: &Value| it["connectComponentSSH"]["password"].clone();
    assert_ne!(password(&running), password(&bench.read(&other).unwrap()));
}

#[test]
fn every_switch_has_its_effect_and_agrees_with_the_description() {
    let mut bench = Bench::new();
    bench.core.novita.style = AnswerStyle::loosest();
    let id = bench.running(&full());
    let shown = bench.read(&id).unwrap();
    assert_eq!((&shown["billingMode"], &shown["gpuNum"]), (&json!(""), &json!(1)));
    assert_eq!(shown["node"]["maxRootfsSize"], 400);
    assert_eq!((&shown["jobs"], &shown["volumeMounts"]), (&Value::Null, &Value::Null));
    for name in ["productId", "productName", "rootfsSize", "tools"] {
        assert!(shown.get(name).is_none(), "{name}");
    }
    assert_eq!(shown["envs"].as_array().unwrap().len(), 3);
    let listed = bench.get("/gpu/instances", &[("pageSize", "9"), ("pageNum", "0")]).unwrap();
    assert_eq!((&listed["instances"][0]["tools"][0]["port"], listed.get("total")), (&json!(8888), None));
    assert_eq!(bench.action("stop", &id).unwrap(), Value::Null);
    assert!(shown.get("gpuIds").is_some());
    bench.core.novita.style.extra_fields = false;
    assert!(bench.read(&id).unwrap().get("gpuIds").is_none());
}

#[test]
fn an_error_may_have_a_message_only() {
    let mut bench = Bench::new();
    bench.core.novita.style.errors_without_reason = true;
    let answer = bench.send("GET", "/gpu/instance", &[("instanceId", "nobody")], None);
    assert_eq!((answer.status, answer.body.as_str()), (400, r#"{"message":"instance not found"}"#));
}

#[test]
fn gone_has_four_forms() {
    let mut bench = Bench::new();
    let mut read = |gone: Gone| {
        bench.core.novita.style.gone = gone;
        let received = bench.core.receive(&request("GET", "/gpu/instance", "Bearer key"));
        let answer = bench.core.perform(&received);
        format!("{} {}", answer.status, answer.body)
    };
    assert!(read(Gone::Reason).starts_with("400 "));
    assert!(read(Gone::Http404).starts_with("404 "));
    assert_eq!(read(Gone::EmptyObject), "200 {}");
    assert_eq!(read(Gone::Null), "200 null");
}

#[test]
fn actions_answer_in_three_forms() {
    let mut bench = Bench::new();
    let mut stopped = |actions: Actions| {
        bench.core.novita.style.actions = actions;
        let id = bench.running(&cpu(json!({})));
        let answer = bench.action("stop", &id).unwrap();
        bench.core.novita.remove_instance(&id);
        (answer, id)
    };
    let (answer, id) = stopped(Actions::Mixed);
    assert_eq!(answer, json!({"instanceId": id, "state": "toStop"}));
    assert_eq!(stopped(Actions::Object).0, json!({}));
    assert_eq!(stopped(Actions::Empty).0, Value::Null);
}

#[test]
fn a_request_needs_the_key_and_a_known_path() {
    let mut bench = Bench::new();
    for key in ["", "Bearer wrong", "key", "Basic key"] {
        let received = bench.core.receive(&request("GET", "/clusters", key));
        let refusal = outcome(&bench.core.perform(&received)).unwrap_err();
        assert!(refusal.starts_with("401 UNAUTHORIZED: "), "{key}: {refusal}");
    }
    assert!(bench.get("/gpu/instance/list", &[]).unwrap_err().starts_with("404 API_NOT_FOUND: "));
    assert!(bench.post("/clusters", &json!({})).unwrap_err().starts_with("404 API_NOT_FOUND: "));
    let authorized: Vec<bool> = bench.core.log.requests().iter().map(|it| it.authorized).collect();
    assert_eq!(authorized, [false, false, false, false, true, true]);
    let log = format!("{:?}", bench.core.log);
    assert!(!log.contains("Bearer"), "keys are not stored");
}

#[test]
fn a_body_must_be_json_and_say_so() {
    let mut bench = Bench::new();
    let mut refusal = |content_type: Option<&str>, body: &str| {
        let mut incoming = request("POST", "/gpu/instance/stop", "Bearer key");
        incoming.query.clear();
        incoming.content_type = content_type.map(str::to_owned);
        incoming.body = body.as_bytes().to_vec();
        let received = bench.core.receive(&incoming);
        outcome(&bench.core.perform(&received)).unwrap_err()
    };
    assert_eq!(refusal(None, "{}"), "400 REQUEST: Content-Type must be application/json");
    assert_eq!(refusal(Some("application/json"), "{"), "400 REQUEST: the body is not JSON");
    assert_eq!(refusal(Some("application/json"), ""), "400 VALIDATOR_PARAM: body: is required");
    let missing = refusal(Some("application/json; charset=utf-8"), "{}");
    assert_eq!(missing, "400 VALIDATOR_PARAM: instanceId: is required");
}

#[test]
fn faults_answer_in_place_of_the_work_or_after_it() {
    let mut bench = Bench::new();
    let mut alive_after = |effect: Effect| {
        bench.fault("/create", effect);
        let answer = bench.send("POST", "/gpu/instance/create", &[], Some(&gpu(json!({"gpuNum": 1}))));
        let alive = bench.core.novita.alive().len();
        bench.core.novita.instances.clear();
        format!("{} {:?} {} {alive}", answer.status, answer.retry_after, answer.content_type)
    };
    let error = |code: u16| (code, "CREATE_INSTANCE_LIMIT".to_owned(), "no more".to_owned());
    let (code, reason, message) = error(400);
    assert_eq!(alive_after(Effect::Status { code, reason, message }), "400 None application/json 0");
    let (code, reason, message) = error(400);
    assert_eq!(alive_after(Effect::RefusedButDone { code, reason, message }), "400 None application/json 1");
    assert_eq!(alive_after(Effect::Http429 { retry_after: None }), "429 None application/json 0");
    let after = Some("7".to_owned());
    assert_eq!(alive_after(Effect::Http429 { retry_after: after }), "429 Some(\"7\") application/json 0");
    assert_eq!(alive_after(Effect::Http5xx { code: 503, html: true }), "503 None text/html 0");
    assert_eq!(alive_after(Effect::Http5xx { code: 500, html: false }), "500 None application/json 0");
    assert_eq!(alive_after(Effect::OutOfStock), "400 None application/json 0");
    assert_eq!(alive_after(Effect::Drop(When::After)), "200 None application/json 1");
    assert_eq!(alive_after(Effect::Empty), "200 None application/json 1");
}

fn request(method: &str, path: &str, authorization: &str) -> Incoming {
    Incoming {
        method: method.to_owned(),
        path: format!("{PREFIX}{path}"),
        query: if path.ends_with("instance") {
            vec![("instanceId".to_owned(), "x".to_owned())]
        } else {
            Vec::new()
        },
        authorization: Some(authorization.to_owned()),
        ..Incoming::default()
    }
}
