//! The complete examples, as a person would run them: applied, planned empty and destroyed.

use std::path::Path;

use super::{World, on_every_cli, on_newest_cli};
use crate::cli::Cli;

/// What the user of an example has to say, with what the mock's account has; and the calls that it makes.
struct Example {
    folder: &'static str,
    variables: &'static [(&'static str, &'static str)],
    /// Other values of variables, which are applied afterwards and change nothing but what they say.
    then: &'static [(&'static str, &'static str)],
    creates: &'static [&'static str],
    changes: &'static [&'static str],
    outputs: &'static [&'static str],
}

const EXAMPLES: &[Example] = &[
    Example {
        folder: "jupyter-with-storage",
        variables: &[],
        then: &[("running", "false"), ("protect_storage", "false")],
        creates: &["/networkstorage/create", "/gpu/instance/create"],
        changes: &["/gpu/instance/stop"],
        outputs: &["jupyter_url", "ssh_command", "hourly_price"],
    },
    Example {
        folder: "serverless-llm",
        variables: &[],
        then: &[("max_workers", "3"), ("hugging_face_token", "hf_example"), ("api_key", "llm-key-example")],
        creates: &["/endpoint/create"],
        changes: &["/endpoint/update"],
        outputs: &["base_url"],
    },
    Example {
        folder: "private-image",
        variables: &[("registry_token", "a-token")],
        then: &[("registry_token", "another-token"), ("token_version", "2")],
        creates: &["/repository/auth/save", "/gpu/instance/create"],
        changes: &["/repository/auth/save", "/gpu/instance/upgrade", "/repository/auth/delete"],
        outputs: &["registry_auth_id"],
    },
    Example {
        folder: "vm-with-key",
        variables: &[(
            "public_key",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA me@laptop",
        )],
        then: &[("running", "false")],
        creates: &["/novacloud/ssh-keys", "/novacloud/vms"],
        changes: &["/novacloud/vms/UUID/stop"],
        outputs: &["ip_address", "hourly_rate"],
    },
    Example {
        folder: "prewarmed-fleet",
        variables: &[("workers", "2")],
        then: &[("workers", "3")],
        creates: &["/image/prewarm", "/gpu/instance/create", "/gpu/instance/create"],
        changes: &["/gpu/instance/create"],
        outputs: &["image_size_bytes", "hourly_price"],
    },
    Example {
        folder: "reserved-pair",
        variables: &[],
        then: &[("protected", "false")],
        creates: &["/novacloud/vms", "/novacloud/vms", "/gpu/instance/create"],
        changes: &[],
        outputs: &["gateway_url", "vm_addresses", "hourly_rate"],
    },
];

#[test]
fn each_complete_example_is_applied_changed_and_destroyed() {
    on_every_cli(|cli| EXAMPLES.iter().for_each(|example| drop(live_through(cli, example))));
}

/// Its actions are refused by older clients.
const KEEP_CONTAINER: Example = Example {
    folder: "keep-container",
    variables: &[],
    then: &[("running", "false")],
    creates: &["/gpu/instance/create"],
    changes: &["/gpu/instance/stop"],
    outputs: &[],
};

#[test]
fn a_container_is_kept_as_an_image_before_its_machine_goes() {
    on_newest_cli(|cli| {
        let world = live_through(cli, &KEEP_CONTAINER);
        let last = world.changes().split_off(2);
        assert_eq!(last, ["/job/save/image", "/gpu/instance/delete"]);
        let jobs = world.cloud.image_jobs();
        assert_eq!(
            (jobs[0].state.as_str(), jobs[0].image.as_str()),
            ("success", "ghcr.io/acme/trainer:kept")
        );
    });
}

fn live_through(cli: &Cli, example: &Example) -> World {
    let mut world = World::new(cli, "");
    world.workspace.write("main.tf", &text_of(example.folder));
    // An override only adds to the block; the example stays as the reader sees it.
    let quick =
        "provider \"novita\" {\n  poll_interval           = \"20ms\"\n  max_requests_per_minute = 0\n}\n";
    world.workspace.write("test_override.tf", quick);
    set(&mut world, example.variables);
    world.workspace.run(&["validate", "-no-color"]).succeeded();
    world.workspace.apply();
    assert_eq!(world.changes(), example.creates, "{}", example.folder);
    world.workspace.assert_nothing_to_do();
    let state = world.workspace.state();
    for output in example.outputs {
        let value = &state["outputs"][output]["value"];
        assert!(!value.is_null() && value != "", "{}: {output} is {value}", example.folder);
    }

    set(&mut world, example.then);
    let before = world.changes().len();
    world.workspace.apply();
    let changes: Vec<_> = world.changes_since(before).iter().map(|it| without_uuid(it)).collect();
    assert_eq!(changes, example.changes, "{}", example.folder);
    world.workspace.assert_nothing_to_do();

    world.workspace.destroy();
    assert!(world.cloud.alive().is_empty(), "{} left {:?}", example.folder, world.cloud.alive());
    world
}

/// The path with `UUID` for each of them.
fn without_uuid(path: &str) -> String {
    let parts = path.split('/').map(|it| if it.len() == 36 { "UUID" } else { it });
    parts.collect::<Vec<_>>().join("/")
}

fn set(world: &mut World, variables: &[(&str, &str)]) {
    for (name, value) in variables {
        world.workspace.set(&format!("TF_VAR_{name}"), value);
    }
}

fn text_of(folder: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(folder).join("main.tf");
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
