//! The testing kit, over the provider of `examples/shelf.rs`.

#![cfg(test)]

#[allow(dead_code, reason = "the program itself is not run")]
#[path = "../examples/shelf.rs"]
mod shelf;

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tfplugin::diagnostics::Diagnostics;
use tfplugin::in_memory::InMemory;
use tfplugin::testing::Client;

use shelf::Shelf;

const BOOK: &str = "shelf_book";

fn library() -> (Client<Shelf>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Client::configured(&json!({ "folder": folder.path(), "card": "card-4711" })), folder)
}

#[tokio::test]
async fn a_book_lives_its_life() {
    let (client, folder) = library();
    let emma = |pages: i64| json!({ "title": "Emma", "pages": pages, "words": ["b", "a"] });
    let made = client.apply(BOOK, &emma(474), None).await;
    assert_eq!(made.state.get("id").as_str(), Some("emma"));
    let changed = client.apply(BOOK, &emma(475), Some(&made)).await;

    let imported = client.import(BOOK, "emma").await;
    let adopted = client.apply(BOOK, &emma(475), Some(&imported)).await;
    assert!(adopted.state == changed.state);
    let found = client.data(BOOK, &json!({ "title": "Emma" })).await;
    assert!(found.get("pages") == changed.state.get("pages"));

    let other = client.apply(BOOK, &json!({ "title": "Persuasion", "pages": 2 }), Some(&adopted)).await;
    assert!(client.read(BOOK, &adopted).await.is_none(), "a new title replaces");
    client.destroy(BOOK, &other).await;
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[tokio::test]
async fn what_is_wrong_is_in_the_plan_and_what_fails_is_told_without_secrets() {
    let (client, folder) = library();
    let refused = client.try_plan(BOOK, &json!({ "title": "Emma", "pages": 5001 }), None).await;
    assert!(refused.diagnostics.has_error());
    std::fs::write(folder.path().join("card-4711.json"), "{").unwrap();
    let broken = json!({ "title": "card-4711", "pages": 1 });
    let (_, told) = client.try_apply(BOOK, &broken, None).await;
    assert!(!told.has_error(), "a broken file is written again");
    folder.close().unwrap();
    let (object, told) = client.try_apply(BOOK, &json!({ "title": "card-4711", "pages": 1 }), None).await;
    assert!(object.is_none() && told.has_error());
    assert!(told.0.iter().all(|it| !it.detail.contains("4711")), "the reader's card is a secret");
}

/// The ids of the books in a folder.
fn books(folder: &TempDir) -> Vec<String> {
    let files = folder.path().read_dir().unwrap();
    files.map(|it| it.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn no_fault_costs_a_book() {
    let (client, folder) = library();
    let emma = |pages: i64| json!({ "title": "Emma", "pages": pages });
    let exists = || books(&folder);
    // It waits for nothing, so that faults strike before it begins.
    assert_eq!(client.faults(BOOK, &emma(474), None, &exists).await, 1);
    assert_eq!(client.faults(BOOK, &emma(475), Some(&emma(474)), &exists).await, 1);
    assert_eq!(client.faults(BOOK, &Json::Null, Some(&emma(474)), &exists).await, 1);
}

#[tokio::test]
async fn in_memory_a_book_has_the_same_life_and_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let client =
        Client::<InMemory<Shelf>>::configured(&json!({ "folder": folder.path(), "card": "card-4711" }));
    let emma = |pages: i64| json!({ "title": "Emma", "pages": pages });
    let made = client.apply(BOOK, &emma(474), None).await;
    let changed = client.apply(BOOK, &emma(475), Some(&made)).await;
    assert_eq!(client.read(BOOK, &changed).await.unwrap().state, changed.state);
    assert_eq!(books(&folder), [""; 0]);
    assert!(client.try_data(BOOK, &json!({ "title": "Emma" })).await.is_err(), "nobody knows it");
    client.destroy(BOOK, &changed).await;
    assert_eq!(Client::<InMemory<Shelf>>::lint(), Client::<Shelf>::lint());
}

#[test]
fn the_schemas_have_no_fault() {
    assert_eq!(Client::<Shelf>::lint(), [""; 0]);
}

#[tokio::test]
async fn refusals_are_results() {
    let (client, _folder) = library();
    let told = |it: Diagnostics| it.0[0].summary.clone();
    assert_eq!(told(client.try_import(BOOK, "a/b").await.unwrap_err()), "Invalid id to import");
    assert_eq!(told(client.try_import(BOOK, "emma").await.unwrap_err()), "Nothing to import");
    assert_eq!(told(client.try_data(BOOK, &json!({ "title": "Emma" })).await.unwrap_err()), "No such book");
    assert_eq!(told(Client::<Shelf>::try_configured(&json!({})).err().unwrap()), "Missing attribute value");
    let old = json!({ "id": "emma", "name": "Emma" });
    assert_eq!(told(client.try_upgrade(BOOK, 7, &old).unwrap_err()), "State of an unknown schema version");
}

#[tokio::test]
async fn a_stored_state_is_upgraded_moved_and_gone_on_with() {
    let (client, _folder) = library();
    let emma = json!({ "title": "Emma", "pages": 474 });
    client.apply(BOOK, &emma, None).await;
    let stored = json!({ "id": "emma", "title": "Emma", "pages": 474 });
    let upgraded = client.upgrade(BOOK, 0, &stored);
    let moved = client.try_move(("registry.terraform.io/example/shelf", BOOK), BOOK, 0, &stored).unwrap();
    assert!(upgraded.state == moved.state);
    client.apply(BOOK, &emma, Some(&moved)).await;
    assert!(client.try_move(("registry.terraform.io/other/shelf", BOOK), BOOK, 0, &stored).is_err());
}

#[tokio::test]
#[should_panic(expected = "This provider has no resource type")]
async fn a_type_that_does_not_exist_fails_the_test() {
    let (client, _folder) = library();
    client.apply("shelf_shelf", &json!({}), None).await;
}
