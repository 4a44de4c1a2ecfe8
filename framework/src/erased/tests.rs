//! The demo resource through the table's entry: apply, read, import, upgrade.
//!
//! The letters in the names are rules: A for apply, U for upgrades, I for import.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use expect_test::{Expect, expect};
use futures_util::FutureExt;
use serde_json::{Value as Json, json};
use tokio_util::sync::CancellationToken;

use crate::apply::{Apply, Outcome, known};
use crate::client::{apply_faults, differences, propose, show, state_faults, value};
use crate::demo::{Cloud, Disk, config, state};
use crate::diagnostics::Diagnostics;
use crate::erased::{CallContext, resource};
use crate::plan::{Planned, Proposal};
use crate::private::{Notes, Private};
use crate::resource::StateCell;
use crate::value::Value;

/// The notes of an import that was told nothing of what an API may leave out.
fn imported() -> Private {
    resource::<Disk>().import("disk-1").expect("an id").1
}

fn not_told(names: &[&str]) -> Private {
    let not_told = names.iter().map(|it| (*it).to_owned()).collect();
    Private { not_told, ..Private::default() }
}

fn context(cloud: &Arc<Cloud>) -> CallContext<Cloud> {
    CallContext { data: Arc::clone(cloud), stop: CancellationToken::new(), notes: Notes::default() }
}

fn failing(call: &'static str) -> Cloud {
    Cloud { fails: call, ..Cloud::default() }
}

/// Plans and applies a configuration (null: none, so destroy) over a state (null: none).
async fn apply_with(
    private: Private,
    cloud: Cloud,
    prior: &Json,
    config: &Json,
    cell: &StateCell,
) -> (Outcome, String) {
    let (disk, cloud) = (resource::<Disk>(), Arc::new(cloud));
    let schema = disk.schema();
    let (prior, config) = (value(schema, prior), value(schema, config));
    let proposed = propose(schema, &config, &prior);
    let proposal = Proposal { config, prior, proposed, private, ..Proposal::default() };
    let planned = disk.plan(&proposal);
    assert!(!planned.diagnostics.has_error(), "{:?}", planned.diagnostics);
    let Proposal { config, prior, .. } = proposal;
    let apply = Apply { config, prior, planned: planned.value.clone(), private: planned.private };
    let outcome = disk.apply(context(&cloud), apply, Arc::clone(cell)).await;
    if !outcome.state.is_null() {
        let faults = match outcome.diagnostics.has_error() {
            true => state_faults(schema, &outcome.state),
            false => apply_faults(schema, &planned.value, &outcome.state),
        };
        assert!(faults.is_empty(), "{faults:?}");
    }
    let calls = cloud.calls.lock().unwrap().join("\n");
    (outcome, calls)
}

/// What came of it in words: the calls, what is in the state compared with before, what is told.
fn words(prior: &Json, outcome: &Outcome, calls: &str) -> String {
    let disk = resource::<Disk>();
    let before = value(disk.schema(), prior);
    let state = match &outcome.state {
        Value::Null => "no state\n".to_owned(),
        state => differences(&before, state),
    };
    let calls: String = calls.lines().map(|it| format!("> {it}\n")).collect();
    format!("{calls}{state}{}", told(&outcome.diagnostics))
}

fn told(diagnostics: &Diagnostics) -> String {
    diagnostics.0.iter().map(|it| format!("{:?}: {}, {}\n", it.severity, it.summary, it.detail)).collect()
}

async fn check_apply(cloud: Cloud, prior: Json, config: Json, expected: Expect) -> Outcome {
    let (outcome, calls) =
        apply_with(Private::default(), cloud, &prior, &config, &StateCell::default()).await;
    expected.assert_eq(&words(&prior, &outcome, &calls));
    outcome
}

