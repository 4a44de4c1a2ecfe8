//! Plans against the live catalogue: what is refused, what is warned of, and what is asked for.

use mock_cloud::Effect;
use serde_json::{Value, json};

use super::said::text_of;
use super::subject::{CPU, Call, ENDPOINT, GPU, NETWORK, STORAGE, SUBJECTS, Subject, VM};
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
async fn what_is_not_listed_is_a_warning_and_only_a_slip_is_refused() {
    for subject in [&GPU, &CPU, &ENDPOINT] {
        let slip = json!({"cluster_id": "us-dalas-nas-2"});
        check(subject, slip, true, &["Unknown cluster", "Was `us-dallas-nas-2` meant", "(cluster_id)"]).await;
        let hidden = json!({"cluster_id": "us-dallas-nas-3"});
        check(subject, hidden, false, &["Unlisted cluster", "`us-dallas-nas-2`", "(cluster_id)"]).await;
    }
    for (subject, hidden) in [(&GPU, "4090.16c64g"), (&CPU, "cpu.5c8g")] {
        check(
            subject,
            json!({"product_id": hidden}),
            false,
            &["Unlisted product", "nearest", "(product_id)"],
        )
        .await;
    }
    let hidden = json!({"product_ids": ["SL-serverless-33"]});
    check(&ENDPOINT, hidden, false, &["Unlisted product", "`SL-serverless-3`", "(product_ids)"]).await;
}

/// Clients show no warning of a replacement's second plan, so the first has those of a creation.
#[tokio::test]
async fn a_plan_that_replaces_says_what_a_creation_would_before_anything_is_destroyed() {
    for (subject, product) in [(&GPU, "4090.16c64g"), (&CPU, "cpu.5c8g")] {
        let world = World::start().await;
        let resource = world.of(subject);
        let object = resource.create(&(subject.least)()).await;
        let planned = resource.plan(&resource.least(&json!({"product_id": product})), Some(&object)).await;
        let text = text_of(&planned.said);
        assert!(text.contains("Unlisted product") && text.contains("(product_id)"), "{text}");
        assert!(!planned.said.iter().any(|it| it.is_error), "{text}");
    }
}

#[tokio::test]
async fn a_product_of_another_billing_mode_is_a_warning_at_the_billing_mode() {
    let world = World::start().await;
    world.cloud.with_novita(|it| {
        it.products.iter_mut().for_each(|it| it.billing_methods.retain(|mode| mode != "spot"));
    });
    let words =
        ["may not be offered in this billing mode", "`onDemand` and not for `spot`", "(billing_mode)"];
    check_in(&world, &GPU, &json!({"billing_mode": "spot"}), false, &words).await;
}

#[tokio::test]
async fn a_cluster_lends_only_what_it_has() {
    let storage = json!({"cluster_id": "5", "network_storages": [{"id": "st-51c0"}]});
    let network = json!({"cluster_id": "5", "network_id": "vpc-83aa"});
    for subject in [&GPU, &CPU] {
        check(subject, storage.clone(), false, &["has no network storage", "(network_storages)"]).await;
        check(subject, network.clone(), false, &["has no VPC networks", "(network_id)"]).await;
    }
    let mount = json!([{"type": "network", "id": "st-51c0", "mount_path": "/network"}]);
    let changes = json!({"cluster_id": "5", "volume_mounts": mount});
    check(&ENDPOINT, changes, false, &["has no network storage", "(volume_mounts)"]).await;
    let there = json!({"cluster_id": "5"});
    check(&STORAGE, there.clone(), false, &["has no network storage", "(cluster_id)"]).await;
    check(&NETWORK, there, false, &["has no VPC networks", "(cluster_id)"]).await;
}

