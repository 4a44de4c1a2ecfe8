//! States as they lie in files (rules U1 to U4).

use serde_json::{Value, json};

use super::said::SECRET;
use super::subject::{STORED, SUBJECTS};
use super::world::{World, patched};
use crate::proto::tfplugin6::RawState;

#[tokio::test]
async fn u1_a_state_of_the_same_version_stays_as_it_is() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let resource = world.of(subject);
        for config in [(subject.least)(), (subject.full)()] {
            let object = resource.create(&config).await;
            let upgraded = resource.upgrade(resource.shape.version, &object.state).await.object();
            assert_eq!(upgraded.state, object.state);
        }
    }
}

#[tokio::test]
async fn u2_unknown_names_are_dropped_and_missing_ones_are_null() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let resource = world.of(subject);
        let old = json!({"id": "i-1", "removed_in_1_0": {"a": [1, null]}, "timeouts": {"read": "5m"}});
        let upgraded = resource.upgrade(resource.shape.version, &old).await.object().state;
        assert_eq!(upgraded["id"], "i-1");
        let members = upgraded.as_object().unwrap();
        assert!(members.iter().all(|(name, it)| name == "id" || name == "timeouts" || it.is_null()));
        assert_eq!(
            resource.upgrade(resource.shape.version, &json!({})).await.object().state["id"],
            Value::Null
        );
    }
}

#[tokio::test]
async fn u3_a_state_from_before_terraform_0_12_is_refused() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let flatmap = [("id".to_owned(), "i-1".to_owned())].into();
        let raw = RawState { flatmap, ..Default::default() };
        assert!(world.of(subject).upgrade_raw(0, raw).await.nothing_but_an_error().contains("0.12"));
        assert!(!world.of(subject).upgrade_raw(0, RawState::default()).await.error().is_empty());
    }
}

#[tokio::test]
async fn u3_what_is_no_state_or_from_the_future_is_an_error() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let resource = world.of(subject);
        for text in ["", "{", "[]", "7", "{\"id\": [1]}"] {
            let raw = RawState { json: text.as_bytes().to_vec().into(), ..Default::default() };
            resource.upgrade_raw(resource.shape.version, raw).await.nothing_but_an_error();
        }
        let error = resource.upgrade(99, &json!({"id": "i-1"})).await.nothing_but_an_error();
        assert!(error.contains("99"), "{error}");
    }
}

#[tokio::test]
async fn u4_an_upgrade_asks_nothing_and_keeps_no_write_only_value() {
    let world = World::start().await;
    for subject in SUBJECTS.iter().chain(STORED) {
        let resource = world.of(subject);
        let mut state = resource.shape.complete(&json!({"id": "i-1"}));
        for attribute in resource.shape.attributes.iter().filter(|it| it.flags.write_only) {
            state = patched(&state, &json!({&attribute.name: SECRET}));
        }
        // `upgrade` looks at every write-only attribute.
        assert_eq!(resource.upgrade(resource.shape.version, &state).await.object().state["id"], "i-1");
    }
    assert_eq!(world.requests(), Vec::<String>::new());
}
