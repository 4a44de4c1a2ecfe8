//! The machine and its tools, as far as figures depend on them, and what the kernel tells about processes.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::cli::Cli;

/// Where and on what was measured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    /// Day of the measurement.
    pub(crate) date: String,
    pub(crate) commit: String,
    pub(crate) cores: usize,
    pub(crate) cpu: String,
    pub(crate) memory_mib: u64,
    pub(crate) kernel: String,
    /// Versions of CLIs and compilers.
    pub(crate) versions: BTreeMap<String, String>,
}

impl About {
    pub(crate) fn of_this_machine(clis: &[Cli]) -> Self {
        let mut versions: BTreeMap<_, _> = clis.iter().map(|it| (it.name.clone(), it.version())).collect();
        versions.insert("Rust".to_owned(), said_by("rustc", &["--version"]));
        versions.insert("Go".to_owned(), said_by("go", &["version"]));
        Self {
            date: jiff::Timestamp::now().to_string().chars().take(10).collect(),
            commit: said_by("git", &["describe", "--always", "--dirty", "--exclude=*"]),
            cores: std::thread::available_parallelism().map_or(1, Into::into),
            cpu: field(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown".to_owned()),
            memory_mib: kib(&read("/proc/meminfo"), "MemTotal").unwrap_or_default() / 1024,
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            versions,
        }
    }
}

/// The highest resident memory of a running process so far, in KiB.
pub(crate) fn peak_of(process: u32) -> Option<u64> {
    kib(&read(format!("/proc/{process}/status")), "VmHWM")
}

/// What a program prints about itself, in one line.
fn said_by(program: &str, arguments: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(program).args(arguments).current_dir(root).output();
    let text = output.map(|it| String::from_utf8_lossy(&it.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("not here").to_owned()
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// The value in a line `NAME: VALUE` of a file of the kernel.
fn field(text: &str, name: &str) -> Option<String> {
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(it, _)| it.trim() == name).map(|(_, value)| value.trim().to_owned())
}

fn kib(text: &str, name: &str) -> Option<u64> {
    field(text, name)?.strip_suffix(" kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_the_kernels_files_are_found() {
        let text = "Name:\tsh\nVmHWM:\t    5120 kB\nmodel name\t: A CPU\n";
        assert_eq!(kib(text, "VmHWM"), Some(5120));
        assert_eq!(field(text, "model name").as_deref(), Some("A CPU"));
        assert_eq!(kib(text, "VmRSS"), None);
    }
}
