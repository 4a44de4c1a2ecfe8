//! The English of descriptions and pages: no habit word stands for a technical term, and each attribute that takes an ID
//! names the data source or resource that has it.

use serde_json::Value;

use super::pages::whole_schema;
use super::{all_pages, guides};

/// Words with a technical term for what they mean here: Terraform, create, return, poll, set, be.
const HABITS: [&str; 19] = [
    "anew", "client", "clients", "likewise", "longest", "looked", "looks", "made", "makes", "making",
    "nobody", "says", "slip", "stands", "tell", "tells", "told", "whoever", "wish",
];

/// The same for several words, as they begin a description or stand anywhere in it.
const OPENINGS: [&str; 5] = ["Greatest ", "Least ", "Most ", "Oldest ", "Whether to "];
const PHRASES: [&str; 6] = ["be it", "is to run", "is to be", "so that nobody", "(upgrade)", "(edit)"];

/// Where an ID comes from: names of attributes, and types that have it, of which a description names one.
const SOURCES: [(&[&str], &[&str]); 12] = [
    (&["cluster_id", "cluster_ids"], &["novita_clusters"]),
    (
        &["product_id", "product_ids"],
        &["novita_gpu_products", "novita_cpu_products", "novita_endpoint_products"],
    ),
    (&["auth_id", "image_auth_id", "registry_auth_id"], &["novita_registry_auth"]),
    (&["instance_id"], &["novita_gpu_instance"]),
    (&["network_id"], &["novita_network"]),
    (&["network_storages"], &["novita_network_storage"]),
    (&["network_storages.id", "volume_mounts.id"], &["novita_network_storage"]),
    (&["node", "nodes"], &["novacloud_offers"]),
    (&["region_id"], &["novita_endpoint_products"]),
    (&["ssh_key_id"], &["novacloud_ssh_key"]),
    (&["vm_id"], &["novacloud_vm"]),
    (&["worker_config"], &["novita_endpoint_limits"]),
];

