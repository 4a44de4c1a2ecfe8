//! What an answer may do to a state, as one table for each rule: a row is an attribute and an answer.

use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use tfplugin::model::Model;
use tfplugin::schema::Schema;
use tfplugin::testing::json::decode;

use super::*;
use crate::provider::life_cycle::stored::Stored as _;
use crate::provider::novacloud::vm::Vm;
use crate::provider::novita::endpoint::Endpoint;
use crate::provider::novita::instance::cpu::Cpu;
use crate::provider::novita::instance::gpu::Gpu;
use crate::provider::novita::instance::kind::Kind;

#[derive(Clone, Copy, Debug)]
enum Resource {
    Gpu,
    Cpu,
    Endpoint,
    Vm,
}
use Resource::{Cpu as CPU, Endpoint as ENDPOINT, Gpu as GPU, Vm as VM};

impl Resource {
    /// A state in which everything is configured that an answer can show, and an answer that shows just that.
    fn full(self) -> (Json, Json) {
        match self {
            GPU => (
                with(
                    &container(),
                    &json!({"gpu_num": 1, "rootfs_size": 60, "billing_mode": "onDemand", "month": 0}),
                ),
                with(&instance(), &json!({"gpuNum": "1", "rootfsSize": 60, "billingMode": "onDemand"})),
            ),
            CPU => (
                with(&container(), &json!({"local_storage_mount_point": "/scratch"})),
                with(
                    &instance(),
                    &json!({"volumeMounts": [
                        {"type": "network", "id": "st-1", "size": 100, "mountPath": "/data"},
                        {"type": "local", "id": "", "size": 30, "mountPath": "/scratch"},
                    ]}),
                ),
            ),
            ENDPOINT => (
                json!({
                    "id": "e", "name": "n", "app_name": "app", "port": 8000, "cluster_id": "7", "rootfs_size": 100,
                    "worker_config": {"min_num": 0, "max_num": 2, "free_timeout": 60, "max_concurrent": 1, "gpu_num": 1,
                        "request_timeout": 600, "cuda_version": "12.4"},
                    "policy": {"type": "queue", "value": 10}, "product_ids": ["p-1", "p-2"],
                    "image": {"image": "docker.io/acme/x:1", "auth_id": "auth-1", "command": "run"},
                    "volume_mounts": [{"type": "local", "size": 30, "mount_path": "/w"}],
                    "envs": {"MODE": "serve"}, "healthy": {"path": "/ok"}, "status": "serving",
                }),
                json!({
                    "id": "e", "name": "n", "appName": "app", "ports": [{"port": 8000}], "clusterID": "7",
                    "rootfsSize": 100, "policy": {"type": "queue", "value": "10"},
                    "products": [{"id": "p-1"}, {"id": "p-2"}], "state": {"state": "serving"},
                    "workerConfig": {"minNum": 0, "maxNum": 2, "freeTimeout": "60", "maxConcurrent": "1", "gpuNum": 1,
                        "requestTimeout": 600, "cudaVersion": "12.4"},
                    "image": {"image": "docker.io/acme/x:1", "authId": "auth-1", "command": "run"},
                    "volumeMounts": [{"type": "local", "size": 30, "id": "lv-1", "mountPath": "/w"}],
                    "envs": [{"key": "MODE", "value": "serve"}], "healthy": {"path": "/ok", "period": 10},
                }),
            ),
            VM => (
                json!({"id": "v", "node": "vm02", "gpu_type": "5090", "gpu_count": 1, "storage_gb": 100,
                    "template_vmid": 101, "rental_type": "on_demand", "status": "running"}),
                json!({"id": "v", "node": "vm02", "gpu_type": "5090", "gpu_count": 1, "storage_gb": 100,
                    "rental_type": "on_demand", "status": "running"}),
            ),
        }
    }

