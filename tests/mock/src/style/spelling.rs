//! How an object is written: the same content in forms that callers did not use, one function for each
//! switch.

use serde_json::{Map, Value, json};

use super::fills::{Fill, Subject, Thing};
use super::{Style, Switch};
use crate::odd::other_case;

/// In the order in which they act: what is a text becomes a number or another text last.
pub(super) const SPELLINGS: [(Switch, Fill); 16] = [
    (Switch::UnknownStatuses, unknown_statuses),
    (Switch::StatusCase, status_case),
    (Switch::StatusErrorFiller, status_error_filler),
    (Switch::StateAsText, state_as_text),
    (Switch::ImageNormalised, image_normalised),
    (Switch::GpuNames, gpu_names),
    (Switch::WordCase, word_case),
    (Switch::ProductForm, product_form),
    (Switch::AmountsWithUnits, amounts_with_units),
    (Switch::TimesWithoutZone, times_without_zone),
    (Switch::UnknownMembers, unknown_members),
    (Switch::OddDisplayFields, odd_display_fields),
    (Switch::EmptyTextForObject, empty_text_for_object),
    (Switch::SizesAsTexts, sizes_as_texts),
    (Switch::IdsAsNumbers, ids_as_numbers),
    (Switch::IdsInOtherCase, ids_in_other_case),
];

/// Names that no document knows, for statuses that pass and for failures. What a caller waits for keeps
/// its name.
const UNKNOWN: [(&str, &str); 22] = [
    ("pending", "queued"),
    ("toCreate", "queued"),
    ("creating", "provisioning"),
    ("pulling", "loadingImage"),
    ("toStart", "queued"),
    ("starting", "booting"),
    ("toStop", "halting"),
    ("stopping", "halting"),
    ("toRestart", "cycling"),
    ("restarting", "cycling"),
    ("toReset", "rebuilding"),
    ("resetting", "rebuilding"),
    ("migrating", "moving"),
    ("toRemove", "deletionQueued"),
    ("removing", "deleting"),
    ("removed", "deleted"),
    ("initializing", "deploying"),
    ("updating", "rollingOut"),
    ("terminating", "beingDeleted"),
    ("failed", "provisioningFailed"),
    ("error", "internalError"),
    ("destroyed", "terminated"),
];

fn unknown_statuses(shown: &mut Value, _: &Subject<'_>, _: &Style) {
    let Some(status) = status(shown) else { return };
    let known = UNKNOWN.iter().find(|(known, _)| status == *known);
    if let Some((_, unknown)) = known {
        *status = json!(unknown);
    }
}

fn status_case(shown: &mut Value, subject: &Subject<'_>, style: &Style) {
    let change = style.pick(Switch::StatusCase, subject.id, upper as fn(&str) -> String, &[capital]);
    status(shown).into_iter().for_each(|it| rewrite(it, change));
}

fn status_error_filler(shown: &mut Value, subject: &Subject<'_>, style: &Style) {
    let filler = style.pick(Switch::StatusErrorFiller, subject.id, "none", &["None", "ok", "-", "null"]);
    match subject.thing {
        Thing::Instance => {
            fill_in(&mut shown["statusError"], "state", filler);
            fill_in(&mut shown["statusError"], "message", filler);
        }
        Thing::Endpoint => fill_in(&mut shown["state"], "error", filler),
        _ => {}
    }
}

fn state_as_text(shown: &mut Value, subject: &Subject<'_>, _: &Style) {
    if subject.thing == Thing::Endpoint {
        shown["state"] = shown["state"]["state"].take();
    }
}

fn image_normalised(shown: &mut Value, subject: &Subject<'_>, _: &Style) {
    match subject.thing {
        Thing::Instance => rewrite(&mut shown["imageUrl"], normalised),
        Thing::Endpoint => rewrite(&mut shown["image"]["image"], normalised),
        _ => {}
    }
}

fn gpu_names(shown: &mut Value, _: &Subject<'_>, _: &Style) {
    if let Some(name) = shown.get_mut("productName") {
        rewrite(name, |it| format!("NVIDIA {it} (PCIe)"));
    }
    if let Some(name) = shown.get_mut("gpu_type") {
        rewrite(name, |it| if it.starts_with("RTX") { it.to_owned() } else { format!("RTX {it}") });
    }
}