#[tokio::test]
async fn a_product_has_only_so_much_disk_and_so_many_gpus() {
    check(&GPU, json!({"rootfs_size": 401}), true, &["allows 10 to 400 GB", "(rootfs_size)"]).await;
    check(&GPU, json!({"rootfs_size": 400}), false, &[]).await;
    let eight = json!({"product_id": "3090.12c30g", "gpu_num": 8});
    check(&GPU, eight.clone(), false, &["so many GPUs free", "with 8 GPUs", "(gpu_num)"]).await;
    // An API that leaves out of the list what has not as many.
    let world = World::start().await;
    world.fault(Call("GET", "/products").with(raw(r#"{"data":[{"id":"4090.16c62g"}]}"#)));
    let words = ["no offer of the product `3090.12c30g` with 8 GPUs", "(gpu_num)"];
    check_in(&world, &GPU, &eight, false, &words).await;
}

fn raw(body: &str) -> Effect {
    Effect::Raw { code: 200, content_type: "application/json".to_owned(), body: body.to_owned() }
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
        (worker("max_num", json!(11)), "`worker_config.max_num` is 11; the API allows at most 10 workers"),
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
        let said = resource.plan(&(subject.least)(), None).await.accepted().said;
        assert!(said.len() == 1 && text_of(&said).contains("was not checked"), "{}", text_of(&said));
        let asked = world.requests().len();
        let said = resource.plan(&(subject.least)(), None).await.accepted().said;
        assert_eq!(world.requests().len(), asked, "a list that could not be read is not asked for again");
        assert_eq!(said, [], "and it is said once");
    }
}

/// A plan of the least with everything that could be checked.
fn checkable(subject: &Subject) -> Value {
    match subject.type_name {
        "novita_gpu_instance" => {
            json!({"product_id": "no-such", "gpu_num": 8, "rootfs_size": 6000, "cluster_id": "99"})
        }
        "novita_cpu_instance" => json!({"product_id": "no-such", "cluster_id": "99"}),
        "novita_endpoint" => json!({"rootfs_size": 7, "cluster_id": "99"}),
        _ => json!({"node": "vm99", "gpu_count": 8}),
    }
}

#[tokio::test]
async fn an_empty_or_reshaped_catalogue_checks_nothing_and_says_so_once() {
    for subject in SUBJECTS {
        for body in [
            "{}",
            "null",
            "[]",
            r#"{"data":[]}"#,
            r#"{"data":null}"#,
            r#"{"data":[{"sku":"x","label":"y"}]}"#,
            r#"{"data":{"page":1}}"#,
            r#"{"data":["x","y"]}"#,
            r#"{"maxRootfsSize":0,"minRootfsSize":0,"cudaVersionList":null}"#,
            "<html>log in</html>",
        ] {
            let world = World::start().await;
            for path in ["/products", "/clusters", "/endpoint/limit", "/search"] {
                world.fault(Call("GET", path).with(raw(body)).always());
            }
            let resource = world.of(subject);
            let config = resource.least(&checkable(subject));
            let said = resource.plan(&config, None).await.accepted().said;
            let text = text_of(&said);
            assert!(
                said.len() == 1 && text.contains("Plan was not checked against the catalogue"),
                "{body}: {text}"
            );
            assert_eq!(resource.plan(&config, None).await.accepted().said, [], "{body}");
        }
    }
}

#[tokio::test]
async fn a_plan_without_a_key_or_with_a_refused_one_says_what_to_look_at() {
    for subject in [&GPU, &CPU, &ENDPOINT] {
        for (key, words) in [(json!("wrong"), "refused the key"), (Value::Null, "There is no key")] {
            let world = World::start().await;
            assert_eq!(world.configure(&json!({"api_key": key})).await, []);
            let resource = world.of(subject);
            let config = resource.least(&checkable(subject));
            let said = resource.plan(&config, None).await.accepted().said;
            let text = text_of(&said);
            assert!(said.len() == 1 && text.contains(words), "{text}");
            assert!(text.contains("`api_key`") && text.contains("NOVITA_API_KEY"), "{text}");
            assert_eq!(resource.plan(&config, None).await.accepted().said, []);
        }
    }
    // Nova Cloud's offers are public.
    let world = World::start().await;
    assert_eq!(world.configure(&json!({"novacloud_api_key": null})).await, []);
    check_in(&world, &VM, &json!({"node": "vm99"}), false, &["No such offer"]).await;
}

#[tokio::test]
async fn what_exists_is_not_refused_because_the_catalogue_moved_on() {
    let world = World::start().await;
    let (gpu, cpu) = (world.of(&GPU), world.of(&CPU));
    let (with_gpu, without) = (gpu.created(&json!({"cluster_id": "7"})).await, cpu.created(&json!({})).await);
    world.cloud.with_novita(|it| {
        it.products.retain(|it| it.id != "4090.16c62g");
        it.cpu_products.retain(|it| it.id != "cpu.4c8g");
        it.clusters.retain(|it| it.id != "7");
    });
    assert_eq!(world.configure(&json!({})).await, []); // a new process knows nothing
    for change in [
        json!({"image_url": "docker.io/acme/trainer:2"}),
        json!({"rootfs_size": 90}),
        json!({"deletion_protection": true}),
    ] {
        let config = gpu.least(&super::patched(&json!({"cluster_id": "7"}), &change));
        assert_eq!(gpu.plan(&config, Some(&with_gpu)).await.accepted().said, [], "{change}");
    }
    let config = gpu.least(&json!({"cluster_id": "7", "month": 1}));
    let said = gpu.plan(&config, Some(&with_gpu)).await.accepted().said;
    assert!(said.len() == 1 && text_of(&said).contains("a sum that the catalogue does not show"), "{said:?}");
    let config = cpu.least(&json!({"command": "run"}));
    assert_eq!(cpu.plan(&config, Some(&without)).await.accepted().said, []);
    let config = gpu.least(&json!({"cluster_id": "7", "network_storages": [{"id": "st-51c0"}]}));
    assert_eq!(gpu.plan(&config, Some(&with_gpu)).await.accepted().said, []);
}

#[tokio::test]
async fn limits_that_moved_bound_only_what_changes() {
    let world = World::start().await;
    let resource = world.of(&ENDPOINT);
    let workers = |changes: &Value| super::patched(&(ENDPOINT.least)()["worker_config"], changes);
    let mounts = json!([{"type": "local", "size": 30, "mount_path": "/w"}]);
    let made = json!({"worker_config": workers(&json!({"cuda_version": "12.4"})), "volume_mounts": mounts});
    let endpoint = resource.created(&made).await;
    world.cloud.with_novita(|it| {
        let limit = &mut it.endpoint_limit;
        (limit.min_rootfs_size, limit.max_rootfs_size) = (200, 200);
        (limit.min_local_volume_size, limit.max_local_volume_size) = (60, 60);
        (limit.max_worker_num, limit.max_queue_wait_time) = (1, 5);
        limit.cuda_version_list = vec!["12.8".to_owned()];
    });
    assert_eq!(world.configure(&json!({})).await, []); // a new process knows nothing
    let image = json!({"image": {"image": "docker.io/acme/model:2"}});
    let fewer = json!({"worker_config": workers(&json!({"cuda_version": "12.4", "max_num": 1}))});
    let more_disks = json!([mounts[0], {"type": "local", "size": 60, "mount_path": "/x"}]);
    for change in [image, fewer, json!({"deletion_protection": true}), json!({"volume_mounts": more_disks})] {
        let config = resource.least(&super::patched(&made, &change));
        assert_eq!(resource.plan(&config, Some(&endpoint)).await.accepted().said, [], "{change}");
    }
    for (change, words) in [
        (
            json!({"worker_config": workers(&json!({"cuda_version": "12.4", "max_num": 3}))}),
            "at most 1 workers",
        ),
        (json!({"worker_config": workers(&json!({"cuda_version": "12.6"}))}), "`12.6` is not offered"),
        (json!({"policy": {"type": "queue", "value": 11}}), "1 to 5 seconds"),
    ] {
        let config = resource.least(&super::patched(&made, &change));
        let error = resource.plan(&config, Some(&endpoint)).await.error();
        assert!(error.contains(words), "{change}: {error}");
    }
}

#[tokio::test]
async fn a_bound_of_nothing_is_none_and_is_never_sent() {
    let world = World::start().await;
    let zero = r#"{"minRootfsSize":0,"maxRootfsSize":0,"maxWorkerNum":0,"maxFreeTimeout":0,"minRequestTimeout":0,
        "maxRequestTimeout":0,"maxGPUNum":8,"cudaVersionList":[]}"#;
    world.fault(Call("GET", "/endpoint/limit").with(raw(zero)).always());
    let resource = world.of(&ENDPOINT);
    let plan = resource.plan(&(ENDPOINT.least)(), None).await.accepted();
    assert_eq!((plan.said.clone(), &plan.value["rootfs_size"]), (vec![], &super::unknown()));
    let object = resource.apply(&plan).await.object();
    assert_eq!(object.state["rootfs_size"], 100);
    let sent = &world.changes()[0].1["endpoint"];
    assert_eq!((&sent["rootfsSize"], &sent["workerConfig"]["requestTimeout"]), (&json!(100), &json!(600)));
}

#[tokio::test]
async fn a_disk_that_is_not_configured_is_moved_inside_the_bounds() {
    for (bounds, size) in [((50, 200), 100), ((150, 200), 150), ((10, 80), 80)] {
        let world = World::start().await;
        world.cloud.with_novita(|it| {
            (it.endpoint_limit.min_rootfs_size, it.endpoint_limit.max_rootfs_size) = bounds;
        });
        let resource = world.of(&ENDPOINT);
        let object = resource.create(&(ENDPOINT.least)()).await;
        assert_eq!(object.state["rootfs_size"], size, "{bounds:?}");
        resource.assert_settled(&(ENDPOINT.least)(), &object).await;
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

/// An apply makes the plan once more in a process of its own; with the create call these are three requests.
#[tokio::test]
async fn a_plan_of_an_instance_without_a_cluster_asks_for_products_and_the_balance_alone() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    resource.plan(&(GPU.least)(), None).await.accepted();
    let asked = world.requests();
    let about = |it: &str| asked.iter().filter(|request| request.contains(it)).count();
    assert_eq!((asked.len(), about("/products"), about("balance")), (2, 1, 1), "{asked:?}");
    resource.plan(&resource.least(&json!({"cluster_id": "7"})), None).await.accepted();
    assert!(world.requests().iter().any(|it| it.contains("/clusters")));
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

/// The least of an endpoint whose workers have so many GPUs, with changes.
fn workers(gpus: u32, always: u32, changes: &Value) -> Value {
    let mut config = super::patched(&(ENDPOINT.least)(), changes);
    config["worker_config"]["gpu_num"] = json!(gpus);
    config["worker_config"]["min_num"] = json!(always);
    config
}

#[tokio::test]
async fn the_price_of_a_worker_is_that_of_its_gpus_on_its_dearest_product() {
    let world = World::start().await;
    let resource = world.of(&ENDPOINT);
    let both = json!({"product_ids": ["SL-serverless-3", "SL-serverless-4"]});
    let dearest = resource.create(&workers(1, 0, &both)).await;
    assert_eq!(dearest.state["hourly_price"], json!(0.7));
    let made = resource.create(&workers(1, 0, &json!({}))).await;
    assert_eq!(made.state["hourly_price"], json!(0.45));
    // What does not change the workers' hardware leaves the price as it is.
    let renamed = workers(1, 1, &json!({"name": "renamed"}));
    let plan = resource.plan(&renamed, Some(&made)).await.accepted();
    assert_eq!(plan.value["hourly_price"], json!(0.45));
    let plan = resource.plan(&workers(2, 0, &json!({})), Some(&made)).await.accepted();
    assert_eq!(plan.value["hourly_price"], super::unknown());
    let grown = resource.apply(&plan).await.object();
    assert_eq!(grown.state["hourly_price"], json!(0.9));
    assert!(resource.plan(&workers(2, 0, &json!({})), Some(&grown)).await.accepted().is_empty());
    assert_eq!(resource.imported(grown.id()).await.state["hourly_price"], json!(0.9));
}

#[tokio::test]
async fn a_cap_of_a_worker_is_held_in_the_plan_and_before_the_request() {
    let world = World::start().await;
    let resource = world.of(&ENDPOINT);
    let capped = |gpus| workers(gpus, 0, &json!({"max_hourly_price": 0.5}));
    let words = resource.plan(&capped(2), None).await.error();
    assert!(words.contains("A worker costs 0.9 USD") && words.contains("(max_hourly_price)"), "{words}");
    let plan = resource.plan(&capped(1), None).await.accepted();
    world.cloud.with_novita(|it| it.endpoint_products.iter_mut().for_each(|it| it.price *= 2));
    let words = text_of(&resource.apply(&plan).await.said);
    assert!(words.contains("Price is above the cap"), "{words}");
    assert_eq!(world.changes(), []);
    world.cloud.with_novita(|it| it.endpoint_products.iter_mut().for_each(|it| it.price /= 2));
    let made = resource.create(&capped(1)).await;
    let words = resource.plan(&capped(2), Some(&made)).await.error();
    assert!(words.contains("A worker costs 0.9 USD"), "{words}");
    // A product that is not listed has no price, and a cap that cannot be checked is not met.
    world.cloud.with_novita(|it| it.endpoint_products.iter_mut().for_each(|it| it.id.insert(0, 'X')));
    assert_eq!(world.configure(&json!({})).await, []);
    let sent = world.changes().len();
    let plan = resource.plan(&capped(1), None).await.accepted();
    assert!(text_of(&plan.said).contains("Price cap cannot be checked"), "{:?}", plan.said);
    let words = text_of(&resource.apply(&plan).await.said);
    assert!(words.contains("Price cap cannot be checked"), "{words}");
    assert_eq!(world.changes().len(), sent);
}

#[tokio::test]
async fn workers_that_always_run_count_against_the_balance_and_a_cap_of_machines_is_not_theirs() {
    let world = World::start().await;
    let resource = world.of(&ENDPOINT);
    let said = async |always| text_of(&resource.plan(&workers(8, always, &json!({})), None).await.said);
    assert_eq!(said(0).await, "");
    let words = said(2).await;
    assert!(words.contains("Balance may not be enough") && words.contains("172.80 USD"), "{words}");
    assert_eq!(world.configure(&json!({"max_hourly_price": 0.01})).await, []);
    assert_eq!(said(0).await, "");
}

#[tokio::test]
async fn a_reservation_is_quoted_once_in_a_process() {
    let world = World::start().await;
    let resource = world.of(&VM);
    let reserved = |months| resource.least(&json!({"rental_type": "reserved", "reservation_months": months}));
    for months in [1, 3, 1, 1] {
        resource.plan(&reserved(months), None).await.accepted();
    }
    let quotes = world.requests().into_iter().filter(|it| it.ends_with("/reservations/calculate"));
    assert_eq!(quotes.count(), 2);
}

#[tokio::test]
async fn what_is_refused_without_a_call_and_what_the_api_refuses_are_told_together() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let wrong =
        json!({"billing_mode": "monthly", "product_id": "4090.16c62", "cluster_id": "us-dalas-nas-2"});
    let words = resource.plan(&resource.least(&wrong), None).await.error();
    for fault in ["Monthly billing needs a number of months", "Unknown product", "Unknown cluster"] {
        assert!(words.contains(fault), "{fault}: {words}");
    }
}

#[tokio::test]
async fn a_clusters_name_in_place_of_its_id_is_answered_with_the_id() {
    for name in ["EU-02", "eu-02"] {
        check(&GPU, json!({"cluster_id": name}), true, &["`cluster_id` takes an ID: `7` is EU-02"]).await;
    }
    check(
        &CPU,
        json!({"cluster_id": "us-dallas-nas-3"}),
        false,
        &["`7` is EU-02", "`novita_clusters` lists all"],
    )
    .await;
}
