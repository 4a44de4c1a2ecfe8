//! Validation and configuration (rules V1 to V8).

use mock_cloud::MockCloud;
use serde_json::{Value, json};

use super::resource::ABLE;
use super::said::{SECRET, said, text_of};
use super::shape::{Attribute, unknown};
use super::subject::{GPU, STORED, SUBJECTS};
use super::world::{World, cloud_options, patched};
use crate::launch::within;
use crate::options::Options;
use crate::proto::tfplugin6::{ClientCapabilities, validate_provider_config};

/// A configuration in which everything that can be set is unknown.
pub(super) fn all_unknown(attributes: &[Attribute]) -> Value {
    let member = |it: &Attribute| {
        let value = if it.is_block {
            all_unknown(&it.nested)
        } else if it.flags.required || it.flags.optional {
            unknown()
        } else {
            Value::Null
        };
        (it.name.clone(), value)
    };
    Value::Object(attributes.iter().map(member).collect())
}

#[tokio::test]
async fn v1_what_is_unknown_passes_every_check() {
    let world = World::start().await;
    for subject in SUBJECTS.iter().chain(STORED) {
        let resource = world.of(subject);
        let everything = all_unknown(&resource.shape.attributes);
        assert_eq!(resource.validate(&everything).await, []);
        // Any single value known beside it, too.
        for (name, value) in (subject.full)().as_object().unwrap() {
            let said = resource.validate(&patched(&everything, &json!({name: value}))).await;
            assert_eq!(said, [], "{name}: {}", text_of(&said));
        }
        // And any single value unknown.
        for name in (subject.full)().as_object().unwrap().keys().filter(|it| *it != "timeouts") {
            let said = resource.validate(&patched(&(subject.full)(), &json!({name: unknown()}))).await;
            assert_eq!(said, [], "{name}: {}", text_of(&said));
        }
    }
    let config = Some(world.block.encode(&all_unknown(&world.block.attributes)));
    let request = validate_provider_config::Request { config };
    let answer = within(world.client().validate_provider_config(request)).await.unwrap().into_inner();
    assert_eq!(said(&answer.diagnostics), []);
}

