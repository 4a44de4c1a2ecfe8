//! `terraform query`: what an account has, in a state or not, and the configuration that it writes for it.

use std::collections::BTreeSet;

use mock_cloud::{Effect, Fault, When};
use serde_json::Value;

use super::four::{CPU, ENDPOINT, FOUR, GPU, VM};
use super::{PROVIDER, World, block, machine, on_every_cli, on_newest_cli};

const STORAGE: &str = "novita_network_storage";

/// A list block for everything of a type.
fn list(kind: &str, lines: &str) -> String {
    format!("list \"{kind}\" \"all\" {{\n  provider = novita\n  limit    = 1000\n{lines}}}\n")
}

fn everything() -> String {
    FOUR.iter().map(|it| list(it.kind, "")).chain([list(STORAGE, "")]).collect()
}

/// What a query has found: type, id, and the event itself.
fn found(lines: &[Value]) -> Vec<(String, String, Value)> {
    let events = lines.iter().filter(|it| it["type"] == "list_resource_found");
    let event = |it: &Value| {
        let found = &it["list_resource_found"];
        let text = |it: &Value| it.as_str().expect("a text").to_owned();
        (text(&found["resource_type"]), text(&found["identity"]["id"]), found.clone())
    };
    events.map(event).collect()
}

#[test]
fn n14_two_hundred_machines_of_four_kinds_are_found_once_and_their_configuration_plans_empty() {
    on_newest_cli(|cli| {
        let many = [(&GPU, "60"), (&CPU, "60"), (&ENDPOINT, "40"), (&VM, "40")];
        let unnamed = [
            ("name", "null"),
            ("app_name", "null"),
            ("network_storages", "null"),
            ("volume_mounts", "null"),
            ("cluster_id", "null"),
        ];
        let counted = |(whole, count): (&super::four::Whole, &str)| {
            let known = |it: &&(&str, &str)| whole.has(it.0);
            let lines: Vec<_> = unnamed.iter().filter(known).copied().chain([("count", count)]).collect();
            whole.named("many", &lines)
        };
        let world = World::new(cli, &many.map(counted).concat());
        world.cloud.stock_up(1000);
        world.workspace.apply().says(&["200 added"]);
        let made: BTreeSet<String> = world.cloud.alive().into_iter().map(|it| it.id).collect();
        assert_eq!(made.len(), 200);

        let query = world.another_workspace(cli, "");
        query.write("all.tfquery.hcl", &everything());
        world.cloud.clear_log();
        let output = query.run(&["query", "-json"]).succeeded();
        let found = found(&output.json_lines());
        let machines: Vec<_> =
            found.iter().filter(|(kind, ..)| kind != STORAGE).map(|(_, id, _)| id.clone()).collect();
        assert_eq!((machines.len(), machines.iter().cloned().collect::<BTreeSet<_>>()), (200, made));
        assert_eq!(found.len() - machines.len(), world.cloud.storages().len());
        assert!(found.iter().all(|(.., it)| it["display_name"].as_str().is_some_and(|it| !it.is_empty())));
        // Pages of lists, and nothing of single machines.
        let requests = world.cloud.requests();
        assert!(requests.len() <= 20, "{} requests", requests.len());

        query.run(&["query", "-no-color", "-generate-config-out=generated.tf"]).succeeded();
        let count = found.len();
        query.plan(&[]).says(&[&format!("{count} to import, 0 to add, 0 to change, 0 to destroy")]);
        query.apply().says(&[&format!("{count} imported, 0 added, 0 changed, 0 destroyed")]);
        query.assert_nothing_to_do();
        assert_eq!(world.changes(), Vec::<String>::new(), "nothing was changed");
    });
}

#[test]
fn n13_a_limit_and_filters_are_kept_to() {
    on_newest_cli(|cli| {
        let spot = machine("spot", &[("name", "\"tf-spot\""), ("billing_mode", "\"spot\"")]);
        let off = machine("off", &[("name", "\"tf-off\""), ("desired_status", "\"stopped\"")]);
        let world = World::plain(cli, &format!("{}{spot}{off}", machine("one", &[("name", "\"one\"")])));
        world.workspace.apply();
        let query = world.another_workspace(cli, "");
        let names = |lines: &str| {
            query.write("all.tfquery.hcl", &list(super::TYPE, lines).replace("1000", "2"));
            let output = query.run(&["query", "-json"]).succeeded();
            let name = |(.., it): &(String, String, Value)| it["display_name"].as_str().unwrap().to_owned();
            found(&output.json_lines()).iter().map(name).collect::<BTreeSet<_>>()
        };
        assert_eq!(names("").len(), 2);
        let set = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(names("  config { name_prefix = \"tf-\" }\n"), set(&["tf-spot", "tf-off"]));
        assert_eq!(names("  config { billing_mode = \"spot\" }\n"), set(&["tf-spot"]));
        assert_eq!(names("  config { status = \"exited\" }\n"), set(&["tf-off"]));
        assert_eq!(names("  config { status = \"none\" }\n"), set(&[]));
        query.write("all.tfquery.hcl", &list(super::TYPE, "  config { billing_mode = \"never\" }\n"));
        query.run(&["validate", "-query", "-no-color"]).failed().says(&["onDemand"]);
    });
}

