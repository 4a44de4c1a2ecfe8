//! The list of one kind of things, and all that is asked of it: one walk serves everyone who can do with one
//! that is no older than a given moment.
//!
//! A list may lag behind a get, and say less. So nothing is taken from it but
//!
//! - that a thing is not in it, as a second witness beside a get (and by a walk that began after that get);
//! - that a thing is still on its way, for waits, each of which has seen it so by a get before;
//! - that a state still holds, for refreshes: every difference, and absence, is looked at by a get, and the
//!   list is heard only after one of its elements was seen to agree with a get;
//! - what there was before a create call, what there is since, and what bears a name.
//!
//! Knows no vendor and no status.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::api::error::{Details, Error, Result};
use crate::api::resource_kind::ResourceId;
use crate::provider::life_cycle::remote::{Answer, Remote};
use crate::provider::paging::{Read, Steps};

mod refresh;

use refresh::{Book, Witnesses};

/// A list that failed is not asked for by waits for so many intervals: each of them looks for itself then.
const WITHOUT_LIST: u32 = 6;

/// A list, walked to its end.
pub(crate) struct Listing<A> {
    /// When the first of its requests was made; nothing in it is newer for sure.
    begin: Instant,
    /// When the last of them was answered.
    end: Instant,
    /// Its requests.
    pages: usize,
    /// Elements that could not be read.
    unreadable: usize,
    /// Whether its end was seen, and not only told.
    is_whole: bool,
    elements: BTreeMap<ResourceId, Read<A>>,
}

impl<A: Answer> Listing<A> {
    /// The element with this id, in whatever case.
    pub(crate) fn get(&self, id: &str) -> Option<&A> {
        self.elements.get(&ResourceId::parse(A::KIND, id)?).map(Read::element)
    }

    /// Whether there is no element with this id.
    ///
    /// # Errors
    /// [`Error::Decode`] when one of those that could not be read may be it.
    pub(crate) fn lacks(&self, id: &str) -> Result<bool> {
        match (self.get(id), self.unreadable) {
            (Some(_), _) => Ok(false),
            (None, 0) => Ok(true),
            (None, count) => {
                let message =
                    format!("{count} elements of the list were not understood, and {id} may be one of them");
                Err(Error::Decode(Details::new("", message).into()))
            }
        }
    }

    /// All elements, ordered by id.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &A> {
        self.elements.values().map(Read::element)
    }

    /// When the first of its requests was made.
    pub(crate) fn begin(&self) -> Instant {
        self.begin
    }
}

/// The list of one kind, as far as it was needed.
pub(crate) struct ListCache<A: Answer> {
    /// Tests switch it off, to see what it saves.
    shared: bool,
    /// How many wait for something.
    waiting: AtomicUsize,
    last: Mutex<Last<A>>,
    witnesses: Witnesses<A>,
    /// Held while a page is fetched. Whoever gives up lets the next one fetch it.
    book: tokio::sync::Mutex<Book<A>>,
}

/// How the last walks ended.
struct Last<A> {
    listing: Option<Arc<Listing<A>>>,
    failure: Option<Failure>,
}

/// A walk that failed.
#[derive(Clone)]
struct Failure {
    begin: Instant,
    end: Instant,
    error: Error,
}

/// A walk under way.
struct Walking<A: Answer> {
    begin: Instant,
    steps: Steps<A>,
}

/// One of those who wait, until it is dropped.
pub(crate) struct Waiting<'c>(&'c AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<A: Answer> Default for ListCache<A> {
    fn default() -> Self {
        Self::new(true, refresh::ONE_BY_ONE)
    }
}

impl<A: Answer> ListCache<A> {
    /// A cache that waits share or not, and that refreshes ask after so many reads.
    pub(crate) fn new(shared: bool, one_by_one: usize) -> Self {
        Self {
            shared,
            waiting: AtomicUsize::new(0),
            last: Mutex::new(Last { listing: None, failure: None }),
            witnesses: Witnesses::default(),
            book: tokio::sync::Mutex::new(Book::new(one_by_one)),
        }
    }

    /// The requests that a walk took last; one as long as nobody knows.
    pub(crate) fn pages(&self) -> usize {
        self.last().listing.as_ref().map_or(1, |it| it.pages)
    }

    /// Counts someone who waits for something.
    pub(crate) fn waits(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(&self.waiting)
    }

    /// The list to its very end, from a walk that began at this moment or later.
    ///
    /// Who asks while a walk is under way waits for it; one that failed has failed for all of them.
    ///
    /// # Errors
    /// Those of the walk and of the bounds.
    pub(crate) async fn walked(&self, at: &Remote<'_, A>, since: Instant) -> Result<Arc<Listing<A>>> {
        if let Some(known) = self.known(since) {
            return known;
        }
        let mut book = self.turn(at).await?;
        match self.known(since) {
            Some(known) => known,
            None => {
                self.begun(&mut book, since).steps.distrust();
                self.walk(at, &mut book).await
            }
        }
    }

    /// Looks for one thing in the list as it is now.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not in it; those of [`ListCache::walked`].
    pub(crate) async fn find(&self, at: &Remote<'_, A>, id: &str) -> Result<A> {
        let since = Instant::now();
        if let Some(found) = self.element(at, id, since).await? {
            return Ok(found);
        }
        self.walked(at, since).await?.lacks(id)?;
        Err(Error::gone("", format!("the list has no {} with the id {id:?}", at.thing)))
    }

