//! A stop while something is being changed, switched on or off, or removed.

use mock_cloud::Request;
use serde_json::{Value, json};

use super::{
    hold_looks_back, is_look, look_rarely, looked_after, made, plan, says_stopped, send_rarely, stopped,
    stopped_during, stopped_in_a_look,
};
use crate::service::apply::check_kept;
use crate::service::subject::{Call, ENDPOINT, GPU, SUBJECTS};
use crate::service::{World, patched};

#[tokio::test]
async fn demand_08_a_stop_during_the_call_of_a_change_takes_its_answer_and_keeps_what_it_did() {
    for subject in SUBJECTS {
        let world = World::standing_still().await;
        let resource = world.of(subject);
        let before = made(&resource, &(subject.least)()).await;
        let (change, call, _) = subject.slow_change;
        let plan = plan(&resource, &resource.least(&change()), Some(&before)).await;
        let answer = stopped_during(&world, call, resource.apply(&plan)).await;
        answer.error();
        says_stopped(&answer);
        check_kept(&change(), &before, &answer.state);
        assert_eq!((world.changes().len(), world.count(call)), (1, 1));
    }
}

#[tokio::test]
async fn demand_08_a_stop_between_two_steps_of_a_change_leaves_the_second_to_the_next_apply() {
    for subject in SUBJECTS {
        let Some((changes, [first, second])) = subject.two_changes else { continue };
        let world = World::standing_still().await;
        let resource = world.of(subject);
        let before = made(&resource, &(subject.full)()).await;
        let config = patched(&(subject.full)(), &changes());
        let plan = plan(&resource, &config, Some(&before)).await;
        let answer = stopped_during(&world, first, resource.apply(&plan)).await;
        answer.error();
        says_stopped(&answer);
        assert_eq!((world.count(first), world.count(second)), (1, 0));
        let again = resource.plan(&config, Some(&answer.left())).await.accepted();
        let after = world.passing(resource.apply(&again)).await.object();
        assert_eq!((world.count(first), world.count(second)), (1, 1), "what was done is not done again");
        resource.assert_settled(&config, &after).await;
    }
}

#[tokio::test]
async fn demand_08_a_stop_between_two_looks_at_a_change_is_an_error_with_what_is_true_by_then() {
    for subject in SUBJECTS {
        let world = World::standing_still().await;
        let resource = world.of(subject);
        let before = made(&resource, &(subject.least)()).await;
        let (change, call, _) = subject.slow_change;
        let plan = plan(&resource, &resource.least(&change()), Some(&before)).await;
        look_rarely(&world).await;
        let answer = stopped(&world, resource.apply(&plan), looked_after(call)).await;
        answer.error();
        says_stopped(&answer);
        assert_eq!(answer.state["id"], before.state["id"]);
        check_kept(&change(), &before, &answer.state);
    }
}

#[tokio::test]
async fn demand_08_a_stop_while_an_edit_is_not_shown_yet_keeps_the_edit() {
    for subject in SUBJECTS.iter().filter(|it| it.get.1 == GPU.get.1) {
        let world = World::standing_still().await;
        let resource = world.of(subject);
        let before = made(&resource, &(subject.least)()).await;
        let config = resource.least(&json!({"ports": ["9000/http"]}));
        let plan = plan(&resource, &config, Some(&before)).await;
        let edit = Call("POST", "/edit");
        let answer = stopped_in_a_look(&world, edit, resource.apply(&plan)).await;
        answer.error();
        says_stopped(&answer);
        assert_eq!(answer.state["ports"], json!(["9000/http"]), "the API has taken it");
    }
}

