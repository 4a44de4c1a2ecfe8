//! Keys, scopes, and the forms of refusals.

use serde_json::{Value, json};

use super::{Bench, NOBODY, NOT_FOUND, vm};
use crate::faults::Effect;

#[test]
fn a_request_needs_a_key() {
    let mut bench = Bench::new();
    for key in ["", "Bearer wrong", "nv_key", "Basic nv_key", "Bearer key"] {
        key.clone_into(&mut bench.key);
        assert_eq!(bench.get("/vms", &[]).unwrap_err(), "401 Could not validate credentials", "{key}");
    }
    let log = format!("{:?}", bench.core.log);
    assert!(!log.contains("Bearer"), "keys are not stored");
}

#[test]
fn offers_and_prices_need_none() {
    let mut bench = Bench::new();
    for key in ["", "Bearer wrong"] {
        key.clone_into(&mut bench.key);
        for path in ["/search", "/pricing"] {
            bench.get(path, &[]).unwrap();
        }
    }
}

#[test]
fn a_key_may_do_what_its_scope_says() {
    let mut bench = Bench::new();
    let id = bench.running();
    let forbidden = "403 API key scope does not allow this";
    bench.key = "Bearer nv_key_read_only".to_owned();
    for path in [&format!("/vms/{id}"), "/vms", "/ssh-keys", "/auth/me"] {
        bench.get(path, &[]).unwrap();
    }
    assert_eq!(bench.make(json!({})).unwrap_err(), forbidden);
    assert_eq!(bench.destroy(&id).unwrap_err(), forbidden);
    assert_eq!(bench.action("stop", &id).unwrap_err(), forbidden);
    bench.key = "Bearer nv_key_billing_only".to_owned();
    bench.get("/auth/me", &[]).unwrap();
    bench.get("/billing/current-spend", &[]).unwrap();
    assert_eq!(bench.get("/vms", &[]).unwrap_err(), forbidden);
}

#[test]
fn the_account_tells_its_caps() {
    let mut bench = Bench::new();
    let account = bench.get("/auth/me", &[]).unwrap();
    assert_eq!((&account["max_vms"], &account["max_hourly_spend"]), (&json!(3), &json!(8.0)));
    assert_eq!((&account["credit_balance"], &account["id"]), (&json!(1000.0), &json!(77)));
}

#[test]
fn the_account_tells_what_its_vms_cost() {
    let mut bench = Bench::new();
    let id = bench.running();
    let spend = bench.get("/billing/current-spend", &[]).unwrap();
    assert_eq!((&spend["total_per_hour"], &spend["running_vms"]), (&json!(0.62), &json!(1)));
    assert_eq!(
        (&spend["vms"][0]["vm_id"], &spend["vms"][0]["total_cost_per_hour"]),
        (&json!(id), &json!(0.62))
    );
}

#[test]
fn unknown_things_are_404_and_odd_identifiers_422() {
    let mut bench = Bench::new();
    assert_eq!(bench.read(NOBODY).unwrap_err(), NOT_FOUND);
    assert_eq!(bench.destroy(NOBODY).unwrap_err(), NOT_FOUND);
    for action in ["start", "stop", "restart"] {
        assert_eq!(bench.action(action, NOBODY).unwrap_err(), NOT_FOUND);
    }
    assert!(bench.read("vm-1").unwrap_err().starts_with("422 path.vm_id: "));
    assert!(bench.get("/ssh-keys/1", &[]).unwrap_err().starts_with("422 path.key_id: "));
    assert_eq!(bench.get("/machines", &[]).unwrap_err(), "404 there is no such call");
    assert_eq!(bench.call("PUT", "/vms", Some(&vm(json!({})))).unwrap_err(), "404 there is no such call");
    let body = bench.call("POST", &format!("/vms/{NOBODY}/start"), Some(&json!({}))).unwrap_err();
    assert_eq!(body, "422 body.body: is not taken by this call");
}

#[test]
fn a_list_of_problems_has_the_form_of_the_framework() {
    let mut bench = Bench::new();
    let answer = bench.send("POST", "/vms", &[], Some(&vm(json!({"storage_gb": null, "colour": "red"}))));
    assert_eq!(answer.status, 422);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let problem =
        |field: &str, text: &str, kind: &str| json!({"loc": ["body", field], "msg": text, "type": kind});
    let expected = [
        problem("colour", "is not a known field", "extra_forbidden"),
        problem("storage_gb", "is required", "missing"),
    ];
    let list = body["detail"].as_array().unwrap();
    assert!(list.len() == 2 && expected.iter().all(|it| list.contains(it)), "{body}");
}

#[test]
fn faults_come_in_this_vendors_form() {
    let mut bench = Bench::new();
    bench.fault("GET", "/vms", Effect::Http429 { retry_after: Some("3".to_owned()) });
    let answer = bench.send("GET", "/vms", &[], None);
    assert_eq!((answer.status, answer.retry_after.as_deref()), (429, Some("3")));
    assert_eq!(answer.body, r#"{"detail":"too many requests"}"#);
    bench.fault("GET", "/vms", Effect::Http5xx { code: 500, html: false });
    assert_eq!(bench.get("/vms", &[]).unwrap_err(), "500 the service is not available");
    let (reason, message) = ("ANY".to_owned(), "Account suspended".to_owned());
    bench.fault("POST", "/vms", Effect::Status { code: 403, reason, message });
    assert_eq!(bench.make(json!({})).unwrap_err(), "403 Account suspended");
    bench.fault("POST", "/vms", Effect::OutOfStock);
    assert!(bench.make(json!({})).unwrap_err().starts_with("400 No GPU of this kind"));
    assert_eq!(bench.core.alive(), []);
}
