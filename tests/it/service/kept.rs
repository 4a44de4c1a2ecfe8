//! The id first: once a create call has made something, it is in the state, whatever happens afterwards.

use mock_cloud::{Effect, When};
use serde_json::{Value, json};

use super::resource::{Answer, Resource};
use super::said::text_of;
use super::subject::{ENDPOINT, SUBJECTS, Subject};
use super::world::{World, patched};

/// What was made is in the state with all that the plan knew, and the user is told that it exists, that it
/// costs money, and how to keep and how to remove it.
#[track_caller]
fn kept(resource: &Resource<'_>, config: &Value, answer: &Answer) {
    let alive = resource.world.cloud.alive();
    let [machine] = &alive[..] else { panic!("one was made, not {alive:?}") };
    assert_eq!(answer.state["id"], json!(machine.id));
    let is_power = |name: &str| name == "desired_status"; // which is what it is, not what it is to become
    for (name, value) in config.as_object().unwrap().iter().filter(|(name, _)| !is_power(name)) {
        assert!(holds(&answer.state[name], value), "{name} is {}", answer.state[name]);
    }
    let error = answer.error();
    for words in [machine.id.as_str(), "exists and costs money", "terraform untaint", "terraform destroy"] {
        assert!(error.contains(words), "{words}: {error}");
    }
}

/// Whether a state has all that was configured; it may have more.
fn holds(state: &Value, config: &Value) -> bool {
    match (state, config) {
        (Value::Object(state), Value::Object(config)) => {
            config.iter().all(|(name, it)| state.get(name).is_some_and(|state| holds(state, it)))
        }
        (Value::Array(state), Value::Array(config)) => {
            config.iter().all(|it| state.iter().any(|state| holds(state, it)))
        }
        _ => state == config,
    }
}

/// Once all is well again, the state is enough to go on with the machine (what `untaint` is for), and to
/// remove it.
async fn can_be_kept_and_removed(resource: &Resource<'_>, config: &Value, answer: Answer) {
    let world = resource.world;
    world.cloud.faults().clear();
    world.cloud.release();
    let ready = async {
        loop {
            let read = resource.read(&answer.clone().left()).await.object();
            if read.state["status"] == resource.subject.statuses.1 {
                return read;
            }
            world.cloud.advance(std::time::Duration::from_secs(1));
        }
    };
    let read = crate::launch::within(ready).await;
    let plan = resource.plan(config, Some(&read)).await.accepted();
    assert_eq!(plan.replace, Vec::<String>::new());
    assert!(plan.is_empty(), "{:?}", plan.changed());
    let gone = world.passing(resource.destroy(&read)).await;
    assert_eq!((gone.state, text_of(&gone.said)), (Value::Null, String::new()));
    assert!(world.cloud.alive().is_empty());
}

#[tokio::test]
async fn demand_06_a_machine_that_fails_while_it_is_waited_for_is_in_the_state() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        world.fault(subject.create.with(subject.failing("manifest unknown")));
        let config = (subject.full)();
        let answer = resource.try_create(&config).await;
        kept(&resource, &config, &answer);
        assert_eq!(resource.destroy(&answer.left()).await.state, Value::Null);
    }
}

#[tokio::test]
async fn demand_06_a_create_whose_later_answers_are_of_no_use_is_in_the_state() {
    let answers = [
        Effect::Garbage,
        Effect::Http5xx { code: 502, html: true },
        Effect::Status { code: 401, reason: "UNAUTHORIZED".to_owned(), message: "no".to_owned() },
        Effect::Status { code: 403, reason: "FORBIDDEN".to_owned(), message: "no".to_owned() },
    ];
    for subject in SUBJECTS {
        for effect in answers.clone() {
            let world = World::start().await;
            let resource = world.of(subject);
            world.impatient_with(&effect).await;
            // No failed look ends a wait, so its time is short.
            let config = resource.least(&json!({"timeouts": {"create": "4s"}}));
            let plan = resource.plan(&config, None).await.accepted();
            let spoil = async {
                world.until(subject.create, 1).await;
                for path in looks(subject) {
                    world.fault(mock_cloud::Fault::new("GET", path, effect.clone()).always());
                }
                world.cloud.release();
            };
            world.fault(subject.create.with(Effect::Hang(When::After)));
            let (answer, ()) = tokio::join!(resource.apply(&plan), spoil);
            kept(&resource, &config, &answer);
            can_be_kept_and_removed(&resource, &config, answer).await;
        }
    }
}

/// The calls that look at one, and at all.
fn looks(subject: &Subject) -> [&'static str; 2] {
    match subject.type_name {
        "novita_endpoint" => ["/endpoint", "/endpoints"],
        "novacloud_vm" => ["/vms/*", "/novacloud/vms"],
        _ => ["/gpu/instance", "/gpu/instances"],
    }
}

#[tokio::test]
async fn demand_06_a_step_that_is_refused_after_the_create_call_leaves_the_machine_in_the_state() {
    for subject in SUBJECTS.iter().filter(|it| it.type_name != ENDPOINT.type_name) {
        let world = World::start().await;
        let resource = world.of(subject);
        let refusal =
            Effect::Status { code: 400, reason: "NOT_NOW".to_owned(), message: "own words".to_owned() };
        world.fault(super::subject::Call("POST", "/stop").with(refusal).always());
        let config = resource.least(&json!({"desired_status": "stopped"}));
        let answer = resource.try_create(&config).await;
        kept(&resource, &config, &answer);
        assert!(answer.error().contains("own words"), "{}", answer.error());
        assert_eq!(answer.state["status"], subject.statuses.1, "the truth, not the plan");
        let running = resource.least(&json!({"desired_status": "running"}));
        can_be_kept_and_removed(&resource, &running, answer).await;
    }
}

#[tokio::test]
async fn demand_07_a_machine_that_is_merely_slow_is_kept_by_one_command() {
    for subject in SUBJECTS {
        let world = World::standing_still().await;
        let resource = world.of(subject);
        let config = resource.least(&json!({"timeouts": {"create": "1s"}}));
        let answer = resource.try_create(&config).await;
        kept(&resource, &config, &answer);
        assert!(answer.error().contains("Timed out"), "{}", answer.error());
        assert_eq!(world.changes().len(), 1, "nothing but the create call was made");
        can_be_kept_and_removed(&resource, &config, answer).await;
    }
}

#[tokio::test]
async fn demand_07_a_machine_that_is_not_waited_for_cannot_fail_for_being_slow() {
    for subject in SUBJECTS {
        let world = World::standing_still().await;
        let resource = world.of(subject);
        let change = json!({"wait_for_ready": false, "timeouts": {"create": "1s"}});
        let config = patched(&(subject.least)(), &change);
        let object = resource.create(&config).await;
        assert_eq!(object.id(), world.cloud.alive()[0].id);
        let read = resource.read(&object).await.object();
        assert_eq!(read.state["status"], subject.statuses.0);
        resource.assert_nothing_to_do(&config, &read).await;
    }
}
