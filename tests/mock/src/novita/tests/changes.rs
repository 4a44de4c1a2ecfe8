//! Edit, upgrade and the calls around billing.

use serde_json::{Value, json};

use super::{Bench, changed, cpu, gpu};

fn edit(bench: &mut Bench, id: &str, change: Value) -> Result<Value, String> {
    bench.post("/gpu/instance/edit", &changed(json!({"instanceId": id}), change))
}

/// Every field of an upgrade with harmless values, and the change on top.
fn upgrade(bench: &mut Bench, id: &str, change: Value) -> Result<Value, String> {
    let whole = json!({
        "instanceId": id, "imageUrl": "docker.io/acme/trainer:2", "imageAuthId": "", "envs": [],
        "command": "", "entrypoint": "", "save": true, "networkVolume": {"volumeMounts": []},
    });
    bench.post("/gpu/instance/upgrade", &changed(whole, change))
}

fn check_starts<T: std::fmt::Debug>(outcome: Result<T, String>, expected: &str) {
    let refusal = outcome.unwrap_err();
    assert!(refusal.starts_with(expected), "{refusal}\n instead of {expected}");
}

#[test]
fn edit_replaces_all_ports() {
    let mut bench = Bench::new();
    let id = bench.running(&gpu(json!({"ports": "80/http,22/tcp"})));
    edit(&mut bench, &id, json!({"ports": [{"port": 8080, "type": "http"}], "expandRootDisk": 0})).unwrap();
    let shown = bench.read(&id).unwrap();
    let ports: Vec<u64> =
        shown["portMappings"].as_array().unwrap().iter().map(|it| it["port"].as_u64().unwrap()).collect();
    assert_eq!(ports, [2222, 8080], "the platform's own port stays");
    assert_eq!((&shown["status"], &shown["rootfsSize"]), (&json!("running"), &json!(60)));
    edit(&mut bench, &id, json!({"ports": []})).unwrap();
    assert_eq!(bench.record(&id)["ports"], json!([]));
}

#[test]
fn edit_grows_the_disk_by_the_increment() {
    let mut bench = Bench::new();
    let id = bench.running(&gpu(json!({"ports": "80/http"})));
    edit(&mut bench, &id, json!({"expandRootDisk": 340})).unwrap();
    let shown = bench.read(&id).unwrap();
    assert_eq!((&shown["rootfsSize"], &shown["node"][0]["maxRootfsSize"]), (&json!(400), &json!(400)));
    assert_eq!(bench.record(&id)["ports"].as_array().unwrap().len(), 1, "ports that are not sent stay");
    check_starts(
        edit(&mut bench, &id, json!({"expandRootDisk": 1})),
        "400 VALIDATOR_PARAM: expandRootDisk: ",
    );
    check_starts(
        edit(&mut bench, &id, json!({"expandRootDisk": -1})),
        "400 VALIDATOR_PARAM: expandRootDisk: ",
    );
}

#[test]
fn edit_keeps_the_rules_of_ports() {
    let mut bench = Bench::new();
    let tools = json!([{"name": "Jupyter", "port": "8888", "type": "http"}]);
    let id = bench.running(&gpu(json!({"tools": tools})));
    let port = |port: u32| json!({"port": port, "type": "tcp"});
    for (ports, field) in [
        (json!([port(2222)]), "ports[0].port"),
        (json!([port(0)]), "ports[0].port"),
        (json!([port(80), port(80)]), "ports"),
        (json!([port(8888)]), "tools"),
        (json!([{"port": "80", "type": "tcp"}]), "ports[0].port"),
        (json!((1..=15).map(port).collect::<Vec<_>>()), "ports"),
    ] {
        check_starts(
            edit(&mut bench, &id, json!({"ports": ports})),
            &format!("400 VALIDATOR_PARAM: {field}: "),
        );
    }
    edit(&mut bench, &id, json!({"ports": (1..=14).map(port).collect::<Vec<_>>()})).unwrap();
    check_starts(edit(&mut bench, "nobody", json!({"ports": []})), "400 RESOURCE_NOT_FOUND: ");
}

