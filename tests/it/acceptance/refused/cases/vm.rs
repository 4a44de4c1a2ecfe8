//! `novacloud_vm`.

use super::*;

pub(super) const LEAST: &[(&str, &str)] = &[
    ("provider", "novita"),
    ("node", "\"vm02\""),
    ("gpu_type", "\"5090\""),
    ("gpu_count", "1"),
    ("storage_gb", "120"),
    ("template_vmid", "101"),
];

pub(super) fn at_validate() -> Vec<Refused> {
    let cases = [shape(), rental(), login()];
    cases.into_iter().flatten().map(|it| it.of(VM)).collect()
}

/// What an imported VM may lack.
pub(super) fn at_plan() -> Vec<Refused> {
    let cases = [one("vm_reserved_endless", "rental_type", "\"reserved\"", &["reservation_months"])];
    cases.into_iter().map(|it| it.of(VM)).collect()
}

fn shape() -> Vec<Refused> {
    vec![
        one("vm_node_empty", "node", "\"\"", &["is empty"]),
        one("vm_gpu_empty", "gpu_type", "\"\"", &["1"]),
        one("vm_gpus_none", "gpu_count", "0", &["1", "2", "4", "8"]),
        one("vm_gpus_three", "gpu_count", "3", &["1", "2", "4", "8"]),
        one("vm_gpus_many", "gpu_count", "16", &["1", "2", "4", "8"]),
        one("vm_gpus_part", "gpu_count", "1.5", &["whole"]),
        one("vm_disk_small", "storage_gb", "49", &["50"]),
        one("vm_disk_part", "storage_gb", "50.5", &["whole"]),
        one("vm_template_zero", "template_vmid", "0", &["1"]),
        one("vm_power_other", "desired_status", "\"paused\"", &["running", "stopped"]),
        several(
            "vm_power_unwaited",
            [("desired_status", text("stopped")), ("wait_for_ready", "false".to_owned())],
            &["desired_status", "wait_for_ready"],
        ),
    ]
}

fn rental() -> Vec<Refused> {
    let rental = |it: &str| ("rental_type", text(it));
    let months = |it: &str| ("reservation_months", it.to_owned());
    vec![
        one("vm_rental_other", "rental_type", "\"spot\"", &["on_demand", "reserved", "interruptible"]),
        one("vm_months_alone", "reservation_months", "1", &["rental_type", "reserved"]),
        several("vm_months_on_demand", [rental("on_demand"), months("1")], &["reserved"]),
        several("vm_months_interruptible", [rental("interruptible"), months("3")], &["reserved"]),
        several("vm_months_two", [rental("reserved"), months("2")], &["1", "3", "6"]),
        several("vm_months_none", [rental("reserved"), months("0")], &["1", "3", "6"]),
        several("vm_months_year", [rental("reserved"), months("12")], &["1", "3", "6"]),
    ]
}

fn login() -> Vec<Refused> {
    let method = |it: &str| ("auth_method", text(it));
    let good = || text(&format!("{SECRET}-and-more"));
    vec![
        one("vm_method_other", "auth_method", "\"none\"", &["ssh_key", "password"]),
        one("vm_password_missing", "auth_method", "\"password\"", &["password_wo"]),
        one("vm_password_alone", "password", good(), &["auth_method"]),
        one("vm_password_wo_alone", "password_wo", good(), &["auth_method"]),
        several("vm_password_and_key", [method("ssh_key"), ("password", good())], &["auth_method"]),
        several(
            "vm_password_short",
            [method("password"), ("password", text(&format!("{SECRET}-123")))],
            &["12"],
        ),
        several("vm_password_wo_short", [method("password"), ("password_wo", text("four"))], &["12"]),
        several(
            "vm_password_twice",
            [method("password"), ("password", good()), ("password_wo", good())],
            &["password", "password_wo"],
        ),
        several(
            "vm_version_alone",
            [method("password"), ("password", good()), ("password_wo_version", "1".to_owned())],
            &["password_wo"],
        ),
        several(
            "vm_key_and_method",
            [method("password"), ("password", good()), ("ssh_key_id", text("k-1"))],
            &["ssh_key"],
        ),
    ]
}

pub(super) fn accepted() -> Vec<Refused> {
    let fine = |name, attribute, value: &str| one(name, attribute, value, &[]);
    let rental = |it: &str| ("rental_type", text(it));
    let by_password = ("auth_method", text("password"));
    let cases = vec![
        fine("vm_gpus_8", "gpu_count", "8"),
        fine("vm_disk_50", "storage_gb", "50"),
        fine("vm_template_1", "template_vmid", "1"),
        fine("vm_interruptible", "rental_type", "\"interruptible\""),
        several("vm_months_1", [rental("reserved"), ("reservation_months", "1".to_owned())], &[]),
        several("vm_months_6", [rental("reserved"), ("reservation_months", "6".to_owned())], &[]),
        several("vm_password_12", [by_password.clone(), ("password", text(&"x".repeat(12)))], &[]),
        several("vm_password_wo_12", [by_password, ("password_wo", text(&"x".repeat(12)))], &[]),
        fine("vm_key", "ssh_key_id", "\"0f7a3c52-5d0e-4a57-9a41-6b1f4a6e2c10\""),
        fine("vm_key_empty", "ssh_key_id", "\"\""),
        fine("vm_stopped", "desired_status", "\"stopped\""),
    ];
    cases.into_iter().map(|it| it.of(VM)).collect()
}
