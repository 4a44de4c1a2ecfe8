//! Every field of the four create calls, as the API pages list them: each has an attribute, and arrives in
//! the mock as the page writes it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::endpoint::ENDPOINT;
use super::instances::{CPU, GPU};
use super::table::{Four, usual_world};
use super::vm::{SSH_KEY, VM};
use crate::service::said::SECRET;
use crate::service::shape::Attribute;
use crate::service::world::patched;

/// A field of a page, with dots for objects and `[]` for lists; the attribute that sets it, or nothing
/// where the resource does; and all values of the field that must arrive.
type Field = (&'static str, &'static str, Value);

/// The fields that one configuration sends.
struct Sent {
    config: Value,
    fields: Vec<Field>,
}

/// What the pages of both kinds of instances have in common.
fn container(name: &str, full: &Value) -> Sent {
    let own = json!({"name": name});
    Sent {
        config: patched(full, &own),
        fields: vec![
            ("name", "name", json!([name])),
            ("imageUrl", "image_url", json!(["docker.io/acme/trainer:1.4"])),
            ("imageAuthId", "image_auth_id", json!(["auth-9f21"])),
            ("ports", "ports", json!(["22/tcp, 8080/http"])),
            ("envs[].key", "envs", json!(["EPOCHS", "MODE", "TOKEN"])),
            ("envs[].value", "secret_envs", json!(["3", "hunter2-token", "train"])),
            ("tools[].name", "tools.name", json!(["Jupyter"])),
            ("tools[].port", "tools.port", json!(["8888"])),
            ("tools[].type", "tools.type", json!(["http"])),
            ("command", "command", json!(["python run.py"])),
            ("entrypoint", "entrypoint", json!(["/bin/sh -c"])),
            ("clusterId", "cluster_id", json!(["7"])),
            ("networkStorages[].Id", "network_storages.id", json!(["st-51c0", "st-51c1"])),
            ("networkStorages[].mountPoint", "network_storages.mount_point", json!(["/data", "/network"])),
            ("networkId", "network_id", json!(["vpc-83aa"])),
        ],
    }
}

fn with_a_login(four: &Four) -> Sent {
    let login = format!("me:{SECRET}");
    let config = json!({"image_auth_id": null, "image_auth": login, "name": "with-a-login"});
    Sent {
        config: patched(&(four.subject.full)(), &config),
        fields: vec![("imageAuth", "image_auth", json!([login]))],
    }
}

#[tokio::test]
async fn each_field_of_a_gpu_instance_is_sent() {
    let page = [
        "name",
        "productId",
        "gpuNum",
        "rootfsSize",
        "imageUrl",
        "imageAuth",
        "imageAuthId",
        "ports",
        "envs[].key",
        "envs[].value",
        "tools[].name",
        "tools[].port",
        "tools[].type",
        "command",
        "entrypoint",
        "clusterId",
        "networkStorages[].Id",
        "networkStorages[].mountPoint",
        "networkId",
        "kind",
        "month",
        "billingMode",
        "autoRenew",
        "autoRenewMonth",
        "minCudaVersion",
    ];
    let months = json!({"month": 2, "billing_mode": "monthly", "auto_renew": true, "auto_renew_month": 3});
    let mut usual = container("trainer", &patched(&(GPU.subject.full)(), &months));
    usual.fields.extend([
        ("productId", "product_id", json!(["4090.16c62g"])),
        ("gpuNum", "gpu_num", json!([2])),
        ("rootfsSize", "rootfs_size", json!([60])),
        ("kind", "", json!(["gpu"])),
        ("month", "month", json!([2])),
        ("billingMode", "billing_mode", json!(["monthly"])),
        ("autoRenew", "auto_renew", json!([true])),
        ("autoRenewMonth", "auto_renew_month", json!([3])),
        ("minCudaVersion", "min_cuda_version", json!(["12.4"])),
    ]);
    check(&GPU, &page, &[usual, with_a_login(&GPU)]).await;
}

