//! What a user wants: configurations of all resources, and changes of them.

use fastrand::Rng;
use serde_json::{Value as Json, json};

/// One resource block.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) type_name: &'static str,
    pub(super) config: Json,
    /// The `lifecycle` argument of this name.
    pub(super) create_before_destroy: bool,
}

/// All resources.
const TYPES: [&str; 10] = [
    "novita_gpu_instance",
    "novita_cpu_instance",
    "novita_endpoint",
    "novita_network_storage",
    "novacloud_vm",
    "novita_network",
    "novita_registry_auth",
    "novita_template",
    "novita_image_prewarm",
    "novacloud_ssh_key",
];

impl Wish {
    /// Something that a user may want.
    pub(super) fn new(rng: &mut Rng) -> Self {
        let type_name = TYPES[rng.usize(..TYPES.len())];
        let mut wish = Self::least(type_name);
        if type_name == "novacloud_ssh_key" {
            wish.config["public_key"] = public_key(rng);
        }
        for _ in 0..rng.usize(0..4) {
            wish.vary(rng);
        }
        wish.create_before_destroy = rng.u32(0..3) == 0;
        wish
    }

    /// The least that can be wanted of a type.
    pub(super) fn least(type_name: &'static str) -> Self {
        Self { type_name, config: least(type_name), create_before_destroy: false }
    }

    /// Where a new block of it may stand: an address has one type.
    pub(super) fn address(&self, rng: &mut Rng) -> String {
        format!("{}.e{}", self.type_name, rng.u32(0..1000))
    }

    /// Makes what somebody else in the same account wants: what nobody can tell from ours by name, time and
    /// looks has a name or a size of its own, and nothing is kept when it is to go.
    pub(super) fn set_apart(&mut self) {
        match self.type_name {
            "novacloud_vm" => self.config["storage_gb"] = json!(300),
            "novita_image_prewarm" => self.config["image_url"] = json!("docker.io/acme/gamma:1"),
            _ if self.config["name"].is_string() => self.config["name"] = json!("gamma"),
            _ => {}
        }
        if self.type_name == "novita_gpu_instance" {
            self.config["billing_mode"] = Json::Null;
            self.config["month"] = Json::Null;
        }
        if self.is_protectable() {
            self.config["deletion_protection"] = Json::Null;
        }
    }

    /// Whether its destruction can be refused.
    pub(super) fn is_protectable(&self) -> bool {
        !TYPES[5..].contains(&self.type_name)
    }

    /// Changes one attribute, or takes it away.
    pub(super) fn vary(&mut self, rng: &mut Rng) {
        let (name, value) = match self.type_name {
            "novita_gpu_instance" => match rng.u32(0..4) {
                0 => gpu(rng),
                1 => ("product_ids", candidates(rng, &["4090.16c62g", "5090.20c94g", "h100.26c200g"])),
                _ => container(rng),
            },
            "novita_cpu_instance" => match rng.u32(0..6) {
                0 => ("product_ids", candidates(rng, &["cpu.4c8g", "cpu.16c64g", "cpu.64c256g"])),
                _ => container(rng),
            },
            "novita_endpoint" => endpoint(rng),
            "novita_network_storage" => storage(rng),
            "novita_network" => ("name", name(rng)),
            "novita_registry_auth" => registry_auth(rng),
            "novita_template" => template(rng),
            "novita_image_prewarm" => prewarm(rng),
            "novacloud_ssh_key" => ssh_key(rng),
            _ => vm(rng),
        };
        let required = least(self.type_name).get(name).cloned();
        // Each key is another one, as an account has none twice.
        let is_key = name == "public_key";
        let value = if rng.u32(0..5) == 0 && !is_key { required.unwrap_or(Json::Null) } else { value };
        self.config[name] = value;
        self.make_valid();
    }

    /// The name that the user chose.
    pub(super) fn name(&self) -> Option<&str> {
        self.config["name"].as_str()
    }

