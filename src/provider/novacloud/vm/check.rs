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

/// Checks a VM that is to be created. One that exists is changed by no call that needs an offer, and a replacement is
/// planned once more, as a creation.
pub(crate) async fn vm(cx: &Cx, prior: Option<&Vm>, planned: &Vm) -> Diagnostics {
    let wanted = (planned.node.text(), planned.gpu_type.text(), planned.gpu_count.known().copied());
    let (None, (Some(node), Some(gpu_type), Some(gpus))) = (prior, wanted) else {
        return Diagnostics::default();
    };
    match cx.data.catalogue.offers(cx).await {
        Ok(offers) => offered(offers, node, gpu_type, gpus),
        Err(unread) => cx.data.catalogue.not_checked(unread),
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

fn offered(offers: &[Offer], node: &str, gpu_type: &str, gpus: i64) -> Diagnostics {
    let fits = |it: &&Offer| {
        same_gpu_type(&it.gpu_type, gpu_type)
            && it.gpu_count.is_none_or(|it| it >= gpus)
            && it.available != Some(false)
    };
    if offers.iter().any(|it| it.node == node && fits(&it)) {
        return Diagnostics::default();
    }
    let others = nearest(node, offers.iter().filter(fits).map(|it| it.node.as_str()));
    let others = match others.is_empty() {
        true => "No node offers that at the moment.".to_owned(),
        false => others.replace("The nearest are", "Nodes that offer it:"),
    };
    let detail = format!(
        "No available offer has {gpus} × {gpu_type} on the node `{node}`, so that creating may fail. {others} The data \
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
        assert_eq!(offered(&offers, "vm01", "5090", 1), Diagnostics::default());
        let warned = offered(&offers, "vm02", "5090", 1);
        assert!(
            !warned.has_error() && warned.0[0].detail.contains("Nodes that offer it: `vm01`"),
            "{warned:?}"
        );
        assert!(offered(&offers, "vm01", "4090", 1).0[0].detail.contains("No node offers that"));
    }
}
