//! Faults that concern a machine or an endpoint: what they do to it.

use super::ending::Ending;
use super::instance::status;
use super::{Novita, endpoint};
use crate::answer::Call;
use crate::faults::Effect;

impl Novita {
    /// What the effects do to the machine or endpoint that a call names.
    pub(super) fn effects_before(&mut self, call: &Call, effects: &[Effect], now: u64) {
        let Some(id) = named(call) else { return };
        for effect in effects {
            match effect {
                Effect::VanishInstance => {
                    self.instances.retain(|it| it.id != id);
                    self.endpoints.retain(|it| it.id != id);
                }
                Effect::EnterStatus(status) => {
                    self.set_status(id, status);
                }
                Effect::SpotReclaim => {
                    self.end(id, Ending::Spot, now);
                }
                _ => {}
            }
        }
    }

    /// Effects on what a create call has just made.
    pub(super) fn effects_on_created(&mut self, call: &Call, effects: &[Effect]) {
        match call.path.as_str() {
            "/gpu/instance/create" => self.effects_on_instance(effects),
            "/endpoint/create" => self.effects_on_endpoint(effects),
            _ => {}
        }
    }

    fn effects_on_instance(&mut self, effects: &[Effect]) {
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

    fn effects_on_endpoint(&mut self, effects: &[Effect]) {
        let Some(endpoint) = self.endpoints.last_mut() else { return };
        for effect in effects {
            match effect {
                Effect::NotFoundJustAfterCreate { reads } => endpoint.hidden_reads = *reads,
                Effect::ListLag { reads } => endpoint.unlisted_reads = *reads,
                Effect::StatusError { message, status } => {
                    endpoint.start_error.clone_from(message);
                    let state = status.clone().unwrap_or_else(|| endpoint::status::FAILED.to_owned());
                    endpoint.start_error_state = state;
                }
                _ => {}
            }
        }
    }
}

/// The identifier of the machine or endpoint that a call names.
fn named(call: &Call) -> Option<&str> {
    let names: &[&str] = match call.path.as_str() {
        "/endpoint/delete" => &["name", "id"],
        path if path.starts_with("/endpoint") => &["id"],
        _ => &["instanceId"],
    };
    names.iter().find_map(|name| call.parameter(name).or_else(|| call.body[name].as_str()))
}
