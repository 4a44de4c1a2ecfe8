//! The provider of the README and that of the template, under every real CLI that is there.

#![cfg(test)]

#[allow(dead_code, unreachable_pub, reason = "each test takes what it needs")]
mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{Workspace, clis, example};

fn note(workspace: &Workspace<'_>) -> PathBuf {
    workspace.folder().join("note.txt")
}

fn says<'w, 'c>(workspace: &'w Workspace<'c>, text: &str) -> &'w Workspace<'c> {
    let note = note(workspace);
    workspace
        .configure(&format!("resource \"notes_note\" \"a\" {{\n path = {note:?}\n text = {text:?}\n}}\n"))
}

#[test]
fn a_note_lives_its_life_under_every_cli() {
    for cli in clis() {
        let workspace = Workspace::new(&cli, "notes", &example("notes"));
        says(&workspace, "Hello.").succeeds(&["apply", "-no-color", "-auto-approve"]);
        assert_eq!(fs::read_to_string(note(&workspace)).unwrap(), "Hello.");
        workspace.is_settled();
        says(&workspace, "Hello again.").succeeds(&["apply", "-no-color", "-auto-approve"]);
        assert_eq!(fs::read_to_string(note(&workspace)).unwrap(), "Hello again.");
        workspace.is_settled();

        let note = note(&workspace);
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
fn the_template_applies_under_every_cli() {
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("template");
    let configuration = fs::read_to_string(template.join("main.tf")).unwrap();
    let (_, configuration) = configuration.split_once("\n\n").unwrap();
    for cli in clis() {
        let workspace = Workspace::new(&cli, "mycloud", &example("template"));
        workspace.configure(configuration).succeeds(&["apply", "-no-color", "-auto-approve"]);
        assert_eq!(fs::read_to_string(workspace.folder().join("web.txt")).unwrap(), "Hello.");
        workspace.is_settled();
        workspace.succeeds(&["destroy", "-no-color", "-auto-approve"]);
        assert!(!workspace.folder().join("web.txt").exists());
    }
    let version = env!("CARGO_PKG_VERSION").rsplit_once('.').unwrap().0;
    let manifest = fs::read_to_string(template.join("Cargo.toml")).unwrap();
    assert!(manifest.contains(&format!("\ntfplugin = {version:?}\n")), "{manifest}");
}

#[test]
fn the_readme_shows_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let example = fs::read_to_string(folder.join("examples/notes.rs")).unwrap();
    let (_, code) = example.split_once("\n\n").unwrap();
    assert!(fs::read_to_string(folder.join("README.md")).unwrap().contains(code));
}
