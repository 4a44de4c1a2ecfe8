//! An instance's plan against the live catalogue: product, size, cluster, stock.
//!
//! Only what is known is looked at, and only what this plan sends: of an instance that exists, what changes in place.
//! A replacement is checked as a creation. An error is only what is surely wrong: a slip of the pen, or a
//! bound that the API tells. What is not listed may be sold out and hidden, or of another account: that is a warning.

use tfplugin::attr::Attr;
use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::model::StringEnum;
use tfplugin::path::Path;

use crate::provider::catalogue::BillingMode;
use crate::provider::catalogue::calls::limits::Bounds;
use crate::provider::catalogue::calls::{Cluster, CpuProduct, Product};
use crate::provider::catalogue::known::{Catalogue, Unread, nearest, slip};
use crate::provider::clients::{Cx, Vendors as _};
use crate::provider::novita::instance::calls;
use crate::provider::novita::instance::container::Container;
use crate::provider::novita::instance::cpu::Cpu;
use crate::provider::novita::instance::gpu::Gpu;
use crate::provider::novita::instance::upgrade::Upgrade;
use crate::provider::novita::instance::uses;

/// Checks a GPU instance that is to be created or changed, but for what is chosen for a creation.
pub(crate) async fn gpu(cx: &Cx, prior: Option<&Gpu>, planned: &Gpu) -> Diagnostics {
    let disk = async {
        match prior {
            Some(prior) if prior.rootfs_size != planned.rootfs_size => grown_disk(cx, planned).await,
            Some(_) | None => Ok(Diagnostics::default()),
        }
    };
    let container = container(cx, prior.map(|it| &it.container), &planned.container);
    let (disk, container) = tokio::join!(disk, container);
    join(join(checked(cx, disk), container), prepaid(cx, prior, planned).await)
}

/// The months that a plan pays in advance and nothing has paid before.
pub(crate) fn new_term(prior: Option<&Gpu>, planned: &Gpu) -> Option<i64> {
    let months = |it: &Gpu| it.month.known().copied().unwrap_or(0);
    Some(months(planned)).filter(|it| *it > 0 && prior.is_none_or(|prior| months(prior) == 0))
}

/// USD for a prepaid term, where the catalogue tells it.
pub(crate) async fn term_price(cx: &Cx, planned: &Gpu, months: i64) -> Option<f64> {
    let gpus = planned.gpu_num.known().copied()?;
    let monthly = BillingMode::Monthly.as_str();
    let offers = cx.data.catalogue.gpu_products(cx, monthly, Some(gpus)).await.unwrap_or_default();
    find(&offers, planned.container.product_id.text()?)?.term_price(months, gpus)
}

/// Tells of what is paid in advance, before it is: the sum, the end, and that nothing leads back.
async fn prepaid(cx: &Cx, prior: Option<&Gpu>, planned: &Gpu) -> Diagnostics {
    let Some(term) = new_term(prior, planned) else { return Diagnostics::default() };
    let sum = match term_price(cx, planned, term).await {
        Some(usd) => format!("{usd} USD, by the catalogue,"),
        None => "a sum that the catalogue does not show".to_owned(),
    };
    let now = cx.novita().map_or_else(|_| jiff::Timestamp::now(), |it| it.now());
    let end = jiff::Span::new()
        .try_months(term)
        .and_then(|it| now.to_zoned(jiff::tz::TimeZone::UTC).checked_add(it));
    let end = end.map(|it| it.strftime(", until about %Y-%m-%d").to_string()).unwrap_or_default();
    let detail = format!(
        "It takes {sum} for {term} {} at once{end}. The API gives nothing back: neither can the instance be removed before \
         its end, nor does it return to pay as you go.",
        if term == 1 { "month" } else { "months" }
    );
    warn("month", "Instance is paid for in advance", detail)
}

/// The same of a CPU instance.
pub(crate) async fn cpu(cx: &Cx, prior: Option<&Cpu>, planned: &Cpu) -> Diagnostics {
    container(cx, prior.map(|it| &it.container), &planned.container).await
}

