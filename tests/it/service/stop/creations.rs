//! A stop while something is being made.

use mock_cloud::{Clock, Effect, When};
use serde_json::json;

use super::{
    look_rarely, looked_after, plan, says_stopped, send_rarely, stopped, stopped_during, stopped_in_a_look,
};
use crate::service::World;
use crate::service::resource::{Answer, Resource};
use crate::service::said::text_of;
use crate::service::subject::{Call, SUBJECTS, Subject};
use crate::service::world::cloud_options;

/// What was made is in the state and named as what it is: there, billed, and no failure.
#[track_caller]
fn kept_as_healthy(resource: &Resource<'_>, answer: &Answer) {
    let id = &resource.world.cloud.alive()[0].id;
    assert_eq!(answer.state["id"], json!(id));
    let text = text_of(&answer.said);
    assert!(text.contains(id) && text.contains("costs money"), "the user is told what exists: {text}");
    assert!(
        answer.said.iter().all(|it| !it.is_error),
        "a healthy machine is not replaced for a Ctrl-C: {text}"
    );
    says_stopped(answer);
}

#[tokio::test]
async fn demand_08_a_stop_while_the_create_call_is_under_way_waits_for_the_id() {
    for subject in SUBJECTS {
        let world = World::standing_still().await;
        let resource = world.of(subject);
        let plan = plan(&resource, &(subject.least)(), None).await;
        let answer = stopped_during(&world, subject.create, resource.apply(&plan)).await;
        kept_as_healthy(&resource, &answer);
        assert_eq!((world.count(subject.create), world.cloud.created_count()), (1, 1));
    }
}

#[tokio::test]
async fn demand_08_a_stop_between_two_looks_at_a_new_machine_leaves_its_id_in_the_state() {
    for subject in SUBJECTS {
        let world = World::standing_still().await;
        let resource = world.of(subject);
        look_rarely(&world).await; // and then plan, so that no price is asked for any more
        let plan = plan(&resource, &(subject.least)(), None).await;
        let answer = stopped(&world, resource.apply(&plan), looked_after(subject.create)).await;
        kept_as_healthy(&resource, &answer);

        // The process goes on serving: what was stopped is found, another one is made (S5).
        assert_eq!(world.configure(&json!({})).await, []);
        let found = resource.read(&answer.left()).await.object();
        assert_eq!(found.state["status"], subject.statuses.0);
        let second = resource.create(&resource.least(&json!({"wait_for_ready": false}))).await;
        assert_ne!(second.id(), found.id());
        assert_eq!(world.cloud.created_count(), 2);
    }
}

#[tokio::test]
async fn demand_08_a_stop_during_a_look_at_a_new_machine_does_not_wait_for_its_answer() {
    for subject in SUBJECTS {
        let world = World::standing_still().await;
        let resource = world.of(subject);
        let plan = plan(&resource, &(subject.least)(), None).await;
        let answer = stopped_in_a_look(&world, subject.create, resource.apply(&plan)).await;
        kept_as_healthy(&resource, &answer);
    }
}

#[tokio::test]
async fn demand_08_a_stop_ends_the_wait_before_a_repetition_and_nothing_is_made() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        let plan = plan(&resource, &(subject.least)(), None).await;
        let limited = Effect::Http429 { retry_after: Some("250".to_owned()) };
        world.fault(subject.create.with(limited).always());
        let refused = |requests: &[mock_cloud::Request]| {
            requests.iter().any(|it| subject.create.is(it) && it.status == 429)
        };
        let answer = stopped(&world, resource.apply(&plan), refused).await;
        answer.nothing_but_an_error();
        says_stopped(&answer);
        assert_eq!((world.count(subject.create), world.cloud.created_count()), (1, 0));
    }
}

