//! Ends of the process while something is being made: SIGTERM, and a client that was killed (rules S7, G6).

use mock_cloud::{Clock, Effect, When};
use rustix::process::Signal;

use super::{hold_looks_back, is_look, look_rarely, looked_after, plan, says_stopped};
use crate::launch::within;
use crate::options::Options;
use crate::service::World;
use crate::service::logs::check_untold;
use crate::service::subject::SUBJECTS;
use crate::service::world::cloud_options;

#[tokio::test]
async fn demand_08_sigterm_stops_what_waits_begins_nothing_and_awaits_the_answer_to_a_create_call() {
    for subject in SUBJECTS {
        let world = World::standing_still().await;
        let resource = world.of(subject);
        let object = world.passing(resource.create(&(subject.least)())).await;
        let first = plan(&resource, &(subject.least)(), None).await;
        let second = plan(&resource, &(subject.least)(), None).await;
        let create = async {
            world.fault(subject.create.with(Effect::Hang(When::After)));
            resource.apply(&first).await
        };
        let (sender, ended) = tokio::sync::oneshot::channel();
        let signal = async {
            world.until(subject.create, 1).await;
            hold_looks_back(&world);
            let read = resource.read(&object);
            let signal = async {
                let held = |requests: &[mock_cloud::Request]| {
                    requests.iter().rev().any(|it| is_look(it) && it.status == 0)
                };
                within(world.cloud.until(held)).await;
                world.provider.signal(Signal::TERM);
            };
            // It ends although its look is never answered, so the signal has arrived.
            let (read, ()) = tokio::join!(read, signal);
            read.error();
            assert_eq!(read.left(), object);
            resource.apply(&second).await.nothing_but_an_error();
            assert_eq!(world.count(subject.create), 1);
            world.cloud.release();
            sender.send(()).unwrap();
        };
        let (answer, ()) = tokio::join!(create, signal);
        assert!(ended.await.is_ok(), "the answer to the create call was awaited");
        let made = answer.state["id"].clone();
        assert!(world.cloud.alive().iter().any(|it| made == it.id.as_str()), "{made}");
        assert!(answer.said.iter().all(|it| !it.is_error));
        says_stopped(&answer);
        assert_eq!(world.provider.ended().await.status.code(), Some(0));
    }
}

/// A provider whose parent is a shell, which the test kills in the client's place.
async fn parented() -> World {
    let cloud = mock_cloud::Options { clock: Clock::Manual, ..cloud_options() };
    World::with_both(cloud, Options::default().through_a_shell()).await
}

#[tokio::test]
async fn g6_a_create_call_whose_client_is_killed_is_answered_and_its_id_logged() {
    for subject in SUBJECTS {
        let world = parented().await;
        let resource = world.of(subject);
        let plan = plan(&resource, &(subject.least)(), None).await;
        world.fault(subject.create.with(Effect::Hang(When::After)));
        let (mut client, request) = (world.client(), resource.apply_request(&plan));
        let call = tokio::spawn(async move { client.apply_resource_change(request).await.map(drop) });
        world.until(subject.create, 1).await;
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        let World { cloud, provider, .. } = world;
        let mut process = provider.disconnect();
        process.kill_child().await;
        cloud.release();
        check_untold(&process.closed().await, &cloud.alive()[0].id);
    }
}

#[tokio::test]
async fn a_wait_whose_client_is_killed_ends_at_once_and_the_id_is_logged() {
    for subject in SUBJECTS {
        let world = parented().await;
        let resource = world.of(subject);
        look_rarely(&world).await; // and then plan, so that no price is asked for any more
        let plan = plan(&resource, &(subject.least)(), None).await;
        let (mut client, request) = (world.client(), resource.apply_request(&plan));
        let call = tokio::spawn(async move { client.apply_resource_change(request).await.map(drop) });
        within(world.cloud.until(looked_after(subject.create))).await;
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        let World { cloud, provider, .. } = world;
        let mut process = provider.disconnect();
        process.kill_child().await;
        check_untold(&process.closed().await, &cloud.alive()[0].id);
    }
}
