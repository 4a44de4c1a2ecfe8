//! Statuses: the walks, who moves them, and which actions they allow.

use std::time::Duration;

use serde_json::json;

use super::{Bench, cpu, gpu};
use crate::clock::Clock;
use crate::faults::Effect;

const NOT_FOUND: &str = "400 RESOURCE_NOT_FOUND: instance not found";

#[test]
fn a_machine_walks_from_queue_to_running() {
    let mut bench = Bench::new();
    let id = bench.create(&gpu(json!({})));
    assert_eq!(bench.statuses(&id, 5), "toCreate creating pulling running running");
    bench.core.novita.pace.set("pending", 1);
    bench.core.novita.pace.set("pulling", 2);
    bench.core.novita.pace.set("creating", 0);
    let id = bench.create(&cpu(json!({})));
    assert_eq!(bench.statuses(&id, 6), "pending toCreate pulling pulling running running");
}

#[test]
fn power_actions_walk_there_and_back() {
    let mut bench = Bench::new();
    let id = bench.running(&gpu(json!({})));
    bench.action("stop", &id).unwrap();
    assert_eq!(bench.statuses(&id, 4), "toStop stopping exited exited");
    bench.action("start", &id).unwrap();
    assert_eq!(bench.statuses(&id, 4), "toStart starting running running");
    bench.action("restart", &id).unwrap();
    assert_eq!(bench.statuses(&id, 3), "toRestart restarting running");
    bench.action("migrate", &id).unwrap();
    assert_eq!(bench.read(&id).unwrap()["jobs"][0]["type"], "instanceMigrate");
    assert_eq!(bench.statuses(&id, 1), "running");
}

#[test]
fn a_removed_machine_is_shown_for_a_while_and_then_gone() {
    let mut bench = Bench::new();
    let id = bench.running(&gpu(json!({})));
    bench.action("delete", &id).unwrap();
    assert_eq!(bench.core.novita.alive().len(), 1);
    assert_eq!(bench.statuses(&id, 3), "toRemove removing removed");
    assert_eq!(bench.core.novita.alive(), []);
    assert_eq!(bench.action("delete", &id).unwrap_err(), NOT_FOUND);
    assert_eq!(bench.statuses(&id, 2), format!("removed {NOT_FOUND}"));
    assert_eq!(bench.core.novita.created.gpu, 1);
}

#[test]
fn an_action_in_the_wrong_state_is_refused() {
    let mut bench = Bench::new();
    let id = bench.create(&gpu(json!({})));
    let wrong = "400 CONFLICT: invalid state change";
    for action in ["start", "stop", "restart", "migrate"] {
        let refusal = bench.action(action, &id).unwrap_err();
        assert!(refusal.starts_with(wrong), "{action}: {refusal}");
        assert_eq!(bench.action(action, "nobody").unwrap_err(), NOT_FOUND);
    }
    bench.settle();
    assert!(bench.action("start", &id).unwrap_err().starts_with(wrong));
    bench.action("delete", &id).unwrap();
    assert!(bench.action("delete", &id).unwrap_err().starts_with(wrong));
}

#[test]
fn a_monthly_machine_is_not_released() {
    let mut bench = Bench::new();
    let id = bench.running(&gpu(json!({"month": 1})));
    let refusal = bench.action("delete", &id).unwrap_err();
    assert!(refusal.starts_with("400 PREPAID_INSTANCE_NOT_SUPPORT_RELEASE: "), "{refusal}");
    assert_eq!(bench.statuses(&id, 1), "running");
}

#[test]
fn a_stopped_machine_gives_its_hardware_away() {
    let mut bench = Bench::new();
    let all = gpu(json!({"productId": "3090.12c30g", "gpuNum": 2}));
    let id = bench.running(&all);
    bench.action("stop", &id).unwrap();
    bench.settle();
    bench.create(&all);
    let refusal = bench.action("start", &id).unwrap_err();
    assert!(refusal.starts_with("400 INSUFFICIENT_RESOURCE: "), "{refusal}");
}

