//! What each attribute costs when it changes, and what shows when it changed behind everyone's back.

use serde_json::{Value, json};

use super::said::text_of;
use super::subject::GPU;
use super::world::{World, patched};

/// A change in place: what the machine is made with, what is changed, and the calls with their bodies.
struct InPlace {
    made_with: Value,
    change: Value,
    calls: Vec<(&'static str, Value)>,
}

/// The upgrade call, which wants everything, with what differs from the least configuration.
fn upgrade(changes: &Value) -> (&'static str, Value) {
    let whole = json!({
        "instanceId": "<id>",
        "imageUrl": "docker.io/acme/trainer:1.4",
        "imageAuthId": "",
        "envs": [],
        "command": "",
        "entrypoint": "",
        "save": true,
        "networkVolume": {"volumeMounts": []},
    });
    ("/gpu/instance/upgrade", patched(&whole, changes))
}

fn edit(ports: &Value, expand: i64) -> (&'static str, Value) {
    ("/gpu/instance/edit", json!({"instanceId": "<id>", "ports": ports, "expandRootDisk": expand}))
}

fn auto_renew(on: bool, month: i64) -> (&'static str, Value) {
    ("/gpu/instance/setAutoRenew", json!({"instanceIds": ["<id>"], "autoRenew": on, "autoRenewMonth": month}))
}

fn auto_migrate(on: bool, system_disk: bool) -> (&'static str, Value) {
    let body = json!({"instanceId": "<id>", "autoMigrateOpen": on, "autoMigrateSystemDisk": system_disk});
    ("/gpu/instance/setAutoMigrate", body)
}

fn of_id(call: &'static str) -> (&'static str, Value) {
    (call, json!({"instanceId": "<id>"}))
}

async fn check(it: InPlace) {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let before = resource.created(&it.made_with).await;
    let config = resource.least(&patched(&it.made_with, &it.change));
    world.cloud.clear_log();
    let plan = resource.plan(&config, Some(&before)).await.accepted();
    assert_eq!(plan.replace, Vec::<String>::new());
    assert!(!plan.is_empty(), "the change is planned");
    let after = resource.apply(&plan).await.object();
    assert_eq!(after.id(), before.id());
    let expected: Vec<_> = it
        .calls
        .into_iter()
        .map(|(path, body)| {
            let body = body.to_string().replace("<id>", before.id());
            (path.to_owned(), serde_json::from_str::<Value>(&body).unwrap())
        })
        .collect();
    assert_eq!(world.changes(), expected, "{}", it.change);
    resource.assert_settled(&config, &after).await;
}

/// One test per change.
macro_rules! in_place {
    ($($name:ident: $made_with:tt => $change:tt makes [$($call:expr),*];)*) => {$(
        #[tokio::test]
        async fn $name() {
            check(InPlace { made_with: json!($made_with), change: json!($change), calls: vec![$($call),*] }).await;
        }
    )*};
}

in_place! {
    a_larger_rootfs_size_is_an_edit_with_the_gb_to_add:
        {"ports": ["80/http"]} => {"rootfs_size": 90} makes [edit(&json!([{"port": 80, "type": "http"}]), 30)];
    another_image_url_is_an_upgrade:
        {} => {"image_url": "docker.io/acme/trainer:2"} makes [upgrade(&json!({"imageUrl": "docker.io/acme/trainer:2"}))];
    another_image_auth_id_is_an_upgrade:
        {} => {"image_auth_id": "auth-9f21"} makes [upgrade(&json!({"imageAuthId": "auth-9f21"}))];
    no_image_auth_id_any_more_is_an_upgrade:
        {"image_auth_id": "auth-9f21"} => {"image_auth_id": null} makes [upgrade(&json!({}))];
    a_saved_login_in_place_of_one_in_the_configuration_is_an_upgrade:
        {"image_auth": "me:hunter2"} => {"image_auth": null, "image_auth_id": "auth-9f21"}
        makes [upgrade(&json!({"imageAuthId": "auth-9f21"}))];
    other_ports_are_an_edit_with_the_whole_list:
        {"ports": ["80/http", "22/tcp"]} => {"ports": ["80/tcp", "443/http"]}
        makes [edit(&json!([{"port": 80, "type": "tcp"}, {"port": 443, "type": "http"}]), 0)];
    no_ports_any_more_are_an_edit:
        {"ports": ["80/http"]} => {"ports": null} makes [edit(&json!([]), 0)];
    another_protocol_of_a_port_is_an_edit:
        {"ports": ["80/http"]} => {"ports": ["80/tcp"]} makes [edit(&json!([{"port": 80, "type": "tcp"}]), 0)];
    ports_beside_a_tool_leave_the_tool_alone:
        {"tools": [{"name": "Jupyter", "port": 8888, "type": "http"}]} => {"ports": ["80/http"]}
        makes [edit(&json!([{"port": 80, "type": "http"}]), 0)];
    other_envs_are_an_upgrade:
        {"envs": {"A": "1", "B": "2"}} => {"envs": {"A": "3"}}
        makes [upgrade(&json!({"envs": [{"key": "A", "value": "3"}]}))];
    no_envs_any_more_are_an_upgrade:
        {"envs": {"A": "1"}} => {"envs": null} makes [upgrade(&json!({}))];
    other_secret_envs_are_an_upgrade:
        {"envs": {"B": "2"}, "secret_envs": {"A": "hunter2"}} => {"secret_envs": {"A": "hunter2-new"}}
        makes [upgrade(&json!({"envs": [{"key": "A", "value": "hunter2-new"}, {"key": "B", "value": "2"}]}))];
    another_command_is_an_upgrade:
        {"command": "run"} => {"command": "walk"} makes [upgrade(&json!({"command": "walk"}))];
    no_command_any_more_is_an_upgrade:
        {"command": "run"} => {"command": null} makes [upgrade(&json!({}))];
    another_entrypoint_is_an_upgrade:
        {} => {"entrypoint": "/bin/sh"} makes [upgrade(&json!({"entrypoint": "/bin/sh"}))];
    other_storages_are_an_upgrade:
        {"cluster_id": "7"} => {"network_storages": [{"id": "st-51c0"}]}
        makes [upgrade(&json!({"networkVolume": {"volumeMounts": [
            {"type": "network", "id": "st-51c0", "mountPath": "/network"}]}}))];
    another_mount_point_is_an_upgrade:
        {"network_storages": [{"id": "st-51c0"}]} => {"network_storages": [{"id": "st-51c0", "mount_point": "/data"}]}
        makes [upgrade(&json!({"networkVolume": {"volumeMounts": [
            {"type": "network", "id": "st-51c0", "mountPath": "/data"}]}}))];
    no_storages_any_more_are_an_upgrade:
        {"network_storages": [{"id": "st-51c0"}]} => {"network_storages": null} makes [upgrade(&json!({}))];
    months_on_a_machine_paid_by_use_change_it_to_monthly:
        {} => {"month": 2} makes [("/gpu/instance/transToMonthlyInstance", json!({"instanceId": "<id>", "month": 2}))];
    the_mode_monthly_changes_it_to_monthly:
        {"billing_mode": "onDemand"} => {"billing_mode": "monthly", "month": 1}
        makes [("/gpu/instance/transToMonthlyInstance", json!({"instanceId": "<id>", "month": 1}))];
    auto_renew_is_switched_on:
        {"month": 1} => {"auto_renew": true} makes [auto_renew(true, 1)];
    auto_renew_is_switched_off:
        {"month": 1, "auto_renew": true, "auto_renew_month": 3} => {"auto_renew": false, "auto_renew_month": null}
        makes [auto_renew(false, 1)];
    another_auto_renew_month_is_set:
        {"month": 1, "auto_renew": true, "auto_renew_month": 3} => {"auto_renew_month": 6} makes [auto_renew(true, 6)];
    auto_migrate_is_switched_on:
        {} => {"auto_migrate": true} makes [auto_migrate(true, false)];
    auto_migrate_is_switched_off_with_all_of_it:
        {"auto_migrate": true, "auto_migrate_system_disk": true} =>
        {"auto_migrate": null, "auto_migrate_system_disk": null} makes [auto_migrate(false, false)];
    auto_migrate_takes_the_system_disk_along:
        {"auto_migrate": true} => {"auto_migrate_system_disk": true} makes [auto_migrate(true, true)];
    a_machine_is_stopped:
        {"desired_status": "running"} => {"desired_status": "stopped"} makes [of_id("/gpu/instance/stop")];
    a_machine_is_started:
        {"desired_status": "stopped"} => {"desired_status": "running"} makes [of_id("/gpu/instance/start")];
    power_that_is_managed_from_now_on_needs_no_call_when_it_is_right:
        {} => {"desired_status": "running"} makes [];
    power_that_is_not_managed_any_more_stays:
        {"desired_status": "stopped"} => {"desired_status": null} makes [];
    deletion_protection_needs_no_call:
        {} => {"deletion_protection": true} makes [];
    wait_for_ready_needs_no_call:
        {} => {"wait_for_ready": false} makes [];
    timeouts_need_no_call:
        {} => {"timeouts": {"create": "2h"}} makes [];
    starting_comes_before_an_upgrade:
        {"desired_status": "stopped"} => {"desired_status": "running", "command": "run"}
        makes [of_id("/gpu/instance/start"), upgrade(&json!({"command": "run"}))];
    a_stopped_machine_is_stopped_again_after_an_upgrade:
        {"desired_status": "stopped"} => {"command": "run"}
        makes [upgrade(&json!({"command": "run"})), of_id("/gpu/instance/stop")];
    everything_at_once_is_one_call_each:
        {} => {"rootfs_size": 61, "ports": ["80/http"], "command": "run", "month": 1, "auto_renew": true,
            "desired_status": "stopped"}
        makes [
            edit(&json!([{"port": 80, "type": "http"}]), 1),
            upgrade(&json!({"command": "run"})),
            ("/gpu/instance/transToMonthlyInstance", json!({"instanceId": "<id>", "month": 1})),
            auto_renew(true, 1),
            of_id("/gpu/instance/stop")
        ];
}

#[tokio::test]
async fn each_attribute_that_cannot_change_in_place_plans_a_replacement() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let prepaid = resource.created(&json!({"month": 1})).await;
    for (made_with, change, attribute) in [
        (json!({}), json!({"name": "another"}), "name"),
        (json!({}), json!({"product_id": "5090.20c94g"}), "product_id"),
        (json!({}), json!({"gpu_num": 2}), "gpu_num"),
        (json!({}), json!({"image_auth": "me:hunter2"}), "image_auth"),
        (json!({"image_auth": "me:hunter2"}), json!({"image_auth": "me:hunter2-new"}), "image_auth"),
        (json!({"image_auth": "me:hunter2"}), json!({"image_auth": null}), "image_auth"),
        (
            json!({"image_auth_wo": "me:hunter2", "image_auth_wo_version": 1}),
            json!({"image_auth_wo_version": 2}),
            "image_auth_wo_version",
        ),
        (json!({}), json!({"tools": [{"name": "Jupyter", "port": 8888, "type": "http"}]}), "tools"),
        (
            json!({"tools": [{"name": "Jupyter", "port": 8888, "type": "http"}]}),
            json!({"tools": [{"name": "Jupyter", "port": 8889, "type": "http"}]}),
            "tools",
        ),
        (
            json!({"tools": [{"name": "Jupyter", "port": 8888, "type": "http"}]}),
            json!({"tools": null}),
            "tools",
        ),
        (json!({}), json!({"cluster_id": "us-dallas-nas-2"}), "cluster_id"),
        (json!({}), json!({"network_id": "vpc-83aa"}), "network_id"),
        (json!({"network_id": "vpc-83aa"}), json!({"network_id": null}), "network_id"),
        (json!({}), json!({"billing_mode": "spot"}), "billing_mode"),
        (json!({"billing_mode": "spot"}), json!({"billing_mode": "onDemand"}), "billing_mode"),
        (json!({}), json!({"min_cuda_version": "12.4"}), "min_cuda_version"),
        (json!({"min_cuda_version": "12.4"}), json!({"min_cuda_version": null}), "min_cuda_version"),
    ] {
        let before = resource.created(&made_with).await;
        let config = resource.least(&patched(&made_with, &change));
        let plan = resource.plan(&config, Some(&before)).await.accepted();
        assert_eq!(plan.replace, [attribute], "{change}");
        assert_eq!(resource.destroy(&before).await.state, Value::Null);
    }
    let plan = resource.plan(&resource.least(&json!({"month": 0})), Some(&prepaid)).await.accepted();
    assert_eq!(plan.replace, ["month"]);
    assert!(
        text_of(&plan.said).contains("end_time"),
        "that it cannot be removed is said: {}",
        text_of(&plan.said)
    );
    let config = resource.least(&json!({"billing_mode": "onDemand"}));
    let plan = resource.plan(&config, Some(&prepaid)).await.accepted();
    assert_eq!(plan.replace, ["billing_mode"]);
    let error = resource.plan(&resource.least(&json!({"month": 2})), Some(&prepaid)).await.error();
    assert!(error.contains("renew"), "{error}");
}

