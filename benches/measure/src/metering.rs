//! What provider processes have used, as `metered` has noted it, and the end of those that a CLI left behind.
//!
//! A CLI that loses patience kills `metered`, not the provider. Such a provider is asked for its figures through
//! the kernel's files, and killed.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;

use crate::failure::{Result, While as _};
use crate::machine::peak_of;

/// Until a provider that has outlived its client is killed.
const PATIENCE: Duration = Duration::from_secs(5);

/// What one process has used.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Used {
    pid: u32,
    cpu_user_us: u64,
    cpu_system_us: u64,
    max_rss_kib: u64,
}

/// A process that was begun, and the `metered` that waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Begun {
    started: u32,
    by: u32,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Line {
    Begun(Begun),
    Used(Used),
}

/// All provider processes of one command together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Metered {
    pub(crate) processes: usize,
    /// Of those that ended by themselves, which the CLI has waited for.
    pub(crate) cpu_of_ended: Duration,
    pub(crate) cpu: Duration,
    pub(crate) peak_kib: u64,
    pub(crate) left_over: usize,
    pub(crate) unmetered: usize,
}

/// The file that `metered` appends to, and the program that it starts.
#[derive(Debug)]
pub(crate) struct Meter {
    pub(crate) program: PathBuf,
    pub(crate) records: PathBuf,
}

impl Meter {
    /// Forgets what was noted before.
    pub(crate) fn clear(&self) -> Result<()> {
        std::fs::write(&self.records, "").doing("clearing the records")
    }

    /// Adds up what was noted since, and ends what is left over.
    pub(crate) fn read(&self) -> Result<Metered> {
        let (used, unfinished) = self.settled()?;
        let mut sum = Metered { processes: used.len() + unfinished.len(), ..Metered::default() };
        for it in &used {
            sum.cpu_of_ended += it.cpu();
            sum.add(it);
        }
        for begun in unfinished {
            match self.end_left_over(begun.started) {
                Some(it) => {
                    sum.left_over += 1;
                    sum.add(&it);
                }
                None => sum.unmetered += 1,
            }
        }
        Ok(sum)
    }

    /// The records, once nobody is about to add to them.
    fn settled(&self) -> Result<(Vec<Used>, Vec<Begun>)> {
        let begun = Instant::now();
        loop {
            let text = std::fs::read_to_string(&self.records).doing("reading the records")?;
            let (used, unfinished) = parse(&text)?;
            // A provider on its way out, as its client is gone. `metered` will note it.
            let (awaited, lost): (Vec<_>, Vec<_>) = unfinished.into_iter().partition(|it| is_running(it.by));
            if awaited.is_empty() {
                return Ok((used, lost));
            }
            if begun.elapsed() > PATIENCE {
                awaited.iter().for_each(|it| self.kill(it.started));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn end_left_over(&self, process: u32) -> Option<Used> {
        if !self.is_provider(process) {
            return None;
        }
        let (cpu_user_us, cpu_system_us) = cpu_of(process)?;
        let max_rss_kib = peak_of(process)?;
        self.kill(process);
        Some(Used { pid: process, cpu_user_us, cpu_system_us, max_rss_kib })
    }

    fn kill(&self, process: u32) {
        let id = i32::try_from(process).ok().and_then(Pid::from_raw);
        if let Some(id) = id.filter(|_| self.is_provider(process)) {
            // It may have ended just now.
            let _ = kill_process(id, Signal::KILL);
        }
    }

    /// Whether this number still is a provider's: numbers are given again.
    fn is_provider(&self, process: u32) -> bool {
        std::fs::read_link(format!("/proc/{process}/exe")).is_ok_and(|it| it == self.program)
    }
}

impl Metered {
    fn add(&mut self, it: &Used) {
        self.cpu += it.cpu();
        self.peak_kib = self.peak_kib.max(it.max_rss_kib);
    }
}

impl Used {
    fn cpu(&self) -> Duration {
        Duration::from_micros(self.cpu_user_us + self.cpu_system_us)
    }
}

/// What has ended, and what was begun and has not.
fn parse(text: &str) -> Result<(Vec<Used>, Vec<Begun>)> {
    let (mut used, mut begun) = (Vec::new(), Vec::new());
    for line in text.lines() {
        match serde_json::from_str(line).doing(format!("reading the record {line}"))? {
            Line::Begun(it) => begun.push(it),
            Line::Used(it) => {
                begun.retain(|begun: &Begun| begun.started != it.pid);
                used.push(it);
            }
        }
    }
    Ok((used, begun))
}

/// Whether a process exists and is not a zombie.
fn is_running(process: u32) -> bool {
    stat(process).is_some_and(|fields| fields.first().is_some_and(|state| state != "Z" && state != "X"))
}

/// User and system time in microseconds.
fn cpu_of(process: u32) -> Option<(u64, u64)> {
    let fields = stat(process)?;
    // Fields 14 and 15 of proc_pid_stat(5), in ticks of 10 ms.
    let micros = |index: usize| Some(fields.get(index)?.parse::<u64>().ok()? * 10_000);
    Some((micros(11)?, micros(12)?))
}

/// The fields of the kernel's line about a process, from its state on.
fn stat(process: u32) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("stat")).ok()?;
    let (_, behind_the_name) = text.rsplit_once(')')?;
    Some(behind_the_name.split_whitespace().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDS: &str = "{\"started\":7,\"by\":6}\n{\"started\":9,\"by\":8}\n\
        {\"pid\":7,\"cpu_user_us\":2000,\"cpu_system_us\":500,\"max_rss_kib\":5120,\"wall_us\":9}\n";

    #[test]
    fn a_record_is_read_and_what_has_none_is_unfinished() {
        let (used, unfinished) = parse(RECORDS).unwrap();
        assert_eq!(used, [Used { pid: 7, cpu_user_us: 2000, cpu_system_us: 500, max_rss_kib: 5120 }]);
        assert_eq!(used[0].cpu(), Duration::from_micros(2500));
        assert_eq!(unfinished, [Begun { started: 9, by: 8 }]);
        assert!(parse("{\"pid\":1").is_err());
    }

    #[test]
    fn a_running_process_is_known_and_one_that_never_was_is_not() {
        assert!(is_running(std::process::id()) && cpu_of(std::process::id()).is_some());
        assert!(!is_running(u32::MAX));
    }
}