#[tokio::test]
async fn each_field_of_a_cpu_instance_is_sent() {
    let page = [
        "name",
        "productId",
        "imageUrl",
        "imageAuth",
        "imageAuthId",
        "ports",
        "envs[].key",
        "envs[].value",
        "tools[].name",
        "tools[].port",
        "tools[].type",
        "command",
        "entrypoint",
        "clusterId",
        "localStorageMountPoint",
        "networkStorages[].Id",
        "networkStorages[].mountPoint",
        "networkId",
        "kind",
    ];
    let mut usual = container("gateway", &(CPU.subject.full)());
    usual.fields.extend([
        ("productId", "product_id", json!(["cpu.4c8g"])),
        ("localStorageMountPoint", "local_storage_mount_point", json!(["/scratch"])),
        ("kind", "", json!(["cpu"])),
    ]);
    check(&CPU, &page, &[usual, with_a_login(&CPU)]).await;
}

#[tokio::test]
async fn each_field_of_an_endpoint_is_sent() {
    let page = [
        "endpoint.name",
        "endpoint.appName",
        "endpoint.workerConfig.minNum",
        "endpoint.workerConfig.maxNum",
        "endpoint.workerConfig.freeTimeout",
        "endpoint.workerConfig.maxConcurrent",
        "endpoint.workerConfig.gpuNum",
        "endpoint.workerConfig.requestTimeout",
        "endpoint.workerConfig.cudaVersion",
        "endpoint.ports[].port",
        "endpoint.policy.type",
        "endpoint.policy.value",
        "endpoint.image.image",
        "endpoint.image.authId",
        "endpoint.image.command",
        "endpoint.products[].id",
        "endpoint.rootfsSize",
        "endpoint.volumeMounts[].type",
        "endpoint.volumeMounts[].size",
        "endpoint.volumeMounts[].id",
        "endpoint.volumeMounts[].mountPath",
        "endpoint.clusterID",
        "endpoint.envs[].key",
        "endpoint.envs[].value",
        "endpoint.healthy.path",
    ];
    let fields = vec![
        ("endpoint.name", "name", json!(["llm"])),
        ("endpoint.appName", "app_name", json!(["llm-a1"])),
        ("endpoint.workerConfig.minNum", "worker_config.min_num", json!([0])),
        ("endpoint.workerConfig.maxNum", "worker_config.max_num", json!([2])),
        ("endpoint.workerConfig.freeTimeout", "worker_config.free_timeout", json!([300])),
        ("endpoint.workerConfig.maxConcurrent", "worker_config.max_concurrent", json!([1])),
        ("endpoint.workerConfig.gpuNum", "worker_config.gpu_num", json!([1])),
        ("endpoint.workerConfig.requestTimeout", "worker_config.request_timeout", json!([120])),
        ("endpoint.workerConfig.cudaVersion", "worker_config.cuda_version", json!(["12.4"])),
        ("endpoint.ports[].port", "port", json!(["8000"])),
        ("endpoint.policy.type", "policy.type", json!(["queue"])),
        ("endpoint.policy.value", "policy.value", json!([60])),
        ("endpoint.image.image", "image.image", json!(["docker.io/acme/llm:2"])),
        ("endpoint.image.authId", "image.auth_id", json!(["auth-9f21"])),
        ("endpoint.image.command", "image.command", json!(["serve --all"])),
        ("endpoint.products[].id", "product_ids", json!(["SL-serverless-3", "SL-serverless-4"])),
        ("endpoint.rootfsSize", "rootfs_size", json!([100])),
        ("endpoint.volumeMounts[].type", "volume_mounts.type", json!(["local", "network"])),
        ("endpoint.volumeMounts[].size", "volume_mounts.size", json!([30])),
        ("endpoint.volumeMounts[].id", "volume_mounts.id", json!(["st-51c0"])),
        ("endpoint.volumeMounts[].mountPath", "volume_mounts.mount_path", json!(["/models", "/workspace"])),
        ("endpoint.clusterID", "cluster_id", json!(["7"])),
        ("endpoint.envs[].key", "envs", json!(["BATCH", "MODEL", "TOKEN"])),
        ("endpoint.envs[].value", "secret_envs", json!(["8", "demo", "hunter2-token"])),
        ("endpoint.healthy.path", "healthy.path", json!(["/health"])),
    ];
    check(&ENDPOINT, &page, &[Sent { config: (ENDPOINT.subject.full)(), fields }]).await;
}

