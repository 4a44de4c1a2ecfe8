//! Real Terraform and OpenTofu: finds them, and runs them on a configuration in a directory of its own.
//!
//! Each [`Workspace`] is alone with its files, its home and its CLI configuration, which points at the
//! provider binary of this build, so tests run in parallel and nothing of the developer's own set-up is
//! seen. What the configuration means, and what the vendor's API did, is the business of the tests.

use std::fmt;
use std::fs::File;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// The longest that one command of a CLI may take before it counts as hanging. Only a broken build gets there.
const COMMAND_LIMIT: Duration = Duration::from_secs(240);

/// How long to wait between two looks at something that will happen soon.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// A program that drives providers.
#[derive(Debug, Clone)]
pub(crate) struct Cli {
    /// `terraform` or `tofu`.
    pub(crate) name: &'static str,
    /// The host that a short source address such as `novita/novita` stands for.
    pub(crate) default_host: &'static str,
    program: PathBuf,
}

impl Cli {
    /// Every CLI of this machine: `$TERRAFORM` or `terraform` on the `PATH`; `$TOFU`, or `tofu` on the
    /// `PATH`, or the one that `make tools` builds.
    ///
    /// # Panics
    /// When there is none: a test without a CLI must not pass. With `CI=true` both have to be there.
    pub(crate) fn all() -> Vec<Self> {
        let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/bin/tofu");
        let found = [
            ("terraform", "registry.terraform.io", find("terraform", "TERRAFORM", None)),
            ("tofu", "registry.opentofu.org", find("tofu", "TOFU", Some(built))),
        ];
        let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
        let clis: Vec<Self> = found
            .into_iter()
            .filter_map(|(name, default_host, program)| {
                assert!(program.is_some() || !in_ci, "CI=true, but {name} is missing. {HOW_TO_GET_ONE}");
                Some(Self { name, default_host, program: program? })
            })
            .collect();
        assert!(!clis.is_empty(), "neither terraform nor tofu was found. {HOW_TO_GET_ONE}");
        clis
    }
}

const HOW_TO_GET_ONE: &str = "Run `make tools` to build OpenTofu, or install Terraform from \
     https://developer.hashicorp.com/terraform/install; TERRAFORM and TOFU name a program elsewhere.";

