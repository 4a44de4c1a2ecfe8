//! Things of one kind at their vendor: what an answer shows of one, and how an operation reaches them.
//!
//! An [`Answer`] is the vendor's side of a resource: how it is read and listed, and what its status means. A
//! [`Remote`] is one operation's way to all things of a kind; what the operations of a process share about
//! them is the [`Kind`].

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value as Json;

use crate::api::call::{Call, Intent};
use crate::api::client::Client;
use crate::api::error::Result;
use crate::provider::life_cycle::in_flight::InFlight;
use crate::provider::life_cycle::judge::Observation;
use crate::provider::life_cycle::list_cache::ListCache;
use crate::provider::life_cycle::phase::{Phase, Phases, is_known};
use crate::provider::paging::{Element, Steps};

/// What get and list show of a thing. One without a status is ready as long as it is there.
pub(crate) trait Answer: Element + Clone + Send + Sync + 'static {
    /// The statuses that are known. None: it has no status.
    const PHASES: Phases = &[];

    /// Whether other things use one, so that it cannot be removed meanwhile.
    const IS_USED: bool = Self::PHASES.is_empty();

    /// What becomes another one whenever something may have changed that the list leaves out, such as the time of the last
    /// start; empty where that is not told. `None`: the list leaves out nothing.
    fn mark(&self) -> Option<&str> {
        None
    }

    /// Whether the list is in no page of the API and costs nothing to be wrong about: where there is no such call, a get is
    /// believed alone.
    const LIST_IS_ASSUMED: bool = false;

    /// The list, from its beginning.
    fn list() -> Steps<Self>;

    /// Reads one by its id. `None`: no call does, so it is looked for in the list.
    ///
    /// # Errors
    /// [`NotFound`](crate::api::error::Error::NotFound) when it is not there; one whose status says that it is gone is an answer.
    fn get<'a>(
        client: &'a Client,
        call: &'a Call,
        id: &'a str,
    ) -> Option<impl Future<Output = Result<Self>> + Send + 'a> {
        let _ = (client, call, id);
        None::<std::future::Ready<Result<Self>>>
    }

    /// Its name; empty where such things have none.
    fn name(&self) -> &str {
        ""
    }

    /// When it was made, by the API's clock, if that is told.
    fn created(&self) -> Option<Timestamp> {
        None
    }

    /// The status, as the API writes it.
    fn status(&self) -> &str {
        ""
    }

    /// What the status means.
    fn phase(&self) -> Phase {
        if Self::PHASES.is_empty() { Phase::Ready } else { Phase::of(Self::PHASES, self.status()) }
    }

    /// What ails it, in the API's words.
    fn trouble(&self) -> Option<&str> {
        None
    }

    /// All that the API says of what ails it.
    fn explanation(&self) -> Option<String> {
        self.trouble().map(str::to_owned)
    }

    /// Why its hardware is, or is about to be, with someone else: completes "…: ".
    fn loss(&self) -> Option<String> {
        None
    }

    /// The setting with which the platform could not take it back at any time; `None`: it cannot now.
    fn would_be_kept_by(&self) -> Option<&'static str> {
        None
    }

    /// What to do when it cannot become ready, in full sentences.
    fn advice(&self) -> String {
        String::new()
    }

    /// Whether it tells all that a ready one tells in the end, such as its address.
    fn is_complete(&self) -> bool {
        true
    }

    /// What a wait needs to know of it.
    fn observation(&self) -> Observation<'_> {
        Observation {
            status: self.status(),
            is_known: Self::PHASES.is_empty() || is_known(Self::PHASES, self.status()),
            phase: self.phase(),
            is_troubled: self.trouble().is_some(),
            is_complete: self.is_complete(),
        }
    }
}

/// What the operations of a process share about the things of one kind.
pub(crate) struct Kind<A: Answer> {
    pub(crate) list: ListCache<A>,
    pub(crate) in_flight: InFlight<A>,
    /// Held by a creation whose answer need not tell an id, until it has found what it has made.
    pub(crate) untold: tokio::sync::Mutex<()>,
}

impl<A: Answer> Kind<A> {
    /// A kind with this list.
    #[cfg(test)]
    pub(crate) fn with(list: ListCache<A>) -> Self {
        Self { list, ..Self::default() }
    }
}

impl<A: Answer> Default for Kind<A> {
    fn default() -> Self {
        Self {
            list: ListCache::default(),
            in_flight: InFlight::default(),
            untold: tokio::sync::Mutex::default(),
        }
    }
}

/// An operation's way to the things of one kind, within its bounds.
pub(crate) struct Remote<'a, A: Answer> {
    pub(crate) client: &'a Client,
    pub(crate) call: Call,
    pub(crate) kind: Arc<Kind<A>>,
    /// What a sentence calls one: `VM`.
    pub(crate) thing: &'static str,
    /// Whom a wait tells each status that it comes to see.
    pub(crate) tell: Option<&'a (dyn Fn(&str) + Send + Sync)>,
}

impl<A: Answer> Clone for Remote<'_, A> {
    fn clone(&self) -> Self {
        Self { call: self.call.clone(), kind: Arc::clone(&self.kind), ..*self }
    }
}

impl<'a, A: Answer> Remote<'a, A> {
    /// An operation's way, on which a wait tells nobody.
    pub(crate) fn new(client: &'a Client, call: Call, kind: Arc<Kind<A>>, thing: &'static str) -> Self {
        Self { client, call, kind, thing, tell: None }
    }

    /// The same with at most this much time from now.
    pub(crate) fn within(&self, time: Duration) -> Self {
        Self { call: self.call.within(time), ..self.clone() }
    }

    /// Looks at one.
    ///
    /// # Errors
    /// [`NotFound`](crate::api::error::Error::NotFound) is what one witness says; the others are those of the call.
    pub(crate) async fn get(&self, id: &str) -> Result<A> {
        let Some(read) = A::get(self.client, &self.call, id) else {
            return self.kind.list.find(self, id).await;
        };
        read.await
    }

    /// Sends a call that changes one, which the body names.
    ///
    /// # Errors
    /// Those of the call.
    pub(crate) async fn post_change(&self, path: &str, body: &Json) -> Result<()> {
        self.client.post(&self.call, path, body, Intent::Change(A::KIND)).await
    }

    /// Sends a call that removes one, which the body names.
    ///
    /// # Errors
    /// Those of the call.
    pub(crate) async fn post_removal(&self, path: &str, body: &Json) -> Result<()> {
        self.client.post(&self.call, path, body, Intent::Remove(A::KIND)).await
    }
}

/// A text that says something: none of the fillers that stand where there is nothing to say.
pub(crate) fn meaningful(text: &str) -> Option<&str> {
    const FILLERS: [&str; 10] = ["", "none", "null", "nil", "ok", "success", "no error", "n/a", "-", "0"];
    let text = text.trim();
    (!FILLERS.iter().any(|it| text.eq_ignore_ascii_case(it))).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filler_says_nothing() {
        for text in ["", " ", "none", "None", "NULL", "ok", "Success", "no error", "-"] {
            assert_eq!(meaningful(text), None, "{text:?}");
        }
        assert_eq!(meaningful(" image not found "), Some("image not found"));
    }
}
