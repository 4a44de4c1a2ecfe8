//! Secrets out of messages: an API may repeat in its words what was sent to it, and clients print those.
//!
//! A secret is every text below a sensitive or a write-only attribute. Knows nothing of who wrote the message.

use zeroize::Zeroize;

use crate::framework::diagnostics::Diagnostics;
use crate::framework::schema::{Attribute, AttributeType, Nesting, Schema};
use crate::framework::value::Value;

/// Shorter texts are parts of ordinary words and numbers: taking them out would spoil the message, and
/// hardly hide anything.
const SHORTEST: usize = 4;

const INSTEAD: &str = "(sensitive)";

/// Texts that no message may show.
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// The secrets of these objects, in the forms in which they may come back.
    pub(crate) fn of(schema: &Schema, objects: &[&Value]) -> Self {
        let mut texts = Vec::new();
        objects.iter().for_each(|object| collect(&schema.attributes, object, &mut texts));
        let mut secrets: Vec<String> = texts.into_iter().flat_map(forms).collect();
        // A longer one first: it may hold a shorter one, whose blank would leave the rest readable.
        secrets.sort_by(|left, right| right.len().cmp(&left.len()).then_with(|| left.cmp(right)));
        secrets.dedup();
        Self(secrets)
    }

    /// The messages without them.
    pub(crate) fn out_of(&self, mut diagnostics: Diagnostics) -> Diagnostics {
        for it in &mut diagnostics.0 {
            for secret in &self.0 {
                it.summary = it.summary.replace(secret.as_str(), INSTEAD);
                it.detail = it.detail.replace(secret.as_str(), INSTEAD);
            }
        }
        diagnostics
    }
}

impl Drop for Secrets {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// A secret as it is, as JSON and as a URL write it; of a `user:password` and of several lines also the
/// parts.
fn forms(secret: &str) -> Vec<String> {
    let password = secret.split_once(':').map(|(_, password)| password);
    let parts = [secret, secret.trim()].into_iter().chain(password).chain(secret.lines());
    let long = parts.filter(|it| it.chars().count() >= SHORTEST);
    long.flat_map(|it| [it.to_owned(), as_json(it), as_url(it)]).collect()
}

/// As it stands between the quotes of a JSON text.
fn as_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

fn as_url(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn collect<'v>(attributes: &[Attribute], object: &'v Value, texts: &mut Vec<&'v str>) {
    for attribute in attributes {
        let value = object.get(attribute.name);
        match &attribute.ty {
            _ if attribute.is_secret() => collect_all(value, texts),
            AttributeType::Nested(_, attributes) if value.as_slice().is_some() => {
                value.as_slice().into_iter().flatten().for_each(|it| collect(attributes, it, texts));
            }
            // Of a map of objects each element is one; an object's own attributes are looked up by name.
            AttributeType::Nested(Nesting::Map, attributes) => {
                value.as_map().into_iter().flatten().for_each(|(_, it)| collect(attributes, it, texts));
            }
            AttributeType::Nested(_, attributes) => collect(attributes, value, texts),
            AttributeType::Value(_) => {}
        }
    }
}

fn collect_all<'v>(value: &'v Value, texts: &mut Vec<&'v str>) {
    texts.extend(value.as_str());
    value.as_slice().into_iter().flatten().for_each(|it| collect_all(it, texts));
    value.as_map().into_iter().flatten().for_each(|(_, it)| collect_all(it, texts));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::framework::client::value;
    use crate::framework::demo::Disk;
    use crate::framework::diagnostics::Diagnostic;

    #[track_caller]
    fn check(object: &serde_json::Value, said: &str, shown: &str) {
        let schema = Schema::of::<Disk>();
        let object = value(&schema, object);
        let diagnostics = Diagnostic::error(said, said).into();
        let cleaned = Secrets::of(&schema, &[&Value::Null, &object]).out_of(diagnostics);
        assert_eq!((cleaned.0[0].summary.as_str(), cleaned.0[0].detail.as_str()), (shown, shown));
    }

    #[test]
    fn what_the_api_repeats_is_hidden_in_each_form() {
        check(&json!({"password": "hunter2"}), "bad password hunter2", "bad password (sensitive)");
        check(&json!({"password_wo": "hunter2"}), "not hunter2, no", "not (sensitive), no");
        check(&json!({"secret_labels": {"A": "hunter2"}}), "A=hunter2", "A=(sensitive)");
        check(&json!({"password": "a\"b\\c"}), r#"{"password":"a\"b\\c"}"#, r#"{"password":"(sensitive)"}"#);
        check(&json!({"password": "pass wörd/1"}), "?p=pass+w%C3%B6rd%2F1", "?p=(sensitive)");
    }

    #[test]
    fn a_part_of_a_secret_is_no_more_shown_than_the_whole() {
        check(&json!({"password": "robot:hunter2"}), "no login with hunter2", "no login with (sensitive)");
        check(&json!({"password": "-----BEGIN\nMIIEpAIB\n-----END"}), "bad MIIEpAIB", "bad (sensitive)");
    }

    #[test]
    fn the_longer_of_two_secrets_goes_first() {
        let both = json!({"password": "hunter2", "secret_labels": {"A": "hunter2-and-more"}});
        check(&both, "hunter2-and-more, hunter2", "(sensitive), (sensitive)");
    }

    #[test]
    fn what_is_no_secret_stays() {
        check(&json!({"name": "hunter2", "password": "yes"}), "yes, hunter2", "yes, hunter2");
        check(&json!({"password": null}), "no", "no");
    }
}
