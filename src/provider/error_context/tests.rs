//! What a user reads of each kind of failure.

use super::*;
use crate::api::call::Intent;
use crate::api::error::Details;
use crate::api::error_mapping::ErrorMapping;

const WHAT: &str = "create the instance";

fn refusal(error_mapping: ErrorMapping, status: u16, name: &str) -> Error {
    let body = match error_mapping {
        ErrorMapping::Novita => format!(r#"{{"reason":"{name}","message":"the API's own words"}}"#),
        ErrorMapping::NovaCloud => format!(r#"{{"detail":"{name}"}}"#),
    };
    error_mapping.error("POST /x", Intent::Create, status, body.as_bytes())
}

fn read(error: &Error, what: &str) -> (String, String) {
    let diagnostics = ErrorContext::to(what).failed(error);
    (diagnostics.0[0].summary.clone(), diagnostics.0[0].detail.clone())
}

/// One of each variant.
fn all() -> Vec<Error> {
    let make: [fn(Box<Details>) -> Error; 21] = [
        Error::NotFound,
        Error::Unauthorized,
        Error::Forbidden,
        Error::AccountBlocked,
        Error::Rejected,
        Error::OutOfStock,
        Error::QuotaExceeded,
        Error::InsufficientBalance,
        Error::OverBudget,
        Error::Conflict,
        Error::PrepaidNotRemovable,
        Error::RateLimited,
        Error::Ambiguous,
        Error::Transport,
        Error::Server,
        Error::Decode,
        Error::Failed,
        Error::Reclaimed,
        Error::Stopped,
        Error::TimedOut,
        Error::Misconfigured,
    ];
    make.iter().map(|make| make(Details::new("POST /x", "said").into())).collect()
}

#[test]
fn each_fault_has_a_summary_and_an_advice_of_its_own() {
    let told: Vec<_> = all().iter().map(|it| explain(it, WHAT)).collect();
    for (number, (summary, advice)) in told.iter().enumerate() {
        let others = || told.iter().enumerate().filter(|(other, _)| *other != number);
        assert!(others().all(|(_, it)| it.0 != *summary && it.1 != *advice), "{summary}: {advice}");
        assert!((3..=9).contains(&summary.split_whitespace().count()), "{summary}");
        let ends = advice.ends_with('.') || advice.ends_with("ADDRESS");
        assert!(!summary.ends_with('.') && ends, "{summary}: {advice}");
    }
}

#[test]
fn the_api_is_quoted_last_in_a_paragraph_of_its_own() {
    let error = refusal(ErrorMapping::Novita, 400, "CREATE_INSTANCE_LIMIT");
    let attempt = ErrorContext { what: WHAT, aftermath: "No instance was created.".to_owned(), schema: None };
    let said = &attempt.failed(&error).0[0];
    assert_eq!(said.summary, "Could not create the instance: quota exceeded");
    assert!(said.detail.starts_with("No instance was created. A limit"), "{}", said.detail);
    let end = "raise it.\n\nPOST /x: HTTP 400 CREATE_INSTANCE_LIMIT: the API's own words.";
    assert!(said.detail.ends_with(end), "{}", said.detail);
}

#[test]
fn a_command_has_a_line_of_its_own() {
    let error = Error::failed("it stands still", "pulling");
    let aftermath = "To keep it:\n\n  terraform untaint ADDRESS\n\n".to_owned();
    let said = &ErrorContext { what: WHAT, aftermath, schema: None }.failed(&error).0[0];
    let expected =
        "It stands still. To keep it:\n\n  terraform untaint ADDRESS\n\nThe API's message has the reason.";
    assert_eq!(said.detail, expected);
}

#[test]
fn what_may_have_happened_is_told_as_a_sentence() {
    for (what, told) in [
        ("create the instance", "the instance was created"),
        ("destroy the VM", "the VM was destroyed"),
        ("stop the VM", "the VM was stopped"),
        ("set the automatic renewal of the instance", "the automatic renewal of the instance was set"),
        ("upgrade the container of the instance", "the container of the instance was upgraded"),
    ] {
        assert_eq!(done(what), told);
    }
}

#[test]
fn a_refused_key_is_told_by_its_vendors_names_alone() {
    for (error_mapping, own, other) in [
        (
            ErrorMapping::Novita,
            ["Novita AI", "`api_key`", "NOVITA_API_KEY"],
            ["Nova Cloud", "novacloud", "NOVACLOUD"],
        ),
        (
            ErrorMapping::NovaCloud,
            ["Nova Cloud", "`novacloud_api_key`", "NOVACLOUD_API_KEY"],
            ["Novita", "`api_key`", " NOVITA_API_KEY"],
        ),
    ] {
        let (summary, detail) = read(&refusal(error_mapping, 401, "UNAUTHORIZED"), WHAT);
        let text = format!("{summary} {detail}");
        assert_eq!(summary, format!("API key of {} was refused", own[0]));
        assert!(own.iter().all(|it| text.contains(it)), "{text}");
        assert!(!other.iter().any(|it| text.contains(it)), "{text}");
    }
}

#[test]
fn a_refused_key_or_account_says_that_nothing_is_gone() {
    for (status, name) in [
        (401, "UNAUTHORIZED"),
        (403, "INVALID_API_KEY"),
        (403, "PERMISSION_DENIED"),
        (403, "NEED_REAL_NAME_VERIFY"),
        (400, "BANNED_USER"),
        (400, "USER_NOT_FOUND"),
    ] {
        for what in ["read the instance", "destroy the instance", WHAT] {
            let (summary, detail) = read(&refusal(ErrorMapping::Novita, status, name), what);
            assert!(
                detail.contains("none was touched, what is in the state stays there"),
                "{summary}: {detail}"
            );
        }
    }
}

#[test]
fn only_a_throttled_creation_may_be_a_quota() {
    let error = refusal(ErrorMapping::Novita, 429, "RATE_LIMIT_EXCEEDED");
    assert!(read(&error, WHAT).1.contains("quota"));
    assert!(!read(&error, "read the instance").1.contains("quota"));
}

#[test]
fn the_callers_own_words_win() {
    let error = Error::failed("it broke", "exited").described("Instance failed while starting", "Mend it.");
    let (summary, detail) = read(&error, WHAT);
    assert_eq!((summary.as_str(), detail.as_str()), ("Instance failed while starting", "It broke. Mend it."));
}

#[test]
fn a_start_without_stock_says_what_becomes_of_the_machine() {
    let error = refusal(ErrorMapping::Novita, 400, "INSUFFICIENT_RESOURCE");
    let said = not_switched("start the instance", "instance", "i-1", &error);
    assert_eq!(said.0[0].summary, "Could not start the instance: out of stock");
    assert!(said.0[0].detail.contains("i-1 stays stopped and in the state"), "{said:?}");
}
