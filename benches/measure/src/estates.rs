//! Whole lives of estates, driven by real CLIs against the mock: apply, an empty plan, a plan that changes
//! everything, destroy. Subjects take turns, so that the machine's moods fall on all of them alike.
//!
//! Each command must end as it should, and after destroy nothing may be alive: a provider that leaves work undone is
//! not fast.

use std::path::PathBuf;
use std::time::Duration;

use mock_cloud::{Clock, Effect, Fault, Matcher, MockCloud, Options, Pace, Times};

use crate::arguments::{Arguments, Scenario};
use crate::cli::Cli;
use crate::commands::{Measured, Workspace};
use crate::failure::{Failure, Result, While as _, failed};
use crate::hcl::{CHANGE, Estate, Settings, configuration};
use crate::machine::About;
use crate::results::{CommandRun, Estates, Results};
use crate::say;
use crate::stats::millis;
use crate::subjects::{self, GO, NULL, Named, OURS, TF_PROVIDER};

/// From here on an estate takes the Go peer many minutes, and how it compares has shown before.
const LARGE: usize = 1000;

/// The scenario with the settings that a provider has by default.
pub(crate) const LIMITED: &str = "limited";
/// The scenario with a machine that is waited for.
pub(crate) const WAITED: &str = "waited";

/// An API that answers at once, and whose instances run at once. The step is how long what was removed is served at most;
/// a shorter one would keep the mock busy with the steps of ten thousand that stand still.
pub(crate) const FAST: Api = Api { latency: Duration::ZERO, step: Duration::from_millis(20) };
/// The same for some hundred of other resources, which have steps to take until they run.
const FAST_STEPS: Api = Api { step: Duration::from_millis(1), ..FAST };

/// The scenarios, the sizes and the API of the provider as it is by default. A machine has three steps to take until
/// it runs.
const BY_DEFAULT: [(&str, usize, Api); 4] =
    [(LIMITED, 1, slow(1)), (LIMITED, 30, slow(1)), (LIMITED, 100, slow(1)), (WAITED, 1, slow(10_000))];

/// Statuses of instances that pass, all of which are passed at once by an API that answers at once.
const PASSING: [&str; 6] = ["toCreate", "creating", "pulling", "toRemove", "removing", "removed"];

/// An API that thinks about each answer, and so many milliseconds of each step of a machine.
const fn slow(step: u64) -> Api {
    Api { latency: Duration::from_millis(50), step: Duration::from_millis(step) }
}

/// One estate that somebody lives through.
#[derive(Clone, Copy)]
struct Plan<'a> {
    scenario: &'a str,
    estate: Estate,
    size: usize,
    settings: Settings,
    api: Api,
}

/// How fast the mock is.
#[derive(Clone, Copy)]
pub(crate) struct Api {
    /// Time to each answer.
    latency: Duration,
    /// Time that each status of a machine lasts.
    step: Duration,
}

/// Command in the tables, arguments, and the exit code that it must have.
const LIFE: [(&str, &[&str], i32); 4] = [
    ("apply", &["apply", "-auto-approve"], 0),
    ("plan", &["plan", "-detailed-exitcode"], 0),
    ("change", &["plan", "-detailed-exitcode", "-var", CHANGE], 2),
    ("destroy", &["destroy", "-auto-approve"], 0),
];

/// Lives through everything that the arguments ask for. Results are saved after each life.
pub(crate) fn measure(arguments: &Arguments, results: &mut Results) -> Result<()> {
    let clis = Cli::chosen(arguments)?;
    let mut subjects = subjects::providers(arguments)?;
    // Other programs know none of the resources.
    subjects.retain(|it| [NULL, OURS, GO, TF_PROVIDER].contains(&it.name.as_str()));
    let about = About::of_this_machine(&clis);
    results.estates = Some(Estates { about, parallelism: arguments.parallelism, runs: Vec::new() });
    leave_example(arguments, &clis, &subjects)?;
    for scenario in &arguments.scenarios {
        match scenario {
            Scenario::Sizes => sizes(arguments, &clis, &subjects, results)?,
            Scenario::Mixed => alone(arguments, &clis, &subjects, results, &[("mixed", Estate::Mixed)])?,
            Scenario::Refresh => {
                let estates = [("endpoints", Estate::Endpoints), ("vms", Estate::Vms)];
                alone(arguments, &clis, &subjects, results, &estates)?;
            }
            Scenario::Limited => limited(arguments, &clis, &subjects, results)?,
        }
    }
    Ok(())
}