#[tokio::test]
async fn a1_a_creation_sends_the_body_and_leaves_nothing_unknown() {
    let outcome = check_apply(
        Cloud::default(),
        Json::Null,
        config(json!({})),
        expect![[r#"
        > post {"copies":1,"medium":"ssd","size":20,"speed":"slow","zoneName":"a"}
        > wait
        copies: 1
        deletion_protection: false
        id: "disk-1"
        medium: "ssd"
        name: "auto"
        size: 20
        speed: "slow"
        status: "ready"
        wait: true
        zone: "a"
    "#]],
    )
    .await;
    assert_eq!(outcome.private, Private::default());
}

#[tokio::test]
async fn demand_25_another_answer_than_planned_does_not_break_the_plan() {
    let cloud = Cloud { gives_other: true, ..Cloud::default() };
    let wanted = config(json!({"name": "mine", "backup": {"hour": 1}, "mounts": [{"host": "h"}]}));
    check_apply(cloud, Json::Null, wanted, expect![[r#"
        > post {"backup":{"hour":1},"copies":1,"medium":"ssd","mounts":[{"dir":"/data","host":"h"}],"name":"mine","size":20,"speed":"slow","zoneName":"a"}
        > wait
        backup: {hour: 1, keep: 7, place: "there"}
        copies: 1
        deletion_protection: false
        id: "disk-1"
        medium: "ssd"
        mounts: [{host: "h", path: "/data"}]
        name: "mine"
        size: 20
        speed: "slow"
        status: "ready"
        wait: true
        zone: "a"
    "#]]).await;
}

#[tokio::test]
async fn a2_what_exists_is_returned_when_waiting_fails() {
    check_apply(
        failing("wait"),
        Json::Null,
        config(json!({})),
        expect![[r#"
        > post {"copies":1,"medium":"ssd","size":20,"speed":"slow","zoneName":"a"}
        > wait
        copies: 1
        deletion_protection: false
        id: "disk-1"
        medium: "ssd"
        size: 20
        speed: "slow"
        wait: true
        zone: "a"
        Error: Call failed, wait
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a2_a_creation_that_only_warns_is_kept_as_healthy() {
    let cloud = Cloud { only_warns: true, ..failing("wait") };
    check_apply(
        cloud,
        Json::Null,
        config(json!({})),
        expect![[r#"
        > post {"copies":1,"medium":"ssd","size":20,"speed":"slow","zoneName":"a"}
        > wait
        copies: 1
        deletion_protection: false
        id: "disk-1"
        medium: "ssd"
        size: 20
        speed: "slow"
        wait: true
        zone: "a"
        Warning: Call failed, wait
    "#]],
    )
    .await;
}

#[tokio::test]
async fn demand_06_what_exists_survives_a_panic() {
    let cell = StateCell::default();
    let (config, cloud) = (config(json!({"timeouts": {"create": "5m"}})), failing("panic"));
    let apply = apply_with(Private::default(), cloud, &Json::Null, &config, &cell);
    assert!(AssertUnwindSafe(apply).catch_unwind().await.is_err());
    let left = known(cell.lock().unwrap_or_else(|it| it.into_inner()).clone().unwrap());
    assert!(state_faults(resource::<Disk>().schema(), &left).is_empty());
    assert_eq!(left.get("id"), &Value::from("disk-1"));
    assert_eq!(show(left.get("timeouts")), r#"{create: "5m"}"#);
}

#[tokio::test]
async fn a3_a_refused_creation_leaves_no_state() {
    check_apply(
        failing("post"),
        Json::Null,
        config(json!({})),
        expect![[r#"
        > post {"copies":1,"medium":"ssd","size":20,"speed":"slow","zoneName":"a"}
        no state
        Error: Call failed, post
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a3_a_creation_without_state_is_never_a_success() {
    let cloud = Cloud { only_warns: true, ..failing("post") };
    check_apply(cloud, Json::Null, config(json!({})), expect![[r#"
        > post {"copies":1,"medium":"ssd","size":20,"speed":"slow","zoneName":"a"}
        no state
        Warning: Call failed, post
        Error: Bug in the provider, This should not happen: the operation ended without a result and without an error. Please report it with the steps that led here.
    "#]]).await;
}

#[tokio::test]
async fn a6_a_failed_change_returns_what_really_exists() {
    let wanted = config(json!({"name": "new", "size": 50, "password": "p"}));
    let prior = state(json!({"password": "p"}));
    check_apply(
        failing("rename"),
        prior.clone(),
        wanted.clone(),
        expect![[r#"
        > rename new
        > get disk-1
        Error: Call failed, rename
    "#]],
    )
    .await;
    check_apply(
        failing("resize"),
        prior.clone(),
        wanted.clone(),
        expect![[r#"
        > rename new
        > resize Some(50)
        > get disk-1
        name: "auto" → "new"
        Error: Call failed, resize
    "#]],
    )
    .await;
    check_apply(
        Cloud::default(),
        prior,
        wanted,
        expect![[r#"
        > rename new
        > resize Some(50)
        name: "auto" → "new"
        size: 20 → 50
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a6_a_change_that_only_warns_has_failed_all_the_same() {
    let cloud = Cloud { only_warns: true, ..failing("resize") };
    check_apply(
        cloud,
        state(json!({})),
        config(json!({"size": 50})),
        expect![[r#"
            > rename auto
            > resize Some(50)
            > get disk-1
            Warning: Call failed, resize
            Error: Bug in the provider, This should not happen: the operation ended without a result and without an error. Please report it with the steps that led here.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a16_what_an_import_was_not_told_is_remembered_until_it_is_configured() {
    let untold = json!({"medium": null});
    let (prior, wanted) = (state(untold), config(json!({"size": 50, "password": "p"})));
    let failed = apply_with(imported(), failing("rename"), &prior, &wanted, &StateCell::default()).await.0;
    assert_eq!(failed.private, imported());
    let done = apply_with(imported(), Cloud::default(), &prior, &wanted, &StateCell::default()).await.0;
    assert_eq!(done.private, not_told(&["medium", "password_wo_version"]));
    // Without a call too.
    let local = config(json!({"wait": false, "password": "p"}));
    let free = apply_with(imported(), Cloud::default(), &prior, &local, &StateCell::default()).await.0;
    assert_eq!(free.private, not_told(&["medium", "password_wo_version"]));
}

#[tokio::test]
async fn what_was_adopted_once_is_not_adopted_again() {
    let disk = resource::<Disk>();
    let cleared = state(json!({"password": null}));
    let (prior, config) =
        (value(disk.schema(), &cleared), value(disk.schema(), &config(json!({"password": "q"}))));
    let proposed = propose(disk.schema(), &config, &prior);
    let proposal = Proposal {
        config,
        prior,
        proposed,
        private: not_told(&["password_wo_version"]),
        ..Proposal::default()
    };
    assert!(!disk.plan(&proposal).replace.is_empty());
}

#[tokio::test]
async fn a_change_of_what_is_local_or_adopted_makes_no_call() {
    let (prior, wanted) =
        (state(json!({})), config(json!({"wait": false, "password": "p", "medium": "hdd"})));
    let prior = Json::Object(
        prior.as_object().unwrap().clone().into_iter().filter(|(it, _)| it != "medium").collect(),
    );
    let (outcome, calls) =
        apply_with(imported(), Cloud::default(), &prior, &wanted, &StateCell::default()).await;
    expect![[r#"
        medium: null → "hdd"
        password: null → "p"
        wait: true → false
    "#]]
    .assert_eq(&words(&prior, &outcome, &calls));
}

#[tokio::test]
async fn a7_a_deletion_ends_without_state_and_keeps_its_warnings() {
    check_apply(
        Cloud::default(),
        state(json!({})),
        Json::Null,
        expect![[r#"
            > delete disk-1
            no state
            Warning: Deleting, It takes a while.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a7_a_failed_deletion_returns_the_state_as_it_was() {
    check_apply(
        failing("delete"),
        state(json!({})),
        Json::Null,
        expect![[r#"
            > delete disk-1
            Warning: Deleting, It takes a while.
            Error: Call failed, delete
        "#]],
    )
    .await;
    let cloud = Cloud { only_warns: true, ..failing("delete") };
    check_apply(
        cloud,
        state(json!({})),
        Json::Null,
        expect![[r#"
            > delete disk-1
            Warning: Deleting, It takes a while.
            Warning: Call failed, delete
            Error: Bug in the provider, This should not happen: the deletion failed without an error. Please report it with the steps that led here.
        "#]],
    )
    .await;
}

/// Creates a protected disk in a cloud where something fails.
async fn create_protected(cloud: Cloud) -> Outcome {
    let config = config(json!({"deletion_protection": true}));
    apply_with(Private::default(), cloud, &Json::Null, &config, &StateCell::default()).await.0
}

#[tokio::test]
async fn what_a_failed_creation_leaves_is_not_protected() {
    let tainted = create_protected(failing("wait")).await;
    assert!(tainted.diagnostics.has_error());
    assert_eq!(tainted.state.get("deletion_protection"), &Value::from(false));
    assert!(create_protected(failing("post")).await.state.is_null());
    let healthy = create_protected(Cloud { only_warns: true, ..failing("wait") }).await;
    assert_eq!(healthy.state.get("deletion_protection"), &Value::from(true));
    // A change that fails taints nothing.
    let (prior, wanted) = (
        state(json!({"deletion_protection": true})),
        config(json!({"deletion_protection": true, "size": 50})),
    );
    let (failed, _) =
        apply_with(Private::default(), failing("resize"), &prior, &wanted, &StateCell::default()).await;
    assert_eq!(failed.state.get("deletion_protection"), &Value::from(true));
}

#[tokio::test]
async fn a_change_of_what_is_gone_says_so() {
    let prior = state(json!({"id": "gone"}));
    let (outcome, calls) = apply_with(
        Private::default(),
        failing("rename"),
        &prior,
        &config(json!({"size": 50})),
        &StateCell::default(),
    )
    .await;
    expect![[r#"
        > rename auto
        > get gone
        Error: Resource is gone, The `demo_disk` "gone" does not exist any more, so nothing was changed. Plan again, with a refresh: the new plan shows what it takes to have it as configured.
    "#]]
    .assert_eq(&words(&prior, &outcome, &calls));
}

#[tokio::test]
async fn a10_write_only_values_come_from_the_configuration_and_stay_nowhere() {
    let wanted = config(json!({"password_wo": "written", "password_wo_version": 1}));
    check_apply(
        Cloud::default(),
        Json::Null,
        wanted,
        expect![[r#"
        > post {"copies":1,"medium":"ssd","password":"written","size":20,"speed":"slow","zoneName":"a"}
        > wait
        copies: 1
        deletion_protection: false
        id: "disk-1"
        medium: "ssd"
        name: "auto"
        password_wo_version: 1
        size: 20
        speed: "slow"
        status: "ready"
        wait: true
        zone: "a"
    "#]],
    )
    .await;
}

#[tokio::test]
async fn r3_reading_refreshes_the_state_and_echoes_the_notes() {
    let disk = resource::<Disk>();
    let read = async |cloud, changes| {
        let state = value(disk.schema(), &state(changes));
        disk.read(context(&Arc::new(cloud)), state, imported()).await
    };
    let outcome = read(Cloud::default(), json!({"status": "old", "timeouts": {"create": "1h"}})).await;
    assert_eq!(outcome.private, not_told(&["password", "password_wo_version"]));
    assert_eq!(outcome.state.get("status"), &Value::from("ready"));
    assert_eq!(show(outcome.state.get("timeouts")), r#"{create: "1h"}"#);
    let gone = read(Cloud::default(), json!({"id": "gone"})).await;
    assert!(gone.state.is_null() && gone.diagnostics == Diagnostics::default());
    let failed = read(failing("get"), json!({"status": "old"})).await;
    assert!(failed.diagnostics.has_error());
    assert_eq!(failed.state.get("status"), &Value::from("old"));
}

#[test]
fn i1_an_import_begins_with_the_id_and_the_defaults_that_are_no_guess() {
    let disk = resource::<Disk>();
    let (state, private) = disk.import("disk-7").unwrap();
    assert_eq!(private, not_told(&["medium", "password", "password_wo_version"]));
    assert!(state_faults(disk.schema(), &state).is_empty());
    expect![[r#"{copies: 1, deletion_protection: false, id: "disk-7", speed: "slow", wait: true}"#]]
        .assert_eq(&show(&state));
    expect![[r#"
        Error: Invalid id to import, The id of a `demo_disk` is `disk-…`. An example is `terraform import demo_disk.example disk-1`; the vendor's console shows the id.
    "#]]
    .assert_eq(&told(&disk.import("7").unwrap_err()));
}

#[test]
fn an_upgrade_of_the_same_version_changes_nothing() {
    let disk = resource::<Disk>();
    let full = state(json!({"mounts": [{"host": "h", "path": "/x"}], "timeouts": {"create": "1h"}}));
    let upgraded = disk.upgrade(1, full.to_string().as_bytes()).unwrap(); // U1
    assert_eq!(upgraded, value(disk.schema(), &full));
}

#[test]
fn u2_an_upgrade_drops_what_is_unknown_and_fills_what_is_missing() {
    let disk = resource::<Disk>();
    let state = json!({"id": "disk-1", "later": {"a": 1}, "password_wo": "leaked"}); // U4
    let upgraded = disk.upgrade(1, state.to_string().as_bytes()).unwrap();
    assert!(state_faults(disk.schema(), &upgraded).is_empty());
    assert_eq!(show(&upgraded), r#"{id: "disk-1"}"#);
}

#[test]
fn an_upgrade_of_an_older_version_is_the_resource_s_business() {
    let disk = resource::<Disk>();
    let upgraded = disk.upgrade(0, br#"{"id": "disk-1", "gb": 20}"#).unwrap();
    assert_eq!(show(&upgraded), r#"{id: "disk-1", size: 20}"#);
    for (version, state) in [(7, "{}"), (1, "[]"), (1, "{"), (0, "{"), (1, "null"), (1, r#"{"size": "big"}"#)]
    {
        assert!(disk.upgrade(version, state.as_bytes()).unwrap_err().has_error(), "{version} {state}");
    }
}

#[tokio::test]
async fn p14_a_plan_is_checked_with_the_api_when_something_changes() {
    let disk = resource::<Disk>();
    let check = async |prior: Json, planned: Json| {
        let cloud = Arc::new(failing("check"));
        let (prior, planned) = (value(disk.schema(), &prior), value(disk.schema(), &planned));
        let proposal =
            Proposal { config: planned.clone(), prior, proposed: planned.clone(), ..Proposal::default() };
        let planned = Planned {
            value: planned,
            replace: Vec::new(),
            private: Private::default(),
            diagnostics: Diagnostics::default(),
        };
        let diagnostics = disk.check_plan(context(&cloud), &proposal, &planned).await;
        format!("{}\n{}", cloud.calls.lock().unwrap().join("\n"), told(&diagnostics))
    };
    let refused = "Error: Call failed, check\n";
    assert_eq!(check(Json::Null, state(json!({}))).await, format!("check new a\n{refused}"));
    assert_eq!(
        check(state(json!({})), state(json!({"zone": "b"}))).await,
        "check changed b\nError: Call failed, check To destroy it without this change, destroy with `-refresh=false`.\n"
    );
    assert_eq!(check(state(json!({})), state(json!({}))).await, "\n");
    assert_eq!(check(state(json!({})), Json::Null).await, "\n");
}

/// Clients show no warning of a replacement's second plan.
#[tokio::test]
async fn a_replacement_is_checked_as_a_creation_in_its_first_plan_and_not_again_in_the_second() {
    let disk = resource::<Disk>();
    let config = value(disk.schema(), &config(json!({"zone": "b"})));
    let prior = value(disk.schema(), &state(json!({})));
    let plan = async |prior: Value, private: Private| {
        let cloud = Arc::new(Cloud::default());
        let proposed = propose(disk.schema(), &config, &prior);
        let proposal = Proposal { config: config.clone(), prior, proposed, private, ..Proposal::default() };
        let planned = disk.plan(&proposal);
        let told = disk.check_plan(context(&cloud), &proposal, &planned).await;
        assert_eq!(told, Diagnostics::default());
        (cloud.calls.lock().unwrap().join("\n"), planned.private)
    };
    let (first, noted) = plan(prior, Private::default()).await;
    assert_eq!(first, "check new b");
    let (second, noted) = plan(Value::Null, noted).await;
    assert_eq!((second.as_str(), noted), ("", Private::default()));
    // Where somebody asks to replace what does not change, the second plan is the first that is checked.
    assert_eq!(plan(Value::Null, Private::default()).await.0, "check new b");
}
