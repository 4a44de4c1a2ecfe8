//! What a catalogue says of what is to be rented: whether a candidate can be had, and for how much.
//!
//! Joins catalogue and life cycle, which do not know each other, for the machines of both vendors and for endpoints.

use std::future::Future;

use tfplugin::attr::Attr;
use tfplugin::diagnostics::Diagnostics;
use tfplugin::resource::Result;

use crate::provider::catalogue::cap::Cap;
use crate::provider::catalogue::known::Catalogue;
use crate::provider::clients::Cx;
use crate::provider::life_cycle::choice::{Candidate, candidates, joined};
use crate::provider::life_cycle::stored::Stored;

/// What a catalogue tells of. All of it is about one with every choice made.
pub(crate) trait Offered: Stored {
    /// The most that it may cost.
    fn cap(&self, cx: &Cx) -> Option<Cap>;

    /// What it costs in USD per hour; `None` when that cannot be told.
    fn hourly_price(&self, cx: &Cx, catalogue: &Catalogue) -> impl Future<Output = Option<f64>> + Send;

    /// Whether it is in stock; what is not told is.
    fn is_in_stock(&self, cx: &Cx, catalogue: &Catalogue) -> impl Future<Output = bool> + Send {
        let _ = (cx, catalogue);
        async { true }
    }

    /// What a plan of its creation says of it.
    fn check(&self, cx: &Cx) -> impl Future<Output = Diagnostics> + Send {
        let _ = cx;
        async { Diagnostics::default() }
    }
}

/// The checks of the plan of a creation: of each candidate, and of its price.
pub(crate) async fn check<O: Offered>(cx: &Cx, planned: &O) -> Diagnostics {
    let candidates = candidates(planned);
    let mut checked = Vec::new();
    for candidate in &candidates {
        checked.push(candidate.model.check(cx).await);
    }
    let mut found = joined(planned, checked);
    if let Some(cap) = planned.cap(cx)
        && candidates.iter().all(|it| it.model.clone().choices().iter().all(|it| !it.is_open()))
    {
        found.append(cap.of_plan(&prices(cx, &candidates, &cx.data.catalogue).await));
    }
    found
}

/// Those of the candidates that may be made, what is in stock first. The price is read anew where there is a cap, since the
/// plan's may be from long ago; and stock is, after a wait for it.
///
/// # Errors
/// All of them cost more than the cap allows, or nobody knows.
pub(crate) async fn weigh<O: Offered>(
    cx: &Cx,
    candidates: Vec<Candidate<O>>,
    is_first: bool,
) -> Result<Vec<Candidate<O>>> {
    let cap = candidates.first().and_then(|it| it.model.cap(cx));
    let anew = Catalogue::default();
    let catalogue = if cap.is_some() || !is_first { &anew } else { &cx.data.catalogue };
    let mut candidates = match cap {
        Some(cap) => {
            let prices = prices(cx, &candidates, catalogue).await;
            cap.of_creation(candidates, &prices)?
        }
        None => candidates,
    };
    if candidates.len() > 1 {
        let (mut there, mut sold_out) = (Vec::new(), Vec::new());
        for candidate in candidates {
            let list =
                if candidate.model.is_in_stock(cx, catalogue).await { &mut there } else { &mut sold_out };
            list.push(candidate);
        }
        there.append(&mut sold_out); // a catalogue may be behind
        candidates = there;
    }
    Ok(candidates)
}

/// The price that every candidate has, if all have the same.
pub(crate) async fn only_price<O: Offered>(cx: &Cx, planned: &O) -> Option<f64> {
    let prices = prices(cx, &candidates(planned), &cx.data.catalogue).await;
    let first = prices.first()?.1?;
    prices.iter().all(|(_, it)| *it == Some(first)).then_some(first)
}

/// What each costs, by its name.
async fn prices<O: Offered>(
    cx: &Cx,
    candidates: &[Candidate<O>],
    catalogue: &Catalogue,
) -> Vec<(String, Option<f64>)> {
    let mut all = Vec::new();
    for candidate in candidates {
        all.push((candidate.named.clone(), candidate.model.hourly_price(cx, catalogue).await));
    }
    all
}

/// Keeps the price of what was created; one that was planned stays, and is told where it has changed since.
pub(crate) fn take_price(cx: &Cx, kept: &mut Attr<f64>, price: Option<f64>) {
    if let (Some(planned), Some(now)) = (kept.known(), price)
        && *planned != now
    {
        let detail = format!(
            "The plan said {planned} USD per hour, and the catalogue says {now} by now, which is what is billed. The state \
             keeps the price of the plan."
        );
        cx.warn("Price has changed since the plan", detail);
    }
    *kept = Attr::from_option(price);
}
