//! The tables of the guide on money that say what a change of each attribute does, held against the schema, whose
//! descriptions say it too.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{file, read, schema};
use crate::cli::Cli;

/// How a description ends whose attribute cannot be changed in place at all.
const REPLACES: &str = "Changing it replaces the resource.";

#[test]
fn the_guide_on_money_says_of_each_attribute_what_its_change_does() {
    let text = read(&file("docs/guides/money.md"));
    let mut wrong = Vec::new();
    for cli in Cli::all() {
        let schema = schema(&cli);
        for (kind, resource) in schema["resource_schemas"].as_object().expect("resources") {
            let rows = rows(&text, kind);
            let attributes = changeable(&resource["block"]);
            for (name, replaces) in &attributes {
                match &rows.get(name).map_or(&[][..], Vec::as_slice) {
                    [told] if told == replaces => {}
                    [_] => wrong.push(format!("{kind}.{name}: it replaces: {replaces}")),
                    told => wrong.push(format!("{kind}.{name}: stands in {} rows", told.len())),
                }
            }
            let unknown = rows.keys().filter(|it| !attributes.contains_key(*it) && *it != "timeouts");
            wrong.extend(unknown.map(|it| format!("{kind}.{it}: cannot be changed or does not exist")));
        }
    }
    assert!(wrong.is_empty(), "docs/guides/money.md:\n{}", wrong.join("\n"));
}

/// The attributes whose descriptions speak of a change, and whether that always makes another machine.
fn changeable(block: &Value) -> BTreeMap<String, bool> {
    let attributes = block["attributes"].as_object().expect("attributes").iter();
    let configurable = attributes.filter(|(_, it)| it["required"] == true || it["optional"] == true);
    let changeable = configurable.filter(|(_, it)| it["write_only"] != true);
    let text = |it: &Value| it["description"].as_str().unwrap_or_default().to_owned();
    changeable.map(|(name, it)| (name.clone(), text(it).ends_with(REPLACES))).collect()
}

/// The rows of a type's table: each attribute with whether the row says that it replaces, once for each row.
fn rows(text: &str, kind: &str) -> BTreeMap<String, Vec<bool>> {
    let (_, section) =
        text.split_once(&format!("### `{kind}`")).unwrap_or_else(|| panic!("no table of {kind}"));
    let section = section.split("\n### ").next().unwrap_or_default();
    let mut rows: BTreeMap<String, Vec<bool>> = BTreeMap::new();
    for line in section.lines().filter(|it| it.starts_with("| `")) {
        let mut cells = line.trim_matches('|').split('|');
        let (names, effect) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        for name in names.split('`').skip(1).step_by(2) {
            rows.entry(name.to_owned()).or_default().push(effect.trim().starts_with("Replaces"));
        }
    }
    rows
}