    fn make_valid(&mut self) {
        let machine = self.type_name.ends_with("instance") || self.type_name == "novacloud_vm";
        let choices = [("product_id", "product_ids"), ("node", "nodes")];
        for (one, many) in choices.into_iter().filter(|_| machine) {
            if let Some(usual) = least(self.type_name).get(one) {
                self.config[one] = if self.config[many].is_array() { Json::Null } else { usual.clone() };
            }
        }
        if self.config["desired_status"] == json!("stopped") && self.config["wait_for_ready"] == json!(false)
        {
            self.config["wait_for_ready"] = Json::Null;
        }
        if self.config["auto_migrate"] == json!(true) {
            self.config["wait_for_ready"] = Json::Null;
        }
        if self.config["billing_mode"] == json!("spot") || self.config["billing_mode"] == json!("onDemand") {
            self.config["month"] = Json::Null;
        }
        if self.config["image_auth"].is_string() {
            self.config["image_auth_id"] = Json::Null;
        }
        let reserved = self.config["rental_type"] == json!("reserved");
        if self.type_name == "novacloud_vm" {
            self.config["reservation_months"] = if reserved { json!(3) } else { Json::Null };
        }
    }
}

fn least(type_name: &str) -> Json {
    match type_name {
        "novita_gpu_instance" => json!({
            "product_id": "4090.16c62g", "gpu_num": 1, "rootfs_size": 60, "image_url": "docker.io/acme/trainer:1",
        }),
        "novita_cpu_instance" => json!({"product_id": "cpu.4c8g", "image_url": "docker.io/acme/trainer:1"}),
        "novita_endpoint" => json!({
            "worker_config": {
                "min_num": 0, "max_num": 2, "free_timeout": 60, "max_concurrent": 4, "gpu_num": 1,
            },
            "port": 8000,
            "policy": {"type": "queue", "value": 10},
            "image": {"image": "docker.io/acme/model:1"},
            "product_ids": ["SL-serverless-3"],
            "healthy": {"path": "/health"},
        }),
        "novita_network_storage" => json!({"cluster_id": "7", "size": 20}),
        "novita_network" => json!({"cluster_id": "7"}),
        "novita_registry_auth" => json!({"name": "ghcr.io", "username": "ci", "password": "hunter2"}),
        "novita_template" => {
            json!({"name": "trainer", "image": "docker.io/acme/trainer:1", "rootfs_size": 60})
        }
        "novita_image_prewarm" => json!({"cluster_id": "7", "image_url": "docker.io/acme/trainer:1"}),
        "novacloud_ssh_key" => json!({"label": "ci"}),
        _ => json!({
            "node": "vm02", "gpu_type": "5090", "gpu_count": 1, "storage_gb": 100, "template_vmid": 9000,
        }),
    }
}

fn container(rng: &mut Rng) -> (&'static str, Json) {
    match rng.u32(0..13) {
        9 => ("cluster_ids", candidates(rng, &["7", "us-dallas-nas-2"])),
        10 => ("capacity_timeout", json!(rng.choice(["2m", "30m"]))),
        0 => ("name", name(rng)),
        1 => ("image_url", json!(format!("docker.io/acme/trainer:{}", rng.u32(1..4)))),
        2 => ("ports", rng.choice([json!(["80/http"]), json!(["80/http", "22/tcp"])]).into()),
        3 => ("envs", json!({"MODE": rng.choice(["train", "serve"])})),
        4 => ("secret_envs", json!({"TOKEN": rng.choice(["one", "two"])})),
        5 => ("command", json!(rng.choice(["run", "walk"]))),
        6 => ("image_auth_id", json!("auth-9f21")),
        7 => ("tools", json!([{"name": "Jupyter", "port": 8888, "type": "http"}])),
        8 => ("image_auth", json!("user:hunter2")),
        _ => common(rng),
    }
}

fn gpu(rng: &mut Rng) -> (&'static str, Json) {
    match rng.u32(0..7) {
        6 => ("auto_migrate", json!(rng.bool())),
        0 => ("gpu_num", json!(rng.u32(1..3))),
        1 | 2 => ("rootfs_size", json!(rng.choice([60, 80, 120]))),
        3 => ("billing_mode", json!(rng.choice(["spot", "onDemand"]))),
        4 => ("month", json!(1)),
        _ => ("min_cuda_version", json!("12.4")),
    }
}