/// Each limit and rule that the HCL surface promises: what is set, and the attribute that is blamed.
fn wrong_values() -> Vec<(Value, &'static str)> {
    let text = |length: usize| Value::from("x".repeat(length));
    let login = |length: usize| Value::from(format!("{SECRET}:{}", "x".repeat(length - SECRET.len() - 1)));
    let numbered = |count: usize| -> Value {
        (0..count).map(|it| (format!("K{it}"), json!(""))).collect::<serde_json::Map<_, _>>().into()
    };
    let ports = |count: usize| -> Value { (0..count).map(|it| json!(format!("{}/tcp", 100 + it))).collect() };
    let storages = |count: usize| -> Value {
        (0..count).map(|it| json!({"id": format!("st-{it}"), "mount_point": format!("/{it}")})).collect()
    };
    let tool = |port: i64| json!([{"name": "Jupyter", "port": port, "type": "http"}]);
    vec![
        (json!({"name": ""}), "name"),
        (json!({"name": text(256)}), "name"),
        (json!({"product_id": ""}), "product_id"),
        (json!({"product_id": text(256)}), "product_id"),
        (json!({"gpu_num": 0}), "gpu_num"),
        (json!({"gpu_num": 9}), "gpu_num"),
        (json!({"gpu_num": 1.5}), "gpu_num"),
        (json!({"gpu_num": null}), "gpu_num"),
        (json!({"rootfs_size": 9}), "rootfs_size"),
        (json!({"rootfs_size": 6145}), "rootfs_size"),
        (json!({"image_url": ""}), "image_url"),
        (json!({"image_url": text(501)}), "image_url"),
        (json!({"image_url": null}), "image_url"),
        (json!({"image_auth": SECRET}), "image_auth"),
        (json!({"image_auth": login(10_240)}), "image_auth"),
        (json!({"image_auth_wo": SECRET}), "image_auth_wo"),
        (json!({"image_auth_wo": login(10_240)}), "image_auth_wo"),
        (json!({"image_auth": login(20), "image_auth_id": "auth-1"}), "image_auth_id"),
        (json!({"image_auth": login(20), "image_auth_wo": login(20)}), "image_auth_wo"),
        (json!({"image_auth_id": "auth-1", "image_auth_wo": login(20)}), "image_auth_wo"),
        (json!({"image_auth_wo_version": 1}), "image_auth_wo_version"),
        (json!({"ports": ["80"]}), "ports"),
        (json!({"ports": ["80/udp"]}), "ports"),
        (json!({"ports": ["0/tcp"]}), "ports"),
        (json!({"ports": ["65536/tcp"]}), "ports"),
        (json!({"ports": ["2222/tcp"]}), "ports"),
        (json!({"ports": ["2223/http"]}), "ports"),
        (json!({"ports": ["2224/tcp"]}), "ports"),
        (json!({"ports": ["80/tcp", "80/http"]}), "ports"),
        (json!({"ports": ports(16)}), "ports"),
        (json!({"ports": ports(15), "tools": tool(8888)}), "ports"),
        (json!({"ports": ["8888/tcp"], "tools": tool(8888)}), "ports"),
        (json!({"envs": {"": "x"}}), "envs"),
        (json!({"envs": {"A": text(4096)}}), "envs[\"A\"]"),
        (json!({"envs": {"k".repeat(512): "x"}}), "envs"),
        (json!({"envs": {"A": null}}), "envs[\"A\"]"),
        (json!({"envs": numbered(101)}), "envs"),
        (json!({"envs": numbered(100), "secret_envs": {"A": "x"}}), "envs"),
        (json!({"envs": {"A": "x"}, "secret_envs": {"A": "x"}}), "secret_envs"),
        (json!({"secret_envs": {"A": text(4096)}}), "secret_envs[\"A\"]"),
        (json!({"tools": [{"name": "VSCode", "port": 80, "type": "http"}]}), "tools"),
        (json!({"tools": [{"name": "Jupyter", "port": 80, "type": "udp"}]}), "tools"),
        (json!({"tools": tool(0)}), "tools"),
        (json!({"tools": tool(65_536)}), "tools"),
        (json!({"tools": tool(2222)}), "tools"),
        (json!({"tools": [{"name": "Jupyter", "type": "http"}]}), "tools"),
        (json!({"command": text(2048)}), "command"),
        (json!({"entrypoint": text(2048)}), "entrypoint"),
        (json!({"cluster_id": text(256)}), "cluster_id"),
        (json!({"network_storages": storages(31)}), "network_storages"),
        (json!({"network_storages": [{"id": "st-1", "mount_point": ""}]}), "network_storages"),
        (json!({"network_storages": [{"id": "st-1", "mount_point": text(4096)}]}), "network_storages"),
        (json!({"network_storages": [{"mount_point": "/data"}]}), "network_storages"),
        (json!({"network_storages": [{"id": "st-1"}, {"id": "st-2"}]}), "network_storages"),
        (json!({"billing_mode": "weekly"}), "billing_mode"),
        (json!({"billing_mode": "spot", "month": 1}), "billing_mode"),
        (json!({"billing_mode": "onDemand", "month": 1}), "billing_mode"),
        (json!({"month": -1}), "month"),
        (json!({"month": 0.5}), "month"),
        (json!({"billing_mode": "spot", "auto_renew": true}), "auto_renew"),
        (json!({"month": 1, "auto_renew": true, "auto_renew_month": 0}), "auto_renew_month"),
        (json!({"month": 1, "auto_renew": true, "auto_renew_month": 13}), "auto_renew_month"),
        (json!({"month": 1, "auto_renew_month": 1}), "auto_renew_month"),
        (json!({"auto_migrate_system_disk": true}), "auto_migrate_system_disk"),
        (json!({"auto_migrate": true, "wait_for_ready": false}), "wait_for_ready"),
        (json!({"min_cuda_version": "12"}), "min_cuda_version"),
        (json!({"min_cuda_version": "12.x"}), "min_cuda_version"),
        (json!({"min_cuda_version": format!("1.{}", "1".repeat(254))}), "min_cuda_version"),
        (json!({"desired_status": "paused"}), "desired_status"),
        (json!({"desired_status": "stopped", "wait_for_ready": false}), "wait_for_ready"),
        (json!({"timeouts": {"create": "30"}}), "timeouts.create"),
        (json!({"timeouts": {"update": "-1m"}}), "timeouts.update"),
        (json!({"timeouts": {"delete": "soon"}}), "timeouts.delete"),
    ]
}

