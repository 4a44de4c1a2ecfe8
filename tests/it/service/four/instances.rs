//! GPU and CPU instances, from the API page's sections on create, edit, upgrade and billing.

use serde_json::{Value, json};

use super::table::{Drift, Four, InPlace, Replaced, without_a_call};
use crate::service::said::SECRET;
use crate::service::subject::{self, Subject};
use crate::service::world::patched;

/// Attributes of every instance that no call returns.
const CPU_NEVER_READ: &[&str] = &[
    "image_auth",
    "image_auth_wo",
    "image_auth_wo_version",
    "deletion_protection",
    "wait_for_ready",
    "store_ssh_password",
    "max_hourly_price",
    "product_ids",
    "cluster_ids",
    "capacity_timeout",
    "timeouts",
];

pub(super) const GPU: Four = Four {
    subject: &subject::GPU,
    create: "POST /gpu/instance/create",
    delete: "POST /gpu/instance/delete",
    in_place: || {
        let listed = other_way_to_write("5090.20c94g", "4090.16c62g");
        let changes = [container_changes(), gpu_changes(), without_a_call()];
        changes.into_iter().flatten().chain([listed]).collect()
    },
    replaced: || container_replacements().into_iter().chain(gpu_replacements()).collect(),
    drifts: || container_drifts().into_iter().chain(gpu_drifts()).collect(),
    kept: || {
        let own = [(json!({"gpuNum": 4}), "gpu_num"), (json!({"rootfsSize": 80}), "rootfs_size")];
        container_kept().into_iter().chain(own).collect()
    },
    never_read: &[
        "image_auth",
        "image_auth_wo",
        "image_auth_wo_version",
        "month",
        "auto_renew",
        "auto_renew_month",
        "auto_migrate",
        "auto_migrate_system_disk",
        "min_cuda_version",
        "deletion_protection",
        "wait_for_ready",
        "store_ssh_password",
        "max_hourly_price",
        "product_ids",
        "cluster_ids",
        "capacity_timeout",
        "timeouts",
    ],
    fixed: &["id", "port_mappings", "jupyter_url", "hourly_price", "ssh_host", "ssh_user"],
    record: |cloud, id| cloud.instance(id),
    modify: |cloud, id, patch| cloud.modify_instance(id, patch),
    remove: |cloud, id| cloud.remove_instance(id),
};

pub(super) const CPU: Four = Four {
    subject: &CPU_SUBJECT,
    create: "POST /gpu/instance/create",
    delete: "POST /gpu/instance/delete",
    in_place: || {
        let listed = other_way_to_write("cpu.16c64g", "cpu.4c8g");
        container_changes().into_iter().chain(without_a_call()).chain([listed]).collect()
    },
    replaced: || container_replacements().into_iter().chain(cpu_replacements()).collect(),
    drifts: container_drifts,
    kept: || {
        let local = json!([{"type": "local", "size": 30, "id": "", "mountPath": "/elsewhere"},
            {"type": "network", "size": 100, "id": "st-51c0", "mountPath": "/data"},
            {"type": "network", "size": 100, "id": "st-51c1", "mountPath": "/network"}]);
        let own = (json!({"volumeMounts": local}), "local_storage_mount_point");
        container_kept().into_iter().chain([own]).collect()
    },
    never_read: CPU_NEVER_READ,
    fixed: &["id", "port_mappings", "jupyter_url", "hourly_price", "ssh_host", "ssh_user"],
    record: |cloud, id| cloud.instance(id),
    modify: |cloud, id, patch| cloud.modify_instance(id, patch),
    remove: |cloud, id| cloud.remove_instance(id),
};

pub(super) const CPU_SUBJECT: Subject = Subject {
    type_name: "novita_cpu_instance",
    least: || json!({"product_id": "cpu.4c8g", "image_url": "docker.io/acme/trainer:1.4"}),
    full: || {
        json!({
            "name": "gateway",
            "product_id": "cpu.4c8g",
            "image_url": "docker.io/acme/trainer:1.4",
            "image_auth_id": "auth-9f21",
            "ports": ["8080/http", "22/tcp"],
            "envs": {"MODE": "train", "EPOCHS": "3"},
            "secret_envs": {"TOKEN": format!("{SECRET}-token")},
            "tools": [{"name": "Jupyter", "port": 8888, "type": "http"}],
            "command": "python run.py",
            "entrypoint": "/bin/sh -c",
            "cluster_id": "7",
            "local_storage_mount_point": "/scratch",
            "network_storages": [{"id": "st-51c0", "mount_point": "/data"}, {"id": "st-51c1"}],
            "network_id": "vpc-83aa",
            "desired_status": "running",
            "deletion_protection": false,
            "wait_for_ready": true,
            "timeouts": {"create": "20m", "update": "10m", "delete": "5m"},
        })
    },
    replacing: ("product_id", || json!("cpu.16c64g")),
    ..subject::CPU
};

