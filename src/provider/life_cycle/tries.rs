//! Making the first of several candidates that can be had.
//!
//! Candidates are tried in their order, what a catalogue shows in stock first, until one is not refused for what is its
//! own: its stock, or that it is not offered there. Of each at most one create call is sent in a round, and the next only
//! after a refusal, which says that nothing was created; an unclear answer ends the tries, and is looked for. With
//! `capacity_timeout` there are more rounds.

use std::time::Duration;

use tfplugin::diagnostics::{Diagnostics, bug};
use tfplugin::path::Path;
use tfplugin::resource::Result;
use tfplugin::schema::Schema;
use tfplugin::timeouts::parse_duration;
use tokio::time::Instant;

use crate::api::error::Error;
use crate::provider::clients::Cx;
use crate::provider::error_context::ErrorContext;
use crate::provider::life_cycle::choice::{Candidate, Choice, candidates};
use crate::provider::life_cycle::create::{post, wanted};
use crate::provider::life_cycle::in_flight::Name;
use crate::provider::life_cycle::recovery::{Creation, Made, NotMade};
use crate::provider::life_cycle::remote::Remote;
use crate::provider::life_cycle::stored::Stored;

/// The attribute that says how long candidates are tried.
const CAPACITY_TIMEOUT: &str = "capacity_timeout";

/// The pauses between two rounds, in units of `poll_interval`: by default 30 seconds, growing to 5 minutes.
const FIRST_PAUSE: u32 = 6;
const LONGEST_PAUSE: u32 = 60;

/// Makes the first candidate that can be had.
///
/// # Errors
/// None could, or it cannot be told what was made.
pub(super) async fn make_first<S: Stored>(
    cx: &Cx,
    remote: &Remote<'_, S::Answer>,
    wish: &S,
    name: Name,
) -> Result<(Made<S::Answer>, S)> {
    let mut tries = Tries::new(wish, remote);
    loop {
        let open = candidates(wish).into_iter().filter(|it| !tries.is_out(&it.named)).collect();
        for Candidate { model, named } in S::weigh(cx, open, tries.round == 0).await? {
            let creation = Creation {
                post: || post(&model, remote),
                passes: S::passes,
                search: S::BY_HAND,
                tells_id: S::TELLS_ID,
                costs: S::COSTS,
            };
            match remote.create(wanted(&model, name), creation).await {
                Ok(made) => return Ok((made, model)),
                Err(it) if is_own(&model, &it.error) => tries.note(model, named, it.error),
                Err(it) => return Err(not_made::<S>(&it)),
            }
        }
        tries.pause().await?;
    }
}

/// Whether a refusal is of what was chosen: another choice may be had.
fn is_own<S: Stored>(model: &S, error: &Error) -> bool {
    // A refusal need not name what it is about; it has made nothing all the same.
    let field = error.details().field.as_deref();
    let blames =
        |it: &Choice<'_>| it.many.is_set() && field.is_none_or(|field| it.names.blamed.contains(&field));
    match error {
        Error::OutOfStock(_) => true,
        Error::Rejected(_) => model.clone().choices().iter().any(blames),
        _ => false,
    }
}

fn not_made<S: Stored>(it: &NotMade) -> Diagnostics {
    let what = format!("create the {}", S::THING);
    let schema = Schema::of::<S>();
    ErrorContext { what: &what, aftermath: it.aftermath.clone(), schema: Some(&schema) }.failed(&it.error)
}

/// The rounds through the candidates.
struct Tries<'r, 'a, S: Stored> {
    remote: &'r Remote<'a, S::Answer>,
    begin: Instant,
    /// How long to go on; `None`: one round.
    limit: Option<Duration>,
    pause: Duration,
    round: u32,
    /// The last one of each candidate.
    refused: Vec<Refusal<S>>,
    /// The names of all candidates.
    all: Vec<String>,
}

/// A candidate that could not be had.
struct Refusal<S> {
    named: String,
    error: Error,
    model: S,
}

impl<S> Refusal<S> {
    /// Whether it passes with time.
    fn passes(&self) -> bool {
        matches!(self.error, Error::OutOfStock(_))
    }
}

