//! What the list says to the refresh of many: a few pages in place of a get for each.
//!
//! It only ever confirms. Pages never cost more requests than there were reads, whatever the account holds.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tfplugin::equality::{Forms, keep_form};
use tfplugin::value::Value;

use crate::api::error::{Error, Result};
use crate::provider::life_cycle::list_cache::{ListCache, Listing, Walking};
use crate::provider::life_cycle::remote::{Answer, Remote};
use crate::provider::life_cycle::stored::Stored;
use crate::provider::read_back::Origin;

/// So many are looked at one by one before the list is asked for: as many as clients read at a time.
pub(super) const ONE_BY_ONE: usize = 10;
/// A list that is older is fetched again. A refresh of some hundred things takes about as long, so the
/// list is no older than what has been refreshed before.
pub(super) const FRESH: Duration = Duration::from_secs(60);
/// The longest that a read waits for the list; after that it is better off with a get.
const PATIENCE: Duration = Duration::from_secs(60);
/// So many elements that disagree with gets, with none that agrees, show that the list has another form.
const MOST_DISAGREEING: usize = 3;
/// So many of the things that gets have shown are kept to judge the list by.
const MOST_WITNESSES: usize = 64;

/// What gets have shown, until the list is judged by it.
pub(super) struct Witnesses<A>(Mutex<Vec<A>>);

impl<A> Default for Witnesses<A> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// The walk under way, and what refreshes think of the list.
pub(super) struct Book<A: Answer> {
    pub(super) walking: Option<Walking<A>>,
    /// Reads that go without the list.
    one_by_one: usize,
    reads: usize,
    /// Pages that refreshes have asked for.
    pages: usize,
    disagreeing: usize,
    opinion: Opinion,
}

/// What is thought of the list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opinion {
    Open,
    Reliable,
    /// It cannot be fetched, or says something else than gets.
    Useless,
}

impl<A: Answer> Book<A> {
    pub(super) fn new(one_by_one: usize) -> Self {
        Self { walking: None, one_by_one, reads: 0, pages: 0, disagreeing: 0, opinion: Opinion::Open }
    }
}

impl<A: Answer> ListCache<A> {
    /// What the list shows of a thing, if it shows that this state still holds. `None`: a get must tell. `is_marked_so`:
    /// whether what the list leaves out is still as the state has it.
    pub(crate) async fn confirms<S: Stored<Answer = A>>(
        &self,
        at: &Remote<'_, A>,
        state: &S,
        is_marked_so: impl Fn(&A) -> bool,
    ) -> Option<A> {
        let at = &at.within(PATIENCE);
        let id = state.id().text_or_empty();
        let mut book = at.call.run(self.book.lock()).await.ok()?;
        book.reads += 1;
        if book.opinion == Opinion::Useless || book.reads <= book.one_by_one {
            return None;
        }
        if let Err(error) = self.look_for(at, &mut book, id).await
            && !matches!(error, Error::Stopped(_))
        {
            log::warn!(target: "provider", "things are read one by one, as the list could not be fetched: {}", error.gist());
            book.opinion = Opinion::Useless;
        }
        self.hear::<S>(&mut book);
        let mut element = self.listed(&book, id).filter(|_| book.opinion == Opinion::Reliable)?;
        if !is_marked_so(&element) {
            return None;
        }
        state.complete_listed(&mut element);
        let before = state.to_object();
        let after = taken::<S>(&before, element.clone())?;
        (after == before || in_form::<S>(&before, after) == before).then_some(element)
    }

    /// Takes note of what a get has shown.
    pub(crate) fn note(&self, got: &A) {
        let mut witnesses = self.witnesses.0.lock().unwrap_or_else(PoisonError::into_inner);
        if witnesses.len() < MOST_WITNESSES {
            witnesses.push(got.clone());
        }
    }

    /// Fetches pages until one has the id, as long as all pages together are affordable.
    async fn look_for(&self, at: &Remote<'_, A>, book: &mut Book<A>, id: &str) -> Result<()> {
        book.walking.take_if(|it| it.begin.elapsed() > FRESH);
        let affordable = book.reads - book.one_by_one;
        while self.listed(book, id).is_none() && self.fresh().is_none() && book.pages < affordable {
            book.pages += 1;
            self.advance(at, book).await?;
        }
        Ok(())
    }

    /// An element of a list that is fresh, as far as it has been walked through.
    fn listed(&self, book: &Book<A>, id: &str) -> Option<A> {
        let walking = book.walking.as_ref().and_then(|it| it.steps.element(id)).cloned();
        walking.or_else(|| self.fresh()?.get(id).cloned())
    }

    /// The last list that was walked through, if it is fresh.
    fn fresh(&self) -> Option<Arc<Listing<A>>> {
        self.last().listing.clone().filter(|it| it.begin.elapsed() <= FRESH)
    }

    /// Compares the elements that gets have shown too.
    fn hear<S: Stored<Answer = A>>(&self, book: &mut Book<A>) {
        if book.opinion != Opinion::Open {
            return;
        }
        let is_whole = self.fresh().is_some();
        let mut witnesses = self.witnesses.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut unknown = Vec::new();
        for got in std::mem::take(&mut *witnesses) {
            match self.listed(book, got.id()) {
                Some(listed) if agrees::<S>(&listed, &got) => {
                    book.opinion = Opinion::Reliable;
                    return;
                }
                Some(_) => book.disagreeing += 1,
                None if is_whole => book.disagreeing += 1,
                None => unknown.push(got),
            }
        }
        *witnesses = unknown;
        if book.disagreeing >= MOST_DISAGREEING {
            log::debug!(target: "provider", "things are read one by one, as the list says something else than gets");
            book.opinion = Opinion::Useless;
        }
    }
}

/// A state after it has taken over what the API says, in the form that it had.
fn after<S: Stored>(state: &Value, answer: S::Answer) -> Option<Value> {
    Some(in_form::<S>(state, taken::<S>(state, answer)?))
}

fn taken<S: Stored>(state: &Value, answer: S::Answer) -> Option<Value> {
    let mut resource = S::from_object(state).ok()?;
    resource.take(answer, Origin::Refreshed);
    Some(resource.to_object())
}

fn in_form<S: Stored>(state: &Value, mut object: Value) -> Value {
    keep_form(&S::attributes(), state, &mut object, Forms::All);
    object
}

/// Whether an element of the list tells all that a get has told about the same thing, and the same, but for what lists of
/// its kind leave out.
fn agrees<S: Stored>(listed: &S::Answer, got: &S::Answer) -> bool {
    let mut listed = listed.clone();
    let state = after::<S>(&Value::Null, got.clone()).and_then(|it| S::from_object(&it).ok());
    if let Some(state) = state {
        state.complete_listed(&mut listed);
    }
    let listed = after::<S>(&Value::Null, listed);
    listed.as_ref().is_some_and(|it| after::<S>(it, got.clone()).as_ref() == Some(it))
}