    /// A state with the least that can be configured.
    fn least(self) -> Json {
        let (mut state, _) = self.full();
        let optional = match self {
            GPU | CPU => &[
                "image_auth_id",
                "command",
                "entrypoint",
                "ports",
                "tools",
                "network_id",
                "network_storages",
                "envs",
            ][..],
            ENDPOINT => &["volume_mounts", "envs"],
            VM => &[],
        };
        state.as_object_mut().unwrap().retain(|name, _| !optional.contains(&name.as_str()));
        if matches!(self, ENDPOINT) {
            state["image"] = json!({"image": "docker.io/acme/x:1"});
            state["worker_config"]["cuda_version"] = Json::Null;
        }
        state
    }

    /// The state after an answer, and what was created otherwise than asked for.
    fn read_back(self, state: &Json, answer: &Json, created: bool) -> (Json, Vec<String>) {
        match self {
            GPU => instance_read_back::<Gpu>(state, answer, created),
            CPU => instance_read_back::<Cpu>(state, answer, created),
            ENDPOINT => taken(state, answer, |it: &mut Endpoint, answer| {
                let origin = if created { Origin::Created } else { origin_of_read(&it.image) };
                it.read_back(answer, origin)
            }),
            VM => taken(state, answer, |it: &mut Vm, answer| {
                let origin = if created { Origin::Created } else { origin_of_read(&it.gpu_type) };
                it.read_back(answer, origin)
            }),
        }
    }

    fn refreshed(self, state: &Json, answer: &Json) -> Json {
        let (state, differences) = self.read_back(state, answer, false);
        assert_eq!(differences, Vec::<String>::new(), "only a creation compares");
        state
    }
}

fn container() -> Json {
    json!({
        "id": "i", "name": "n", "product_id": "4090.16c62g", "image_url": "docker.io/acme/x:1", "image_auth_id": "auth-1",
        "ports": ["8080/http"], "envs": {"MODE": "train"}, "command": "run", "entrypoint": "sh", "cluster_id": "7",
        "tools": [{"name": "Jupyter", "port": 8888, "type": "http"}], "network_id": "vpc-1", "status": "running",
        "network_storages": [{"id": "st-1", "mount_point": "/data"}],
    })
}

fn instance() -> Json {
    json!({
        "id": "i", "name": "n", "productId": "4090.16c62g", "imageUrl": "docker.io/acme/x:1", "imageAuthId": "auth-1",
        "portMappings": [{"port": 8080, "type": "http"}, {"port": 8888, "type": "http"}, {"port": 2222, "type": "tcp"}],
        "envs": [{"key": "MODE", "value": "train"}], "command": "run", "entrypoint": "sh", "clusterId": "7",
        "tools": [{"name": "Jupyter", "port": "8888", "type": "http"}], "network": {"id": "vpc-1", "ip": "10.0.0.2"},
        "volumeMounts": [{"type": "network", "id": "st-1", "size": 100, "mountPath": "/data"}], "status": "running",
    })
}

fn with(object: &Json, changes: &Json) -> Json {
    let mut object = object.clone();
    object.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    object
}

fn instance_read_back<K: Kind>(state: &Json, answer: &Json, created: bool) -> (Json, Vec<String>) {
    taken(state, answer, |it: &mut K, answer| {
        let origin = if created { Origin::Created } else { origin_of_read(&it.container().image_url) };
        it.take(answer, origin)
    })
}

/// An import leaves required attributes null.
fn origin_of_read<T>(required: &Attr<T>) -> Origin {
    if required.is_null() { Origin::Imported } else { Origin::Refreshed }
}

fn taken<M: Model, A: DeserializeOwned>(
    state: &Json,
    answer: &Json,
    read_back: impl FnOnce(&mut M, A) -> ReadBack,
) -> (Json, Vec<String>) {
    let ty = Schema::of::<M>().ty();
    let mut model = M::from_object(&decode(state.to_string().as_bytes(), &ty).unwrap()).unwrap();
    let back = read_back(&mut model, serde_json::from_value(answer.clone()).unwrap());
    (Json::from(&model.to_object()), back.differences)
}

/// What a state says: nulls are left out, and an empty text is as good as none.
fn told(state: &Json) -> Json {
    match state {
        Json::Object(members) => {
            let members = members.iter().map(|(name, it)| (name.clone(), told(it)));
            members.filter(|(_, it)| !it.is_null()).collect()
        }
        Json::Array(elements) => elements.iter().map(told).collect(),
        Json::String(text) if text.is_empty() => Json::Null,
        scalar => scalar.clone(),
    }
}

