//! Nova Cloud: its state, and which function answers which call.
//!
//! Written from the API document alone. What is `[assumed]` there is assumed here too: the routes of
//! start, stop, restart and destroy, the lists, and the status codes of refusals.

mod account;
mod books;
pub mod catalogue;
mod seed;
pub mod ssh_keys;
pub mod style;
#[cfg(test)]
mod tests;
mod times;
pub mod vm;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::answer::{Answer, Call, Incoming, Refusal, Result};
use crate::clock::Time;
use crate::core::Vendor;
use crate::faults::{Effect, JUST_AFTER_CREATE};
use crate::ids::Ids;
use crate::novita::ending::Ending;
use crate::openapi::{Description, Problem};
use crate::style::{Listed, Past, Shape, Style, Switch, reshape};
use crate::walk::Pace;
pub use account::{Account, ApiKey, Scope};
use catalogue::Node;
use ssh_keys::SshKey;
use style::AnswerStyle;
use vm::{Vm, status};

/// Where the API begins on the mock's server; the service itself has no prefix.
pub const PREFIX: &str = "/novacloud";

/// The description of the calls, as text.
pub const OPENAPI: &str = include_str!("../../novacloud.openapi.json");

/// The description, compiled once for a process.
#[expect(clippy::expect_used, reason = "the text is part of the program and parsed by every test")]
static DESCRIPTION: LazyLock<Description> =
    LazyLock::new(|| Description::parse(OPENAPI).expect("novacloud.openapi.json is usable"));

/// Everything that this vendor knows. Tests may change the public parts at any time.
#[derive(Debug)]
pub struct NovaCloud {
    /// Who rents, and how much.
    pub account: Account,
    /// Keys that requests may carry.
    pub api_keys: Vec<ApiKey>,
    /// SSH keys of the account, oldest first.
    pub ssh_keys: Vec<SshKey>,
    /// Whether an account may have more than five keys, and one several times: for tests that make many.
    pub unbounded_keys: bool,
    /// Nodes that VMs can be made on.
    pub nodes: Vec<Node>,
    /// Added to every price after each read of the offers, in 1/1000000 USD an hour.
    pub price_step: i64,
    /// What answers look like.
    pub style: AnswerStyle,
    /// What the platform does of its own accord.
    pub platform: Style,
    /// How long each status lasts.
    pub pace: Pace,
    /// VMs in the order they were made.
    pub(crate) vms: Vec<Vm>,
    pub(crate) created: u64,
    pub(crate) created_keys: u64,
    past: Past<Vm>,
    /// Method, path and id of actions that were ignored once.
    ignored: BTreeSet<String>,
    ids: Ids,
}

impl NovaCloud {
    /// A cloud with the default nodes, one SSH key and no VMs. Of the three keys, one for each scope,
    /// the one given may do everything.
    pub(crate) fn new(api_key: &str) -> Self {
        Self {
            account: Account::default(),
            api_keys: account::keys(api_key),
            ssh_keys: seed::ssh_keys(),
            unbounded_keys: false,
            nodes: seed::nodes(),
            price_step: 0,
            style: AnswerStyle::default(),
            platform: Style::default(),
            pace: Pace::default(),
            vms: Vec::new(),
            created: 0,
            created_keys: 0,
            past: Past::default(),
            ignored: BTreeSet::new(),
            ids: Ids::from(1 << 32),
        }
    }

