//! Why bytes are not a value of the type that was asked for, and where in the value.
//!
//! Shared by the two encodings, [`crate::msgpack`] and [`crate::json`]. Never holds
//! what a value contained: it may be a secret, and the text ends up in a terminal.

use thiserror::Error;

use crate::path::{Path, Step};

/// The most of an unexpected name that a message quotes, in characters.
const MAX_QUOTED: usize = 64;

/// The most of a place that a message tells, in characters.
const MAX_PLACE: usize = 512;

/// A value that could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}{message}", place(path))]
pub struct DecodeError {
    /// Where the trouble is, as deep as a path can say: elements of sets have no address.
    pub(crate) path: Path,
    /// What is wrong there, without the place and without any content.
    pub(crate) message: String,
}

impl DecodeError {
    /// An error about the value being read; callers further out add the way to it.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { path: Path::default(), message: message.into() }
    }

    /// An error about the kind of a value.
    pub(super) fn mismatch(expected: &str, found: &str) -> Self {
        Self::new(format!("expected {expected}, found {found}"))
    }

    /// An error about an attribute that the type does not have.
    pub(super) fn surplus(name: &str) -> Self {
        let quoted: String = name.chars().take(MAX_QUOTED).collect();
        Self::new(format!("unexpected attribute {quoted:?}"))
    }

    /// An error about nesting that could exhaust the stack.
    pub(super) fn too_deep() -> Self {
        Self::new("nested too deeply")
    }

    /// An error about more values than [`MAX_VALUES`](crate::types::MAX_VALUES).
    pub(super) fn too_many() -> Self {
        Self::new("too many values")
    }

    /// The same error, seen from one step further out.
    pub(super) fn within(mut self, step: Step) -> Self {
        self.path.0.insert(0, step);
        self
    }

    /// The same error, seen from the set that it happened in.
    pub(super) fn within_set(self) -> Self {
        Self { path: Path::default(), ..self }
    }
}

/// What goes before a message: the place and a colon, nothing for the root. A place is as long as the keys
/// that lead there, so only its beginning is told.
pub(super) fn place(path: &Path) -> String {
    let text = path.to_string();
    match text.char_indices().nth(MAX_PLACE) {
        _ if text.is_empty() => text,
        Some((end, _)) => format!("{}…: ", &text[..end]),
        None => format!("{text}: "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_place() {
        let error = DecodeError::mismatch("text", "a bool").within(Step::Index(2));
        assert_eq!(
            error.within(Step::Attribute("tools".to_owned())).to_string(),
            "tools[2]: expected text, found a bool"
        );
        assert_eq!(DecodeError::too_deep().to_string(), "nested too deeply");
    }

    #[test]
    fn a_path_ends_at_a_set() {
        let error = DecodeError::too_deep().within(Step::Index(1)).within_set();
        assert_eq!(error.within(Step::Attribute("tags".to_owned())).path, Path::root("tags"));
    }

    #[test]
    fn a_quoted_name_is_shortened() {
        assert!(DecodeError::surplus(&"x".repeat(10_000)).message.len() < 100);
        let error = DecodeError::too_many().within(Step::Key("\u{1b}ü".repeat(10_000)));
        let text = error.to_string();
        assert!(text.chars().count() < 600 && text.ends_with("…: too many values"), "{text}");
        assert!(!text.contains(char::is_control));
    }
}
