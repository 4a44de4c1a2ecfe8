//! VMs of Nova Cloud, from the other API page.

use serde_json::{Value, json};

use super::table::{Drift, Four, InPlace, Replaced, bare, without_a_call};
use crate::service::said::SECRET;
use crate::service::subject::{self, Subject};

/// The key that the mock's account has.
pub(in crate::service) const SSH_KEY: &str = "0f7a3c52-5d0e-4a57-9a41-6b1f4a6e2c10";

pub(super) const VM: Four = Four {
    subject: &SUBJECT,
    create: "POST /vms",
    delete: "DELETE /vms/<id>",
    in_place: || {
        let local = [
            json!({"max_hourly_price": 1000}),
            json!({"capacity_timeout": "1h"}),
            json!({"node": null, "nodes": ["vm03", "vm02"]}),
        ];
        let local = local.map(|it| InPlace::new(json!({}), it, Vec::new()));
        changes().into_iter().chain(without_a_call()).chain(local).collect()
    },
    replaced: replacements,
    drifts,
    kept,
    never_read: &[
        "template_vmid",
        "reservation_months",
        "auth_method",
        "ssh_key_id",
        "password",
        "password_wo",
        "password_wo_version",
        "deletion_protection",
        "wait_for_ready",
        "max_hourly_price",
        "nodes",
        "capacity_timeout",
        "timeouts",
    ],
    fixed: &["id", "user_id"],
    record: |cloud, id| cloud.vm(id),
    modify: |cloud, id, patch| cloud.modify_vm(id, patch),
    remove: |cloud, id| cloud.remove_vm(id),
};

pub(super) const SUBJECT: Subject = Subject {
    type_name: "novacloud_vm",
    least: || json!({"node": "vm02", "gpu_type": "5090", "gpu_count": 1, "storage_gb": 120, "template_vmid": 101}),
    full: || {
        json!({
            "node": "vm02",
            "gpu_type": "5090",
            "gpu_count": 2,
            "storage_gb": 120,
            "template_vmid": 101,
            "rental_type": "reserved",
            "reservation_months": 3,
            "auth_method": "ssh_key",
            "ssh_key_id": SSH_KEY,
            "desired_status": "running",
            "deletion_protection": false,
            "wait_for_ready": true,
            "timeouts": {"create": "20m", "update": "10m", "delete": "5m"},
        })
    },
    replacing: ("gpu_count", || json!(4)),
    ..subject::VM
};

fn changes() -> Vec<InPlace> {
    let power = |it: &str| json!({"desired_status": it});
    vec![
        InPlace::new(power("running"), power("stopped"), vec![bare("POST /vms/<id>/stop")]),
        InPlace::new(power("stopped"), power("running"), vec![bare("POST /vms/<id>/start")]),
        InPlace::new(json!({}), power("stopped"), vec![bare("POST /vms/<id>/stop")]),
        InPlace::new(json!({}), power("running"), vec![]),
        InPlace::new(power("stopped"), json!({"desired_status": null}), vec![]),
    ]
}

fn replacements() -> Vec<Replaced> {
    let password = |text: &str| json!({"auth_method": "password", "password": format!("{SECRET}-{text}")});
    let version = |number: i64| {
        json!({"auth_method": "password", "password_wo": format!("{SECRET}-and-more"),
            "password_wo_version": number})
    };
    let reserved = |months: i64| json!({"rental_type": "reserved", "reservation_months": months});
    vec![
        Replaced::new(json!({}), json!({"node": "vm01", "gpu_type": "4090"}), &["gpu_type", "node"]),
        Replaced::new(json!({}), json!({"gpu_count": 2}), &["gpu_count"]),
        Replaced::new(json!({}), json!({"storage_gb": 121}), &["storage_gb"]),
        Replaced::new(json!({}), json!({"storage_gb": 119}), &["storage_gb"]),
        Replaced::new(json!({}), json!({"template_vmid": 103}), &["template_vmid"]),
        Replaced::new(json!({}), json!({"rental_type": "interruptible"}), &["rental_type"]),
        Replaced::new(json!({}), reserved(1), &["rental_type", "reservation_months"]),
        Replaced::new(reserved(1), reserved(6), &["reservation_months"]),
        Replaced::new(json!({}), json!({"ssh_key_id": SSH_KEY}), &["ssh_key_id"]),
        Replaced::new(json!({"ssh_key_id": SSH_KEY}), json!({"ssh_key_id": null}), &["ssh_key_id"]),
        Replaced::new(json!({}), password("and-more"), &["auth_method", "password"]),
        Replaced::new(password("and-more"), password("another"), &["password"]),
        Replaced::new(version(1), version(2), &["password_wo_version"]),
    ]
}

fn kept() -> Vec<(Value, &'static str)> {
    vec![
        (json!({"node": "vm01"}), "node"),
        (json!({"gpu_type": "4090"}), "gpu_type"),
        (json!({"gpu_type": "RTX 5090"}), "gpu_type"),
        (json!({"gpu_count": 4}), "gpu_count"),
        (json!({"storage_gb": 500}), "storage_gb"),
        (json!({"rental_type": "interruptible"}), "rental_type"),
    ]
}

fn drifts() -> Vec<Drift> {
    let same = |name: &'static str, value: Value| Drift::new(json!({name: value}), name, value);
    let time =
        |name: &'static str| Drift::new(json!({name: 1_700_000_000}), name, json!("2023-11-14T22:13:20Z"));
    vec![
        same("vmid", json!(9999)),
        same("ram_gb", json!(512)),
        same("cpu_cores", json!(99)),
        same("instance_label", json!("mine")),
        same("ip_address", json!("203.0.113.77")),
        same("ip_address", Value::Null),
        same("status", json!("offline")),
        same("reservation_id", json!("r-2")),
        same("auto_restart", json!(true)),
        same("cpu_model", json!("Another CPU")),
        same("pcie_gen", json!("4.0")),
        time("created_at"),
        time("started_at"),
        time("stopped_at"),
        Drift::new(json!({"status": "stopped"}), "desired_status", json!("stopped")),
        Drift::new(json!({"status": "interrupted"}), "desired_status", json!("stopped")),
        Drift::new(json!({"gpu_hourly_rate": 1_500_000}), "gpu_hourly_rate", json!(1.5)),
        Drift::new(json!({"storage_hourly_rate": 250_000}), "storage_hourly_rate", json!(0.25)),
        Drift::new(
            json!({"gpu_hourly_rate": 1_500_000, "storage_hourly_rate": 250_000}),
            "hourly_rate",
            json!(1.75),
        ),
    ]
}