fn find(name: &str, variable: &str, built: Option<PathBuf>) -> Option<PathBuf> {
    if let Some(chosen) = std::env::var_os(variable).filter(|value| !value.is_empty()) {
        let chosen = PathBuf::from(chosen);
        assert!(chosen.is_file(), "{variable} names {}, which is no file", chosen.display());
        return Some(chosen);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|dir| dir.join(name)).chain(built).find(|program| program.is_file())
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

    /// Runs the CLI with these arguments and waits for its end, whatever its exit status is.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        Running::start(&mut command, self, arguments).wait()
    }

    /// Starts the CLI in a process group of its own, as a shell does, so that it can be interrupted.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Running {
        let mut command = self.command(arguments);
        let mut running = Running::start(command.process_group(0), self, arguments);
        running.leads_group = true;
        running
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

    /// The state file; an object without resources when there is none yet.
    pub(crate) fn state(&self) -> Value {
        match std::fs::read(self.directory().join("terraform.tfstate")) {
            Ok(bytes) => serde_json::from_slice(&bytes).expect("the state is JSON"),
            Err(_) => json!({ "resources": [] }),
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
        let mut command = Command::new(&self.cli.program);
        command.args(arguments).current_dir(self.directory()).stdin(Stdio::null()).env_clear();
        for inherited in ["PATH", "TMPDIR"] {
            command.envs(std::env::var_os(inherited).map(|value| (inherited, value)));
        }
        command.env("HOME", self.root.path().join("home")).env("TF_CLI_CONFIG_FILE", self.settings());
        command.env("TF_DATA_DIR", self.root.path().join("data")).env("TF_IN_AUTOMATION", "1");
        command.env("CHECKPOINT_DISABLE", "1");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// A new file for one stream of one command; a file never fills up and stops its writer, as a pipe does.
    fn output_file(&self, stream: &str) -> PathBuf {
        let directory = self.root.path().join("output");
        let number = std::fs::read_dir(&directory).map_or(0, Iterator::count);
        directory.join(format!("{number}.{stream}"))
    }
}

/// A command under way. It is killed when it goes out of sight, so a failed test leaves nothing behind.
pub(crate) struct Running {
    child: Child,
    /// Whether the child is the leader of a process group, so that signals can reach its providers too.
    leads_group: bool,
    title: String,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Running {
    fn start(command: &mut Command, workspace: &Workspace, arguments: &[&str]) -> Self {
        let create = |path: &Path| File::create(path).expect("a file for a command's output");
        let stdout = workspace.output_file("stdout");
        command.stdout(create(&stdout));
        let stderr = workspace.output_file("stderr");
        command.stderr(create(&stderr));
        let title = format!("{} {}", workspace.cli.name, arguments.join(" "));
        let child = command.spawn().unwrap_or_else(|error| panic!("cannot start {title}: {error}"));
        Self { child, leads_group: false, title, stdout, stderr }
    }

    /// Waits until `happened` is true, which must come before the command ends.
    #[track_caller]
    pub(crate) fn wait_until(&mut self, what: &str, mut happened: impl FnMut() -> bool) {
        let started = Instant::now();
        while !happened() {
            if let Some(status) = self.child.try_wait().expect("the state of a child process") {
                panic!("it ended before {what}\n{}", self.output(status));
            }
            assert!(started.elapsed() < COMMAND_LIMIT, "{}: {what} did not happen", self.title);
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// Interrupts the whole process group, provider included, as Ctrl-C at a terminal does.
    pub(crate) fn interrupt(&self) {
        assert!(self.signal_group("INT"), "cannot interrupt the process group of {}", self.title);
    }

    fn signal_group(&self, signal: &str) -> bool {
        assert!(self.leads_group, "{} shares the process group of the tests", self.title);
        let group = self.child.id().to_string();
        // The shell's own kill: a program of that name is not on every machine.
        let mut kill = Command::new("sh");
        kill.args(["-c", "kill -s \"$1\" -- -\"$2\"", "sh", signal, &group]).stderr(Stdio::null());
        kill.status().is_ok_and(|status| status.success())
    }

    /// Waits for the end.
    #[track_caller]
    pub(crate) fn wait(mut self) -> Output {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the state of a child process") {
                return self.output(status);
            }
            if started.elapsed() > COMMAND_LIMIT {
                let _ = self.child.kill();
                let status = self.child.wait().expect("the end of a killed process");
                panic!("it did not end within {COMMAND_LIMIT:?}\n{}", self.output(status));
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    fn output(&self, status: ExitStatus) -> Output {
        let read = |path: &Path| {
            let bytes = std::fs::read(path).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Output { title: self.title.clone(), status, stdout: read(&self.stdout), stderr: read(&self.stderr) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Once the child has been waited for, its number may belong to someone else.
        let ended = matches!(self.child.try_wait(), Ok(Some(_)));
        if self.leads_group && !ended {
            self.signal_group("KILL");
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a command left behind. It prints as a person would have seen it.
#[derive(Debug)]
pub(crate) struct Output {
    title: String,
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    /// The exit code; nothing when a signal ended the command.
    pub(crate) fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Fails the test unless the command succeeded.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert!(self.status.success(), "expected success\n{self}");
        self
    }

    /// Fails the test if the command succeeded.
    #[track_caller]
    pub(crate) fn failed(self) -> Self {
        assert!(!self.status.success(), "expected a failure\n{self}");
        self
    }

    /// Fails the test unless these words were printed. Line breaks and the frames around diagnostics do
    /// not count, since a CLI wraps its lines where it likes.
    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        let text = self.words();
        for expected in words {
            assert!(text.contains(expected), "expected to read {expected:?}\n{self}");
        }
        self
    }

    /// Everything that was printed, one space between words, without the frames around diagnostics.
    pub(crate) fn words(&self) -> String {
        let both = format!("{}\n{}", self.stdout, self.stderr);
        let words: Vec<&str> = both.split(|it: char| it.is_whitespace() || "│╷╵".contains(it)).collect();
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// Standard output as one JSON document.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error})\n{self}"))
    }

    /// Standard output as one JSON document a line, which is what `-json` gives for plan and apply.
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        self.stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = match (self.status.code(), self.status.signal()) {
            (Some(code), _) => format!("exit code {code}"),
            (None, signal) => format!("ended by signal {}", signal.unwrap_or_default()),
        };
        write!(f, "$ {} ({end})\n{}", self.title, self.stdout)?;
        if self.stderr.is_empty() { Ok(()) } else { write!(f, "--- standard error\n{}", self.stderr) }
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
    fn words_of_a_framed_diagnostic_can_be_read() {
        let output = Output {
            title: String::new(),
            status: ExitStatus::from_raw(0),
            stdout: "╷\n│ Error: a value\n│ that is\n│    too long\n╵\n".to_owned(),
            stderr: String::new(),
        };
        assert_eq!(output.words(), "Error: a value that is too long");
    }

    #[test]
    fn quoted_text_means_itself_in_hcl() {
        assert_eq!(quoted("a\"b\\c${d}\n"), r#""a\"b\\c$${d}\n""#);
    }
}
