//! The tables of the report, from the results alone. A figure without a unit in its cell has it in its column.

use crate::estates::{LIMITED, WAITED};
use crate::results::{Account, CommandRun, Estates, Start, StartedProgram, Startup};
use crate::stats::{self, Spread};

/// Commands in the order of a life.
pub(crate) const COMMANDS: [&str; 4] = ["apply", "plan", "change", "destroy"];

/// The starts: one line for each program.
pub(crate) fn startup(it: &Startup) -> String {
    let head = [
        "Program",
        "File, MB",
        "Schema, kB",
        "To the line, ms",
        "To the schema, ms",
        "Peak memory, MiB",
        "CPU, ms",
        "To stop, ms",
    ];
    let rows: Vec<_> = it.programs.iter().map(started).collect();
    let signing = format!("{:.1}", it.client_signs_ms);
    format!(
        "{}\nThe client's own signature takes {signing} ms of each time to the schema.\n",
        table(&head, &rows)
    )
}

fn started(it: &StartedProgram) -> Vec<String> {
    let spread = |measure: fn(&Start) -> Option<f64>| with_range(it.spread(measure), 1);
    let killed = it.starts.iter().filter(|it| it.was_killed).count();
    let killed = if killed == 0 { String::new() } else { format!(", {killed} killed") };
    vec![
        it.name.clone(),
        format!("{:.2}", to_f64(it.file_bytes) / 1e6),
        it.schema_bytes.map_or_else(none, |bytes| format!("{:.1}", to_f64(bytes as u64) / 1e3)),
        spread(|it| Some(it.line_ms)),
        spread(|it| it.schema_ms),
        spread(|it| it.peak_kib.map(|it| to_f64(it) / 1024.0)),
        spread(|it| Some(it.cpu_ms)),
        format!("{}{killed}", spread(|it| it.stop_ms)),
    ]
}

/// The estates: for each CLI one table of time, one of cost; then the scenarios.
pub(crate) fn estates(it: &Estates) -> String {
    let mut text = String::new();
    for cli in clients(it) {
        for scenario in names(it, |run| &run.scenario) {
            let groups = groups(it, &cli, &scenario);
            if groups.is_empty() {
                continue;
            }
            text += &format!("**{cli}, {}**\n\n", title(&scenario));
            text += &table(&TIME, &groups.iter().map(time).collect::<Vec<_>>());
            text += "\n";
            text += &table(&COST, &groups.iter().map(cost).collect::<Vec<_>>());
            text += "\n";
            if scenario == WAITED {
                text += &groups.iter().map(wait).collect::<String>();
                text += "\n";
            }
        }
    }
    text.trim_end().to_owned() + "\n"
}

/// The tasks on large accounts.
pub(crate) fn accounts(accounts: &[Account]) -> String {
    let row = |it: &Account| {
        vec![
            it.objects.to_string(),
            it.what.clone(),
            seconds(Some(it.wall_ms)),
            format!("{:.1}", to_f64(it.peak_kib) / 1024.0),
            it.requests.to_string(),
        ]
    };
    let head = ["Instances", "Task", "Time, s", "Peak memory, MiB", "Requests"];
    table(&head, &accounts.iter().map(row).collect::<Vec<_>>())
}

fn title(scenario: &str) -> &str {
    match scenario {
        "sizes" => {
            "GPU instances, no limit on requests, an API that answers at once, machines that run at once"
        }
        "mixed" => "a quarter of each resource",
        "endpoints" => "endpoints",
        "vms" => "VMs",
        LIMITED => "GPU instances, 50 ms to each answer and the provider's default settings",
        WAITED => "the same with a GPU instance that takes half a minute to run",
        other => other,
    }
}

const TIME: [&str; 6] =
    ["Machines", "Provider", "Apply, s", "Empty plan, s", "Plan with changes, s", "Destroy, s"];

const COST: [&str; 9] = [
    "Machines",
    "Provider",
    "Its CPU in apply, s",
    "Its CPU in all four, s",
    "Its peak memory, MiB",
    "CLI's CPU in all four, s",
    "CLI's peak memory, MiB",
    "Requests per machine: apply, empty plan, plan with changes, destroy",
    "Processes",
];

/// All lives of one estate.
pub(crate) struct Group<'a> {
    pub(crate) subject: &'a str,
    pub(crate) size: usize,
    runs: Vec<&'a CommandRun>,
}

impl Group<'_> {
    /// The median of a measure over the lives, for one command.
    pub(crate) fn median(&self, command: &str, measure: impl Fn(&CommandRun) -> f64) -> Option<f64> {
        stats::median(self.runs.iter().filter(|it| it.command == command).map(|it| measure(it)))
    }

    /// The median with its range.
    fn spread(&self, command: &str, measure: impl Fn(&CommandRun) -> f64) -> Option<Spread> {
        stats::spread(self.runs.iter().filter(|it| it.command == command).map(|it| measure(it)))
    }

    /// The medians of all four commands added up.
    pub(crate) fn sum(&self, measure: impl Fn(&CommandRun) -> f64) -> f64 {
        COMMANDS.iter().filter_map(|command| self.median(command, &measure)).sum()
    }

    /// The largest of all lives and commands.
    pub(crate) fn largest(&self, measure: impl Fn(&CommandRun) -> u64) -> u64 {
        self.runs.iter().map(|it| measure(it)).max().unwrap_or_default()
    }

    /// As the group's size, for figures per machine.
    pub(crate) fn machines(&self) -> f64 {
        to_f64(self.size as u64)
    }
}

