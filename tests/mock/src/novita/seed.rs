//! What the cloud has before anything is rented: catalogue, storages, networks, credentials.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::catalogue::{Cluster, CpuProduct, Product};
use super::endpoint::EndpointProduct;
use super::template::Template;
use crate::walk::{Pace, Walk};

/// A network storage, as far as instances care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Storage {
    pub storage_id: String,
    pub storage_name: String,
    /// GB.
    pub storage_size: u64,
    pub cluster_id: String,
}

/// A VPC network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Network {
    pub id: String,
    pub name: String,
    pub cluster_id: String,
    /// The first three parts of its addresses, such as `10.8.1`.
    pub segment: String,
    /// `creating` or `ready`.
    pub state: String,
    /// What ails it.
    pub error: String,
    pub created_at: u64,
    pub(super) walk: Walk,
}

impl Network {
    pub(super) fn step(&mut self, pace: &Pace) {
        self.walk.step(&mut self.state, pace);
    }
}

/// A login for a registry that is saved in the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistryAuth {
    pub id: String,
    pub name: String,
    pub username: String,
    pub password: String,
}

/// A cluster with everything; also the only one with private networks.
const EUROPE: &str = "7";
/// A cluster with network storage only.
const AMERICA: &str = "us-dallas-nas-2";
/// A cluster with neither.
const ASIA: &str = "5";

pub(crate) fn clusters() -> Vec<Cluster> {
    let cluster = |id: &str, name: &str, storage: bool, network: bool| Cluster {
        id: id.to_owned(),
        name: name.to_owned(),
        support_network_storage: storage,
        support_instance_network: network,
    };
    vec![
        cluster(EUROPE, "EU-02 (Example)", true, true),
        cluster(AMERICA, "US-01 (Example)", true, false),
        cluster(ASIA, "AP-03 (Example)", false, false),
    ]
}

pub(crate) fn products() -> Vec<Product> {
    let base = Product {
        id: "4090.16c62g".to_owned(),
        name: "RTX 4090 24GB".to_owned(),
        cpu_per_gpu: 16,
        memory_per_gpu: 62,
        max_root_fs: 400,
        clusters: strings(&[EUROPE, AMERICA]),
        price: 35_000,
        spot_price: 18_000,
        billing_methods: strings(&["onDemand", "monthly", "spot"]),
        gpus: 32,
        cuda: "12.6".to_owned(),
    };
    let product = |id: &str, name: &str, cpu_per_gpu, memory_per_gpu, price| Product {
        id: id.to_owned(),
        name: name.to_owned(),
        cpu_per_gpu,
        memory_per_gpu,
        price,
        spot_price: 0,
        billing_methods: strings(&["onDemand", "monthly"]),
        ..base.clone()
    };
    vec![
        base.clone(),
        Product {
            max_root_fs: 1024,
            clusters: strings(&[EUROPE, ASIA]),
            gpus: 8,
            cuda: "12.8".to_owned(),
            ..product("5090.20c94g", "RTX 5090 32GB", 20, 94, 55_000)
        },
        Product {
            max_root_fs: 6144,
            clusters: strings(&[AMERICA]),
            gpus: 16,
            ..product("a100.24c180g", "A100 SXM 80GB", 24, 180, 120_000)
        },
        Product {
            max_root_fs: 2048,
            clusters: strings(&[EUROPE]),
            gpus: 0,
            ..product("h100.26c200g", "H100 SXM 80GB", 26, 200, 250_000)
        },
        Product {
            max_root_fs: 200,
            clusters: Vec::new(),
            gpus: 2,
            billing_methods: strings(&["onDemand"]),
            cuda: "12.2".to_owned(),
            ..product("3090.12c30g", "RTX 3090 24GB", 12, 30, 20_000)
        },
    ]
}

pub(crate) fn cpu_products() -> Vec<CpuProduct> {
    let product = |id: &str, cpu_num, memory_size, available, price| CpuProduct {
        id: id.to_owned(),
        name: format!("CPU {cpu_num}C {memory_size}G"),
        cpu_num,
        memory_size,
        rootfs_size: 60,
        local_volume_size: 30,
        available_deploy: available,
        price,
        clusters: Vec::new(),
    };
    vec![
        product("cpu.4c8g", 4, 8, true, 4_000),
        product("cpu.16c64g", 16, 64, true, 16_000),
        product("cpu.64c256g", 64, 256, false, 64_000),
    ]
}

pub(crate) fn endpoint_products() -> Vec<EndpointProduct> {
    let product = |number: u32, name: &str, available, price| EndpointProduct {
        id: format!("SL-serverless-{number}"),
        name: name.to_owned(),
        available,
        price,
    };
    vec![
        product(3, "RTX 4090 24GB", true, 45_000),
        product(4, "RTX 5090 32GB", true, 70_000),
        product(7, "H100 SXM 80GB", false, 280_000),
    ]
}

pub(crate) fn storages() -> Vec<Storage> {
    let storage = |id: &str, name: &str, size, cluster: &str| Storage {
        storage_id: id.to_owned(),
        storage_name: name.to_owned(),
        storage_size: size,
        cluster_id: cluster.to_owned(),
    };
    vec![
        storage("st-51c0", "shared-data", 100, EUROPE),
        storage("st-51c1", "checkpoints", 50, EUROPE),
        storage("st-77aa", "models", 500, AMERICA),
    ]
}

pub(crate) fn networks() -> Vec<Network> {
    vec![Network {
        id: "vpc-83aa".to_owned(),
        name: "lab".to_owned(),
        cluster_id: EUROPE.to_owned(),
        segment: "10.8.1".to_owned(),
        state: "ready".to_owned(),
        created_at: 1_767_225_600,
        ..Network::default()
    }]
}

/// The vendor's own.
pub(crate) fn templates() -> Vec<Template> {
    let official = |id: &str, name: &str, image: &str, ports: &[u16]| Template {
        id: id.to_owned(),
        created_at: 1_735_689_600,
        settings: json!({
            "name": name, "type": "instance", "channel": "official", "image": image, "rootfsSize": 60,
            "readme": format!("# {name}\n\nMade by the vendor."), "startCommand": "/start.sh",
            "ports": [{"type": "http", "ports": ports}], "envs": [{"key": "TZ", "value": "UTC"}],
            "minCudaVersion": "12.4",
        }),
    };
    vec![
        official("tpl-1001", "PyTorch 2.7", "image.example.com/official/pytorch:2.7-cuda12.8", &[8888]),
        official("tpl-1002", "ComfyUI", "image.example.com/official/comfyui:0.3", &[8188, 8888]),
    ]
}

pub(crate) fn registry_auths() -> Vec<RegistryAuth> {
    vec![RegistryAuth {
        id: "auth-9f21".to_owned(),
        name: "registry.example.com".to_owned(),
        username: "ci".to_owned(),
        password: "not-a-real-password".to_owned(),
    }]
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().copied().map(str::to_owned).collect()
}