/// What changes in the cloud, and the attribute that shows it with its new value.
fn drifts() -> Vec<(Value, &'static str, Value)> {
    vec![
        (json!({"productName": "Another"}), "product_name", json!("Another")),
        (json!({"imageUrl": "docker.io/acme/other:1"}), "image_url", json!("docker.io/acme/other:1")),
        (json!({"imageAuthId": "auth-other"}), "image_auth_id", json!("auth-other")),
        (json!({"imageAuthId": ""}), "image_auth_id", Value::Null),
        (json!({"ports": [{"port": 9000, "type": "tcp"}]}), "ports", json!(["9000/tcp"])),
        (json!({"ports": []}), "ports", json!([])),
        (
            json!({"envs": [{"key": "MODE", "value": "test"}, {"key": "TOKEN", "value": "hunter2-token"}]}),
            "envs",
            json!({"MODE": "test"}),
        ),
        (
            json!({"envs": [{"key": "MODE", "value": "train"}, {"key": "EPOCHS", "value": "3"},
                {"key": "TOKEN", "value": "hunter2-other"}]}),
            "secret_envs",
            json!({"TOKEN": "hunter2-other"}),
        ),
        (json!({"command": "other"}), "command", json!("other")),
        (json!({"command": ""}), "command", Value::Null),
        (json!({"entrypoint": "/other"}), "entrypoint", json!("/other")),
        (json!({"clusterId": "us-dallas-nas-2"}), "cluster_name", json!("US-01 (Example)")),
        (
            json!({"volumeMounts": [{"type": "network", "size": 100, "id": "st-51c0", "mountPath": "/else"}]}),
            "network_storages",
            json!([{"id": "st-51c0", "mount_point": "/else"}]),
        ),
        (json!({"volumeMounts": []}), "network_storages", json!([])),
        (json!({"network": {"id": "vpc-other", "ip": "10.9.9.9"}}), "network_ip", json!("10.9.9.9")),
        (json!({"network": {"id": "", "ip": ""}}), "network_ip", Value::Null),
        (json!({"billingMode": "monthly", "endTime": 1_800_000_000}), "billing_mode", json!("monthly")),
        (
            json!({"billingMode": "monthly", "endTime": 1_800_000_000}),
            "end_time",
            json!("2027-01-15T08:00:00Z"),
        ),
        (json!({"status": "exited"}), "status", json!("exited")),
        (json!({"status": "exited"}), "desired_status", json!("stopped")),
        (json!({"spotStatus": "notified"}), "spot_status", json!("notified")),
        (json!({"cpuNum": 64}), "cpu_num", json!(64)),
        (json!({"memory": 256}), "memory", json!(256)),
        (json!({"sshPassword": "hunter2-ssh"}), "ssh_password", json!("hunter2-ssh")),
        (json!({"sshPort": 41_000}), "ssh_command", json!("ssh -p 41000 root@proxy.example.net")),
        (json!({"sshPort": 41_000}), "ssh_port", json!(41_000)),
        (json!({"createdAt": 1_700_000_000}), "created_at", json!("2023-11-14T22:13:20Z")),
    ]
}

