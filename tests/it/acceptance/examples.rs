//! What is shown to users: the schema and the files under `examples/`, as the CLIs see them.

use std::path::{Path, PathBuf};

use mock_cloud::MockCloud;
use serde_json::Value;

use super::{PROVIDER, World, fills_in, on_every_cli, on_newest_cli};
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
        let parts = ["resource_schemas", "data_source_schemas", "ephemeral_resource_schemas"];
        let newer = ["list_resource_schemas", "action_schemas"];
        let identities = ["resource_identity_schemas"];
        for part in parts.iter().chain(newer.iter().filter(|_| cli.is_newest)) {
            let kinds = provider[part].as_object().unwrap_or_else(|| panic!("{cli:?}: {part}"));
            assert!(kinds.keys().any(|it| it.starts_with("novita_")), "{part}: {schemas:#}");
            for (kind, schema) in kinds {
                assert!(schema["block"]["description"].is_string(), "{part}: {kind} is described");
                look_for_mute(&schema["block"], &format!("{part}.{kind}"), &mut mute);
            }
        }
        for part in identities.iter().filter(|_| cli.keeps_identities) {
            for (kind, schema) in provider[part].as_object().expect("identities") {
                look_for_mute(schema, &format!("{part}.{kind}"), &mut mute);
            }
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
            "novacloud_ssh_key",
            "novacloud_vm",
            "novita_cpu_instance",
            "novita_endpoint",
            "novita_gpu_instance",
            "novita_image_prewarm",
            "novita_network",
            "novita_network_storage",
            "novita_registry_auth",
            "novita_template",
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
    let examples = examples_of("resources");
    on_every_cli(|cli| examples.iter().for_each(|example| live_through(cli, example)));
}

fn live_through(cli: &Cli, example: &Path) {
    let cloud = MockCloud::start(fills_in());
    let companions = || {
        cloud.with_novita(|it| {
            (
                it.storages.clone(),
                it.networks.clone(),
                it.registry_auths.clone(),
                it.prewarms.len(),
                it.templates.clone(),
            )
        })
    };
    let seeded = (companions(), cloud.ssh_keys());
    let workspace = applied(cli, &cloud, &example.join("resource.tf"));

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
    assert_eq!((companions(), cloud.ssh_keys()), seeded, "{}", example.display());
}

/// The values that examples ask for.
const VARIABLES: [(&str, &str); 4] = [
    ("TF_VAR_notebook_token", "a-token-of-a-test"),
    ("TF_VAR_registry_token", "a-token-of-a-test"),
    ("TF_VAR_llm_api_key", "a-key-of-a-test"),
    ("TF_VAR_vm_password", "a-password-of-a-test"),
];

/// The example in a workspace of its own, valid, applied, and with nothing left to do.
fn applied(cli: &Cli, cloud: &MockCloud, example: &Path) -> Workspace {
    let mut workspace = Workspace::new(cli, &read(example));
    workspace.write("provider.tf", &read(&examples().join("provider/provider.tf")));
    // An override only adds to the block; the example stays as the reader sees it.
    workspace.write("test_override.tf", "provider \"novita\" {\n  poll_interval = \"20ms\"\n}\n");
    workspace.set("NOVITA_BASE_URL", &cloud.novita_url());
    workspace.set("NOVITA_API_KEY", cloud.api_key());
    workspace.set("NOVACLOUD_BASE_URL", &cloud.novacloud_url());
    workspace.set("NOVACLOUD_API_KEY", cloud.novacloud_api_key());
    VARIABLES.iter().for_each(|(name, value)| workspace.set(name, value));
    workspace.run(&["validate", "-no-color"]).succeeded();
    workspace.apply();
    workspace.assert_nothing_to_do();
    workspace
}

/// The further examples of a resource, which its page shows below titles.
#[test]
fn each_further_resource_example_is_applied_and_destroyed() {
    let folders = examples_of("resources").into_iter();
    let files = folders
        .flat_map(|it| std::fs::read_dir(it).expect("an example").map(|it| it.expect("a file").path()));
    let name = |it: &Path| it.file_name().expect("a name").to_string_lossy().into_owned();
    let further: Vec<_> = files.filter(|it| name(it).starts_with("resource_")).collect();
    assert!(further.len() >= 11, "{further:?}");
    on_every_cli(|cli| {
        for example in &further {
            let cloud = MockCloud::start(fills_in());
            let workspace = applied(cli, &cloud, example);
            // What is prepaid and protected stays.
            if !name(example).contains("monthly") {
                workspace.destroy();
                assert!(cloud.alive().is_empty(), "{} left {:?}", example.display(), cloud.alive());
            }
        }
    });
}

