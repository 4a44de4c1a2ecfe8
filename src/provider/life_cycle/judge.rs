//! The judge of a wait: what a look at a thing means for what is waited for.
//!
//! Pure: it keeps notes of what was seen, is told the time, and says how things stand. Its bounds are times
//! and no numbers of looks, so that whoever looks more often does not give up sooner. That they are as long
//! as they are is a guess: the vendors do not say how soon a new thing is known or how long an old status is
//! shown. Knows no vendor and no message.

use std::time::Duration;

use crate::provider::life_cycle::phase::Phase;

/// So long after its creation a thing may not be known yet.
pub(crate) const UNKNOWN_AT_FIRST: Duration = Duration::from_secs(180);
/// So long a thing may seem to be stopped or taken back although it is starting.
const STOPPED_AT_FIRST: Duration = Duration::from_secs(60);
/// So long after a change the status may still be the one from before it.
const STALE_AT_FIRST: Duration = Duration::from_secs(10);
/// Trouble that lasts so long does not pass.
const TROUBLE_PASSES_WITHIN: Duration = Duration::from_secs(180);
/// A status that nobody knows and that stays so long is taken for the outcome.
const UNKNOWN_STATUS_FOR: Duration = Duration::from_secs(300);
/// So long a ready thing may lack what is told a little later, such as its address.
const INCOMPLETE_FOR: Duration = Duration::from_secs(30);
/// What rests for so long does not do what it was told to do.
const IDLE_AFTER: Duration = Duration::from_secs(60);

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// That it works.
    Ready(After),
    /// That it is switched off.
    Stopped,
    /// That it is not on its way any more, or is kept there by trouble that a change may mend.
    AtRest,
    /// That it does not exist any more.
    Gone,
}

impl Goal {
    /// Completes "waiting for it to …".
    pub(crate) fn verb(self) -> &'static str {
        match self {
            Self::Ready(_) => "be ready",
            Self::Stopped => "stop",
            Self::AtRest => "come to rest",
            Self::Gone => "be gone",
        }
    }

    /// Completes "it … after 30 m".
    pub(crate) fn missed(self) -> &'static str {
        match self {
            Self::Ready(_) => "was not ready",
            Self::Stopped => "was not stopped",
            Self::AtRest => "had not come to rest",
            Self::Gone => "was not gone",
        }
    }
}

/// What was done to a thing that is to be ready, since the status from before may still be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    Create,
    Start,
    Change,
}

/// What a look has shown, as far as a wait needs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Observation<'a> {
    /// The status, as the API writes it.
    pub(crate) status: &'a str,
    /// Whether that is one of the statuses that are known.
    pub(crate) is_known: bool,
    /// What it means.
    pub(crate) phase: Phase,
    /// Whether the API says that something ails it.
    pub(crate) is_troubled: bool,
    /// Whether it tells all that a ready thing tells in the end.
    pub(crate) is_complete: bool,
}

/// How things stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Not yet.
    Waiting,
    /// It is as it was waited for.
    Done,
    /// It rests in a status that nobody knows, without trouble: better taken as it is than for broken.
    Unknown,
    /// It rests where it was: what it was told to do was accepted, and nothing came of it.
    Idle,
    /// It cannot become what is waited for.
    Failed,
    /// It is there no more.
    Vanished,
    /// It never showed, although its id is known.
    NeverSeen,
}

/// The notes of one wait.
#[derive(Debug)]
pub(crate) struct Judge {
    goal: Goal,
    /// Whether it was seen at all.
    seen: bool,
    /// Whether it was seen to move, so that what follows is the outcome.
    moved: bool,
    status: String,
    /// When the present status was seen first.
    since: Duration,
    /// When the present trouble was seen first.
    troubled_since: Option<Duration>,
}

impl Judge {
    pub(crate) fn new(goal: Goal) -> Self {
        let status = String::new();
        Self { goal, seen: false, moved: false, status, since: Duration::ZERO, troubled_since: None }
    }

    /// Whether it may be too new to be known, so that a look which does not find it says nothing.
    pub(crate) fn may_be_too_new(&self) -> bool {
        !self.seen && self.goal == Goal::Ready(After::Create)
    }

