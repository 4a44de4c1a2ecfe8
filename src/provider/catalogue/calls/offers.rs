//! Nova Cloud's offers and prices, decoded leniently.
//!
//! The documentation names the two calls and nothing of their answers: the fields are those that a
//! public collector of prices reads.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer};
use serde_json::Value as Json;

use crate::api::lenient::{float, int, text};

/// A machine that can be rented.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Offer {
    /// The node to name in a create. (assumed) field; empty = not told.
    #[serde(deserialize_with = "text")]
    pub(crate) node: String,
    #[serde(deserialize_with = "text")]
    pub(crate) gpu_type: String,
    #[serde(deserialize_with = "int")]
    pub(crate) gpu_count: Option<i64>,
    /// MB.
    #[serde(deserialize_with = "int")]
    pub(crate) gpu_ram_mb: Option<i64>,
    /// USD per hour. Whether of one GPU or of all is not told.
    #[serde(deserialize_with = "price")]
    pub(crate) gpu_price_hourly: Option<f64>,
    /// USD per hour when interruptible; none = not to be had so.
    #[serde(deserialize_with = "price")]
    pub(crate) interruptible_rate: Option<f64>,
    /// Missing = not told.
    pub(crate) available: Option<bool>,
    #[serde(deserialize_with = "text")]
    pub(crate) location: String,
}

/// The list of prices.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Pricing {
    /// USD per hour by type of GPU. A type without a price is left out.
    #[serde(deserialize_with = "prices")]
    pub(crate) gpus: BTreeMap<String, f64>,
}

/// The API writes 0 for "none".
fn price<'de, D: Deserializer<'de>>(input: D) -> Result<Option<f64>, D::Error> {
    Ok(float(input)?.filter(|it| *it > 0.0))
}

/// One odd price must not hide the others.
fn prices<'de, D: Deserializer<'de>>(input: D) -> Result<BTreeMap<String, f64>, D::Error> {
    let gpus: Option<BTreeMap<String, Json>> = Option::deserialize(input)?;
    let known = |(name, it): (String, Json)| Some((name, price(it).ok()??));
    Ok(gpus.unwrap_or_default().into_iter().filter_map(known).collect())
}

/// Whether two spellings mean the same GPU.
pub(crate) fn same_gpu_type(one: &str, other: &str) -> bool {
    canonical_gpu_type(one) == canonical_gpu_type(other)
}

/// The model of a GPU in one spelling: `RTX 5090` and `5090` are one, and the create call's page writes `6000pro`
/// where the price list writes `pro6000`.
pub(crate) fn canonical_gpu_type(text: &str) -> String {
    let text: String = text.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let makers = ["nvidia", "geforce", "rtx"].iter();
    let model = makers.fold(text.as_str(), |text, it| text.strip_prefix(it).unwrap_or(text));
    if model == "pro6000" { "6000pro".to_owned() } else { model.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_that_was_seen_is_read() {
        let it: Offer = serde_json::from_str(
            r#"{"node":"vm02","gpu_type":5090,"gpu_count":"1","gpu_ram_mb":32768,"gpu_price_hourly":"0.6",
                "interruptible_rate":0,"available":true,"location":"EX","new":1}"#,
        )
        .unwrap();
        let expected = Offer {
            node: "vm02".into(),
            gpu_type: "5090".into(),
            gpu_count: Some(1),
            gpu_ram_mb: Some(32768),
            gpu_price_hourly: Some(0.6),
            interruptible_rate: None,
            available: Some(true),
            location: "EX".into(),
        };
        assert_eq!(it, expected);
        assert_eq!(
            serde_json::from_str::<Offer>(r#"{"node":null,"location":null}"#).unwrap(),
            Offer::default()
        );
    }

    #[test]
    fn one_odd_price_does_not_hide_the_others() {
        let it: Pricing =
            serde_json::from_str(r#"{"gpus":{"4090":0.4,"5090":"0.6","a100":null,"h100":{},"l40s":0}}"#)
                .unwrap();
        assert_eq!(it.gpus, BTreeMap::from([("4090".to_owned(), 0.4), ("5090".to_owned(), 0.6)]));
        for json in ["{}", r#"{"gpus":null}"#] {
            assert_eq!(serde_json::from_str::<Pricing>(json).unwrap(), Pricing::default());
        }
    }

    #[test]
    fn both_spellings_of_the_rtx_pro_6000_are_the_same() {
        for (one, other, same) in [
            ("6000pro", "pro6000", true),
            ("PRO6000", "6000pro", true),
            ("5090", "5090", true),
            ("H100", "h100", true),
            ("NVIDIA GeForce RTX 5090", "5090", true),
            ("RTX PRO 6000", "6000pro", true),
            ("A100-80GB", "a100 80gb", true),
            ("5090 Ti", "5090", false),
            ("5090", "4090", false),
            ("6000pro", "6000", false),
        ] {
            assert_eq!((same_gpu_type(one, other), same_gpu_type(other, one)), (same, same), "{one} {other}");
        }
    }
}
