//! The vendor's rules, without HTTP. Every answer is checked against the description on its way.

mod access;
mod catalogue;
mod creation;
mod description;
mod keys;
mod walks;

use std::time::Duration;

use serde_json::{Value, json};

use super::{NovaCloud, PREFIX};
use crate::answer::{Answer, Incoming};
use crate::clock::{Clock, Time};
use crate::core::Core;
use crate::faults::{Effect, Fault};
use crate::novita::Novita;

/// An identifier that nothing has.
const NOBODY: &str = "00000000-0000-4000-a000-000000000000";

const NOT_FOUND: &str = "404 VM not found";

/// A cloud and the calls that tests make.
struct Bench {
    core: Core,
    key: String,
}

impl Bench {
    fn new() -> Self {
        let time = Time::start(Clock::PerRead, Some(1_767_225_600));
        let core = Core::new(time, Novita::new("key"), NovaCloud::new("nv_key"));
        Self { core, key: "Bearer nv_key".to_owned() }
    }

    fn send(&mut self, method: &str, path: &str, query: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let incoming = Incoming {
            method: method.to_owned(),
            path: format!("{PREFIX}{path}"),
            query: query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            authorization: Some(self.key.clone()).filter(|it| !it.is_empty()),
            content_type: body.map(|_| "application/json".to_owned()),
            user_agent: None,
            body: body.map(|it| it.to_string().into_bytes()).unwrap_or_default(),
        };
        let received = self.core.receive(&incoming);
        let answer = self.core.perform(&received);
        let description = NovaCloud::description();
        if (200..300).contains(&answer.status) && !answer.body.is_empty() {
            let value = serde_json::from_str(&answer.body).unwrap();
            let looks = description.check_answer(method, path, &value);
            looks.unwrap_or_else(|it| panic!("{method} {path} answered {value}: {it}"));
        }
        answer
    }

    /// `Ok` is the decoded answer (null for an empty one), `Err` is the status and the text, or
    /// `place.field: text` for each wrong field.
    fn call(&mut self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        outcome(&self.send(method, path, &[], body))
    }

    fn get(&mut self, path: &str, query: &[(&str, &str)]) -> Result<Value, String> {
        outcome(&self.send("GET", path, query, None))
    }

    /// Makes a VM and answers its id.
    fn make(&mut self, change: Value) -> Result<String, String> {
        let made = self.call("POST", "/vms", Some(&vm(change)))?;
        Ok(made["id"].as_str().unwrap().to_owned())
    }

    /// Makes one and waits until it runs.
    fn running(&mut self) -> String {
        let id = self.make(json!({})).unwrap();
        self.core.time.advance(Duration::from_secs(2));
        self.core.catch_up();
        id
    }

    fn read(&mut self, id: &str) -> Result<Value, String> {
        self.get(&format!("/vms/{id}"), &[])
    }

    fn action(&mut self, action: &str, id: &str) -> Result<Value, String> {
        self.call("POST", &format!("/vms/{id}/{action}"), None)
    }

    fn destroy(&mut self, id: &str) -> Result<Value, String> {
        self.call("DELETE", &format!("/vms/{id}"), None)
    }

    /// The statuses that the next reads show.
    fn statuses(&mut self, id: &str, reads: usize) -> String {
        let show = |it: Result<Value, String>| match it {
            Ok(it) => it["status"].as_str().unwrap().to_owned(),
            Err(error) => error,
        };
        (0..reads).map(|_| show(self.read(id))).collect::<Vec<_>>().join(" ")
    }

    fn fault(&mut self, method: &str, path: &str, effect: Effect) {
        self.core.faults.push(Fault::new(method, path, effect));
    }
}

fn outcome(answer: &Answer) -> Result<Value, String> {
    if answer.body.is_empty() {
        return Ok(Value::Null);
    }
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    if answer.status < 300 {
        return Ok(body);
    }
    let problem = |it: &Value| {
        let location = it["loc"].as_array().unwrap();
        let names: Vec<String> =
            location.iter().map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned)).collect();
        format!("{}: {}", names.join("."), it["msg"].as_str().unwrap())
    };
    let text = match &body["detail"] {
        Value::String(text) => text.clone(),
        list => list.as_array().unwrap().iter().map(problem).collect::<Vec<_>>().join("; "),
    };
    Err(format!("{} {text}", answer.status))
}

/// What create takes, with the members given on top; null takes one away.
fn vm(change: Value) -> Value {
    let mut base = json!({
        "node": "vm02", "gpu_type": "5090", "gpu_count": 1, "storage_gb": 100, "template_vmid": 101,
    });
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
