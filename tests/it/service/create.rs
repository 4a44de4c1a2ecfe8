//! Creations, where money begins (rules A2 to A5, A11 to A13, A15).

use std::time::Instant;

use futures_util::future::join_all;
use mock_cloud::{Effect, Fault, When};
use serde_json::{Value, json};

use super::resource::Resource;
use super::said::text_of;
use super::subject::{GPU, SUBJECTS};
use super::world::{World, cloud_options, patched};

fn posts(resource: &Resource<'_>) -> usize {
    resource.world.count(resource.subject.create)
}

fn refusal(code: u16, reason: &str) -> Effect {
    Effect::Status { code, reason: reason.to_owned(), message: "the API's own words".to_owned() }
}

#[tokio::test]
async fn a3_a_refused_create_leaves_nothing_and_is_not_repeated() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        for effect in [
            refusal(400, "VALIDATOR_PARAM"),
            refusal(400, "IMAGE_NOT_FOUND"),
            refusal(401, "UNAUTHORIZED"),
            refusal(403, "NOT_ENOUGH_BALANCE"),
            refusal(404, "API_NOT_FOUND"),
            refusal(409, "CONFLICT"),
            refusal(422, "SOMETHING_NEW"),
            Effect::OutOfStock,
        ] {
            world.cloud.clear_log();
            world.fault(subject.create.with(effect.clone()));
            let answer = resource.try_create(&(subject.least)()).await;
            let error = answer.nothing_but_an_error();
            let own_words = !matches!(effect, Effect::Status { code: 401, .. });
            assert!(
                !matches!(effect, Effect::Status { .. }) || !own_words || error.contains("own words"),
                "{error}"
            );
            assert_eq!((posts(&resource), world.cloud.created_count()), (1, 0), "{effect:?}");
        }
    }
}

#[tokio::test]
async fn a3_a_refusal_of_a_field_points_at_its_attribute() {
    let world = World::start().await;
    world.cloud.faults().catalogue_unreachable(); // or the plan would refuse it before
    let resource = world.of(&GPU);
    for (change, attribute) in [
        (json!({"product_id": "no-such-product"}), "product_id"),
        (json!({"cluster_id": "no-such-cluster"}), "cluster_id"),
        (json!({"rootfs_size": 6000}), "rootfs_size"),
        (json!({"min_cuda_version": "99.0"}), "min_cuda_version"),
        (json!({"network_storages": [{"id": "st-none"}]}), "network_storages"),
    ] {
        let answer = resource.try_create(&resource.least(&change)).await;
        answer.nothing_but_an_error();
        let paths: Vec<_> = answer.said.iter().map(|it| it.path.as_str()).collect();
        assert!(
            paths == [attribute] || answer.error().contains(attribute),
            "{change}: {}",
            text_of(&answer.said)
        );
    }
}

