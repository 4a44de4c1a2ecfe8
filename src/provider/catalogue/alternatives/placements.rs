//! From the lists of a catalogue to the sentences about where hardware is.
//!
//! Pure: what could not be read is a `None`. That nothing is anywhere is said only when it was looked for.

use crate::provider::catalogue::alternatives::{Hardware, Placement};
use crate::provider::catalogue::calls::offers::same_gpu_type;
use crate::provider::catalogue::calls::{Cluster, CpuProduct, Offer, Product};

/// So many choices are told.
const MOST: usize = 5;

const NOTHING_WAS_RETRIED: &str = "Nothing was retried.";
const NOWHERE: &str = "It is nowhere at present: try again later, or choose another.";
/// The list and the refusal may be some seconds apart.
const STILL_SHOWN: &str =
    "The list still shows it here and nowhere else: try again later, or choose another.";

/// The lists for a machine with GPUs.
#[derive(Default)]
pub(super) struct GpuLists {
    /// Products, their stock told for as many GPUs as are wanted.
    pub(super) as_many: Option<Vec<Product>>,
    /// Products, their stock told for any number.
    pub(super) any: Option<Vec<Product>>,
    pub(super) clusters: Option<Vec<Cluster>>,
}

/// Where machines with GPUs are.
pub(super) fn of_gpus(wanted: &Hardware, gpus: i64, lists: &GpuLists) -> String {
    let find =
        |list: &Option<Vec<Product>>| list.iter().flatten().find(|it| it.id == wanted.product).cloned();
    let (as_many, any) = (find(&lists.as_many), find(&lists.any));
    let name = as_many.as_ref().or(any.as_ref()).map(|it| it.name.clone()).unwrap_or_default();
    let what = format!("{} with {}", named(&wanted.product, &name), counted(gpus, "GPU"));
    let mut said = vec![out(&what, wanted)];
    let (Some(products), Some(clusters)) = (&lists.as_many, &lists.clusters) else {
        said.push(unread("the data sources `novita_gpu_products` and `novita_clusters` list it"));
        return joined(said);
    };
    let mut found = Vec::new();
    if let Some(product) = as_many.as_ref().filter(|it| !it.is_sold_out()) {
        let here = clusters.iter().filter(|it| it.id != wanted.cluster && has(it, product));
        found.extend(choices(
            "The catalogue shows it in",
            "cluster",
            "set `cluster_id`",
            here.map(|it| named(&it.id, &it.name)),
        ));
    }
    let fewer_are_free = any.is_some_and(|it| !it.is_sold_out());
    if fewer_are_free && gpus > 1 && as_many.as_ref().is_none_or(Product::is_sold_out) {
        found.push("It is there with fewer GPUs (`gpu_num`).".to_owned());
    }
    let in_stock = || products.iter().filter(|it| it.id != wanted.product && !it.is_sold_out());
    let same = in_stock().filter(|it| same_gpu(&it.name, &name)).map(|it| named(&it.id, &it.name));
    found.extend(choices("The same GPU is in stock as", "product", "set `product_id`", same));
    if found.is_empty() {
        found.push(nowhere(as_many.is_some_and(|it| !it.is_sold_out())));
        let others = in_stock().map(|it| named(&it.id, &it.name));
        found.extend(choices("Other GPUs in stock:", "product", "", others));
    }
    said.extend(found);
    joined(said)
}

/// Where machines without GPUs are.
pub(super) fn of_cpus(wanted: &Hardware, products: Option<&[CpuProduct]>) -> String {
    let product = products.and_then(|it| it.iter().find(|it| it.id == wanted.product));
    let name = product.map(|it| it.name.as_str()).unwrap_or_default();
    let mut said = vec![out(&named(&wanted.product, name), wanted)];
    let Some(products) = products else {
        said.push(unread("the data source `novita_cpu_products` lists it"));
        return joined(said);
    };
    let is_shown = product.is_some_and(|it| !it.is_sold_out());
    said.push(match is_shown && !wanted.cluster.is_empty() {
        true => {
            "The catalogue shows it in some cluster: choose another `cluster_id`, or leave it out.".to_owned()
        }
        false => nowhere(is_shown),
    });
    let others = products.iter().filter(|it| it.id != wanted.product && !it.is_sold_out());
    said.extend(choices(
        "Other CPU products in stock:",
        "product",
        "",
        others.map(|it| named(&it.id, &it.name)),
    ));
    joined(said)
}

