//! `novita_endpoint`.

use super::*;

pub(super) const LEAST: &[(&str, &str)] = &[
    ("worker_config", "{ min_num = 0, max_num = 2, free_timeout = 300, max_concurrent = 1, gpu_num = 1 }"),
    ("port", "8000"),
    ("policy", "{ type = \"queue\", value = 60 }"),
    ("image", "{ image = \"docker.io/acme/llm:2\" }"),
    ("product_ids", "[\"SL-serverless-3\"]"),
    ("healthy", "{ path = \"/health\" }"),
];

pub(super) fn at_validate() -> Vec<Refused> {
    let cases = [names(), workers(), serving(), volumes(), environment()];
    cases.into_iter().flatten().map(|it| it.of(ENDPOINT)).collect()
}

fn names() -> Vec<Refused> {
    let form = &["lowercase", "hyphens"];
    vec![
        one("ep_name_long", "name", long(221), &["220"]),
        one("ep_app_long", "app_name", text(&"a".repeat(47)), &["46"]),
        one("ep_app_capital", "app_name", text("Llm"), form),
        one("ep_app_underscore", "app_name", text("llm_a"), form),
        one("ep_app_hyphen_first", "app_name", text("-llm"), form),
        one("ep_app_hyphen_last", "app_name", text("llm-"), form),
        one("ep_app_empty", "app_name", text(""), &["leave it out"]),
        one("ep_cluster_long", "cluster_id", long(256), &["255"]),
        one("ep_products_none", "product_ids", "[]", &["at least 1"]),
        one("ep_disk_zero", "rootfs_size", "0", &["1"]),
        one("ep_disk_part", "rootfs_size", "100.5", &["whole"]),
    ]
}

/// The workers with one setting added or replaced.
fn workers_with(name: &str, value: &str) -> String {
    let least = [
        ("min_num", "0"),
        ("max_num", "2"),
        ("free_timeout", "300"),
        ("max_concurrent", "1"),
        ("gpu_num", "1"),
    ];
    let kept = least.into_iter().filter(|(it, _)| *it != name).chain([(name, value)]);
    let members: Vec<_> = kept.map(|(name, value)| format!("{name} = {value}")).collect();
    format!("{{ {} }}", members.join(", "))
}

fn workers() -> Vec<Refused> {
    let wrong = |case, name: &str, value: &str, says: &[&'static str]| {
        one(case, "worker_config", workers_with(name, value), says)
    };
    vec![
        wrong("ep_workers_swapped", "min_num", "3", &["min_num", "max_num"]),
        wrong("ep_workers_min_negative", "min_num", "-1", &["0"]),
        wrong("ep_workers_max_negative", "max_num", "-1", &["0"]),
        wrong("ep_workers_max_part", "max_num", "2.5", &["whole"]),
        wrong("ep_workers_idle_negative", "free_timeout", "-1", &["0"]),
        wrong("ep_workers_idle_part", "free_timeout", "0.5", &["whole"]),
        wrong("ep_workers_requests_negative", "max_concurrent", "-1", &["0"]),
        wrong("ep_workers_gpus_negative", "gpu_num", "-1", &["0"]),
        wrong("ep_workers_timeout_zero", "request_timeout", "0", &["1"]),
        wrong("ep_workers_cuda_long", "cuda_version", &long(256), &["255"]),
    ]
}

fn serving() -> Vec<Refused> {
    let image = |inner: String| format!("{{ {inner} }}");
    let url = "image = \"docker.io/acme/llm:2\"";
    vec![
        one("ep_port_zero", "port", "0", &["65535"]),
        one("ep_port_high", "port", "65536", &["65535"]),
        one("ep_port_2222", "port", "2222", &["2222"]),
        one("ep_port_2223", "port", "2223", &["2223"]),
        one("ep_port_2224", "port", "2224", &["2224"]),
        one("ep_port_part", "port", "80.5", &["whole"]),
        one("ep_policy_other", "policy", "{ type = \"cpu\", value = 1 }", &["queue", "concurrency"]),
        one("ep_policy_negative", "policy", "{ type = \"queue\", value = -1 }", &["0"]),
        one("ep_image_empty", "image", image("image = \"\"".to_owned()), &["511"]),
        one("ep_image_long", "image", image(format!("image = {}", long(512))), &["511"]),
        one("ep_auth_long", "image", image(format!("{url}, auth_id = {}", long(256))), &["255"]),
        one("ep_command_long", "image", image(format!("{url}, command = {}", long(2048))), &["2047"]),
        one("ep_healthy_relative", "healthy", "{ path = \"health\" }", &["/"]),
        one("ep_healthy_empty", "healthy", "{ path = \"\" }", &["/"]),
    ]
}

