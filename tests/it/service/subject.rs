//! The resources that the rules are checked on, and what a rule must know of each.
//!
//! A rule is written over [`SUBJECTS`]: whoever adds a resource adds an entry.

use mock_cloud::{Effect, Fault, MockCloud, Request};
use serde_json::{Value, json};

use super::said::SECRET;

/// A call of an API: the method, and how its path ends.
#[derive(Clone, Copy)]
pub(crate) struct Call(pub(crate) &'static str, pub(crate) &'static str);

impl Call {
    /// Whether a request is this call.
    pub(crate) fn is(self, request: &Request) -> bool {
        request.method == self.0 && request.path.ends_with(self.1)
    }

    /// The call with something that goes wrong in it.
    pub(crate) fn with(self, effect: Effect) -> Fault {
        Fault::new(self.0, self.1, effect)
    }
}

/// New values, and the calls that they need.
type TwoChanges = (fn() -> Value, [Call; 2]);

/// What the rules need to know of a resource.
pub(crate) struct Subject {
    pub(crate) type_name: &'static str,
    /// The attribute with the key of its API, and the variable that stands for it.
    pub(crate) key: (&'static str, &'static str),
    /// The least that can be configured.
    pub(crate) least: fn() -> Value,
    /// All that can be configured at once.
    pub(crate) full: fn() -> Value,
    pub(crate) create: Call,
    pub(crate) get: Call,
    pub(crate) delete: Call,
    /// A change in place that is waited for, its call, and the status meanwhile.
    pub(crate) slow_change: (fn() -> Value, Call, &'static str),
    /// Two changes in place by two calls, in the order in which they are made.
    pub(crate) two_changes: Option<TwoChanges>,
    /// An attribute whose change replaces, with a new value.
    pub(crate) replacing: (&'static str, fn() -> Value),
    /// An id that cannot be one, and one that could.
    pub(crate) ids: (&'static str, &'static str),
    /// The status while it is made, and in the end.
    pub(crate) statuses: (&'static str, &'static str),
    /// Statuses in which it is as good as gone.
    pub(crate) leaving: &'static [&'static str],
    /// Statuses in which it is out of order but there.
    pub(crate) staying: &'static [&'static str],
    /// Attributes that are a secret of the user's or of the machine's.
    pub(crate) secrets: &'static [&'static str],
    /// Takes one out of the cloud's books.
    pub(crate) remove: fn(&MockCloud, &str) -> bool,
    /// Whether it has a name, and a reason for its failures.
    pub(crate) has_name: bool,
    /// Whether the API tells by a 404 that a path is wrong, and by another answer that a thing is gone.
    pub(crate) names_what_is_missing: bool,
}

impl Subject {
    /// A creation that fails for good, with these words where the API gives any.
    pub(crate) fn failing(&self, message: &str) -> Effect {
        // An instance that stays at `pulling` may still make it, so that is waited for.
        let status = self.type_name.ends_with("instance").then(|| "exited".to_owned());
        Effect::StatusError { message: message.to_owned(), status }
    }
}

pub(crate) const SUBJECTS: &[&Subject] = &[&GPU, &CPU, &ENDPOINT, &VM];

/// Resources that have no status. The rules about machines do not concern them; their story is in `four`, and the
/// cloud does not count them among what is alive.
pub(crate) const STORED: &[&Subject] = &[&STORAGE, &NETWORK, &REGISTRY_AUTH, &PREWARM, &TEMPLATE, &SSH_KEY];

const GET_INSTANCE: Call = Call("GET", "/gpu/instance");
const EDIT: Call = Call("POST", "/gpu/instance/edit");
const UPGRADE: Call = Call("POST", "/gpu/instance/upgrade");