/// The address and the id in the one command of an `import.sh`.
fn import_command(script: &str) -> (String, String) {
    let command = script.lines().find(|line| !line.starts_with('#') && !line.trim().is_empty());
    let words: Vec<&str> = command.unwrap_or_default().split_whitespace().collect();
    let ["terraform", "import", address, id] = words[..] else { panic!("no import command in:\n{script}") };
    (address.to_owned(), id.to_owned())
}

/// Actions have folders of their own, since clients before Terraform 1.14 refuse the block.
#[test]
fn each_action_example_is_applied_run_and_destroyed() {
    on_newest_cli(|cli| {
        for example in examples_of("actions") {
            let kind = example.file_name().expect("a type").to_string_lossy().into_owned();
            let world = World::new(cli, &read(&example.join("action.tf")));
            world.workspace.run(&["validate", "-no-color"]).succeeded();
            world.workspace.apply();
            world.workspace.assert_nothing_to_do();
            let before = world.changes().len();
            let invoke = format!("-invoke=action.{kind}.trainer");
            world
                .workspace
                .run(&["apply", "-input=false", "-no-color", "-auto-approve", &invoke])
                .succeeded();
            assert_eq!(world.changes_since(before).len(), 1, "{kind}: it has done one thing");
            world.workspace.assert_nothing_to_do();
            // What is prepaid cannot be removed before its term is over.
            if kind != "novita_renew_instance" {
                world.workspace.destroy();
                assert!(world.cloud.alive().is_empty(), "{kind}");
            }
        }
    });
}

#[test]
fn what_an_action_example_is_bound_to_runs_it() {
    on_newest_cli(|cli| {
        let example = read(&examples().join("actions/novita_restart_instance/action.tf"));
        let mut world = World::new(cli, &example);
        world.workspace.apply();
        let before = world.changes().len();
        world.workspace.set("TF_VAR_data_version", "2");
        world.workspace.apply();
        assert_eq!(world.changes_since(before), ["/gpu/instance/restart"]);
    });
}

#[test]
fn each_list_resource_example_is_valid_and_queried() {
    on_newest_cli(|cli| {
        for example in examples_of("list-resources") {
            let kind = example.file_name().expect("a type").to_string_lossy().into_owned();
            let mut world =
                World::new(cli, &read(&examples().join("resources").join(&kind).join("resource.tf")));
            VARIABLES.iter().for_each(|(name, value)| world.workspace.set(name, value));
            world.workspace.apply();
            let text = read(&example.join("list-resource.tfquery.hcl"));
            let query = world.another_workspace(cli, "");
            query.write("list-resource.tfquery.hcl", &text);
            query.run(&["validate", "-query", "-no-color"]).succeeded();
            let lines = query.run(&["query", "-json"]).succeeded().json_lines();
            let ended = lines.iter().filter(|it| it["type"] == "list_complete").count();
            assert_eq!(ended, text.matches("\nlist \"").count(), "{kind}: each list is whole");
        }
    });
}

/// Nothing listens where the mock says that SSH does, so what would run there runs here.
#[test]
fn each_ephemeral_example_is_applied_and_destroyed() {
    on_every_cli(|cli| {
        for example in examples_of("ephemeral-resources") {
            let world = World::new(cli, &read(&example.join("ephemeral-resource.tf")));
            let here = "resource \"terraform_data\" \"prepared\" {\n  provisioner \"local-exec\" {\n    command = \
                        \"test -n \\\"$PASSWORD\\\"\"\n    environment = {\n      PASSWORD = \
                        ephemeral.novita_instance_access.trainer.ssh_password\n    }\n  }\n}\n";
            world.workspace.write("here_override.tf", here);
            world.workspace.run(&["validate", "-no-color"]).succeeded();
            world.workspace.apply();
            world.workspace.assert_nothing_to_do();
            let id = world.workspace.in_state(super::TYPE, "trainer")["attributes"]["id"].clone();
            let shown = world.cloud.instance(id.as_str().expect("an id")).expect("it exists");
            let password = shown["sshPassword"].as_str().filter(|it| !it.is_empty()).expect("a password");
            assert!(!world.workspace.state().to_string().contains(password), "{}", example.display());
            world.workspace.destroy();
        }
    });
}

/// The folders of the examples of one part of the schema, which are called like their types.
fn examples_of(part: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(examples().join(part)).expect("a folder of examples");
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.expect("an example").path()).collect();
    folders.sort();
    assert!(!folders.is_empty(), "no example of {part}");
    folders
}

pub(super) fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

pub(super) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
