//! `novacloud_offers`: machines that Nova Cloud rents out, the cheapest first.
//!
//! The search call is public. Its own filters are not documented, so all filtering is done here.

use tfplugin::attr::{Attr, List};
use tfplugin::data_source::DataSource;
use tfplugin::model::Model;
use tfplugin::resource::Result;

use crate::provider::catalogue::calls::offers::same_gpu_type;
use crate::provider::catalogue::calls::{self, Offer};
use crate::provider::catalogue::{cheaper, is_affordable, is_enough, is_wanted};
use crate::provider::clients::Cx;
use crate::provider::clients::{Clients, Vendors as _};
use crate::provider::error_context::ErrorContext;
use crate::provider::read_back::text_or_null;

/// Offers of Nova Cloud for VMs, cheapest first. No API key is required.
///
/// All filters must match; without filters, all offers are listed. An empty result is not an error. Set `provider =
/// novita`, because the prefix of the type is not the name of the provider.
///
/// Vendor documentation: [Introduction](https://docs.nova-cloud.ai/api-reference/introduction).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct Offers {
    /// ID of the node, such as `vm02`, as in `node` of an offer in `novacloud_offers`.
    #[tf(optional, len = 1..=255)]
    node: Attr<String>,
    /// GPU model, such as `5090`. `6000pro` and `pro6000` are the same model.
    #[tf(optional, len = 1..=255)]
    gpu_type: Attr<String>,
    /// Minimum number of GPUs.
    #[tf(optional, range = 1..=i64::MAX)]
    min_gpu_count: Attr<i64>,
    /// Minimum GPU memory in MB.
    #[tf(optional, range = 0..=i64::MAX)]
    min_gpu_ram_mb: Attr<i64>,
    /// Location of the node, as in `location` of an offer.
    #[tf(optional, len = 1..=255)]
    location: Attr<String>,
    /// Only offers that can be rented now (`true`), or only offers that cannot (`false`).
    #[tf(optional)]
    available: Attr<bool>,
    /// Only offers for interruptible VMs (`true`), sorted by their interruptible price.
    #[tf(optional)]
    interruptible: Attr<bool>,
    /// Maximum price in USD per hour; with `interruptible = true`, the interruptible price.
    #[tf(optional, range = 0..=i64::MAX)]
    max_hourly_price: Attr<f64>,
    /// Matching offers, cheapest first; offers with the same price are sorted by node.
    #[tf(computed)]
    offers: Attr<List<Offered>>,
}

/// An offer.
#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Offered {
    /// ID of the node, for `node` and `nodes` of `novacloud_vm`.
    #[tf(computed)]
    node: Attr<String>,
    /// GPU model, for `gpu_type` of `novacloud_vm`.
    #[tf(computed)]
    gpu_type: Attr<String>,
    /// Number of GPUs.
    #[tf(computed)]
    gpu_count: Attr<i64>,
    /// GPU memory in MB.
    #[tf(computed)]
    gpu_ram_mb: Attr<i64>,
    /// Price in USD per hour without the disk, as returned by the API. The vendor does not document whether it
    /// applies to one GPU or to the whole offer; `gpu_hourly_rate` of the VM shows it.
    #[tf(computed)]
    hourly_price: Attr<f64>,
    /// Interruptible price in USD per hour. Null if interruptible VMs are not offered.
    #[tf(computed)]
    interruptible_hourly_price: Attr<f64>,
    /// Whether the offer can be rented now. Null if the API does not return it.
    #[tf(computed)]
    available: Attr<bool>,
    /// Location of the node.
    #[tf(computed)]
    location: Attr<String>,
}

impl DataSource for Offers {
    type Data = Clients;

    const TYPE: &'static str = "novacloud_offers";

    async fn read(cx: &Cx, mut config: Self) -> Result<Self> {
        let offers = calls::offers(cx.novacloud_public()?, &cx.call()).await;
        let offers = offers.map_err(|error| ErrorContext::to("read the offers").failed(&error))?;
        config.offers = config.chosen(offers).into();
        Ok(config)
    }
}

