//! `make package` and its relatives. The command line of [`package`]; `--help` lists what it takes.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::Arg::{Long, Value};
use package::platform::Platform;
use package::release::{self, Release};
use package::signing::Key;
use package::{Problem, Result, compile, source, version};
use semver::Version;

const HELP: &str = "Packs a release for the registries.

package all   --version VERSION   zip, then sign: a release for one platform
package zip   --version VERSION   build the program and pack it
package sign  --version VERSION   sum up and sign all archives that are in the folder
package program                   build the program as a release holds it, and print where it is

  --target TARGET   the Rust target to build for; this machine's when left out
  --binary FILE     pack this program rather than build one
  --dist FOLDER     where the files go; dist when left out
  --unsigned        make no signature; no registry takes such a release

The key is in RELEASE_SIGNING_KEY, or in the file that RELEASE_SIGNING_KEY_FILE names; what unlocks it is in
RELEASE_SIGNING_PASSPHRASE.
";

fn main() -> ExitCode {
    let options = parse(std::env::args_os().skip(1))
        .map_err(|error| Problem::new(format!("{error}; --help lists what there is")));
    match options.and_then(run) {
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
            Value(it) if it == "sign" => options.task = Some(Task::Sign),
            Value(it) if it == "program" => options.task = Some(Task::Program),
            Long("version") => options.version = Some(parser.value()?.to_string_lossy().into_owned()),
            Long("target") => options.target = Some(parser.value()?.to_string_lossy().into_owned()),
            Long("binary") => options.binary = Some(parser.value()?.into()),
            Long("dist") => options.dist = Some(parser.value()?.into()),
            Long("unsigned") => options.unsigned = true,
            Long("help") => return Ok(Options::default()),
            other => return Err(other.unexpected()),
        }
    }
    Ok(options)
}

fn run(options: Options) -> Result<String> {
    match options.task {
        None => Ok(HELP.to_owned()),
        Some(Task::Program) => program(&options),
        Some(task) => release(options, task),
    }
}

/// Makes files of a release. Everything that can be refused is, before anything is built.
fn release(options: Options, task: Task) -> Result<String> {
    let root = root()?;
    let version = version::parse(options.version.as_deref().unwrap_or_default())?;
    let platform = platform(options.target.as_deref())?;
    source::must_be_clean(&root)?;
    let signs = task != Task::Zip;
    let key = if signs && !options.unsigned { Some(Key::from_environment()?) } else { None };
    let dist = root.join(options.dist.unwrap_or_else(|| "dist".into()));
    let release = Release { time: source::time(&root)?, dist, root, version };
    let mut files = Vec::new();
    if task != Task::Sign {
        let program = match options.binary {
            Some(program) => program,
            None => compile::release(&release.root, &release.version, &platform)?,
        };
        files = release::archive(&release, &platform, &program)?;
    }
    if signs {
        files = release::finish(&release, key.as_ref())?;
    }
    Ok(files.iter().map(|it| format!("{}\n", release.dist.join(it).display())).collect())
}

/// Builds only, whatever state the tree is in.
fn program(options: &Options) -> Result<String> {
    let program = compile::release(&root()?, &this_version(options)?, &platform(options.target.as_deref())?)?;
    Ok(format!("{}\n", program.display()))
}

fn root() -> Result<PathBuf> {
    std::env::current_dir().map_err(Problem::while_doing("the working directory"))
}

/// The version that was asked for, else the one that the tree has by itself.
fn this_version(options: &Options) -> Result<Version> {
    version::parse(options.version.as_deref().unwrap_or(env!("CARGO_PKG_VERSION")))
}

fn platform(target: Option<&str>) -> Result<Platform> {
    target.filter(|it| !it.is_empty()).map_or_else(Platform::of_this_machine, Platform::of)
}
