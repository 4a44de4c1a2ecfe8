//! What the catalogue says, each list read once per process and kept.
//!
//! For checking plans and telling prices. It fails open: a list that cannot be read, or has nothing in it, checks
//! nothing and blocks nothing; that is said once, with the reason. It is not asked for again.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::resource;
use tokio::sync::OnceCell;

use crate::api::client::Client;
use crate::api::error::{self, Error};
use crate::api::planted::{Bug, is_planted};
use crate::provider::catalogue::calls::{self, Cluster, CpuProduct, EndpointProduct, Limits, Offer, Product};
use crate::provider::clients::{Cx, NOVACLOUD, NOVITA, READ_WITHIN, Vendor, Vendors as _};
use crate::provider::memo::Memo;

/// The billing mode in which every product is offered.
const USUAL_BILLING: &str = "onDemand";

/// Why a list is not there, in words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unread(String);

type Kept<T> = OnceCell<Result<T, Unread>>;

type GpuProducts = Result<Arc<Vec<Product>>, Unread>;

/// The lists of both vendors.
#[derive(Default)]
pub(crate) struct Catalogue {
    /// By billing mode, and by number of GPUs where one was asked for.
    gpu_products: Memo<(&'static str, Option<i64>), GpuProducts>,
    cpu_products: Kept<Vec<CpuProduct>>,
    clusters: Kept<Vec<Cluster>>,
    endpoint_products: Kept<Vec<EndpointProduct>>,
    limits: Kept<Limits>,
    offers: Kept<Vec<Offer>>,
    /// What was said about lists that are not there.
    told: Mutex<BTreeSet<String>>,
}

impl Catalogue {
    /// Novita's machines with GPUs for a billing mode; with a number of GPUs, those that have as many.
    pub(crate) async fn gpu_products(
        &self,
        cx: &Cx,
        billing_mode: &'static str,
        gpus: Option<i64>,
    ) -> Result<Arc<Vec<Product>>, Unread> {
        let kept = self.gpu_products.kept((billing_mode, gpus));
        let number = gpus.map(|it| it.to_string());
        let mut query = vec![("billingMethod", billing_mode)];
        query.extend(number.as_deref().map(|it| ("gpuNum", it)));
        let (client, call) = (client(cx.novita(), &NOVITA)?, cx.call().within(READ_WITHIN));
        let list = async {
            let products = calls::gpu_products(client, &call, &query).await?;
            Ok(Arc::new(named(products, |it| &it.id)))
        };
        // Only the list without a filter tells whether there is anything at all.
        let is_whole = billing_mode == USUAL_BILLING && gpus.is_none();
        read(&NOVITA, "GPU products", &kept, list, |it| is_whole && it.is_empty()).await.cloned()
    }

    /// Novita's machines without GPUs.
    pub(crate) async fn cpu_products(&self, cx: &Cx) -> Result<&[CpuProduct], Unread> {
        let (client, call) = (client(cx.novita(), &NOVITA)?, cx.call().within(READ_WITHIN));
        let list = async { Ok(named(calls::cpu_products(client, &call, &[]).await?, |it| &it.id)) };
        read(&NOVITA, "CPU products", &self.cpu_products, list, Vec::is_empty).await.map(Vec::as_slice)
    }

    /// Novita's clusters.
    pub(crate) async fn clusters(&self, cx: &Cx) -> Result<&[Cluster], Unread> {
        let (client, call) = (client(cx.novita(), &NOVITA)?, cx.call().within(READ_WITHIN));
        let list = async { Ok(named(calls::clusters(client, &call).await?, |it| &it.id)) };
        read(&NOVITA, "clusters", &self.clusters, list, Vec::is_empty).await.map(Vec::as_slice)
    }

    /// What workers of Novita's endpoints run on.
    pub(crate) async fn endpoint_products(&self, cx: &Cx) -> Result<&[EndpointProduct], Unread> {
        let (client, call) = (client(cx.novita(), &NOVITA)?, cx.call().within(READ_WITHIN));
        let list = async { Ok(named(calls::endpoint_products(client, &call).await?, |it| &it.id)) };
        read(&NOVITA, "endpoint products", &self.endpoint_products, list, Vec::is_empty)
            .await
            .map(Vec::as_slice)
    }