fn post(call: &str, body: Value) -> (String, Value) {
    (format!("POST /gpu/instance/{call}"), body)
}

/// The upgrade call wants everything; this is what an instance with the least configuration has.
fn upgrade(changes: &Value) -> (String, Value) {
    let whole = json!({
        "instanceId": "<id>", "imageUrl": "docker.io/acme/trainer:1.4", "imageAuthId": "", "envs": [],
        "command": "", "entrypoint": "", "save": true, "networkVolume": {"volumeMounts": []},
    });
    post("upgrade", patched(&whole, changes))
}

fn edit(ports: &Value, expand: i64) -> (String, Value) {
    post("edit", json!({"instanceId": "<id>", "ports": ports, "expandRootDisk": expand}))
}

fn mounts(id: &str, path: &str) -> Value {
    json!({"networkVolume": {"volumeMounts": [{"type": "network", "id": id, "mountPath": path}]}})
}

fn of_id(call: &str) -> (String, Value) {
    post(call, json!({"instanceId": "<id>"}))
}

/// A list of candidates that has what was rented.
fn other_way_to_write(other: &str, rented: &str) -> InPlace {
    let listed = json!({"product_id": null, "product_ids": [other, rented]});
    InPlace::new(json!({}), listed, Vec::new())
}

fn container_changes() -> Vec<InPlace> {
    let upgraded = |made_with, change, sent: Value| InPlace::new(made_with, change, vec![upgrade(&sent)]);
    let edited = |made_with, change, ports: Value| InPlace::new(made_with, change, vec![edit(&ports, 0)]);
    let newer = "docker.io/acme/trainer:2";
    vec![
        InPlace::new(json!({}), json!({"store_ssh_password": false}), Vec::new()),
        InPlace::new(json!({}), json!({"capacity_timeout": "1h"}), Vec::new()),
        InPlace::new(
            json!({"cluster_id": "7"}),
            json!({"cluster_id": null, "cluster_ids": ["us-dallas-nas-2", "7"]}),
            Vec::new(),
        ),
        InPlace::new(json!({}), json!({"max_hourly_price": 1000}), Vec::new()),
        upgraded(json!({}), json!({"image_url": newer}), json!({"imageUrl": newer})),
        upgraded(json!({}), json!({"image_auth_id": "auth-9f21"}), json!({"imageAuthId": "auth-9f21"})),
        upgraded(json!({"image_auth_id": "auth-9f21"}), json!({"image_auth_id": null}), json!({})),
        upgraded(
            json!({"image_auth": "me:hunter2"}),
            json!({"image_auth": null, "image_auth_id": "auth-9f21"}),
            json!({"imageAuthId": "auth-9f21"}),
        ),
        upgraded(json!({}), json!({"envs": {"A": "1"}}), json!({"envs": [{"key": "A", "value": "1"}]})),
        upgraded(json!({"envs": {"A": "1"}}), json!({"envs": null}), json!({})),
        upgraded(
            json!({"envs": {"B": "2"}}),
            json!({"secret_envs": {"A": "hunter2"}}),
            json!({"envs": [{"key": "A", "value": "hunter2"}, {"key": "B", "value": "2"}]}),
        ),
        upgraded(json!({"command": "run"}), json!({"command": "walk"}), json!({"command": "walk"})),
        upgraded(json!({"command": "run"}), json!({"command": null}), json!({})),
        upgraded(json!({}), json!({"entrypoint": "/bin/sh"}), json!({"entrypoint": "/bin/sh"})),
        upgraded(
            json!({"cluster_id": "7"}),
            json!({"network_storages": [{"id": "st-51c0"}]}),
            mounts("st-51c0", "/network"),
        ),
        upgraded(
            json!({"network_storages": [{"id": "st-51c0"}]}),
            json!({"network_storages": [{"id": "st-51c0", "mount_point": "/data"}]}),
            mounts("st-51c0", "/data"),
        ),
        upgraded(
            json!({"network_storages": [{"id": "st-51c0"}]}),
            json!({"network_storages": null}),
            json!({}),
        ),
        edited(json!({}), json!({"ports": ["80/http"]}), json!([{"port": 80, "type": "http"}])),
        edited(
            json!({"ports": ["80/http", "22/tcp"]}),
            json!({"ports": ["443/http", "80/tcp"]}),
            json!([{"port": 80, "type": "tcp"}, {"port": 443, "type": "http"}]),
        ),
        edited(json!({"ports": ["80/http"]}), json!({"ports": null}), json!([])),
        InPlace::new(
            json!({"desired_status": "running"}),
            json!({"desired_status": "stopped"}),
            vec![of_id("stop")],
        ),
        InPlace::new(
            json!({"desired_status": "stopped"}),
            json!({"desired_status": "running"}),
            vec![of_id("start")],
        ),
        InPlace::new(json!({"desired_status": "stopped"}), json!({"desired_status": null}), vec![]),
        // The same value in the other form costs nothing.
        InPlace::new(json!({}), json!({"command": "", "entrypoint": "", "image_auth_id": ""}), vec![]),
        InPlace::new(
            json!({"envs": {"A": "hunter2"}}),
            json!({"envs": null, "secret_envs": {"A": "hunter2"}}),
            vec![],
        ),
    ]
}

