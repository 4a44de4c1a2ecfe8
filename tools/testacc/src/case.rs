//! The configurations: what is looked up, and one small life for each resource.

use serde_json::Value;

use crate::cli::quoted;
use crate::settings::{Kind, Settings};
use crate::shop::{Choice, cheapest};

/// The life of one resource.
pub(crate) struct Case {
    /// What is rented and for how much, for the report.
    pub(crate) title: String,
    /// The first configuration.
    pub(crate) made: String,
    /// The same after a change that is made in place.
    pub(crate) changed: String,
}

/// A configuration that only looks at the catalogues that are needed, one output each.
pub(crate) fn catalogues(settings: &Settings) -> String {
    let looks = settings.kinds.iter().map(|kind| match kind {
        Kind::Gpu => look("gpu", "novita_gpu_products", "  gpu_num = 1\n", "products"),
        Kind::Cpu => look("cpu", "novita_cpu_products", "", "products"),
        Kind::Vm => look("vm", "novacloud_offers", "  provider = novita\n", "offers"),
        Kind::Endpoint => String::new(),
    });
    provider(settings) + &looks.collect::<String>()
}

fn look(name: &str, source: &str, lines: &str, list: &str) -> String {
    format!(
        "data \"{source}\" \"all\" {{\n{lines}}}\n\noutput \"{name}\" {{\n  value = data.{source}.all.{list}\n}}\n\n"
    )
}

/// The case of a resource, with the cheapest of `products`.
///
/// # Errors
/// There is nothing to rent within the cap.
pub(crate) fn case(kind: Kind, settings: &Settings, name: &str, products: &Value) -> Result<Case, String> {
    let choose = |fits: fn(&Value) -> bool| cheapest(products, settings.max_hourly_price, fits);
    let (title, made, changed) = match kind {
        Kind::Endpoint => endpoint(settings, name),
        Kind::Cpu => cpu(settings, name, &choose(|it| it["id"].is_string())?),
        Kind::Gpu => gpu(settings, name, &choose(is_paid_by_use)?),
        Kind::Vm => vm(settings, &choose(|it| it["node"].is_string() && it["gpu_type"].is_string())?),
    };
    Ok(Case { title, made: provider(settings) + &made, changed: provider(settings) + &changed })
}

fn provider(settings: &Settings) -> String {
    format!(
        "terraform {{\n  required_providers {{\n    novita = {{\n      source = \"novita/novita\"\n    }}\n  }}\n}}\n\n\
         provider \"novita\" {{\n{}}}\n\n",
        settings.provider_lines
    )
}

/// Prepaid terms cannot be given back, so nothing else may be taken.
fn is_paid_by_use(product: &Value) -> bool {
    product["id"].is_string()
        && product["billing_methods"].as_array().is_some_and(|it| it.contains(&Value::from("onDemand")))
}

type Life = (String, String, String);

/// The outputs that a run looks at.
fn outputs(address: &str, price: &str) -> String {
    format!("output \"id\" {{\n  value = {address}.id\n}}\n\noutput \"price\" {{\n  value = {price}\n}}\n")
}

fn endpoint(settings: &Settings, name: &str) -> Life {
    let text = |workers: u8| {
        let block = format!(
            "resource \"novita_endpoint\" \"it\" {{\n  name = {}\n  product_ids = [{}]\n  image = {{ image = {} }}\n  \
             port = 8000\n  healthy = {{ path = \"/health\" }}\n  policy = {{ type = \"queue\", value = 60 }}\n  \
             worker_config = {{\n    min_num = 0\n    max_num = {workers}\n    free_timeout = 60\n    \
             max_concurrent = 1\n    gpu_num = 1\n  }}\n}}\n\n",
            quoted(name),
            quoted(&settings.endpoint_product),
            quoted(&settings.image)
        );
        block + &outputs("novita_endpoint.it", "null")
    };
    (format!("{} without workers", settings.endpoint_product), text(1), text(2))
}

fn cpu(settings: &Settings, name: &str, choice: &Choice) -> Life {
    let id = choice.product["id"].as_str().unwrap_or_default();
    instance("novita_cpu_instance", "", settings, name, (id, choice.price))
}

fn gpu(settings: &Settings, name: &str, choice: &Choice) -> Life {
    let id = choice.product["id"].as_str().unwrap_or_default();
    let disk = choice.product["min_rootfs"].as_i64().unwrap_or(10).max(10);
    let lines = format!("  gpu_num = 1\n  rootfs_size = {disk}\n  billing_mode = \"onDemand\"\n");
    instance("novita_gpu_instance", &lines, settings, name, (id, choice.price))
}

fn instance(kind: &str, lines: &str, settings: &Settings, name: &str, (id, price): (&str, f64)) -> Life {
    let text = |ports: &str, mode: &str| {
        let block = format!(
            "resource \"{kind}\" \"it\" {{\n  name = {}\n  product_id = {}\n{lines}  image_url = {}\n  \
             command = \"sleep infinity\"\n  ports = {ports}\n  envs = {{ MODE = \"{mode}\" }}\n}}\n\n",
            quoted(name),
            quoted(id),
            quoted(&settings.image)
        );
        block + &outputs(&format!("{kind}.it"), &format!("{kind}.it.hourly_price"))
    };
    let title = format!("{id} for {price} USD per hour");
    (title, text("[\"22/tcp\"]", "first"), text("[\"22/tcp\", \"8080/http\"]", "second"))
}

fn vm(settings: &Settings, choice: &Choice) -> Life {
    let field = |name: &str| choice.product[name].as_str().unwrap_or_default().to_owned();
    let text = |power: &str| {
        let block = format!(
            "resource \"novacloud_vm\" \"it\" {{\n  provider = novita\n  node = {}\n  gpu_type = {}\n  gpu_count = 1\n  \
             storage_gb = 50\n  template_vmid = {}\n  rental_type = \"on_demand\"\n  desired_status = \"{power}\"\n}}\n\n",
            quoted(&field("node")),
            quoted(&field("gpu_type")),
            settings.vm_template
        );
        block + &outputs("novacloud_vm.it", "novacloud_vm.it.hourly_rate")
    };
    let title =
        format!("{} on {} for {} USD per hour and its disk", field("gpu_type"), field("node"), choice.price);
    (title, text("running"), text("stopped"))
}