/// The ways in which the answer to a call can get lost, and whether the work was done.
fn lost_answers() -> Vec<(&'static str, Effect, bool)> {
    let unclear =
        |code| Effect::RefusedButDone { code, reason: "UNKNOWN".to_owned(), message: "oops".to_owned() };
    vec![
        ("a cut connection before the work", Effect::Drop(When::Before), false),
        ("a cut connection after the work", Effect::Drop(When::After), true),
        ("an answer that is no JSON", Effect::Garbage, true),
        ("an empty answer", Effect::Empty, true),
        ("an answer without an id", raw(r#"{"id": ""}"#), true),
        ("an answer of another form", raw(r#"{"id": {"a": 1}}"#), true),
        ("500 although it was done", unclear(500), true),
        ("502 although it was done", unclear(502), true),
        ("503 and nothing was done", Effect::Http5xx { code: 503, html: true }, false),
        ("504 and nothing was done", Effect::Http5xx { code: 504, html: true }, false),
    ]
}

/// A short time for all of a creation.
fn soon() -> Value {
    json!({"timeouts": {"create": "4s"}})
}

fn raw(body: &str) -> Effect {
    Effect::Raw { code: 200, content_type: "application/json".to_owned(), body: body.to_owned() }
}

#[tokio::test]
async fn a4_a_create_whose_answer_is_lost_is_looked_up_and_never_repeated() {
    for subject in SUBJECTS {
        for (what, effect, done) in lost_answers() {
            // What has no name is known by its age, so the clocks agree here.
            let cloud = mock_cloud::Options { start_time: None, ..cloud_options() };
            let world = World::with(cloud).await;
            let resource = world.of(subject);
            world.fault(subject.create.with(effect));
            // What was not made is looked for as long as there is time.
            let config = if done { (subject.least)() } else { resource.least(&soon()) };
            let answer = resource.try_create(&config).await;
            assert_eq!(posts(&resource), 1, "{what}");
            assert_eq!(world.cloud.created_count(), u64::from(done), "{what}");
            if done {
                assert_eq!(
                    answer.state["id"],
                    json!(world.cloud.alive()[0].id),
                    "{what}: {}",
                    text_of(&answer.said)
                );
                resource.assert_settled(&(subject.least)(), &answer.object()).await;
            } else {
                let error = answer.nothing_but_an_error();
                assert!(
                    error.contains("\"tf-") || !subject.has_name,
                    "{what}: the name to look for is told: {error}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a4_a_create_that_nobody_answers_is_awaited_until_the_deadline_and_then_looked_up() {
    for subject in SUBJECTS {
        let cloud = mock_cloud::Options { start_time: None, ..cloud_options() };
        let world = World::with(cloud).await;
        let resource = world.of(subject);
        let hang = Effect::Hang(When::After);
        world.fault(subject.create.with(hang));
        let begin = Instant::now();
        let config = resource.least(&json!({"timeouts": {"create": "2s"}}));
        let answer = resource.try_create(&config).await;
        assert!(begin.elapsed().as_millis() >= 2000, "the answer may still come");
        assert_eq!((posts(&resource), world.cloud.created_count()), (1, 1));
        assert_eq!(answer.state["id"], json!(world.cloud.alive()[0].id), "{}", text_of(&answer.said));
    }
}

#[tokio::test]
async fn a4_a_machine_that_is_listed_late_is_found() {
    for subject in SUBJECTS {
        let cloud = mock_cloud::Options { start_time: None, ..cloud_options() };
        let world = World::with(cloud).await;
        let resource = world.of(subject);
        world.fault(subject.create.with(Effect::ListLag { reads: 2 }));
        world.fault(subject.create.with(Effect::Drop(When::After)));
        let object = resource.create(&(subject.least)()).await;
        assert_eq!(object.id(), world.cloud.alive()[0].id);
        assert_eq!(posts(&resource), 1);
    }
}

#[tokio::test]
async fn a4_a_machine_of_the_same_name_that_was_there_before_is_not_taken() {
    for subject in SUBJECTS.iter().filter(|it| it.has_name) {
        // What bears a user's name is known by its age, too, so the clocks agree here.
        let world = World::with(mock_cloud::Options { start_time: None, ..cloud_options() }).await;
        let resource = world.of(subject);
        let config = resource.least(&json!({"name": "trainer"}));
        let old = resource.create(&config).await;
        world.fault(subject.create.with(Effect::Drop(When::After)));
        let new = resource.create(&config).await;
        assert_ne!(new.id(), old.id(), "the new one is taken over");
        world.fault(subject.create.with(Effect::Drop(When::Before)));
        let answer = resource.try_create(&patched(&config, &soon())).await;
        assert!(answer.nothing_but_an_error().contains("\"trainer\" may have been created"));
        assert_eq!((posts(&resource), world.cloud.created_count()), (3, 2));
    }
}

#[tokio::test]
async fn demand_06_whatever_fails_after_the_create_leaves_the_id_in_the_state() {
    let failures = [
        ("401", refusal(401, "UNAUTHORIZED")),
        ("500", Effect::Http5xx { code: 500, html: false }),
        ("503", Effect::Http5xx { code: 503, html: true }),
        ("429", Effect::Http429 { retry_after: Some("1000".to_owned()) }),
        ("garbage", Effect::Garbage),
        ("another form", raw(r#"{"id": {"a": 1}}"#)),
        ("a hang", Effect::Hang(When::Before)),
        ("a cut connection", Effect::Drop(When::After)),
    ];
    for subject in SUBJECTS {
        for (what, effect) in failures.clone() {
            let world = World::start().await;
            let resource = world.of(subject);
            world.impatient_with(&effect).await;
            let plan = resource.plan(&resource.least(&soon()), None).await.accepted();
            world.fault(subject.get.with(effect).after(1).always());
            let answer = resource.apply(&plan).await;
            let id = world.cloud.alive()[0].id.clone();
            assert!(answer.error().contains(&id), "{what}: {}", answer.error());
            assert_eq!(answer.state["id"], json!(id), "{what}");
            assert_eq!(posts(&resource), 1, "{what}");
            // What is in the state is enough to remove it.
            world.cloud.faults().clear();
            assert_eq!(resource.destroy(&answer.left()).await.state, Value::Null, "{what}");
        }
    }
}

#[tokio::test]
async fn a2_a_machine_that_vanishes_while_it_is_waited_for_is_an_error() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        let plan = resource.plan(&(subject.least)(), None).await.accepted();
        world.pace(subject.statuses.0, 5);
        world.fault(subject.get.with(Effect::VanishInstance).after(3));
        let answer = resource.apply(&plan).await;
        assert!(answer.error().contains("vanished"), "{}", answer.error());
        assert!(answer.state["id"].is_string());
        assert_eq!(resource.read(&answer.left()).await.state, Value::Null);
    }
}

#[tokio::test]
async fn demand_19_a_machine_that_is_not_found_at_first_is_waited_for() {
    for subject in SUBJECTS {
        let world = World::start().await;
        world.fault(subject.create.with(Effect::NotFoundJustAfterCreate { reads: 3 }));
        let object = world.of(subject).create(&(subject.least)()).await;
        assert_eq!(object.state["status"], subject.statuses.1);
    }
}

#[tokio::test]
async fn an_unknown_status_is_waited_through() {
    for subject in SUBJECTS {
        let world = World::start().await;
        world.fault(subject.get.with(Effect::UnknownStatus("warmingUp".to_owned())).times(6));
        let object = world.of(subject).create(&(subject.least)()).await;
        assert_eq!(object.state["status"], subject.statuses.1);
    }
}

#[tokio::test]
async fn demand_17_a_failure_that_is_final_ends_the_wait_with_the_apis_words() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        world.fault(subject.create.with(subject.failing("manifest unknown")));
        let answer = resource.try_create(&(subject.least)()).await;
        // Nova Cloud gives no reason.
        let words = if subject.has_name { "manifest unknown" } else { "\"failed\"" };
        assert!(answer.error().contains(words), "{}", answer.error());
        assert_eq!(answer.state["id"], json!(world.cloud.alive()[0].id));
    }
}

#[tokio::test]
async fn demand_18_a_time_limit_covers_the_wait_and_says_what_was_waited_for() {
    for subject in SUBJECTS {
        let world = World::standing_still().await;
        let resource = world.of(subject);
        let config = resource.least(&json!({"timeouts": {"create": "1s"}}));
        let answer = resource.try_create(&config).await;
        let (error, id) = (answer.error(), world.cloud.alive()[0].id.clone());
        for words in [id.as_str(), "Timed out", subject.statuses.0, "timeouts"] {
            assert!(error.contains(words), "{words}: {error}");
        }
        assert_eq!(answer.state["id"], json!(id));
    }
}

#[tokio::test]
async fn a11_a_time_limit_covers_repetitions_too() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        world.fault(subject.create.with(Effect::Http429 { retry_after: Some("60".to_owned()) }).always());
        let config = resource.least(&json!({"timeouts": {"create": "1s"}}));
        resource.try_create(&config).await.nothing_but_an_error();
        assert_eq!(posts(&resource), 1, "there is no time for another one");
    }
}

#[tokio::test]
async fn demand_09_retry_after_is_obeyed_and_then_one_machine_is_made() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        world.fault(subject.create.with(Effect::Http429 { retry_after: Some("1".to_owned()) }));
        let begin = Instant::now();
        resource.create(&(subject.least)()).await;
        assert!(begin.elapsed().as_millis() >= 1000, "the server asked for a second");
        assert_eq!((posts(&resource), world.cloud.created_count()), (2, 1));
    }
}

#[tokio::test]
async fn a13_a_wait_that_is_asked_for_and_too_long_is_not_waited_for() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        let limited = Effect::Http429 { retry_after: Some("1000".to_owned()) };
        world.fault(subject.create.with(limited).always());
        resource.try_create(&(subject.least)()).await.nothing_but_an_error();
        assert_eq!((posts(&resource), world.cloud.created_count()), (1, 0));
    }
}

#[tokio::test]
async fn demand_02_twenty_creations_at_once_make_twenty_machines() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        world.fault(subject.create.with(Effect::Http429 { retry_after: None }).after(5).times(3));
        let config = (subject.least)();
        let made = join_all((0..20).map(|_| resource.create(&config))).await;
        let mut ids: Vec<_> = made.iter().map(|it| it.id().to_owned()).collect();
        let mut alive: Vec<_> = world.cloud.alive().into_iter().map(|it| it.id).collect();
        ids.sort();
        alive.sort();
        assert_eq!(ids, alive);
        assert_eq!(world.cloud.created_count(), 20);
        if !subject.has_name {
            continue;
        }
        let mut names: Vec<_> = made.iter().map(|it| it.state["name"].to_string()).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 20, "each has a name of its own");
    }
}

#[tokio::test]
async fn a_price_that_cannot_be_had_is_null_and_no_failure() {
    let world = World::with(mock_cloud::Options { start_time: None, ..cloud_options() }).await;
    let broken = Effect::Http5xx { code: 500, html: false };
    world.fault(Fault::new("GET", "/products", broken).always());
    let object = world.of(&GPU).created(&json!({})).await;
    assert_eq!(object.state["hourly_price"], Value::Null);
}