/// Each row: an answer, of which the state must not take notice in this attribute.
fn check_kept(resource: Resource, state: &Json, rows: &[(&str, Json)]) {
    let (_, answer) = resource.full();
    for (attribute, patch) in rows {
        let after = resource.refreshed(state, &with(&answer, patch));
        assert_eq!(told(&after[attribute]), told(&state[attribute]), "{resource:?} {patch}");
    }
}

#[test]
fn an_answer_that_shows_what_is_configured_changes_nothing() {
    for resource in [GPU, CPU, ENDPOINT, VM] {
        let (state, answer) = resource.full();
        let after = resource.refreshed(&state, &answer);
        for (attribute, value) in state.as_object().unwrap() {
            assert_eq!(told(&after[attribute]), told(value), "{resource:?}.{attribute}");
        }
    }
}

#[test]
fn what_no_call_changes_is_kept_whatever_is_shown() {
    let of_instances = [
        ("name", json!({"name": "renamed in the console"})),
        ("name", json!({"name": ""})),
        ("product_id", json!({"productId": "prod-77"})),
        ("product_id", json!({"productId": 77})),
        ("cluster_id", json!({"clusterId": "us-dallas-nas-2"})),
        ("tools", json!({"tools": []})),
        ("tools", json!({"tools": null})),
        ("tools", json!({"tools": [{"name": "jupyter", "port": 8889, "type": "HTTP"}]})),
        ("tools", json!({"tools": [{"name": "Grafana", "port": 3000, "type": "http"}]})),
        ("network_id", json!({"network": {"id": "vpc-default", "ip": "10.0.0.9"}})),
        ("network_id", json!({"network": []})),
    ];
    check_kept(GPU, &GPU.full().0, &of_instances);
    check_kept(CPU, &CPU.full().0, &of_instances);
    check_kept(
        GPU,
        &with(&GPU.full().0, &json!({"min_cuda_version": "12.4"})),
        &[
            ("gpu_num", json!({"gpuNum": "2"})),
            ("gpu_num", json!({"gpuNum": ""})),
            ("min_cuda_version", json!({"minCudaVersion": "11.8"})),
            ("billing_mode", json!({"billingMode": ""})),
            ("billing_mode", json!({"billingMode": "spot"})),
        ],
    );
    let spot = with(&GPU.full().0, &json!({"billing_mode": "spot"}));
    check_kept(
        GPU,
        &spot,
        &[("billing_mode", json!({"billingMode": ""})), ("billing_mode", json!({"billingMode": "onDemand"}))],
    );
    check_kept(
        CPU,
        &CPU.full().0,
        &[
            (
                "local_storage_mount_point",
                json!({"volumeMounts": [{"type": "local", "mountPath": "/workspace"}]}),
            ),
            ("local_storage_mount_point", json!({"volumeMounts": []})),
        ],
    );
    check_kept(
        ENDPOINT,
        &ENDPOINT.full().0,
        &[
            ("app_name", json!({"appName": "e"})),
            ("product_ids", json!({"products": [{"id": "p-2"}]})),
            ("product_ids", json!({"products": [{"id": "another"}]})),
            ("product_ids", json!({"products": []})),
            ("rootfs_size", json!({"rootfsSize": 90})),
            ("cluster_id", json!({"clusterID": ""})),
            (
                "volume_mounts",
                json!({"volumeMounts": [
                    {"type": "local", "size": 30, "id": "lv-1", "mountPath": "/w"},
                    {"type": "LOCAL", "size": 30, "id": "lv-2", "mountPath": "/platform"},
                ]}),
            ),
        ],
    );
    check_kept(
        VM,
        &VM.full().0,
        &[
            ("node", json!({"node": "vm07"})),
            ("gpu_type", json!({"gpu_type": "RTX 5090"})),
            ("gpu_type", json!({"gpu_type": "NVIDIA GeForce RTX 5090"})),
            ("gpu_type", json!({"gpu_type": "4090"})),
            ("gpu_count", json!({"gpu_count": "2"})),
            ("storage_gb", json!({"storage_gb": 99})),
            ("rental_type", json!({"rental_type": "ON_DEMAND"})),
            ("rental_type", json!({"rental_type": "interruptible"})),
        ],
    );
}

