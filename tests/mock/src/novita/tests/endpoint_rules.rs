//! What the create call of endpoints refuses, and update with it.

use serde_json::{Value, json};

use super::endpoints::{settings, update};
use super::{Bench, changed};

/// Create refuses the change, having made nothing.
fn check_refused(change: Value, expected: &str) {
    let mut bench = Bench::new();
    let shown = change.to_string();
    let refusal = bench.make(change).expect_err(&shown);
    assert!(refusal.starts_with(expected), "{shown}\n was refused with {refusal}\n instead of {expected}");
    assert_eq!(bench.core.alive(), []);
}

/// Create and update refuse the change, each naming the field in its own body.
fn check_invalid(change: Value, field: &str) {
    check_refused(change.clone(), &format!("400 VALIDATOR_PARAM: endpoint.{field}: "));
    let mut bench = Bench::new();
    let id = bench.serving(json!({}));
    let shown = change.to_string();
    let refusal = bench.post("/endpoint/update", &update(&id, change)).unwrap_err();
    let expected = format!("400 VALIDATOR_PARAM: {field}: ");
    assert!(refusal.starts_with(&expected), "{shown}\n was refused with {refusal}\n instead of {expected}");
    assert_eq!(bench.core.novita.endpoint_record(&id).unwrap()["updates"], 0);
}

fn workers(change: Value) -> Value {
    json!({"workerConfig": changed(settings(json!({}))["workerConfig"].take(), change)})
}

fn volumes(volumes: Value) -> Value {
    let mut change = json!({});
    change["volumeMounts"] = volumes;
    change
}

fn long(length: usize) -> String {
    "ä".repeat(length)
}

#[test]
fn the_body_is_wrapped() {
    let mut bench = Bench::new();
    let refusal = bench.post("/endpoint/create", &settings(json!({}))).unwrap_err();
    assert!(refusal.starts_with("400 VALIDATOR_PARAM: "), "{refusal}");
    assert!(bench.post("/endpoint/update", &json!({"endpoint": update("x", json!({}))})).is_err());
}

#[test]
fn required_fields_are_required() {
    for field in
        ["workerConfig", "ports", "policy", "image", "products", "rootfsSize", "volumeMounts", "healthy"]
    {
        check_refused(json!({field: null}), &format!("400 VALIDATOR_PARAM: endpoint.{field}: is required"));
    }
    for field in ["minNum", "maxNum", "freeTimeout", "maxConcurrent", "gpuNum", "requestTimeout"] {
        check_invalid(workers(json!({field: null})), &format!("workerConfig.{field}"));
    }
    let mut bench = Bench::new();
    for field in ["id", "workerConfig", "ports", "policy", "image"] {
        let refusal = bench.post("/endpoint/update", &update("x", json!({field: null}))).unwrap_err();
        assert_eq!(refusal, format!("400 VALIDATOR_PARAM: {field}: is required"));
    }
    bench.make(json!({"name": null, "appName": null, "clusterID": null, "envs": null})).unwrap();
}

#[test]
fn create_wants_numbers_and_both_refuse_unknown_fields() {
    check_refused(
        workers(json!({"freeTimeout": "300"})),
        "400 VALIDATOR_PARAM: endpoint.workerConfig.freeTimeout: ",
    );
    check_refused(json!({"rootfsSize": "100"}), "400 VALIDATOR_PARAM: endpoint.rootfsSize: ");
    check_invalid(json!({"colour": "red"}), "colour");
    check_invalid(json!({"clusterId": "7"}), "clusterId");
    check_invalid(workers(json!({"minNum": 1.5})), "workerConfig.minNum");
    for field in ["appName", "products", "rootfsSize"] {
        let mut bench = Bench::new();
        let id = bench.serving(json!({}));
        let value = settings(json!({}))[field].take();
        assert!(bench.post("/endpoint/update", &update(&id, json!({field: value}))).is_err(), "{field}");
    }
}

#[test]
fn workers_are_inside_the_limits() {
    for (field, outside) in [
        ("maxNum", 11),
        ("freeTimeout", 0),
        ("freeTimeout", 3601),
        ("maxConcurrent", 0),
        ("maxConcurrent", 101),
        ("gpuNum", 0),
        ("gpuNum", 9),
        ("requestTimeout", 0),
        ("requestTimeout", 3601),
    ] {
        check_invalid(workers(json!({field: outside})), &format!("workerConfig.{field}"));
    }
    check_invalid(workers(json!({"minNum": 3})), "workerConfig.minNum");
    check_invalid(workers(json!({"cudaVersion": "11.8"})), "workerConfig.cudaVersion");
    let mut bench = Bench::new();
    for version in ["", "any", "12.6"] {
        let change = changed(workers(json!({"cudaVersion": version})), json!({"appName": ""}));
        bench.make(change).unwrap();
    }
    bench.core.novita.endpoint_limit.max_worker_num = 1;
    assert!(bench.make(json!({"appName": ""})).unwrap_err().contains("must be from 0 to 1"));
}

#[test]
fn the_policy_has_limits_of_its_own() {
    for (kind, outside) in [("queue", 0), ("queue", 601), ("concurrency", 0), ("concurrency", 1001)] {
        check_invalid(json!({"policy": {"type": kind, "value": outside}}), "policy.value");
    }
    check_invalid(json!({"policy": {"type": "request_count", "value": 1}}), "policy.type");
    Bench::new().make(json!({"policy": {"type": "concurrency", "value": 1000}})).unwrap();
}

