//! Plans against the live catalogue: what is refused, what is warned of, and what is asked for.

use mock_cloud::Effect;
use serde_json::{Value, json};

use super::said::text_of;
use super::subject::{CPU, Call, ENDPOINT, GPU, SUBJECTS, Subject, VM};
use super::world::World;

/// Plans the least of a resource with changes, and holds the answer against the words.
async fn check(subject: &'static Subject, changes: Value, is_error: bool, words: &[&str]) {
    let world = World::start().await;
    check_in(&world, subject, &changes, is_error, words).await;
}

async fn check_in(world: &World, subject: &'static Subject, changes: &Value, is_error: bool, words: &[&str]) {
    let resource = world.of(subject);
    let planned = resource.plan(&resource.least(changes), None).await;
    let text = text_of(&planned.said);
    assert_eq!(planned.said.iter().any(|it| it.is_error), is_error, "{changes}: {text}");
    for word in words {
        assert!(text.contains(word), "{changes}: {word:?} is missing in: {text}");
    }
    assert_eq!(world.changes(), []);
}

#[tokio::test]
async fn expected_2_a_misspelt_product_is_refused_with_the_nearest_ones() {
    check(
        &GPU,
        json!({"product_id": "4090.16c62"}),
        true,
        &["Unknown product", "`4090.16c62g`", "(product_id)"],
    )
    .await;
    check(&CPU, json!({"product_id": "cpu.4c8"}), true, &["Unknown product", "`cpu.4c8g`", "(product_id)"])
        .await;
}

#[tokio::test]
async fn an_unknown_cluster_is_refused_with_the_nearest_ones() {
    for subject in [&GPU, &CPU] {
        check(subject, json!({"cluster_id": "us-dallas"}), true, &["Unknown cluster", "`us-dallas-nas-2`"])
            .await;
    }
    check(&ENDPOINT, json!({"cluster_id": "us-dallas"}), true, &["Unknown cluster", "`us-dallas-nas-2`"])
        .await;
}

#[tokio::test]
async fn a_cluster_lends_only_what_it_has() {
    let storage = json!({"cluster_id": "5", "network_storages": [{"id": "st-51c0"}]});
    let network = json!({"cluster_id": "5", "network_id": "vpc-83aa"});
    for subject in [&GPU, &CPU] {
        check(subject, storage.clone(), true, &["has no network storage", "(network_storages)"]).await;
        check(subject, network.clone(), true, &["has no VPC networks", "(network_id)"]).await;
    }
    let mount = json!([{"type": "network", "id": "st-51c0", "mount_path": "/network"}]);
    let changes = json!({"cluster_id": "5", "volume_mounts": mount});
    check(&ENDPOINT, changes, true, &["has no network storage", "(volume_mounts)"]).await;
}

#[tokio::test]
async fn a_product_has_only_so_much_disk_and_so_many_gpus() {
    check(&GPU, json!({"rootfs_size": 401}), true, &["at most 400 GB", "(rootfs_size)"]).await;
    check(&GPU, json!({"rootfs_size": 400}), false, &[]).await;
    let eight = json!({"product_id": "3090.12c30g", "gpu_num": 8});
    check(&GPU, eight.clone(), false, &["so many GPUs free", "with 8 GPUs", "(gpu_num)"]).await;
    // An API that leaves out of the list what has not as many.
    let world = World::start().await;
    let body = br#"{"data":[{"id":"4090.16c62g"}]}"#.to_vec();
    let list = Effect::Raw {
        code: 200,
        content_type: "application/json".to_owned(),
        body: String::from_utf8(body).unwrap(),
    };
    world.fault(Call("GET", "/products").with(list));
    check_in(&world, &GPU, &eight, true, &["No offer of the product `3090.12c30g` has 8 GPUs", "(gpu_num)"])
        .await;
}

