//! `novita_cpu_instance`: what it has in common with instances that have GPUs, and its one own attribute.

use super::*;

pub(super) const LEAST: &[(&str, &str)] =
    &[("product_id", "\"cpu.4c8g\""), ("image_url", "\"docker.io/acme/trainer:1.4\"")];

pub(super) fn at_validate() -> Vec<Refused> {
    let login = || text(&format!("me:{SECRET}"));
    let cases = vec![
        one("cpu_name_long", "name", long(256), &["255"]),
        one("cpu_product_empty", "product_id", "\"\"", &["is empty"]),
        one("cpu_image_long", "image_url", long(501), &["500"]),
        one("cpu_command_long", "command", long(2048), &["2047"]),
        one("cpu_entrypoint_long", "entrypoint", long(2048), &["2047"]),
        one("cpu_cluster_long", "cluster_id", long(256), &["255"]),
        one("cpu_local_empty", "local_storage_mount_point", "\"\"", &["leave it out"]),
        one("cpu_local_long", "local_storage_mount_point", long(4096), &["4095"]),
        one("cpu_port_2223", "ports", "[\"2223/tcp\"]", &["2223"]),
        one("cpu_ports_many", "ports", ports(16), &["15"]),
        one("cpu_tool_2222", "tools", tool("Jupyter", 2222, "http"), &["2222"]),
        one("cpu_envs_many", "envs", envs("A", 101), &["100"]),
        one("cpu_storages_many", "network_storages", storages(31), &["30"]),
        one("cpu_auth_form", "image_auth", text(SECRET), &["username:password"]),
        several(
            "cpu_auth_and_id",
            [("image_auth", login()), ("image_auth_id", text("auth-1"))],
            &["image_auth", "image_auth_id"],
        ),
        several(
            "cpu_power_unwaited",
            [("desired_status", text("stopped")), ("wait_for_ready", "false".to_owned())],
            &["desired_status", "wait_for_ready"],
        ),
    ];
    cases.into_iter().map(|it| it.of(CPU)).collect()
}

pub(super) fn accepted() -> Vec<Refused> {
    let fine = |name, attribute, value: String| one(name, attribute, value, &[]).of(CPU);
    vec![
        fine("cpu_local_4095", "local_storage_mount_point", text(&format!("/{}", "a".repeat(4094)))),
        fine("cpu_ports_15", "ports", ports(15)),
        fine("cpu_envs_100", "envs", envs("A", 100)),
        fine("cpu_stopped", "desired_status", text("stopped")),
    ]
}