    /// An element of the list, from the first page that has it, of a walk that began at this moment or later.
    ///
    /// # Errors
    /// Those of [`ListCache::walked`].
    pub(crate) async fn element(&self, at: &Remote<'_, A>, id: &str, since: Instant) -> Result<Option<A>> {
        let mut book = self.turn(at).await?;
        loop {
            if let Some(listing) = self.known(since).transpose()? {
                return Ok(listing.get(id).cloned());
            }
            let steps = &mut self.begun(&mut book, since).steps;
            if let Some(found) = steps.element(id) {
                return Ok(Some(found.clone()));
            }
            steps.distrust();
            self.advance(at, &mut book).await?;
        }
    }

    /// The turn to fetch pages.
    async fn turn(&self, at: &Remote<'_, A>) -> Result<tokio::sync::MutexGuard<'_, Book<A>>> {
        let turn = at.call.run(self.book.lock()).await;
        turn.map_err(|why| Error::interrupted(why, "", "waiting for its turn to list", None))
    }

    /// What the list tells a wait whose last look was begun at `seen`. `None`: a get must tell.
    ///
    /// A listing is news if it is nearer to now than to that look. So those whose looks would fall between
    /// each other's soon share one, and none looks half as often again as alone.
    pub(crate) async fn news(&self, at: &Remote<'_, A>, seen: Instant) -> Option<Arc<Listing<A>>> {
        if !self.is_worth_it() {
            return None;
        }
        let asked = Instant::now();
        let is_news = |it: &Listing<A>| it.begin.saturating_duration_since(seen) > it.begin.elapsed();
        let has_failed = |it: &Failure| it.end.elapsed() < at.client.poll_interval() * WITHOUT_LIST;
        if let Some(known) = self.known_to_waits(is_news, has_failed) {
            return known;
        }
        let mut book = self.book.lock().await;
        // Whoever had the turn before may have fetched it meanwhile, for however long.
        let is_news = |it: &Listing<A>| it.end >= asked && it.begin > seen;
        if let Some(known) = self.known_to_waits(is_news, |it| it.end >= asked) {
            return known;
        }
        self.begun(&mut book, seen + Duration::from_nanos(1));
        let listing = self.walk(at, &mut book).await;
        listing
            .inspect_err(|error| {
                log::warn!(target: "provider", "waits look one by one, as the list could not be fetched: {}", error.gist());
            })
            .ok()
    }

    /// What is known already: that the list is of no use now, or what it said.
    fn known_to_waits(
        &self,
        is_news: impl Fn(&Listing<A>) -> bool,
        has_failed: impl Fn(&Failure) -> bool,
    ) -> Option<Option<Arc<Listing<A>>>> {
        let last = self.last();
        if last.failure.as_ref().is_some_and(has_failed) {
            return Some(None);
        }
        last.listing.as_ref().filter(|it| is_news(it)).map(|it| Some(Arc::clone(it)))
    }

    /// Whether the list takes no more requests than one get for each who waits.
    fn is_worth_it(&self) -> bool {
        self.shared && self.waiting.load(Ordering::Relaxed) >= self.pages().max(2)
    }

    /// How a walk to the very end ended that began at this moment or later.
    fn known(&self, since: Instant) -> Option<Result<Arc<Listing<A>>>> {
        let last = self.last();
        let listing = last.listing.as_ref().filter(|it| it.begin >= since && it.is_whole).cloned();
        let failure = || last.failure.as_ref().filter(|it| it.begin >= since).map(|it| it.error.clone());
        listing.map(Ok).or_else(|| failure().map(Err))
    }

    /// The walk under way, if it began at this moment or later; else a new one.
    fn begun<'b>(&self, book: &'b mut Book<A>, since: Instant) -> &'b mut Walking<A> {
        book.walking.take_if(|it| it.begin < since);
        self.begun_at_all(book)
    }

    /// The walk under way, or a new one.
    fn begun_at_all<'b>(&self, book: &'b mut Book<A>) -> &'b mut Walking<A> {
        book.walking.get_or_insert_with(|| Walking::begin(self.last().listing.as_deref()))
    }

    /// Goes on with the walk under way, to its end.
    async fn walk(&self, at: &Remote<'_, A>, book: &mut Book<A>) -> Result<Arc<Listing<A>>> {
        loop {
            if let Some(listing) = self.advance(at, book).await? {
                return Ok(listing);
            }
        }
    }

    /// Fetches one more page; the listing, if it was the last one. A walk that is interrupted by the bounds of
    /// one who asked can be gone on with.
    async fn advance(&self, at: &Remote<'_, A>, book: &mut Book<A>) -> Result<Option<Arc<Listing<A>>>> {
        let walking = self.begun_at_all(book);
        let begin = walking.begin;
        match walking.steps.step(at.client, &at.call).await {
            Ok(()) => {}
            Err(error @ (Error::Stopped(_) | Error::TimedOut(_))) => return Err(error),
            Err(error) => {
                book.walking = None;
                self.last().failure = Some(Failure { begin, end: Instant::now(), error: error.clone() });
                return Err(error);
            }
        }
        Ok(book.walking.take_if(|it| it.steps.ended()).map(|it| {
            let listing = Arc::new(it.into_listing());
            self.last().listing = Some(Arc::clone(&listing));
            listing
        }))
    }

    fn last(&self) -> MutexGuard<'_, Last<A>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<A: Answer> Walking<A> {
    /// A walk that does not decode again what is as in the last listing.
    fn begin(last: Option<&Listing<A>>) -> Self {
        let steps = A::list().knowing(last.iter().flat_map(|it| it.elements.values()));
        Self { begin: Instant::now(), steps }
    }

    fn into_listing(self) -> Listing<A> {
        let is_whole = self.steps.is_distrustful();
        let (unreadable, pages) = (self.steps.unreadable(), self.steps.pages());
        let elements = self.steps.into_elements();
        Listing { begin: self.begin, end: Instant::now(), pages, unreadable, is_whole, elements }
    }
}

#[cfg(test)]
mod tests;