/// What is shown otherwise although no call changes it, with the attribute that must not take notice.
fn kept() -> Vec<(Value, &'static str)> {
    vec![
        (json!({"name": "renamed"}), "name"),
        (json!({"productId": "5090.20c94g"}), "product_id"),
        (json!({"gpuNum": 4}), "gpu_num"),
        (json!({"rootfsSize": 80}), "rootfs_size"),
        (json!({"tools": []}), "tools"),
        (json!({"tools": [{"name": "Jupyter", "port": "8889", "type": "http"}]}), "tools"),
        (json!({"clusterId": "us-dallas-nas-2"}), "cluster_id"),
        (json!({"network": {"id": "vpc-other", "ip": "10.9.9.9"}}), "network_id"),
        (json!({"network": {"id": "", "ip": ""}}), "network_id"),
    ]
}

#[tokio::test]
async fn r5_what_no_call_changes_is_kept_and_never_replaces() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let object = resource.create(&(GPU.full)()).await;
    let record = world.cloud.instance(object.id()).unwrap();
    for (patch, attribute) in kept() {
        world.cloud.modify_instance(object.id(), patch.clone()).unwrap();
        let read = resource.read(&object).await.object();
        assert_eq!(read.state[attribute], object.state[attribute], "{patch}");
        resource.assert_nothing_to_do(&(GPU.full)(), &read).await;
        world.cloud.modify_instance(object.id(), record.clone()).unwrap();
    }
}

