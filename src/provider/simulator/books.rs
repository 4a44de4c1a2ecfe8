//! The invariants: what the mock's books say against the state and what the user was told.

use std::collections::{BTreeMap, BTreeSet};

use mock_cloud::{Machine, MockCloud, Request};

use crate::provider::simulator::client::{Account, Object};
use crate::provider::simulator::wishes::Wish;

/// Statuses of what is going and cannot be kept: a state need not hold it any more.
const LEAVING: [&str; 7] =
    ["toRemove", "removing", "removed", "terminating", "deleting", "destroying", "destroyed"];

/// A client's directory: what a command left in it.
pub(super) struct Directory<'s> {
    pub(super) state: &'s BTreeMap<String, Object>,
    pub(super) account: &'s Account,
}

/// What a command left, to be held against the books.
pub(super) struct Sight<'s> {
    pub(super) cloud: &'s MockCloud,
    /// Of all who work on the account at the same time.
    pub(super) directories: Vec<Directory<'s>>,
    /// Keys of what somebody else made.
    pub(super) strangers: &'s BTreeSet<String>,
    pub(super) killed: bool,
}

impl Sight<'_> {
    /// What is not as it must be, the first of it; else what is alive outside of the states, all of which the
    /// user was told of, or which a kill excuses.
    pub(super) fn check(&self) -> Result<Vec<Machine>, String> {
        if let Some(fault) = self.directories.iter().find_map(|it| it.account.faults.first()) {
            return Err(fault.clone());
        }
        self.made_at_most_once()?;
        self.destroyed_as_planned()?;
        self.dropped_only_what_is_gone()?;
        self.left_strangers_alone()?;
        self.is_in_one_state()?;
        self.forgot_nothing()
    }

    fn made_at_most_once(&self) -> Result<(), String> {
        let made = self.cloud.created_count() + self.cloud.created_companions();
        let wanted: u64 = self.directories.iter().map(|it| it.account.creates).sum();
        if made > wanted {
            return Err(format!("{made} things were made for {wanted} creations"));
        }
        Ok(())
    }

    fn destroyed_as_planned(&self) -> Result<(), String> {
        let requests = self.cloud.requests();
        let is_planned =
            |id: &String| self.directories.iter().any(|it| it.account.deleted.contains(&key(id)));
        match requests.iter().filter_map(destroyed_id).find(|it| !is_planned(it)) {
            Some(id) => Err(format!("{id} was destroyed, and no plan said so")),
            None => Ok(()),
        }
    }

    fn dropped_only_what_is_gone(&self) -> Result<(), String> {
        let things = things(self.cloud);
        let stays = |it: &&Machine| !LEAVING.contains(&it.status.as_str());
        let was_dropped =
            |it: &&Machine| self.directories.iter().any(|at| at.account.dropped.contains(&key(&it.id)));
        match things.iter().filter(stays).find(was_dropped) {
            Some(it) => Err(format!("{} ({}) was taken for gone and is {:?}", it.id, it.kind, it.status)),
            None => Ok(()),
        }
    }

    fn left_strangers_alone(&self) -> Result<(), String> {
        match self.kept().find(|it| self.strangers.contains(it)) {
            Some(it) => Err(format!("{it} is somebody else's and was taken over")),
            None => Ok(()),
        }
    }

    fn is_in_one_state(&self) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        match self.kept().find(|it| !seen.insert(it.clone())) {
            Some(it) => Err(format!("{it} is in the state twice, or in two states")),
            None => Ok(()),
        }
    }

    /// Keys of what is in a state.
    fn kept(&self) -> impl Iterator<Item = String> {
        self.directories.iter().flat_map(|it| it.state.values()).map(|it| key(&it.id))
    }

    fn forgot_nothing(&self) -> Result<Vec<Machine>, String> {
        let kept: BTreeSet<String> = self.kept().collect();
        let mut in_flight: Vec<&Wish> = match self.killed {
            true => self.directories.iter().flat_map(|it| it.account.in_flight.values()).collect(),
            false => Vec::new(),
        };
        let mut orphans = Vec::new();
        for thing in things(self.cloud) {
            let known = kept.contains(&key(&thing.id)) || self.strangers.contains(&key(&thing.id));
            if known || LEAVING.contains(&thing.status.as_str()) {
                continue;
            }
            let excuse = in_flight.iter().position(|it| could_be(&thing, it));
            match (self.was_told(&thing), excuse) {
                (true, _) => {}
                (false, Some(index)) => drop(in_flight.remove(index)),
                (false, None) => return Err(format!("{thing:?} is alive, and nobody was told")),
            }
            orphans.push(thing);
        }
        Ok(orphans)
    }

    /// Whether the user was told of a thing: by its id, by its name, or by its shape where it has no name.
    fn was_told(&self, thing: &Machine) -> bool {
        let shape = self.cloud.vm(&thing.id).map(|it| {
            let number = |name: &str| it[name].as_u64().unwrap_or_default();
            let text = |name: &str| it[name].as_str().unwrap_or_default().to_owned();
            // The mock may have made the disk larger, and nobody asked for that.
            format!(
                "with `node` {}, `gpu_type` {}, `gpu_count` {}",
                text("node"),
                text("gpu_type"),
                number("gpu_count"),
            )
        });
        let told = |words: &str| {
            let mut heard = self.directories.iter().flat_map(|it| &it.account.told);
            heard.any(|it| it.contains(words) || key(it).contains(&key(words)))
        };
        // These have no name either: an image, and a fingerprint.
        let mark = match thing.kind.as_str() {
            "prewarm" => Some(format!("`image_url` {}", thing.name)),
            "ssh_key" => Some(format!("`fingerprint` {}", thing.name)),
            _ => None,
        };
        told(&thing.id)
            || mark.is_some_and(|it| told(&it))
            || (!thing.name.is_empty() && told(&format!("{:?}", thing.name)))
            || shape.is_some_and(|it| told(&it))
    }
}

