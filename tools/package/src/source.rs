//! The commit that a release is made from.

use std::path::Path;
use std::process::Command;

use jiff::Timestamp;

use crate::{Problem, Result};

/// Refuses a tree that no commit describes: nobody could build such a release again.
pub fn must_be_clean(root: &Path) -> Result<()> {
    let changes = git(root, &["status", "--porcelain"])?;
    match changes.lines().count() {
        0 => Ok(()),
        count => Err(Problem::new(format!(
            "the tree is dirty: {count} changed or new files, the first is {}; commit or stash them first",
            changes.lines().next().unwrap_or_default().get(3..).unwrap_or_default()
        ))),
    }
}

/// The time that every file of the release carries: `SOURCE_DATE_EPOCH`, else that of the commit.
pub fn time(root: &Path) -> Result<Timestamp> {
    let chosen = std::env::var("SOURCE_DATE_EPOCH").ok().filter(|it| !it.is_empty());
    let seconds = match chosen {
        Some(chosen) => chosen,
        None => git(root, &["log", "-1", "--format=%ct"])?,
    };
    let parsed = seconds.trim().parse().ok().and_then(|it| Timestamp::from_second(it).ok());
    parsed.ok_or_else(|| {
        Problem::new(format!("SOURCE_DATE_EPOCH={} is not a number of seconds", seconds.trim()))
    })
}

fn git(root: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new("git").args(arguments).current_dir(root).output();
    let output =
        output.map_err(Problem::while_doing("cannot run git; install it, a release is made of a commit"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(Problem::new(format!("git {}: {}", arguments[0], String::from_utf8_lossy(&output.stderr).trim())))
    }
}
