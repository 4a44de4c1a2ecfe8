//! Whether a line for a shell names what exists: targets of the Makefile, subcommands and options of the CLIs on this
//! machine, variables that the provider or the CLIs read.

use super::{entries, file, read};
use crate::cli::{Cli, Workspace};

use std::path::Path;

/// Subcommands that have subcommands.
const GROUPS: [&str; 3] = ["state", "providers", "workspace"];

/// Options of the newest Terraform that no help names; the stories of actions use them.
const UNTOLD: [&str; 1] = ["-invoke"];

pub(super) struct Commands {
    /// Options that exist, although no help names them.
    untold: &'static [&'static str],
    makefile: String,
    /// All of the provider's code, to find the variables that it reads.
    sources: String,
    clis: Vec<Workspace>,
}

impl Commands {
    /// Those that each of these CLIs has.
    pub(super) fn known(clis: &[Cli]) -> Self {
        let untold: &[&str] = if clis.iter().all(|it| it.is_newest) { &UNTOLD } else { &[] };
        let clis = clis.iter().map(|cli| Workspace::new(cli, "")).collect();
        Self {
            untold,
            makefile: read(&file("Makefile")),
            sources: all_of(&file("src")) + &all_of(&file("framework/src")),
            clis,
        }
    }

    /// What is wrong with these lines, one message each.
    pub(super) fn faults(&self, text: &str) -> Vec<String> {
        let joined = text.replace("\\\n", " ");
        let lines = joined.lines().map(|line| line.split(" #").next().unwrap_or_default().trim());
        let commands = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        commands.filter_map(|line| self.fault(line).map(|fault| format!("{line}: {fault}"))).collect()
    }

    fn fault(&self, line: &str) -> Option<String> {
        let words: Vec<_> = line.split_whitespace().collect();
        let words = words.strip_prefix(&["export"]).unwrap_or(&words);
        let count = words.iter().take_while(|it| variable(it).is_some()).count();
        let (set, command) = words.split_at(count);
        let unknown = set.iter().filter_map(|it| variable(it)).find(|it| !self.is_read(it));
        if let Some(name) = unknown {
            return Some(format!("nothing reads {name}"));
        }
        match command {
            [] => None,
            ["make", targets @ ..] => self.fault_of_make(targets),
            ["terraform" | "tofu", arguments @ ..] => self.fault_of_cli(arguments),
            _ => Some("not a command that is tried: mark the block with the reason".to_owned()),
        }
    }

    /// Whether the provider, the CLIs or the Makefile know this variable.
    fn is_read(&self, name: &str) -> bool {
        name.starts_with("TF_")
            || self.sources.contains(&format!("\"{name}\""))
            || self.makefile.contains(&format!("({name})"))
    }

    fn fault_of_make(&self, words: &[&str]) -> Option<String> {
        let is_target = |word: &str| self.makefile.lines().any(|line| line.starts_with(&format!("{word}:")));
        let unknown = words.iter().find(|it| match variable(it) {
            Some(name) => !self.is_read(name),
            None => !is_target(it),
        });
        unknown.map(|it| format!("the Makefile has no {it}"))
    }

    fn fault_of_cli(&self, words: &[&str]) -> Option<String> {
        let depth = if words.first().is_some_and(|it| GROUPS.contains(it)) { 2 } else { 1 };
        let (command, arguments) = words.split_at(depth.min(words.len()));
        let options = arguments.iter().filter_map(|it| it.strip_prefix('-')?.split('=').next());
        let options: Vec<_> = options.map(|it| format!("-{it}")).collect();
        self.clis.iter().find_map(|cli| {
            let help = cli.run(&[command, &["-help"]].concat());
            let text = format!("{}{}", help.stdout, help.stderr);
            if !help.status.success() || !command.iter().all(|it| text.contains(*it)) {
                return Some(format!("no such subcommand\n{help}"));
            }
            let is_known = |it: &String| text.contains(it) || self.untold.contains(&it.as_str());
            let unknown = options.iter().find(|it| !is_known(it));
            unknown.map(|it| format!("no such option {it}\n{help}"))
        })
    }
}

#[test]
fn a_wrong_command_is_told_from_a_good_one() {
    let commands = Commands::known(&Cli::all());
    let good = "# why\nmake demo   # shows\nexport NOVITA_API_KEY=a\nterraform plan -out=p\ntofu state rm a.b\nTF_LOG=debug make\n";
    assert!(commands.faults(good).is_empty(), "{:?}", commands.faults(good));
    for wrong in [
        "make nothing",
        "export NOVITA_KEY=a",
        "terraform plan -outt=p",
        "tofu aply",
        "curl x",
        "make DIR=a mock",
    ] {
        assert_eq!(commands.faults(wrong).len(), 1, "{wrong}");
    }
}

/// The name in `NAME=value`; an option of a command has a hyphen.
fn variable(word: &str) -> Option<&str> {
    let (name, _) = word.split_once('=')?;
    name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_').then_some(name)
}

fn all_of(folder: &Path) -> String {
    let parts = entries(folder).into_iter().map(|it| match it.is_dir() {
        true => all_of(&it),
        false => read(&it),
    });
    parts.collect()
}
