//! Rules about calls as such: size, parallel calls, calls that are given up, missing values.

use futures_util::future::join_all;
use mock_cloud::{Effect, When};
use serde_json::{Value, json};

use super::faults::get;
use super::said::{said, text_of};
use super::subject::{GPU, STORED, SUBJECTS};
use super::world::World;
use crate::launch::within;
use crate::proto::tfplugin6::{
    apply_resource_change, plan_resource_change, read_resource, validate_provider_config,
    validate_resource_config,
};

#[tokio::test]
async fn g3_a_value_of_20_mib_is_accepted_and_sent_back() {
    let world = World::start().await;
    let long = "x".repeat(20 << 20);
    let request =
        validate_provider_config::Request { config: Some(world.block.encode(&json!({"api_key": long}))) };
    let answer = within(world.client().validate_provider_config(request)).await.unwrap().into_inner();
    assert_eq!(said(&answer.diagnostics), []);
    let resource = world.of(&GPU);
    let state = resource.shape.complete(&json!({"id": "i-1", "command": long}));
    assert!(resource.upgrade(resource.shape.version, &state).await.object().state == state);
}

#[tokio::test]
async fn g5_a_hundred_calls_run_at_once_and_none_blocks_another() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        let object = resource.create(&(subject.least)()).await;
        world.cloud.clear_log();
        world.fault(get(subject).with(Effect::Hang(When::Before)).times(50));
        let reads = join_all((0..50).map(|_| resource.read(&object)));
        let others = async {
            world.until(subject.get, 50).await;
            let config = (subject.least)();
            let plans = join_all((0..25).map(|_| resource.plan(&config, Some(&object))));
            let checks = join_all((0..25).map(|_| resource.validate(&config)));
            let (plans, checks) = tokio::join!(plans, checks);
            world.cloud.release();
            (plans, checks)
        };
        let (reads, (plans, checks)) = tokio::join!(reads, others);
        assert!(plans.iter().all(super::Planned::is_empty) && checks.iter().all(Vec::is_empty));
        assert!(reads.into_iter().all(|it| it.object() == object));
    }
}

#[tokio::test]
async fn g6_a_create_whose_call_is_given_up_is_finished_and_not_repeated() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        world.fault(subject.create.with(Effect::Hang(When::After)));
        let plan = resource.plan(&(subject.least)(), None).await.accepted();
        let (mut client, request) = (world.client(), resource.apply_request(&plan));
        let call = tokio::spawn(async move { client.apply_resource_change(request).await.map(drop) });
        world.until(subject.create, 1).await;
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        world.cloud.release();
        // Each look moves the machine one step, so it runs only if somebody goes on looking.
        let mut looks = world.count(subject.get);
        while world.cloud.alive().first().is_none_or(|it| it.status != subject.statuses.1) {
            looks += 1;
            world.until(subject.get, looks).await;
        }
        assert_eq!((world.count(subject.create), world.cloud.created_count()), (1, 1));
        let found = resource.imported(&world.cloud.alive()[0].id).await;
        assert_eq!(found.state["status"], subject.statuses.1);
        assert_eq!(world.count(subject.create), 1);
        let stderr = world.shut_down().await.stderr;
        super::logs::check_untold(&stderr, found.id());
    }
}

#[tokio::test]
async fn g9_a_missing_value_is_read_as_null() {
    let world = World::start().await;
    for subject in SUBJECTS.iter().chain(STORED) {
        let type_name = || subject.type_name.to_owned();
        let request = validate_resource_config::Request { type_name: type_name(), ..Default::default() };
        let answer = within(world.client().validate_resource_config(request)).await.unwrap().into_inner();
        // What the API does not return may be left out of what is imported, so that only a creation's plan tells.
        let is_told = said(&answer.diagnostics).iter().any(|it| it.is_error);
        assert_eq!(is_told, subject.type_name != "novacloud_ssh_key", "what is required is missing");
        // Null everywhere: something that is not is to stay so.
        let request = plan_resource_change::Request { type_name: type_name(), ..Default::default() };
        let answer = within(world.client().plan_resource_change(request)).await.unwrap().into_inner();
        let planned = world.shape(subject.type_name).decode(answer.planned_state.as_ref());
        assert_eq!((planned, said(&answer.diagnostics)), (Value::Null, vec![]));
        let request = read_resource::Request { type_name: type_name(), ..Default::default() };
        let answer = within(world.client().read_resource(request)).await.unwrap().into_inner();
        assert_eq!(world.shape(subject.type_name).decode(answer.new_state.as_ref()), Value::Null);
        let request = apply_resource_change::Request { type_name: type_name(), ..Default::default() };
        let answer = within(world.client().apply_resource_change(request)).await.unwrap().into_inner();
        assert_eq!(world.shape(subject.type_name).decode(answer.new_state.as_ref()), Value::Null);
    }
    assert_eq!(world.changes(), []);
}

#[tokio::test]
async fn g10_words_of_the_api_that_are_no_text_arrive_as_text() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let message = "no \u{0} such \u{7f} \u{202e} image ✗".to_owned();
        let effect = Effect::Status { code: 400, reason: "VALIDATOR_PARAM".to_owned(), message };
        world.fault(subject.create.with(effect));
        let answer = world.of(subject).try_create(&(subject.least)()).await;
        assert!(answer.nothing_but_an_error().contains("image ✗"), "{}", text_of(&answer.said));
    }
}

#[tokio::test]
async fn g8_operations_before_the_configuration_are_errors() {
    let world = World::unconfigured(super::world::cloud_options(), crate::options::Options::default()).await;
    for subject in SUBJECTS.iter().chain(STORED) {
        let resource = world.of(subject);
        let answer = resource.try_create(&(subject.least)()).await;
        assert!(answer.nothing_but_an_error().contains("not configured"));
    }
}
