//! A storage's life against an API of a few lines that keeps storages, on a clock that jumps over every wait.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value as Json;
use tfplugin::resource::{Changes, Resource};
use tfplugin::schema::Schema;
use tfplugin::testing as client;
use tfplugin::testing::Proposal;
use tfplugin::value::Value;
use tokio::time::Instant;

use super::*;
use crate::provider::life_cycle::stored::StoredLife;
use crate::provider::loopback::{self, Requests, sent, told, writer};

type Life = StoredLife<NetworkStorage>;

/// What happens in an account besides.
#[derive(Clone, Copy, Default)]
struct Odd {
    /// The answer to a create, in place of the bare id.
    created: Option<(u16, &'static str)>,
    /// So many deletions are refused, since it is in use.
    in_use: usize,
    /// So many lists come before it is shown.
    lag: usize,
    /// The answers to an update, and whether it works.
    update: Option<(u16, bool)>,
    /// So many lists after an update show what was before it.
    stale: usize,
    /// Whether pages are numbered from 1 and 0 is refused.
    from_1: bool,
    /// The answer to every list.
    list: Option<(u16, &'static str)>,
}

/// An account, in which other storages are.
struct Account {
    cx: Cx,
    requests: Requests,
}

impl Account {
    fn new(odd: Odd) -> Self {
        let others = json!([
            {"storageId": "st-10", "storageName": "data", "storageSize": 20, "clusterId": "7"},
            {"storageId": "st-2", "storageName": "twin", "storageSize": "30", "clusterId": "5"},
            {"storageId": "st-3", "storageName": "twin", "storageSize": 30, "clusterId": "5"},
        ]);
        let storages = Mutex::new((others.as_array().unwrap().clone(), 0, 0));
        let before = Mutex::new((Vec::new(), 0));
        let (cx, requests) = loopback::operation("1.11.4", move |request| {
            let (storages, deletions, lists) = &mut *storages.lock().unwrap();
            let body = request.split_once(" {").map(|(_, it)| format!("{{{it}")).unwrap_or_default();
            let body: Json = serde_json::from_str(&body).unwrap_or_default();
            let is_it = |it: &Json| it["storageId"] == body["storageId"];
            if request.starts_with("POST /networkstorage/create") {
                let mut storage = body.clone();
                (storage["storageId"], storage["clusterName"]) = (json!("st-1"), json!("EU-02 (Example)"));
                storages.push(storage);
                let (status, answer) = odd.created.unwrap_or((200, "\"st-1\""));
                return (status, answer.to_owned());
            }
            if request.starts_with("POST /networkstorage/update") {
                let (status, works) = odd.update.unwrap_or((200, true));
                *before.lock().unwrap() = (storages.clone(), odd.stale);
                let storage = storages.iter_mut().find(|it| is_it(it)).unwrap();
                if works {
                    (storage["storageName"], storage["storageSize"]) =
                        (body["storageName"].clone(), body["storageSize"].clone());
                }
                return (status, "{}".to_owned());
            }
            if request.starts_with("POST /networkstorage/delete") {
                *deletions += 1;
                if *deletions <= odd.in_use {
                    let refusal =
                        json!({"code": 400, "reason": "NETWORK_STORAGE_IN_USE", "message": "in use"});
                    return (400, refusal.to_string());
                }
                storages.retain(|it| !is_it(it));
                return (200, "{}".to_owned());
            }
            if request.starts_with("GET /gpu/instances") {
                let mounts = json!([{"type": "network", "id": "st-1", "mountPath": "/network"}]);
                let instance =
                    json!({"id": "i-1", "name": "trainer", "status": "running", "volumeMounts": mounts});
                return (200, json!({"instances": [instance], "total": 1}).to_string());
            }
            if request.starts_with("GET /endpoints") {
                return (200, json!({"endpoints": [], "total": 0}).to_string());
            }
            if odd.from_1 && request.contains("pageNo=0") {
                return (400, json!({"code": 400, "message": "pageNo must be at least 1"}).to_string());
            }
            if let Some((status, body)) = odd.list {
                return (status, body.to_owned());
            }
            *lists += 1;
            let (old, stale) = &mut *before.lock().unwrap();
            if *stale > 0 {
                *stale -= 1;
                return (200, json!({"data": old, "total": old.len()}).to_string());
            }
            let shown: Vec<_> =
                storages.iter().filter(|it| *lists > odd.lag || it["storageId"] != "st-1").collect();
            (200, json!({"data": shown, "total": shown.len()}).to_string())
        });
        Self { cx, requests }
    }

    /// Creates a storage: its state, and what is told.
    async fn create(&self, config: &Json) -> (Value, String) {
        let (cell, writer) = writer();
        let told = told(&self.cx, Life::create(&self.cx, model(config), &writer).await);
        (cell.lock().unwrap().clone().unwrap_or(Value::Null), told)
    }

    async fn read(&self, id: &str) -> (Option<NetworkStorage>, String) {
        match Life::read(&self.cx, of_id(id)).await {
            Ok(found) => (found, told(&self.cx, Ok(()))),
            Err(failure) => (None, told::<()>(&self.cx, Err(failure))),
        }
    }
}

fn model(object: &Json) -> NetworkStorage {
    NetworkStorage::from_object(&client::value(&Schema::of::<NetworkStorage>(), object)).unwrap()
}

/// What is in a state after it was read.
fn of_id(id: &str) -> NetworkStorage {
    model(
        &json!({"id": id, "cluster_id": "7", "name": "data", "size": 20, "cluster_name": "EU-02 (Example)"}),
    )
}

fn wanted(name: &str) -> Json {
    json!({"cluster_id": "7", "name": name, "size": 100, "id": "?", "cluster_name": "?"})
}

#[tokio::test(start_paused = true)]
async fn a_storage_is_made_shown_and_told_apart_from_those_that_look_similar() {
    let account = Account::new(Odd::default());
    let (state, told) = account.create(&wanted("data")).await;
    assert_eq!(
        (state.get("id").as_str(), state.get("cluster_name").as_str()),
        (Some("st-1"), Some("EU-02 (Example)"))
    );
    assert_eq!(told, "");
    let body = r#"POST /networkstorage/create {"clusterId":"7","storageName":"data","storageSize":100}"#;
    assert_eq!(sent(&account.requests), [body]);
    // Both are larger than the 20 GB of the state, which is no drift.
    assert_eq!(account.read("st-1").await.0.unwrap().size.known(), Some(&20));
    assert_eq!(account.read("st-2").await.0.unwrap().size.known(), Some(&20));
}

#[tokio::test(start_paused = true)]
async fn demand_27_the_id_is_taken_from_every_form_of_the_answer_and_else_looked_for() {
    for answer in [
        (200, r#""st-1""#),
        (200, r#"{"storageId":"st-1","storageName":"data","clusterId":"7"}"#),
        (200, r#"{"id":"st-1"}"#),
        (200, "{}"),
        (200, "\"\""),
        (200, r#""ok""#),
        (200, "null"),
        (200, "[]"),
        (200, ""),
        (502, ""),
    ] {
        for name in ["?", "mine"] {
            let account = Account::new(Odd { created: Some(answer), lag: 2, ..Odd::default() });
            let (state, told) = account.create(&wanted(name)).await;
            assert_eq!(state.get("id").as_str(), Some("st-1"), "{answer:?} {name}: {told}");
            assert_eq!(sent(&account.requests).len(), 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_refuses_page_0_begins_at_page_1() {
    let account = Account::new(Odd { from_1: true, ..Odd::default() });
    let (state, told) = account.create(&wanted("data")).await;
    assert_eq!((state.get("cluster_name").as_str(), told.as_str()), (Some("EU-02 (Example)"), ""));
    assert_eq!(account.read("st-2").await.0.unwrap().name.text(), Some("twin"));
}

#[tokio::test(start_paused = true)]
async fn a_storage_that_is_listed_too_late_is_kept_with_a_warning() {
    let account = Account::new(Odd { lag: 10_000, ..Odd::default() });
    let (state, told) = account.create(&wanted("data")).await;
    assert_eq!(state.get("id").as_str(), Some("st-1"));
    assert!(told.starts_with("[New network storage is not listed yet"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn demand_05_gone_is_what_the_whole_list_lacks_and_that_is_told() {
    let account = Account::new(Odd::default());
    let (found, told) = account.read("st-4").await;
    assert!(found.is_none() && told.starts_with("[Network storage is gone, and its data with it"), "{told}");
    for list in [(500, "{}"), (200, ""), (401, "{}"), (200, "<html>"), (200, r#"{"error":"no"}"#)] {
        let account = Account::new(Odd { list: Some(list), ..Odd::default() });
        let (_, told) = account.read("st-1").await;
        assert!(!told.is_empty() && !told.contains("is gone"), "{list:?}: {told}");
    }
}

/// Changes a storage to this; what is told.
async fn change(account: &Account, planned: &Json) -> String {
    account.create(&wanted("data")).await;
    let prior = account.read("st-1").await.0.unwrap();
    let mut next = wanted("data");
    next["id"] = json!("st-1");
    next.as_object_mut().unwrap().extend(planned.as_object().unwrap().clone());
    let (cell, writer) = writer();
    let result = Life::update(&account.cx, Changes { prior, planned: model(&next) }, &writer).await;
    let told = told(&account.cx, result);
    let state = cell.lock().unwrap().clone().unwrap_or(Value::Null);
    assert!(!told.is_empty() || state.get("cluster_name").as_str().is_some());
    told
}

#[tokio::test(start_paused = true)]
async fn name_and_size_change_in_place_by_one_call() {
    let account = Account::new(Odd::default());
    assert_eq!(change(&account, &json!({"name": "other", "size": 200})).await, "");
    let body = r#"POST /networkstorage/update {"storageId":"st-1","storageName":"other","storageSize":200}"#;
    assert_eq!(sent(&account.requests)[1..], [body]);
}

#[tokio::test(start_paused = true)]
async fn a_change_ends_when_the_list_shows_it_or_after_a_minute_and_a_half() {
    for (stale, longest) in [(0, 0), (5, 30), (10_000, 110)] {
        let account = Account::new(Odd { stale, ..Odd::default() });
        let begin = Instant::now();
        assert_eq!(change(&account, &json!({"name": "other"})).await, "");
        assert!(begin.elapsed().as_secs() <= longest, "{stale}: {:?}", begin.elapsed());
        let shown = account.read("st-1").await.0.unwrap();
        assert_eq!(shown.name.text(), Some(if stale < 10_000 { "other" } else { "data" }));
        assert_eq!(sent(&account.requests).len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn demand_02_a_change_whose_answer_is_lost_is_looked_at_and_not_sent_again() {
    for works in [true, false] {
        let account = Account::new(Odd { update: Some((502, works)), ..Odd::default() });
        let told = change(&account, &json!({"size": 200})).await;
        assert_eq!(told.is_empty(), works, "{told}");
        assert!(works || told.starts_with("Unclear whether the network storage was changed"), "{told}");
        assert_eq!(sent(&account.requests).len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_storage_in_use_is_asked_for_again_and_in_the_end_it_is_told_by_whom() {
    for (in_use, works) in [(0, true), (5, true), (10_000, false)] {
        let account = Account::new(Odd { in_use, ..Odd::default() });
        account.create(&wanted("data")).await;
        let begin = Instant::now();
        let told = told(&account.cx, Life::delete(&account.cx, of_id("st-1")).await);
        assert_eq!(told.is_empty(), works, "{told}");
        // The operation may take half an hour.
        assert!(begin.elapsed() <= Duration::from_secs(1800), "{:?}", begin.elapsed());
        assert!(works || told.contains("the instance i-1 (\"trainer\")"), "{told}");
    }
}

/// What a plan from 100 GB to this says.
fn planned(size: i64) -> String {
    let schema = Schema::of::<NetworkStorage>();
    let prior =
        json!({"id": "st-1", "cluster_id": "7", "name": "data", "size": 100, "deletion_protection": false});
    let config = client::value(&schema, &json!({"cluster_id": "7", "name": "data", "size": size}));
    let prior = client::value(&schema, &prior);
    let proposed = client::propose(&schema, &config, &prior);
    let proposal = Proposal { config, prior, proposed, ..Proposal::default() };
    let planned = crate::provider::life_cycle::stored::<NetworkStorage>().plan(&proposal);
    assert!(planned.replace.is_empty());
    planned.diagnostics.0.iter().map(|it| it.detail.clone()).collect()
}

#[test]
fn a_smaller_size_is_an_error_that_says_how_to_lose_the_data_deliberately() {
    assert_eq!((planned(100), planned(200)), (String::new(), String::new()));
    let told = planned(50);
    assert!(
        told.contains("`size` is 50") && told.contains("100 GB") && told.contains("terraform taint"),
        "{told}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_name_must_stand_for_one_storage() {
    use tfplugin::lookup::Lookup;
    let find = async |key: Json| Life::find(&Account::new(Odd::default()).cx, model(&key)).await;
    assert_eq!(
        find(json!({"name": "data"})).await.unwrap_or_else(|it| panic!("{it:?}")).id.text(),
        Some("st-10")
    );
    assert_eq!(
        find(json!({"id": "st-2"})).await.unwrap_or_else(|it| panic!("{it:?}")).name.text(),
        Some("twin")
    );
    for (key, words) in [
        (json!({"name": "twin"}), "2 have the name \"twin\": st-2, st-3"),
        (json!({"name": "dat"}), "no network storage with exactly the name"),
        (json!({"id": "st-4"}), "no network storage with the id"),
    ] {
        let told = find(key).await.err().unwrap();
        assert!(told.0[0].detail.contains(words), "{told:?}");
    }
}

#[test]
fn contributing_shows_this_very_code() {
    let guide = include_str!("../../../../CONTRIBUTING.md");
    let code = [
        include_str!("../network_storage.rs"),
        include_str!("list.rs"),
        include_str!("../instance/actions/restart.rs"),
    ];
    let blocks: Vec<&str> =
        guide.split("```rust\n").skip(1).map(|it| it.split("```").next().unwrap_or_default()).collect();
    assert!(blocks.len() >= 4, "CONTRIBUTING.md shows only {} pieces of code", blocks.len());
    for block in blocks {
        let block = block.replace("\r\n", "\n");
        let is_shown = code.iter().any(|it| it.replace("\r\n", "\n").contains(&block));
        assert!(is_shown, "not in the examples:\n{block}");
    }
}