/// What a check has found, or, once per command, that there was none.
pub(crate) fn checked(cx: &Cx, found: Result<Diagnostics, Unread>) -> Diagnostics {
    found.unwrap_or_else(|unread| cx.data.catalogue.not_checked(unread))
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

/// The product of a GPU instance that is to be created.
pub(crate) async fn gpu_product(cx: &Cx, planned: &Gpu) -> Result<Diagnostics, Unread> {
    let (Some(id), Some(gpus)) = (planned.container.product_id.text(), planned.gpu_num.known().copied())
    else {
        return Ok(Diagnostics::default());
    };
    let mode = mode(planned);
    let offers = cx.data.catalogue.gpu_products(cx, mode, Some(gpus)).await?;
    let offer = find(&offers, id);
    if let Some(product) = offer.as_ref().filter(|it| !it.is_sold_out()) {
        let place = match planned.container.cluster_id.text() {
            Some(cluster_id) => not_there(product, cluster_id, cx.data.catalogue.clusters(cx).await?),
            None => Diagnostics::default(),
        };
        return Ok(join(disk(product, planned), place));
    }
    // Whether the product is the matter or the number of GPUs shows in the list for any number.
    let all = cx.data.catalogue.gpu_products(cx, mode, None).await?;
    Ok(match (offer, find(&all, id)) {
        (Some(product), any) => {
            let few_are_free = any.is_some_and(|it| !it.is_sold_out());
            join(disk(&product, planned), sold_out(&product, gpus, few_are_free, &offers))
        }
        (None, Some(product)) => {
            let others = nearest(id, offers.iter().map(|it| it.id.as_str()));
            let detail =
                format!("The catalogue has no offer of the product `{id}` with {gpus} GPUs. {others}");
            join(disk(&product, planned), warn("gpu_num", "Product may not have so many GPUs", detail))
        }
        (None, None) => unlisted_gpu_product(cx, id, mode, &all).await?,
    })
}

/// What is not in the list for the billing mode may be in that for another one.
async fn unlisted_gpu_product(cx: &Cx, id: &str, mode: &str, all: &[Product]) -> Result<Diagnostics, Unread> {
    let usual = BillingMode::OnDemand.as_str();
    if mode != usual && find(&cx.data.catalogue.gpu_products(cx, usual, None).await?, id).is_some() {
        let detail = format!(
            "The catalogue has the product `{id}` for the billing mode `{usual}` and not for `{mode}`, so that creating may \
             fail. {}",
            nearest(id, all.iter().map(|it| it.id.as_str()))
        );
        return Ok(warn("billing_mode", "Product may not be offered in this billing mode", detail));
    }
    let lists = "The data source `novita_gpu_products` lists what there is.";
    Ok(unlisted("product_id", "product", id, all.iter().map(|it| it.id.as_str()), lists))
}

/// An id that a list does not have: an error only where it is clear what was meant.
fn unlisted<'c>(
    attribute: &str,
    thing: &str,
    id: &str,
    choices: impl Iterator<Item = &'c str> + Clone,
    lists: &str,
) -> Diagnostics {
    if let Some(meant) = slip(id, choices.clone()) {
        let detail = format!("There is no {thing} `{id}`. Was `{meant}` meant? {lists}");
        return reject(attribute, &format!("Unknown {thing}"), detail);
    }
    perhaps_unknown(attribute, thing, id, choices, lists)
}

/// The warning of what a list does not have and may exist all the same.
pub(crate) fn perhaps_unknown<'c>(
    attribute: &str,
    thing: &str,
    id: &str,
    choices: impl Iterator<Item = &'c str>,
    lists: &str,
) -> Diagnostics {
    let choices = nearest(id, choices);
    let detail = format!(
        "The catalogue does not list the {thing} `{id}`. It may be sold out and hidden, retired, or of another account; if \
         there is none, creating fails. {choices} {lists}"
    );
    warn(attribute, &format!("Unlisted {thing}"), detail)
}

/// The disk of an instance that exists, if the catalogue still has its product.
async fn grown_disk(cx: &Cx, planned: &Gpu) -> Result<Diagnostics, Unread> {
    let Some(id) = planned.container.product_id.text() else { return Ok(Diagnostics::default()) };
    let all = cx.data.catalogue.gpu_products(cx, mode(planned), None).await?;
    Ok(find(&all, id).map(|it| disk(&it, planned)).unwrap_or_default())
}

fn mode(gpu: &Gpu) -> &'static str {
    gpu.billing_mode.known().copied().unwrap_or(BillingMode::OnDemand).as_str()
}

fn find(products: &[Product], id: &str) -> Option<Product> {
    products.iter().find(|it| it.id == id).cloned()
}

/// The size of the disk against the bounds that the product tells.
fn disk(product: &Product, planned: &Gpu) -> Diagnostics {
    let bounds = Bounds::told(product.min_rootfs, product.max_rootfs);
    let Some(size) = planned.rootfs_size.known().filter(|it| !bounds.hold(**it)) else {
        return Diagnostics::default();
    };
    let detail =
        format!("`rootfs_size` is {size}; the product `{}` allows {}.", product.id, bounds.in_words("GB"));
    reject("rootfs_size", "Disk is outside of what the product allows", detail)
}

