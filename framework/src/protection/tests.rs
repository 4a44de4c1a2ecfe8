//! Plans and deletions of protected demo disks.

use std::sync::Arc;

use expect_test::{Expect, expect};
use serde_json::{Value as Json, json};
use tokio_util::sync::CancellationToken;

use crate::apply::{Apply, Outcome};
use crate::client::{propose, value};
use crate::demo::{Cloud, Disk, config, state};
use crate::diagnostics::Diagnostics;
use crate::erased::{CallContext, resource};
use crate::plan::Proposal;
use crate::private::{Notes, Private};
use crate::resource::StateCell;
use crate::value::Value;

fn context(cloud: Cloud) -> CallContext<Cloud> {
    CallContext { data: Arc::new(cloud), stop: CancellationToken::new(), notes: Notes::default() }
}

fn ignoring() -> Cloud {
    Cloud { ignores_protection: true, ..Cloud::default() }
}

fn told(diagnostics: &Diagnostics) -> String {
    diagnostics.0.iter().map(|it| format!("{:?}: {}, {}\n", it.severity, it.summary, it.detail)).collect()
}

/// Plans a configuration (null: destroy) over a state (null: none): the notes, and what is told.
async fn plan(cloud: Cloud, private: Private, prior: &Json, config: &Json) -> (Private, String) {
    let disk = resource::<Disk>();
    let (prior, config) = (value(disk.schema(), prior), value(disk.schema(), config));
    let proposed = propose(disk.schema(), &config, &prior);
    let proposal = Proposal { config, prior, proposed, private, ..Proposal::default() };
    let mut planned = disk.plan(&proposal);
    planned.diagnostics.append(disk.check_plan(context(cloud), &proposal, &planned).await);
    (planned.private, told(&planned.diagnostics))
}

async fn check(cloud: Cloud, prior: Json, config: Json, expected: Expect) {
    expected.assert_eq(&plan(cloud, Private::default(), &prior, &config).await.1);
}

fn protected(changes: Json) -> Json {
    let mut state = state(changes);
    state["deletion_protection"] = json!(true);
    state
}

async fn delete(cloud: Cloud, prior: Json) -> Outcome {
    let disk = resource::<Disk>();
    let prior = value(disk.schema(), &prior);
    let apply = Apply { config: Value::Null, prior, planned: Value::Null, private: Private::default() };
    disk.apply(context(cloud), apply, StateCell::default()).await
}

#[tokio::test]
async fn p18_a_plan_that_replaces_what_the_state_protects_is_refused_though_it_lifts_the_protection() {
    for config in [config(json!({"zone": "b", "deletion_protection": true})), config(json!({"zone": "b"}))] {
        check(Cloud::default(), protected(json!({})), config, expect![[r#"
            Error: Deletion protection forbids replacing, The `demo_disk` "disk-1" is protected by `deletion_protection = true`, and the new value of `zone` can only be had by replacing it. Take that back; or set `deletion_protection = false`, apply that alone, and then replace it.
        "#]]).await;
    }
}

#[tokio::test]
async fn a_plan_that_replaces_what_it_would_protect_is_refused() {
    let (prior, config) = (state(json!({})), config(json!({"zone": "b", "deletion_protection": true})));
    let (_, told) = plan(Cloud::default(), Private::default(), &prior, &config).await;
    assert!(told.contains("forbids replacing"), "{told}");
}

#[tokio::test]
async fn p18_a_replacement_that_nothing_in_the_plan_asks_for_is_refused_in_its_second_plan() {
    let wanted = config(json!({"deletion_protection": true}));
    let (notes, told) = plan(Cloud::default(), Private::default(), &protected(json!({})), &wanted).await;
    assert_eq!(told, "");
    let (_, told) = plan(Cloud::default(), notes, &Json::Null, &wanted).await;
    expect![[r#"
        Error: Deletion protection forbids replacing, The `demo_disk` "disk-1" is protected by `deletion_protection = true`, and `-replace` or `replace_triggered_by` asks to replace it. Take that back; or set `deletion_protection = false`, apply that alone, and then replace it.
    "#]].assert_eq(&told);
    // Nothing is left of the state when a client plans a creation once more at apply.
    assert_eq!(plan(Cloud::default(), Private::default(), &Json::Null, &wanted).await.1, "");
    let (notes, _) = plan(Cloud::default(), Private::default(), &state(json!({})), &config(json!({}))).await;
    assert_eq!(plan(Cloud::default(), notes, &Json::Null, &config(json!({}))).await.1, "");
}

#[tokio::test]
async fn p9_destroying_what_is_protected_is_refused_with_the_ways_out() {
    let refusal = expect![[r#"
        Error: Deletion protection forbids destroying, The `demo_disk` "disk-1" is not destroyed while `deletion_protection` is true in its state. Set `deletion_protection = false`, apply that alone, and then destroy it. No configuration reaches an object that is tainted or deposed: to destroy such a one, say so to the cloud.
    "#]];
    let (_, planned) = plan(Cloud::default(), Private::default(), &protected(json!({})), &Json::Null).await;
    refusal.assert_eq(&planned);
    // A tainted object comes to its deletion without a plan.
    let outcome = delete(Cloud::default(), protected(json!({}))).await;
    refusal.assert_eq(&told(&outcome.diagnostics));
    assert_eq!(outcome.state.get("id"), &Value::from("disk-1"));
}

#[tokio::test]
async fn protection_that_is_ignored_is_told_once() {
    check(ignoring(), protected(json!({})), Json::Null, expect![[r#"
        Warning: Deletion protection is ignored, The `demo_disk` "disk-1" is protected, and destroyed all the same.
    "#]]).await;
    let outcome = delete(ignoring(), protected(json!({}))).await;
    assert!(outcome.state.is_null());
    assert_eq!(told(&outcome.diagnostics), "Warning: Deleting, It takes a while.\n");
}

#[tokio::test]
async fn what_is_gone_is_not_protected() {
    let gone = || protected(json!({"id": "gone"}));
    check(Cloud::default(), gone(), Json::Null, expect![[""]]).await;
    check(Cloud::default(), gone(), config(json!({"zone": "b"})), expect![[""]]).await;
    assert!(delete(Cloud::default(), gone()).await.state.is_null());
    let unreadable = || Cloud { fails: "get", ..Cloud::default() };
    let (_, told) = plan(unreadable(), Private::default(), &gone(), &Json::Null).await;
    assert!(told.starts_with("Error: Deletion protection"), "{told}");
}