/// Where the state is from which the null provider takes values.
fn example(arguments: &Arguments) -> PathBuf {
    arguments.out.join("example.tfstate")
}

/// Has our provider make one instance, and keeps the state that comes of it: where it is.
pub(crate) fn leave_example(arguments: &Arguments, clis: &[Cli], subjects: &[Named]) -> Result<PathBuf> {
    let ours = subjects.iter().find(|it| it.name == OURS);
    if let Some((ours, cli)) = ours.zip(clis.first()) {
        let hcl = configuration(Estate::Instances, 1, Settings::Unlimited);
        let workspace = Workspace::new(cli, &ours.program, &hcl, cloud(FAST)?, None)?;
        workspace.run(&["apply", "-auto-approve", "-input=false", "-no-color"], 0, None)?;
        std::fs::create_dir_all(&arguments.out).doing("making the folder of the results")?;
        std::fs::copy(workspace.state(), example(arguments)).doing("keeping an example of a state")?;
    }
    Ok(example(arguments))
}

/// Instances in each of the sizes, by everybody.
fn sizes(arguments: &Arguments, clis: &[Cli], subjects: &[Named], results: &mut Results) -> Result<()> {
    for &size in &arguments.sizes {
        let plan = unlimited("sizes", Estate::Instances, size);
        let subjects: Vec<&Named> = subjects.iter().filter(|it| size < LARGE || it.name != GO).collect();
        for life in 0..arguments.repeats {
            for cli in clis.iter().filter(|it| it.name != "terraform" || size <= arguments.most) {
                for index in (0..subjects.len()).map(|it| (it + life) % subjects.len()) {
                    live(arguments, cli, subjects[index], plan, life, results)?;
                }
            }
        }
    }
    Ok(())
}

/// Estates that only our provider knows.
fn alone(
    arguments: &Arguments,
    clis: &[Cli],
    subjects: &[Named],
    results: &mut Results,
    estates: &[(&str, Estate)],
) -> Result<()> {
    for ours in subjects.iter().filter(|it| it.name == OURS) {
        for &(scenario, estate) in estates {
            let plan = unlimited(scenario, estate, arguments.many);
            for cli in clis {
                live(arguments, cli, ours, plan, 0, results)?;
            }
        }
    }
    Ok(())
}

/// What programs do when they wait for nothing.
fn unlimited(scenario: &str, estate: Estate, size: usize) -> Plan<'_> {
    let api = if estate == Estate::Instances { FAST } else { FAST_STEPS };
    Plan { scenario, estate, size, settings: Settings::Unlimited, api }
}

/// A slow API and the settings that a provider has by default, where waits decide. It takes minutes: one CLI is enough,
/// and one life of a hundred machines.
fn limited(arguments: &Arguments, clis: &[Cli], subjects: &[Named], results: &mut Results) -> Result<()> {
    for (scenario, size, api) in BY_DEFAULT {
        let plan = Plan { scenario, estate: Estate::Instances, size, settings: Settings::Default, api };
        let lives = if size >= 100 { 1 } else { arguments.repeats };
        for subject in subjects.iter().filter(|it| it.name == OURS) {
            for (cli, life) in clis.iter().take(1).flat_map(|cli| (0..lives).map(move |life| (cli, life))) {
                live(arguments, cli, subject, plan, life, results)?;
            }
        }
    }
    Ok(())
}

