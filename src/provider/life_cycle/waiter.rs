//! The one wait: looking at a thing until the judge says that it is as it is to be, or cannot become so.
//!
//! No failed look ends a wait, whatever failed: only a bound does, or what a successful look shows. Several
//! waits of one kind look by one list; each takes nothing from it but "still on its way", after a get has
//! shown so, and only a get ends a wait. That a thing is not there any more needs a second witness: the list,
//! by a walk that began after the get.

use std::time::Duration;

use tfplugin::diagnostics::Diagnostic;
use tokio::time::Instant;

use crate::api::call::Interrupted;
use crate::api::error::{Details, Error, Result};
use crate::provider::error_context::capitalised;
use crate::provider::life_cycle::judge::{After, Goal, Judge, Verdict};
use crate::provider::life_cycle::list_cache::Waiting;
use crate::provider::life_cycle::pace::Pace;
use crate::provider::life_cycle::phase::Phase;
use crate::provider::life_cycle::remote::{Answer, Remote, meaningful};

/// What an error shows as the status last seen of a thing that is not there.
pub(crate) const ABSENT: &str = "not found";
/// What stands for the status of a new thing that was not seen yet.
pub(crate) const UNKNOWN: &str = "not known yet";

/// So long after the beginning of a wait a get comes for sure, and then each time that the wait has taken twice as
/// long as at the last one: a list that stands still must not hold a wait up for ever, and gets are few.
const FIRST_CHECK: Duration = Duration::from_secs(8);

/// How a wait ended that did not fail.
#[derive(Debug)]
pub(crate) enum End<A> {
    /// It is as it was waited for; and what is to be told about it, if anything.
    Reached(A, Option<Diagnostic>),
    /// It is gone.
    Gone,
    /// It was told to do something and rests where it was.
    Idle(A),
}

/// What one look has shown.
enum Look<A> {
    Seen(A),
    /// That it is on its way, by the list.
    Listed(A),
    /// It is not there, as far as it takes to believe that.
    Absent,
    /// Nothing that can be believed.
    Nothing(Error),
}

impl<A: Answer> Remote<'_, A> {
    /// Waits for a thing.
    ///
    /// # Errors
    /// [`Error::Failed`] and [`Error::Reclaimed`] when it cannot become what is waited for; the bounds' errors,
    /// with the status and the failure that were seen last.
    pub(crate) async fn wait(&self, id: &str, goal: Goal) -> Result<End<A>> {
        let mut waiter = Waiter::new(self, id, goal);
        loop {
            let look = self.call.run(waiter.look()).await.map_err(|why| waiter.interrupted(why))?;
            // What a list tells may have been fetched for others.
            let age = if let Look::Listed(_) = look { waiter.last.elapsed() } else { Duration::ZERO };
            if let Some(end) = waiter.judge(look)? {
                return Ok(end);
            }
            let pause = waiter.pause(age);
            self.call.pause(pause).await.map_err(|why| waiter.interrupted(why))?;
        }
    }

    /// Looks at a thing until what is there (`None`: nothing) is as it was waited for. No failed look ends this, only a
    /// bound does. `doing` is for its message: `waiting for …`.
    ///
    /// # Errors
    /// Those of the bounds.
    pub(crate) async fn until(
        &self,
        id: &str,
        doing: &str,
        mut is_so: impl FnMut(Option<&A>) -> bool,
    ) -> Result<()> {
        let begin = Instant::now();
        let mut pace = Pace::new(self.client.poll_interval());
        loop {
            match self.get(id).await {
                Ok(it) if is_so(Some(&it)) => return Ok(()),
                Err(Error::NotFound(_)) if is_so(None) => return Ok(()),
                Ok(_) => {}
                Err(error) => {
                    log::warn!(target: "provider", "a look while {doing} failed: {}", error.gist());
                }
            }
            let pause = self.call.pause(pace.pause(begin.elapsed())).await;
            pause.map_err(|why| Error::interrupted(why, "", doing, None))?;
        }
    }

    /// The second witness to the absence of a thing that a get has not found: whether the list, by a walk that
    /// begins now, lacks it too.
    ///
    /// # Errors
    /// Those of the walk.
    pub(crate) async fn is_missing_in_list(&self, id: &str) -> Result<bool> {
        let listing = match self.kind.list.walked(self, Instant::now()).await {
            Err(Error::Misconfigured(_)) if A::LIST_IS_ASSUMED => return Ok(true),
            walked => walked?,
        };
        let leaves = |it: &A| matches!(it.phase(), Phase::Gone | Phase::Leaving);
        Ok(listing.get(id).is_some_and(leaves) || listing.lacks(id)?)
    }

    /// Get and list say different things about a thing.
    pub(crate) fn contradiction(&self, id: &str, not_found: &Error) -> Error {
        let message = format!(
            "the API contradicts itself: it says that there is no {} {id} ({not_found}), and lists it",
            self.thing
        );
        Error::Decode(Details::new("", message).into())
    }
}

