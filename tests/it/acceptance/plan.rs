//! What a plan shows: the one line that changes, the price, and every doubt about both.

use serde_json::Value;

use super::four::VM;
use super::{World, machine, on_every_cli};

/// A resource that reads what a machine computes, and nothing that the change touches.
fn reader(of: &str) -> String {
    format!("resource \"terraform_data\" \"reader\" {{\n  input = {of}\n}}\n")
}

#[test]
fn a_change_shows_as_one_line_and_leaves_who_reads_the_rest_alone() {
    on_every_cli(|cli| {
        let gpu = |changes: &[(&str, &str)]| {
            let same = [("ports", "[\"22/tcp\"]"), ("desired_status", "\"running\"")];
            let kept = same.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
            machine("this", &kept.chain(changes).copied().collect::<Vec<_>>())
        };
        let this = "novita_gpu_instance.this";
        for (change, read, lines) in [
            (&[("rootfs_size", "90")][..], "port_mappings", &["rootfs_size"][..]),
            (&[("ports", "[\"22/tcp\", \"80/http\"]")], "ssh_command", &["port_mappings", "ports"]),
            (
                &[("image_url", "\"docker.io/acme/trainer:2\"")],
                "hourly_price",
                &[
                    "image_url",
                    "jupyter_url",
                    "port_mappings",
                    "ssh_command",
                    "ssh_host",
                    "ssh_password",
                    "ssh_port",
                    "ssh_user",
                ],
            ),
            (
                &[("desired_status", "\"stopped\"")],
                "network_ip",
                &[
                    "desired_status",
                    "jupyter_url",
                    "port_mappings",
                    "ssh_command",
                    "ssh_host",
                    "ssh_password",
                    "ssh_port",
                    "ssh_user",
                    "status",
                ],
            ),
        ] {
            let reader = reader(&format!("{this}.{read}"));
            let world = World::plain(cli, &format!("{}{reader}", gpu(&[])));
            world.workspace.apply();
            world.configure(&format!("{}{reader}", gpu(change)));
            let plan = world.workspace.show_plan_json();
            assert_eq!(changed(&plan, this), lines, "{change:?}");
            assert_eq!(actions(&plan, "terraform_data.reader"), ["no-op"], "{change:?}");
            world.workspace.apply().says(&["0 added, 1 changed, 0 destroyed"]);
            world.workspace.assert_nothing_to_do();
        }
        let world =
            World::plain(cli, &format!("{}{}", VM.with(&[]), reader("novacloud_vm.this.hourly_rate")));
        world.workspace.apply();
        world.configure(&format!(
            "{}{}",
            VM.with(&[("desired_status", "\"stopped\"")]),
            reader("novacloud_vm.this.hourly_rate")
        ));
        let plan = world.workspace.show_plan_json();
        assert_eq!(
            changed(&plan, "novacloud_vm.this"),
            ["desired_status", "ip_address", "started_at", "status", "stopped_at"]
        );
        assert_eq!(actions(&plan, "terraform_data.reader"), ["no-op"]);
        world.workspace.apply();
        world.workspace.assert_nothing_to_do();
    });
}

fn change<'p>(plan: &'p Value, address: &str) -> &'p Value {
    let changes = plan["resource_changes"].as_array().expect("changes");
    &changes.iter().find(|it| it["address"] == address).expect("a change")["change"]
}

fn actions(plan: &Value, address: &str) -> Vec<String> {
    let actions = change(plan, address)["actions"].as_array().expect("actions");
    actions.iter().map(|it| it.as_str().expect("a text").to_owned()).collect()
}

/// The attributes that a plan shows as changing, or as known after apply, by name.
fn changed(plan: &Value, address: &str) -> Vec<String> {
    let change = change(plan, address);
    let before = change["before"].as_object().expect("a state");
    let differ = |name: &&String| change["after"].get(name) != before.get(*name);
    before.keys().filter(differ).cloned().collect()
}

