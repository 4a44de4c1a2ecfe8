//! Network storages: the rules of the four calls.

use serde_json::{Value, json};

use super::{Bench, gpu};

fn wanted(name: &str, size: u64) -> Value {
    json!({"clusterId": "7", "storageName": name, "storageSize": size})
}

impl Bench {
    fn storage(&mut self, name: &str) -> String {
        let id = self.post("/networkstorage/create", &wanted(name, 100)).unwrap();
        id.as_str().unwrap().to_owned()
    }

    fn storages(&mut self, query: &[(&str, &str)]) -> Vec<Value> {
        self.get("/networkstorages/list", query).unwrap()["data"].as_array().unwrap().clone()
    }
}

#[test]
fn a_storage_is_listed_with_all_that_was_asked_for() {
    let mut bench = Bench::new();
    let id = bench.storage(" tf-data ");
    let expected = json!({
        "storageId": id, "storageName": "tf-data", "storageSize": 100, "clusterId": "7",
        "clusterName": "EU-02 (Example)", "price": "1000",
    });
    assert_eq!(bench.storages(&[("storageId", &id)]), [expected]);
    assert_eq!(bench.storages(&[]).len(), 4);
    assert_eq!(bench.storages(&[("storageName", "DATA")]).len(), 2);
    assert_eq!(bench.core.novita.created.companion, 1);
}

#[test]
fn pages_begin_at_0_or_1() {
    let mut bench = Bench::new();
    let sizes = |bench: &mut Bench| {
        ["0", "1", "2"].map(|page| bench.storages(&[("pageSize", "2"), ("pageNo", page)]).len())
    };
    assert_eq!(sizes(&mut bench), [2, 2, 1]);
    bench.core.novita.style.first_page = 0;
    assert_eq!(sizes(&mut bench), [2, 1, 0]);
    assert_eq!(bench.get("/networkstorages/list", &[("pageSize", "2")]).unwrap()["total"], 3);
}

#[test]
fn wrong_storages_are_refused() {
    let mut bench = Bench::new();
    for (body, expected) in [
        (wanted("", 100), "400 VALIDATOR_PARAM: storageName: must not be empty"),
        (wanted("a", 9), "400 VALIDATOR_PARAM: storageSize: must be at least 10"),
        (wanted("a", 4097), "400 NETWORK_STORAGE_TOO_LARGE: a network storage can have 4096 GB at most"),
        (
            json!({"clusterId": "5", "storageName": "a", "storageSize": 10}),
            "400 CUR_CLUSTER_NETWORK_STORAGE_NOT_SUPPORT: cluster 5 has no network storage",
        ),
        (
            json!({"clusterId": "99", "storageName": "a", "storageSize": 10}),
            "400 VALIDATOR_PARAM: clusterId: there is no such cluster",
        ),
    ] {
        assert_eq!(bench.post("/networkstorage/create", &body).unwrap_err(), expected);
    }
    assert_eq!(bench.storages(&[]).len(), 3);
}

#[test]
fn a_storage_is_renamed_and_only_grows() {
    let mut bench = Bench::new();
    let id = bench.storage("tf-data");
    let mut update = |name: &str, size: Value| {
        let body = json!({"storageId": id, "storageName": name, "storageSize": size});
        bench.post("/networkstorage/update", &body).map(drop)
    };
    assert_eq!(update("renamed", json!(100)), Ok(()));
    assert_eq!(update("renamed", json!("150")), Ok(()));
    let refused = update("renamed", json!(149)).unwrap_err();
    assert_eq!(refused, "400 VALIDATOR_PARAM: storageSize: a storage can only grow");
    let shown = bench.storages(&[("storageId", &id)]).remove(0);
    assert_eq!((&shown["storageName"], &shown["storageSize"]), (&json!("renamed"), &json!(150)));
}

#[test]
fn a_storage_in_use_is_not_deleted() {
    let mut bench = Bench::new();
    let id = bench.storage("tf-data");
    let machine = bench.running(&gpu(json!({"networkStorages": [{"Id": id}]})));
    let delete = |bench: &mut Bench| bench.post("/networkstorage/delete", &json!({"storageId": id}));
    let expected = "400 NETWORK_STORAGE_IN_USE: the network storage is in use";
    assert_eq!(delete(&mut bench).unwrap_err(), expected);
    bench.action("delete", &machine).unwrap();
    bench.settle();
    assert_eq!(delete(&mut bench), Ok(json!({})));
    let gone = "400 NETWORK_STORAGE_NOT_FOUND: network storage not found";
    assert_eq!(delete(&mut bench).unwrap_err(), gone);
    assert_eq!(bench.storages(&[("storageId", &id)]).len(), 0);
}

#[test]
fn a_rounded_storage_is_larger_than_asked() {
    let mut bench = Bench::new();
    bench.core.novita.platform.turn_on(crate::Switch::DiskRounded);
    let id = bench.storage("tf-data");
    assert_eq!(bench.storages(&[("storageId", &id)])[0]["storageSize"], 112);
}
