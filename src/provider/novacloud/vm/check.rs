//! A VM's plan against the live offers.
//!
//! What an offer says is known from a third party only, so nothing is refused by it: an offer that
//! cannot be found is a warning.

use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::path::Path;

use crate::provider::catalogue::calls::Offer;
use crate::provider::catalogue::calls::offers::same_gpu_type;
use crate::provider::catalogue::known::{Catalogue, nearest};
use crate::provider::clients::Cx;
use crate::provider::novacloud::vm::{RentalType, Vm};

/// Checks a VM that is to be created.
pub(crate) async fn vm(cx: &Cx, planned: &Vm) -> Diagnostics {
    let Some(wanted) = Wanted::of(planned) else { return Diagnostics::default() };
    match cx.data.catalogue.offers(cx).await {
        Ok(offers) => offered(offers, &wanted),
        Err(unread) => cx.data.catalogue.not_checked(unread),
    }
}

/// Whether a catalogue shows the hardware of a VM free on its node; what is not told is.
pub(crate) async fn is_free(cx: &Cx, catalogue: &Catalogue, vm: &Vm) -> bool {
    let (Ok(offers), Some(wanted)) = (catalogue.offers(cx).await, Wanted::of(vm)) else { return true };
    offers.iter().any(|it| it.node == wanted.node && wanted.fits(it))
}

/// What is asked of a node.
struct Wanted<'v> {
    node: &'v str,
    gpu_type: &'v str,
    gpus: i64,
    is_interruptible: bool,
}

impl<'v> Wanted<'v> {
    /// That of a VM; `None` while it is not known.
    fn of(vm: &'v Vm) -> Option<Self> {
        Some(Self {
            node: vm.node.text()?,
            gpu_type: vm.gpu_type.text()?,
            gpus: vm.gpu_count.known().copied()?,
            is_interruptible: vm.rental_type.known() == Some(&RentalType::Interruptible),
        })
    }

    fn fits(&self, it: &Offer) -> bool {
        same_gpu_type(&it.gpu_type, self.gpu_type)
            && it.gpu_count.is_none_or(|it| it >= self.gpus)
            && it.available != Some(false)
            && (!self.is_interruptible || it.interruptible_rate.is_some())
    }
}

/// What the GPUs of a VM cost in USD per hour, as far as the offers tell. Whether the price of an offer is for one GPU or
/// for all is not documented, so it is known for one alone.
pub(crate) async fn rate(cx: &Cx, catalogue: &Catalogue, vm: &Vm) -> Option<f64> {
    let (node, gpu_type) = (vm.node.text()?, vm.gpu_type.text()?);
    let is_single = vm.gpu_count.known() == Some(&1);
    let fits =
        |it: &&Offer| it.node == node && same_gpu_type(&it.gpu_type, gpu_type) && it.gpu_count == Some(1);
    let offers = catalogue.offers(cx).await.ok()?;
    let offer = offers.iter().find(fits).filter(|_| is_single)?;
    match vm.rental_type.known()? {
        RentalType::OnDemand => offer.gpu_price_hourly,
        RentalType::Interruptible => offer.interruptible_rate,
        RentalType::Reserved => None,
    }
}

fn offered(offers: &[Offer], wanted: &Wanted<'_>) -> Diagnostics {
    let Wanted { node, gpu_type, gpus, is_interruptible } = *wanted;
    if offers.iter().any(|it| it.node == node && wanted.fits(it)) {
        return Diagnostics::default();
    }
    let others = nearest(node, offers.iter().filter(|it| wanted.fits(it)).map(|it| it.node.as_str()));
    let others = match others.is_empty() {
        true => "No node offers that at the moment.".to_owned(),
        false => others.replace("The nearest are", "Nodes that offer it:"),
    };
    let manner = if is_interruptible { ", interruptible," } else { "" };
    let detail = format!(
        "No available offer has {gpus} × {gpu_type}{manner} on the node `{node}`, so that creating may fail. {others} The data \
         source `novacloud_offers` lists all offers."
    );
    Diagnostic::warning("No such offer at the moment", detail).at(Path::root("node")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(node: &str, available: bool) -> Offer {
        Offer {
            node: node.to_owned(),
            gpu_type: "5090".to_owned(),
            gpu_count: Some(1),
            available: Some(available),
            ..Offer::default()
        }
    }

    #[test]
    fn a_missing_offer_is_a_warning_with_the_nodes_that_have_one() {
        let offers = [offer("vm01", true), offer("vm02", false)];
        let wanted = |node, gpu_type, is_interruptible| Wanted { node, gpu_type, gpus: 1, is_interruptible };
        assert_eq!(offered(&offers, &wanted("vm01", "5090", false)), Diagnostics::default());
        let warned = offered(&offers, &wanted("vm02", "5090", false));
        assert!(
            !warned.has_error() && warned.0[0].detail.contains("Nodes that offer it: `vm01`"),
            "{warned:?}"
        );
        for other in [wanted("vm01", "4090", false), wanted("vm01", "5090", true)] {
            assert!(offered(&offers, &other).0[0].detail.contains("No node offers that"));
        }
    }
}