fn gpu_changes() -> Vec<InPlace> {
    let renew = |on: bool, months: i64| {
        let body = json!({"instanceIds": ["<id>"], "autoRenew": on, "autoRenewMonth": months});
        vec![post("setAutoRenew", body)]
    };
    let migrate = |on: bool, system_disk: bool| {
        let body = json!({"instanceId": "<id>", "autoMigrateOpen": on, "autoMigrateSystemDisk": system_disk});
        vec![post("setAutoMigrate", body)]
    };
    let migrating = json!({"auto_migrate": true});
    let monthly =
        |months: i64| vec![post("transToMonthlyInstance", json!({"instanceId": "<id>", "month": months}))];
    vec![
        InPlace::new(
            json!({"ports": ["80/http"]}),
            json!({"rootfs_size": 90}),
            vec![edit(&json!([{"port": 80, "type": "http"}]), 30)],
        ),
        InPlace::new(json!({}), json!({"month": 2}), monthly(2)),
        InPlace::new(json!({}), json!({"billing_mode": "monthly", "month": 1}), monthly(1)),
        InPlace::new(json!({"month": 1}), json!({"auto_renew": true}), renew(true, 1)),
        InPlace::new(json!({"month": 1, "auto_renew": true}), json!({"auto_renew_month": 6}), renew(true, 6)),
        InPlace::new(json!({"month": 1, "auto_renew": true}), json!({"auto_renew": null}), renew(false, 1)),
        InPlace::new(json!({}), json!({"auto_migrate": true}), migrate(true, false)),
        InPlace::new(migrating.clone(), json!({"auto_migrate_system_disk": true}), migrate(true, true)),
        InPlace::new(migrating, json!({"auto_migrate": null}), migrate(false, false)),
    ]
}

fn container_replacements() -> Vec<Replaced> {
    let jupyter = |port: i64| json!([{"name": "Jupyter", "port": port, "type": "http"}]);
    let login = |text: &str| json!({"image_auth": format!("me:{SECRET}{text}")});
    let version =
        |number: i64| json!({"image_auth_wo": format!("me:{SECRET}"), "image_auth_wo_version": number});
    vec![
        Replaced::new(json!({}), json!({"name": "another"}), &["name"]),
        Replaced::new(login(""), login("-new"), &["image_auth"]),
        Replaced::new(login(""), json!({"image_auth": null}), &["image_auth"]),
        Replaced::new(version(1), version(2), &["image_auth_wo_version"]),
        Replaced::new(json!({}), json!({"tools": jupyter(8888)}), &["tools"]),
        Replaced::new(json!({"tools": jupyter(8888)}), json!({"tools": jupyter(8889)}), &["tools"]),
        Replaced::new(json!({"tools": jupyter(8888)}), json!({"tools": null}), &["tools"]),
        Replaced::new(json!({"cluster_id": "7"}), json!({"cluster_id": "us-dallas-nas-2"}), &["cluster_id"]),
        Replaced::new(json!({"cluster_id": "7"}), json!({"network_id": "vpc-83aa"}), &["network_id"]),
        Replaced::new(json!({"network_id": "vpc-83aa"}), json!({"network_id": null}), &["network_id"]),
    ]
}

