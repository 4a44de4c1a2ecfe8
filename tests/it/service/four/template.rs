//! Templates of Novita AI, from their API pages and the client that changes them.

use mock_cloud::MockCloud;
use serde_json::{Value, json};

use super::table::{Drift, Four, InPlace, Replaced};
use crate::service::subject;

pub(super) const TEMPLATE: Four = Four {
    subject: &subject::TEMPLATE,
    create: "POST /template/create",
    delete: "POST /template/delete",
    in_place: changes,
    replaced: || {
        let community = json!({"channel": "community"});
        vec![
            Replaced::new(json!({}), community, &["channel"]),
            Replaced::new(json!({}), json!({"type": "serverless"}), &["type"]),
        ]
    },
    drifts,
    kept: || vec![(json!({"channel": "community"}), "channel"), (json!({"type": "serverless"}), "type")],
    never_read: &["timeouts"],
    fixed: &["id", "channel", "type", "created_at"],
    record,
    modify: |cloud, id, patch| cloud.modify_template(id, patch),
    remove: MockCloud::remove_template,
};

fn record(cloud: &MockCloud, id: &str) -> Option<Value> {
    cloud.templates().into_iter().find(|it| it.id == id).map(|it| it.settings)
}

/// The one call of a change, which takes all of it.
fn update(changes: &Value) -> Vec<(String, Value)> {
    let whole = json!({
        "Id": "<id>", "name": "trainer", "type": "instance", "channel": "private",
        "image": "docker.io/acme/trainer:1.4", "imageAuth": "", "rootfsSize": 60, "readme": "", "startCommand": "",
        "entrypoint": "", "ports": [], "envs": [], "minCudaVersion": "",
    });
    let template = super::super::world::patched(&whole, changes);
    vec![("POST /template/update".to_owned(), json!({"template": template}))]
}

fn changes() -> Vec<InPlace> {
    let env = |key: &str, value: &str| json!({"key": key, "value": value});
    let one = |change: Value, sent: Value| InPlace::new(json!({}), change, update(&sent));
    vec![
        one(json!({"name": "other"}), json!({"name": "other"})),
        one(json!({"image": "docker.io/acme/other:2"}), json!({"image": "docker.io/acme/other:2"})),
        one(json!({"image_auth_id": "auth-9f21"}), json!({"imageAuth": "auth-9f21"})),
        one(json!({"rootfs_size": 20}), json!({"rootfsSize": 20})),
        one(json!({"readme": "# How\n\nSo."}), json!({"readme": "# How\n\nSo."})),
        one(json!({"start_command": "run"}), json!({"startCommand": "run"})),
        one(json!({"entrypoint": "/bin/sh"}), json!({"entrypoint": "/bin/sh"})),
        one(json!({"min_cuda_version": "12.4"}), json!({"minCudaVersion": "12.4"})),
        one(
            json!({"ports": ["22/tcp", "8080/http", "80/http"]}),
            json!({"ports": [{"type": "http", "ports": [80, 8080]}, {"type": "tcp", "ports": [22]}]}),
        ),
        one(
            json!({"envs": {"A": "1"}, "secret_envs": {"B": "2"}}),
            json!({"envs": [env("A", "1"), env("B", "2")]}),
        ),
        InPlace::new(
            json!({"start_command": "run", "ports": ["22/tcp"]}),
            json!({"start_command": null, "ports": null}),
            update(&json!({})),
        ),
        InPlace::new(
            json!({}),
            json!({"timeouts": {"create": "2h", "update": "1h30m", "delete": "90s"}}),
            Vec::new(),
        ),
    ]
}

fn drifts() -> Vec<Drift> {
    let env = |key: &str, value: &str| json!({"key": key, "value": value});
    vec![
        Drift::new(json!({"name": "theirs"}), "name", json!("theirs")),
        Drift::new(json!({"image": "nginx"}), "image", json!("nginx")),
        Drift::new(json!({"imageAuth": ""}), "image_auth_id", Value::Null),
        Drift::new(json!({"rootfsSize": 50}), "rootfs_size", json!(50)),
        Drift::new(json!({"readme": "theirs"}), "readme", json!("theirs")),
        Drift::new(json!({"startCommand": "theirs"}), "start_command", json!("theirs")),
        Drift::new(json!({"entrypoint": "theirs"}), "entrypoint", json!("theirs")),
        Drift::new(json!({"ports": [{"type": "tcp", "ports": [22]}]}), "ports", json!(["22/tcp"])),
        Drift::new(
            json!({"envs": [env("MODE", "theirs"), env("TOKEN", "hunter2-token")]}),
            "envs.MODE",
            json!("theirs"),
        ),
        Drift::new(
            json!({"envs": [env("MODE", "train"), env("TOKEN", "other")]}),
            "secret_envs.TOKEN",
            json!("other"),
        ),
        Drift::new(json!({"minCudaVersion": "12.8"}), "min_cuda_version", json!("12.8")),
    ]
}
