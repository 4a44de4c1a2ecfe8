//! Ctrl-C while something is waited for (rules S3 to S5).

use mock_cloud::{Effect, When};
use serde_json::json;

use super::resource::{Answer, Object, Planned, Resource};
use super::said::text_of;
use super::subject::{Call, SUBJECTS};
use super::world::World;

/// Applies, and presses Ctrl-C once the call was made so often.
async fn stopped(resource: &Resource<'_>, plan: &Planned, call: Call, count: usize) -> Answer {
    let stop = async {
        resource.world.until(call, count).await;
        resource.world.stop().await;
    };
    tokio::join!(resource.apply(plan), stop).0
}

/// A machine that runs, in a world that then stands still.
async fn running(resource: &Resource<'_>) -> Object {
    let object = resource.world.passing(resource.create(&(resource.subject.least)())).await;
    resource.world.cloud.clear_log();
    object
}

#[tokio::test]
async fn s4_a_stop_while_a_new_machine_starts_leaves_its_id_in_the_state() {
    for subject in SUBJECTS {
        let world = World::standing_still().await;
        let resource = world.of(subject);
        let plan = resource.plan(&(subject.least)(), None).await.accepted();
        let answer = stopped(&resource, &plan, subject.get, world.count(subject.get) + 2).await;
        assert_eq!(answer.state["id"], json!(world.cloud.alive()[0].id));
        assert!(text_of(&answer.said).contains(&world.cloud.alive()[0].id), "the user is told what exists");
        assert!(answer.said.iter().all(|it| !it.is_error), "a healthy machine is not replaced for a Ctrl-C");

        // The process goes on serving: what was stopped is found, another one is made (S5).
        let found = resource.read(&answer.left()).await.object();
        assert_eq!(found.state["status"], subject.statuses.0);
        let second = resource.create(&resource.least(&json!({"wait_for_ready": false}))).await;
        assert_ne!(second.id(), found.id());
        assert_eq!(world.cloud.created_count(), 2);
    }
}

#[tokio::test]
async fn s3_a_stop_while_the_create_call_is_under_way_waits_for_the_id() {
    for subject in SUBJECTS {
        let world = World::standing_still().await;
        let resource = world.of(subject);
        world.fault(subject.create.with(Effect::Hang(When::After)));
        let plan = resource.plan(&(subject.least)(), None).await.accepted();
        let stop = async {
            world.until(subject.create, 1).await;
            world.stop().await;
            world.cloud.release();
        };
        let (answer, ()) = tokio::join!(resource.apply(&plan), stop);
        assert_eq!(answer.state["id"], json!(world.cloud.alive()[0].id));
        assert_eq!(world.count(subject.create), 1);
    }
}

#[tokio::test]
async fn demand_08_a_stop_while_the_answer_to_a_create_gets_lost_does_not_forget_the_machine() {
    for subject in SUBJECTS {
        // What has no name is known by its age, so the clocks agree here.
        let cloud = mock_cloud::Options {
            clock: mock_cloud::Clock::Manual,
            start_time: None,
            ..super::world::cloud_options()
        };
        let world = World::with(cloud).await;
        let resource = world.of(subject);
        let plan = resource.plan(&(subject.least)(), None).await.accepted();
        let hang = Effect::Hang(When::After);
        world.impatient_with(&hang).await;
        world.fault(subject.create.with(hang));
        let answer = stopped(&resource, &plan, subject.create, 1).await;
        assert_eq!(answer.state["id"], json!(world.cloud.alive()[0].id), "{}", text_of(&answer.said));
        assert!(answer.said.iter().all(|it| !it.is_error), "{}", text_of(&answer.said));
        assert_eq!(world.count(subject.create), 1);
    }
}

#[tokio::test]
async fn a13_a_stop_ends_the_wait_before_a_repetition_and_nothing_is_made() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        let limited = Effect::Http429 { retry_after: Some("250".to_owned()) };
        world.fault(subject.create.with(limited).always());
        let plan = resource.plan(&(subject.least)(), None).await.accepted();
        let answer = stopped(&resource, &plan, subject.create, 1).await;
        answer.nothing_but_an_error();
        assert_eq!((world.count(subject.create), world.cloud.created_count()), (1, 0));
    }
}

#[tokio::test]
async fn s4_a_stop_during_a_change_is_an_error_with_what_is_true_by_then() {
    for subject in SUBJECTS {
        let world = World::standing_still().await;
        let resource = world.of(subject);
        let before = running(&resource).await;
        let (change, call, _) = subject.slow_change;
        let plan = resource.plan(&resource.least(&change()), Some(&before)).await.accepted();
        // One look before the change, perhaps, and two after it.
        let answer = stopped(&resource, &plan, subject.get, world.count(subject.get) + 3).await;
        answer.error();
        assert_eq!(answer.state["id"], before.state["id"]);
        assert_eq!((world.changes().len(), world.count(call)), (1, 1));
        super::apply::check_kept(&change(), &before, &answer.state);
    }
}

#[tokio::test]
async fn s4_a_stop_during_a_removal_keeps_the_state() {
    for subject in SUBJECTS {
        let world = World::standing_still().await;
        let resource = world.of(subject);
        let before = running(&resource).await;
        let plan = resource.plan_destroy(&before).await.accepted();
        let answer = stopped(&resource, &plan, subject.get, world.count(subject.get) + 1).await;
        assert!(answer.error().contains(before.id()));
        assert_eq!(answer.left(), before);
        // Once more, and it is finished.
        let again = resource.plan_destroy(&before).await.accepted();
        let answer = world.passing(resource.apply(&again)).await;
        assert_eq!((answer.state, answer.said), (serde_json::Value::Null, vec![]));
    }
}
