//! Secrets out of messages: an API may repeat in its words what was sent to it, and clients print those.
//!
//! A secret is every text below a sensitive attribute. Knows nothing of who wrote the message.

use crate::framework::diagnostics::Diagnostics;
use crate::framework::schema::{Attribute, Kind, Nesting, Schema};
use crate::framework::value::Value;

/// Shorter texts are in too many words to be taken out of them, and are no secrets worth the name.
const SHORTEST: usize = 4;

const INSTEAD: &str = "(sensitive)";

/// Texts that no message may show.
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// The secrets of these objects, as they are and as JSON writes them.
    pub(crate) fn of(schema: &Schema, objects: &[&Value]) -> Self {
        let mut texts = Vec::new();
        objects.iter().for_each(|object| collect(&schema.attributes, object, &mut texts));
        let forms = |text: &&str| [(*text).to_owned(), quoted(text)];
        let mut secrets: Vec<_> = texts.iter().flat_map(forms).filter(|it| it.len() >= SHORTEST).collect();
        // One may be part of another.
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

fn quoted(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    json.trim_matches('"').to_owned()
}

fn collect<'v>(attributes: &[Attribute], object: &'v Value, texts: &mut Vec<&'v str>) {
    for attribute in attributes {
        let value = object.get(attribute.name);
        match &attribute.kind {
            _ if attribute.sensitive => collect_all(value, texts),
            Kind::Nested(_, members) if value.as_slice().is_some() => {
                value.as_slice().into_iter().flatten().for_each(|it| collect(members, it, texts));
            }
            // Of a map of objects each member is one; an object's own members are looked up by name.
            Kind::Nested(Nesting::Map, members) => {
                value.as_map().into_iter().flatten().for_each(|(_, it)| collect(members, it, texts));
            }
            Kind::Nested(_, members) => collect(members, value, texts),
            Kind::Plain(_) => {}
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
