//! The `*.tftest.hcl` suites beside the examples: those that mock the provider, and those for the mock API.

use std::path::{Path, PathBuf};

use super::examples::{examples, read};
use super::{World, on_every_cli};
use crate::cli::{Cli, Output};

/// Where the suites are that make things, which `terraform test` alone does not look into.
const MOCK_API: &str = "tests/mock-api";

#[test]
fn each_suite_with_a_mocked_provider_passes_without_a_call() {
    on_every_cli(|cli| {
        for folder in with_suites("tests") {
            let (world, output) = tested(cli, &folder, "tests");
            passed(&output, &folder.join("tests"));
            assert_eq!(world.cloud.requests().len(), 0, "{}", folder.display());
        }
    });
}

#[test]
fn each_suite_passes_on_the_mock_api_and_leaves_nothing() {
    on_every_cli(|cli| {
        for folder in with_suites(MOCK_API) {
            let (world, output) = tested(cli, &folder, MOCK_API);
            passed(&output, &folder.join(MOCK_API));
            assert!(!world.changes().is_empty(), "{} makes nothing", folder.display());
            assert!(world.cloud.alive().is_empty(), "{} left {:?}", folder.display(), world.cloud.alive());
        }
    });
}

/// Examples that bring suites along in this folder.
fn with_suites(tests: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(examples()).expect("examples");
    let folders = entries.map(|entry| entry.expect("an example").path());
    let mut found: Vec<_> = folders.filter(|it| !suites(&it.join(tests)).is_empty()).collect();
    found.sort();
    assert!(found.len() >= 3, "hardly any example has a suite: {found:?}");
    found
}

/// The names of the suites in a folder.
fn suites(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let names = entries.map(|entry| entry.expect("a suite").file_name().to_string_lossy().into_owned());
    names.filter(|it| it.ends_with(".tftest.hcl")).collect()
}

/// Runs the suites of an example without keys in the environment, as somebody with none would.
fn tested(cli: &Cli, folder: &Path, tests: &str) -> (World, Output) {
    let mut world = World::new(cli, "");
    world.workspace.write("main.tf", &read(&folder.join("main.tf")));
    for key in ["NOVITA_API_KEY", "NOVACLOUD_API_KEY"] {
        world.workspace.set(key, "");
    }
    let copy = world.workspace.directory().join(tests);
    std::fs::create_dir_all(&copy).expect("a folder for the suites");
    for name in suites(&folder.join(tests)) {
        std::fs::copy(folder.join(tests).join(&name), copy.join(&name)).expect("a copy of the suite");
    }
    let output = world.workspace.run(&["test", "-no-color", &format!("-test-directory={tests}")]);
    (world, output)
}

/// Every run of every suite was made and passed: a CLI also succeeds when it finds none.
#[track_caller]
fn passed(output: &Output, folder: &Path) {
    let text: String = suites(folder).iter().map(|name| read(&folder.join(name))).collect();
    let runs = text.lines().filter(|line| line.starts_with("run \"")).count();
    assert!(
        output.code() == Some(0) && output.words().contains(&format!("Success! {runs} passed, 0 failed.")),
        "{}\n{output}",
        folder.display()
    );
}