    /// Judges a thing that was seen, so long after the wait began.
    pub(crate) fn see(&mut self, elapsed: Duration, it: &Observation<'_>) -> Verdict {
        if !self.seen || !self.status.eq_ignore_ascii_case(it.status) {
            it.status.clone_into(&mut self.status);
            self.since = elapsed;
        }
        self.seen = true;
        self.moved |= it.phase == Phase::Moving;
        self.troubled_since = it.is_troubled.then(|| self.troubled_since.unwrap_or(elapsed));
        let notes = Notes {
            elapsed,
            rests: elapsed.saturating_sub(self.since),
            is_hopeless: self
                .troubled_since
                .is_some_and(|it| elapsed.saturating_sub(it) >= TROUBLE_PASSES_WITHIN),
        };
        match self.goal {
            Goal::Ready(after) => self.ready(after, &notes, it),
            Goal::Stopped => self.stopped(&notes, it),
            Goal::AtRest => at_rest(&notes, it),
            Goal::Gone => gone(&notes, it),
        }
    }

    /// Judges the absence of a thing, so long after the wait began.
    pub(crate) fn miss(&self, elapsed: Duration) -> Verdict {
        match self.goal {
            Goal::Gone => Verdict::Done,
            Goal::Ready(After::Create) if !self.seen && elapsed < UNKNOWN_AT_FIRST => Verdict::Waiting,
            Goal::Ready(After::Create) if !self.seen => Verdict::NeverSeen,
            Goal::Ready(_) | Goal::Stopped | Goal::AtRest => Verdict::Vanished,
        }
    }

    /// Ready wins, whatever else is said. A status that may be from before what was done is not the outcome.
    fn ready(&self, after: After, notes: &Notes, it: &Observation<'_>) -> Verdict {
        let is_fresh = after == After::Create || self.moved;
        let may_be_stale = !is_fresh && notes.elapsed < STALE_AT_FIRST;
        match it.phase {
            Phase::Ready if after == After::Change && may_be_stale => Verdict::Waiting,
            Phase::Ready if !it.is_complete && notes.rests < INCOMPLETE_FOR => Verdict::Waiting,
            Phase::Ready => Verdict::Done,
            Phase::Stopped if it.is_troubled && is_fresh => Verdict::Failed,
            Phase::Lost if is_fresh => Verdict::Failed,
            Phase::Stopped | Phase::Lost if notes.rests < STOPPED_AT_FIRST => Verdict::Waiting,
            Phase::Stopped | Phase::Lost if after == After::Start && !self.moved => Verdict::Idle,
            Phase::Failed if may_be_stale => Verdict::Waiting,
            Phase::Moving | Phase::Held if notes.is_hopeless => Verdict::Failed,
            Phase::Moving if after == After::Create && is_unknown_for_long(notes, it) => Verdict::Unknown,
            Phase::Moving | Phase::Held => Verdict::Waiting,
            Phase::Stopped | Phase::Lost | Phase::Failed | Phase::Leaving | Phase::Gone => Verdict::Failed,
        }
    }

    fn stopped(&self, notes: &Notes, it: &Observation<'_>) -> Verdict {
        match it.phase {
            Phase::Stopped => Verdict::Done,
            Phase::Failed | Phase::Leaving | Phase::Gone => Verdict::Failed,
            Phase::Ready | Phase::Moving | Phase::Held if notes.is_hopeless => Verdict::Failed,
            Phase::Ready if notes.rests >= IDLE_AFTER => Verdict::Idle,
            Phase::Lost if notes.rests >= STOPPED_AT_FIRST => Verdict::Failed,
            Phase::Ready | Phase::Moving | Phase::Held | Phase::Lost => Verdict::Waiting,
        }
    }
}

/// What time has to do with it.
struct Notes {
    /// Since the wait began.
    elapsed: Duration,
    /// Since the present status was seen first.
    rests: Duration,
    /// Whether its trouble lasts.
    is_hopeless: bool,
}

fn at_rest(notes: &Notes, it: &Observation<'_>) -> Verdict {
    let is_moving = it.phase == Phase::Moving && !notes.is_hopeless && !is_unknown_for_long(notes, it);
    if is_moving { Verdict::Waiting } else { Verdict::Done }
}

fn gone(notes: &Notes, it: &Observation<'_>) -> Verdict {
    match it.phase {
        Phase::Gone => Verdict::Done,
        Phase::Leaving | Phase::Moving => Verdict::Waiting,
        _ if notes.rests >= IDLE_AFTER => Verdict::Idle,
        _ => Verdict::Waiting,
    }
}

fn is_unknown_for_long(notes: &Notes, it: &Observation<'_>) -> bool {
    !it.is_known && !it.is_troubled && notes.rests >= UNKNOWN_STATUS_FOR
}

#[cfg(test)]
mod tests;
