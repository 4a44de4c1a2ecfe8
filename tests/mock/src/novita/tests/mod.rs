//! The vendor's rules, without HTTP. Every answer is checked against the description on its way.

mod changes;
mod creation;
mod description;
mod endpoint_rules;
mod endpoints;
mod listing;
mod looseness;
mod networks;
mod prewarms;
mod registry_auths;
mod storages;
mod templates;
mod walks;

use std::time::Duration;

use serde_json::{Value, json};

use super::{Novita, PREFIX, is_beside};
use crate::answer::{Answer, Incoming};
use crate::clock::{Clock, Time};
use crate::core::Core;
use crate::faults::{Effect, Fault};
use crate::novacloud::NovaCloud;

/// A cloud and the calls that tests make.
struct Bench {
    core: Core,
}

impl Bench {
    fn new() -> Self {
        Self::with_clock(Clock::PerRead)
    }

    fn with_clock(clock: Clock) -> Self {
        Self {
            core: Core::new(
                Time::start(clock, Some(1_767_225_600)),
                Novita::new("key"),
                NovaCloud::new("nv_key"),
            ),
        }
    }

    fn send(&mut self, method: &str, path: &str, query: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let incoming = Incoming {
            method: method.to_owned(),
            path: if is_beside(path) { path.to_owned() } else { format!("{PREFIX}{path}") },
            query: query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            authorization: Some("Bearer key".to_owned()),
            content_type: Some("application/json".to_owned()),
            user_agent: None,
            body: body.map(|it| it.to_string().into_bytes()).unwrap_or_default(),
        };
        let received = self.core.receive(&incoming);
        let answer = self.core.perform(&received);
        if answer.status == 200 && !answer.body.is_empty() {
            let value = serde_json::from_str(&answer.body).unwrap();
            let looks = Novita::description().check_answer(method, path, &value);
            looks.unwrap_or_else(|it| panic!("{method} {path} answered {value}: {it}"));
        }
        answer
    }

    /// A POST; `Ok` is the decoded answer (null for an empty one), `Err` is `code REASON: message`.
    fn post(&mut self, path: &str, body: &Value) -> Result<Value, String> {
        outcome(&self.send("POST", path, &[], Some(body)))
    }

    fn get(&mut self, path: &str, query: &[(&str, &str)]) -> Result<Value, String> {
        outcome(&self.send("GET", path, query, None))
    }

    /// Creates a machine and answers its id.
    fn create(&mut self, body: &Value) -> String {
        self.post("/gpu/instance/create", body).unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// Creates one and waits until it runs.
    fn running(&mut self, body: &Value) -> String {
        let id = self.create(body);
        self.settle();
        id
    }

    fn read(&mut self, id: &str) -> Result<Value, String> {
        self.get("/gpu/instance", &[("instanceId", id)])
    }

    fn action(&mut self, call: &str, id: &str) -> Result<Value, String> {
        self.post(&format!("/gpu/instance/{call}"), &json!({"instanceId": id}))
    }

    /// Lets all walks come to their end, but not so far that what is removed is forgotten.
    fn settle(&mut self) {
        for _ in 0..6 {
            self.core.time.advance(Duration::from_secs(1));
            self.core.catch_up();
        }
    }

    /// The statuses that the next reads show.
    fn statuses(&mut self, id: &str, reads: usize) -> String {
        let show = |it: Result<Value, String>| match it {
            Ok(it) => it["status"].as_str().unwrap().to_owned(),
            Err(error) => error,
        };
        (0..reads).map(|_| show(self.read(id))).collect::<Vec<_>>().join(" ")
    }

    fn record(&self, id: &str) -> Value {
        self.core.novita.instance_record(id).unwrap()
    }

    fn fault(&mut self, path: &str, effect: Effect) {
        let method = if path.ends_with("instance") || path.ends_with('s') { "GET" } else { "POST" };
        self.core.faults.push(Fault::new(method, path, effect));
    }
}

fn outcome(answer: &Answer) -> Result<Value, String> {
    if answer.body.is_empty() {
        return Ok(Value::Null);
    }
    let body: Value = serde_json::from_str(&answer.body).map_err(|_| answer.body.clone())?;
    if answer.status == 200 {
        return Ok(body);
    }
    Err(format!(
        "{} {}: {}",
        body["code"],
        body["reason"].as_str().unwrap(),
        body["message"].as_str().unwrap()
    ))
}

#[test]
fn the_money_of_the_account_is_told_in_texts() {
    let mut bench = Bench::new();
    bench.core.novita.money.pending = 12_345;
    let told = bench.get("/openapi/v1/billing/balance/detail", &[]).unwrap();
    assert_eq!((&told["availableBalance"], &told["pendingCharges"]), (&json!("1487655"), &json!("12345")));
}

/// A small GPU machine with the members given on top; null takes one away.
fn gpu(change: Value) -> Value {
    let base = json!({
        "name": "tf-train", "productId": "4090.16c62g", "gpuNum": 1, "rootfsSize": 60,
        "imageUrl": "docker.io/acme/trainer:1.4", "kind": "gpu",
    });
    changed(base, change)
}

fn cpu(change: Value) -> Value {
    let base = json!({"name": "tf-cpu", "productId": "cpu.4c8g", "imageUrl": "nginx", "kind": "cpu"});
    changed(base, change)
}

fn changed(mut base: Value, change: Value) -> Value {
    let Value::Object(change) = change else { panic!("a change is an object") };
    for (name, value) in change {
        if value.is_null() {
            base.as_object_mut().unwrap().remove(&name);
        } else {
            base[&name] = value;
        }
    }
    base
}