#[test]
fn descriptions_are_free_of_habit_words() {
    let mut faults = Vec::new();
    each_description(&mut |path, _, text| {
        faults.extend(habits_of_a_description(text).iter().map(|it| format!("{path}: {it:?} in {text:?}")));
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn pages_are_free_of_habit_words() {
    let mut faults = Vec::new();
    for (name, text) in all_pages() {
        for (number, line) in prose(&text).lines().enumerate() {
            faults.extend(
                habits(line).into_iter().map(|it| format!("docs/{name}:{}: {it:?}: {line}", number + 1)),
            );
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(guides().len() > 12, "the guides are among the pages");
}

#[test]
fn each_attribute_that_takes_an_id_names_where_it_comes_from() {
    let (mut faults, mut seen) = (Vec::new(), 0);
    each_description(&mut |path, attribute, text| {
        if attribute["required"] == true || attribute["optional"] == true {
            seen += usize::from(types_of(path).is_some());
            faults.extend(id_fault(path, text));
        }
    });
    assert!(faults.is_empty() && seen > 25, "{seen} seen\n{}", faults.join("\n"));
}

#[test]
fn an_id_from_nowhere_and_a_habit_are_found() {
    assert_eq!(id_fault("a.cluster_id", "ID of the cluster, from `novita_clusters`."), None);
    assert_eq!(id_fault("a.network_storages.id", "ID of the storage (`novita_network_storage`)."), None);
    assert_eq!(id_fault("a.name", "Name."), None);
    for (path, text) in [
        ("a.cluster_id", "ID of the cluster."),
        ("a.network_storages.id", "ID of the storage."),
        ("a.ssh_key_id", "ID of a key (`novita_network`)."),
        ("a.other_id", "ID of another thing (`novita_network`)."),
    ] {
        assert!(id_fault(path, text).is_some(), "{path}: {text}");
    }
    assert_eq!(
        habits_of_a_description("Most USD per hour that a machine made here may cost."),
        ["made", "Most "]
    );
    assert_eq!(habits_of_a_description("Maximum price in USD per hour."), [""; 0]);
}

#[test]
fn code_messages_and_addresses_are_no_prose() {
    let text = "---\npage_title: \"made\"\n---\nIt is `told`, *made* and [so](https://example.com/says).\n```sh\nmade\n```\n\
                <!-- made --> It makes one, be it here.\n";
    let found: Vec<_> = prose(text).lines().flat_map(habits).collect();
    assert_eq!(found, ["makes", "be it"]);
}

/// Every text of the schema with its path, at any depth; what has no attribute of its own comes with null.
fn each_description(visit: &mut dyn FnMut(&str, &Value, &str)) {
    let schema = whole_schema();
    let part = |name: &str| schema[name].as_object().into_iter().flatten();
    visit_block(&schema["provider"]["block"], "provider", visit);
    for name in [
        "resource_schemas",
        "data_source_schemas",
        "ephemeral_resource_schemas",
        "list_resource_schemas",
        "action_schemas",
    ] {
        for (kind, it) in part(name) {
            visit_block(&it["block"], &format!("{name}.{kind}"), visit);
        }
    }
}

fn visit_block(block: &Value, path: &str, visit: &mut dyn FnMut(&str, &Value, &str)) {
    if let Some(text) = block["description"].as_str() {
        visit(path, &Value::Null, text);
    }
    for (name, attribute) in block["attributes"].as_object().into_iter().flatten() {
        let here = format!("{path}.{name}");
        visit(&here, attribute, attribute["description"].as_str().unwrap_or_default());
        visit_block(&attribute["nested_type"], &here, visit);
    }
    for (name, nested) in block["block_types"].as_object().into_iter().flatten() {
        visit_block(&nested["block"], &format!("{path}.{name}"), visit);
    }
}

/// The types that have the ID which an attribute takes, if it takes one that is known here.
fn types_of(path: &str) -> Option<&'static [&'static str]> {
    let is_named = |it: &&str| path.ends_with(&format!(".{it}"));
    SOURCES.iter().find(|(names, _)| names.iter().any(is_named)).map(|(_, types)| *types)
}

fn id_fault(path: &str, text: &str) -> Option<String> {
    match types_of(path) {
        Some(types) if types.iter().any(|it| text.contains(&format!("`{it}`"))) => None,
        Some(types) => Some(format!("{path}: names none of {types:?}: {text}")),
        None if path.ends_with("_id") || path.ends_with("_ids") => {
            Some(format!("{path}: no source of it is known here"))
        }
        None => None,
    }
}

fn habits_of_a_description(text: &str) -> Vec<String> {
    let opening = OPENINGS.iter().find(|it| text.starts_with(**it));
    habits(text).into_iter().chain(opening.map(|it| (*it).to_owned())).collect()
}

/// The habit words of a text, code left out.
fn habits(text: &str) -> Vec<String> {
    let text = without(&without(text, "`", "`"), "](", ")");
    let words = text.split(|it: char| !it.is_alphanumeric() && it != '-').map(str::to_lowercase);
    let words = words.filter(|it| HABITS.contains(&it.as_str()));
    let phrases = PHRASES.iter().filter(|it| text.contains(**it)).map(|it| (*it).to_owned());
    words.chain(phrases).collect()
}

/// A page without front matter, blocks of code, comments, and the words of messages in italics; its lines stay.
fn prose(page: &str) -> String {
    let mut is_hidden = false;
    let mut lines = Vec::new();
    for line in page.lines() {
        let is_fence = line.trim_start().starts_with("```") || line == "---";
        is_hidden ^= is_fence;
        lines.push(if is_hidden || is_fence {
            String::new()
        } else {
            without(&without(line, "<!--", "-->"), "*", "*")
        });
    }
    lines.join("\n")
}

/// The text without what stands between these marks.
fn without(text: &str, open: &str, close: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some((before, after)) = rest.split_once(open) {
        let Some((_, behind)) = after.split_once(close) else { break };
        kept += before;
        kept.push(' ');
        rest = behind;
    }
    kept + rest
}
