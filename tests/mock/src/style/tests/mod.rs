//! Each switch alone: what it changes, and that nothing else changes with it.

mod answers;
mod fills;
mod life;
mod lists;

use std::time::Duration;

use serde_json::{Value, json};

use super::{Group, Odds, Style, Switch};
use crate::{Clock, Direct, Effect, MockCloud, Options, Reply};

/// A cloud without a network, and the calls that tests make.
struct Bench(MockCloud);

impl Bench {
    fn new(platform: Style) -> Self {
        let options =
            Options { clock: Clock::Manual, start_time: Some(1_767_225_600), platform, ..Options::default() };
        Self(MockCloud::without_server(options))
    }

    /// Status and body; the body is null when it is empty and a text when it is not JSON.
    fn send(&self, method: &str, target: &str, body: &Value) -> (u16, Value) {
        let request = self.request(method, target, body);
        self.outcome(self.0.exchange(request, &[]))
    }

    /// The same with an effect on the request.
    fn send_with(&self, effect: Effect, method: &str, target: &str, body: &Value) -> (u16, Value) {
        self.outcome(self.0.exchange(self.request(method, target, body), &[effect]))
    }

    fn request(&self, method: &str, target: &str, body: &Value) -> Direct {
        let nova =
            ["/vms", "/ssh-keys", "/search", "/pricing", "/auth"].iter().any(|it| target.starts_with(it));
        let (prefix, key) = if nova {
            (crate::novacloud::PREFIX, self.0.novacloud_api_key())
        } else {
            (crate::novita::PREFIX, self.0.api_key())
        };
        Direct {
            method: method.to_owned(),
            target: format!("{prefix}{target}"),
            authorization: Some(format!("Bearer {key}")),
            body: if body.is_null() { Vec::new() } else { body.to_string().into_bytes() },
        }
    }

    fn outcome(&self, reply: Reply) -> (u16, Value) {
        match reply {
            Reply::Dropped => panic!("the connection was dropped"),
            Reply::Answer { status, body, .. } if body.is_empty() => (status, Value::Null),
            Reply::Answer { status, body, .. } => {
                (status, serde_json::from_str(&body).unwrap_or(Value::String(body)))
            }
        }
    }

    fn pass(&self, seconds: u64) {
        self.0.advance(Duration::from_secs(seconds));
    }

    fn get(&self, target: &str) -> Value {
        self.send("GET", target, &Value::Null).1
    }

    fn post(&self, target: &str, body: &Value) -> Value {
        let (status, answer) = self.send("POST", target, body);
        assert!(status < 300, "{target}: {answer}");
        answer
    }

    fn create_instance(&self) -> Value {
        let body = json!({
            "name": "one", "productId": "4090.16c62g", "gpuNum": 1, "rootfsSize": 60,
            "imageUrl": "nginx", "kind": "gpu",
        });
        self.post("/gpu/instance/create", &body)["id"].take()
    }

    fn create_endpoint(&self) -> Value {
        self.post("/endpoint/create", &json!({"endpoint": self.endpoint()}))["id"].take()
    }

    /// The smallest endpoint.
    #[expect(clippy::unused_self, reason = "it reads best among the calls")]
    fn endpoint(&self) -> Value {
        let workers = json!({
            "minNum": 0, "maxNum": 1, "freeTimeout": 60, "maxConcurrent": 1, "gpuNum": 1, "requestTimeout": 60,
        });
        json!({
            "name": "llm", "workerConfig": workers, "ports": [{"port": "80"}],
            "policy": {"type": "queue", "value": 10}, "image": {"image": "acme/llm:2"},
            "products": [{"id": "SL-serverless-3"}], "rootfsSize": 100, "volumeMounts": [],
            "healthy": {"path": "/"},
        })
    }

    fn create_vm(&self) -> Value {
        let body = json!({
            "node": "vm02", "gpu_type": "5090", "gpu_count": 1, "storage_gb": 50, "template_vmid": 101,
        });
        self.post("/vms", &body)["id"].take()
    }
}

/// The id as it stands in a query.
fn plain(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

#[test]
fn no_switch_is_on_at_first() {
    let style = Style::default();
    assert!(Switch::ALL.into_iter().all(|it| style.odds(it).is_none() && !style.holds(it, "a")));
}

#[test]
fn the_readme_lists_every_switch_and_odd_answer() {
    let readme = include_str!("../../../README.md");
    for switch in Switch::ALL {
        let row = format!("| `{}` | {} |", plain(&json!(switch)), switch.about());
        assert!(readme.contains(&row), "{row}");
    }
    let odd = crate::Odd::ALL.map(|it| plain(&json!(it)));
    let ids = crate::CreatedId::ALL.map(|it| plain(&json!(it)));
    for name in odd.iter().chain(&ids) {
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn names_are_read_in_either_case_and_wrong_ones_told() {
    let style = Style::parse("fills-in, diskRounded,ssh-port").unwrap();
    assert_eq!(style.odds(Switch::DiskRounded), Some(Odds::Always));
    assert_eq!(style.odds(Switch::EchoCommand), Some(Odds::Drawn));
    assert_eq!(Style::parse(""), Ok(Style::default()));
    assert_eq!(Style::parse("ssh-prot").unwrap_err(), "\"ssh-prot\" is neither a group nor a switch");
}

#[test]
fn draws_repeat_themselves_and_differ_by_seed() {
    let objects: Vec<String> = (0..64).map(|it| format!("object-{it}")).collect();
    let drawn = |seed: u64| -> Vec<bool> {
        let style = Style::fills_in(seed);
        objects.iter().map(|it| style.holds(Switch::DiskRounded, it)).collect()
    };
    let hits = drawn(7).iter().filter(|it| **it).count();
    assert!((16..=48).contains(&hits), "{hits} of 64 is not about half");
    assert_eq!(drawn(7), drawn(7));
    assert_ne!(drawn(7), drawn(8));
    let style = Style::fills_in(7);
    assert!(
        Switch::ALL
            .into_iter()
            .all(|it| style.odds(it) == (it.group() == Group::FillsIn).then_some(Odds::Drawn))
    );
}
