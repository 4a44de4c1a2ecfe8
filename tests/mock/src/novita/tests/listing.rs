//! The list of instances and the catalogue.

use serde_json::{Value, json};

use super::{Bench, cpu, gpu};

fn names(listed: &Value, list: &str) -> String {
    let items = listed[list].as_array().unwrap();
    items.iter().map(|it| it["name"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

fn page(bench: &mut Bench, query: &[(&str, &str)]) -> String {
    let listed = bench.get("/gpu/instances", query).unwrap();
    format!("{} of {}", names(&listed, "instances"), listed["total"])
}

fn three() -> Bench {
    let mut bench = Bench::new();
    for name in ["one", "two", "three"] {
        bench.running(&gpu(json!({"name": name})));
    }
    bench
}

#[test]
fn pages_begin_at_one_or_at_zero() {
    let mut bench = three();
    let mut at = |size: &str, number: &str| page(&mut bench, &[("pageSize", size), ("pageNum", number)]);
    assert_eq!(at("2", "0"), "one two of 3");
    assert_eq!(at("2", "1"), "one two of 3");
    assert_eq!(at("2", "2"), "three of 3");
    assert_eq!(at("2", "3"), " of 3");
    assert_eq!(at("0", "1"), " of 3");
    bench.core.novita.style.first_page = 0;
    bench.core.novita.style.largest_page = Some(1);
    assert_eq!(page(&mut bench, &[("pageSize", "2"), ("pageNum", "1")]), "two of 3");
}

#[test]
fn a_list_needs_its_page_and_knows_its_filters() {
    let mut bench = three();
    let mut refusal = |query: &[(&str, &str)]| bench.get("/gpu/instances", query).unwrap_err();
    assert_eq!(refusal(&[("pageNum", "1")]), "400 VALIDATOR_PARAM: pageSize: is required");
    assert_eq!(refusal(&[("pageSize", "1")]), "400 VALIDATOR_PARAM: pageNum: is required");
    let number = refusal(&[("pageSize", "x"), ("pageNum", "1")]);
    assert_eq!(number, "400 VALIDATOR_PARAM: pageSize: must be an integer");
    assert!(refusal(&[("pageSize", "-1"), ("pageNum", "1")]).starts_with("400 VALIDATOR_PARAM: pageSize: "));
    let unknown = refusal(&[("pageSize", "1"), ("pageNum", "1"), ("pageNo", "1")]);
    assert_eq!(unknown, "400 VALIDATOR_PARAM: pageNo: is not a parameter of this call");
    let twice = refusal(&[("pageSize", "1"), ("pageNum", "1"), ("pageNum", "2")]);
    assert_eq!(twice, "400 VALIDATOR_PARAM: pageNum: is given twice");
    let long = "x".repeat(64);
    assert!(refusal(&[("pageSize", "1"), ("pageNum", "1"), ("status", &long)]).contains("status: "));
    let mut filtered =
        |name: &str, value: &str| page(&mut bench, &[("pageSize", "9"), ("pageNum", "1"), (name, value)]);
    assert_eq!(filtered("name", "T"), "two three of 2");
    assert_eq!(filtered("productName", "4090"), "one two three of 3");
    assert_eq!(filtered("status", "exited"), " of 0");
}

#[test]
fn a_listed_machine_has_less_than_a_read_one() {
    let mut bench = Bench::new();
    let id = bench.running(&cpu(json!({"ports": "80/http"})));
    let listed = bench.get("/gpu/instances", &[("pageSize", "9"), ("pageNum", "1")]).unwrap();
    let listed = &listed["instances"][0];
    let read = bench.read(&id).unwrap();
    assert_eq!(
        (&listed["volumeMounts"][0]["size"], &read["volumeMounts"][0]["size"]),
        (&json!("30"), &json!(30))
    );
    assert!(listed["portMappings"][1].get("endpoint").is_none());
    assert!(read["portMappings"][1]["endpoint"].as_str().unwrap().starts_with("https://"));
    for name in ["network", "node", "jobs", "connectComponentSSH", "freeStorageSize", "keepDataDay"] {
        assert!(listed.get(name).is_none() && read.get(name).is_some(), "{name}");
    }
}

#[test]
fn products_are_filtered_and_show_their_stock() {
    let mut bench = Bench::new();
    let all = bench.get("/products", &[]).unwrap();
    let stock: Vec<String> = all["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            format!("{} {} {}", it["id"].as_str().unwrap(), it["inventoryState"], it["availableDeploy"])
        })
        .collect();
    let expected = [
        "4090.16c62g \"high\" true",
        "5090.20c94g \"normal\" true",
        "a100.24c180g \"high\" true",
        "h100.26c200g \"none\" false",
        "3090.12c30g \"low\" true",
    ];
    assert_eq!(stock, expected);
    assert_eq!(all["data"][0]["price"], "35000");
    let mut filtered =
        |name: &str, value: &str| names(&bench.get("/products", &[(name, value)]).unwrap(), "data");
    assert_eq!(filtered("billingMethod", "spot"), "RTX 4090 24GB");
    assert_eq!(filtered("clusterId", "5"), "RTX 5090 32GB RTX 3090 24GB");
    assert_eq!(filtered("productName", "sxm"), "A100 SXM 80GB H100 SXM 80GB");
    assert_eq!(filtered("minRootFSSize", "2049"), "A100 SXM 80GB");
    assert_eq!(filtered("minMemoryPerGpu", "181"), "H100 SXM 80GB");
    assert_eq!(filtered("minCpuPerGpu", "25"), "H100 SXM 80GB");
    assert!(bench.get("/products", &[("gpuNum", "9")]).unwrap_err().contains("gpuNum: "));
    assert!(bench.get("/products", &[("billingMethod", "free")]).unwrap_err().contains("billingMethod: "));
}

#[test]
fn cpu_products_and_clusters_are_listed_whole() {
    let mut bench = Bench::new();
    let products = bench.get("/cpu/products", &[("productName", "cpu")]).unwrap();
    assert_eq!(names(&products, "data"), "CPU 4C 8G CPU 16C 64G CPU 64C 256G");
    let clusters = bench.get("/clusters", &[]).unwrap();
    assert_eq!(names(&clusters, "data"), "EU-02 (Example) US-01 (Example) AP-03 (Example)");
    assert_eq!(clusters["data"][2]["supportNetworkStorage"], false);
    assert_eq!(clusters["data"][2]["availableGpuType"], json!(["RTX 5090 32GB", "RTX 3090 24GB"]));
}

#[test]
fn prices_move_between_reads_when_told_to() {
    let mut bench = Bench::new();
    let mut price = |path: &str| bench.get(path, &[]).unwrap()["data"][0]["price"].take();
    assert_eq!([price("/products"), price("/products")], ["35000", "35000"]);
    bench.core.novita.price_step = -1000;
    let mut price = |path: &str| bench.get(path, &[]).unwrap()["data"][0]["price"].take();
    assert_eq!([price("/products"), price("/products"), price("/cpu/products")], ["35000", "34000", "2000"]);
    let sold_out = bench.get("/products", &[]).unwrap()["data"][1].take();
    assert_eq!(sold_out["spotPrice"], "0", "what cannot be had gets no price");
}

#[test]
fn what_is_sold_out_is_shown_and_refused() {
    let mut bench = Bench::new();
    for id in ["4090.16c62g", "cpu.4c8g"] {
        assert!(bench.core.novita.sell_out(id));
    }
    let shown = bench.get("/products", &[]).unwrap()["data"][0].take();
    assert_eq!((&shown["availableDeploy"], &shown["inventoryState"]), (&json!(false), &json!("none")));
    assert_eq!(bench.get("/cpu/products", &[]).unwrap()["data"][0]["availableDeploy"], false);
    for body in [gpu(json!({})), cpu(json!({}))] {
        let refusal = bench.post("/gpu/instance/create", &body).unwrap_err();
        assert!(refusal.starts_with("400 INSUFFICIENT_RESOURCE: "), "{refusal}");
    }
}

#[test]
fn a_cluster_can_lose_its_network_storage() {
    let mut bench = Bench::new();
    bench.core.novita.without_network_storage();
    let clusters = bench.get("/clusters", &[]).unwrap();
    assert!(clusters["data"].as_array().unwrap().iter().all(|it| it["supportNetworkStorage"] == false));
    let body = gpu(json!({"clusterId": "7", "networkStorages": [{"Id": "st-51c0"}]}));
    let refusal = bench.post("/gpu/instance/create", &body).unwrap_err();
    assert!(refusal.starts_with("400 CUR_CLUSTER_NETWORK_STORAGE_NOT_SUPPORT: "), "{refusal}");
}
