//! Statuses: the walks, the switches, and which actions they allow.

use serde_json::{Value, json};

use super::{Bench, NOT_FOUND};
use crate::faults::Effect;

#[test]
fn a_vm_walks_to_running_and_then_has_its_address() {
    let mut bench = Bench::new();
    let id = bench.make(json!({})).unwrap();
    let mut seen = || {
        let shown = bench.read(&id).unwrap();
        format!("{} {}", shown["status"].as_str().unwrap(), shown["ip_address"].is_string())
    };
    assert_eq!([seen(), seen(), seen()], ["creating false", "starting false", "running true"]);
    let shown = bench.read(&id).unwrap();
    assert_eq!((&shown["started_at"], &shown["stopped_at"]), (&json!("2026-01-01T00:00:02Z"), &Value::Null));
}

#[test]
fn the_address_and_the_rates_can_come_late() {
    let mut bench = Bench::new();
    bench.core.novacloud.style.late_ip_steps = 2;
    bench.core.novacloud.style.late_rates = true;
    let id = bench.make(json!({})).unwrap();
    assert_eq!(bench.read(&id).unwrap()["hourly_rate"], Value::Null);
    assert_eq!(bench.statuses(&id, 1), "starting");
    let mut seen = || {
        let shown = bench.read(&id).unwrap();
        assert_eq!((&shown["status"], &shown["hourly_rate"]), (&json!("running"), &json!(0.62)));
        shown["ip_address"].is_string()
    };
    assert_eq!([seen(), seen(), seen(), seen()], [false, false, true, true]);
}

#[test]
fn the_load_is_another_one_on_every_read() {
    let mut bench = Bench::new();
    let id = bench.running();
    let mut load = || {
        let shown = bench.read(&id).unwrap();
        (shown["cpu_percent"].to_string(), shown["ram_percent"].to_string())
    };
    let (one, other) = (load(), load());
    assert!(one.0 != other.0 && one.1 != other.1, "{one:?} {other:?}");
}

#[test]
fn power_actions_walk_there_and_back() {
    let mut bench = Bench::new();
    let id = bench.running();
    assert_eq!(bench.action("stop", &id).unwrap()["status"], "stopping");
    assert_eq!(bench.statuses(&id, 3), "stopping stopped stopped");
    assert!(bench.read(&id).unwrap()["stopped_at"].is_string());
    bench.action("start", &id).unwrap();
    assert_eq!(bench.statuses(&id, 3), "starting running running");
    bench.action("restart", &id).unwrap();
    assert_eq!(bench.statuses(&id, 3), "stopping starting running");
    bench.core.novacloud.style.messages = true;
    assert_eq!(bench.action("stop", &id).unwrap(), json!({"message": "VM is stopping"}));
}

#[test]
fn an_action_in_the_wrong_state_is_refused() {
    let mut bench = Bench::new();
    let id = bench.make(json!({})).unwrap();
    for (action, done) in [("start", "started"), ("stop", "stopped"), ("restart", "restarted")] {
        let expected = format!("400 VM cannot be {done} while it is creating");
        assert_eq!(bench.action(action, &id).unwrap_err(), expected);
    }
}

#[test]
fn a_stopped_vm_gives_its_gpus_away() {
    let mut bench = Bench::new();
    bench.core.novacloud.nodes[1].gpus = 1;
    let id = bench.running();
    bench.action("stop", &id).unwrap();
    bench.statuses(&id, 2);
    bench.make(json!({})).unwrap();
    assert!(bench.action("start", &id).unwrap_err().starts_with("400 No GPU of this kind"));
}

#[test]
fn a_destroyed_vm_is_shown_for_a_while_and_then_gone() {
    let mut bench = Bench::new();
    let id = bench.running();
    let path = format!("/vms/{id}");
    let answer = bench.send("DELETE", &path, &[], None);
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    assert_eq!(bench.core.alive(), []);
    assert_eq!(bench.get("/vms", &[]).unwrap(), json!([]));
    assert_eq!(bench.destroy(&id).unwrap_err(), NOT_FOUND, "a second time");
    assert_eq!(bench.statuses(&id, 3), format!("destroyed destroyed {NOT_FOUND}"));
    assert_eq!(bench.core.novacloud.created, 1);
}

#[test]
fn destroying_has_other_forms() {
    let mut bench = Bench::new();
    bench.core.novacloud.pace.set("destroyed", 0);
    let id = bench.running();
    bench.destroy(&id).unwrap();
    assert_eq!(bench.statuses(&id, 1), NOT_FOUND, "at once");
    bench.core.novacloud.pace.set("destroyed", u32::MAX);
    bench.core.novacloud.style.messages = true;
    bench.core.novacloud.style.destroy_through_stopping = true;
    let id = bench.running();
    assert_eq!(bench.destroy(&id).unwrap(), json!({"message": "VM destroyed"}));
    assert_eq!(bench.core.alive().len(), 1, "not yet");
    assert_eq!(bench.statuses(&id, 4), "stopping destroyed destroyed destroyed");
}

