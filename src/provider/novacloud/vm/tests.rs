//! A VM's life against an API of a few lines, on a clock that jumps over every wait.

use std::sync::Arc;
use std::sync::Mutex;

use serde_json::{Value as Json, json};
use tfplugin::resource::{Changes, Resource};
use tfplugin::schema::Schema;
use tfplugin::testing as client;
use tfplugin::value::Value;

use super::*;
use crate::api::call::Call;
use crate::api::error::Error;
use crate::api::error_mapping::ErrorMapping;
use crate::provider::life_cycle::rented::RentedLife;
use crate::provider::loopback::{self, Requests, acts, told, writer};

type Life = RentedLife<Vm>;

const ID: &str = "b0c6e0a2-77f1-4b39-8a0d-1f6b1f0f5a11";
const OTHER: &str = "b0c6e0a2-77f1-4b39-8a0d-1f6b1f0f5a12";
const GONE: (u16, &str) = (404, r#"{"detail":"VM not found"}"#);
const BUSY: (u16, &str) = (409, r#"{"detail":"VM is starting"}"#);

/// A planned VM, with changes.
fn planned(changes: &Json) -> Vm {
    let mut object = json!({
        "node": "vm02", "gpu_type": "5090", "gpu_count": 1, "storage_gb": 120, "template_vmid": 101,
        "rental_type": "on_demand", "wait_for_ready": true, "status": "?", "ip_address": "?", "id": "?",
    });
    object.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    Vm::from_object(&client::value(&Schema::of::<Vm>(), &object)).unwrap()
}

/// A VM as the API shows it.
fn shown(id: &str, status: &str) -> Json {
    json!({
        "id": id, "node": "vm02", "gpu_type": "5090", "gpu_count": 1, "storage_gb": 120, "status": status,
        "rental_type": "on_demand", "ip_address": "203.0.113.1",
    })
}

/// The state of one that was read.
fn state(status: &str) -> Vm {
    let mut vm = planned(&json!({}));
    let _ = vm.take(serde_json::from_value(shown(ID, status)).unwrap(), Origin::Created);
    vm
}

/// An API that is asked so and so often, the last answer again and again: gets, lists, and everything else.
struct Script {
    gets: Vec<(u16, Json)>,
    lists: Vec<(u16, Json)>,
    acts: Vec<(u16, Json)>,
}

impl Script {
    fn new(gets: &[(u16, Json)], lists: &[(u16, Json)], acts: &[(u16, Json)]) -> Self {
        Self { gets: gets.to_vec(), lists: lists.to_vec(), acts: acts.to_vec() }
    }

    fn operation(self) -> (Cx, Requests) {
        self.operation_of("1.11.4")
    }

    fn operation_of(self, client_version: &str) -> (Cx, Requests) {
        let counts = Mutex::new([0, 0, 0]);
        loopback::operation(client_version, move |request| {
            let (which, script) = match request {
                it if loopback::is_later_page(it) => return (200, "[]".to_owned()),
                it if it.starts_with("GET /vms?") => (0, &self.lists),
                it if it.starts_with("GET /vms/") => (1, &self.gets),
                _ => (2, &self.acts),
            };
            let mut counts = counts.lock().unwrap();
            let (status, body) = &script[counts[which].min(script.len() - 1)];
            counts[which] += 1;
            (*status, if body.is_null() { String::new() } else { body.to_string() })
        })
    }
}

fn raw((status, body): (u16, &str)) -> (u16, Json) {
    (status, serde_json::from_str(body).unwrap_or_default())
}

/// Creates a VM: what was kept of it, and what is told.
async fn create(cx: &Cx, changes: &Json) -> (Value, String) {
    let (cell, writer) = writer();
    let told = told(cx, Life::create(cx, planned(changes), &writer).await);
    (cell.lock().unwrap().clone().unwrap_or(Value::Null), told)
}

/// Reads a VM: its status, or `gone`, and what is told.
async fn read(cx: &Cx, state: Vm) -> (String, String) {
    let result = Life::read(cx, state).await;
    let end = match &result {
        Ok(Some(vm)) => vm.status.text_or_empty().to_owned(),
        Ok(None) => "gone".to_owned(),
        Err(_) => "error".to_owned(),
    };
    (end, told(cx, result))
}

/// Changes the power of a VM; what is told, and its power in the state then.
async fn switch(cx: &Cx, before: &str, wanted: &str) -> (String, Value) {
    let (cell, writer) = writer();
    let prior = state(before);
    let planned = Vm { desired_status: PowerState::from_text(wanted).unwrap().into(), ..state(before) };
    let told = told(cx, Life::update(cx, Changes { prior, planned }, &writer).await);
    let state = cell.lock().unwrap().clone();
    (told, state.map(|it| it.get("status").clone()).unwrap_or(Value::Null))
}

#[tokio::test(start_paused = true)]
async fn a_vm_is_made_and_waited_for() {
    let made = (201, shown(ID, "creating"));
    let gets = [raw(GONE), (200, shown(ID, "creating")), (200, shown(ID, "running"))];
    let (cx, requests) = Script::new(&gets, &[(200, json!([]))], &[made]).operation();
    let (state, told) = create(&cx, &json!({})).await;
    assert_eq!((state.get("status").as_str(), told.as_str()), (Some("running"), ""));
    let body = &requests.lock().unwrap()[1];
    assert!(body.starts_with("POST /vms {") && body.contains(r#""template_vmid":101"#), "{body}");
}

#[tokio::test(start_paused = true)]
async fn demand_27_an_answer_whose_id_can_be_none_is_looked_for() {
    for id in ["", "null", "2104", "vm-1"] {
        let made = (201, json!({"id": id, "status": "creating"}));
        let lists = [
            (200, json!([shown(OTHER, "running")])),
            (200, json!([shown(OTHER, "running"), shown(ID, "creating")])),
        ];
        let (cx, requests) = Script::new(&[(200, shown(ID, "running"))], &lists, &[made]).operation();
        let (state, told) = create(&cx, &json!({})).await;
        assert_eq!(state.get("id").as_str(), Some(ID), "{id}: {told}");
        assert!(told.starts_with("[VM was taken over: ") && told.contains(ID), "{told}");
        assert_eq!(acts(&requests), ["POST /vms"]);
    }
}

#[tokio::test(start_paused = true)]
async fn demand_27_what_is_listed_otherwise_is_not_taken_over() {
    let old = json!({"created_at": "2020-01-01T00:00:00Z"});
    for (name, value) in [
        ("node", json!("vm01")),
        ("gpu_type", json!("4090")),
        ("gpu_count", json!(2)),
        ("storage_gb", json!(500)),
        ("created_at", old["created_at"].clone()),
    ] {
        let mut stranger = shown(OTHER, "creating");
        stranger[name] = value;
        let lists = [(200, json!([])), (200, json!([stranger]))];
        let (cx, _) = Script::new(&[raw(GONE)], &lists, &[(502, Json::Null)]).operation();
        let (state, told) = create(&cx, &json!({})).await;
        assert!(
            state.is_null() && told.contains("`node` vm02") && told.contains("did not show it"),
            "{name}: {told}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn demand_17_a_failure_while_it_starts_keeps_the_vm_in_the_state() {
    for (status, summary, words) in [
        ("failed", "VM failed while starting", "`template_vmid`"),
        ("interrupted", "VM was taken back while starting", "`desired_status = \"running\"`"),
        ("destroyed", "VM failed while starting", "\"destroyed\""),
    ] {
        let gets = [(200, shown(ID, "creating")), (200, shown(ID, status))];
        let script = Script::new(&gets, &[(200, json!([]))], &[(201, shown(ID, "creating"))]);
        let (cx, _) = script.operation();
        let (state, told) = create(&cx, &json!({})).await;
        assert_eq!((state.get("id").as_str(), state.get("status").as_str()), (Some(ID), Some(status)));
        assert!(told.starts_with(summary) && told.contains(words) && told.contains("tainted"), "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_drops_what_fails_is_told_by_a_warning() {
    let gets = [(200, shown(ID, "failed"))];
    let script = Script::new(&gets, &[(200, json!([]))], &[(201, shown(ID, "creating"))]);
    let (cx, _) = script.operation_of("pulumi-terraform-bridge/3.100");
    let (state, told) = create(&cx, &json!({})).await;
    assert_eq!(state.get("id").as_str(), Some(ID));
    assert!(told.starts_with("[VM failed while starting") && !told.contains("taint"), "{told}");
    // What was never made is an error for it too.
    let script = Script::new(&gets, &[(200, json!([]))], &[(422, json!({"detail": "no"}))]);
    let (cx, _) = script.operation_of("pulumi-terraform-bridge/3.100");
    assert!(create(&cx, &json!({})).await.1.starts_with("API refused"));
}

#[tokio::test(start_paused = true)]
async fn demand_05_gone_is_what_get_and_list_both_lack() {
    for (get, list, end) in [
        (raw(GONE), (200, json!([])), "gone"),
        (raw(GONE), (200, json!([shown(OTHER, "running")])), "gone"),
        ((200, json!({})), (200, json!([])), "gone"),
        ((200, Json::Null), (200, json!([])), "error"),
        (raw(GONE), (200, json!([shown(ID, "destroyed")])), "gone"),
        // A terminal status under the very id needs no second witness.
        ((200, shown(ID, "destroyed")), (500, json!({})), "gone"),
        // Listed all the same, or the list fails.
        (raw(GONE), (200, json!([shown(ID, "running")])), "error"),
        (raw(GONE), (200, json!([shown(&ID.to_uppercase(), "running")])), "error"),
        (raw(GONE), (500, json!({})), "error"),
        (raw(GONE), (401, json!({"detail": "no"})), "error"),
        ((401, json!({"detail": "not found"})), (200, json!([])), "error"),
        ((403, json!({"detail": "not found"})), (200, json!([])), "error"),
        ((500, json!({"detail": "not found"})), (200, json!([])), "error"),
    ] {
        let (cx, _) =
            Script::new(std::slice::from_ref(&get), std::slice::from_ref(&list), &[raw(GONE)]).operation();
        let (seen, told) = read(&cx, state("running")).await;
        assert_eq!(seen, end, "{get:?} {list:?}: {told}");
        assert!(end != "gone" || told.is_empty(), "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn demand_05_an_api_that_forgets_for_a_moment_takes_nothing_away() {
    let gets = [raw(GONE), (200, shown(ID, "running"))];
    let (cx, _) = Script::new(&gets, &[(200, json!([shown(ID, "running")]))], &[raw(GONE)]).operation();
    assert_eq!(read(&cx, state("running")).await, ("running".to_owned(), String::new()));
}

#[tokio::test(start_paused = true)]
async fn an_id_keeps_its_first_spelling() {
    let (cx, _) =
        Script::new(&[(200, shown(&ID.to_uppercase(), "running"))], &[(200, json!([]))], &[raw(GONE)])
            .operation();
    let read = Life::read(&cx, state("running")).await.unwrap().unwrap();
    assert_eq!(read.id.text(), Some(ID));
}

#[tokio::test(start_paused = true)]
async fn what_happened_to_a_vm_is_told_when_it_is_read() {
    for (status, warning) in [
        ("offline", "[VM is offline"),
        ("interrupted", "[VM was interrupted"),
        ("FAILED", "[VM has failed"),
        ("running", ""),
        ("stopped", ""),
        ("hibernating", ""),
    ] {
        let (cx, _) = Script::new(&[(200, shown(ID, status))], &[(200, json!([]))], &[raw(GONE)]).operation();
        let (seen, told) = read(&cx, state("running")).await;
        assert_eq!(seen, status.to_lowercase());
        assert!(told.starts_with(warning) && told.is_empty() == warning.is_empty(), "{told}");
    }
    let cheap = Vm { rental_type: RentalType::Interruptible.into(), ..state("running") };
    let (cx, _) = Script::new(&[raw(GONE)], &[(200, json!([]))], &[raw(GONE)]).operation();
    let (seen, told) = read(&cx, cheap).await;
    assert!(seen == "gone" && told.contains("Interruptible VM is gone"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn power_is_switched_by_a_post_without_a_body() {
    for (before, wanted, way, call) in [
        ("running", "stopped", "stopping", "POST /vms/{id}/stop"),
        ("stopped", "running", "starting", "POST /vms/{id}/start"),
        ("interrupted", "running", "starting", "POST /vms/{id}/start"),
    ] {
        let gets = [(200, shown(ID, before)), (200, shown(ID, way)), (200, shown(ID, wanted))];
        for answer in [(200, json!({"message": "ok"})), (204, Json::Null), (502, Json::Null), raw(BUSY)] {
            let (cx, requests) =
                Script::new(&gets, &[(200, json!([]))], std::slice::from_ref(&answer)).operation();
            let (told, status) = switch(&cx, before, wanted).await;
            assert_eq!((told.as_str(), status.as_str()), ("", Some(wanted)), "{answer:?}");
            assert_eq!(acts(&requests), [call.replace("{id}", ID)], "{answer:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_switch_that_was_accepted_and_not_done_is_sent_three_times_and_then_an_error() {
    for (before, wanted) in [("running", "stopped"), ("stopped", "running")] {
        let ignoring = Script::new(&[(200, shown(ID, before))], &[(200, json!([]))], &[(200, json!({}))]);
        let (cx, requests) = ignoring.operation();
        let (told, _) = switch(&cx, before, wanted).await;
        assert!(told.contains("accepted the call") && told.contains(before), "{told}");
        assert_eq!(acts(&requests).len(), 3);
        // Once more may be enough.
        let looks = std::iter::repeat_n((200, shown(ID, before)), 25);
        let gets: Vec<_> = looks.chain([(200, shown(ID, wanted))]).collect();
        let (cx, requests) = Script::new(&gets, &[(200, json!([]))], &[(200, json!({}))]).operation();
        assert_eq!(switch(&cx, before, wanted).await.0, "");
        assert_eq!(acts(&requests).len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_switch_that_does_not_show_is_an_error_at_once() {
    for refusal in [BUSY, (400, r#"{"detail":"VM is not running"}"#)] {
        let script = Script::new(&[(200, shown(ID, "running"))], &[(200, json!([]))], &[raw(refusal)]);
        let (cx, requests) = script.operation();
        let (told, _) = switch(&cx, "running", "stopped").await;
        assert!(told.contains("stop the VM"), "{told}");
        assert_eq!(acts(&requests).len(), 1);
    }
    for (status, body) in [(404, r#"{"detail":"Not Found"}"#), (405, r#"{"detail":"Method Not Allowed"}"#)] {
        let script = Script::new(&[(200, shown(ID, "running"))], &[(200, json!([]))], &[raw((status, body))]);
        let (cx, _) = script.operation();
        let (told, _) = switch(&cx, "running", "stopped").await;
        assert!(told.starts_with("Provider cannot call the API"), "a wrong guess of a route: {told}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_failed_cannot_run_and_nothing_helps_what_is_offline() {
    let (cx, requests) =
        Script::new(&[(200, shown(ID, "failed"))], &[(200, json!([]))], &[(200, json!({}))]).operation();
    let (told, _) = switch(&cx, "failed", "running").await;
    assert!(told.starts_with("Failed VM cannot run") && told.contains("-replace=ADDRESS"), "{told}");
    let (cx, more) =
        Script::new(&[(200, shown(ID, "offline"))], &[(200, json!([]))], &[(200, json!({}))]).operation();
    assert_eq!(switch(&cx, "offline", "running").await.0, "");
    assert!(acts(&requests).is_empty() && acts(&more).is_empty());
}

#[tokio::test(start_paused = true)]
async fn demand_05_an_update_does_not_take_a_404_for_gone() {
    let (cx, _) = Script::new(&[raw(GONE)], &[(200, json!([]))], &[raw(GONE)]).operation();
    let (told, state) = switch(&cx, "running", "stopped").await;
    assert!(told.starts_with("Could not read the VM: not found") && state.is_null(), "{told}");
}

/// Destroys a VM along a script: what is told, and what was sent.
async fn destroy(gets: &[(u16, Json)], lists: &[(u16, Json)], acts: &[(u16, Json)]) -> (String, usize) {
    let (cx, requests) = Script::new(gets, lists, acts).operation();
    let told = told(&cx, Life::delete(&cx, state("running")).await);
    (told, self::acts(&requests).len())
}

fn is(status: &str) -> (u16, Json) {
    (200, shown(ID, status))
}

const DONE: (u16, Json) = (204, Json::Null);

#[tokio::test(start_paused = true)]
async fn demand_21_destroying_what_is_gone_is_a_success() {
    let (none, lost) = ((200, json!([])), (502, Json::Null));
    for (gets, acts, sent) in [
        (vec![raw(GONE)], vec![DONE], 1),
        (vec![raw(GONE)], vec![(200, json!({"message": "ok"}))], 1),
        (vec![raw(GONE)], vec![raw(GONE)], 1),
        (vec![raw(GONE)], vec![raw(BUSY)], 1),
        (vec![raw(GONE)], vec![lost.clone()], 1),
        (vec![is("stopping"), is("destroyed")], vec![DONE], 1),
        // An ambiguous removal is sent again while the VM is there.
        (vec![is("running"), raw(GONE)], vec![lost.clone(), DONE], 2),
        (vec![(503, json!({})), is("running"), raw(GONE)], vec![lost.clone(), lost, DONE], 3),
        // One on its way is destroyed when it has arrived.
        (vec![is("starting"), is("starting"), is("running"), raw(GONE)], vec![raw(BUSY), DONE], 2),
        (vec![is("running"), raw(GONE)], vec![raw(BUSY), DONE], 2),
    ] {
        assert_eq!(
            destroy(&gets, std::slice::from_ref(&none), &acts).await,
            (String::new(), sent),
            "{gets:?} {acts:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn demand_21_a_vm_that_stays_is_an_error() {
    let none = [(200, json!([]))];
    let (told, sent) = destroy(&[is("running")], &none, &[raw(BUSY)]).await;
    assert!(told.contains("may still exist and cost money") && told.contains("VM is starting"), "{told}");
    assert_eq!(sent, 3);
    let (told, sent) = destroy(&[is("running")], &none, &[(502, Json::Null)]).await;
    assert!(told.starts_with("Unclear whether"), "{told}");
    assert_eq!(sent, 3);
    // Accepted, and nothing came of it.
    let (told, sent) = destroy(&[is("running")], &none, &[DONE]).await;
    assert!(told.contains("accepted the call") && told.contains("\"running\""), "{told}");
    assert_eq!(sent, 3);
    let (told, sent) = destroy(&[is("running")], &none, &[(403, json!({"detail": "read only"}))]).await;
    assert!(told.contains("may not do this"), "{told}");
    assert_eq!(sent, 1);
    // One witness is not enough.
    let listed = [(200, json!([shown(ID, "running")]))];
    let (told, _) = destroy(&[raw(GONE)], &listed, &[DONE]).await;
    assert!(told.contains("Timed out") && told.contains("contradicts itself"), "{told}");
}

#[tokio::test]
async fn an_id_cannot_leave_its_place_in_the_path() {
    let (client, requests) =
        loopback::play(ErrorMapping::NovaCloud, &[(200, r#"{"id":"v","status":"running"}"#)]).await;
    let remote = Remote::new(&client, Call::default(), Arc::default(), "VM");
    // The answer is about another VM, and so is refused.
    let error = remote.get("a/../b?c").await.map(|it: answer::Vm| it.id).unwrap_err();
    assert!(matches!(error, Error::Decode(_)), "{error:?}");
    assert_eq!(*requests.lock().unwrap(), ["GET /vms/a%2F..%2Fb%3Fc"]);
}

#[tokio::test]
async fn what_a_list_of_vms_lacks_is_told_by_its_end() {
    let answer = |request: &str| {
        let (_, offset) = request.split_once("offset=").unwrap();
        let all = [shown(ID, "running"), shown(OTHER, "running")];
        let page: Vec<_> = all.iter().skip(offset.parse().unwrap()).take(1).collect();
        (200, json!(page).to_string())
    };
    let (client, requests) = loopback::serve(ErrorMapping::NovaCloud, answer).await;
    let remote: Remote<'_, answer::Vm> = Remote::new(&client, Call::default(), Arc::default(), "VM");
    for (id, lacks) in [(ID, false), (OTHER, false), ("b0c6e0a2-77f1-4b39-8a0d-1f6b1f0f5a13", true)] {
        assert_eq!(remote.is_missing_in_list(id).await.unwrap(), lacks);
    }
    assert_eq!(requests.lock().unwrap().len(), 9);
}

/// A list of `count` VMs from a server that knows paging or not; how many are found, by how many requests.
async fn walk(count: usize, paging: bool) -> (usize, usize) {
    let answer = move |request: &str| {
        let number = |name: &str| -> usize {
            let (_, rest) = request.split_once(name).unwrap();
            rest.split('&').next().unwrap().parse().unwrap()
        };
        let (first, last) =
            if paging { (number("offset="), number("offset=") + number("limit=")) } else { (0, count) };
        let page: Vec<_> = (first.min(count)..last.min(count))
            .map(|it| json!({"id": format!("00000000-0000-4000-8000-{it:012}")}))
            .collect();
        (200, json!(page).to_string())
    };
    let (client, requests) = loopback::serve(ErrorMapping::NovaCloud, answer).await;
    let found = answer::Vm::list().finish(&client, &Call::default()).await.unwrap().elements.len();
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
