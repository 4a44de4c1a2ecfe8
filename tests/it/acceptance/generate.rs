//! Configurations that a CLI writes for what exists already: taken as they are, they plan empty, and what the
//! API never returned is asked for only where something would have to be made.

use mock_cloud::{AnswerStyle, Options};

use super::four::{CPU, ENDPOINT, GPU, VM, Whole};
use super::{PROVIDER, World, fills_in, on_every_cli};
use crate::cli::{Cli, Workspace};

type Lines = &'static [(&'static str, &'static str)];

/// What each resource may look like when it is imported, besides having everything.
const SHAPES: &[(&Whole, &str, Lines)] = &[
    (&GPU, "whole", &[]),
    (&GPU, "unread", GPU.unread),
    (&GPU, "spot", &[("billing_mode", "\"spot\"")]),
    (&GPU, "monthly", &[("month", "1"), ("auto_renew", "true"), ("auto_renew_month", "3")]),
    (&GPU, "stopped", &[("desired_status", "\"stopped\"")]),
    (&GPU, "secret", &[("secret_envs", "{ TOKEN = \"t\" }")]),
    (&CPU, "whole", &[]),
    (&CPU, "unread", CPU.unread),
    (&CPU, "bare", &[("ports", "null"), ("tools", "null")]),
    (&ENDPOINT, "whole", &[]),
    (
        &ENDPOINT,
        "bare",
        &[("app_name", "null"), ("envs", "null"), ("volume_mounts", "null"), ("cluster_id", "null")],
    ),
    (&VM, "password", VM.unread),
    (&VM, "reserved", RESERVED),
    (&VM, "stopped", &[("desired_status", "\"stopped\"")]),
];

const RESERVED: Lines = &[("rental_type", "\"reserved\""), ("reservation_months", "3")];

#[test]
fn each_generated_configuration_plans_empty() {
    on_every_cli(|cli| plan_empty(cli, AnswerStyle::default()));
}

#[test]
fn it_plans_empty_where_the_api_tells_less_and_in_other_words() {
    on_every_cli(|cli| plan_empty(cli, AnswerStyle::loosest()));
}

fn plan_empty(cli: &Cli, style: AnswerStyle) {
    let made: String = SHAPES.iter().map(|(whole, name, lines)| whole.named(name, lines)).collect();
    let world = World::with(cli, &made, Options { style, ..fills_in() });
    world.workspace.apply();
    let before = world.changes().len();
    let generated = generate(cli, &world, SHAPES);
    generated.apply().says(&["14 imported, 0 added, 0 changed, 0 destroyed"]);
    generated.assert_nothing_to_do();
    assert_eq!(world.changes_since(before), Vec::<String>::new());
}

/// What helps where a CLI looks for the provider of import blocks under another address, as Terraform 1.16.0 to 1.16.2 do.
#[test]
fn a_provider_in_the_import_block_generates_and_has_to_go_before_the_next_plan() {
    on_every_cli(|cli| {
        let world = World::new(cli, &GPU.named("one", &[]));
        world.workspace.apply();
        let id = world.attribute("one", "id");
        let import = GPU.import_block_named("one", id.as_str().expect("an id is a text"));
        let with_provider = import.replace("import {", "import {\n  provider = novita\n");
        let imported = world.another_workspace(cli, &with_provider);
        imported.plan(&["-generate-config-out=generated.tf"]).says(&["1 to import, 0 to add"]);
        imported.plan(&[]).failed().says(&["Invalid import provider argument"]);
        imported.write("main.tf", &format!("{PROVIDER}{import}"));
        imported.apply().says(&["1 imported, 0 added, 0 changed, 0 destroyed"]);
        imported.assert_nothing_to_do();
    });
}

/// A workspace with nothing but import blocks and the configuration that the CLI wrote for them.
fn generate(cli: &Cli, world: &World, shapes: &[(&Whole, &str, Lines)]) -> Workspace {
    let block = |(whole, name, _): &(&Whole, &str, Lines)| {
        let id = world.workspace.in_state(whole.kind, name)["attributes"]["id"].clone();
        whole.import_block_named(name, id.as_str().expect("an id is a text"))
    };
    let imported = world.another_workspace(cli, &shapes.iter().map(block).collect::<String>());
    let planned = imported.plan(&["-generate-config-out=generated.tf"]);
    let summary = format!("{} to import, 0 to add, 0 to change, 0 to destroy", shapes.len());
    assert!(planned.words().contains(&summary), "{planned}\n{}", text_of(&imported));
    imported
}

fn text_of(workspace: &Workspace) -> String {
    std::fs::read_to_string(workspace.directory().join("generated.tf")).unwrap_or_default()
}

#[test]
fn what_was_never_returned_is_asked_for_before_a_replacement() {
    on_every_cli(|cli| {
        let world = World::new(cli, &VM.named("reserved", RESERVED));
        world.workspace.apply();
        let before = world.changes().len();
        let generated = generate(cli, &world, &[(&VM, "reserved", RESERVED)]);
        generated.apply();
        let text = text_of(&generated);

        // Some clients write out what is null or a default, and some leave it out.
        let with = |name: &str, value: &str| -> String {
            let is_other = |it: &&str| it.split_whitespace().next() != Some(name);
            let line = |it: &str| match it.starts_with("resource ") {
                true => format!("{it}\n  {name} = {value}\n"),
                false => format!("{it}\n"),
            };
            text.lines().filter(is_other).map(line).collect()
        };
        generated.write("generated.tf", &with("storage_gb", "200"));
        generated
            .plan(&[])
            .failed()
            .says(&["`template_vmid` must be set", "needs `reservation_months`: 1, 3 or 6"]);

        // What is filled in is adopted, even when something else was changed in between.
        generated.write("generated.tf", &with("deletion_protection", "true"));
        generated.apply().says(&["0 added, 1 changed, 0 destroyed"]);
        generated.write("generated.tf", &with("template_vmid", "101"));
        generated.apply().says(&["0 added, 1 changed, 0 destroyed"]);
        generated.assert_nothing_to_do();
        assert_eq!(world.changes_since(before), Vec::<String>::new());
    });
}

#[test]
fn nothing_is_made_without_what_only_an_import_can_lack() {
    on_every_cli(|cli| {
        let lacking = [
            (&GPU, "product_id", "`product_ids`"),
            (&GPU, "rootfs_size", "`rootfs_size` must be set"),
            (&CPU, "product_id", "`product_ids`"),
            (&VM, "node", "`nodes`"),
            (&VM, "template_vmid", "`template_vmid` must be set"),
        ];
        for (whole, attribute, words) in lacking {
            let world = World::new(cli, &whole.with(&[(attribute, "null")]));
            world.workspace.try_apply().failed().says(&[words, "set"]);
            assert_eq!(world.changes(), Vec::<String>::new());
        }
    });
}