#[tokio::test]
async fn demand_04_out_of_stock_is_a_warning_that_says_what_is_in_stock() {
    let world = World::start().await;
    world.cloud.with_novita(|it| assert!(it.sell_out("4090.16c62g") && it.sell_out("cpu.4c8g")));
    check_in(&world, &GPU, &json!({}), false, &["Product is out of stock", "nearest in stock"]).await;
    check_in(&world, &CPU, &json!({}), false, &["Product is out of stock", "nearest in stock"]).await;
}

#[tokio::test]
async fn an_endpoint_stays_within_the_limits_that_the_api_tells() {
    let worker = |name: &str, value: Value| {
        let mut config = (ENDPOINT.least)()["worker_config"].clone();
        config[name] = value;
        json!({ "worker_config": config })
    };
    for (changes, words) in [
        (worker("max_num", json!(11)), "`worker_config.max_num` is 11; the API allows 0 to 10 workers"),
        (worker("free_timeout", json!(3601)), "the API allows 1 to 3600 seconds"),
        (worker("max_concurrent", json!(101)), "the API allows 1 to 100 requests"),
        (worker("gpu_num", json!(9)), "the API allows 1 to 8 GPUs"),
        (worker("cuda_version", json!("1.0")), "Allowed values: `any`"),
        (json!({"policy": {"type": "queue", "value": 601}}), "the API allows 1 to 600 seconds"),
        (json!({"policy": {"type": "concurrency", "value": 1001}}), "the API allows 1 to 1000 requests"),
        (json!({"rootfs_size": 101}), "the API allows 100 to 100 GB"),
        (
            json!({"volume_mounts": [{"type": "local", "size": 31, "mount_path": "/workspace"}]}),
            "the API allows 30 to 30 GB",
        ),
    ] {
        check(&ENDPOINT, changes, true, &["Outside of the API's limits", words]).await;
    }
}

#[tokio::test]
async fn a_vm_that_nobody_offers_is_a_warning() {
    check(&VM, json!({"node": "vm99"}), false, &["No such offer", "Nodes that offer it"]).await;
    check(&VM, json!({}), false, &[]).await;
}

#[tokio::test]
async fn a_catalogue_that_cannot_be_read_stops_no_plan_and_is_asked_for_once() {
    for subject in SUBJECTS {
        let world = World::start().await;
        world.cloud.faults().catalogue_unreachable();
        let resource = world.of(subject);
        resource.plan(&(subject.least)(), None).await.accepted();
        let asked = world.requests().len();
        resource.plan(&(subject.least)(), None).await.accepted();
        assert_eq!(world.requests().len(), asked, "a list that could not be read is not asked for again");
    }
}

#[tokio::test]
async fn each_list_is_read_once_and_only_for_what_changes() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        for _ in 0..3 {
            resource.plan(&(subject.least)(), None).await.accepted();
        }
        let mut lists = world.requests();
        lists.sort();
        let read = lists.len();
        lists.dedup();
        assert_eq!(lists.len(), read, "each list once: {lists:?}");

        let object = resource.create(&(subject.least)()).await;
        assert_eq!(world.configure(&json!({})).await, []); // a new process knows nothing
        world.cloud.clear_log();
        assert!(resource.plan(&(subject.least)(), Some(&object)).await.accepted().is_empty());
        assert_eq!(world.requests(), Vec::<String>::new(), "a plan without a change asks nothing");
    }
}

#[tokio::test]
async fn the_price_is_that_of_the_catalogue_and_stays_when_the_catalogue_moves() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let config = resource.least(&json!({"gpu_num": 2}));
    let made = resource.create(&config).await;
    assert_eq!(made.state["hourly_price"], json!(0.7), "two GPUs at 0.35 USD");
    world.cloud.with_novita(|it| it.price_step = 1000);
    let read = resource.read(&made).await.object();
    assert_eq!(read.state["hourly_price"], json!(0.7));
    assert!(resource.plan(&config, Some(&read)).await.accepted().is_empty());
    let cpu = world.of(&CPU).create(&(CPU.least)()).await;
    assert!(cpu.state["hourly_price"].as_f64().is_some_and(|it| it > 0.0));
}
