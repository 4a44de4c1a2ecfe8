//! What `make` says when something is missing: one line with a way to get it, before anything is half done.
//!
//! The Makefile is run alone in an empty folder, with a `PATH` that holds what a case says and no more.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Tools that do nothing and succeed.
const RUST: &[&str] = &["cargo", "cc"];
const ACC: (&str, &str) = ("TF_ACC", "1");
const KEY: (&str, &str) = ("NOVITA_API_KEY", "not-a-key");

/// (target, tools on the `PATH`, environment, what the line says)
type Case = (&'static str, &'static [&'static str], &'static [(&'static str, &'static str)], &'static str);

const CASES: &[Case] = &[
    ("test", &[], &[], "cargo is missing"),
    ("test", &["cargo"], &[], "a C compiler is missing"),
    ("test", RUST, &[], "go is missing"),
    ("clients", RUST, &[], "go is missing"),
    ("clients", &["cargo", "cc", "go", "npm"], &[], "python3 is missing"),
    ("demo", RUST, &[], "neither terraform nor tofu is here, nor Go"),
    ("testacc", &[], &[ACC, KEY], "cargo is missing"),
    ("testacc", RUST, &[ACC, KEY], "neither terraform nor tofu is here"),
    ("testacc", &["cargo", "cc", "tofu"], &[KEY], "set TF_ACC=1"),
    ("testacc", &["cargo", "cc", "tofu"], &[ACC], "NOVITA_API_KEY and NOVACLOUD_API_KEY are missing"),
    ("sweep", RUST, &[KEY], "set TF_ACC=1"),
    ("sweep", RUST, &[ACC], "NOVITA_API_KEY and NOVACLOUD_API_KEY are missing"),
];

#[test]
fn what_is_missing_is_told_in_one_line() {
    for (target, tools, environment, said) in CASES {
        let folder = with_tools(tools);
        let output = make(folder.path(), &[target], environment);
        assert!(!output.status.success(), "make {target} succeeded with {tools:?} and {environment:?}");
        let (out, complaint) = texts(&output);
        let errors: Vec<&str> = complaint.lines().filter(|it| it.starts_with("error: ")).collect();
        assert!(errors.len() == 1 && errors[0].contains(said), "make {target}: {complaint}");
        let others = complaint.lines().filter(|it| !it.starts_with("error: ") && !it.starts_with("make: "));
        assert_eq!(
            (out.as_str(), others.count()),
            ("", 0),
            "make {target} says more than one line: {complaint}"
        );
    }
}

#[test]
fn make_alone_lists_every_target_that_is_meant_for_people() {
    let folder = with_tools(&[]);
    std::os::unix::fs::symlink(tool("grep"), folder.path().join("bin/grep")).expect("a link");
    std::os::unix::fs::symlink(tool("awk"), folder.path().join("bin/awk")).expect("a link");
    let output = make(folder.path(), &[], &[]);
    let (out, complaint) = texts(&output);
    assert!(output.status.success(), "{complaint}");
    let listed = out.lines().filter_map(|line| line.split_whitespace().nth(1));
    let makefile = std::fs::read_to_string(source("Makefile")).expect("the Makefile");
    let phony = makefile.lines().filter_map(|line| line.strip_prefix(".PHONY: "));
    // The steps of the release workflow, and what checks for tools, are nobody's commands.
    let internal = |it: &str| it.starts_with("need-") || it.starts_with("release-");
    let targets = phony.flat_map(str::split_whitespace).filter(|it| !internal(it));
    let listed: BTreeSet<&str> = listed.collect();
    assert_eq!(listed, targets.collect::<BTreeSet<_>>());
    assert!(listed.contains("testacc") && listed.contains("sweep"), "{listed:?}");
}

#[test]
fn a_program_is_found_in_whatever_folder_cargo_builds() {
    let folder = tempfile::tempdir().expect("a folder");
    let package = "[package]\nname = \"some\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    let lock = "version = 4\n\n[[package]]\nname = \"some\"\nversion = \"0.1.0\"\n";
    for (name, text) in [
        ("Cargo.toml", package),
        ("Cargo.lock", lock),
        ("src/main.rs", "fn main() {}"),
        (".cargo/config.toml", "build.target-dir = \"configured\""),
    ] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file of a package");
    }
    for (target, expected) in [(None, "configured/debug/some"), (Some("set"), "set/debug/some")] {
        let mut command = Command::new(source("tools/built"));
        command.current_dir(folder.path()).env_remove("CARGO_TARGET_DIR");
        let output = command.envs(target.map(|it| ("CARGO_TARGET_DIR", it))).output().expect("it runs");
        let (out, complaint) = texts(&output);
        assert!(out.trim_end().ends_with(expected) && Path::new(out.trim_end()).is_file(), "{complaint}");
        assert!(complaint.contains("Compiling some"), "it shows its progress: {complaint}");
    }
}

#[test]
fn development_overrides_name_the_folder_that_cargo_builds() {
    let folder = with_tools(&["cc"]);
    for name in ["sh", "sed"] {
        std::os::unix::fs::symlink(tool(name), folder.path().join("bin").join(name)).expect("a link");
    }
    let cargo = folder.path().join("bin/cargo");
    std::fs::write(&cargo, "#!/bin/sh\necho '{\"executable\":\"/elsewhere/release/program\"}'\n")
        .expect("cargo");
    std::fs::set_permissions(&cargo, PermissionsExt::from_mode(0o755)).expect("a program");
    std::fs::create_dir(folder.path().join("tools")).expect("a folder");
    std::fs::copy(source("tools/built"), folder.path().join("tools/built")).expect("a copy");
    let (out, complaint) = texts(&make(folder.path(), &["install-dev"], &[]));
    assert!(out.contains("\"novita/novita\" = \"/elsewhere/release\"\n"), "{out}{complaint}");
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// A folder with the Makefile, and a folder `bin` with tools that do nothing.
fn with_tools(tools: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::copy(source("Makefile"), folder.path().join("Makefile")).expect("a copy of the Makefile");
    let bin = folder.path().join("bin");
    std::fs::create_dir(&bin).expect("a folder for tools");
    for name in tools {
        std::os::unix::fs::symlink(tool("true"), bin.join(name)).expect("a link");
    }
    folder
}

fn make(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(tool("make"));
    command.args(arguments).current_dir(folder).env_clear().env("PATH", folder.join("bin"));
    command.envs(environment.iter().copied()).output().expect("make runs")
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// A program of this machine.
fn tool(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|it| it.join(name)).find(|it| it.is_file());
    found.unwrap_or_else(|| panic!("{name} is not on the PATH, and this test needs it"))
}
