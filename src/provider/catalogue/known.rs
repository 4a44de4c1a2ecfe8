//! What the catalogue says, each list read once per process and kept.
//!
//! For checking plans and telling prices. A list that cannot be read is not there: nothing fails for
//! want of it, and it is not asked for again.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error;
use crate::provider::catalogue::calls::{self, Cluster, CpuProduct, Offer, Product};
use crate::provider::endpoint::calls::{self as endpoint_calls, Limits};

/// Longest time for a list: a plan waits for it.
const READ_WITHIN: Duration = Duration::from_secs(10);

type Kept<T> = OnceCell<Option<T>>;

/// By billing mode, and by number of GPUs where one was asked for.
type GpuProducts = BTreeMap<(&'static str, Option<i64>), Arc<Kept<Arc<Vec<Product>>>>>;

/// The lists of both vendors.
#[derive(Default)]
pub(crate) struct Catalogue {
    gpu_products: Mutex<GpuProducts>,
    cpu_products: Kept<Vec<CpuProduct>>,
    clusters: Kept<Vec<Cluster>>,
    limits: Kept<Limits>,
    offers: Kept<Vec<Offer>>,
}

impl Catalogue {
    /// Novita's machines with GPUs for a billing mode; with a number of GPUs, those that have as many.
    pub(crate) async fn gpu_products(
        &self,
        client: &Client,
        call: &Call,
        billing_mode: &'static str,
        gpus: Option<i64>,
    ) -> Option<Arc<Vec<Product>>> {
        let kept = {
            let mut lists = self.gpu_products.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(lists.entry((billing_mode, gpus)).or_default())
        };
        let number = gpus.map(|it| it.to_string());
        let mut query = vec![("billingMethod", billing_mode)];
        query.extend(number.as_deref().map(|it| ("gpuNum", it)));
        let call = call.within(READ_WITHIN);
        let fetch = async { calls::gpu_products(client, &call, &query).await.map(Arc::new) };
        read("GPU products", &kept, fetch).await.cloned()
    }

    /// Novita's machines without GPUs.
    pub(crate) async fn cpu_products(&self, client: &Client, call: &Call) -> Option<&[CpuProduct]> {
        let call = call.within(READ_WITHIN);
        let list = read("CPU products", &self.cpu_products, calls::cpu_products(client, &call, &[])).await;
        list.map(Vec::as_slice)
    }

    /// Novita's clusters.
    pub(crate) async fn clusters(&self, client: &Client, call: &Call) -> Option<&[Cluster]> {
        let call = call.within(READ_WITHIN);
        read("clusters", &self.clusters, calls::clusters(client, &call)).await.map(Vec::as_slice)
    }

    /// The limits of Novita's endpoints.
    pub(crate) async fn endpoint_limits(&self, client: &Client, call: &Call) -> Option<&Limits> {
        let call = call.within(READ_WITHIN);
        read("endpoint limits", &self.limits, endpoint_calls::limits(client, &call)).await
    }

    /// Nova Cloud's offers.
    pub(crate) async fn offers(&self, client: &Client, call: &Call) -> Option<&[Offer]> {
        let call = call.within(READ_WITHIN);
        read("offers", &self.offers, calls::offers(client, &call)).await.map(Vec::as_slice)
    }
}

async fn read<'k, T>(
    what: &str,
    kept: &'k Kept<T>,
    fetch: impl Future<Output = error::Result<T>>,
) -> Option<&'k T> {
    let list = kept.get_or_init(|| async {
        fetch
            .await
            .inspect_err(|error| {
                log::debug!(target: "provider", list = what, error = error.gist().as_str();
                "Catalogue cannot be read; planning goes on without it");
            })
            .ok()
    });
    list.await.as_ref()
}

/// The choices most like what was written, in words for a message; empty when there is no choice at all.
pub(crate) fn nearest<'c>(written: &str, choices: impl IntoIterator<Item = &'c str>) -> String {
    let mut choices: Vec<_> = choices.into_iter().collect();
    let likeness = |it: &str| strsim::jaro_winkler(&written.to_lowercase(), &it.to_lowercase());
    choices.sort_by(|left, right| likeness(right).total_cmp(&likeness(left)).then(left.cmp(right)));
    choices.dedup();
    let best: Vec<_> = choices.iter().take(3).map(|it| format!("`{it}`")).collect();
    if best.is_empty() { String::new() } else { format!("The nearest are {}.", best.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_finds_what_was_meant() {
        let choices = ["4090.16c62g", "5090.20c94g", "a100.24c180g", "h100.26c200g"];
        assert!(nearest("4090.16c62", choices).starts_with("The nearest are `4090.16c62g`"));
        assert_eq!(nearest("x", []), "");
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_asked_for_once() {
        let kept = Kept::<u8>::new();
        let failure = || async { Err(error::Error::failed("no", "")) };
        assert!(read("things", &kept, failure()).await.is_none());
        assert!(read("things", &kept, async { Ok(1) }).await.is_none());
    }
}
