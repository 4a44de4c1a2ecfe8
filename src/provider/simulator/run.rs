//! One run: an estate and its user, from a seed to a verdict.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use mock_cloud::Machine;
use serde_json::{Value as Json, json};

use crate::api::planted::{Bug, plant};
use crate::provider::simulator::books::{Directory, Sight, key, kind_of, things};
use crate::provider::simulator::client::Terraform;
use crate::provider::simulator::draws::{Draws, calm, options};
use crate::provider::simulator::mischief::Mischief;
use crate::provider::simulator::others;
use crate::provider::simulator::summary::{Failure, Summary};
use crate::provider::simulator::wishes::Wish;
use crate::provider::simulator::world::World;

/// Plays the run of a seed; one that fails is played once more, to tell its story.
pub(super) fn play(seed: u64, bug: Option<Bug>) -> Result<Summary, Box<Failure>> {
    play_told(seed, bug, false).or_else(|_| play_told(seed, bug, true))
}

/// Plays the run of a seed, and writes its story down if that is `told`.
pub(super) fn play_told(seed: u64, bug: Option<Bug>, told: bool) -> Result<Summary, Box<Failure>> {
    plant(bug);
    let mut run = Run::new(seed, told);
    let outcome = catch_unwind(AssertUnwindSafe(|| run.play()));
    let outcome = outcome.unwrap_or_else(|_| Err("something panicked".to_owned()));
    plant(None);
    let story = run.world.story();
    match outcome {
        Ok(()) => Ok(Summary { story, requests: run.world.requests().into(), ..run.summary }),
        Err(violation) => Err(Box::new(Failure { seed, violation, story })),
    }
}

/// No list lags for longer.
const LAG: Duration = Duration::from_secs(60);

/// Kinds of which nothing is known but by their list.
const LISTED_ONLY: [&str; 4] = ["registry_auth", "storage", "prewarm", "template"];

/// A run under way.
pub(super) struct Run {
    pub(super) rng: Rng,
    pub(super) draws: Draws,
    pub(super) world: Arc<World>,
    pub(super) client: Terraform,
    /// Who applies another directory of the same account.
    pub(super) neighbour: Option<Terraform>,
    /// Keys of what others have.
    pub(super) strangers: BTreeSet<String>,
    /// Addresses of what was imported. It is asked for no tools: whether a machine has some may never be
    /// told, so they are taken as configured, and may be found missing later.
    imported: BTreeSet<String>,
    summary: Summary,
}

/// A command that a user types.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Command {
    Apply,
    Refresh,
    Destroy,
}

impl Run {
    fn new(seed: u64, told: bool) -> Self {
        let mut rng = Rng::with_seed(!seed);
        let draws = Draws::new(&mut rng);
        let world = World::new(seed, options(&mut rng, &draws), told);
        world.tell(format_args!("{draws:?}"));
        world.cloud.skew_clock(draws.ahead, 0);
        world.cloud.with_novacloud(|it| {
            it.account.max_vms = 1000;
            it.account.max_hourly_spend = u64::MAX;
            it.unbounded_keys = true;
            it.nodes.iter_mut().for_each(|node| node.gpus = 1000);
        });
        let mut client = Terraform::new(Arc::clone(&world));
        client.settings = json!({
            "api_key": world.cloud.api_key(),
            "base_url": world.cloud.novita_url(),
            "novacloud_api_key": world.cloud.novacloud_api_key(),
            "novacloud_base_url": world.cloud.novacloud_url(),
            "request_timeout": "20s",
            "max_retries": rng.u32(0..4),
            "max_requests_per_minute": rng.choice([0, 0, 60, 200]),
        });
        client.forgets_failures = draws.forgets_failures;
        let neighbour = draws.has_neighbour.then(|| {
            let mut neighbour = Terraform::new(Arc::clone(&world));
            neighbour.settings.clone_from(&client.settings);
            others::neighbour(neighbour, &mut rng)
        });
        Self {
            strangers: world.cloud.companions().iter().map(|it| key(&it.id)).collect(),
            rng,
            draws,
            world,
            client,
            neighbour,
            imported: BTreeSet::new(),
            summary: Summary::default(),
        }
    }

