//! What is filled in, and how it is written.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Bench, plain};
use crate::style::{Group, Style, Switch};

/// What every get and list shows of one object of each kind, by the place of each value.
fn shown(platform: Style) -> BTreeMap<String, Value> {
    let bench = Bench::new(platform);
    let (instance, endpoint, vm) =
        (plain(&bench.create_instance()), plain(&bench.create_endpoint()), plain(&bench.create_vm()));
    let mut places = BTreeMap::new();
    let lists = "pageSize=9&pageNum=0";
    for (name, target, inside) in [
        ("instance", format!("/gpu/instance?instanceId={instance}"), ""),
        ("listed", format!("/gpu/instances?{lists}"), "/instances/0"),
        ("endpoint", format!("/endpoint?id={endpoint}"), "/endpoint"),
        ("listed endpoint", format!("/endpoints?{lists}"), "/endpoints/0"),
        ("vm", format!("/vms/{vm}"), ""),
        ("key", "/ssh-keys/0f7a3c52-5d0e-4a57-9a41-6b1f4a6e2c10".to_owned(), ""),
    ] {
        let answer = bench.get(&target);
        let object = answer.pointer(inside).unwrap_or_else(|| panic!("{target} answered {answer}"));
        flatten(name, object, &mut places);
    }
    places
}

fn flatten(place: &str, value: &Value, into: &mut BTreeMap<String, Value>) {
    let members: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, it)| (name.clone(), it)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, it)| (at.to_string(), it)).collect(),
        _ => Vec::new(),
    };
    if members.is_empty() {
        into.insert(place.to_owned(), value.clone());
    }
    for (name, it) in members {
        flatten(&format!("{place}.{name}"), it, into);
    }
}

/// The values that the switch changes or adds, as `place=value`; those that only it takes away, as `-place`.
fn changes(switch: Switch) -> Vec<String> {
    let (before, after) = (shown(Style::default()), shown(Style::only(switch)));
    let new = after.iter().filter(|(place, it)| before.get(*place) != Some(*it));
    let mut changes: Vec<String> = new.map(|(place, it)| format!("{place}={it}")).collect();
    let covered = |place: &str| {
        after.keys().any(|it| {
            it == place || it.starts_with(&format!("{place}.")) || place.starts_with(&format!("{it}."))
        })
    };
    changes.extend(before.keys().filter(|it| !covered(it)).map(|it| format!("-{it}")));
    changes
}

