//! Sending a create call, and finding what it has made when its answer does not tell.
//!
//! The call is never repeated once something may have come of it. What it may have made is looked for in the
//! list, for a minute and a half, and taken over only when nothing else can be meant; otherwise the ids are
//! told. Some calls tell no id although they worked: then the same search is the usual way. By what a find is known,
//! and which creations it may belong to, stands in [`in_flight`].
//!
//! [`in_flight`]: crate::provider::life_cycle::in_flight

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::api::call::Call;
use crate::api::error::{Details, Error, Result};
use crate::api::planted::{Bug, is_planted};
use crate::provider::life_cycle::in_flight::{Found, Name, Ticket, Wanted};
use crate::provider::life_cycle::pace::Pace;
use crate::provider::life_cycle::remote::{Answer, Remote};

/// So long a lost thing is looked for: it may be made late, and be listed late (assumed).
const SEARCH: Duration = Duration::from_secs(90);
/// Bound of the last look after a stop: the user waits for the program to end.
const AFTER_STOP: Duration = Duration::from_secs(1);
/// Bound of the last look after the deadline: a list that fails or hangs is asked for once more.
const AFTER_DEADLINE: Duration = Duration::from_secs(30);
/// Longest time for the list from before a call; without it only a name of our own proves a find.
const LIST_WITHIN: Duration = Duration::from_secs(20);
/// How old that list may be where things bear names. What someone else makes meanwhile may be taken for ours, so
/// it is short; yet hundreds of creations must not make hundreds of lists.
const LIST_AGE: Duration = Duration::from_secs(30);
/// A refusal that passes is sent again for so long, at this interval (seen by a client of Novita).
const PASSING: Duration = Duration::from_secs(30);
const PASSES_IN: Duration = Duration::from_secs(8);

/// What a create call has made.
#[derive(Debug)]
pub(crate) struct Made<A> {
    pub(crate) answer: A,
    /// Why it was taken for what the call has made, in a full sentence, where its answer did not tell and no
    /// name of the provider's does.
    pub(crate) taken_over: Option<String>,
}

/// A create call that brought nothing that could be told.
#[derive(Debug)]
pub(crate) struct NotMade {
    /// How the call failed.
    pub(crate) error: Error,
    /// What may exist and what to do about it, in full sentences.
    pub(crate) aftermath: String,
}

/// A call that makes something.
pub(crate) struct Creation<P> {
    /// Sends it.
    pub(crate) post: P,
    /// Whether a refusal passes by itself within seconds.
    pub(crate) passes: fn(&Error) -> bool,
    /// How to find one by hand, in a full sentence.
    pub(crate) search: &'static str,
    /// Whether a successful answer tells the id for sure. Where it need not, creations wait for each other, as nothing
    /// else may tell apart what two of them have made.
    pub(crate) tells_id: bool,
    /// Whether what it makes costs money as long as it exists.
    pub(crate) costs: bool,
}

