//! What can be rented from both vendors, and at what price.
//!
//! One file for each data source: which filters there are, and what an answer becomes. Lists are ordered
//! by price and then by id, so that the first element means something and reading twice gives the same.

pub(crate) mod alternatives;
pub(crate) mod calls;
pub(crate) mod cap;
pub(crate) mod clusters;
pub(crate) mod cpu_products;
pub(crate) mod endpoint_products;
pub(crate) mod gpu_products;
pub(crate) mod known;
pub(crate) mod limits;
pub(crate) mod offers;
pub(crate) mod pricing;

use std::cmp::Ordering;

use tfplugin::attr::Attr;
use tfplugin::model::StringEnum;

/// How an instance of Novita AI is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, StringEnum)]
pub(crate) enum BillingMode {
    OnDemand,
    Monthly,
    Spot,
}

/// The order of a list: the cheaper first, what has no price last, and the same price by id.
fn cheaper(one: (Option<f64>, &str), other: (Option<f64>, &str)) -> Ordering {
    let by_price = match (one.0, other.0) {
        (Some(one), Some(other)) => one.total_cmp(&other),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    };
    by_price.then_with(|| one.1.cmp(other.1))
}

/// Whether a price is within what was asked for. No price is within no limit.
fn is_affordable(price: Option<f64>, most: &Attr<f64>) -> bool {
    most.known().is_none_or(|most| price.is_some_and(|it| it <= *most))
}

/// Whether something is as it was asked for, or nothing was asked.
fn is_wanted<T: PartialEq>(wanted: &Attr<T>, it: &T) -> bool {
    wanted.known().is_none_or(|wanted| wanted == it)
}

/// Whether there is at least as much as was asked for. What is not told is not enough.
fn is_enough(wanted: &Attr<i64>, it: Option<i64>) -> bool {
    wanted.known().is_none_or(|wanted| it.is_some_and(|it| it >= *wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheapest_comes_first_and_the_order_is_fixed() {
        let mut list = [(None, "b"), (Some(0.2), "z"), (Some(0.1), "y"), (None, "a"), (Some(0.2), "c")];
        list.sort_by(|one, other| cheaper(*one, *other));
        assert_eq!(list.map(|it| it.1), ["y", "c", "z", "a", "b"]);
    }

    #[test]
    fn what_is_not_asked_for_does_not_filter() {
        assert!(is_affordable(None, &Attr::Null) && is_affordable(Some(9.0), &Attr::Null));
        assert!(is_affordable(Some(0.5), &0.5.into()) && !is_affordable(Some(0.6), &0.5.into()));
        assert!(!is_affordable(None, &0.5.into()), "what has no price may cost anything");
        assert!(is_wanted(&Attr::Null, &true) && is_wanted(&true.into(), &true));
        assert!(!is_wanted(&false.into(), &true));
        assert!(is_enough(&Attr::Null, None) && is_enough(&4.into(), Some(4)));
        assert!(!is_enough(&4.into(), Some(3)) && !is_enough(&4.into(), None));
    }
}