/// A product that is offered elsewhere, as far as the catalogue tells.
fn not_there(product: &Product, cluster_id: &str, clusters: &[Cluster]) -> Diagnostics {
    let cluster = clusters.iter().find(|it| it.id == cluster_id);
    let Some(cluster) = cluster.filter(|it| !product.is_offered_in(&it.name)) else {
        return Diagnostics::default();
    };
    let there = clusters.iter().filter(|it| product.is_offered_in(&it.name));
    let there: Vec<_> = there.map(|it| format!("`{}` ({})", it.id, it.name)).collect();
    let detail = format!(
        "The catalogue does not show the product `{}` in the cluster `{}` ({}), so that creating will probably fail. It is \
         shown in: {}.",
        product.id,
        cluster.id,
        cluster.name,
        if there.is_empty() { product.regions.join(", ") } else { there.join(", ") }
    );
    warn("cluster_id", "Product may not be offered in this cluster", detail)
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
        "The catalogue shows no stock of {what} at the moment, so that creating will probably fail, unless \
         `capacity_timeout` waits for it. {others}"
    );
    warn(attribute, summary, detail.trim_end().to_owned())
}

/// The product of a CPU instance that is to be created.
pub(crate) async fn cpu_product(cx: &Cx, id: &Attr<String>) -> Result<Diagnostics, Unread> {
    let Some(id) = id.text() else { return Ok(Diagnostics::default()) };
    let products = cx.data.catalogue.cpu_products(cx).await?;
    let ids = |those: fn(&&CpuProduct) -> bool| products.iter().filter(those).map(|it| it.id.as_str());
    Ok(match products.iter().find(|it| it.id == id) {
        Some(product) if !product.is_sold_out() => Diagnostics::default(),
        Some(_) => {
            let others = nearest(id, ids(|it| !it.is_sold_out()));
            no_stock("product_id", OUT_OF_STOCK, &format!("`{id}`"), &others)
        }
        None => {
            let lists = "The data source `novita_cpu_products` lists what there is.";
            unlisted("product_id", "product", id, ids(|_| true), lists)
        }
    })
}

/// What instances with and without GPUs have in common.
async fn container(cx: &Cx, prior: Option<&Container>, planned: &Container) -> Diagnostics {
    let Some(prior) = prior else { return Diagnostics::default() };
    let wants = Wants {
        storage: Some("network_storages")
            .filter(|_| has_storages(planned) && prior.network_storages != planned.network_storages),
        network: None,
        is_new: false,
    };
    let (place, login, used) = tokio::join!(
        cluster(cx, &planned.cluster_id, wants),
        login(cx, prior, planned),
        uses::check(cx, Some(prior), planned),
    );
    join(join(checked(cx, place), login), used)
}

/// Where a new instance is to run, and what it needs there.
pub(crate) async fn new_place(cx: &Cx, planned: &Container) -> Result<Diagnostics, Unread> {
    let wants = Wants {
        storage: Some("network_storages").filter(|_| has_storages(planned)),
        network: Some("network_id").filter(|_| !planned.network_id.text_or_empty().is_empty()),
        is_new: true,
    };
    cluster(cx, &planned.cluster_id, wants).await
}

fn has_storages(planned: &Container) -> bool {
    planned.network_storages.known().is_some_and(|it| !it.0.is_empty())
}

/// What is wanted of a cluster, each want by the attribute that makes it.
pub(crate) struct Wants {
    pub(crate) storage: Option<&'static str>,
    pub(crate) network: Option<&'static str>,
    /// Whether the cluster itself is chosen by this plan.
    pub(crate) is_new: bool,
}

/// A cluster's name where its id is wanted.
fn name_for_id(written: &str, clusters: &[Cluster]) -> Option<Diagnostics> {
    let is_meant = |it: &&Cluster| {
        let first = it.name.split_whitespace().next().unwrap_or_default();
        [it.name.as_str(), first].iter().any(|it| it.eq_ignore_ascii_case(written))
    };
    let meant = clusters.iter().find(is_meant)?;
    let detail = format!("`cluster_id` takes an ID: `{}` is {}.", meant.id, meant.name);
    Some(reject("cluster_id", "Unknown cluster", detail))
}

/// The ids of the first clusters with their names.
fn with_names(clusters: &[Cluster]) -> String {
    let each: Vec<_> = clusters.iter().take(6).map(|it| format!("`{}` is {}", it.id, it.name)).collect();
    format!("{}; the data source `novita_clusters` lists all.", each.join(", "))
}

