//! Catalogue: products, CPU products, clusters.

use serde_json::{Value, json};

use super::Novita;
use super::endpoint::EndpointProduct;
use crate::answer::{Answer, Call};

/// A GPU product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    pub id: String,
    pub name: String,
    pub cpu_per_gpu: u64,
    /// GB.
    pub memory_per_gpu: u64,
    /// Largest root disk, in GB.
    pub max_root_fs: u64,
    /// Clusters that have it; empty for all.
    pub clusters: Vec<String>,
    /// 1/100000 USD an hour for one GPU.
    pub price: u64,
    /// The same for spot; 0 when there is none.
    pub spot_price: u64,
    pub billing_methods: Vec<String>,
    /// GPUs in all; what is rented and not stopped is taken off.
    pub gpus: u64,
    /// Newest CUDA version that its nodes support.
    pub cuda: String,
}

/// A CPU product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CpuProduct {
    pub id: String,
    pub name: String,
    pub cpu_num: u64,
    /// GB.
    pub memory_size: u64,
    /// GB.
    pub rootfs_size: u64,
    /// GB.
    pub local_volume_size: u64,
    pub available_deploy: bool,
    /// 1/100000 USD an hour.
    pub price: u64,
    /// Clusters that have it; empty for all.
    pub clusters: Vec<String>,
}

/// A cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    pub id: String,
    pub name: String,
    pub support_network_storage: bool,
    pub support_instance_network: bool,
}

/// Hours in the months that monthly prices are made of.
const HOURS_IN_MONTH: u64 = 720;

impl Product {
    fn fits(&self, call: &Call) -> bool {
        let method = call.parameter("billingMethod").unwrap_or("onDemand");
        self.billing_methods.iter().any(|it| it == method)
            && offered_in(&self.clusters, call.parameter("clusterId"))
            && contains(&self.name, call.parameter("productName"))
            && self.cpu_per_gpu >= call.number("minCpuPerGpu").unwrap_or(0)
            && self.memory_per_gpu >= call.number("minMemoryPerGpu").unwrap_or(0)
            && self.max_root_fs >= call.number("minRootFSSize").unwrap_or(0)
    }
}

impl Novita {
    /// What endpoints run on, as the newer API lists it: pages follow each other by a cursor.
    pub(super) fn list_endpoint_products(&self, call: &Call) -> Answer {
        let whole = |it: u64| usize::try_from(it).unwrap_or(usize::MAX);
        let limit = call.number("limit").unwrap_or(20).min(self.style.largest_page.unwrap_or(u64::MAX));
        let begin = whole(call.number("cursor").unwrap_or(0));
        let end = begin.saturating_add(whole(limit)).min(self.endpoint_products.len());
        let page = self.endpoint_products.get(begin..end).unwrap_or_default();
        let has_more = end < self.endpoint_products.len();
        let show = |it: &EndpointProduct| {
            let memory =
                it.name.rsplit(' ').next().and_then(|it| it.trim_end_matches("GB").parse::<u64>().ok());
            json!({
                "id": it.id, "name": it.name,
                "resource_spec": {
                    "cpu": 16, "memory_gb": 62,
                    "gpu": {"name": it.name, "memory_gb": memory, "max": 8, "available": if it.available { 4 } else { 0 }},
                },
                "pricing": {"precision": 5, "postpaid": {"final_price": it.price}},
                "region_ids": ["us-01", "eu-02"],
            })
        };
        let products: Vec<Value> = page.iter().map(show).collect();
        let next = if has_more { end.to_string() } else { String::new() };
        Answer::json(200, &json!({"data": products, "next_cursor": next, "has_more": has_more}))
    }

    /// Takes all hardware of a product, of whichever kind, out of the stock; false when there is no such
    /// product.
    pub fn sell_out(&mut self, id: &str) -> bool {
        let gpu = self.products.iter_mut().find(|it| it.id == id).map(|it| it.gpus = 0);
        let cpu = self.cpu_products.iter_mut().find(|it| it.id == id).map(|it| it.available_deploy = false);
        let endpoint =
            self.endpoint_products.iter_mut().find(|it| it.id == id).map(|it| it.available = false);
        gpu.or(cpu).or(endpoint).is_some()
    }

    /// Takes a product, of whichever kind, out of the catalogue; false when there is no such product.
    pub(crate) fn withdraw(&mut self, id: &str) -> bool {
        let count = |it: &Self| it.products.len() + it.cpu_products.len() + it.endpoint_products.len();
        let before = count(self);
        self.products.retain(|it| it.id != id);
        self.cpu_products.retain(|it| it.id != id);
        self.endpoint_products.retain(|it| it.id != id);
        count(self) < before
    }