#[tokio::test]
async fn demand_08_a_stop_while_a_machine_is_switched_on_or_off_tells_so() {
    for subject in SUBJECTS.iter().filter(|it| it.type_name != ENDPOINT.type_name) {
        for (from, to, call) in [("running", "stopped", "/stop"), ("stopped", "running", "/start")] {
            for in_flight in [true, false] {
                let world = World::standing_still().await;
                let resource = world.of(subject);
                let before = made(&resource, &resource.least(&json!({"desired_status": from}))).await;
                let config = resource.least(&json!({"desired_status": to}));
                let plan = plan(&resource, &config, Some(&before)).await;
                look_rarely(&world).await;
                let (call, work) = (Call("POST", call), resource.apply(&plan));
                let answer = match in_flight {
                    true => stopped_during(&world, call, work).await,
                    false => stopped(&world, work, looked_after(call)).await,
                };
                answer.error();
                says_stopped(&answer);
                assert_eq!(answer.state["id"], before.state["id"]);
                assert_eq!(answer.state["desired_status"], json!(from), "it is not what it is to become");
                assert_eq!(world.changes().len(), 1);

                assert_eq!(world.configure(&json!({})).await, []);
                let read = world.passing(resource.read(&answer.left())).await.object();
                let again = resource.plan(&config, Some(&read)).await.accepted();
                let after = world.passing(resource.apply(&again)).await.object();
                let read = world.passing(resource.read(&after)).await.object();
                resource.assert_nothing_to_do(&config, &read).await;
            }
        }
    }
}

#[tokio::test]
async fn demand_08_a_stop_during_the_first_look_of_a_change_changes_nothing() {
    for subject in SUBJECTS.iter().filter(|it| it.type_name != ENDPOINT.type_name) {
        let world = World::standing_still().await;
        let resource = world.of(subject);
        let before = made(&resource, &(subject.least)()).await;
        let plan = plan(&resource, &resource.least(&(subject.slow_change.0)()), Some(&before)).await;
        hold_looks_back(&world);
        let answer =
            stopped(&world, resource.apply(&plan), |it| it.iter().any(|it| is_look(it) && it.status == 0))
                .await;
        answer.error();
        says_stopped(&answer);
        assert_eq!((answer.left(), world.changes()), (before, vec![]));
    }
}

#[tokio::test]
async fn demand_08_a_stop_during_a_removal_keeps_the_state() {
    for subject in SUBJECTS {
        for in_flight in [true, false] {
            let world = World::standing_still().await;
            let resource = world.of(subject);
            let before = made(&resource, &(subject.least)()).await;
            let plan = resource.plan_destroy(&before).await.accepted();
            look_rarely(&world).await;
            let work = resource.apply(&plan);
            let answer = match in_flight {
                true => stopped_during(&world, subject.delete, work).await,
                false => stopped(&world, work, looked_after(subject.delete)).await,
            };
            assert!(
                answer.error().contains(before.id()) && answer.error().contains("cost"),
                "{}",
                answer.error()
            );
            says_stopped(&answer);
            assert_eq!(answer.left(), before);

            // Once more, and it is finished.
            assert_eq!(world.configure(&json!({})).await, []);
            let again = resource.plan_destroy(&before).await.accepted();
            let answer = world.passing(resource.apply(&again)).await;
            assert_eq!((answer.state, answer.said), (Value::Null, vec![]));
            assert!(world.cloud.alive().is_empty());
        }
    }
}

#[tokio::test]
async fn demand_08_a_stop_ends_a_removals_wait_for_its_turn_to_send() {
    for subject in SUBJECTS {
        let world = World::standing_still().await;
        let resource = world.of(subject);
        let objects = [made(&resource, &(subject.least)()).await, made(&resource, &(subject.least)()).await];
        let [first, second] = &objects;
        let plans =
            (resource.plan_destroy(first).await.accepted(), resource.plan_destroy(second).await.accepted());
        send_rarely(&world).await;
        let one_was_sent = |requests: &[Request]| requests.iter().any(|it| it.status != 0);
        let both = async { tokio::join!(resource.apply(&plans.0), resource.apply(&plans.1)) };
        let answers = stopped(&world, both, one_was_sent).await;
        assert_eq!(world.count(subject.delete), 1, "one turn was given");
        for (answer, object) in [answers.0, answers.1].into_iter().zip(&objects) {
            assert!(answer.error().contains(object.id()), "{}", answer.error());
            says_stopped(&answer);
            assert_eq!(answer.left(), *object);
        }
    }
}
