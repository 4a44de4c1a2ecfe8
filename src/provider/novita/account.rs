//! `novita_balance`: the money of an account of Novita AI. Whoever wants to know it calls [`balance`]; plans that take some
//! call [`afford`].

use serde::{Deserialize, Deserializer};
use tfplugin::attr::Attr;
use tfplugin::data_source::DataSource;
use tfplugin::diagnostics::Diagnostics;
use tfplugin::model::Model;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::{Details, Error, Result};
use crate::api::lenient;
use crate::provider::beside;
use crate::provider::budget::{Budget, Cost};
use crate::provider::clients::{Clients, Cx, NOVITA, READ_WITHIN, Vendors as _};
use crate::provider::error_context::ErrorContext;

/// Balance of the Novita AI account that the API key belongs to, in USD.
///
/// The balance varies while anything is rented: use this data source in `check` blocks and outputs, not in arguments
/// of resources. Values that the API does not return are null.
///
/// Vendor documentation: [Get user balance](https://novita.ai/docs/api-reference/basic-get-user-balance).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct AccountBalance {
    /// Amount that can be spent.
    #[tf(computed)]
    available: Attr<f64>,
    /// Remaining amount of the deposits.
    #[tf(computed)]
    cash: Attr<f64>,
    /// Amount that can be spent beyond the deposits.
    #[tf(computed)]
    credit_limit: Attr<f64>,
    /// Invoiced amount that is not paid.
    #[tf(computed)]
    outstanding: Attr<f64>,
    /// Used amount that is not charged yet.
    #[tf(computed)]
    pending: Attr<f64>,
}

/// Money of an account in USD; none = not told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Balance {
    /// What can be spent.
    #[serde(rename = "availableBalance", deserialize_with = "dollars")]
    pub(crate) available: Option<f64>,
    #[serde(rename = "cashBalance", deserialize_with = "dollars")]
    cash: Option<f64>,
    #[serde(deserialize_with = "dollars")]
    credit_limit: Option<f64>,
    #[serde(rename = "outstandingInvoices", deserialize_with = "dollars")]
    outstanding: Option<f64>,
    #[serde(rename = "pendingCharges", deserialize_with = "dollars")]
    pending: Option<f64>,
}

/// Amounts come in units of 1/10000 USD.
fn dollars<'de, D: Deserializer<'de>>(input: D) -> std::result::Result<Option<f64>, D::Error> {
    Ok(lenient::float(input)?.map(|it| it / 10_000.0))
}

/// Reads the money of the account. The client is that of Novita AI's instances.
///
/// # Errors
/// Those of a read; [`Error::Misconfigured`] where the base URL has no API of accounts beside it.
pub(crate) async fn balance(client: &Client, call: &Call) -> Result<Balance> {
    const PATH: &str = "/billing/balance/detail";
    let told = beside::accounts(client)?.get::<Option<Balance>>(call, PATH).await?.unwrap_or_default();
    match told == Balance::default() {
        true => Err(Error::Decode(Details::new(&format!("GET {PATH}"), "the answer has no amount").into())),
        false => Ok(told),
    }
}

/// What the plans of this process take of the account's money.
#[derive(Default)]
struct Money(Budget);

/// Warns when the account does not have what all plans so far take.
pub(crate) async fn afford(cx: &Cx, cost: Option<Cost>) -> Diagnostics {
    let Ok(client) = cx.novita() else { return Diagnostics::default() };
    let call = cx.call().within(READ_WITHIN);
    let read = async { Ok(balance(client, &call).await?.available) };
    cx.data.shared::<Money>().0.add(&NOVITA, cost, read).await
}

impl DataSource for AccountBalance {
    type Data = Clients;

    const TYPE: &'static str = "novita_balance";

    async fn read(cx: &Cx, _config: Self) -> tfplugin::resource::Result<Self> {
        let told = balance(cx.novita()?, &cx.call()).await;
        told.map(Self::of).map_err(|error| ErrorContext::to("read the balance").failed(&error))
    }
}

impl AccountBalance {
    pub(crate) fn of(told: Balance) -> Self {
        let Balance { available, cash, credit_limit, outstanding, pending } = told;
        Self {
            available: Attr::from_option(available),
            cash: Attr::from_option(cash),
            credit_limit: Attr::from_option(credit_limit),
            outstanding: Attr::from_option(outstanding),
            pending: Attr::from_option(pending),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::error_mapping::ErrorMapping;
    use crate::provider::loopback;

    #[test]
    fn amounts_are_tens_of_thousandths_of_a_usd_in_whatever_form() {
        for (json, expected) in [
            (r#"{"availableBalance":"123456"}"#, Some(12.3456)),
            (r#"{"availableBalance":-5000}"#, Some(-0.5)),
            (r#"{"availableBalance":"0"}"#, Some(0.0)),
            (r#"{"availableBalance":""}"#, None),
            (r#"{"availableBalance":null,"creditLimit":"1"}"#, None),
        ] {
            assert_eq!(serde_json::from_str::<Balance>(json).unwrap().available, expected, "{json}");
        }
    }

    #[tokio::test]
    async fn the_balance_is_read_beside_the_base_url_with_the_same_key() {
        let cloud = mock_cloud::MockCloud::start(mock_cloud::Options::default());
        let client = |url: &str| loopback::client(ErrorMapping::Novita, url, cloud.api_key());
        let found = balance(&client(&cloud.novita_url()), &Call::default()).await.unwrap();
        let expected =
            [(found.available, 150.0), (found.cash, 100.0), (found.credit_limit, 50.0), (found.pending, 0.0)];
        assert!(expected.into_iter().all(|(told, usd)| told == Some(usd)), "{found:?}");
        let elsewhere = balance(&client(&cloud.origin()), &Call::default()).await.unwrap_err();
        assert!(matches!(elsewhere, Error::Misconfigured(_)), "{elsewhere:?}");
        assert!(elsewhere.to_string().contains("/gpu-instance/openapi/v1"), "{elsewhere}");
        let paths: Vec<_> = cloud.requests().into_iter().map(|it| it.path).collect();
        assert_eq!(paths, ["/openapi/v1/billing/balance/detail"]);
    }

    #[tokio::test]
    async fn an_answer_without_any_amount_is_not_taken_for_an_empty_account() {
        for body in ["{}", "null", r#"{"data":{"availableBalance":"1"}}"#] {
            let cloud = mock_cloud::MockCloud::start(mock_cloud::Options::default());
            let raw = mock_cloud::Effect::Raw {
                code: 200,
                content_type: "application/json".to_owned(),
                body: body.to_owned(),
            };
            cloud.faults().push(mock_cloud::Fault::new("GET", "/billing/balance/detail", raw));
            let client = loopback::client(ErrorMapping::Novita, &cloud.novita_url(), cloud.api_key());
            let told = balance(&client, &Call::default()).await.unwrap_err();
            assert!(matches!(told, Error::Decode(_)), "{body}: {told:?}");
        }
    }
}
