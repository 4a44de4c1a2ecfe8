//! HashiCorp's acceptance framework, which drives a CLI and judges by its own rules: plans after each step are empty,
//! what is imported is what is there, identities are those of the state. The suite is `tests/clients/acceptance`.

use std::process::Command;

use mock_cloud::{MockCloud, Options};

use super::mirror::Mirror;
use super::table::{Line, Task};
use super::tool;
use crate::cli::Cli;

pub(super) const PROGRAM: &str = "acceptance";

/// The test of each cell.
const TESTS: [(Task, &str); 8] = [
    (Task::Install, "TestInstall"),
    (Task::Create, "TestCreate"),
    (Task::Change, "TestChangeInPlace"),
    (Task::Replace, "TestReplace"),
    (Task::Import, "TestImport"),
    (Task::List, "TestList"),
    (Task::Destroy, "TestDestroy"),
    (Task::FailedCreate, "TestFailedCreate"),
];

pub(super) fn line(cli: &Cli, mirror: &Mirror) -> Line {
    let mut line = Line::of("terraform-plugin-testing");
    for (task, test) in TESTS {
        line.cell(task, || passes(cli, mirror, test));
    }
    line
}

fn passes(cli: &Cli, mirror: &Mirror, test: &str) {
    let cloud = MockCloud::start(Options::default());
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(tool(PROGRAM));
    command.args(["-test.v", "-test.timeout=4m", &format!("-test.run=^{test}$")]);
    command.current_dir(folder.path()).env_clear().env("HOME", folder.path()).env("TMPDIR", folder.path());
    command.envs(std::env::var_os("PATH").map(|it| ("PATH", it)));
    command.env("TF_ACC", "1").env("TF_ACC_TERRAFORM_PATH", cli.program()).env("CHECKPOINT_DISABLE", "1");
    command.env("TF_CLI_CONFIG_FILE", mirror.settings_file());
    command.env("NOVITA_BASE_URL", cloud.novita_url()).env("NOVITA_API_KEY", cloud.api_key());
    let fault = serde_json::to_string(&super::cli::broken_image()).expect("JSON");
    command.env("NOVITA_MOCK", cloud.origin()).env("NOVITA_MOCK_FAULT", fault);
    let output = command.output().expect("the suite runs");
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let passed = output.status.success() && text.contains(&format!("--- PASS: {test} "));
    assert!(passed, "{test} failed.\n{text}");
}