    /// The description that requests are checked against.
    pub fn description() -> &'static Description {
        &DESCRIPTION
    }

    fn route(&mut self, call: &Call, time: &mut Time) -> Result<Answer> {
        let segments: Vec<&str> = call.path.split('/').skip(1).collect();
        match (call.method.as_str(), segments.as_slice()) {
            ("POST", ["vms"]) => self.create_vm(&call.body, time.now()),
            ("GET", ["vms"]) => Ok(self.list_vms(call, time)),
            ("GET", ["vms", id]) => self.get_vm(id, time),
            ("DELETE", ["vms", id]) => self.destroy_vm(id),
            ("POST", ["vms", id, "start"]) => self.start_vm(id),
            ("POST", ["vms", id, "stop"]) => self.stop_vm(id),
            ("POST", ["vms", id, "restart"]) => self.restart_vm(id),
            ("POST", ["ssh-keys"]) => self.upload_ssh_key(&call.body, time.now()),
            ("GET", ["ssh-keys"]) => Ok(self.list_ssh_keys(call)),
            ("GET", ["ssh-keys", id]) => self.get_ssh_key(id),
            ("DELETE", ["ssh-keys", id]) => self.delete_ssh_key(id),
            ("GET", ["search"]) => Ok(self.search()),
            ("GET", ["pricing"]) => Ok(self.pricing()),
            ("POST", ["reservations", "calculate"]) => self.calculate_reservation(&call.body),
            ("GET", ["auth", "me"]) => Ok(self.show_account()),
            ("GET", ["billing", "current-spend"]) => Ok(self.show_spend(time.now())),
            _ => Err(not_found("Not Found")),
        }
    }

    /// The call with ids as the books spell them, where the platform shows them in other case.
    fn with_own_spelling(&self, call: &Call) -> Call {
        if self.platform.odds(Switch::IdsInOtherCase).is_none() {
            return call.clone();
        }
        let keys = self.ssh_keys.iter().map(|it| it.id.as_str());
        call.with_ids(&self.vms.iter().map(Listed::id).chain(keys).collect::<Vec<_>>())
    }

    /// Whether the call is accepted and nothing happens.
    fn ignores(&mut self, call: &Call, effects: &[Effect]) -> bool {
        let action = call.method == "DELETE" || ["/start", "/stop"].iter().any(|it| call.path.ends_with(it));
        let id = call.path.split('/').nth(2).unwrap_or_default();
        effects.iter().any(|it| matches!(it, Effect::Ignored(_)))
            || action
                && self.platform.holds(Switch::FirstActionIgnored, id)
                && self.ignored.insert(format!("{} {}", call.method, call.path))
    }

    /// The answer as this platform writes it.
    fn reshaped(&self, call: &Call, answer: Answer) -> Answer {
        let shape = match (call.method.as_str(), call.path.as_str()) {
            ("POST", "/vms") => Shape::Created("vm"),
            ("GET", "/vms" | "/ssh-keys") => Shape::List,
            ("GET", "/search" | "/pricing" | "/auth/me") => Shape::Catalogue,
            ("GET", path) if path.starts_with("/vms/") => Shape::Object("vm"),
            _ => return answer,
        };
        reshape(&self.platform, shape, &call.path, answer)
    }

    /// Lets a VM go; false when it is not in the books.
    pub(crate) fn end(&mut self, id: &str, ending: Ending, now: u64) -> bool {
        let status = match ending {
            Ending::Arrears => status::STOPPED,
            Ending::Term => status::DESTROYED,
            Ending::Spot => status::INTERRUPTED,
        };
        self.set_status(id, status, now)
    }

    /// What the effects do to the VM that a call names.
    fn effects_before(&mut self, call: &Call, effects: &[Effect], now: u64) {
        let Some(id) = call.path.strip_prefix("/vms/").and_then(|it| it.split('/').next()) else { return };
        for effect in effects {
            match effect {
                Effect::VanishInstance => self.vms.retain(|it| it.id != id),
                Effect::EnterStatus(status) => {
                    self.set_status(id, status, now);
                }
                Effect::SpotReclaim => {
                    self.end(id, Ending::Spot, now);
                }
                _ => {}
            }
        }
    }

    /// Effects on the VM that a create call has just made.
    fn effects_on_created(&mut self, effects: &[Effect]) {
        let Some(vm) = self.vms.last_mut() else { return };
        for effect in effects {
            match effect {
                Effect::NotFoundJustAfterCreate { reads } => vm.hidden_reads = *reads,
                Effect::ListLag { reads } => vm.unlisted_reads = *reads,
                Effect::StatusError { status, .. } => {
                    vm.fails_as = status.clone().unwrap_or_else(|| status::FAILED.to_owned());
                }
                _ => {}
            }
        }
    }
}

