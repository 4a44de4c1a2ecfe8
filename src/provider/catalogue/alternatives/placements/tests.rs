//! Tables: which lists become which sentences.

use super::*;

fn product(id: &str, name: &str, in_stock: bool) -> Product {
    Product {
        id: id.to_owned(),
        name: name.to_owned(),
        available_deploy: Some(in_stock),
        ..Product::default()
    }
}

fn cluster(id: &str, name: &str, types: &[&str]) -> Cluster {
    let available_gpu_type = types.iter().map(|it| (*it).to_owned()).collect();
    Cluster { id: id.to_owned(), name: name.to_owned(), available_gpu_type, ..Cluster::default() }
}

fn hardware(gpus: Option<i64>, cluster: &str, billing_mode: &'static str) -> Hardware {
    Hardware { product: "p".to_owned(), cluster: cluster.to_owned(), gpus, billing_mode }
}

fn gpus(
    number: i64,
    cluster: &str,
    as_many: Vec<Product>,
    any: Vec<Product>,
    clusters: Vec<Cluster>,
) -> String {
    let lists = GpuLists { as_many: Some(as_many), any: Some(any), clusters: Some(clusters) };
    of_gpus(&hardware(Some(number), cluster, "onDemand"), number, &lists)
}

#[test]
fn demand_04_what_is_out_and_where_else_a_gpu_is() {
    let (name, other) = ("RTX 4090 24GB", "A100 80GB");
    let clusters = || {
        vec![
            cluster("1", "EU", &[name]),
            cluster("2", "US", &["rtx 4090 24gb"]),
            cluster("3", "AS", &[other]),
        ]
    };
    let one = |in_stock| vec![product("p", name, in_stock)];
    let cases = [
        (
            gpus(1, "1", one(true), one(true), clusters()),
            "There is no `p` (RTX 4090 24GB) with 1 GPU in the cluster `1`. The catalogue shows it in the cluster `2` (US) \
             (set `cluster_id`). Nothing was retried.",
        ),
        (
            gpus(1, "", one(true), one(true), clusters()),
            "There is no `p` (RTX 4090 24GB) with 1 GPU. The catalogue shows it in the clusters `1` (EU), `2` (US) (set \
             `cluster_id`). Nothing was retried.",
        ),
        (
            gpus(8, "", one(false), one(true), clusters()),
            "There is no `p` (RTX 4090 24GB) with 8 GPUs. It is there with fewer GPUs (`gpu_num`). Nothing was retried.",
        ),
        (
            gpus(8, "", vec![], one(true), clusters()),
            "There is no `p` (RTX 4090 24GB) with 8 GPUs. It is there with fewer GPUs (`gpu_num`). Nothing was retried.",
        ),
        (
            gpus(
                1,
                "",
                vec![
                    product("p", name, false),
                    product("q", "NVIDIA RTX 4090", true),
                    product("r", other, true),
                ],
                one(false),
                clusters(),
            ),
            "There is no `p` (RTX 4090 24GB) with 1 GPU. The same GPU is in stock as the product `q` (NVIDIA RTX 4090) (set \
             `product_id`). Nothing was retried.",
        ),
        (
            gpus(1, "", vec![product("p", name, false), product("r", other, true)], one(false), clusters()),
            "There is no `p` (RTX 4090 24GB) with 1 GPU. It is nowhere at present: try again later, or choose another. Other \
             GPUs in stock: `r` (A100 80GB). Nothing was retried.",
        ),
        (
            gpus(1, "", vec![], vec![], vec![]),
            "There is no `p` with 1 GPU. It is nowhere at present: try again later, or choose another. Nothing was retried.",
        ),
    ];
    for (said, expected) in cases {
        assert_eq!(said, expected);
    }
}

#[test]
fn a_product_is_only_in_the_regions_that_it_names() {
    let listed = Product { regions: vec!["US".to_owned()], ..product("p", "X 1", true) };
    let clusters = vec![cluster("1", "EU", &["X 1"]), cluster("2", "US", &["X 1"])];
    let said = gpus(1, "", vec![listed], vec![], clusters);
    assert!(said.contains("`2` (US)") && !said.contains("`1`"), "{said}");
}