/// Whether a cluster is listed and has what is wanted of it.
pub(crate) async fn cluster(cx: &Cx, id: &Attr<String>, wants: Wants) -> Result<Diagnostics, Unread> {
    let wants_something = wants.is_new || wants.storage.is_some() || wants.network.is_some();
    let Some(id) = id.text().filter(|_| wants_something) else { return Ok(Diagnostics::default()) };
    let clusters = cx.data.catalogue.clusters(cx).await?;
    let ids = |those: fn(&&Cluster) -> bool| clusters.iter().filter(those).map(|it| it.id.as_str());
    let Some(cluster) = clusters.iter().find(|it| it.id == id) else {
        let unlisted = || unlisted("cluster_id", "cluster", id, ids(|_| true), &with_names(clusters));
        return Ok(match wants.is_new {
            true => name_for_id(id, clusters).unwrap_or_else(unlisted),
            false => Diagnostics::default(),
        });
    };
    Ok(match (wants.storage, wants.network) {
        (Some(attribute), _) if cluster.support_network_storage == Some(false) => {
            let others = nearest(id, ids(|it| it.support_network_storage != Some(false)));
            let detail = format!(
                "The catalogue says that the cluster `{id}` has no network storage, so that mounting one will probably \
                 fail. {others}"
            );
            warn(attribute, "Cluster has no network storage", detail)
        }
        (_, Some(attribute)) if cluster.support_instance_network == Some(false) => {
            let others = nearest(id, ids(|it| it.support_instance_network != Some(false)));
            let detail = format!(
                "The catalogue says that the cluster `{id}` has no VPC networks, so that joining one will probably fail. \
                 {others}"
            );
            warn(attribute, "Cluster has no VPC networks", detail)
        }
        _ => Diagnostics::default(),
    })
}

/// The upgrade call takes the id of a saved login and no login, so an image that is pulled anew with the one from the
/// creation needs that the platform has saved it.
async fn login(cx: &Cx, prior: &Container, planned: &Container) -> Diagnostics {
    let nothing = Diagnostics::default();
    let Ok(client) = cx.novita() else { return nothing };
    let attribute = match (planned.image_auth.is_null(), planned.image_auth_wo_version.is_null()) {
        (false, _) => "image_auth",
        (true, false) => "image_auth_wo_version",
        (true, true) => return nothing,
    };
    let keeps_login = prior.image_auth == planned.image_auth
        && prior.image_auth_wo_version == planned.image_auth_wo_version;
    if !keeps_login || Upgrade::between(prior, planned).is_none() {
        return nothing;
    }
    match calls::get(client, &cx.call(), planned.id.text_or_empty()).await {
        Ok(found) if found.image_auth_id.is_empty() => warn(
            attribute,
            "Upgrade takes no login",
            "The change recreates the container, and the call for it takes no login, only the id of a saved one. The API \
             shows none for this instance, so that a private image may not be pulled again. If it fails, save the login \
             in the account and set `image_auth_id`, which is a change in place too."
                .to_owned(),
        ),
        _ => nothing,
    }
}

/// USD per hour of a GPU instance for its billing mode, from a catalogue. An answer may spell its product in another case.
pub(crate) async fn gpu_price(cx: &Cx, catalogue: &Catalogue, it: &Gpu) -> Option<f64> {
    let (mode, gpus) = (mode(it), it.gpu_num.known().copied()?);
    let offers = catalogue.gpu_products(cx, mode, Some(gpus)).await.ok()?;
    let id = it.container.product_id.text()?;
    let product = offers.iter().find(|it| it.id.eq_ignore_ascii_case(id))?;
    product.hourly_price(mode, it.month.known().copied().unwrap_or(0), gpus)
}

/// USD per hour of a CPU instance, from a catalogue, in the same way.
pub(crate) async fn cpu_price(cx: &Cx, catalogue: &Catalogue, product_id: &Attr<String>) -> Option<f64> {
    let products = catalogue.cpu_products(cx).await.ok()?;
    let id = product_id.text()?;
    products.iter().find(|it| it.id.eq_ignore_ascii_case(id))?.price
}

/// Whether a catalogue shows a GPU instance's product in stock, in its cluster too. What it does not list may be sold out
/// and hidden; a list that cannot be read tells nothing.
pub(crate) async fn gpu_stock(cx: &Cx, catalogue: &Catalogue, it: &Gpu) -> bool {
    let gpus = it.gpu_num.known().copied();
    let Ok(offers) = catalogue.gpu_products(cx, mode(it), gpus).await else { return true };
    let product = it.container.product_id.text().and_then(|id| find(&offers, id));
    let Some(product) = product.filter(|it| !it.is_sold_out()) else { return false };
    let Some(id) = it.container.cluster_id.text() else { return true };
    let clusters = catalogue.clusters(cx).await.unwrap_or_default();
    clusters.iter().find(|it| it.id == id).is_none_or(|it| product.is_offered_in(&it.name))
}

/// The same of a CPU instance; its list names no clusters.
pub(crate) async fn cpu_stock(cx: &Cx, catalogue: &Catalogue, product_id: &Attr<String>) -> bool {
    let Ok(products) = catalogue.cpu_products(cx).await else { return true };
    products.iter().any(|it| Some(it.id.as_str()) == product_id.text() && !it.is_sold_out())
}
