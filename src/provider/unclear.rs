//! A change or a removal whose answer says nothing certain: look before doing anything else.
//!
//! A change is never sent again from here, as some of them cost; it is a success if what was wanted shows. A
//! removal may be repeated, since removing twice does no harm. What is looked at and what shows is the
//! caller's matter; a create is looked for elsewhere, in [`lost`](crate::provider::lost).

use std::future::Future;
use std::time::Duration;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::{Error, Result};
use crate::api::wait::{Verdict, poll};
use crate::provider::watch::Sight;

/// A change is looked at again after this (a client of Novita saw that some refused ones succeed anyway).
const SECOND_LOOK: Duration = Duration::from_secs(2);

/// So often a change is looked at.
const LOOKS: u32 = 3;

/// So often a change is looked at that takes "about a minute", at the interval of the waits.
const SLOW_LOOKS: u32 = 12;

/// So often a removal is sent while the thing stays where it is.
const REMOVALS: u32 = 3;

/// Looks at something that was changed, perhaps.
pub(crate) struct SecondLook<'a> {
    call: &'a Call,
    looks: u32,
    pause: Duration,
}

impl<'a> SecondLook<'a> {
    /// At what shows at once.
    pub(crate) fn soon(client: &Client, call: &'a Call) -> Self {
        Self { call, looks: LOOKS, pause: SECOND_LOOK.min(client.poll_interval()) }
    }

    /// At what takes its time to show, if it was not refused.
    pub(crate) fn patiently(client: &Client, call: &'a Call) -> Self {
        Self { call, looks: SLOW_LOOKS, pause: client.poll_interval() }
    }

    /// The result of a change. A refusal for a wrong state, or an unclear answer, is a success if what
    /// `look` brings turns out to show it.
    pub(crate) async fn forgive<S, F: Future<Output = Result<S>>>(
        &self,
        result: Result<()>,
        look: impl Fn() -> F,
        mut shows: impl FnMut(S) -> bool,
    ) -> Result<()> {
        let Err(error @ (Error::Conflict(_) | Error::Ambiguous(_))) = result else { return result };
        // A refusal has seldom worked, and nothing is to be waited for.
        let looks = if matches!(error, Error::Conflict(_)) { LOOKS } else { self.looks };
        for _ in 0..looks {
            let interrupted =
                |why| Error::interrupted(why, "", "looking whether an unclear call worked", None);
            self.call.pause(self.pause).await.map_err(interrupted)?;
            match look().await.map(&mut shows) {
                Ok(true) => {
                    log::warn!(target: "provider", "the change worked, although its answer did not say so: {}", error.gist());
                    return Ok(());
                }
                Ok(false) => {}
                Err(why) => {
                    log::warn!(target: "provider", "could not look whether an unclear call worked: {}", why.gist())
                }
            }
        }
        Err(error)
    }
}

/// What is to be removed, and how.
pub(crate) struct Removal<'a> {
    pub(crate) client: &'a Client,
    pub(crate) call: &'a Call,
    /// `instance i-1`
    pub(crate) what: String,
}

/// Where a thing stands after a removal that was not accepted.
enum Stand {
    Going,
    Staying,
    /// It was on its way from one status to another, and has arrived.
    Arrived,
}

impl Removal<'_> {
    /// Removes a thing by `send`. Returns when it is gone or going.
    ///
    /// After an unclear answer, and after a refusal for a wrong state, it is looked at and sent again,
    /// within bounds. A thing that is refused while it is on its way somewhere is waited for (assumed: that
    /// it cannot be removed meanwhile).
    ///
    /// # Errors
    /// The last refusal, when the thing stays; the bounds' errors.
    pub(crate) async fn run<S: Sight, D: Future<Output = Result<()>>, L: Future<Output = Result<S>>>(
        &self,
        send: impl Fn() -> D,
        look: impl Fn() -> L,
        is_leaving: impl Fn(&S) -> bool,
    ) -> Result<()> {
        let mut sent = 0;
        loop {
            let error = match send().await {
                Ok(()) | Err(Error::NotFound(_)) => return Ok(()),
                Err(error @ (Error::Conflict(_) | Error::Ambiguous(_))) => error,
                Err(error) => return Err(error),
            };
            log::warn!(target: "provider", what = self.what.as_str(); "looking whether a removal worked: {}", error.gist());
            sent += 1;
            match self.stand(&error, &look, &is_leaving).await {
                Ok(Stand::Going) => return Ok(()),
                Ok(Stand::Arrived) => sent = 0,
                Ok(Stand::Staying) if sent < REMOVALS => {}
                Ok(Stand::Staying) => return Err(error),
                Err(why @ (Error::Stopped(_) | Error::TimedOut(_))) => return Err(why),
                Err(_) => return Err(error),
            }
        }
    }

    async fn stand<S: Sight, L: Future<Output = Result<S>>>(
        &self,
        error: &Error,
        look: impl Fn() -> L,
        is_leaving: impl Fn(&S) -> bool,
    ) -> Result<Stand> {
        let (call, interval) = (self.call, self.client.poll_interval());
        let what = format!("{} to come to rest", self.what);
        let refused = matches!(error, Error::Conflict(_));
        let interrupted = |why| Error::interrupted(why, "", &format!("removing {}", self.what), None);
        call.pause(interval).await.map_err(interrupted)?;
        let mut moved = false;
        let judge = |sight: Result<S>| match sight {
            Ok(sight) if is_leaving(&sight) => Verdict::Done(Stand::Going),
            Ok(sight) if refused && sight.is_moving() => {
                moved = true;
                Verdict::Waiting(sight.status().to_owned())
            }
            Ok(_) if moved => Verdict::Done(Stand::Arrived),
            Ok(_) => Verdict::Done(Stand::Staying),
            Err(Error::NotFound(_)) => Verdict::Done(Stand::Going),
            Err(error) if error.is_passing() => Verdict::Done(Stand::Staying),
            Err(error) => Verdict::Failed(error),
        };
        poll(call, interval, &what, look, judge).await
    }
}
