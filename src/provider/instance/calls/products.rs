//! The catalogue: what can be rented and at what price.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::Value;

use crate::api::call::Call;
use crate::api::error::Result;
use crate::api::lenient::{float, int, one_or_many, or_default, text};
use crate::api::transport::Client;

/// The catalogue's prices are in 1/100000 USD.
const UNITS_PER_USD: f64 = 100_000.0;
/// Hours of an average month, to compare a monthly price with an hourly one.
const HOURS_PER_MONTH: f64 = 730.0;

/// A machine that can be rented.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Product {
    #[serde(deserialize_with = "text")]
    pub(crate) id: String,
    #[serde(deserialize_with = "text")]
    pub(crate) name: String,
    /// Whether it can be had right now; missing = not told.
    pub(crate) available_deploy: Option<bool>,
    /// Clusters that have it; empty = all.
    #[serde(deserialize_with = "or_default")]
    pub(crate) regions: Vec<String>,
    /// GB.
    #[serde(rename = "minRootFS", deserialize_with = "int")]
    pub(crate) min_rootfs: Option<i64>,
    /// GB.
    #[serde(rename = "maxRootFS", deserialize_with = "int")]
    pub(crate) max_rootfs: Option<i64>,
    /// `none`, `low`, `normal`, `high`.
    #[serde(deserialize_with = "text")]
    pub(crate) inventory_state: String,
    #[serde(deserialize_with = "float")]
    price: Option<f64>,
    #[serde(deserialize_with = "float")]
    spot_price: Option<f64>,
    #[serde(deserialize_with = "one_or_many")]
    monthly_price: Vec<Term>,
}

/// The price of a prepaid term.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Term {
    #[serde(deserialize_with = "float")]
    price: Option<f64>,
    #[serde(deserialize_with = "int")]
    month: Option<i64>,
}

/// Either form of the answer: the page's example of the CPU catalogue has no wrapper.
struct Products(Vec<Product>);

impl<'de> Deserialize<'de> for Products {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let list = match Value::deserialize(input)? {
            Value::Object(mut wrapper) => wrapper.remove("data").unwrap_or_default(),
            bare => bare,
        };
        one_or_many(list).map(Self).map_err(D::Error::custom)
    }
}

impl Product {
    /// USD per hour of a machine with that many GPUs (1 for one without). `month` is the length of
    /// a prepaid term. `None` when the catalogue has no such price.
    ///
    /// That a term's price is for the whole term is a guess from its size.
    #[expect(clippy::cast_precision_loss, reason = "a handful of GPUs and months")]
    pub(crate) fn hourly_price(&self, billing_mode: &str, month: i64, gpus: i64) -> Option<f64> {
        let units = match billing_mode {
            "spot" => self.spot_price,
            "monthly" => {
                let month = month.max(1);
                let term = |wanted: i64| self.monthly_price.iter().find(|it| it.month == Some(wanted));
                // A term that is not listed costs as much a month as the shortest one.
                let (term, months) = term(month).map(|it| (it, month)).or_else(|| Some((term(1)?, 1)))?;
                term.price.map(|it| it / (months as f64 * HOURS_PER_MONTH))
            }
            _ => self.price,
        };
        units.filter(|it| *it > 0.0).map(|it| tidy(it * gpus as f64 / UNITS_PER_USD))
    }
}

/// Without the noise of binary fractions: a millionth of a dollar is exact enough.
fn tidy(usd: f64) -> f64 {
    (usd * 1e6).round() / 1e6
}

/// The products with GPUs.
pub(crate) async fn gpu_products(
    client: &Client,
    call: &Call,
    query: &[(&str, &str)],
) -> Result<Vec<Product>> {
    products(client, call, "/products", query).await
}

/// The products without.
pub(crate) async fn cpu_products(
    client: &Client,
    call: &Call,
    query: &[(&str, &str)],
) -> Result<Vec<Product>> {
    products(client, call, "/cpu/products", query).await
}

async fn products(client: &Client, call: &Call, path: &str, query: &[(&str, &str)]) -> Result<Vec<Product>> {
    let Products(products) = client.get(call, path, query).await?;
    Ok(products)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRODUCT: &str = r#"{"id":"prod-1","name":"RTX 4090 24GB","availableDeploy":true,"minRootFS":10,
        "maxRootFS":"400","regions":null,"price":"35000","spotPrice":18000,
        "monthlyPrice":[{"price":"20075000","month":1},{"price":"54750000","month":3}],"inventoryState":"normal"}"#;

    #[test]
    fn prices_are_usd_per_hour() {
        let product: Product = serde_json::from_str(PRODUCT).unwrap();
        for (mode, month, gpus, expected) in [
            ("onDemand", 0, 1, Some(0.35)),
            ("", 0, 2, Some(0.7)),
            ("onDemand", 0, 3, Some(1.05)),
            ("spot", 0, 1, Some(0.18)),
            ("monthly", 1, 1, Some(0.275)),
            ("monthly", 3, 2, Some(0.5)),
            ("monthly", 6, 1, Some(0.275)),
            ("monthly", 0, 1, Some(0.275)),
        ] {
            assert_eq!(product.hourly_price(mode, month, gpus), expected, "{mode} {month} {gpus}");
        }
        assert_eq!(Product::default().hourly_price("onDemand", 0, 1), None);
        assert_eq!(Product::default().hourly_price("monthly", 1, 1), None);
    }

    #[test]
    fn the_wrapper_may_be_missing() {
        for (json, count) in [
            (format!(r#"{{"data":[{PRODUCT}]}}"#), 1),
            (format!("[{PRODUCT}]"), 1),
            (r#"{"data":null}"#.to_owned(), 0),
            ("{}".to_owned(), 0),
            ("[]".to_owned(), 0),
            ("null".to_owned(), 0),
            (r#"{"data":[{"id":"p","price":0.5}]}"#.to_owned(), 1),
        ] {
            let value: Value = serde_json::from_str(&json).unwrap();
            let Products(products) = Products::deserialize(value).unwrap();
            assert_eq!(products.len(), count, "{json}");
        }
    }
}
