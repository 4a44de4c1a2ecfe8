//! What endpoints can run on, from Novita's newer API, decoded leniently.

use serde::Deserialize;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::{Details, Error, Result};
use crate::api::lenient;
use crate::provider::beside;
use crate::provider::catalogue::calls::products::tidy;

const PATH: &str = "/products";
/// Pages of a list that ends.
const MOST_PAGES: usize = 100;

/// A product that workers of endpoints run on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct EndpointProduct {
    #[serde(deserialize_with = "lenient::text")]
    pub(crate) id: String,
    #[serde(deserialize_with = "lenient::text")]
    pub(crate) name: String,
    #[serde(deserialize_with = "lenient::object")]
    resource_spec: Spec,
    #[serde(deserialize_with = "lenient::object")]
    pricing: Pricing,
    #[serde(deserialize_with = "lenient::texts")]
    pub(crate) region_ids: Vec<String>,
}

/// What hardware it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Spec {
    #[serde(deserialize_with = "lenient::object")]
    gpu: Gpu,
}

/// Its GPUs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Gpu {
    #[serde(deserialize_with = "lenient::text")]
    pub(crate) name: String,
    #[serde(deserialize_with = "lenient::int")]
    pub(crate) memory_gb: Option<i64>,
    /// Most of them in one worker.
    #[serde(deserialize_with = "lenient::int")]
    pub(crate) max: Option<i64>,
    /// How many are free.
    #[serde(deserialize_with = "lenient::int")]
    pub(crate) available: Option<i64>,
}

/// Prices, each in the unit that `precision` tells.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Pricing {
    #[serde(deserialize_with = "lenient::int")]
    precision: Option<i64>,
    #[serde(deserialize_with = "lenient::object")]
    postpaid: Price,
    #[serde(deserialize_with = "lenient::object")]
    spot: Price,
}

/// The price of a mode; none where that is not offered.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Price {
    #[serde(deserialize_with = "lenient::float")]
    final_price: Option<f64>,
}

impl EndpointProduct {
    /// Its GPUs.
    pub(crate) fn gpu(&self) -> &Gpu {
        &self.resource_spec.gpu
    }

    /// USD per hour.
    pub(crate) fn price(&self) -> Option<f64> {
        self.usd(&self.pricing.postpaid)
    }

    /// USD per hour of a worker with that many GPUs. That a product's price is the one of a single GPU is (assumed).
    #[expect(clippy::cast_precision_loss, reason = "a handful of GPUs")]
    pub(crate) fn worker_price(&self, gpus: i64) -> Option<f64> {
        self.price().map(|it| tidy(it * gpus as f64))
    }

    /// The same for workers that can be taken back.
    pub(crate) fn spot_price(&self) -> Option<f64> {
        self.usd(&self.pricing.spot)
    }

    /// Without the unit a price says nothing.
    fn usd(&self, price: &Price) -> Option<f64> {
        let precision = self.pricing.precision.filter(|it| (0..=12).contains(it))?;
        let unit = 10_f64.powi(i32::try_from(precision).ok()?);
        price.final_price.map(|it| it / unit)
    }
}

/// Novita's machines for endpoints. The client is that of instances.
///
/// # Errors
/// Those of a read; [`Error::Misconfigured`] where the base URL has no newer API beside it.
pub(crate) async fn endpoint_products(client: &Client, call: &Call) -> Result<Vec<EndpointProduct>> {
    let client = beside::newer(client)?;
    let (mut products, mut cursor) = (Vec::new(), String::new());
    for _ in 0..MOST_PAGES {
        let mut query = vec![("type", "gpu"), ("category", "serverless"), ("limit", "100")];
        query.extend(Some(("cursor", cursor.as_str())).filter(|(_, it)| !it.is_empty()));
        let page = client.list(call, PATH, &query, "data").await?;
        let next = page.next_cursor.clone();
        products.extend(page.readable(PATH)?);
        match next {
            Some(next) if next != cursor => cursor = next,
            _ => return Ok(products),
        }
    }
    let message = format!("the list does not end within {MOST_PAGES} pages");
    Err(Error::Decode(Details::new(&format!("GET {PATH}"), message).into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::error_mapping::ErrorMapping;
    use crate::provider::loopback;

    #[test]
    fn a_price_is_in_the_unit_that_is_told() {
        for (pricing, price, spot) in [
            (
                r#"{"precision":5,"postpaid":{"final_price":"35000"},"spot":{"final_price":18000}}"#,
                Some(0.35),
                Some(0.18),
            ),
            (r#"{"precision":"2","postpaid":{"final_price":35}}"#, Some(0.35), None),
            (r#"{"precision":0,"postpaid":{"final_price":2},"spot":null}"#, Some(2.0), None),
            (r#"{"postpaid":{"final_price":35000}}"#, None, None),
            (r#"{"precision":99,"postpaid":{"final_price":35000}}"#, None, None),
            ("null", None, None),
        ] {
            let it: EndpointProduct = serde_json::from_str(&format!(r#"{{"pricing":{pricing}}}"#)).unwrap();
            assert_eq!((it.price(), it.spot_price()), (price, spot), "{pricing}");
        }
    }

    #[tokio::test]
    async fn all_pages_are_read_from_the_newer_api() {
        let cloud = mock_cloud::MockCloud::start(mock_cloud::Options::default());
        cloud.with_novita(|it| it.style.largest_page = Some(2));
        let client = loopback::client(ErrorMapping::Novita, &cloud.novita_url(), cloud.api_key());
        let products = endpoint_products(&client, &Call::default()).await.unwrap();
        assert_eq!(products.len(), cloud.with_novita(|it| it.endpoint_products.len()));
        assert!(products.iter().all(|it| it.price().is_some() && !it.gpu().name.is_empty()), "{products:?}");
        let requests = cloud.requests();
        assert!(
            requests.len() > 1 && requests.iter().all(|it| it.path == "/gpus/v2/products"),
            "{requests:?}"
        );
    }
}
