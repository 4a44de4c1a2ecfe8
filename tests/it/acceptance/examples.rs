//! What is shown to users: the schema and the files under `examples/`, as the CLIs see them.

use std::path::{Path, PathBuf};

use mock_cloud::MockCloud;
use serde_json::Value;

use super::{PROVIDER, fills_in, on_every_cli};
use crate::cli::{Cli, Workspace};

#[test]
fn every_attribute_is_described() {
    on_every_cli(|cli| {
        let workspace = Workspace::new(cli, PROVIDER);
        let schemas = workspace.run(&["providers", "schema", "-json"]).succeeded().json();
        let source = format!("{}/novita/novita", cli.default_host);
        let provider = &schemas["provider_schemas"][&source];
        let mut mute = Vec::new();
        look_for_mute(&provider["provider"]["block"], "provider", &mut mute);
        let resources = provider["resource_schemas"].as_object().expect("resource schemas");
        assert!(resources.contains_key("novita_gpu_instance"), "{schemas:#}");
        for (kind, schema) in resources {
            look_for_mute(&schema["block"], kind, &mut mute);
        }
        let sources = provider["data_source_schemas"].as_object().expect("data source schemas");
        for (kind, schema) in sources {
            look_for_mute(&schema["block"], &format!("data.{kind}"), &mut mute);
        }
        assert!(
            mute.is_empty(),
            "without a description, or with one that is no sentence:\n{}",
            mute.join("\n")
        );
    });
}

#[test]
fn demand_26_each_client_loads_the_whole_schema() {
    on_every_cli(|cli| {
        let workspace = Workspace::new(cli, PROVIDER);
        workspace.run(&["validate", "-no-color"]).succeeded();
        let schemas = workspace.run(&["providers", "schema", "-json"]).succeeded().json();
        let source = format!("{}/novita/novita", cli.default_host);
        let names = |part: &str| -> Vec<String> {
            let schemas = schemas["provider_schemas"][&source][part].as_object();
            schemas.into_iter().flatten().map(|(name, _)| name.clone()).collect()
        };
        let resources = [
            "novacloud_vm",
            "novita_cpu_instance",
            "novita_endpoint",
            "novita_gpu_instance",
            "novita_network_storage",
        ];
        assert_eq!(names("resource_schemas"), resources);
        let sources = names("data_source_schemas");
        assert!(sources.len() > resources.len(), "{sources:?}");
        assert!(resources.iter().all(|it| sources.iter().any(|source| source == it)), "{sources:?}");
    });
}

/// Collects the paths of attributes, at any depth, that say nothing about themselves.
fn look_for_mute(block: &Value, path: &str, mute: &mut Vec<String>) {
    for (name, attribute) in block["attributes"].as_object().into_iter().flatten() {
        let here = format!("{path}.{name}");
        let description = attribute["description"].as_str().unwrap_or_default();
        if !description.trim_end().ends_with('.') {
            mute.push(here.clone());
        }
        look_for_mute(&attribute["nested_type"], &here, mute);
    }
    for (name, nested) in block["block_types"].as_object().into_iter().flatten() {
        look_for_mute(&nested["block"], &format!("{path}.{name}"), mute);
    }
}

#[test]
fn the_examples_are_formatted() {
    on_every_cli(|cli| {
        let workspace = Workspace::new(cli, "");
        let examples = examples().display().to_string();
        workspace.run(&["fmt", "-check", "-diff", "-recursive", "-no-color", &examples]).succeeded();
    });
}

#[test]
fn each_resource_example_is_applied_imported_and_destroyed() {
    let examples = resource_examples();
    assert!(!examples.is_empty(), "no resource has an example");
    on_every_cli(|cli| examples.iter().for_each(|example| live_through(cli, example)));
}

fn live_through(cli: &Cli, example: &Path) {
    let cloud = MockCloud::start(fills_in());
    let seeded = cloud.storages();
    let provider = read(&examples().join("provider/provider.tf"));
    let mut workspace = Workspace::new(cli, &read(&example.join("resource.tf")));
    workspace.write("provider.tf", &provider);
    // An override only adds to the block; the example stays as the reader sees it.
    workspace.write("test_override.tf", "provider \"novita\" {\n  poll_interval = \"20ms\"\n}\n");
    workspace.set("NOVITA_BASE_URL", &cloud.novita_url());
    workspace.set("NOVITA_API_KEY", cloud.api_key());
    workspace.set("NOVACLOUD_BASE_URL", &cloud.novacloud_url());
    workspace.set("NOVACLOUD_API_KEY", cloud.novacloud_api_key());
    workspace.run(&["validate", "-no-color"]).succeeded();
    workspace.apply();
    workspace.assert_nothing_to_do();

    let (address, _) = import_command(&read(&example.join("import.sh")));
    let (kind, name) = address.split_once('.').expect("an address has a type and a name");
    let id =
        workspace.in_state(kind, name)["attributes"]["id"].as_str().expect("the example makes it").to_owned();
    workspace.run(&["state", "rm", &address]).succeeded();
    workspace.run(&["import", "-input=false", "-no-color", &address, &id]).succeeded();
    // What the platform has filled in, and the configuration leaves out, replaces nothing.
    workspace.apply().says(&["0 added", "0 destroyed"]);
    workspace.assert_nothing_to_do();
    workspace.destroy();
    assert!(cloud.alive().is_empty(), "{} left something alive: {:?}", example.display(), cloud.alive());
    assert_eq!(cloud.storages(), seeded, "{}", example.display());
}

/// The address and the id in the one command of an `import.sh`.
fn import_command(script: &str) -> (String, String) {
    let command = script.lines().find(|line| !line.starts_with('#') && !line.trim().is_empty());
    let words: Vec<&str> = command.unwrap_or_default().split_whitespace().collect();
    let ["terraform", "import", address, id] = words[..] else { panic!("no import command in:\n{script}") };
    (address.to_owned(), id.to_owned())
}

fn resource_examples() -> Vec<PathBuf> {
    let folder = examples().join("resources");
    let entries = std::fs::read_dir(&folder).expect("examples/resources");
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.expect("an example").path()).collect();
    folders.sort();
    folders
}

pub(super) fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

pub(super) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
