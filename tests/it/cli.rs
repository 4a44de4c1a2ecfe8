//! Real Terraform and OpenTofu: finds them, and runs them on a configuration in a directory of its own.
//!
//! Each [`Workspace`] is alone with its files, its home and its CLI configuration, which points at the
//! provider binary of this build, so tests run in parallel and nothing of the developer's own set-up is
//! seen. What the configuration means, and what the vendor's API did, is the business of the tests.

mod running;
mod zipped;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) use self::running::{Output, Running, wait_until};

/// A program that drives providers.
#[derive(Debug, Clone)]
pub(crate) struct Cli {
    /// `terraform` or `tofu`.
    pub(crate) name: &'static str,
    /// The host that a short source address such as `novita/novita` stands for.
    pub(crate) default_host: &'static str,
    program: PathBuf,
    /// Whether it is a Terraform from 1.16 on: it has queries, actions at every event, and keeps what plans note.
    pub(crate) is_newest: bool,
    /// Whether it keeps identities and imports by them: Terraform and OpenTofu from 1.12 on.
    pub(crate) keeps_identities: bool,
}

impl Cli {
    /// Those that have queries and actions.
    ///
    /// # Panics
    /// With `CI=true`, when there is none.
    pub(crate) fn newest() -> Vec<Self> {
        let newest: Vec<_> = Self::all().into_iter().filter(|it| it.is_newest).collect();
        let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
        assert!(!in_ci || !newest.is_empty(), "CI=true, and no Terraform from 1.16 on. {HOW_TO_GET_ONE}");
        newest
    }

    /// Every CLI of this machine: `$TERRAFORM` or `terraform` on the `PATH`, which is to be the oldest that is
    /// supported; the newest Terraform that `make tools` builds; `$TOFU`, or `tofu` on the `PATH`, or the one that
    /// `make tools` builds.
    ///
    /// # Panics
    /// When there is none: a test without a CLI must not pass. With `CI=true` all three have to be there.
    pub(crate) fn all() -> Vec<Self> {
        let found = [
            ("terraform", "registry.terraform.io", find("terraform", "TERRAFORM")),
            ("terraform", "registry.terraform.io", built("terraform")),
            ("tofu", "registry.opentofu.org", find("tofu", "TOFU").or_else(|| built("tofu"))),
        ];
        let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
        assert!(
            !in_ci || found.iter().all(|(.., program)| program.is_some()),
            "CI=true, but of these one is missing: {found:?}. {HOW_TO_GET_ONE}"
        );
        let clis: Vec<Self> = found
            .into_iter()
            .filter_map(|(name, default_host, program)| {
                let program = program?;
                let version = version_of(&program);
                let is_newest = name == "terraform" && version >= (1, 16);
                Some(Self { name, default_host, program, is_newest, keeps_identities: version >= (1, 12) })
            })
            .collect();
        assert!(!clis.is_empty(), "neither terraform nor tofu was found. {HOW_TO_GET_ONE}");
        clis
    }
}

impl Cli {
    /// The program itself, for those who start it their own way.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }
}

