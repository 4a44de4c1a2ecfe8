//! The creations of one kind that this process has in flight, and the ids that it has received.
//!
//! Creations that make the same cannot be told apart by what they make. So what ambiguous ones have made is
//! dealt out among them, each find once; and nothing is taken while it may be a stranger's, or while a
//! creation is in flight whose answer will tell.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::api::planted::{Bug, is_planted};
use crate::provider::life_cycle::remote::Answer;

/// The API may show times in whole seconds, and tell its own time in them.
const BEFORE: SignedDuration = SignedDuration::from_secs(2);
/// A request that was cut off may be worked on for a while (assumed).
const AFTER: SignedDuration = SignedDuration::from_secs(15);

/// Whether something that is listed is as a creation makes it, as far as the list tells.
pub(crate) type Fits<A> = Box<dyn Fn(&A) -> bool + Send + Sync>;

/// By what the thing that a creation makes is recognised.
pub(crate) struct Wanted<A> {
    pub(crate) fits: Fits<A>,
    /// What it bears.
    pub(crate) name: Name,
    /// Completes "a new VM …" for people: `named "x"`.
    pub(crate) text: String,
}

/// The name that a thing is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// The provider made it, so nothing else bears it.
    Ours,
    /// A person chose it, so others may bear it.
    Theirs,
    /// Such things have none.
    None,
}

/// The creations of one kind of thing.
pub(crate) struct InFlight<A>(Mutex<Books<A>>);

struct Books<A> {
    creations: BTreeMap<u64, Creation<A>>,
    next: u64,
    /// Ids, in lower case, that creations have received or taken over.
    claimed: BTreeSet<String>,
}

struct Creation<A> {
    wanted: Wanted<A>,
    /// The ids, in lower case, of what was there before; `None`: it is not known.
    before: Option<BTreeSet<String>>,
    /// When the call began and ended, by the API's clock; `None`: that is not known.
    begin: Option<Timestamp>,
    end: Option<Timestamp>,
    stage: Stage,
}

/// How far a creation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Its answer will tell what it has made.
    Sent,
    /// Its answer was ambiguous, and what it has made is looked for.
    Ambiguous,
    /// It was given up, and what it has made was never learnt.
    Unresolved,
}

/// A creation in flight, until it is dropped.
pub(crate) struct Ticket<'f, A: Answer> {
    in_flight: &'f InFlight<A>,
    number: u64,
}