/// One life of one estate.
fn live(
    arguments: &Arguments,
    cli: &Cli,
    subject: &Named,
    plan: Plan<'_>,
    life: usize,
    results: &mut Results,
) -> Result<()> {
    let title = format!("{} {} of {} by {}", plan.scenario, plan.size, subject.name, cli.name);
    say(&title);
    let hcl = configuration(plan.estate, plan.size, plan.settings);
    let example = example(arguments);
    let example = (subject.name == NULL).then_some(example.as_path());
    let workspace = Workspace::new(cli, &subject.program, &hcl, cloud(plan.api)?, example)?;
    let parallelism = format!("-parallelism={}", arguments.parallelism);
    // Where machines run at once, watching them would take time of those who work.
    let watched = (plan.scenario == WAITED).then_some(plan.size);
    for (command, words, code) in LIFE {
        let all = [words, &["-input=false", "-no-color", &parallelism]].concat();
        let measured = workspace.run(&all, code, watched).doing(title.clone())?;
        note(
            results,
            CommandRun {
                cli: cli.name.clone(),
                subject: subject.name.clone(),
                scenario: plan.scenario.to_owned(),
                size: plan.size,
                life,
                ..run(command, measured)
            },
        );
        check_alive(&workspace, subject, plan.size, command).doing(title.clone())?;
    }
    results.save(&arguments.out)
}

/// After destroy nothing lives; before, as much as was asked for. Of the null provider nothing does.
fn check_alive(workspace: &Workspace, subject: &Named, size: usize, command: &str) -> Result<()> {
    let expected = if command == "destroy" || subject.name == NULL { 0 } else { size };
    match workspace.cloud().alive().len() {
        alive if alive == expected => Ok(()),
        alive => failed(format!("{alive} machines are alive after {command}, not {expected}")),
    }
}

/// A cloud with room for everyone.
pub(crate) fn cloud(Api { latency, step }: Api) -> Result<MockCloud> {
    let clock = Clock::Real { step };
    let mut pace = Pace::default();
    if latency.is_zero() {
        PASSING.into_iter().for_each(|status| pace.set(status, 0));
    }
    let cloud = MockCloud::try_start(Options { clock, pace, ..Options::default() })
        .map_err(|error| Failure::Said(format!("the mock cannot start: {error}")))?;
    make_room(&cloud);
    if !latency.is_zero() {
        let matcher = Matcher { method: None, path: String::new(), skip: 0 };
        cloud.faults().push(Fault { matcher, times: Times::Always, effect: Effect::delay(latency) });
    }
    Ok(cloud)
}

/// Nothing runs out: neither hardware nor money nor what an account may have.
fn make_room(cloud: &MockCloud) {
    const PLENTY: u64 = 1_000_000;
    cloud.with_novita(|it| it.products.iter_mut().for_each(|product| product.gpus = PLENTY));
    cloud.with_novacloud(|it| {
        (it.account.max_vms, it.account.max_hourly_spend) = (usize::MAX, u64::MAX);
        it.account.credit_balance = u64::MAX;
        it.nodes.iter_mut().for_each(|node| node.gpus = PLENTY);
    });
}

fn note(results: &mut Results, run: CommandRun) {
    if let Some(estates) = &mut results.estates {
        estates.runs.push(run);
    }
}

fn run(command: &str, measured: Measured) -> CommandRun {
    let Measured { wall, after_running, client_cpu, client_peak_kib, providers, calls } = measured;
    CommandRun {
        command: command.to_owned(),
        wall_ms: millis(wall),
        after_running_ms: after_running.map(millis),
        client_cpu_ms: millis(client_cpu),
        client_peak_kib,
        provider_cpu_ms: millis(providers.cpu),
        provider_peak_kib: providers.peak_kib,
        provider_processes: providers.processes,
        left_over: providers.left_over,
        unmetered: providers.unmetered,
        requests: calls.values().sum(),
        calls,
        ..CommandRun::default()
    }
}
