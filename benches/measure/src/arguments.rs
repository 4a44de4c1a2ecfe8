//! The command line, read into one plain value. Knows no file and no program.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use lexopt::ValueExt as _;

use crate::subjects::Named;

pub(crate) const HELP: &str = "\
Measures the provider beside its peers. `make bench` builds what is measured and runs this.

Usage: bench [all|startup|estates|accounts|report] [OPTIONS]

Commands:
  startup   Starts each provider as a CLI does: time, memory, size
  estates   Runs real CLIs on estates of many machines against the mock API
  accounts  Reads, plans and lists accounts with many objects, without a CLI
  all       All of these [default]
  report    Makes tables and plots again from what is saved

Options:
      --quick              A short run, to try it: 5 starts, sizes 1 and 10, terraform alone, no scenarios,
                           an account of 100
      --starts N           Starts of each program; the first one does not count [default: 41]
      --sizes A,B,…        Machines in an estate [default: 1,10,100,1000]
      --most N             Most machines with terraform, which takes long for more [default: 1000]
      --many N             Machines of the scenarios mixed and refresh [default: 1000]
      --repeats N          Lives of each estate [default: 5]
      --objects A,B,…      Objects of the accounts [default: 100,1000,10000]
      --parallelism N      Of the CLIs [default: 10]
      --clis A,B           terraform and tofu [default: both]
      --scenarios A,B,…    Of limited, sizes, mixed, refresh [default: all]
      --only A,B,…         Of empty, floor, null, ours, go, tf-provider, time and added ones [default: all]
      --provider NAME=PATH One more program to start, or another place of a known one; again for more
      --out DIR            Where the results go [default: target/bench]
      --record             Also write the tables into benches/README.md and the plots into benches/plots
  -h, --help               Print this help
";

/// What is to be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    All,
    Startup,
    Estates,
    Accounts,
    Report,
}

/// A kind of estate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// Instances of one kind, in each of the sizes, with every provider.
    Sizes,
    /// All four resources in one configuration.
    Mixed,
    /// Many of those kinds that can be refreshed by a list.
    Refresh,
    /// A slow API, and the settings that a provider has by default.
    Limited,
}

/// All that can be said on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) command: Command,
    pub(crate) starts: usize,
    pub(crate) sizes: Vec<usize>,
    /// Estates above this size are left to tofu: the time that terraform takes grows with their square.
    pub(crate) most: usize,
    pub(crate) many: usize,
    pub(crate) objects: Vec<usize>,
    pub(crate) repeats: usize,
    pub(crate) parallelism: usize,
    pub(crate) clis: Vec<String>,
    pub(crate) scenarios: Vec<Scenario>,
    /// Names of subjects; none for all.
    pub(crate) only: Option<Vec<String>>,
    pub(crate) providers: Vec<Named>,
    pub(crate) out: PathBuf,
    pub(crate) record: bool,
}

impl Default for Arguments {
    fn default() -> Self {
        Self {
            command: Command::All,
            starts: 41,
            sizes: vec![1, 10, 100, 1000],
            most: 1000,
            many: 1000,
            objects: vec![100, 1000, 10_000],
            repeats: 5,
            parallelism: 10,
            clis: vec!["terraform".to_owned(), "tofu".to_owned()],
            scenarios: vec![Scenario::Limited, Scenario::Sizes, Scenario::Mixed, Scenario::Refresh],
            only: None,
            providers: Vec::new(),
            out: Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench"),
            record: false,
        }
    }
}

impl Arguments {
    /// Whether a subject is to be measured.
    pub(crate) fn wants(&self, subject: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.iter().any(|it| it == subject))
    }

    fn shorten(&mut self) {
        (self.starts, self.repeats, self.sizes, self.objects) = (6, 1, vec![1, 10], vec![100]);
        (self.clis, self.scenarios) = (vec!["terraform".to_owned()], vec![Scenario::Sizes]);
    }
}

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Asked {
    Help,
    Run(Box<Arguments>),
}

