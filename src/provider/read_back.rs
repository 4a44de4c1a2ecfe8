//! How a model's field takes over what an answer says.
//!
//! The APIs leave things out, and write "none" as an empty text or list where HCL has null. None of
//! that may show as drift: a plan after apply is empty.

use crate::framework::attr::{Attr, Set};

/// The answer, where it has one; else what was known, and null where nothing was.
pub(crate) fn read_back<T>(attribute: &mut Attr<T>, answer: Option<T>) {
    match answer {
        Some(answer) => *attribute = answer.into(),
        None if attribute.is_unknown() => *attribute = Attr::Null,
        None => {}
    }
}

/// As [`read_back`], where an empty text is no answer.
pub(crate) fn read_back_text(attribute: &mut Attr<String>, answer: String) {
    read_back(attribute, Some(answer).filter(|it| !it.is_empty()));
}

/// The answer, an empty one too; but `""` and null mean the same, and the configured form stays.
pub(crate) fn read_back_exact_text(attribute: &mut Attr<String>, answer: String) {
    if !answer.is_empty() || !attribute.text_or_empty().is_empty() || attribute.is_unknown() {
        *attribute = text_or_null(answer);
    }
}

/// The answer, an empty one too; but none and null mean the same, and the configured form stays.
pub(crate) fn read_back_exact_set<T>(attribute: &mut Attr<Set<T>>, answer: Set<T>) {
    let nothing_before = attribute.known().is_none_or(|it| it.0.is_empty());
    if !(answer.0.is_empty() && nothing_before) {
        *attribute = answer.into();
    }
}

pub(crate) fn text_or_null(text: String) -> Attr<String> {
    Attr::from_option(Some(text).filter(|it| !it.is_empty()))
}