#[test]
fn n15_a_query_shows_no_secret() {
    on_newest_cli(|cli| {
        let secret = [("secret_envs", "{ TOKEN = \"hunter2-in-env\" }"), ("ports", "[\"22/tcp\"]")];
        let mut world = World::plain(cli, &machine("one", &secret));
        world.workspace.apply();
        let password = world.attribute("one", "ssh_password");
        let password = password.as_str().expect("a password").to_owned();
        let mut query = world.another_workspace(cli, "");
        query.write("all.tfquery.hcl", &list(super::TYPE, "  include_resource = true\n"));
        query.set("TF_LOG", "TRACE");
        query.set("TF_LOG_PATH", "trace.log");
        let output = query.run(&["query", "-json"]).succeeded();
        let found = found(&output.json_lines());
        let object = &found[0].2["resource_object"];
        assert_eq!(
            (&object["ssh_password"], &object["image_url"]),
            (&Value::Null, &"docker.io/acme/trainer:1.4".into())
        );
        query.run(&["query", "-no-color", "-generate-config-out=generated.tf"]).succeeded();
        for (name, bytes) in query.files() {
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains(&password) && !text.contains(world.cloud.api_key()), "{name}");
        }
        let printed = format!("{}{}", output.stdout, output.stderr);
        assert!(!printed.contains(&password) && !printed.contains(world.cloud.api_key()));
        world.workspace.set("TF_LOG", "");
    });
}

#[test]
fn n13_a_query_that_is_stopped_says_so() {
    on_newest_cli(|cli| {
        let world = World::plain(cli, &machine("one", &[]));
        world.workspace.apply();
        let query = world.another_workspace(cli, "");
        query.write("all.tfquery.hcl", &list(super::TYPE, ""));
        world.cloud.faults().push(Fault::new("GET", "/gpu/instances", Effect::Hang(When::Before)).always());
        world.cloud.clear_log();
        let mut running = query.spawn(&["query", "-no-color"]);
        running.wait_until("the list is asked for", || !world.cloud.requests().is_empty());
        running.interrupt();
        let output = running.wait();
        world.cloud.release();
        assert_ne!(output.code(), Some(0), "{output}");
        assert!(output.words().contains("List is not whole"), "{output}");
    });
}

/// As the guide on importing does it: what a query finds, without the identities in the states.
#[test]
fn what_costs_money_and_is_in_no_state_is_found() {
    on_newest_cli(|cli| {
        let world = World::new(cli, &format!("{}{}", machine("known", &[]), machine("forgotten", &[])));
        world.workspace.apply();
        let [known, forgotten] = ["known", "forgotten"].map(|it| world.attribute(it, "id"));
        world.workspace.run(&["state", "rm", "novita_gpu_instance.forgotten"]).succeeded();
        world.workspace.write("all.tfquery.hcl", &list(super::TYPE, ""));
        let lines = world.workspace.run(&["query", "-json"]).succeeded().json_lines();
        let found: Vec<_> = found(&lines).into_iter().map(|(_, id, _)| Value::from(id)).collect();
        assert!(found.len() == 2 && found.contains(&known) && found.contains(&forgotten), "{found:?}");
        let identities = world.workspace.run(&["state", "identities", "-json"]).succeeded().json();
        let in_state: Vec<_> =
            identities.as_object().expect("identities").values().map(|it| &it["id"]).collect();
        assert_eq!(in_state, [&known]);
    });
}

/// Who does not know queries reads on as before.
#[test]
fn n26_a_query_file_disturbs_no_client() {
    on_every_cli(|cli| {
        let world = World::new(cli, &machine("one", &[]));
        world.workspace.write("all.tfquery.hcl", &everything());
        world.workspace.apply();
        world.workspace.assert_nothing_to_do();
        world.workspace.destroy();
        let query = world.another_workspace(cli, &block("terraform_data", "none", &[]));
        query.write("main.tf", PROVIDER);
        query.write("all.tfquery.hcl", &everything());
        query.run(&["validate", "-no-color"]).succeeded();
    });
}
