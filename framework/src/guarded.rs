//! Secrets out of an operation: an API may repeat what was sent to it, and clients print its words and keep its values.
//!
//! A secret is every text below a sensitive or a write-only attribute, and what the provider's data holds. Knows
//! nothing of who wrote the message; how a secret is found in it is [`redact`]'s matter.

use std::borrow::Cow;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::diagnostics::Diagnostics;
use crate::redact::{self, Secrets};
use crate::resource::ProviderData;
use crate::schema::{Attribute, AttributeType, Nesting, Schema};
use crate::value::Value;

/// Does the work of an operation: no text of it shows one of these secrets, or of the provider's.
///
/// The work is boxed: each function that a future is handed through keeps room for it twice.
pub(crate) async fn guarded<D: ProviderData, T>(
    data: &Arc<D>,
    secrets: Arc<Secrets>,
    work: BoxFuture<'_, T>,
) -> T {
    redact::within(&data.secrets(), redact::within(&secrets, work)).await
}

/// The messages without the secrets of this operation, and of this object, which came of it.
pub(crate) fn out_of(mut diagnostics: Diagnostics, schema: &Schema, state: &Value) -> Diagnostics {
    if diagnostics.0.is_empty() {
        return diagnostics;
    }
    let returned = secrets(schema, &[state]);
    let blanked = || {
        for it in &mut diagnostics.0 {
            it.summary = redact::out_of(&it.summary).into_owned();
            it.detail = redact::out_of(&it.detail).into_owned();
        }
    };
    redact::also(&returned, blanked);
    diagnostics
}

/// The secrets of these objects.
pub(crate) fn secrets(schema: &Schema, objects: &[&Value]) -> Arc<Secrets> {
    let mut texts = Vec::new();
    objects.iter().for_each(|object| collect(&schema.attributes, object, &mut texts));
    let secrets = Arc::<Secrets>::default();
    texts.into_iter().for_each(|it| secrets.learn(it));
    secrets
}

/// Blanks the secrets that the provider names in what nobody configures: an API may repeat its key in a status, too. Ids stay,
/// since calls need them; and a configured value, since it is the user's own word.
pub(crate) fn out_of_state(attributes: &[Attribute], object: &mut Value) {
    let Value::Map(values) = object else { return };
    for attribute in attributes.iter().filter(|it| !it.is_secret() && it.name != "id") {
        match (&attribute.ty, values.get_mut(attribute.name)) {
            (AttributeType::Nested(Nesting::Single, inner), Some(value)) => out_of_state(inner, value),
            (AttributeType::Nested(_, inner), Some(value)) => {
                value.elements_mut().for_each(|it| out_of_state(inner, it));
            }
            (AttributeType::Value(_), Some(value)) if attribute.computed && !attribute.optional => {
                blank(value)
            }
            (AttributeType::Value(_), _) | (AttributeType::Nested(..), None) => {}
        }
    }
}

/// Nulls every secret of an object that clients write in clear into their answers and into generated files.
pub(crate) fn null_secrets(attributes: &[Attribute], object: &mut Value) {
    let Value::Map(values) = object else { return };
    for attribute in attributes {
        match (attribute.nested(), values.get_mut(attribute.name)) {
            (_, Some(value)) if attribute.is_secret() => *value = Value::Null,
            (Some((Nesting::Single, inner)), Some(value)) => null_secrets(inner, value),
            (Some((_, inner)), Some(value)) => value.elements_mut().for_each(|it| null_secrets(inner, it)),
            (None, _) | (_, None) => {}
        }
    }
}

fn blank(value: &mut Value) {
    if let Value::Dynamic(_, inner) = value {
        return blank(inner);
    }
    if let Value::String(text) = value
        && let Cow::Owned(blanked) = redact::named_out_of(text)
    {
        *text = blanked;
    }
    value.elements_mut().for_each(blank);
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
    use crate::client::value;
    use crate::demo::Disk;
    use crate::diagnostics::Diagnostic;
    use crate::redact::samples::{SECRETS, WAYS};

    #[track_caller]
    fn check(object: &serde_json::Value, said: &str, shown: &str) {
        let schema = Schema::of::<Disk>();
        let object = value(&schema, object);
        let cleaned = out_of(Diagnostic::error(said, said).into(), &schema, &object);
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
    fn what_the_api_repeats_of_the_providers_secrets_is_in_no_state() {
        let schema = Schema::of::<Disk>();
        for secret in SECRETS {
            let known = Arc::<Secrets>::default();
            known.learn(secret);
            for (way, write) in WAYS {
                let said = format!("no key {} here", write(secret));
                let object =
                    json!({"id": said, "zone": said, "status": said, "created_at": "2026", "password": said});
                let mut state = value(&schema, &object);
                redact::also(&known, || out_of_state(&schema.attributes, &mut state));
                let status = state.get("status").as_str().unwrap().to_owned();
                assert!(
                    status.contains("(sensitive)") && !status.contains(&write(secret)),
                    "{way}: {status}"
                );
                state.set("status", said.clone().into());
                assert!(state == value(&schema, &object), "nothing else changes");
            }
        }
    }

    #[test]
    fn no_state_is_searched_for_what_every_answer_brings() {
        let schema = Schema::of::<Disk>();
        let mut state = value(&schema, &json!({"status": "pw-0123456789"}));
        let known = Arc::<Secrets>::default();
        redact::also(&known, || {
            redact::learn("pw-0123456789");
            out_of_state(&schema.attributes, &mut state);
            assert_eq!(redact::out_of("bad pw-0123456789"), "bad (sensitive)");
        });
        assert_eq!(state.get("status").as_str(), Some("pw-0123456789"));
    }

    #[test]
    fn what_is_no_secret_stays() {
        check(&json!({"name": "hunter2", "password": "yes"}), "yes, hunter2", "yes, hunter2");
        check(&json!({"password": null}), "no", "no");
    }
}
