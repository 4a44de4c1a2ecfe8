//! One run: an estate and its user, from a seed to a verdict.

use std::collections::BTreeSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use mock_cloud::{AnswerStyle, Machine, Options, Pace};
use serde_json::{Value as Json, json};

use crate::provider::simulator::books::{Sight, kind_of};
use crate::provider::simulator::client::Terraform;
use crate::provider::simulator::mischief::Mischief;
use crate::provider::simulator::wishes::Wish;
use crate::provider::simulator::world::{Bug, World};

/// What runs add up to.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pub(super) story: Vec<String>,
    requests: u64,
    creates: u64,
    kills: u64,
    told: u64,
    imports: u64,
    settled: u64,
    deposed: u64,
    lifted: u64,
    ignored: u64,
}

impl Summary {
    pub(super) fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.creates += other.creates;
        self.kills += other.kills;
        self.told += other.told;
        self.imports += other.imports;
        self.settled += other.settled;
        self.deposed += other.deposed;
        self.lifted += other.lifted;
        self.ignored += other.ignored;
    }

    /// Whether what the runs are about happened in them.
    pub(super) fn is_eventful(&self) -> bool {
        let machines = [self.creates, self.kills, self.told, self.imports, self.settled];
        let protected = [self.deposed, self.lifted, self.ignored];
        machines.iter().chain(&protected).all(|it| *it > 0)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} requests, {} creations, {} kills, {} machines outside of the state of which the user was told, {} of \
             them imported, {} settled estates, {} deposed machines, {} times protection lifted and {} times ignored",
            self.requests,
            self.creates,
            self.kills,
            self.told,
            self.imports,
            self.settled,
            self.deposed,
            self.lifted,
            self.ignored
        )
    }
}

/// A run that broke an invariant.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) seed: u64,
    pub(super) violation: String,
    pub(super) story: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, violation, story } = self;
        writeln!(out, "seed {seed}: {violation}")?;
        writeln!(out, "play it again: SIMULATOR_SEED={seed} cargo test --lib simulator -- --nocapture")?;
        story.iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}

/// Plays the run of a seed; one that fails is played once more, to tell its story.
pub(super) fn play(seed: u64, bug: Option<Bug>) -> Result<Summary, Box<Failure>> {
    play_told(seed, bug, false).or_else(|_| play_told(seed, bug, true))
}

/// Plays the run of a seed, and writes its story down if that is `told`.
pub(super) fn play_told(seed: u64, bug: Option<Bug>, told: bool) -> Result<Summary, Box<Failure>> {
    let mut run = Run::new(seed, bug, told);
    let outcome = catch_unwind(AssertUnwindSafe(|| run.play()));
    let outcome = outcome.unwrap_or_else(|_| Err("something panicked".to_owned()));
    let story = run.world.story();
    match outcome {
        Ok(()) => Ok(Summary { story, requests: run.world.requests().into(), ..run.summary }),
        Err(violation) => Err(Box::new(Failure { seed, violation, story })),
    }
}