/// Members whose values are words of a fixed set.
const WORDS: [&str; 5] = ["kind", "billingMode", "spotStatus", "rental_type", "type"];

fn word_case(shown: &mut Value, subject: &Subject<'_>, style: &Style) {
    let change = style.pick(Switch::WordCase, subject.id, upper as fn(&str) -> String, &[capital]);
    everywhere(shown, &mut |members| {
        for word in WORDS {
            members.get_mut(word).into_iter().for_each(|it| rewrite(it, change));
        }
    });
}

fn product_form(shown: &mut Value, subject: &Subject<'_>, _: &Style) {
    let product = match subject.thing {
        Thing::Instance => shown.get_mut("productId"),
        Thing::Endpoint => shown.pointer_mut("/products/0/id"),
        Thing::Vm => shown.get_mut("node"),
        Thing::Storage
        | Thing::Network
        | Thing::RegistryAuth
        | Thing::Prewarm
        | Thing::Template
        | Thing::SshKey => None,
    };
    let Some(product) = product else { return };
    rewrite(product, upper);
    as_number(product);
}

fn amounts_with_units(shown: &mut Value, _: &Subject<'_>, _: &Style) {
    let units = [("cpuNum", "cores"), ("memory", "GB"), ("cpu_cores", "cores"), ("ram_gb", "GB")];
    for (member, unit) in units {
        let Some(amount) = shown.get_mut(member) else { continue };
        let number = amount.as_str().map_or_else(|| amount.to_string(), str::to_owned);
        *amount = json!(format!("{number} {unit}"));
    }
}

fn times_without_zone(shown: &mut Value, _: &Subject<'_>, _: &Style) {
    for member in ["created_at", "started_at", "stopped_at"] {
        if let Some(time) = shown.get_mut(member) {
            rewrite(time, |it| format!("{}.120000", it.trim_end_matches('Z')));
        }
    }
}

fn unknown_members(shown: &mut Value, _: &Subject<'_>, _: &Style) {
    let values = [json!(3), json!({"team": null}), json!([]), json!({"id": 12, "name": ["EU"]})];
    each_with_unknown_members(shown, |members| {
        let more = UNKNOWN_MEMBERS.iter().map(|it| (*it).to_owned()).zip(values.iter().cloned());
        members.extend(more);
    });
}

/// A platform knows the members that it shows: a body may hold them.
pub(crate) fn take_back_unknown_members(style: &Style, body: &mut Value) {
    if style.odds(Switch::UnknownMembers).is_some() {
        each_with_unknown_members(body, |members| {
            members.retain(|name, _| !UNKNOWN_MEMBERS.contains(&name.as_str()));
        });
    }
}

const UNKNOWN_MEMBERS: [&str; 4] = ["schemaVersion", "labels", "warnings", "region"];

/// The object itself, and those inside that carry unknown members too.
fn each_with_unknown_members(object: &mut Value, change: impl Fn(&mut Map<String, Value>)) {
    for name in ["workerConfig", "image", "network", "template"] {
        object.get_mut(name).and_then(Value::as_object_mut).into_iter().for_each(&change);
    }
    object.as_object_mut().into_iter().for_each(change);
}

fn odd_display_fields(shown: &mut Value, _: &Subject<'_>, _: &Style) {
    let odd = [
        ("clusterName", json!({"en": "EU", "zh": null})),
        ("useTime", json!("1h 12m")),
        ("lastStoppedAt", Value::Null),
        ("lastStartedAt", json!("2026-01-01 00:00")),
        ("freeStorageSize", json!("60 GB")),
        ("keepDataDay", json!("7 days")),
        ("jobs", json!({})),
        ("log", json!({"url": null})),
        ("cpu_percent", json!("3.5 %")),
        ("ram_percent", Value::Null),
        ("cpu_model", json!(["Example CPU 9000"])),
        ("pcie_gen", json!(5)),
        ("user_id", json!("u-77")),
    ];
    for (member, value) in odd {
        shown.get_mut(member).into_iter().for_each(|it| *it = value.clone());
    }
}