#[tokio::test]
async fn demand_08_a_stop_ends_the_wait_for_a_turn_to_send() {
    for subject in SUBJECTS {
        let world = World::standing_still().await;
        let resource = world.of(subject);
        let first = plan(&resource, &(subject.least)(), None).await;
        let second = plan(&resource, &(subject.least)(), None).await;
        send_rarely(&world).await;
        // One of the two has a turn; where a list is read first, neither gets to its create call.
        let one_was_sent = |requests: &[mock_cloud::Request]| requests.iter().any(|it| it.status != 0);
        let both = async { tokio::join!(resource.apply(&first), resource.apply(&second)) };
        let (first, second) = stopped(&world, both, one_was_sent).await;
        assert_eq!(world.requests().len(), 1, "one turn was given");
        let ids: Vec<_> = world.cloud.alive().into_iter().map(|it| json!(it.id)).collect();
        let kept: Vec<_> = [&first, &second].iter().map(|it| it.state["id"].clone()).collect();
        assert_eq!(kept.into_iter().filter(|it| !it.is_null()).collect::<Vec<_>>(), ids);
        for answer in [first, second] {
            says_stopped(&answer);
            if answer.state.is_null() {
                answer.nothing_but_an_error();
            } else {
                kept_as_healthy(&resource, &answer);
            }
        }
    }
}

#[tokio::test]
async fn demand_08_a_stop_while_a_lost_machine_is_looked_for_tells_what_may_exist() {
    for subject in SUBJECTS {
        let world = World::with(mock_cloud::Options { start_time: None, ..cloud_options() }).await;
        let resource = world.of(subject);
        let plan = plan(&resource, &(subject.least)(), None).await;
        let (list, skipped) = list_of(subject);
        world.fault(subject.create.with(Effect::Drop(When::After)));
        world.fault(list.with(Effect::Hang(When::Before)).after(skipped).always());
        let stop = async {
            let looking = |requests: &[mock_cloud::Request]| {
                let mut since = requests.iter().skip_while(|it| !subject.create.is(it));
                since.any(|it| list.is(it) && it.status == 0)
            };
            crate::launch::within(world.cloud.until(looking)).await;
            world.stop().await;
        };
        // One last look is made after the stop, and given up soon.
        let (answer, ()) = tokio::join!(resource.apply(&plan), stop);
        let error = answer.nothing_but_an_error();
        let sign = if subject.has_name { "\"tf-" } else { "vm02" };
        assert!(error.contains(sign) && error.contains("cost"), "{error}");
        assert_eq!((world.count(subject.create), world.cloud.created_count()), (1, 1));
    }
}

/// The list in which a lost one is looked for, and how often it is read before that.
fn list_of(subject: &Subject) -> (Call, u32) {
    match subject.type_name {
        "novita_endpoint" => (Call("GET", "/endpoints"), 0),
        "novacloud_vm" => (Call("GET", "/novacloud/vms"), 1),
        _ => (Call("GET", "/gpu/instances"), 0),
    }
}

#[tokio::test]
async fn demand_08_a_stop_while_a_new_machine_is_switched_off_leaves_it_healthy_in_the_state() {
    for subject in SUBJECTS.iter().filter(|it| it.type_name != "novita_endpoint") {
        let world = World::start().await;
        world.pace("stopping", u32::MAX);
        let resource = world.of(subject);
        let plan = plan(&resource, &resource.least(&json!({"desired_status": "stopped"})), None).await;
        let switched_off = looked_after(Call("POST", "/stop"));
        let stop = async {
            crate::launch::within(world.cloud.until(switched_off)).await;
            world.stop().await;
        };
        let (answer, ()) = tokio::join!(resource.apply(&plan), stop);
        kept_as_healthy(&resource, &answer);
    }
}

#[tokio::test]
async fn demand_08_a_stop_while_the_answer_to_a_create_gets_lost_does_not_forget_the_machine() {
    for subject in SUBJECTS {
        // What has no name is known by its age, so the clocks agree here.
        let cloud = mock_cloud::Options { clock: Clock::Manual, start_time: None, ..cloud_options() };
        let world = World::with(cloud).await;
        let resource = world.of(subject);
        let plan = plan(&resource, &(subject.least)(), None).await;
        let hang = Effect::Hang(When::After);
        world.impatient_with(&hang).await;
        world.fault(subject.create.with(hang));
        let stop = async {
            world.until(subject.create, 1).await;
            world.stop().await;
        };
        let (answer, ()) = tokio::join!(resource.apply(&plan), stop);
        assert_eq!(answer.state["id"], json!(world.cloud.alive()[0].id), "{}", text_of(&answer.said));
        assert!(answer.said.iter().all(|it| !it.is_error), "{}", text_of(&answer.said));
        assert_eq!(world.count(subject.create), 1);
    }
}
