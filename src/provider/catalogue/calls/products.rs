//! Novita's machines and what they cost.
//!
//! The API's prices are in 1/100000 USD, as numbers or as text; here they are in USD. That a term's
//! price is for the whole term is a guess from its size.

use serde::de::Deserializer;

use crate::api::lenient::{bound, float, int, list, text, texts};

/// The catalogue's prices are in 1/100000 USD.
const UNITS_PER_USD: f64 = 100_000.0;
/// Hours of an average month, to compare a monthly price with an hourly one.
const HOURS_PER_MONTH: f64 = 730.0;

/// A machine with GPUs. Its numbers and prices are per GPU.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Product {
    #[serde(deserialize_with = "text")]
    pub(crate) id: String,
    #[serde(deserialize_with = "text")]
    pub(crate) name: String,
    #[serde(deserialize_with = "int")]
    pub(crate) cpu_per_gpu: Option<i64>,
    /// GB.
    #[serde(deserialize_with = "int")]
    pub(crate) memory_per_gpu: Option<i64>,
    /// GB.
    #[serde(deserialize_with = "int")]
    pub(crate) disk_per_gpu: Option<i64>,
    /// Whether it can be had right now; missing = not told.
    pub(crate) available_deploy: Option<bool>,
    /// GB.
    #[serde(rename = "minRootFS", deserialize_with = "bound")]
    pub(crate) min_rootfs: Option<i64>,
    /// GB.
    #[serde(rename = "maxRootFS", deserialize_with = "bound")]
    pub(crate) max_rootfs: Option<i64>,
    /// GB.
    #[serde(deserialize_with = "int")]
    pub(crate) min_local_storage: Option<i64>,
    /// GB.
    #[serde(deserialize_with = "int")]
    pub(crate) max_local_storage: Option<i64>,
    /// Names of the clusters that have it; empty = all.
    #[serde(deserialize_with = "texts")]
    pub(crate) regions: Vec<String>,
    /// USD per hour.
    #[serde(deserialize_with = "usd")]
    pub(crate) price: Option<f64>,
    /// USD per hour; none = not to be had as a spot instance.
    #[serde(deserialize_with = "usd")]
    pub(crate) spot_price: Option<f64>,
    #[serde(deserialize_with = "list")]
    pub(crate) monthly_price: Vec<Term>,
    /// `onDemand`, `monthly`, `spot`; empty = not told.
    #[serde(deserialize_with = "texts")]
    pub(crate) billing_methods: Vec<String>,
    /// `none`, `low`, `normal`, `high`.
    #[serde(deserialize_with = "text")]
    pub(crate) inventory_state: String,
}

/// A machine without GPUs.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct CpuProduct {
    #[serde(deserialize_with = "text")]
    pub(crate) id: String,
    #[serde(deserialize_with = "text")]
    pub(crate) name: String,
    /// vCPUs.
    #[serde(deserialize_with = "int")]
    pub(crate) cpu_num: Option<i64>,
    /// GB.
    #[serde(deserialize_with = "int")]
    pub(crate) memory_size: Option<i64>,
    /// GB.
    #[serde(deserialize_with = "int")]
    pub(crate) rootfs_size: Option<i64>,
    /// GB.
    #[serde(deserialize_with = "int")]
    pub(crate) local_volume_size: Option<i64>,
    /// Whether it can be had right now; missing = not told.
    pub(crate) available_deploy: Option<bool>,
    /// USD per hour.
    #[serde(deserialize_with = "usd")]
    pub(crate) price: Option<f64>,
}

/// The price of a prepaid term.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Term {
    /// USD for all of its months.
    #[serde(deserialize_with = "usd")]
    pub(crate) price: Option<f64>,
    #[serde(deserialize_with = "int")]
    pub(crate) month: Option<i64>,
}

impl Product {
    /// Whether the catalogue says that it cannot be had right now.
    pub(crate) fn is_sold_out(&self) -> bool {
        self.available_deploy == Some(false) || self.inventory_state == "none"
    }

    /// Whether the catalogue shows it in the cluster of this name; what it does not tell is everywhere.
    pub(crate) fn is_offered_in(&self, cluster: &str) -> bool {
        self.regions.is_empty() || self.regions.iter().any(|it| it == cluster)
    }

    /// USD per hour of a machine with that many GPUs. `month` is the length of a prepaid term. `None`
    /// when the catalogue has no such price.
    #[expect(clippy::cast_precision_loss, reason = "a handful of GPUs")]
    pub(crate) fn hourly_price(&self, billing_mode: &str, month: i64, gpus: i64) -> Option<f64> {
        let usd = match billing_mode {
            "spot" => self.spot_price,
            "monthly" => {
                // A term that is not listed costs as much a month as the shortest one.
                self.term(month.max(1)).or_else(|| self.term(1))?.per_hour()
            }
            _ => self.price,
        };
        usd.map(|it| tidy(it * gpus as f64))
    }

