//! A template's life against an API of a few lines that keeps one, on a clock that jumps over every wait.

use std::sync::Mutex;

use tfplugin::resource::{Changes, Resource};
use tfplugin::testing as client;

use super::*;
use crate::provider::life_cycle::stored::StoredLife;
use crate::provider::loopback::{self, Requests, sent, told, writer};

type Life = StoredLife<Template>;

/// An account with one template, which somebody has given a volume and a variable in the console.
fn account(update: (u16, &'static str)) -> (Cx, Requests) {
    let kept = Mutex::new(json!({
        "Id": "tpl-1", "user": "u-1", "logo": "x.png", "tools": [], "createTime": "1767225600", "name": "mine",
        "type": "INSTANCE", "channel": "private", "image": "docker.io/acme/trainer:1.4", "rootfsSize": "60",
        "startCommand": "run", "envs": [{"key": "THEIRS", "value": "1"}, {"key": "A", "value": "1"}],
        "ports": [{"type": "tcp", "ports": [22]}, {"type": "http", "ports": ["8080"]}],
        "volumes": [{"type": "local", "size": 10, "mountPath": "/data"}],
    }));
    loopback::operation("1.11.4", move |request| {
        if let Some((_, body)) = request.split_once("POST /template/update ") {
            if update.0 == 200 {
                let body: Json = serde_json::from_str(body).unwrap();
                let mut kept = kept.lock().unwrap();
                *kept = body["template"].clone();
                kept["createTime"] = json!("1767225600");
            }
            return (update.0, update.1.to_owned());
        }
        (200, json!({"template": *kept.lock().unwrap()}).to_string())
    })
}

fn model(change: &Json) -> Template {
    let mut object = json!({
        "id": "tpl-1", "name": "mine", "image": "acme/trainer:1.4", "rootfs_size": 60, "type": "instance",
        "channel": "private", "ports": ["22/tcp", "8080/http"], "envs": {"A": "1"}, "created_at": "2026-01-01T00:00:00Z",
    });
    for (name, value) in change.as_object().unwrap() {
        object[name] = value.clone();
    }
    Template::from_object(&client::value(&Schema::of::<Template>(), &object)).unwrap()
}

async fn change(cx: &Cx, prior: &Json, planned: &Json) -> Result<()> {
    let (_, writer) = writer();
    Life::update(cx, Changes { prior: model(prior), planned: model(planned) }, &writer).await
}

#[tokio::test(start_paused = true)]
async fn a_change_keeps_what_others_have_set() {
    let (cx, requests) = account((200, r#"{"templateId":"tpl-1"}"#));
    let planned = json!({"rootfs_size": 80, "ports": ["22/tcp", "9000/tcp"], "secret_envs": {"B": "2"}});
    change(&cx, &json!({}), &planned).await.unwrap();
    let body: Json = serde_json::from_str(sent(&requests)[0].split_once("update ").unwrap().1).unwrap();
    let expected = json!({
        "Id": "tpl-1", "name": "mine", "type": "instance", "channel": "private", "image": "docker.io/acme/trainer:1.4",
        "rootfsSize": 80, "startCommand": "run", "entrypoint": "", "readme": "", "imageAuth": "", "minCudaVersion": "",
        "ports": [{"type": "tcp", "ports": [22, 9000]}],
        "envs": [{"key": "A", "value": "1"}, {"key": "B", "value": "2"}, {"key": "THEIRS", "value": "1"}],
        "volumes": [{"type": "local", "size": 10, "mountPath": "/data"}],
    });
    assert_eq!(body, json!({"template": expected}));
    assert_eq!(sent(&requests).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_out_is_emptied_and_what_only_became_secret_is_no_call() {
    let (cx, requests) = account((200, "{}"));
    let (hidden, shown) = (json!({"envs": null, "secret_envs": {"A": "1"}}), json!({"start_command": "run"}));
    change(&cx, &json!({}), &hidden).await.unwrap();
    assert_eq!(sent(&requests), [""; 0]);
    change(&cx, &shown, &json!({"ports": null})).await.unwrap();
    let body: Json = serde_json::from_str(sent(&requests)[0].split_once("update ").unwrap().1).unwrap();
    assert_eq!((&body["template"]["startCommand"], &body["template"]["ports"]), (&json!(""), &json!([])));
}

#[tokio::test(start_paused = true)]
async fn an_api_without_the_call_is_told_with_the_way_out() {
    let refusal = r#"{"code":404,"reason":"API_NOT_FOUND","message":"no such call","metadata":{}}"#;
    let (cx, requests) = account((404, refusal));
    let failed = change(&cx, &json!({}), &json!({"rootfs_size": 80})).await;
    let said = told(&cx, failed);
    assert!(said.starts_with("API cannot change a template in place: "), "{said}");
    assert!(said.contains("-replace=ADDRESS") && said.contains("tpl-1 goes on existing"), "{said}");
    assert_eq!(sent(&requests).len(), 1);
}

#[test]
fn ports_are_grouped_by_kind() {
    let ports =
        |texts: &[&str]| ports_to_wire(&Value::Set(texts.iter().map(|it| Value::from(*it)).collect()));
    assert_eq!(
        ports(&["9000/http", "22/tcp", "80/http"]),
        json!([{"type": "http", "ports": [80, 9000]}, {"type": "tcp", "ports": [22]}])
    );
    assert_eq!(ports(&[]), json!([]));
}