#[test]
fn what_is_not_known_is_learnt() {
    for (resource, unknown, attribute, value) in [
        (GPU, json!({"cluster_id": null}), "cluster_id", json!("7")),
        (GPU, json!({"product_id": null}), "product_id", json!("4090.16c62g")),
        (GPU, json!({"rootfs_size": null}), "rootfs_size", json!(60)),
        (ENDPOINT, json!({"app_name": null}), "app_name", json!("app")),
        (ENDPOINT, json!({"rootfs_size": null}), "rootfs_size", json!(100)),
        (VM, json!({"rental_type": null}), "rental_type", json!("on_demand")),
    ] {
        let (state, answer) = resource.full();
        assert_eq!(resource.refreshed(&with(&state, &unknown), &answer)[attribute], value, "{resource:?}");
    }
}

#[test]
fn null_stays_null_whatever_the_platform_fills_in() {
    let of_instances = [
        ("image_auth_id", json!({"imageAuthId": "auth-default"})),
        ("command", json!({"command": "/start.sh"})),
        ("entrypoint", json!({"entrypoint": "/bin/sh"})),
        ("ports", json!({"portMappings": [{"port": 22, "type": "tcp"}, {"port": 8080, "type": "http"}]})),
        ("tools", json!({"tools": [{"name": "Jupyter", "port": 8888, "type": "http"}]})),
        ("network_id", json!({"network": {"id": "vpc-default", "ip": "10.0.0.9"}})),
        (
            "network_storages",
            json!({"volumeMounts": [{"type": "network", "id": "st-9", "mountPath": "/network"}]}),
        ),
        ("envs", json!({"envs": [{"key": "PLATFORM", "value": "x"}]})),
        ("secret_envs", json!({"envs": [{"key": "PLATFORM", "value": "x"}]})),
        ("desired_status", json!({"status": "exited"})),
    ];
    check_kept(GPU, &GPU.least(), &of_instances);
    check_kept(CPU, &CPU.least(), &of_instances);
    let worker_config = |it: &str| json!({"workerConfig": {"minNum": 0, "cudaVersion": it}});
    check_kept(
        ENDPOINT,
        &ENDPOINT.least(),
        &[
            (
                "image",
                json!({"image": {"image": "docker.io/acme/x:1", "authId": "auth-default", "command": "serve"}}),
            ),
            ("worker_config", worker_config("any")),
            (
                "volume_mounts",
                json!({"volumeMounts": [{"type": "local", "size": 30, "mountPath": "/workspace"}]}),
            ),
            ("envs", json!({"envs": [{"key": "PLATFORM", "value": "x"}]})),
        ],
    );
}

#[test]
fn none_is_configured_and_only_the_platforms_own_is_left_out() {
    let none = json!({"ports": [], "network_storages": [], "envs": {}, "command": "", "tools": []});
    let state = with(&GPU.least(), &none);
    check_kept(
        GPU,
        &state,
        &[
            ("ports", json!({"portMappings": [{"port": 22, "type": "tcp"}, {"port": 2223, "type": "tcp"}]})),
            ("ports", json!({"portMappings": [{"port": 8888, "type": "http"}]})), // the listed tool's
            ("network_storages", json!({"volumeMounts": null})),
            ("envs", json!({"envs": [{"key": "PLATFORM", "value": "x"}]})),
            ("command", json!({"command": "/start.sh"})),
        ],
    );
    let (_, answer) = GPU.full();
    let opened = json!({"portMappings": [{"port": 9000, "type": "TCP"}]});
    assert_eq!(GPU.refreshed(&state, &with(&answer, &opened))["ports"], json!(["9000/tcp"]));
    assert_eq!(GPU.refreshed(&state, &answer)["network_storages"][0]["id"], "st-1");
}

