//! The CLI is ended from outside, each way at each moment: what runs afterwards, and what is remembered.
//!
//! The signals go to the CLI alone, as from a supervisor; Ctrl-C and a log-out reach the provider too, and are
//! told by `interrupt` and `hang_up`. SIGTERM means for a CLI what Ctrl-C does. SIGHUP and SIGKILL end it on the
//! spot: nobody is left to write a state, and the provider ends by itself.

use std::thread;
use std::time::Duration;

use mock_cloud::{Effect, Fault, Options, When};
use rustix::process::Signal;
use serde_json::Value;

use super::{TYPE, World, fills_in, machine, on_every_cli};
use crate::cli::{Cli, Output, Running, wait_until};

const SIGNALS: [Signal; 3] = [Signal::TERM, Signal::HUP, Signal::KILL];

/// How long the API takes to answer the create call: far longer than a client waits for a provider to end.
const CREATE_CALL: Duration = Duration::from_secs(20);

/// A CLI that applies one machine, and the way it is to end.
struct Story {
    world: World,
    signal: Signal,
}

impl Story {
    fn new(cli: &Cli, signal: Signal, options: Options) -> Self {
        let world = World::with(cli, &machine("this", &[]), options);
        world.workspace.note_providers();
        world.workspace.keep_what_providers_say();
        Self { world, signal }
    }

    fn apply(&self) -> Running {
        self.world.workspace.spawn(&["apply", "-input=false", "-no-color", "-auto-approve"])
    }

    /// Ends the CLI, which a stop only asks to end, and does what is to happen meanwhile or afterwards.
    fn end(&self, apply: Running, then: impl FnOnce()) -> Output {
        apply.signal(self.signal);
        let output = if self.is_stop() {
            then();
            apply.wait().failed()
        } else {
            let output = apply.wait().failed();
            then();
            output
        };
        wait_until("the end of the last provider", || !self.world.workspace.has_running_provider());
        output
    }

    fn is_stop(&self) -> bool {
        self.signal == Signal::TERM
    }

    /// The machine that was made is in the state; or, where nobody wrote one, in the provider's last words.
    fn check_machine_is_remembered(&self, output: &Output) {
        let [made] = &self.world.cloud.alive()[..] else { panic!("one machine\n{output}") };
        assert_eq!(self.world.changes(), ["/gpu/instance/create"], "an end asks nothing of the cloud");
        let state = self.world.workspace.in_state(TYPE, "this");
        let said = self.world.workspace.said_by_providers();
        if self.is_stop() {
            assert_eq!(state["attributes"]["id"], made.id.as_str(), "{output}");
            assert_eq!((&state["status"], said.as_str()), (&Value::Null, ""), "not tainted\n{output}");
        } else {
            assert!(state.is_null(), "nobody wrote it");
            let records = said.lines().map(|it| serde_json::from_str::<Value>(it).unwrap());
            let told = records.filter(|it| it["@level"] == "error" && it["id"] == made.id.as_str()).count();
            assert_eq!(told, 1, "{said}");
        }
    }
}

fn before_the_provider_is_connected(cli: &Cli, signal: Signal) {
    let story = Story::new(cli, signal, fills_in());
    let workspace = &story.world.workspace;
    workspace.hold_providers();
    let mut apply = story.apply();
    apply.wait_until("a provider is started", || !workspace.providers().is_empty());
    story.end(apply, || workspace.let_providers_begin());
    assert!(workspace.in_state(TYPE, "this").is_null());
    assert_eq!(story.world.cloud.created_count(), 0);
}

fn in_a_create_call(cli: &Cli, signal: Signal) {
    let story = Story::new(cli, signal, fills_in());
    let World { cloud, workspace } = &story.world;
    cloud.faults().push(Fault::new("POST", "/gpu/instance/create", Effect::Hang(When::After)));
    let mut apply = story.apply();
    apply.wait_until("the machine is made", || cloud.created_count() == 1);
    let output = story.end(apply, || {
        thread::sleep(CREATE_CALL);
        assert!(workspace.has_running_provider(), "the answer is not awaited");
        cloud.release();
    });
    story.check_machine_is_remembered(&output);
}

fn in_a_wait(cli: &Cli, signal: Signal) {
    // The image is pulled for ever.
    let mut options = fills_in();
    options.pace.set("pulling", u32::MAX);
    let story = Story::new(cli, signal, options);
    let mut apply = story.apply();
    apply.wait_until("the provider looks at the machine it made", || {
        let requests = story.world.cloud.requests();
        requests.iter().filter(|it| it.method == "GET" && it.path.ends_with("/gpu/instance")).count() > 2
    });
    let output = story.end(apply, || {});
    story.check_machine_is_remembered(&output);
}

/// Tells stories side by side: they wait more than they work.
fn side_by_side(cli: &Cli, stories: &[fn(&Cli, Signal)]) {
    thread::scope(|scope| {
        for story in stories {
            for signal in SIGNALS {
                scope.spawn(move || story(cli, signal));
            }
        }
    });
}

#[test]
fn demand_08_a_client_that_is_ended_leaves_no_provider_and_no_machine_without_a_word() {
    on_every_cli(|cli| side_by_side(cli, &[before_the_provider_is_connected, in_a_wait]));
}

#[test]
fn demand_08_a_create_call_of_twenty_seconds_is_awaited_whatever_ends_the_client() {
    let clis = Cli::all();
    thread::scope(|scope| {
        for cli in &clis {
            scope.spawn(move || side_by_side(cli, &[in_a_create_call]));
        }
    });
}
