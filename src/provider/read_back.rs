//! How a model's field takes over what an answer says.
//!
//! The APIs leave things out. What they write in another form than the configuration is no matter here: the
//! framework keeps the known form of what means the same.

use crate::framework::attr::Attr;

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

/// The answer, where an empty text means none.
pub(crate) fn text_or_null(text: String) -> Attr<String> {
    Attr::from_option(Some(text).filter(|it| !it.is_empty()))
}
