//! Two forms of one and the same: a change from one to the other makes no call, and so it leaves everything known.
//!
//! One row for each attribute that has such forms. A form is a change of the least configuration.

use serde_json::{Value, json};

use super::shape::has_unknown;
use super::subject::{CPU, ENDPOINT, GPU, STORAGE, Subject, VM};
use super::world::{World, patched};

/// What both forms need besides, and the forms.
type Row = (Value, Vec<Value>);

fn row(common: Value, forms: impl IntoIterator<Item = Value>) -> Row {
    (common, forms.into_iter().collect())
}

/// Null and the other ways of writing nothing.
fn nothing(name: &str, empty: &Value) -> Row {
    row(json!({}), [json!({name: null}), json!({name: empty})])
}

/// A value that stays when it is taken out of the configuration, since whoever leaves it out leaves it to the platform.
fn left_out(name: &str, value: &str) -> Row {
    row(json!({}), [json!({name: value}), json!({name: null})])
}

/// What every resource has, and no API.
fn local() -> [Row; 2] {
    let unset = json!({"create": null, "update": null, "delete": null});
    [nothing("deletion_protection", &json!(false)), nothing("timeouts", &unset)]
}

/// What is waited for after its creation.
fn awaited() -> Vec<Row> {
    local().into_iter().chain([nothing("wait_for_ready", &json!(true))]).collect()
}

fn variables() -> [Row; 3] {
    let split = json!({"envs": {"A": "1"}, "secret_envs": {"B": "2"}});
    let hidden = json!({"envs": {}, "secret_envs": {"A": "1", "B": "2"}});
    let shown = json!({"envs": {"A": "1", "B": "2"}, "secret_envs": null});
    [nothing("envs", &json!({})), nothing("secret_envs", &json!({})), row(json!({}), [split, hidden, shown])]
}

fn container() -> Vec<Row> {
    let image = |text: &str| json!({"image_url": text});
    let storage = |path: Value| json!({"network_storages": [{"id": "st-51c1", "mount_point": path}]});
    let mut rows = vec![
        row(json!({}), [image("ubuntu"), image("docker.io/library/ubuntu:latest")]),
        row(json!({}), [image("acme/x:1"), image("docker.io/acme/x:1"), image("index.docker.io/acme/x:1")]),
        row(json!({"cluster_id": "7"}), [storage(Value::Null), storage(json!("/network"))]),
        row(json!({}), [json!({"ports": ["80/http", "22/tcp"]}), json!({"ports": ["22/tcp", "80/http"]})]),
    ];
    for name in ["image_auth", "image_auth_id", "command", "entrypoint", "network_id", "desired_status"] {
        rows.push(nothing(name, &json!("")));
    }
    for name in ["ports", "tools", "network_storages"] {
        rows.push(nothing(name, &json!([])));
    }
    rows.extend([left_out("name", "trainer"), left_out("cluster_id", "7")]);
    rows.extend(awaited());
    rows.extend(variables());
    rows
}

fn gpu() -> Vec<Row> {
    let renewal = json!({"month": 1, "auto_renew": true});
    let months = |it: Value| json!({"auto_renew_month": it});
    let mut rows = container();
    rows.push(row(renewal, [months(Value::Null), months(json!(1))]));
    rows.push(nothing("min_cuda_version", &json!("")));
    rows.push(nothing("month", &json!(0)));
    rows.push(nothing("auto_renew", &json!(false)));
    rows.push(nothing("auto_migrate", &json!(false)));
    rows.push(nothing("auto_migrate_system_disk", &json!(false)));
    rows.push(nothing("billing_mode", &json!("onDemand")));
    rows
}

fn cpu() -> Vec<Row> {
    let mut rows = container();
    rows.push(nothing("local_storage_mount_point", &json!("/workspace")));
    rows
}

fn endpoint() -> Vec<Row> {
    let least = (ENDPOINT.least)();
    let inside = |name: &str, changes: Value| json!({name: patched(&least[name], &changes)});
    let image = |text: &str| inside("image", json!({"image": text}));
    let workers = |changes: Value| inside("worker_config", changes);
    let mut rows = vec![
        row(json!({}), [image("ubuntu"), image("docker.io/library/ubuntu:latest")]),
        row(json!({}), [inside("image", json!({"auth_id": null})), inside("image", json!({"auth_id": ""}))]),
        row(json!({}), [inside("image", json!({"command": null})), inside("image", json!({"command": ""}))]),
        row(json!({}), [workers(json!({"cuda_version": null})), workers(json!({"cuda_version": ""}))]),
        row(json!({}), [workers(json!({"request_timeout": null})), workers(json!({"request_timeout": 600}))]),
        nothing("volume_mounts", &json!([])),
        nothing("rootfs_size", &json!(100)),
        left_out("name", "llm"),
        left_out("app_name", "llm-a1"),
        left_out("cluster_id", "7"),
    ];
    rows.extend(awaited());
    rows.extend(variables());
    rows
}

fn vm() -> Vec<Row> {
    let model = |it: &str| json!({"gpu_type": it});
    let pro = ["6000pro", "pro6000", "PRO6000", "RTX PRO 6000"];
    let mut rows = vec![
        row(json!({"node": "vm03"}), pro.map(model)),
        row(json!({}), [model("5090"), model("RTX 5090"), model("NVIDIA GeForce RTX 5090")]),
        nothing("rental_type", &json!("on_demand")),
        nothing("auth_method", &json!("ssh_key")),
    ];
    for name in ["ssh_key_id", "password", "desired_status"] {
        rows.push(nothing(name, &json!("")));
    }
    rows.extend(awaited());
    rows
}

fn storage() -> Vec<Row> {
    local().into_iter().chain([left_out("name", "data")]).collect()
}

/// Goes from each form to each other one, there and back.
async fn check(subject: &'static Subject, rows: Vec<Row>) {
    let world = World::start().await;
    let resource = world.of(subject);
    for (common, forms) in rows {
        let config = |form: &Value| patched(&resource.least(&common), form);
        let mut object = resource.create(&config(&forms[0])).await;
        let before = world.changes().len();
        for form in forms.iter().skip(1).chain(forms.iter().rev()).chain(&forms) {
            let plan = resource.plan(&config(form), Some(&object)).await.accepted();
            assert!(!has_unknown(&plan.value), "{} unknown for {form}", subject.type_name);
            assert!(plan.replace.is_empty(), "{} replaced for {form}", subject.type_name);
            if !plan.is_empty() {
                object = resource.apply(&plan).await.object();
            }
            resource.assert_settled(&config(form), &object).await;
        }
        assert_eq!(world.changes().len(), before, "{} is called for {forms:?}", subject.type_name);
    }
}

#[tokio::test]
async fn equal_forms_of_a_gpu_instance_make_no_call_and_leave_everything_known() {
    check(&GPU, gpu()).await;
}

#[tokio::test]
async fn equal_forms_of_a_cpu_instance_make_no_call_and_leave_everything_known() {
    check(&CPU, cpu()).await;
}

#[tokio::test]
async fn equal_forms_of_an_endpoint_make_no_call_and_leave_everything_known() {
    check(&ENDPOINT, endpoint()).await;
}

#[tokio::test]
async fn equal_forms_of_a_vm_make_no_call_and_leave_everything_known() {
    check(&VM, vm()).await;
}

#[tokio::test]
async fn equal_forms_of_a_network_storage_make_no_call_and_leave_everything_known() {
    check(&STORAGE, storage()).await;
}
