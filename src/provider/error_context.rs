//! What a failed call means for a user: summary, what was tried, what exists, what to do now, what the API said.
//!
//! The one place where an [`api::Error`](Error) becomes a [`Diagnostic`].

use tfplugin::body::attribute_of_wire;
use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::path::Path;
use tfplugin::schema::Schema;

use crate::api::error::Error;
use crate::provider::clients::Vendor;

/// What was being done when a call failed.
pub(crate) struct ErrorContext<'a> {
    /// Completes "Could not …": `create the instance`.
    pub(crate) what: &'a str,
    /// What exists and costs money after the failure, in a full sentence; empty: nothing is known of it.
    pub(crate) aftermath: String,
    /// To find the attribute of a wire name that the API blames.
    pub(crate) schema: Option<&'a Schema>,
}

impl<'a> ErrorContext<'a> {
    /// An attempt whose failure leaves nothing behind that is not in the state already.
    pub(crate) fn to(what: &'a str) -> Self {
        Self { what, aftermath: String::new(), schema: None }
    }

    /// The message for a failure of this attempt.
    pub(crate) fn failed(&self, error: &Error) -> Diagnostics {
        let last_status = error.details().seen.as_deref().unwrap_or_default();
        log::warn!(target: "provider", operation = self.what, last_status = last_status; "Operation failed");
        let (usual_summary, usual_advice) = explain(error, self.what);
        let summary = own_or(&error.details().headline, usual_summary);
        let advice = own_or(&error.details().advice, usual_advice);
        let said = sentence(&error.to_string());
        let diagnostic = Diagnostic::error(summary, self.detail(error, &said, &advice));
        match self.attribute(error) {
            Some(attribute) => diagnostic.at(Path::root(attribute)),
            None => diagnostic,
        }
        .into()
    }

    /// What happened, what exists and costs, what to do; the API's own words come last, in a paragraph of their own.
    fn detail(&self, error: &Error, said: &str, advice: &str) -> String {
        if error.details().call.is_empty() {
            return paragraphs(&[&capitalised(said), &self.aftermath, advice]);
        }
        let ours = paragraphs(&[&self.aftermath, advice]);
        if ours.is_empty() { said.to_owned() } else { format!("{ours}\n\n{said}") }
    }

    fn attribute(&self, error: &Error) -> Option<&'a str> {
        let field = error.details().field.as_deref()?;
        attribute_of_wire(self.schema?, field.split(['.', '[']).next()?)
    }
}

/// A failed start or stop (`what`) of a machine that exists. Where hardware is elsewhere is no help to this one.
pub(crate) fn not_switched(what: &str, thing: &str, id: &str, error: &Error) -> Diagnostics {
    let aftermath = match error {
        Error::OutOfStock(_) => format!(
            "The {thing} {id} stays stopped and in the state, and its storage stays billed. A change of product or place \
             creates another machine, without its data."
        ),
        _ => String::new(),
    };
    ErrorContext { what, aftermath, schema: None }.failed(error)
}

/// The caller's own words where there are some.
fn own_or(own: &str, usual: String) -> String {
    if own.is_empty() { usual } else { own.to_owned() }
}

/// A word as the beginning of a sentence.
pub(crate) fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at_checked(1).unwrap_or_default();
    format!("{}{rest}", first.to_uppercase())
}

/// One text of these; what ends with a command on a line of its own ends a paragraph.
fn paragraphs(parts: &[&str]) -> String {
    let mut text = String::new();
    for part in parts.iter().map(|it| it.trim()).filter(|it| !it.is_empty()) {
        let ends_with_command = text.lines().last().is_some_and(|it| it.starts_with("  "));
        text += if text.is_empty() {
            ""
        } else if ends_with_command {
            "\n\n"
        } else {
            " "
        };
        text += part;
    }
    text
}

fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.is_empty() || text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// `create the instance` as what may have happened: `the instance was created`.
fn done(what: &str) -> String {
    let (verb, object) = what.split_once(' ').unwrap_or((what, "it"));
    let participle = match verb {
        "read" | "set" => verb.to_owned(),
        "stop" => "stopped".to_owned(),
        _ if verb.ends_with('e') => format!("{verb}d"),
        _ => format!("{verb}ed"),
    };
    format!("{object} was {participle}")
}

/// What a refused key or account means for what exists.
const NOTHING_IS_GONE: &str = "That says nothing about the machines: none was touched, what is in the state stays \
                               there, and what runs goes on costing money.";

