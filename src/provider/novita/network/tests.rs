//! A network's life against an API of a few lines that keeps networks, on a clock that jumps over every wait.

use std::sync::Mutex;

use tfplugin::data_source::DataSource as _;
use tfplugin::resource::{Changes, Resource};
use tfplugin::schema::Schema;
use tfplugin::testing as client;
use tfplugin::value::Value;

use super::*;
use crate::provider::life_cycle::stored::StoredLife;
use crate::provider::loopback::{self, Requests, sent, told, writer};
use crate::provider::novita::network::data::FoundNetwork;

type Life = StoredLife<Network>;

/// What happens in an account besides.
#[derive(Clone, Copy, Default)]
struct Odd {
    /// The answer to a create, in place of the documented one.
    created: Option<&'static str>,
    /// The state of a new network, in the order of the gets; the last one stays.
    states: &'static [&'static str],
    /// Whether gets answer an object, and lists stand under the plural.
    is_odd: bool,
    /// Whether it cannot be deleted.
    in_use: bool,
    /// The answer to each get, and whether the list has lost it too.
    get: Option<(u16, &'static str)>,
    is_gone: bool,
}

fn account(odd: Odd) -> (Cx, Requests) {
    let twin = |id: &str| json!({"Id": id, "name": "twin", "state": [{"state": "ready"}], "clusterId": "7"});
    let networks = Mutex::new((vec![twin("vpc-8"), twin("vpc-9")], 0));
    loopback::operation("1.11.4", move |request| {
        let (networks, gets) = &mut *networks.lock().unwrap();
        let body = request.split_once(" {").map(|(_, it)| format!("{{{it}")).unwrap_or_default();
        let body: Json = serde_json::from_str(&body).unwrap_or_default();
        let is_it = |it: &Json| it["Id"] == body["networkId"];
        if request.starts_with("POST /network/create") {
            let addresses = json!([{"Id": "i-1", "Ip": "10.8.1.2"}]);
            networks.push(json!({
                "Id": "vpc-1", "user": "u-1", "name": body["name"], "state": [], "segment": "10.8.1.0/24",
                "clusterId": body["clusterId"], "Addresses": addresses, "createTime": "1767225600",
            }));
            let answer = json!({"network": [networks.last()]}).to_string();
            return (200, odd.created.map_or(answer, str::to_owned));
        }
        if request.starts_with("POST /network/update") {
            networks.iter_mut().filter(|it| is_it(it)).for_each(|it| it["name"] = body["name"].clone());
            return (200, "{}".to_owned());
        }
        if request.starts_with("POST /network/delete") {
            if odd.in_use {
                let refusal = json!({"code": 400, "reason": "NETWORK_IN_USE", "message": "it is in use"});
                return (400, refusal.to_string());
            }
            networks.retain(|it| !is_it(it));
            return (200, "{}".to_owned());
        }
        if let Some((_, id)) = request.split_once("GET /network?networkId=") {
            if let Some((status, answer)) = odd.get {
                return (status, answer.to_owned());
            }
            let found = networks.iter().find(|it| it["Id"] == id).cloned();
            let Some(mut found) = found else { return (200, json!({"network": []}).to_string()) };
            if id == "vpc-1" {
                let states = if odd.states.is_empty() { &["creating", "ready"] } else { odd.states };
                let (state, error) = states[(*gets).min(states.len() - 1)]
                    .split_once('!')
                    .unwrap_or((states[(*gets).min(states.len() - 1)], ""));
                let state = json!({"state": state, "error": error});
                found["state"] = if odd.is_odd { state } else { json!([state]) };
                *gets += 1;
            }
            let shown = if odd.is_odd { found } else { json!([found]) };
            return (200, json!({"network": shown}).to_string());
        }
        assert!(request.starts_with("GET /networks?"), "{request}");
        let shown: Vec<_> = networks.iter().filter(|it| !odd.is_gone || it["Id"] != "vpc-1").collect();
        let key = if odd.is_odd { "networks" } else { "network" };
        (200, json!({key: shown, "total": shown.len().to_string()}).to_string())
    })
}

fn model(object: &Json) -> Network {
    Network::from_object(&client::value(&Schema::of::<Network>(), object)).unwrap()
}

fn wanted(name: &str) -> Network {
    model(
        &json!({"id": "?", "cluster_id": "7", "name": name, "segment": "?", "status": "?", "created_at": "?"}),
    )
}

fn of_id(id: &str) -> Network {
    model(&json!({"id": id, "cluster_id": "7", "name": "lab", "status": "ready"}))
}

async fn create(cx: &Cx, name: &str) -> (Value, String) {
    let (cell, writer) = writer();
    let told = told(cx, Life::create(cx, wanted(name), &writer).await);
    (cell.lock().unwrap().clone().unwrap_or(Value::Null), told)
}

