//! `novacloud_pricing`: Nova Cloud's list of prices, which is public.

use tfplugin::attr::{Attr, Map};
use tfplugin::data_source::DataSource;
use tfplugin::model::Model;
use tfplugin::resource::Result;

use crate::provider::catalogue::calls;
use crate::provider::clients::Cx;
use crate::provider::clients::{Clients, Vendors as _};
use crate::provider::error_context::ErrorContext;

/// Nova Cloud's list of prices. No API key is needed.
///
/// The type's prefix is not the provider's name, so a configuration of the provider `novita` writes
/// `provider = novita` on it.
#[derive(Model)]
#[tf(settings)]
pub(crate) struct Pricing {
    /// Price of a GPU in USD per hour by GPU model, in the API's spelling: `6000pro` is `pro6000` here.
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
