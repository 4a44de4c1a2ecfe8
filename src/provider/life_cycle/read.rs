//! Reading: what the API says of a thing, and what it takes to believe that it is gone.
//!
//! Gone is what its get and the list both lack, the list by a walk that began after the get; or what is shown
//! under its very id with a status that says so. Everything else is an error that keeps the state.

use std::sync::atomic::{AtomicBool, Ordering};

use tfplugin::diagnostics::Diagnostic;
use tfplugin::path::Path;
use tfplugin::resource;
use tokio::time::Instant;

use crate::api::error::{Error, Result};
use crate::api::planted::{Bug, is_planted};
use crate::provider::clients::Cx;
use crate::provider::error_context::ErrorContext;
use crate::provider::life_cycle::judge::UNKNOWN_AT_FIRST;
use crate::provider::life_cycle::pace::Pace;
use crate::provider::life_cycle::phase::Phase;
use crate::provider::life_cycle::remote::{Answer, Remote};
use crate::provider::life_cycle::stored::{Stored, as_set_up, is_marked_so, is_seen, is_unseen, note_mark};
use crate::provider::read_back::Origin;

/// So often get and list may contradict each other, before that is an error: an API may forget for a moment.
const CONTRADICTIONS: usize = 3;

/// Reads a resource; `None`: it is gone, or going.
pub(crate) async fn read<S: Stored>(cx: &Cx, state: S) -> resource::Result<Option<S>> {
    let mut state = as_set_up(cx, state);
    let remote = S::remote(cx)?;
    let is_unseen = is_unseen(cx, &state, remote.client.now());
    let origin = if state.is_just_imported() { Origin::Imported } else { Origin::Refreshed };
    if origin == Origin::Refreshed
        && !is_unseen
        && let Some(listed) = remote.kind.list.confirms(&remote, &state, |it| is_marked_so(cx, it)).await
        && listed.phase() != Phase::Leaving
    {
        cx.tell(S::notice(&listed));
        return Ok(Some(state));
    }
    let failed = |error: &Error| ErrorContext::to(&format!("read the {}", S::THING)).failed(error);
    let id = state.id().text_or_empty().to_owned();
    // What is being removed is as good as gone: no call brings it back.
    let found = match remote.look_for(&id, is_unseen).await.map_err(|it| failed(&it))? {
        Some(found) if found.phase() != Phase::Leaving => found,
        Some(_) | None => {
            cx.tell(state.why_gone().filter(|_| origin == Origin::Refreshed));
            return Ok(None);
        }
    };
    is_seen(cx);
    S::accept(&found)?;
    cx.tell(S::notice(&found));
    remote.kind.list.note(&found);
    note_mark(cx, &found);
    let found = state.complete(&remote, found).await.map_err(|it| failed(&it))?;
    state.take(found, origin);
    if origin == Origin::Imported {
        state.appraise(cx).await;
        cx.tell(clear_envs(cx, &state));
    }
    Ok(Some(state))
}

/// Whether this process has warned of variables in clear.
#[derive(Default)]
struct Warned(AtomicBool);

/// Warns, once in a process, of what an import shows in clear, since the API does not know which variables are secret.
fn clear_envs<S: Stored>(cx: &Cx, state: &S) -> Option<Diagnostic> {
    let object = state.to_object();
    let keys: Vec<_> = object.get("envs").as_map()?.keys().map(|it| format!("`{it}`")).collect();
    if keys.is_empty() || cx.data.shared::<Warned>().0.swap(true, Ordering::Relaxed) {
        return None;
    }
    let detail = format!(
        "The API does not return which environment variables are secret, so an import stores all of them in `envs`, and plans \
         show their values; those of the {} {} are {}. Move secret ones to `secret_envs`; that changes the state alone.",
        S::THING,
        state.id().text_or_empty(),
        keys.join(", ")
    );
    let warning = Diagnostic::warning("Imported environment variables are shown in plans", detail);
    Some(warning.at(Path::root("envs")))
}

impl<A: Answer> Remote<'_, A> {
    /// Looks whether a thing is there; `None`: it is gone for certain. One that was not seen since it was made is
    /// looked for a little longer.
    ///
    /// # Errors
    /// It cannot be told: the look failed, or the list, or they contradict each other.
    pub(crate) async fn look_for(&self, id: &str, is_unseen: bool) -> Result<Option<A>> {
        let begin = Instant::now();
        let mut pace = Pace::new(self.client.poll_interval());
        let mut contradictions = 0;
        loop {
            let not_found = match self.get(id).await {
                Ok(found) => return Ok(Some(found).filter(|it| it.phase() != Phase::Gone)),
                Err(error @ Error::NotFound(_)) => error,
                Err(error) => return Err(error),
            };
            if !is_unseen || begin.elapsed() >= UNKNOWN_AT_FIRST {
                let is_missing = is_planted(Bug::BelievesOneWitness)
                    || self.is_missing_in_list(id).await.map_err(|it| self.unconfirmed(id, it))?;
                if is_missing {
                    return Ok(None);
                }
                contradictions += 1;
                if contradictions >= CONTRADICTIONS {
                    return Err(self.contradiction(id, &not_found));
                }
            }
            let pause = self.call.pause(pace.pause(begin.elapsed())).await;
            let doing = format!("looking for {} {id}", self.thing);
            pause.map_err(|why| Error::interrupted(why, "", &doing, None))?;
        }
    }

    /// A get has not found a thing, and the list could not say whether that is so.
    fn unconfirmed(&self, id: &str, mut error: Error) -> Error {
        let details = error.details_mut();
        details.message = format!(
            "the API says that there is no {} {id}, which the list of them could not confirm: {}",
            self.thing, details.message
        );
        error
    }
}