/// Summary and advice for each kind of failure.
fn explain(error: &Error, what: &str) -> (String, String) {
    let vendor = error.details().error_mapping.map(Vendor::of);
    let of_vendor = vendor.map(|it| format!(" of {}", it.name)).unwrap_or_default();
    let account = format!("the account{of_vendor}");
    match error {
        Error::NotFound(_) => (
            format!("Could not {what}: not found"),
            "Check the id, and that the key belongs to the right account.".to_owned(),
        ),
        Error::Unauthorized(_) => {
            let place = match vendor {
                Some(it) => format!("`{}` of the provider block or the variable {}", it.key, it.variable),
                None => "the key in the provider block".to_owned(),
            };
            let advice = format!("It is wrong, expired or revoked. Check {place}. {NOTHING_IS_GONE}");
            (format!("API key{of_vendor} was refused"), advice)
        }
        Error::Forbidden(_) => (
            format!("API key{of_vendor} may not do this"),
            format!(
                "It was accepted, but it may only read, or its user lacks the role. Use a key that may change things, or \
                 give this one the permission in the vendor's console. {NOTHING_IS_GONE}"
            ),
        ),
        Error::AccountBlocked(_) => (
            format!("Account{of_vendor} is not ready for use"),
            format!(
                "It has to be verified, activated or unblocked in the vendor's console; the API's words say which. \
                 {NOTHING_IS_GONE}"
            ),
        ),
        Error::Rejected(_) => (
            format!("API refused to {what}"),
            "Correct the value that the API names and apply again.".to_owned(),
        ),
        Error::OutOfStock(_) => (
            format!("Could not {what}: out of stock"),
            "Nothing was retried. Choose other hardware or another place, or try again later.".to_owned(),
        ),
        Error::QuotaExceeded(_) => (
            format!("Could not {what}: quota exceeded"),
            format!(
                "A limit of {account} is reached; waiting does not help. Remove what is not needed, or ask the vendor to \
                 raise it."
            ),
        ),
        Error::InsufficientBalance(_) => (
            format!("Could not {what}: not enough balance"),
            format!("Top up {account} and apply again. Without money the vendor stops what runs, too."),
        ),
        Error::OverBudget(_) => (
            format!("Could not {what}: budget used up"),
            format!("The team's budget in {account} does not allow it: let its administrator raise it, and apply again."),
        ),
        Error::Conflict(_) => (
            format!("Could not {what} in its present state"),
            "If it is stopped, start it first (`desired_status = \"running\"`); if it is busy, apply again in a minute."
                .to_owned(),
        ),
        Error::PrepaidNotRemovable(_) => (
            "Prepaid machine cannot be removed yet".to_owned(),
            "It is paid for until `end_time`. Keep it until then with `auto_renew = false`, or take it out of the state and \
             let it end:\n\n  terraform state rm ADDRESS"
                .to_owned(),
        ),
        Error::RateLimited(_) if what.starts_with("create") => (
            format!("Could not {what}: too many requests"),
            format!(
                "A quota can be the cause, and that does not pass with time: look at the number \
                 of machines in {account}. Otherwise lower `max_requests_per_minute`, or try again later."
            ),
        ),
        Error::RateLimited(_) => (
            format!("Could not {what}: too many requests"),
            "It was waited for and asked again. Lower `max_requests_per_minute`, or try again later.".to_owned(),
        ),
        Error::Ambiguous(_) => (
            format!("Unclear whether {}", done(what)),
            "The request was sent, and no clear answer came back. It may have worked: look before you repeat it."
                .to_owned(),
        ),
        Error::Transport(_) => (
            format!("Could not {what}: API not reached"),
            "Check the network, the proxy (HTTPS_PROXY, NO_PROXY) and `base_url` (Nova Cloud: `novacloud_base_url`).".to_owned(),
        ),
        Error::Server(_) => (
            format!("Could not {what}: API failed"),
            "The fault is on the API's side, and what is in the state stays there. Try again later.".to_owned(),
        ),
        Error::Decode(_) => (
            format!("Could not {what}: unreadable answer"),
            "The API's answer has an unexpected form. If `base_url` is right, please report this.".to_owned(),
        ),
        Error::Failed(_) => (format!("Failed to {what}"), "The API's message has the reason.".to_owned()),
        Error::Reclaimed(_) => {
            (format!("Could not {what}: taken back"), "Apply again to get another one, or rent it on demand.".to_owned())
        }
        Error::Stopped(_) => (format!("Could not {what}: interrupted"), "Run the same command again to go on.".to_owned()),
        Error::TimedOut(_) => (
            format!("Could not {what} in time"),
            "Raise the limit in the `timeouts` block if this needs longer.".to_owned(),
        ),
        Error::Misconfigured(_) => (
            "Provider cannot call the API".to_owned(),
            "Check `base_url` and `api_key` (Nova Cloud: `novacloud_base_url`, `novacloud_api_key`) and this machine's CA certificates (SSL_CERT_FILE, SSL_CERT_DIR)."
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests;
