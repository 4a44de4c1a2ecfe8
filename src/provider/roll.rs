//! Waits of one kind that look together: one call of the list in place of one get for each machine.
//!
//! A list says less than a get, and may lag behind it. So a wait takes nothing from it but "still on its
//! way", and only about a thing that a get has shown on its way before; everything else is looked at by a
//! get, and what ends a wait always is. Each wait keeps its own bounds and intervals. Knows no vendor and
//! no status: which calls look at a thing is told by [`Fetch`].

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::{Error, Result};
use crate::api::wait::{Verdict, poll};
use crate::provider::paging::Walk;
use crate::provider::watch::{Sight, Watch, is_on_its_way};

/// A list that failed is not tried again for so many intervals: each wait looks for itself then.
const WITHOUT_LIST: u32 = 6;
/// From this look on, those whose number is a power of two are gets: a list that stands still must not
/// hold a wait up for ever, and the gets may not become many.
const CHECKS_FROM: u32 = 8;

/// Those who wait for things of one kind, and what the list of these things said last.
pub(crate) struct Roll<T> {
    /// Tests switch it off, to see what it saves.
    shared: bool,
    waiting: AtomicUsize,
    last: Mutex<Option<Arc<Listing<T>>>>,
    /// Held while the list is fetched. Whoever gives up lets the next one fetch it.
    fetching: tokio::sync::Mutex<()>,
}

/// What the list said.
struct Listing<T> {
    /// When the first of its requests was made; nothing in it is newer for sure.
    begin: Instant,
    /// When the last of them was answered.
    end: Instant,
    /// Its requests; of one that could not be fetched, those of the one before.
    pages: usize,
    /// By id; `None` when the list could not be fetched.
    members: Option<BTreeMap<String, T>>,
}

/// A thing with calls that look at it.
pub(crate) trait Fetch: Sight + Clone + Send + Sync {
    /// Looks at one.
    fn get(client: &Client, call: &Call, id: &str) -> impl Future<Output = Result<Self>> + Send;

    /// Lists all of them, in the form that a get has.
    fn walk(client: &Client, call: &Call) -> impl Future<Output = Result<Walk<Self>>> + Send;
}

/// How a wait looks at things of one kind.
pub(crate) trait Source: Sync {
    /// A thing, as get and list show it.
    type Item: Sight + Clone + Send + Sync;

    /// The roll of this kind.
    fn roll(&self) -> &Roll<Self::Item>;

    /// The bounds of the wait.
    fn call(&self) -> &Call;

    /// First interval between two looks.
    fn interval(&self) -> Duration;

    /// Looks at one thing.
    fn get(&self, id: &str) -> impl Future<Output = Result<Self::Item>> + Send;

    /// Lists all of them.
    fn walk(&self) -> impl Future<Output = Result<Walk<Self::Item>>> + Send;
}

/// Looks at things of one kind through their vendor's client, within the bounds of an operation.
pub(crate) struct Looks<'a, T> {
    pub(crate) client: &'a Client,
    pub(crate) call: &'a Call,
    pub(crate) roll: &'a Roll<T>,
}

impl<T: Fetch> Source for Looks<'_, T> {
    type Item = T;

    fn roll(&self) -> &Roll<T> {
        self.roll
    }

    fn call(&self) -> &Call {
        self.call
    }

    fn interval(&self) -> Duration {
        self.client.poll_interval()
    }

    async fn get(&self, id: &str) -> Result<T> {
        T::get(self.client, self.call, id).await
    }

    async fn walk(&self) -> Result<Walk<T>> {
        T::walk(self.client, self.call).await
    }
}

/// Waits for the thing with this id until the judge says that it is over, as [`poll`] does.
///
/// `on_its_way` says which sights leave the judge nothing to do but to wait; only these are taken from
/// the list.
///
/// # Errors
/// What the judge says, and the errors of the bounds.
pub(crate) async fn wait<S: Source, T>(
    source: &S,
    id: &str,
    what: &str,
    on_its_way: fn(&S::Item) -> bool,
    judge: impl FnMut(Result<S::Item>) -> Verdict<T>,
) -> Result<T> {
    let waiter = Waiter::new(source, id, on_its_way);
    poll(source.call(), source.interval(), what, || waiter.look(), judge).await
}

/// Waits until a thing is not on its way from one status to another, or is kept there by trouble that a
/// change may mend; `thing` is as a sentence names it.
///
/// # Errors
/// As [`wait`]; [`Error::Failed`] when it vanishes.
pub(crate) async fn wait_until_settled<S: Source>(source: &S, thing: &str, id: &str) -> Result<S::Item> {
    let thing = format!("{thing} {id}");
    let mut watch = Watch::new(thing.clone(), "changing", false);
    let what = format!("{thing} to come to rest");
    wait(source, id, &what, is_on_its_way, |sight| {
        let sight = match watch.note(sight) {
            Ok(sight) => sight,
            Err(verdict) => return verdict,
        };
        match sight.is_moving() {
            true if !watch.is_hopeless() => Verdict::Waiting(sight.status().to_owned()),
            true | false => Verdict::Done(sight),
        }
    })
    .await
}

/// One of those who wait, until it is dropped.
struct Waiter<'a, S: Source> {
    source: &'a S,
    id: &'a str,
    on_its_way: fn(&S::Item) -> bool,
    notes: Mutex<Notes>,
}

