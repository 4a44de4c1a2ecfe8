//! `novita_gpu_products`: machines with GPUs that Novita AI rents out, the cheapest first.

use tfplugin::attr::{Attr, List};
use tfplugin::data_source::DataSource;
use tfplugin::model::{Model, StringEnum};
use tfplugin::resource::Result;

use crate::provider::catalogue::BillingMode;
use crate::provider::catalogue::calls::{self, Product, products::Term};
use crate::provider::catalogue::{cheaper, is_affordable, is_wanted};
use crate::provider::clients::Cx;
use crate::provider::clients::{Clients, Vendors as _};
use crate::provider::error_context::ErrorContext;
use crate::provider::read_back::text_or_null;

/// Products for GPU instances of Novita AI, cheapest first.
///
/// All filters must match; without filters, all products are listed. An empty result is not an error.
///
/// Vendor documentation: [List products](https://novita.ai/docs/api-reference/gpu-instance-list-products).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct GpuProducts {
    /// ID of a cluster in which the product must be offered. `novita_clusters` lists the IDs.
    #[tf(optional, len = 1..=255)]
    cluster_id: Attr<String>,
    /// Number of GPUs of one instance. Availability is returned for this number.
    #[tf(optional, range = 1..=8)]
    gpu_num: Attr<i64>,
    /// Part of the product name, such as `4090`.
    #[tf(optional, len = 1..=255)]
    product_name: Attr<String>,
    /// Minimum number of vCPUs per GPU.
    #[tf(optional, range = 0..=i64::MAX)]
    min_cpu_per_gpu: Attr<i64>,
    /// Minimum RAM per GPU in GB. This is system memory; filter GPU memory by `product_name`.
    #[tf(optional, range = 0..=i64::MAX)]
    min_memory_per_gpu: Attr<i64>,
    /// Size of the system disk in GB that the product must support.
    #[tf(optional, range = 0..=i64::MAX)]
    min_rootfs_size: Attr<i64>,
    /// Billing mode of the instance. Its price determines the order. If omitted, `onDemand`.
    #[tf(optional)]
    billing_method: Attr<BillingMode>,
    /// Only products that can be rented now (`true`), or only products that cannot (`false`).
    #[tf(optional)]
    available: Attr<bool>,
    /// Maximum price per GPU in USD per hour, for `billing_method`.
    #[tf(optional, range = 0..=i64::MAX)]
    max_hourly_price: Attr<f64>,
    /// Matching products, cheapest first; products with the same price are sorted by ID.
    #[tf(computed)]
    products: Attr<List<GpuProduct>>,
}

/// A product with GPUs.
#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct GpuProduct {
    /// ID of the product, for `product_id` and `product_ids` of `novita_gpu_instance`.
    #[tf(computed)]
    id: Attr<String>,
    /// Name of the GPU model.
    #[tf(computed)]
    name: Attr<String>,
    /// Number of vCPUs per GPU.
    #[tf(computed)]
    cpu_per_gpu: Attr<i64>,
    /// RAM per GPU in GB (not GPU memory).
    #[tf(computed)]
    memory_per_gpu: Attr<i64>,
    /// Disk per GPU in GB.
    #[tf(computed)]
    disk_per_gpu: Attr<i64>,
    /// Whether the product can be rented now.
    #[tf(computed)]
    available: Attr<bool>,
    /// Inventory: `none`, `low`, `normal` or `high`.
    #[tf(computed)]
    inventory_state: Attr<String>,
    /// Minimum size of the system disk in GB.
    #[tf(computed)]
    min_rootfs: Attr<i64>,
    /// Maximum size of the system disk in GB.
    #[tf(computed)]
    max_rootfs: Attr<i64>,
    /// Minimum size of the local disk in GB.
    #[tf(computed)]
    min_local_storage: Attr<i64>,
    /// Maximum size of the local disk in GB.
    #[tf(computed)]
    max_local_storage: Attr<i64>,
    /// Names of the clusters that offer the product. Empty: all clusters.
    #[tf(computed)]
    regions: Attr<List<String>>,
    /// Supported billing modes: `onDemand`, `monthly`, `spot`.
    #[tf(computed)]
    billing_methods: Attr<List<String>>,
    /// On-demand price per GPU in USD per hour.
    #[tf(computed)]
    hourly_price: Attr<f64>,
    /// Spot price per GPU in USD per hour. Null if spot is not offered.
    #[tf(computed)]
    spot_hourly_price: Attr<f64>,
    /// Prices of prepaid terms, shortest first.
    #[tf(computed)]
    monthly_prices: Attr<List<MonthlyPrice>>,
}