fn volume(inner: &str) -> String {
    format!("[{{ {inner} }}]")
}

const LOCAL: &str = "type = \"local\", size = 30, mount_path = \"/workspace\"";
const NETWORK: &str = "type = \"network\", id = \"st-51c0\", mount_path = \"/models\"";

fn volumes() -> Vec<Refused> {
    let cluster = || ("cluster_id", text("7"));
    let wrong = |case, inner: &str, says: &[&'static str]| one(case, "volume_mounts", volume(inner), says);
    let network = |case, inner: String, says: &[&'static str]| {
        let case = several(case, [("volume_mounts", volume(&inner)), cluster()], says);
        Refused { at: vec!["volume_mounts"], ..case }
    };
    let path = |path: &str| format!("type = \"local\", size = 30, mount_path = {path}");
    vec![
        wrong("ep_volume_other", "type = \"cloud\", mount_path = \"/x\"", &["local", "network"]),
        wrong("ep_local_sizeless", "type = \"local\", mount_path = \"/x\"", &["local", "size"]),
        wrong("ep_local_id", &format!("{LOCAL}, id = \"st-51c0\""), &["local", "id"]),
        wrong("ep_local_zero", "type = \"local\", size = 0, mount_path = \"/x\"", &["1"]),
        network(
            "ep_network_idless",
            "type = \"network\", mount_path = \"/x\"".to_owned(),
            &["network", "id"],
        ),
        network("ep_network_size", format!("{NETWORK}, size = 30"), &["network", "size"]),
        wrong("ep_network_clusterless", NETWORK, &["network", "cluster_id"]),
        wrong("ep_mount_relative", &path("\"workspace\""), &["/"]),
        wrong("ep_mount_empty", &path("\"\""), &["255"]),
        wrong("ep_mount_long", &path(&text(&format!("/{}", "a".repeat(255)))), &["255"]),
        one(
            "ep_mount_twice",
            "volume_mounts",
            format!("[{{ {LOCAL} }}, {{ type = \"local\", size = 31, mount_path = \"/workspace\" }}]"),
            &["/workspace"],
        ),
    ]
}

fn environment() -> Vec<Refused> {
    let secret = |name: &str| format!("{{ {name} = \"{SECRET}\" }}");
    vec![
        one("ep_envs_many", "envs", envs("A", 101), &["100"]),
        several("ep_envs_many_in_all", [("envs", envs("A", 60)), ("secret_envs", envs("B", 41))], &["100"]),
        one("ep_env_name_long", "envs", format!("{{ {} = \"v\" }}", long(512)), &["511"]),
        one("ep_env_value_long", "envs", format!("{{ A = {} }}", long(4096)), &["4095"]),
        several(
            "ep_env_twice",
            [("envs", "{ TOKEN = \"a\" }".to_owned()), ("secret_envs", secret("TOKEN"))],
            &["TOKEN"],
        ),
    ]
}

pub(super) fn accepted() -> Vec<Refused> {
    let fine = |name, attribute, value: String| one(name, attribute, value, &[]);
    let mounts = format!("[{{ {LOCAL} }}, {{ {NETWORK} }}]");
    let cases = vec![
        fine("ep_name_220", "name", long(220)),
        fine("ep_app_46", "app_name", text(&format!("a{}9", "-".repeat(44)))),
        fine("ep_app_1", "app_name", text("a")),
        fine("ep_port_1", "port", "1".to_owned()),
        fine("ep_port_65535", "port", "65535".to_owned()),
        fine("ep_port_2221", "port", "2221".to_owned()),
        fine("ep_workers_none", "worker_config", workers_with("max_num", "0")),
        fine("ep_workers_equal", "worker_config", workers_with("min_num", "2")),
        fine("ep_workers_cuda", "worker_config", workers_with("cuda_version", "\"any\"")),
        fine("ep_policy_concurrency", "policy", "{ type = \"concurrency\", value = 1 }".to_owned()),
        fine("ep_image_511", "image", format!("{{ image = {}, command = {} }}", long(511), long(2047))),
        fine("ep_healthy_root", "healthy", "{ path = \"/\" }".to_owned()),
        fine("ep_envs_100", "envs", envs("A", 100)),
        several("ep_volumes", [("volume_mounts", mounts), ("cluster_id", text("7"))], &[]),
        fine("ep_volumes_none", "volume_mounts", "[]".to_owned()),
    ];
    cases.into_iter().map(|it| it.of(ENDPOINT)).collect()
}