pub(crate) const GPU: Subject = Subject {
    type_name: "novita_gpu_instance",
    key: ("api_key", "NOVITA_API_KEY"),
    least: || {
        json!({
            "product_id": "4090.16c62g",
            "gpu_num": 1,
            "rootfs_size": 60,
            "image_url": "docker.io/acme/trainer:1.4",
        })
    },
    full: || {
        let own = json!({
            "product_id": "4090.16c62g",
            "gpu_num": 2,
            "rootfs_size": 60,
            "billing_mode": "onDemand",
            "month": 0,
            "auto_renew": false,
            "min_cuda_version": "12.4",
        });
        super::patched(&full_container(), &own)
    },
    create: Call("POST", "/gpu/instance/create"),
    get: GET_INSTANCE,
    delete: Call("POST", "/gpu/instance/delete"),
    slow_change: (|| json!({"image_url": "docker.io/acme/trainer:1.5"}), UPGRADE, "resetting"),
    two_changes: Some((
        || json!({"ports": ["9000/http"], "image_url": "docker.io/acme/trainer:1.5"}),
        [EDIT, UPGRADE],
    )),
    replacing: ("gpu_num", || json!(3)),
    ids: ("an/instance", "6c1be0a94d27f3e8"),
    statuses: ("toCreate", "running"),
    leaving: &["toRemove", "removing", "removed"],
    staying: &["exited", "freezing", "migrating", "a new one"],
    secrets: &["image_auth", "image_auth_wo", "secret_envs", "ssh_password"],
    remove: MockCloud::remove_instance,
    has_name: true,
    names_what_is_missing: true,
};

pub(crate) const CPU: Subject = Subject {
    type_name: "novita_cpu_instance",
    least: || json!({"product_id": "cpu.4c8g", "image_url": "docker.io/acme/trainer:1.4"}),
    full: || {
        let own = json!({"product_id": "cpu.16c64g", "local_storage_mount_point": "/scratch"});
        super::patched(&full_container(), &own)
    },
    replacing: ("local_storage_mount_point", || json!("/elsewhere")),
    ..GPU
};

/// What instances with and without GPUs share.
fn full_container() -> Value {
    json!({
        "name": "trainer",
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
        "desired_status": "running",
        "deletion_protection": false,
        "wait_for_ready": true,
        "timeouts": {"create": "20m", "update": "10m", "delete": "5m"},
    })
}

pub(crate) const ENDPOINT: Subject = Subject {
    type_name: "novita_endpoint",
    key: GPU.key,
    least: || {
        json!({
            "worker_config": {
                "min_num": 0, "max_num": 2, "free_timeout": 60, "max_concurrent": 4, "gpu_num": 1,
            },
            "port": 8000,
            "policy": {"type": "queue", "value": 10},
            "image": {"image": "docker.io/acme/model:1"},
            "product_ids": ["SL-serverless-3"],
            "healthy": {"path": "/health"},
        })
    },
    full: || {
        json!({
            "name": "model",
            "worker_config": {
                "min_num": 1, "max_num": 2, "free_timeout": 60, "max_concurrent": 4, "gpu_num": 1,
                "request_timeout": 300, "cuda_version": "12.4",
            },
            "port": 8000,
            "policy": {"type": "concurrency", "value": 10},
            "image": {"image": "docker.io/acme/model:1", "auth_id": "auth-9f21", "command": "serve"},
            "product_ids": ["SL-serverless-4"],
            "rootfs_size": 100,
            "volume_mounts": [
                {"type": "local", "size": 30, "mount_path": "/scratch"},
                {"type": "network", "id": "st-51c0", "mount_path": "/data"},
            ],
            "cluster_id": "7",
            "envs": {"MODE": "serve"},
            "secret_envs": {"TOKEN": format!("{SECRET}-token")},
            "healthy": {"path": "/health"},
            "deletion_protection": false,
            "wait_for_ready": true,
            "timeouts": {"create": "20m", "update": "10m", "delete": "5m"},
        })
    },
    create: Call("POST", "/endpoint/create"),
    get: Call("GET", "/endpoint"),
    delete: Call("POST", "/endpoint/delete"),
    slow_change: (|| json!({"port": 8001}), Call("POST", "/endpoint/update"), "updating"),
    two_changes: None,
    replacing: ("product_ids", || json!(["SL-serverless-4", "SL-serverless-3"])),
    ids: ("an/endpoint", "ep-7d20c4"),
    statuses: ("initializing", "serving"),
    leaving: &["terminating", "deleting", "removed"],
    staying: &["stopped", "failed", "updating", "a new one"],
    secrets: &["secret_envs"],
    remove: MockCloud::remove_endpoint,
    has_name: true,
    names_what_is_missing: true,
};

