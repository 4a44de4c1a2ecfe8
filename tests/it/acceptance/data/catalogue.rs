//! What can be rented, where, within which limits and at what price.

use mock_cloud::{Effect, Fault};
use serde_json::{Value, json};

use super::super::{World, on_every_cli};
use super::seen;
use crate::cli::Cli;

const NOVITA: &str = r#"
data "novita_gpu_products" "all" {}

data "novita_gpu_products" "spot" {
  billing_method = "spot"
}

data "novita_gpu_products" "monthly" {
  billing_method = "monthly"
  product_name   = "rtx"
}

data "novita_gpu_products" "large" {
  cluster_id         = "7"
  gpu_num            = 8
  min_cpu_per_gpu    = 16
  min_memory_per_gpu = 60
  min_rootfs_size    = 300
  available          = true
}

data "novita_gpu_products" "sold_out" {
  available = false
}

data "novita_gpu_products" "cheap" {
  max_hourly_price = 0.35
}

data "novita_gpu_products" "none" {
  product_name = "abacus"
}

data "novita_cpu_products" "all" {}

data "novita_cpu_products" "fitting" {
  cluster_id       = "7"
  product_name     = "cpu"
  min_cpu_num      = 16
  min_memory_size  = 64
  max_hourly_price = 1
  available        = true
}

data "novita_clusters" "all" {}

data "novita_clusters" "fitting" {
  product_name             = "rtx 4090"
  support_network_storage  = true
  support_instance_network = false
}

data "novita_endpoint_limits" "now" {}

locals {
  gpu = {
    all      = data.novita_gpu_products.all.products
    spot     = data.novita_gpu_products.spot.products
    monthly  = data.novita_gpu_products.monthly.products
    large    = data.novita_gpu_products.large.products
    sold_out = data.novita_gpu_products.sold_out.products
    cheap    = data.novita_gpu_products.cheap.products
    none     = data.novita_gpu_products.none.products
  }
}

output "seen" {
  value = {
    gpu         = { for name, products in local.gpu : name => products[*].id }
    prices      = { for product in data.novita_gpu_products.all.products : product.id => product.hourly_price }
    product     = data.novita_gpu_products.spot.products[0]
    no_spot     = data.novita_gpu_products.all.products[0].spot_hourly_price
    cpu         = data.novita_cpu_products.all.products[*].id
    cpu_fitting = data.novita_cpu_products.fitting.products
    clusters    = data.novita_clusters.all.clusters[*].id
    cluster     = one(data.novita_clusters.fitting.clusters)
    limits      = data.novita_endpoint_limits.now
  }
}
"#;

#[test]
fn novitas_catalogue_is_listed_cheapest_first_in_usd_per_hour() {
    on_every_cli(|cli| {
        let world = World::new(cli, NOVITA);
        let seen = seen(&world.workspace);
        assert_eq!(
            seen["gpu"],
            json!({
                "all": ["3090.12c30g", "4090.16c62g", "5090.20c94g", "a100.24c180g", "h100.26c200g"],
                "spot": ["4090.16c62g"],
                "monthly": ["4090.16c62g", "5090.20c94g"],
                "large": ["4090.16c62g", "5090.20c94g"],
                "sold_out": ["h100.26c200g"],
                "cheap": ["3090.12c30g", "4090.16c62g"],
                "none": [],
            })
        );
        for (id, units) in world.cloud.with_novita(|it| prices(&it.products)) {
            let usd = seen["prices"][&id].as_f64().expect("each product has a price");
            assert_eq!((usd * 100_000.0).round(), units, "{id}");
        }
        assert_eq!(seen["no_spot"], Value::Null);
        check_product(&seen["product"]);
        assert_eq!(seen["cpu"], json!(["cpu.4c8g", "cpu.16c64g", "cpu.64c256g"]));
        assert_eq!(
            seen["cpu_fitting"],
            json!([{
                "id": "cpu.16c64g", "name": "CPU 16C 64G", "cpu_num": 16, "memory_size": 64, "rootfs_size": 60,
                "local_volume_size": 30, "available": true, "hourly_price": 0.16,
            }])
        );
        assert_eq!(seen["clusters"], json!(["5", "7", "us-dallas-nas-2"]));
        assert_eq!(seen["cluster"]["id"], "us-dallas-nas-2");
        assert!(
            seen["cluster"]["available_gpu_type"]
                .as_array()
                .is_some_and(|it| it.contains(&json!("RTX 4090 24GB")))
        );
        check_limits(&seen["limits"]);
        check_queries(&world);
        world.workspace.assert_nothing_to_do();
        assert!(world.changes().is_empty(), "reading changes nothing: {:?}", world.changes());
    });
}

fn prices(products: &[mock_cloud::novita::catalogue::Product]) -> Vec<(String, f64)> {
    products
        .iter()
        .map(|it| (it.id.clone(), f64::from(u32::try_from(it.price).expect("a small price"))))
        .collect()
}

fn check_product(product: &Value) {
    let expected = json!({
        "id": "4090.16c62g", "name": "RTX 4090 24GB", "cpu_per_gpu": 16, "memory_per_gpu": 62, "disk_per_gpu": 0,
        "available": true, "inventory_state": "high", "min_rootfs": 10, "max_rootfs": 400,
        "min_local_storage": 0, "max_local_storage": 0, "regions": ["EU-02 (Example)", "US-01 (Example)"],
        "billing_methods": ["onDemand", "monthly", "spot"], "hourly_price": 0.35, "spot_hourly_price": 0.18,
        "monthly_prices": [
            {"month": 1, "price": 201.6, "hourly_price": 0.276_164},
            {"month": 12, "price": 2419.2, "hourly_price": 0.276_164},
        ],
    });
    assert_eq!(*product, expected);
}

