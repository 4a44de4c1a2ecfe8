//! All four resources with real CLIs: together in one configuration, each vendor alone, and imports.

use super::{World, block, on_every_cli};
use crate::cli::{Cli, Workspace, quoted};

/// A resource of each type with everything that the API returns, its sets in one order and in another.
pub(super) struct Whole {
    pub(super) kind: &'static str,
    lines: &'static [(&'static str, &'static str)],
    reordered: &'static [(&'static str, &'static str)],
    /// Attributes that the API never returns.
    pub(super) unread: &'static [(&'static str, &'static str)],
    /// Words of the form that an id has.
    id_form: &'static str,
}

pub(super) const GPU: Whole = Whole {
    kind: "novita_gpu_instance",
    lines: &[
        ("name", "\"trainer\""),
        ("product_id", "\"4090.16c62g\""),
        ("gpu_num", "1"),
        ("rootfs_size", "60"),
        ("image_url", "\"docker.io/acme/trainer:1.4\""),
        ("ports", "[\"22/tcp\", \"8080/http\"]"),
        ("envs", "{ MODE = \"train\", EPOCHS = \"3\" }"),
        ("network_storages", "[{ id = \"st-51c0\", mount_point = \"/data\" }, { id = \"st-51c1\" }]"),
    ],
    reordered: &[
        ("ports", "[\"8080/http\", \"22/tcp\"]"),
        ("network_storages", "[{ id = \"st-51c1\" }, { mount_point = \"/data\", id = \"st-51c0\" }]"),
    ],
    unread: &[("min_cuda_version", "\"12.4\""), ("image_auth", "\"me:secret\"")],
    id_form: "novita_gpu_instance.example 6c1be0a94d27f3e8",
};

pub(super) const CPU: Whole = Whole {
    kind: "novita_cpu_instance",
    lines: &[
        ("name", "\"gateway\""),
        ("product_id", "\"cpu.4c8g\""),
        ("image_url", "\"docker.io/acme/gateway:2\""),
        ("ports", "[\"22/tcp\", \"443/http\"]"),
        ("local_storage_mount_point", "\"/srv\""),
        ("tools", "[{ name = \"Jupyter\", port = 8888, type = \"http\" }]"),
    ],
    reordered: &[("ports", "[\"443/http\", \"22/tcp\"]")],
    unread: &[("image_auth", "\"me:secret\"")],
    id_form: "novita_cpu_instance.example 6c1be0a94d27f3e8",
};

pub(super) const ENDPOINT: Whole = Whole {
    kind: "novita_endpoint",
    lines: &[
        ("name", "\"llm\""),
        ("app_name", "\"llm-a1\""),
        (
            "worker_config",
            "{ min_num = 0, max_num = 2, free_timeout = 300, max_concurrent = 1, gpu_num = 1, request_timeout = 60 }",
        ),
        ("port", "8000"),
        ("policy", "{ type = \"queue\", value = 60 }"),
        ("image", "{ image = \"docker.io/acme/llm:2\", command = \"serve\" }"),
        ("product_ids", "[\"SL-serverless-3\", \"SL-serverless-4\"]"),
        (
            "volume_mounts",
            "[{ type = \"local\", size = 30, mount_path = \"/workspace\" }, { type = \"network\", id = \"st-51c0\", mount_path = \"/models\" }]",
        ),
        ("cluster_id", "\"7\""),
        ("envs", "{ MODEL = \"demo\", BATCH = \"8\" }"),
        ("healthy", "{ path = \"/health\" }"),
    ],
    reordered: &[
        ("product_ids", "[\"SL-serverless-4\", \"SL-serverless-3\"]"),
        (
            "volume_mounts",
            "[{ type = \"network\", id = \"st-51c0\", mount_path = \"/models\" }, { type = \"local\", size = 30, mount_path = \"/workspace\" }]",
        ),
    ],
    unread: &[],
    id_form: "novita_endpoint.example ep-7d20c4",
};

