//! What a machine may cost at most (`max_hourly_price`): looked at in the plan, and again right before it is made.
//!
//! A cap is of the machine's own or of the provider block; the lower one counts. Doubt blocks no plan, but a cap that
//! cannot be checked is not met: nothing is made then.

use tfplugin::attr::Attr;
use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::path::Path;
use tfplugin::resource::Result;

use crate::provider::clients::Cx;

/// The attribute, of resources and of the provider block.
const CAP: &str = "max_hourly_price";

/// The most that a machine may cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cap {
    /// USD per hour.
    usd: f64,
    /// Whether the machine's own attribute says so, and not the provider block.
    is_own: bool,
}

impl Cap {
    /// The cap of a machine, if there is one. A value that is not known yet is none.
    pub(crate) fn of(cx: &Cx, own: &Attr<f64>) -> Option<Self> {
        let own = own.known().map(|usd| Self { usd: *usd, is_own: true });
        let general = cx.data.max_hourly_price.map(|usd| Self { usd, is_own: false });
        match (own, general) {
            (Some(own), Some(general)) => Some(if general.usd < own.usd { general } else { own }),
            (own, general) => own.or(general),
        }
    }

    /// What a plan says of a price, which `None` is where it cannot be read.
    pub(crate) fn of_plan(self, price: Option<f64>) -> Diagnostics {
        match price {
            Some(price) if price > self.usd => self.exceeded(price).into(),
            Some(_) => Diagnostics::default(),
            None => {
                let detail = format!(
                    "The price cannot be read at present. {} is {} USD per hour, and at apply nothing is made as long as the \
                     price is not known.",
                    self.named(),
                    self.usd
                );
                self.at(Diagnostic::warning("Price cap cannot be checked", detail)).into()
            }
        }
    }

    /// Refuses to make a machine of this price.
    ///
    /// # Errors
    /// It is above the cap, or not known.
    pub(crate) fn of_creation(self, price: Option<f64>) -> Result<()> {
        match price {
            Some(price) if price > self.usd => Err(self.exceeded(price).into()),
            Some(_) => Ok(()),
            None => {
                let detail = format!(
                    "The price cannot be read, so nobody knows whether it is within the cap. {} is {} USD per hour. Nothing \
                     was made: apply again later, or take the cap out.",
                    self.named(),
                    self.usd
                );
                Err(self.at(Diagnostic::error("Price cap cannot be checked", detail)).into())
            }
        }
    }

    fn exceeded(self, price: f64) -> Diagnostic {
        let detail = format!(
            "The machine costs {price} USD per hour. {} is {} USD per hour. Nothing was made: raise the cap, or choose \
             other hardware.",
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
        let cap = Cap { usd: 0.7, is_own: true };
        for (price, plan, creation) in [
            (Some(0.7), None, None),
            (Some(0.71), Some(true), Some("0.71 USD")),
            (None, Some(false), Some("cannot be read")),
        ] {
            let said = cap.of_plan(price);
            assert_eq!((!said.0.is_empty()).then(|| said.has_error()), plan, "{price:?}");
            let refused = cap.of_creation(price).err().map(|it| it.0[0].detail.clone());
            assert_eq!(refused.is_some(), creation.is_some());
            assert!(creation.is_none_or(|words| refused.is_some_and(|it| it.contains(words))), "{price:?}");
        }
    }
}