/// Price of a prepaid term.
#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct MonthlyPrice {
    /// Length of the term in months.
    #[tf(computed)]
    month: Attr<i64>,
    /// Price per GPU in USD for the whole term.
    #[tf(computed)]
    price: Attr<f64>,
    /// The same price in USD per hour, with 730 hours per month.
    #[tf(computed)]
    hourly_price: Attr<f64>,
}

impl DataSource for GpuProducts {
    type Data = Clients;

    const TYPE: &'static str = "novita_gpu_products";

    async fn read(cx: &Cx, mut config: Self) -> Result<Self> {
        let query = config.query();
        let query: Vec<_> = query.iter().map(|(name, it)| (*name, it.as_str())).collect();
        let products = calls::gpu_products(cx.novita()?, &cx.call(), &query).await;
        let products = products.map_err(|error| ErrorContext::to("read the GPU products").failed(&error))?;
        config.products = config.chosen(products).into();
        Ok(config)
    }
}

impl GpuProducts {
    /// What the API itself can filter by. It takes `onDemand` where nothing is said.
    fn query(&self) -> Vec<(&'static str, String)> {
        let number = |it: &Attr<i64>| it.known().map(i64::to_string);
        let parameters = [
            ("clusterId", self.cluster_id.text().map(str::to_owned)),
            ("gpuNum", number(&self.gpu_num)),
            ("productName", self.product_name.text().map(str::to_owned)),
            ("minCpuPerGpu", number(&self.min_cpu_per_gpu)),
            ("minMemoryPerGpu", number(&self.min_memory_per_gpu)),
            ("minRootFSSize", number(&self.min_rootfs_size)),
            ("billingMethod", self.billing_method.known().map(|it| it.as_str().to_owned())),
        ];
        parameters.into_iter().filter_map(|(name, it)| Some((name, it?))).collect()
    }

    /// What passes the other filters, in order.
    fn chosen(&self, mut products: Vec<Product>) -> List<GpuProduct> {
        let mode = self.billing_method.known().copied().unwrap_or(BillingMode::OnDemand);
        products.retain(|it| {
            is_wanted(&self.available, &!it.is_sold_out())
                && is_affordable(price(it, mode), &self.max_hourly_price)
        });
        products.sort_by(|one, other| cheaper((price(one, mode), &one.id), (price(other, mode), &other.id)));
        products.into_iter().map(GpuProduct::from_answer).collect()
    }
}

/// USD per hour of a GPU; for monthly billing that of the cheapest term.
fn price(product: &Product, mode: BillingMode) -> Option<f64> {
    match mode {
        BillingMode::OnDemand => product.price,
        BillingMode::Spot => product.spot_price,
        BillingMode::Monthly => {
            product.monthly_price.iter().filter_map(Term::hourly_price).min_by(f64::total_cmp)
        }
    }
}

