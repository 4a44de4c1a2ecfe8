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

/// Machines with GPUs that Novita AI rents out, the cheapest first.
///
/// All filters must hold; without any, all products are listed. An empty list is no error.
#[derive(Model)]
#[tf(settings)]
pub(crate) struct GpuProducts {
    /// Identifier of the cluster in which the products must be offered.
    #[tf(optional, len = 1..=255)]
    cluster_id: Attr<String>,
    /// Number of GPUs that one instance is to have; what is available is told for that many.
    #[tf(optional, range = 1..=8)]
    gpu_num: Attr<i64>,
    /// Part of the product's name, such as `4090`.
    #[tf(optional, len = 1..=255)]
    product_name: Attr<String>,
    /// Least number of vCPUs for each GPU.
    #[tf(optional, range = 0..=i64::MAX)]
    min_cpu_per_gpu: Attr<i64>,
    /// Least memory for each GPU in GB.
    #[tf(optional, range = 0..=i64::MAX)]
    min_memory_per_gpu: Attr<i64>,
    /// Size in GB that the system disk must be able to have.
    #[tf(optional, range = 0..=i64::MAX)]
    min_rootfs_size: Attr<i64>,
    /// How the instance is to be paid for; without a value it is `onDemand`. Its price decides the order.
    #[tf(optional)]
    billing_method: Attr<BillingMode>,
    /// With `true` only what can be rented right now, with `false` only what cannot.
    #[tf(optional)]
    available: Attr<bool>,
    /// Most USD per hour for each GPU, for the way of billing.
    #[tf(optional, range = 0..=i64::MAX)]
    max_hourly_price: Attr<f64>,
    /// The products, the cheapest first; those of the same price by identifier.
    #[tf(computed)]
    products: Attr<List<GpuProduct>>,
}

/// A machine with GPUs.
#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct GpuProduct {
    /// Identifier, for `product_id` of an instance.
    #[tf(computed)]
    id: Attr<String>,
    /// Name of the GPU model.
    #[tf(computed)]
    name: Attr<String>,
    /// Number of vCPUs for each GPU.
    #[tf(computed)]
    cpu_per_gpu: Attr<i64>,
    /// Memory for each GPU in GB.
    #[tf(computed)]
    memory_per_gpu: Attr<i64>,
    /// Disk for each GPU in GB.
    #[tf(computed)]
    disk_per_gpu: Attr<i64>,
    /// Whether it can be rented right now.
    #[tf(computed)]
    available: Attr<bool>,
    /// How many there are: `none`, `low`, `normal` or `high`.
    #[tf(computed)]
    inventory_state: Attr<String>,
    /// Least size of the system disk in GB.
    #[tf(computed)]
    min_rootfs: Attr<i64>,
    /// Greatest size of the system disk in GB.
    #[tf(computed)]
    max_rootfs: Attr<i64>,
    /// Least size of the local disk in GB.
    #[tf(computed)]
    min_local_storage: Attr<i64>,
    /// Greatest size of the local disk in GB.
    #[tf(computed)]
    max_local_storage: Attr<i64>,
    /// Names of the clusters that have it; empty means all.
    #[tf(computed)]
    regions: Attr<List<String>>,
    /// Ways in which it can be paid for: `onDemand`, `monthly`, `spot`.
    #[tf(computed)]
    billing_methods: Attr<List<String>>,
    /// Price of each GPU in USD per hour, paid by use.
    #[tf(computed)]
    hourly_price: Attr<f64>,
    /// Price of each GPU in USD per hour as a spot instance; null when there are none.
    #[tf(computed)]
    spot_hourly_price: Attr<f64>,
    /// Prices of prepaid terms, the shortest first.
    #[tf(computed)]
    monthly_prices: Attr<List<MonthlyPrice>>,
}

/// The price of a prepaid term.
#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct MonthlyPrice {
    /// Length of the term in months.
    #[tf(computed)]
    month: Attr<i64>,
    /// Price of each GPU in USD for the whole term.
    #[tf(computed)]
    price: Attr<f64>,
    /// The same in USD per hour, a month being 730 hours.
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