    /// Takes network storage away from every cluster.
    pub fn without_network_storage(&mut self) {
        self.clusters.iter_mut().for_each(|it| it.support_network_storage = false);
    }

    fn move_prices(&mut self) {
        let step = self.price_step;
        let prices = self.products.iter_mut().flat_map(|it| [&mut it.price, &mut it.spot_price]);
        let prices = prices.chain(self.cpu_products.iter_mut().map(|it| &mut it.price));
        // 0 says that there is no such price.
        prices.filter(|it| **it > 0).for_each(|it| *it = it.saturating_add_signed(step).max(1));
    }

    pub(super) fn list_products(&mut self, call: &Call) -> Answer {
        let wanted = call.number("gpuNum").unwrap_or(0).max(1);
        let fitting = self.products.iter().filter(|it| it.fits(call));
        let answer = self.data(fitting.map(|it| self.show_product(it, wanted)).collect());
        self.move_prices();
        answer
    }

    pub(super) fn list_cpu_products(&mut self, call: &Call) -> Answer {
        let fitting = self.cpu_products.iter().filter(|it| {
            offered_in(&it.clusters, call.parameter("clusterId"))
                && contains(&it.name, call.parameter("productName"))
        });
        let answer = self.data(
            fitting
                .map(|it| {
                    json!({
                        "id": it.id, "name": it.name, "cpuNum": it.cpu_num, "memorySize": it.memory_size,
                        "rootfsSize": it.rootfs_size, "localVolumeSize": it.local_volume_size,
                        "availableDeploy": it.available_deploy, "price": it.price.to_string(),
                    })
                })
                .collect(),
        );
        self.move_prices();
        answer
    }

    pub(super) fn list_clusters(&self) -> Answer {
        let show = |cluster: &Cluster| {
            let here = self.products.iter().filter(|it| offered_in(&it.clusters, Some(&cluster.id)));
            json!({
                "id": cluster.id, "name": cluster.name,
                "availableGpuType": self.items(here.map(|it| json!(it.name)).collect()),
                "supportNetworkStorage": cluster.support_network_storage,
                "supportInstanceNetwork": cluster.support_instance_network,
            })
        };
        self.data(self.clusters.iter().map(show).collect())
    }

    /// GPUs of a product that nobody uses now. Stopped machines hold none.
    pub(crate) fn free_gpus(&self, product: &Product) -> u64 {
        let holders = self.instances.iter().filter(|it| it.product_id == product.id && it.holds_hardware());
        product.gpus.saturating_sub(holders.map(|it| it.gpu_num).sum())
    }

    fn show_product(&self, product: &Product, wanted: u64) -> Value {
        let free = self.free_gpus(product);
        let is_monthly = product.billing_methods.iter().any(|it| it == "monthly");
        let monthly = |month: u64| {
            let price = product.price * HOURS_IN_MONTH * month * 4 / 5;
            json!({"price": price.to_string(), "month": month})
        };
        let region = |id: &String| self.clusters.iter().find(|it| it.id == *id).map(|it| json!(it.name));
        json!({
            "id": product.id, "name": product.name,
            "cpuPerGpu": product.cpu_per_gpu, "memoryPerGpu": product.memory_per_gpu, "diskPerGpu": 0,
            "availableDeploy": free >= wanted, "canBuy": free >= wanted,
            "minRootFS": 10, "maxRootFS": product.max_root_fs,
            "minLocalStorage": 0, "maxLocalStorage": 0,
            "regions": self.items(product.clusters.iter().filter_map(region).collect()),
            "price": product.price.to_string(), "spotPrice": product.spot_price.to_string(),
            "monthlyPrice": self.items(if is_monthly { vec![monthly(1), monthly(12)] } else { Vec::new() }),
            "billingMethods": product.billing_methods,
            "inventoryState": match free {
                0 => "none",
                1..=3 => "low",
                4..=15 => "normal",
                _ => "high",
            },
        })
    }

    /// A list, or `null` for an empty one when answers are that loose.
    pub(crate) fn items(&self, items: Vec<Value>) -> Value {
        if items.is_empty() && self.style.null_lists { Value::Null } else { Value::Array(items) }
    }

    fn data(&self, items: Vec<Value>) -> Answer {
        Answer::json(200, &json!({"data": self.items(items)}))
    }
}

/// Whether something with these clusters, none meaning all, is offered in the wanted one.
pub(crate) fn offered_in(clusters: &[String], wanted: Option<&str>) -> bool {
    clusters.is_empty() || wanted.is_none_or(|wanted| clusters.iter().any(|it| it == wanted))
}

/// The API's fuzzy search: part of the text, in any case.
pub(crate) fn contains(text: &str, part: Option<&str>) -> bool {
    part.is_none_or(|part| text.to_lowercase().contains(&part.to_lowercase()))
}
