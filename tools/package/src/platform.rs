//! What a Rust target is called by registries, and which target this machine releases for.

use std::process::Command;

use crate::{Problem, Result};

/// The targets that a release has archives for, as the matrix of the workflow `release` builds them.
///
/// FreeBSD is not among them: no builder runs it, and a container with its libraries would have to be trusted.
pub const TARGETS: [&str; 6] = [
    "x86_64-unknown-linux-musl",
    "aarch64-unknown-linux-musl",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
    "aarch64-pc-windows-msvc",
];

/// What one archive is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// The target as rustc calls it.
    pub target: String,
    /// `linux`, `darwin`, `windows` or `freebsd`.
    pub os: &'static str,
    /// `amd64` or `arm64`.
    pub arch: &'static str,
}

impl Platform {
    /// All platforms that a release is for.
    pub fn released() -> Result<Vec<Self>> {
        TARGETS.into_iter().map(Self::of).collect()
    }

    /// Reads the name of a Rust target.
    pub fn of(target: &str) -> Result<Self> {
        let named = |names: &[(&str, &'static str)]| {
            names.iter().find(|(part, _)| target.split('-').any(|it| it == *part)).map(|(_, name)| *name)
        };
        let os = named(&[
            ("linux", "linux"),
            ("darwin", "darwin"),
            ("windows", "windows"),
            ("freebsd", "freebsd"),
        ]);
        let arch = named(&[("x86_64", "amd64"), ("aarch64", "arm64")]);
        match (os, arch) {
            (Some(os), Some(arch)) => Ok(Self { target: target.to_owned(), os, arch }),
            _ => Err(Problem::new(format!("there are no releases for the target {target}"))),
        }
    }

    /// The platform that this machine builds for when nothing else is said.
    ///
    /// A Linux release is static. musl is made for that, so its target is taken when it is installed; else the
    /// target of the machine, whose glibc can be linked statically too (`compile` says what that costs).
    pub fn of_this_machine() -> Result<Self> {
        let host = host()?;
        let musl = host.replace("-linux-gnu", "-linux-musl");
        Self::of(if musl != host && has_standard_library(&musl) { &musl } else { &host })
    }

    /// Whether a program for this platform runs here.
    pub fn runs_here(&self) -> bool {
        Self::of_this_machine().is_ok_and(|it| (it.os, it.arch) == (self.os, self.arch))
    }

    /// The name of a program's file, with the ending that Windows wants.
    pub fn program(&self, name: &str) -> String {
        if self.os == "windows" { format!("{name}.exe") } else { name.to_owned() }
    }
}

fn host() -> Result<String> {
    let told = rustc(&["-vV"])?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Problem::new("rustc -vV does not name its host"))
}

/// Whether the toolchain can build for `target`.
fn has_standard_library(target: &str) -> bool {
    let place = rustc(&["--print", "target-libdir", "--target", target]);
    place.is_ok_and(|it| std::path::Path::new(it.trim()).is_dir())
}

fn rustc(arguments: &[&str]) -> Result<String> {
    let output = Command::new("rustc").args(arguments).output();
    let output =
        output.map_err(Problem::while_doing("cannot run rustc; install Rust from https://rustup.rs"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let told = String::from_utf8_lossy(&output.stderr);
        Err(Problem::new(format!("rustc {}: {}", arguments.join(" "), told.trim())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_has_the_names_that_registries_use() {
        for (target, expected) in [
            ("x86_64-unknown-linux-gnu", Some(("linux", "amd64"))),
            ("aarch64-unknown-linux-musl", Some(("linux", "arm64"))),
            ("aarch64-apple-darwin", Some(("darwin", "arm64"))),
            ("x86_64-pc-windows-msvc", Some(("windows", "amd64"))),
            ("x86_64-unknown-freebsd", Some(("freebsd", "amd64"))),
            ("i686-unknown-linux-gnu", None),
            ("x86_64-unknown-netbsd", None),
            ("", None),
        ] {
            assert_eq!(Platform::of(target).ok().map(|it| (it.os, it.arch)), expected, "{target}");
        }
    }

    #[test]
    fn a_program_of_windows_says_so() {
        let program = |target| Platform::of(target).unwrap().program("a_v1.2.3");
        assert_eq!(program("x86_64-pc-windows-msvc"), "a_v1.2.3.exe");
        assert_eq!(program("aarch64-apple-darwin"), "a_v1.2.3");
    }
}