fn endpoint(rng: &mut Rng) -> (&'static str, Json) {
    match rng.u32(0..8) {
        0 => ("name", name(rng)),
        1 => ("port", json!(rng.u32(8000..8003))),
        2 => ("image", json!({"image": format!("docker.io/acme/model:{}", rng.u32(1..4))})),
        3 => ("policy", json!({"type": "concurrency", "value": rng.u32(5..20)})),
        4 => ("envs", json!({"MODE": rng.choice(["a", "b"])})),
        5 => ("product_ids", json!(["SL-serverless-4"])),
        _ => match common(rng) {
            ("desired_status", _) => ("healthy", json!({"path": "/alive"})),
            other => other,
        },
    }
}

fn storage(rng: &mut Rng) -> (&'static str, Json) {
    match rng.u32(0..6) {
        0 | 1 => ("name", name(rng)),
        2 | 3 => ("size", json!(rng.choice([20, 50, 100]))),
        4 => ("cluster_id", json!("us-dallas-nas-2")),
        _ => ("deletion_protection", json!(rng.bool())),
    }
}

fn registry_auth(rng: &mut Rng) -> (&'static str, Json) {
    match rng.u32(0..3) {
        0 => ("name", name(rng)),
        1 => ("username", json!(rng.choice(["ci", "bot"]))),
        _ => ("password", json!(rng.choice(["hunter2", "hunter3"]))),
    }
}

fn template(rng: &mut Rng) -> (&'static str, Json) {
    match rng.u32(0..7) {
        0 => ("name", name(rng)),
        1 => ("image", json!(format!("docker.io/acme/trainer:{}", rng.u32(1..4)))),
        2 => ("rootfs_size", json!(rng.choice([60, 80]))),
        3 => ("ports", rng.choice([json!(["80/http"]), json!(["80/http", "22/tcp"])]).into()),
        4 => ("envs", json!({"MODE": rng.choice(["train", "serve"])})),
        5 => ("secret_envs", json!({"TOKEN": rng.choice(["one", "two"])})),
        _ => ("start_command", json!(rng.choice(["run", "walk"]))),
    }
}

fn prewarm(rng: &mut Rng) -> (&'static str, Json) {
    match rng.u32(0..6) {
        0 => ("image_url", json!(format!("docker.io/acme/trainer:{}", rng.u32(1..4)))),
        1 => ("cluster_id", json!("us-dallas-nas-2")),
        2 => ("product_ids", json!(["4090.16c62g"])),
        3 => ("registry_auth_id", json!("auth-9f21")),
        4 => ("wait_for_ready", json!(false)),
        _ => ("note", json!(rng.choice(["day", "night"]))),
    }
}

fn ssh_key(rng: &mut Rng) -> (&'static str, Json) {
    if rng.bool() { ("label", json!(rng.choice(["ci", "me"]))) } else { ("public_key", public_key(rng)) }
}

/// A key that nobody else has.
fn public_key(rng: &mut Rng) -> Json {
    json!(format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{:0>43}", rng.u64(..)))
}

fn vm(rng: &mut Rng) -> (&'static str, Json) {
    match rng.u32(0..8) {
        3 => ("nodes", candidates(rng, &["vm02", "vm01", "vm04"])),
        4 => ("capacity_timeout", json!(rng.choice(["2m", "30m"]))),
        0 => ("storage_gb", json!(rng.choice([100, 200]))),
        1 => ("gpu_count", json!(rng.choice([1, 2]))),
        2 => ("rental_type", json!(rng.choice(["on_demand", "interruptible", "reserved"]))),
        _ => common(rng),
    }
}

/// What all resources have.
fn common(rng: &mut Rng) -> (&'static str, Json) {
    match rng.u32(0..8) {
        0 => ("wait_for_ready", json!(false)),
        2 | 3 => ("deletion_protection", json!(rng.u32(0..4) != 0)),
        1 => ("timeouts", json!({"create": rng.choice(["30s", "3m"]), "update": "4m", "delete": "2m"})),
        _ => ("desired_status", json!(rng.choice(["running", "stopped"]))),
    }
}

/// Some of these, in any order, the first, which can be had, among them.
fn candidates(rng: &mut Rng, all: &[&str]) -> Json {
    let mut some = all.to_vec();
    rng.shuffle(&mut some);
    some.truncate(rng.usize(1..=all.len()));
    some.extend(all.first().filter(|it| !some.contains(it)));
    json!(some)
}

/// Few names, so that two blocks or a stranger may have the same.
fn name(rng: &mut Rng) -> Json {
    json!(rng.choice(["alpha", "beta"]))
}
