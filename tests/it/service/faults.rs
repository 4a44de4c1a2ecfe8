//! Faults told apart: what a user reads of each, and what is in the state afterwards.
//!
//! One test for each fault, over every resource that can meet it. Which refusal means what is tested in
//! the unit tests of the API's error mapping; here it has gone all the way.

mod access;
mod ended;
mod gone;
mod refused;
mod stock;

use mock_cloud::Effect;
use serde_json::Value;

use super::resource::{Answer, Resource};
use super::said::Said;
use super::subject::{Call, Subject};

const START_INSTANCE: Call = Call("POST", "/gpu/instance/start");
const START_VM: Call = Call("POST", "/start");
/// Every call on one VM itself; its create and the list are others.
const GET_VM: Call = Call("GET", "/vms/*");

fn status(code: u16, reason: &str, message: &str) -> Effect {
    Effect::Status { code, reason: reason.to_owned(), message: message.to_owned() }
}

fn is_novita(subject: &Subject) -> bool {
    subject.key.0 == "api_key"
}

fn vendor(subject: &Subject) -> &'static str {
    if is_novita(subject) { "Novita AI" } else { "Nova Cloud" }
}

/// What messages call it.
fn thing(subject: &Subject) -> &'static str {
    match subject.type_name {
        "novita_endpoint" => "endpoint",
        "novacloud_vm" => "VM",
        _ => "instance",
    }
}

/// The call that reads one, and not the list.
pub(super) fn get(subject: &Subject) -> Call {
    if is_novita(subject) { subject.get } else { GET_VM }
}

/// The one error has this summary, and these words in its detail.
#[track_caller]
fn check(said: &[Said], summary: &str, words: &[&str]) {
    let errors: Vec<_> = said.iter().filter(|it| it.is_error).collect();
    let [error] = errors[..] else { panic!("one error is expected: {said:#?}") };
    assert_eq!(error.summary, summary, "{}", error.detail);
    let missing: Vec<_> = words.iter().filter(|it| !error.detail.contains(**it)).collect();
    assert!(missing.is_empty(), "{missing:?} is missing: {}", error.detail);
}

/// The create is refused: it was sent once, nothing was created and nothing is in the state.
async fn check_create(resource: &Resource<'_>, config: &Value, summary: &str, words: &[&str]) -> Answer {
    let world = resource.world;
    world.cloud.clear_log();
    let before = world.cloud.created_count();
    let answer = resource.try_create(config).await;
    check(&answer.said, summary, words);
    assert_eq!(answer.state, Value::Null);
    assert_eq!((world.count(resource.subject.create), world.cloud.created_count()), (1, before));
    answer
}
