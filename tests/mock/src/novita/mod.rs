//! Novita AI: its state, and which function answers which call.
//!
//! Each area of the API has a module of its own that adds functions to [`Novita`]; a new area adds its
//! file, its paths to the description, and its lines to `route`. Written from the API document alone.

mod books;
pub mod catalogue;
pub mod instance;
pub mod seed;
pub mod style;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::answer::{Answer, Call, Refusal, Result};
use crate::clock::Time;
use crate::core::Vendor;
use crate::faults::Effect;
use crate::openapi::Description;
use catalogue::{Cluster, CpuProduct, Product};
use instance::{Instance, status};
use seed::{Network, RegistryAuth, Storage};
use style::{Actions, AnswerStyle, Gone, Pace};

/// Where the API begins on the mock's server.
pub const PREFIX: &str = "/gpu-instance/openapi/v1";

/// The description of the calls, as text.
pub const OPENAPI: &str = include_str!("../../novita.openapi.json");

/// The description, compiled once for a process.
#[expect(clippy::expect_used, reason = "the text is part of the program and parsed by every test")]
static DESCRIPTION: LazyLock<Description> =
    LazyLock::new(|| Description::parse(OPENAPI).expect("novita.openapi.json is usable"));

/// Everything that this vendor knows. Tests may change the public parts at any time.
#[derive(Debug)]
pub struct Novita {
    /// GPU products.
    pub products: Vec<Product>,
    /// CPU products.
    pub cpu_products: Vec<CpuProduct>,
    /// Clusters.
    pub clusters: Vec<Cluster>,
    /// Network storages that instances can mount.
    pub storages: Vec<Storage>,
    /// Private networks that instances can join.
    pub networks: Vec<Network>,
    /// Saved registry credentials.
    pub registry_auths: Vec<RegistryAuth>,
    /// How loosely answers are written.
    pub style: AnswerStyle,
    /// How long each status lasts.
    pub pace: Pace,
    /// Instances in the order they were made.
    pub(crate) instances: Vec<Instance>,
    pub(crate) created: u64,
    api_key: String,
    ids: u64,
}

impl Novita {
    /// A cloud with the default catalogue and no instances.
    pub(crate) fn new(api_key: &str) -> Self {
        Self {
            products: seed::products(),
            cpu_products: seed::cpu_products(),
            clusters: seed::clusters(),
            storages: seed::storages(),
            networks: seed::networks(),
            registry_auths: seed::registry_auths(),
            style: AnswerStyle::default(),
            pace: Pace::default(),
            instances: Vec::new(),
            created: 0,
            api_key: api_key.to_owned(),
            ids: 0,
        }
    }

