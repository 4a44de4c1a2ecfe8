//! Changing in place: steps that each save what they have made true, and a second look at those whose answer
//! says nothing certain.
//!
//! A change is never sent again from here, as some of them cost; it is a success if what was wanted shows.

use std::future::Future;
use std::time::Duration;

use tfplugin::attr::Attr;
use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::path::Path;
use tfplugin::resource::{self, Changes, StateWriter};
use tfplugin::schema::Schema;
use tokio::time::Instant;

use crate::api::error::{Error, Result};
use crate::api::planted::{Bug, is_planted};
use crate::provider::clients::Cx;
use crate::provider::error_context::ErrorContext;
use crate::provider::life_cycle::in_flight::Fits;
use crate::provider::life_cycle::judge::Goal;
use crate::provider::life_cycle::pace::Pace;
use crate::provider::life_cycle::phase::Phase;
use crate::provider::life_cycle::remote::{Answer, Remote};
use crate::provider::life_cycle::stored::{Stored, note_mark};
use crate::provider::life_cycle::waiter::End;
use crate::provider::read_back::Origin;

/// A change is looked at again after this (a client of Novita saw that some refused ones succeed anyway).
const SECOND_LOOK: Duration = Duration::from_secs(2);
/// So often a change is looked at.
const LOOKS: u32 = 3;
/// So often a change is looked at that takes "about a minute", at the interval of the waits.
const SLOW_LOOKS: u32 = 12;

/// So long it is waited for a change to show that was accepted: what is read may lag behind (assumed).
const LAGS_FOR: Duration = Duration::from_secs(90);

/// How soon a change shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    Soon,
    /// Within a minute or two, if it was not refused.
    Slowly,
}

/// Refuses a size below the state's: what is stored there would be lost, and that is for a person to decide.
///
/// For changes in place: whatever else replaces the thing may make it smaller too. An error of a plan stops `-replace`,
/// since clients plan the change before the replacement; what is tainted is planned anew.
pub(crate) fn refuse_shrinking(attribute: &str, old: &Attr<i64>, new: &Attr<i64>) -> Diagnostics {
    let Some((old, new)) = old.known().zip(new.known()).filter(|(old, new)| new < old) else {
        return Diagnostics::default();
    };
    let detail = format!(
        "`{attribute}` is {new}, but the disk has {old} GB and cannot shrink. Set it to {old} or more. To replace it with a \
         smaller one on purpose, which loses its data:\n\n  terraform taint ADDRESS\n  terraform apply\n\n`-replace=ADDRESS` \
         does not help here: the change is planned before the replacement, and meets this error too."
    );
    Diagnostic::error("A disk cannot shrink", detail).at(Path::root(attribute)).into()
}

/// A change under way.
pub(crate) struct Change<'a, S: Stored> {
    pub(crate) cx: &'a Cx,
    pub(crate) remote: Remote<'a, S::Answer>,
    pub(crate) id: String,
    /// What is true by now.
    pub(crate) now: S,
    /// What is to become true.
    pub(crate) planned: S,
    /// What was seen last.
    pub(crate) found: S::Answer,
    /// Whether a look shows what was changed.
    shows: Fits<S::Answer>,
    writer: &'a StateWriter<S>,
}

impl<'a, S: Stored> Change<'a, S> {
    /// Begins with a look at what there is. That it is not found is an error here and does not make it gone: a
    /// plan is what says that.
    ///
    /// # Errors
    /// Those of the look.
    pub(crate) async fn begin(
        cx: &'a Cx,
        changes: Changes<S>,
        writer: &'a StateWriter<S>,
    ) -> resource::Result<Self> {
        let remote = S::remote(cx)?;
        let Changes { prior: now, planned } = changes;
        let id = now.id().text_or_empty().to_owned();
        let found = remote.get(&id).await.map_err(|error| failed::<S>(&id, "read", &error))?;
        Ok(Self { cx, remote, id, now, planned, found, shows: Box::new(|_| true), writer })
    }

    /// Saves what is true by now.
    pub(crate) fn save(&self) {
        self.writer.save(&self.now);
    }

    /// The result of a call. A refusal for a wrong state, or an ambiguous answer, is a success if what a look
    /// brings turns out to show it.
    ///
    /// # Errors
    /// Any other error of the call, and this one if nothing shows.
    pub(crate) async fn confirm(
        &self,
        result: Result<()>,
        how: Shows,
        shows: impl FnMut(S::Answer) -> bool,
    ) -> Result<()> {
        self.remote.confirm(result, how, || self.remote.get(&self.id), shows).await
    }

