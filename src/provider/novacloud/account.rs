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

/// The account of Nova Cloud that the key belongs to: its limits, its money, and what it spends at present. Amounts are
/// in USD.
///
/// What it spends changes while anything is rented, so it is for a `check` block or an output, and for no resource. What
/// the API does not tell is null. The type's prefix is not the provider's name, so a configuration of the provider
/// `novita` writes `provider = novita` on it.
#[derive(Model)]
#[tf(settings)]
pub(crate) struct Account {
    /// Identifier of the account.
    #[tf(computed)]
    id: Attr<String>,
    /// Address of who has it.
    #[tf(computed)]
    email: Attr<String>,
    /// Whether that address was verified.
    #[tf(computed)]
    email_verified: Attr<bool>,
    /// Tier, which sets the limits.
    #[tf(computed)]
    tier: Attr<String>,
    /// Status, such as `active`.
    #[tf(computed)]
    status: Attr<String>,
    /// How many VMs it may have at once.
    #[tf(computed)]
    max_vms: Attr<i64>,
    /// The most that all VMs together may cost per hour.
    #[tf(computed)]
    max_hourly_spend: Attr<f64>,
    /// Prepaid money that is left.
    #[tf(computed)]
    credit_balance: Attr<f64>,
    /// What all VMs together cost per hour at present.
    #[tf(computed)]
    spend_per_hour: Attr<f64>,
    /// How many VMs run at present.
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