impl<A: Answer> Remote<'_, A> {
    /// Makes a thing, and looks for it should the answer not tell what was made.
    ///
    /// # Errors
    /// Nothing was created, or it cannot be told what.
    pub(crate) async fn create<P, F>(
        &self,
        wanted: Wanted<A>,
        creation: Creation<P>,
    ) -> Result<Made<A>, NotMade>
    where
        P: Fn() -> F + Send + Sync,
        F: Future<Output = Result<A>> + Send,
    {
        let (name, text) = (wanted.name, wanted.text.clone());
        let _turn = match creation.tells_id {
            true => None,
            false => Some(self.turn_to_create().await?),
        };
        let before = if name == Name::Ours { None } else { self.ids_before(name, creation.tells_id).await };
        let since = self.client.now();
        let mut ticket = self.kind.in_flight.begin(wanted, before, self.client.api_time());
        let mut is_usual = false;
        let error = match self.send(&creation).await {
            Ok(answer) if answer.id().is_empty() && !creation.tells_id => {
                is_usual = true;
                untold(self.thing)
            }
            Ok(answer) if ticket.receive(answer.id()) => return Ok(Made { answer, taken_over: None }),
            Ok(answer) => not_new(self.thing, answer.id()),
            Err(error @ Error::Ambiguous(_)) if !is_planted(Bug::TakesDoubtForRefusal) => error,
            Err(error) => {
                ticket.made_nothing();
                return Err(self.not_made(error));
            }
        };
        let level = if is_usual { log::Level::Info } else { log::Level::Warn };
        log::log!(target: "provider", level, thing = self.thing; "it is not clear what a create has made, looking for it: {}", error.gist());
        ticket.is_ambiguous(self.client.api_time());
        let Creation { search: by_hand, costs, .. } = creation;
        let mut search =
            Search { remote: self, ticket, name, text, by_hand, since, lists: 0, is_usual, costs };
        search.run().await.map_err(|aftermath| NotMade { error, aftermath })
    }

    /// The turn of a creation whose answer need not tell an id.
    async fn turn_to_create(&self) -> Result<tokio::sync::MutexGuard<'_, ()>, NotMade> {
        let turn = self.call.run(self.kind.untold.lock()).await;
        turn.map_err(|why| {
            self.not_made(Error::interrupted(why, "", "waiting for its turn to be made", None))
        })
    }

    fn not_made(&self, error: Error) -> NotMade {
        NotMade { error, aftermath: format!("No {} was created.", self.thing) }
    }

    /// Sends the call, again and again while it is refused for what passes.
    async fn send<P, F>(&self, creation: &Creation<P>) -> Result<A>
    where
        P: Fn() -> F + Send + Sync,
        F: Future<Output = Result<A>> + Send,
    {
        let begin = Instant::now();
        loop {
            let sent = (creation.post)().await;
            match sent {
                Err(error) if (creation.passes)(&error) && begin.elapsed() + PASSES_IN <= PASSING => {
                    log::warn!(target: "provider", thing = self.thing; "a create is sent again, as its refusal passes: {}", error.gist());
                    if self.call.pause(PASSES_IN).await.is_err() {
                        return Err(error);
                    }
                }
                other => return other,
            }
        }
    }

    /// The ids, in lower case, of what there is; `None` if it cannot be listed in time. Without names many look
    /// alike, so nothing is to be made between the list and the call: only where a list takes many requests is
    /// it kept, for a second each, so that lists take no more than about a request in a second. It is never kept where
    /// an answer need not tell the id.
    async fn ids_before(&self, name: Name, tells_id: bool) -> Option<BTreeSet<String>> {
        let list = &self.kind.list;
        let age = match name {
            _ if !tells_id => Duration::ZERO,
            Name::None => Duration::from_secs(list.pages().saturating_sub(1).try_into().unwrap_or(0)),
            Name::Ours | Name::Theirs => LIST_AGE,
        };
        let now = Instant::now();
        let listing = list.walked(&self.within(LIST_WITHIN), now.checked_sub(age).unwrap_or(now)).await;
        let listing = listing.inspect_err(|error| {
            log::warn!(target: "provider", thing = self.thing; "could not list what is there before a create: {}", error.gist());
        });
        Some(listing.ok()?.elements().map(|it| it.id().to_ascii_lowercase()).collect())
    }
}

/// An answer that says that something was made, and not what.
fn untold(thing: &str) -> Error {
    let message = format!("the {thing} was created, and the answer does not contain its id");
    let advice = "The vendor's answer to this call need not have one.";
    Error::Ambiguous(Details::new("", message).into())
        .described(format!("New {thing} cannot be found"), advice)
}

/// An answer with an id that was there before, or that another creation has.
fn not_new(thing: &str, id: &str) -> Error {
    let message = format!("the answer has an id of the new {thing} that is not a new one: {id}");
    Error::Ambiguous(Details::new("", message).into())
}

/// The search for what an ambiguous call has made.
struct Search<'s, 'a, A: Answer> {
    remote: &'s Remote<'a, A>,
    ticket: Ticket<'s, A>,
    name: Name,
    /// `named "x"`
    text: String,
    by_hand: &'static str,
    /// When the call was made, by the clock of this machine.
    since: Timestamp,
    /// Lists that were read.
    lists: usize,
    /// Whether the call has worked and told no id, as it may.
    is_usual: bool,
    /// Whether such a thing costs money.
    costs: bool,
}

