//! Endpoints, from the API page's sections on create and update.

use serde_json::{Value, json};

use super::table::{Drift, Four, InPlace, Replaced, without_a_call};
use crate::service::said::SECRET;
use crate::service::subject::{self, Subject};
use crate::service::world::patched;

pub(super) const ENDPOINT: Four = Four {
    subject: &SUBJECT,
    create: "POST /endpoint/create",
    delete: "POST /endpoint/delete",
    in_place: || changes().into_iter().chain(without_a_call()).collect(),
    replaced: replacements,
    drifts,
    kept,
    never_read: &["max_hourly_price", "deletion_protection", "wait_for_ready", "timeouts"],
    fixed: &["id", "hourly_price"],
    record: |cloud, id| cloud.endpoint(id),
    modify: |cloud, id, patch| cloud.modify_endpoint(id, patch),
    remove: |cloud, id| cloud.remove_endpoint(id),
};

pub(super) const SUBJECT: Subject = Subject {
    type_name: "novita_endpoint",
    least: || {
        json!({
            "worker_config": workers(&json!({})),
            "port": 8000,
            "policy": {"type": "queue", "value": 60},
            "image": {"image": "docker.io/acme/llm:2"},
            "product_ids": ["SL-serverless-3"],
            "healthy": {"path": "/health"},
        })
    },
    full: || {
        json!({
            "name": "llm",
            "app_name": "llm-a1",
            "worker_config": workers(&json!({"request_timeout": 120, "cuda_version": "12.4"})),
            "port": 8000,
            "policy": {"type": "queue", "value": 60},
            "image": {"image": "docker.io/acme/llm:2", "auth_id": "auth-9f21", "command": "serve --all"},
            "product_ids": ["SL-serverless-3", "SL-serverless-4"],
            "rootfs_size": 100,
            "volume_mounts": [
                {"type": "local", "size": 30, "mount_path": "/workspace"},
                {"type": "network", "id": "st-51c0", "mount_path": "/models"},
            ],
            "cluster_id": "7",
            "envs": {"MODEL": "demo", "BATCH": "8"},
            "secret_envs": {"TOKEN": format!("{SECRET}-token")},
            "healthy": {"path": "/health"},
            "max_hourly_price": 5,
            "deletion_protection": false,
            "wait_for_ready": true,
            "timeouts": {"create": "20m", "update": "10m", "delete": "5m"},
        })
    },
    replacing: ("product_ids", || json!(["SL-serverless-4"])),
    ..subject::ENDPOINT
};

fn workers(changes: &Value) -> Value {
    let least = json!({"min_num": 0, "max_num": 2, "free_timeout": 300, "max_concurrent": 1, "gpu_num": 1});
    patched(&least, changes)
}

/// The update call is flat and wants everything; this is what a get shows of an endpoint with the least
/// configuration.
fn update(changes: &Value) -> (String, Value) {
    let whole = json!({
        "id": "<id>", "name": "<name>", "clusterID": "", "workerConfig": sent_workers(&json!({})),
        "ports": [{"port": "8000"}], "policy": {"type": "queue", "value": 60},
        "image": {"image": "docker.io/acme/llm:2", "authId": "", "command": ""},
        "volumeMounts": [], "envs": [], "healthy": {"path": "/health"},
    });
    ("POST /endpoint/update".to_owned(), patched(&whole, changes))
}

fn sent_workers(changes: &Value) -> Value {
    let least = json!({"minNum": 0, "maxNum": 2, "freeTimeout": 300, "maxConcurrent": 1, "gpuNum": 1,
        "requestTimeout": 600, "cudaVersion": ""});
    patched(&least, changes)
}

fn changes() -> Vec<InPlace> {
    let updated = |made_with, change, sent: Value| InPlace::new(made_with, change, vec![update(&sent)]);
    let worker = |change: Value, sent: Value| {
        let sent = json!({"workerConfig": sent_workers(&sent)});
        updated(json!({}), json!({"worker_config": workers(&change)}), sent)
    };
    let local = json!([{"type": "local", "size": 30, "mount_path": "/workspace"}]);
    let network = json!([{"type": "network", "id": "st-51c0", "mount_path": "/models"}]);
    let image = json!({"image": "docker.io/acme/llm:2", "auth_id": "auth-9f21", "command": "serve"});
    vec![
        InPlace::new(json!({}), json!({"max_hourly_price": 1000}), Vec::new()),
        updated(json!({}), json!({"name": "renamed"}), json!({"name": "renamed"})),
        worker(json!({"min_num": 1}), json!({"minNum": 1})),
        worker(json!({"max_num": 10}), json!({"maxNum": 10})),
        worker(json!({"free_timeout": 60}), json!({"freeTimeout": 60})),
        worker(json!({"max_concurrent": 8}), json!({"maxConcurrent": 8})),
        worker(json!({"gpu_num": 2}), json!({"gpuNum": 2})),
        worker(json!({"request_timeout": 30}), json!({"requestTimeout": 30})),
        worker(json!({"cuda_version": "12.6"}), json!({"cudaVersion": "12.6"})),
        updated(json!({}), json!({"port": 9000}), json!({"ports": [{"port": "9000"}]})),
        updated(
            json!({}),
            json!({"policy": {"type": "concurrency", "value": 4}}),
            json!({"policy": {"type": "concurrency", "value": 4}}),
        ),
        updated(
            json!({}),
            json!({"image": image}),
            json!({"image": {"image": "docker.io/acme/llm:2", "authId": "auth-9f21", "command": "serve"}}),
        ),
        updated(json!({"image": image}), json!({"image": {"image": "docker.io/acme/llm:2"}}), json!({})),
        updated(
            json!({}),
            json!({"volume_mounts": local}),
            json!({"volumeMounts": [{"type": "local", "size": 30, "mountPath": "/workspace"}]}),
        ),
        updated(json!({"volume_mounts": local}), json!({"volume_mounts": null}), json!({})),
        updated(
            json!({}),
            json!({"volume_mounts": network, "cluster_id": "7"}),
            json!({"clusterID": "7",
                "volumeMounts": [{"type": "network", "id": "st-51c0", "mountPath": "/models"}]}),
        ),
        updated(json!({}), json!({"cluster_id": "7"}), json!({"clusterID": "7"})),
        updated(json!({}), json!({"envs": {"A": "1"}}), json!({"envs": [{"key": "A", "value": "1"}]})),
        updated(json!({"envs": {"A": "1"}}), json!({"envs": null}), json!({})),
        updated(
            json!({"envs": {"B": "2"}}),
            json!({"secret_envs": {"A": "hunter2"}}),
            json!({"envs": [{"key": "A", "value": "hunter2"}, {"key": "B", "value": "2"}]}),
        ),
        updated(json!({}), json!({"healthy": {"path": "/ok"}}), json!({"healthy": {"path": "/ok"}})),
        // The same value in the other form costs nothing.
        InPlace::new(
            json!({}),
            json!({"image": {"image": "docker.io/acme/llm:2", "auth_id": "", "command": ""}}),
            vec![],
        ),
        InPlace::new(
            json!({"envs": {"A": "hunter2"}}),
            json!({"envs": null, "secret_envs": {"A": "hunter2"}}),
            vec![],
        ),
    ]
}