pub(super) const VM: Whole = Whole {
    kind: "novacloud_vm",
    lines: &[
        ("provider", "novita"),
        ("node", "\"vm02\""),
        ("gpu_type", "\"5090\""),
        ("gpu_count", "2"),
        ("storage_gb", "120"),
        ("template_vmid", "101"),
        ("rental_type", "\"interruptible\""),
    ],
    reordered: &[],
    unread: &[("auth_method", "\"password\""), ("password", "\"correct-horse-battery\"")],
    id_form: "novacloud_vm.example b0c6e0a2-77f1-4b39-8a0d-1f6b1f0f5a11",
};

pub(super) const FOUR: [Whole; 4] = [GPU, CPU, ENDPOINT, VM];

impl Whole {
    /// Whether its block sets this attribute.
    pub(super) fn has(&self, attribute: &str) -> bool {
        self.lines.iter().any(|(name, _)| *name == attribute)
    }

    /// The block `this`, with some lines in place of others or added.
    pub(super) fn with(&self, changes: &[(&str, &str)]) -> String {
        self.named("this", changes)
    }

    /// The same with another name of the block.
    pub(super) fn named(&self, name: &str, changes: &[(&str, &str)]) -> String {
        let kept = self.lines.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        block(self.kind, name, &kept.chain(changes).copied().collect::<Vec<_>>())
    }

    fn address(&self) -> String {
        format!("{}.this", self.kind)
    }

    /// An import block, which needs the provider's name as much as the resource does.
    fn import_block(&self, id: &str) -> String {
        self.import_block_named("this", id)
    }

    pub(super) fn import_block_named(&self, name: &str, id: &str) -> String {
        let provider = if self.kind.starts_with("novita_") { "" } else { "  provider = novita\n" };
        format!("import {{\n{provider}  to = {}.{name}\n  id = {}\n}}\n", self.kind, quoted(id))
    }

    fn id(&self, workspace: &Workspace) -> String {
        let id = &workspace.in_state(self.kind, "this")["attributes"]["id"];
        id.as_str().expect("an id is a text").to_owned()
    }
}

#[test]
fn all_four_live_in_one_configuration() {
    on_every_cli(|cli| {
        let world = World::new(cli, &all(|it| it.with(&[])));
        world.workspace.apply().says(&["4 added, 0 changed, 0 destroyed"]);
        let mut kinds: Vec<String> = world.cloud.alive().into_iter().map(|it| it.kind).collect();
        kinds.sort();
        assert_eq!(kinds, ["cpu", "endpoint", "gpu", "vm"]);
        world.workspace.assert_nothing_to_do();

        let before = world.changes().len();
        world.configure(&all(|it| it.with(it.reordered)));
        world.workspace.assert_nothing_to_do();
        world.configure(&all(|it| it.with(&[("deletion_protection", "true")])));
        world.workspace.apply().says(&["0 added, 4 changed, 0 destroyed"]);
        assert_eq!(world.changes_since(before), Vec::<String>::new());
        world.workspace.try_destroy().failed().says(&["deletion_protection"]);
        assert_eq!(world.cloud.alive().len(), 4);
        world.configure(&all(|it| it.with(&[("deletion_protection", "false")])));
        world.workspace.apply();

        world.workspace.destroy().says(&["4 destroyed"]);
        assert!(world.cloud.alive().is_empty(), "still there: {:?}", world.cloud.alive());
        world.workspace.destroy().says(&["0 destroyed"]);
    });
}

fn all(written: impl Fn(&Whole) -> String) -> String {
    FOUR.iter().map(written).collect()
}

#[test]
fn each_vendor_needs_its_own_key_only() {
    on_every_cli(|cli| {
        let (novita, novacloud) = ("NOVITA_API_KEY", "NOVACLOUD_API_KEY");
        for (mine, key, other_key, other_path) in [
            (&VM, novacloud, novita, "/gpu-instance/"),
            (&CPU, novita, novacloud, "/novacloud/"),
            (&ENDPOINT, novita, novacloud, "/novacloud/"),
        ] {
            let mut world = World::new(cli, &mine.with(&[]));
            world.workspace.set(other_key, "");
            world.workspace.apply().says(&["1 added"]);
            world.workspace.assert_nothing_to_do();
            world.workspace.destroy().says(&["1 destroyed"]);
            let paths = world.cloud.requests().into_iter().map(|it| it.path);
            let strange: Vec<String> = paths.filter(|it| it.starts_with(other_path)).collect();
            assert!(strange.is_empty(), "{}: {strange:?}", mine.kind);

            // And without the key of its own it says which one is missing.
            world.workspace.set(key, "");
            world.workspace.try_apply().failed().says(&[key]);
            assert!(world.cloud.alive().is_empty());
        }
    });
}

