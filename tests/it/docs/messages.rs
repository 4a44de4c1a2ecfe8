//! The guide on troubleshooting names every message of the provider: its tables are held against the summaries that
//! stand in the sources. What is computed there shows as `…` in both.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{entries, file, name_of, read};

/// Where a summary stands: what is called, and the place of the summary among the arguments.
const CALLS: [(&str, usize); 12] = [
    ("Diagnostic::error(", 0),
    ("Diagnostic::warning(", 0),
    ("cx.warn(", 0),
    (" warn(", 1),
    ("(warn(", 1),
    ("plan.reject(", 1),
    ("plan.warn(", 1),
    (" reject(", 1),
    ("no_stock(", 1),
    (".described(", 0),
    (".over(", 1),
    ("(refused(", 0),
];

/// The functions behind those calls, which pass on what they get.
const PASSED_ON: [(&str, &str); 7] = [
    ("framework/src/resource.rs", "summary"),
    ("src/provider/error_context.rs", "summary"),
    ("src/provider/novita/instance/actions.rs", "summary"),
    ("src/provider/novita/instance/check.rs", "summary"),
    ("src/provider/life_cycle/waiter.rs", "error"),
    ("src/provider/life_cycle/waiter.rs", "how"),
    (
        "src/provider/life_cycle/waiter.rs",
        "format!(\"{} {how} while {}\", capitalised(self.remote.thing), self.doing())",
    ),
];

/// Sources that are compiled for tests and fuzzing alone, besides those that are called `tests`.
const TESTS: [&str; 9] = [
    "framework/src/client.rs",
    "framework/src/demo.rs",
    "framework/src/redact/samples.rs",
    "framework/src/samples.rs",
    "src/fuzz_targets",
    "src/provider/fuzz_targets.rs",
    "src/provider/life_cycle/fake.rs",
    "src/provider/loopback.rs",
    "src/provider/simulator",
];

#[test]
fn the_guide_on_troubleshooting_names_every_message_and_no_other() {
    let (emitted, told) = (emitted(), told());
    assert!(emitted.len() > 50, "the summaries are found: {emitted:#?}");
    let missing: Vec<_> = emitted.difference(&told).collect();
    let stale: Vec<_> = told.difference(&emitted).collect();
    assert!(missing.is_empty(), "docs/guides/troubleshooting.md lacks {missing:#?}");
    assert!(stale.is_empty(), "docs/guides/troubleshooting.md names what is not emitted: {stale:#?}");
}

