//! Keeping notes while a machine is waited for: whether it is known yet, has moved, or is in trouble.
//!
//! Which status is good or bad is each resource's matter. What these rules make up for is a guess:
//! the vendors do not say how soon a new thing is known or how long an old status is shown.
//!
//! A look is a get or a glance at the list, and both count. What a glance may tell is bounded by
//! [`is_on_its_way`] and [`is_going`], after a get that told the same: so whether a thing is known, has
//! moved or is in trouble is always what a get has shown.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::{Error, Result};
use crate::api::wait::{Verdict, poll};
use crate::framework::attr::Attr;

/// So long after a create a look may not find the thing yet.
pub(crate) const UNKNOWN_AT_FIRST: Duration = Duration::from_secs(60);
/// So many looks after a change may still show the time before it.
const STALE_LOOKS: u32 = 3;
/// So many looks in a row with an error, while things seem to move, make a failure.
const PATIENCE: u32 = 3;

/// What an error shows as the status last seen of a thing that is not there.
pub(crate) const ABSENT: &str = "not found";

/// What stands for the status of a new thing that was not seen yet.
const UNKNOWN: &str = "not known yet";

/// What a look shows, as far as every wait needs it.
pub(crate) trait Sight {
    /// Its id.
    fn id(&self) -> &str;
    /// The status, as the API writes it.
    fn status(&self) -> &str;
    /// Whether it is on its way to another status.
    fn is_moving(&self) -> bool;
    /// Whether it is being removed, where that is not a way to another status.
    fn is_leaving(&self) -> bool {
        false
    }
    /// What ails it, in the API's words.
    fn trouble(&self) -> Option<&str>;
    /// The setting with which the platform could not take it back at any time; `None`: it cannot now.
    fn would_be_kept_by(&self) -> Option<&'static str> {
        None
    }
}

/// Looks at something that nobody has seen since it was made: an absent one is looked for a little longer,
/// so that what was made a moment ago is not taken for gone.
///
/// # Errors
/// [`Error::NotFound`] when it stays absent; those of the look and of the bounds.
pub(crate) async fn first_sight<S, F>(
    client: &Client,
    call: &Call,
    what: &str,
    look: impl FnMut() -> F,
) -> Result<S>
where
    F: Future<Output = Result<S>>,
{
    let begin = Instant::now();
    let judge = |sight| match sight {
        Ok(sight) => Verdict::Done(sight),
        Err(Error::NotFound(_)) if begin.elapsed() < UNKNOWN_AT_FIRST => Verdict::Waiting(UNKNOWN.to_owned()),
        Err(error) => Verdict::Failed(error),
    };
    poll(call, client.poll_interval(), &format!("{what} to be known"), look, judge).await
}

/// The status that a wait saw last, for the state: what was seen once is not looked for as if it were new.
pub(crate) fn last_status(error: &Error) -> Attr<String> {
    Attr::from_option(error.details().seen.clone().filter(|it| it != UNKNOWN))
}

/// Whether a wait for a status has nothing to judge here: it is on its way, and nothing ails it.
pub(crate) fn is_on_its_way<S: Sight>(sight: &S) -> bool {
    sight.is_moving() && !sight.status().is_empty() && sight.trouble().is_none()
}

/// Whether a wait for the end of something has nothing to judge here: it is still there, and going.
pub(crate) fn is_going<S: Sight>(sight: &S) -> bool {
    (sight.is_moving() && !sight.status().is_empty()) || sight.is_leaving()
}

/// What has been seen of a thing so far.
pub(crate) struct Watch {
    /// `instance i-1`
    what: String,
    /// What it does meanwhile: `starting`.
    doing: &'static str,
    is_new: bool,
    /// The setting with which it could not be taken back, if it was seen to be of such a kind.
    would_be_kept_by: Option<&'static str>,
    begin: Instant,
    looks: u32,
    /// Whether it was seen at all.
    known: bool,
    /// Whether it was seen to move, so that what follows is the outcome.
    moved: bool,
    /// Looks in a row with an error.
    troubled: u32,
    status: String,
    /// Looks in a row with this status.
    unchanged: u32,
}

impl Watch {
    /// Notes about `what`, such as `instance i-1`, while it is `doing` something. A new one may not be
    /// known at first.
    pub(crate) fn new(what: String, doing: &'static str, is_new: bool) -> Self {
        Self {
            what,
            doing,
            is_new,
            would_be_kept_by: None,
            begin: Instant::now(),
            looks: 0,
            known: false,
            moved: false,
            troubled: 0,
            status: String::new(),
            unchanged: 0,
        }
    }

