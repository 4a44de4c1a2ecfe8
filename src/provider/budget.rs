//! Whether the money of an account is enough for what a plan rents: a warning, told once, and never an error.
//!
//! Knows no vendor: how the money is read is the caller's matter.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tokio::sync::OnceCell;

use crate::api::error::Result;
use crate::provider::clients::Vendor;

/// So long what is rented by the hour should be paid for by what there is.
const HOURS: f64 = 24.0;

/// What the plans of a process rent on one account, and what it has.
#[derive(Default)]
pub(crate) struct Budget {
    /// USD; `None`: it cannot be told.
    available: OnceCell<Option<f64>>,
    needs: Mutex<Needs>,
}

#[derive(Default)]
struct Needs {
    /// USD for all that was planned so far.
    usd: f64,
    is_told: bool,
}

/// What one plan takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cost {
    /// USD per hour.
    Hourly(f64),
    /// USD at once, ahead.
    Ahead(f64),
}

impl Budget {
    /// Adds what a plan takes, and warns when all of them are more than the account has.
    pub(crate) async fn add(
        &self,
        vendor: &Vendor,
        cost: Option<Cost>,
        read: impl Future<Output = Result<Option<f64>>>,
    ) -> Diagnostics {
        let Some(cost) = cost else { return Diagnostics::default() };
        let available = self.available.get_or_init(|| async {
            read.await.unwrap_or_else(|error| {
                log::debug!(target: "provider", error = error.gist().as_str(); "The balance cannot be read; planning goes on without it");
                None
            })
        });
        let Some(available) = *available.await else { return Diagnostics::default() };
        let mut needs = self.needs.lock().unwrap_or_else(PoisonError::into_inner);
        needs.usd += match cost {
            Cost::Hourly(usd) => usd * HOURS,
            Cost::Ahead(usd) => usd,
        };
        if needs.usd <= available || std::mem::replace(&mut needs.is_told, true) {
            return Diagnostics::default();
        }
        let detail = format!(
            "The account of {} has {available:.2} USD to spend, and what is planned so far takes {:.2} USD: for {HOURS} hours of \
             what is rented by the hour, and for what is paid ahead. Creating may fail, or the vendor stops what runs when the \
             money is used up. Top it up, or rent less.",
            vendor.name, needs.usd
        );
        Diagnostic::warning("Balance may not be enough", detail).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::error::Error;
    use crate::provider::clients::NOVITA;

    #[tokio::test]
    async fn the_money_is_read_once_and_a_lack_of_it_told_once() {
        let budget = Budget::default();
        let add = async |cost| budget.add(&NOVITA, cost, async { Ok(Some(100.0)) }).await;
        assert_eq!(add(None).await, Diagnostics::default());
        assert_eq!(add(Some(Cost::Hourly(4.0))).await, Diagnostics::default(), "96 USD");
        let said = add(Some(Cost::Ahead(5.0))).await;
        assert!(!said.has_error() && said.0[0].detail.contains("101.00 USD"), "{said:?}");
        assert_eq!(add(Some(Cost::Hourly(1.0))).await, Diagnostics::default());
        let unread = Budget::default();
        for answer in [Err(Error::failed("no", "")), Ok(Some(0.0))] {
            let said = unread.add(&NOVITA, Some(Cost::Ahead(1.0)), async { answer }).await;
            assert_eq!(said, Diagnostics::default(), "asked once");
        }
    }
}