#[tokio::test]
async fn r5_what_changed_outside_shows_in_each_attribute_that_the_api_returns() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let object = resource.create(&(GPU.full)()).await;
    let record = world.cloud.instance(object.id()).unwrap();
    let mut wrong = Vec::new();
    let mut covered: Vec<&str> =
        vec!["id", "port_mappings", "jupyter_url", "hourly_price", "ssh_host", "ssh_user"];
    for (patch, attribute, expected) in drifts() {
        world.cloud.modify_instance(object.id(), patch.clone()).unwrap();
        let read = resource.read(&object).await.object();
        if read.state[attribute] != expected {
            wrong.push(format!("{patch}: {attribute} is {}", read.state[attribute]));
        }
        covered.push(attribute);
        world.cloud.modify_instance(object.id(), record.clone()).unwrap();
    }
    covered.extend(kept().into_iter().map(|(_, attribute)| attribute));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(resource.read(&object).await.object(), object);
    // Whoever adds an attribute says here that it drifts, or below that the API never returns it.
    let never = [
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
    ];
    let all = resource.shape.attributes.iter().map(|it| it.name.as_str());
    let forgotten: Vec<_> = all.filter(|it| !covered.contains(it) && !never.contains(it)).collect();
    assert_eq!(forgotten, Vec::<&str>::new());
}

