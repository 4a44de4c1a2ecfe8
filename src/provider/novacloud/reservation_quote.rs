//! `novacloud_reservation_quote`: what a reservation would cost.

use serde::Deserialize;
use serde_json::{Value as Json, json};
use tfplugin::attr::Attr;
use tfplugin::data_source::DataSource;
use tfplugin::model::Model;
use tfplugin::resource::Result;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::lenient;
use crate::provider::clients::{Clients, Cx, Vendors as _};
use crate::provider::error_context::ErrorContext;
use crate::provider::memo::Memo;
use crate::provider::novacloud::routes;
use crate::provider::novacloud::vm::Vm;

/// Quote for a reserved VM. It buys nothing: a VM with `rental_type = "reserved"` creates the reservation. Amounts
/// are in USD; values that the API does not return are null.
///
/// Set `provider = novita`, because the prefix of the type is not the name of the provider.
///
/// Vendor documentation: [Calculate
/// reservation](https://docs.nova-cloud.ai/api-reference/reservations/calculate-reservation).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct ReservationQuote {
    /// GPU model, such as `5090`. `novacloud_offers` lists the models.
    #[tf(required, len = 1..=i64::MAX)]
    gpu_type: Attr<String>,
    /// Number of GPUs.
    #[tf(required, one_of = [1, 2, 4, 8])]
    gpu_count: Attr<i64>,
    /// Size of the disk in GB.
    #[tf(required, range = 50..=i64::MAX)]
    storage_gb: Attr<i64>,
    /// Term of the reservation in months.
    #[tf(required, one_of = [1, 3, 6])]
    reservation_months: Attr<i64>,
    /// Discount on the hourly on-demand price in percent.
    #[tf(computed)]
    discount_percent: Attr<f64>,
    /// Deposit, paid when the VM is created.
    #[tf(computed)]
    deposit_required: Attr<f64>,
    /// Price per month.
    #[tf(computed)]
    monthly_cost: Attr<f64>,
    /// Price per hour.
    #[tf(computed)]
    hourly_rate: Attr<f64>,
    /// Fee for cancelling the reservation: 25 %.
    #[tf(computed)]
    cancellation_fee: Attr<f64>,
}

/// What a reservation would cost; none = not told.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Quote {
    #[serde(deserialize_with = "lenient::float")]
    discount_percent: Option<f64>,
    #[serde(deserialize_with = "lenient::float")]
    pub(crate) deposit_required: Option<f64>,
    #[serde(deserialize_with = "lenient::float")]
    pub(crate) monthly_cost: Option<f64>,
    #[serde(rename = "hourly_rate_after_discount", deserialize_with = "lenient::float")]
    hourly_rate: Option<f64>,
    #[serde(rename = "cancellation_fee_25_percent", deserialize_with = "lenient::float")]
    pub(crate) cancellation_fee: Option<f64>,
}

impl DataSource for ReservationQuote {
    type Data = Clients;

    const TYPE: &'static str = "novacloud_reservation_quote";

    async fn read(cx: &Cx, mut config: Self) -> Result<Self> {
        let Self { gpu_type, gpu_count, storage_gb, reservation_months, .. } = &config;
        let wanted = wanted(gpu_type, gpu_count, storage_gb, reservation_months);
        let quote = routes::quote(cx.novacloud()?, &cx.call(), &wanted).await;
        config.take(quote.map_err(|error| ErrorContext::to("ask what a reservation costs").failed(&error))?);
        Ok(config)
    }
}

impl ReservationQuote {
    /// Takes over what a reservation costs.
    pub(crate) fn take(&mut self, quote: Quote) {
        let Quote { discount_percent, deposit_required, monthly_cost, hourly_rate, cancellation_fee } = quote;
        self.discount_percent = Attr::from_option(discount_percent);
        self.deposit_required = Attr::from_option(deposit_required);
        self.monthly_cost = Attr::from_option(monthly_cost);
        self.hourly_rate = Attr::from_option(hourly_rate);
        self.cancellation_fee = Attr::from_option(cancellation_fee);
    }
}

/// What the reservations that plans of this process ask about take, by the body of the call.
type Quotes = Memo<String, Quote>;

/// What the reservation of a VM takes, as far as it is told. The API is asked once in a process.
pub(crate) async fn of_vm(cx: &Cx, client: &Client, call: &Call, vm: &Vm) -> Quote {
    let wanted = wanted(&vm.gpu_type, &vm.gpu_count, &vm.storage_gb, &vm.reservation_months);
    let kept = cx.data.shared::<Quotes>().kept(wanted.to_string());
    *kept.get_or_init(|| async { routes::quote(client, call, &wanted).await.unwrap_or_default() }).await
}

/// The body of the call, as the API documents it.
fn wanted(gpu_type: &Attr<String>, gpus: &Attr<i64>, storage_gb: &Attr<i64>, months: &Attr<i64>) -> Json {
    json!({
        "gpu_type": gpu_type.text_or_empty(),
        "gpu_count": gpus.known(),
        "storage_gb": storage_gb.known(),
        "reservation_months": months.known(),
    })
}