    /// Waits until it has become what is waited for, and takes that over.
    ///
    /// # Errors
    /// It cannot, or the bounds came first.
    pub(crate) async fn settle(&mut self, goal: Goal, what: &str) -> resource::Result<()> {
        match self.remote.wait(&self.id, goal).await {
            Ok(End::Reached(found, remark)) => {
                self.cx.tell(remark);
                self.take(found);
                Ok(())
            }
            Ok(End::Idle(found)) => Err(self.failed(what, &idle(&self.remote, &self.id, &found))),
            Ok(End::Gone) => Ok(()),
            Err(error) => Err(self.failed(what, &error)),
        }
    }

    /// Takes over what was seen, and saves it.
    pub(crate) fn take(&mut self, found: S::Answer) {
        self.found = found.clone();
        self.now.take(found, Origin::Refreshed);
        self.save();
    }

    /// What it is doing, as far as was seen.
    pub(crate) fn phase(&self) -> Phase {
        self.found.phase()
    }

    /// Lets the end of it wait until a look shows what was changed: the next plan looks too.
    pub(crate) fn ends_when(&mut self, shows: impl Fn(&S::Answer) -> bool + Send + Sync + 'static) {
        self.shows = Box::new(shows);
    }

    /// The end of it: what is planned is true, and what the API says besides. What does not show in time was
    /// accepted all the same.
    ///
    /// # Errors
    /// Those of the last look.
    pub(crate) async fn finish(mut self) -> resource::Result<()> {
        let begin = Instant::now();
        let mut pace = Pace::new(self.remote.client.poll_interval());
        let found = loop {
            let found = self.remote.get(&self.id).await.map_err(|error| self.failed("read", &error))?;
            let is_over =
                (self.shows)(&found) || is_planted(Bug::EndsBeforeItShows) || begin.elapsed() >= LAGS_FOR;
            if is_over || self.remote.call.pause(pace.pause(begin.elapsed())).await.is_err() {
                break found;
            }
        };
        note_mark(self.cx, &found);
        self.planned.take(found, Origin::Refreshed);
        self.writer.save(&self.planned);
        Ok(())
    }

    /// The message for a step that failed; `what` is a verb: `upgrade`.
    pub(crate) fn failed(&self, what: &str, error: &Error) -> Diagnostics {
        failed::<S>(&self.id, what, error)
    }
}

fn failed<S: Stored>(id: &str, what: &str, error: &Error) -> Diagnostics {
    let thing = S::THING;
    let aftermath = format!("The {thing} {id} goes on existing; the state holds what was done until now.");
    let schema = Schema::of::<S>();
    ErrorContext { what: &format!("{what} the {thing}"), aftermath, schema: Some(&schema) }.failed(error)
}

/// What was told to do something, accepted that, and rests where it was.
pub(crate) fn idle<A: Answer>(remote: &Remote<'_, A>, id: &str, answer: &A) -> Error {
    let said = answer.explanation().map(|it| format!(" ({it})")).unwrap_or_default();
    let message = format!(
        "the API accepted the call, and {} {id} rests in the status {:?}{said}",
        remote.thing,
        answer.status()
    );
    Error::failed(message, answer.status())
}

impl<A: Answer> Remote<'_, A> {
    /// As [`Change::confirm`], with any look.
    pub(crate) async fn confirm<L, F: Future<Output = Result<L>>>(
        &self,
        result: Result<()>,
        how: Shows,
        look: impl Fn() -> F,
        mut shows: impl FnMut(L) -> bool,
    ) -> Result<()> {
        let Err(error @ (Error::Conflict(_) | Error::Ambiguous(_))) = result else { return result };
        let interval = self.client.poll_interval();
        let (looks, pause) = match (how, &error) {
            (Shows::Slowly, Error::Ambiguous(_)) => (SLOW_LOOKS, interval),
            // A refusal has seldom worked, and nothing is to be waited for.
            (Shows::Slowly, _) => (LOOKS, interval),
            (Shows::Soon, _) => (LOOKS, SECOND_LOOK.min(interval)),
        };
        for _ in 0..looks {
            let interrupted =
                |why| Error::interrupted(why, "", "looking whether an ambiguous call worked", None);
            self.call.pause(pause).await.map_err(interrupted)?;
            match look().await.map(&mut shows) {
                Ok(true) => {
                    log::warn!(target: "provider", "the change worked, although its answer did not say so: {}", error.gist());
                    return Ok(());
                }
                Ok(false) => {}
                Err(why) => {
                    log::warn!(target: "provider", "could not look whether an ambiguous call worked: {}", why.gist());
                }
            }
        }
        Err(error)
    }
}