#[test]
fn destroying_in_a_transition_can_be_refused() {
    let mut bench = Bench::new();
    for code in [400, 409] {
        bench.core.novacloud.style.destroy_refused_in_transition = Some(code);
        let id = bench.make(json!({})).unwrap();
        let expected = format!("{code} VM cannot be destroyed while it is creating");
        assert_eq!(bench.destroy(&id).unwrap_err(), expected);
        bench.statuses(&id, 2);
        bench.destroy(&id).unwrap();
    }
    bench.core.novacloud.style.destroy_refused_in_transition = None;
    let id = bench.make(json!({})).unwrap();
    bench.destroy(&id).unwrap();
}

#[test]
fn a_vm_can_fail_while_it_is_created() {
    let mut bench = Bench::new();
    for (status, expected) in [(None, "failed"), (Some("offline".to_owned()), "offline")] {
        bench.fault("POST", "/vms", Effect::StatusError { message: String::new(), status });
        let id = bench.make(json!({})).unwrap();
        assert_eq!(bench.statuses(&id, 3), format!("creating {expected} {expected}"));
        assert!(bench.core.alive().iter().any(|it| it.id == id), "it still needs destroying");
        bench.destroy(&id).unwrap();
    }
}

#[test]
fn a_vm_can_be_interrupted_and_started_again() {
    let mut bench = Bench::new();
    let id = bench.running();
    bench.fault("GET", "/vms/*", Effect::SpotReclaim);
    assert_eq!(bench.statuses(&id, 2), "interrupted interrupted");
    assert!(bench.read(&id).unwrap()["stopped_at"].is_string());
    bench.action("start", &id).unwrap();
    assert_eq!(bench.statuses(&id, 2), "starting running");
}

#[test]
fn a_vm_can_be_offline_vanish_or_show_a_status_that_nobody_knows() {
    let mut bench = Bench::new();
    let id = bench.running();
    bench.fault("GET", "/vms/*", Effect::UnknownStatus("migrating".to_owned()));
    assert_eq!(bench.statuses(&id, 2), "migrating running");
    bench.fault("GET", "/vms/*", Effect::EnterStatus("offline".to_owned()));
    assert_eq!(bench.statuses(&id, 2), "offline offline");
    assert!(bench.core.novacloud.set_status(&id, "running", 0));
    bench.fault("POST", "/vms/*/stop", Effect::VanishInstance);
    assert_eq!(bench.action("stop", &id).unwrap_err(), NOT_FOUND);
}

#[test]
fn a_new_vm_can_be_late_in_get_and_list() {
    let mut bench = Bench::new();
    bench.fault("POST", "/vms", Effect::NotFoundJustAfterCreate { reads: 1 });
    bench.fault("POST", "/vms", Effect::ListLag { reads: 1 });
    let id = bench.make(json!({})).unwrap();
    assert_eq!(bench.statuses(&id, 2), format!("{NOT_FOUND} creating"));
    let mut listed = || bench.get("/vms", &[]).unwrap().as_array().unwrap().len();
    assert_eq!([listed(), listed()], [0, 1]);
}

#[test]
fn a_list_is_an_array_in_pages() {
    let mut bench = Bench::new();
    bench.core.novacloud.account.max_vms = 60;
    bench.core.novacloud.account.max_hourly_spend = u64::MAX;
    bench.core.novacloud.nodes[1].gpus = 60;
    let ids: Vec<String> = (0..53).map(|_| bench.make(json!({})).unwrap()).collect();
    let mut at = |query: &[(&str, &str)]| {
        let listed = bench.get("/vms", query)?;
        Ok::<_, String>(listed.as_array().unwrap().iter().map(|it| it["id"].clone()).collect::<Vec<_>>())
    };
    assert_eq!(at(&[]).unwrap().len(), 50);
    assert_eq!(at(&[("offset", "50")]).unwrap(), ids[50..]);
    assert_eq!(at(&[("limit", "2"), ("offset", "1")]).unwrap(), ids[1..3]);
    assert_eq!(at(&[("offset", "60")]).unwrap().len(), 0);
    assert!(at(&[("limit", "0")]).unwrap_err().starts_with("422 query.limit: "));
    assert!(at(&[("offset", "-1")]).unwrap_err().starts_with("422 query.offset: "));
    assert_eq!(at(&[("page", "1")]).unwrap_err(), "422 query.page: is not a parameter of this call");
}
