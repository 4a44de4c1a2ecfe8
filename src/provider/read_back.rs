//! How a model's field takes over what an answer says.
//!
//! The APIs leave things out. What they write in another form than the configuration is no matter here: the
//! framework keeps the known form of what means the same.

use crate::framework::attr::{Attr, FieldType};
use crate::framework::body::natural;
use crate::framework::resource::Context;

/// Why an answer is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It shows what was made a moment ago.
    Created,
    /// It shows what is in the state.
    Refreshed,
    /// Nothing is known but the id.
    Imported,
}

/// An answer that is being taken over.
pub(crate) struct ReadBack {
    pub(crate) origin: Origin,
    /// What was created otherwise than asked for, in words.
    differences: Vec<String>,
}

impl ReadBack {
    pub(crate) fn new(origin: Origin) -> Self {
        Self { origin, differences: Vec::new() }
    }

    /// Of an attribute that no call changes: the answer while nothing is known, then what is known.
    pub(crate) fn learn<T: FieldType>(&mut self, name: &str, attribute: &mut Attr<T>, answer: Option<T>) {
        self.compare(name, attribute, answer.as_ref());
        if !attribute.is_set() {
            *attribute = Attr::from_option(answer);
        }
    }

    /// As [`ReadBack::learn`], where an empty text is no answer.
    pub(crate) fn learn_text(&mut self, name: &str, attribute: &mut Attr<String>, answer: String) {
        self.learn(name, attribute, some_text(answer));
    }

    /// Takes note of what was created otherwise than asked for.
    pub(crate) fn compare<T: FieldType>(&mut self, name: &str, asked: &Attr<T>, answer: Option<&T>) {
        let (Attr::Known(asked), Some(answer), Origin::Created) = (asked, answer, self.origin) else {
            return;
        };
        let (asked, answer) = (asked.to_value(), answer.to_value());
        if asked != answer {
            self.differences.push(format!("`{name}` is {}, not {}", natural(&answer), natural(&asked)));
        }
    }

    /// Warns, once, of what was created otherwise than asked for. `thing` is as a sentence names it.
    pub(crate) fn warn<D>(self, cx: &Context<D>, thing: &str, id: &str) {
        if self.differences.is_empty() {
            return;
        }
        let detail = format!(
            "The API shows the new {thing} {id} otherwise than it was asked for: {}. The state keeps what was asked \
             for, so that nothing is replaced because of this. If it is not what you need, replace it \
             (`terraform apply -replace=ADDRESS`) or destroy it.",
            self.differences.join("; ")
        );
        cx.warn(&format!("Created {thing} differs from what was asked for"), detail);
    }
}

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

pub(crate) fn some_text(text: String) -> Option<String> {
    Some(text).filter(|it| !it.is_empty())
}
