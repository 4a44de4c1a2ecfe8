//! Both vendors on one server, and the handle's view of all kinds of things.

use std::collections::BTreeMap;
use std::time::Duration;

use mock_cloud::{Clock, Effect, Fault, MockCloud, Options, When};
use serde_json::{Value, json};

use crate::{Reply, call, created, send};

/// Long enough for the slowest machine; nothing waits for so long when all is well.
const LIMIT: Duration = Duration::from_secs(60);

/// A call of Nova Cloud with this key; an empty one sends none.
fn nova(cloud: &MockCloud, key: &str, method: &str, path: &str, body: &Value) -> Option<Reply> {
    let url = cloud.novacloud_url();
    let path = format!("{}{path}", url.strip_prefix(&cloud.origin()).unwrap());
    let authorization = format!("Bearer {key}");
    let mut headers = vec![("Content-Type", "application/json")];
    if !key.is_empty() {
        headers.push(("Authorization", authorization.as_str()));
    }
    let body = if body.is_null() { String::new() } else { body.to_string() };
    send(&cloud.origin(), method, &path, &headers, &body)
}

fn create_vm(cloud: &MockCloud) -> Option<Reply> {
    let body = json!({
        "node": "vm02", "gpu_type": "5090", "gpu_count": 1, "storage_gb": 50, "template_vmid": 101,
        "auth_method": "password", "password": "s3cret s3cret",
    });
    nova(cloud, cloud.novacloud_api_key(), "POST", "/vms", &body)
}

fn create_endpoint(cloud: &MockCloud) -> Reply {
    let workers = json!({
        "minNum": 0, "maxNum": 1, "freeTimeout": 60, "maxConcurrent": 1, "gpuNum": 1, "requestTimeout": 60,
    });
    let endpoint = json!({
        "name": "llm", "workerConfig": workers, "ports": [{"port": "80"}],
        "policy": {"type": "queue", "value": 10}, "image": {"image": "nginx"},
        "products": [{"id": "SL-serverless-3"}], "rootfsSize": 100, "volumeMounts": [],
        "healthy": {"path": "/"},
    });
    call(cloud, "POST", "/endpoint/create", &json!({"endpoint": endpoint})).unwrap()
}

fn id(reply: &Reply) -> String {
    reply.json()["id"].as_str().unwrap().to_owned()
}

#[test]
fn the_books_hold_all_kinds_of_both_vendors() {
    let cloud = MockCloud::start(Options { clock: Clock::Manual, ..Options::default() });
    let (machine, endpoint, vm) =
        (created(&cloud), id(&create_endpoint(&cloud)), id(&create_vm(&cloud).unwrap()));
    let alive: Vec<String> = cloud
        .alive()
        .iter()
        .map(|it| format!("{} {} {} {:?}", it.vendor, it.kind, it.status, it.name))
        .collect();
    let expected =
        ["novita cpu toCreate \"one\"", "novita endpoint initializing \"llm\"", "novacloud vm creating \"\""];
    assert_eq!(alive, expected);
    let counts = BTreeMap::from([("gpu", 0), ("cpu", 1), ("endpoint", 1), ("vm", 1)]);
    assert_eq!((cloud.created_count(), cloud.created_counts()), (3, counts));
    assert_eq!(cloud.endpoint(&endpoint).unwrap()["appName"], json!(endpoint));
    assert_eq!(cloud.vm(&vm).unwrap()["password"], "s3cret s3cret");
    assert!(cloud.instance(&vm).is_none() && cloud.vm(&machine).is_none());
    for thing in [&machine, &endpoint, &vm] {
        assert!(cloud.set_status(thing, "offline"));
    }
    cloud.advance(Duration::from_secs(9));
    assert!(cloud.alive().iter().all(|it| it.status == "offline"));
    assert!(cloud.remove_instance(&machine) && cloud.remove_endpoint(&endpoint) && cloud.remove_vm(&vm));
    assert!(!cloud.set_status(&machine, "running") && cloud.alive().is_empty());
}

#[test]
fn endpoints_and_vms_are_planted_and_changed() {
    let cloud = MockCloud::start(Options { clock: Clock::Manual, ..Options::default() });
    let endpoint = cloud.seed_endpoint(json!({"name": "old", "policy": {"value": 5}})).unwrap();
    cloud.modify_endpoint(&endpoint, json!({"workerConfig": {"maxNum": 7}})).unwrap();
    let shown = call(&cloud, "GET", &format!("/endpoint?id={endpoint}"), &Value::Null).unwrap().json();
    assert_eq!(shown["endpoint"]["workerConfig"]["maxNum"], 7);
    assert_eq!(shown["endpoint"]["policy"], json!({"type": "queue", "value": "5"}));
    assert!(cloud.modify_endpoint(&endpoint, json!({"clusterId": "7"})).unwrap_err().contains("clusterId"));
    assert!(cloud.seed_endpoint(json!({"id": endpoint})).unwrap_err().contains("already"));
    let vm = cloud.seed_vm(json!({"instance_label": "old"})).unwrap();
    cloud.modify_vm(&vm, json!({"storage_gb": 70})).unwrap();
    let shown = nova(&cloud, cloud.novacloud_api_key(), "GET", &format!("/vms/{vm}"), &Value::Null).unwrap();
    let shown = shown.json();
    assert_eq!((&shown["storage_gb"], &shown["status"]), (&json!(70), &json!("running")));
    assert!(cloud.modify_vm(&vm, json!("text")).is_err() && cloud.modify_vm("none", json!({})).is_err());
    assert!(cloud.seed_vm(json!({"id": vm})).unwrap_err().contains("already"));
    assert_eq!(cloud.created_count(), 0, "seeds were not created by calls");
}

