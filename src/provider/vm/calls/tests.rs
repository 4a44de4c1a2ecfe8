//! The calls against a server of a few lines.

use serde_json::json;

use super::*;
use crate::api::error_mapping::ErrorMapping;
use crate::provider::loopback::{self, Requests};
use crate::provider::roll::Roll;
use crate::provider::vm::calls::waits::{After, wait_until_gone, wait_until_running, wait_until_stopped};

async fn play(script: &'static [(u16, &'static str)]) -> (Client, Requests) {
    loopback::play(ErrorMapping::NovaCloud, script).await
}

const BUSY: (u16, &str) = (409, r#"{"detail":"VM is starting"}"#);
const STARTING: (u16, &str) = (200, r#"{"id":"v","status":"starting"}"#);
const RUNNING: (u16, &str) = (200, r#"{"id":"v","status":"running","ip_address":"203.0.113.1"}"#);
const STOPPED: (u16, &str) = (200, r#"{"id":"v","status":"stopped"}"#);
const GONE: (u16, &str) = (404, r#"{"detail":"VM not found"}"#);
const DONE: (u16, &str) = (204, "");

#[tokio::test]
async fn create_returns_the_vm() {
    for status in [200, 201] {
        let (client, requests) = loopback::serve(ErrorMapping::NovaCloud, move |_| {
            (status, r#"{"id":"v","status":"creating"}"#.to_owned())
        })
        .await;
        let vm = create(&client, &Call::default(), &json!({"node": "vm02"})).await.unwrap();
        assert_eq!((vm.id.as_str(), vm.status.as_str()), ("v", "creating"));
        assert_eq!(*requests.lock().unwrap(), [r#"POST /vms {"node":"vm02"}"#]);
    }
}

#[tokio::test]
async fn demand_27_a_create_without_an_id_is_unclear() {
    for body in [r#"{"id":""}"#, r#"{"id":null}"#, "{}", "", "null", "[]", "<html>"] {
        let (client, requests) =
            loopback::serve(ErrorMapping::NovaCloud, move |_| (201, body.to_owned())).await;
        let error = create(&client, &Call::default(), &json!({})).await.unwrap_err();
        assert!(matches!(error, Error::Ambiguous(_)), "{body}: {error:?}");
        assert_eq!(requests.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn each_way_of_being_gone_is_not_found() {
    for (status, body) in [GONE, (200, "null"), (200, "{}"), (200, r#"{"id":"v","status":"destroyed"}"#)] {
        let (client, requests) =
            loopback::serve(ErrorMapping::NovaCloud, move |_| (status, body.to_owned())).await;
        assert!(get(&client, &Call::default(), "v").await.unwrap_err().is_not_found(), "{status} {body}");
        assert_eq!(*requests.lock().unwrap(), ["GET /vms/v"]);
        wait_until_gone(&Roll::default().looks(&client, &Call::default()), "v").await.unwrap();
    }
}

#[tokio::test]
async fn a_malformed_id_and_refused_access_are_not_gone() {
    for (status, body) in [
        (422, r#"{"detail":[{"loc":["path","vm_id"],"msg":"not a uuid","type":"uuid"}]}"#),
        (401, r#"{"detail":"not found"}"#),
        (403, r#"{"detail":"not found"}"#),
        (500, r#"{"detail":"not found"}"#),
    ] {
        let (client, _) = loopback::serve(ErrorMapping::NovaCloud, move |_| (status, body.to_owned())).await;
        assert!(!get(&client, &Call::default(), "v").await.unwrap_err().is_not_found(), "{status}");
        assert!(
            wait_until_gone(&Roll::default().looks(&client, &Call::default()), "v").await.is_err(),
            "{status}"
        );
    }
}

#[tokio::test]
async fn an_id_cannot_leave_its_place_in_the_path() {
    let (client, requests) = play(&[RUNNING]).await;
    // The answer is about another VM, and so is refused.
    let error = get(&client, &Call::default(), "a/../b?c").await.unwrap_err();
    assert!(matches!(error, Error::Decode(_)), "{error:?}");
    assert_eq!(*requests.lock().unwrap(), ["GET /vms/a%2F..%2Fb%3Fc"]);
}

/// A list of `count` VMs from a server that knows paging or not; how many are found, by how many
/// requests.
async fn walk(count: usize, paging: bool) -> (usize, usize) {
    let answer = move |request: &str| {
        let number = |name: &str| -> usize {
            let (_, rest) = request.split_once(name).unwrap();
            rest.split('&').next().unwrap().parse().unwrap()
        };
        let (first, last) =
            if paging { (number("offset="), number("offset=") + number("limit=")) } else { (0, count) };
        let page: Vec<_> =
            (first.min(count)..last.min(count)).map(|it| json!({"id": format!("v-{it}")})).collect();
        (200, json!(page).to_string())
    };
    let (client, requests) = loopback::serve(ErrorMapping::NovaCloud, answer).await;
    let found = list(&client, &Call::default()).await.unwrap().len();
    let requests = requests.lock().unwrap();
    assert_eq!(requests[0], "GET /vms?limit=50&offset=0");
    (found, requests.len())
}

#[tokio::test]
async fn every_vm_is_listed_and_the_walk_ends() {
    for (count, paging, requests) in
        [(0, true, 1), (49, true, 1), (50, true, 2), (120, true, 3), (3, false, 1), (120, false, 2)]
    {
        assert_eq!(walk(count, paging).await, (count, requests), "{count} {paging}");
    }
}

#[tokio::test]
async fn destroyed_vms_are_not_listed() {
    let (client, _) =
        play(&[(200, r#"[{"id":"a","status":"destroyed"},{"id":"b","status":"running"}]"#)]).await;
    let found = list(&client, &Call::default()).await.unwrap();
    assert_eq!(found.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["b"]);
}

/// Destroys a VM along a script, every answer of which is to be used; how it ended.
async fn check_destroy(script: &'static [(u16, &'static str)], calls: &[&str]) -> Result<()> {
    let (client, requests) = play(script).await;
    let result = destroy(&client, &Call::default(), "v").await;
    assert_eq!(*requests.lock().unwrap(), calls, "{script:?}");
    result
}

const DELETE: &str = "DELETE /vms/v";
const GET: &str = "GET /vms/v";

#[tokio::test]
async fn destroying_what_is_gone_is_a_success() {
    check_destroy(&[DONE], &[DELETE]).await.unwrap();
    check_destroy(&[(200, r#"{"message":"ok"}"#)], &[DELETE]).await.unwrap();
    check_destroy(&[GONE], &[DELETE]).await.unwrap();
    check_destroy(&[BUSY, GONE], &[DELETE, GET]).await.unwrap();
    check_destroy(&[(502, ""), GONE], &[DELETE, GET]).await.unwrap();
}

#[tokio::test]
async fn demand_21_an_unclear_destroy_is_sent_again_while_the_vm_is_there() {
    check_destroy(&[(502, ""), RUNNING, DONE], &[DELETE, GET, DELETE]).await.unwrap();
    check_destroy(&[(504, ""), STARTING, DONE], &[DELETE, GET, DELETE]).await.unwrap();
    // A look that fails for a moment says nothing.
    check_destroy(&[(408, ""), (503, ""), (500, ""), RUNNING, DONE], &[DELETE, GET, DELETE, GET, DELETE])
        .await
        .unwrap();
    let error = check_destroy(&[(502, ""), (401, "{}")], &[DELETE, GET]).await.unwrap_err();
    assert!(matches!(error, Error::Ambiguous(_)));
}

#[tokio::test]
async fn a_vm_on_its_way_is_destroyed_when_it_has_arrived() {
    check_destroy(&[BUSY, STARTING, RUNNING, DONE], &[DELETE, GET, GET, DELETE]).await.unwrap();
    check_destroy(&[(400, r#"{"detail":"x"}"#), STARTING, RUNNING, DONE], &[DELETE, GET, GET, DELETE])
        .await
        .unwrap();
    // It arrived between the refusal and the look.
    check_destroy(&[BUSY, RUNNING, DONE], &[DELETE, GET, DELETE]).await.unwrap();
}

#[tokio::test]
async fn a_vm_that_stays_and_cannot_be_destroyed_is_an_error() {
    let thrice = [DELETE, GET, DELETE, GET, DELETE, GET];
    let error = check_destroy(&[BUSY, RUNNING, BUSY, RUNNING, BUSY, RUNNING], &thrice).await.unwrap_err();
    assert!(matches!(error, Error::Conflict(_)));
    const LOST: (u16, &str) = (502, "");
    let error = check_destroy(&[LOST, RUNNING, LOST, STARTING, LOST, RUNNING], &thrice).await.unwrap_err();
    assert!(matches!(error, Error::Ambiguous(_)));
    let error = check_destroy(&[(403, r#"{"detail":"read only"}"#)], &[DELETE]).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden(_)));
}

#[tokio::test]
async fn destroying_ends_with_the_deadline() {
    let (client, _) = loopback::serve(ErrorMapping::NovaCloud, |request| {
        let (status, body) = if request.starts_with("DELETE") { BUSY } else { STARTING };
        (status, body.to_owned())
    })
    .await;
    let call = Call::default().within(std::time::Duration::from_millis(50));
    let error = destroy(&client, &call, "v").await.unwrap_err();
    assert!(matches!(&error, Error::TimedOut(it) if it.seen.as_deref() == Some("starting")), "{error:?}");
}

#[tokio::test]
async fn power_is_switched_by_a_post_without_a_body() {
    let (client, requests) = play(&[(200, r#"{"message":"ok"}"#)]).await;
    start(&client, &Call::default(), "v").await.unwrap();
    stop(&client, &Call::default(), "v").await.unwrap();
    assert_eq!(*requests.lock().unwrap(), ["POST /vms/v/start", "POST /vms/v/stop"]);
}

#[tokio::test]
async fn a_refused_stop_that_worked_anyway_is_a_success() {
    for refusal in [BUSY, (400, r#"{"detail":"VM is not running"}"#), (502, "")] {
        for (status, worked) in [("stopping", true), ("stopped", true), ("running", false)] {
            let (client, _) = loopback::serve(ErrorMapping::NovaCloud, move |request| {
                if request.starts_with("GET") {
                    return (200, format!(r#"{{"id":"v","status":"{status}"}}"#));
                }
                (refusal.0, refusal.1.to_owned())
            })
            .await;
            let result = stop(&client, &Call::default(), "v").await;
            assert_eq!(result.is_ok(), worked, "{refusal:?} {status}");
            assert!(worked || matches!(result.unwrap_err(), Error::Conflict(_) | Error::Ambiguous(_)));
        }
    }
}

#[tokio::test]
async fn a_wrong_guess_of_a_route_is_told_as_such() {
    for answer in [(404, r#"{"detail":"Not Found"}"#), (405, r#"{"detail":"Method Not Allowed"}"#)] {
        let (client, _) =
            loopback::serve(ErrorMapping::NovaCloud, move |_| (answer.0, answer.1.to_owned())).await;
        let error = start(&client, &Call::default(), "v").await.unwrap_err();
        assert!(matches!(error, Error::Misconfigured(_)), "{error:?}");
    }
}

#[tokio::test]
async fn waits_can_be_moved_between_threads_and_end() {
    fn movable<T: Send>(work: T) -> T {
        work
    }
    let (client, _) = play(&[GONE, STARTING, RUNNING]).await;
    let call = Call::default();
    let vm = movable(wait_until_running(&Roll::default().looks(&client, &call), "v", After::Create))
        .await
        .unwrap();
    assert_eq!(vm.ip_address, "203.0.113.1");
    let (client, _) = play(&[STOPPED]).await;
    assert_eq!(
        movable(wait_until_stopped(&Roll::default().looks(&client, &call), "v")).await.unwrap().status,
        "stopped"
    );
    let (client, _) = play(&[BUSY, STARTING, RUNNING, DONE]).await;
    movable(destroy(&client, &call, "v")).await.unwrap();
}

#[tokio::test]
async fn a_vm_of_the_mock_lives_and_goes() {
    let cloud = mock_cloud::MockCloud::start(mock_cloud::Options::default());
    let client = loopback::client(ErrorMapping::NovaCloud, &cloud.novacloud_url(), cloud.novacloud_api_key());
    let call = Call::default();
    let wrong =
        json!({"node": "vm02", "gpu_type": "5090", "gpu_count": 1, "storage_gb": 1, "template_vmid": 101});
    let error = create(&client, &call, &wrong).await.unwrap_err();
    assert!(matches!(&error, Error::Rejected(it) if it.field.as_deref() == Some("storage_gb")), "{error:?}");

    let body =
        json!({"node": "vm02", "gpu_type": "5090", "gpu_count": 1, "storage_gb": 120, "template_vmid": 101});
    let vm = create(&client, &call, &body).await.unwrap();
    let running =
        wait_until_running(&Roll::default().looks(&client, &call), &vm.id, After::Create).await.unwrap();
    assert!(!running.ip_address.is_empty() && running.hourly_rate.is_some());
    assert_eq!(list(&client, &call).await.unwrap().len(), 1);
    stop(&client, &call, &vm.id).await.unwrap();
    assert_eq!(
        wait_until_stopped(&Roll::default().looks(&client, &call), &vm.id).await.unwrap().status,
        "stopped"
    );
    start(&client, &call, &vm.id).await.unwrap();
    // It is starting now and cannot be destroyed before it runs.
    destroy(&client, &call, &vm.id).await.unwrap();
    wait_until_gone(&Roll::default().looks(&client, &call), &vm.id).await.unwrap();
    destroy(&client, &call, &vm.id).await.unwrap();
}
