//! A log-out in the middle of a create: `nohup terraform apply` goes on as if nothing had happened (rule S8).

use super::{World, fills_in, machine, on_every_cli};

#[test]
fn demand_08_a_log_out_changes_nothing_for_who_started_the_client_by_nohup() {
    on_every_cli(|cli| {
        // The images are pulled until the test lets the machines run.
        let mut options = fills_in();
        options.pace.set("pulling", u32::MAX);
        let outputs =
            "output \"ids\" {\n  value = [novita_gpu_instance.one.id, novita_gpu_instance.two.id]\n}\n";
        let ports = [("ports", "[\"8080/http\"]")];
        let resources = [machine("one", &ports), machine("two", &ports), outputs.to_owned()].concat();
        let world = World::with(cli, &resources, options);
        let looks = || world.cloud.requests().iter().filter(|it| it.method == "GET").count();
        let arguments = ["apply", "-input=false", "-no-color", "-auto-approve"];
        let mut apply = world.workspace.spawn_nohup(&arguments);
        apply.wait_until("both machines are waited for", || {
            let alive = world.cloud.alive();
            alive.len() == 2 && alive.iter().all(|it| it.status == "pulling")
        });
        apply.hang_up();
        let before = looks();
        apply.wait_until("the provider looks at them again and again", || looks() > before + 10);
        for machine in world.cloud.alive() {
            assert!(world.cloud.set_status(&machine.id, "running"));
        }
        let output = apply.wait().succeeded().says(&["2 added"]);
        assert!(!output.words().contains("Stopped"), "{output}");

        let mut ids: Vec<_> = world.cloud.alive().into_iter().map(|it| it.id).collect();
        let outputs = world.workspace.run(&["output", "-json", "ids"]).succeeded().json();
        let mut told: Vec<String> = serde_json::from_value(outputs).unwrap();
        ids.sort();
        told.sort();
        assert_eq!(told, ids);
        for name in ["one", "two"] {
            assert_eq!(world.attribute(name, "status"), "running");
            let mappings = world.attribute(name, "port_mappings");
            let ours = mappings.as_array().into_iter().flatten().find(|it| it["port"] == 8080);
            assert!(ours.is_some_and(|it| it["endpoint"].is_string()), "the addresses are in the state");
        }
        world.workspace.assert_nothing_to_do();
        world.workspace.destroy();
    });
}
