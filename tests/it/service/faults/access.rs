//! Keys and accounts that are refused: nothing is gone by it.

use mock_cloud::{Effect, Fault};
use serde_json::{Value, json};

use super::{check, is_novita, status, vendor};
use crate::service::subject::{SUBJECTS, Subject, VM};
use crate::service::world::World;

/// Read, update and delete fail by this effect with these words, and keep the state and the machine.
async fn check_kept(subject: &'static Subject, effect: &Effect, summary: &str, words: &[&str]) {
    let world = World::start().await;
    let resource = world.of(subject);
    let object = resource.created(&json!({})).await;
    let changed = resource.plan(&resource.least(&(subject.slow_change.0)()), Some(&object)).await.accepted();
    let gone = resource.plan_destroy(&object).await.accepted();
    world.fault(Fault::new("GET", "", effect.clone()).always());
    world.fault(Fault::new("POST", "", effect.clone()).always());
    world.fault(Fault::new("DELETE", "", effect.clone()).always());
    for answer in [resource.read(&object).await, resource.apply(&changed).await, resource.apply(&gone).await]
    {
        check(&answer.said, summary, words);
        assert_eq!(answer.state["id"], object.state["id"]);
        assert_eq!(answer.state["status"], object.state["status"]);
    }
    let answer = resource.try_create(&(subject.least)()).await;
    check(&answer.said, summary, words);
    assert_eq!(answer.state, Value::Null);
    world.cloud.faults().clear();
    assert_eq!(world.cloud.alive().len(), 1);
    assert_eq!(resource.read(&object).await.object(), object);
}

#[tokio::test]
async fn a_wrong_key_is_named_and_keeps_the_state() {
    for subject in SUBJECTS {
        let effect = status(401, "UNAUTHORIZED", "the API's own words, and not found");
        let key = format!("`{}`", subject.key.0);
        let words = [key.as_str(), subject.key.1, "none was touched", "stays there"];
        check_kept(subject, &effect, &format!("API key of {} was refused", vendor(subject)), &words).await;
    }
}

#[tokio::test]
async fn a_key_that_may_not_keeps_the_state() {
    for subject in SUBJECTS {
        let effect = status(403, "PERMISSION_DENIED", "API key scope does not allow this; not found");
        let summary = format!("API key of {} may not do this", vendor(subject));
        check_kept(subject, &effect, &summary, &["may only read", "none was touched"]).await;
    }
}

#[tokio::test]
async fn a_read_only_key_reads_and_changes_nothing() {
    let world = World::start().await;
    let resource = world.of(&VM);
    let object = resource.created(&json!({})).await;
    let key = world.cloud.novacloud_read_only_key();
    assert_eq!(world.configure(&json!({"novacloud_api_key": key})).await, []);
    assert_eq!(resource.read(&object).await.object(), object);
    let answer = resource.destroy(&object).await;
    check(&answer.said, "API key of Nova Cloud may not do this", &["scope", "may still exist"]);
    assert_eq!(answer.left().state, object.state);
}

#[tokio::test]
async fn a_blocked_account_keeps_the_state() {
    for subject in SUBJECTS {
        let summary = format!("Account of {} is not ready for use", vendor(subject));
        let effects = match is_novita(subject) {
            true => {
                vec![status(403, "NEED_REAL_NAME_VERIFY", "no"), status(400, "USER_NOT_FOUND", "not found")]
            }
            false => vec![status(403, "", "Your account is suspended")],
        };
        for effect in effects {
            check_kept(subject, &effect, &summary, &["verified, activated or unblocked", "none was touched"])
                .await;
        }
    }
}
