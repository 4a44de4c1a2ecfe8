//! Stands in for a provider: starts the real one, waits for it, and notes what it has used.
//!
//! `METERED_PROGRAM` names the provider and `METERED_RECORDS` the file to which lines of JSON are appended, one at
//! the start and one at the end. Small on purpose: the kernel counts the memory of whoever starts a process as the
//! process's own.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitCode};
use std::time::Instant;

use wait4::{ResUse, Wait4 as _};

fn main() -> io::Result<ExitCode> {
    let (program, records) = (variable("METERED_PROGRAM")?, variable("METERED_RECORDS")?);
    let begun = Instant::now();
    let mut child = Command::new(program).args(std::env::args_os().skip(1)).spawn()?;
    let (process, this) = (child.id(), std::process::id());
    append(&records, &format!("{{\"started\":{process},\"by\":{this}}}\n"))?;
    let used = child.wait4()?;
    let wall = begun.elapsed().as_micros();
    append(&records, &format!("{{\"pid\":{process},{},\"wall_us\":{wall}}}\n", members(&used)))?;
    // What a shell says of a program that was killed.
    let code = used.status.code().unwrap_or_else(|| 128 + used.status.signal().unwrap_or_default());
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX)))
}

fn members(used: &ResUse) -> String {
    let usage = &used.rusage;
    let (user, system) = (usage.utime.as_micros(), usage.stime.as_micros());
    format!("\"cpu_user_us\":{user},\"cpu_system_us\":{system},\"max_rss_kib\":{}", usage.maxrss / 1024)
}

fn variable(name: &str) -> io::Result<std::ffi::OsString> {
    std::env::var_os(name).ok_or_else(|| io::Error::other(format!("{name} is not set")))
}

/// One write for one line, so that lines of several processes do not mix.
fn append(records: &std::ffi::OsString, line: &str) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).open(records)?.write_all(line.as_bytes())
}
