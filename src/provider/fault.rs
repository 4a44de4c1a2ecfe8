//! What a failed call means for a user: summary, what was tried, what the API said, what to do now.
//!
//! The one place where an [`api::Error`](Error) becomes a [`Diagnostic`].

use crate::api::error::Error;
use crate::framework::body::attribute_of_wire;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::schema::Schema;

/// What was being done when a call failed.
pub(crate) struct Attempt<'a> {
    /// Completes "Could not …": `create the instance`.
    pub(crate) what: &'a str,
    /// What exists and costs money after the failure, in a full sentence; empty: nothing is known of it.
    pub(crate) aftermath: String,
    /// To find the attribute of a wire name that the API blames.
    pub(crate) schema: Option<&'a Schema>,
}

impl<'a> Attempt<'a> {
    /// An attempt whose failure leaves nothing behind that is not in the state already.
    pub(crate) fn to(what: &'a str) -> Self {
        Self { what, aftermath: String::new(), schema: None }
    }

    /// The message for a failure of this attempt.
    pub(crate) fn failed(&self, error: &Error) -> Diagnostics {
        let last_status = error.details().seen.as_deref().unwrap_or_default();
        log::warn!(target: "provider", operation = self.what, last_status = last_status; "Operation failed");
        let (summary, advice) = explain(error, self.what);
        let said = sentence(&error.to_string());
        let parts =
            [said.as_str(), &self.aftermath, &advice].map(str::trim).into_iter().filter(|it| !it.is_empty());
        let diagnostic = Diagnostic::error(summary, parts.collect::<Vec<_>>().join(" "));
        match self.attribute(error) {
            Some(attribute) => diagnostic.at(Path::root(attribute)),
            None => diagnostic,
        }
        .into()
    }

    fn attribute(&self, error: &Error) -> Option<&'a str> {
        let field = error.details().field.as_deref()?;
        attribute_of_wire(self.schema?, field.split(['.', '[']).next()?)
    }
}

/// A failure after a machine was made. A stop is no fault of the machine: it is kept as it is.
pub(crate) fn unfinished(thing: &str, id: &str, error: &Error) -> Diagnostics {
    if matches!(error, Error::Stopped(_)) {
        let detail = format!(
            "The {thing} {id} exists and costs money; it is in the state and was not ready yet. Apply again to go \
             on with it, or destroy it."
        );
        return Diagnostic::warning(format!("Stopped before the {thing} was ready"), detail).into();
    }
    let aftermath = format!(
        "The {thing} {id} exists and costs money. It is in the state, marked as tainted: the next apply replaces \
         it. To keep it, run `terraform untaint` on its address; to remove it, destroy it."
    );
    Attempt { what: &format!("get the {thing} ready"), aftermath, schema: None }.failed(error)
}

fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.is_empty() || text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// Summary and advice for each kind of failure.
fn explain(error: &Error, what: &str) -> (String, String) {
    let (summary, advice) = match error {
        Error::NotFound(_) => (
            format!("Could not {what}: not found"),
            "Check the id, and that the key belongs to the right account.",
        ),
        Error::Unauthorized(_) => (
            "API key was refused".to_owned(),
            "It is wrong, expired or revoked. Check `api_key` or NOVITA_API_KEY (Novita AI), `novacloud_api_key` or NOVACLOUD_API_KEY (Nova Cloud).",
        ),
        Error::Forbidden(_) => (
            "API key may not do this".to_owned(),
            "Check the key's permissions and the account's state (balance, verification, budget).",
        ),
        Error::Rejected(_) => {
            (format!("API refused to {what}"), "Correct the value that the API names and apply again.")
        }
        Error::OutOfStock(_) => (
            format!("Could not {what}: out of stock"),
            "Nothing was retried. Choose another product or cluster, or try again later.",
        ),
        Error::QuotaExceeded(_) => (
            format!("Could not {what}: quota exceeded"),
            "A limit of the account is reached: remove what is not needed or ask the vendor to raise it.",
        ),
        Error::InsufficientBalance(_) => {
            (format!("Could not {what}: not enough balance"), "Top up the account and apply again.")
        }
        Error::Conflict(_) => (
            format!("Could not {what} in its present state"),
            "If it is stopped, start it first (`desired_status = \"running\"`); if it is busy, apply again in a minute.",
        ),
        Error::PrepaidNotRemovable(_) => (
            "Prepaid machine cannot be removed yet".to_owned(),
            "It is paid for until `end_time`. Keep it until then, or take it out of the state with `terraform state rm` and let it end.",
        ),
        Error::RateLimited(_) => (
            format!("Could not {what}: too many requests"),
            "Lower `max_requests_per_minute`, raise `max_retries`, or try again later. On creation a quota can be the cause.",
        ),
        Error::Unclear(_) => (
            format!("Outcome unclear: {what}"),
            "The request was sent, and no clear answer came back. It is not repeated, since it may have worked.",
        ),
        Error::Transport(_) => (
            format!("Could not {what}: API not reached"),
            "Check the network, the proxy (HTTPS_PROXY, NO_PROXY) and `base_url`.",
        ),
        Error::Server(_) => {
            (format!("Could not {what}: API failed"), "The fault is on the API's side. Try again later.")
        }
        Error::Decode(_) => (
            format!("Could not {what}: unreadable answer"),
            "The API's answer has an unexpected form. If `base_url` is right, please report this.",
        ),
        Error::Failed(_) => (format!("Failed to {what}"), "See the API's message above."),
        Error::Stopped(_) => (format!("Stopped before the end: {what}"), "Apply again to go on."),
        Error::TimedOut(_) => {
            (format!("Timed out: {what}"), "Raise the limit in the `timeouts` block if this needs longer.")
        }
        Error::Misconfigured(_) => (
            "Provider cannot call the API".to_owned(),
            "Check `base_url`, `api_key` and this machine's CA certificates (SSL_CERT_FILE, SSL_CERT_DIR).",
        ),
    };
    (summary, advice.to_owned())
}
