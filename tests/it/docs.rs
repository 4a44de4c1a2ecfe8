//! The documentation that users read: that the pages under `docs/` are what the schema and the examples say today,
//! and that what README and guides tell people to write and to run works.
//!
//! `pages` has `tfplugindocs` write the pages and compares; `blocks` takes the code out of README, index and guides, and
//! `commands` judges what is for a shell; `terminal` writes what the README shows of one; `messages` and `changes` hold the
//! guides on troubleshooting and on money against sources and schema; `words` reads the English, `links` follows the links,
//! and `llms` lists the pages.

mod blocks;
mod changes;
mod commands;
mod links;
mod llms;
mod messages;
mod pages;
mod terminal;
mod words;

use std::path::{Path, PathBuf};

use crate::cli::{Cli, Workspace};

/// A file of this repository.
fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The entries of a folder in the order of their names; none when there is no such folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|it| it.expect("an entry of a folder").path()).collect();
    paths.sort();
    paths
}

/// README, index and guides, each with its path in this repository.
fn texts() -> Vec<(String, String)> {
    let files = [file("README.md"), pages::docs().join("index.md")].into_iter().chain(guides());
    files.map(|path| (name_of(&path), read(&path))).collect()
}

fn guides() -> Vec<PathBuf> {
    entries(&file("docs/guides"))
}

/// Every page that the registry serves, each with its path below `docs/`.
fn all_pages() -> Vec<(String, String)> {
    let docs = pages::docs();
    let guides = guides().into_iter().map(|it| (name_of(&it).replacen("docs/", "", 1), read(&it)));
    pages::pages(&docs).into_iter().chain(guides).collect()
}

/// The path in this repository, with `/` between its parts.
fn name_of(path: &Path) -> String {
    let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("a file of this repository");
    path.to_string_lossy().replace('\\', "/")
}

/// The example of the provider's block, which begins every configuration that has none of its own.
fn provider() -> String {
    read(&file("examples/provider/provider.tf"))
}

/// The provider's schema as the client knows it.
fn schema(cli: &Cli) -> serde_json::Value {
    let schemas = Workspace::new(cli, &provider()).run(&["providers", "schema", "-json"]).succeeded().json();
    schemas["provider_schemas"][format!("{}/novita/novita", cli.default_host)].clone()
}
