//! What this repository promises of its releases: who can do what in the workflows, and that the matrix builds what is
//! signed.
//!
//! The workflows are read as text: a job begins with two spaces and its name, a step with `- `.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use package::platform::TARGETS;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn text_of(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap()
}

fn release() -> String {
    text_of(".github/workflows/release.yml")
}

/// The jobs of a workflow by name, without comments.
fn jobs(workflow: &str) -> BTreeMap<String, String> {
    let mut jobs: BTreeMap<String, String> = BTreeMap::new();
    let mut name = String::new();
    for line in
        workflow.lines().skip_while(|it| *it != "jobs:").skip(1).filter(|it| !it.trim().starts_with('#'))
    {
        match line.strip_prefix("  ").and_then(|it| it.strip_suffix(':')) {
            Some(it) if !it.starts_with(' ') => name = it.to_owned(),
            _ => *jobs.entry(name.clone()).or_default() += &format!("{line}\n"),
        }
    }
    assert!(jobs.len() > 2, "the workflow was not understood");
    jobs
}

/// The trimmed lines of a job below `key:`, which are indented more.
fn below<'a>(job: &'a str, key: &str) -> Vec<&'a str> {
    let indent = |it: &str| it.len() - it.trim_start().len();
    let mut lines = job.lines().skip_while(|it| it.trim() != format!("{key}:"));
    let Some(first) = lines.next() else { return Vec::new() };
    lines.take_while(|it| indent(it) > indent(first)).map(str::trim).collect()
}

/// Actions that are not named by a commit and, for people, its version.
fn unpinned(workflow: &str) -> Vec<&str> {
    let actions = workflow.lines().filter_map(|it| it.trim().trim_start_matches("- ").strip_prefix("uses: "));
    let pinned = |it: &&str| {
        let rest = it.split_once('@').and_then(|(_, rest)| rest.split_once(" # v"));
        rest.is_some_and(|(commit, _)| commit.len() == 40 && commit.bytes().all(|it| it.is_ascii_hexdigit()))
    };
    actions.filter(|it| !pinned(it)).collect()
}

#[test]
fn every_action_is_pinned_by_its_commit() {
    for file in ["release", "test"] {
        let workflow = text_of(&format!(".github/workflows/{file}.yml"));
        assert!(workflow.contains("uses: actions/checkout@"));
        assert_eq!(unpinned(&workflow), [""; 0], "{file}");
    }
    for planted in
        ["uses: a/b@v5 # v5", "- uses: a/b@08c6903cd8c0fde910a37f88322edcfb5dd907a8", "uses: a/b@main"]
    {
        assert_eq!(unpinned(planted).len(), 1, "{planted}");
    }
}

/// What a job does that builds: everything but what only reads, writes or publishes files.
fn compiles(job: &str) -> bool {
    let commands = job.replace("make release-check", "").replace("make release-publish", "");
    ["cargo", "make", "rustc", "tools/"].iter().any(|it| commands.contains(it))
}

/// Jobs that compile and hold more than leave to read the source, or hold a secret.
fn trusted_compilers(workflow: &str) -> Vec<String> {
    let held = |job: &str| below(job, "permissions") != ["contents: read"];
    let secret = |job: &str| {
        ["secrets.", "secrets:", "github.token", "environment:"].iter().any(|it| job.contains(it))
    };
    let jobs = jobs(workflow).into_iter();
    jobs.filter(|(_, job)| compiles(job) && (held(job) || secret(job))).map(|(name, _)| name).collect()
}

#[test]
fn no_job_that_compiles_holds_a_secret_or_can_write() {
    let workflow = release();
    let (head, body) = workflow.split_once("\njobs:").unwrap();
    assert!(head.lines().any(|it| it == "permissions: {}"));
    assert!(!head.lines().any(|it| it.starts_with("env:")));
    assert_eq!(trusted_compilers(&workflow), [""; 0]);
    let jobs = jobs(&workflow);
    let building: Vec<_> =
        jobs.iter().filter(|(_, job)| compiles(job)).map(|(name, _)| name.as_str()).collect();
    assert_eq!(building, ["build", "sum"]);
    let with_key: Vec<_> =
        jobs.iter().filter(|(_, job)| job.contains("secrets.")).map(|(name, _)| name).collect();
    assert_eq!(with_key, ["sign"]);
    assert_eq!(below(&jobs["sign"], "permissions"), ["contents: read"]);
    assert!(jobs["publish"].contains("uses: actions/attest-build-provenance@"));

    for (what, planted) in [
        ("contents: read", "contents: write"),
        ("RELEASE_BUILT: ${{", "RELEASE_SIGNING_KEY: ${{ secrets.RELEASE_SIGNING_KEY }} ${{"),
        ("run: chmod +x target/package", "run: cargo build"),
        ("run: make release-check", "run: make build"),
    ] {
        assert!(body.contains(what), "{what}");
        assert_ne!(trusted_compilers(&workflow.replacen(what, planted, 1)), [""; 0], "{planted}");
    }
}

#[test]
fn what_publishes_starts_no_compiler() {
    let makefile = text_of("Makefile");
    for target in ["release-check", "release-publish"] {
        let mut lines = makefile.lines().skip_while(|it| !it.starts_with(&format!("{target}:")));
        assert!(lines.next().is_some_and(|it| !it.contains("need-rust")), "{target}");
        let recipe: Vec<_> = lines.take_while(|it| it.starts_with('\t')).collect();
        assert_eq!(recipe.len(), 1, "{target}");
        assert!(!recipe[0].contains("$(CARGO)") && !recipe[0].contains("$(PACKAGE)"), "{target}");
    }
}

#[test]
fn the_matrix_builds_the_targets_that_are_signed() {
    let build = &jobs(&release())["build"];
    let quoted =
        |line: &&str| line.split_once("target: ").map(|(_, it)| it.trim_end_matches(" }").to_owned());
    let built: Vec<String> = below(build, "include").iter().filter_map(quoted).collect();
    assert_eq!(built, TARGETS);
    let outputs = TARGETS.map(|it| format!("{it}: ${{{{ steps.pack.outputs.{it} }}}}"));
    assert_eq!(below(build, "outputs"), outputs);
    // Without it the archives would be compared with nothing.
    assert!(jobs(&release())["sum"].contains("RELEASE_BUILT: ${{ toJSON(needs.build.outputs) }}"));
}

#[test]
fn the_toolchain_is_one_version() {
    let toolchain: toml::Table = text_of("rust-toolchain.toml").parse().unwrap();
    let channel = toolchain["toolchain"]["channel"].as_str().unwrap();
    let version = semver::Version::parse(channel).expect("a full version, not the name of a channel");
    assert!(version.pre.is_empty());
}
