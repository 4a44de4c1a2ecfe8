//! A create call whose answer got lost: was something made, and what is its id?
//!
//! The call is never repeated. What it may have made is looked for in the list, and taken over only when
//! nothing else can be meant: exactly one thing fits, is new, was not there before, is not what another
//! creation of this process has received, and no creation of the same shape has an unknown outcome.
//! Otherwise the ids are told. What is created and how it is listed is each [`Shape`]'s matter; what this
//! process has under way stands in [`underway`], what there was before in [`roster`].

mod roster;
mod underway;

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::{Error, Result};

pub(crate) use underway::Underway;
use underway::{Creation, Verdict};

/// So often the list is looked at: a new thing may be listed late (assumed).
const LOOKS: u32 = 4;

/// The vendor's clock may go behind ours by so much (assumed).
const SKEW: SignedDuration = SignedDuration::from_secs(120);

/// Bound of the last look after a stop: the user waits for the program to end.
const AFTER_STOP: Duration = Duration::from_secs(1);

/// Bound of the last look after the deadline.
const AFTER_DEADLINE: Duration = Duration::from_secs(10);

/// What can be told of a thing before it exists. Its text completes "an instance …": `named "x"`.
pub(crate) trait Shape: Clone + Ord + fmt::Display + Send + Sync {
    /// A member of the list.
    type Member: Send;

    /// `instance`, without an article.
    const THING: &'static str;

    /// How to find one by hand, in a full sentence.
    const SEARCH: &'static str;

    /// Whether nothing else can have this shape, as when the provider made the name. Then nothing needs to be
    /// known of the time before, and no clock is asked.
    fn is_unique(&self) -> bool;

    /// Lists all there is, or what may be of this shape where the API can tell.
    fn list(
        client: &Client,
        call: &Call,
        only: Option<&Self>,
    ) -> impl Future<Output = Result<Vec<Self::Member>>> + Send;

    /// The id of a member.
    fn id(member: &Self::Member) -> &str;

    /// When a member was made, if the API tells.
    fn made(member: &Self::Member) -> Option<Timestamp>;

    /// Whether a member has this shape, as far as the list tells.
    fn fits(&self, member: &Self::Member) -> bool;

    /// Whether a member could fit this shape and the other one, since a list may leave something out.
    fn resembles(&self, other: &Self) -> bool;
}

/// A create call that brought nothing that could be told.
#[derive(Debug)]
pub(crate) struct NotMade {
    /// How the call failed.
    pub(crate) error: Error,
    /// What may exist and what to do about it, in full sentences.
    pub(crate) aftermath: String,
}

impl<S: Shape> Underway<S> {
    /// Makes a thing by the call `post`, and looks for it should the answer get lost.
    ///
    /// # Errors
    /// Nothing was made, or it cannot be told what.
    pub(crate) async fn create(
        &self,
        client: &Client,
        call: &Call,
        shape: S,
        post: impl Future<Output = Result<S::Member>> + Send,
    ) -> Result<S::Member, NotMade> {
        let mut creation = self.begin(client, call, shape).await;
        let error = match post.await {
            Ok(made) => {
                creation.received(S::id(&made));
                return Ok(made);
            }
            Err(error @ Error::Ambiguous(_)) => error,
            Err(error) => {
                creation.made_nothing();
                return Err(NotMade { error, aftermath: format!("No {} was made.", S::THING) });
            }
        };
        log::warn!(target: "provider", thing = S::THING; "the answer to a create got lost, looking for what it made: {}", error.gist());
        creation.find(client, call).await.map_err(|aftermath| NotMade { error, aftermath })
    }
}

impl<S: Shape> Creation<'_, S> {
    /// What the lost call has made.
    ///
    /// # Errors
    /// It cannot be told: what may exist and what to do about it, in full sentences.
    async fn find(&mut self, client: &Client, call: &Call) -> Result<S::Member, String> {
        let mut ids = Vec::new();
        for _ in 0..LOOKS {
            let interrupted = |why| Error::interrupted(why, "", "looking for what was lost", None);
            let glance = match call.pause(client.poll_interval()).await {
                Ok(()) => self.glance(client, call).await,
                Err(why) => Err(interrupted(why)),
            };
            // A stop or the deadline must not forget what costs money: one look is still made.
            let (glance, is_last) = match glance {
                Err(Error::Stopped(_)) => (self.glance(client, &bounded(AFTER_STOP)).await, true),
                Err(Error::TimedOut(_)) => (self.glance(client, &bounded(AFTER_DEADLINE)).await, true),
                other => (other, false),
            };
            let hopeless = match glance {
                Ok(Verdict::Ours(found)) => {
                    log::warn!(target: "provider", id = S::id(&found); "found the {} whose create answer was lost", S::THING);
                    return Ok(found);
                }
                Ok(Verdict::None) => false,
                Ok(Verdict::Unsure(found)) => {
                    ids = found;
                    !self.has_rivals()
                }
                Err(error) => {
                    log::warn!(target: "provider", "could not look for what was lost: {}", error.gist());
                    !error.is_passing()
                }
            };
            if is_last || hopeless {
                break;
            }
        }
        Err(self.unsure(&ids))
    }

    async fn glance(&mut self, client: &Client, call: &Call) -> Result<Verdict<S::Member>> {
        let mut listed = S::list(client, &call.over_new_connection(), Some(&self.shape)).await?;
        listed.retain(|it| self.shape.fits(it) && self.is_new(it));
        Ok(self.judge(listed))
    }

    /// Whether a member was made since the call; one whose time is not told may have been.
    fn is_new(&self, member: &S::Member) -> bool {
        if self.shape.is_unique() {
            return true;
        }
        let was_there = self.before.as_ref().is_some_and(|it| it.contains(S::id(member)));
        let made = S::made(member).and_then(|it| it.checked_add(SKEW).ok());
        !was_there && made.is_none_or(|it| it >= self.since)
    }

    fn unsure(&self, ids: &[String]) -> String {
        let (thing, shape, since) = (S::THING, &self.shape, self.since.strftime("%Y-%m-%d %H:%M:%S UTC"));
        if ids.is_empty() {
            return format!(
                "A new {thing} {shape} may have been made at {since} and may cost money; the list did not show it. \
                 {} Remove it, or import it with its id, before you apply again.",
                S::SEARCH
            );
        }
        let reason = match (ids, &self.before) {
            ([_], None) => "it could not be listed what was there before the call",
            ([_], Some(_)) => "the outcome of another creation of the same kind is open, too",
            _ => "there are several of the same kind",
        };
        format!(
            "Since {since} there may be a new {thing} {shape}. This call may have made what has the id {}, but which \
             of them it was, if any, cannot be told: {reason}. Each costs money: import yours with its id, or remove \
             it, before you apply again.",
            ids.join(", ")
        )
    }
}

/// Bounds of its own: neither the stop nor the deadline that has come already.
fn bounded(time: Duration) -> Call {
    Call::default().within(time)
}

/// What there was before a call.
type Before = Arc<BTreeSet<String>>;

#[cfg(test)]
mod tests;
