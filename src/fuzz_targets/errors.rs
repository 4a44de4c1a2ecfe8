//! Refusals of both vendors, of any status, with any body and headers.

use jiff::Timestamp;

use crate::api::base_url::{BaseUrl, segment};
use crate::api::call::Intent;
use crate::api::error::Error;
use crate::api::error_mapping::{Claim, ErrorMapping};
use crate::api::retry::retry_after;
use crate::api::text::tidy;
use crate::provider::fuzz_targets::INSTANCE;

const ERROR_MAPPINGS: [ErrorMapping; 2] = [ErrorMapping::Novita, ErrorMapping::NovaCloud];
const INTENTS: [Intent; 6] = [
    Intent::List,
    Intent::Read(INSTANCE),
    Intent::Create,
    Intent::Change(INSTANCE),
    Intent::Action(INSTANCE),
    Intent::Remove(INSTANCE),
];

/// The most characters of an error's text: the call, the status, a name and a message that are as long as
/// [`tidy`] leaves them.
const LONGEST_ERROR: usize = 1400;

/// `[error_mapping and intent][status as a number of two bytes][length of a header][the header][body]`.
pub(super) fn refusal(data: &[u8]) {
    let [kind, low, high, len, rest @ ..] = data else { return };
    let (header, body) = rest.split_at(usize::from(*len).min(rest.len()));
    let error_mapping = ERROR_MAPPINGS[usize::from(*kind) % 2];
    let intent = INTENTS[usize::from(*kind >> 1) % INTENTS.len()];
    let status = u16::from_le_bytes([*low, *high]);
    let hidden = serde_json::from_slice::<Claim>(body).ok().and_then(|it| error_mapping.hidden_status(&it));
    for status in [Some(status), hidden].into_iter().flatten() {
        named_rightly(&error_mapping.error("GET /x", intent, status, body), intent, status);
    }
    if let Ok(header) = std::str::from_utf8(header) {
        headers(header);
    }
}

fn named_rightly(error: &Error, intent: Intent, status: u16) {
    let is_gone = matches!(error, Error::NotFound(_));
    assert!(!(is_gone && (matches!(status, 401 | 403 | 429) || status >= 500)), "{status} read as gone");
    assert!(!(is_gone && intent.subject().is_none()), "what is not there yet cannot be gone");
    let unclear = matches!(error, Error::Ambiguous(_));
    assert!(status < 500 || unclear != intent.only_looks(), "{status} is no answer");
    let details = error.details();
    assert!(details.message == tidy(&details.message) && details.name == tidy(&details.name));
    let text = error.to_string();
    assert!(text.chars().count() <= LONGEST_ERROR, "{} characters", text.chars().count());
    assert!(!text.contains(char::is_control), "{text:?}");
    assert!(details.field.as_ref().is_none_or(|it| it.len() <= LONGEST_ERROR));
}

/// A header as the wait it asks for; and as an id, which never leaves its place in a path.
fn headers(header: &str) {
    let _ = retry_after(header, Some(header), Timestamp::UNIX_EPOCH);
    let _ = retry_after(header, None, Timestamp::MAX);
    let _ = BaseUrl::parse(header);
    if let Ok(base) = BaseUrl::parse("https://h.example/v1") {
        let url = base.join(&format!("/vms/{}", segment(header)), &[("id", header)]);
        assert!(url.host_str() == Some("h.example") && url.path().starts_with("/v1/vms/"), "{url}");
        assert!(url.path().matches('/').count() == 3, "{url}");
    }
}
