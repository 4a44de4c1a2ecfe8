//! One command of a CLI: while it runs, and what it left behind.

use std::fmt;
use std::fs::File;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;

/// The longest that one command of a CLI may take before it counts as hanging. Only a broken build gets there.
const COMMAND_LIMIT: Duration = Duration::from_secs(240);

/// How long to wait between two looks at something that will happen soon.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

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
    /// Starts a command that writes into new files of `output`, a folder. A file never fills up and stops
    /// its writer, as a pipe does.
    pub(super) fn start(mut command: Command, title: String, output: &Path) -> Self {
        let number = std::fs::read_dir(output).map_or(0, Iterator::count);
        let [stdout, stderr] = ["stdout", "stderr"].map(|stream| output.join(format!("{number}.{stream}")));
        let create = |path: &Path| File::create(path).expect("a file for a command's output");
        command.stdout(create(&stdout)).stderr(create(&stderr));
        let child = command.spawn().unwrap_or_else(|error| panic!("cannot start {title}: {error}"));
        Self { child, leads_group: false, title, stdout, stderr }
    }

    /// The same, in a process group of its own, as a shell does.
    pub(super) fn start_group(mut command: Command, title: String, output: &Path) -> Self {
        command.process_group(0);
        let mut running = Self::start(command, title, output);
        running.leads_group = true;
        running
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

    /// Tells the whole process group, provider included, that its terminal is gone, as a log-out does.
    pub(crate) fn hang_up(&self) {
        assert!(self.signal_group("HUP"), "cannot hang up on the process group of {}", self.title);
    }

    /// Sends a signal to the CLI alone, as a supervisor does.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the CLI runs");
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

/// Waits until `happened` is true, whatever runs meanwhile.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
    let started = Instant::now();
    while !happened() {
        assert!(started.elapsed() < COMMAND_LIMIT, "{what} did not happen");
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// Whether a process runs. One that has ended and that nobody has asked for its end does not.
pub(super) fn is_running(process: Pid) -> bool {
    let state =
        std::fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).unwrap_or_default();
    test_kill_process(process).is_ok() && !state.contains(") Z ")
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
