//! Identities in states, and imports by them.

use serde_json::{Value, json};

use super::four::FOUR;
use super::{World, machine, on_every_cli};
use crate::cli::{Cli, Workspace};

fn identity_of(workspace: &Workspace, kind: &str, name: &str) -> Value {
    workspace.in_state(kind, name)["identity"].clone()
}

fn all_four() -> String {
    FOUR.iter().map(|it| it.with(&[])).collect()
}

#[test]
fn n4_each_state_has_the_identity_of_its_object_where_the_client_keeps_it() {
    on_every_cli(|cli| {
        let world = World::new(cli, &all_four());
        world.workspace.apply();
        world.workspace.assert_nothing_to_do();
        for it in &FOUR {
            let id = &world.workspace.in_state(it.kind, "this")["attributes"]["id"];
            let expected = if cli.keeps_identities { json!({ "id": id }) } else { Value::Null };
            assert_eq!(identity_of(&world.workspace, it.kind, "this"), expected, "{}", it.kind);
        }
        world.workspace.destroy();
    });
}

#[test]
fn each_is_imported_by_identity_as_by_id() {
    on_every_cli(|cli| {
        if !cli.keeps_identities {
            return refuses_identities(cli);
        }
        let world = World::new(cli, &all_four());
        world.workspace.apply();
        let before = world.changes().len();
        let block = |it: &super::four::Whole| {
            let id = world.workspace.in_state(it.kind, "this")["attributes"]["id"].clone();
            let provider = if it.kind.starts_with("novita_") { "" } else { "  provider = novita\n" };
            format!("import {{\n{provider}  to = {}.this\n  identity = {{ id = {id} }}\n}}\n", it.kind)
        };
        let blocks: String = FOUR.iter().map(block).collect();
        let imported = world.another_workspace(cli, &blocks);
        imported.plan(&["-generate-config-out=generated.tf"]).says(&["4 to import, 0 to add, 0 to change"]);
        imported.apply().says(&["4 imported, 0 added, 0 changed, 0 destroyed"]);
        imported.assert_nothing_to_do();
        for it in &FOUR {
            let of = |workspace: &Workspace| workspace.in_state(it.kind, "this");
            assert_eq!(of(&imported)["identity"], of(&world.workspace)["identity"]);
            assert_eq!(of(&imported)["attributes"]["id"], of(&world.workspace)["attributes"]["id"]);
        }
        assert_eq!(world.changes_since(before), Vec::<String>::new());
    });
}

/// A client that does not know identities says so itself, and asks nothing of the provider.
fn refuses_identities(cli: &Cli) {
    let hcl = format!("import {{\n  to = {}.this\n  identity = {{ id = \"x\" }}\n}}\n", FOUR[0].kind);
    let world = World::new(cli, &format!("{}{hcl}", FOUR[0].with(&[])));
    world.workspace.plan(&[]).failed().says(&["identity"]);
    assert_eq!(world.cloud.requests().len(), 0);
}

#[test]
fn n9_n10_an_identity_that_names_nothing_is_refused() {
    on_every_cli(|cli| {
        if !cli.keeps_identities {
            return refuses_identities(cli);
        }
        let world = World::new(cli, "");
        for (identity, words) in [
            ("{ id = null }", "`id` is missing or empty"),
            ("{ id = \"\" }", "`id` is missing or empty"),
            ("{ id = \"two words\" }", "Invalid id to import"),
        ] {
            let block = format!("import {{\n  to = {}.this\n  identity = {identity}\n}}\n", FOUR[0].kind);
            world.configure(&format!("{}{block}", FOUR[0].with(&[])));
            world.workspace.plan(&[]).failed().says(&[words]);
        }
        assert_eq!(world.cloud.requests().iter().filter(|it| it.path.contains("instance")).count(), 0);
        // Of another account: its id is none here.
        let block = format!(
            "import {{\n  to = {}.this\n  identity = {{ id = \"6c1be0a94d27f3e8\" }}\n}}\n",
            FOUR[0].kind
        );
        world.configure(&format!("{}{block}", FOUR[0].with(&[])));
        world.workspace.plan(&[]).failed().says(&["Nothing to import", "6c1be0a94d27f3e8"]);
        assert_eq!(world.changes(), Vec::<String>::new());
    });
}

/// What an older client leaves behind has no identities: the next client's refresh brings them, and plans nothing.
#[test]
fn n8_a_state_without_identities_gains_them_with_an_empty_plan() {
    let clis = Cli::all();
    let (Some(old), newer) = (
        clis.iter().find(|it| !it.keeps_identities),
        clis.iter().filter(|it| it.is_newest).collect::<Vec<_>>(),
    ) else {
        panic!("this needs the oldest supported Terraform")
    };
    for new in newer {
        let world = World::new(old, &machine("this", &[]));
        world.workspace.apply();
        assert_eq!(identity_of(&world.workspace, super::TYPE, "this"), Value::Null);
        let state = std::fs::read_to_string(world.workspace.directory().join("terraform.tfstate")).unwrap();
        let later = world.another_workspace(new, &machine("this", &[]));
        later.write("terraform.tfstate", &state);
        later.assert_nothing_to_do();
        later.run(&["apply", "-refresh-only", "-auto-approve", "-no-color"]).succeeded();
        assert_eq!(identity_of(&later, super::TYPE, "this"), json!({ "id": world.attribute("this", "id") }));
        later.assert_nothing_to_do();
    }
}