#[test]
fn a_port_that_is_configured_is_the_users_own() {
    let (state, answer) = GPU.full();
    let shown = |ports: Json| {
        let tools_and_ports =
            json!({"tools": [{"name": "Jupyter", "port": 8888, "type": "http"}], "portMappings": ports});
        with(&answer, &tools_and_ports)
    };
    for (configured, ports, expected) in [
        (json!(["22/tcp"]), json!([{"port": 22, "type": "tcp"}]), json!(["22/tcp"])),
        (json!(["22/tcp"]), json!([]), json!([])),
        (json!(["22/http"]), json!([{"port": 22, "type": "tcp"}]), json!(["22/tcp"])),
        (json!(["8888/http"]), json!([{"port": 8888, "type": "http"}]), json!(["8888/http"])),
        (
            json!(["80/http"]),
            json!([{"port": 80, "type": ""}, {"port": 81, "type": "udp"}]),
            json!(["80/http"]),
        ),
    ] {
        let state = with(&state, &json!({"ports": configured, "tools": null}));
        assert_eq!(GPU.refreshed(&state, &shown(ports))["ports"], expected, "{configured}");
    }
}

#[test]
fn a_size_is_at_least_what_is_configured() {
    check_kept(
        GPU,
        &GPU.full().0,
        &[
            ("rootfs_size", json!({"rootfsSize": 80})),
            ("rootfs_size", json!({"rootfsSize": "61"})),
            ("rootfs_size", json!({"rootfsSize": null})),
            ("rootfs_size", json!({"rootfsSize": 59})),
        ],
    );
    check_kept(ENDPOINT, &ENDPOINT.full().0, &[("rootfs_size", json!({"rootfsSize": 200}))]);
    check_kept(VM, &VM.full().0, &[("storage_gb", json!({"storage_gb": 128}))]);
    for (resource, larger) in [
        (GPU, json!({"rootfsSize": 80})),
        (ENDPOINT, json!({"rootfsSize": 200})),
        (VM, json!({"storage_gb": 128})),
    ] {
        let (state, answer) = resource.full();
        let (_, differences) = resource.read_back(&state, &with(&answer, &larger), true);
        assert_eq!(differences, Vec::<String>::new(), "more is as good");
    }
}

#[test]
fn an_import_takes_everything_over() {
    for resource in [GPU, CPU, ENDPOINT, VM] {
        let (state, answer) = resource.full();
        let after = resource.refreshed(&json!({"id": state["id"]}), &answer);
        for (attribute, value) in state.as_object().unwrap() {
            if !["month", "template_vmid"].contains(&attribute.as_str()) {
                assert_eq!(told(&after[attribute]), told(value), "{resource:?}.{attribute}");
            }
        }
    }
    let (state, answer) = VM.full();
    let by_default = json!({"id": state["id"], "rental_type": "on_demand"});
    let after = VM.refreshed(&by_default, &with(&answer, &json!({"rental_type": "reserved"})));
    assert_eq!(after["rental_type"], "reserved", "what an import begins with is no knowledge");
    let (_, answer) = GPU.full();
    let ports = json!({"portMappings": [{"port": 22, "type": "tcp"}, {"port": 2222, "type": "tcp"}]});
    let after = GPU.refreshed(&json!({"id": "i"}), &with(&answer, &ports));
    assert_eq!(after["ports"], json!(["22/tcp"]), "nobody can tell whose it is");
    let after =
        GPU.refreshed(&json!({"id": "i"}), &json!({"id": "i", "imageUrl": "x", "tools": [], "envs": null}));
    assert_eq!((&after["tools"], &after["ports"], &after["envs"]), (&json!([]), &json!([]), &Json::Null));
}

