//! Each resource on a platform that does things of its own accord: it fills in, rounds, writes otherwise, and its
//! catalogue says less. Nothing of that is a change, and what the platform added outlives an update.

use mock_cloud::{Group, Style, Switch};
use serde_json::json;

use super::endpoint::ENDPOINT;
use super::instances::{CPU, GPU};
use super::life::lives;
use super::network::NETWORK;
use super::prewarm::PREWARM;
use super::registry_auth::REGISTRY_AUTH;
use super::ssh_key::SSH_KEY;
use super::storage::STORAGE;
use super::table::{Four, roomy_world};
use super::template::TEMPLATE;
use super::vm::VM;
use crate::service::world::{World, cloud_options, patched};

const FOUR: [&Four; 10] =
    [&GPU, &CPU, &ENDPOINT, &VM, &STORAGE, &NETWORK, &REGISTRY_AUTH, &PREWARM, &TEMPLATE, &SSH_KEY];

async fn world_with(platform: Style) -> World {
    roomy_world(mock_cloud::Options { platform, ..cloud_options() }).await
}

async fn all_live_in(world: &World, platform: &str) {
    for four in FOUR {
        lives(four, world, platform, 1).await;
    }
}

#[tokio::test]
async fn what_a_platform_fills_in_or_writes_otherwise_is_no_change() {
    all_live_in(&world_with(Style::all(Group::FillsIn)).await, "all at once").await;
    for switch in Switch::ALL.into_iter().filter(|it| it.group() == Group::FillsIn) {
        all_live_in(&world_with(Style::only(switch)).await, &format!("{switch:?}")).await;
    }
    for seed in 1..=3 {
        all_live_in(&world_with(Style::fills_in(seed)).await, &format!("seed {seed}")).await;
    }
}

#[tokio::test]
async fn what_a_platform_filled_in_costs_no_call_and_no_machine_after_an_import() {
    let world = world_with(Style::all(Group::FillsIn)).await;
    for four in FOUR {
        let resource = world.of(four.subject);
        for config in [(four.subject.least)(), (four.subject.full)()] {
            let object = resource.create(&config).await;
            world.cloud.clear_log();
            let imported = resource.imported(object.id()).await;
            let plan = resource.plan(&config, Some(&imported)).await.accepted();
            assert_eq!(plan.replace, Vec::<String>::new(), "{}", four.subject.type_name);
            let adopted = if plan.is_empty() { imported } else { resource.apply(&plan).await.object() };
            assert_eq!(world.calls(), [], "{} with {config}", four.subject.type_name);
            resource.assert_settled(&config, &adopted).await;

            // What was adopted is the configuration's from now on.
            let changed = patched(&config, &(four.subject.slow_change.0)());
            let object = resource.settle(&changed, Some(&adopted)).await.object();
            resource.assert_settled(&changed, &object).await;
            resource.destroy(&object).await;
        }
    }
}

#[tokio::test]
async fn a_catalogue_that_says_less_stops_nothing() {
    for switch in Switch::ALL.into_iter().filter(|it| it.group() == Group::Catalogue) {
        all_live_in(&world_with(Style::only(switch)).await, &format!("{switch:?}")).await;
    }
}

#[tokio::test]
async fn what_the_platform_added_is_sent_back_by_an_update() {
    let mut platform = Style::default();
    for switch in [
        Switch::ImageAuthId,
        Switch::PlatformVariables,
        Switch::PlatformVolumes,
        Switch::UnknownMembers,
        Switch::EchoCommand,
        Switch::EchoEntrypoint,
    ] {
        platform.turn_on(switch);
    }
    for four in [&GPU, &CPU, &ENDPOINT] {
        let world = world_with(platform.clone()).await;
        let resource = world.of(four.subject);
        let config = resource.least(&json!({"envs": {"MODE": "one"}}));
        let object = resource.create(&config).await;
        world.cloud.clear_log();
        let changed = patched(&config, &json!({"envs": {"MODE": "two"}}));
        let object = resource.settle(&changed, Some(&object)).await.object();
        resource.assert_settled(&changed, &object).await;
        let (_, body) = world.calls().pop().expect("a call");
        let sent = body.to_string();
        for kept in
            ["PLATFORM_NODE", "NVIDIA_VISIBLE_DEVICES", "auth-platform-", "/start.sh --foreground", "two"]
        {
            assert!(sent.contains(kept), "{}: no {kept} in {sent}", four.subject.type_name);
        }
        // An upgrade has a form of its own; the update of an endpoint has that of its get.
        assert_eq!(sent.contains("schemaVersion"), four.subject.type_name == "novita_endpoint", "{sent}");
    }
}