    /// USD for a prepaid term of a machine with that many GPUs, where the catalogue has one of that length, or of one
    /// month.
    #[expect(clippy::cast_precision_loss, reason = "a handful of GPUs and months")]
    pub(crate) fn term_price(&self, months: i64, gpus: i64) -> Option<f64> {
        let whole = self.term(months).and_then(|it| it.price);
        let by_month = || self.term(1)?.price.map(|it| it * months as f64);
        whole.or_else(by_month).map(|it| tidy(it * gpus as f64))
    }

    /// The prepaid term of so many months.
    fn term(&self, months: i64) -> Option<&Term> {
        self.monthly_price.iter().find(|it| it.month == Some(months))
    }
}

impl CpuProduct {
    /// Whether the catalogue says that it cannot be had right now.
    pub(crate) fn is_sold_out(&self) -> bool {
        self.available_deploy == Some(false)
    }
}

impl Term {
    /// USD per hour, of an average month.
    pub(crate) fn hourly_price(&self) -> Option<f64> {
        self.per_hour().map(tidy)
    }

    #[expect(clippy::cast_precision_loss, reason = "a handful of months")]
    fn per_hour(&self) -> Option<f64> {
        let months = self.month.filter(|it| *it > 0)?;
        self.price.map(|it| it / (months as f64 * HOURS_PER_MONTH))
    }
}

/// Without the noise of binary fractions: a millionth of a dollar is exact enough.
pub(super) fn tidy(usd: f64) -> f64 {
    (usd * 1e6).round() / 1e6
}

/// USD from the API's unit. It writes 0 for "none".
fn usd<'de, D: Deserializer<'de>>(input: D) -> Result<Option<f64>, D::Error> {
    Ok(float(input)?.filter(|it| *it > 0.0).map(|it| it / UNITS_PER_USD))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRODUCT: &str = r#"{"id":"prod-1","name":"RTX 4090 24GB","cpuPerGpu":16,"memoryPerGpu":"62","diskPerGpu":0,
        "availableDeploy":true,"minRootFS":10,"maxRootFS":"400","minLocalStorage":0,"maxLocalStorage":0,"regions":null,
        "price":"35000","spotPrice":18000,"monthlyPrice":[{"price":"20075000","month":1},{"price":"54750000","month":3}],
        "billingMethods":["onDemand","monthly","spot"],"inventoryState":"normal","canBuy":true}"#;

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
        assert_eq!((product.price, product.spot_price), (Some(0.35), Some(0.18)));
        let terms: Vec<_> =
            product.monthly_price.iter().map(|it| (it.month, it.price, it.hourly_price())).collect();
        assert_eq!(terms, [(Some(1), Some(200.75), Some(0.275)), (Some(3), Some(547.5), Some(0.25))]);
    }

    #[test]
    fn a_price_of_nothing_is_none() {
        for price in ["0", "\"0\"", "null", "\"\""] {
            let json = format!(
                r#"{{"price":{price},"spotPrice":{price},"monthlyPrice":[{{"price":1,"month":0}}]}}"#
            );
            let it: Product = serde_json::from_str(&json).unwrap();
            assert_eq!(
                (it.price, it.spot_price, it.monthly_price[0].hourly_price()),
                (None, None, None),
                "{price}"
            );
            assert_eq!(it.hourly_price("spot", 0, 1), None);
        }
    }

    #[test]
    fn stock_is_doubted_only_when_the_catalogue_does() {
        for (json, sold_out) in [
            ("{}", false),
            (r#"{"availableDeploy":true,"inventoryState":"low"}"#, false),
            (r#"{"availableDeploy":null,"inventoryState":null}"#, false),
            (r#"{"availableDeploy":false}"#, true),
            (r#"{"inventoryState":"none"}"#, true),
        ] {
            assert_eq!(serde_json::from_str::<Product>(json).unwrap().is_sold_out(), sold_out, "{json}");
        }
    }

    #[test]
    fn documented_answers_are_read() {
        let it: Product = serde_json::from_str(PRODUCT).unwrap();
        assert_eq!((it.cpu_per_gpu, it.memory_per_gpu, it.disk_per_gpu), (Some(16), Some(62), Some(0)));
        assert_eq!((it.min_rootfs, it.max_rootfs), (Some(10), Some(400)));
        assert_eq!(it.billing_methods, ["onDemand", "monthly", "spot"]);
        let it: CpuProduct = serde_json::from_str(
            r#"{"id":"c","name":"CPU","cpuNum":4,"memorySize":"8","rootfsSize":60,"localVolumeSize":20,
                "availableDeploy":true,"price":"3000"}"#,
        )
        .unwrap();
        let expected = CpuProduct {
            id: "c".into(),
            name: "CPU".into(),
            cpu_num: Some(4),
            memory_size: Some(8),
            rootfs_size: Some(60),
            local_volume_size: Some(20),
            available_deploy: Some(true),
            price: Some(0.03),
        };
        assert_eq!(it, expected);
    }
}
