//! The table of clients in the guide: each client does with the provider what it can, against the mock API.
//!
//! `make clients` builds what it needs and runs it; it takes minutes, so no other run does. Each client is a file with
//! a function that fills its line; `table` writes the lines into the guide. A client that is missing fails the run
//! before anything has begun.

mod bridge;
mod cdktn;
mod cli;
mod framework;
mod language_server;
mod linters;
mod mirror;
mod table;

use std::path::{Path, PathBuf};

use self::mirror::Mirror;
use self::table::Line;
use crate::cli::Cli;

/// What `make clients` builds, below `tools/bin`.
const TOOLS: [&str; 7] = [
    "terraform",
    "tofu",
    framework::PROGRAM,
    cdktn::PROGRAM,
    language_server::PROGRAM,
    linters::TFLINT,
    linters::CHECKOV,
];

/// A program that `make clients` has built or installed.
fn tool(name: &str) -> PathBuf {
    file("tools/bin").join(name)
}

/// A file of this repository.
fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
#[ignore = "takes minutes and needs more clients: `make clients` builds them and runs this"]
fn every_client_does_what_it_can() {
    let missing: Vec<_> = TOOLS.iter().filter(|it| !tool(it).exists()).collect();
    assert!(missing.is_empty(), "these are missing in tools/bin: {missing:?}. Run `make clients`");
    let clis = Cli::all();
    assert!(clis.len() == 3, "terraform {} is missing on the PATH", table::OLDEST_TERRAFORM);
    let newest = &clis[1];

    let mirror = Mirror::of_this_build();
    let mut lines: Vec<Line> = clis.iter().map(|it| cli::line(it, &mirror)).collect();
    lines.push(framework::line(newest, &mirror));
    lines.push(bridge::line());
    lines.push(cdktn::line(newest, &mirror));
    lines.push(language_server::line(newest, &mirror));
    lines.push(linters::tflint());
    lines.push(linters::checkov(newest));
    let red = table::write(&lines);
    assert!(red.is_empty(), "{red}");
}

/// Whoever pins another version runs `make clients` again.
#[test]
fn the_table_in_the_guide_is_of_the_clients_that_are_pinned() {
    let told = table::clients_in(&read(table::GUIDE));
    assert_eq!(told, table::pinned(), "`make clients` writes the table again");
}
