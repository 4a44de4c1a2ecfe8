//! The provider of the README, under every real CLI that is there: apply, empty plan, change, import, destroy.

#![cfg(test)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const ADDRESS: &str = "example/notes";

/// The CLIs that `make tools` builds, and those that the environment or the `PATH` name.
fn clis() -> Vec<PathBuf> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools/bin");
    let path = env::split_paths(&env::var_os("PATH").unwrap_or_default())
        .flat_map(|it| ["terraform", "tofu"].map(|name| it.join(name)))
        .collect::<Vec<_>>();
    let named = ["TERRAFORM", "TOFU"].into_iter().filter_map(env::var_os).map(PathBuf::from);
    let mut found: Vec<_> =
        ["terraform", "tofu"].map(|it| built.join(it)).into_iter().chain(named).chain(path).collect();
    found.retain(|it| it.is_file());
    found.dedup();
    assert!(!found.is_empty(), "there is no Terraform and no OpenTofu: `make tools` builds both");
    found
}

/// A folder with a configuration, and the provider where the CLI looks for it.
struct Workspace<'c> {
    cli: &'c Path,
    folder: tempfile::TempDir,
}

impl<'c> Workspace<'c> {
    fn new(cli: &'c Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let example = env::current_exe().unwrap().ancestors().nth(2).unwrap().join("examples/notes");
        fs::copy(example, folder.path().join("terraform-provider-notes")).unwrap();
        let overrides = format!("{ADDRESS:?} = {:?}", folder.path());
        let settings =
            format!("provider_installation {{\n dev_overrides {{\n {overrides}\n }}\n direct {{}}\n}}\n");
        fs::write(folder.path().join("cli.tfrc"), settings).unwrap();
        Self { cli, folder }
    }

    fn note(&self) -> PathBuf {
        self.folder.path().join("note.txt")
    }

    fn says(&self, text: &str) -> &Self {
        let note = self.note();
        let required =
            format!("terraform {{\n required_providers {{\n notes = {{ source = {ADDRESS:?} }}\n }}\n}}\n");
        let resource = format!("resource \"notes_note\" \"a\" {{\n path = {note:?}\n text = {text:?}\n}}\n");
        fs::write(self.folder.path().join("main.tf"), required + &resource).unwrap();
        self
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(self.cli);
        let settings = self.folder.path().join("cli.tfrc");
        command.args(arguments).current_dir(&self.folder).env("TF_CLI_CONFIG_FILE", settings);
        command.env("CHECKPOINT_DISABLE", "1").output().unwrap()
    }

    #[track_caller]
    fn succeeds(&self, arguments: &[&str]) {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} {arguments:?}: {said}", self.cli.display());
    }

    /// A plan of which nothing is to be done.
    #[track_caller]
    fn is_settled(&self) {
        self.succeeds(&["plan", "-no-color", "-detailed-exitcode"]);
    }
}

#[test]
fn a_note_lives_its_life_under_every_cli() {
    for cli in clis() {
        let workspace = Workspace::new(&cli);
        workspace.says("Hello.").succeeds(&["apply", "-no-color", "-auto-approve"]);
        assert_eq!(fs::read_to_string(workspace.note()).unwrap(), "Hello.");
        workspace.is_settled();
        workspace.says("Hello again.").succeeds(&["apply", "-no-color", "-auto-approve"]);
        assert_eq!(fs::read_to_string(workspace.note()).unwrap(), "Hello again.");
        workspace.is_settled();

        let note = workspace.note();
        workspace.succeeds(&["state", "rm", "notes_note.a"]);
        workspace.succeeds(&["import", "-no-color", "notes_note.a", note.to_str().unwrap()]);
        workspace.is_settled();

        // What somebody else takes away is planned anew, and what is gone is destroyed without a word.
        fs::remove_file(&note).unwrap();
        assert_eq!(workspace.run(&["plan", "-detailed-exitcode"]).status.code(), Some(2));
        workspace.succeeds(&["apply", "-no-color", "-auto-approve"]);
        workspace.succeeds(&["destroy", "-no-color", "-auto-approve"]);
        assert!(!note.exists());
    }
}

#[test]
fn the_readme_shows_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let example = fs::read_to_string(folder.join("examples/notes.rs")).unwrap();
    let (_, code) = example.split_once("\n\n").unwrap();
    assert!(fs::read_to_string(folder.join("README.md")).unwrap().contains(code));
}