impl Vendor for NovaCloud {
    fn authorize(&self, incoming: &Incoming, path: &str) -> Result<()> {
        self.check_key(incoming, path)
    }

    fn description(&self) -> &'static Description {
        &DESCRIPTION
    }

    /// A text, or for wrong fields a list of them. The name of the reason has no place in this API.
    fn refuse(&self, refusal: &Refusal) -> Answer {
        if refusal.problems.is_empty() {
            return Answer::json(refusal.code, &json!({"detail": refusal.message}));
        }
        let list: Vec<Value> = refusal.problems.iter().map(show_problem).collect();
        Answer::json(422, &json!({"detail": list}))
    }

    fn out_of_stock(&self) -> Refusal {
        Refusal::new(400, "", "No GPU of this kind is available on the node at the moment")
    }

    fn not_found(&self, _path: &str) -> Answer {
        self.refuse(&vm::unknown(&self.platform))
    }

    fn step(&mut self, now: u64) {
        for vm in &mut self.vms {
            vm.step(&self.pace, &self.style, now);
            if now >= vm.created_at + JUST_AFTER_CREATE {
                (vm.hidden_reads, vm.unlisted_reads) = (0, 0);
            }
        }
        self.vms.retain(|it| !it.is_forgotten());
        self.past.note(&self.platform, now, &self.vms);
    }

    fn perform(&mut self, call: &Call, effects: &[Effect], time: &mut Time) -> Result<Answer> {
        let call = &self.with_own_spelling(call);
        self.effects_before(call, effects, time.now());
        self.style.unknown_status = effects.iter().find_map(|it| match it {
            Effect::UnknownStatus(status) => Some(status.clone()),
            _ => None,
        });
        self.past.note(&self.platform, time.now(), &self.vms);
        let aside = self
            .ignores(call, effects)
            .then(|| (self.vms.clone(), self.created, self.ssh_keys.clone(), self.created_keys));
        let answer = self.route(call, time)?;
        if let Some(aside) = aside {
            (self.vms, self.created, self.ssh_keys, self.created_keys) = aside;
        } else if call.method == "POST" && call.path == "/vms" {
            self.effects_on_created(effects);
        }
        self.past.note(&self.platform, time.now(), &self.vms);
        Ok(self.reshaped(call, answer))
    }
}

/// `{"loc":["body","storage_gb"],"msg":…,"type":…}`, as the framework of this service writes it.
fn show_problem(problem: &Problem) -> Value {
    let names = problem.field.split(['.', '[', ']']).filter(|it| !it.is_empty());
    let mut location = vec![json!(problem.place)];
    location.extend(names.map(|it| it.parse::<u64>().map_or_else(|_| json!(it), |at| json!(at))));
    json!({"loc": location, "msg": problem.text, "type": problem.kind})
}

fn not_found(text: &str) -> Refusal {
    Refusal::new(404, "", text)
}

fn refused(text: &str) -> Refusal {
    Refusal::new(400, "", text)
}

/// A page of what is there: `limit` from `offset` on.
fn page<'a, T>(platform: &Style, call: &Call, items: &[&'a T]) -> Vec<&'a T> {
    let whole = |it: u64| usize::try_from(it).unwrap_or(usize::MAX);
    let (limit, mut offset) = (call.number("limit").unwrap_or(50), call.number("offset").unwrap_or(0));
    if platform.holds(Switch::PagesRepeat, &call.path) {
        let last = u64::try_from(items.len()).unwrap_or(u64::MAX).saturating_sub(1);
        offset = offset.min(last / limit.max(1) * limit);
    }
    items.iter().skip(whole(offset)).take(whole(limit)).copied().collect()
}
