//! Changes and removals (rules A1, A6 to A9, A14).

use mock_cloud::{Effect, When};
use serde_json::{Value, json};

use super::resource::Object;
use super::said::text_of;
use super::subject::{GPU, SUBJECTS};
use super::world::{World, patched};

fn refusal(code: u16, reason: &str) -> Effect {
    Effect::Status { code, reason: reason.to_owned(), message: "the API's own words".to_owned() }
}

#[tokio::test]
async fn demand_25_creating_reading_and_planning_ends_with_nothing_to_do() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        for config in [(subject.least)(), (subject.full)()] {
            let object = resource.create(&config).await;
            resource.assert_settled(&config, &object).await;
        }
    }
}

#[tokio::test]
async fn a6_a_change_that_fails_halfway_returns_what_is_true() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        let before = resource.create(&(subject.full)()).await;
        let Some((changes, [first, second])) = subject.two_changes else { continue };
        let config = patched(&(subject.full)(), &changes());
        world.cloud.clear_log();
        world.fault(second.with(refusal(400, "VALIDATOR_PARAM")));
        let answer = resource.settle(&config, Some(&before)).await;
        assert!(answer.error().contains("own words"), "{}", answer.error());
        let made: Vec<_> = world.changes().into_iter().map(|it| it.0).collect();
        assert_eq!(made, [first.1, second.1]);
        assert_eq!(answer.state["id"], before.state["id"]);
        // A read shows the same, so what is in the state is what is in the cloud.
        let left = answer.left();
        let read = resource.read(&left).await.object();
        for name in changes().as_object().unwrap().keys() {
            assert_eq!(read.state[name], left.state[name], "{name}");
        }
        // And once more it works, with the one call that is missing.
        world.cloud.clear_log();
        let after = resource.settle(&config, Some(&read)).await.object();
        assert_eq!(world.changes().into_iter().map(|it| it.0).collect::<Vec<_>>(), [second.1]);
        resource.assert_settled(&config, &after).await;
    }
}

#[tokio::test]
async fn a6_a_change_that_is_refused_at_once_returns_the_prior_state() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        let before = resource.create(&(subject.least)()).await;
        let (change, call, _) = subject.slow_change;
        for effect in [
            refusal(400, "VALIDATOR_PARAM"),
            refusal(401, "UNAUTHORIZED"),
            Effect::Http5xx { code: 500, html: false },
            Effect::Drop(When::Before),
        ] {
            world.fault(call.with(effect.clone()));
            let answer = resource.settle(&resource.least(&change()), Some(&before)).await;
            answer.error();
            assert_eq!(answer.state, before.state, "{effect:?}");
        }
    }
}

#[tokio::test]
async fn a6_a_change_of_a_vanished_machine_is_an_error_that_says_so() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        let before = resource.create(&(subject.least)()).await;
        assert!((subject.remove)(&world.cloud, before.id()));
        let answer = resource.settle(&resource.least(&(subject.slow_change.0)()), Some(&before)).await;
        for words in ["Resource is gone", subject.type_name, before.id(), "Plan again"] {
            assert!(answer.error().contains(words), "{}", answer.error());
        }
        assert!(!answer.error().contains("goes on existing"), "{}", answer.error());
        assert_eq!(answer.state, before.state);
        assert_eq!(world.cloud.created_count(), 1);
    }
}

#[tokio::test]
async fn a7_removing_what_is_gone_is_a_success() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        for gone in [mock_cloud::Gone::Reason, mock_cloud::Gone::Http404, mock_cloud::Gone::EmptyObject] {
            world.cloud.with_novita(|it| it.style.gone = gone);
            let object = resource.create(&(subject.least)()).await;
            assert!((subject.remove)(&world.cloud, object.id()));
            for _ in 0..2 {
                let answer = resource.destroy(&object).await;
                assert_eq!((answer.state, answer.said), (Value::Null, vec![]), "{gone:?}");
            }
        }
    }
}

#[tokio::test]
async fn a7_a_failed_removal_returns_the_prior_state_and_says_what_it_costs() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        let object = resource.create(&(subject.least)()).await;
        for effect in [
            refusal(400, "VALIDATOR_PARAM"),
            refusal(401, "UNAUTHORIZED"),
            refusal(403, "FORBIDDEN"),
            Effect::Http5xx { code: 500, html: false },
            Effect::Http5xx { code: 503, html: true },
            Effect::Http429 { retry_after: Some("1000".to_owned()) },
            Effect::Drop(When::Before),
        ] {
            world.fault(subject.delete.with(effect.clone()).always());
            let answer = resource.destroy(&object).await;
            world.cloud.faults().clear();
            assert!(answer.error().contains(object.id()), "{effect:?}: {}", answer.error());
            assert_eq!(answer.left(), object, "{effect:?}");
        }
        assert_eq!(world.cloud.alive().len(), 1);
        assert_eq!(resource.destroy(&object).await.state, Value::Null);
    }
}

