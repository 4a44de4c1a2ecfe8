//! The invariants: what the mock's books say against the state and what the user was told.

use std::collections::{BTreeMap, BTreeSet};

use mock_cloud::{Machine, MockCloud, Request};

use crate::provider::simulator::client::{Account, Object};
use crate::provider::simulator::wishes::Wish;

/// Statuses of what is going and cannot be kept: a state need not hold it any more.
const LEAVING: [&str; 7] =
    ["toRemove", "removing", "removed", "terminating", "deleting", "destroying", "destroyed"];

/// What a command left, to be held against the books.
pub(super) struct Sight<'s> {
    pub(super) cloud: &'s MockCloud,
    pub(super) state: &'s BTreeMap<String, Object>,
    pub(super) account: &'s Account,
    /// Machines that somebody else made.
    pub(super) strangers: &'s BTreeSet<String>,
    pub(super) killed: bool,
}

impl Sight<'_> {
    /// What is not as it must be, the first of it; else the machines that are alive outside of the state,
    /// all of which the user was told of, or which a kill excuses.
    pub(super) fn check(&self) -> Result<Vec<Machine>, String> {
        if let Some(fault) = self.account.faults.first() {
            return Err(fault.clone());
        }
        self.made_at_most_once()?;
        self.destroyed_as_planned()?;
        self.dropped_only_what_is_gone()?;
        self.left_strangers_alone()?;
        self.forgot_nothing()
    }

    fn made_at_most_once(&self) -> Result<(), String> {
        let (made, wanted) = (self.cloud.created_count(), self.account.creates);
        if made > wanted {
            return Err(format!("{made} machines were made for {wanted} creations"));
        }
        Ok(())
    }

    fn destroyed_as_planned(&self) -> Result<(), String> {
        let requests = self.cloud.requests();
        let destroyed = requests.iter().filter_map(destroyed_id);
        match destroyed.into_iter().find(|it| !self.account.deleted.contains(it)) {
            Some(id) => Err(format!("{id} was destroyed, and no plan said so")),
            None => Ok(()),
        }
    }

    fn dropped_only_what_is_gone(&self) -> Result<(), String> {
        let alive = self.cloud.alive();
        let stays = |it: &&Machine| !LEAVING.contains(&it.status.as_str());
        match alive.iter().filter(stays).find(|it| self.account.dropped.contains(&it.id)) {
            Some(it) => Err(format!("{} ({}) was taken for gone and is {}", it.id, it.kind, it.status)),
            None => Ok(()),
        }
    }

    fn left_strangers_alone(&self) -> Result<(), String> {
        match self.state.values().find(|it| self.strangers.contains(&it.id)) {
            Some(it) => Err(format!("{} is somebody else's and was taken over", it.id)),
            None => Ok(()),
        }
    }

    fn forgot_nothing(&self) -> Result<Vec<Machine>, String> {
        let kept: BTreeSet<&str> = self.state.values().map(|it| it.id.as_str()).collect();
        let mut in_flight: Vec<&Wish> = match self.killed {
            true => self.account.in_flight.values().collect(),
            false => Vec::new(),
        };
        let mut orphans = Vec::new();
        for machine in self.cloud.alive() {
            let known = kept.contains(machine.id.as_str()) || self.strangers.contains(&machine.id);
            if known || LEAVING.contains(&machine.status.as_str()) {
                continue;
            }
            let excuse = in_flight.iter().position(|it| could_be(&machine, it));
            match (self.was_told(&machine), excuse) {
                (true, _) => {}
                (false, Some(index)) => drop(in_flight.remove(index)),
                (false, None) => return Err(format!("{machine:?} is alive, and nobody was told")),
            }
            orphans.push(machine);
        }
        Ok(orphans)
    }

    /// Whether the user was told of a machine: by its id, by its name, or by its shape where it has no
    /// name.
    fn was_told(&self, machine: &Machine) -> bool {
        let shape = self.cloud.vm(&machine.id).map(|it| {
            let number = |name: &str| it[name].as_u64().unwrap_or_default();
            let text = |name: &str| it[name].as_str().unwrap_or_default().to_owned();
            format!(
                "with `node` {}, `gpu_type` {}, `gpu_count` {}, `storage_gb` {}",
                text("node"),
                text("gpu_type"),
                number("gpu_count"),
                number("storage_gb")
            )
        });
        let told = |words: &str| self.account.told.iter().any(|it| it.contains(words));
        told(&machine.id)
            || (!machine.name.is_empty() && told(&format!("{:?}", machine.name)))
            || shape.is_some_and(|it| told(&it))
    }
}

/// Whether a machine can be what an unheard creation made. What has no name of the user's has one by which
/// it is found; VMs have none at all.
fn could_be(machine: &Machine, wish: &Wish) -> bool {
    let named = match wish.name() {
        Some(name) => machine.name == name,
        None => machine.kind == "vm" || machine.name.starts_with("tf-"),
    };
    kind_of(wish.type_name) == machine.kind && named
}

/// The mock's word for what a resource makes.
pub(super) fn kind_of(type_name: &str) -> &'static str {
    match type_name {
        "novita_gpu_instance" => "gpu",
        "novita_cpu_instance" => "cpu",
        "novita_endpoint" => "endpoint",
        _ => "vm",
    }
}

/// What a request asks to destroy.
fn destroyed_id(request: &Request) -> Option<String> {
    let body = |name: &str| request.body.as_ref()?[name].as_str().map(str::to_owned);
    match (request.method.as_str(), request.path.as_str()) {
        ("DELETE", path) => path.rsplit('/').next().map(str::to_owned),
        ("POST", path) if path.ends_with("/gpu/instance/delete") => body("instanceId"),
        ("POST", path) if path.ends_with("/endpoint/delete") => body("id"),
        _ => None,
    }
}
