//! Diagnostics as users read them, and what holds for every one of them.

use crate::proto::tfplugin6::attribute_path::step::Selector;
use crate::proto::tfplugin6::diagnostic::Severity;
use crate::proto::tfplugin6::{AttributePath, Diagnostic};

/// In every secret of these tests, the API key included. It must stand in no message and no log line.
pub(crate) const SECRET: &str = "hunter2";

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    pub(crate) is_error: bool,
    pub(crate) summary: String,
    pub(crate) detail: String,
    /// `ports`, `envs["A"]`, `timeouts.create`; empty for none.
    pub(crate) path: String,
}

/// The messages of an answer, after the checks that hold for all of them (rule G10).
pub(crate) fn said(diagnostics: &[Diagnostic]) -> Vec<Said> {
    let said: Vec<_> = diagnostics.iter().map(one).collect();
    for it in &said {
        assert!(!it.summary.trim().is_empty(), "a client shows a line without words: {it:?}");
        assert!(!it.summary.ends_with('.'), "a summary is no sentence: {it:?}");
        let text = format!("{} {}", it.summary, it.detail);
        assert!(!text.contains(SECRET), "a secret is shown: {it:?}");
        assert!(!text.contains('\u{fffd}'), "the text is broken: {it:?}");
    }
    said
}

fn one(it: &Diagnostic) -> Said {
    let is_error = match it.severity() {
        Severity::Error => true,
        Severity::Warning => false,
        Severity::Invalid => panic!("a client drops this message: {it:?}"),
    };
    let path = it.attribute.as_ref().map(path).unwrap_or_default();
    Said { is_error, summary: it.summary.clone(), detail: it.detail.clone(), path }
}

/// A path as users write it.
pub(crate) fn path(path: &AttributePath) -> String {
    let mut text = String::new();
    for step in &path.steps {
        match step.selector.as_ref().unwrap() {
            Selector::AttributeName(name) if text.is_empty() => text += name,
            Selector::AttributeName(name) => text += &format!(".{name}"),
            Selector::ElementKeyString(key) => text += &format!("[{key:?}]"),
            Selector::ElementKeyInt(index) => text += &format!("[{index}]"),
        }
    }
    text
}

/// All messages as one text.
pub(crate) fn text_of(said: &[Said]) -> String {
    let line = |it: &Said| format!("{}: {} ({})\n", it.summary, it.detail, it.path);
    said.iter().map(line).collect()
}
