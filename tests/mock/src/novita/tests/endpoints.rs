//! Serverless endpoints: their walks, forms and books.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Bench, changed};
use crate::faults::Effect;
use crate::novita::style::{AnswerStyle, Gone};

pub(super) const GONE: &str = "400 SERVERLESS_ENDPOINT_NOT_FOUND: endpoint not found";

/// What create takes inside its wrapper, with the members given on top; null takes one away.
pub(super) fn settings(change: Value) -> Value {
    let base = json!({
        "name": "tf-llm", "appName": "tf-llm-a1",
        "workerConfig": {
            "minNum": 0, "maxNum": 2, "freeTimeout": 300, "maxConcurrent": 1, "gpuNum": 1, "requestTimeout": 600,
        },
        "ports": [{"port": "8000"}], "policy": {"type": "queue", "value": 60},
        "image": {"image": "docker.io/acme/llm:2", "authId": "", "command": ""},
        "products": [{"id": "SL-serverless-3"}], "rootfsSize": 100,
        "volumeMounts": [{"type": "local", "size": 30, "mountPath": "/workspace"}],
        "clusterID": "", "envs": [{"key": "MODEL", "value": "demo"}], "healthy": {"path": "/health"},
    });
    changed(base, change)
}

/// What update takes: the same flat, with the id and without what cannot change.
pub(super) fn update(id: &str, change: Value) -> Value {
    let settings = settings(json!({"appName": null, "products": null, "rootfsSize": null, "id": id}));
    changed(settings, change)
}

impl Bench {
    pub(super) fn make(&mut self, change: Value) -> Result<String, String> {
        let made = self.post("/endpoint/create", &json!({"endpoint": settings(change)}))?;
        Ok(made["id"].as_str().unwrap().to_owned())
    }

    pub(super) fn serving(&mut self, change: Value) -> String {
        let id = self.make(change).unwrap();
        self.core.time.advance(Duration::from_secs(1));
        self.core.catch_up();
        id
    }

    pub(super) fn endpoint(&mut self, id: &str) -> Result<Value, String> {
        Ok(self.get("/endpoint", &[("id", id)])?["endpoint"].take())
    }

