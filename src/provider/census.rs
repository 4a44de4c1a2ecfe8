//! What the list of one kind says about all its members, for refreshes: a list call in place of a hundred
//! gets.
//!
//! A list may lag behind a get, and say less. So it only ever confirms: a member that shows just what is
//! in the state has not changed, and everything else is looked at by a get, absence too. And it is heard
//! only after one of its members was seen to agree with what a get has shown. Knows no vendor and no
//! status; which list it is, and what agreeing means, is told by [`Listed`].

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::{Error, Result};
use crate::framework::equality::{Forms, keep_form};
use crate::framework::model::Model;
use crate::framework::value::Value;
use crate::provider::paging::{Element, Steps};

/// So many are looked at one by one before the list is asked for: as many as clients read at a time.
const ONE_BY_ONE: usize = 10;
/// A list that is older is fetched again. A refresh of some hundred things takes about as long, so the
/// list is no older than what has been refreshed before.
const FRESH: Duration = Duration::from_secs(60);
/// The longest that a read waits for the list; after that it is better off with a get.
const PATIENCE: Duration = Duration::from_secs(60);
/// So many members that disagree with gets, with none that agrees, show that the list has another form.
const MOST_DISAGREEING: usize = 3;
/// So many of the things that gets have shown are kept to judge the list by.
const MOST_WITNESSES: usize = 64;

/// A resource whose list shows as much of it as a get does.
pub(crate) trait Listed: Model + Sized {
    /// What get and list show.
    type Element: Element + Clone + Send;

    /// The list, from its beginning.
    fn steps() -> Steps<Self::Element>;

    /// Takes over what the API says.
    fn read_back(&mut self, member: Member<Self>);
}

/// What get and list show.
type Member<R> = <R as Listed>::Element;

/// The list of one kind, as far as it was needed.
pub(crate) struct Census<R: Listed> {
    /// Reads that go without the list.
    one_by_one: usize,
    /// What gets have shown, until the list is judged by it.
    witnesses: Mutex<Vec<Member<R>>>,
    /// Held while a page is fetched.
    book: tokio::sync::Mutex<Book<R>>,
}

struct Book<R: Listed> {
    reads: usize,
    /// Requests for pages, of all lists so far.
    pages: usize,
    disagreeing: usize,
    opinion: Opinion,
    list: Option<List<R>>,
}

struct List<R: Listed> {
    steps: Steps<R::Element>,
    /// When its first page was asked for.
    begin: Instant,
}

/// What is thought of the list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opinion {
    Open,
    Reliable,
    /// It cannot be fetched, or says something else than gets.
    Useless,
}

impl<R: Listed> Default for Census<R> {
    fn default() -> Self {
        Self::after(ONE_BY_ONE)
    }
}

impl<R: Listed> Census<R> {
    /// A census that begins after so many reads.
    pub(crate) fn after(one_by_one: usize) -> Self {
        let book = Book { reads: 0, pages: 0, disagreeing: 0, opinion: Opinion::Open, list: None };
        Self { one_by_one, witnesses: Mutex::default(), book: tokio::sync::Mutex::new(book) }
    }

    /// The member of the list with this id, if it shows that this state still holds. `None`: a get must
    /// tell.
    ///
    /// Pages never cost more requests than there were reads, whatever the account holds.
    pub(crate) async fn confirms(
        &self,
        client: &Client,
        call: &Call,
        id: &str,
        state: &R,
    ) -> Option<Member<R>> {
        let call = &call.within(PATIENCE);
        let mut book = call.run(self.book.lock()).await.ok()?;
        book.reads += 1;
        if book.opinion == Opinion::Useless || book.reads <= self.one_by_one {
            return None;
        }
        let affordable = book.reads - self.one_by_one;
        if let Err(error) = book.fetch(client, call, id, affordable).await
            && !matches!(error, Error::Stopped(_))
        {
            log::warn!(target: "provider", "things are read one by one, as the list could not be fetched: {}", error.gist());
            book.give_up();
        }
        book.hear(&mut self.witnesses.lock().unwrap_or_else(PoisonError::into_inner));
        let list = book.list.as_ref().filter(|_| book.opinion == Opinion::Reliable)?;
        let member = list.steps.element(id)?.clone();
        let before = state.to_object();
        (after::<R>(&before, member.clone())? == before).then_some(member)
    }

    /// Takes note of what a get has shown.
    pub(crate) fn note(&self, got: &Member<R>) {
        let mut witnesses = self.witnesses.lock().unwrap_or_else(PoisonError::into_inner);
        if witnesses.len() < MOST_WITNESSES {
            witnesses.push(got.clone());
        }
    }
}

/// A state after it has taken over what the API says, in the form that it had.
fn after<R: Listed>(state: &Value, member: Member<R>) -> Option<Value> {
    let mut resource = R::from_object(state).ok()?;
    resource.read_back(member);
    let mut object = resource.to_object();
    keep_form(&R::attributes(), state, &mut object, Forms::All);
    Some(object)
}

/// Whether a member of the list tells all that a get has told about the same thing, and the same.
fn agrees<R: Listed>(listed: &Member<R>, got: &Member<R>) -> bool {
    let listed = after::<R>(&Value::Null, listed.clone());
    listed.as_ref().is_some_and(|it| after::<R>(it, got.clone()).as_ref() == Some(it))
}

impl<R: Listed> Book<R> {
    /// Fetches pages until one has the id, as long as all pages together are affordable.
    async fn fetch(&mut self, client: &Client, call: &Call, id: &str, affordable: usize) -> Result<()> {
        if self.list.as_ref().is_some_and(|it| it.begin.elapsed() > FRESH) {
            self.list = None;
        }
        let list = self.list.get_or_insert_with(|| List { steps: R::steps(), begin: Instant::now() });
        while list.steps.element(id).is_none() && !list.steps.ended() && self.pages < affordable {
            self.pages += 1;
            list.steps.step(client, call).await?;
        }
        Ok(())
    }

    /// Compares the members that gets have shown too.
    fn hear(&mut self, witnesses: &mut Vec<Member<R>>) {
        let Some(List { steps, .. }) = self.list.as_ref().filter(|_| self.opinion == Opinion::Open) else {
            return;
        };
        let (known, unknown): (Vec<_>, Vec<_>) = std::mem::take(witnesses)
            .into_iter()
            .partition(|it| steps.ended() || steps.element(it.id()).is_some());
        *witnesses = unknown;
        if known.iter().any(|it| steps.element(it.id()).is_some_and(|listed| agrees::<R>(listed, it))) {
            self.opinion = Opinion::Reliable;
            return;
        }
        self.disagreeing += known.len();
        if self.disagreeing >= MOST_DISAGREEING {
            log::debug!(target: "provider", "things are read one by one, as the list says something else than gets");
            self.give_up();
        }
    }

    fn give_up(&mut self) {
        (self.opinion, self.list) = (Opinion::Useless, None);
    }
}