fn check_limits(limits: &Value) {
    for (name, value) in [
        ("min_rootfs_size", 100),
        ("max_local_volume_size", 30),
        ("max_worker_num", 10),
        ("max_free_timeout", 3600),
        ("max_concurrency_num", 100),
        ("max_queue_wait_time", 600),
        ("max_request_num", 1000),
        ("max_gpu_num", 8),
    ] {
        assert_eq!(limits[name], value, "{name} in {limits:#}");
    }
    assert!(limits["min_worker_num"].is_null(), "0 is no bound");
    assert!(limits["cuda_version_list"].as_array().is_some_and(|it| !it.is_empty()));
}

/// The API does what it can filter by itself.
fn check_queries(world: &World) {
    let requests = world.cloud.requests();
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    for (path, query) in [
        (
            "/products",
            pairs(&[
                ("clusterId", "7"),
                ("gpuNum", "8"),
                ("minCpuPerGpu", "16"),
                ("minMemoryPerGpu", "60"),
                ("minRootFSSize", "300"),
            ]),
        ),
        ("/products", pairs(&[("productName", "rtx"), ("billingMethod", "monthly")])),
        ("/products", pairs(&[])),
        ("/cpu/products", pairs(&[("clusterId", "7"), ("productName", "cpu")])),
    ] {
        let asked = requests.iter().any(|it| it.path.ends_with(path) && it.query == query);
        assert!(asked, "no request {path} with {query:?}");
    }
}

const NOVA_CLOUD: &str = r#"
data "novacloud_offers" "all" {
  provider = novita
}

data "novacloud_offers" "fitting" {
  provider = novita

  gpu_type         = "5090"
  min_gpu_count    = 8
  min_gpu_ram_mb   = 30000
  location         = "EX"
  available        = true
  interruptible    = true
  max_hourly_price = 0.3
}

data "novacloud_offers" "other_spelling" {
  provider = novita
  gpu_type = "6000pro"
}

data "novacloud_offers" "none" {
  provider = novita
  node     = "vm99"
}

data "novacloud_pricing" "now" {
  provider = novita
}

output "seen" {
  value = {
    all     = data.novacloud_offers.all.offers[*].node
    fitting = data.novacloud_offers.fitting.offers
    other   = data.novacloud_offers.other_spelling.offers[*].node
    none    = data.novacloud_offers.none.offers
    gpus    = data.novacloud_pricing.now.gpus
  }
}
"#;

#[test]
fn nova_clouds_catalogue_needs_no_key() {
    on_every_cli(|cli| {
        let world = without_keys(cli, NOVA_CLOUD);
        let without = seen(&world.workspace);
        assert_eq!(without["all"], json!(["vm01", "vm04", "vm02", "vm03"]));
        assert_eq!(
            without["fitting"],
            json!([{
                "node": "vm02", "gpu_type": "5090", "gpu_count": 8, "gpu_ram_mb": 32768, "hourly_price": 0.6,
                "interruptible_hourly_price": 0.3, "available": true, "location": "EX",
            }])
        );
        assert_eq!((&without["other"], &without["none"]), (&json!(["vm03"]), &json!([])));
        assert_eq!(without["gpus"]["4090"], 0.4);
        assert_eq!(without["gpus"]["pro6000"], 1.3);
        let requests = world.cloud.requests();
        let public = |path: &str| path.ends_with("/search") || path.ends_with("/pricing");
        assert!(requests.iter().all(|it| public(&it.path) && !it.authorized), "{requests:#?}");

        let with = World::new(cli, NOVA_CLOUD);
        assert_eq!(seen(&with.workspace), without);
        assert!(with.cloud.requests().iter().all(|it| it.authorized), "a key that is there is used");
    });
}

#[test]
fn what_is_not_public_needs_the_key_of_its_vendor() {
    on_every_cli(|cli| {
        let vm = "data \"novacloud_vm\" \"this\" {\n  provider = novita\n  \
                  id = \"b0c6e0a2-77f1-4b39-8a0d-1f6b1f0f5a11\"\n}\n";
        let clusters = "data \"novita_clusters\" \"this\" {}\n";
        let world = without_keys(cli, &format!("{vm}{clusters}"));
        let plan = world.workspace.plan(&[]).failed();
        plan.says(&["Missing API key of Nova Cloud", "NOVACLOUD_API_KEY", "Missing API key of Novita AI"]);
        assert!(world.cloud.requests().is_empty());
    });
}

fn without_keys(cli: &Cli, configuration: &str) -> World {
    let mut world = World::new(cli, configuration);
    world.workspace.set("NOVITA_API_KEY", "");
    world.workspace.set("NOVACLOUD_API_KEY", "");
    world
}

#[test]
fn a_catalogue_that_cannot_be_read_is_an_error_with_the_reason() {
    on_every_cli(|cli| {
        let world = World::new(cli, "data \"novita_clusters\" \"this\" {}\n");
        let broken =
            Effect::Status { code: 500, reason: "UNKNOWN".to_owned(), message: "on fire".to_owned() };
        world.cloud.faults().push(Fault::new("GET", "/clusters", broken).always());
        world.workspace.plan(&[]).failed().says(&["Could not read the clusters: API failed", "on fire"]);
    });
}