#[test]
fn each_is_imported_by_command_and_by_block_without_a_replacement() {
    on_every_cli(|cli| {
        let world = World::plain(cli, &all(|it| it.with(it.unread)));
        world.workspace.apply();
        let before = world.changes().len();
        let ids = FOUR.map(|it| it.id(&world.workspace));

        // What the API returns needs nothing; of a VM it never returns the template.
        let (readable, vm) = (&FOUR[..3], &FOUR[3]);
        let by_command = world.another_workspace(cli, &all(|it| it.with(&[])));
        for (it, id) in FOUR.iter().zip(&ids) {
            by_command.run(&["import", "-input=false", "-no-color", &it.address(), id]).succeeded();
        }
        for it in readable {
            assert_eq!(by_command.planned_actions(&it.address()), ["no-op"], "{}", it.kind);
        }
        assert_eq!(by_command.planned_actions(&vm.address()), ["update"]);
        by_command.apply().says(&["0 added, 1 changed, 0 destroyed"]);
        by_command.assert_nothing_to_do();

        // What it never returns is adopted.
        let blocks: String = FOUR.iter().zip(&ids).map(|(it, id)| it.import_block(id)).collect();
        let by_block = world.another_workspace(cli, &format!("{}{blocks}", all(|it| it.with(it.unread))));
        by_block.apply().says(&["4 imported, 0 added, 3 changed, 0 destroyed"]);
        by_block.assert_nothing_to_do();
        for (it, id) in FOUR.iter().zip(&ids) {
            assert_eq!(it.id(&by_block), *id);
        }
        assert_eq!(world.changes_since(before), Vec::<String>::new(), "no machine was changed");
        by_block.destroy().says(&["4 destroyed"]);
        // Who had it too finds it gone, and has nothing to destroy.
        world.workspace.destroy().says(&["0 destroyed"]);
    });
}

#[test]
fn an_id_that_cannot_be_imported_is_an_error_that_helps() {
    on_every_cli(|cli| {
        let world = World::new(cli, &all(|it| it.with(&[])));
        for it in &FOUR {
            refused_import(cli, &world, it, "two words", &["Invalid id to import", it.id_form]);
            refused_import(cli, &world, it, "", &[]);
        }
        refused_import(cli, &world, &VM, "vm-1", &["UUID", VM.id_form]);
        refused_import(
            cli,
            &world,
            &ENDPOINT,
            "ep-unknown",
            &["Nothing to import", "ep-unknown", ENDPOINT.id_form],
        );
        let unknown = "b0c6e0a2-77f1-4b39-8a0d-1f6b1f0f5a11";
        refused_import(cli, &world, &VM, unknown, &["Nothing to import", unknown, VM.id_form]);

        let gpu = world.cloud.seed_instance(serde_json::json!({"kind": "gpu"})).expect("a GPU instance");
        let cpu = world.cloud.seed_instance(serde_json::json!({"kind": "cpu"})).expect("a CPU instance");
        refused_import(cli, &world, &CPU, &gpu, &["Use `novita_gpu_instance`"]);
        refused_import(cli, &world, &GPU, &cpu, &["Use `novita_cpu_instance`"]);
        assert_eq!(world.changes(), Vec::<String>::new());
    });
}

/// By the command, and by a block as far as the CLI itself lets an id through.
fn refused_import(cli: &Cli, world: &World, it: &Whole, id: &str, words: &[&str]) {
    let workspace = world.another_workspace(cli, &it.with(&[]));
    workspace.run(&["import", "-input=false", "-no-color", &it.address(), id]).failed().says(words);
    let workspace = world.another_workspace(cli, &format!("{}{}", it.with(&[]), it.import_block(id)));
    workspace.plan(&[]).failed().says(words);
}
