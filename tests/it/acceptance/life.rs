//! A machine from its first plan to its end: what is changed in place, what is replaced, what is protected.

use mock_cloud::Options;

use super::{TYPE, World, fills_in, instance, machine, on_every_cli};

#[test]
fn a_machine_lives_from_plan_to_destroy() {
    on_every_cli(|cli| {
        let before = full_machine("docker.io/acme/trainer:1.4", r#"["8080/http", "22/tcp"]"#, "60");
        let after = full_machine("docker.io/acme/trainer:1.5", r#"["9000/http", "22/tcp"]"#, "90");

        let world = World::new(cli, &before);
        assert_eq!(world.workspace.planned_actions(&address("this")), ["create"]);
        assert!(world.changes().is_empty(), "a plan changes nothing");
        world.workspace.apply().says(&["1 added, 0 changed, 0 destroyed"]);
        assert_eq!(world.changes(), ["/gpu/instance/create"]);
        world.workspace.assert_nothing_to_do();
        let id = world.attribute("this", "id");
        assert_eq!(world.attribute("this", "status"), "running");

        let record = world.cloud.instance(id.as_str().expect("an id is a text")).expect("it exists");
        let missing = 90 - record["rootfsSize"].as_u64().expect("a size");

        world.configure(&after);
        assert_eq!(world.workspace.planned_actions(&address("this")), ["update"]);
        world.workspace.apply().says(&["0 added, 1 changed, 0 destroyed"]);
        let mut changes = world.changes_since(1);
        changes.sort();
        assert_eq!(changes, ["/gpu/instance/edit", "/gpu/instance/upgrade"]);
        let edit = &world.bodies("/gpu/instance/edit")[0];
        assert_eq!(edit["expandRootDisk"], missing, "the API takes the GB to add, not the new size");
        assert_eq!(world.attribute("this", "id"), id, "it is still the same machine");
        world.workspace.assert_nothing_to_do();

        world.workspace.destroy().says(&["1 destroyed"]);
        assert_eq!(world.changes_since(3), ["/gpu/instance/delete"]);
        assert!(world.cloud.alive().is_empty(), "still there: {:?}", world.cloud.alive());
    });
}

#[test]
fn demand_12_power_follows_the_desired_status() {
    on_every_cli(|cli| {
        let world = World::new(cli, &machine("this", &[]));
        world.workspace.apply();
        for (wanted, call, status) in [("stopped", "stop", "exited"), ("running", "start", "running")] {
            let before = world.changes().len();
            world.configure(&machine("this", &[("desired_status", &format!("\"{wanted}\""))]));
            world.workspace.apply().says(&["1 changed"]);
            assert_eq!(world.changes_since(before), [format!("/gpu/instance/{call}")]);
            assert_eq!(world.attribute("this", "status"), status);
            world.workspace.assert_nothing_to_do();
        }
        world.workspace.destroy();
    });
}

/// (name, what it is made with, what is changed, what the plan does)
type Change =
    (&'static str, &'static [(&'static str, &'static str)], (&'static str, &'static str), &'static str);

const IN_PLACE: &str = "update";
const REPLACE: &str = "delete,create";

const CHANGES: &[Change] = &[
    ("name", &[("name", "\"one\"")], ("name", "\"two\""), REPLACE),
    ("product", &[], ("product_id", "\"5090.20c94g\""), REPLACE),
    ("gpu_num", &[], ("gpu_num", "2"), REPLACE),
    ("disk_grows", &[], ("rootfs_size", "61"), IN_PLACE),
    ("image", &[], ("image_url", "\"docker.io/acme/trainer:2\""), IN_PLACE),
    ("auth", &[("image_auth", "\"me:old\"")], ("image_auth", "\"me:new\""), REPLACE),
    ("auth_id", &[], ("image_auth_id", "\"auth-1\""), IN_PLACE),
    ("ports", &[("ports", "[\"80/http\"]")], ("ports", "[\"80/http\", \"81/tcp\"]"), IN_PLACE),
    ("envs", &[("envs", "{ A = \"1\" }")], ("envs", "{ A = \"2\" }"), IN_PLACE),
    ("secret_envs", &[], ("secret_envs", "{ TOKEN = \"t\" }"), IN_PLACE),
    ("tools", &[], ("tools", "[{ name = \"Jupyter\", port = 8888, type = \"http\" }]"), REPLACE),
    ("command", &[("command", "\"run\"")], ("command", "\"walk\""), IN_PLACE),
    ("entrypoint", &[], ("entrypoint", "\"/bin/sh\""), IN_PLACE),
    ("cluster", &[], ("cluster_id", "\"us-dallas-nas-2\""), REPLACE),
    ("storages", &[], ("network_storages", "[{ id = \"st-1\", mount_point = \"/data\" }]"), IN_PLACE),
    ("network", &[], ("network_id", "\"vpc-1\""), REPLACE),
    ("spot", &[], ("billing_mode", "\"spot\""), REPLACE),
    ("prepaid", &[], ("month", "1"), IN_PLACE),
    ("postpaid", &[("month", "1")], ("month", "0"), REPLACE),
    ("renewal", &[("month", "1")], ("auto_renew", "true"), IN_PLACE),
    ("migration", &[], ("auto_migrate", "true"), IN_PLACE),
    ("cuda", &[], ("min_cuda_version", "\"12.4\""), REPLACE),
    ("power", &[], ("desired_status", "\"stopped\""), IN_PLACE),
    ("protection", &[], ("deletion_protection", "true"), IN_PLACE),
    ("wait", &[], ("wait_for_ready", "false"), IN_PLACE),
];

#[test]
fn only_what_cannot_change_in_place_is_replaced() {
    on_every_cli(|cli| {
        let made: String = CHANGES.iter().map(|(name, made, ..)| machine(name, made)).collect();
        let world = World::new(cli, &made);
        world.workspace.apply();
        let changed = CHANGES.iter().map(|(name, made, change, _)| {
            let kept = made.iter().filter(|(attribute, _)| *attribute != change.0);
            machine(name, &kept.copied().chain([*change]).collect::<Vec<_>>())
        });
        world.configure(&changed.collect::<String>());

        let plan = world.workspace.show_plan_json();
        let mut wrong = Vec::new();
        for (name, _, (attribute, _), expected) in CHANGES {
            let changes = plan["resource_changes"].as_array().expect("a plan lists changes");
            let change =
                changes.iter().find(|it| it["address"] == address(name)).expect("every machine is planned");
            let actions = change["change"]["actions"].as_array().expect("a change has actions");
            let actions = actions.iter().filter_map(|it| it.as_str()).collect::<Vec<_>>().join(",");
            let paths = &change["change"]["replace_paths"];
            let blames_attribute =
                paths.as_array().is_some_and(|it| it.iter().any(|path| path[0] == *attribute));
            if actions != *expected || blames_attribute != (*expected == REPLACE) {
                wrong.push(format!(
                    "{name}: {attribute} gives {actions}, because of {paths}; expected {expected}"
                ));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn a_replaced_machine_is_gone_before_the_new_one_runs() {
    on_every_cli(|cli| {
        let world = World::new(cli, &machine("this", &[]));
        world.workspace.apply();
        let first = world.attribute("this", "id");
        world.configure(&machine("this", &[("min_cuda_version", "\"12.4\"")]));
        world.workspace.apply().says(&["1 added, 0 changed, 1 destroyed"]);
        assert_ne!(world.attribute("this", "id"), first);
        assert_eq!(world.changes_since(1), ["/gpu/instance/delete", "/gpu/instance/create"]);
        assert_eq!(world.cloud.alive().len(), 1);
        world.workspace.assert_nothing_to_do();
    });
}

#[test]
fn a_disk_shrinks_only_with_a_machine_that_was_given_up() {
    on_every_cli(|cli| {
        let world = World::new(cli, &machine("this", &[("rootfs_size", "80")]));
        world.workspace.apply();
        let first = world.attribute("this", "id");
        world.configure(&machine("this", &[("rootfs_size", "70")]));
        world.workspace.plan(&[]).failed().says(&["A disk cannot shrink", "80 GB", "taint ADDRESS"]);
        let replace = format!("-replace={}", address("this"));
        world.workspace.plan(&[&replace]).failed().says(&["A disk cannot shrink", "planned before the"]);
        assert_eq!(world.changes(), ["/gpu/instance/create"]);

        world.workspace.run(&["taint", &address("this")]).succeeded();
        world.workspace.apply().says(&["1 added, 0 changed, 1 destroyed"]);
        assert_ne!(world.attribute("this", "id"), first);
        assert_eq!(world.attribute("this", "rootfs_size"), 70);
        world.workspace.assert_nothing_to_do();
    });
}

#[test]
fn more_months_are_a_renewal_and_no_change() {
    on_every_cli(|cli| {
        let world = World::new(cli, &machine("this", &[("month", "1")]));
        world.workspace.apply();
        world.configure(&machine("this", &[("month", "2")]));
        world.workspace.plan(&[]).failed().says(&["month", "renew"]);
        assert_eq!(world.changes(), ["/gpu/instance/create"]);
    });
}

#[test]
fn demand_23_a_protected_machine_is_neither_destroyed_nor_replaced() {
    on_every_cli(|cli| {
        let protected = [("deletion_protection", "true")];
        let world = World::new(cli, &machine("this", &protected));
        world.workspace.apply();
        let first = world.attribute("this", "id");

        world.workspace.try_destroy().failed().says(&["deletion_protection"]);
        world.configure(&machine("this", &[protected[0], ("min_cuda_version", "\"12.4\"")]));
        world.workspace.plan(&[]).failed().says(&["deletion_protection"]);
        world.configure("");
        world.workspace.try_apply().failed().says(&["deletion_protection"]);
        assert_eq!(world.changes(), ["/gpu/instance/create"], "nothing was asked of the cloud");

        let freed = [("deletion_protection", "false"), ("min_cuda_version", "\"12.4\"")];
        world.configure(&machine("this", &freed[..1]));
        world.workspace.apply().says(&["0 added, 1 changed, 0 destroyed"]);
        world.configure(&machine("this", &freed));
        world.workspace.apply().says(&["1 added, 0 changed, 1 destroyed"]);
        assert_ne!(world.attribute("this", "id"), first);
        world.workspace.destroy();
        assert!(world.cloud.alive().is_empty());
    });
}

#[test]
fn a_machine_that_is_not_waited_for_is_saved_at_once() {
    on_every_cli(|cli| {
        let options = Options { clock: mock_cloud::Clock::Manual, ..fills_in() };
        let world = World::with(cli, &machine("this", &[("wait_for_ready", "false")]), options);
        world.workspace.apply();
        assert_eq!(world.cloud.alive().len(), 1);
        assert_ne!(world.attribute("this", "status"), "running");
        world.workspace.assert_nothing_to_do();
    });
}

#[test]
fn automatic_migration_is_set_once_a_new_machine_runs_and_then_in_place() {
    on_every_cli(|cli| {
        let on = ("auto_migrate", "true");
        let world = World::new(cli, &machine("this", &[on]));
        world.workspace.apply();
        let id = world.attribute("this", "id");
        world.workspace.assert_nothing_to_do();
        world.configure(&machine("this", &[on, ("auto_migrate_system_disk", "true")]));
        world.workspace.apply().says(&["0 added, 1 changed, 0 destroyed"]);
        world.workspace.assert_nothing_to_do();
        world.configure(&machine("this", &[]));
        world.workspace.apply().says(&["0 added, 1 changed, 0 destroyed"]);
        world.workspace.assert_nothing_to_do();

        let set = "/gpu/instance/setAutoMigrate";
        assert_eq!(world.changes(), ["/gpu/instance/create", set, set, set]);
        let sent: Vec<_> = world
            .bodies(set)
            .iter()
            .map(|it| {
                assert_eq!(it["instanceId"], id);
                (it["autoMigrateOpen"] == true, it["autoMigrateSystemDisk"] == true)
            })
            .collect();
        assert_eq!(sent, [(true, false), (true, true), (false, false)]);
        world.workspace.destroy();
        assert!(world.cloud.alive().is_empty());
    });
}

fn address(name: &str) -> String {
    format!("{TYPE}.{name}")
}

fn full_machine(image_url: &str, ports: &str, rootfs_size: &str) -> String {
    instance(
        "this",
        &[
            ("name", "\"trainer\""),
            ("product_id", "\"4090.16c62g\""),
            ("gpu_num", "1"),
            ("rootfs_size", rootfs_size),
            ("image_url", &format!("\"{image_url}\"")),
            ("ports", ports),
            ("envs", "{ MODE = \"train\", EPOCHS = \"3\" }"),
            ("secret_envs", "{ TOKEN = \"t-123\" }"),
            ("tools", "[{ name = \"Jupyter\", port = 8888, type = \"http\" }]"),
            ("command", "\"python run.py\""),
            ("entrypoint", "\"/bin/sh -c\""),
            ("min_cuda_version", "\"12.4\""),
        ],
    )
}