/// One wait.
struct Waiter<'r, 'a, A: Answer> {
    remote: &'r Remote<'a, A>,
    id: &'r str,
    goal: Goal,
    judge: Judge,
    pace: Pace,
    begin: Instant,
    /// How long the wait had taken when the last get was sent.
    checked: Duration,
    /// When what was seen last was fetched.
    last: Instant,
    /// Whether the last get showed the thing on its way, so that the list may tell that it still is.
    is_on_its_way: bool,
    /// The statuses that were seen, each with the time of the wait at which it showed.
    history: Vec<(String, Duration)>,
    /// What the last failed look said.
    fault: Option<String>,
    /// The setting with which it could not be taken back, if it was seen to be of such a kind.
    would_be_kept_by: Option<&'static str>,
    _waiting: Waiting<'r>,
}

impl<'r, 'a, A: Answer> Waiter<'r, 'a, A> {
    fn new(remote: &'r Remote<'a, A>, id: &'r str, goal: Goal) -> Self {
        Self {
            remote,
            id,
            goal,
            judge: Judge::new(goal),
            pace: Pace::new(remote.client.poll_interval()),
            begin: Instant::now(),
            checked: Duration::ZERO,
            last: Instant::now(),
            is_on_its_way: false,
            history: Vec::new(),
            fault: None,
            would_be_kept_by: None,
            _waiting: remote.kind.list.waits(),
        }
    }

    async fn look(&mut self) -> Look<A> {
        let elapsed = self.begin.elapsed();
        let is_check = elapsed >= FIRST_CHECK.max(self.checked * 2);
        if self.is_on_its_way
            && !is_check
            && let Some(listing) = self.remote.kind.list.news(self.remote, self.last).await
            && let Some(listed) = listing.get(self.id).filter(|it| self.goes_on(it))
        {
            self.last = listing.begin();
            return Look::Listed(listed.clone());
        }
        (self.last, self.checked) = (Instant::now(), elapsed);
        let got = self.remote.get(self.id).await;
        self.is_on_its_way = got.as_ref().is_ok_and(|it| self.goes_on(it));
        match got {
            Ok(answer) => Look::Seen(answer),
            Err(Error::NotFound(_)) if self.judge.may_be_too_new() => Look::Absent,
            Err(error @ Error::NotFound(_)) => match self.remote.is_missing_in_list(self.id).await {
                Ok(true) => Look::Absent,
                Ok(false) => Look::Nothing(self.remote.contradiction(self.id, &error)),
                Err(error) => Look::Nothing(error),
            },
            Err(error) => Look::Nothing(error),
        }
    }

    /// How long until the next look, after one that saw what is so old: counted from when that was fetched, so that whoever
    /// shares a list sees what happens as soon as who looks alone. At least half of a pause, as a list may take long to
    /// fetch.
    fn pause(&mut self, age: Duration) -> Duration {
        let pause = self.pace.pause(self.begin.elapsed().saturating_sub(age));
        pause.saturating_sub(age).max(pause / 2)
    }

    /// Whether there is nothing to judge here: it is on its way, and nothing ails it. What ails a thing that is
    /// going does not matter.
    fn goes_on(&self, answer: &A) -> bool {
        let is_moving = answer.phase() == Phase::Moving && !answer.status().is_empty();
        match self.goal {
            Goal::Gone => is_moving || answer.phase() == Phase::Leaving,
            Goal::Ready(_) | Goal::Stopped | Goal::AtRest => is_moving && answer.trouble().is_none(),
        }
    }

