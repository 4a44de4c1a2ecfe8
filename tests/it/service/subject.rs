//! The resources that the rules are checked on, and what a rule must know of each.
//!
//! A rule is written over [`SUBJECTS`]: whoever adds a resource adds an entry.

use serde_json::{Value, json};

use super::said::SECRET;

/// What the rules need to know of a resource.
pub(crate) struct Subject {
    pub(crate) type_name: &'static str,
    /// The least that can be configured.
    pub(crate) least: fn() -> Value,
    /// All that can be configured at once.
    pub(crate) full: fn() -> Value,
    /// The calls, as `METHOD` and path.
    pub(crate) create: (&'static str, &'static str),
    pub(crate) get: (&'static str, &'static str),
    pub(crate) delete: (&'static str, &'static str),
    /// A change that is made in place, is waited for, and its call's path.
    pub(crate) slow_change: (fn() -> Value, &'static str),
    /// Two changes in place by two calls, in the order in which they are made.
    pub(crate) two_changes: (fn() -> Value, [&'static str; 2]),
    /// An attribute whose change replaces, with a new value.
    pub(crate) replacing: (&'static str, fn() -> Value),
    /// An id that cannot be one, and words of the right form.
    pub(crate) malformed_id: (&'static str, &'static str),
    /// The status while it is made, and in the end.
    pub(crate) statuses: (&'static str, &'static str),
    /// Attributes that are a secret of the user's or of the machine's.
    pub(crate) secrets: &'static [&'static str],
}

pub(crate) const SUBJECTS: &[&Subject] = &[&GPU];

pub(crate) const GPU: Subject = Subject {
    type_name: "novita_gpu_instance",
    least: || {
        json!({
            "product_id": "4090.16c62g",
            "gpu_num": 1,
            "rootfs_size": 60,
            "image_url": "docker.io/acme/trainer:1.4",
        })
    },
    full: || {
        json!({
            "name": "trainer",
            "product_id": "4090.16c62g",
            "gpu_num": 2,
            "rootfs_size": 60,
            "image_url": "docker.io/acme/trainer:1.4",
            "image_auth_id": "auth-9f21",
            "ports": ["8080/http", "22/tcp"],
            "envs": {"MODE": "train", "EPOCHS": "3"},
            "secret_envs": {"TOKEN": format!("{SECRET}-token")},
            "tools": [{"name": "Jupyter", "port": 8888, "type": "http"}],
            "command": "python run.py",
            "entrypoint": "/bin/sh -c",
            "cluster_id": "7",
            "network_storages": [{"id": "st-51c0", "mount_point": "/data"}, {"id": "st-51c1"}],
            "network_id": "vpc-83aa",
            "billing_mode": "onDemand",
            "month": 0,
            "auto_renew": false,
            "min_cuda_version": "12.4",
            "desired_status": "running",
            "deletion_protection": false,
            "wait_for_ready": true,
            "timeouts": {"create": "20m", "update": "10m", "delete": "5m"},
        })
    },
    create: ("POST", "/gpu/instance/create"),
    get: ("GET", "/gpu/instance"),
    delete: ("POST", "/gpu/instance/delete"),
    slow_change: (|| json!({"image_url": "docker.io/acme/trainer:1.5"}), "/gpu/instance/upgrade"),
    two_changes: (
        || json!({"ports": ["9000/http"], "image_url": "docker.io/acme/trainer:1.5"}),
        ["/gpu/instance/edit", "/gpu/instance/upgrade"],
    ),
    replacing: ("gpu_num", || json!(3)),
    malformed_id: ("an/instance", "6c1be0a94d27f3e8"),
    statuses: ("toCreate", "running"),
    secrets: &["image_auth", "image_auth_wo", "secret_envs", "ssh_password"],
};
