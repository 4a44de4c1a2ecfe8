//! An instance's plan against the live catalogue: product, size, cluster, stock.
//!
//! Only what is known is looked at, and only what is new: an instance that runs needs no stock.

use crate::framework::attr::Attr;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::model::StringEnum;
use crate::framework::path::Path;
use crate::provider::catalogue::calls::{Cluster, Product};
use crate::provider::catalogue::known::nearest;
use crate::provider::clients::Cx;
use crate::provider::instance::billing::BillingMode;
use crate::provider::instance::container::Container;
use crate::provider::instance::cpu::Cpu;
use crate::provider::instance::gpu::Gpu;

/// Checks a GPU instance that is to be created, replaced or enlarged.
pub(crate) async fn gpu(cx: &Cx, prior: Option<&Gpu>, planned: &Gpu) -> Diagnostics {
    let unchanged = prior.is_some_and(|prior| {
        prior.container.product_id == planned.container.product_id
            && prior.gpu_num == planned.gpu_num
            && prior.rootfs_size == planned.rootfs_size
            && prior.billing_mode == planned.billing_mode
    });
    let (product, placement) = tokio::join!(
        async { if unchanged { Diagnostics::default() } else { gpu_product(cx, prior, planned).await } },
        place(cx, prior.map(|it| &it.container), &planned.container),
    );
    join(product, placement)
}

/// Checks a CPU instance that is to be created or replaced.
pub(crate) async fn cpu(cx: &Cx, prior: Option<&Cpu>, planned: &Cpu) -> Diagnostics {
    let unchanged = prior.is_some_and(|it| it.container.product_id == planned.container.product_id);
    let (product, placement) = tokio::join!(
        async { if unchanged { Diagnostics::default() } else { cpu_product(cx, planned).await } },
        place(cx, prior.map(|it| &it.container), &planned.container),
    );
    join(product, placement)
}

fn join(mut left: Diagnostics, right: Diagnostics) -> Diagnostics {
    left.append(right);
    left
}

fn reject(attribute: &str, summary: &str, detail: String) -> Diagnostics {
    Diagnostic::error(summary, detail).at(Path::root(attribute)).into()
}

fn warn(attribute: &str, summary: &str, detail: String) -> Diagnostics {
    Diagnostic::warning(summary, detail).at(Path::root(attribute)).into()
}

async fn gpu_product(cx: &Cx, prior: Option<&Gpu>, planned: &Gpu) -> Diagnostics {
    let nothing = Diagnostics::default();
    let Ok(client) = cx.novita() else { return nothing };
    let (Some(id), Some(gpus)) = (planned.container.product_id.text(), planned.gpu_num.known().copied())
    else {
        return nothing;
    };
    let mode = planned.billing_mode.known().copied().unwrap_or(BillingMode::OnDemand).as_str();
    let (call, catalogue) = (cx.call(), &cx.data.catalogue);
    let Some(offers) = catalogue.gpu_products(client, &call, mode, Some(gpus)).await else { return nothing };
    let find = |offers: &[Product]| offers.iter().find(|it| it.id == id).cloned();
    let offer = find(&offers);
    if let Some(product) = offer.as_ref().filter(|it| !it.is_sold_out()) {
        return too_large(product, planned);
    }
    // Whether the product is the matter or the number of GPUs shows in the list for any number.
    let Some(all) = catalogue.gpu_products(client, &call, mode, None).await else { return nothing };
    match (offer, find(&all)) {
        (Some(product), any) => {
            let few_are_free = any.is_some_and(|it| !it.is_sold_out());
            let is_new = prior.is_none_or(|it| {
                it.container.product_id != planned.container.product_id || it.gpu_num != planned.gpu_num
            });
            let stock = if is_new { sold_out(&product, gpus, few_are_free, &offers) } else { nothing };
            join(too_large(&product, planned), stock)
        }
        (None, Some(_)) => {
            let others = nearest(id, offers.iter().map(|it| it.id.as_str()));
            let detail = format!("No offer of the product `{id}` has {gpus} GPUs. {others}");
            reject("gpu_num", "Product does not have so many GPUs", detail)
        }
        (None, None) => {
            let choices = nearest(id, all.iter().map(|it| it.id.as_str()));
            let detail = format!(
                "The catalogue has no product `{id}` for the billing mode `{mode}`. {choices} The data source \
                 `novita_gpu_products` lists them all."
            );
            reject("product_id", "Unknown product", detail)
        }
    }
}

fn too_large(product: &Product, planned: &Gpu) -> Diagnostics {
    let most = product.max_rootfs.filter(|it| *it > 0);
    match planned.rootfs_size.known().zip(most) {
        Some((size, most)) if *size > most => {
            let detail =
                format!("`rootfs_size` is {size}; the product `{}` allows at most {most} GB.", product.id);
            reject("rootfs_size", "Disk is larger than the product allows", detail)
        }
        _ => Diagnostics::default(),
    }
}