    /// The limits of Novita's endpoints.
    pub(crate) async fn endpoint_limits(&self, cx: &Cx) -> Result<&Limits, Unread> {
        let (client, call) = (client(cx.novita(), &NOVITA)?, cx.call().within(READ_WITHIN));
        let limits = calls::endpoint_limits(client, &call);
        read(&NOVITA, "endpoint limits", &self.limits, limits, |it| *it == Limits::default()).await
    }

    /// Nova Cloud's offers that name a node, which a key is not needed for.
    pub(crate) async fn offers(&self, cx: &Cx) -> Result<&[Offer], Unread> {
        let (client, call) = (client(cx.novacloud_public(), &NOVACLOUD)?, cx.call().within(READ_WITHIN));
        let list = async { Ok(named(calls::offers(client, &call).await?, |it| &it.node)) };
        read(&NOVACLOUD, "offers", &self.offers, list, Vec::is_empty).await.map(Vec::as_slice)
    }

    /// The warning that something was not checked; nothing where it was given before.
    pub(crate) fn not_checked(&self, Unread(why): Unread) -> Diagnostics {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if why.is_empty() || !told.insert(why.clone()) {
            return Diagnostics::default();
        }
        let detail = format!(
            "{why} Products, sizes, places, stock and prices were not checked. The plan is not wrong because of that, but a \
             mistake in it shows only when it is applied."
        );
        let summary = "Plan was not checked against the catalogue";
        if is_planted(Bug::FailsClosed) {
            return Diagnostic::error(summary, detail).into();
        }
        Diagnostic::warning(summary, detail).into()
    }
}

/// The elements that say what they are: those of another form tell nothing.
fn named<T>(mut list: Vec<T>, name: fn(&T) -> &str) -> Vec<T> {
    list.retain(|it| !name(it).is_empty());
    list
}

fn client<'c>(client: resource::Result<&'c Client>, vendor: &Vendor) -> Result<&'c Client, Unread> {
    client.map_err(|_| {
        let Vendor { name, key, variable } = vendor;
        Unread(format!(
            "There is no key of {name} yet: `{key}` of the provider block, or the variable {variable}."
        ))
    })
}

async fn read<'k, T>(
    vendor: &Vendor,
    what: &str,
    kept: &'k Kept<T>,
    fetch: impl Future<Output = error::Result<T>>,
    is_empty: impl FnOnce(&T) -> bool,
) -> Result<&'k T, Unread> {
    let list = kept.get_or_init(|| async {
        let (gist, unread) = match fetch.await {
            Ok(list) if !is_empty(&list) => return Ok(list),
            Ok(_) => (String::new(), nothing_readable(vendor)),
            Err(error) => (error.gist(), why(vendor, &error)),
        };
        log::debug!(target: "provider", list = what, error = gist.as_str();
        "Catalogue has nothing to tell; planning goes on without it");
        Err(Unread(unread))
    });
    list.await.as_ref().map_err(Clone::clone)
}

/// One list of another form reads as an empty one, and another as none at all.
fn nothing_readable(vendor: &Vendor) -> String {
    format!("The catalogue of {} is empty or unreadable.", vendor.name)
}

/// Why a list could not be read, in the same words for every list, so that it is said once. Empty for what the user
/// knows: that she has stopped it.
fn why(vendor: &Vendor, error: &Error) -> String {
    let Vendor { name, key, variable } = vendor;
    match error {
        Error::Stopped(_) => String::new(),
        Error::Unauthorized(_) | Error::Forbidden(_) | Error::AccountBlocked(_) => {
            format!(
                "{name} has refused the key: check `{key}` of the provider block, or the variable {variable}."
            )
        }
        Error::Decode(_) => nothing_readable(vendor),
        error => match error.details().status {
            Some(status) => format!("{name} has answered with HTTP {status}."),
            None => format!("{name} could not be reached in time."),
        },
    }
}

