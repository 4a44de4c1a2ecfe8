//! Rust source as words, without what is no code. Just enough of the language to tell a comment, a string
//! and a lifetime apart; what the words mean is not known here.

/// Words, `::` and single other characters, each with its line; white space is dropped.
pub(super) fn tokens_of(code: &str) -> Vec<(usize, &str)> {
    let mut tokens = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let is_word = |it: char| it.is_alphanumeric() || it == '_';
            let length = match first {
                _ if is_word(first) => rest.find(|it| !is_word(it)).unwrap_or(rest.len()),
                ':' if rest.starts_with("::") => 2,
                _ => first.len_utf8(),
            };
            tokens.push((number + 1, &rest[..length]));
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

/// The code with comments, strings and character literals taken out; line breaks stay where they were.
pub(super) fn without_comments_and_strings(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = skipped_length(rest, code.chars().next_back());
        if skipped == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            code.push(' ');
            code.extend(rest[..skipped].chars().filter(|it| *it == '\n'));
            rest = &rest[skipped..];
        }
    }
    code
}

/// How many bytes at the start of `rest` are a comment or a literal; 0 when there is code.
fn skipped_length(rest: &str, before: Option<char>) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment_length(rest);
    }
    let within_word = before.is_some_and(|it| it.is_alphanumeric() || it == '_');
    if rest.starts_with('r') && !within_word {
        return raw_string_length(rest);
    }
    match rest.as_bytes()[0] {
        b'"' => quoted_length(rest, '"'),
        b'\'' if is_character_literal(rest) => quoted_length(rest, '\''),
        _ => 0,
    }
}

fn block_comment_length(rest: &str) -> usize {
    let (mut nesting, mut at) = (0_usize, 0);
    while at < rest.len() {
        let here = &rest.as_bytes()[at..];
        if here.starts_with(b"/*") {
            nesting += 1;
            at += 2;
        } else if here.starts_with(b"*/") {
            nesting -= 1;
            at += 2;
            if nesting == 0 {
                break;
            }
        } else {
            at += 1;
        }
    }
    at
}

/// The length of `r"…"` or `r#"…"#`; 0 for a word that begins with r.
fn raw_string_length(rest: &str) -> usize {
    let hashes = rest[1..].bytes().take_while(|byte| *byte == b'#').count();
    let body = 1 + hashes + 1;
    if rest.as_bytes().get(1 + hashes) != Some(&b'"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    rest[body..].find(&end).map_or(rest.len(), |at| body + at + end.len())
}

fn quoted_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, it) in rest.char_indices().skip(1) {
        match it {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if it == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Tells `'x'` and `'\n'` from a lifetime.
fn is_character_literal(rest: &str) -> bool {
    let mut after = rest.chars().skip(1);
    after.next() == Some('\\') || after.next() == Some('\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_is_left() {
        let check = |text: &str, expected: &str| assert_eq!(without_comments_and_strings(text), expected);
        check("a // b\nc", "a  \nc");
        check("a /* b /* c\n */ d */ e", "a  \n e");
        check(r##"f("a\"b", 'c', '\'', r#"d " e"#) g"##, "f( ,  ,  ,  ) g");
        check("fn f<'a>(r: &'a str, bar\"x\")", "fn f<'a>(r: &'a str, bar )");
    }

    #[test]
    fn words_know_their_lines() {
        let expected = [(1, "use"), (1, "crate"), (1, "::"), (1, "a_1"), (1, ";"), (2, "é")];
        assert_eq!(tokens_of("use crate::a_1;\n é"), expected);
    }
}