#[test]
fn each_vendor_has_its_own_keys() {
    let cloud = MockCloud::start(Options::default());
    let account = |key: &str| nova(&cloud, key, "GET", "/auth/me", &Value::Null).unwrap().status;
    assert_eq!(account(cloud.novacloud_api_key()), 200);
    assert_eq!(account(&cloud.novacloud_read_only_key()), 200);
    assert_eq!(account(cloud.api_key()), 401);
    assert_eq!(nova(&cloud, "", "GET", "/search", &Value::Null).unwrap().status, 200);
    let destroyed = nova(&cloud, &cloud.novacloud_read_only_key(), "POST", "/vms", &json!({})).unwrap();
    assert_eq!((destroyed.status, destroyed.json()["detail"].is_string()), (403, true));
    let log = cloud.requests();
    assert!(log.iter().all(|it| it.path.starts_with(mock_cloud::novacloud::PREFIX)));
    let authorized: Vec<bool> = log.iter().map(|it| it.authorized).collect();
    assert_eq!(authorized, [true, true, false, false, false]);
}

#[test]
fn a_vm_lives_and_dies_over_http() {
    let cloud = MockCloud::start(Options::default());
    let path = format!("/vms/{}", id(&create_vm(&cloud).unwrap()));
    let send = |method: &str| nova(&cloud, cloud.novacloud_api_key(), method, &path, &Value::Null).unwrap();
    let statuses: Vec<Value> = (0..3).map(|_| send("GET").json()["status"].take()).collect();
    assert_eq!(statuses, ["creating", "starting", "running"]);
    let destroyed = send("DELETE");
    assert_eq!((destroyed.status, destroyed.body.as_str()), (204, ""));
    assert_eq!(send("GET").json()["status"], "destroyed");
    assert_eq!([send("GET").status, send("GET").status], [200, 404]);
    let text: String = cloud.requests().iter().map(mock_cloud::Request::line).collect();
    assert!(!text.contains("s3cret"), "{text}");
}

#[test]
fn connections_of_the_second_vendor_break_too() {
    let cloud = MockCloud::start(Options::default());
    cloud.faults().push(Fault::new("POST", "/novacloud/vms", Effect::Drop(When::After)));
    assert_eq!(create_vm(&cloud), None);
    assert_eq!((cloud.created_count(), cloud.alive().len()), (1, 1));
    let after = Effect::Http429 { retry_after: Some("2".to_owned()) };
    cloud.faults().push(Fault::new("POST", "/novacloud/vms", after));
    let limited = create_vm(&cloud).unwrap();
    assert!(limited.status == 429 && limited.head.contains("\r\nretry-after: 2"), "{limited:?}");
}

#[test]
fn the_catalogue_can_be_out_of_reach() {
    let cloud = MockCloud::start(Options::default());
    let reads = || {
        let novita = ["/products", "/cpu/products", "/clusters", "/endpoint/limit"];
        let mut replies: Vec<Option<Reply>> =
            novita.iter().map(|path| call(&cloud, "GET", path, &Value::Null)).collect();
        replies.extend(["/search", "/pricing"].map(|path| nova(&cloud, "", "GET", path, &Value::Null)));
        replies.iter().filter(|it| it.is_some()).count()
    };
    cloud.faults().catalogue_unreachable();
    assert_eq!([reads(), reads()], [0, 0]);
    created(&cloud);
    cloud.faults().clear();
    assert_eq!(reads(), 6);
}

#[test]
fn catalogues_are_changed_behind_the_api() {
    let cloud = MockCloud::start(Options::default());
    assert!(
        cloud.with_novacloud(|it| it.sell_out("vm02")) && cloud.with_novita(|it| it.sell_out("cpu.4c8g"))
    );
    assert_eq!(create_vm(&cloud).unwrap().status, 400);
    assert_eq!(crate::create(&cloud).unwrap().json()["reason"], "INSUFFICIENT_RESOURCE");
}

#[test]
fn a_wait_ends_when_real_time_has_moved_the_machines() {
    let clock = Clock::Real { step: Duration::from_millis(1) };
    let cloud = MockCloud::start(Options { clock, ..Options::default() });
    created(&cloud);
    create_endpoint(&cloud);
    create_vm(&cloud).unwrap();
    let settled = ["running", "serving", "running"];
    assert!(cloud.wait_until_alive(LIMIT, |alive| alive.iter().map(|it| it.status.as_str()).eq(settled)));
    assert!(!cloud.wait_until_alive(Duration::ZERO, <[_]>::is_empty));
}
