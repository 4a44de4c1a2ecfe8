//! `make package` and its relatives. The command line of [`package`]; `--help` lists what it takes.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::Arg::{Long, Value};
use package::compile::Program;
use package::platform::Platform;
use package::release::{self, Release};
use package::signing::Key;
use package::{Problem, Result, compile, source, version};
use semver::Version;

const HELP: &str = "Packs a release for the registries.

package all   --version VERSION   zip, sum and sign, a release for one platform
package zip   --version VERSION   build the program, pack it, and print the checksums of the archives
package sum   --version VERSION   describe and sum up the archives of all platforms, which are in the folder
package sign  --version VERSION   sign what sum has written
package program                   build the program as a release holds it, and print where it is

  --target TARGET   the Rust target to build for; this machine's when left out
  --binary FILE     pack this program rather than build one
  --program NAME    with program: build PACKAGE/PROGRAM of this tree in the same way
  --dist FOLDER     where the files go; dist when left out
  --unsigned        with all: make no signature; no registry takes such a release

sum refuses archives that RELEASE_BUILT does not know, when it is set: a JSON object with what zip printed for each target.
The key is in RELEASE_SIGNING_KEY, or in the file that RELEASE_SIGNING_KEY_FILE names; what unlocks it is in
RELEASE_SIGNING_PASSPHRASE.
";

fn main() -> ExitCode {
    let options = parse(std::env::args_os().skip(1))
        .map_err(|error| Problem::new(format!("{error}; --help lists what there is")));
    match options.and_then(|it| run(&it)) {
        Ok(text) => {
            say(&mut io::stdout(), &text);
            ExitCode::SUCCESS
        }
        Err(problem) => {
            say(&mut io::stderr(), &format!("error: {problem}\n"));
            ExitCode::FAILURE
        }
    }
}

/// A reader who went away is no reason to fail.
fn say(stream: &mut impl Write, text: &str) {
    let _ = stream.write_all(text.as_bytes());
}

/// What there is to do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Task {
    All,
    Zip,
    Sum,
    Sign,
    Program,
}

/// What the command line asks for.
#[derive(Default)]
struct Options {
    task: Option<Task>,
    version: Option<String>,
    target: Option<String>,
    binary: Option<PathBuf>,
    program: Option<String>,
    dist: Option<PathBuf>,
    unsigned: bool,
}

/// Options without a task ask for help.
fn parse(arguments: impl Iterator<Item = OsString>) -> std::result::Result<Options, lexopt::Error> {
    let mut parser = lexopt::Parser::from_args(arguments);
    let mut options = Options::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Value(it) if it == "all" => options.task = Some(Task::All),
            Value(it) if it == "zip" => options.task = Some(Task::Zip),
            Value(it) if it == "sum" => options.task = Some(Task::Sum),
            Value(it) if it == "sign" => options.task = Some(Task::Sign),
            Value(it) if it == "program" => options.task = Some(Task::Program),
            Long("version") => options.version = Some(parser.value()?.to_string_lossy().into_owned()),
            Long("target") => options.target = Some(parser.value()?.to_string_lossy().into_owned()),
            Long("binary") => options.binary = Some(parser.value()?.into()),
            Long("program") => options.program = Some(parser.value()?.to_string_lossy().into_owned()),
            Long("dist") => options.dist = Some(parser.value()?.into()),
            Long("unsigned") => options.unsigned = true,
            Long("help") => return Ok(Options::default()),
            other => return Err(other.unexpected()),
        }
    }
    Ok(options)
}

fn run(options: &Options) -> Result<String> {
    match options.task {
        None => Ok(HELP.to_owned()),
        Some(Task::All) => all(options),
        Some(Task::Zip) => {
            let release = prepare(options)?;
            pack(&release, &platform(options)?, options)
        }
        Some(Task::Sum) => {
            let release = prepare(options)?;
            let built = std::env::var("RELEASE_BUILT").ok();
            let files = release::sum_up(&release, &Platform::released()?, built.as_deref())?;
            Ok(paths(&release, &files))
        }
        Some(Task::Sign) => {
            let release = prepare(options)?;
            let files = release::sign(&release, &Platform::released()?, &Key::from_environment()?)?;
            Ok(paths(&release, &files))
        }
        Some(Task::Program) => program(options),
    }
}

/// What all files of the release have in common.
fn prepare(options: &Options) -> Result<Release> {
    let root = root()?;
    let version = version::parse(options.version.as_deref().unwrap_or_default())?;
    source::must_be_clean(&root)?;
    let dist = root.join(options.dist.as_deref().unwrap_or("dist".as_ref()));
    Ok(Release { time: source::time(&root)?, dist, root, version })
}

/// A path in each line.
fn paths(release: &Release, files: &[String]) -> String {
    files.iter().map(|it| format!("{}\n", release.dist.join(it).display())).collect()
}

/// The three steps at once, for one platform. Everything that can be refused is, before anything is built.
fn all(options: &Options) -> Result<String> {
    let release = prepare(options)?;
    let platforms = [platform(options)?];
    let key = if options.unsigned { None } else { Some(Key::from_environment()?) };
    release::must_hold_nothing_else(&release, &platforms)?;
    pack(&release, &platforms[0], options)?;
    let mut files = release::sum_up(&release, &platforms, None)?;
    if let Some(key) = key {
        files.extend(release::sign(&release, &platforms, &key)?);
    }
    Ok(paths(&release, &files))
}

/// Packs the program that was named, else builds it first.
fn pack(release: &Release, platform: &Platform, options: &Options) -> Result<String> {
    let program = match &options.binary {
        Some(program) => program.clone(),
        None => compile::release(&release.root, compile::RELEASED, &release.version, platform)?,
    };
    release::archive(release, platform, &program)
}

/// Builds only, whatever state the tree is in.
fn program(options: &Options) -> Result<String> {
    let program = match options.program.as_deref().map(|it| it.split_once('/')) {
        None => compile::RELEASED,
        Some(Some((package, name))) => Program { package, name },
        Some(None) => return Err(Problem::new("--program is not PACKAGE/PROGRAM")),
    };
    let program = compile::release(&root()?, program, &this_version(options)?, &platform(options)?)?;
    Ok(format!("{}\n", program.display()))
}

fn root() -> Result<PathBuf> {
    std::env::current_dir().map_err(Problem::while_doing("the working directory"))
}

/// The version that was asked for, else the one that the tree has by itself.
fn this_version(options: &Options) -> Result<Version> {
    version::parse(options.version.as_deref().unwrap_or(env!("CARGO_PKG_VERSION")))
}

/// The platform that was asked for, else that of this machine.
fn platform(options: &Options) -> Result<Platform> {
    let target = options.target.as_deref();
    target.filter(|it| !it.is_empty()).map_or_else(Platform::of_this_machine, Platform::of)
}