/// Reads the arguments behind the program's name. `--quick` gives way to every option behind it.
pub(crate) fn read(arguments: impl Iterator<Item = OsString>) -> Result<Asked, lexopt::Error> {
    use lexopt::Arg::{Long, Short, Value};
    let mut read = Arguments::default();
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(Asked::Help),
            Value(name) => read.command = name.parse_with(command)?,
            Long("quick") => read.shorten(),
            Long("record") => read.record = true,
            Long("starts") => read.starts = parser.value()?.parse_with(at_least_two)?,
            Long("sizes") => read.sizes = parser.value()?.parse_with(|text| list(text, positive))?,
            Long("most") => read.most = parser.value()?.parse_with(positive)?,
            Long("objects") => read.objects = parser.value()?.parse_with(|text| list(text, positive))?,
            Long("many") => read.many = parser.value()?.parse_with(positive)?,
            Long("repeats") => read.repeats = parser.value()?.parse_with(positive)?,
            Long("parallelism") => read.parallelism = parser.value()?.parse_with(positive)?,
            Long("clis") => read.clis = parser.value()?.parse_with(|text| list(text, cli))?,
            Long("scenarios") => read.scenarios = parser.value()?.parse_with(|text| list(text, scenario))?,
            Long("only") => read.only = Some(parser.value()?.parse_with(|text| list(text, name))?),
            Long("provider") => read.providers.push(parser.value()?.parse_with(named)?),
            // The null provider, which runs in other folders, reads a file in it.
            Long("out") => {
                read.out =
                    std::path::absolute(parser.value()?).map_err(|it| lexopt::Error::Custom(it.into()))?;
            }
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Asked::Run(Box::new(read)))
}

fn command(text: &str) -> Result<Command, &'static str> {
    match text {
        "all" => Ok(Command::All),
        "startup" => Ok(Command::Startup),
        "estates" => Ok(Command::Estates),
        "accounts" => Ok(Command::Accounts),
        "report" => Ok(Command::Report),
        _ => Err("not one of all, startup, estates, accounts, report"),
    }
}

fn scenario(text: &str) -> Result<Scenario, &'static str> {
    match text {
        "sizes" => Ok(Scenario::Sizes),
        "mixed" => Ok(Scenario::Mixed),
        "refresh" => Ok(Scenario::Refresh),
        "limited" => Ok(Scenario::Limited),
        _ => Err("not of limited, sizes, mixed, refresh"),
    }
}

fn cli(text: &str) -> Result<String, &'static str> {
    if ["terraform", "tofu"].contains(&text) { Ok(text.to_owned()) } else { Err("not of terraform, tofu") }
}

fn name(text: &str) -> Result<String, &'static str> {
    if text.is_empty() { Err("an empty name") } else { Ok(text.to_owned()) }
}

fn named(text: &str) -> Result<Named, &'static str> {
    match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => {
            Ok(Named { name: name.to_owned(), program: path.into() })
        }
        _ => Err("not NAME=PATH"),
    }
}

fn positive(text: &str) -> Result<usize, &'static str> {
    text.parse().ok().filter(|it| *it > 0).ok_or("not a number above 0")
}

fn at_least_two(text: &str) -> Result<usize, &'static str> {
    positive(text).ok().filter(|it| *it > 1).ok_or("not a number above 1, as the first start does not count")
}

fn list<T>(text: &str, read: impl Fn(&str) -> Result<T, &'static str>) -> Result<Vec<T>, &'static str> {
    text.split(',').map(|it| read(it.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_line(line: &str) -> Result<Asked, lexopt::Error> {
        read(line.split_whitespace().map(OsString::from))
    }

    #[track_caller]
    fn arguments(line: &str) -> Arguments {
        match read_line(line).unwrap() {
            Asked::Run(arguments) => *arguments,
            Asked::Help => panic!("{line} asks for help"),
        }
    }

    #[test]
    fn without_arguments_everything_is_measured() {
        let all = arguments("");
        assert_eq!((all.command, all.starts, all.record), (Command::All, 41, false));
        assert_eq!(all.sizes, [1, 10, 100, 1000]);
        assert!(all.wants("ours") && all.wants("anything"));
    }

    #[test]
    fn options_are_read_with_their_lists() {
        let some = arguments("startup --only ours,go --provider a=/b=c --starts 7 --out there --record");
        assert_eq!((some.command, some.starts, some.record), (Command::Startup, 7, true));
        assert!(some.out.is_absolute() && some.out.ends_with("there"), "{}", some.out.display());
        assert_eq!(some.providers, [Named { name: "a".to_owned(), program: "/b=c".into() }]);
        assert!(some.wants("go") && !some.wants("floor"));
        let some = arguments("estates --quick --sizes 3,4 --scenarios limited,mixed --clis tofu");
        assert_eq!((some.sizes, some.starts, some.clis), (vec![3, 4], 6, vec!["tofu".to_owned()]));
        assert_eq!(some.scenarios, [Scenario::Limited, Scenario::Mixed]);
    }

    #[test]
    fn nonsense_is_refused() {
        for line in
            ["stratup", "--sizes 1,x", "--sizes 0", "--starts 1", "--clis pulumi", "--provider a", "--fast"]
        {
            assert!(read_line(line).is_err(), "{line}");
        }
        assert!(matches!(read_line("startup -h"), Ok(Asked::Help)));
    }
}
