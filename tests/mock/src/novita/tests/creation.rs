//! What create refuses, and what comes of what it takes.

use serde_json::{Value, json};

use super::{Bench, cpu, gpu};
use crate::novita::Created;

/// The refusal of a create call, which must not have made anything.
fn check_refused(body: &Value, expected: &str) {
    let mut bench = Bench::new();
    let refusal = bench.post("/gpu/instance/create", body).expect_err(&body.to_string());
    assert!(refusal.starts_with(expected), "{body}\n was refused with {refusal}\n instead of {expected}");
    assert_eq!((bench.core.novita.created, bench.core.novita.alive().len()), (Created::default(), 0));
}

fn check_invalid(body: &Value, field: &str) {
    check_refused(body, &format!("400 VALIDATOR_PARAM: {field}: "));
}

fn check_taken(body: &Value) -> Value {
    let mut bench = Bench::new();
    let id = bench.create(body);
    bench.record(&id)
}

fn long(length: usize) -> String {
    "ä".repeat(length)
}

#[test]
fn required_fields_are_required() {
    for field in ["productId", "gpuNum", "rootfsSize", "imageUrl", "kind"] {
        check_invalid(&gpu(json!({field: null})), field);
    }
    for field in ["productId", "imageUrl"] {
        check_invalid(&cpu(json!({field: null})), field);
    }
    check_taken(&gpu(json!({"name": null})));
    check_taken(&cpu(json!({"name": null})));
}

#[test]
fn lengths_count_characters() {
    for (field, most) in [("name", 255), ("imageUrl", 500), ("command", 2047), ("entrypoint", 2047)] {
        for body in [gpu, cpu] {
            check_taken(&body(json!({field: long(most)})));
            check_invalid(&body(json!({field: long(most + 1)})), field);
        }
    }
    for (field, most) in
        [("productId", 255), ("imageAuth", 10239), ("minCudaVersion", 255), ("clusterId", 255)]
    {
        check_invalid(&gpu(json!({field: long(most + 1)})), field);
    }
    for field in ["productId", "imageUrl"] {
        check_invalid(&gpu(json!({field: ""})), field);
    }
    check_invalid(&cpu(json!({"localStorageMountPoint": ""})), "localStorageMountPoint");
    check_invalid(&cpu(json!({"localStorageMountPoint": long(4096)})), "localStorageMountPoint");
}

#[test]
fn numbers_have_ranges() {
    for (field, outside) in
        [("gpuNum", [0, 9]), ("rootfsSize", [-1, 6145]), ("autoRenewMonth", [0, 13]), ("month", [-1, -2])]
    {
        for number in outside {
            check_invalid(&gpu(json!({field: number})), field);
        }
    }
}

#[test]
fn a_disk_below_ten_becomes_ten() {
    assert_eq!(check_taken(&gpu(json!({"rootfsSize": 3})))["rootfsSize"], 10);
    assert_eq!(check_taken(&gpu(json!({"rootfsSize": 400})))["rootfsSize"], 400);
    check_invalid(&gpu(json!({"rootfsSize": 401})), "rootfsSize");
}

#[test]
fn types_and_unknown_fields_are_refused() {
    for (change, field) in [
        (json!({"gpuNum": "1"}), "gpuNum"),
        (json!({"gpuNum": 1.5}), "gpuNum"),
        (json!({"name": 7}), "name"),
        (json!({"ports": ["80/http"]}), "ports"),
        (json!({"autoRenew": "true"}), "autoRenew"),
        (json!({"envs": {"A": "b"}}), "envs"),
        (json!({"tools": [{"name": "Jupyter", "port": 8888, "type": "http"}]}), "tools[0].port"),
        (json!({"colour": "red"}), "colour"),
        (json!({"networkStorages": [{"id": "st-51c0"}]}), "networkStorages[0].id"),
        (json!({"localStorageMountPoint": "/w"}), "localStorageMountPoint"),
        (json!({"kind": "tpu"}), "kind"),
        (json!({"billingMode": "hourly"}), "billingMode"),
    ] {
        check_invalid(&gpu(change), field);
    }
    let only_gpu =
        ["gpuNum", "rootfsSize", "month", "billingMode", "autoRenew", "autoRenewMonth", "minCudaVersion"];
    for field in only_gpu {
        check_invalid(&cpu(json!({field: 1})), field);
    }
}