/// By what an id is known: the platform may show it in other case than its answer to the creation told it.
pub(super) fn key(id: &str) -> String {
    id.to_ascii_lowercase()
}

/// All that is there: machines, and what stands beside them.
pub(super) fn things(cloud: &MockCloud) -> Vec<Machine> {
    cloud.alive().into_iter().chain(cloud.companions()).collect()
}

/// Whether a thing can be what an unheard creation made. What has no name of the user's has one by which it is
/// found; VMs have none at all.
fn could_be(thing: &Machine, wish: &Wish) -> bool {
    let named = match (wish.name(), thing.kind.as_str()) {
        (Some(name), _) => thing.name == name,
        (None, "prewarm") => wish.config["image_url"] == thing.name.as_str(),
        (None, kind) => ["vm", "ssh_key"].contains(&kind) || thing.name.starts_with("tf-"),
    };
    kind_of(wish.type_name) == thing.kind && named
}

/// The mock's word for what a resource makes.
pub(super) fn kind_of(type_name: &str) -> &'static str {
    match type_name {
        "novita_gpu_instance" => "gpu",
        "novita_cpu_instance" => "cpu",
        "novita_endpoint" => "endpoint",
        "novita_network_storage" => "storage",
        "novita_network" => "network",
        "novita_registry_auth" => "registry_auth",
        "novita_template" => "template",
        "novita_image_prewarm" => "prewarm",
        "novacloud_ssh_key" => "ssh_key",
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
        ("POST", path) if path.ends_with("/networkstorage/delete") => body("storageId"),
        ("POST", path) if path.ends_with("/network/delete") => body("networkId"),
        ("POST", path) if path.ends_with("/repository/auth/delete") => body("id"),
        ("POST", path) if path.ends_with("/template/delete") => body("templateId"),
        ("POST", path) if path.ends_with("/image/prewarm/delete") => {
            request.body.as_ref()?["ids"][0].as_str().map(str::to_owned)
        }
        _ => None,
    }
}
