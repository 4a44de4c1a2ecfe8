//! Removing: asking for it until it is gone, since removing twice does no harm.
//!
//! A removal that is refused because the thing is busy waits for it, and one of what is in use is sent again as long as
//! the operation may take, since what used it may be on its way out; one whose answer says nothing certain is
//! looked at and sent again; so is one that was accepted and has not begun after a minute. Gone is what two
//! witnesses lack, as in reading.

use std::time::Duration;

use tfplugin::resource;
use tokio::time::Instant;

use crate::api::error::{Error, Result};
use crate::provider::clients::Cx;
use crate::provider::error_context::ErrorContext;
use crate::provider::life_cycle::change::idle;
use crate::provider::life_cycle::judge::Goal;
use crate::provider::life_cycle::pace::Pace;
use crate::provider::life_cycle::phase::Phase;
use crate::provider::life_cycle::remote::{Answer, Remote};
use crate::provider::life_cycle::stored::{Stored, is_unseen};
use crate::provider::life_cycle::waiter::End;

/// So often a removal is sent while the thing stays where it is.
pub(crate) const TIMES: u32 = 3;

/// So much of the operation's time is left for looking who uses it.
const LOOK_FOR_USERS: Duration = Duration::from_secs(2);

/// Removes a thing and waits until it is gone.
pub(crate) async fn delete<S: Stored>(cx: &Cx, state: &S) -> resource::Result<()> {
    let remote = S::remote(cx)?;
    let id = state.id().text_or_empty();
    if is_unseen(cx, state, remote.client.now()) {
        // What is not known yet cannot be removed yet. Whatever is wrong, the removal will tell.
        let _ = remote.look_for(id, true).await;
    }
    let Err(error) = remote.remove(id, || state.remove(&remote)).await else { return Ok(()) };
    let costs = if S::COSTS { " and cost money" } else { "" };
    let mut aftermath = format!("The {} {id} may still exist{costs}.", S::THING);
    if matches!(error, Error::Conflict(_)) {
        let users = S::users(cx, id).await;
        if !users.is_empty() {
            aftermath = format!("{aftermath} It is used by {}.", users.join(", "));
        }
    }
    Err(ErrorContext { what: &format!("destroy the {}", S::THING), aftermath, schema: None }.failed(&error))
}

/// Where a thing stands after a removal that was not accepted.
enum Stand {
    Going,
    Staying,
    /// It was on its way from one status to another, and has arrived.
    Arrived,
}

impl<A: Answer> Remote<'_, A> {
    /// Removes a thing by `send`, and returns when it is gone.
    ///
    /// # Errors
    /// The last refusal, when the thing stays; the bounds' errors.
    pub(crate) async fn remove<F: Future<Output = Result<()>>>(
        &self,
        id: &str,
        send: impl Fn() -> F,
    ) -> Result<()> {
        let mut sent = 0;
        loop {
            self.ask_for_removal(id, &send).await?;
            sent += 1;
            match self.wait(id, Goal::Gone).await? {
                End::Gone | End::Reached(..) => return Ok(()),
                End::Idle(answer) if sent >= TIMES => return Err(idle(self, id, &answer)),
                End::Idle(_) => {
                    log::warn!(target: "provider", "a removal of {} {id} was accepted and has not begun: it is sent again", self.thing);
                }
            }
        }
    }

    /// Sends a removal until it is accepted, or shows.
    async fn ask_for_removal<F: Future<Output = Result<()>>>(
        &self,
        id: &str,
        send: &impl Fn() -> F,
    ) -> Result<()> {
        let begin = Instant::now();
        let mut pace = Pace::new(self.client.poll_interval());
        let mut sent = 0;
        loop {
            let error = match send().await {
                Ok(()) | Err(Error::NotFound(_)) => return Ok(()),
                Err(error @ (Error::Conflict(_) | Error::Ambiguous(_))) => error,
                Err(error) => return Err(error),
            };
            log::warn!(target: "provider", "looking whether a removal of {} {id} worked: {}", self.thing, error.gist());
            sent += 1;
            // Right after what used it went, that usually passes.
            let passes = A::IS_USED && matches!(error, Error::Conflict(_));
            let pause = if passes { pace.pause(begin.elapsed()) } else { self.client.poll_interval() };
            if passes && !self.call.has_time_for(pause + LOOK_FOR_USERS) {
                return Err(error);
            }
            match self.stand(id, &error, pause).await {
                Ok(Stand::Going) => return Ok(()),
                Ok(Stand::Arrived) => sent = 0,
                Ok(Stand::Staying) if passes || sent < TIMES => {}
                Ok(Stand::Staying) => return Err(error),
                Err(why @ Error::Stopped(_)) => return Err(why),
                Err(why @ Error::TimedOut(_)) if !passes => return Err(why),
                Err(_) => return Err(error),
            }
        }
    }

    async fn stand(&self, id: &str, refusal: &Error, pause: Duration) -> Result<Stand> {
        let doing = format!("removing {} {id}", self.thing);
        self.call.pause(pause).await.map_err(|why| Error::interrupted(why, "", &doing, None))?;
        let is_moving = |it: &A| it.phase() == Phase::Moving;
        match self.get(id).await {
            Ok(it) if matches!(it.phase(), Phase::Leaving | Phase::Gone) => Ok(Stand::Going),
            // That it cannot be removed while it is on its way somewhere is (assumed).
            Ok(it) if matches!(refusal, Error::Conflict(_)) && is_moving(&it) => {
                self.wait(id, Goal::AtRest).await.map(|end| match end {
                    End::Gone => Stand::Going,
                    End::Reached(it, _) | End::Idle(it) if it.phase() == Phase::Leaving => Stand::Going,
                    End::Reached(..) | End::Idle(_) => Stand::Arrived,
                })
            }
            Ok(_) => Ok(Stand::Staying),
            Err(Error::NotFound(_)) => Ok(Stand::Going),
            // A look that fails says nothing: it is sent again.
            Err(error) if error.is_passing() => Ok(Stand::Staying),
            Err(error) => Err(error),
        }
    }
}