/// What each switch changes in the answers of get.
const CHANGES: [(Switch, &[&str]); 26] = [
    (
        Switch::EchoCommand,
        &["endpoint.image.command=\"/start.sh --foreground\"", "instance.command=\"/start.sh --foreground\""],
    ),
    (Switch::EchoEntrypoint, &["instance.entrypoint=\"/docker-entrypoint.sh\""]),
    (
        Switch::SshPort,
        &[
            "instance.portMappings.1.endpoint=\"\"",
            "instance.portMappings.1.port=22",
            "instance.portMappings.1.type=\"tcp\"",
        ],
    ),
    (
        Switch::JupyterTool,
        &[
            "instance.tools.0.endpoint=\"\"",
            "instance.tools.0.name=\"Jupyter\"",
            "instance.tools.0.port=\"8888\"",
            "instance.tools.0.type=\"http\"",
        ],
    ),
    (Switch::DefaultNetwork, &["instance.network.id=\"vpc-default\"", "instance.network.ip=\"10.0.0.17\""]),
    (Switch::CudaAny, &["endpoint.workerConfig.cudaVersion=\"any\""]),
    (
        Switch::ImageAuthId,
        &[
            "endpoint.image.authId=\"auth-platform-ep-06c45d188009\"",
            "instance.imageAuthId=\"auth-platform-e220a8397b1dcdaf\"",
        ],
    ),
    (
        Switch::PlatformVariables,
        &[
            "endpoint.envs.0.key=\"PLATFORM_NODE\"",
            "endpoint.envs.0.value=\"node-17\"",
            "endpoint.envs.1.key=\"NVIDIA_VISIBLE_DEVICES\"",
            "endpoint.envs.1.value=\"all\"",
            "instance.envs.0.key=\"PLATFORM_NODE\"",
            "instance.envs.0.value=\"node-17\"",
            "instance.envs.1.key=\"NVIDIA_VISIBLE_DEVICES\"",
            "instance.envs.1.value=\"all\"",
        ],
    ),
    (
        Switch::PlatformVolumes,
        &[
            "endpoint.volumeMounts.0.id=\"lv-platform\"",
            "endpoint.volumeMounts.0.mountPath=\"/platform\"",
            "endpoint.volumeMounts.0.size=30",
            "endpoint.volumeMounts.0.type=\"local\"",
            "instance.volumeMounts.0.id=\"lv-platform\"",
            "instance.volumeMounts.0.mountPath=\"/platform\"",
            "instance.volumeMounts.0.size=30",
            "instance.volumeMounts.0.type=\"local\"",
        ],
    ),
    (Switch::ClusterFilled, &["endpoint.clusterID=\"7\""]),
    (Switch::LabelFilled, &["vm.instance_label=\"gpu-vm-2101\""]),
    (Switch::DiskRounded, &["endpoint.rootfsSize=112", "instance.rootfsSize=64", "vm.storage_gb=64"]),
    (
        Switch::ProductForm,
        &[
            "endpoint.products.0.id=\"SL-SERVERLESS-3\"",
            "instance.productId=\"4090.16C62G\"",
            "vm.node=\"VM02\"",
        ],
    ),
    (Switch::GpuNames, &["instance.productName=\"NVIDIA RTX 4090 24GB (PCIe)\"", "vm.gpu_type=\"RTX 5090\""]),
    (
        Switch::ImageNormalised,
        &[
            "endpoint.image.image=\"docker.io/acme/llm:2\"",
            "instance.imageUrl=\"docker.io/library/nginx:latest\"",
        ],
    ),
    (
        Switch::WordCase,
        &[
            "endpoint.policy.type=\"Queue\"",
            "endpoint.type=\"Sync\"",
            "instance.billingMode=\"ONDEMAND\"",
            "instance.kind=\"GPU\"",
            "instance.portMappings.0.type=\"TCP\"",
            "vm.rental_type=\"ON_DEMAND\"",
        ],
    ),
    (
        Switch::StatusCase,
        &["endpoint.state.state=\"INITIALIZING\"", "instance.status=\"ToCreate\"", "vm.status=\"Creating\""],
    ),
    (
        Switch::UnknownStatuses,
        &["endpoint.state.state=\"deploying\"", "instance.status=\"queued\"", "vm.status=\"provisioning\""],
    ),
    (
        Switch::IdsAsNumbers,
        &[
            "endpoint.appName=\"246755632449536\"",
            "endpoint.id=246755632449536",
            "endpoint.url=\"https://246755632449536.example.net\"",
            "instance.clusterId=7",
            "instance.id=248629889170205",
        ],
    ),
    (
        Switch::AmountsWithUnits,
        &[
            "instance.cpuNum=\"16 cores\"",
            "instance.memory=\"62 GB\"",
            "vm.cpu_cores=\"16 cores\"",
            "vm.ram_gb=\"64 GB\"",
        ],
    ),
    (
        Switch::EmptyTextForObject,
        &[
            "endpoint.workers=\"\"",
            "instance.connectComponentWebTerminal=\"\"",
            "instance.network=\"\"",
            "instance.node=\"\"",
            "instance.statusError=\"\"",
            "vm.auto_restart=\"\"",
            "vm.instance_label=\"\"",
            "vm.reservation_id=\"\"",
        ],
    ),
    (
        Switch::TimesWithoutZone,
        &["key.created_at=\"2025-12-29T09:20:00.120000\"", "vm.created_at=\"2026-01-01T00:00:00.120000\""],
    ),
    (Switch::StateAsText, &["endpoint.state=\"initializing\""]),
    (
        Switch::StatusErrorFiller,
        &[
            "endpoint.state.error=\"none\"",
            "instance.statusError.message=\"ok\"",
            "instance.statusError.state=\"ok\"",
        ],
    ),
    (
        Switch::OddDisplayFields,
        &[
            "endpoint.log.url=null",
            "instance.clusterName.en=\"EU\"",
            "instance.clusterName.zh=null",
            "instance.freeStorageSize=\"60 GB\"",
            "instance.jobs={}",
            "instance.keepDataDay=\"7 days\"",
            "instance.lastStartedAt=\"2026-01-01 00:00\"",
            "instance.lastStoppedAt=null",
            "instance.useTime=\"1h 12m\"",
            "vm.cpu_model.0=\"Example CPU 9000\"",
            "vm.cpu_percent=\"3.5 %\"",
            "vm.pcie_gen=5",
            "vm.ram_percent=null",
            "vm.user_id=\"u-77\"",
        ],
    ),
    (
        Switch::SizesAsTexts,
        &["endpoint.rootfsSize=\"100\"", "instance.rootfsSize=\"60\"", "vm.storage_gb=\"50\""],
    ),
];