    fn play(&mut self) -> Result<(), String> {
        for address in ["a", "b", "c", "d"].into_iter().take(self.rng.usize(1..5)) {
            self.client.wanted.insert(address.to_owned(), Wish::new(&mut self.rng));
        }
        for _ in 0..self.rng.usize(1..5) {
            self.world.pass(Duration::from_secs(self.rng.u64(0..600)));
            self.meddle();
            let command = match self.rng.u32(0..10) {
                0 => Command::Refresh,
                1 => Command::Destroy,
                _ => Command::Apply,
            };
            let mischief = self.mischief();
            self.choose_options();
            if mischief.is_quiet() {
                self.world.pass(LAG); // what happened before is told everywhere by now
            }
            let refreshes = self.client.refreshes;
            let good = self.command(command, mischief)?;
            self.client.refreshes = true;
            self.client.replace.borrow_mut().clear();
            let is_quiet = mischief.is_quiet() && !self.draws.has_hiccups() && refreshes && self.was_clean();
            if good && is_quiet && command == Command::Apply {
                self.is_settled()?;
                self.summary.quiet += 1;
            }
            self.change_wishes();
            self.change_neighbours_wishes();
        }
        self.world.cloud.with_style(calm);
        let ended = self.settle().and_then(|()| self.neighbour_leaves()).and_then(|()| self.end());
        self.sum_up();
        ended
    }

    fn sum_up(&mut self) {
        let Self { draws, client, summary, .. } = self;
        summary.deposed = client.deposed.get();
        summary.unruly = u64::from(!draws.platform.is_plain());
        summary.odd = u64::from(draws.is_odd);
        summary.forgetful = u64::from(draws.forgets_failures);
    }

    /// `-replace` and `-refresh=false`.
    fn choose_options(&mut self) {
        self.client.refreshes = self.rng.u32(0..8) > 0;
        let wanted: Vec<String> = self.client.wanted.keys().cloned().collect();
        if self.rng.u32(0..8) == 0 {
            self.client.replace.borrow_mut().extend(self.rng.choice(wanted));
        }
    }

    fn mischief(&mut self) -> Mischief {
        let per_mille = self.rng.choice([0, 20, 60, 150, 400]).unwrap_or_default();
        let mut at = |one_in| (self.rng.u32(0..one_in) == 0).then(|| self.rng.u32(1..40));
        Mischief {
            per_mille,
            passing_only: false,
            is_odd: self.draws.is_odd,
            kill_at: at(5),
            cancel_at: at(4),
        }
    }

    /// Types a command, and holds what it left against the books.
    fn command(&mut self, command: Command, mischief: Mischief) -> Result<bool, String> {
        self.world.tell(format_args!("{command:?} with {} ‰ troubles", mischief.per_mille));
        self.clients().for_each(|it| it.account.borrow_mut().told.clear());
        let client = &self.client;
        let outcome = match (command, &self.neighbour) {
            (Command::Apply, Some(neighbour)) => {
                self.summary.neighbours += 1;
                let both = async { tokio::join!(client.apply(), neighbour.apply()).0 };
                self.world.process(mischief, both)
            }
            (Command::Apply, None) => self.world.process(mischief, client.apply()),
            (Command::Refresh, _) => self.world.process(mischief, client.refresh()),
            (Command::Destroy, _) => self.world.process(mischief, client.destroy()),
        };
        if outcome.is_none() {
            self.world.tell(format_args!("killed"));
            self.summary.kills += 1;
        }
        let orphans = self.check(outcome.is_none())?;
        self.clear_up(orphans)?;
        Ok(outcome == Some(true))
    }