pub(crate) const VM: Subject = Subject {
    type_name: "novacloud_vm",
    key: ("novacloud_api_key", "NOVACLOUD_API_KEY"),
    least: || {
        json!({
            "node": "vm02", "gpu_type": "5090", "gpu_count": 1, "storage_gb": 100, "template_vmid": 9000,
        })
    },
    full: || {
        json!({
            "node": "vm02",
            "gpu_type": "5090",
            "gpu_count": 2,
            "storage_gb": 100,
            "template_vmid": 9000,
            "rental_type": "on_demand",
            "auth_method": "password",
            "password": format!("{SECRET}-password"),
            "desired_status": "running",
            "deletion_protection": false,
            "wait_for_ready": true,
            "timeouts": {"create": "20m", "update": "10m", "delete": "5m"},
        })
    },
    create: Call("POST", "/vms"),
    // A VM's path ends with its id; a search or a list is a look as well.
    get: Call("GET", ""),
    delete: Call("DELETE", ""),
    slow_change: (|| json!({"desired_status": "stopped"}), Call("POST", "/stop"), "stopping"),
    two_changes: None,
    replacing: ("storage_gb", || json!(200)),
    ids: ("vm-1", "b0c6e0a2-77f1-4b39-8a0d-1f6b1f0f5a11"),
    statuses: ("creating", "running"),
    leaving: &["destroyed"],
    staying: &["stopped", "interrupted", "failed", "a new one"],
    secrets: &["password", "password_wo"],
    remove: MockCloud::remove_vm,
    has_name: false,
    names_what_is_missing: false,
};

pub(crate) const STORAGE: Subject = Subject {
    type_name: "novita_network_storage",
    key: GPU.key,
    least: || json!({"cluster_id": "7", "size": 100}),
    full: || {
        json!({
            "cluster_id": "7",
            "name": "data",
            "size": 100,
            "deletion_protection": false,
            "timeouts": {"create": "4m", "update": "3m", "delete": "2m"},
        })
    },
    create: Call("POST", "/networkstorage/create"),
    get: Call("GET", "/networkstorages/list"),
    delete: Call("POST", "/networkstorage/delete"),
    slow_change: (|| json!({"size": 200}), Call("POST", "/networkstorage/update"), ""),
    two_changes: None,
    replacing: ("cluster_id", || json!("us-dallas-nas-2")),
    ids: ("a/storage", "st-0c9e3a71"),
    statuses: ("", ""),
    leaving: &[],
    staying: &[],
    secrets: &[],
    remove: MockCloud::remove_storage,
    has_name: true,
    names_what_is_missing: true,
};

pub(crate) const TEMPLATE: Subject = Subject {
    type_name: "novita_template",
    key: GPU.key,
    least: || json!({"name": "trainer", "image": "docker.io/acme/trainer:1.4", "rootfs_size": 60}),
    full: || {
        json!({
            "name": "trainer",
            "type": "instance",
            "channel": "private",
            "image": "docker.io/acme/trainer:1.4",
            "image_auth_id": "auth-9f21",
            "rootfs_size": 60,
            "readme": "# Trainer\n\nTrains.",
            "start_command": "python run.py",
            "entrypoint": "/bin/sh -c",
            "ports": ["8080/http", "22/tcp"],
            "envs": {"MODE": "train"},
            "secret_envs": {"TOKEN": format!("{SECRET}-token")},
            "min_cuda_version": "12.4",
            "timeouts": {"create": "4m", "update": "3m", "delete": "2m"},
        })
    },
    create: Call("POST", "/template/create"),
    get: Call("GET", "/template"),
    delete: Call("POST", "/template/delete"),
    slow_change: (|| json!({"rootfs_size": 80}), Call("POST", "/template/update"), ""),
    two_changes: None,
    replacing: ("channel", || json!("community")),
    ids: ("a/template", "tpl-58b1e0"),
    secrets: &["secret_envs"],
    remove: MockCloud::remove_template,
    ..STORAGE
};

/// A public key of which nobody has the other half.
pub(crate) const PUBLIC_KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