#[tokio::test]
async fn r5_what_changed_outside_is_planned_back() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let config = (GPU.full)();
    for (patch, attribute) in [
        (json!({"imageUrl": "docker.io/acme/other:1"}), "image_url"),
        (json!({"ports": []}), "ports"),
        (json!({"envs": []}), "envs"),
        (json!({"volumeMounts": []}), "network_storages"),
        (json!({"status": "exited"}), "desired_status"),
    ] {
        let object = resource.create(&config).await;
        world.cloud.modify_instance(object.id(), patch.clone()).unwrap();
        let drifted = resource.read(&object).await.object();
        let plan = resource.plan(&config, Some(&drifted)).await.accepted();
        assert!(plan.changed().contains(&attribute), "{patch}: {:?}", plan.changed());
        assert_eq!(plan.replace, Vec::<String>::new(), "{patch}");
        let after = resource.apply(&plan).await.object();
        resource.assert_settled(&config, &after).await;
        assert_eq!(resource.destroy(&object).await.state, Value::Null);
    }
}

#[tokio::test]
async fn what_the_platform_filled_in_is_sent_back_by_an_upgrade() {
    for (filled_in, change, expected) in [
        (
            json!({"envs": [{"key": "PLATFORM", "value": "p"}, {"key": "A", "value": "1"}]}),
            json!({"envs": {"A": "2"}}),
            json!({"envs": [{"key": "A", "value": "2"}, {"key": "PLATFORM", "value": "p"}]}),
        ),
        (
            json!({"envs": [{"key": "PLATFORM", "value": "p"}, {"key": "A", "value": "1"}]}),
            json!({"envs": null}),
            json!({"envs": [{"key": "PLATFORM", "value": "p"}]}),
        ),
        (
            json!({"imageAuthId": "auth-9f21", "command": "/start.sh", "entrypoint": "/init"}),
            json!({"image_url": "docker.io/acme/trainer:2"}),
            json!({"imageUrl": "docker.io/acme/trainer:2", "imageAuthId": "auth-9f21", "command": "/start.sh",
                "entrypoint": "/init", "envs": [{"key": "A", "value": "1"}]}),
        ),
        (
            json!({"volumeMounts": [{"type": "network", "size": 100, "id": "st-51c0", "mountPath": "/platform"}]}),
            json!({"command": "run"}),
            json!({"command": "run", "envs": [{"key": "A", "value": "1"}], "networkVolume": {"volumeMounts": [
                {"type": "network", "id": "st-51c0", "mountPath": "/platform"}]}}),
        ),
    ] {
        let world = World::start().await;
        let resource = world.of(&GPU);
        let made_with = json!({"envs": {"A": "1"}, "cluster_id": "7"});
        let before = resource.created(&made_with).await;
        world.cloud.modify_instance(before.id(), filled_in.clone()).unwrap();
        resource.assert_settled(&resource.least(&made_with), &before).await;
        world.cloud.clear_log();
        let config = resource.least(&patched(&made_with, &change));
        let after = resource.settle(&config, Some(&before)).await.object();
        let (path, body) = upgrade(&expected);
        let body = body.to_string().replace("<id>", before.id());
        assert_eq!(world.changes(), [(path.to_owned(), serde_json::from_str(&body).unwrap())], "{filled_in}");
        resource.assert_settled(&config, &after).await;
    }
}