#[test]
fn upgrade_wants_every_field() {
    let mut bench = Bench::new();
    let id = bench.running(&gpu(json!({})));
    for field in ["instanceId", "imageUrl", "envs", "command", "entrypoint", "save", "networkVolume"] {
        let refused = upgrade(&mut bench, &id, json!({field: null}));
        check_starts(refused, &format!("400 VALIDATOR_PARAM: {field}: is required"));
    }
    check_starts(
        upgrade(&mut bench, &id, json!({"networkVolume": {}})),
        "400 VALIDATOR_PARAM: networkVolume.volumeMounts: is required",
    );
    upgrade(&mut bench, &id, json!({"imageAuthId": null})).unwrap();
}

#[test]
fn upgrade_replaces_everything_and_resets() {
    let mut bench = Bench::new();
    let before = json!({
        "envs": [{"key": "OLD", "value": "1"}], "command": "old", "imageAuthId": "auth-9f21",
        "networkStorages": [{"Id": "st-51c0"}],
    });
    let id = bench.running(&cpu(before));
    let volumes = json!({"volumeMounts": [{"type": "network", "id": "st-51c1", "mountPath": "/data"}]});
    let change = json!({"envs": [{"key": "NEW", "value": "2"}], "networkVolume": volumes});
    upgrade(&mut bench, &id, change).unwrap();
    assert_eq!(bench.statuses(&id, 3), "toReset resetting running");
    let shown = bench.read(&id).unwrap();
    assert_eq!(shown["envs"], json!([{"key": "NEW", "value": "2"}]));
    assert_eq!((&shown["command"], &shown["imageAuthId"]), (&json!(""), &json!("")));
    assert_eq!(shown["volumeMounts"][0]["type"], "local", "the local disk stays");
    assert_eq!(shown["volumeMounts"][1]["id"], "st-51c1");
    assert_eq!(bench.record(&id)["save"], true);
}

#[test]
fn upgrade_checks_what_it_refers_to() {
    let mut bench = Bench::new();
    let id = bench.running(&gpu(json!({"clusterId": "7"})));
    let mount = |id: &str| json!({"networkVolume": {"volumeMounts": [{"type": "network", "id": id}]}});
    check_starts(upgrade(&mut bench, &id, mount("st-none")), "400 NETWORK_STORAGE_NOT_FOUND: ");
    check_starts(upgrade(&mut bench, &id, mount("st-77aa")), "400 CUR_CLUSTER_NETWORK_STORAGE_NOT_SUPPORT: ");
    let auth = json!({"imageAuthId": "auth-none"});
    check_starts(upgrade(&mut bench, &id, auth), "400 IMAGE_URL_OR_AUTH_ERROR: ");
    let local = json!({"networkVolume": {"volumeMounts": [{"type": "local", "id": "x"}]}});
    check_starts(
        upgrade(&mut bench, &id, local),
        "400 VALIDATOR_PARAM: networkVolume.volumeMounts[0].type: ",
    );
    assert_eq!(bench.statuses(&id, 1), "running", "nothing was reset");
    let id = bench.create(&gpu(json!({})));
    check_starts(upgrade(&mut bench, &id, json!({})), "400 CONFLICT: invalid state change");
}

#[test]
fn monthly_billing_begins_and_is_prolonged() {
    let mut bench = Bench::new();
    let id = bench.create(&gpu(json!({})));
    let months = |month: u64| json!({"instanceId": id, "month": month});
    let monthly = "/gpu/instance/transToMonthlyInstance";
    check_starts(bench.post(monthly, &months(1)), "400 CREATING_INSTANCE_NOT_SUPPORT_RENEWAL: ");
    bench.settle();
    let renew = "/gpu/instance/renewInstance";
    check_starts(bench.post(renew, &months(1)), "400 UNSUPPORTED_BILLING_MODE: ");
    check_starts(bench.post(monthly, &months(0)), "400 VALIDATOR_PARAM: month: ");
    bench.post(monthly, &months(1)).unwrap();
    let end =
        |bench: &mut Bench| bench.read(&id).unwrap()["endTime"].as_str().unwrap().parse::<u64>().unwrap();
    let first = end(&mut bench);
    assert_eq!(first, 1_767_225_606 + 30 * 86_400);
    check_starts(bench.post(monthly, &months(1)), "400 UNSUPPORTED_BILLING_MODE: ");
    bench.post(renew, &months(2)).unwrap();
    assert_eq!(end(&mut bench), first + 60 * 86_400);
}