/// Only where the object says nothing: an error, a network and a health check stay.
fn empty_text_for_object(shown: &mut Value, subject: &Subject<'_>, _: &Style) {
    let empty = |it: &Value| it.as_object().is_some_and(|it| it.values().all(|it| it == ""));
    let members: &[&str] = match subject.thing {
        Thing::Instance => &["statusError", "network", "node", "connectComponentWebTerminal"],
        Thing::Endpoint => &["workers"],
        Thing::Vm => &["reservation_id", "auto_restart", "instance_label"],
        Thing::Storage
        | Thing::Network
        | Thing::RegistryAuth
        | Thing::Prewarm
        | Thing::Template
        | Thing::SshKey => &[],
    };
    for member in members {
        let Some(value) = shown.get_mut(*member) else { continue };
        if value.is_null() || empty(value) || ["node", "connectComponentWebTerminal"].contains(member) {
            *value = json!("");
        }
    }
}

/// Members that hold a size in GB.
const SIZES: [&str; 4] = ["rootfsSize", "storageSize", "storage_gb", "size"];

fn sizes_as_texts(shown: &mut Value, _: &Subject<'_>, _: &Style) {
    everywhere(shown, &mut |members| {
        for name in SIZES {
            let size = members.get_mut(name).filter(|it| it.is_number());
            size.into_iter().for_each(|it| *it = json!(it.to_string()));
        }
    });
}

/// Members that hold the identifier of something.
const IDS: [&str; 7] = ["id", "Id", "clusterId", "clusterID", "productId", "instanceId", "storageId"];

fn ids_as_numbers(shown: &mut Value, _: &Subject<'_>, _: &Style) {
    everywhere(shown, &mut |members| {
        for name in IDS {
            members.get_mut(name).into_iter().for_each(as_number);
        }
    });
}

fn ids_in_other_case(shown: &mut Value, _: &Subject<'_>, _: &Style) {
    for name in ["id", "storageId"] {
        shown.get_mut(name).into_iter().for_each(|it| rewrite(it, other_case));
    }
}

/// The status of an object of any kind that has one.
fn status(shown: &mut Value) -> Option<&mut Value> {
    let place = match (shown.get("status"), shown.get("state")) {
        (Some(_), _) => "/status",
        (None, Some(Value::Array(_))) => "/state/0/state",
        (None, Some(Value::String(_))) => "/state",
        _ => "/state/state",
    };
    shown.pointer_mut(place)
}

fn fill_in(object: &mut Value, member: &str, text: &str) {
    if object[member] == "" {
        object[member] = json!(text);
    }
}

/// Changes a value that is a text; an empty one says nothing and stays.
fn rewrite(value: &mut Value, change: impl Fn(&str) -> String) {
    if let Some(text) = value.as_str().filter(|it| !it.is_empty()) {
        *value = json!(change(text));
    }
}

/// Makes a text of digits the number that it is; one with a zero in front would not come back.
fn as_number(value: &mut Value) {
    let number = value.as_str().filter(|it| !it.starts_with('0')).and_then(|it| it.parse::<u64>().ok());
    if let Some(number) = number.filter(|it| *it < 1 << 53) {
        *value = json!(number);
    }
}

/// Visits every object, from the outside in.
pub(super) fn everywhere(value: &mut Value, visit: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            visit(members);
            members.values_mut().for_each(|it| everywhere(it, visit));
        }
        Value::Array(items) => items.iter_mut().for_each(|it| everywhere(it, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn upper(text: &str) -> String {
    text.to_uppercase()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |it| it.to_uppercase().chain(letters).collect())
}

/// The id in the answer of a create call.
pub(crate) fn written_id(style: &Style, id: &str) -> Value {
    let mut written = json!(id);
    if style.holds(Switch::IdsAsNumbers, id) {
        as_number(&mut written);
    }
    written
}

/// A reference with its registry, its repository and its tag.
fn normalised(image: &str) -> String {
    let has_registry =
        image.split_once('/').is_some_and(|(first, _)| first.contains(['.', ':']) || first == "localhost");
    let place = match (has_registry, image.contains('/')) {
        (true, _) => "",
        (false, true) => "docker.io/",
        (false, false) => "docker.io/library/",
    };
    let last = image.rsplit('/').next().unwrap_or_default();
    let tag = if last.contains([':', '@']) { "" } else { ":latest" };
    format!("{place}{image}{tag}")
}
