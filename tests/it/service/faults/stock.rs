//! Hardware that is out of stock, at a create and at a start.

use mock_cloud::Effect;
use serde_json::{Value, json};

use super::{START_INSTANCE, START_VM, check, check_create, thing};
use crate::service::subject::{CPU, ENDPOINT, GPU, SUBJECTS, Subject, VM};
use crate::service::world::World;

/// A resource, what is done to the cloud, what is configured, the attribute to blame, and words.
type OutOfStock = (&'static Subject, fn(&World), Value, &'static str, &'static [&'static str]);

fn refuse_for_want_of_stock(world: &World) {
    for subject in SUBJECTS {
        world.fault(subject.create.with(Effect::OutOfStock));
    }
}

fn sell_out_gpus(world: &World) {
    world.cloud.with_novita(|it| it.products.iter_mut().for_each(|it| it.gpus = 0));
}

fn sell_out_cpus(world: &World) {
    assert!(world.cloud.with_novita(|it| it.sell_out("cpu.4c8g")));
}

fn sell_out_the_node(world: &World) {
    assert!(world.cloud.with_novacloud(|it| it.sell_out("vm02")));
}

#[tokio::test]
async fn demand_04_stock_out_names_what_is_out_and_where_else_it_is() {
    let cases: Vec<OutOfStock> = vec![
        (
            &GPU,
            refuse_for_want_of_stock,
            json!({"cluster_id": "7"}),
            "product_id",
            &[
                "no `4090.16c62g` (RTX 4090 24GB) with 1 GPU in the cluster `7`",
                "shows it in the cluster `us-dallas-nas-2` (US-01 (Example)) (set `cluster_id`)",
            ],
        ),
        (
            &GPU,
            |it| it.cloud.with_novita(|it| it.products[0].gpus = 2),
            json!({"gpu_num": 8}),
            "product_id",
            &["`4090.16c62g` (RTX 4090 24GB) with 8 GPUs", "with fewer GPUs (`gpu_num`)"],
        ),
        (
            &GPU,
            |it| {
                it.cloud.with_novita(|it| {
                    it.products[0].gpus = 0;
                    it.products[1].name = "NVIDIA RTX 4090".to_owned();
                });
            },
            json!({"billing_mode": "onDemand"}),
            "product_id",
            &["The same GPU is in stock as the product `5090.20c94g` (NVIDIA RTX 4090) (set `product_id`)"],
        ),
        (
            &GPU,
            sell_out_gpus,
            json!({"billing_mode": "spot"}),
            "product_id",
            &["for the billing mode `spot`", "nowhere at present"],
        ),
        (
            &CPU,
            sell_out_cpus,
            json!({}),
            "product_id",
            &["no `cpu.4c8g`", "nowhere at present", "Other CPU products"],
        ),
        (
            &CPU,
            refuse_for_want_of_stock,
            json!({"cluster_id": "7"}),
            "product_id",
            &["choose another `cluster_id`"],
        ),
        (
            &ENDPOINT,
            refuse_for_want_of_stock,
            json!({}),
            "product_ids",
            &["no hardware of `SL-serverless-3`", "no list of serverless products"],
        ),
        (
            &VM,
            |it| {
                sell_out_the_node(it);
                it.cloud
                    .with_novacloud(|it| it.nodes.iter_mut().for_each(|it| it.available |= it.id == "vm04"));
            },
            json!({}),
            "node",
            &["no 1 × `5090` free on the node `vm02`", "As many are free on the node `vm04` (set `node`)"],
        ),
        (
            &VM,
            sell_out_the_node,
            json!({}),
            "node",
            &["nowhere at present", "Other GPUs that are free: `4090` on `vm01`"],
        ),
    ];
    for (subject, prepare, config, attribute, words) in cases {
        let world = World::start().await;
        prepare(&world);
        let resource = world.of(subject);
        let summary = format!("Could not create the {}: out of stock", thing(subject));
        let words = [words, &["Nothing was retried."]].concat();
        let answer = check_create(&resource, &resource.least(&config), &summary, &words).await;
        let error = answer.said.iter().find(|it| it.is_error).expect("an error");
        assert_eq!(error.path, attribute);
    }
}

#[tokio::test]
async fn demand_01_stock_out_is_told_even_if_no_catalogue_can_be_read() {
    for subject in SUBJECTS {
        let world = World::start().await;
        world.cloud.faults().catalogue_unreachable();
        world.fault(subject.create.with(Effect::OutOfStock));
        let summary = format!("Could not create the {}: out of stock", thing(subject));
        let words = if thing(subject) == "endpoint" { "is unknown" } else { "could not be read now" };
        check_create(&world.of(subject), &(subject.least)(), &summary, &[words]).await;
    }
}

#[tokio::test]
async fn stock_out_at_a_start_leaves_the_machine_stopped() {
    for (subject, start) in [(&GPU, START_INSTANCE), (&CPU, START_INSTANCE), (&VM, START_VM)] {
        let world = World::start().await;
        let resource = world.of(subject);
        let stopped = resource.created(&json!({"desired_status": "stopped"})).await;
        let config = resource.least(&json!({"desired_status": "running"}));
        let plan = resource.plan(&config, Some(&stopped)).await.accepted();
        world.cloud.clear_log();
        world.fault(start.with(Effect::OutOfStock));
        let answer = resource.apply(&plan).await;
        let summary = format!("Could not start the {}: out of stock", thing(subject));
        let stays = format!("The {} {} stays stopped", thing(subject), stopped.id());
        check(&answer.said, &summary, &[&stays, "Nothing was retried."]);
        assert_eq!((answer.state["id"].as_str(), world.count(start)), (Some(stopped.id()), 1));
        assert_eq!(answer.state["desired_status"], "stopped");
    }
}