fn sold_out(product: &Product, gpus: i64, few_are_free: bool, offers: &[Product]) -> Diagnostics {
    let in_stock = offers.iter().filter(|it| !it.is_sold_out());
    let others = nearest(&product.id, in_stock.map(|it| it.id.as_str()));
    let what = format!("`{}`", product.id);
    match few_are_free {
        true => no_stock(
            "gpu_num",
            "Product has no machine with so many GPUs free",
            &format!("{what} with {gpus} GPUs"),
            &others,
        ),
        false => no_stock("product_id", OUT_OF_STOCK, &what, &others),
    }
}

const OUT_OF_STOCK: &str = "Product is out of stock";

fn no_stock(attribute: &str, summary: &str, what: &str, others: &str) -> Diagnostics {
    let others = others.replace("nearest are", "nearest in stock are");
    let detail = format!(
        "The catalogue shows no stock of {what} at the moment, so that creating will probably fail; nothing is retried \
         then. {others}"
    );
    warn(attribute, summary, detail)
}

async fn cpu_product(cx: &Cx, planned: &Cpu) -> Diagnostics {
    let Ok(client) = cx.novita() else { return Diagnostics::default() };
    let products = cx.data.catalogue.cpu_products(client, &cx.call()).await;
    let (Some(products), Some(id)) = (products, planned.container.product_id.text()) else {
        return Diagnostics::default();
    };
    match products.iter().find(|it| it.id == id) {
        Some(product) if !product.is_sold_out() => Diagnostics::default(),
        Some(_) => {
            let in_stock = products.iter().filter(|it| !it.is_sold_out());
            let others = nearest(id, in_stock.map(|it| it.id.as_str()));
            no_stock("product_id", OUT_OF_STOCK, &format!("`{id}`"), &others)
        }
        None => {
            let choices = nearest(id, products.iter().map(|it| it.id.as_str()));
            let detail = format!(
                "The catalogue has no CPU product `{id}`. {choices} The data source `novita_cpu_products` lists \
                 them all."
            );
            reject("product_id", "Unknown product", detail)
        }
    }
}

/// Where the instance is to run, and what it needs there.
async fn place(cx: &Cx, prior: Option<&Container>, planned: &Container) -> Diagnostics {
    let unchanged = prior.is_some_and(|prior| {
        prior.cluster_id == planned.cluster_id
            && prior.network_storages == planned.network_storages
            && prior.network_id == planned.network_id
    });
    let Some(id) = planned.cluster_id.text().filter(|_| !unchanged) else { return Diagnostics::default() };
    let wants_storage = planned.network_storages.known().is_some_and(|it| !it.0.is_empty());
    let wants_network = planned.network_id.is_set();
    cluster(cx, id, ("network_storages", wants_storage), ("network_id", wants_network)).await
}

/// Whether a cluster exists and has what is wanted of it, each want under the attribute that makes it.
pub(crate) async fn cluster(
    cx: &Cx,
    id: &str,
    (storage_attribute, wants_storage): (&str, bool),
    (network_attribute, wants_network): (&str, bool),
) -> Diagnostics {
    let Ok(client) = cx.novita() else { return Diagnostics::default() };
    let Some(clusters) = cx.data.catalogue.clusters(client, &cx.call()).await else {
        return Diagnostics::default();
    };
    let choices =
        |good: fn(&&Cluster) -> bool| nearest(id, clusters.iter().filter(good).map(|it| it.id.as_str()));
    let Some(cluster) = clusters.iter().find(|it| it.id == id) else {
        let detail = format!(
            "There is no cluster `{id}`. {} The data source `novita_clusters` lists them all.",
            choices(|_| true)
        );
        return reject("cluster_id", "Unknown cluster", detail);
    };
    if wants_storage && cluster.support_network_storage == Some(false) {
        let others = choices(|it| it.support_network_storage != Some(false));
        let detail =
            format!("The cluster `{id}` has no network storage, so none can be mounted there. {others}");
        return reject(storage_attribute, "Cluster has no network storage", detail);
    }
    if wants_network && cluster.support_instance_network == Some(false) {
        let others = choices(|it| it.support_instance_network != Some(false));
        let detail = format!("The cluster `{id}` has no VPC networks, so none can be joined there. {others}");
        return reject(network_attribute, "Cluster has no VPC networks", detail);
    }
    Diagnostics::default()
}

/// USD per hour of a GPU instance for its billing mode, from the catalogue.
pub(crate) async fn gpu_price(cx: &Cx, it: &Gpu) -> Option<f64> {
    let client = cx.novita().ok()?;
    let mode = it.billing_mode.known().copied().unwrap_or(BillingMode::OnDemand).as_str();
    let gpus = it.gpu_num.known().copied()?;
    let offers = cx.data.catalogue.gpu_products(client, &cx.call(), mode, Some(gpus)).await?;
    let product = offers.iter().find(|offer| Some(offer.id.as_str()) == it.container.product_id.text())?;
    product.hourly_price(mode, it.month.known().copied().unwrap_or(0), gpus)
}

/// USD per hour of a CPU instance, from the catalogue.
pub(crate) async fn cpu_price(cx: &Cx, product_id: &Attr<String>) -> Option<f64> {
    let products = cx.data.catalogue.cpu_products(cx.novita().ok()?, &cx.call()).await?;
    products.iter().find(|it| Some(it.id.as_str()) == product_id.text())?.price
}