    fn check(&mut self, killed: bool) -> Result<Vec<Machine>, String> {
        let orphans = {
            let borrowed: Vec<_> =
                self.clients().map(|it| (it.state.borrow(), it.account.borrow())).collect();
            let sight = Sight {
                cloud: &self.world.cloud,
                directories: borrowed.iter().map(|(state, account)| Directory { state, account }).collect(),
                strangers: &self.strangers,
                killed,
            };
            sight.check()?
        };
        self.world.cloud.clear_log();
        for client in self.clients() {
            let mut account = client.account.borrow_mut();
            account.in_flight.clear();
            account.dropped.clear();
        }
        self.summary.creates = self.client.account.borrow().creates;
        Ok(orphans)
    }

    /// All who work on the account with a state.
    fn clients(&self) -> impl Iterator<Item = &Terraform> {
        std::iter::once(&self.client).chain(&self.neighbour)
    }

    /// Does what the messages advise: what is outside of the state is imported or removed.
    fn clear_up(&mut self, orphans: Vec<Machine>) -> Result<(), String> {
        for machine in orphans {
            self.summary.told += 1;
            if LISTED_ONLY.contains(&machine.kind.as_str()) {
                // A console has no other list: nobody can remove there what it does not show yet.
                self.world.pass(LAG);
            }
            let free = {
                let state = self.client.state.borrow();
                let fits = |(address, wish): &(&String, &Wish)| {
                    let free = !state.contains_key(*address) && wish.config["tools"].is_null();
                    free && kind_of(wish.type_name) == machine.kind
                };
                self.client.wanted.iter().find(fits).map(|(address, _)| address.clone())
            };
            let imported = match free {
                Some(address) if self.rng.bool() => {
                    let import = self.client.import(&address, &machine.id);
                    let imported = self.world.process(Mischief::default(), import) == Some(true);
                    self.imported.insert(address);
                    imported
                }
                _ => false,
            };
            self.world.tell(format_args!(
                "{} is {}",
                machine.id,
                if imported { "imported" } else { "removed by hand" }
            ));
            self.summary.imports += u64::from(imported);
            if !imported {
                self.remove(&machine.id);
            }
        }
        if let Some(fault) = self.client.account.borrow().faults.first() {
            return Err(fault.clone());
        }
        Ok(())
    }

    /// The user changes her mind.
    fn change_wishes(&mut self) {
        let addresses: Vec<String> = self.client.wanted.keys().cloned().collect();
        for address in addresses {
            match self.rng.u32(0..10) {
                0..3 => {
                    let prepaid = self.client.state.borrow().get(&address).is_some_and(|it| it.prepaid);
                    if let Some(wish) = self.client.wanted.get_mut(&address)
                        && !prepaid
                    {
                        wish.vary(&mut self.rng);
                        if self.imported.contains(&address)
                            && let Some(tools) = wish.config.get_mut("tools")
                        {
                            *tools = Json::Null;
                        }
                    }
                }
                3 => drop(self.client.wanted.remove(&address)),
                _ => {}
            }
        }
        if self.rng.u32(0..6) == 0 {
            let wish = Wish::new(&mut self.rng);
            self.client.wanted.insert(wish.address(&mut self.rng), wish);
        }
    }

    fn has_prepaid(&self) -> bool {
        self.client.state.borrow().values().any(|it| it.prepaid)
    }

    /// With all well again, an apply gets everything as wanted, and a plan after it is empty.
    fn settle(&mut self) -> Result<(), String> {
        for wish in self.client.wanted.values_mut() {
            wish.config["timeouts"] = json!({"create": "3h", "update": "3h"});
        }
        self.client.account.borrow_mut().unchanged.clear();
        for attempt in 0..5 {
            self.world.pass(Duration::from_secs(300));
            if attempt > 2 {
                // What is broken and cannot be changed is replaced: an image that is never pulled.
                self.client.taint_unchanged();
            }
            let good =
                self.command(Command::Apply, Mischief::default())? || self.follow_advice(Command::Apply)?;
            if good && self.was_clean() {
                self.summary.settled += 1;
                return self.is_settled();
            }
        }
        if self.has_prepaid() {
            return Ok(()); // it cannot be replaced before its term ends
        }
        Err("with all well again, an apply still fails".to_owned())
    }

