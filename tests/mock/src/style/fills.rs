//! What is filled in when an object is shown, one function for each switch.
//!
//! What is filled in for good stands in the records instead (sizes, see `Style::disk`).

use serde_json::{Value, json};

use super::spelling::SPELLINGS;
use super::{Style, Switch};

/// The kinds of objects that are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thing {
    Instance,
    Endpoint,
    Vm,
    Storage,
    Network,
    RegistryAuth,
    Prewarm,
    SshKey,
    Template,
}

/// The object that is about to be shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) thing: Thing,
    pub(crate) id: &'a str,
    /// Whether it is still as it was made: no upgrade and no update has replaced its settings.
    pub(crate) fresh: bool,
}

/// Changes what is shown of the subject.
pub(super) type Fill = fn(&mut Value, &Subject<'_>, &Style);

/// First what is missing.
const FILLS: [(Switch, Fill); 11] = [
    (Switch::EchoCommand, echo_command),
    (Switch::EchoEntrypoint, echo_entrypoint),
    (Switch::SshPort, ssh_port),
    (Switch::JupyterTool, jupyter_tool),
    (Switch::DefaultNetwork, default_network),
    (Switch::CudaAny, cuda_any),
    (Switch::ImageAuthId, image_auth_id),
    (Switch::PlatformVariables, platform_variables),
    (Switch::PlatformVolumes, platform_volumes),
    (Switch::ClusterFilled, cluster_filled),
    (Switch::LabelFilled, label_filled),
];

/// Changes what is shown by all switches that hold for it: first what is missing, then how it is written.
pub(crate) fn fill(style: &Style, shown: &mut Value, subject: Subject<'_>) {
    if style.is_plain() {
        return;
    }
    for (switch, apply) in FILLS.iter().chain(&SPELLINGS) {
        if style.holds(*switch, subject.id) {
            apply(shown, &subject, style);
        }
    }
}

/// Begins the ids of credentials that the platform filled in; calls take them like saved ones.
const PLATFORM_AUTH: &str = "auth-platform-";

/// Whether these are credentials that the platform filled in.
pub(crate) fn is_platform_auth(style: &Style, id: &str) -> bool {
    style.odds(Switch::ImageAuthId).is_some() && id.starts_with(PLATFORM_AUTH)
}

fn echo_command(shown: &mut Value, subject: &Subject<'_>, _: &Style) {
    match subject.thing {
        Thing::Instance => when_empty(shown, "command", "/start.sh --foreground"),
        Thing::Endpoint => when_empty(&mut shown["image"], "command", "/start.sh --foreground"),
        _ => {}
    }
}

fn echo_entrypoint(shown: &mut Value, subject: &Subject<'_>, _: &Style) {
    if subject.thing == Thing::Instance {
        when_empty(shown, "entrypoint", "/docker-entrypoint.sh");
    }
}

fn ssh_port(shown: &mut Value, subject: &Subject<'_>, _: &Style) {
    if subject.thing == Thing::Instance {
        add(&mut shown["portMappings"], "port", json!({"port": 22, "endpoint": "", "type": "tcp"}));
    }
}

fn jupyter_tool(shown: &mut Value, subject: &Subject<'_>, _: &Style) {
    // A get without the member stays one.
    let without = shown["tools"].as_array().is_some_and(Vec::is_empty);
    if subject.thing == Thing::Instance && without {
        shown["tools"] = json!([{"name": "Jupyter", "port": "8888", "type": "http", "endpoint": ""}]);
    }
}

fn default_network(shown: &mut Value, subject: &Subject<'_>, _: &Style) {
    // The list does not show networks.
    let without = shown["network"]["id"].as_str().is_some_and(str::is_empty);
    if subject.thing == Thing::Instance && without {
        shown["network"] = json!({"id": "vpc-default", "ip": "10.0.0.17"});
    }
}

fn cuda_any(shown: &mut Value, subject: &Subject<'_>, _: &Style) {
    if subject.thing == Thing::Endpoint {
        when_empty(&mut shown["workerConfig"], "cudaVersion", "any");
    }
}

fn image_auth_id(shown: &mut Value, subject: &Subject<'_>, _: &Style) {
    let auth = format!("{PLATFORM_AUTH}{}", subject.id);
    match subject.thing {
        Thing::Instance if subject.fresh => when_empty(shown, "imageAuthId", &auth),
        Thing::Endpoint if subject.fresh => when_empty(&mut shown["image"], "authId", &auth),
        _ => {}
    }
}

fn platform_variables(shown: &mut Value, subject: &Subject<'_>, _: &Style) {
    if !subject.fresh || shown.get("envs").is_none() {
        return;
    }
    for (key, value) in [("PLATFORM_NODE", "node-17"), ("NVIDIA_VISIBLE_DEVICES", "all")] {
        add(&mut shown["envs"], "key", json!({"key": key, "value": value}));
    }
}

fn platform_volumes(shown: &mut Value, subject: &Subject<'_>, _: &Style) {
    let kept = match subject.thing {
        Thing::Instance => true,
        Thing::Endpoint => subject.fresh,
        _ => return,
    };
    if kept {
        let mount = json!({"type": "local", "size": 30, "id": "lv-platform", "mountPath": "/platform"});
        add(&mut shown["volumeMounts"], "mountPath", mount);
    }
}

fn cluster_filled(shown: &mut Value, subject: &Subject<'_>, _: &Style) {
    if subject.thing == Thing::Endpoint {
        when_empty(shown, "clusterID", "7");
    }
}

fn label_filled(shown: &mut Value, subject: &Subject<'_>, _: &Style) {
    if subject.thing == Thing::Vm && shown["instance_label"].is_null() {
        shown["instance_label"] = json!(format!("gpu-vm-{}", shown["vmid"]));
    }
}

fn when_empty(shown: &mut Value, member: &str, text: &str) {
    if shown.get(member).is_some_and(|it| it == "") {
        shown[member] = json!(text);
    }
}

/// Adds an item to a list that has none with the same value of `key`; the list may be `null`.
fn add(list: &mut Value, key: &str, item: Value) {
    if list.is_null() {
        *list = json!([]);
    }
    if let Some(items) = list.as_array_mut()
        && items.iter().all(|it| it[key] != item[key])
    {
        items.push(item);
    }
}
