//! Other refusals: money, quotas, throttling, a wrong state, prepaid and protected machines.

use mock_cloud::Effect;
use serde_json::{Value, json};

use super::{START_INSTANCE, START_VM, check, check_create, get, is_novita, status, thing, vendor};
use crate::service::resource::{Answer, Planned, Resource};
use crate::service::subject::{CPU, ENDPOINT, GPU, SUBJECTS, Subject, VM};
use crate::service::world::World;

/// A refusal by both vendors, each in its own form.
struct Refusal {
    novita: (u16, &'static str),
    novacloud: (u16, &'static str),
}

impl Refusal {
    fn of(&self, subject: &Subject) -> Effect {
        match is_novita(subject) {
            true => status(self.novita.0, self.novita.1, "the API's own words"),
            false => status(self.novacloud.0, "", self.novacloud.1),
        }
    }
}

/// Each subject's create meets this refusal.
async fn check_creates(refusal: &Refusal, ending: &str, words: &[&str]) {
    for subject in SUBJECTS {
        let world = World::start().await;
        world.fault(subject.create.with(refusal.of(subject)));
        let summary = format!("Could not create the {}: {ending}", thing(subject));
        let nothing = format!("No {} was created", thing(subject));
        let words = [words, &[&nothing, vendor(subject)]].concat();
        check_create(&world.of(subject), &(subject.least)(), &summary, &words).await;
    }
}

#[tokio::test]
async fn no_balance_is_told() {
    let refusal = Refusal {
        novita: (400, "BALANCE_NOT_ENOUGH"),
        novacloud: (400, "Insufficient balance. Required: $9.00, Available: $1.00"),
    };
    check_creates(&refusal, "not enough balance", &["Top up the account"]).await;
}

#[tokio::test]
async fn a_used_up_budget_is_told() {
    for subject in SUBJECTS.iter().filter(|it| is_novita(it)) {
        let world = World::start().await;
        world.fault(subject.create.with(status(403, "NOT_ENOUGH_BUDGET", "no")));
        let summary = format!("Could not create the {}: budget used up", thing(subject));
        check_create(&world.of(subject), &(subject.least)(), &summary, &["team's budget"]).await;
    }
}

#[tokio::test]
async fn a_quota_is_told() {
    let refusal =
        Refusal { novita: (400, "CREATE_INSTANCE_LIMIT"), novacloud: (400, "VM limit reached: 3 of 3") };
    check_creates(&refusal, "quota exceeded", &["limit of the account", "waiting does not help"]).await;
}

#[tokio::test]
async fn demand_09_throttling_is_told_and_a_throttled_creation_may_be_a_quota() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        let object = resource.created(&json!({})).await;
        let throttled = Effect::Http429 { retry_after: Some("1000".to_owned()) };
        world.fault(get(subject).with(throttled.clone()).always());
        let read = resource.read(&object).await;
        let summary = format!("Could not read the {}: too many requests", thing(subject));
        check(&read.said, &summary, &["`max_requests_per_minute`"]);
        assert_eq!(read.left(), object);
        world.fault(subject.create.with(throttled).always());
        let answer = resource.try_create(&(subject.least)()).await;
        let summary = format!("Could not create the {}: too many requests", thing(subject));
        check(&answer.said, &summary, &["quota can be the cause", "`max_requests_per_minute`"]);
        assert_eq!((answer.state, world.cloud.created_count()), (Value::Null, 1));
    }
}

#[tokio::test]
async fn a_wrong_state_is_told_after_a_second_look() {
    for (subject, start) in [(&GPU, START_INSTANCE), (&CPU, START_INSTANCE), (&VM, START_VM)] {
        let world = World::start().await;
        let resource = world.of(subject);
        let stopped = resource.created(&json!({"desired_status": "stopped"})).await;
        let config = resource.least(&json!({"desired_status": "running"}));
        let plan = resource.plan(&config, Some(&stopped)).await.accepted();
        world.fault(start.with(status(400, "", "Invalid state change: exited -> starting")).always());
        world.cloud.clear_log();
        let answer = resource.apply(&plan).await;
        let summary = format!("Could not start the {} in its present state", thing(subject));
        check(&answer.said, &summary, &["Invalid state change", "apply again"]);
        assert_eq!(answer.state["id"], stopped.state["id"]);
        let calls = world.requests();
        let asked = calls.iter().rposition(|it| it.starts_with("POST")).expect("it was asked to start");
        assert!(calls[asked + 1..].iter().any(|it| it.starts_with("GET")), "nobody looked again: {calls:?}");
    }
}

#[tokio::test]
async fn a_conflict_at_an_update_keeps_the_state() {
    let cases = [
        (&GPU, "upgrade the container of the instance", "The instance"),
        (&CPU, "upgrade the container of the instance", "The instance"),
        (&ENDPOINT, "update the endpoint", "The endpoint"),
    ];
    for (subject, what, stays) in cases {
        let world = World::start().await;
        let resource = world.of(subject);
        let object = resource.created(&json!({})).await;
        let (change, call, _) = subject.slow_change;
        let plan = resource.plan(&resource.least(&change()), Some(&object)).await.accepted();
        world.fault(call.with(status(400, "CONFLICT", "busy")).always());
        let answer = resource.apply(&plan).await;
        check(
            &answer.said,
            &format!("Could not {what} in its present state"),
            &["busy", stays, "goes on existing"],
        );
        assert_eq!(answer.state["id"], object.state["id"]);
    }
}

#[tokio::test]
async fn a_refused_change_says_how_to_destroy_without_it() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let object = resource.created(&json!({})).await;
    let change = resource.least(&json!({"rootfs_size": 401}));
    let refused = resource.plan(&change, Some(&object)).await;
    assert!(refused.error().contains("destroy with `-refresh=false`"), "{}", refused.error());
    let refused = resource.plan(&change, None).await;
    assert!(!refused.error().contains("-refresh=false"), "{}", refused.error());
}

#[tokio::test]
async fn a_prepaid_instance_is_not_removable_and_stays() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let object = resource.created(&json!({"month": 1})).await;
    let answer = resource.destroy(&object).await;
    check(
        &answer.said,
        "Prepaid machine cannot be removed yet",
        &[object.id(), "`end_time`", "`auto_renew = false`", "terraform state rm"],
    );
    assert_eq!((answer.left().state, world.cloud.alive().len()), (object.state, 1));
}

#[tokio::test]
async fn demand_23_deletion_protection_says_the_same_at_plan_and_at_apply() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        let object = resource.created(&json!({"deletion_protection": true})).await;
        let planned = resource.plan_destroy(&object).await;
        check(&planned.said, "Deletion protection forbids destroying", &["`deletion_protection = false`"]);
        let applied = apply_anyway(&resource, planned).await;
        assert_eq!(
            (applied.said, &applied.state),
            (resource.plan_destroy(&object).await.said, &object.state)
        );
    }
}

/// What a client does that knows no destroy plans.
async fn apply_anyway(resource: &Resource<'_>, planned: Planned) -> Answer {
    resource.apply(&Planned { value: Value::Null, config: Value::Null, ..planned }).await
}
