//! Blanks secrets that a text from outside repeats: an API may quote the request that it refuses.
//!
//! Pure: knows no header and no field. What the secrets of a request are is the caller's matter.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::api::secret::Secret;

/// What stands in a secret's place; the same as a [`Secret`] prints.
const BLANK: &str = "(sensitive)";

/// Shorter texts are no secrets but parts of ordinary words and numbers: blanking them would spoil the
/// message, and hardly hide anything.
const SHORTEST: usize = 4;

/// The text without any of the secrets.
///
/// A secret is found as it is, as JSON and as a URL write it, and one that holds several lines or a
/// `user:password` also by its parts.
pub(crate) fn without_secrets<'s>(text: &str, secrets: impl IntoIterator<Item = &'s Secret>) -> String {
    let forms: BTreeSet<String> = secrets.into_iter().flat_map(|it| forms(it.expose())).collect();
    // A longer one first: it may hold a shorter one, whose blank would leave the rest readable.
    let mut forms: Vec<String> = forms.into_iter().collect();
    forms.sort_by_key(|it| std::cmp::Reverse(it.len()));
    let shown = forms.iter().fold(text.to_owned(), |text, form| {
        if text.contains(form.as_str()) { text.replace(form.as_str(), BLANK) } else { text }
    });
    forms.into_iter().for_each(|form| drop(Secret::new(form)));
    shown
}

/// A secret in the forms in which it may come back.
fn forms(secret: &str) -> Vec<String> {
    let password = secret.split_once(':').map(|(_, password)| password);
    let parts = [secret, secret.trim()].into_iter().chain(password).chain(secret.lines());
    let long = parts.filter(|it| it.chars().count() >= SHORTEST);
    long.flat_map(|it| [it.to_owned(), as_json(it), as_url(it)]).collect()
}

/// As it stands between the quotes of a JSON text.
fn as_json(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

fn as_url(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, secrets: &[&str]) -> String {
        let secrets: Vec<_> = secrets.iter().map(|it| Secret::new(*it)).collect();
        without_secrets(text, &secrets)
    }

    #[test]
    fn every_secret_is_blanked_wherever_it_stands() {
        for (text, secrets, expected) in [
            ("key sk-1234 is wrong", &["sk-1234"][..], "key (sensitive) is wrong"),
            ("sk-1234sk-1234", &["sk-1234"], "(sensitive)(sensitive)"),
            ("a hunter2 and a hunter3", &["hunter2", "hunter3"], "a (sensitive) and a (sensitive)"),
            ("nothing of ours", &["sk-1234"], "nothing of ours"),
            ("nothing at all", &[], "nothing at all"),
        ] {
            assert_eq!(shown(text, secrets), expected);
        }
    }

    #[test]
    fn a_secret_is_found_as_json_and_urls_write_it() {
        let secret = "pa\"ss\nwörd/1";
        for text in [
            r#"{"message":"bad value \"pa\"ss"}"#.replace("pa\"ss", &as_json(secret)),
            format!("GET /x?login={}", as_url(secret)),
            format!("as it is: {secret}"),
        ] {
            let shown = shown(&text, &[secret]);
            assert!(
                shown.contains(BLANK) && !shown.contains("wörd") && !shown.contains("w%C3%B6rd"),
                "{shown}"
            );
        }
    }

    #[test]
    fn a_part_of_a_secret_is_no_more_shown_than_the_whole() {
        assert_eq!(shown("login failed for hunter2", &["robot:hunter2"]), "login failed for (sensitive)");
        assert_eq!(shown("robot:hunter2", &["robot:hunter2"]), BLANK);
        assert_eq!(
            shown("line MIIEpAIB is bad", &["-----BEGIN\nMIIEpAIB\n-----END"]),
            "line (sensitive) is bad"
        );
    }

    #[test]
    fn a_secret_inside_another_does_not_uncover_it() {
        assert_eq!(shown("hunter2-and-more", &["hunter2", "hunter2-and-more"]), BLANK);
    }

    #[test]
    fn short_values_spoil_no_message() {
        assert_eq!(
            shown("gpuNum must be 1 or 2 on all", &["1", "on", "", "all"]),
            "gpuNum must be 1 or 2 on all"
        );
    }
}
