//! What went wrong, in one line that says what to do.

use std::fmt;

/// One line for the person who makes the release.
#[derive(Debug)]
pub struct Problem(String);

pub type Result<T> = std::result::Result<T, Problem>;

impl Problem {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().replace('\n', " "))
    }

    /// For `map_err`: `what` could not be done, and the cause behind it.
    pub fn while_doing<E: fmt::Display>(what: impl Into<String>) -> impl FnOnce(E) -> Self {
        move |cause| Self::new(format!("{}: {cause}", what.into()))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}
