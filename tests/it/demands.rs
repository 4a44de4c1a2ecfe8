//! The lists of what users ask for, of what a real cloud does, of what the newest protocol wants and of what attackers try,
//! held against the sources: `tests/demands.md` names for each demand, `tests/real-cloud.md` and `tests/newest.md` for each
//! rule, and `SECURITY.md` for each attack, the tests that prove it. Whether a test proves what it says is for its reader.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const DEMANDS_LIST: &str = "tests/demands.md";
const RULES_LIST: &str = "tests/real-cloud.md";
const NEWEST_LIST: &str = "tests/newest.md";
const ATTACKS_LIST: &str = "SECURITY.md";

/// The numbers of the demands.
const DEMANDS: std::ops::RangeInclusive<usize> = 1..=28;

/// The numbers of the rules.
const RULES: std::ops::RangeInclusive<usize> = 1..=36;

/// The numbers of the rules of the newest protocol.
const NEWEST: std::ops::RangeInclusive<usize> = 1..=26;

/// What a rule begins with that only a real client can prove.
const BY_A_CLIENT: &str = "CLI: ";

/// Where the stories are that real clients tell.
const STORIES: &str = "tests/it/acceptance/";

/// Instead of a path: the demand does not apply, and the last cell says why.
const NOT_OFFERED: &str = "—";

/// A row of a table: a demand or a rule, and one test of it or the reason why there is none.
struct Row {
    demand: usize,
    /// What is demanded, in the first of its rows.
    words: String,
    path: String,
    test: String,
}

#[test]
fn each_demand_has_a_test_or_a_reason() {
    let rows = rows(DEMANDS_LIST);
    check_numbers(&rows, DEMANDS);
    let unreasoned = rows.iter().filter(|row| row.path == NOT_OFFERED && row.test.len() < 40);
    assert_eq!(unreasoned.count(), 0, "a demand that does not apply has a reason");
}

#[test]
fn each_rule_of_a_real_cloud_has_a_test() {
    let rows = rows(RULES_LIST);
    check_numbers(&rows, RULES);
    assert!(rows.iter().all(|row| row.path != NOT_OFFERED), "a rule has no reason to have no test");
}

#[test]
fn each_rule_of_the_newest_protocol_has_a_test_and_where_only_a_client_can_tell_a_story() {
    let rows = rows(NEWEST_LIST);
    check_numbers(&rows, NEWEST);
    for rule in rows.iter().filter(|row| row.words.starts_with(BY_A_CLIENT)) {
        let is_told = rows.iter().any(|row| row.demand == rule.demand && row.path.starts_with(STORIES));
        assert!(is_told, "N{} has no story", rule.demand);
    }
}

#[test]
fn each_attack_has_a_test_that_exists() {
    let text = std::fs::read_to_string(root().join(ATTACKS_LIST)).expect("a page of ours");
    let rows: Vec<_> = text.lines().map(cells).filter(|it| it.len() == 4 && it[2].ends_with(".rs")).collect();
    assert!(rows.len() >= 20, "the table is read");
    let missing: Vec<_> =
        rows.iter().filter(|row| !tests_in(&root().join(&row[2])).contains(&row[3])).collect();
    assert!(missing.is_empty(), "SECURITY.md names what does not exist: {missing:?}");
}

/// Each number has a row, in order.
fn check_numbers(rows: &[Row], numbers: std::ops::RangeInclusive<usize>) {
    let missing: Vec<_> =
        numbers.clone().filter(|number| rows.iter().all(|row| row.demand != *number)).collect();
    assert!(missing.is_empty(), "not in the list: {missing:?}");
    let is_sorted = rows.is_sorted_by_key(|row| row.demand);
    assert!(is_sorted && rows.iter().all(|row| numbers.contains(&row.demand)), "in the order of the numbers");
}

