//! The account, its API keys, and what each of them may do.

use serde_json::json;

use super::catalogue::dollars;
use super::times::rfc3339;
use super::vm::{Vm, status};
use super::{NovaCloud, refused};
use crate::answer::{Answer, Incoming, Refusal, Result};

/// The account. Money in 1/1000000 USD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: u64,
    pub email: String,
    /// VMs that may exist at once.
    pub max_vms: usize,
    /// What all VMs together may cost in an hour.
    pub max_hourly_spend: u64,
    /// Prepaid money. VMs do not use it up in the mock.
    pub credit_balance: u64,
    pub created_at: u64,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            id: 77,
            email: "dev@example.com".to_owned(),
            max_vms: 3,
            max_hourly_spend: 8_000_000,
            credit_balance: 1_000_000_000,
            created_at: 1_735_689_600,
        }
    }
}

/// What an API key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    ReadWrite,
    /// Reads only.
    ReadOnly,
    /// Nothing but the account and what is spent.
    BillingOnly,
}

/// A key that requests may carry.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub text: String,
    pub scope: Scope,
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiKey").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// One key for each scope; those that may do less are named after it.
pub(super) fn keys(api_key: &str) -> Vec<ApiKey> {
    vec![
        ApiKey { text: api_key.to_owned(), scope: Scope::ReadWrite },
        ApiKey { text: format!("{api_key}_read_only"), scope: Scope::ReadOnly },
        ApiKey { text: format!("{api_key}_billing_only"), scope: Scope::BillingOnly },
    ]
}

/// Calls that need no key.
const PUBLIC: [&str; 2] = ["/search", "/pricing"];

impl NovaCloud {
    pub(super) fn check_key(&self, incoming: &Incoming, path: &str) -> Result<()> {
        if incoming.method == "GET" && PUBLIC.contains(&path) {
            return Ok(());
        }
        let token = incoming.authorization.as_deref().and_then(|it| it.strip_prefix("Bearer "));
        let key = token.and_then(|token| self.api_keys.iter().find(|it| it.text == token));
        let Some(key) = key else {
            return Err(Refusal::new(401, "", "Could not validate credentials"));
        };
        let allowed = match key.scope {
            Scope::ReadWrite => true,
            Scope::ReadOnly => incoming.method == "GET",
            Scope::BillingOnly => path == "/auth/me" || path.starts_with("/billing/"),
        };
        if allowed { Ok(()) } else { Err(Refusal::new(403, "", "API key scope does not allow this")) }
    }

    pub(super) fn show_account(&self) -> Answer {
        let account = &self.account;
        Answer::json(
            200,
            &json!({
                "id": account.id, "email": account.email, "tier": "standard",
                "max_vms": account.max_vms, "max_hourly_spend": dollars(account.max_hourly_spend),
                "credit_balance": dollars(account.credit_balance), "status": "active",
                "created_at": rfc3339(account.created_at), "totp_enabled": false, "email_verified": true,
                "auth_provider": "password",
            }),
        )
    }

    /// What all VMs cost an hour.
    pub(super) fn show_spend(&self, now: u64) -> Answer {
        let existing = || self.vms.iter().filter(|it| it.exists());
        let spent = existing().map(Vm::hourly_rate).fold(0, u64::saturating_add);
        let costs = |it: &Vm| {
            json!({
                "vm_id": it.id, "vmid": it.vmid, "gpu_type": it.gpu_type, "gpu_count": it.gpu_count,
                "storage_gb": it.storage_gb, "gpu_cost_per_hour": dollars(it.gpu_hourly_rate),
                "storage_cost_per_hour": dollars(it.storage_hourly_rate), "network_cost_per_hour": 0.0,
                "total_cost_per_hour": dollars(it.hourly_rate()),
            })
        };
        let spend = json!({
            "total_per_hour": dollars(spent), "total_per_day": dollars(spent.saturating_mul(24)),
            "total_per_month": dollars(spent.saturating_mul(720)), "hourly_rate": dollars(spent),
            "running_vms": existing().filter(|it| it.status == status::RUNNING).count(),
            "vms": existing().map(costs).collect::<Vec<_>>(), "last_updated": rfc3339(now),
        });
        Answer::json(200, &spend)
    }

    /// There is room for one more VM at this price an hour, and money for what is due at once.
    pub(super) fn check_account(&self, hourly: u64, due: u64) -> Result<()> {
        let account = &self.account;
        let existing = || self.vms.iter().filter(|it| it.exists());
        if existing().count() >= account.max_vms {
            return Err(refused(&format!("VM limit reached: {} of {}", account.max_vms, account.max_vms)));
        }
        let spent = existing().map(Vm::hourly_rate).fold(hourly, u64::saturating_add);
        if spent > account.max_hourly_spend {
            let most = dollars(account.max_hourly_spend);
            return Err(refused(&format!("Hourly spend limit of ${most:.2} would be exceeded")));
        }
        if due > account.credit_balance {
            let (due, available) = (dollars(due), dollars(account.credit_balance));
            let text = format!("Insufficient balance. Required: ${due:.2}, Available: ${available:.2}");
            return Err(refused(&text));
        }
        Ok(())
    }
}