/// What a wait keeps in mind between its looks.
#[derive(Clone, Copy)]
struct Notes {
    looks: u32,
    /// When what was seen last was fetched.
    last: Instant,
    /// Whether the last get showed the thing on its way, so that the list may tell that it still is.
    on_its_way: bool,
}

impl<'a, S: Source> Waiter<'a, S> {
    fn new(source: &'a S, id: &'a str, on_its_way: fn(&S::Item) -> bool) -> Self {
        source.roll().waiting.fetch_add(1, Ordering::Relaxed);
        let notes = Notes { looks: 0, last: Instant::now(), on_its_way: false };
        Self { source, id, on_its_way, notes: Mutex::new(notes) }
    }

    async fn look(&self) -> Result<S::Item> {
        let notes = self.next();
        let is_check = notes.looks >= CHECKS_FROM && notes.looks.is_power_of_two();
        if notes.on_its_way
            && !is_check
            && let Some((item, begin)) = self.listed(notes.last).await
        {
            self.note(begin, true);
            return Ok(item);
        }
        let begin = Instant::now();
        let sight = self.source.get(self.id).await;
        self.note(begin, sight.as_ref().is_ok_and(self.on_its_way));
        sight
    }

    /// What the list tells that a get need not.
    async fn listed(&self, last: Instant) -> Option<(S::Item, Instant)> {
        let roll = self.source.roll();
        if !roll.is_worth_it() {
            return None;
        }
        let listing = roll.listing(self.source, last).await?;
        let item = listing.members.as_ref()?.get(self.id).filter(|it| (self.on_its_way)(it))?;
        Some((item.clone(), listing.begin))
    }

    /// The notes for the next look.
    fn next(&self) -> Notes {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.looks += 1;
        *notes
    }

    fn note(&self, last: Instant, on_its_way: bool) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        (notes.last, notes.on_its_way) = (last, on_its_way);
    }
}

impl<S: Source> Drop for Waiter<'_, S> {
    fn drop(&mut self) {
        self.source.roll().waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<T> Default for Roll<T> {
    fn default() -> Self {
        Self {
            shared: true,
            waiting: AtomicUsize::new(0),
            last: Mutex::new(None),
            fetching: tokio::sync::Mutex::new(()),
        }
    }
}

impl<T> Roll<T> {
    /// A roll whose waits each look for themselves, to compare the requests.
    #[cfg(test)]
    pub(crate) fn unshared() -> Self {
        Self { shared: false, ..Self::default() }
    }
}

impl<T: Sight> Roll<T> {
    /// Looks of an operation, which share this roll.
    pub(crate) fn looks<'a>(&'a self, client: &'a Client, call: &'a Call) -> Looks<'a, T> {
        Looks { client, call, roll: self }
    }

    /// Whether the list takes no more requests than one get for each who waits.
    fn is_worth_it(&self) -> bool {
        let pages = self.last().map_or(1, |it| it.pages);
        self.shared && self.waiting.load(Ordering::Relaxed) >= pages.max(2)
    }

    fn last(&self) -> Option<Arc<Listing<T>>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the list says now, for one whose last look was begun then. `None`: the fetch was broken off
    /// by the bounds of that one.
    async fn listing<S: Source<Item = T>>(&self, source: &S, seen: Instant) -> Option<Arc<Listing<T>>> {
        let asked = Instant::now();
        if let Some(fresh) = self.fresh(source, seen) {
            return Some(fresh);
        }
        let _turn = self.fetching.lock().await;
        let last = self.last();
        // Whoever had the turn before may have fetched it meanwhile, for however long.
        if let Some(news) =
            last.clone().filter(|it| it.end >= asked && (it.begin > seen || it.members.is_none()))
        {
            return Some(news);
        }
        if let Some(last) = &last {
            sleep_until(last.begin + source.interval()).await;
        }
        let listing = Arc::new(Listing::fetch(source, last.map_or(1, |it| it.pages)).await?);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&listing));
        Some(listing)
    }

    /// The last listing, if it is news: nearer to now than to the last look. So those whose looks would
    /// fall between each other's soon share one listing, and none looks half as often again as alone.
    fn fresh<S: Source<Item = T>>(&self, source: &S, seen: Instant) -> Option<Arc<Listing<T>>> {
        self.last().filter(|it| match it.members {
            Some(_) => it.begin.saturating_duration_since(seen) > it.begin.elapsed(),
            None => it.begin.elapsed() < source.interval().saturating_mul(WITHOUT_LIST),
        })
    }
}

impl<T: Sight> Listing<T> {
    /// Fetches the list. `None`: the bounds of this wait ended that, which says nothing about the list.
    async fn fetch<S: Source<Item = T>>(source: &S, pages_before: usize) -> Option<Self> {
        let begin = Instant::now();
        let (members, pages) = match source.walk().await {
            Ok(Walk { elements, pages, .. }) => {
                (Some(elements.into_iter().map(|it| (it.id().to_owned(), it)).collect()), pages)
            }
            Err(Error::Stopped(_) | Error::TimedOut(_)) => return None,
            Err(error) => {
                log::warn!(target: "provider", "waits look one by one, as the list could not be fetched: {}", error.gist());
                (None, pages_before)
            }
        };
        Some(Self { begin, end: Instant::now(), pages, members })
    }
}

#[cfg(test)]
mod tests;
