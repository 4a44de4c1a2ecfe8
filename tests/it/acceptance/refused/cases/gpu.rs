//! `novita_gpu_instance`.

use super::*;

pub(super) const LEAST: &[(&str, &str)] = &[
    ("product_id", "\"4090.16c62g\""),
    ("gpu_num", "1"),
    ("rootfs_size", "60"),
    ("image_url", "\"docker.io/acme/trainer:1.4\""),
];

/// What the values of one resource tell by themselves.
pub(super) fn at_validate() -> Vec<Refused> {
    [scalars(), credentials(), ports_and_tools(), environment(), storage_cases(), billing()]
        .into_iter()
        .flatten()
        .collect()
}

fn scalars() -> Vec<Refused> {
    vec![
        one("name_long", "name", long(256), &["255"]),
        one("product_empty", "product_id", "\"\"", &["is empty"]),
        one("product_long", "product_id", long(256), &["255"]),
        one("gpu_none", "gpu_num", "0", &["1", "8"]),
        one("gpu_many", "gpu_num", "9", &["1", "8"]),
        one("gpu_part", "gpu_num", "1.5", &["whole"]),
        one("disk_small", "rootfs_size", "9", &["10", "6144"]),
        one("disk_large", "rootfs_size", "6145", &["10", "6144"]),
        one("disk_part", "rootfs_size", "10.5", &["whole"]),
        one("image_empty", "image_url", "\"\"", &["500"]),
        one("image_long", "image_url", long(501), &["500"]),
        one("command_long", "command", long(2048), &["2047"]),
        one("entrypoint_long", "entrypoint", long(2048), &["2047"]),
        one("cluster_long", "cluster_id", long(256), &["255"]),
        one("cuda_major", "min_cuda_version", "\"12\"", &["MAJOR.MINOR"]),
        one("cuda_word", "min_cuda_version", "\"12.x\"", &["MAJOR.MINOR"]),
        one("cuda_patch", "min_cuda_version", "\"12.4.1\"", &["MAJOR.MINOR"]),
        one("cuda_long", "min_cuda_version", text(&format!("12.{}", "4".repeat(253))), &["255"]),
        one("power_other", "desired_status", "\"paused\"", &["running", "stopped"]),
        several(
            "power_unwaited",
            [("desired_status", text("stopped")), ("wait_for_ready", "false".to_owned())],
            &["desired_status", "wait_for_ready"],
        ),
    ]
}

fn credentials() -> Vec<Refused> {
    let login = || text(&format!("me:{SECRET}"));
    let too_long = || text(&format!("me:{SECRET}{}", "x".repeat(10_230)));
    vec![
        one("auth_form", "image_auth", text(SECRET), &["username:password"]),
        one("auth_long", "image_auth", too_long(), &["10239"]),
        one("auth_wo_form", "image_auth_wo", text(SECRET), &["username:password"]),
        one("auth_wo_long", "image_auth_wo", too_long(), &["10239"]),
        several(
            "auth_and_id",
            [("image_auth", login()), ("image_auth_id", text("auth-1"))],
            &["image_auth", "image_auth_id"],
        ),
        several(
            "auth_and_wo",
            [("image_auth", login()), ("image_auth_wo", login())],
            &["image_auth", "image_auth_wo"],
        ),
        several(
            "auth_wo_and_id",
            [("image_auth_wo", login()), ("image_auth_id", text("auth-1"))],
            &["image_auth_wo", "image_auth_id"],
        ),
    ]
}

