//! What a user is told: errors and warnings, with the attribute they belong to.
//!
//! Knows nothing of where a problem came from. Texts must hold no secret, since clients print them.

use crate::path::Path;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The operation failed.
    Error,
    /// The operation went on.
    Warning,
}

/// One message for the user.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// What failed, in five to eight words, without a full stop.
    pub summary: String,
    /// What was tried, what was said, and what to do now.
    pub detail: String,
    /// The attribute to underline, if one is to blame.
    pub(crate) path: Option<Path>,
}

impl Diagnostic {
    /// The attribute to underline, if one is to blame.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_ref()
    }

    /// An error about the whole resource.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { severity: Severity::Error, summary: summary.into(), detail: detail.into(), path: None }
    }

    /// A warning about the whole resource.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(summary, detail) }
    }

    /// The same message, about one attribute.
    #[must_use]
    pub fn at(self, path: Path) -> Self {
        Self { path: Some(path), ..self }
    }
}

/// Messages in the order in which they arose.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// Adds a message.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds another list's messages.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The same messages, with a warning for each error.
    #[must_use]
    pub fn into_warnings(mut self) -> Self {
        self.0.iter_mut().for_each(|it| it.severity = Severity::Warning);
        self
    }

    /// Whether one of them is an error.
    pub fn has_error(&self) -> bool {
        self.0.iter().any(|it| it.severity == Severity::Error)
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

/// An impossible case.
pub fn bug(what: &str) -> Diagnostic {
    let detail = format!("This should not happen: {what}. Please report it with the steps that led here.");
    Diagnostic::error("Bug in the provider", detail)
}
