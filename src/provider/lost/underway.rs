//! The creations that this process has under way, and what they have received.
//!
//! Two creations of shapes that resemble each other cannot be told apart by what they make, so while the
//! outcome of one is open, and ever after if it stays unknown, nothing is taken over for the other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::provider::lost::roster::Roster;
use crate::provider::lost::{Before, Shape};

/// The creations of one kind of thing.
pub(crate) struct Underway<S> {
    books: Mutex<Books<S>>,
    roster: Roster,
}

struct Books<S> {
    standings: BTreeMap<S, Standing>,
    /// Ids that creations have received or taken over.
    claimed: BTreeSet<String>,
}

/// How the creations of one shape stand.
#[derive(Default)]
struct Standing {
    /// Under way.
    open: usize,
    /// Whether it was never learnt what one of them has made.
    unresolved: bool,
}

/// A creation under way, until it is dropped.
pub(super) struct Creation<'u, S: Shape> {
    underway: &'u Underway<S>,
    pub(super) shape: S,
    /// What was there before the call; none when it is not known, or does not matter.
    pub(super) before: Option<Before>,
    /// When the call was made.
    pub(super) since: Timestamp,
    /// Whether it is known what it has made.
    is_settled: bool,
}

/// What a look at the list says of a creation.
pub(super) enum Verdict<M> {
    /// Nothing that it may have made.
    None,
    /// What it has made.
    Ours(M),
    /// The ids of what it may have made.
    Unsure(Vec<String>),
}

impl<S> Default for Underway<S> {
    fn default() -> Self {
        let books = Books { standings: BTreeMap::new(), claimed: BTreeSet::new() };
        Self { books: Mutex::new(books), roster: Roster::default() }
    }
}

impl<S: Shape> Underway<S> {
    /// Notes a creation, and what there is before it.
    pub(super) async fn begin(&self, client: &Client, call: &Call, shape: S) -> Creation<'_, S> {
        self.books().standings.entry(shape.clone()).or_default().open += 1;
        let mut creation =
            Creation { underway: self, shape, before: None, since: client.now(), is_settled: false };
        if !creation.shape.is_unique() {
            creation.before = self.roster.ids::<S>(client, call).await;
            creation.since = client.now();
        }
        creation
    }

    fn books(&self) -> MutexGuard<'_, Books<S>> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Shape> Books<S> {
    /// How all the creations stand that could make what this one makes.
    fn standing(&self, shape: &S) -> Standing {
        let alike = self.standings.iter().filter(|(it, _)| it.resembles(shape));
        alike.fold(Standing::default(), |sum, (_, it)| Standing {
            open: sum.open + it.open,
            unresolved: sum.unresolved || it.unresolved,
        })
    }
}

impl<S: Shape> Creation<'_, S> {
    /// Notes the id that the answer told.
    pub(super) fn received(&mut self, id: &str) {
        self.underway.books().claimed.insert(id.to_owned());
        self.is_settled = true;
    }

    /// Notes that the call was refused, or never arrived.
    pub(super) fn made_nothing(&mut self) {
        self.is_settled = true;
    }

    /// Whether such creations are under way besides: their answers may make the next look clearer.
    pub(super) fn has_rivals(&self) -> bool {
        self.underway.books().standing(&self.shape).open > 1
    }

    /// Picks what this creation has made from what it may have made, and claims it.
    pub(super) fn judge(&mut self, mut candidates: Vec<S::Member>) -> Verdict<S::Member> {
        let mut books = self.underway.books();
        candidates.retain(|it| !books.claimed.contains(S::id(it)));
        let standing = books.standing(&self.shape);
        let is_alone = standing.open <= 1 && !standing.unresolved;
        let is_told_apart = self.shape.is_unique() || self.before.is_some();
        let ids: Vec<_> = candidates.iter().map(|it| S::id(it).to_owned()).collect();
        match candidates.pop() {
            None => Verdict::None,
            Some(only) if candidates.is_empty() && is_alone && is_told_apart => {
                books.claimed.extend(ids);
                self.is_settled = true;
                Verdict::Ours(only)
            }
            Some(_) => Verdict::Unsure(ids),
        }
    }
}

impl<S: Shape> Drop for Creation<'_, S> {
    fn drop(&mut self) {
        let mut books = self.underway.books();
        let Some(standing) = books.standings.get_mut(&self.shape) else { return };
        standing.open = standing.open.saturating_sub(1);
        standing.unresolved |= !self.is_settled;
        if standing.open == 0 && !standing.unresolved {
            books.standings.remove(&self.shape);
        }
    }
}
