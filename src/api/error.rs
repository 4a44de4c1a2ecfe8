//! What can go wrong with a call, named by what the caller does next.
//!
//! Every variant carries the same [`Details`], boxed so that a `Result` stays small. They hold no
//! secret and, of a body, only the message that the API wrote for people. How a refusal is told
//! apart is [`error_mapping`](crate::api::error_mapping)'s matter; what a user reads is the provider's.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::api::call::Interrupted;
use crate::api::error_mapping::ErrorMapping;
use crate::api::text::tidy;

/// The result of a call.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The thing does not exist (any more).
    #[error(transparent)]
    NotFound(Box<Details>),
    /// The key is missing, wrong or expired.
    #[error(transparent)]
    Unauthorized(Box<Details>),
    /// The key may not do this.
    #[error(transparent)]
    Forbidden(Box<Details>),
    /// The account may do nothing: it is not verified, not activated, blocked or unknown.
    #[error(transparent)]
    AccountBlocked(Box<Details>),
    /// The input is wrong; [`Details::field`] says where, if the API did.
    #[error(transparent)]
    Rejected(Box<Details>),
    /// No hardware left. Passes with time or elsewhere, but is never waited for.
    #[error(transparent)]
    OutOfStock(Box<Details>),
    /// A limit of the account.
    #[error(transparent)]
    QuotaExceeded(Box<Details>),
    /// No money left.
    #[error(transparent)]
    InsufficientBalance(Box<Details>),
    /// The budget of a team is used up, whatever the account's balance.
    #[error(transparent)]
    OverBudget(Box<Details>),
    /// The thing, or one that it depends on, is in a state that does not allow this now.
    #[error(transparent)]
    Conflict(Box<Details>),
    /// A prepaid machine cannot be removed before its term ends.
    #[error(transparent)]
    PrepaidNotRemovable(Box<Details>),
    /// Still too many requests after the allowed number of repetitions.
    #[error(transparent)]
    RateLimited(Box<Details>),
    /// The request left the machine and nobody knows what came of it: look before doing it again.
    #[error(transparent)]
    Ambiguous(Box<Details>),
    /// The request never arrived, or it was a read whose answer got lost. Nothing was changed.
    #[error(transparent)]
    Transport(Box<Details>),
    /// A read was answered by a failure of the API (5xx), or by a time-out on its way (408).
    #[error(transparent)]
    Server(Box<Details>),
    /// A read was answered by something unreadable.
    #[error(transparent)]
    Decode(Box<Details>),
    /// What was waited for went wrong for good; [`Details::seen`] is its status.
    #[error(transparent)]
    Failed(Box<Details>),
    /// What was waited for was taken back by the platform, as cheap rentals may be.
    #[error(transparent)]
    Reclaimed(Box<Details>),
    /// The operation was asked to stop.
    #[error(transparent)]
    Stopped(Box<Details>),
    /// The operation's time is up; [`Details::seen`] is the status last seen.
    #[error(transparent)]
    TimedOut(Box<Details>),
    /// The address, the key's characters or this machine's certificates cannot work.
    #[error(transparent)]
    Misconfigured(Box<Details>),
}

/// The facts of a failure.
#[derive(Clone, Debug, Default)]
pub(crate) struct Details {
    /// Method and path without query; empty if no single request failed.
    pub(crate) call: String,
    /// Whose refusal it is.
    pub(crate) error_mapping: Option<ErrorMapping>,
    /// The HTTP status, or the one that the body claims under a successful one.
    pub(crate) status: Option<u16>,
    /// The API's name of the error; empty if it has none.
    pub(crate) name: String,
    /// The API's words, or ours where it said nothing.
    pub(crate) message: String,
    /// Wire name of the field to blame, dotted when nested. A hint: it need not exist.
    pub(crate) field: Option<String>,
    /// The status last seen of a thing that was waited for.
    pub(crate) seen: Option<String>,
    /// How long the API asks to wait before the next request.
    pub(crate) retry_after: Option<Duration>,
    /// The caller's own words for it, where they say more than the variant; empty: they do not.
    pub(crate) headline: String,
    /// What to do about it, likewise.
    pub(crate) advice: String,
    /// The cause.
    pub(crate) source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// The facts.
    pub(crate) fn details(&self) -> &Details {
        match self {
            Self::NotFound(it)
            | Self::Unauthorized(it)
            | Self::Forbidden(it)
            | Self::AccountBlocked(it)
            | Self::Rejected(it)
            | Self::OutOfStock(it)
            | Self::QuotaExceeded(it)
            | Self::InsufficientBalance(it)
            | Self::OverBudget(it)
            | Self::Conflict(it)
            | Self::PrepaidNotRemovable(it)
            | Self::RateLimited(it)
            | Self::Ambiguous(it)
            | Self::Transport(it)
            | Self::Server(it)
            | Self::Decode(it)
            | Self::Failed(it)
            | Self::Reclaimed(it)
            | Self::Stopped(it)
            | Self::TimedOut(it)
            | Self::Misconfigured(it) => it,
        }
    }

