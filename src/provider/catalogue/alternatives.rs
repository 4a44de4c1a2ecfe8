//! Hardware that is out of stock: what exactly is out, and where else there is some.
//!
//! Reads the catalogues anew, since the lists of the plan are from before. Reading is bounded, and a
//! list that cannot be read is said to be so: it never becomes another error. How the sentences are made
//! from the lists stands in [`placements`].

mod placements;

use std::time::Duration;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::{Error, Result};
use crate::provider::catalogue::calls;

/// Longest time for all of the lists: the user waits for the error.
const READ_WITHIN: Duration = Duration::from_secs(10);

/// Hardware of Novita AI that was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Hardware {
    /// The product's id.
    pub(crate) product: String,
    /// The cluster's id; empty where none was asked for.
    pub(crate) cluster: String,
    /// Number of GPUs; `None` for a machine without.
    pub(crate) gpus: Option<i64>,
    /// `onDemand`, `monthly` or `spot`.
    pub(crate) billing_mode: &'static str,
}

/// Hardware of Nova Cloud that was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Placement {
    /// The node to run on.
    pub(crate) node: String,
    /// As it was configured; there are two spellings of one type.
    pub(crate) gpu_type: String,
    /// Number of GPUs.
    pub(crate) gpus: i64,
    /// Not every offer can be had so.
    pub(crate) interruptible: bool,
}

/// Adds to a lack of stock what is out and where else it is.
pub(crate) async fn of_instance(client: &Client, call: &Call, wanted: &Hardware, error: Error) -> Error {
    let Error::OutOfStock(_) = error else { return error };
    let call = call.within(READ_WITHIN);
    let advice = match wanted.gpus {
        Some(gpus) => of_gpus(client, &call, wanted, gpus).await,
        None => of_cpus(client, &call, wanted).await,
    };
    told(error, "productId", advice)
}

/// The same for a VM.
pub(crate) async fn of_vm(client: &Client, call: &Call, wanted: &Placement, error: Error) -> Error {
    let Error::OutOfStock(_) = error else { return error };
    let offers = seen("offers", calls::offers(client, &call.within(READ_WITHIN)).await);
    told(error, "node", placements::of_vm(wanted, offers.as_deref()))
}

/// The same for an endpoint, of whose products no API tells a list.
pub(crate) fn of_endpoint<T>(products: &[&str], result: Result<T>) -> Result<T> {
    match result {
        Err(error @ Error::OutOfStock(_)) => Err(told(error, "products", placements::of_endpoint(products))),
        other => other,
    }
}

async fn of_gpus(client: &Client, call: &Call, wanted: &Hardware, gpus: i64) -> String {
    let number = gpus.to_string();
    let any = [("billingMethod", wanted.billing_mode)];
    let as_many = [any[0], ("gpuNum", number.as_str())];
    let (as_many, any, clusters) = tokio::join!(
        calls::gpu_products(client, call, &as_many),
        calls::gpu_products(client, call, &any),
        calls::clusters(client, call),
    );
    let lists = placements::GpuLists {
        as_many: seen("GPU products", as_many),
        any: seen("GPU products", any),
        clusters: seen("clusters", clusters),
    };
    placements::of_gpus(wanted, gpus, &lists)
}

async fn of_cpus(client: &Client, call: &Call, wanted: &Hardware) -> String {
    let products = seen("CPU products", calls::cpu_products(client, call, &[]).await);
    placements::of_cpus(wanted, products.as_deref())
}

/// The list, if it could be read. An empty catalogue says nothing of where hardware is.
fn seen<T>(what: &str, list: Result<Vec<T>>) -> Option<Vec<T>> {
    list.inspect_err(|error| {
        log::debug!(target: "provider", list = what, error = error.gist().as_str();
        "Where else there is hardware cannot be read");
    })
    .ok()
    .filter(|it| !it.is_empty())
}

/// The error with its advice, and the field to blame if the API named none.
fn told(error: Error, field: &str, advice: String) -> Error {
    let mut error = error.described("", advice);
    let details = error.details_mut();
    details.field = details.field.take().or_else(|| Some(field.to_owned()));
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::error::Details;
    use crate::api::error_mapping::ErrorMapping;
    use crate::provider::loopback::{play, serve};

    fn out_of_stock() -> Error {
        Error::OutOfStock(Details::new("POST /x", "there is none").into())
    }

    fn hardware(gpus: Option<i64>) -> Hardware {
        Hardware { product: "p".to_owned(), cluster: String::new(), gpus, billing_mode: "spot" }
    }

    #[tokio::test]
    async fn demand_04_the_lists_are_read_anew_for_what_was_asked_for() {
        let other = r#"{"data":[{"id":"q","availableDeploy":false}]}"#;
        let (client, requests) = serve(ErrorMapping::Novita, |_| (200, other.to_owned())).await;
        let error = of_instance(&client, &Call::default(), &hardware(Some(2)), out_of_stock()).await;
        assert!(error.details().advice.contains("nowhere at present"), "{}", error.details().advice);
        assert_eq!(error.details().field.as_deref(), Some("productId"));
        let mut asked = requests.lock().unwrap().clone();
        asked.sort();
        let products = "GET /products?billingMethod=spot";
        assert_eq!(asked, ["GET /clusters".to_owned(), products.to_owned(), format!("{products}&gpuNum=2")]);
    }

    #[tokio::test]
    async fn demand_04_a_list_that_cannot_be_read_is_no_other_error() {
        let empty = (200, r#"{"data":[]}"#);
        for (status, body) in
            [(500, "{}"), (401, "{}"), (200, "<html>"), (200, r#"{"data":[{"id":{}}]}"#), empty]
        {
            let (client, _) = serve(ErrorMapping::Novita, move |_| (status, body.to_owned())).await;
            for gpus in [None, Some(1)] {
                let error = of_instance(&client, &Call::default(), &hardware(gpus), out_of_stock()).await;
                assert!(matches!(error, Error::OutOfStock(_)), "{error:?}");
                assert!(error.details().advice.contains("could not be read"), "{}", error.details().advice);
            }
        }
    }

    #[tokio::test]
    async fn demand_01_a_stopped_operation_reads_nothing() {
        let (client, requests) = play(ErrorMapping::NovaCloud, &[(200, "[]")]).await;
        let call = Call::default();
        call.stop.cancel();
        let placement =
            Placement { node: "n".to_owned(), gpu_type: "5090".to_owned(), gpus: 1, interruptible: false };
        let error = of_vm(&client, &call, &placement, out_of_stock()).await;
        assert!(matches!(error, Error::OutOfStock(_)));
        assert_eq!(requests.lock().unwrap().len(), 0);
    }

    #[tokio::test]
    async fn what_is_no_lack_of_stock_costs_no_request() {
        let (client, requests) = play(ErrorMapping::Novita, &[(200, "[]")]).await;
        let call = Call::default();
        let error = of_instance(&client, &call, &hardware(None), Error::Conflict(Box::default())).await;
        assert!(matches!(error, Error::Conflict(_)) && error.details().advice.is_empty());
        assert_eq!(requests.lock().unwrap().len(), 0);
    }
}
