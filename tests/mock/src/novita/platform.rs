//! What this platform does of its own accord around every call: see `style` for the switches.

use super::Novita;
use super::endpoint::{Endpoint, EndpointLimit};
use super::instance::Instance;
use super::prewarm::Prewarm;
use super::seed::{Network, RegistryAuth, Storage};
use super::template::Template;
use crate::answer::{Answer, Call, Refusal, Result};
use crate::faults::Effect;
use crate::novita::catalogue::contains;
use crate::style::{Listed, Shape, Switch, reshape};

/// Everything that a call can change.
pub(super) struct Saved {
    instances: Vec<Instance>,
    endpoints: Vec<Endpoint>,
    storages: Vec<Storage>,
    templates: Vec<Template>,
    networks: Vec<Network>,
    registry_auths: Vec<RegistryAuth>,
    prewarms: Vec<Prewarm>,
    created: super::Created,
}

impl Listed for Instance {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Endpoint {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Storage {
    fn id(&self) -> &str {
        &self.storage_id
    }
}

impl Listed for Network {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for RegistryAuth {
    fn id(&self) -> &str {
        &self.id
    }
}

/// The calls that rent nothing and only tell what there is.
const CATALOGUE: [&str; 4] = ["/products", "/cpu/products", "/clusters", "/endpoint/limit"];

/// Tries of a create that a sleeping serverless cluster refuses.
const SLEEPS_FOR: u32 = 2;

impl Novita {
    /// Remembers the books for lists that lag.
    pub(super) fn note(&mut self, now: u64) {
        self.past_instances.note(&self.platform, now, &self.instances);
        self.past_endpoints.note(&self.platform, now, &self.endpoints);
        self.past_storages.note(&self.platform, now, &self.storages);
        self.past_networks.note(&self.platform, now, &self.networks);
        self.past_auths.note(&self.platform, now, &self.registry_auths);
        self.past_prewarms.note(&self.platform, now, &self.prewarms);
    }

    /// The call with ids as the books spell them, where the platform shows them in other case.
    pub(super) fn with_own_spelling(&self, call: &Call) -> Call {
        if self.platform.odds(Switch::IdsInOtherCase).is_none() {
            return call.clone();
        }
        let instances = self.instances.iter().map(Listed::id);
        let endpoints = self.endpoints.iter().map(Listed::id);
        let storages = self.storages.iter().map(Listed::id);
        let auths = self.registry_auths.iter().map(Listed::id).chain(self.prewarms.iter().map(Listed::id));
        call.with_ids(&instances.chain(endpoints).chain(storages).chain(auths).collect::<Vec<_>>())
    }

    /// What is kept aside when the call is to have no effect.
    pub(super) fn aside_if_ignored(&mut self, call: &Call, effects: &[Effect]) -> Option<Saved> {
        let ignored = effects.iter().any(|it| matches!(it, Effect::Ignored(_))) || self.ignores_first(call);
        ignored.then(|| Saved {
            instances: self.instances.clone(),
            endpoints: self.endpoints.clone(),
            storages: self.storages.clone(),
            templates: self.templates.clone(),
            networks: self.networks.clone(),
            registry_auths: self.registry_auths.clone(),
            prewarms: self.prewarms.clone(),
            created: self.created,
        })
    }

    pub(super) fn restore(&mut self, saved: Saved) {
        let Saved { instances, endpoints, storages, networks, registry_auths, prewarms, templates, created } =
            saved;
        (self.instances, self.endpoints, self.storages) = (instances, endpoints, storages);
        (self.networks, self.registry_auths, self.prewarms) = (networks, registry_auths, prewarms);
        self.templates = templates;
        self.created = created;
    }

