//! The program `mock-cloud`: one mock on the loopback until it is told to stop.
//!
//! It only reads its arguments and waits; everything else is the library.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use lexopt::ValueExt as _;
use mock_cloud::{Clock, MockCloud, Options, Style, parse_duration};

const HELP: &str = "\
A stand-in for the vendors' clouds on the loopback, to try configurations without an account.

Usage: mock-cloud [OPTIONS]

Options:
      --port PORT          Port on 127.0.0.1; 0 takes a free one [default: 0]
      --step DURATION      Time that each status of a machine lasts, such as 300ms [default: 500ms]
      --api-key KEY        Key for Novita AI [default: mock-api-key]
      --novacloud-api-key KEY
                           Key for Nova Cloud [default: nv_mock_api_key]
      --style NAMES        What the platforms do of their own accord, such as fills-in or disk-rounded;
                           GET /_mock/style lists the names
      --seed N             Which objects chance chooses for it [default: 0]
      --address-file PATH  Write the addresses and keys there, as lines of NAME=VALUE
  -h, --help               Print this help
  -V, --version            Print the version

While it runs, GET /_mock/ lists the pages that show and change what it does.
";

enum Command {
    Run { options: Box<Options>, address_file: Option<PathBuf> },
    Print(String),
}

fn main() -> ExitCode {
    let outcome = match read_arguments(std::env::args_os().skip(1)) {
        Ok(Command::Print(text)) => io::stdout().write_all(text.as_bytes()),
        Ok(Command::Run { options, address_file }) => run(*options, address_file.as_deref()),
        Err(error) => return fail(2, &format!("{error}; see mock-cloud --help")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(1, &error.to_string()),
    }
}

fn read_arguments(arguments: impl Iterator<Item = OsString>) -> Result<Command, lexopt::Error> {
    use lexopt::Arg::{Long, Short};
    let clock = Clock::Real { step: Duration::from_millis(500) };
    let mut options = Options { clock, ..Options::default() };
    let (mut address_file, mut seed) = (None, 0);
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("port") => options.port = parser.value()?.parse()?,
            Long("step") => options.clock = Clock::Real { step: parser.value()?.parse_with(step)? },
            Long("api-key") => options.api_key = parser.value()?.string()?,
            Long("novacloud-api-key") => options.novacloud_api_key = parser.value()?.string()?,
            Long("style") => options.platform = parser.value()?.parse_with(Style::parse)?,
            Long("seed") => seed = parser.value()?.parse()?,
            Long("address-file") => address_file = Some(parser.value()?.into()),
            Short('h') | Long("help") => return Ok(Command::Print(HELP.to_owned())),
            Short('V') | Long("version") => {
                return Ok(Command::Print(format!("mock-cloud {}\n", env!("CARGO_PKG_VERSION"))));
            }
            _ => return Err(argument.unexpected()),
        }
    }
    options.platform.seed = seed;
    Ok(Command::Run { options: Box::new(options), address_file })
}

fn step(text: &str) -> Result<Duration, &'static str> {
    let positive = parse_duration(text).filter(|it| !it.is_zero());
    positive.ok_or("not a positive duration such as 300ms or 2s")
}

fn run(options: Options, address_file: Option<&Path>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // Before the address is told, so that whoever reads it may end the program at once.
        let stopped = stop_signal()?;
        let cloud = MockCloud::try_start(options)?;
        let novita = (cloud.novita_url(), cloud.api_key());
        let novacloud = (cloud.novacloud_url(), cloud.novacloud_api_key());
        // Before the lines, so that whoever reads the lines finds the file.
        if let Some(path) = address_file {
            let (first, second) = (settings("NOVITA", &novita), settings("NOVACLOUD", &novacloud));
            write_whole(path, &format!("{first}{second}"))?;
        }
        let mut stdout = io::stdout();
        writeln!(stdout, "mock-cloud: Novita AI at {} (API key: {})", novita.0, novita.1)?;
        writeln!(stdout, "mock-cloud: Nova Cloud at {} (API key: {})", novacloud.0, novacloud.1)?;
        stdout.flush()?;
        stopped.await;
        Ok(())
    })
}

/// The lines of the address file for one vendor.
fn settings(prefix: &str, (url, key): &(String, &str)) -> String {
    format!("{prefix}_BASE_URL={url}\n{prefix}_API_KEY={key}\n")
}

/// Ends on SIGINT and SIGTERM, which are caught from the call on.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends on Ctrl-C, which is caught from the call on.
#[cfg(windows)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}

/// Writes beside the file and moves, so that a waiting script never reads half of it.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    std::fs::write(&beside, text)?;
    std::fs::rename(&beside, path)
}

fn fail(code: u8, text: &str) -> ExitCode {
    // Nothing can be done when even this cannot be written.
    let _ = writeln!(io::stderr(), "mock-cloud: {text}");
    ExitCode::from(code)
}
