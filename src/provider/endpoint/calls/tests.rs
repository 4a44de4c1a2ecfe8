//! The calls against a server of a few lines.

use super::*;
use crate::api::error_mapping::ErrorMapping;
use crate::provider::endpoint::calls::waits::{After, wait_until_gone, wait_until_serving};
use crate::provider::loopback::{self, Requests};
use crate::provider::roll::Roll;

async fn play(script: &'static [(u16, &'static str)]) -> (Client, Requests) {
    loopback::play(ErrorMapping::Novita, script).await
}

#[tokio::test]
async fn create_wraps_the_body_and_returns_the_id() {
    for body in [r#"{"id":"ep-1"}"#, r#"{"endpoint":{"id":"ep-1","rootfsSize":"odd"}}"#] {
        let (client, requests) = loopback::serve(ErrorMapping::Novita, move |_| (200, body.to_owned())).await;
        let id = create(&client, &Call::default(), &json!({"name": "n"})).await.unwrap();
        assert_eq!(id, "ep-1", "{body}");
        assert_eq!(*requests.lock().unwrap(), [r#"POST /endpoint/create {"endpoint":{"name":"n"}}"#]);
    }
}

#[tokio::test]
async fn demand_27_a_create_without_an_id_is_unclear() {
    for body in [r#"{"id":""}"#, r#"{"id":null}"#, r#"{"endpoint":null}"#, "{}", "", "null", "\"x\""] {
        let (client, _) = loopback::serve(ErrorMapping::Novita, move |_| (200, body.to_owned())).await;
        let error = create(&client, &Call::default(), &json!({})).await.unwrap_err();
        assert!(matches!(error, Error::Ambiguous(_)), "{body}: {error:?}");
    }
}

#[tokio::test]
async fn a_refused_setting_is_named_as_the_endpoint_does() {
    for (body, field) in [
        (r#"{"reason":"VALIDATOR_PARAM","message":"minNum must be at most 10"}"#, "workerConfig.minNum"),
        (r#"{"reason":"SERVERLESS_APP_NAME_IS_EXIST","message":"taken"}"#, "appName"),
        (r#"{"reason":"SERVERLESS_PRODUCT_NOT_FOUND","message":"x"}"#, "products"),
        (r#"{"reason":"IMAGE_NOT_FOUND","message":"x"}"#, "image.image"),
    ] {
        let (client, _) = loopback::serve(ErrorMapping::Novita, move |_| (400, body.to_owned())).await;
        for error in [
            create(&client, &Call::default(), &json!({})).await.unwrap_err(),
            update(&client, &Call::default(), &json!({})).await.unwrap_err(),
        ] {
            assert!(matches!(error, Error::Rejected(_)), "{body}");
            assert_eq!(error.details().field.as_deref(), Some(field));
        }
    }
}

#[tokio::test]
async fn each_way_of_being_gone_is_not_found() {
    for (status, body) in [
        (200, "{}"),
        (200, "null"),
        (200, r#"{"endpoint":null}"#),
        (200, r#"{"endpoint":{}}"#),
        (200, r#"{"endpoint":{"id":"ep-1","state":{"state":"removed"}}}"#),
        (404, r#"{"message":"endpoint not found"}"#),
        (400, r#"{"reason":"SERVERLESS_ENDPOINT_NOT_FOUND","message":"x"}"#),
        (400, r#"{"message":"endpoint not found"}"#),
    ] {
        let (client, requests) =
            loopback::serve(ErrorMapping::Novita, move |_| (status, body.to_owned())).await;
        assert!(get(&client, &Call::default(), "ep-1").await.unwrap_err().is_not_found(), "{status} {body}");
        assert_eq!(*requests.lock().unwrap(), ["GET /endpoint?id=ep-1"]);
        wait_until_gone(&Roll::default().looks(&client, &Call::default()), "ep-1").await.unwrap();
    }
}

#[tokio::test]
async fn refused_access_is_not_gone() {
    for status in [401, 403] {
        let (client, _) =
            loopback::serve(ErrorMapping::Novita, move |_| (status, r#"{"message":"not found"}"#.to_owned()))
                .await;
        assert!(!get(&client, &Call::default(), "ep-1").await.unwrap_err().is_not_found());
        assert!(wait_until_gone(&Roll::default().looks(&client, &Call::default()), "ep-1").await.is_err());
    }
}

#[tokio::test]
async fn a_name_is_matched_exactly_over_all_pages() {
    let (client, requests) = play(&[
        (200, r#"{"endpoints":[{"id":"1","name":"tf-a"},{"id":"2","name":"tf-ab"}],"total":4}"#),
        (200, r#"{"endpoints":[{"id":"1","name":"tf-a"},{"id":"2","name":"tf-ab"}],"total":4}"#),
        (200, r#"{"endpoints":[{"id":"3","name":"tf-a"},{"id":"4","name":"tf-a","state":{"state":"removed"}}],"total":4}"#),
    ])
    .await;
    let found = list(&client, &Call::default(), Some("tf-a")).await.unwrap();
    assert_eq!(found.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["1", "3"]);
    let expected = [0, 1, 2].map(|it| format!("GET /endpoints?pageSize=100&pageNum={it}"));
    assert_eq!(*requests.lock().unwrap(), expected);
}

#[tokio::test]
async fn an_account_without_endpoints_has_an_empty_list() {
    for body in [r#"{"endpoints":[],"total":0}"#, r#"{"endpoints":null,"total":0}"#, "null", "{}"] {
        let (client, _) = loopback::serve(ErrorMapping::Novita, move |_| (200, body.to_owned())).await;
        assert!(list(&client, &Call::default(), None).await.unwrap().is_empty(), "{body}");
    }
}

#[tokio::test]
async fn update_is_flat_and_delete_names_the_id_twice() {
    let (client, requests) = play(&[(200, "")]).await;
    update(&client, &Call::default(), &json!({"id": "ep-1", "name": "n"})).await.unwrap();
    delete(&client, &Call::default(), "ep-1").await.unwrap();
    let expected = [
        r#"POST /endpoint/update {"id":"ep-1","name":"n"}"#,
        r#"POST /endpoint/delete {"id":"ep-1","name":"ep-1"}"#,
    ];
    assert_eq!(*requests.lock().unwrap(), expected);
}

#[tokio::test]
async fn what_is_gone_or_going_is_deleted() {
    const CONFLICT: (u16, &str) = (400, r#"{"reason":"CONFLICT","message":"busy"}"#);
    const SERVING: (u16, &str) = (200, r#"{"endpoint":{"id":"e","state":{"state":"serving"}}}"#);
    for (script, deleted) in [
        (&[(400, r#"{"reason":"SERVERLESS_ENDPOINT_NOT_FOUND","message":"x"}"#)][..], true),
        (&[CONFLICT, (404, r#"{"message":"endpoint not found"}"#)], true),
        (&[(502, ""), (404, r#"{"message":"endpoint not found"}"#)], true),
        (&[CONFLICT, (200, r#"{"endpoint":{"id":"e","state":{"state":"terminating"}}}"#)], true),
        (&[CONFLICT, SERVING, CONFLICT, SERVING, CONFLICT, SERVING], false),
        (&[(502, ""), SERVING, (502, ""), SERVING, (502, ""), SERVING], false),
        (&[(502, ""), SERVING, (200, "")], true),
        (&[(502, ""), (401, "{}")], false),
        (&[(403, "{}")], false),
    ] {
        let (client, requests) = play(script).await;
        assert_eq!(delete(&client, &Call::default(), "e").await.is_ok(), deleted, "{script:?}");
        assert_eq!(requests.lock().unwrap().len(), script.len());
    }
}

#[tokio::test]
async fn limits_may_be_missing() {
    let (client, requests) = play(&[(200, r#"{"maxWorkerNum":10}"#), (200, "null")]).await;
    assert_eq!(limits(&client, &Call::default()).await.unwrap().worker_num().max, Some(10));
    assert_eq!(limits(&client, &Call::default()).await.unwrap(), Limits::default());
    assert_eq!(requests.lock().unwrap()[0], "GET /endpoint/limit");
}

#[tokio::test]
async fn a_wait_can_be_moved_between_threads_and_ends() {
    fn movable<T: Send>(work: T) -> T {
        work
    }
    let (client, _) = play(&[
        (404, r#"{"message":"endpoint not found"}"#),
        (200, r#"{"endpoint":{"id":"e","state":{"state":"serving"}}}"#),
    ])
    .await;
    let call = Call::default();
    let endpoint = movable(wait_until_serving(&Roll::default().looks(&client, &call), "e", After::Create))
        .await
        .unwrap();
    assert_eq!(endpoint.id, "e");
}

#[tokio::test]
async fn an_endpoint_of_the_mock_lives_and_goes() {
    let cloud = mock_cloud::MockCloud::start(mock_cloud::Options::default());
    let client = loopback::client(ErrorMapping::Novita, &cloud.novita_url(), cloud.api_key());
    let call = Call::default();
    let workers = json!({"minNum": 0, "maxNum": 2, "freeTimeout": 300, "maxConcurrent": 1, "gpuNum": 1, "requestTimeout": 600});
    let mut body = json!({
        "name": "tf-llm", "workerConfig": workers, "ports": [{"port": "8000"}], "policy": {"type": "queue", "value": 60},
        "image": {"image": "docker.io/acme/llm:2", "authId": "", "command": ""},
        "products": [{"id": "SL-serverless-3"}], "rootfsSize": 100,
        "volumeMounts": [{"type": "local", "size": 30, "mountPath": "/workspace"}],
        "envs": [{"key": "MODEL", "value": "demo"}], "healthy": {"path": "/health"},
    });
    let id = create(&client, &call, &body).await.unwrap();
    let made = wait_until_serving(&Roll::default().looks(&client, &call), &id, After::Create).await.unwrap();
    assert_eq!(
        (made.ports[0].port, made.policy.value, made.worker_config.free_timeout),
        (Some(8000), Some(60), Some(300))
    );
    assert_eq!(list(&client, &call, Some("tf-llm")).await.unwrap().len(), 1);

    let settings = body.as_object_mut().unwrap();
    settings.retain(|name, _| name != "products" && name != "rootfsSize");
    settings.insert("id".to_owned(), json!(id));
    settings["workerConfig"]["maxNum"] = json!(3);
    update(&client, &call, &body).await.unwrap();
    let changed =
        wait_until_serving(&Roll::default().looks(&client, &call), &id, After::Update).await.unwrap();
    assert_eq!(
        (changed.worker_config.max_num, changed.image.image.as_str()),
        (Some(3), "docker.io/acme/llm:2")
    );

    delete(&client, &call, &id).await.unwrap();
    wait_until_gone(&Roll::default().looks(&client, &call), &id).await.unwrap();
    delete(&client, &call, &id).await.unwrap();
    let limits = limits(&client, &call).await.unwrap();
    assert!(limits.worker_num().hold(3) && !limits.rootfs_size().hold(1));
}
