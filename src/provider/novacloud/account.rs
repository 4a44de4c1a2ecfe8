//! `novacloud_account`: the account of Nova Cloud that a key belongs to, with its limits and what it spends.

use serde::Deserialize;
use tfplugin::attr::Attr;
use tfplugin::data_source::DataSource;
use tfplugin::model::Model;
use tfplugin::resource::Result;

use crate::api::lenient;
use crate::provider::clients::{Clients, Cx, Vendors as _};
use crate::provider::error_context::ErrorContext;
use crate::provider::novacloud::routes;
use crate::provider::read_back::text_or_null;

/// Account of Nova Cloud that the API key belongs to: limits, credit and current spending. Amounts are in USD.
///
/// Spending varies while anything is rented: use this data source in `check` blocks and outputs, not in arguments of
/// resources. Values that the API does not return are null. Set `provider = novita`, because the prefix of the type
/// is not the name of the provider.
///
/// Vendor documentation: [Get current
/// user](https://docs.nova-cloud.ai/api-reference/authentication/get-current-user), [Get current
/// spend](https://docs.nova-cloud.ai/api-reference/billing/get-current-spend).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct Account {
    /// ID of the account.
    #[tf(computed)]
    id: Attr<String>,
    /// E-mail address of the account.
    #[tf(computed)]
    email: Attr<String>,
    /// Whether the e-mail address is verified.
    #[tf(computed)]
    email_verified: Attr<bool>,
    /// Tier of the account; it determines the limits.
    #[tf(computed)]
    tier: Attr<String>,
    /// Status of the account, such as `active`.
    #[tf(computed)]
    status: Attr<String>,
    /// Maximum number of VMs.
    #[tf(computed)]
    max_vms: Attr<i64>,
    /// Maximum total price of all VMs in USD per hour.
    #[tf(computed)]
    max_hourly_spend: Attr<f64>,
    /// Remaining prepaid credit.
    #[tf(computed)]
    credit_balance: Attr<f64>,
    /// Current total price of all VMs per hour.
    #[tf(computed)]
    spend_per_hour: Attr<f64>,
    /// Number of running VMs.
    #[tf(computed)]
    running_vms: Attr<i64>,
}

/// Who has the key.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Owner {
    #[serde(deserialize_with = "lenient::text")]
    pub(crate) id: String,
    #[serde(deserialize_with = "lenient::text")]
    email: String,
    email_verified: Option<bool>,
    #[serde(deserialize_with = "lenient::text")]
    tier: String,
    #[serde(deserialize_with = "lenient::text")]
    status: String,
    #[serde(deserialize_with = "lenient::int")]
    max_vms: Option<i64>,
    #[serde(deserialize_with = "lenient::float")]
    max_hourly_spend: Option<f64>,
    #[serde(deserialize_with = "lenient::float")]
    pub(crate) credit_balance: Option<f64>,
}

/// What is spent at present.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Spend {
    #[serde(deserialize_with = "lenient::float")]
    total_per_hour: Option<f64>,
    #[serde(deserialize_with = "lenient::int")]
    running_vms: Option<i64>,
}

impl DataSource for Account {
    type Data = Clients;

    const TYPE: &'static str = "novacloud_account";

    async fn read(cx: &Cx, _config: Self) -> Result<Self> {
        let (client, call) = (cx.novacloud()?, cx.call());
        let read = tokio::try_join!(routes::owner(client, &call), routes::spend(client, &call));
        let (owner, spend) = read.map_err(|error| ErrorContext::to("read the account").failed(&error))?;
        Ok(Self::of(owner, &spend))
    }
}

impl Account {
    pub(crate) fn of(owner: Owner, spend: &Spend) -> Self {
        let Owner { id, email, email_verified, tier, status, max_vms, max_hourly_spend, credit_balance } =
            owner;
        Self {
            id: id.into(),
            email: text_or_null(email),
            email_verified: Attr::from_option(email_verified),
            tier: text_or_null(tier),
            status: text_or_null(status),
            max_vms: Attr::from_option(max_vms),
            max_hourly_spend: Attr::from_option(max_hourly_spend),
            credit_balance: Attr::from_option(credit_balance),
            spend_per_hour: Attr::from_option(spend.total_per_hour),
            running_vms: Attr::from_option(spend.running_vms),
        }
    }
}