fn ports_and_tools() -> Vec<Refused> {
    let jupyter = |port| ("tools", tool("Jupyter", port, "http"));
    vec![
        one("port_zero", "ports", "[\"0/tcp\"]", &["65535"]),
        one("port_high", "ports", "[\"65536/http\"]", &["65535"]),
        one("port_2222", "ports", "[\"2222/tcp\"]", &["2222"]),
        one("port_2223", "ports", "[\"2223/http\"]", &["2223"]),
        one("port_2224", "ports", "[\"2224/tcp\"]", &["2224"]),
        one("port_udp", "ports", "[\"80/udp\"]", &["tcp", "http"]),
        one("port_bare", "ports", "[\"80\"]", &["PORT/tcp", "PORT/http"]),
        one("port_word", "ports", "[\"web/http\"]", &["PORT/tcp", "PORT/http"]),
        one("port_empty", "ports", "[\"\"]", &["PORT/tcp", "PORT/http"]),
        one("port_twice", "ports", "[\"80/tcp\", \"80/http\"]", &["80"]),
        one("port_second", "ports", "[\"80/tcp\", \"2222/http\"]", &["2222"]),
        one("ports_many", "ports", ports(16), &["15"]),
        several("ports_and_tools_many", [("ports", ports(15)), jupyter(8888)], &["15"]),
        several("port_of_tool", [("ports", "[\"8888/tcp\"]".to_owned()), jupyter(8888)], &["8888"]),
        one("tool_other", "tools", tool("VSCode", 8888, "http"), &["Jupyter"]),
        one("tool_udp", "tools", tool("Jupyter", 8888, "udp"), &["tcp", "http"]),
        one("tool_zero", "tools", tool("Jupyter", 0, "http"), &["65535"]),
        one("tool_high", "tools", tool("Jupyter", 65_536, "http"), &["65535"]),
        one("tool_2222", "tools", tool("Jupyter", 2222, "http"), &["2222"]),
    ]
}

fn environment() -> Vec<Refused> {
    let secret = |name: &str| format!("{{ {name} = \"{SECRET}\" }}");
    vec![
        one("envs_many", "envs", envs("A", 101), &["100"]),
        one("secret_envs_many", "secret_envs", envs("A", 101), &["100"]),
        several("envs_many_in_all", [("envs", envs("A", 60)), ("secret_envs", envs("B", 41))], &["100"]),
        one("env_name_empty", "envs", "{ \"\" = \"v\" }", &["511"]),
        one("env_name_long", "envs", format!("{{ {} = \"v\" }}", long(512)), &["511"]),
        one("env_value_long", "envs", format!("{{ A = {} }}", long(4096)), &["4095"]),
        one("secret_name_long", "secret_envs", format!("{{ {} = \"v\" }}", long(512)), &["511"]),
        one("secret_value_long", "secret_envs", secret("A").replace(SECRET, &SECRET.repeat(586)), &["4095"]),
        several(
            "env_twice",
            [("envs", "{ TOKEN = \"a\" }".to_owned()), ("secret_envs", secret("TOKEN"))],
            &["TOKEN"],
        ),
    ]
}

fn storage_cases() -> Vec<Refused> {
    let mounted = |at: String| format!("[{{ id = \"st-1\", mount_point = {at} }}]");
    vec![
        one("storages_many", "network_storages", storages(31), &["30"]),
        one("mount_empty", "network_storages", mounted(text("")), &["leave it out"]),
        one("mount_long", "network_storages", mounted(long(4096)), &["4095"]),
    ]
}

fn billing() -> Vec<Refused> {
    let month = |count: &str| ("month", count.to_owned());
    let mode = |mode| ("billing_mode", text(mode));
    let renew = ("auto_renew", "true".to_owned());
    let renew_month = |count: &str| ("auto_renew_month", count.to_owned());
    let only = |attribute: &'static str, case: Refused| Refused { at: vec![attribute], ..case };
    vec![
        one("mode_other", "billing_mode", "\"hourly\"", &["onDemand", "monthly", "spot"]),
        one("month_negative", "month", "-1", &["0"]),
        one("month_part", "month", "1.5", &["whole"]),
        several("month_on_demand", [mode("onDemand"), month("1")], &["month", "onDemand"]),
        several("month_spot", [mode("spot"), month("1")], &["month", "spot"]),
        several("renew_on_demand", [mode("onDemand"), renew.clone()], &["auto_renew", "monthly"]),
        several("renew_spot", [mode("spot"), renew.clone()], &["auto_renew", "monthly"]),
        only(
            "auto_renew_month",
            several("renew_month_zero", [month("1"), renew.clone(), renew_month("0")], &["1", "12"]),
        ),
        only(
            "auto_renew_month",
            several("renew_month_13", [month("1"), renew, renew_month("13")], &["1", "12"]),
        ),
        one("migrate_disk_alone", "auto_migrate_system_disk", "true", &["auto_migrate = true"]),
        only(
            "wait_for_ready",
            several(
                "migrate_unawaited",
                [("auto_migrate", "true".to_owned()), ("wait_for_ready", "false".to_owned())],
                &["auto_migrate"],
            ),
        ),
        several("renew_month_alone", [month("1"), renew_month("1")], &["auto_renew"]),
        several(
            "renew_month_off",
            [month("1"), ("auto_renew", "false".to_owned()), renew_month("1")],
            &["auto_renew"],
        ),
    ]
}