#[test]
fn a_pull_can_fail_and_stay_or_end_elsewhere() {
    let mut bench = Bench::new();
    bench.fault("/create", Effect::StatusError { message: "no such image".to_owned(), status: None });
    let id = bench.create(&gpu(json!({})));
    assert_eq!(bench.statuses(&id, 5), "toCreate creating pulling pulling pulling");
    assert_eq!(bench.read(&id).unwrap()["statusError"]["message"], "no such image");
    let status = Some("exited".to_owned());
    bench.fault("/create", Effect::StatusError { message: "no such image".to_owned(), status });
    let id = bench.create(&gpu(json!({})));
    assert_eq!(bench.statuses(&id, 4), "toCreate creating pulling exited");
}

#[test]
fn a_spot_machine_can_be_reclaimed() {
    let mut bench = Bench::new();
    let id = bench.running(&gpu(json!({"billingMode": "spot"})));
    assert_eq!(bench.read(&id).unwrap()["spotStatus"], "running");
    bench.fault("/gpu/instance", Effect::SpotReclaim);
    let walk: Vec<String> = (0..5)
        .map(|_| bench.read(&id).unwrap())
        .map(|it| format!("{}:{}", it["spotStatus"].as_str().unwrap(), it["status"].as_str().unwrap()))
        .collect();
    let expected = [
        "notified:running",
        "reclaiming:running",
        "terminated:removing",
        "terminated:removed",
        "terminated:removed",
    ];
    assert_eq!(walk, expected);
    assert_eq!(bench.read(&id).unwrap_err(), NOT_FOUND);
}

#[test]
fn what_is_being_removed_does_not_come_back_by_a_reclaim() {
    let mut bench = Bench::new();
    let id = bench.running(&gpu(json!({"billingMode": "spot"})));
    bench.core.novita.platform.turn_on(crate::Switch::ReclaimedStays);
    bench.fault("/gpu/instance", Effect::SpotReclaim);
    assert_eq!(bench.read(&id).unwrap()["spotStatus"], "notified");
    bench.post("/gpu/instance/delete", &json!({"instanceId": id})).unwrap();
    assert_eq!(bench.statuses(&id, 4), "toRemove removing removed removed");
}

#[test]
fn a_machine_can_vanish_or_show_a_status_that_nobody_knows() {
    let mut bench = Bench::new();
    let id = bench.running(&gpu(json!({})));
    bench.fault("/gpu/instance", Effect::UnknownStatus("defragmenting".to_owned()));
    assert_eq!(bench.statuses(&id, 2), "defragmenting running");
    bench.fault("/gpu/instance", Effect::VanishInstance);
    assert_eq!(bench.read(&id).unwrap_err(), NOT_FOUND);
}

#[test]
fn a_new_machine_can_be_late_in_get_and_list() {
    let mut bench = Bench::new();
    bench.fault("/create", Effect::NotFoundJustAfterCreate { reads: 2 });
    bench.fault("/create", Effect::ListLag { reads: 1 });
    let id = bench.create(&gpu(json!({})));
    assert_eq!(bench.statuses(&id, 3), format!("{NOT_FOUND} {NOT_FOUND} toCreate"));
    let page = [("pageSize", "10"), ("pageNum", "1")];
    let mut listed = || bench.get("/gpu/instances", &page).unwrap()["total"].as_u64().unwrap();
    assert_eq!([listed(), listed()], [0, 1]);
}

#[test]
fn time_moves_all_machines_when_the_clock_is_manual() {
    let mut bench = Bench::with_clock(Clock::Manual);
    let id = bench.create(&gpu(json!({})));
    assert_eq!(bench.statuses(&id, 3), "toCreate toCreate toCreate");
    bench.core.time.advance(Duration::from_secs(2));
    assert_eq!(bench.statuses(&id, 1), "pulling");
    bench.core.time.advance(Duration::from_secs(1));
    let running = bench.read(&id).unwrap();
    assert_eq!(
        (&running["createdAt"], &running["lastStartedAt"]),
        (&json!("1767225600"), &json!("1767225603"))
    );
}
