//! `novita_cpu_products`: machines without GPUs that Novita AI rents out, the cheapest first.

use tfplugin::attr::{Attr, List};
use tfplugin::data_source::DataSource;
use tfplugin::model::Model;
use tfplugin::resource::Result;

use crate::provider::catalogue::{calls, cheaper, is_affordable, is_enough, is_wanted};
use crate::provider::clients::Cx;
use crate::provider::clients::{Clients, Vendors as _};
use crate::provider::error_context::ErrorContext;
use crate::provider::read_back::text_or_null;

/// Products for CPU instances of Novita AI, cheapest first.
///
/// All filters must match; without filters, all products are listed. An empty result is not an error.
///
/// Vendor documentation: [List CPU products](https://novita.ai/docs/api-reference/gpu-instance-list-cpu-products).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct CpuProducts {
    /// ID of a cluster in which the product must be offered. `novita_clusters` lists the IDs.
    #[tf(optional, len = 1..=255)]
    cluster_id: Attr<String>,
    /// Part of the product name.
    #[tf(optional, len = 1..=255)]
    product_name: Attr<String>,
    /// Minimum number of vCPUs.
    #[tf(optional, range = 0..=i64::MAX)]
    min_cpu_num: Attr<i64>,
    /// Minimum RAM in GB.
    #[tf(optional, range = 0..=i64::MAX)]
    min_memory_size: Attr<i64>,
    /// Only products that can be rented now (`true`), or only products that cannot (`false`).
    #[tf(optional)]
    available: Attr<bool>,
    /// Maximum price in USD per hour.
    #[tf(optional, range = 0..=i64::MAX)]
    max_hourly_price: Attr<f64>,
    /// Matching products, cheapest first; products with the same price are sorted by ID.
    #[tf(computed)]
    products: Attr<List<CpuProduct>>,
}

/// A product without GPUs.
#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct CpuProduct {
    /// ID of the product, for `product_id` and `product_ids` of `novita_cpu_instance`.
    #[tf(computed)]
    id: Attr<String>,
    /// Name of the product.
    #[tf(computed)]
    name: Attr<String>,
    /// Number of vCPUs.
    #[tf(computed)]
    cpu_num: Attr<i64>,
    /// RAM in GB.
    #[tf(computed)]
    memory_size: Attr<i64>,
    /// Size of the system disk in GB.
    #[tf(computed)]
    rootfs_size: Attr<i64>,
    /// Size of the local disk in GB.
    #[tf(computed)]
    local_volume_size: Attr<i64>,
    /// Whether the product can be rented now.
    #[tf(computed)]
    available: Attr<bool>,
    /// Price in USD per hour.
    #[tf(computed)]
    hourly_price: Attr<f64>,
}

impl DataSource for CpuProducts {
    type Data = Clients;

    const TYPE: &'static str = "novita_cpu_products";

    async fn read(cx: &Cx, mut config: Self) -> Result<Self> {
        let parameters =
            [("clusterId", config.cluster_id.text()), ("productName", config.product_name.text())];
        let query: Vec<_> = parameters.into_iter().filter_map(|(name, it)| Some((name, it?))).collect();
        let products = calls::cpu_products(cx.novita()?, &cx.call(), &query).await;
        let products = products.map_err(|error| ErrorContext::to("read the CPU products").failed(&error))?;
        config.products = config.chosen(products).into();
        Ok(config)
    }
}

impl CpuProducts {
    /// What passes the filters that the API does not have, in order.
    fn chosen(&self, mut products: Vec<calls::CpuProduct>) -> List<CpuProduct> {
        products.retain(|it| {
            is_wanted(&self.available, &!it.is_sold_out())
                && is_enough(&self.min_cpu_num, it.cpu_num)
                && is_enough(&self.min_memory_size, it.memory_size)
                && is_affordable(it.price, &self.max_hourly_price)
        });
        products.sort_by(|one, other| cheaper((one.price, &one.id), (other.price, &other.id)));
        products.into_iter().map(CpuProduct::from_answer).collect()
    }
}

impl CpuProduct {
    fn from_answer(product: calls::CpuProduct) -> Self {
        let available = !product.is_sold_out();
        let calls::CpuProduct {
            id,
            name,
            cpu_num,
            memory_size,
            rootfs_size,
            local_volume_size,
            available_deploy: _, // it is `available`
            price,
        } = product;
        Self {
            id: id.into(),
            name: text_or_null(name),
            cpu_num: Attr::from_option(cpu_num),
            memory_size: Attr::from_option(memory_size),
            rootfs_size: Attr::from_option(rootfs_size),
            local_volume_size: Attr::from_option(local_volume_size),
            available: available.into(),
            hourly_price: Attr::from_option(price),
        }
    }
}
