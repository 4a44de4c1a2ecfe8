//! A release that is not what the maintainers made is not installed.

use super::server::{Files, Registry};
use super::shelf::{MAINTAINER, STRANGER, Shelf};
use super::workspace;
use crate::cli::Cli;

/// `init` fails with these words with every CLI, and nothing is locked or installed.
#[track_caller]
fn check_refused(files: Files, words: &[&str]) {
    let registry = Registry::start(files);
    for cli in Cli::all() {
        let workspace = workspace(&cli, &registry);
        workspace.init().failed().says(words);
        assert!(!workspace.directory().join(".terraform.lock.hcl").exists(), "{} locked it", cli.name);
        assert!(workspace.installed().is_empty(), "{} installed it", cli.name);
    }
}

/// Replaces a file of the registry.
fn altered(mut files: Files, file: &str, change: impl Fn(&[u8]) -> Vec<u8>) -> Files {
    let bytes = files.get_mut(&format!("/files/{file}")).expect("a file of the release");
    *bytes = change(bytes);
    files
}

#[test]
fn a_release_signed_with_another_key_is_refused() {
    let shelf = Shelf::small(true);
    check_refused(shelf.as_registry(&STRANGER), &["authentication signature from unknown issuer"]);
}

#[test]
fn an_altered_archive_is_refused() {
    let shelf = Shelf::small(true);
    let files = altered(shelf.as_registry(&MAINTAINER), &shelf.archive("novita"), |bytes| {
        let mut bytes = bytes.to_vec();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        bytes
    });
    check_refused(files, &["archive has incorrect checksum"]);
}

#[test]
fn altered_checksums_are_refused() {
    let shelf = Shelf::small(true);
    let sums = Shelf::file("novita", "SHA256SUMS");
    let files = altered(shelf.as_registry(&MAINTAINER), &sums, |bytes| {
        [bytes, format!("{}  another.zip\n", "0".repeat(64)).as_bytes()].concat()
    });
    check_refused(files, &["invalid signature"]);
}

#[test]
fn an_unsigned_release_is_refused() {
    let shelf = Shelf::unsigned();
    assert!(!shelf.path().join(Shelf::file("novita", "SHA256SUMS.sig")).exists());
    check_refused(shelf.as_registry(&MAINTAINER), &["signature", "404"]);
}