impl<A: Answer> Search<'_, '_, A> {
    /// Looks until it is found, or the time for that is up.
    async fn run(&mut self) -> Result<Made<A>, String> {
        let (remote, begin) = (self.remote, Instant::now());
        let mut pace = Pace::new(remote.client.poll_interval());
        let mut unsure = None;
        let mut pause = if self.is_usual { Duration::ZERO } else { pace.pause(Duration::ZERO) };
        loop {
            let (found, is_last) = match remote.call.pause(pause).await {
                Ok(()) => self.look_within_bounds(&remote.call).await,
                Err(_) => (self.last_look().await, true),
            };
            match found {
                Ok(Found::Ours(answer)) => return Ok(self.made(answer)),
                Ok(Found::Nothing) => {}
                Ok(Found::Rivalled(ids, why)) => unsure = Some((ids, why)),
                Ok(Found::Unsure(ids, why)) => {
                    unsure = Some((ids, why));
                    break;
                }
                Err(error) => {
                    log::warn!(target: "provider", "could not look for what was lost: {}", error.gist());
                }
            }
            if is_last || begin.elapsed() >= SEARCH {
                break;
            }
            pause = pace.pause(begin.elapsed()).min(SEARCH.saturating_sub(begin.elapsed()));
        }
        Err(self.not_found(unsure))
    }

    /// A look, and whether it was the last one.
    async fn look_within_bounds(&mut self, call: &Call) -> (Result<Found<A>>, bool) {
        match self.look(call).await {
            // Nothing that costs money is forgotten because of a stop or the deadline: one look is still made.
            Err(Error::Stopped(_) | Error::TimedOut(_)) => (self.last_look().await, true),
            other => (other, false),
        }
    }

    /// A look within bounds of its own: neither the stop nor the deadline that has come already.
    async fn last_look(&mut self) -> Result<Found<A>> {
        let time = if self.remote.call.stop.is_cancelled() { AFTER_STOP } else { AFTER_DEADLINE };
        self.look(&Call::default().within(time)).await
    }

    async fn look(&mut self, call: &Call) -> Result<Found<A>> {
        let remote = Remote { call: call.over_new_connection(), ..self.remote.clone() };
        let listing = remote.kind.list.walked(&remote, Instant::now()).await?;
        self.lists += 1;
        Ok(self.ticket.pick(listing.elements()))
    }

    fn made(&self, answer: A) -> Made<A> {
        let thing = self.remote.thing;
        log::info!(target: "provider", id = answer.id(); "found the {thing} whose id no answer told");
        let taken_over = (self.name != Name::Ours && !self.is_usual).then(|| {
            let created = answer.created().map(|it| format!(", created at {it}")).unwrap_or_default();
            format!(
                "The answer to the create call did not contain an id. The {thing} {}{created}, was taken over: a new \
                 {thing} {} that was not there before the call. Check in the vendor's console that it is yours and that there \
                 is no other one.",
                answer.id(),
                self.text
            )
        });
        Made { answer, taken_over }
    }

    /// What may exist and what to do about it, in full sentences.
    fn not_found(&self, unsure: Option<(Vec<String>, &'static str)>) -> String {
        let (thing, text, by_hand) = (self.remote.thing, &self.text, self.by_hand);
        let since = self.since.strftime("%Y-%m-%d %H:%M:%S UTC");
        let costs = |text| if self.costs { text } else { "" };
        if let Some((ids, why)) = unsure {
            return format!(
                "Since {since} there may be a new {thing} {text}. This call may have created what has the id {}, but which of them it was, if \
                 any, is unclear: {why}. {}Import yours with its id, or remove it, before you apply again.",
                ids.join(", "),
                costs("Each costs money. ")
            );
        }
        let looked = match self.lists {
            0 => "the list could not be read",
            _ => "the list did not show it",
        };
        format!(
            "A new {thing} {text} {} at {since}{}; {looked}. {by_hand} Remove it, or import it with its id, before you \
             apply again.",
            if self.is_usual { "was created" } else { "may have been created" },
            costs(" and may cost money")
        )
    }
}

#[cfg(test)]
mod tests;