/// What a list says of a creation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found<A> {
    /// Nothing that it may have made.
    Nothing,
    /// What it has made, or what is as good.
    Ours(A),
    /// The ids of what it may have made, and why none of them is taken.
    Unsure(Vec<String>, &'static str),
    /// The same, for as long as the answers to other creations are awaited.
    Rivalled(Vec<String>, &'static str),
}

impl<A> Default for InFlight<A> {
    fn default() -> Self {
        let books = Books { creations: BTreeMap::new(), next: 0, claimed: BTreeSet::new() };
        Self(Mutex::new(books))
    }
}

impl<A: Answer> InFlight<A> {
    /// Notes a creation that is about to be sent.
    pub(crate) fn begin(
        &self,
        wanted: Wanted<A>,
        before: Option<BTreeSet<String>>,
        begin: Option<Timestamp>,
    ) -> Ticket<'_, A> {
        let mut books = self.books();
        let number = books.next;
        books.next += 1;
        books.creations.insert(number, Creation { wanted, before, begin, end: None, stage: Stage::Sent });
        Ticket { in_flight: self, number }
    }

    /// Whether a creation of this process has made it.
    pub(crate) fn has_made(&self, id: &str) -> bool {
        self.books().claimed.contains(&id.to_ascii_lowercase())
    }

    fn books(&self) -> MutexGuard<'_, Books<A>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<A: Answer> Ticket<'_, A> {
    /// Claims the id that the answer told. `false`: it cannot be new, since it was there before or another
    /// creation has it.
    pub(crate) fn receive(&mut self, id: &str) -> bool {
        let id = id.to_ascii_lowercase();
        let mut books = self.in_flight.books();
        let before = books.creations.get(&self.number).and_then(|it| it.before.as_ref());
        let is_new = before.is_none_or(|it| !it.contains(&id)) && books.claimed.insert(id);
        if is_new {
            books.creations.remove(&self.number);
        }
        is_new
    }

    /// Notes that the call was refused, or never arrived.
    pub(crate) fn made_nothing(&mut self) {
        self.in_flight.books().creations.remove(&self.number);
    }

    /// Notes that the answer is ambiguous, and when it came by the API's clock.
    pub(crate) fn is_ambiguous(&mut self, end: Option<Timestamp>) {
        if let Some(creation) = self.in_flight.books().creations.get_mut(&self.number) {
            (creation.end, creation.stage) = (end, Stage::Ambiguous);
        }
    }

    /// Picks what this creation has made from what is listed, and claims it.
    pub(crate) fn pick<'l>(&mut self, listed: impl Iterator<Item = &'l A>) -> Found<A> {
        let mut books = self.in_flight.books();
        let Some(own) = books.creations.get(&self.number) else { return Found::Nothing };
        let candidates: Vec<_> =
            listed.filter(|it| !books.has_claimed(it) && own.may_have_made(it)).collect();
        // Keys are sorted and not what is listed, so that all kinds share one sort.
        let mut order: Vec<_> =
            candidates.iter().map(|it| (it.created(), it.id().to_owned())).zip(0..).collect();
        order.sort();
        let ids = || order.iter().map(|((_, id), _)| id.clone()).collect();
        let Some(first) = order.first().and_then(|(_, place)| candidates.get(*place)) else {
            return Found::Nothing;
        };
        if own.wanted.name == Name::Ours {
            if candidates.len() > 1 {
                return Found::Unsure(ids(), "several bear the name that the provider chose");
            }
        } else if own.before.is_none() {
            return Found::Unsure(ids(), "it could not be listed what was there before the call");
        }
        let makers = |stage: fn(Stage) -> bool| {
            let creations = books.creations.values().filter(|it| stage(it.stage));
            creations.filter(|it| candidates.iter().any(|found| it.may_have_made(found))).count()
        };
        let (all, sent) = (makers(|_| true), makers(|it| it == Stage::Sent));
        if candidates.len() > all {
            return Found::Unsure(ids(), "there are more of the same kind than this process has asked for");
        }
        if sent > 0 && candidates.len() < all {
            return Found::Rivalled(ids(), "the answer to another creation of the same kind is awaited");
        }
        let found = (*first).clone();
        books.claimed.insert(found.id().to_ascii_lowercase());
        books.creations.remove(&self.number);
        Found::Ours(found)
    }
}

impl<A: Answer> Books<A> {
    fn has_claimed(&self, answer: &A) -> bool {
        self.claimed.contains(&answer.id().to_ascii_lowercase())
    }
}

impl<A: Answer> Creation<A> {
    /// Whether this creation may have made something that is listed.
    fn may_have_made(&self, answer: &A) -> bool {
        let was_there = self.before.as_ref().is_some_and(|it| it.contains(&answer.id().to_ascii_lowercase()));
        let is_new = (!was_there && self.agrees_in_time(answer)) || is_planted(Bug::TakesOverWhatLooksAlike);
        is_new && (self.wanted.fits)(answer)
    }

    /// A name of our own proves a find by itself, and where it is known what was there before, a clock that
    /// disagrees is no veto for what bears a name. What has none must have been made while the call was made.
    fn agrees_in_time(&self, answer: &A) -> bool {
        match self.wanted.name {
            Name::Ours => true,
            Name::Theirs if self.before.is_some() => true,
            Name::Theirs | Name::None => self.is_in_time(answer) != Some(false),
        }
    }

    /// Whether something was made while the call was made, by the API's clock; `None`: that cannot be told.
    fn is_in_time(&self, answer: &A) -> Option<bool> {
        let created = answer.created()?;
        let earliest = self.begin?.checked_sub(BEFORE).ok()?;
        let is_late = |end: Timestamp| end.checked_add(AFTER).is_ok_and(|latest| created > latest);
        Some(created >= earliest && !self.end.is_some_and(is_late))
    }
}

impl<A: Answer> Drop for Ticket<'_, A> {
    fn drop(&mut self) {
        // One that is settled is not in the books any more.
        if let Some(creation) = self.in_flight.books().creations.get_mut(&self.number) {
            creation.stage = Stage::Unresolved;
        }
    }
}

#[cfg(test)]
mod tests;
