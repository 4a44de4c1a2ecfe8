//! Builds the program so that the same commit gives the same bytes anywhere, and on Linux so that it
//! needs nothing but the kernel.
//!
//! What makes builds differ is where they happen; the folders' names are replaced. On Linux the C library is
//! linked in. With musl that is all there is to it. With glibc (no musl target installed) names are still
//! looked up in `/etc/hosts` and by DNS from inside the program, but a module that `nsswitch.conf` adds to
//! these is loaded from the system, and only fits a system with the same glibc: releases for others are
//! better built with musl.

use std::path::{Path, PathBuf};
use std::process::Command;

use semver::Version;

use crate::platform::Platform;
use crate::{Problem, Result};

/// The package and its only program.
const PROGRAM: &str = "terraform-provider-novita";

/// A program of the tree.
#[derive(Clone, Copy)]
pub struct Program<'n> {
    /// The package that has it.
    pub package: &'n str,
    /// Its own name.
    pub name: &'n str,
}

/// What is released.
pub const RELEASED: Program<'static> = Program { package: PROGRAM, name: PROGRAM };

/// Builds a program of the tree at `root` as a release has it, and returns its path.
///
/// `$CARGO` or `cargo` builds it.
pub fn release(root: &Path, program: Program<'_>, version: &Version, platform: &Platform) -> Result<PathBuf> {
    let cargo = variable("CARGO").unwrap_or_else(|| "cargo".to_owned());
    let status = Command::new(&cargo)
        .args(["build", "--release", "--locked", "--package", program.package, "--bin", program.name])
        .args(["--target", &platform.target])
        .arg("--target-dir")
        .arg(target_folder(root))
        .current_dir(root)
        .env("RELEASE_VERSION", version.to_string())
        .env_remove("RUSTFLAGS")
        .env("CARGO_ENCODED_RUSTFLAGS", flags(root, platform).join("\u{1f}"))
        .status()
        .map_err(Problem::while_doing(format!("cannot run {cargo}")))?;
    if !status.success() {
        return Err(Problem::new(format!("{cargo} could not build for {}", platform.target)));
    }
    let program =
        target_folder(root).join(&platform.target).join("release").join(platform.program(program.name));
    if platform.runs_here() {
        must_report(&program, version)?;
    }
    Ok(program)
}

/// A folder of its own, so that the flags of a release do not throw away what `make build` built.
fn target_folder(root: &Path) -> PathBuf {
    root.join("target/package")
}

fn flags(root: &Path, platform: &Platform) -> Vec<String> {
    let mut flags = vec![format!("--remap-path-prefix={}=/source", root.display())];
    let cargo = variable("CARGO_HOME").or_else(|| variable("HOME").map(|home| format!("{home}/.cargo")));
    flags.extend(cargo.map(|cargo| format!("--remap-path-prefix={cargo}=/cargo")));
    if platform.os == "linux" {
        flags.push("-Ctarget-feature=+crt-static".to_owned());
        // A bit for most relocations in place of 24 bytes: a quarter of a megabyte. The C library that is linked in
        // reads this form: musl since 1.2.4, Rust brings a newer one; glibc since 2.36. A linker that does not know the
        // option says so and goes on.
        flags.push("-Clink-arg=-Wl,-z,pack-relative-relocs".to_owned());
    }
    flags
}

/// A program that calls itself by another version would be refused by nobody and confuse everybody.
fn must_report(program: &Path, version: &Version) -> Result<()> {
    let output = Command::new(program).arg("--version").output();
    let output = output.map_err(Problem::while_doing(format!("cannot run {}", program.display())))?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    if told.trim_end() == format!("{PROGRAM} {version}") {
        Ok(())
    } else {
        Err(Problem::new(format!("the program was built for {version}, but says `{}`", told.trim_end())))
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|it| !it.is_empty())
}