/// The estates of one CLI and scenario, by size and then in the order of the subjects.
pub(crate) fn groups<'a>(it: &'a Estates, cli: &str, scenario: &str) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for run in it.runs.iter().filter(|it| it.cli == cli && it.scenario == scenario) {
        match groups.iter_mut().find(|it| it.subject == run.subject && it.size == run.size) {
            Some(group) => group.runs.push(run),
            None => groups.push(Group { subject: &run.subject, size: run.size, runs: vec![run] }),
        }
    }
    groups.sort_by_key(|it| it.size);
    groups
}

/// The clients that were measured.
pub(crate) fn clients(it: &Estates) -> Vec<String> {
    names(it, |run| &run.cli)
}

fn names(it: &Estates, name: impl Fn(&CommandRun) -> &String) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for run in &it.runs {
        if !names.contains(name(run)) {
            names.push(name(run).clone());
        }
    }
    names
}

fn time(it: &Group<'_>) -> Vec<String> {
    let wall = |command: &&str| with_range(it.spread(command, |run| run.wall_ms / 1000.0), 2);
    [it.size.to_string(), it.subject.to_owned()].into_iter().chain(COMMANDS.iter().map(wall)).collect()
}

/// How much longer an apply takes than the machine.
fn wait(it: &Group<'_>) -> String {
    let runs = it.runs.iter().filter(|it| it.command == "apply");
    let after = stats::median(runs.filter_map(|it| it.after_running_ms));
    format!("- {}: apply ends {} s after the machine runs.\n", it.subject, seconds(after))
}

fn cost(it: &Group<'_>) -> Vec<String> {
    let per_machine = |command: &&str| {
        let requests = it.median(command, |run| to_f64(run.requests as u64)).unwrap_or_default();
        format!("{:.2}", requests / it.machines())
    };
    let requests: Vec<String> = COMMANDS.iter().map(per_machine).collect();
    let lost = it.runs.iter().map(|it| it.left_over + it.unmetered).sum::<usize>();
    let lost = if lost == 0 { String::new() } else { format!(", {lost} did not end in time") };
    vec![
        it.size.to_string(),
        it.subject.to_owned(),
        seconds(it.median("apply", |run| run.provider_cpu_ms)),
        seconds(Some(it.sum(|run| run.provider_cpu_ms))),
        format!("{:.1}", to_f64(it.largest(|run| run.provider_peak_kib)) / 1024.0),
        seconds(Some(it.sum(|run| run.client_cpu_ms))),
        format!("{:.0}", to_f64(it.largest(|run| run.client_peak_kib)) / 1024.0),
        requests.join(", "),
        format!("{:.0}{lost}", it.sum(|run| to_f64(run.provider_processes as u64))),
    ]
}

/// A table of markdown; the first column and names are texts, the rest are figures.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head: Vec<String> = head.iter().map(|&it| it.to_owned()).collect();
    let rule: Vec<String> = head.iter().map(|_| "---".to_owned()).collect();
    let rows: String = rows.iter().map(|it| line(it)).collect();
    format!("{}{}{rows}", line(&head), line(&rule))
}

fn with_range(it: Option<Spread>, digits: usize) -> String {
    it.map_or_else(none, |it| match it.low < it.high {
        true => format!("{:.digits$} ({:.digits$}–{:.digits$})", it.median, it.low, it.high),
        false => format!("{:.digits$}", it.median),
    })
}

fn seconds(millis: Option<f64>) -> String {
    millis.map_or_else(none, |it| format!("{:.2}", it / 1000.0))
}

fn none() -> String {
    "–".to_owned()
}

#[expect(clippy::cast_precision_loss, reason = "sizes and counts are far below 2^52")]
pub(crate) fn to_f64(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn run(subject: &str, size: usize, command: &str, wall_ms: f64) -> CommandRun {
        CommandRun {
            cli: "terraform".to_owned(),
            scenario: "sizes".to_owned(),
            subject: subject.to_owned(),
            command: command.to_owned(),
            size,
            wall_ms,
            requests: size * 2,
            ..CommandRun::default()
        }
    }

    #[test]
    fn lives_of_one_estate_are_one_line_with_their_median() {
        let runs = vec![
            run("ours", 10, "apply", 3000.0),
            run("ours", 10, "apply", 1000.0),
            run("ours", 10, "apply", 1500.0),
            run("go", 10, "apply", 2000.0),
            run("ours", 1, "apply", 500.0),
        ];
        let text = estates(&Estates { about: crate::machine::About::default(), parallelism: 10, runs });
        assert!(text.contains("| 10 | ours | 1.50 (1.10–2.70) | – | – | – |"), "{text}");
        assert!(text.contains("| 10 | go | 2.00 |"), "{text}");
        assert!(text.find("| 1 | ours").unwrap() < text.find("| 10 | ours").unwrap(), "{text}");
        assert!(text.contains("2.00, 0.00, 0.00, 0.00"), "{text}");
    }
}
