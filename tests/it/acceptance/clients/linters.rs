//! tflint, which reads configurations, and checkov, which reads plans: neither knows the provider, and both have to
//! take what it stands in.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::table::{Line, Task};
use super::tool;
use crate::acceptance::{PROVIDER, World, machine};
use crate::cli::Cli;

pub(super) const TFLINT: &str = "tflint";
pub(super) const CHECKOV: &str = "checkov/bin/python";

/// What tflint's own rules ask of any module.
const VERSIONS: &str = "terraform {\n  required_version = \">= 1.11\"\n}\n";

/// A rule that needs our attribute; what it is about is in no other rule of checkov.
const RULE: &str = "metadata:\n  id: CKV2_NOVITA_1\n  name: A machine is protected\n  category: GENERAL_SECURITY\n\
     definition:\n  cond_type: attribute\n  resource_types: [novita_gpu_instance]\n  \
     attribute: deletion_protection\n  operator: equals\n  value: true\n";

pub(super) fn tflint() -> Line {
    let mut line = Line::of("tflint");
    line.cell(Task::Lint, || {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
        let source = "      source = \"novita/novita\"\n";
        let provider = PROVIDER.replace(source, &format!("{source}      version = \"~> 0.1\"\n"));
        write("main.tf", &format!("{VERSIONS}{provider}{}", machine("this", &[])));
        let clean = run(Command::new(tool(TFLINT)).current_dir(folder.path()));
        assert!(clean.status.success(), "It complains.\n{}", text(&clean));
        // It has read the file.
        write("unused.tf", "variable \"unused\" {\n  type = string\n}\n");
        let complaint = run(Command::new(tool(TFLINT)).current_dir(folder.path()));
        assert!(text(&complaint).contains("terraform_unused_declarations"), "{}", text(&complaint));
    });
    line
}

pub(super) fn checkov(cli: &Cli) -> Line {
    let mut line = Line::of("checkov");
    line.cell(Task::Lint, || {
        let protected = machine("protected", &[("deletion_protection", "true")]);
        let world = World::new(cli, &format!("{protected}{}", machine("this", &[])));
        let folder = world.workspace.directory();
        std::fs::write(folder.join("plan.json"), world.workspace.show_plan_json().to_string())
            .expect("a plan");
        std::fs::create_dir(folder.join("rules")).expect("a folder");
        std::fs::write(folder.join("rules/protected.yaml"), RULE).expect("a rule");
        let report = judged(&folder);
        assert_eq!(report["summary"]["parsing_errors"], 0, "It cannot read the plan.");
        assert_eq!(resources(&report, "passed_checks"), ["novita_gpu_instance.protected"]);
        assert_eq!(resources(&report, "failed_checks"), ["novita_gpu_instance.this"]);
    });
    line
}

fn judged(folder: &Path) -> Value {
    let mut command = Command::new(tool(CHECKOV));
    command.args(["-m", "checkov.main", "--file", "plan.json", "--framework", "terraform_plan"]);
    command.args(["--output", "json", "--external-checks-dir", "rules", "--check", "CKV2_NOVITA_1"]);
    command.args(["--skip-download", "--soft-fail"]).current_dir(folder);
    let output = run(&mut command);
    assert!(output.status.success(), "It failed.\n{}", text(&output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}\n{}", text(&output)))
}

fn resources(report: &Value, kind: &str) -> Vec<String> {
    let checks = report["results"][kind].as_array().cloned().unwrap_or_default();
    checks.iter().filter_map(|it| it["resource"].as_str().map(str::to_owned)).collect()
}

/// Runs it with nothing of the user's settings.
fn run(command: &mut Command) -> Output {
    let home = tempfile::tempdir().expect("a folder");
    command.env_clear().envs(std::env::var_os("PATH").map(|it| ("PATH", it))).env("HOME", home.path());
    command.output().expect("it runs")
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
