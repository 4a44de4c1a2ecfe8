//! A stop while something is only looked at: by a refresh, a data source, or the checks of a plan.

use mock_cloud::{Effect, Fault, Request, When};
use serde_json::json;

use super::{hold_looks_back, made, says_stopped, stopped};
use crate::launch::within;
use crate::proto::tfplugin6::read_data_source;
use crate::service::World;
use crate::service::said::{said, text_of};
use crate::service::subject::{STORED, SUBJECTS};

fn one_is_held_back(requests: &[Request]) -> bool {
    requests.iter().any(|it| it.status == 0)
}

/// From now on nothing is answered at all.
fn hold_everything_back(world: &World) {
    world.fault(Fault::new("GET", "", Effect::Hang(When::Before)).always());
}

#[tokio::test]
async fn demand_08_a_stop_during_a_refresh_keeps_the_state() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        let object = made(&resource, &(subject.least)()).await;
        hold_looks_back(&world);
        let answer = stopped(&world, resource.read(&object), one_is_held_back).await;
        answer.error();
        says_stopped(&answer);
        assert_eq!(answer.left(), object);
    }
}

#[tokio::test]
async fn demand_08_a_stop_ends_the_read_of_each_data_source() {
    let world = World::start().await;
    for (name, shape) in &world.data_sources {
        let subject = SUBJECTS.iter().chain(STORED).find(|it| it.type_name == name);
        // What needs to be told something reads in the same way, and nothing without it.
        if subject.is_none() && shape.attributes.iter().any(|it| it.flags.required) {
            continue;
        }
        let config = subject.map_or(json!({}), |it| json!({"id": it.ids.1}));
        let request = read_data_source::Request {
            type_name: name.clone(),
            config: Some(shape.encode(&config)),
            ..Default::default()
        };
        world.cloud.clear_log();
        hold_everything_back(&world);
        let mut client = world.client();
        let read = within(client.read_data_source(request));
        let answer = stopped(&world, read, one_is_held_back).await.unwrap().into_inner();
        let text = text_of(&said(&answer.diagnostics));
        assert!(text.contains("interrupted"), "{name}: {text}");
        world.cloud.faults().clear();
        world.cloud.release();
    }
}

#[tokio::test]
async fn demand_08_a_stop_ends_the_checks_of_a_plan_without_a_change_of_it() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        let usual = resource.plan(&(subject.least)(), None).await.accepted();
        assert_eq!(world.configure(&json!({})).await, []); // a new process knows no catalogue
        world.cloud.clear_log();
        hold_everything_back(&world);
        let config = (subject.least)();
        let plan = stopped(&world, resource.plan(&config, None), one_is_held_back).await.accepted();
        assert_eq!((plan.value, plan.replace), (usual.value, usual.replace));
        assert_eq!(world.cloud.alive().len(), 0);
    }
}
