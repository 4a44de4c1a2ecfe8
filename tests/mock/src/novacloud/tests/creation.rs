//! What create refuses, and what comes of what it takes.

use serde_json::{Value, json};

use super::{Bench, NOBODY, vm};

/// The refusal of a create call, which must not have made anything.
fn check_refused(bench: &mut Bench, change: Value, expected: &str) {
    let before = bench.core.novacloud.created;
    let shown = change.to_string();
    let refusal = bench.make(change).expect_err(&shown);
    assert!(refusal.starts_with(expected), "{shown}\n was refused with {refusal}\n instead of {expected}");
    assert_eq!(bench.core.novacloud.created, before);
}

fn check_invalid(change: Value, field: &str) {
    check_refused(&mut Bench::new(), change, &format!("422 body.{field}: "));
}

#[test]
fn required_fields_are_required() {
    for field in ["node", "gpu_type", "gpu_count", "storage_gb", "template_vmid"] {
        check_invalid(json!({field: null}), field);
    }
    let refusal = Bench::new().call("POST", "/vms", Some(&json!({}))).unwrap_err();
    assert_eq!(refusal.matches("is required").count(), 5, "all of them are told: {refusal}");
}

#[test]
fn values_have_their_limits() {
    for (change, field) in [
        (json!({"gpu_count": 0}), "gpu_count"),
        (json!({"gpu_count": 3}), "gpu_count"),
        (json!({"gpu_count": 16}), "gpu_count"),
        (json!({"gpu_count": "1"}), "gpu_count"),
        (json!({"storage_gb": 49}), "storage_gb"),
        (json!({"node": ""}), "node"),
        (json!({"gpu_type": 5090}), "gpu_type"),
        (json!({"template_vmid": "101"}), "template_vmid"),
        (json!({"rental_type": "spot"}), "rental_type"),
        (json!({"rental_type": "reserved", "reservation_months": 2}), "reservation_months"),
        (json!({"auth_method": "none"}), "auth_method"),
        (json!({"auth_method": "password", "password": "elevenchars"}), "password"),
        (json!({"instance_label": "mine"}), "instance_label"),
    ] {
        check_invalid(change, field);
    }
}

#[test]
fn one_field_can_need_another() {
    check_invalid(json!({"rental_type": "reserved"}), "reservation_months");
    check_invalid(json!({"auth_method": "password"}), "password");
    let mut bench = Bench::new();
    bench.make(json!({"rental_type": "reserved", "reservation_months": 1})).unwrap();
    bench.make(json!({"auth_method": "password", "password": "twelve chars"})).unwrap();
}

#[test]
fn what_was_sent_in_secret_is_kept_and_never_shown() {
    let mut bench = Bench::new();
    let change = json!({
        "auth_method": "password", "password": "not-so-secret", "rental_type": "reserved",
        "reservation_months": 3, "ssh_key_id": NOBODY,
    });
    let id = bench.make(change).unwrap();
    let record = bench.core.novacloud.record(&id).unwrap();
    assert_eq!((&record["password"], &record["reservation_months"]), (&json!("not-so-secret"), &json!(3)));
    assert_eq!(record["template_vmid"], 101);
    let shown = bench.read(&id).unwrap();
    for name in ["template_vmid", "auth_method", "ssh_key_id", "password", "reservation_months"] {
        assert!(shown.get(name).is_none(), "{name}");
    }
    assert!(!shown["reservation_id"].is_null());
}

#[test]
fn a_new_vm_is_being_created_and_has_no_address() {
    let mut bench = Bench::new();
    let answer = bench.send("POST", "/vms", &[], Some(&vm(json!({"gpu_count": 2}))));
    assert_eq!(answer.status, 201);
    let made: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((&made["status"], &made["ip_address"]), (&json!("creating"), &Value::Null));
    assert_eq!((&made["started_at"], &made["instance_label"]), (&Value::Null, &Value::Null));
    assert_eq!((&made["created_at"], &made["user_id"]), (&json!("2026-01-01T00:00:00Z"), &json!(77)));
    assert_eq!((&made["gpu_hourly_rate"], &made["storage_hourly_rate"]), (&json!(1.2), &json!(0.02)));
    assert_eq!((&made["hourly_rate"], &made["rental_type"]), (&json!(1.22), &json!("on_demand")));
    assert_eq!((&made["ram_gb"], &made["cpu_cores"]), (&json!(128), &json!(32)));
}

