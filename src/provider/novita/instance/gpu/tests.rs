//! What a plan says for each change, what is refused, and what the create body is: no call is made.

use expect_test::{Expect, expect};
use serde_json::{Value as Json, json};
use tfplugin::resource::DynResource;
use tfplugin::testing::Private;
use tfplugin::testing::Proposal;
use tfplugin::testing::json as values;
use tfplugin::value::Value;

use crate::provider::clients::Clients;
use crate::provider::life_cycle::rented;
use crate::provider::novita::instance::gpu::Gpu;

fn gpu() -> Box<dyn DynResource<Clients>> {
    rented::<Gpu>()
}

/// The least that a configuration needs, changed by `changes`; a null takes an attribute out.
fn config(changes: &Json) -> Value {
    let mut object = json!({
        "product_id": "prod-4090-16c62g", "gpu_num": 1, "rootfs_size": 60, "image_url": "docker.io/acme/trainer:1.4",
    });
    for (name, value) in changes.as_object().unwrap() {
        object[name] = value.clone();
    }
    let unknown: Vec<_> = changes.as_object().unwrap().iter().filter(|(_, it)| *it == "<unknown>").collect();
    for (name, _) in &unknown {
        object[name.as_str()] = Json::Null;
    }
    let mut value = values::decode(object.to_string().as_bytes(), gpu().ty()).unwrap();
    for (name, _) in unknown {
        value.set(name, Value::unknown());
    }
    value
}

/// What the client proposes: the configuration, and the state where nothing is configured.
fn proposed(config: &Value, prior: &Value) -> Value {
    let mut proposed = config.clone();
    for attribute in &gpu().schema().attributes {
        if config.get(attribute.name).is_null() && attribute.computed {
            proposed.set(attribute.name, prior.get(attribute.name).clone());
        }
    }
    proposed
}

/// The state that a configuration leads to, with something in every computed attribute that matters.
fn state(changes: &Json) -> Value {
    let config = config(changes);
    let planned = plan(&config, &Value::Null, Private::default()).value;
    let answers = json!({
        "id": "i-1", "name": "tf-x", "cluster_id": "7", "status": "running", "cpu_num": 16, "memory": 62,
        "created_at": "2026-01-01T00:00:00Z", "product_name": "RTX", "cluster_name": "EU-02", "hourly_price": 0.35,
    });
    let answers = values::decode(answers.to_string().as_bytes(), gpu().ty()).unwrap();
    let mut state = tfplugin::testing::known(planned.clone());
    for (name, value) in answers.as_map().unwrap() {
        if planned.get(name).is_unknown() {
            state.set(name, value.clone());
        }
    }
    state
}

fn plan(config: &Value, prior: &Value, private: Private) -> tfplugin::testing::Planned {
    let proposal = Proposal {
        config: config.clone(),
        prior: prior.clone(),
        proposed: proposed(config, prior),
        private,
        ..Proposal::default()
    };
    gpu().plan(&proposal)
}

fn shown(value: &Value) -> String {
    if value.is_unknown() { "?".to_owned() } else { Json::from(value).to_string() }
}

/// A plan in words: the action, what changes (volatile attributes left out), and the messages.
fn summary(config: &Value, prior: &Value, private: Private) -> String {
    let planned = plan(config, prior, private);
    let mut lines = Vec::new();
    let changes: Vec<_> = gpu()
        .schema()
        .attributes
        .iter()
        .filter(|it| !it.computed || it.optional)
        .filter(|it| planned.value.get(it.name) != prior.get(it.name))
        .map(|it| {
            format!("{} {} → {}", it.name, shown(prior.get(it.name)), shown(planned.value.get(it.name)))
        })
        .collect();
    let action = match (planned.replace.is_empty(), planned.value == *prior) {
        (true, true) => "nothing",
        (true, false) => "update",
        (false, _) => "replace",
    };
    lines.push(action.to_owned());
    lines.extend(changes);
    lines.extend(planned.replace.iter().map(|it| format!("because of {it}")));
    lines.extend(planned.diagnostics.0.iter().map(|it| format!("{:?}: {}", it.severity, it.summary)));
    lines.join("\n")
}