/// The choices most like what was written, in words for a message; empty when there is no choice at all.
pub(crate) fn nearest<'c>(written: &str, choices: impl IntoIterator<Item = &'c str>) -> String {
    nearest_of(written, choices.into_iter().collect())
}

fn nearest_of(written: &str, mut choices: Vec<&str>) -> String {
    let likeness = |it: &str| strsim::jaro_winkler(&written.to_lowercase(), &it.to_lowercase());
    choices.sort_by(|left, right| likeness(right).total_cmp(&likeness(left)).then(left.cmp(right)));
    choices.dedup();
    let best: Vec<_> = choices.iter().take(3).map(|it| format!("`{it}`")).collect();
    if best.is_empty() { String::new() } else { format!("The nearest are {}.", best.join(", ")) }
}

/// The choice that was surely meant, where what was written is a slip of the pen: another case, or one letter too many,
/// too few, wrong or swapped. Ids with other digits name other things, which may exist although they are not listed.
pub(crate) fn slip<'c>(written: &str, choices: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let is_near = |it: &&str| {
        let (one, other) = (written.to_lowercase(), it.to_lowercase());
        digits(&one) == digits(&other) && strsim::damerau_levenshtein(&one, &other) <= 1
    };
    choices.into_iter().find(is_near)
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

    #[test]
    fn only_a_slip_of_the_pen_is_surely_wrong() {
        let choices = ["4090.16c62g", "us-dallas-nas-2", "7"];
        for (written, meant) in [
            ("4090.16c62", Some("4090.16c62g")),
            ("4090.16C62G", Some("4090.16c62g")),
            ("4090-16c62g", Some("4090.16c62g")),
            ("us-dalals-nas-2", Some("us-dallas-nas-2")),
            // Other ids, as far as anybody can tell: retired, sold out and hidden, of another account.
            ("4090.16c64g", None),
            ("5090.16c62g", None),
            ("4090.16c62g.os", None),
            ("us-dallas-nas-3", None),
            ("us-dallas", None),
            ("5", None),
            ("", None),
        ] {
            assert_eq!(slip(written, choices), meant, "{written}");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_asked_for_once_and_told_once() {
        let (kept, empty) = (Kept::<u8>::new(), Kept::<u8>::new());
        let failure = async { Err(Error::failed("no", "")) };
        let unread = read(&NOVITA, "things", &kept, failure, |_| false).await.unwrap_err();
        assert_eq!(read(&NOVITA, "things", &kept, async { Ok(1) }, |_| false).await.unwrap_err(), unread);
        let nothing = read(&NOVITA, "things", &empty, async { Ok(0) }, |it| *it == 0).await.unwrap_err();
        let catalogue = Catalogue::default();
        for (unread, words) in [(&unread, "could not be reached"), (&nothing, "is empty")] {
            let said = catalogue.not_checked(unread.clone());
            assert!(!said.has_error() && said.0[0].detail.contains(words), "{said:?}");
            assert_eq!(catalogue.not_checked(unread.clone()), Diagnostics::default());
        }
    }

    #[test]
    fn the_reason_says_what_to_look_at() {
        let details = || Box::new(error::Details::new("GET /x", "it says no"));
        for (error, words) in [
            (Error::Unauthorized(details()), "refused the key: check `api_key`"),
            (Error::Forbidden(details()), "NOVITA_API_KEY"),
            (Error::Decode(details()), "is empty or unreadable"),
            (Error::Transport(details()), "could not be reached in time"),
            (Error::TimedOut(details()), "could not be reached in time"),
            (Error::Server(Box::new(error::Details { status: Some(503), ..*details() })), "with HTTP 503"),
        ] {
            let why = why(&NOVITA, &error);
            assert!(why.contains(words), "{why}");
        }
        assert_eq!(why(&NOVITA, &Error::Stopped(details())), "");
    }
}
