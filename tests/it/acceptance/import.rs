//! Machines that exist already: taken over by an import block or by the import command.

use super::{PROVIDER, TYPE, World, machine, on_every_cli};
use crate::cli::{Cli, Workspace, quoted};

/// Everything that the API gives back, so that a plan after an import has nothing to compare but equals.
const READABLE: &[(&str, &str)] = &[
    ("name", "\"trainer\""),
    ("ports", "[\"8080/http\", \"22/tcp\"]"),
    ("envs", "{ MODE = \"train\" }"),
    ("command", "\"python run.py\""),
];

/// What the API never gives back.
const UNREADABLE: &[(&str, &str)] = &[("image_auth", "\"me:secret\""), ("min_cuda_version", "\"12.4\"")];

#[test]
fn an_imported_machine_needs_no_change() {
    on_every_cli(|cli| {
        let configuration = machine("this", READABLE);
        let world = World::new(cli, &configuration);
        world.workspace.apply();
        let id = id_of(&world);

        let by_command = world.another_workspace(cli, &configuration);
        by_command.run(&["import", "-input=false", "-no-color", &format!("{TYPE}.this"), &id]).succeeded();
        by_command.apply().says(&["0 added", "0 destroyed"]);
        by_command.assert_nothing_to_do();
        assert_eq!(by_command.in_state(TYPE, "this")["attributes"]["id"], id.as_str());

        let by_block = world.another_workspace(cli, &format!("{configuration}{}", import_block(&id)));
        by_block.apply().says(&["1 imported, 0 added", "0 destroyed"]);
        by_block.assert_nothing_to_do();
        assert_eq!(world.changes(), ["/gpu/instance/create"]);
    });
}

#[test]
fn what_is_never_read_back_is_adopted_without_a_call() {
    on_every_cli(|cli| {
        let all: Vec<(&str, &str)> = READABLE.iter().chain(UNREADABLE).copied().collect();
        let world = World::new(cli, &machine("this", &all));
        world.workspace.apply();
        let id = id_of(&world);

        let configuration = format!("{}{}", machine("this", &all), import_block(&id));
        let imported = world.another_workspace(cli, &configuration);
        imported.apply().says(&["1 imported, 0 added, 1 changed, 0 destroyed"]);
        imported.assert_nothing_to_do();
        assert_eq!(imported.in_state(TYPE, "this")["attributes"]["min_cuda_version"], "12.4");
        assert_eq!(world.changes(), ["/gpu/instance/create"], "adopting a value changes no machine");
    });
}

#[test]
fn a16_what_is_never_read_back_is_adopted_however_many_applies_lie_between() {
    on_every_cli(|cli| {
        let world = World::new(cli, &machine("this", READABLE));
        world.workspace.apply();
        let imported = imported(cli, &world);
        let mut lines: Vec<(&str, &str)> = READABLE[..3].to_vec();
        // One apply with a call, and one without.
        for change in [("command", "\"python walk.py\""), ("wait_for_ready", "false")] {
            lines.push(change);
            imported.write("main.tf", &format!("{PROVIDER}{}", machine("this", &lines)));
            imported.apply().says(&["0 added, 1 changed, 0 destroyed"]);
        }
        let before = world.changes().len();
        lines.extend(UNREADABLE);
        imported.write("main.tf", &format!("{PROVIDER}{}", machine("this", &lines)));
        imported.apply().says(&["0 added, 1 changed, 0 destroyed"]);
        imported.assert_nothing_to_do();
        assert_eq!(world.changes_since(before), Vec::<String>::new());
    });
}

#[test]
fn what_the_api_said_is_empty_is_not_adopted() {
    on_every_cli(|cli| {
        let world = World::plain(cli, &machine("this", READABLE));
        world.workspace.apply();
        let imported = imported(cli, &world);
        imported.assert_nothing_to_do();
        let tools = ("tools", "[{ name = \"Jupyter\", port = 8888, type = \"http\" }]");
        let lines: Vec<(&str, &str)> = READABLE.iter().copied().chain([tools]).collect();
        imported.write("main.tf", &format!("{PROVIDER}{}", machine("this", &lines)));
        assert_eq!(imported.planned_actions(&format!("{TYPE}.this")), ["delete", "create"]);
        imported.apply();
        imported.assert_nothing_to_do();
        assert_eq!(world.bodies("/gpu/instance/create")[1]["tools"][0]["port"], "8888");
    });
}

/// Another directory that has imported the machine of this world.
fn imported(cli: &Cli, world: &World) -> Workspace {
    let workspace = world.another_workspace(cli, &machine("this", READABLE));
    let address = format!("{TYPE}.this");
    workspace.run(&["import", "-input=false", "-no-color", &address, &id_of(world)]).succeeded();
    workspace
}

#[test]
fn importing_what_does_not_exist_is_an_error() {
    on_every_cli(|cli| {
        let world = World::new(cli, &machine("this", &[]));
        let output =
            world.workspace.run(&["import", "-input=false", "-no-color", &format!("{TYPE}.this"), "nobody"]);
        output.failed().says(&["nobody"]);
        assert!(world.changes().is_empty());
    });
}

fn id_of(world: &World) -> String {
    world.attribute("this", "id").as_str().expect("an id is a text").to_owned()
}

fn import_block(id: &str) -> String {
    format!("import {{\n  to = {TYPE}.this\n  id = {}\n}}\n", quoted(id))
}