#[tokio::test]
async fn a_login_of_the_creation_is_kept_by_an_upgrade_and_missed_in_the_plan_where_none_is_shown() {
    for (login, attribute) in [
        (json!({"image_auth": "me:hunter2"}), "image_auth"),
        (json!({"image_auth_wo": "me:hunter2", "image_auth_wo_version": 1}), "image_auth_wo_version"),
    ] {
        let world = World::start().await;
        let resource = world.of(&GPU);
        let before = resource.created(&login).await;
        let config = resource.least(&patched(&login, &json!({"image_url": "docker.io/acme/trainer:2"})));
        let said = resource.plan(&config, Some(&before)).await.accepted().said;
        assert!(said.len() == 1 && said[0].path == attribute, "{}", text_of(&said));
        assert!(text_of(&said).contains("takes no login"), "{}", text_of(&said));
        // The platform saves the login and shows it.
        world.cloud.modify_instance(before.id(), json!({"imageAuthId": "auth-9f21"})).unwrap();
        let plan = resource.plan(&config, Some(&before)).await.accepted();
        assert_eq!(plan.said, []);
        world.cloud.clear_log();
        let after = resource.apply(&plan).await.object();
        assert_eq!(world.changes()[0].1["imageAuthId"], "auth-9f21");
        resource.assert_settled(&config, &after).await;
        // What makes no call, or resets nothing, is not warned of.
        for change in [json!({"deletion_protection": true}), json!({"ports": ["80/http"]})] {
            let config = resource.least(&patched(&login, &change));
            assert_eq!(resource.plan(&config, Some(&before)).await.accepted().said, [], "{change}");
        }
    }
}