    /// Whether this is the first such action on the thing, and the platform ignores those.
    fn ignores_first(&mut self, call: &Call) -> bool {
        let action = ["/delete", "/stop", "/start"].iter().any(|it| call.path.ends_with(it));
        let name = ["instanceId", "storageId", "templateId", "networkId", "name", "id"];
        let id = name.iter().find_map(|it| call.body[it].as_str().filter(|it| !it.is_empty()));
        let Some(id) = id.filter(|_| action) else { return false };
        self.platform.holds(Switch::FirstActionIgnored, id)
            && self.ignored.insert(format!("{} {id}", call.path))
    }

    /// Refuses page 0 where the platform does, and its first page is another one.
    pub(super) fn check_page(&self, call: &Call) -> Result<()> {
        if self.style.first_page == 0 {
            return Ok(());
        }
        let zero = ["pageNum", "pageNo", "page"].into_iter().find(|it| call.number(it) == Some(0));
        match zero.filter(|_| self.platform.holds(Switch::Page0Refused, &call.path)) {
            Some(name) => Err(Refusal::field(name, "must be at least 1")),
            None => Ok(()),
        }
    }

    /// The number of items that a list says there are.
    pub(super) fn total(&self, call: &Call, items: usize, on_page: usize) -> usize {
        if !self.platform.holds(Switch::TotalWrong, &call.path) {
            return items;
        }
        self.platform.pick(Switch::TotalWrong, &call.path, on_page, &[0, 1])
    }

    /// The API's search: part of the text in any case, or less than that.
    pub(super) fn matches(&self, call: &Call, name: &str, text: &str) -> bool {
        let part = call.parameter(name);
        let short = || part.map(|it| it.chars().take(2).collect::<String>());
        let fuzzy = self.platform.holds(Switch::FiltersFuzzy, &call.path);
        contains(text, if fuzzy { short() } else { part.map(str::to_owned) }.as_deref())
    }

    /// The bounds for endpoints as they are now.
    pub(super) fn limits(&self) -> EndpointLimit {
        if self.platform.holds(Switch::LoweredLimits, "/endpoint/limit") {
            self.endpoint_limit.lowered()
        } else {
            self.endpoint_limit.clone()
        }
    }

    /// Refuses a create while the serverless cluster sleeps; each try wakes it a little.
    pub(super) fn check_awake(&mut self) -> Result<()> {
        let sleeps = self.endpoints.is_empty() && self.platform.holds(Switch::ServerlessSleeps, "");
        if !sleeps || self.wake_ups >= SLEEPS_FOR {
            self.wake_ups = 0;
            return Ok(());
        }
        self.wake_ups += 1;
        Err(Refusal::new(400, "CLUSTER_STATUS", "serverless cluster is not active"))
    }

    /// The answer as this platform writes it.
    pub(super) fn reshaped(&self, call: &Call, answer: Answer) -> Answer {
        let shape = match (call.method.as_str(), call.path.as_str()) {
            ("GET", "/gpu/instance") => Shape::Object("instance"),
            ("GET", "/endpoint") => Shape::Object("endpoint"),
            ("POST", "/gpu/instance/create") => Shape::Created("instance"),
            ("POST", "/endpoint/create") => Shape::Created("endpoint"),
            ("POST", "/networkstorage/create") => Shape::Created("storage"),
            ("POST", "/repository/auth/save") => Shape::Created("auth"),
            ("POST", "/image/prewarm") => Shape::Created("prewarm"),
            (
                "GET",
                "/gpu/instances"
                | "/endpoints"
                | "/networkstorages/list"
                | "/networks"
                | "/templates"
                | "/repository/auths"
                | "/image/prewarm",
            ) => Shape::List,
            ("GET", path) if CATALOGUE.contains(&path) => Shape::Catalogue,
            _ => return answer,
        };
        reshape(&self.platform, shape, &call.path, answer)
    }

    /// What the message says about something that is gone.
    pub(super) fn gone_message<'a>(&self, usual: &'a str) -> &'a str {
        if self.platform.holds(Switch::GoneForThisUser, "") {
            "not found for this user: the API key's team has no such node"
        } else {
            usual
        }
    }
}
