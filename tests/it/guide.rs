//! The table of faults in the guide on reliability: each line is backed by tests, which it names in comments
//! that readers do not see.

use std::path::Path;

use crate::demands::tests_in;

/// The heading above the table.
const HEADING: &str = "## What happens when …";

#[test]
fn each_line_of_the_guides_table_is_backed_by_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("docs/guides/reliability.md")).expect("the guide");
    let (_, table) = text.split_once(HEADING).expect("the table's heading");
    let lines: Vec<_> = table.lines().filter(|it| it.starts_with("| ")).skip(2).collect();
    assert!(lines.len() > 30, "the table is there");
    let mut wrong = Vec::new();
    for line in lines.into_iter().filter(|it| !is_title(it)) {
        let named = named(line);
        if named.is_empty() {
            wrong.push(format!("no test: {line}"));
        }
        let missing = named.iter().filter(|(path, test)| !tests_in(&root.join(path)).contains(test));
        wrong.extend(missing.map(|(path, test)| format!("{path} has no test {test}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_tests_of_a_line_are_read_from_its_comments() {
    let line = "| It fails | all | An error | As before <!-- tests/a.rs one --> <!-- tests/b.rs two --> |";
    let expected = [("tests/a.rs", "one"), ("tests/b.rs", "two")];
    assert_eq!(named(line), expected.map(|(path, test)| (path.to_owned(), test.to_owned())));
    assert!(is_title("| **At any time** | | | |") && !is_title(line));
}

/// A line that only says when the next ones happen.
fn is_title(line: &str) -> bool {
    line.starts_with("| **") && line.ends_with("| | | |")
}

fn named(line: &str) -> Vec<(String, String)> {
    let comments = line.split("<!-- ").skip(1).filter_map(|it| it.split_once(" -->"));
    let words = comments.filter_map(|(comment, _)| comment.split_once(' '));
    words.map(|(path, test)| (path.to_owned(), test.to_owned())).collect()
}