impl<'r, 'a, S: Stored> Tries<'r, 'a, S> {
    fn new(wish: &S, remote: &'r Remote<'a, S::Answer>) -> Self {
        let limit = wish.capacity_timeout().and_then(|it| parse_duration(it.text()?).ok());
        let pause = remote.client.poll_interval().saturating_mul(FIRST_PAUSE);
        let all = candidates(wish).into_iter().map(|it| it.named).collect();
        Self { remote, begin: Instant::now(), limit, pause, round: 0, refused: Vec::new(), all }
    }

    /// Whether it was refused for what does not pass with time.
    fn is_out(&self, named: &str) -> bool {
        self.refused.iter().any(|it| it.named == named && !it.passes())
    }

    fn note(&mut self, model: S, named: String, error: Error) {
        log::info!(target: "provider", thing = S::THING, candidate = named.as_str(); "Candidate was refused: {}", error.gist());
        self.refused.retain(|it| it.named != named);
        self.refused.push(Refusal { named, error, model });
    }

    /// Waits for the next round.
    ///
    /// # Errors
    /// There is none: the time for it is up, it was stopped, or nothing is left to wait for.
    async fn pause(&mut self) -> Result<()> {
        let left = self.limit.map(|it| it.saturating_sub(self.begin.elapsed())).filter(|it| !it.is_zero());
        let left = left.filter(|_| self.refused.iter().any(Refusal::passes));
        let Some(left) = left else { return Err(self.none_to_be_had(None).await) };
        let pause = self.pause.min(left);
        log::info!(target: "provider", thing = S::THING; "No hardware: tried again in {pause:?}, for {left:?} at most");
        if let Err(why) = self.remote.call.pause(pause).await {
            let doing = format!("waiting for hardware for the {} (`{CAPACITY_TIMEOUT}`)", S::THING);
            return Err(self.none_to_be_had(Some(Error::interrupted(why, "", &doing, None))).await);
        }
        self.round += 1;
        let longest = self.remote.client.poll_interval().saturating_mul(LONGEST_PAUSE);
        self.pause = self.pause.saturating_mul(2).min(longest);
        Ok(())
    }

    /// The failure of all candidates: why the wait has ended, and what was said of each.
    async fn none_to_be_had(&mut self, end: Option<Error>) -> Diagnostics {
        let Some(Refusal { named, error: last, mut model }) = self.refused.pop() else {
            return bug("there is no candidate").into();
        };
        let waited = match self.round {
            0 => String::new(),
            rounds => {
                format!("It was tried {} times in {} seconds. ", rounds + 1, self.begin.elapsed().as_secs())
            }
        };
        let is_refused = |name: &&String| **name == named || self.refused.iter().any(|it| it.named == **name);
        let left_out: Vec<_> = self.all.iter().filter(|it| !is_refused(it)).map(String::as_str).collect();
        let left_out = match left_out.is_empty() {
            true => String::new(),
            false => format!("Not tried, as the price cap leaves them out: {}. ", left_out.join("; ")),
        };
        let aftermath = format!("No {} was created.", S::THING);
        if self.refused.is_empty() && end.is_none() {
            let mut error = model.advise(self.remote, last).await;
            let advice = &mut error.details_mut().advice;
            *advice = format!("{waited}{left_out}{advice}");
            return not_made::<S>(&NotMade { error, aftermath });
        }
        let refused = self.refused.iter().map(|it| (&it.named, &it.error)).chain([(&named, &last)]);
        let each: Vec<_> =
            refused.map(|(named, error)| format!("{named}: {}", error.details().message)).collect();
        let advice = format!(
            "{waited}Refused: {}. {left_out}Name more candidates, or allow more time (`{CAPACITY_TIMEOUT}`).",
            each.join("; ")
        );
        let mut error = end.unwrap_or(last).described("", advice);
        let list = model.choices().into_iter().find(|it| it.many.is_set()).map(|it| it.names.many);
        error.details_mut().field.take_if(|_| list.is_some());
        let mut failure = not_made::<S>(&NotMade { error, aftermath });
        if let Some(list) = list {
            failure.0 = failure.0.into_iter().map(|it| it.at(Path::root(list))).collect();
        }
        failure
    }
}
