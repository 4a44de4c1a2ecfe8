//! The files under `examples/data-sources`: each is applied as it stands.

use std::collections::BTreeSet;

use serde_json::json;

use super::super::examples::{examples, read};
use super::super::{PROVIDER, World, on_every_cli};
use crate::cli::{Cli, Workspace};

#[test]
fn each_data_source_has_an_example_and_no_other() {
    on_every_cli(|cli| {
        let schemas = Workspace::new(cli, PROVIDER).run(&["providers", "schema", "-json"]).succeeded().json();
        let source = format!("{}/novita/novita", cli.default_host);
        let sources = schemas["provider_schemas"][&source]["data_source_schemas"].as_object();
        let sources: BTreeSet<String> = sources.expect("data sources").keys().cloned().collect();
        assert_eq!(sources, types().into_iter().collect());
        assert_eq!(sources.len(), 29);
    });
}

#[test]
fn each_data_source_example_is_applied() {
    on_every_cli(|cli| types().iter().for_each(|kind| live_through(cli, kind)));
}

fn live_through(cli: &Cli, kind: &str) {
    let mut world = World::new(cli, "");
    let example = read(&examples().join("data-sources").join(kind).join("data-source.tf"));
    world.workspace.write("main.tf", &example);
    world.workspace.write("provider.tf", &read(&examples().join("provider/provider.tf")));
    let vm_id = make_what_is_looked_for(&world);
    world.workspace.set("TF_VAR_vm_id", &vm_id);
    world.workspace.apply();
    world.workspace.assert_nothing_to_do();
    let outputs = world.workspace.run(&["output", "-json"]).succeeded().json();
    for (name, output) in outputs.as_object().expect("outputs") {
        let empty = [json!(null), json!([]), json!({}), json!("")].contains(&output["value"]);
        assert!(!empty, "{kind}: the output {name} shows nothing");
    }
    assert!(world.changes().is_empty(), "{kind}: an example that only reads made changes");
}

/// What the examples look for by name exists, and a VM, whose id is returned.
fn make_what_is_looked_for(world: &World) -> String {
    let instance = |record| world.cloud.seed_instance(record).expect("a good record");
    let ports = json!([{"port": 8888, "type": "http"}]);
    let network = json!({"id": "vpc-83aa", "ip": "10.8.1.2"});
    instance(json!({"kind": "gpu", "name": "notebook", "ports": ports, "network": network}));
    instance(json!({"kind": "cpu", "name": "gateway"}));
    let prewarm =
        json!({"id": "prewarm-3f81b0c2", "imageUrl": "acme/model:1", "clusterId": "7", "state": "Succeeded"});
    world.cloud.with_novita(|it| it.prewarms.push(serde_json::from_value(prewarm).expect("a good record")));
    world.cloud.seed_endpoint(json!({"name": "llm"})).expect("a good record");
    world.cloud.seed_vm(json!({"ip_address": "203.0.113.24"})).expect("a good record")
}

fn types() -> Vec<String> {
    let folder = examples().join("data-sources");
    let entries = std::fs::read_dir(&folder).expect("examples/data-sources");
    entries.map(|it| it.expect("an example").file_name().to_string_lossy().into_owned()).collect()
}
