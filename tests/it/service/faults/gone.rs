//! What is read as gone, and what never is.

use mock_cloud::Effect;
use serde_json::{Value, json};

use super::{check, get, is_novita, status, thing};
use crate::service::subject::SUBJECTS;
use crate::service::world::World;

fn json_answer(code: u16, body: &str) -> Effect {
    Effect::Raw { code, content_type: "application/json".to_owned(), body: body.to_owned() }
}

#[tokio::test]
async fn a_broken_api_keeps_the_state() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        let object = resource.created(&json!({})).await;
        for effect in [
            Effect::Http5xx { code: 500, html: false },
            Effect::Http5xx { code: 503, html: true },
            status(500, "RESOURCE_NOT_FOUND", "not found"),
        ] {
            world.fault(get(subject).with(effect.clone()).always());
            let read = resource.read(&object).await;
            let summary = format!("Could not read the {}: API failed", thing(subject));
            check(&read.said, &summary, &["API's side", "stays there"]);
            assert_eq!(read.left(), object);
            world.fault(subject.delete.with(effect).always());
            let answer = resource.destroy(&object).await;
            assert!(answer.error().contains(object.id()), "{:?}", answer.said);
            assert_eq!(answer.left().state, object.state);
            world.cloud.faults().clear();
        }
    }
}

#[tokio::test]
async fn not_found_in_each_spelling_is_gone_and_no_error() {
    let novita = [
        status(400, "RESOURCE_NOT_FOUND", "no"),
        status(400, "NOT_FOUNT", "no"),
        status(404, "", "no"),
        status(400, "", "it was not found for this user"),
        status(400, "", "not fount"),
        json_answer(200, "{}"),
        json_answer(200, "null"),
    ];
    let novacloud = [
        status(404, "", "VM not found"),
        status(404, "", "VM not found for this user"),
        json_answer(200, "{}"),
        json_answer(200, "null"),
        Effect::EnterStatus("destroyed".to_owned()),
    ];
    for subject in SUBJECTS {
        for spelling in if is_novita(subject) { &novita[..] } else { &novacloud } {
            let world = World::start().await;
            let resource = world.of(subject);
            let object = resource.created(&json!({})).await;
            // What the list still has is not gone.
            if !matches!(spelling, Effect::EnterStatus(_)) {
                assert!((subject.remove)(&world.cloud, object.id()));
            }
            world.fault(get(subject).with(spelling.clone()));
            let read = resource.read(&object).await;
            assert_eq!((read.state, read.said), (Value::Null, vec![]), "{spelling:?}");
        }
    }
}

#[tokio::test]
async fn what_only_sounds_like_not_found_keeps_the_state() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        // No failed look ends a wait, so its time is short.
        let object = resource.created(&json!({"timeouts": {"delete": "3s"}})).await;
        let page = Effect::Raw {
            code: 404,
            content_type: "text/html".to_owned(),
            body: "<html><h1>Not Found</h1></html>".to_owned(),
        };
        // An answer without a body says nothing.
        world.fault(get(subject).with(json_answer(200, "")).times(3));
        let read = resource.read(&object).await;
        let summary = format!("Could not read the {}: unreadable answer", thing(subject));
        check(&read.said, &summary, &["the answer was empty"]);
        assert_eq!(read.left(), object);
        world.fault(get(subject).with(page).always());
        let read = resource.read(&object).await;
        check(&read.said, "Provider cannot call the API", &["base URL"]);
        assert_eq!(read.left(), object);
        if is_novita(subject) {
            let answer = resource.destroy(&object).await;
            let summary = format!("Timed out waiting for the {} to be gone", thing(subject));
            check(&answer.said, &summary, &["may still exist", "base URL"]);
            assert_eq!(answer.left().state, object.state);
        }
    }
}