#[tokio::test]
async fn a7_a_removal_whose_answer_is_lost_is_followed_to_its_end() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        for effect in [
            Effect::Drop(When::After),
            Effect::Garbage,
            Effect::Hang(When::After),
            Effect::RefusedButDone { code: 500, reason: "UNKNOWN".into(), message: "oops".into() },
            Effect::RefusedButDone {
                code: 400,
                reason: "CONFLICT".into(),
                message: "invalid state change".into(),
            },
        ] {
            let object = resource.create(&(subject.least)()).await;
            world.impatient_with(&effect).await;
            world.fault(subject.delete.with(effect.clone()));
            let answer = resource.destroy(&object).await;
            assert_eq!(answer.state, Value::Null, "{effect:?}: {}", text_of(&answer.said));
            assert!(world.cloud.alive().is_empty(), "{effect:?}");
        }
    }
}

#[tokio::test]
async fn demand_21_a_removal_returns_when_the_machine_is_gone_and_not_before() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        for status in ["removing", "terminating", "stopping"] {
            world.pace(status, 5);
        }
        let object = resource.create(&(subject.least)()).await;
        world.cloud.clear_log();
        assert_eq!(resource.destroy(&object).await.state, Value::Null);
        assert!(world.cloud.alive().is_empty());
        assert!(world.count(subject.get) > 5);
    }
}

#[tokio::test]
async fn demand_18_a_removal_that_takes_too_long_is_an_error_that_keeps_the_state() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        for status in ["removing", "terminating", "stopping"] {
            world.pace(status, 1_000_000);
        }
        let object = resource.created(&json!({"timeouts": {"delete": "1s"}})).await;
        let answer = resource.destroy(&object).await;
        for words in [object.id(), "Timed out", "timeouts"] {
            assert!(answer.error().contains(words), "{words}: {}", answer.error());
        }
        assert_eq!(answer.left(), object);
    }
}

#[tokio::test]
async fn demand_18_the_time_limit_of_a_change_is_obeyed_and_what_was_done_is_kept() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        let (change, _, status) = subject.slow_change;
        world.pace(status, 1_000_000);
        let limit = json!({"timeouts": {"update": "1s"}});
        let before = resource.created(&limit).await;
        let config = patched(&resource.least(&limit), &change());
        let answer = resource.settle(&config, Some(&before)).await;
        for words in [before.id(), "Timed out", "timeouts"] {
            assert!(answer.error().contains(words), "{words}: {}", answer.error());
        }
        check_kept(&change(), &before, &answer.state);
    }
}

/// A change that was accepted and not yet finished is kept, or the state is as it was.
pub(super) fn check_kept(change: &Value, before: &Object, state: &Value) {
    for (name, value) in change.as_object().unwrap() {
        let is_power = name == "desired_status"; // which is what it is, not what it is to become
        assert_eq!(state[name], if is_power { before.state[name].clone() } else { value.clone() }, "{name}");
    }
}

#[tokio::test]
async fn a9_the_bytes_beside_the_state_survive_failures() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let made = resource.created(&json!({})).await;
    let imported = resource.imported(made.id()).await;
    assert!(!imported.private.is_empty());
    world.fault(GPU.slow_change.1.with(refusal(400, "VALIDATOR_PARAM")));
    let answer = resource.settle(&resource.least(&(GPU.slow_change.0)()), Some(&imported)).await;
    answer.error();
    assert_eq!(answer.private, imported.private, "it is as imported as before");
    world.fault(GPU.delete.with(refusal(400, "VALIDATOR_PARAM")));
    assert_eq!(resource.destroy(&imported).await.private, imported.private);
}

#[tokio::test]
async fn a_prepaid_machine_that_cannot_be_removed_stays_in_the_state() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let object = resource.created(&json!({"month": 1})).await;
    let plan = resource.plan_destroy(&object).await;
    assert!(!plan.said.is_empty() && plan.said.iter().all(|it| !it.is_error), "a warning before it fails");
    let answer = resource.apply(&plan).await;
    assert!(answer.error().contains("`end_time`"), "{}", answer.error());
    assert_eq!(answer.left(), object);
}
