//! What a machine or a worker may cost at most (`max_hourly_price`): looked at in the plan, and again right before it is
//! created.
//!
//! A cap is of the resource's own or of the provider block; the lower one counts. Doubt blocks no plan, but a cap that
//! cannot be checked is not met: nothing is made then.

use tfplugin::attr::Attr;
use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::path::Path;
use tfplugin::resource::Result;

/// The attribute, of resources and of the provider block.
const CAP: &str = "max_hourly_price";

const UNCHECKED: &str = "Price cap cannot be checked";

/// The most that something may cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cap {
    /// USD per hour.
    usd: f64,
    /// Whether the resource's own attribute says so, and not the provider block.
    is_own: bool,
    /// What it is about, such as `The machine`.
    what: &'static str,
}

impl Cap {
    /// The lower one of a resource's own cap and of the general one, if there is any. A value that is not known yet is none.
    pub(crate) fn of(what: &'static str, own: &Attr<f64>, general: Option<f64>) -> Option<Self> {
        let own = own.known().map(|usd| Self { usd: *usd, is_own: true, what });
        let general = general.map(|usd| Self { usd, is_own: false, what });
        match (own, general) {
            (Some(own), Some(general)) => Some(if general.usd < own.usd { general } else { own }),
            (own, general) => own.or(general),
        }
    }

    /// What a plan says of the prices of what may be made, each with its name; a price is `None` where it cannot be read.
    pub(crate) fn of_plan(self, prices: &[(String, Option<f64>)]) -> Diagnostics {
        let above: Vec<_> = prices
            .iter()
            .filter_map(|(name, price)| price.filter(|it| *it > self.usd).map(|it| (name, it)))
            .collect();
        let is_one_within = prices.iter().any(|(_, it)| self.allows(*it));
        let unknown: Vec<_> =
            prices.iter().filter(|(_, it)| it.is_none()).map(|(name, _)| name.as_str()).collect();
        if is_one_within && above.is_empty() && unknown.is_empty() {
            return Diagnostics::default();
        }
        if is_one_within && above.is_empty() {
            let detail = format!(
                "{} is {} USD per hour. What has no price in the catalogue is not tried: {}.",
                self.named(),
                self.usd,
                unknown.join("; ")
            );
            return self.at(Diagnostic::warning(UNCHECKED, detail)).into();
        }
        if is_one_within {
            let above = above.iter().map(|(name, it)| format!("{name} ({it})"));
            let unknown = unknown.iter().map(|name| format!("{name} (no price)"));
            let left_out: Vec<_> = above.chain(unknown).collect();
            let detail = format!(
                "{} is {} USD per hour. What costs more by the catalogue is not tried: {}.",
                self.named(),
                self.usd,
                left_out.join("; ")
            );
            return self.at(Diagnostic::warning("Candidates are above the price cap", detail)).into();
        }
        match self.cheapest(prices) {
            Some(price) => self.exceeded(price).into(),
            None => {
                let detail = format!(
                    "The catalogue has no price for this: it is not listed, or the catalogue could not be read. {} is {} USD per \
                     hour, and at apply nothing is created as long as the price is not known.",
                    self.named(),
                    self.usd
                );
                self.at(Diagnostic::warning(UNCHECKED, detail)).into()
            }
        }
    }

    /// Those that may be made, whose prices these are.
    ///
    /// # Errors
    /// All are above the cap, or not known.
    pub(crate) fn of_creation<T>(self, all: Vec<T>, prices: &[(String, Option<f64>)]) -> Result<Vec<T>> {
        let within = all.into_iter().zip(prices).filter(|(_, (_, price))| self.allows(*price));
        let within: Vec<T> = within.map(|(it, _)| it).collect();
        if !within.is_empty() {
            return Ok(within);
        }
        Err(match self.cheapest(prices) {
            Some(price) => self.exceeded(price).into(),
            None => {
                let detail = format!(
                    "The catalogue has no price for this: it is not listed, or the catalogue could not be read. {} is {} USD per \
                     hour. Nothing was created: check what is to be rented, or take the cap out.",
                    self.named(),
                    self.usd
                );
                self.at(Diagnostic::error(UNCHECKED, detail)).into()
            }
        })
    }

    fn allows(self, price: Option<f64>) -> bool {
        price.is_some_and(|it| it <= self.usd)
    }

    /// The lowest price, if all are known.
    fn cheapest(self, prices: &[(String, Option<f64>)]) -> Option<f64> {
        let known: Option<Vec<f64>> = prices.iter().map(|(_, it)| *it).collect();
        known?.into_iter().reduce(f64::min)
    }

    fn exceeded(self, price: f64) -> Diagnostic {
        let detail = format!(
            "{} costs {price} USD per hour. {} is {} USD per hour. Nothing was created: raise the cap, or choose other \
             hardware.",
            self.what,
            self.named(),
            self.usd
        );
        self.at(Diagnostic::error("Price is above the cap", detail))
    }

    fn named(self) -> String {
        let place = if self.is_own { "" } else { " of the provider block" };
        format!("`{CAP}`{place}")
    }

    fn at(self, diagnostic: Diagnostic) -> Diagnostic {
        if self.is_own { diagnostic.at(Path::root(CAP)) } else { diagnostic }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_at_the_cap_is_met_and_one_that_is_not_known_blocks_the_creation_alone() {
        let cap = Cap { usd: 0.7, is_own: true, what: "The machine" };
        for (price, plan, creation) in [
            (Some(0.7), None, None),
            (Some(0.71), Some(true), Some("0.71 USD")),
            (None, Some(false), Some("has no price for this")),
        ] {
            let prices = [(String::new(), price)];
            let said = cap.of_plan(&prices);
            assert_eq!((!said.0.is_empty()).then(|| said.has_error()), plan, "{price:?}");
            let refused = cap.of_creation(vec![()], &prices).err().map(|it| it.0[0].detail.clone());
            assert_eq!(refused.is_some(), creation.is_some());
            assert!(creation.is_none_or(|words| refused.is_some_and(|it| it.contains(words))), "{price:?}");
        }
    }

    #[test]
    fn candidates_above_the_cap_are_left_out_and_all_of_them_are_an_error() {
        let cap = Cap { usd: 0.7, is_own: true, what: "The machine" };
        let named = |prices: &[Option<f64>]| -> Vec<_> {
            prices.iter().enumerate().map(|(index, it)| (format!("product `{index}`"), *it)).collect()
        };
        let prices = named(&[Some(0.9), Some(0.5), None, Some(0.6)]);
        assert_eq!(cap.of_creation(vec![0, 1, 2, 3], &prices).unwrap(), [1, 3]);
        let said = cap.of_plan(&prices);
        assert!(!said.has_error() && said.0[0].detail.contains("product `0` (0.9)"), "{said:?}");
        assert!(said.0[0].detail.contains("product `2` (no price)"), "{said:?}");
        let said = cap.of_plan(&named(&[Some(0.5), None]));
        assert!(!said.has_error() && said.0[0].detail.contains("not tried: product `1`."), "{said:?}");
        let prices = named(&[Some(0.9), Some(0.8)]);
        let refused = [cap.of_plan(&prices), cap.of_creation(vec![0, 1], &prices).unwrap_err()];
        assert!(refused.iter().all(|it| it.has_error() && it.0[0].detail.contains("costs 0.8 USD")));
        // One whose price cannot be read may be within.
        let prices = named(&[Some(0.9), None]);
        assert!(!cap.of_plan(&prices).has_error() && cap.of_creation(vec![0, 1], &prices).is_err());
    }
}