/// Where GPUs for VMs are.
pub(super) fn of_vm(wanted: &Placement, offers: Option<&[Offer]>) -> String {
    let Placement { node, gpu_type, gpus, interruptible } = wanted;
    let manner = if *interruptible { ", interruptible," } else { "" };
    let mut said = vec![format!("There is no {gpus} × `{gpu_type}`{manner} free on the node `{node}`.")];
    let telling = offers.filter(|it| it.is_empty() || it.iter().any(|it| !it.node.is_empty()));
    let Some(offers) = telling else {
        said.push(unread("the data source `novacloud_offers` lists what there is"));
        return joined(said);
    };
    let free = || {
        offers.iter().filter(|it| {
            !it.node.is_empty()
                && it.available != Some(false)
                && (!interruptible || it.interruptible_rate.is_some())
        })
    };
    let same = || free().filter(|it| same_gpu_type(&it.gpu_type, gpu_type));
    let enough = |it: &&Offer| it.gpu_count.is_none_or(|it| it >= *gpus);
    let nodes = same().filter(|it| it.node != *node).filter(enough).map(|it| format!("`{}`", it.node));
    let mut found = Vec::new();
    found.extend(choices("As many are free on", "node", "set `node`", nodes));
    let fewer = same().filter(|it| !enough(it)).map(|it| match it.gpu_count {
        Some(count) => format!("`{}` ({count})", it.node),
        None => format!("`{}`", it.node),
    });
    found.extend(choices("Fewer are free on", "node", "lower `gpu_count`", fewer));
    if found.is_empty() {
        found.push(nowhere(same().any(|it| it.node == *node)));
        let others = free().filter(|it| !same_gpu_type(&it.gpu_type, gpu_type));
        let others = others.map(|it| format!("`{}` on `{}`", it.gpu_type, it.node));
        found.extend(choices("Other GPUs that are free:", "type", "", others));
    }
    said.extend(found);
    joined(said)
}

/// What can be said of serverless products.
pub(super) fn of_endpoint(products: &[&str]) -> String {
    let products: Vec<_> = products.iter().map(|it| format!("`{it}`")).collect();
    let what = if products.is_empty() { "the product".to_owned() } else { products.join(", ") };
    joined(vec![
        format!("There is no hardware of {what} for the workers."),
        "Where else there is some is unknown, since the API has no list of serverless products: the console shows \
         them, for `product_ids`; fewer GPUs per worker (`worker_config.gpu_num`) can help too."
            .to_owned(),
    ])
}

/// That it is nowhere else.
fn nowhere(still_shown: bool) -> String {
    if still_shown { STILL_SHOWN } else { NOWHERE }.to_owned()
}

/// What is out.
fn out(what: &str, wanted: &Hardware) -> String {
    let place = match wanted.cluster.as_str() {
        "" => String::new(),
        cluster => format!(" in the cluster `{cluster}`"),
    };
    let manner = match wanted.billing_mode {
        "onDemand" => String::new(),
        mode => format!(" for the billing mode `{mode}`"),
    };
    format!("There is no {what}{place}{manner}.")
}

/// Whether a cluster has a product, as far as both lists tell.
fn has(cluster: &Cluster, product: &Product) -> bool {
    let is_listed = cluster.available_gpu_type.iter().any(|it| it.eq_ignore_ascii_case(&product.name));
    is_listed && product.is_offered_in(&cluster.name)
}

/// Whether two products' names mean the same GPU: they are the same, or have the same model's number,
/// as `RTX 4090 24GB` and `NVIDIA RTX 4090` do. A guess, for a choice to be told.
fn same_gpu(one: &str, other: &str) -> bool {
    let model = |name: &str| {
        name.split_whitespace().find(|it| it.contains(|it: char| it.is_ascii_digit())).map(str::to_lowercase)
    };
    one.eq_ignore_ascii_case(other) && !one.is_empty()
        || model(one).is_some_and(|it| Some(it) == model(other))
}

/// `lead` with the first choices, each once, and what to do with them; nothing when there is none.
fn choices(lead: &str, thing: &str, hint: &str, all: impl Iterator<Item = String>) -> Option<String> {
    let mut list: Vec<String> = Vec::new();
    for it in all {
        if !list.contains(&it) {
            list.push(it);
        }
    }
    let more = list.len().saturating_sub(MOST);
    list.truncate(MOST);
    let thing = match (list.len(), lead.ends_with(':')) {
        (0, _) => return None,
        (_, true) => String::new(),
        (1, false) => format!(" the {thing}"),
        (_, false) => format!(" the {thing}s"),
    };
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let hint = if hint.is_empty() { String::new() } else { format!(" ({hint})") };
    Some(format!("{lead}{thing} {}{more}{hint}.", list.join(", ")))
}

fn named(id: &str, name: &str) -> String {
    if name.is_empty() || name == id { format!("`{id}`") } else { format!("`{id}` ({name})") }
}

fn counted(number: i64, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

fn unread(where_to: &str) -> String {
    format!("Where else it is could not be read now; {where_to}.")
}

fn joined(mut said: Vec<String>) -> String {
    said.push(NOTHING_WAS_RETRIED.to_owned());
    said.join(" ")
}

#[cfg(test)]
mod tests;