    /// Takes a look down; the verdict if there is nothing more to judge.
    pub(crate) fn note<S: Sight, T>(&mut self, sight: Result<S>) -> Result<S, Verdict<T>> {
        self.looks += 1;
        let sight = match sight {
            Ok(sight) => sight,
            Err(Error::NotFound(_)) => return Err(self.missing()),
            Err(error) => return Err(Verdict::Failed(error)),
        };
        self.known = true;
        self.would_be_kept_by = sight.would_be_kept_by();
        self.moved |= sight.is_moving();
        self.troubled = if sight.trouble().is_some() { self.troubled + 1 } else { 0 };
        self.unchanged = if self.status == sight.status() { self.unchanged + 1 } else { 1 };
        sight.status().clone_into(&mut self.status);
        Ok(sight)
    }

    /// Whether what is seen may still be from before the change that is waited for.
    pub(crate) fn is_stale(&self) -> bool {
        !self.moved && self.looks <= STALE_LOOKS
    }

    /// Whether it has been in trouble for too long.
    pub(crate) fn is_hopeless(&self) -> bool {
        self.troubled >= PATIENCE
    }

    /// Looks in a row that showed the present status.
    pub(crate) fn unchanged(&self) -> u32 {
        self.unchanged
    }

    fn missing<T>(&self) -> Verdict<T> {
        if self.is_new && !self.known && self.begin.elapsed() < UNKNOWN_AT_FIRST {
            return Verdict::Waiting(UNKNOWN.to_owned());
        }
        let what = &self.what;
        let message = match self.known {
            true => format!("{what} vanished while it was waited for: the platform removed it"),
            false => format!("{what} does not exist"),
        };
        if self.would_be_kept_by.is_some() {
            return self.over(Error::reclaimed(message, ABSENT), "was taken back", &self.another_one());
        }
        if self.is_new && !self.known {
            // Its id was told, so it may be there all the same.
            return self.over(Error::failed(message, UNKNOWN), "did not appear", NEVER_THERE);
        }
        self.over(Error::failed(message, ABSENT), "vanished", VANISHED)
    }

    /// What to do about a machine that was taken back.
    pub(crate) fn another_one(&self) -> String {
        let kept = self.would_be_kept_by.map(|it| format!("; with {it} it is kept")).unwrap_or_default();
        format!("Cheap hardware is taken back when others pay more. Apply again to get another one{kept}.")
    }

    /// It cannot get where it is wanted any more, for this reason.
    pub(crate) fn failed<T>(&self, reason: Option<&str>, advice: &str) -> Verdict<T> {
        let reason = reason.unwrap_or("the API gave no reason");
        self.over(Error::failed(self.status_because(reason), &self.status), "failed", advice)
    }

    /// It was taken back by the platform, or is about to be.
    pub(crate) fn reclaimed<T>(&self, reason: &str, advice: &str) -> Verdict<T> {
        self.over(Error::reclaimed(self.status_because(reason), &self.status), "was taken back", advice)
    }

    fn status_because(&self, reason: &str) -> String {
        format!("{} is in the status {:?}: {reason}", self.what, self.status)
    }

    /// The end of the wait, under a headline such as `Instance failed while starting`.
    fn over<T>(&self, error: Error, how: &str, advice: &str) -> Verdict<T> {
        let thing = self.what.split(' ').next().unwrap_or_default();
        let (first, rest) = thing.split_at_checked(1).unwrap_or_default();
        let thing = format!("{}{rest}", first.to_uppercase());
        Verdict::Failed(error.described(format!("{thing} {how} while {}", self.doing), advice))
    }
}

/// Whether a failure speaks of the image and not of the machine. A guess from its words.
pub(crate) fn is_about_image(reason: &str) -> bool {
    let words = reason.to_lowercase();
    ["image", "pull", "manifest", "registry"].iter().any(|it| words.contains(it))
}

/// What to do about something that is not there though its id is known.
const NEVER_THERE: &str =
    "Look for it in the vendor's console, and check that the key belongs to the right account.";
/// What to do about something that went away by itself.
const VANISHED: &str = "Nobody but the platform or another user of the account can have removed it. Apply again to get \
                        another one; if it happens again, choose another product or place.";

/// The judgement of a wait for the end of something: only an absent thing is gone.
pub(crate) fn judge_gone<S: Sight>(sight: Result<S>) -> Verdict<()> {
    match sight {
        Ok(sight) => Verdict::Waiting(sight.status().to_owned()),
        Err(Error::NotFound(_)) => Verdict::Done(()),
        Err(error) => Verdict::Failed(error),
    }
}
