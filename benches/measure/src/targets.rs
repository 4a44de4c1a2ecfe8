//! What the provider is meant to reach beside the null provider and its peers, and whether the results say that it does.
//!
//! A target whose figures were not measured is neither met nor missed.

use crate::estates::LIMITED;
use crate::results::{Account, CommandRun, Estates, Results, Start, Startup};
use crate::stats;
use crate::subjects::{NULL, OURS, TF_PROVIDER, TIME};
use crate::tables::{COMMANDS, Group, clients, groups, table, to_f64};

/// One line: what, the bound, what was measured.
struct Target {
    what: String,
    bound: String,
    measured: Option<(String, bool)>,
}

/// The sizes at which estates are compared.
const SIZES: [usize; 2] = [100, 1000];

/// All targets as a table.
pub(crate) fn write(results: &Results) -> String {
    let mut targets = results.startup.as_ref().map(of_startup).unwrap_or_default();
    targets.extend(results.estates.as_ref().map(of_estates).unwrap_or_default());
    targets.extend(results.accounts.as_deref().map(of_accounts));
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
    let peak = median(OURS, |it| it.peak_kib.map(|it| to_f64(it) / 1024.0));
    let size = it.programs.iter().find(|it| it.name == OURS).map(|it| to_f64(it.file_bytes) / 1e6);
    vec![
        at_most("Start to schema", schema(OURS), 5.0, "ms"),
        share("Start to schema, against HashiCorp's provider", schema(OURS), schema(TIME), 1.0 / 7.0, "ms"),
        at_most("Peak memory after the schema", peak, 5.0, "MiB"),
        at_most("Size of the stripped program", size, 6.5, "MB"),
    ]
}

fn of_estates(it: &Estates) -> Vec<Target> {
    let of_client = |cli: &String| {
        let named = |target: Target| Target { what: format!("{}: {cli}", target.what), ..target };
        let limited = groups(it, cli, LIMITED);
        let targets = beside_others(it, cli).into_iter().chain(by_default(&limited));
        targets.map(named).collect::<Vec<_>>()
    };
    clients(it).iter().flat_map(of_client).collect()
}

fn beside_others(it: &Estates, cli: &str) -> Vec<Target> {
    let estates = groups(it, cli, "sizes");
    let mut targets = Vec::new();
    for size in SIZES {
        let of = |name: &str| estates.iter().find(|it| it.subject == name && it.size == size);
        for command in COMMANDS {
            let wall = |name| of(name).and_then(|it| it.median(command, seconds));
            let title = |other: &str| format!("{}, {size} instances, against {other}", named(command));
            targets.push(share(&title("the null provider"), wall(OURS), wall(NULL), 1.05, "s"));
            targets.push(share(&title("tf-provider"), wall(OURS), wall(TF_PROVIDER), 1.0, "s"));
        }
        let cpu = |name| of(name).map(|it| it.sum(|run| run.client_cpu_ms / 1000.0));
        let what = format!("CPU of the CLI, {size} instances, against the null provider");
        targets.push(share(&what, cpu(OURS), cpu(NULL), 1.03, "s"));
    }
    targets
}

fn by_default(limited: &[Group<'_>]) -> Vec<Target> {
    let ours = |size: usize| limited.iter().find(|it| it.subject == OURS && it.size == size);
    if ours(1).is_none() {
        return Vec::new(); // one CLI is enough for these
    }
    vec![
        at_most(
            "Default settings: plan of 100 instances",
            ours(100).and_then(|it| it.median("plan", seconds)),
            2.0,
            "s",
        ),
        at_most(
            "Default settings: apply of 30 instances",
            ours(30).and_then(|it| it.median("apply", seconds)),
            8.0,
            "s",
        ),
        at_most(
            "Default settings: requests of an apply of one instance, its waits left out",
            ours(1).and_then(|it| it.median("apply", besides_waits)),
            3.0,
            "",
        ),
    ]
}

fn of_accounts(accounts: &[Account]) -> Target {
    let peak = |objects: usize| {
        let account = accounts.iter().find(|it| it.objects == objects && it.what == "refresh")?;
        Some(to_f64(account.peak_kib) / 1024.0)
    };
    share("Peak memory of a refresh of 10,000 objects, against 100", peak(10_000), peak(100), 1.1, "MiB")
}

fn named(command: &str) -> &'static str {
    match command {
        "apply" => "Apply",
        "plan" => "Empty plan",
        "change" => "Plan with changes",
        _ => "Destroy",
    }
}

fn seconds(run: &CommandRun) -> f64 {
    run.wall_ms / 1000.0
}

/// Requests other than looks at instances.
fn besides_waits(run: &CommandRun) -> f64 {
    let looks = |call: &str| call.starts_with("GET ") && call.contains("/gpu/instance");
    let others = run.calls.iter().filter(|(call, _)| !looks(call)).map(|(_, count)| count).sum::<usize>();
    to_f64(others as u64)
}

/// Ours is at most this share of the other's.
fn share(what: &str, ours: Option<f64>, other: Option<f64>, share: f64, unit: &str) -> Target {
    let measured = ours.zip(other).map(|(ours, other)| {
        let ratio = ours / other;
        (format!("{ours:.2} {unit} of {other:.2} {unit}: {ratio:.3}"), ratio <= share)
    });
    Target { what: what.to_owned(), bound: format!("≤ {share:.3}"), measured }
}

fn at_most(what: &str, ours: Option<f64>, bound: f64, unit: &str) -> Target {
    let measured = ours.map(|ours| (format!("{ours:.2} {unit}").trim_end().to_owned(), ours <= bound));
    let bound = format!("≤ {bound:.1} {unit}").trim_end().to_owned();
    Target { what: what.to_owned(), bound, measured }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::About;
    use crate::tables::tests::run;

    #[test]
    fn a_target_is_met_missed_or_not_measured() {
        let runs = vec![run(OURS, 1000, "apply", 1100.0), run(NULL, 1000, "apply", 1000.0)];
        let estates = Estates { about: About::default(), parallelism: 10, runs };
        let text = write(&Results { estates: Some(estates), ..Results::default() });
        assert!(text.contains("1.10 s of 1.00 s: 1.100 | **missed** |"), "{text}");
        assert!(
            text.contains(
                "Destroy, 100 instances, against tf-provider: terraform | ≤ 1.000 | – | not measured |"
            ),
            "{text}"
        );
        assert_eq!(line(share("a", Some(1.0), Some(1.0), 1.05, "s"))[3], "met");
        assert_eq!(line(at_most("a", Some(6.0), 6.0, "MB"))[3], "met");
    }

    #[test]
    fn looks_at_instances_are_waits() {
        let mut it = run(OURS, 1, "apply", 1.0);
        it.calls = [
            ("GET /openapi/v1/gpu/instance", 9),
            ("POST /openapi/v1/gpu/instance/create", 1),
            ("GET /openapi/v1/products", 1),
        ]
        .map(|(call, count)| (call.to_owned(), count))
        .into();
        assert!((besides_waits(&it) - 2.0).abs() < f64::EPSILON);
    }
}
