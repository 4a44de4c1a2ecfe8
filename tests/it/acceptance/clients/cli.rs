//! Terraform and OpenTofu themselves.

use mock_cloud::{Effect, Fault, MockCloud};
use serde_json::Value;

use super::mirror::{Mirror, VERSION};
use super::table::{Line, Task};
use crate::acceptance::{PROVIDER, TYPE, World, machine};
use crate::cli::{Cli, Workspace};

pub(super) fn line(cli: &Cli, mirror: &Mirror) -> Line {
    let world = World::new(cli, &machine("this", &[]));
    world.workspace.configure_cli(&mirror.settings());
    let told = world.workspace.run(&["version", "-json"]).succeeded().json();
    let version = told["terraform_version"].as_str().expect("a version");
    let mut line = Line::of_version(if cli.name == "tofu" { "OpenTofu" } else { "Terraform" }, version);

    line.cell(Task::Install, || {
        world.workspace.init().succeeded().says(&[&format!("Installed novita/novita v{VERSION}")]);
    });
    line.cell(Task::Schema, || {
        let schemas = world.workspace.run(&["providers", "schema", "-json"]).succeeded().json();
        let schema = &schemas["provider_schemas"][format!("{}/novita/novita", cli.default_host)];
        for kind in [TYPE, "novacloud_vm"] {
            assert!(schema["resource_schemas"][kind].is_object(), "The schema has no {kind}.");
        }
    });
    line.cell(Task::Create, || {
        world.workspace.apply().says(&["1 added, 0 changed, 0 destroyed"]);
        world.workspace.assert_nothing_to_do();
        assert_alive(&world.cloud, &id(&world.workspace));
    });
    line.cell(Task::Import, || imports(cli, mirror, &world));
    line.cell(Task::Change, || {
        let before = id(&world.workspace);
        world.configure(&machine("this", &[("image_url", "\"docker.io/acme/trainer:1.5\"")]));
        world.workspace.apply().says(&["0 added, 1 changed, 0 destroyed"]);
        world.workspace.assert_nothing_to_do();
        assert_alive(&world.cloud, &before);
    });
    if cli.is_newest {
        line.cell(Task::List, || lists(cli, mirror, &world));
    }
    line.cell(Task::Replace, || {
        let before = id(&world.workspace);
        world.configure(&machine("this", &[("gpu_num", "2")]));
        world.workspace.apply().says(&["1 added, 0 changed, 1 destroyed"]);
        world.workspace.assert_nothing_to_do();
        assert_ne!(id(&world.workspace), before, "The machine was not replaced.");
        assert_alive(&world.cloud, &id(&world.workspace));
    });
    line.cell(Task::Destroy, || {
        world.workspace.destroy().says(&["1 destroyed"]);
        assert!(world.cloud.alive().is_empty(), "A machine is left.");
    });
    line.cell(Task::FailedCreate, || {
        world.cloud.faults().push(broken_image());
        world.workspace.try_apply().failed().says(&["manifest unknown"]);
        assert_eq!(world.workspace.in_state(TYPE, "this")["status"], "tainted");
        assert_alive(&world.cloud, &id(&world.workspace));
        world.workspace.apply().says(&["1 added, 0 changed, 1 destroyed"]);
        world.workspace.destroy();
        assert!(world.cloud.alive().is_empty(), "A machine is left.");
    });
    line
}

/// The next machine is made, and never runs.
pub(super) fn broken_image() -> Fault {
    let status = Some("exited".to_owned());
    let broken = Effect::StatusError { message: "manifest unknown".to_owned(), status };
    Fault::new("POST", "/gpu/instance/create", broken)
}

/// Exactly this machine costs money.
pub(super) fn assert_alive(cloud: &MockCloud, id: &str) {
    let alive: Vec<_> = cloud.alive().into_iter().map(|it| it.id).collect();
    assert_eq!(alive, [id], "What costs money is not what the client knows.");
}

/// A workspace beside the first that installs from the mirror.
fn another(cli: &Cli, mirror: &Mirror, world: &World, resources: &str) -> Workspace {
    let workspace = world.another_workspace(cli, resources);
    workspace.configure_cli(&mirror.settings());
    workspace
}

fn imports(cli: &Cli, mirror: &Mirror, world: &World) {
    let id = id(&world.workspace);
    let block = format!("import {{\n  to = {TYPE}.this\n  id = \"{id}\"\n}}\n");
    let imported = another(cli, mirror, world, &format!("{}{block}", machine("this", &[])));
    imported.init().succeeded();
    imported.apply().says(&["1 imported, 0 added", "0 destroyed"]);
    imported.assert_nothing_to_do();
    assert_alive(&world.cloud, &id);
}

fn lists(cli: &Cli, mirror: &Mirror, world: &World) {
    let query = another(cli, mirror, world, "");
    query.write("all.tfquery.hcl", &format!("list \"{TYPE}\" \"all\" {{\n  provider = novita\n}}\n"));
    query.init().succeeded();
    let events = query.run(&["query", "-json"]).succeeded().json_lines();
    let found: Vec<&Value> = events.iter().filter(|it| it["type"] == "list_resource_found").collect();
    let ids: Vec<&Value> = found.iter().map(|it| &it["list_resource_found"]["identity"]["id"]).collect();
    assert_eq!(ids, [id(&world.workspace).as_str()], "The list is not what there is.");
    query.run(&["query", "-no-color", "-generate-config-out=generated.tf"]).succeeded();
    let generated = std::fs::read_to_string(query.directory().join("generated.tf")).expect("a configuration");
    query.write("main.tf", PROVIDER);
    query.plan(&[]).says(&["1 to import, 0 to add, 0 to change, 0 to destroy"]);
    assert!(generated.contains("import {"), "There is no import block.");
}

fn id(workspace: &Workspace) -> String {
    workspace.in_state(TYPE, "this")["attributes"]["id"].as_str().expect("an id in the state").to_owned()
}