#[test]
fn each_test_of_the_lists_exists_where_it_says() {
    let missing: Vec<_> = [DEMANDS_LIST, RULES_LIST, NEWEST_LIST]
        .into_iter()
        .flat_map(rows)
        .filter(|row| row.path != NOT_OFFERED && !tests_in(&root().join(&row.path)).contains(&row.test))
        .map(|row| format!("{}: {} has no test {}", row.demand, row.path, row.test))
        .collect();
    assert!(missing.is_empty(), "the lists name what does not exist:\n{}", missing.join("\n"));
}

#[test]
fn each_test_that_bears_a_number_is_in_its_list() {
    let mut unlisted = Vec::new();
    for (list, numbers) in [(DEMANDS_LIST, demand_of as fn(&str) -> Vec<usize>), (NEWEST_LIST, newest_of)] {
        let listed: BTreeSet<_> =
            rows(list).into_iter().map(|row| (row.demand, row.path, row.test)).collect();
        for file in ["src", "tests", "framework"].iter().flat_map(|folder| sources(&root().join(folder))) {
            let path =
                file.strip_prefix(root()).expect("a file of ours").to_string_lossy().replace('\\', "/");
            for test in tests_in(&file) {
                for number in numbers(&test) {
                    if !listed.contains(&(number, path.clone(), test.clone())) {
                        unlisted.push(format!("{list}: | {number} | | `{path}` | `{test}` |"));
                    }
                }
            }
        }
    }
    assert!(unlisted.is_empty(), "the lists lack these lines:\n{}", unlisted.join("\n"));
}

#[test]
fn a_row_is_read_and_a_number_is_found_in_a_name() {
    let rule = row("| RC36 | Ids | `tests/a.rs` | `an_id` |").expect("a row");
    assert_eq!((rule.demand, rule.test.as_str()), (36, "an_id"));
    let row = row("| 7 | Slow | `tests/a.rs` | `demand_07_slow` |").expect("a row");
    assert_eq!((row.demand, row.path.as_str(), row.test.as_str()), (7, "tests/a.rs", "demand_07_slow"));
    assert!(row_is_none("| # | demand | file | test |") && row_is_none("| --- | --- | --- | --- |"));
    assert_eq!(demand_of("demand_28_a_status"), [28]);
    assert_eq!(demand_of("a4_a_create"), [0; 0]);
    assert_eq!(newest_of("n9_n10_an_identity"), [9, 10]);
    assert_eq!(newest_of("nobody_n1_knows"), [0; 0]);
}

fn row_is_none(line: &str) -> bool {
    row(line).is_none()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rows(list: &str) -> Vec<Row> {
    let text = std::fs::read_to_string(root().join(list)).expect("a list of ours");
    text.lines().filter_map(row).collect()
}

fn row(line: &str) -> Option<Row> {
    let cells = cells(line);
    let [number, words, path, test] = &cells[..] else { return None };
    let number = number.trim_start_matches(|it: char| it.is_ascii_uppercase());
    Some(Row { demand: number.parse().ok()?, words: words.clone(), path: path.clone(), test: test.clone() })
}

/// The cells of a line of a table.
fn cells(line: &str) -> Vec<String> {
    line.trim().trim_matches('|').split('|').map(|it| it.trim().replace('`', "")).collect()
}

fn demand_of(test: &str) -> Vec<usize> {
    let number = test.strip_prefix("demand_").and_then(|it| it.get(..2)?.parse().ok());
    number.into_iter().collect()
}

/// The numbers that a test's name begins with: `n9_n10_…`.
fn newest_of(test: &str) -> Vec<usize> {
    let numbers = test.split('_').map_while(|it| it.strip_prefix('n')?.parse().ok());
    numbers.collect()
}

/// The names of the functions of a file, or none when there is no such file.
pub(crate) fn tests_in(file: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let name = |line: &str| {
        let (_, rest) = line.split_once("fn ")?;
        let is_code = !line.trim_start().starts_with("//");
        is_code.then(|| rest.split(['(', '<']).next().unwrap_or_default().trim().to_owned())
    };
    text.lines().filter_map(name).collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder of ours") {
        let path = entry.expect("an entry of a folder").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}