/// Major and minor version of a program.
fn version_of(program: &Path) -> (u64, u64) {
    let mut version = Command::new(program);
    // A configuration that is not there would be told in front of the answer.
    version.args(["version", "-json"]).env_remove("TF_CLI_CONFIG_FILE");
    let output = version.output().expect("the program runs");
    let told: Value = serde_json::from_slice(&output.stdout).expect("it tells its version");
    let version = told["terraform_version"].as_str().unwrap_or_default();
    let mut numbers = version.split(['.', '-']).map(|it| it.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

const HOW_TO_GET_ONE: &str = "Run `make tools` to build Terraform and OpenTofu, or install Terraform from \
     https://developer.hashicorp.com/terraform/install; TERRAFORM and TOFU name a program elsewhere.";

/// What `make tools` has built.
fn built(name: &str) -> Option<PathBuf> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/bin").join(name);
    program.is_file().then_some(program)
}

fn find(name: &str, variable: &str) -> Option<PathBuf> {
    if let Some(chosen) = std::env::var_os(variable).filter(|value| !value.is_empty()) {
        let chosen = PathBuf::from(chosen);
        assert!(chosen.is_file(), "{variable} names {}, which is no file", chosen.display());
        return Some(chosen);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|program| program.is_file())
}

/// A directory with one configuration, in which a CLI is run.
pub(crate) struct Workspace {
    cli: Cli,
    root: TempDir,
    environment: Vec<(String, String)>,
}

impl Workspace {
    /// A fresh directory that holds `hcl` as `main.tf`. No `init` is needed: development overrides send
    /// `novita/novita` to the provider of this build.
    pub(crate) fn new(cli: &Cli, hcl: &str) -> Self {
        let root = tempfile::Builder::new().prefix("novita-").tempdir().expect("a temporary directory");
        let workspace = Self { cli: cli.clone(), root, environment: Vec::new() };
        for directory in ["home", "plugin", "work", "output"] {
            std::fs::create_dir(workspace.root.path().join(directory)).expect("a new directory");
        }
        // A directory with nothing else in it: a CLI takes the first file whose name fits.
        let plugin = workspace.root.path().join("plugin");
        std::os::unix::fs::symlink(
            env!("CARGO_BIN_EXE_terraform-provider-novita"),
            plugin.join("terraform-provider-novita"),
        )
        .expect("a link to the provider");
        let settings = format!(
            "provider_installation {{\n  dev_overrides {{\n    \"novita/novita\" = {}\n  }}\n  direct {{}}\n}}\n",
            quoted(&plugin.to_string_lossy())
        );
        std::fs::write(workspace.settings(), settings).expect("the CLI configuration is written");
        workspace.write("main.tf", hcl);
        workspace
    }

    /// Replaces the CLI configuration, development overrides included.
    pub(crate) fn configure_cli(&self, settings: &str) {
        std::fs::write(self.settings(), settings).expect("the CLI configuration is written");
    }

    /// The home of whoever runs the CLI.
    pub(crate) fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// `init`, whatever comes of it.
    pub(crate) fn init(&self) -> Output {
        self.run(&["init", "-input=false", "-no-color"])
    }

    /// The providers that `init` has installed. A refusal leaves folders and lock files behind, no providers.
    pub(crate) fn installed(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.data().join("providers")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.expect("an entry of the folder of providers").path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        let is_provider =
            |it: &PathBuf| it.file_name().is_some_and(|it| it.to_string_lossy().starts_with("terraform-"));
        files.retain(is_provider);
        files
    }

    /// Sets a variable for every later command. Nothing else but `PATH` and `TMPDIR` is inherited.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Writes a file of the configuration, replacing what it held.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.directory().join(name), text).expect("a file of the configuration is written");
    }

    /// Where the configuration and the state are.
    pub(crate) fn directory(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// What the CLI keeps beside the configuration, such as the providers that `init` has installed.
    pub(crate) fn data(&self) -> PathBuf {
        self.root.path().join("data")
    }

    /// Runs the CLI with these arguments and waits for its end, whatever its exit status is.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        Running::start(self.command(arguments), self.title(arguments), &self.output()).wait()
    }

    /// Starts the CLI so that it can be interrupted like at a terminal.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Running {
        Running::start_group(self.command(arguments), self.title(arguments), &self.output())
    }

    /// The same by `nohup`, which lets the CLI work on after a log-out.
    pub(crate) fn spawn_nohup(&self, arguments: &[&str]) -> Running {
        let mut nohup = self.command_of("nohup");
        nohup.arg(&self.cli.program).args(arguments);
        Running::start_group(nohup, self.title(arguments), &self.output())
    }

    /// `plan` with `arguments`; a plan with changes exits with 2, one without with 0.
    pub(crate) fn plan(&self, arguments: &[&str]) -> Output {
        let mut all = vec!["plan", "-input=false", "-no-color", "-detailed-exitcode"];
        all.extend(arguments);
        self.run(&all)
    }

    /// Plans, and fails the test when there is anything to do.
    #[track_caller]
    pub(crate) fn assert_nothing_to_do(&self) {
        let output = self.plan(&[]);
        assert!(output.code() == Some(0), "expected an empty plan\n{output}");
    }

    /// Applies the configuration and fails the test when that fails.
    #[track_caller]
    pub(crate) fn apply(&self) -> Output {
        self.try_apply().succeeded()
    }

    /// Applies the configuration, whatever comes of it.
    pub(crate) fn try_apply(&self) -> Output {
        self.run(&["apply", "-input=false", "-no-color", "-auto-approve"])
    }

    /// Destroys everything in the state and fails the test when that fails.
    #[track_caller]
    pub(crate) fn destroy(&self) -> Output {
        self.try_destroy().succeeded()
    }

    /// Destroys everything in the state, whatever comes of it.
    pub(crate) fn try_destroy(&self) -> Output {
        self.run(&["destroy", "-input=false", "-no-color", "-auto-approve"])
    }

    /// The plan as data: what `show -json` says about the file that `plan -out` writes.
    #[track_caller]
    pub(crate) fn show_plan_json(&self) -> Value {
        let planned = self.plan(&["-out=plan.bin"]);
        assert!(matches!(planned.code(), Some(0 | 2)), "the plan failed\n{planned}");
        self.run(&["show", "-json", "plan.bin"]).succeeded().json()
    }

    /// What the plan does to one address: `["update"]`, `["delete", "create"]`, `["no-op"]`, …
    #[track_caller]
    pub(crate) fn planned_actions(&self, address: &str) -> Vec<String> {
        let plan = self.show_plan_json();
        let changes = plan["resource_changes"].as_array().cloned().unwrap_or_default();
        let change = changes.iter().find(|change| change["address"] == address);
        let change = change.unwrap_or_else(|| panic!("the plan does not mention {address}: {plan:#}"));
        let actions = change["change"]["actions"].as_array().cloned().unwrap_or_default();
        actions.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Whatever the CLI wrote beside the configuration: states, their backups, plans (unpacked), logs and
    /// reports of crashes, each with its name.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(self.directory()).expect("the directory of the configuration") {
            let path = entry.expect("an entry of the directory").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.ends_with(".tf") || path.is_dir() {
                continue;
            }
            let bytes = std::fs::read(&path).expect("a file of the CLI");
            if bytes.starts_with(b"PK") {
                let inner = zipped::members(&bytes).into_iter();
                files.extend(inner.map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
            } else {
                files.push((name, bytes));
            }
        }
        files
    }

    /// From now on each provider process notes its number before it begins, and begins when nobody holds it back.
    pub(crate) fn note_providers(&self) {
        let link = self.root.path().join("plugin/terraform-provider-novita");
        let program = env!("CARGO_BIN_EXE_terraform-provider-novita");
        let [numbers, held, said] =
            ["providers", "held", "said"].map(|name| self.root.path().join(name).display().to_string());
        let script = format!(
            "#!/bin/sh\necho $$ >> '{numbers}'\nwhile [ -e '{held}' ]; do sleep 0.05; done\n\
             [ ! -e '{said}' ] || exec 2>> '{said}'\nexec '{program}' \"$@\"\n"
        );
        std::fs::remove_file(&link).expect("the link to the provider");
        std::fs::write(&link, script).expect("a script in place of the provider");
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&link, executable).expect("a script that can be run");
    }

    /// From now on what the noted providers say goes to a file, and not to the client.
    pub(crate) fn keep_what_providers_say(&self) {
        std::fs::write(self.root.path().join("said"), "").expect("a file for what providers say");
    }

    /// From now on no provider process begins.
    pub(crate) fn hold_providers(&self) {
        std::fs::write(self.root.path().join("held"), "").expect("a file in the way of the providers");
    }

    /// Lets the providers begin that are held back.
    pub(crate) fn let_providers_begin(&self) {
        std::fs::remove_file(self.root.path().join("held")).expect("a file in the way of the providers");
    }

    /// The noted provider processes so far, those that are held back included.
    pub(crate) fn providers(&self) -> Vec<Pid> {
        let numbers = std::fs::read_to_string(self.root.path().join("providers")).unwrap_or_default();
        let whole = numbers.split_inclusive('\n').filter_map(|it| it.strip_suffix('\n'));
        whole.map(|it| it.parse().ok().and_then(Pid::from_raw).expect("the number of a process")).collect()
    }

    /// Whether any of the noted provider processes runs.
    pub(crate) fn has_running_provider(&self) -> bool {
        self.providers().into_iter().any(running::is_running)
    }

    /// What the noted providers have written to their standard error.
    pub(crate) fn said_by_providers(&self) -> String {
        std::fs::read_to_string(self.root.path().join("said")).unwrap_or_default()
    }

    /// Kills the provider process that began last, as a machine without memory does.
    pub(crate) fn kill_provider(&self) {
        let last = *self.providers().last().expect("a provider has begun");
        kill_process(last, Signal::KILL).expect("the provider can be killed");
    }

    /// The state file; an object without resources when there is none yet. A CLI that was killed leaves an empty one.
    pub(crate) fn state(&self) -> Value {
        match std::fs::read(self.directory().join("terraform.tfstate")) {
            Ok(bytes) if !bytes.is_empty() => serde_json::from_slice(&bytes).expect("the state is JSON"),
            Ok(_) | Err(_) => json!({ "resources": [] }),
        }
    }

    /// The state's only instance of a resource, with its attributes and, if so, its `"status": "tainted"`.
    /// Null when the state does not hold it.
    pub(crate) fn in_state(&self, kind: &str, name: &str) -> Value {
        let state = self.state();
        let resources = state["resources"].as_array().cloned().unwrap_or_default();
        let found =
            resources.iter().find(|it| it["mode"] == "managed" && it["type"] == kind && it["name"] == name);
        found.map_or(Value::Null, |it| it["instances"][0].clone())
    }

    fn settings(&self) -> PathBuf {
        self.root.path().join("cli.tfrc")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.command_of(&self.cli.program);
        command.args(arguments);
        command
    }

    fn command_of(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.directory()).stdin(Stdio::null()).env_clear();
        for inherited in ["PATH", "TMPDIR"] {
            command.envs(std::env::var_os(inherited).map(|value| (inherited, value)));
        }
        command.env("HOME", self.root.path().join("home")).env("TF_CLI_CONFIG_FILE", self.settings());
        command.env("TF_DATA_DIR", self.data()).env("TF_IN_AUTOMATION", "1");
        command.env("CHECKPOINT_DISABLE", "1");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    fn title(&self, arguments: &[&str]) -> String {
        format!("{} {}", self.cli.program.display(), arguments.join(" "))
    }

    fn output(&self) -> PathBuf {
        self.root.path().join("output")
    }
}

