//! What a run of the whole life of a machine writes to stderr (rules L4, L7, G10), and what it keeps of secrets.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use mock_cloud::Effect;
use serde_json::{Value, json};

use super::said::SECRET;
use super::shape::Type;
use super::subject::{GPU, SUBJECTS};
use super::world::World;
use crate::options::Options;
use crate::proto::tfplugin6::{call_function, get_functions, list_resource, read_data_source};

#[tokio::test]
async fn l4_no_secret_is_in_the_log_at_trace() {
    for subject in SUBJECTS {
        let world = World::launched(Options::default().with("TF_LOG", "TRACE")).await;
        let resource = world.of(subject);
        let config = (subject.full)();
        let object = resource.create(&config).await;
        // The machine's own secrets become recognisable too.
        if subject.secrets.contains(&"ssh_password") {
            let patch = json!({"sshPassword": format!("{SECRET}-ssh")});
            world.cloud.modify_instance(object.id(), patch).unwrap();
        }
        let object = resource.read(&object).await.object();
        let key = world.block_config()[subject.key.0].as_str().unwrap().to_owned();
        let own = if subject.secrets.contains(&"password") { "password" } else { "token" };
        let own = format!("{SECRET}-{own}");
        let mut spelled = Vec::new();
        for secret in [world.cloud.api_key(), world.cloud.novacloud_api_key(), own.as_str()] {
            spelled.extend(spellings(secret));
        }
        for said in &spelled {
            // The blanks shift what is cut off.
            let message = format!("wrong {} {said}", "key ".repeat(145));
            for (reason, message) in
                [("VALIDATOR_PARAM", &format!("wrong {said}")), ("NO", &message), (said, said)]
            {
                let refusal =
                    Effect::Status { code: 400, reason: reason.to_owned(), message: message.to_owned() };
                world.fault(subject.create.with(refusal));
                let shown = resource.try_create(&(subject.full)()).await.nothing_but_an_error();
                assert!(!shown.contains(said.as_str()), "{said}: {shown}");
            }
        }
        // A status is not sensitive in itself, and may be anything.
        for said in spellings(&key) {
            world.fault(subject.get.with(Effect::UnknownStatus(said.clone())));
            let read = resource.read(&object).await.object();
            let plan = resource.plan(&config, Some(&read)).await;
            for kept in [&read.state, &plan.value] {
                let status = kept["status"].as_str().unwrap_or_default();
                assert!(!status.contains(&said) && !kept.to_string().contains(&key), "{said}: {kept}");
            }
        }
        world.fault(subject.get.with(Effect::Garbage).always());
        resource.read(&object).await.error();
        world.cloud.faults().clear();
        for name in subject.secrets.iter().filter(|it| resource.shape.attribute(it).ty == Type::Text) {
            resource.validate(&json!({*name: SECRET})).await;
        }
        resource.destroy(&object).await;
        let stderr = world.shut_down().await.stderr;
        assert!(stderr.lines().count() > 5, "the log is on: {stderr}");
        let secret = |it: &str| spelled.iter().any(|said| it.contains(said.as_str()));
        let found: Vec<_> =
            stderr.lines().filter(|it| it.contains(SECRET) || it.contains("pw-") || secret(it)).collect();
        assert!(found.is_empty(), "{found:?}");
    }
}

/// A secret as APIs may write it.
fn spellings(secret: &str) -> [String; 8] {
    let each = |write: fn(u8) -> String| secret.bytes().map(write).collect::<String>();
    let url: fn(u8) -> String =
        |it| if it.is_ascii_alphanumeric() { char::from(it).to_string() } else { format!("%{it:02x}") };
    [
        secret.to_owned(),
        secret.to_uppercase(),
        each(|it| format!("\\u{it:04x}")),
        each(|it| format!("\\x{it:02x}")),
        each(|it| format!("&#{it};")),
        format!("?key={}&", each(url)),
        STANDARD.encode(format!("me:{secret}")),
        URL_SAFE_NO_PAD.encode(secret),
    ]
}