fn replacements() -> Vec<Replaced> {
    let products = |ids: &[&str]| json!({"product_ids": ids});
    vec![
        Replaced::new(json!({}), json!({"app_name": "another"}), &["app_name"]),
        Replaced::new(json!({"app_name": "first"}), json!({"app_name": "second"}), &["app_name"]),
        Replaced::new(json!({}), products(&["SL-serverless-4"]), &["product_ids"]),
        Replaced::new(json!({}), products(&["SL-serverless-3", "SL-serverless-4"]), &["product_ids"]),
        Replaced::new(json!({}), json!({"rootfs_size": 120}), &["rootfs_size"]),
    ]
}

fn kept() -> Vec<(Value, &'static str)> {
    vec![
        (json!({"appName": "other"}), "app_name"),
        (json!({"products": [{"id": "SL-serverless-4"}]}), "product_ids"),
        (json!({"products": [{"id": "SL-another"}]}), "product_ids"),
        (json!({"rootfsSize": 120}), "rootfs_size"),
        (json!({"rootfsSize": 90}), "rootfs_size"),
    ]
}

fn drifts() -> Vec<Drift> {
    let worker = |patch: Value| json!({"workerConfig": patch});
    let mounts = json!([{"type": "network", "id": "st-51c0", "size": 100, "mountPath": "/else"}]);
    let variables = json!([{"key": "MODEL", "value": "other"}, {"key": "TOKEN", "value": "hunter2-other"}]);
    let elsewhere = json!({"size": null, "type": "network", "id": "st-51c0", "mount_path": "/else"});
    vec![
        Drift::new(json!({"name": "renamed"}), "name", json!("renamed")),
        Drift::new(json!({"appName": "other"}), "url", json!("https://other.example.net")),
        Drift::new(worker(json!({"minNum": 1})), "worker_config.min_num", json!(1)),
        Drift::new(worker(json!({"maxNum": 3})), "worker_config.max_num", json!(3)),
        Drift::new(worker(json!({"freeTimeout": 60})), "worker_config.free_timeout", json!(60)),
        Drift::new(worker(json!({"maxConcurrent": 5})), "worker_config.max_concurrent", json!(5)),
        Drift::new(worker(json!({"gpuNum": 4})), "worker_config.gpu_num", json!(4)),
        Drift::new(worker(json!({"requestTimeout": 30})), "worker_config.request_timeout", json!(30)),
        Drift::new(worker(json!({"cudaVersion": "12.6"})), "worker_config.cuda_version", json!("12.6")),
        Drift::new(worker(json!({"cudaVersion": ""})), "worker_config.cuda_version", Value::Null),
        Drift::new(json!({"ports": [{"port": 9000}]}), "port", json!(9000)),
        Drift::new(json!({"policy": {"type": "concurrency"}}), "policy.type", json!("concurrency")),
        Drift::new(json!({"policy": {"value": 61}}), "policy.value", json!(61)),
        Drift::new(
            json!({"image": {"image": "docker.io/acme/llm:3"}}),
            "image.image",
            json!("docker.io/acme/llm:3"),
        ),
        Drift::new(json!({"image": {"authId": ""}}), "image.auth_id", Value::Null),
        Drift::new(json!({"image": {"command": "other"}}), "image.command", json!("other")),
        Drift::new(json!({"volumeMounts": mounts}), "volume_mounts", json!([elsewhere])),
        Drift::new(json!({"clusterID": "us-dallas-nas-2"}), "cluster_id", json!("us-dallas-nas-2")),
        Drift::new(json!({"envs": variables}), "envs", json!({"MODEL": "other"})),
        Drift::new(json!({"envs": variables}), "secret_envs", json!({"TOKEN": "hunter2-other"})),
        Drift::new(json!({"healthy": {"path": "/other"}}), "healthy.path", json!("/other")),
        Drift::new(json!({"state": {"state": "stopped"}}), "status", json!("stopped")),
    ]
}
