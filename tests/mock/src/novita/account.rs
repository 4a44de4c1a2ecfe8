//! The account's money. What is rented does not use it up in the mock.

use serde_json::json;

use super::Novita;
use crate::answer::Answer;

/// Money in 1/10000 USD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    pub cash: i64,
    pub credit_limit: i64,
    pub outstanding: i64,
    pub pending: i64,
}

impl Default for Money {
    fn default() -> Self {
        Self { cash: 1_000_000, credit_limit: 500_000, outstanding: 0, pending: 0 }
    }
}

impl Novita {
    /// Amounts are texts; what is available is cash and credit without what is owed.
    pub(super) fn show_money(&self) -> Answer {
        let Money { cash, credit_limit, outstanding, pending } = self.money;
        let available = cash + credit_limit - outstanding - pending;
        let amounts = [
            ("availableBalance", available),
            ("cashBalance", cash),
            ("creditLimit", credit_limit),
            ("outstandingInvoices", outstanding),
            ("pendingCharges", pending),
        ];
        Answer::json(200, &amounts.into_iter().map(|(name, it)| (name, json!(it.to_string()))).collect())
    }
}