    /// The description that requests are checked against.
    pub fn description() -> &'static Description {
        &DESCRIPTION
    }

    fn route(&mut self, call: &Call, time: &mut Time) -> Result<Answer> {
        match (call.method.as_str(), call.path.as_str()) {
            ("POST", "/gpu/instance/create") => self.create(&call.body, time.now()),
            ("GET", "/gpu/instance") => Ok(self.get(call, time)),
            ("GET", "/gpu/instances") => Ok(self.list(call, time)),
            ("POST", "/gpu/instance/start") => self.start(&call.body),
            ("POST", "/gpu/instance/stop") => self.stop(&call.body),
            ("POST", "/gpu/instance/restart") => self.restart(&call.body),
            ("POST", "/gpu/instance/delete") => self.delete(&call.body),
            ("POST", "/gpu/instance/migrate") => self.migrate(&call.body),
            ("POST", "/gpu/instance/edit") => self.edit(&call.body),
            ("POST", "/gpu/instance/upgrade") => self.upgrade(&call.body),
            ("POST", "/gpu/instance/renewInstance") => self.renew(&call.body),
            ("POST", "/gpu/instance/transToMonthlyInstance") => {
                self.change_to_monthly(&call.body, time.now())
            }
            ("POST", "/gpu/instance/setAutoRenew") => self.set_auto_renew(&call.body),
            ("POST", "/gpu/instance/setAutoMigrate") => self.set_auto_migrate(&call.body),
            ("GET", "/products") => Ok(self.list_products(call)),
            ("GET", "/cpu/products") => Ok(self.list_cpu_products(call)),
            ("GET", "/clusters") => Ok(self.list_clusters()),
            _ => Err(Refusal::new(404, "API_NOT_FOUND", "there is no such call")),
        }
    }

    /// The machine that a call names, whether it exists or not.
    fn named(&mut self, call: &Call) -> Option<&mut Instance> {
        let id = call.parameter("instanceId").or_else(|| call.body["instanceId"].as_str())?;
        self.instances.iter_mut().find(|it| it.id == id)
    }

    fn effects_before(&mut self, call: &Call, effects: &[Effect], now: u64) {
        for effect in effects {
            let Some(instance) = self.named(call) else { return };
            match effect {
                Effect::VanishInstance => {
                    let id = instance.id.clone();
                    self.instances.retain(|it| it.id != id);
                }
                Effect::SpotReclaim => instance.reclaim(now),
                _ => {}
            }
        }
    }

    /// Effects on the machine that a create call has just made.
    fn effects_on_created(&mut self, effects: &[Effect]) {
        let Some(instance) = self.instances.last_mut() else { return };
        for effect in effects {
            match effect {
                Effect::NotFoundJustAfterCreate { reads } => instance.hidden_reads = *reads,
                Effect::ListLag { reads } => instance.unlisted_reads = *reads,
                Effect::StatusError { message, status } => {
                    instance.pull_error.clone_from(message);
                    instance.pull_error_status = status.clone().unwrap_or_else(|| status::PULLING.to_owned());
                }
                _ => {}
            }
        }
    }

    /// An answer to an action, in one of the forms that were seen.
    pub(crate) fn done(&self, id: &str, state: &str, usual: Actions) -> Answer {
        let form = if self.style.actions == Actions::Mixed { usual } else { self.style.actions };
        match form {
            Actions::Empty => Answer::empty(),
            Actions::Small => Answer::json(200, &json!({"instanceId": id, "state": state})),
            Actions::Mixed | Actions::Object => Answer::json(200, &json!({})),
        }
    }

    /// The answer of a get call for something that is not there.
    pub(crate) fn gone(&self, reason: &str, message: &str) -> Answer {
        match self.style.gone {
            Gone::Reason => self.refuse(&Refusal::new(400, reason, message)),
            Gone::Http404 => self.refuse(&Refusal::new(404, reason, message)),
            Gone::EmptyObject => Answer::json(200, &json!({})),
            Gone::Null => Answer::json(200, &Value::Null),
        }
    }

    /// A new identifier: looks random, is the same in every run.
    pub(crate) fn new_id(&mut self) -> String {
        self.ids += 1;
        let mut mixed = self.ids.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        format!("{:016x}", mixed ^ (mixed >> 31))
    }
}

impl Vendor for Novita {
    fn api_key(&self) -> &str {
        &self.api_key
    }

    fn description(&self) -> &'static Description {
        &DESCRIPTION
    }

    fn refuse(&self, refusal: &Refusal) -> Answer {
        let mut body = json!({"message": refusal.message});
        if !self.style.errors_without_reason {
            body["code"] = json!(refusal.code);
            body["reason"] = json!(refusal.reason);
            body["metadata"] = json!({});
        }
        Answer::json(refusal.code, &body)
    }

    fn out_of_stock(&self) -> Refusal {
        Refusal::new(400, "INSUFFICIENT_RESOURCE", "there is no free hardware of this kind at the moment")
    }

    fn step(&mut self, now: u64) {
        for instance in &mut self.instances {
            instance.step(&self.pace, now);
        }
        self.instances.retain(|it| !it.is_forgotten());
    }

    fn perform(&mut self, call: &Call, effects: &[Effect], time: &mut Time) -> Result<Answer> {
        self.effects_before(call, effects, time.now());
        self.style.unknown_status = effects.iter().find_map(|it| match it {
            Effect::UnknownStatus(status) => Some(status.clone()),
            _ => None,
        });
        let answer = self.route(call, time)?;
        if call.path == "/gpu/instance/create" {
            self.effects_on_created(effects);
        }
        Ok(answer)
    }
}