#[tokio::test]
async fn each_field_of_a_vm_is_sent() {
    let page = [
        "node",
        "gpu_type",
        "gpu_count",
        "storage_gb",
        "template_vmid",
        "rental_type",
        "reservation_months",
        "auth_method",
        "ssh_key_id",
        "password",
    ];
    let usual = vec![
        ("node", "node", json!(["vm02"])),
        ("gpu_type", "gpu_type", json!(["5090"])),
        ("gpu_count", "gpu_count", json!([2])),
        ("storage_gb", "storage_gb", json!([120])),
        ("template_vmid", "template_vmid", json!([101])),
        ("rental_type", "rental_type", json!(["reserved"])),
        ("reservation_months", "reservation_months", json!([3])),
        ("auth_method", "auth_method", json!(["ssh_key"])),
        ("ssh_key_id", "ssh_key_id", json!([SSH_KEY])),
    ];
    let password = format!("{SECRET}-and-more");
    let by_password = |name: &'static str| {
        let login = json!({"auth_method": "password", name: password});
        let fields =
            vec![("password", name, json!([password])), ("auth_method", "auth_method", json!(["password"]))];
        Sent { config: patched(&(VM.subject.least)(), &login), fields }
    };
    let usual = Sent { config: (VM.subject.full)(), fields: usual };
    check(&VM, &page, &[usual, by_password("password"), by_password("password_wo")]).await;
}

/// The configurations together send every field of the page and nothing else, each from an attribute.
async fn check(four: &Four, page: &[&str], sent: &[Sent]) {
    let world = usual_world().await;
    let resource = world.of(four.subject);
    let mut covered = BTreeSet::new();
    for Sent { config, fields } in sent {
        world.cloud.clear_log();
        resource.create(config).await;
        let body = &world.calls()[0].1;
        for (wire, attribute, expected) in fields {
            let mut values = values_at(body, wire);
            values.sort_by_key(Value::to_string);
            assert_eq!(Value::from(values), *expected, "{wire} of {body}");
            assert!(attribute.is_empty() || exists(&resource.shape.attributes, attribute), "no {attribute}");
            covered.insert(*wire);
        }
        let mut arrived = BTreeSet::new();
        collect("", body, &mut arrived);
        let strange: Vec<_> = arrived.iter().filter(|it| !page.contains(&it.as_str())).collect();
        assert!(strange.is_empty(), "no page has {strange:?}");
    }
    assert_eq!(covered, page.iter().copied().collect(), "every field of the page is sent");
}

/// All values of a field, in the order in which they stand.
fn values_at(body: &Value, wire: &str) -> Vec<Value> {
    let step = |values: Vec<Value>, name: &str| -> Vec<Value> {
        let member = |it: &Value| it.get(name.trim_end_matches("[]")).cloned();
        let members = values.iter().filter_map(member);
        match name.ends_with("[]") {
            true => members.flat_map(|it| it.as_array().cloned().unwrap_or_default()).collect(),
            false => members.collect(),
        }
    };
    wire.split('.').fold(vec![body.clone()], step)
}

/// The names of all fields that stand in a body.
fn collect(path: &str, value: &Value, fields: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let dot = if path.is_empty() { "" } else { "." };
            members.iter().for_each(|(name, it)| collect(&format!("{path}{dot}{name}"), it, fields));
        }
        Value::Array(members) => members.iter().for_each(|it| collect(&format!("{path}[]"), it, fields)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            fields.insert(path.to_owned());
        }
    }
}

fn exists(attributes: &[Attribute], path: &str) -> bool {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    let found = attributes.iter().find(|it| it.name == name);
    found.is_some_and(|it| rest.is_empty() || exists(&it.nested, rest))
}
