//! A network storage from its first plan to its end: it grows in place, loses its data only by a person's will, and
//! is not destroyed while something uses it.

use serde_json::json;

use super::{World, block, machine, on_every_cli};
use crate::cli::quoted;

const TYPE: &str = "novita_network_storage";

/// The storage `data`, with some lines in place of others or added.
fn storage(changes: &[(&str, &str)]) -> String {
    let least = [("cluster_id", "\"7\""), ("name", "\"data\""), ("size", "100")];
    let kept = least.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    block(TYPE, "data", &kept.chain(changes).copied().collect::<Vec<_>>())
}

#[test]
fn a_storage_grows_in_place_and_shrinks_only_by_a_persons_will() {
    on_every_cli(|cli| {
        let world = World::new(cli, &storage(&[]));
        let address = format!("{TYPE}.data");
        let id = || world.workspace.in_state(TYPE, "data")["attributes"]["id"].clone();
        let seeded = world.cloud.storages().len();
        world.workspace.apply().says(&["1 added"]);
        world.workspace.assert_nothing_to_do();
        let first = id();

        world.configure(&storage(&[("name", "\"big-data\""), ("size", "150")]));
        world.workspace.apply().says(&["0 added, 1 changed, 0 destroyed"]);
        world.workspace.assert_nothing_to_do();
        let body = json!({"storageId": first, "storageName": "big-data", "storageSize": 150});
        assert_eq!(world.bodies("/networkstorage/update"), [body]);
        assert_eq!(id(), first);

        // What the error advises leads there, and nothing else does.
        world.configure(&storage(&[("size", "50"), ("deletion_protection", "true")]));
        let words = ["A disk cannot shrink", "`size` is 50", "terraform taint"];
        world.workspace.plan(&[]).failed().says(&words);
        world.workspace.plan(&[&format!("-replace={address}")]).failed().says(&words);
        world.configure(&storage(&[("size", "50")]));
        world.workspace.run(&["taint", &address]).succeeded();
        world.workspace.apply().says(&["1 added, 0 changed, 1 destroyed"]);
        world.workspace.assert_nothing_to_do();
        assert_ne!(id(), first);

        world.configure(&storage(&[("size", "50"), ("deletion_protection", "true")]));
        world.workspace.apply().says(&["1 changed"]);
        world.workspace.try_destroy().failed().says(&["deletion_protection"]);
        world.configure(&storage(&[("size", "50")]));
        world.workspace.apply();
        world.workspace.destroy().says(&["1 destroyed"]);
        assert_eq!(world.cloud.storages().len(), seeded);
    });
}

#[test]
fn a_storage_outlives_what_mounts_it_and_says_who_does() {
    on_every_cli(|cli| {
        let hurried = storage(&[]).replacen('{', "{\n  timeouts {\n    delete = \"2s\"\n  }\n", 1);
        let mounts = "[{ id = novita_network_storage.data.id, mount_point = \"/data\" }]";
        let instance = machine("this", &[("cluster_id", "\"7\""), ("network_storages", mounts)]);
        let world = World::new(cli, &format!("{hurried}{instance}"));
        world.workspace.apply().says(&["2 added"]);
        world.workspace.assert_nothing_to_do();
        let changes = world.changes();
        assert_eq!(changes, ["/networkstorage/create", "/gpu/instance/create"]);

        // Somebody else mounts it too.
        let attributes = world.workspace.in_state(TYPE, "data")["attributes"].clone();
        let mount = json!({"type": "network", "id": attributes["id"], "size": 100, "mountPath": "/theirs"});
        let reader = json!({"kind": "gpu", "name": "reader", "volumeMounts": [mount]});
        let reader = world.cloud.seed_instance(reader).expect("a good record");
        world.workspace.try_destroy().failed().says(&[
            "It is used by the instance",
            &reader,
            "network storage is in use",
        ]);
        assert_eq!(world.cloud.alive().len(), 1, "the instance of the configuration went first");
        assert!(world.cloud.remove_instance(&reader));
        world.workspace.destroy().says(&["1 destroyed"]);
    });
}

#[test]
fn a_storage_is_found_by_its_exact_name_and_by_its_id() {
    on_every_cli(|cli| {
        let managing = World::new(cli, &storage(&[]));
        managing.workspace.apply();
        let managed = managing.workspace.in_state(TYPE, "data")["attributes"].clone();
        let id = quoted(managed["id"].as_str().expect("an id"));
        let found = |key: &str| {
            let output = "output \"found\" {\n  value = data.novita_network_storage.this\n}\n";
            let block = format!("data \"{TYPE}\" \"this\" {{\n  {key}\n}}\n{output}");
            let workspace = managing.another_workspace(cli, &block);
            workspace.apply();
            workspace.run(&["output", "-json", "found"]).succeeded().json()
        };
        for found in [found("name = \"data\""), found(&format!("id = {id}"))] {
            for (name, value) in found.as_object().expect("attributes") {
                assert!(*value == managed[name] || name == "size", "{name}");
            }
            assert_eq!(
                (&found["size"], &managed["size"]),
                (&json!(112), &json!(100)),
                "as made, and as asked for"
            );
        }
        let looking = managing
            .another_workspace(cli, "data \"novita_network_storage\" \"this\" {\n  name = \"dat\"\n}\n");
        looking.plan(&[]).failed().says(&["No network storage has this name", "\"dat\""]);
    });
}
