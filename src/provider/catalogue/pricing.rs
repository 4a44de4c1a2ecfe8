//! `novacloud_pricing`: Nova Cloud's list of prices, which is public.

use tfplugin::attr::{Attr, Map};
use tfplugin::data_source::DataSource;
use tfplugin::model::Model;
use tfplugin::resource::Result;

use crate::provider::catalogue::calls;
use crate::provider::clients::Cx;
use crate::provider::clients::{Clients, Vendors as _};
use crate::provider::error_context::ErrorContext;

/// Price list of Nova Cloud. No API key is required.
///
/// Set `provider = novita`, because the prefix of the type is not the name of the provider.
///
/// Vendor documentation: [Billing](https://docs.nova-cloud.ai/guides/billing).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct Pricing {
    /// Price in USD per hour of one GPU, by GPU model as spelled by the API (`pro6000` for `6000pro`).
    #[tf(computed)]
    gpus: Attr<Map<f64>>,
}

impl DataSource for Pricing {
    type Data = Clients;

    const TYPE: &'static str = "novacloud_pricing";

    async fn read(cx: &Cx, _config: Self) -> Result<Self> {
        let pricing = calls::pricing(cx.novacloud_public()?, &cx.call()).await;
        let calls::Pricing { gpus } =
            pricing.map_err(|error| ErrorContext::to("read the prices").failed(&error))?;
        Ok(Self { gpus: Attr::Known(gpus.into_iter().collect()) })
    }
}