#[test]
fn a_hundred_envs_and_thirty_storages_at_most() {
    let envs = |count: usize| json!({"envs": vec![json!({"key": "K", "value": "v"}); count]});
    check_taken(&gpu(envs(100)));
    check_invalid(&gpu(envs(101)), "envs");
    check_invalid(&gpu(json!({"envs": [{"key": long(512), "value": ""}]})), "envs[0].key");
    check_invalid(&gpu(json!({"envs": [{"key": "K", "value": long(4096)}]})), "envs[0].value");
    let storages = vec![json!({"Id": "st-51c0", "mountPoint": "/a"}); 31];
    check_invalid(&gpu(json!({"networkStorages": storages})), "networkStorages");
    let mount = json!({"networkStorages": [{"Id": "st-51c0", "mountPoint": ""}]});
    check_invalid(&gpu(mount), "networkStorages[0].mountPoint");
}

#[test]
fn ports_and_tools_share_one_set_of_rules() {
    let tool = |port: &str| json!([{"name": "Jupyter", "port": port, "type": "http"}]);
    check_invalid(&gpu(json!({"ports": "2223/tcp"})), "ports");
    check_invalid(&gpu(json!({"ports": "80"})), "ports");
    check_invalid(&gpu(json!({"tools": tool("2222")})), "tools");
    check_invalid(&gpu(json!({"tools": tool("0")})), "tools");
    check_invalid(&gpu(json!({"ports": "8888/tcp", "tools": tool("8888")})), "tools");
    let fifteen = (1..=15).map(|it| format!("{it}/tcp")).collect::<Vec<_>>().join(", ");
    check_taken(&cpu(json!({"ports": fifteen})));
    check_invalid(&gpu(json!({"ports": fifteen, "tools": tool("8888")})), "ports");
    check_invalid(
        &gpu(json!({"tools": [{"name": "VSCode", "port": "80", "type": "http"}]})),
        "tools[0].name",
    );
}

#[test]
fn months_force_monthly_billing() {
    let record = check_taken(&gpu(json!({"month": 2, "billingMode": "spot"})));
    assert_eq!(record["billingMode"], "monthly");
    assert_eq!(record["endTime"], 1_767_225_600 + 60 * 86_400);
    let record = check_taken(&gpu(json!({"month": 0})));
    assert_eq!((record["billingMode"].as_str(), record["endTime"].as_i64()), (Some("onDemand"), Some(-1)));
    assert_eq!(check_taken(&gpu(json!({"billingMode": "spot"})))["billingMode"], "spot");
    check_invalid(&gpu(json!({"billingMode": "monthly"})), "month");
}

#[test]
fn renewal_is_for_monthly_billing_only() {
    check_invalid(&gpu(json!({"autoRenew": true})), "autoRenew");
    check_invalid(&gpu(json!({"month": 1, "autoRenewMonth": 1})), "autoRenewMonth");
    check_taken(&gpu(json!({"autoRenew": false})));
    let record = check_taken(&gpu(json!({"month": 1, "autoRenew": true, "autoRenewMonth": 3})));
    assert_eq!((record["autoRenew"].as_bool(), record["autoRenewMonth"].as_u64()), (Some(true), Some(3)));
}

#[test]
fn a_product_must_exist_and_have_stock_and_support_the_billing() {
    check_invalid(&gpu(json!({"productId": "cpu.4c8g"})), "productId");
    check_invalid(&cpu(json!({"productId": "4090.16c62g"})), "productId");
    check_refused(&gpu(json!({"productId": "h100.26c200g"})), "400 INSUFFICIENT_RESOURCE: ");
    check_refused(&gpu(json!({"productId": "3090.12c30g", "gpuNum": 4})), "400 INSUFFICIENT_RESOURCE: ");
    check_refused(&cpu(json!({"productId": "cpu.64c256g"})), "400 INSUFFICIENT_RESOURCE: ");
    let spot = json!({"productId": "5090.20c94g", "billingMode": "spot"});
    check_refused(&gpu(spot), "400 UNSUPPORTED_BILLING_MODE: ");
    check_refused(&gpu(json!({"productId": "3090.12c30g", "month": 1})), "400 UNSUPPORTED_BILLING_MODE: ");
}

