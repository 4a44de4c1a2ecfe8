//! `examples/budget`: the cheapest product in stock is rented, unless it costs more than the budget.

use super::super::examples::{examples, read};
use super::super::{World, on_every_cli};

#[test]
fn a_plan_above_the_budget_is_refused_and_nothing_is_rented() {
    on_every_cli(|cli| {
        let mut world = budget_world(cli, "0.3");
        for output in [world.workspace.plan(&[]), world.workspace.try_apply()] {
            let words = ["precondition", "costs 0.35 USD per hour", "budget of 0.3"];
            output.failed().says(&words);
        }
        // The price of a machine is that of all its GPUs.
        world.workspace.set("TF_VAR_budget", "0.5");
        world.workspace.set("TF_VAR_gpu_num", "2");
        world.workspace.plan(&[]).failed().says(&["costs 0.7 USD per hour"]);
        assert!(world.changes().is_empty() && world.cloud.alive().is_empty());
    });
}

#[test]
fn within_the_budget_the_cheapest_product_in_stock_is_rented() {
    on_every_cli(|cli| {
        let mut world = budget_world(cli, "0.5");
        world.workspace.apply();
        assert_eq!(world.changes(), ["/gpu/instance/create"]);
        assert_eq!(world.attribute("worker", "product_id"), "4090.16c62g");
        let units = world.cloud.with_novita(|it| {
            it.products
                .iter()
                .find(|it| it.id == "4090.16c62g")
                .map(|it| it.price)
                .expect("it is in the catalogue")
        });
        let usd = world.attribute("worker", "hourly_price").as_f64().expect("the price is known");
        assert_eq!((usd * 100_000.0).round(), f64::from(u32::try_from(units).expect("a small price")));
        world.workspace.assert_nothing_to_do();

        // What is sold out or dearer tomorrow does not touch the machine that runs.
        world.workspace.set("TF_VAR_budget", "1");
        assert!(world.cloud.with_novita(|it| it.sell_out("4090.16c62g")));
        world.workspace.assert_nothing_to_do();
        world.workspace.destroy();
        assert!(world.cloud.alive().is_empty());
    });
}

#[test]
fn what_is_sold_out_is_passed_over() {
    on_every_cli(|cli| {
        let world = budget_world(cli, "1");
        assert!(world.cloud.with_novita(|it| it.sell_out("4090.16c62g")));
        world.workspace.apply();
        assert_eq!(world.attribute("worker", "product_id"), "5090.20c94g");
        assert_eq!(world.attribute("worker", "hourly_price"), 0.55);
        world.workspace.destroy();
    });
}

fn budget_world(cli: &crate::cli::Cli, budget: &str) -> World {
    let mut world = World::new(cli, "");
    world.workspace.write("main.tf", &read(&examples().join("budget/main.tf")));
    // An override only adds to the block; the example stays as the reader sees it.
    let hurry = "provider \"novita\" {\n  poll_interval = \"20ms\"\n  max_requests_per_minute = 0\n}\n";
    world.workspace.write("test_override.tf", hurry);
    world.workspace.set("TF_VAR_budget", budget);
    world
}