#[tokio::test]
async fn a_disk_grows_by_what_is_missing_of_its_real_size() {
    for (real, wanted, growth) in [(60, 90, Some(30)), (80, 90, Some(10)), (90, 90, None), (120, 90, None)] {
        for told in [true, false] {
            let world = World::start().await;
            world.cloud.with_novita(|it| it.style.get_without_product = !told);
            let resource = world.of(&GPU);
            let before = resource.created(&json!({})).await;
            world.cloud.modify_instance(before.id(), json!({"rootfsSize": real})).unwrap();
            resource.assert_settled(&resource.least(&json!({})), &before).await;
            world.cloud.clear_log();
            let config = resource.least(&json!({"rootfs_size": wanted}));
            let after = resource.settle(&config, Some(&before)).await.object();
            let sent: Vec<_> = world.changes().iter().map(|it| it.1["expandRootDisk"].as_i64()).collect();
            assert_eq!(sent, growth.map(Some).into_iter().collect::<Vec<_>>(), "{real}");
            resource.assert_settled(&config, &after).await;
            // A size between the two is no smaller disk.
            let error =
                resource.plan(&resource.least(&json!({"rootfs_size": 89})), Some(&after)).await.error();
            assert!(error.contains("cannot shrink") && error.contains("-replace"), "{error}");
        }
    }
}

#[tokio::test]
async fn ports_that_are_not_managed_stay_open_when_the_disk_grows_or_others_change() {
    let port = |number: u16, kind: &str| json!({"port": number, "type": kind});
    for (made_with, shown, change, sent) in [
        (json!({}), json!([port(22, "tcp")]), json!({"rootfs_size": 90}), json!([port(22, "tcp")])),
        (
            json!({"ports": ["80/http"]}),
            json!([port(22, "tcp"), port(80, "http")]),
            json!({"ports": ["80/http", "443/http"]}),
            json!([port(22, "tcp"), port(80, "http"), port(443, "http")]),
        ),
        (
            json!({"ports": ["80/http"]}),
            json!([port(22, "tcp"), port(80, "http")]),
            json!({"ports": []}),
            json!([port(22, "tcp")]),
        ),
        (
            json!({"ports": ["22/tcp", "80/http"]}),
            json!([port(22, "tcp"), port(80, "http")]),
            json!({"ports": ["80/http"]}),
            json!([port(80, "http")]),
        ),
    ] {
        let world = World::start().await;
        let resource = world.of(&GPU);
        let before = resource.created(&made_with).await;
        world.cloud.modify_instance(before.id(), json!({"ports": shown})).unwrap();
        resource.assert_settled_but_for(&["port_mappings"], &resource.least(&made_with), &before).await;
        let seen = resource.read(&before).await;
        let before = super::resource::Object { state: seen.state, private: seen.private };
        world.cloud.clear_log();
        let config = resource.least(&patched(&made_with, &change));
        let after = resource.settle(&config, Some(&before)).await.object();
        assert_eq!(world.changes()[0].1["ports"], sent, "{change}");
        resource.assert_settled(&config, &after).await;
    }
}

#[tokio::test]
async fn a_stopped_machine_whose_power_is_not_managed_is_stopped_after_every_change() {
    for change in [
        json!({"envs": {"A": "1"}}),
        json!({"ports": ["80/http"]}),
        json!({"rootfs_size": 90}),
        json!({"image_url": "docker.io/acme/trainer:2", "ports": ["80/http"], "month": 1}),
    ] {
        let world = World::start().await;
        let resource = world.of(&GPU);
        let before = resource.created(&json!({})).await;
        world.cloud.set_status(before.id(), "exited");
        let stopped = resource.read(&before).await.object();
        let config = resource.least(&change);
        let after = resource.settle(&config, Some(&stopped)).await.object();
        assert_eq!(world.cloud.instance(before.id()).unwrap()["status"], "exited", "{change}");
        resource.assert_settled(&config, &after).await;
    }
}