struct Run {
    rng: Rng,
    world: Arc<World>,
    client: Terraform,
    strangers: BTreeSet<String>,
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
    fn new(seed: u64, bug: Option<Bug>, told: bool) -> Self {
        let mut rng = Rng::with_seed(!seed);
        let world = World::new(seed, options(&mut rng), bug, told);
        world.cloud.with_novacloud(|it| {
            it.account.max_vms = 1000;
            it.account.max_hourly_spend = u64::MAX;
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
        Self {
            rng,
            world,
            client,
            strangers: BTreeSet::new(),
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
            self.command(command, mischief)?;
            self.client.refreshes = true;
            self.client.replace.borrow_mut().clear();
            self.change_wishes();
        }
        let settled = self.settle().and_then(|()| self.end());
        self.summary.deposed = self.client.deposed.get();
        settled
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
        Mischief { per_mille, passing_only: false, kill_at: at(5), cancel_at: at(4) }
    }

    /// Types a command, and holds what it left against the books.
    fn command(&mut self, command: Command, mischief: Mischief) -> Result<bool, String> {
        self.world.tell(format_args!("{command:?} with {} ‰ troubles", mischief.per_mille));
        self.client.account.borrow_mut().told.clear();
        let client = &self.client;
        let outcome = match command {
            Command::Apply => self.world.process(mischief, client.apply()),
            Command::Refresh => self.world.process(mischief, client.refresh()),
            Command::Destroy => self.world.process(mischief, client.destroy()),
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
            let (state, account) = (self.client.state.borrow(), self.client.account.borrow());
            let sight = Sight {
                cloud: &self.world.cloud,
                state: &state,
                account: &account,
                strangers: &self.strangers,
                killed,
            };
            sight.check()?
        };
        self.world.cloud.clear_log();
        let mut account = self.client.account.borrow_mut();
        account.in_flight.clear();
        account.dropped.clear();
        self.summary.creates = account.creates;
        Ok(orphans)
    }

    /// Does what the messages advise: what is outside of the state is imported or removed.
    fn clear_up(&mut self, orphans: Vec<Machine>) -> Result<(), String> {
        for machine in orphans {
            self.summary.told += 1;
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

    fn remove(&self, id: &str) {
        let cloud = &self.world.cloud;
        let _ = cloud.remove_instance(id) || cloud.remove_endpoint(id) || cloud.remove_vm(id);
    }

    /// What others do between two commands.
    fn meddle(&mut self) {
        let ids: Vec<String> = self.client.state.borrow().values().map(|it| it.id.clone()).collect();
        let addresses: Vec<String> = self.client.state.borrow().keys().cloned().collect();
        if let (0, Some(address)) = (self.rng.u32(0..12), self.rng.choice(addresses)) {
            self.client.taint(&address, self.rng.bool());
        }
        match (self.rng.u32(0..8), self.rng.choice(ids)) {
            (0, Some(id)) => {
                self.world.tell(format_args!("{id} vanishes"));
                self.remove(&id);
            }
            (1, Some(id)) => {
                self.world.tell(format_args!("{id} is stopped by somebody"));
                let is_vm = self.world.cloud.vm(&id).is_some();
                if is_vm || self.world.cloud.instance(&id).is_some() {
                    self.world.cloud.set_status(&id, if is_vm { "stopped" } else { "exited" });
                }
            }
            (2 | 3, _) => self.stranger(),
            _ => {}
        }
    }

    /// Somebody else makes what somebody here may want too.
    fn stranger(&mut self) {
        let cloud = &self.world.cloud;
        let name = self.rng.choice(["alpha", "beta"]).unwrap_or("alpha");
        let instance = json!({
            "kind": "gpu", "name": name, "productId": "4090.16c62g", "imageUrl": "docker.io/acme/trainer:1",
            "createdAt": cloud.now(),
        });
        let vm = json!({"node": "vm02", "gpu_type": "5090", "gpu_count": 1, "storage_gb": 100});
        let made = match self.rng.u32(0..3) {
            0 => cloud.seed_instance(instance),
            1 => cloud.seed_endpoint(json!({"name": name})),
            _ => cloud.seed_vm(vm),
        };
        let id = made.expect("a record that fits");
        self.world.tell(format_args!("somebody makes {id}"));
        self.strangers.insert(id);
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
            let address = format!("e{}", self.rng.u32(0..1000));
            self.client.wanted.insert(address, Wish::new(&mut self.rng));
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
            if self.command(Command::Apply, Mischief::default())? || self.follow_advice(Command::Apply)? {
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
            wish.config["deletion_protection"] = json!(false);
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
        let alive = self.world.cloud.alive();
        let left: Vec<_> = alive.iter().filter(|it| !self.strangers.contains(&it.id)).collect();
        let excused = |it: &&&Machine| state.values().any(|object| object.id == it.id && object.prepaid);
        match left.iter().find(|it| !excused(it)) {
            Some(machine) => Err(format!("a destroy leaves {machine:?}")),
            None if state.values().all(|it| it.prepaid) => Ok(()),
            None => Err("a destroy leaves something in the state".to_owned()),
        }
    }
}

fn options(rng: &mut Rng) -> Options {
    let mut pace = Pace::default();
    for status in
        ["pending", "toCreate", "creating", "pulling", "starting", "initializing", "updating", "removing"]
    {
        pace.set(status, rng.u32(0..40));
    }
    if rng.u32(0..10) == 0 {
        pace.set("pulling", rng.u32(100..4000));
    }
    let style = if rng.u32(0..4) == 0 { AnswerStyle::loosest() } else { AnswerStyle::default() };
    Options { pace, style, ..Options::default() }
}
