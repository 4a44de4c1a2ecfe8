//! VPC networks: the rules of the five calls.

use serde_json::{Value, json};

use super::{Bench, gpu};
use crate::Switch;
use crate::novita::style::Gone;

fn wanted(name: &str) -> Value {
    json!({"clusterId": "7", "name": name})
}

impl Bench {
    fn network(&mut self, name: &str) -> String {
        let made = self.post("/network/create", &wanted(name)).unwrap();
        made["network"][0]["Id"].as_str().unwrap().to_owned()
    }

    fn shown(&mut self, id: &str) -> Value {
        self.get("/network", &[("networkId", id)]).unwrap()["network"].clone()
    }
}

#[test]
fn a_network_is_ready_a_little_after_it_was_made() {
    let mut bench = Bench::new();
    let id = bench.network("tf-net");
    let state = |shown: &Value| shown[0]["state"][0]["state"].clone();
    let first = bench.shown(&id);
    assert_eq!(state(&first), "creating");
    bench.settle();
    let shown = bench.shown(&id);
    let expected = json!([{
        "Id": id, "user": "u-1", "name": "tf-net", "state": [{"state": "ready", "error": ""}],
        "segment": "10.8.2.0/24", "clusterId": "7", "Addresses": [], "createTime": "1767225600",
    }]);
    assert_eq!(shown, expected);
    let list = bench.get("/networks", &[("name", "TF-")]).unwrap();
    assert_eq!((list["network"].as_array().unwrap().len(), &list["total"]), (1, &json!("1")));
}

#[test]
fn wrong_networks_are_refused() {
    let mut bench = Bench::new();
    for (body, field) in [
        (json!({"name": "a"}), "clusterId"),
        (json!({"clusterId": "99", "name": "a"}), "clusterId"),
        (json!({"clusterId": "5", "name": "a"}), "clusterId"),
        (wanted(&"x".repeat(31)), "name"),
    ] {
        assert!(bench.post("/network/create", &body).unwrap_err().contains(field), "{body}");
    }
    assert_eq!(bench.core.novita.networks.len(), 1);
}

#[test]
fn a_network_is_renamed_and_deleted_when_nobody_is_in_it() {
    let mut bench = Bench::new();
    let id = bench.network("tf-net");
    bench.post("/network/update", &json!({"networkId": id, "name": "den"})).unwrap();
    let machine = bench.running(&gpu(json!({"networkId": id})));
    let shown = bench.shown(&id);
    assert_eq!(
        (&shown[0]["name"], &shown[0]["Addresses"]),
        (&json!("den"), &json!([{"Id": machine, "Ip": "10.8.2.2"}]))
    );
    let delete = |bench: &mut Bench| bench.post("/network/delete", &json!({"networkId": id}));
    assert_eq!(delete(&mut bench).unwrap_err(), "400 NETWORK_IN_USE: the network is in use");
    bench.action("delete", &machine).unwrap();
    bench.settle();
    assert_eq!(delete(&mut bench), Ok(json!({})));
    let gone = "400 NETWORK_NOT_FOUND: network not found";
    assert_eq!(delete(&mut bench).unwrap_err(), gone);
    assert_eq!(bench.get("/network", &[("networkId", &id)]).unwrap_err(), gone);
    bench.core.novita.style.gone = Gone::EmptyObject;
    assert_eq!(bench.shown(&id), json!([]));
}

#[test]
fn answers_about_networks_come_in_other_forms() {
    let mut bench = Bench::new();
    bench.core.novita.platform.turn_on(Switch::NetworkCreatedEmpty);
    assert_eq!(bench.post("/network/create", &wanted("a")), Ok(json!({})));
    bench.core.novita.platform.turn_on(Switch::NetworkAsObject);
    assert_eq!(bench.shown("vpc-83aa")["state"], json!({"state": "ready", "error": ""}));
    bench.core.novita.platform.turn_on(Switch::NetworksPlural);
    assert_eq!(bench.get("/networks", &[]).unwrap()["networks"].as_array().unwrap().len(), 2);
}