#[test]
fn a_price_is_in_the_plan_where_the_client_keeps_it_and_stays_what_was_planned() {
    on_every_cli(|cli| {
        let world = World::plain(cli, &machine("this", &[]));
        world.workspace.run(&["plan", "-input=false", "-no-color", "-out=saved.bin"]).succeeded();
        let plan = world.workspace.run(&["show", "-json", "saved.bin"]).succeeded().json();
        let change = change(&plan, "novita_gpu_instance.this").clone();
        let planned = &change["after"]["hourly_price"];
        assert_eq!(planned.is_number(), cli.is_newest, "{planned}");
        assert_eq!(
            change["after_unknown"]["hourly_price"],
            if cli.is_newest { Value::Null } else { true.into() }
        );

        world.cloud.change_prices(2.0);
        let applied = world.workspace.run(&["apply", "-input=false", "-no-color", "saved.bin"]).succeeded();
        let kept = world.attribute("this", "hourly_price").as_f64().expect("a price");
        if cli.is_newest {
            assert_eq!(Some(kept), planned.as_f64());
            applied.says(&["Price has changed since the plan"]);
        } else {
            assert!(!applied.words().contains("Price has changed"), "{applied}");
        }
        world.workspace.assert_nothing_to_do();
    });
}

#[test]
fn a_cap_refuses_the_plan_and_the_request_after_the_price_has_risen() {
    on_every_cli(|cli| {
        for general in [false, true] {
            let capped = |usd: &str| {
                let own = [("max_hourly_price", usd)];
                let machine = machine("this", if general { &[] } else { &own });
                let provider = format!("provider \"novita\" {{\n  max_hourly_price = {usd}\n");
                (machine, if general { provider } else { "provider \"novita\" {\n".to_owned() })
            };
            let write = |world: &World, usd: &str| {
                let (machine, provider) = capped(usd);
                let block = super::PROVIDER.replace("provider \"novita\" {\n", &provider);
                world.workspace.write("main.tf", &format!("{block}{machine}"));
            };
            let world = World::plain(cli, "");
            write(&world, "0.01");
            world.workspace.plan(&[]).failed().says(&["Price is above the cap", "0.01 USD per hour"]);
            write(&world, "5");
            world.workspace.run(&["plan", "-input=false", "-no-color", "-out=saved.bin"]).succeeded();
            world.cloud.change_prices(100.0);
            let refused = world.workspace.run(&["apply", "-input=false", "-no-color", "saved.bin"]).failed();
            refused.says(&["Price is above the cap"]);
            assert_eq!(world.changes(), Vec::<String>::new());
            world.cloud.change_prices(0.01);
            world.workspace.apply().says(&["1 added"]);
            world.workspace.assert_nothing_to_do();
            // A cap that is lowered below the price of what runs touches nothing.
            write(&world, "0.0001");
            let before = world.changes().len();
            world.workspace.apply().says(&["0 added", "0 destroyed"]);
            assert_eq!(world.changes_since(before), Vec::<String>::new());
        }
    });
}

/// Clients show no warning of the second plan that they make of a replacement.
#[test]
fn a_replacement_is_told_that_its_product_is_not_listed_while_the_machine_still_runs() {
    on_every_cli(|cli| {
        let world = World::plain(cli, &machine("this", &[]));
        world.workspace.apply().says(&["1 added"]);
        let moved = machine("this", &[("product_id", "\"4090.16c64g\"")]);
        world.workspace.write("main.tf", &format!("{}{moved}", super::PROVIDER));
        let planned =
            world.workspace.plan(&[]).says(&["Unlisted product", "must be replaced", "1 to destroy"]);
        assert_eq!(planned.words().matches("Unlisted product").count(), 1, "told once: {planned}");
    });
}

#[test]
fn a_cap_that_cannot_be_checked_is_told_in_the_plan_and_makes_nothing() {
    on_every_cli(|cli| {
        use mock_cloud::{Effect, Fault};
        let world = World::plain(cli, &machine("this", &[("max_hourly_price", "5")]));
        let broken = Effect::Http5xx { code: 503, html: false };
        world.cloud.faults().push(Fault::new("GET", "/products", broken).always());
        world.workspace.plan(&[]).says(&["Price cap cannot be checked"]);
        world.workspace.try_apply().failed().says(&["Price cap cannot be checked", "Nothing was created"]);
        assert_eq!(world.changes(), Vec::<String>::new());
        world.cloud.faults().clear();
        world.workspace.apply().says(&["1 added"]);
    });
}
