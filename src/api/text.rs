//! Texts from outside, made fit for a message, a log line and the state.
//!
//! Every text of an answer passes [`clean`] when it is decoded, and [`tidy`] when it becomes part of an error.

use std::borrow::Cow;

use tfplugin::redact;

/// Bytes that are read of a text: what it says stands at its beginning, and a longer one is a page for people.
const LONGEST_READ: usize = 64 << 10;
/// Bytes before a cut in which the beginning of a secret may stand.
const CUT_SECRET: usize = 4 << 10;
/// Characters of an API's message that are kept.
const LONGEST_MESSAGE: usize = 600;

/// Without what cannot be seen, and can make a text look like another one.
pub(crate) fn clean(text: &str) -> String {
    if text.bytes().all(|it| matches!(it, b' '..=b'~')) {
        return text.to_owned();
    }
    text.chars().filter(|it| !is_unseen(*it)).collect()
}

/// As [`clean`], for a text that has lines: line feeds and tabs stay.
pub(crate) fn clean_lines(text: &str) -> String {
    text.chars().filter(|it| matches!(it, '\n' | '\t') || !is_unseen(*it)).collect()
}

/// A foreign text as one line of bounded length, without the secrets of the task: they are looked for before
/// anything of the text is joined or cut.
pub(crate) fn tidy(text: &str) -> String {
    let line = one_line(&redact::out_of(&beginning(text)));
    match line.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// What is read of a text. Where it is cut off, no secret of the task is left, nor the beginning of one.
pub(crate) fn beginning(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST_READ {
        return Cow::Borrowed(text);
    }
    let read = redact::out_of(&text[..boundary(text, LONGEST_READ)]).into_owned();
    Cow::Owned(read[..boundary(&read, read.len().saturating_sub(CUT_SECRET))].to_owned())
}

/// The last place not after this one where a text can be cut.
fn boundary(text: &str, place: usize) -> usize {
    (0..=place.min(text.len())).rev().find(|it| text.is_char_boundary(*it)).unwrap_or_default()
}

/// A foreign text as one line.
pub(crate) fn one_line(text: &str) -> String {
    let plain = |it: char| match it {
        char::REPLACEMENT_CHARACTER => '?',
        it if it.is_control() => ' ',
        it => it,
    };
    let spaced: String = text.chars().map(plain).collect();
    clean(&spaced).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Control characters, marks and overrides of direction, characters without width, and tags.
fn is_unseen(it: char) -> bool {
    it.is_control()
        || matches!(it, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_taken_out() {
        for (text, cleaned) in [
            ("plain ü 漢字 🚀", "plain ü 漢字 🚀"),
            ("a\u{1b}[31mb\0\r\n\tc", "a[31mbc"),
            ("run\u{202e}gnin", "rungnin"),
            ("a\u{2066}b\u{2069}c\u{200e}", "abc"),
            ("run\u{200b}ning\u{feff}\u{2060}", "running"),
            ("x\u{e0041}\u{e007f}y", "xy"),
            ("one\u{2028}two", "onetwo"),
        ] {
            assert_eq!(clean(text), cleaned, "{text:?}");
        }
        assert_eq!(clean_lines("a\n\tb\u{202e}\r\u{1b}"), "a\n\tb");
    }

    #[test]
    fn foreign_text_becomes_one_bounded_line() {
        assert_eq!(tidy("  a\n\tb\u{1b}[31m  c\0 \u{202e}d\u{fffd}"), "a b [31m c d?");
        let long = tidy(&"ü".repeat(5000));
        assert_eq!(long.chars().count(), LONGEST_MESSAGE + 1);
    }
}
