//! What the provider is meant to reach beside its peers, and whether the results say that it does.
//!
//! A target whose figures were not measured is neither met nor missed.

use crate::results::{Estates, Results, Start, Startup};
use crate::stats;
use crate::subjects::{BUILT_IN, FLOOR, GO, OURS};
use crate::tables::{Group, clients, groups, table, to_f64};

/// One line: what, the bound, what was measured.
struct Target {
    what: String,
    bound: String,
    measured: Option<(String, bool)>,
}

/// The size at which estates are compared.
const SIZE: usize = 1000;

/// All targets as a table.
pub(crate) fn write(results: &Results) -> String {
    let mut targets = results.startup.as_ref().map(of_startup).unwrap_or_default();
    targets.extend(results.estates.as_ref().map(of_estates).unwrap_or_default());
    table(&["Target", "Bound", "Measured", ""], &targets.into_iter().map(line).collect::<Vec<_>>())
}

fn line(it: Target) -> Vec<String> {
    let (measured, verdict) = match it.measured {
        Some((text, true)) => (text, "met"),
        Some((text, false)) => (text, "**missed**"),
        None => ("–".to_owned(), "not measured"),
    };
    vec![it.what, it.bound, measured, verdict.to_owned()]
}

fn of_startup(it: &Startup) -> Vec<Target> {
    let median = |name: &str, measure: fn(&Start) -> Option<f64>| {
        let program = it.programs.iter().find(|it| it.name == name)?;
        stats::median(program.starts.iter().filter_map(measure))
    };
    let schema = |name| median(name, |it| it.schema_ms);
    let peak = |name| median(name, |it| it.peak_kib.map(|it| to_f64(it) / 1024.0));
    let floor = median(FLOOR, |it| Some(it.line_ms));
    let size = it.programs.iter().find(|it| it.name == OURS).map(|it| to_f64(it.file_bytes) / 1e6);
    vec![
        share("Start to schema, against the Go peer", schema(OURS), schema(GO), 1.0 / 5.0, "ms"),
        at_most(
            "Start to schema, against the floor's line and 2 ms",
            schema(OURS),
            floor.map(|it| it + 2.0),
            "ms",
        ),
        share("Peak memory after the schema, against the Go peer", peak(OURS), peak(GO), 1.0 / 3.0, "MiB"),
        at_most("Size of the stripped program", size, Some(6.0), "MB"),
    ]
}

fn of_estates(it: &Estates) -> Vec<Target> {
    let of_client = |cli: &String| {
        let named = |target: Target| Target { what: format!("{}: {cli}", target.what), ..target };
        targets_with(it, cli).into_iter().map(named).collect::<Vec<_>>()
    };
    clients(it).iter().flat_map(of_client).collect()
}

fn targets_with(it: &Estates, cli: &str) -> Vec<Target> {
    let sizes = groups(it, cli, "sizes");
    let of = |name: &str, size: usize| sizes.iter().find(|it| it.subject == name && it.size == size);
    let peak = |name| of(name, SIZE).map(|it| to_f64(it.largest(|run| run.provider_peak_kib)) / 1024.0);
    let cpu = |name| of(name, SIZE).and_then(plan_and_apply_cpu);
    let wall = |name| of(name, SIZE).and_then(apply_seconds);
    let mut targets = vec![
        share("Peak memory at 1,000 instances, against the Go peer", peak(OURS), peak(GO), 1.0 / 3.0, "MiB"),
        share(
            "CPU of plan and apply at 1,000 instances, against the Go peer",
            cpu(OURS),
            cpu(GO),
            1.0 / 4.0,
            "s",
        ),
        share("Apply of 1,000 instances, against terraform_data", wall(OURS), wall(BUILT_IN), 1.15, "s"),
    ];
    for (what, scenario) in [
        ("Requests per machine in a refresh of 1,000 endpoints", "endpoints"),
        ("Requests per machine in a refresh of 1,000 VMs", "vms"),
    ] {
        let found = groups(it, cli, scenario)
            .iter()
            .find(|it| it.subject == OURS && it.size == SIZE)
            .and_then(plan_requests);
        targets.push(at_most(what, found, Some(0.1), ""));
    }
    let growth = |measure: fn(&Group<'_>) -> Option<f64>| {
        let (small, large) = (of(OURS, 100)?, of(OURS, 3000)?);
        Some((measure(large)? / large.machines()) / (measure(small)? / small.machines()))
    };
    let peak = growth(|it| Some(to_f64(it.largest(|run| run.provider_peak_kib))));
    targets.push(at_most(
        "Time of apply per machine, 3,000 against 100",
        growth(apply_seconds),
        Some(FLAT),
        "×",
    ));
    targets.push(at_most("Memory per machine, 3,000 against 100", peak, Some(FLAT), "×"));
    targets
}

/// What still counts as flat, noise included.
const FLAT: f64 = 1.2;

fn apply_seconds(it: &Group<'_>) -> Option<f64> {
    it.median("apply", |run| run.wall_ms / 1000.0)
}

fn plan_and_apply_cpu(it: &Group<'_>) -> Option<f64> {
    let cpu = |command| it.median(command, |run| run.provider_cpu_ms / 1000.0);
    Some(cpu("apply")? + cpu("plan")?)
}

fn plan_requests(it: &Group<'_>) -> Option<f64> {
    Some(it.median("plan", |run| to_f64(run.requests as u64))? / it.machines())
}

/// Ours is at most this share of the other's.
fn share(what: &str, ours: Option<f64>, other: Option<f64>, share: f64, unit: &str) -> Target {
    let measured = ours.zip(other).map(|(ours, other)| {
        let ratio = ours / other;
        (format!("{ours:.2} {unit} of {other:.2} {unit}: {ratio:.3}"), ratio <= share)
    });
    Target { what: what.to_owned(), bound: format!("≤ {share:.3}"), measured }
}

fn at_most(what: &str, ours: Option<f64>, bound: Option<f64>, unit: &str) -> Target {
    let measured = ours
        .zip(bound)
        .map(|(ours, bound)| (format!("{ours:.3} {unit}").trim_end().to_owned(), ours <= bound));
    let bound = bound.map_or_else(|| "–".to_owned(), |it| format!("≤ {it:.3} {unit}").trim_end().to_owned());
    Target { what: what.to_owned(), bound, measured }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::About;
    use crate::tables::tests::run;

    #[test]
    fn a_target_is_met_missed_or_not_measured() {
        let runs = vec![run(OURS, 1000, "apply", 1100.0), run(BUILT_IN, 1000, "apply", 1000.0)];
        let estates = Estates { about: About::default(), parallelism: 10, runs };
        let text = write(&Results { startup: None, estates: Some(estates) });
        assert!(text.contains("1.10 s of 1.00 s: 1.100 | met |"), "{text}");
        assert!(text.contains("against the Go peer: terraform | ≤ 0.250 | – | not measured |"), "{text}");
        assert_eq!(line(share("a", Some(2.0), Some(1.0), 1.15, "s"))[3], "**missed**");
        assert_eq!(line(at_most("a", Some(6.0), Some(6.0), "MB"))[3], "met");
    }
}
