//! The search against a server of a few lines, for instances. What it shares with all other kinds is tested in
//! `life_cycle`.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value as Json, json};

use super::*;
use crate::api::error::Details;
use crate::api::error_mapping::ErrorMapping;
use crate::provider::instance;
use crate::provider::loopback::{Requests, serve};

fn now() -> Timestamp {
    Timestamp::now()
}

fn ambiguous() -> Error {
    Error::Ambiguous(Details::new("POST", "lost").into())
}

/// A client whose lists are these, one after the other; the last one again and again. A number is a status.
async fn lists(error_mapping: ErrorMapping, lists: &[Json]) -> (Client, Requests) {
    let (lists, next) = (lists.to_vec(), AtomicUsize::new(0));
    serve(error_mapping, move |_| match &lists[next.fetch_add(1, Ordering::Relaxed).min(lists.len() - 1)] {
        Json::Number(status) => (u16::try_from(status.as_u64().unwrap()).unwrap(), "{}".to_owned()),
        list => (200, list.to_string()),
    })
    .await
}

fn named(name: &str, name_is_ours: bool) -> instance::lost::Shape {
    let (name, product_id) = (name.to_owned(), "p".to_owned());
    instance::lost::Shape { name, name_is_ours, kind: "gpu", product_id }
}

fn instances(made: Timestamp, ids: &[&str]) -> Json {
    let one = |id: &&str| json!({"id": id, "name": "n", "productId": "p", "kind": "gpu", "createdAt": made.as_second().to_string()});
    json!({"instances": ids.iter().map(one).collect::<Vec<_>>(), "total": ids.len()})
}

/// The outcome of a lost create of an instance, and the number of lists.
async fn find_named(name_is_ours: bool, listed: &[Json]) -> (Result<String, String>, usize) {
    let (client, requests) = lists(ErrorMapping::Novita, listed).await;
    let underway = Underway::default();
    let post = async { Err(ambiguous()) };
    let made = underway.create(&client, &Call::default(), named("n", name_is_ours), post).await;
    let count = requests.lock().unwrap().len();
    (made.map(|it| it.id).map_err(|it| it.aftermath), count)
}

#[tokio::test]
async fn demand_27_a_name_that_the_provider_made_is_proof_enough() {
    // Whatever the clocks say, and without a list from before.
    let long_ago = "2020-01-01T00:00:00Z".parse().unwrap();
    let (found, lists) = find_named(true, &[instances(long_ago, &["i-1"])]).await;
    assert_eq!((found, lists), (Ok("i-1".to_owned()), 1));
}

#[tokio::test]
async fn demand_27_a_new_instance_of_the_users_name_is_taken_over_and_an_older_one_never() {
    let (found, _) = find_named(false, &[instances(now(), &[]), instances(now(), &["i-1"])]).await;
    assert_eq!(found, Ok("i-1".to_owned()));
    let (found, _) =
        find_named(false, &[instances(now(), &["old"]), instances(now(), &["i-1", "old"])]).await;
    assert_eq!(found, Ok("i-1".to_owned()));
    let (found, _) = find_named(false, &[instances(now(), &["old"]), instances(now(), &["old"])]).await;
    assert!(found.unwrap_err().contains("named \"n\" may have been made"));
    let long_ago = "2020-01-01T00:00:00Z".parse().unwrap();
    let (found, _) = find_named(false, &[instances(now(), &[]), instances(long_ago, &["old"])]).await;
    assert!(found.is_err());
    let (found, _) = find_named(false, &[json!(500), instances(now(), &["i-1"])]).await;
    assert!(found.unwrap_err().contains("i-1"));
}

#[tokio::test]
async fn demand_02_two_hundred_named_instances_make_one_list() {
    let (client, requests) = lists(ErrorMapping::Novita, &[instances(now(), &[])]).await;
    let (underway, call) = (Underway::default(), Call::default());
    for number in 0..200 {
        let post = async {
            let id = format!("i-{number}");
            Ok(instance::calls::Instance { id, ..instance::calls::Instance::default() })
        };
        underway.create(&client, &call, named(&format!("n-{number}"), false), post).await.unwrap();
    }
    assert_eq!(*requests.lock().unwrap(), ["GET /gpu/instances?pageSize=100&pageNum=0"]);
}