fn gpu_replacements() -> Vec<Replaced> {
    let spot = json!({"billing_mode": "spot"});
    let cuda = |version: &str| json!({"min_cuda_version": version});
    vec![
        Replaced::new(json!({}), json!({"product_id": "5090.20c94g"}), &["product_id"]),
        Replaced::new(json!({}), json!({"gpu_num": 2}), &["gpu_num"]),
        Replaced::new(json!({}), spot.clone(), &["billing_mode"]),
        Replaced::new(spot, json!({"billing_mode": "onDemand"}), &["billing_mode"]),
        Replaced::new(json!({"month": 1}), json!({"month": 0}), &["month"]),
        Replaced::new(json!({}), cuda("12.4"), &["min_cuda_version"]),
        Replaced::new(cuda("12.4"), cuda("12.5"), &["min_cuda_version"]),
    ]
}

fn cpu_replacements() -> Vec<Replaced> {
    vec![
        Replaced::new(json!({}), json!({"product_id": "cpu.16c64g"}), &["product_id"]),
        Replaced::new(
            json!({}),
            json!({"local_storage_mount_point": "/scratch"}),
            &["local_storage_mount_point"],
        ),
        Replaced::new(
            json!({"local_storage_mount_point": "/scratch"}),
            json!({"local_storage_mount_point": null}),
            &["local_storage_mount_point"],
        ),
    ]
}

fn container_kept() -> Vec<(Value, &'static str)> {
    let tools = |port: &str| json!({"tools": [{"name": "Jupyter", "port": port, "type": "http"}]});
    vec![
        (json!({"name": "renamed"}), "name"),
        (json!({"productId": "other"}), "product_id"),
        (tools("8889"), "tools"),
        (json!({"tools": []}), "tools"),
        (json!({"clusterId": "us-dallas-nas-2"}), "cluster_id"),
        (json!({"network": {"id": "vpc-other", "ip": "10.9.9.9"}}), "network_id"),
    ]
}

fn container_drifts() -> Vec<Drift> {
    let one_port = json!([{"port": 9000, "type": "tcp"}]);
    let elsewhere = json!([{"type": "network", "size": 100, "id": "st-51c0", "mountPath": "/else"}]);
    let network = json!({"network": {"id": "vpc-other", "ip": "10.9.9.9"}});
    let variables = json!([{"key": "MODE", "value": "test"}, {"key": "TOKEN", "value": "hunter2-other"}]);
    vec![
        Drift::new(json!({"productName": "Another"}), "product_name", json!("Another")),
        Drift::new(
            json!({"imageUrl": "docker.io/acme/other:1"}),
            "image_url",
            json!("docker.io/acme/other:1"),
        ),
        Drift::new(json!({"imageAuthId": "auth-other"}), "image_auth_id", json!("auth-other")),
        Drift::new(json!({"ports": one_port}), "ports", json!(["9000/tcp"])),
        Drift::new(json!({"envs": variables}), "envs", json!({"MODE": "test"})),
        Drift::new(json!({"envs": variables}), "secret_envs", json!({"TOKEN": "hunter2-other"})),
        Drift::new(json!({"command": "other"}), "command", json!("other")),
        Drift::new(json!({"command": ""}), "command", Value::Null),
        Drift::new(json!({"entrypoint": "/other"}), "entrypoint", json!("/other")),
        Drift::new(json!({"clusterId": "us-dallas-nas-2"}), "cluster_name", json!("US-01 (Example)")),
        Drift::new(
            json!({"volumeMounts": elsewhere}),
            "network_storages",
            json!([{"id": "st-51c0", "mount_point": "/else"}]),
        ),
        Drift::new(network, "network_ip", json!("10.9.9.9")),
        Drift::new(json!({"status": "exited"}), "status", json!("exited")),
        Drift::new(json!({"status": "exited"}), "desired_status", json!("stopped")),
        Drift::new(json!({"cpuNum": 64}), "cpu_num", json!(64)),
        Drift::new(json!({"memory": 256}), "memory", json!(256)),
        Drift::new(json!({"sshPassword": "hunter2-ssh"}), "ssh_password", json!("hunter2-ssh")),
        Drift::new(json!({"sshPort": 41_000}), "ssh_command", json!("ssh -p 41000 root@proxy.example.net")),
        Drift::new(json!({"sshPort": 41_000}), "ssh_port", json!(41_000)),
        Drift::new(json!({"createdAt": 1_700_000_000}), "created_at", json!("2023-11-14T22:13:20Z")),
    ]
}

fn gpu_drifts() -> Vec<Drift> {
    let prepaid = json!({"billingMode": "monthly", "endTime": 1_800_000_000});
    vec![
        Drift::new(prepaid.clone(), "billing_mode", json!("monthly")),
        Drift::new(prepaid, "end_time", json!("2027-01-15T08:00:00Z")),
        Drift::new(json!({"spotStatus": "notified"}), "spot_status", json!("notified")),
    ]
}