#[test]
fn an_image_is_saved_by_a_job_that_takes_its_time_and_may_fail() {
    let mut bench = Bench::new();
    let id = bench.running(&gpu(json!({})));
    let save = |auth: &str| json!({"instanceId": id, "image": "example.net/a/b:1", "registryAuthId": auth});
    check_starts(bench.post("/job/save/image", &save("auth-none")), "400 VALIDATOR_PARAM: registryAuthId: ");
    let states = |bench: &mut Bench| {
        let begun = bench.post("/job/save/image", &save("")).unwrap();
        let job = begun["jobId"].as_str().unwrap().to_owned();
        let mut states = Vec::new();
        for _ in 0..6 {
            let jobs = bench.get("/jobs", &[("jobId", &job)]).unwrap()["jobs"].as_array().unwrap().clone();
            assert_eq!((jobs.len(), &jobs[0]["Id"]), (1, &json!(job)));
            states.push(jobs[0]["state"]["state"].as_str().unwrap().to_owned());
        }
        states.dedup();
        states
    };
    assert_eq!(states(&mut bench), ["pulling", "running", "success"]);
    bench.core.novita.image_job_failure = "denied".to_owned();
    assert_eq!(states(&mut bench), ["pulling", "running", "fail"]);
}

#[test]
fn spot_and_cpu_machines_do_not_become_monthly() {
    let mut bench = Bench::new();
    for body in [gpu(json!({"billingMode": "spot"})), cpu(json!({}))] {
        let id = bench.running(&body);
        let months = json!({"instanceId": id, "month": 1});
        let refused = bench.post("/gpu/instance/transToMonthlyInstance", &months);
        check_starts(refused, "400 UNSUPPORTED_BILLING_MODE: ");
    }
}

#[test]
fn automatic_renewal_takes_a_list_of_monthly_machines() {
    let mut bench = Bench::new();
    let monthly = bench.running(&gpu(json!({"month": 1})));
    let hourly = bench.running(&gpu(json!({})));
    let call = "/gpu/instance/setAutoRenew";
    let body = |ids: &[&str]| json!({"instanceIds": ids, "autoRenew": true, "autoRenewMonth": 2});
    check_starts(bench.post(call, &body(&[])), "400 VALIDATOR_PARAM: instanceIds: ");
    check_starts(bench.post(call, &body(&[&monthly, &hourly])), "400 UNSUPPORTED_BILLING_MODE: ");
    assert_eq!(bench.record(&monthly)["autoRenew"], false, "none was changed");
    bench.post(call, &body(&[&monthly])).unwrap();
    assert_eq!(bench.record(&monthly)["autoRenewMonth"], 2);
    let without = json!({"instanceIds": [monthly], "autoRenew": false});
    check_starts(bench.post(call, &without), "400 VALIDATOR_PARAM: autoRenewMonth: is required");
}

#[test]
fn automatic_migration_is_remembered() {
    let mut bench = Bench::new();
    let id = bench.running(&gpu(json!({})));
    let body = json!({"instanceId": id, "autoMigrateOpen": true, "autoMigrateSystemDisk": false});
    bench.post("/gpu/instance/setAutoMigrate", &body).unwrap();
    let record = bench.record(&id);
    assert_eq!((&record["autoMigrateOpen"], &record["autoMigrateSystemDisk"]), (&json!(true), &json!(false)));
    let body = json!({"instanceId": id, "autoMigrateOpen": true});
    let refused = bench.post("/gpu/instance/setAutoMigrate", &body);
    check_starts(refused, "400 VALIDATOR_PARAM: autoMigrateSystemDisk: is required");
}