    /// Does what the refusals of a command advise, and types it again if one did; whether that went well.
    fn follow_advice(&mut self, command: Command) -> Result<bool, String> {
        let told = self.client.account.borrow().told.join("\n");
        if told.contains("ignore_deletion_protection") && self.client.has_unreachable() {
            self.summary.ignored += 1;
            self.client.settings["ignore_deletion_protection"] = json!(true);
            let good = self.command(command, Mischief::default());
            self.client.settings["ignore_deletion_protection"] = Json::Null;
            return good;
        }
        if told.contains("Deletion protection forbids") {
            self.summary.lifted += 1;
            self.lift_protection()?;
            return self.command(command, Mischief::default());
        }
        if command == Command::Destroy && told.contains("-refresh=false") {
            self.client.refreshes = false;
            let good = self.command(command, Mischief::default());
            self.client.refreshes = true;
            return good;
        }
        Ok(false)
    }

    /// Lifts the deletion protection by an apply of its own: all else is as it was applied before.
    fn lift_protection(&mut self) -> Result<(), String> {
        let lifted = |(address, wish): (&String, &Wish)| {
            let mut wish = wish.clone();
            if wish.is_protectable() {
                wish.config["deletion_protection"] = json!(false);
            }
            (address.clone(), wish)
        };
        let as_wanted = self.client.wanted.iter().map(lifted).collect();
        self.client.wanted = {
            let (state, applied) = (self.client.state.borrow(), self.client.applied.borrow());
            applied.iter().filter(|(address, _)| state.contains_key(*address)).map(lifted).collect()
        };
        self.command(Command::Apply, Mischief::default())?;
        self.client.wanted = as_wanted;
        Ok(())
    }

    /// Whether the last apply, which went well, has also told that all is as wanted: what was taken over may be
    /// smaller, what rests in a status that nobody knows is taken as it is, and what is not ready in time is a warning
    /// for a client that would forget it.
    fn was_clean(&self) -> bool {
        let unfinished = [" was taken over", "has a status that is not known", "It is in the state as it is"];
        let account = self.client.account.borrow();
        !account.told.iter().any(|told| unfinished.iter().any(|it| told.contains(it)))
    }

    fn is_settled(&self) -> Result<(), String> {
        let plan = self.world.process(Mischief::default(), self.client.plan()).flatten();
        match plan {
            Some(plan) if plan.is_empty() => Ok(()),
            Some(plan) => Err(format!("a plan after an apply is not empty: {plan:?}")),
            None => Err("a plan after an apply fails".to_owned()),
        }
    }

    /// A destroy leaves nothing, but for what the cloud does not let go of.
    fn end(&mut self) -> Result<(), String> {
        for _ in 0..3 {
            if self.command(Command::Destroy, Mischief::default())? || self.follow_advice(Command::Destroy)? {
                break;
            }
        }
        let state = self.client.state.borrow();
        let left: Vec<_> = things(&self.world.cloud)
            .into_iter()
            .filter(|it| !self.strangers.contains(&key(&it.id)))
            .collect();
        let excused =
            |it: &&Machine| state.values().any(|object| key(&object.id) == key(&it.id) && object.prepaid);
        match left.iter().find(|it| !excused(it)) {
            Some(machine) => Err(format!("a destroy leaves {machine:?}")),
            None if state.values().all(|it| it.prepaid) => Ok(()),
            None => Err("a destroy leaves something in the state".to_owned()),
        }
    }
}