#[test]
fn nowhere_is_said_only_when_it_was_looked_for() {
    let full = || GpuLists { as_many: Some(vec![]), any: Some(vec![]), clusters: Some(vec![]) };
    for (lists, nowhere) in [
        (full(), true),
        (GpuLists { any: None, ..full() }, true),
        (GpuLists { as_many: None, ..full() }, false),
        (GpuLists { clusters: None, ..full() }, false),
        (GpuLists::default(), false),
    ] {
        let said = of_gpus(&hardware(Some(1), "", "spot"), 1, &lists);
        assert_eq!(said.contains("nowhere"), nowhere, "{said}");
        assert_eq!(said.contains("could not be read"), !nowhere, "{said}");
        assert!(said.contains("`p` with 1 GPU for the billing mode `spot`"), "{said}");
    }
}

#[test]
fn demand_04_where_else_a_cpu_is() {
    let cpu = |id: &str, in_stock| CpuProduct {
        id: id.to_owned(),
        available_deploy: Some(in_stock),
        ..CpuProduct::default()
    };
    for (cluster, products, expected) in [
        (
            "",
            Some(vec![cpu("p", false), cpu("q", true), cpu("r", false)]),
            "nowhere at present: try again later, or choose another. Other CPU products in stock: `q`.",
        ),
        ("7", Some(vec![cpu("p", true)]), "in the cluster `7`. The catalogue shows it in some cluster"),
        ("", Some(vec![cpu("p", true)]), "still shows it here and nowhere else"),
        ("7", Some(vec![cpu("p", false)]), "nowhere at present"),
        ("", Some(vec![]), "nowhere at present"),
        ("", None, "could not be read now; the data source `novita_cpu_products`"),
    ] {
        let said = of_cpus(&hardware(None, cluster, "onDemand"), products.as_deref());
        assert!(said.starts_with("There is no `p`") && said.contains(expected), "{said}");
    }
}

fn offer(node: &str, gpu_type: &str, gpu_count: i64, available: bool) -> Offer {
    Offer {
        node: node.to_owned(),
        gpu_type: gpu_type.to_owned(),
        gpu_count: Some(gpu_count),
        available: Some(available),
        ..Offer::default()
    }
}

#[test]
fn demand_04_where_else_a_vm_can_be() {
    let placement = |interruptible| Placement {
        node: "n".to_owned(),
        gpu_type: "6000pro".to_owned(),
        gpus: 4,
        interruptible,
    };
    let offers = [
        offer("n", "pro6000", 2, true),
        offer("m", "6000pro", 4, true),
        offer("k", "6000pro", 8, false),
        offer("j", "4090", 8, true),
    ];
    for (interruptible, offers, expected) in [
        (
            false,
            Some(&offers[..]),
            "There is no 4 × `6000pro` free on the node `n`. As many are free on the node `m` (set `node`). Fewer are free on \
             the node `n` (2) (lower `gpu_count`). Nothing was retried.",
        ),
        (
            false,
            Some(&offers[2..]),
            "There is no 4 × `6000pro` free on the node `n`. It is nowhere at present: try again later, or choose another. \
             Other GPUs that are free: `4090` on `j`. Nothing was retried.",
        ),
        (
            true,
            Some(&offers[..]),
            "There is no 4 × `6000pro`, interruptible, free on the node `n`. It is nowhere at present: try again later, or \
             choose another. Nothing was retried.",
        ),
        (
            false,
            None,
            "There is no 4 × `6000pro` free on the node `n`. Where else it is could not be read now; the data source \
             `novacloud_offers` lists what there is. Nothing was retried.",
        ),
    ] {
        assert_eq!(of_vm(&placement(interruptible), offers), expected);
    }
    let nameless = [offer("", "6000pro", 8, true)];
    assert!(of_vm(&placement(false), Some(&nameless)).contains("could not be read"));
}

#[test]
fn an_endpoint_is_told_that_nobody_lists_its_products() {
    let said = of_endpoint(&["SL-1", "SL-2"]);
    assert!(said.contains("`SL-1`, `SL-2`") && said.contains("no list of serverless products"), "{said}");
}

#[test]
fn long_lists_are_cut_and_say_so() {
    let products =
        (0..9).map(|it| product(&format!("q{it}"), "X 1", true)).chain([product("p", "X 1", false)]);
    let said = gpus(1, "", products.collect(), vec![], vec![]);
    assert!(said.contains("`q4` (X 1) and 4 more"), "{said}");
}