    fn states(&mut self, id: &str, reads: usize) -> String {
        let show = |it: Result<Value, String>| match it {
            Ok(it) => it["state"]["state"].as_str().unwrap().to_owned(),
            Err(error) => error,
        };
        (0..reads).map(|_| show(self.endpoint(id))).collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn an_endpoint_is_initialized_serves_and_ends() {
    let mut bench = Bench::new();
    let id = bench.make(json!({})).unwrap();
    assert_eq!(bench.states(&id, 3), "initializing serving serving");
    bench.post("/endpoint/update", &update(&id, json!({}))).unwrap();
    assert_eq!(bench.states(&id, 2), "updating serving");
    bench.post("/endpoint/delete", &json!({"name": id})).unwrap();
    assert_eq!(bench.core.alive()[0].status, "terminating");
    let again = bench.post("/endpoint/delete", &json!({"name": id})).unwrap_err();
    assert!(again.starts_with("400 CONFLICT: invalid state change"), "{again}");
    assert_eq!(bench.states(&id, 2), format!("terminating {GONE}"));
    assert_eq!(bench.core.alive(), []);
    assert_eq!(bench.core.novita.created.endpoint, 1);
}

#[test]
fn delete_takes_the_id_as_name_or_id_or_both() {
    let mut bench = Bench::new();
    for keys in [&["name"][..], &["id"], &["name", "id"]] {
        let id = bench.serving(json!({"appName": ""}));
        let body = keys.iter().map(|key| ((*key).to_owned(), json!(id))).collect();
        bench.post("/endpoint/delete", &Value::Object(body)).unwrap();
        assert_eq!(bench.states(&id, 1), "terminating");
    }
    let id = bench.serving(json!({"appName": ""}));
    assert_eq!(bench.post("/endpoint/delete", &json!({"name": "tf-llm"})).unwrap_err(), GONE, "not by name");
    let two = bench.post("/endpoint/delete", &json!({"name": id, "id": "other"})).unwrap_err();
    assert!(two.starts_with("400 VALIDATOR_PARAM: name: "), "{two}");
    assert!(bench.post("/endpoint/delete", &json!({})).is_err());
}

#[test]
fn an_answer_has_the_loose_types() {
    let mut bench = Bench::new();
    let id = bench.serving(json!({}));
    let shown = bench.endpoint(&id).unwrap();
    let workers = &shown["workerConfig"];
    assert_eq!((&workers["freeTimeout"], &workers["maxConcurrent"]), (&json!("300"), &json!("1")));
    assert_eq!((&workers["minNum"], &workers["requestTimeout"]), (&json!(0), &json!(600)));
    assert_eq!((&shown["policy"]["value"], &shown["ports"][0]["port"]), (&json!("60"), &json!(8000)));
    assert_eq!((&shown["workers"], &shown["clusterID"]), (&Value::Null, &json!("")));
    assert_eq!(shown["url"], "https://tf-llm-a1.example.net");
    assert_eq!((&shown["healthy"]["path"], &shown["healthy"]["period"]), (&json!("/health"), &json!(10)));
    let volume = &shown["volumeMounts"][0];
    assert!(volume["id"].as_str().unwrap().starts_with("lv-") && volume["size"] == 30);
    let listed = bench.get("/endpoints", &[("pageSize", "10"), ("pageNum", "1")]).unwrap();
    assert_eq!((&listed["endpoints"][0]["ports"][0]["port"], &listed["total"]), (&json!("8000"), &json!(1)));
    assert_eq!(listed["endpoints"][0]["volumeMounts"][0]["id"], volume["id"], "it keeps its identifier");
}

#[test]
fn every_switch_of_endpoints_has_its_effect() {
    let mut bench = Bench::new();
    bench.core.novita.style = AnswerStyle::loosest();
    let id = bench.serving(json!({"envs": [], "volumeMounts": []}));
    let shown = bench.get("/endpoint", &[("id", &id)]).unwrap();
    assert_eq!(shown["id"], json!(id), "there is no wrapper");
    assert_eq!(shown["workerConfig"]["freeTimeout"], 300);
    assert!(shown["workerConfig"].get("requestTimeout").is_none());
    assert_eq!(shown["state"], json!({"state": "serving", "error": "none", "message": ""}));
    assert_eq!((&shown["envs"], &shown["volumeMounts"]), (&Value::Null, &Value::Null));
    let listed = bench.get("/endpoints", &[("pageSize", "9"), ("pageNum", "0")]).unwrap();
    assert_eq!(listed["endpoints"][0]["workerConfig"]["requestTimeout"], 600);
    assert!(listed.get("total").is_none());
    assert_eq!(bench.post("/endpoint/update", &update(&id, json!({}))).unwrap(), Value::Null);
}

#[test]
fn an_endpoint_that_is_not_there_has_four_forms() {
    let mut bench = Bench::new();
    assert_eq!(bench.endpoint("nobody").unwrap_err(), GONE);
    bench.core.novita.style.gone = Gone::Http404;
    assert!(bench.endpoint("nobody").unwrap_err().starts_with("404 "));
    bench.core.novita.style.gone = Gone::EmptyObject;
    assert_eq!(bench.endpoint("nobody").unwrap(), json!({}));
    bench.core.novita.style.gone = Gone::Null;
    assert_eq!(bench.endpoint("nobody").unwrap(), Value::Null);
}

#[test]
fn workers_are_shown_as_they_are_kept() {
    let mut bench = Bench::new();
    let config = settings(json!({}))["workerConfig"].take();
    let id = bench.make(json!({"workerConfig": changed(config.clone(), json!({"minNum": 2}))})).unwrap();
    let states = |shown: Value| {
        let workers = shown["workers"].as_array().unwrap().clone();
        workers.iter().map(|it| it["state"]["state"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(states(bench.endpoint(&id).unwrap()), "pulling pulling");
    assert_eq!(states(bench.endpoint(&id).unwrap()), "running running");
    let more = update(&id, json!({"workerConfig": changed(config, json!({"minNum": 1}))}));
    bench.post("/endpoint/update", &more).unwrap();
    bench.endpoint(&id).unwrap();
    assert_eq!(states(bench.endpoint(&id).unwrap()), "running removed", "an old one is still shown");
}

#[test]
fn update_replaces_everything_and_empties_what_is_left_out() {
    let mut bench = Bench::new();
    let id = bench.serving(json!({}));
    let volume = bench.endpoint(&id).unwrap()["volumeMounts"][0]["id"].take();
    let change = json!({
        "name": "new", "policy": {"type": "concurrency", "value": 20}, "ports": [{"port": 9000}],
        "image": {"image": "docker.io/acme/llm:3", "authId": "auth-9f21", "command": "serve"},
        "envs": [{"key": "A", "value": "1"}], "healthy": {"path": "/live"},
    });
    bench.post("/endpoint/update", &update(&id, change)).unwrap();
    let shown = bench.endpoint(&id).unwrap();
    assert_eq!((&shown["name"], &shown["healthy"]["path"]), (&json!("new"), &json!("/live")));
    assert_eq!(shown["policy"], json!({"type": "concurrency", "value": "20"}));
    assert_eq!((&shown["ports"][0]["port"], &shown["image"]["command"]), (&json!(9000), &json!("serve")));
    assert_eq!(shown["volumeMounts"][0]["id"], volume, "the volume is the same one");
    assert_eq!((&shown["appName"], &shown["rootfsSize"]), (&json!("tf-llm-a1"), &json!(100)));
    let left_out = json!({"name": null, "volumeMounts": null, "envs": null, "healthy": null});
    bench.post("/endpoint/update", &update(&id, left_out)).unwrap();
    let record = bench.core.novita.endpoint_record(&id).unwrap();
    assert_eq!(
        (&record["name"], &record["volumeMounts"], &record["envs"]),
        (&json!(""), &json!([]), &json!([]))
    );
}

#[test]
fn update_reads_numbers_and_texts() {
    let mut bench = Bench::new();
    let id = bench.serving(json!({}));
    let config = json!({
        "minNum": "0", "maxNum": 3, "freeTimeout": "60", "maxConcurrent": "5", "gpuNum": 1, "requestTimeout": "90",
    });
    let change = json!({"workerConfig": config, "policy": {"type": "queue", "value": "30"}});
    bench.post("/endpoint/update", &update(&id, change)).unwrap();
    let record = bench.core.novita.endpoint_record(&id).unwrap();
    assert_eq!(
        (&record["workerConfig"]["freeTimeout"], &record["policy"]["value"]),
        (&json!(60), &json!(30))
    );
}

#[test]
fn an_endpoint_that_moves_takes_no_update() {
    let mut bench = Bench::new();
    let id = bench.make(json!({})).unwrap();
    let refused = bench.post("/endpoint/update", &update(&id, json!({}))).unwrap_err();
    assert_eq!(refused, "400 CONFLICT: invalid state change: the endpoint is initializing");
    bench.core.novita.set_status(&id, "failed");
    bench.post("/endpoint/update", &update(&id, json!({}))).unwrap();
    assert_eq!(bench.states(&id, 2), "updating serving", "an update can mend it");
    assert_eq!(bench.post("/endpoint/update", &update("nobody", json!({}))).unwrap_err(), GONE);
}

#[test]
fn an_endpoint_can_fail_vanish_and_come_late() {
    let mut bench = Bench::new();
    bench
        .fault("/endpoint/create", Effect::StatusError { message: "no such image".to_owned(), status: None });
    let id = bench.make(json!({})).unwrap();
    assert_eq!(bench.states(&id, 3), "initializing failed failed");
    let state = bench.endpoint(&id).unwrap()["state"].take();
    assert_eq!(
        (&state["error"], &state["message"]),
        (&json!("worker_start_failed"), &json!("no such image"))
    );
    bench.core.faults.push(crate::faults::Fault::new("GET", "/endpoint", Effect::VanishInstance));
    assert_eq!(bench.endpoint(&id).unwrap_err(), GONE);
    bench.fault("/endpoint/create", Effect::NotFoundJustAfterCreate { reads: 1 });
    bench.fault("/endpoint/create", Effect::ListLag { reads: 1 });
    let id = bench.make(json!({})).unwrap();
    assert_eq!(bench.states(&id, 2), format!("{GONE} initializing"));
    let mut listed =
        || bench.get("/endpoints", &[("pageSize", "9"), ("pageNum", "1")]).unwrap()["total"].take();
    assert_eq!([listed(), listed()], [json!(0), json!(1)]);
    for effect in [Effect::UnknownStatus("moving".to_owned()), Effect::EnterStatus("stopped".to_owned())] {
        bench.core.faults.push(crate::faults::Fault::new("GET", "/endpoint", effect));
    }
    assert_eq!(bench.states(&id, 3), "moving stopped stopped");
}

#[test]
fn the_limits_are_bare_and_have_extras() {
    let mut bench = Bench::new();
    let limit = bench.get("/endpoint/limit", &[]).unwrap();
    assert_eq!((&limit["maxGPUNum"], &limit["cudaVersionList"]), (&json!(8), &json!(["12.4", "12.6"])));
    assert_eq!(limit["maxRequestTimeout"], 3600);
    bench.core.novita.style.extra_fields = false;
    assert!(bench.get("/endpoint/limit", &[]).unwrap().get("maxRequestTimeout").is_none());
}