#[tokio::test]
async fn l7_each_api_request_is_logged_with_what_came_of_it() {
    for subject in SUBJECTS {
        let world = World::launched(Options::default().with("TF_LOG_PROVIDER", "DEBUG")).await;
        let resource = world.of(subject);
        let limited = Effect::Http429 { retry_after: None };
        world.fault(subject.create.with(limited));
        resource.create(&(subject.least)()).await;
        let made = world.requests();
        let stderr = world.shut_down().await.stderr;
        let records: Vec<Value> = stderr.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
        let logged: Vec<_> = records.iter().filter(|it| it["method"].is_string()).collect();
        let lines: Vec<_> = logged
            .iter()
            .map(|it| format!("{} {}", it["method"].as_str().unwrap(), it["path"].as_str().unwrap()))
            .collect();
        let sorted = |mut lines: Vec<String>| {
            lines.sort();
            lines
        };
        // A path is logged without that of its API.
        let made = made.into_iter().map(|it| it.replace("/gpus/v2", "")).collect();
        assert_eq!(sorted(lines), sorted(made));
        for record in &logged {
            assert_eq!(record["@level"], "debug");
            assert!(record["duration_ms"].is_number() || record["duration_ms"].is_string(), "{record}");
            let of_apply = record["tf_rpc"] == "ApplyResourceChange";
            assert!(of_apply || record["method"] == "GET", "{record}");
            assert!(record["tf_req_id"].is_string(), "{record}");
        }
        let creates = logged.iter().filter(|it| it["method"] == "POST" && it["path"] == subject.create.1);
        let outcomes: Vec<_> =
            creates.map(|it| (it["status"].to_string(), it["attempt"].to_string())).collect();
        let unquoted = |text: &str| text.trim_matches('"').to_owned();
        let outcomes: Vec<_> = outcomes.iter().map(|(a, b)| (unquoted(a), unquoted(b))).collect();
        let outcomes: Vec<_> =
            outcomes.iter().map(|(status, attempt)| (&status[..2], attempt.as_str())).collect();
        assert_eq!(outcomes, [("42", "0"), ("20", "1")]);
    }
}

/// What a client that is gone was not told is the one record: the id, at error level.
#[track_caller]
pub(super) fn check_untold(stderr: &str, id: &str) {
    let records: Vec<Value> = stderr.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let told = records.iter().find(|it| it["id"] == id).unwrap_or_else(|| panic!("no {id} in {stderr:?}"));
    assert_eq!((&told["@level"], &told["tf_rpc"]), (&json!("error"), &json!("ApplyResourceChange")));
    let message = told["@message"].as_str().unwrap();
    assert!(message.contains(id) && message.contains("exists and is in no state"), "{message}");
}

#[tokio::test]
async fn each_call_is_one_record_that_says_what_it_was_about_and_how_long_it_took() {
    let world = World::launched(Options::default().with("TF_LOG_PROVIDER", "DEBUG")).await;
    let resource = world.of(&GPU);
    let object = resource.create(&(GPU.least)()).await;
    resource.read(&object).await.object();
    resource.validate(&(GPU.least)()).await;
    resource.imported(object.id()).await;
    let teapot = || "novita_teapot".to_owned();
    let request = read_data_source::Request { type_name: teapot(), ..Default::default() };
    world.client().read_data_source(request).await.unwrap();
    let request = list_resource::Request { type_name: teapot(), ..Default::default() };
    let mut events = world.client().list_resource(request).await.unwrap().into_inner();
    while events.message().await.unwrap().is_some() {}
    let request = call_function::Request { name: teapot(), arguments: Vec::new() };
    world.client().call_function(request).await.unwrap();
    world.client().get_functions(get_functions::Request {}).await.unwrap();
    world.stop().await;
    let stderr = world.shut_down().await.stderr;
    let records = stderr.lines().map(|it| serde_json::from_str::<Value>(it).unwrap());
    let records: Vec<_> = records.filter(|it| it["@module"] == "sdk.proto").collect();
    let ids: BTreeSet<_> = records.iter().map(|it| it["tf_req_id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), records.len(), "each call has an id of its own");
    let text = |it: &Value, key: &str| it[key].as_str().map(str::to_owned);
    let told: Vec<_> = records
        .iter()
        .map(|it| {
            assert!(it["tf_req_duration_ms"].is_number(), "{it}");
            assert_eq!(it["@level"], "debug");
            let kinds = ["tf_resource_type", "tf_data_source_type", "tf_list_resource_type", "tf_function"];
            (text(it, "tf_rpc").unwrap(), kinds.iter().find_map(|key| text(it, key)).unwrap_or_default())
        })
        .collect();
    let gpu = GPU.type_name;
    let expected = [
        ("GetProviderSchema", ""),
        ("ConfigureProvider", ""),
        ("PlanResourceChange", gpu),
        ("PlanResourceChange", gpu),
        ("ApplyResourceChange", gpu),
        ("ReadResource", gpu),
        ("ValidateResourceConfig", gpu),
        ("ImportResourceState", gpu),
        ("ReadResource", gpu),
        ("ReadDataSource", "novita_teapot"),
        ("ListResource", "novita_teapot"),
        ("CallFunction", "novita_teapot"),
        ("GetFunctions", ""),
        ("StopProvider", ""),
    ];
    assert_eq!(told, expected.map(|(rpc, name)| (rpc.to_owned(), name.to_owned())));
}

#[tokio::test]
async fn l6_the_level_that_is_asked_for_is_the_level_that_is_written() {
    for (level, expected) in [("ERROR", false), ("DEBUG", true)] {
        let world = World::launched(Options::default().with("TF_LOG", level)).await;
        for subject in SUBJECTS {
            world.of(subject).create(&(subject.least)()).await;
        }
        let stderr = world.shut_down().await.stderr;
        assert_eq!(!stderr.is_empty(), expected, "{level}: {stderr}");
    }
}
