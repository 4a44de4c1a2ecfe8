//! Lists of candidates with real CLIs: what a plan shows of them, and waits for hardware.

use mock_cloud::{Effect, Fault};

use super::four::VM;
use super::{World, machine, on_every_cli};

const LIST: &str = "[\"5090.20c94g\", \"4090.16c62g\", \"a100.24c180g\"]";

/// A machine with candidates in place of one product.
fn listed(list: &str, more: &[(&str, &str)]) -> String {
    let lines = [("product_id", "null"), ("product_ids", list)];
    machine("this", &[&lines, more].concat())
}

fn out_of_stock(call: &str) -> Fault {
    Fault::new("POST", call, Effect::OutOfStock)
}

const CREATE: &str = "/gpu/instance/create";

#[test]
fn the_first_that_is_free_is_rented_and_lives_by_its_list() {
    on_every_cli(|cli| {
        let world = World::plain(cli, &listed(LIST, &[]));
        world.cloud.faults().push(out_of_stock(CREATE).times(2));
        world.workspace.apply().says(&["1 added"]);
        let asked: Vec<_> = world.bodies(CREATE).iter().map(|it| it["productId"].clone()).collect();
        assert_eq!(asked, ["5090.20c94g", "4090.16c62g", "a100.24c180g"]);
        assert_eq!(world.attribute("this", "product_id"), "a100.24c180g");
        assert_eq!(world.cloud.alive().len(), 1);
        world.workspace.assert_nothing_to_do();

        // The shop window changes, and the list: what runs is left alone.
        let before = world.changes().len();
        world.configure(&listed("[\"4090.16c62g\", \"a100.24c180g\"]", &[]));
        world.workspace.apply().says(&["0 added, 1 changed, 0 destroyed"]);
        assert_eq!(world.changes_since(before), Vec::<String>::new());
        world.workspace.assert_nothing_to_do();

        world.configure(&listed("[\"4090.16c62g\"]", &[]));
        world.workspace.plan(&[]).says(&["must be replaced", "product_ids", "forces replacement"]);
        world.workspace.apply().says(&["1 added, 0 changed, 1 destroyed"]);
        assert_eq!(world.attribute("this", "product_id"), "4090.16c62g");
        world.workspace.destroy();
        assert!(world.cloud.alive().is_empty());
    });
}

#[test]
fn a_vm_takes_the_next_node() {
    on_every_cli(|cli| {
        let lines = [("node", "null"), ("nodes", "[\"vm03\", \"vm02\"]")];
        let world = World::plain(cli, &VM.with(&lines));
        world.workspace.apply().says(&["1 added"]);
        world.workspace.assert_nothing_to_do();
        assert_eq!(world.workspace.in_state(VM.kind, "this")["attributes"]["node"], "vm02");
        world.workspace.destroy();
        assert!(world.cloud.alive().is_empty());
    });
}

#[test]
fn a_wait_for_hardware_ends_well_or_by_its_time_or_by_a_stop() {
    on_every_cli(|cli| {
        let waits = |time: &str| listed(LIST, &[("capacity_timeout", time)]);
        let world = World::plain(cli, &waits("\"10m\""));
        world.cloud.faults().push(out_of_stock(CREATE).times(4));
        world.workspace.apply().says(&["1 added"]);
        assert_eq!(world.bodies(CREATE).len(), 5);
        world.workspace.assert_nothing_to_do();
        world.workspace.destroy();

        world.cloud.faults().push(out_of_stock(CREATE).always());
        world.configure(&waits("\"1s\""));
        world.workspace.try_apply().failed().says(&[
            "out of stock",
            "No instance was created",
            "It was tried",
            "product `4090.16c62g`",
            "product `a100.24c180g`",
        ]);

        world.configure(&waits("\"10m\""));
        let before = world.bodies(CREATE).len();
        let mut apply = world.workspace.spawn(&["apply", "-input=false", "-no-color", "-auto-approve"]);
        apply.wait_until("a second round", || world.bodies(CREATE).len() > before + 3);
        apply.interrupt();
        apply.wait().failed().says(&["No instance was created"]);
        assert!(world.cloud.alive().is_empty());
        world.cloud.faults().clear();
        world.workspace.apply().says(&["1 added"]);
    });
}

#[test]
fn a_lack_of_money_is_told_in_the_plan_and_stops_nothing() {
    on_every_cli(|cli| {
        let world =
            World::plain(cli, &machine("this", &[("product_id", "\"a100.24c180g\""), ("gpu_num", "8")]));
        world.workspace.plan(&[]).says(&["Balance may not be enough", "150.00 USD to spend", "230.40 USD"]);
        world.workspace.apply().says(&["1 added"]);
        world.workspace.assert_nothing_to_do();
    });
}

#[test]
fn a_storage_that_lies_elsewhere_is_told_in_the_plan() {
    on_every_cli(|cli| {
        let mounts = |id: &str| format!("[{{ id = \"{id}\" }}]");
        let of = |id: &str| {
            machine("this", &[("cluster_id", "\"us-dallas-nas-2\""), ("network_storages", &mounts(id))])
        };
        let world = World::plain(cli, &of("st-51c0"));
        world.workspace.plan(&[]).says(&["Network storage lies in another cluster", "the cluster `7`"]);
        world.configure(&of("st-none"));
        world.workspace.plan(&[]).says(&["Network storage is not listed", "`st-none`"]);
        // One that the same apply makes is no unknown one.
        let made = "resource \"novita_network_storage\" \"data\" {\n  cluster_id = \"us-dallas-nas-2\"\n  size = 20\n}\n";
        let mount = [
            ("cluster_id", "novita_network_storage.data.cluster_id"),
            ("network_storages", "[{ id = novita_network_storage.data.id }]"),
        ];
        world.configure(&format!("{made}{}", machine("this", &mount)));
        let applied = world.workspace.apply().says(&["2 added"]);
        assert!(!applied.words().contains("not listed"), "{applied}");
        world.workspace.assert_nothing_to_do();
    });
}