#[tokio::test(start_paused = true)]
async fn a_network_is_made_waited_for_and_found_whatever_the_answer() {
    let answers =
        [None, Some("{}"), Some(""), Some(r#"{"network":[]}"#), Some(r#"{"network":{"Id":"vpc-1"}}"#)];
    for (created, is_odd) in answers.into_iter().zip([false, true].into_iter().cycle()) {
        for name in ["lab", "?"] {
            let (cx, requests) = account(Odd { created, is_odd, ..Odd::default() });
            let (state, told) = create(&cx, name).await;
            let text = |name: &str| state.get(name).as_str().unwrap_or_default().to_owned();
            assert_eq!((text("id"), told), ("vpc-1".to_owned(), String::new()), "{created:?}");
            assert_eq!((text("status"), text("segment")), ("ready".to_owned(), "10.8.1.0/24".to_owned()));
            assert_eq!(text("created_at"), "2026-01-01T00:00:00Z");
            assert_eq!(sent(&requests).len(), 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_ails_a_network_ends_the_wait_with_its_words_and_is_kept() {
    let states = &["creating!no free range of addresses"];
    let (cx, _) = account(Odd { states, ..Odd::default() });
    let (state, told) = create(&cx, "lab").await;
    assert_eq!(state.get("id").as_str(), Some("vpc-1"));
    assert!(told.contains("no free range of addresses") && told.contains("untaint"), "{told}");
    assert!(!told.contains("money"), "nothing is known of its price: {told}");
}

#[tokio::test(start_paused = true)]
async fn demand_05_gone_needs_the_list_beside_the_get() {
    for get in [
        (200, r#"{"network":[]}"#),
        (400, r#"{"code":400,"reason":"NETWORK_NOT_FOUND","message":"network not found"}"#),
    ] {
        for is_gone in [true, false] {
            let (cx, _) = account(Odd { get: Some(get), is_gone, ..Odd::default() });
            let id = if is_gone { "vpc-1" } else { "vpc-8" };
            let read = Life::read(&cx, of_id(id)).await;
            match (is_gone, read) {
                (true, Ok(found)) => assert!(found.is_none(), "{get:?}"),
                (false, Err(why)) => assert!(why.0[0].detail.contains("contradicts itself"), "{why:?}"),
                (_, other) => panic!("{get:?} {is_gone}: {:?}", other.map(|it| it.is_some())),
            }
        }
    }
    for get in [(200, r#"{"network":[{}]}"#), (200, r#"{"data":[]}"#), (200, ""), (500, "{}")] {
        let (cx, _) = account(Odd { get: Some(get), is_gone: true, ..Odd::default() });
        assert!(Life::read(&cx, of_id("vpc-1")).await.is_err(), "{get:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_network_is_renamed_in_place() {
    let (cx, requests) = account(Odd { states: &["ready"], ..Odd::default() });
    create(&cx, "lab").await;
    let planned = model(&json!({"id": "vpc-1", "cluster_id": "7", "name": "den", "status": "ready"}));
    let (cell, writer) = writer();
    let result = Life::update(&cx, Changes { prior: of_id("vpc-1"), planned }, &writer).await;
    assert_eq!(told(&cx, result), "");
    assert_eq!(cell.lock().unwrap().as_ref().unwrap().get("name").as_str(), Some("den"));
    assert_eq!(sent(&requests)[1..], [r#"POST /network/update {"name":"den","networkId":"vpc-1"}"#]);
}

#[tokio::test(start_paused = true)]
async fn a_network_in_use_is_asked_for_again_and_in_the_end_it_is_told_by_whom() {
    for in_use in [false, true] {
        let (cx, requests) = account(Odd { in_use, states: &["ready"], ..Odd::default() });
        create(&cx, "lab").await;
        let told = told(&cx, Life::delete(&cx, of_id("vpc-1")).await);
        assert_eq!(told.is_empty(), !in_use, "{told}");
        assert!(!in_use || told.contains("the instance i-1 (10.8.1.2)"), "{told}");
        assert!(!in_use || sent(&requests).len() > 10, "it was asked for as long as there was time");
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_up_shows_who_is_in_it_and_a_name_stands_for_one() {
    let (cx, _) = account(Odd { states: &["ready"], ..Odd::default() });
    create(&cx, "lab").await;
    let key =
        |key: &Json| FoundNetwork::from_object(&client::value(&Schema::of::<FoundNetwork>(), key)).unwrap();
    for by in [json!({"name": "lab"}), json!({"id": "vpc-1"})] {
        let found = FoundNetwork::read(&cx, key(&by)).await.unwrap_or_else(|it| panic!("{it:?}")).to_object();
        assert_eq!(found.get("addresses").get("i-1").as_str(), Some("10.8.1.2"), "{by}");
        assert_eq!((found.get("id").as_str(), found.get("status").as_str()), (Some("vpc-1"), Some("ready")));
    }
    let told = FoundNetwork::read(&cx, key(&json!({"name": "twin"}))).await.err().unwrap();
    assert!(told.0[0].detail.contains("vpc-8, vpc-9"), "{told:?}");
}
