//! `novita_endpoint_products`: what workers of serverless endpoints can run on, the cheapest first.

use tfplugin::attr::{Attr, List};
use tfplugin::data_source::DataSource;
use tfplugin::model::Model;
use tfplugin::resource::Result;

use crate::provider::catalogue::calls::EndpointProduct;
use crate::provider::catalogue::{calls, cheaper};
use crate::provider::clients::{Clients, Cx, Vendors as _};
use crate::provider::error_context::ErrorContext;
use crate::provider::read_back::text_or_null;

/// Products for the workers of serverless endpoints of Novita AI, cheapest first.
///
/// The list comes from the vendor's newer API (`/gpus/v2`, next to the API of `base_url`), because the API of
/// `base_url` has none. The vendor does not document that endpoints accept these IDs. All filters must match; without
/// filters, all products are listed. An empty result is not an error.
///
/// Vendor documentation: [Create endpoint](https://novita.ai/docs/api-reference/serverless-create-endpoint).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct EndpointProducts {
    /// Part of the name of the GPU model, such as `4090`. Not case-sensitive.
    #[tf(optional, len = 1..=255)]
    gpu_name: Attr<String>,
    /// ID of a region in which the product must be offered, as in `region_ids` of a product in
    /// `novita_endpoint_products`.
    #[tf(optional, len = 1..=255)]
    region_id: Attr<String>,
    /// Matching products, cheapest first; products with the same price are sorted by ID.
    #[tf(computed)]
    products: Attr<List<Offered>>,
}

/// A product for workers.
#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Offered {
    /// ID of the product, for `product_ids` of `novita_endpoint`.
    #[tf(computed)]
    id: Attr<String>,
    /// Name of the product.
    #[tf(computed)]
    name: Attr<String>,
    /// GPU model.
    #[tf(computed)]
    gpu_name: Attr<String>,
    /// GPU memory in GB.
    #[tf(computed)]
    gpu_memory: Attr<i64>,
    /// Maximum number of GPUs of a worker.
    #[tf(computed)]
    max_gpus: Attr<i64>,
    /// Number of free GPUs.
    #[tf(computed)]
    available: Attr<i64>,
    /// Price in USD per hour.
    #[tf(computed)]
    price: Attr<f64>,
    /// Price in USD per hour of preemptible workers. Null if they are not offered.
    #[tf(computed)]
    spot_price: Attr<f64>,
    /// IDs of the regions in which the product is offered, in alphabetical order.
    #[tf(computed)]
    region_ids: Attr<List<String>>,
}

impl DataSource for EndpointProducts {
    type Data = Clients;

    const TYPE: &'static str = "novita_endpoint_products";

    async fn read(cx: &Cx, mut config: Self) -> Result<Self> {
        let products = calls::endpoint_products(cx.novita()?, &cx.call()).await;
        let products =
            products.map_err(|error| ErrorContext::to("read the products of endpoints").failed(&error))?;
        config.products = config.chosen(products).into();
        Ok(config)
    }
}

impl EndpointProducts {
    /// What passes the filters, in order.
    fn chosen(&self, mut products: Vec<EndpointProduct>) -> List<Offered> {
        let part = self.gpu_name.text_or_empty().to_lowercase();
        products.retain(|it| {
            it.gpu().name.to_lowercase().contains(&part)
                && self.region_id.text().is_none_or(|wanted| it.region_ids.iter().any(|it| it == wanted))
        });
        products.sort_by(|one, other| cheaper((one.price(), &one.id), (other.price(), &other.id)));
        products.into_iter().map(Offered::from_answer).collect()
    }
}

impl Offered {
    fn from_answer(mut product: EndpointProduct) -> Self {
        product.region_ids.sort();
        let gpu = product.gpu();
        Self {
            gpu_name: text_or_null(gpu.name.clone()),
            gpu_memory: Attr::from_option(gpu.memory_gb),
            max_gpus: Attr::from_option(gpu.max),
            available: Attr::from_option(gpu.available),
            price: Attr::from_option(product.price()),
            spot_price: Attr::from_option(product.spot_price()),
            region_ids: Attr::Known(product.region_ids.into_iter().collect()),
            id: product.id.into(),
            name: text_or_null(product.name),
        }
    }
}