#[test]
fn there_is_exactly_one_port() {
    check_invalid(json!({"ports": []}), "ports");
    check_invalid(json!({"ports": [{"port": "80"}, {"port": "81"}]}), "ports");
    for port in [json!("0"), json!(0), json!("65536"), json!(2222), json!("2223"), json!(2224), json!("http")]
    {
        check_invalid(json!({"ports": [{"port": port}]}), "ports[0].port");
    }
    let mut bench = Bench::new();
    for port in [json!(80), json!("65535")] {
        bench.make(json!({"ports": [{"port": port}], "appName": ""})).unwrap();
    }
}

#[test]
fn names_have_their_form() {
    check_invalid(json!({"name": long(221)}), "name");
    for name in ["Upper", "-a", "a-", "a_b", &"a".repeat(47)] {
        check_refused(json!({"appName": name}), "400 VALIDATOR_PARAM: endpoint.appName: ");
    }
    let mut bench = Bench::new();
    let id = bench.make(json!({"appName": null, "name": long(220)})).unwrap();
    assert_eq!(bench.endpoint(&id).unwrap()["appName"], json!(id));
    bench.make(json!({"appName": "a".repeat(46)})).unwrap();
    bench.make(json!({})).unwrap();
    let taken = bench.make(json!({})).unwrap_err();
    assert_eq!(taken, "400 SERVERLESS_APP_NAME_IS_EXIST: the app name tf-llm-a1 is taken");
    bench.core.novita.endpoints.retain(|it| it.app_name != "tf-llm-a1");
    bench.make(json!({})).unwrap();
}

#[test]
fn images_and_checks_have_their_form() {
    let image = |change: Value| json!({"image": changed(json!({"image": "nginx"}), change)});
    check_invalid(image(json!({"image": ""})), "image.image");
    check_invalid(image(json!({"image": long(512)})), "image.image");
    check_invalid(image(json!({"authId": long(256)})), "image.authId");
    check_invalid(image(json!({"command": long(2048)})), "image.command");
    check_refused(
        image(json!({"authId": "auth-none"})),
        "400 IMAGE_URL_OR_AUTH_ERROR: endpoint.image.authId: ",
    );
    check_invalid(json!({"healthy": {"path": "health"}}), "healthy.path");
    check_invalid(json!({"healthy": {"path": "/", "period": 3}}), "healthy.period");
    check_invalid(json!({"envs": vec![json!({"key": "K", "value": "v"}); 101]}), "envs");
}

#[test]
fn products_exist_and_are_in_stock() {
    check_refused(json!({"products": []}), "400 VALIDATOR_PARAM: endpoint.products: ");
    let product = |id: &str| json!({"products": [{"id": id}]});
    check_refused(product("SL-serverless-99"), "400 SERVERLESS_PRODUCT_NOT_FOUND: ");
    check_refused(product("SL-serverless-7"), "400 INSUFFICIENT_RESOURCE: ");
    check_refused(json!({"rootfsSize": 101}), "400 VALIDATOR_PARAM: endpoint.rootfsSize: ");
    let mut bench = Bench::new();
    assert!(bench.core.novita.sell_out("SL-serverless-3") && !bench.core.novita.sell_out("nothing"));
    assert!(bench.make(json!({})).unwrap_err().starts_with("400 INSUFFICIENT_RESOURCE: "));
}

#[test]
fn volumes_are_local_with_a_size_or_network_with_an_id() {
    let local = |size: u64, path: &str| json!({"type": "local", "size": size, "mountPath": path});
    check_invalid(volumes(json!([local(31, "/a")])), "volumeMounts[0].size");
    check_invalid(volumes(json!([{"type": "local", "mountPath": "/a"}])), "volumeMounts[0].size");
    check_invalid(volumes(json!([local(30, "a")])), "volumeMounts[0].mountPath");
    check_invalid(volumes(json!([local(30, &format!("/{}", long(255)))])), "volumeMounts[0].mountPath");
    check_invalid(volumes(json!([local(30, "/a"), local(30, "/a")])), "volumeMounts");
    check_invalid(volumes(json!([{"type": "network", "mountPath": "/a"}])), "volumeMounts[0].id");
    let sized = json!([{"type": "network", "id": "st-51c0", "size": 30, "mountPath": "/a"}]);
    check_invalid(volumes(sized), "volumeMounts[0].size");
    let missing = volumes(json!([{"type": "network", "id": "st-none", "mountPath": "/a"}]));
    check_refused(missing, "400 NETWORK_STORAGE_NOT_FOUND: ");
}

#[test]
fn a_network_volume_needs_its_cluster() {
    let network = |cluster: &str| {
        let volume = json!([{"type": "network", "id": "st-51c0", "mountPath": "/models"}]);
        json!({"volumeMounts": volume, "clusterID": cluster, "appName": ""})
    };
    let mut bench = Bench::new();
    let refusal = bench.make(network("")).unwrap_err();
    assert!(refusal.starts_with("400 VALIDATOR_PARAM: endpoint.clusterID: is required"), "{refusal}");
    assert!(
        bench.make(network("nowhere")).unwrap_err().starts_with("400 VALIDATOR_PARAM: endpoint.clusterID: ")
    );
    let elsewhere = "400 CUR_CLUSTER_NETWORK_STORAGE_NOT_SUPPORT: ";
    assert!(bench.make(network("us-dallas-nas-2")).unwrap_err().starts_with(elsewhere));
    let id = bench.make(network("7")).unwrap();
    let shown = bench.endpoint(&id).unwrap();
    assert_eq!((&shown["clusterID"], &shown["volumeMounts"][0]["size"]), (&json!("7"), &json!(100)));
    bench.core.novita.without_network_storage();
    assert!(bench.make(network("7")).unwrap_err().starts_with(elsewhere));
    let id = bench.make(json!({"clusterID": "7", "appName": ""})).unwrap();
    assert_eq!(bench.endpoint(&id).unwrap()["clusterID"], "", "only with a network volume");
}