pub(crate) const SSH_KEY: Subject = Subject {
    type_name: "novacloud_ssh_key",
    key: VM.key,
    least: || json!({"public_key": PUBLIC_KEY}),
    full: || {
        json!({
            "public_key": format!("{PUBLIC_KEY} someone@example"),
            "label": "ci",
            "timeouts": {"create": "4m", "update": "3m", "delete": "2m"},
        })
    },
    create: Call("POST", "/ssh-keys"),
    // A key's path ends with its id; a list is a look as well.
    get: Call("GET", ""),
    delete: Call("DELETE", ""),
    // Nothing of a key is changed by a call.
    slow_change: (|| json!({"timeouts": {"delete": "1m"}}), Call("POST", "/none"), ""),
    replacing: ("label", || json!("other")),
    ids: ("key-1", "4e1d9f0c-6a2b-4c37-9f58-2d7b0a6c1e44"),
    remove: MockCloud::remove_ssh_key,
    has_name: false,
    names_what_is_missing: false,
    ..STORAGE
};

pub(crate) const NETWORK: Subject = Subject {
    type_name: "novita_network",
    least: || json!({"cluster_id": "7"}),
    full: || {
        json!({
            "cluster_id": "7",
            "name": "net",
            "timeouts": {"create": "4m", "update": "3m", "delete": "2m"},
        })
    },
    create: Call("POST", "/network/create"),
    get: Call("GET", "/network"),
    delete: Call("POST", "/network/delete"),
    slow_change: (|| json!({"name": "den"}), Call("POST", "/network/update"), ""),
    ids: ("a/network", "vpc-83aa41d2"),
    statuses: ("creating", "ready"),
    remove: |cloud, id| {
        cloud.with_novita(|it| {
            let before = it.networks.len();
            it.networks.retain(|it| it.id != id);
            it.networks.len() < before
        })
    },
    ..STORAGE
};

pub(crate) const REGISTRY_AUTH: Subject = Subject {
    type_name: "novita_registry_auth",
    least: || json!({"name": "ghcr.io", "username": "bot", "password": format!("{SECRET}-password")}),
    full: || {
        json!({
            "name": "ghcr.io",
            "username": "bot",
            "password": format!("{SECRET}-password"),
            "timeouts": {"create": "4m", "update": "3m", "delete": "2m"},
        })
    },
    create: Call("POST", "/repository/auth/save"),
    get: Call("GET", "/repository/auths"),
    delete: Call("POST", "/repository/auth/delete"),
    // Nothing of one changes in place.
    slow_change: (|| json!({"timeouts": {"delete": "5m"}}), Call("POST", "/repository/auth/none"), ""),
    replacing: ("username", || json!("other")),
    ids: ("an/auth", "auth-5d20c4f1"),
    secrets: &["password", "password_wo"],
    remove: |cloud, id| {
        cloud.with_novita(|it| {
            let before = it.registry_auths.len();
            it.registry_auths.retain(|it| it.id != id);
            it.registry_auths.len() < before
        })
    },
    ..STORAGE
};

pub(crate) const PREWARM: Subject = Subject {
    type_name: "novita_image_prewarm",
    least: || json!({"image_url": "docker.io/acme/model:1", "cluster_id": "7"}),
    full: || {
        json!({
            "image_url": "docker.io/acme/model:1",
            "cluster_id": "7",
            "product_ids": ["4090.16c62g"],
            "registry_auth_id": "auth-9f21",
            "note": "tonight",
            "wait_for_ready": true,
            "timeouts": {"create": "4m", "update": "3m", "delete": "2m"},
        })
    },
    create: Call("POST", "/image/prewarm"),
    get: Call("GET", "/image/prewarm"),
    delete: Call("POST", "/image/prewarm/delete"),
    slow_change: (|| json!({"note": "kept"}), Call("POST", "/image/prewarm/edit"), ""),
    replacing: ("image_url", || json!("docker.io/acme/model:2")),
    ids: ("a/task", "prewarm-3f81b0c2"),
    statuses: ("Pending", "Succeeded"),
    remove: |cloud, id| {
        cloud.with_novita(|it| {
            let before = it.prewarms.len();
            it.prewarms.retain(|it| it.id != id);
            it.prewarms.len() < before
        })
    },
    has_name: false,
    ..STORAGE
};