impl Offers {
    /// What passes the filters, in order. Whether something is available that does not tell is not known.
    fn chosen(&self, mut offers: Vec<Offer>) -> List<Offered> {
        offers.retain(|it| {
            is_wanted(&self.node, &it.node)
                && self.gpu_type.text().is_none_or(|wanted| same_gpu_type(wanted, &it.gpu_type))
                && is_enough(&self.min_gpu_count, it.gpu_count)
                && is_enough(&self.min_gpu_ram_mb, it.gpu_ram_mb)
                && is_wanted(&self.location, &it.location)
                && (self.available.is_null() || self.available.known() == it.available.as_ref())
                && is_wanted(&self.interruptible, &it.interruptible_rate.is_some())
                && is_affordable(self.price(it), &self.max_hourly_price)
        });
        offers.sort_by(|one, other| {
            let by_price = cheaper((self.price(one), &one.node), (self.price(other), &other.node));
            by_price.then_with(|| (&one.gpu_type, one.gpu_count).cmp(&(&other.gpu_type, other.gpu_count)))
        });
        offers.into_iter().map(Offered::from_answer).collect()
    }

    /// The price that counts, in USD per hour.
    fn price(&self, offer: &Offer) -> Option<f64> {
        match self.interruptible.known() {
            Some(true) => offer.interruptible_rate,
            Some(false) | None => offer.gpu_price_hourly,
        }
    }
}

impl Offered {
    fn from_answer(offer: Offer) -> Self {
        let Offer {
            node,
            gpu_type,
            gpu_count,
            gpu_ram_mb,
            gpu_price_hourly,
            interruptible_rate,
            available,
            location,
        } = offer;
        Self {
            node: text_or_null(node),
            gpu_type: text_or_null(gpu_type),
            gpu_count: Attr::from_option(gpu_count),
            gpu_ram_mb: Attr::from_option(gpu_ram_mb),
            hourly_price: Attr::from_option(gpu_price_hourly),
            interruptible_hourly_price: Attr::from_option(interruptible_rate),
            available: Attr::from_option(available),
            location: text_or_null(location),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tfplugin::value::Value;

    fn offer(node: &str, gpu_type: &str, price: f64, interruptible: Option<f64>) -> Offer {
        Offer {
            node: node.to_owned(),
            gpu_type: gpu_type.to_owned(),
            gpu_count: Some(4),
            gpu_price_hourly: Some(price),
            interruptible_rate: interruptible,
            available: Some(price < 1.0),
            ..Offer::default()
        }
    }

    fn chosen(filters: &[(&str, Value)]) -> Vec<String> {
        let filters = filters.iter().map(|(name, it)| ((*name).to_owned(), it.clone())).collect();
        let config = Offers::from_object(&Value::Map(filters)).unwrap();
        let untold = Offer { node: "e".to_owned(), ..Offer::default() };
        let offers = vec![
            untold,
            offer("d", "pro6000", 1.3, None),
            offer("c", "5090", 0.6, Some(0.1)),
            offer("b", "4090", 0.4, Some(0.2)),
            offer("a", "4090", 0.4, None),
        ];
        let chosen = config.chosen(offers);
        chosen.0.iter().map(|it| it.known().unwrap().node.text_or_empty().to_owned()).collect()
    }

    #[test]
    fn offers_are_filtered_and_ordered() {
        let nothing: [&str; 0] = [];
        assert_eq!(chosen(&[]), ["a", "b", "c", "d", "e"]);
        assert_eq!(chosen(&[("interruptible", true.into())]), ["c", "b"]);
        assert_eq!(chosen(&[("interruptible", false.into())]), ["a", "d", "e"]);
        assert_eq!(chosen(&[("available", true.into())]), ["a", "b", "c"]);
        assert_eq!(chosen(&[("available", false.into())]), ["d"]);
        assert_eq!(chosen(&[("gpu_type", "6000PRO".into())]), ["d"]);
        assert_eq!(chosen(&[("node", "b".into())]), ["b"]);
        assert_eq!(chosen(&[("min_gpu_count", 4.into())]), ["a", "b", "c", "d"]);
        assert_eq!(chosen(&[("min_gpu_count", 5.into())]), nothing);
        assert_eq!(chosen(&[("max_hourly_price", 1.into())]), ["a", "b", "c"]);
    }
}