#[tokio::test]
async fn v2_each_wrong_value_is_an_error_at_its_attribute() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let mut wrong = Vec::new();
    for (change, path) in wrong_values() {
        let said = resource.validate(&resource.least(&change)).await;
        let errors: Vec<_> = said.iter().filter(|it| it.is_error).collect();
        let shown = change.to_string().chars().take(80).collect::<String>();
        if errors.len() != 1 || errors[0].path != path {
            wrong.push(format!("{shown}: {}", text_of(&said)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn v2_each_limit_itself_is_allowed() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let long = |length: usize| Value::from("ü".repeat(length));
    let login = format!("me:{}", "x".repeat(10_239 - 3));
    let ports: Value = (0..15).map(|it| json!(format!("{}/tcp", 100 + it))).collect();
    let envs: serde_json::Map<_, _> = (0..100).map(|it| (format!("K{it}"), json!(""))).collect();
    let storages: Value =
        (0..30).map(|it| json!({"id": format!("st-{it}"), "mount_point": format!("/{it}")})).collect();
    for change in [
        json!({"name": long(255), "product_id": long(255), "image_url": long(500), "cluster_id": long(255)}),
        json!({"gpu_num": 8, "rootfs_size": 10}),
        json!({"rootfs_size": 6144, "image_auth": login}),
        json!({"image_auth_wo": login, "image_auth_wo_version": 1}),
        json!({"ports": ports}),
        json!({"ports": ["1/tcp", "65535/http", "2221/tcp", "2225/tcp"]}),
        json!({"envs": envs}),
        json!({"envs": {"ü".repeat(511): long(4095)}}),
        json!({"command": long(2047), "entrypoint": long(2047)}),
        json!({"command": "", "entrypoint": "", "image_auth_id": "", "network_id": ""}),
        json!({"network_storages": storages}),
        json!({"network_storages": [{"id": "st-1", "mount_point": long(4095)}]}),
        json!({"month": 1, "billing_mode": "monthly", "auto_renew": true, "auto_renew_month": 12}),
        json!({"billing_mode": "spot"}),
        json!({"min_cuda_version": "11.8", "desired_status": "stopped"}),
        json!({"timeouts": {"create": "1h30m", "update": "90s", "delete": "0.5h"}}),
    ] {
        let said = resource.validate(&resource.least(&change)).await;
        assert_eq!(said, [], "{}", text_of(&said));
    }
}

#[tokio::test]
async fn v2_wrong_provider_values_are_errors_at_their_attribute() {
    let world = World::start().await;
    for (change, path) in [
        (json!({"api_key": " "}), "api_key"),
        (json!({"base_url": "http://example.net"}), "base_url"),
        (json!({"base_url": "ftp://example.net"}), "base_url"),
        (json!({"base_url": format!("https://me:{SECRET}@example.net")}), "base_url"),
        (json!({"novacloud_base_url": "nova-cloud"}), "novacloud_base_url"),
        (json!({"request_timeout": "60"}), "request_timeout"),
        (json!({"request_timeout": "0s"}), "request_timeout"),
        (json!({"max_retries": -1}), "max_retries"),
        (json!({"max_requests_per_minute": -1}), "max_requests_per_minute"),
        (json!({"poll_interval": "often"}), "poll_interval"),
    ] {
        let request = validate_provider_config::Request { config: Some(world.block.encode(&change)) };
        let answer = within(world.client().validate_provider_config(request)).await.unwrap().into_inner();
        let said = said(&answer.diagnostics);
        assert_eq!(said.iter().map(|it| it.path.as_str()).collect::<Vec<_>>(), [path], "{}", text_of(&said));
        assert!(world.configure(&change).await.iter().any(|it| it.is_error), "{change}");
    }
}

#[tokio::test]
async fn v3_validating_and_configuring_ask_the_api_nothing() {
    let world = World::start().await;
    for subject in SUBJECTS.iter().chain(STORED) {
        world.of(subject).validate(&(subject.full)()).await;
        world.of(subject).validate(&json!({})).await;
    }
    world.configure(&json!({})).await;
    assert_eq!(world.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn v4_unknown_provider_values_fail_neither_configuration_nor_a_plan() {
    let world = World::start().await;
    for subject in SUBJECTS.iter().chain(STORED) {
        let resource = world.of(subject);
        let own = [subject.key.0, &subject.key.0.replace("api_key", "base_url")].map(str::to_owned);
        let shared = ["request_timeout", "max_retries", "poll_interval"].map(str::to_owned);
        for name in own.iter().chain(&shared) {
            assert_eq!(world.configure(&json!({name: unknown()})).await, []);
            let plan = resource.plan(&(subject.least)(), None).await.accepted();
            let error = resource.apply(&plan).await.nothing_but_an_error();
            assert!(error.contains(&format!("`{name}`")), "{error}");
        }
    }
    assert_eq!(world.requests(), ["GET /search"], "nothing but Nova Cloud's offers, which are public");
}

#[tokio::test]
async fn v5_a_missing_key_is_one_error_when_it_is_needed() {
    let world = World::start().await;
    for subject in SUBJECTS.iter().chain(STORED) {
        assert_eq!(world.configure(&json!({subject.key.0: null})).await, []);
        let resource = world.of(subject);
        let answer = resource.try_create(&(subject.least)()).await;
        answer.nothing_but_an_error();
        assert_eq!(answer.said.len(), 1);
        let (attribute, variable) = subject.key;
        assert!(answer.error().contains(&format!("`{attribute}`")) && answer.error().contains(variable));
    }
    assert_eq!(world.requests(), ["GET /search"], "nothing but Nova Cloud's offers, which are public");
}

#[tokio::test]
async fn v5_the_environment_is_enough_and_the_configuration_wins() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let (attribute, variable) = subject.key;
        let cloud = cloud_options();
        let key = if attribute == "api_key" { cloud.api_key } else { cloud.novacloud_api_key };
        for (in_environment, configured, works) in [
            (key.as_str(), Value::Null, true),
            ("wrong", json!(key), true),
            (key.as_str(), json!("wrong"), false),
        ] {
            let options = Options::default().with(variable, in_environment);
            let world = World::unconfigured(cloud_options(), options).await;
            assert_eq!(world.configure(&json!({attribute: configured})).await, []);
            let answer = world.of(subject).try_create(&(subject.least)()).await;
            assert_eq!(!answer.state.is_null(), works, "{}", text_of(&answer.said));
        }
    }
}

#[tokio::test]
async fn v6_a_second_configuration_takes_the_place_of_the_first() {
    let world = World::start().await;
    let second = MockCloud::start(cloud_options());
    let urls = json!({"base_url": second.novita_url(), "novacloud_base_url": second.novacloud_url()});
    assert_eq!(world.configure(&urls).await, []);
    for (made, subject) in SUBJECTS.iter().enumerate() {
        world.of(subject).create(&(subject.least)()).await;
        assert_eq!(second.alive().len(), made + 1);
    }
    assert_eq!(world.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn v7_a_write_only_value_from_a_client_without_them_is_an_error_with_the_alternative() {
    let world = World::start().await;
    let unable = ClientCapabilities { write_only_attributes_allowed: false, ..ABLE };
    for subject in SUBJECTS.iter().chain(STORED) {
        let resource = world.of(subject);
        for attribute in resource.shape.attributes.iter().filter(|it| it.flags.write_only) {
            let mut config = resource.least(&json!({&attribute.name: format!("robot:{SECRET}")}));
            if subject.type_name == "novacloud_vm" {
                config["auth_method"] = json!("password");
            }
            if !config["password"].is_null() {
                config["password"] = Value::Null;
            }
            assert_eq!(resource.validate_as(ABLE, &config).await, []);
            let said = resource.validate_as(unable, &config).await;
            assert_eq!(said.len(), 1, "{}", text_of(&said));
            assert_eq!(said[0].path, attribute.name);
            let ordinary = format!("`{}`", attribute.name.trim_end_matches("_wo"));
            assert!(said[0].detail.contains(&ordinary), "{}", text_of(&said));
        }
        assert_eq!(resource.validate_as(ClientCapabilities::default(), &(subject.full)()).await, []);
    }
}

#[tokio::test]
async fn v8_the_version_that_a_client_tells_changes_nothing() {
    for version in ["", "0.0.1", "1.13.0", "2.0.0-alpha", "\u{1F600}\r\n"] {
        let world = World::unconfigured(cloud_options(), Options::default()).await;
        assert_eq!(world.configure_as(version, &json!({})).await, []);
        for subject in SUBJECTS.iter().chain(STORED) {
            let config = (subject.least)();
            let object = world.of(subject).create(&config).await;
            world.of(subject).assert_settled(&config, &object).await;
        }
    }
}
