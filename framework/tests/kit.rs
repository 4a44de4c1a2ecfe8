//! The testing kit, over the provider of `examples/shelf.rs`.

#![cfg(test)]

#[allow(dead_code, reason = "the program itself is not run")]
#[path = "../examples/shelf.rs"]
mod shelf;

use serde_json::json;
use tempfile::TempDir;
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

#[tokio::test]
#[should_panic(expected = "This provider has no resource type")]
async fn a_type_that_does_not_exist_fails_the_test() {
    let (client, _folder) = library();
    client.apply("shelf_shelf", &json!({}), None).await;
}