#[test]
fn a_cuda_version_is_two_numbers_that_the_nodes_have() {
    for version in ["12", "12.x", "v12.4"] {
        check_invalid(&gpu(json!({"minCudaVersion": version})), "minCudaVersion");
    }
    check_refused(&gpu(json!({"minCudaVersion": "12.10"})), "400 CUDA_VERSION_INCOMPATIBLE: ");
    assert_eq!(check_taken(&gpu(json!({"minCudaVersion": "11.8"})))["minCudaVersion"], "11.8");
}

#[test]
fn what_an_instance_refers_to_must_exist() {
    check_invalid(&gpu(json!({"clusterId": "99"})), "clusterId");
    check_refused(&gpu(json!({"clusterId": "5"})), "400 INSUFFICIENT_RESOURCE: ");
    let storage = |id: &str| json!({"networkStorages": [{"Id": id}]});
    check_refused(&gpu(storage("st-none")), "400 NETWORK_STORAGE_NOT_FOUND: ");
    check_refused(&gpu(json!({"networkId": "vpc-none"})), "400 NETWORK_NOT_FOUND: ");
    check_refused(&gpu(json!({"imageAuthId": "auth-none"})), "400 IMAGE_URL_OR_AUTH_ERROR: ");
    check_invalid(&gpu(json!({"imageAuth": "no-colon"})), "imageAuth");
    let elsewhere = json!({"clusterId": "us-dallas-nas-2", "networkStorages": [{"Id": "st-51c0"}]});
    check_refused(&gpu(elsewhere), "400 CUR_CLUSTER_NETWORK_STORAGE_NOT_SUPPORT: ");
    check_invalid(&gpu(json!({"clusterId": "us-dallas-nas-2", "networkId": "vpc-83aa"})), "networkId");
    let twice = json!([{"Id": "st-51c0"}, {"Id": "st-51c1"}]);
    check_invalid(&gpu(json!({"networkStorages": twice})), "networkStorages");
}

#[test]
fn an_empty_cluster_becomes_a_real_one() {
    assert_eq!(check_taken(&gpu(json!({"clusterId": ""})))["clusterId"], "7");
    let record = check_taken(&gpu(json!({"networkStorages": [{"Id": "st-77aa"}]})));
    assert_eq!(record["clusterId"], "us-dallas-nas-2");
    let expected = json!([{"type": "network", "id": "st-77aa", "size": 500, "mountPath": "/network"}]);
    assert_eq!(record["volumeMounts"], expected);
    let record = check_taken(&gpu(json!({"networkId": "vpc-83aa"})));
    assert_eq!(record["network"], json!({"id": "vpc-83aa", "ip": "10.8.1.2"}));
}

#[test]
fn hardware_is_counted() {
    let mut bench = Bench::new();
    bench.running(&gpu(json!({"productId": "5090.20c94g", "gpuNum": 6})));
    let more = gpu(json!({"productId": "5090.20c94g", "gpuNum": 3}));
    let refusal = bench.post("/gpu/instance/create", &more).unwrap_err();
    assert!(refusal.starts_with("400 INSUFFICIENT_RESOURCE: "), "{refusal}");
    bench.create(&gpu(json!({"productId": "5090.20c94g", "gpuNum": 2})));
}

#[test]
fn what_is_never_shown_is_remembered() {
    let sent = json!({"imageAuth": "ci:pass", "ports": "80/http, 22/tcp", "minCudaVersion": "12.4"});
    let record = check_taken(&gpu(sent));
    assert_eq!((&record["imageAuth"], &record["portsSent"]), (&json!("ci:pass"), &json!("80/http, 22/tcp")));
    assert_eq!(check_taken(&cpu(json!({})))["volumeMounts"][0]["mountPath"], "/workspace");
    let record = check_taken(&cpu(json!({"localStorageMountPoint": "/data"})));
    assert_eq!(record["volumeMounts"][0]["mountPath"], "/data");
}

#[test]
fn a_refusal_never_repeats_a_secret() {
    let mut bench = Bench::new();
    let secret = "s3cret".repeat(2000);
    let refusal = bench.post("/gpu/instance/create", &gpu(json!({"imageAuth": secret}))).unwrap_err();
    assert!(!refusal.contains("s3cret"), "{refusal}");
}