#[test]
fn a_summary_is_found_in_whatever_form_it_is_passed() {
    let check = |code: &str, expected: &[&str]| {
        assert_eq!(summaries("a.rs", code), expected.iter().map(|it| (*it).to_owned()).collect());
    };
    check(r#"Diagnostic::error("Not, so", detail(1, 2))"#, &["Not, so"]);
    check(r#"Diagnostic::error(format!("No {thing} here"), "")"#, &["No…here"]);
    check("const A: &str = \"All out\";\nno_stock(\n  \"id\",\n  A,\n)", &["All out"]);
    check(r#"let summary = format!("{it} is bad"); Diagnostic::warning(summary, "")"#, &["…is bad"]);
    check(
        "fn explain() {\n match it {\n  A(_) => (\n   format!(\"API{x} no\"), String::new()),\n }\n}\n",
        &["API…no"],
    );
    check(r#"self.over(error, "vanished", ADVICE)"#, &["…vanished while…"]);
}

#[test]
#[should_panic(expected = "cannot tell the summary")]
fn a_summary_that_cannot_be_told_is_an_error() {
    summaries("a.rs", "Diagnostic::error(computed(), detail)");
}

/// The first cells of the guide's tables.
fn told() -> BTreeSet<String> {
    let text = read(&file("docs/guides/troubleshooting.md"));
    let cells = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    cells.map(|(summary, _)| normal(summary)).collect()
}

fn emitted() -> BTreeSet<String> {
    let files = ["src", "framework/src"].map(|it| sources(&file(it))).concat();
    files.iter().flat_map(|path| summaries(&name_of(path), &read(path))).collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let is_test =
        |path: &Path| path.file_stem().is_some_and(|it| it == "tests") || TESTS.contains(&&*name_of(path));
    let entries = entries(folder).into_iter().filter(|it| !is_test(it));
    entries.flat_map(|it| if it.is_dir() { sources(&it) } else { vec![it] }).collect()
}

/// The summaries of a source file, in their normal form.
fn summaries(name: &str, text: &str) -> BTreeSet<String> {
    let code = without_comments_and_tests(text);
    let mut found = BTreeSet::new();
    for (call, place) in CALLS {
        for (at, _) in code.match_indices(call) {
            let is_definition = code[..at].trim_end().ends_with("fn");
            let arguments = arguments(&code[at + call.len()..]);
            let Some(argument) = arguments.get(place).filter(|_| !is_definition) else { continue };
            if PASSED_ON.contains(&(name, argument)) {
                continue;
            }
            let summary = text_of(&code, argument);
            let summary = summary.unwrap_or_else(|| panic!("{name}: cannot tell the summary {argument:?}"));
            found.insert(if call == ".over(" { format!("…{summary} while…") } else { normal(&summary) });
        }
    }
    found.extend(explained(&code));
    found.remove("");
    found.into_iter().map(|it| normal(&it)).collect()
}

/// The summaries that `error_context::explain` pairs with their advice: what opens a pair.
fn explained(code: &str) -> Vec<String> {
    let Some((_, body)) = code.split_once("fn explain(") else { return Vec::new() };
    let body = body.split("\n}\n").next().unwrap_or_default();
    let opens = body.match_indices('(').filter(|(at, _)| body[..*at].ends_with([' ', '\n']));
    opens.filter_map(|(at, _)| literal(body[at + 1..].trim_start())).collect()
}

/// The text that an argument stands for: a literal, `format!`, or the name of a text in the same file.
fn text_of(code: &str, argument: &str) -> Option<String> {
    let argument = argument.trim_start_matches('&');
    let named = |how: &str| {
        let (_, after) = code.split_once(&format!("{how} {argument}"))?;
        literal(after.split_once('=')?.1.trim_start())
    };
    literal(argument).or_else(|| named("const")).or_else(|| named("let"))
}

/// The literal at the beginning of an expression, within `format!` or not.
fn literal(expression: &str) -> Option<String> {
    let inner = expression.strip_prefix("format!(").unwrap_or(expression).trim_start();
    let text = inner.strip_prefix('"')?;
    Some(text.split('"').next().unwrap_or_default().to_owned())
}

/// The arguments of a call from behind its opening parenthesis.
fn arguments(code: &str) -> Vec<&str> {
    let (mut depth, mut begin, mut in_text, mut escaped) = (0, 0, false, false);
    let mut arguments = Vec::new();
    for (at, it) in code.char_indices() {
        match it {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            _ if in_text => {}
            '(' | '[' | '{' => depth += 1,
            ',' if depth == 0 => {
                arguments.push(code[begin..at].trim());
                begin = at + 1;
            }
            ')' | ']' | '}' if depth == 0 => {
                arguments.push(code[begin..at].trim());
                break;
            }
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
    }
    arguments
}

fn without_comments_and_tests(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().filter(|it| !it.trim_start().starts_with("//"));
    lines.map(|it| format!("{it}\n")).collect()
}

/// One form for what the sources compute (`{name}`) and the guide leaves out (`…`).
fn normal(summary: &str) -> String {
    let mut parts = summary.split(['{', '}']).enumerate();
    let text: String = parts.by_ref().map(|(place, it)| if place % 2 == 1 { "…" } else { it }).collect();
    text.split('…').map(str::trim).collect::<Vec<_>>().join("…")
}