impl GpuProduct {
    fn from_answer(product: Product) -> Self {
        let available = !product.is_sold_out();
        let Product {
            id,
            name,
            cpu_per_gpu,
            memory_per_gpu,
            disk_per_gpu,
            available_deploy: _, // part of `available`
            min_rootfs,
            max_rootfs,
            min_local_storage,
            max_local_storage,
            regions,
            price,
            spot_price,
            mut monthly_price,
            billing_methods,
            inventory_state,
        } = product;
        monthly_price.sort_by_key(|it| it.month);
        Self {
            id: id.into(),
            name: text_or_null(name),
            cpu_per_gpu: Attr::from_option(cpu_per_gpu),
            memory_per_gpu: Attr::from_option(memory_per_gpu),
            disk_per_gpu: Attr::from_option(disk_per_gpu),
            available: available.into(),
            inventory_state: text_or_null(inventory_state),
            min_rootfs: Attr::from_option(min_rootfs),
            max_rootfs: Attr::from_option(max_rootfs),
            min_local_storage: Attr::from_option(min_local_storage),
            max_local_storage: Attr::from_option(max_local_storage),
            regions: Attr::Known(regions.into_iter().collect()),
            billing_methods: Attr::Known(billing_methods.into_iter().collect()),
            hourly_price: Attr::from_option(price),
            spot_hourly_price: Attr::from_option(spot_price),
            monthly_prices: Attr::Known(monthly_price.iter().map(MonthlyPrice::from_answer).collect()),
        }
    }
}

impl MonthlyPrice {
    fn from_answer(term: &Term) -> Self {
        Self {
            month: Attr::from_option(term.month),
            price: Attr::from_option(term.price),
            hourly_price: Attr::from_option(term.hourly_price()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tfplugin::value::Value;

    fn product(id: &str, price: Option<f64>, spot: Option<f64>, month: Option<f64>) -> Product {
        let monthly_price = month.map(|it| Term { price: Some(it), month: Some(1) }).into_iter().collect();
        Product { id: id.to_owned(), price, spot_price: spot, monthly_price, ..Product::default() }
    }

    fn chosen(filters: &[(&str, Value)]) -> Vec<String> {
        let filters = filters.iter().map(|(name, it)| ((*name).to_owned(), it.clone())).collect();
        let config = GpuProducts::from_object(&Value::Map(filters)).unwrap();
        let sold_out = Product { available_deploy: Some(false), ..product("e", Some(0.1), None, None) };
        let products = vec![
            product("d", None, Some(0.05), None),
            product("c", Some(0.3), Some(0.2), Some(73.0)),
            product("b", Some(0.2), None, Some(146.0)),
            product("a", Some(0.2), None, None),
            sold_out,
        ];
        let known = config.chosen(products);
        known.0.iter().map(|it| it.known().unwrap().id.text_or_empty().to_owned()).collect()
    }

    #[test]
    fn the_way_of_billing_decides_what_is_cheap() {
        assert_eq!(chosen(&[]), ["e", "a", "b", "c", "d"]);
        assert_eq!(chosen(&[("billing_method", "spot".into())]), ["d", "c", "a", "b", "e"]);
        assert_eq!(chosen(&[("billing_method", "monthly".into())]), ["c", "b", "a", "d", "e"]);
    }

    #[test]
    fn filters_leave_out_what_is_sold_out_or_too_dear() {
        assert_eq!(chosen(&[("available", true.into())]), ["a", "b", "c", "d"]);
        assert_eq!(chosen(&[("available", false.into())]), ["e"]);
        let most = |usd: i64| ("max_hourly_price", Value::from(usd));
        assert_eq!(chosen(&[most(0)]), [""; 0]);
        assert_eq!(chosen(&[most(1), ("billing_method", "spot".into())]), ["d", "c"]);
    }

    #[test]
    fn prices_are_told_as_the_catalogue_has_them() {
        let it = GpuProduct::from_answer(product("p", Some(0.35), None, Some(73.0)));
        assert_eq!((it.hourly_price, it.spot_hourly_price), (0.35.into(), Attr::Null));
        let monthly = it.monthly_prices.known().unwrap().0[0].known().unwrap().clone();
        assert_eq!(monthly, MonthlyPrice { month: 1.into(), price: 73.0.into(), hourly_price: 0.1.into() });
    }
}