fn check_change(before: &Json, after: &Json, expected: &Expect) {
    expected.assert_eq(&summary(&config(after), &state(before), Private::default()));
}

#[test]
fn p1_the_same_configuration_changes_nothing() {
    check_change(&json!({}), &json!({}), &expect![["nothing"]]);
    let full =
        json!({"ports": ["80/http", "22/tcp"], "envs": {"A": "1"}, "month": 0, "deletion_protection": true});
    check_change(&full, &full, &expect![["nothing"]]);
}

#[test]
fn demand_15_another_order_changes_nothing() {
    let storages = |ids: [&str; 2]| json!(ids.map(|id| json!({"id": id, "mount_point": format!("/{id}")})));
    check_change(
        &json!({"ports": ["80/http", "22/tcp"], "network_storages": storages(["a", "b"])}),
        &json!({"ports": ["22/tcp", "80/http"], "network_storages": storages(["b", "a"])}),
        &expect![["nothing"]],
    );
}

#[test]
fn demand_13_a_larger_disk_is_in_place_and_a_smaller_one_is_refused() {
    check_change(
        &json!({}),
        &json!({"rootfs_size": 120}),
        &expect![[r#"
        update
        rootfs_size 60 → 120"#]],
    );
    check_change(
        &json!({}),
        &json!({"rootfs_size": 40}),
        &expect![[r#"
        update
        rootfs_size 60 → 40
        Error: A disk cannot shrink"#]],
    );
    // Another machine has another disk.
    check_change(
        &json!({}),
        &json!({"rootfs_size": 40, "gpu_num": 2}),
        &expect![[r#"
        replace
        gpu_num 1 → 2
        rootfs_size 60 → 40
        because of gpu_num"#]],
    );
    check_change(
        &json!({}),
        &json!({"rootfs_size": "<unknown>"}),
        &expect![[r#"
        update
        rootfs_size 60 → ?"#]],
    );
}

#[test]
fn what_upgrade_and_edit_can_do_is_in_place() {
    for (name, value) in [
        ("image_url", json!("docker.io/acme/trainer:1.5")),
        ("image_auth_id", json!("auth-1")),
        ("ports", json!(["80/http"])),
        ("envs", json!({"A": "1"})),
        ("secret_envs", json!({"A": "1"})),
        ("command", json!("run")),
        ("entrypoint", json!("sh")),
        ("network_storages", json!([{"id": "st-1"}])),
        ("desired_status", json!("stopped")),
        ("deletion_protection", json!(true)),
        ("wait_for_ready", json!(false)),
        ("month", json!(3)),
    ] {
        let summary = summary(&config(&json!({name: value})), &state(&json!({})), Private::default());
        assert!(summary.starts_with("update\n") && !summary.contains("Error"), "{name}: {summary}");
    }
}

#[test]
fn what_no_call_changes_is_replaced() {
    for (name, value) in [
        ("name", json!("other")),
        ("product_id", json!("other")),
        ("gpu_num", json!(2)),
        ("image_auth", json!("user:password")),
        ("tools", json!([{"name": "Jupyter", "port": 8888, "type": "http"}])),
        ("cluster_id", json!("9")),
        ("network_id", json!("vpc-1")),
        ("min_cuda_version", json!("12.4")),
        ("billing_mode", json!("spot")),
    ] {
        let summary = summary(&config(&json!({name: value})), &state(&json!({})), Private::default());
        assert!(
            summary.starts_with("replace\n") && summary.contains(&format!("because of {name}")),
            "{summary}"
        );
    }
}

#[test]
fn demand_14_a_new_version_of_a_write_only_login_replaces() {
    let login = |version: i64| json!({"image_auth_wo": "u:p", "image_auth_wo_version": version});
    check_change(&login(1), &login(1), &expect![["nothing"]]);
    check_change(
        &login(1),
        &login(2),
        &expect![[r#"
        replace
        image_auth_wo_version 1 → 2
        because of image_auth_wo_version"#]],
    );
    check_change(
        &login(1),
        &json!({"image_auth_id": "auth-1"}),
        &expect![[r#"
        update
        image_auth_id null → "auth-1"
        image_auth_wo_version 1 → null"#]],
    );
}

#[test]
fn a_saved_login_takes_the_place_of_one_in_the_configuration() {
    let login = json!({"image_auth": "user:password"});
    check_change(
        &login,
        &json!({"image_auth_id": "auth-1"}),
        &expect![[r#"
        update
        image_auth "user:password" → null
        image_auth_id null → "auth-1""#]],
    );
    check_change(
        &login,
        &json!({}),
        &expect![[r#"
        replace
        image_auth "user:password" → null
        because of image_auth"#]],
    );
}

#[test]
fn billing_goes_one_way_in_place() {
    check_change(
        &json!({}),
        &json!({"month": 3}),
        &expect![[r#"
        update
        billing_mode "onDemand" → "monthly"
        month 0 → 3"#]],
    );
    check_change(
        &json!({"month": 3}),
        &json!({}),
        &expect![[r#"
            replace
            billing_mode "monthly" → "onDemand"
            month 3 → 0
            because of month
            Warning: Prepaid instance would be removed"#]],
    );
    check_change(
        &json!({"month": 3}),
        &json!({"month": 6}),
        &expect![[r#"
        update
        month 3 → 6
        Error: Term of a prepaid instance cannot be changed"#]],
    );
    check_change(&json!({"billing_mode": "spot"}), &json!({}), &expect![["nothing"]]);
    check_change(
        &json!({"billing_mode": "spot"}),
        &json!({"billing_mode": "onDemand"}),
        &expect![[r#"
        replace
        billing_mode "spot" → "onDemand"
        because of billing_mode"#]],
    );
    check_change(
        &json!({}),
        &json!({"billing_mode": "monthly"}),
        &expect![[r#"
        update
        billing_mode "onDemand" → "monthly"
        Error: Monthly billing needs a number of months"#]],
    );
    check_change(
        &json!({}),
        &json!({"auto_renew": true}),
        &expect![[r#"
        update
        auto_renew false → true
        Error: Automatic renewal needs monthly billing"#]],
    );
    let mut changed_in_the_console = state(&json!({"billing_mode": "onDemand"}));
    changed_in_the_console.set("billing_mode", Value::from("monthly"));
    let as_before = config(&json!({"billing_mode": "onDemand"}));
    expect![[r#"
        nothing
        Warning: Instance is billed monthly"#]]
    .assert_eq(&summary(&as_before, &changed_in_the_console, Private::default()));
    check_change(
        &json!({"month": 1}),
        &json!({"month": 1, "auto_renew": true}),
        &expect![[r#"
        update
        auto_renew false → true"#]],
    );
    check_change(
        &json!({}),
        &json!({"month": "<unknown>"}),
        &expect![[r#"
        update
        billing_mode "onDemand" → ?
        month 0 → ?"#]],
    );
    // It may turn out to be 0, and then the machine is another one.
    check_change(
        &json!({"month": 3}),
        &json!({"month": "<unknown>"}),
        &expect![[r#"
            replace
            billing_mode "monthly" → ?
            month 3 → ?
            because of month
            Warning: Prepaid instance would be removed"#]],
    );
}

#[test]
fn a_stopped_machine_that_a_change_starts_is_stopped_again_and_the_plan_says_so() {
    for (power, change, says) in [
        (json!(null), json!({"envs": {"A": "1"}}), true),
        (json!(null), json!({"image_url": "docker.io/acme/trainer:2"}), true),
        (json!(null), json!({"ports": ["80/http"]}), false),
        (json!("stopped"), json!({"envs": {"A": "1"}}), false),
        (json!("running"), json!({"envs": {"A": "1"}}), false),
    ] {
        let mut stopped = state(&json!({"desired_status": power}));
        stopped.set("status", Value::from("exited"));
        let mut after = change.clone();
        after["desired_status"] = power;
        let summary = summary(&config(&after), &stopped, Private::default());
        assert_eq!(
            summary.contains("Warning: Stopped instance will run for a while"),
            says,
            "{change}: {summary}"
        );
    }
}

#[test]
fn a_creation_that_ends_in_a_stop_is_warned_of() {
    let summary = |it: &Json| summary(&config(it), &Value::Null, Private::default());
    let says = "Warning: New instance would be created only to be stopped";
    assert!(summary(&json!({"desired_status": "stopped"})).contains(says));
    assert!(
        !summary(&json!({"desired_status": "running"})).contains(says) && !summary(&json!({})).contains(says)
    );
    assert!(
        !self::summary(
            &config(&json!({"desired_status": "stopped"})),
            &state(&json!({"desired_status": "stopped"})),
            Private::default()
        )
        .contains(says)
    );
}

#[test]
fn a_plan_without_a_call_leaves_everything_else_known() {
    let planned =
        plan(&config(&json!({"deletion_protection": true})), &state(&json!({})), Private::default());
    assert!(planned.value.is_wholly_known());
}

#[test]
fn a_change_makes_unknown_only_what_it_can_change() {
    let tools = json!([{"name": "Jupyter", "port": 8888, "type": "http"}]);
    let same =
        json!({"tools": tools, "network_id": "vpc-1", "desired_status": "running", "status": "running"});
    let boots =
        ["jupyter_url", "port_mappings", "ssh_command", "ssh_host", "ssh_password", "ssh_port", "ssh_user"];
    for (change, unknown) in [
        (json!({"rootfs_size": 90}), &[][..]),
        (json!({"ports": ["22/tcp"]}), &["port_mappings"]),
        (json!({"command": "run"}), &boots),
        (json!({"image_url": "docker.io/acme/other:1"}), &boots),
        (json!({"month": 1}), &["end_time"]),
        (json!({"desired_status": "stopped"}), &boots),
    ] {
        let merged = |changes: &Json| {
            let mut all = same.as_object().unwrap().clone();
            all.remove("status");
            all.extend(changes.as_object().unwrap().clone());
            Json::Object(all)
        };
        let planned = plan(&config(&merged(&change)), &state(&same), Private::default());
        let names = planned.value.as_map().unwrap().iter();
        let names: Vec<_> = names.filter(|(_, it)| it.is_unknown()).map(|(name, _)| name.as_str()).collect();
        let names: Vec<_> = names.into_iter().filter(|it| change.get(it).is_none()).collect();
        assert_eq!(names, unknown, "{change}");
    }
    let stopped = plan(&config(&json!({"desired_status": "stopped"})), &state(&same), Private::default());
    assert_eq!(stopped.value.get("status"), &Value::from("exited"));
}

#[test]
fn what_the_api_never_returns_is_adopted_after_an_import() {
    let mut imported = state(&json!({}));
    for name in ["product_id", "rootfs_size", "min_cuda_version", "image_auth", "tools"] {
        imported.set(name, Value::Null);
    }
    imported.set("billing_mode", Value::from("monthly"));
    let after = config(&json!({
        "min_cuda_version": "12.4", "image_auth": "user:password", "month": 3,
        "tools": [{"name": "Jupyter", "port": 8888, "type": "http"}],
    }));
    let (_, imported_private) = gpu().import("6c1be0a94d27f3e8").expect("an id");
    let summary = summary(&after, &imported, imported_private);
    assert!(summary.starts_with("update\n") && !summary.contains("Error"), "{summary}");
    // The same difference on a machine of our own is a difference.
    assert!(self::summary(&after, &imported, Private::default()).starts_with("replace\n"));
}

#[test]
fn a_create_plans_defaults_and_leaves_the_rest_unknown() {
    let planned = plan(&config(&json!({})), &Value::Null, Private::default());
    let unknown: Vec<_> = gpu()
        .schema()
        .attributes
        .iter()
        .map(|it| it.name)
        .filter(|it| planned.value.get(it).is_unknown())
        .collect();
    expect![[r#"["cluster_id", "cluster_name", "cpu_num", "created_at", "hourly_price", "id", "jupyter_url", "memory", "name", "network_ip", "port_mappings", "product_name", "ssh_command", "ssh_host", "ssh_password", "ssh_port", "ssh_user", "status"]"#]]
    .assert_eq(&format!("{unknown:?}"));
    assert_eq!(planned.value.get("billing_mode"), &Value::from("onDemand"));
    assert_eq!(planned.value.get("month"), &Value::from(0));
}
