//! The tables of the guides that say what becomes of each attribute: by a change, held against the schema, whose
//! descriptions say it too; and after an import, held against the models.

use std::collections::{BTreeMap, BTreeSet};

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

#[test]
fn the_guide_on_importing_names_what_is_adopted_from_the_configuration() {
    let text = read(&file("docs/guides/importing.md"));
    let (_, table) = text.split_once("| type | adopted").expect("the table");
    let models: [(&str, &[&str]); 10] = [
        ("novita_gpu_instance", &["novita/instance/container.rs", "novita/instance/gpu.rs"]),
        ("novita_cpu_instance", &["novita/instance/container.rs", "novita/instance/cpu.rs"]),
        ("novita_endpoint", &["novita/endpoint.rs"]),
        ("novita_network_storage", &["novita/network_storage.rs"]),
        ("novita_network", &["novita/network.rs"]),
        ("novita_image_prewarm", &["novita/image_prewarm.rs"]),
        ("novita_registry_auth", &["novita/registry_auth.rs"]),
        ("novacloud_vm", &["novacloud/vm.rs"]),
        ("novita_template", &["novita/template.rs"]),
        ("novacloud_ssh_key", &["novacloud/ssh_key.rs"]),
    ];
    for (kind, files) in models {
        let row = table.lines().find(|it| it.starts_with(&format!("| `{kind}`"))).expect("a row");
        let told: BTreeSet<_> = row.split('`').skip(3).step_by(2).map(str::to_owned).collect();
        let files = files.iter().map(|it| read(&file(&format!("src/provider/{it}"))));
        let adopted: BTreeSet<_> = files.flat_map(|it| adopted(&it)).collect();
        assert_eq!(told, adopted, "the row of {kind} in docs/guides/importing.md");
    }
}

#[test]
fn a_field_that_is_adopted_is_found_in_its_model() {
    let model = "#[tf(required, replace, not_returned, len = 1..=2)]\npub(crate) one: Attr<i64>,\n#[tf(optional)]\n\
                 pub(crate) two: Attr<i64>,\n#[tf(\n  not_returned,\n  via = \"(a)\"\n)]\npub(crate) three: Attr<i64>,\n";
    assert_eq!(adopted(model), ["one", "three"]);
}

/// The fields of a model whose attribute says `not_returned`.
fn adopted(model: &str) -> Vec<String> {
    let fields = model.split("#[tf(").skip(1).filter_map(|it| it.split_once("pub(crate) "));
    let words = |options: &str| options.split([',', '(', ')', ' ', '\n']).any(|it| it == "not_returned");
    let adopted = fields.filter(|(options, _)| words(options));
    adopted.filter_map(|(_, rest)| Some(rest.split_once(':')?.0.to_owned())).collect()
}

/// The attributes whose descriptions speak of a change, and whether that always creates another machine.
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