/// What is refused for a machine that is to be made, and fine for one that was imported; so only a plan can
/// tell.
pub(super) fn at_plan() -> Vec<Refused> {
    vec![
        one("monthly_without_month", "billing_mode", "\"monthly\"", &["month"]),
        several(
            "monthly_for_no_month",
            [("billing_mode", text("monthly")), ("month", "0".to_owned())],
            &["month"],
        ),
        one("renew_unbilled", "auto_renew", "true", &["monthly"]),
    ]
}

/// Values at the very limits, which must pass.
pub(super) fn accepted() -> Vec<Refused> {
    let fine = |name, attribute, value: String| one(name, attribute, value, &[]);
    let login = |length: usize| text(&format!("me:{}", "x".repeat(length - 3)));
    let fullest = format!("{{ {} = {} }}", long(511), long(4095));
    vec![
        fine("name_255", "name", long(255)),
        fine("product_255", "product_id", long(255)),
        fine("gpu_8", "gpu_num", "8".to_owned()),
        fine("disk_10", "rootfs_size", "10".to_owned()),
        fine("disk_6144", "rootfs_size", "6144".to_owned()),
        fine("image_500", "image_url", long(500)),
        fine("auth_10239", "image_auth", login(10_239)),
        fine("auth_wo_10239", "image_auth_wo", login(10_239)),
        fine("command_2047", "command", long(2047)),
        fine("command_empty", "command", text("")),
        fine("entrypoint_2047", "entrypoint", long(2047)),
        fine("cluster_255", "cluster_id", long(255)),
        fine("cuda_11_8", "min_cuda_version", text("11.8")),
        fine("ports_15", "ports", ports(15)),
        fine("ports_none", "ports", "[]".to_owned()),
        fine("ports_ends", "ports", "[\"1/tcp\", \"65535/http\", \"2221/tcp\", \"2225/tcp\"]".to_owned()),
        several("ports_14_and_tool", [("ports", ports(14)), ("tools", tool("Jupyter", 8888, "tcp"))], &[]),
        fine("envs_100", "envs", envs("A", 100)),
        fine("env_full", "envs", fullest.clone()),
        fine("secret_env_full", "secret_envs", fullest),
        several("envs_100_in_all", [("envs", envs("A", 60)), ("secret_envs", envs("B", 40))], &[]),
        fine("storages_30", "network_storages", storages(30)),
        fine("month_0", "month", "0".to_owned()),
        several("month_12", [("month", "12".to_owned()), ("billing_mode", text("monthly"))], &[]),
        several("renewed", [("month", "1".to_owned()), ("auto_renew", "true".to_owned())], &[]),
        several(
            "renewed_12",
            [
                ("month", "1".to_owned()),
                ("auto_renew", "true".to_owned()),
                ("auto_renew_month", "12".to_owned()),
            ],
            &[],
        ),
        several("renewal_off", [("billing_mode", text("spot")), ("auto_renew", "false".to_owned())], &[]),
        several(
            "migration_off",
            [("auto_migrate", "false".to_owned()), ("auto_migrate_system_disk", "false".to_owned())],
            &[],
        ),
        fine("stopped", "desired_status", text("stopped")),
        several(
            "running_unwaited",
            [("desired_status", text("running")), ("wait_for_ready", "false".to_owned())],
            &[],
        ),
    ]
}
