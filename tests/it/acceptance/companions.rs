//! An instance with what stands beside it (a saved login, a VPC network, a storage) from the first plan to the end; and a
//! new password, which reaches the machine without making another one.

use serde_json::json;

use super::{TYPE, World, block, machine, on_every_cli};

const LOGIN: &str = "novita_registry_auth";
const NETWORK: &str = "novita_network";
const STORAGE: &str = "novita_network_storage";

/// The passwords; nobody may read one.
const PASSWORDS: [&str; 2] = ["hunter-3a", "hunter-3b"];

/// All of it: the version of the password, the name of the network, and GB of the storage.
fn configuration(version: &str, name: &str, size: &str) -> String {
    let token = "variable \"token\" {\n  type = string\n  ephemeral = true\n}\n";
    let login = [
        ("name", "\"ghcr.io\""),
        ("username", "\"acme-bot\""),
        ("password_wo", "var.token"),
        ("password_wo_version", version),
    ];
    let login = block(LOGIN, "ghcr", &login);
    let lifecycle = "  lifecycle {\n    create_before_destroy = true\n  }\n}\n";
    let login = format!("{}{lifecycle}", login.trim_end_matches("}\n"));
    let network = block(NETWORK, "lab", &[("cluster_id", "\"7\""), ("name", name)]);
    let storage = block(STORAGE, "data", &[("cluster_id", "\"7\""), ("name", "\"data\""), ("size", size)]);
    let trainer = machine(
        "trainer",
        &[
            ("cluster_id", "\"7\""),
            ("image_auth_id", "novita_registry_auth.ghcr.id"),
            ("network_id", "novita_network.lab.id"),
            ("network_storages", "[{ id = novita_network_storage.data.id }]"),
        ],
    );
    [token, &login, &network, &storage, &trainer].concat()
}

#[test]
fn demand_14_a_machine_lives_with_its_companions_and_a_new_password_reaches_it_in_place() {
    on_every_cli(|cli| {
        let mut world = World::new(cli, &configuration("1", "\"lab-net\"", "100"));
        let there = |world: &World| {
            world.cloud.with_novita(|it| [it.storages.len(), it.networks.len(), it.registry_auths.len()])
        };
        let seeded = there(&world);
        for (name, value) in [("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "TRACE"), ("TF_LOG_PATH", "all.log")] {
            world.workspace.set(name, value);
        }
        world.workspace.set("TF_VAR_token", PASSWORDS[0]);
        let mut said = vec![world.workspace.plan(&["-out=plan.bin"])];
        said.push(world.workspace.run(&["apply", "-input=false", "-no-color", "plan.bin"]).succeeded());
        world.workspace.assert_nothing_to_do();
        let id = |world: &World, kind: &str, name: &str| {
            let id = world.workspace.in_state(kind, name)["attributes"]["id"].clone();
            id.as_str().expect("an id").to_owned()
        };
        let (login, trainer) = (id(&world, LOGIN, "ghcr"), id(&world, TYPE, "trainer"));
        let record = world.cloud.instance(&trainer).expect("it exists");
        assert_eq!(
            (&record["imageAuthId"], &record["network"]["id"]),
            (&json!(login), &json!(id(&world, NETWORK, "lab")))
        );
        let saved = json!({"name": "ghcr.io", "username": "acme-bot", "password": PASSWORDS[0]});
        assert_eq!(world.bodies("/repository/auth/save"), [saved]);

        let before = world.changes().len();
        world.configure(&configuration("1", "\"den-net\"", "150"));
        said.push(world.workspace.apply().says(&["0 added, 2 changed, 0 destroyed"]));
        world.workspace.assert_nothing_to_do();
        let mut changes = world.changes_since(before);
        changes.sort_unstable();
        assert_eq!(changes, ["/network/update", "/networkstorage/update"]);

        let before = world.changes().len();
        world.workspace.set("TF_VAR_token", PASSWORDS[1]);
        world.configure(&configuration("2", "\"den-net\"", "150"));
        assert_eq!(world.workspace.planned_actions(&format!("{LOGIN}.ghcr")), ["create", "delete"]);
        assert_eq!(world.workspace.planned_actions(&format!("{TYPE}.trainer")), ["update"]);
        said.push(world.workspace.apply().says(&["1 added, 1 changed, 1 destroyed"]));
        world.workspace.assert_nothing_to_do();
        let rotation = ["/repository/auth/save", "/gpu/instance/upgrade", "/repository/auth/delete"];
        assert_eq!(world.changes_since(before), rotation);
        assert_eq!(id(&world, TYPE, "trainer"), trainer);
        assert_ne!(id(&world, LOGIN, "ghcr"), login);
        assert_eq!(
            world.cloud.instance(&trainer).expect("it exists")["imageAuthId"],
            json!(id(&world, LOGIN, "ghcr"))
        );

        said.push(world.workspace.destroy().says(&["4 destroyed"]));
        assert!(world.cloud.alive().is_empty());
        assert_eq!(there(&world), seeded);

        let said = said.iter().map(|it| ("the output".to_owned(), format!("{it}").into_bytes()));
        let written: Vec<_> = world.workspace.files().into_iter().chain(said).collect();
        assert!(written.iter().any(|(name, _)| name == "all.log"), "the log is written");
        for (name, bytes) in written {
            let text = String::from_utf8_lossy(&bytes);
            let shown = PASSWORDS.iter().find(|it| text.contains(*it));
            assert_eq!(shown, None, "{name} holds a password");
        }
    });
}

#[test]
fn a_login_is_found_by_name_imported_and_adopts_its_password() {
    on_every_cli(|cli| {
        let lines =
            [("name", "\"registry.example.com\""), ("username", "\"ci\""), ("password", "\"hunter-3c\"")];
        let login = block(LOGIN, "ours", &lines);
        let found = format!("data \"{LOGIN}\" \"this\" {{\n  name = \"registry.example.com\"\n}}\n");
        let output = format!("output \"found\" {{\n  value = data.{LOGIN}.this\n}}\n");
        let world = World::new(cli, &format!("{found}{output}"));
        world.workspace.apply();
        let found = world.workspace.run(&["output", "-json", "found"]).succeeded().json();
        assert_eq!(found, json!({"id": "auth-9f21", "name": "registry.example.com", "username": "ci"}));

        world.configure(&login);
        let address = format!("{LOGIN}.ours");
        world.workspace.run(&["import", "-input=false", "-no-color", &address, "auth-9f21"]).succeeded();
        assert_eq!(world.workspace.planned_actions(&address), ["update"]);
        world.workspace.apply().says(&["0 added, 1 changed, 0 destroyed"]);
        world.workspace.assert_nothing_to_do();
        assert_eq!(world.changes(), Vec::<String>::new(), "what is adopted needs no call");
        assert!(!world.workspace.state().to_string().contains("not-a-real-password"));
    });
}
