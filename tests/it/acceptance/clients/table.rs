//! The table itself: its columns, what a client's line says, and where it stands in the guide.

use std::any::Any;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;

use super::{file, read};

/// Where the table stands, between the two marks.
pub(super) const GUIDE: &str = "docs/guides/terraform-and-opentofu.md";
const BEGIN: &str = "<!-- clients: begin -->\n";
const END: &str = "<!-- clients: end -->\n";

/// What stands above the table.
const INTRODUCTION: &str = "\
## Tested programs

Each of these drove the provider through the life of a machine, on a mock of the vendors' APIs. `yes`: it worked. `-`: the
program has no such function. A program of this repository that sends what Pulumi's bridge sends takes its place, with the
`novita_…` types alone. With cdktn and a mirror of providers, add `--skip-provider-lock`: the lock command needs a registry.
";

/// The one that is on the `PATH`, where no file pins it.
pub(super) const OLDEST_TERRAFORM: &str = "1.11.4";

/// What a client can do with a provider.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Task {
    Install,
    Schema,
    Create,
    Change,
    Replace,
    Import,
    List,
    Destroy,
    FailedCreate,
    Lint,
}

const COLUMNS: [(Task, &str); 10] = [
    (Task::Install, "install"),
    (Task::Schema, "schema"),
    (Task::Create, "create"),
    (Task::Change, "change in place"),
    (Task::Replace, "replace"),
    (Task::Import, "import"),
    (Task::List, "list"),
    (Task::Destroy, "destroy"),
    (Task::FailedCreate, "failed create keeps its machine"),
    (Task::Lint, "lint"),
];

/// What one client did.
pub(super) struct Line {
    client: String,
    done: Vec<(Task, Result<(), String>)>,
}

impl Line {
    /// The line of a client by its place in [`pinned`].
    pub(super) fn of(client: &str) -> Self {
        let pinned = pinned();
        let known = pinned.iter().find(|it| it.rsplit_once(' ').is_some_and(|(name, _)| name == client));
        let known = known.unwrap_or_else(|| panic!("{client} is no client of the table"));
        Self { client: known.clone(), done: Vec::new() }
    }

    /// The same where only a version tells which.
    pub(super) fn of_version(client: &str, version: &str) -> Self {
        let client = format!("{client} {version}");
        assert!(pinned().contains(&client), "{client} is not what is pinned: {:?}", pinned());
        Self { client, done: Vec::new() }
    }

    /// Tells a story; when it fails the cell is red.
    pub(super) fn cell(&mut self, task: Task, story: impl FnOnce()) {
        let outcome = catch_unwind(AssertUnwindSafe(story)).map_err(|panic| why(panic.as_ref()));
        self.done.push((task, outcome));
    }

    fn text(&self) -> String {
        let mut text = format!("| {} |", self.client);
        for (task, _) in COLUMNS {
            let done = self.done.iter().find(|(done, _)| *done == task).map(|(_, outcome)| outcome);
            let word = done.map_or("-", |it| if it.is_ok() { "yes" } else { "no" });
            let _ = write!(text, " {word} |");
        }
        text
    }

    /// A sentence for each red cell.
    fn reasons(&self) -> impl Iterator<Item = String> {
        let red = self.done.iter().filter_map(|(task, outcome)| Some((task, outcome.as_ref().err()?)));
        red.map(|(task, why)| {
            let column = COLUMNS.iter().find(|(it, _)| it == task).map_or("", |(_, name)| name);
            format!("- {}, {column}: {why}", self.client)
        })
    }
}

/// The line that says why, out of what a failed assertion printed: a client's own "Error: …", else the first.
fn why(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it failed");
    let lines = || text.lines().map(|it| it.trim_start_matches(['│', ' ']).trim());
    let error = lines().find(|it| it.starts_with("Error: ")).or_else(|| lines().find(|it| !it.is_empty()));
    error.unwrap_or("it failed").to_owned()
}

/// Writes the lines into the guide, and returns the reasons for what is red.
pub(super) fn write(lines: &[Line]) -> String {
    let reasons: Vec<_> = lines.iter().flat_map(Line::reasons).collect();
    let mut table = String::from("| program |");
    COLUMNS.iter().for_each(|(_, name)| table.extend([" ", name, " |"]));
    table.push_str("\n| --- |");
    COLUMNS.iter().for_each(|_| table.push_str(" --- |"));
    table.push('\n');
    lines.iter().for_each(|it| table.extend([&it.text(), "\n"]));
    let below = if reasons.is_empty() { String::new() } else { format!("\n{}\n", reasons.join("\n")) };
    let guide = read(GUIDE);
    let (before, after) = around(&guide);
    let text = format!("{before}{BEGIN}\n{INTRODUCTION}\n{table}{below}\n{END}{after}");
    std::fs::write(file(GUIDE), text).expect("the guide is written");
    reasons.join("\n")
}

fn around(guide: &str) -> (&str, &str) {
    let (before, rest) = guide.split_once(BEGIN).expect("the guide marks where the table begins");
    let (_, after) = rest.split_once(END).expect("the guide marks where the table ends");
    (before, after)
}

/// The clients of the table that stands in a guide.
pub(super) fn clients_in(guide: &str) -> Vec<String> {
    let (before, after) = around(guide);
    let table = &guide[before.len()..guide.len() - after.len()];
    let cells = table.lines().filter_map(|it| it.strip_prefix("| ")?.split_once(" |"));
    cells.map(|(client, _)| client.to_owned()).filter(|it| it != "program" && it != "---").collect()
}

/// The clients, in the order of the table, with the versions that this repository pins.
pub(super) fn pinned() -> Vec<String> {
    let package: Value = serde_json::from_str(&read("tools/cdktn/package.json")).expect("JSON");
    let cdktn = package["dependencies"]["cdktn-cli"].as_str().expect("a version").to_owned();
    let requirements = read("tools/checkov/requirements.txt");
    let checkov = requirements.lines().find_map(|it| it.strip_prefix("checkov==")).expect("a version");
    [
        ("Terraform", OLDEST_TERRAFORM.to_owned()),
        ("Terraform", required("tools/terraform", "github.com/hashicorp/terraform")),
        ("OpenTofu", required("tools/tofu", "github.com/opentofu/opentofu")),
        (
            "terraform-plugin-testing",
            required("tests/clients/acceptance", "github.com/hashicorp/terraform-plugin-testing"),
        ),
        ("a stand-in for Pulumi's bridge", super::bridge::VERSION.to_owned()),
        ("cdktn", cdktn),
        ("terraform-ls", required("tools/terraform-ls", "github.com/hashicorp/terraform-ls")),
        ("tflint", required("tools/tflint", "github.com/terraform-linters/tflint")),
        ("checkov", checkov.to_owned()),
    ]
    .map(|(name, version)| format!("{name} {version}"))
    .into()
}

/// The version that a Go module requires of another.
fn required(folder: &str, module: &str) -> String {
    let name = format!("{folder}/go.mod");
    let text = read(&name);
    let line = text.lines().map(|it| it.trim_start_matches("require").trim());
    let version = line.filter_map(|it| it.strip_prefix(module)?.strip_prefix(" v")).next();
    version.unwrap_or_else(|| panic!("{name} requires no {module}")).trim().to_owned()
}
