//! What ends a measurement: words for the person who started it. Nobody acts on it in code.

use std::error::Error;

/// Why nothing could be measured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Found out by the bench itself.
    #[error("{0}")]
    Said(String),
    /// Said by something else, while doing this.
    #[error("{doing}: {source}")]
    While { doing: String, source: Box<dyn Error + Send + Sync> },
}

pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// A failure with these words.
pub(crate) fn failed<T>(text: impl Into<String>) -> Result<T> {
    Err(Failure::Said(text.into()))
}

/// Says what was being done when an error came.
pub(crate) trait While<T> {
    /// Adds what was being done.
    fn doing(self, what: impl Into<String>) -> Result<T>;
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> While<T> for std::result::Result<T, E> {
    fn doing(self, what: impl Into<String>) -> Result<T> {
        self.map_err(|error| Failure::While { doing: what.into(), source: error.into() })
    }
}