#[test]
fn rates_follow_the_way_of_renting() {
    let rate = |change: Value| {
        let mut bench = Bench::new();
        let id = bench.make(change).unwrap();
        bench.read(&id).unwrap()["gpu_hourly_rate"].take()
    };
    assert_eq!(rate(json!({"rental_type": "interruptible"})), json!(0.3));
    for (months, reduced) in [(1, 0.57), (3, 0.54), (6, 0.48)] {
        assert_eq!(rate(json!({"rental_type": "reserved", "reservation_months": months})), json!(reduced));
    }
    let change = json!({"node": "vm03", "gpu_type": "6000pro", "rental_type": "interruptible"});
    check_refused(&mut Bench::new(), change, "400 Node vm03 is not offered as interruptible");
}

#[test]
fn a_node_must_be_available_and_have_the_gpus() {
    let unavailable = [
        json!({"node": "vm09"}),
        json!({"node": "vm04"}),
        json!({"node": "vm01"}),
        json!({"gpu_type": "a100"}),
    ];
    for change in unavailable {
        check_refused(&mut Bench::new(), change, "400 Node ");
    }
    let mut bench = Bench::new();
    let large = json!({"node": "vm03", "gpu_type": "pro6000", "gpu_count": 8});
    check_refused(&mut bench, large, "400 No GPU of this kind is available");
    assert!(bench.core.novacloud.sell_out("vm02") && !bench.core.novacloud.sell_out("vm99"));
    check_refused(&mut bench, json!({}), "400 Node vm02 is not available");
}

#[test]
fn both_spellings_of_one_gpu_are_taken() {
    let mut bench = Bench::new();
    for spelling in ["6000pro", "pro6000"] {
        let id = bench.make(json!({"node": "vm03", "gpu_type": spelling})).unwrap();
        assert_eq!(bench.read(&id).unwrap()["gpu_type"], spelling);
        bench.core.novacloud.style.normalised_gpu_type = true;
        assert_eq!(bench.read(&id).unwrap()["gpu_type"], "pro6000");
        bench.core.novacloud.style.normalised_gpu_type = false;
    }
}

#[test]
fn the_account_has_caps() {
    let mut bench = Bench::new();
    bench.core.novacloud.account.credit_balance = 100_000;
    check_refused(&mut bench, json!({}), "400 Insufficient balance. Required: $0.62, Available: $0.10");
    bench.core.novacloud.account.credit_balance = 400_000_000;
    let reserved = json!({"rental_type": "reserved", "reservation_months": 1});
    check_refused(&mut bench, reserved, "400 Insufficient balance. Required: $424.08, Available: $400.00");
    bench.core.novacloud.account.max_hourly_spend = 1_000_000;
    let first = bench.make(json!({})).unwrap();
    check_refused(&mut bench, json!({}), "400 Hourly spend limit of $1.00");
    bench.core.novacloud.account.max_vms = 1;
    check_refused(&mut bench, json!({}), "400 VM limit reached");
    bench.destroy(&first).unwrap();
    bench.make(json!({})).unwrap();
}

#[test]
fn a_key_is_taken_for_the_vm() {
    let mut bench = Bench::new();
    let id = bench.make(json!({})).unwrap();
    let oldest = bench.core.novacloud.ssh_keys[0].id.clone();
    assert_eq!(bench.core.novacloud.record(&id).unwrap()["ssh_key_id"], json!(oldest));
    check_refused(&mut bench, json!({"ssh_key_id": NOBODY}), "400 No SSH key found");
    bench.core.novacloud.ssh_keys.clear();
    check_refused(&mut bench, json!({}), "400 No SSH key found");
    bench.make(json!({"auth_method": "password", "password": "twelve chars"})).unwrap();
}
