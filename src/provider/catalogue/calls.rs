//! The catalogue calls of both APIs: products, clusters, offers, prices.
//!
//! All prices become USD. Knows neither models nor plans. Machines of Novita are decoded by
//! [`mod@products`], Nova Cloud's by [`mod@offers`]; of Novita's endpoints, what they run on by
//! [`mod@endpoint_products`] and their bounds by [`mod@limits`].

pub(crate) mod endpoint_products;
pub(crate) mod limits;
pub(crate) mod offers;
pub(crate) mod products;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::Result;
use crate::api::lenient::{text, texts};
pub(crate) use endpoint_products::{EndpointProduct, endpoint_products};
pub(crate) use limits::Limits;
pub(crate) use offers::{Offer, Pricing};
pub(crate) use products::{CpuProduct, Product};

/// What can be rented of Nova Cloud. Documented, but for its filters; needs no key.
const SEARCH: &str = "/search";

/// Nova Cloud's prices by type of GPU. Documented; needs no key.
const PRICING: &str = "/pricing";

/// A place with machines.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Cluster {
    #[serde(deserialize_with = "text")]
    pub(crate) id: String,
    #[serde(deserialize_with = "text")]
    pub(crate) name: String,
    /// Names of products.
    #[serde(deserialize_with = "texts")]
    pub(crate) available_gpu_type: Vec<String>,
    /// Missing = not told.
    pub(crate) support_network_storage: Option<bool>,
    /// Missing = not told.
    pub(crate) support_instance_network: Option<bool>,
}

/// Novita's machines with GPUs. The query's names are the documented ones: `clusterId`, `gpuNum`,
/// `productName` (fuzzy), `minCpuPerGpu`, `minMemoryPerGpu`, `minRootFSSize`, `billingMethod`.
pub(crate) async fn gpu_products(
    client: &Client,
    call: &Call,
    query: &[(&str, &str)],
) -> Result<Vec<Product>> {
    const PATH: &str = "/products";
    client.list(call, PATH, query, "data").await?.readable(PATH)
}

/// Novita's machines without. The query's names are `clusterId` and `productName`.
pub(crate) async fn cpu_products(
    client: &Client,
    call: &Call,
    query: &[(&str, &str)],
) -> Result<Vec<CpuProduct>> {
    const PATH: &str = "/cpu/products";
    client.list(call, PATH, query, "data").await?.readable(PATH)
}

/// Novita's clusters.
pub(crate) async fn clusters(client: &Client, call: &Call) -> Result<Vec<Cluster>> {
    const PATH: &str = "/clusters";
    client.list(call, PATH, &[], "data").await?.readable(PATH)
}

/// The bounds of the settings of Novita's endpoints.
pub(crate) async fn endpoint_limits(client: &Client, call: &Call) -> Result<Limits> {
    Ok(client.get::<Option<Limits>>(call, "/endpoint/limit").await?.unwrap_or_default())
}

/// Nova Cloud's machines that can be rented, and those that cannot right now.
pub(crate) async fn offers(client: &Client, call: &Call) -> Result<Vec<Offer>> {
    client.list(call, SEARCH, &[], "data").await?.readable(SEARCH)
}

/// Nova Cloud's prices by type of GPU.
pub(crate) async fn pricing(client: &Client, call: &Call) -> Result<Pricing> {
    Ok(client.get::<Option<Pricing>>(call, PRICING).await?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::error_mapping::ErrorMapping;
    use crate::provider::loopback::{self, play, serve};

    #[tokio::test]
    async fn novitas_catalogue_is_asked_as_documented() {
        let (client, requests) = play(ErrorMapping::Novita, &[(200, r#"{"data":[{"id":"p"}]}"#)]).await;
        let call = Call::default();
        let gpu =
            gpu_products(&client, &call, &[("clusterId", "7"), ("productName", "RTX 4090")]).await.unwrap();
        let cpu = cpu_products(&client, &call, &[]).await.unwrap();
        let clusters = clusters(&client, &call).await.unwrap();
        assert_eq!((gpu[0].id.as_str(), cpu[0].id.as_str(), clusters[0].id.as_str()), ("p", "p", "p"));
        let expected =
            ["GET /products?clusterId=7&productName=RTX+4090", "GET /cpu/products", "GET /clusters"];
        assert_eq!(*requests.lock().unwrap(), expected);
    }

    #[tokio::test]
    async fn limits_may_be_missing() {
        let (client, requests) =
            play(ErrorMapping::Novita, &[(200, r#"{"maxWorkerNum":10}"#), (200, "null")]).await;
        assert_eq!(endpoint_limits(&client, &Call::default()).await.unwrap().worker_num().max, Some(10));
        assert_eq!(endpoint_limits(&client, &Call::default()).await.unwrap(), Limits::default());
        assert_eq!(requests.lock().unwrap()[0], "GET /endpoint/limit");
    }

    #[tokio::test]
    async fn nova_clouds_catalogue_is_asked_as_documented() {
        let (client, requests) = serve(ErrorMapping::NovaCloud, |request| {
            let body =
                if request == "GET /search" { r#"[{"node":"vm02"}]"# } else { r#"{"gpus":{"4090":0.4}}"# };
            (200, body.to_owned())
        })
        .await;
        assert_eq!(offers(&client, &Call::default()).await.unwrap()[0].node, "vm02");
        assert_eq!(pricing(&client, &Call::default()).await.unwrap().gpus["4090"], 0.4);
        assert_eq!(*requests.lock().unwrap(), ["GET /search", "GET /pricing"]);
    }

    #[tokio::test]
    async fn the_mocks_catalogues_are_read() {
        let cloud = mock_cloud::MockCloud::start(mock_cloud::Options::default());
        let client = |error_mapping| match error_mapping {
            ErrorMapping::Novita => loopback::client(error_mapping, &cloud.novita_url(), cloud.api_key()),
            ErrorMapping::NovaCloud => {
                loopback::client(error_mapping, &cloud.novacloud_url(), cloud.novacloud_api_key())
            }
        };
        let (novita, nova_cloud, call) =
            (client(ErrorMapping::Novita), client(ErrorMapping::NovaCloud), Call::default());
        let gpu = gpu_products(&novita, &call, &[]).await.unwrap();
        assert!(!gpu.is_empty() && gpu.iter().all(|it| it.price.is_some_and(|it| it < 100.0)));
        assert!(cpu_products(&novita, &call, &[]).await.unwrap().iter().all(|it| it.price.is_some()));
        assert!(
            clusters(&novita, &call).await.unwrap().iter().any(|it| it.support_network_storage == Some(true))
        );
        let offers = offers(&nova_cloud, &call).await.unwrap();
        assert!(
            offers.iter().all(|it| it.gpu_price_hourly.is_some())
                && offers.iter().any(|it| it.node == "vm02")
        );
        assert!(pricing(&nova_cloud, &call).await.unwrap().gpus.contains_key("5090"));
    }
}