/// A text as HCL writes it.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for it in text.chars() {
        match it {
            '"' | '\\' => out.extend(['\\', it]),
            '\n' => out.push_str("\\n"),
            _ => out.push(it),
        }
    }
    out.push('"');
    out.replace("${", "$${").replace("%{", "%%{")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_keeps_its_state_to_itself() {
        for cli in Cli::all() {
            let workspace =
                Workspace::new(&cli, "resource \"terraform_data\" \"one\" {\n  input = \"a\"\n}\n");
            assert_eq!(workspace.planned_actions("terraform_data.one"), ["create"]);
            workspace.apply().says(&["1 added"]);
            assert_eq!(workspace.in_state("terraform_data", "one")["attributes"]["input"]["value"], "a");
            workspace.assert_nothing_to_do();
            workspace.destroy();
            assert_eq!(workspace.in_state("terraform_data", "one"), Value::Null);
        }
    }

    #[test]
    fn an_interrupted_command_ends_with_its_children() {
        let hcl = "resource \"terraform_data\" \"slow\" {\n  provisioner \"local-exec\" {\n    \
                   command = \"touch begun && exec sleep 1000\"\n  }\n}\n";
        for cli in Cli::all() {
            let workspace = Workspace::new(&cli, hcl);
            let mut running = workspace.spawn(&["apply", "-input=false", "-no-color", "-auto-approve"]);
            running.wait_until("the provisioner runs", || workspace.directory().join("begun").exists());
            running.interrupt();
            running.wait().failed().says(&["nterrupt"]);
        }
    }

    #[test]
    fn quoted_text_means_itself_in_hcl() {
        assert_eq!(quoted("a\"b\\c${d}\n"), r#""a\"b\\c$${d}\n""#);
    }
}