#[test]
fn each_switch_changes_its_own_values_and_no_others() {
    for (switch, expected) in CHANGES {
        let (listed, of_get): (Vec<String>, Vec<String>) =
            changes(switch).into_iter().partition(|it| it.starts_with("listed"));
        assert_eq!(of_get, expected, "{switch:?}");
        for line in listed {
            let in_get =
                line.replacen("listed endpoint.", "endpoint.", 1).replacen("listed.", "instance.", 1);
            assert!(of_get.contains(&in_get), "{switch:?} writes another value into the list: {line}");
        }
    }
}

#[test]
fn every_switch_that_fills_in_is_tried() {
    let tried: Vec<Switch> = CHANGES.iter().map(|it| it.0).chain([Switch::UnknownMembers]).collect();
    let all = Switch::ALL.into_iter().filter(|it| it.group() == Group::FillsIn);
    assert_eq!(all.filter(|it| !tried.contains(it)).collect::<Vec<_>>(), []);
}

#[test]
fn unknown_members_are_added_beside_and_inside() {
    let changes = changes(Switch::UnknownMembers);
    for place in ["instance", "listed", "endpoint", "vm", "key", "instance.network", "endpoint.workerConfig"]
    {
        assert!(changes.contains(&format!("{place}.schemaVersion=3")), "{place}");
    }
    let added = ["schemaVersion", "labels", "warnings", "region"];
    assert!(changes.iter().all(|line| added.iter().any(|it| line.contains(it))), "{changes:?}");
}

#[test]
fn settings_of_the_platform_are_lost_when_an_upgrade_leaves_them_out() {
    let mut style = Style::only(Switch::PlatformVariables);
    style.turn_on(Switch::ImageAuthId);
    let bench = Bench::new(style);
    let id = plain(&bench.create_instance());
    bench.pass(9);
    let target = format!("/gpu/instance?instanceId={id}");
    let upgrade = |envs: Value, auth: Value| {
        let body = json!({
            "instanceId": id, "imageUrl": "nginx", "imageAuthId": auth, "envs": envs, "command": "",
            "entrypoint": "", "save": true, "networkVolume": {"volumeMounts": []},
        });
        bench.post("/gpu/instance/upgrade", &body);
        bench.pass(9);
        let shown = bench.get(&target);
        (shown["envs"].clone(), shown["imageAuthId"].clone())
    };
    let before = bench.get(&target);
    assert_eq!(before["envs"].as_array().unwrap().len(), 2);
    let whole = upgrade(before["envs"].clone(), before["imageAuthId"].clone());
    assert_eq!(whole.1, before["imageAuthId"]);
    assert_eq!(whole.0.as_array().unwrap().len(), 2, "what was sent back is kept");
    assert_eq!(upgrade(json!([]), json!("")), (json!([]), json!("")));
}

#[test]
fn a_rounded_disk_grows_from_its_real_size() {
    let bench = Bench::new(Style::only(Switch::DiskRounded));
    let id = plain(&bench.create_instance());
    bench.pass(9);
    let body = json!({"instanceId": id, "ports": [], "expandRootDisk": 36});
    bench.post("/gpu/instance/edit", &body);
    assert_eq!(bench.0.instance(&id).unwrap()["rootfsSize"], 112, "64 and 36, rounded up again");
}
