//! One command of a real CLI in a folder of its own, measured from outside.
//!
//! Development overrides send `novita/novita` to `metered`, which starts the provider that is meant. Nothing of the
//! user's own set-up is seen. What the commands mean is the business of `estates`.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mock_cloud::{Machine, MockCloud, Request};
use tempfile::TempDir;
use wait4::Wait4 as _;

use crate::cli::Cli;
use crate::failure::{Result, While as _, failed};
use crate::metering::{Meter, Metered};
use crate::subjects::{FILE_NAME, beside_this_program};

/// How long to watch the cloud before asking whether the command is over.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A folder with one configuration, and the cloud that it is about.
pub(crate) struct Workspace {
    cli: Cli,
    root: TempDir,
    meter: Meter,
    cloud: MockCloud,
    /// A state from which the null provider takes the values that an API would tell.
    example: Option<PathBuf>,
}

/// What one command took.
pub(crate) struct Measured {
    pub(crate) wall: Duration,
    /// From when the watched machines were running until the end.
    pub(crate) after_running: Option<Duration>,
    pub(crate) client_cpu: Duration,
    pub(crate) client_peak_kib: u64,
    pub(crate) providers: Metered,
    pub(crate) calls: BTreeMap<String, usize>,
}

impl Workspace {
    /// A fresh folder for this provider.
    pub(crate) fn new(
        cli: &Cli,
        provider: &Path,
        hcl: &str,
        cloud: MockCloud,
        example: Option<&Path>,
    ) -> Result<Self> {
        let root = tempfile::Builder::new().prefix("bench-").tempdir().doing("making a folder")?;
        let meter = Meter { program: provider.to_owned(), records: root.path().join("records") };
        let it = Self { cli: cli.clone(), root, meter, cloud, example: example.map(Path::to_owned) };
        it.fill(hcl).doing("filling the folder of an estate")?;
        Ok(it)
    }

    /// The cloud, to look at what is alive.
    pub(crate) fn cloud(&self) -> &MockCloud {
        &self.cloud
    }

    /// Where the CLI keeps the state.
    pub(crate) fn state(&self) -> PathBuf {
        self.path("work/terraform.tfstate")
    }

    fn fill(&self, hcl: &str) -> Result<()> {
        for folder in ["home", "plugin", "work"] {
            std::fs::create_dir(self.path(folder)).doing("making a folder")?;
        }
        let plugin = self.path("plugin");
        std::os::unix::fs::symlink(beside_this_program("metered")?, plugin.join(FILE_NAME))
            .doing("linking metered")?;
        let overrides =
            format!("  dev_overrides {{\n    \"novita/novita\" = \"{}\"\n  }}\n", plugin.display());
        let settings = format!("provider_installation {{\n{overrides}  direct {{}}\n}}\n");
        std::fs::write(self.path("cli.tfrc"), settings).doing("writing the CLI's configuration")?;
        std::fs::write(self.path("work/main.tf"), hcl).doing("writing the estate")
    }

    /// Runs a command that must end with this exit code, and watches so many machines, if any.
    pub(crate) fn run(&self, arguments: &[&str], code: i32, watched: Option<usize>) -> Result<Measured> {
        self.meter.clear()?;
        self.cloud.clear_log();
        let output = self.path("output");
        let begun = Instant::now();
        let mut child = self.command(arguments, &output)?.spawn().doing("starting the CLI")?;
        let (used, ended, running) = self.watched(watched, || child.wait4());
        let used = used.doing("waiting for the CLI")?;
        let wall = ended - begun;
        let providers = self.meter.read()?;
        if used.status.code() != Some(code) {
            let said = std::fs::read_to_string(&output).unwrap_or_default();
            let (cli, title) = (&self.cli.name, arguments.join(" "));
            return failed(format!("{cli} {title} ended with {}, not {code}:\n{said}", used.status));
        }
        // The kernel counts with the CLI what the CLI has waited for.
        let whole = used.rusage.utime + used.rusage.stime;
        let client_cpu = whole.saturating_sub(providers.cpu_of_ended);
        let client_peak_kib = used.rusage.maxrss / 1024;
        Ok(Measured {
            wall,
            after_running: running.map(|it| ended.saturating_duration_since(it)),
            client_cpu,
            client_peak_kib,
            providers,
            calls: calls(&self.cloud.requests()),
        })
    }

    /// Waits for something, and watches so many machines meanwhile: what it was, when it was, and when they had begun
    /// to run.
    fn watched<T>(&self, watched: Option<usize>, wait: impl FnOnce() -> T) -> (T, Instant, Option<Instant>) {
        let Some(machines) = watched else { return (wait(), Instant::now(), None) };
        let run = |it: &[Machine]| it.len() == machines && it.iter().all(|it| it.status == "running");
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let watcher = scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    if self.cloud.wait_until_alive(LOOK_AGAIN, run) {
                        return Some(Instant::now());
                    }
                }
                None
            });
            let (waited, ended) = (wait(), Instant::now());
            is_over.store(true, Ordering::Relaxed);
            (waited, ended, watcher.join().unwrap_or_default())
        })
    }

    fn command(&self, arguments: &[&str], output: &Path) -> Result<Command> {
        let output = File::create(output).doing("making a file for the CLI's words")?;
        let mut command = Command::new(&self.cli.program);
        command.args(arguments).current_dir(self.path("work")).env_clear();
        for inherited in ["PATH", "TMPDIR"] {
            command.envs(std::env::var_os(inherited).map(|value| (inherited, value)));
        }
        command.env("HOME", self.path("home")).env("TF_CLI_CONFIG_FILE", self.path("cli.tfrc"));
        command
            .env("TF_DATA_DIR", self.path("data"))
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1");
        command.env("METERED_PROGRAM", &self.meter.program).env("METERED_RECORDS", &self.meter.records);
        command.env("NOVITA_BASE_URL", self.cloud.novita_url()).env("NOVITA_API_KEY", self.cloud.api_key());
        command.env("NOVACLOUD_BASE_URL", self.cloud.novacloud_url());
        command.env("NOVACLOUD_API_KEY", self.cloud.novacloud_api_key());
        command.envs(self.example.iter().map(|path| ("IN_MEMORY_STATE", path)));
        command.stdin(Stdio::null()).stderr(output.try_clone().doing("sharing a file")?).stdout(output);
        Ok(command)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }
}

/// Requests by method and path.
fn calls(requests: &[Request]) -> BTreeMap<String, usize> {
    let mut calls = BTreeMap::new();
    for it in requests {
        *calls.entry(format!("{} {}", it.method, without_identifiers(&it.path))).or_default() += 1;
    }
    calls
}

/// A path with `*` for each segment that looks like an identifier; versions such as `v1` stay.
fn without_identifiers(path: &str) -> String {
    let is_identifier = |it: &str| it.len() > 2 && it.contains(|it: char| it.is_ascii_digit());
    let segments: Vec<&str> = path.split('/').map(|it| if is_identifier(it) { "*" } else { it }).collect();
    segments.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_left_out_of_paths() {
        assert_eq!(without_identifiers("/openapi/v1/gpu/instance"), "/openapi/v1/gpu/instance");
        assert_eq!(without_identifiers("/api/vms/vm-17/start"), "/api/vms/*/start");
    }
}