    /// What a look means; the end of the wait, if it is one.
    fn judge(&mut self, look: Look<A>) -> Result<Option<End<A>>> {
        let elapsed = self.begin.elapsed();
        match look {
            Look::Listed(listed) => {
                // Only a get ends a wait, so one comes next if this would have.
                let verdict = self.judge.see(elapsed, &listed.observation());
                self.is_on_its_way = verdict == Verdict::Waiting;
                Ok(None)
            }
            Look::Seen(answer) => {
                self.take_note(answer.status());
                self.would_be_kept_by = answer.would_be_kept_by();
                match self.judge.see(elapsed, &answer.observation()) {
                    Verdict::Waiting => Ok(None),
                    Verdict::Done if self.goal == Goal::Gone => Ok(Some(End::Gone)),
                    Verdict::Done => {
                        let remark = self.remark_on_trouble(&answer);
                        Ok(Some(End::Reached(answer, remark)))
                    }
                    Verdict::Unknown => {
                        let remark = self.remark_on_status(&answer);
                        Ok(Some(End::Reached(answer, Some(remark))))
                    }
                    Verdict::Idle => Ok(Some(End::Idle(answer))),
                    Verdict::Failed | Verdict::Vanished | Verdict::NeverSeen => Err(self.failed(&answer)),
                }
            }
            Look::Absent => match self.judge.miss(elapsed) {
                Verdict::Waiting => {
                    self.take_note(UNKNOWN);
                    Ok(None)
                }
                Verdict::Done => Ok(Some(End::Gone)),
                Verdict::NeverSeen => Err(self.never_seen()),
                Verdict::Unknown | Verdict::Idle | Verdict::Failed | Verdict::Vanished => {
                    Err(self.vanished())
                }
            },
            Look::Nothing(error) => {
                log::warn!(target: "provider", "a look while {} failed: {}", self.waiting(), error.gist());
                self.fault = Some(error.to_string());
                Ok(None)
            }
        }
    }

    /// The status that was seen last.
    fn status(&self) -> Option<&str> {
        self.history.last().map(|(status, _)| status.as_str())
    }

    fn take_note(&mut self, status: &str) {
        if self.status() != Some(status) {
            let elapsed = self.begin.elapsed();
            log::info!(target: "provider", status = status; "{} is {status}, {} so far: {}", self.what(), spell(elapsed), self.waiting());
            self.remote.tell.inspect(|tell| tell(status));
            self.history.push((status.to_owned(), elapsed));
            self.pace.quicken();
        }
    }

    /// `VM v-1`
    fn what(&self) -> String {
        format!("{} {}", self.remote.thing, self.id)
    }

    fn waiting(&self) -> String {
        format!("waiting for {} to {}", self.what(), self.goal.verb())
    }

    /// What it has been through: `creating 31 s, pulling 29 m`.
    fn course(&self) -> String {
        let ends = self.history.iter().skip(1).map(|(_, at)| *at).chain([self.begin.elapsed()]);
        let each = self.history.iter().zip(ends);
        let each =
            each.map(|((status, begin), end)| format!("{status} {}", spell(end.saturating_sub(*begin))));
        each.collect::<Vec<_>>().join(", ")
    }