    /// The facts, to add one.
    pub(crate) fn details_mut(&mut self) -> &mut Details {
        match self {
            Self::NotFound(it)
            | Self::Unauthorized(it)
            | Self::Forbidden(it)
            | Self::AccountBlocked(it)
            | Self::Rejected(it)
            | Self::OutOfStock(it)
            | Self::QuotaExceeded(it)
            | Self::InsufficientBalance(it)
            | Self::OverBudget(it)
            | Self::Conflict(it)
            | Self::PrepaidNotRemovable(it)
            | Self::RateLimited(it)
            | Self::Ambiguous(it)
            | Self::Transport(it)
            | Self::Server(it)
            | Self::Decode(it)
            | Self::Failed(it)
            | Self::Reclaimed(it)
            | Self::Stopped(it)
            | Self::TimedOut(it)
            | Self::Misconfigured(it) => it,
        }
    }

    /// Whether the same look may do better in a moment.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self, Self::Transport(_) | Self::Server(_) | Self::RateLimited(_) | Self::Decode(_))
    }

    /// For the log: which call got which answer, without the API's words, since they may repeat what was
    /// sent.
    pub(crate) fn gist(&self) -> String {
        let Details { call, status, name, .. } = self.details();
        let status = status.map(|it| format!("HTTP {it}")).unwrap_or_default();
        let parts = [call.as_str(), &status, name].into_iter().filter(|it| !it.is_empty());
        parts.collect::<Vec<_>>().join(" ")
    }

    /// Whether the thing does not exist.
    #[cfg(test)]
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound(_))
    }

    /// A thing that a successful answer shows to be gone.
    pub(crate) fn gone(call: &str, message: impl Into<String>) -> Self {
        Self::NotFound(Details::new(call, message).into())
    }

    /// A wait that cannot succeed any more.
    pub(crate) fn failed(message: impl Into<String>, seen: impl Into<String>) -> Self {
        let details = Details { seen: Some(seen.into()), ..Details::plain(message) };
        Self::Failed(Box::new(details))
    }

    /// A wait for something that was taken back.
    pub(crate) fn reclaimed(message: impl Into<String>, seen: impl Into<String>) -> Self {
        let details = Details { seen: Some(seen.into()), ..Details::plain(message) };
        Self::Reclaimed(Box::new(details))
    }

    /// The same error with the caller's own words.
    #[must_use]
    pub(crate) fn described(mut self, headline: impl Into<String>, advice: impl Into<String>) -> Self {
        let details = self.details_mut();
        (details.headline, details.advice) = (headline.into(), advice.into());
        self
    }

    /// A wait that ended at one of its bounds.
    pub(crate) fn interrupted(why: Interrupted, call: &str, doing: &str, seen: Option<String>) -> Self {
        let last =
            seen.as_ref().map(|seen| format!("; the last status seen was {seen:?}")).unwrap_or_default();
        let end = match why {
            Interrupted::Stopped => "stopped while",
            Interrupted::OutOfTime => "ran out of time while",
        };
        let message = format!("{end} {doing}{last}");
        let details = Box::new(Details { call: call.to_owned(), seen, ..Details::plain(message) });
        match why {
            Interrupted::Stopped => Self::Stopped(details),
            Interrupted::OutOfTime => Self::TimedOut(details),
        }
    }
}

impl Details {
    /// Facts of a request.
    pub(crate) fn new(call: &str, message: impl Into<String>) -> Self {
        Self { call: call.to_owned(), ..Self::plain(message) }
    }

    fn plain(message: impl Into<String>) -> Self {
        Self { message: tidy(&message.into()), ..Self::default() }
    }

    /// The same facts with the status.
    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status: Some(status), ..self }
    }

    /// The same facts with their cause.
    pub(crate) fn because(self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { source: Some(Arc::from(source.into())), ..self }
    }
}

impl fmt::Display for Details {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.call.is_empty() {
            write!(out, "{}: ", self.call)?;
        }
        if let Some(status) = self.status {
            write!(out, "HTTP {status} ")?;
        }
        if !self.name.is_empty() {
            write!(out, "{}: ", self.name)?;
        }
        out.write_str(&self.message)
    }
}

impl std::error::Error for Details {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|it| it as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_small() {
        assert!(size_of::<Error>() <= 16);
    }

    #[test]
    fn an_error_reads_as_call_status_name_and_words() {
        let details = Details { name: "CONFLICT".into(), ..Details::new("POST /x", "busy").with_status(400) };
        let error = Error::Conflict(details.into());
        assert_eq!(error.to_string(), "POST /x: HTTP 400 CONFLICT: busy");
    }

    #[test]
    fn the_cause_is_kept() {
        let error = Error::Transport(Details::new("GET /x", "no answer").because("reset by peer").into());
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "reset by peer");
    }

    #[test]
    fn a_time_out_names_what_was_waited_for_and_the_last_status() {
        let doing = "waiting for instance i-1 to be running";
        let error = Error::interrupted(Interrupted::OutOfTime, "", doing, Some("pulling".into()));
        assert!(matches!(error, Error::TimedOut(_)));
        assert_eq!(
            error.to_string(),
            "ran out of time while waiting for instance i-1 to be running; the last status seen was \"pulling\""
        );
    }
}