#[test]
fn what_changes_in_place_shows_when_it_changed_elsewhere() {
    for (resource, patch, attribute, value) in [
        (GPU, json!({"imageUrl": "docker.io/acme/x:2"}), "image_url", json!("docker.io/acme/x:2")),
        (GPU, json!({"command": ""}), "command", Json::Null),
        (GPU, json!({"volumeMounts": []}), "network_storages", json!([])),
        (GPU, json!({"envs": []}), "envs", json!({})),
        (GPU, json!({"billingMode": "monthly"}), "billing_mode", json!("monthly")),
        (ENDPOINT, json!({"name": "renamed"}), "name", json!("renamed")),
        (ENDPOINT, json!({"ports": [{"port": "9000"}]}), "port", json!(9000)),
        (
            ENDPOINT,
            json!({"policy": {"type": "Concurrency", "value": 4}}),
            "policy",
            json!({"type": "concurrency", "value": 4}),
        ),
        (ENDPOINT, json!({"clusterID": "9"}), "cluster_id", json!("9")),
    ] {
        let (state, answer) = resource.full();
        assert_eq!(resource.refreshed(&state, &with(&answer, &patch))[attribute], value, "{patch}");
    }
}

#[test]
fn what_was_created_otherwise_than_asked_for_is_told() {
    for (resource, patch, said) in [
        (GPU, json!({"gpuNum": 2}), "`gpu_num` is 2, not 1"),
        (GPU, json!({"productId": "prod-77"}), "`product_id` is \"prod-77\", not \"4090.16c62g\""),
        (GPU, json!({"clusterId": "9"}), "`cluster_id` is \"9\", not \"7\""),
        (GPU, json!({"rootfsSize": 50}), "`rootfs_size` is 50, not 60"),
        (GPU, json!({"billingMode": "spot"}), "`billing_mode` is \"spot\", not \"onDemand\""),
        (GPU, json!({"tools": []}), "`tools` is []"),
        (
            CPU,
            json!({"volumeMounts": [{"type": "local", "mountPath": "/x"}]}),
            "`local_storage_mount_point` is \"/x\"",
        ),
        (ENDPOINT, json!({"products": [{"id": "p-9"}]}), "`product_ids` is [\"p-9\"]"),
        (ENDPOINT, json!({"rootfsSize": 50}), "`rootfs_size` is 50, not 100"),
        (VM, json!({"gpu_type": "4090"}), "`gpu_type` is \"4090\", not \"5090\""),
        (VM, json!({"rental_type": "reserved"}), "`rental_type` is \"reserved\", not \"on_demand\""),
    ] {
        let (state, answer) = resource.full();
        let (after, differences) = resource.read_back(&state, &with(&answer, &patch), true);
        assert!(differences.len() == 1 && differences[0].starts_with(said), "{said}: {differences:?}");
        for (attribute, value) in state.as_object().unwrap() {
            assert!(
                attribute == "network_storages" || told(&after[attribute]) == told(value),
                "{attribute} is kept"
            );
        }
    }
    // Another way of writing the same, and what is not told, is no difference.
    for (resource, patch) in [
        (GPU, json!({"billingMode": "", "productId": null, "tools": null, "network": null})),
        (ENDPOINT, json!({"products": [{"id": "p-2"}], "appName": ""})),
        (VM, json!({"gpu_type": "RTX 5090", "rental_type": "On_Demand", "node": null})),
    ] {
        let (state, answer) = resource.full();
        assert_eq!(
            resource.read_back(&state, &with(&answer, &patch), true).1,
            Vec::<String>::new(),
            "{patch}"
        );
    }
}

#[tokio::test]
async fn the_difference_is_one_warning() {
    let cx = Context::new(
        std::sync::Arc::new(()),
        tokio_util::sync::CancellationToken::new(),
        std::time::Duration::from_secs(1),
    );
    ReadBack::of::<Gpu>(Origin::Created).warn(&cx, "instance", "i-1");
    let differences = vec!["`a` is 1, not 2".to_owned(), "`b` is 3, not 4".to_owned()];
    ReadBack { differences, ..ReadBack::of::<Gpu>(Origin::Created) }.warn(&cx, "instance", "i-1");
    let said = cx.take_warnings();
    assert!(said.0.len() == 1 && !said.has_error(), "{said:?}");
    assert!(said.0[0].detail.contains("i-1") && said.0[0].detail.contains("not 2; `b` is 3"), "{said:?}");
}