    /// What it does meanwhile.
    fn doing(&self) -> &'static str {
        match self.goal {
            Goal::Ready(After::Create | After::Start) => "starting",
            Goal::Ready(After::Change) => "being changed",
            Goal::Stopped => "stopping",
            Goal::AtRest => "changing",
            Goal::Gone => "being removed",
        }
    }

    /// The error for a bound that was reached: it tells what was seen and the last failure.
    fn interrupted(&self, why: Interrupted) -> Error {
        let mut error = Error::interrupted(why, "", &self.waiting(), self.status().map(str::to_owned));
        if matches!(why, Interrupted::OutOfTime) {
            let (thing, verb, missed) = (self.remote.thing, self.goal.verb(), self.goal.missed());
            let course = if self.history.is_empty() { String::new() } else { format!(": {}", self.course()) };
            error = error.described(format!("Timed out waiting for the {thing} to {verb}"), "");
            error.details_mut().message =
                format!("{} {missed} after {}{course}", self.what(), spell(self.begin.elapsed()));
        }
        if let Some(fault) = &self.fault {
            let details = error.details_mut();
            details.message = format!("{}; a look at it failed: {fault}", details.message);
        }
        error
    }

    fn remark_on_trouble(&self, answer: &A) -> Option<Diagnostic> {
        answer.trouble().filter(|_| matches!(self.goal, Goal::Ready(_))).and_then(meaningful)?;
        let said = answer.explanation()?;
        let thing = capitalised(self.remote.thing);
        let detail = format!(
            "The {} has the status {:?}, and the API says of it: {said}",
            self.what(),
            answer.status()
        );
        Some(Diagnostic::warning(format!("{thing} is ready, and the API names a trouble"), detail))
    }

    fn remark_on_status(&self, answer: &A) -> Diagnostic {
        let thing = self.remote.thing;
        let detail = format!(
            "The {} has rested in the status {:?} for minutes, and the API names no trouble. What that status means is not \
             known, so the {thing} is taken as it is and stays in the state: look at it in the vendor's console. Please \
             report the status.",
            self.what(),
            answer.status()
        );
        Diagnostic::warning(format!("{} has a status that is not known", capitalised(thing)), detail)
    }

    /// It cannot become what is waited for.
    fn failed(&self, answer: &A) -> Error {
        let because =
            |reason: &str| format!("{} is in the status {:?}: {reason}", self.what(), answer.status());
        let is_over = matches!(answer.phase(), Phase::Stopped | Phase::Leaving | Phase::Gone);
        let loss = answer.loss().or_else(|| {
            let was_taken = is_over && answer.trouble().is_none() && answer.would_be_kept_by().is_some();
            was_taken.then(|| "what can be taken back and ends by itself was probably taken back".to_owned())
        });
        let advice = answer.advice();
        match loss {
            Some(loss) => {
                let advice = if answer.phase() == Phase::Lost && !advice.is_empty() {
                    advice
                } else {
                    self.another_one()
                };
                self.over(Error::reclaimed(because(&loss), answer.status()), "was taken back", &advice)
            }
            None => {
                let reason = answer.explanation();
                let reason = reason.as_deref().unwrap_or("the API gave no reason");
                self.over(Error::failed(because(reason), answer.status()), "failed", &advice)
            }
        }
    }

    fn vanished(&self) -> Error {
        let message = match self.status() {
            None | Some(UNKNOWN) => format!("{} does not exist", self.what()),
            Some(_) => format!("{} vanished while it was waited for: the platform removed it", self.what()),
        };
        match self.would_be_kept_by {
            Some(_) => self.over(Error::reclaimed(message, ABSENT), "was taken back", &self.another_one()),
            None => self.over(Error::failed(message, ABSENT), "vanished", VANISHED),
        }
    }

    /// Its id was told, so it may be there all the same.
    fn never_seen(&self) -> Error {
        let error = Error::failed(format!("{} does not exist", self.what()), UNKNOWN);
        self.over(error, "did not appear", NEVER_SEEN)
    }

    /// What to do about a machine that was taken back.
    fn another_one(&self) -> String {
        let kept = self.would_be_kept_by.map(|it| format!("; with {it} it is kept")).unwrap_or_default();
        format!("Cheap hardware is taken back when others pay more. Apply again to get another one{kept}.")
    }

    /// The end of the wait, under a headline such as `Instance failed while starting`.
    fn over(&self, error: Error, how: &str, advice: &str) -> Error {
        error.described(format!("{} {how} while {}", capitalised(self.remote.thing), self.doing()), advice)
    }
}

/// What to do about something that is not there though its id is known.
const NEVER_SEEN: &str =
    "Look for it in the vendor's console, and check that the key belongs to the right account.";
/// What to do about something that went away by itself.
const VANISHED: &str = "Nobody but the platform or another user of the account can have removed it. Apply again to get \
                        another one; if it happens again, choose another product or place.";

/// A time in words that are exact enough for a wait: `42 s`, `29 m`, `3 h`.
fn spell(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} m", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    }
}

#[cfg(test)]
mod tests;
