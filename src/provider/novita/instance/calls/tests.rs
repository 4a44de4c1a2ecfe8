//! The calls against a server of a few lines: what is sent, and how answers are read.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use super::*;
use crate::api::error::Error;
use crate::api::error_mapping::ErrorMapping;
use crate::provider::life_cycle::phase::Phase;
use crate::provider::life_cycle::remote::{Answer as _, Kind};
use crate::provider::loopback::{self, Requests};

async fn serve(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> (Client, Requests) {
    loopback::serve(ErrorMapping::Novita, answer).await
}

fn ok(body: &str) -> (u16, String) {
    (200, body.to_owned())
}

#[tokio::test]
async fn demand_27_a_create_tells_the_id_or_is_ambiguous() {
    let (client, requests) = serve(|_| ok(r#"{"id":"i-1"}"#)).await;
    let made = create(&client, &Call::default(), &json!({"kind": "gpu"})).await;
    assert_eq!(made.unwrap().id.as_str(), "i-1");
    assert_eq!(*requests.lock().unwrap(), [r#"POST /gpu/instance/create {"kind":"gpu"}"#]);
    for body in [r#"{"id":""}"#, r#"{"id":null}"#, "{}", "", "null"] {
        let (client, _) = serve(move |_| ok(body)).await;
        let error = create(&client, &Call::default(), &json!({})).await.unwrap_err();
        assert!(matches!(error, Error::Ambiguous(_)), "{body}: {error:?}");
    }
}

#[tokio::test]
async fn demand_01_no_stock_is_an_error_at_once() {
    let body = r#"{"code":400,"reason":"INSUFFICIENT_RESOURCE","message":"sold out"}"#;
    let (client, requests) = serve(move |_| (400, body.to_owned())).await;
    let error = create(&client, &Call::default(), &json!({})).await.unwrap_err();
    assert!(matches!(error, Error::OutOfStock(_)));
    assert_eq!(requests.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn demand_21_an_absent_instance_is_not_found_and_a_removed_one_is_shown() {
    for (status, body) in [
        (200, "{}"),
        (200, "null"),
        (404, r#"{"message":"instance not found"}"#),
        (400, r#"{"reason":"RESOURCE_NOT_FOUND","message":"x"}"#),
    ] {
        let (client, requests) = serve(move |_| (status, body.to_owned())).await;
        assert!(get(&client, &Call::default(), "i-1").await.unwrap_err().is_not_found(), "{status} {body}");
        assert_eq!(*requests.lock().unwrap(), ["GET /gpu/instance?instanceId=i-1"]);
    }
    let (client, _) = serve(|_| ok(r#"{"id":"i-1","status":"removed"}"#)).await;
    assert_eq!(get(&client, &Call::default(), "i-1").await.unwrap().phase(), Phase::Gone);
}

/// A list of `count` instances whose pages hold `size` and begin at the number `origin`; below it,
/// the first page is served.
async fn walk(count: usize, size: usize, origin: usize, total: bool) -> (usize, usize) {
    let answer = move |request: &str| {
        let number: usize =
            request.split("pageNum=").nth(1).unwrap().split('&').next().unwrap().parse().unwrap();
        let first = number.saturating_sub(origin) * size;
        let page: Vec<_> =
            (first..count.min(first + size)).map(|it| json!({"id": format!("i-{it}")})).collect();
        let total = total.then_some(count);
        ok(&json!({"instances": if page.is_empty() { Value::Null } else { page.into() }, "total": total})
            .to_string())
    };
    let (client, requests) = serve(answer).await;
    let found = list().finish(&client, &Call::default()).await.unwrap().elements.len();
    let whole = requests.lock().unwrap().clone();
    let (mut steps, mut taken) = (list(), Vec::new());
    while !steps.ended() {
        steps.step(&client, &Call::default()).await.unwrap();
        taken.extend(steps.take_elements().iter().map(|it| it.id.clone()));
    }
    let each: BTreeSet<_> = taken.iter().collect();
    assert_eq!((taken.len(), each.len()), (found, found), "each is taken out once");
    assert_eq!(requests.lock().unwrap()[whole.len()..], whole, "and the pages are the same");
    (found, whole.len())
}

/// The server has three, gives two a page, and says that there are two.
#[tokio::test]
async fn what_a_list_lacks_is_told_by_its_end_and_not_by_its_total() {
    for (number_of_first, requests) in [(0, 3), (1, 4)] {
        let answer = move |request: &str| {
            let (_, number) = request.split_once("pageNum=").unwrap();
            let first = number.parse::<usize>().unwrap().saturating_sub(number_of_first) * 2;
            let page: Vec<_> =
                (first.min(3)..3.min(first + 2)).map(|it| json!({"id": format!("i-{it}")})).collect();
            ok(&json!({"instances": page, "total": 2}).to_string())
        };
        let (client, requested) = serve(answer).await;
        let kind = Arc::new(Kind::default());
        let remote: Remote<'_, Instance> = Remote::new(&client, Call::default(), kind, "instance");
        let listing = remote.kind.list.walked(&remote, Instant::now()).await.unwrap();
        assert!(!listing.lacks("i-2").unwrap());
        assert!(listing.lacks("i-3").unwrap());
        assert_eq!(requested.lock().unwrap().len(), requests);
    }
}

#[tokio::test]
async fn page_0_is_asked_for_again_before_anything_is_taken_for_absent() {
    for refusals in [1, 5] {
        let left = AtomicUsize::new(refusals);
        let answer = move |request: &str| {
            let mut instances = json!([]);
            if request.ends_with("pageNum=0") {
                if left.fetch_update(SeqCst, SeqCst, |it| it.checked_sub(1)).is_ok() {
                    return (400, r#"{"code":400,"message":"pageNum must be at least 1"}"#.to_owned());
                }
                instances = json!([{"id": "i-1"}]);
            }
            ok(&json!({"instances": instances, "total": 1}).to_string())
        };
        let (client, requested) = serve(answer).await;
        let kind = Arc::new(Kind::default());
        let remote: Remote<'_, Instance> = Remote::new(&client, Call::default(), kind, "instance");
        assert_eq!(remote.is_missing_in_list("i-1").await.unwrap(), refusals > 1);
        assert_eq!(requested.lock().unwrap().len(), if refusals > 1 { 3 } else { 4 });
    }
}

#[tokio::test]
async fn every_instance_is_listed_whatever_the_number_of_the_first_page() {
    for (count, size, origin, total, requests) in [
        (0, 3, 0, true, 1),
        (0, 3, 1, false, 2),
        (2, 3, 0, true, 1),
        (2, 3, 0, false, 2),
        (7, 3, 0, true, 3),
        (7, 3, 1, true, 4),
        (2, 3, 1, false, 3),
        (7, 3, 1, false, 5),
        (7, 3, 0, false, 4),
    ] {
        assert_eq!(
            walk(count, size, origin, total).await,
            (count, requests),
            "{count} {size} {origin} {total}"
        );
    }
}

#[tokio::test]
async fn a_list_that_never_ends_is_an_error() {
    let number = AtomicUsize::new(0);
    let answer = move |_: &str| {
        let number = number.fetch_add(1, SeqCst);
        ok(&format!(r#"{{"instances":[{{"id":"i-{number}"}}]}}"#))
    };
    let (client, requests) = serve(answer).await;
    assert!(matches!(list().finish(&client, &Call::default()).await.err().unwrap(), Error::Decode(_)));
    assert_eq!(requests.lock().unwrap().len(), 500);
}

#[tokio::test]
async fn what_get_leaves_out_comes_from_the_list() {
    let body =
        r#"{"instances":[{"id":"i-2"},{"id":"i-1","productId":"p","rootfsSize":60,"tools":[]}],"total":2}"#;
    let (client, requests) = serve(move |_| ok(body)).await;
    let kind = Arc::new(Kind::default());
    let remote = Remote::new(&client, Call::default(), kind, "instance");
    let bare: Instance = serde_json::from_str(r#"{"id":"i-1"}"#).unwrap();
    let full = complete(&remote, bare, Instant::now()).await.unwrap();
    assert_eq!(
        (full.product_id.as_str(), full.rootfs_size, full.tools.as_deref()),
        ("p", Some(60), Some(&[][..]))
    );
    let again = complete(&remote, full, Instant::now()).await.unwrap();
    assert_eq!((again.id.as_str(), requests.lock().unwrap().len()), ("i-1", 1));
}

#[tokio::test]
async fn changes_are_sent_as_documented() {
    let (client, requests) = serve(|_| ok("")).await;
    let call = Call::default();
    edit(&client, &call, "i", &[Port { port: 80, kind: "http".into() }], 5).await.unwrap();
    upgrade(&client, &call, &json!({"instanceId": "i", "imageUrl": "img"})).await.unwrap();
    trans_to_monthly(&client, &call, "i", 3).await.unwrap();
    set_auto_renew(&client, &call, "i", true, 2).await.unwrap();
    set_auto_migrate(&client, &call, "i", true, false).await.unwrap();
    start(&client, &call, "i").await.unwrap();
    stop(&client, &call, "i").await.unwrap();
    delete(&client, &call, "i").await.unwrap();
    let expected = [
        ("edit", json!({"instanceId": "i", "ports": [{"port": 80, "type": "http"}], "expandRootDisk": 5})),
        ("upgrade", json!({"instanceId": "i", "imageUrl": "img"})),
        ("transToMonthlyInstance", json!({"instanceId": "i", "month": 3})),
        ("setAutoRenew", json!({"instanceIds": ["i"], "autoRenew": true, "autoRenewMonth": 2})),
        (
            "setAutoMigrate",
            json!({"instanceId": "i", "autoMigrateOpen": true, "autoMigrateSystemDisk": false}),
        ),
        ("start", json!({"instanceId": "i"})),
        ("stop", json!({"instanceId": "i"})),
        ("delete", json!({"instanceId": "i"})),
    ];
    let sent = requests.lock().unwrap();
    assert_eq!(sent.len(), expected.len());
    for (request, (path, body)) in sent.iter().zip(expected) {
        let (line, sent) = request.split_once(" {").unwrap();
        assert_eq!(line, format!("POST /gpu/instance/{path}"));
        assert_eq!(serde_json::from_str::<Value>(&format!("{{{sent}")).unwrap(), body);
    }
}

#[tokio::test]
async fn a_prepaid_instance_cannot_be_removed() {
    let (client, _) =
        serve(|_| (400, r#"{"reason":"PREPAID_INSTANCE_NOT_SUPPORT_RELEASE"}"#.to_owned())).await;
    let error = delete(&client, &Call::default(), "i").await.unwrap_err();
    assert!(matches!(error, Error::PrepaidNotRemovable(_)));
}
