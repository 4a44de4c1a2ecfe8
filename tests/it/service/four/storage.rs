//! Network storages of Novita AI, from their API pages.

use mock_cloud::MockCloud;
use serde_json::{Value, json};

use super::table::{Drift, Four, InPlace, Replaced};
use crate::service::subject;

pub(super) const STORAGE: Four = Four {
    subject: &subject::STORAGE,
    create: "POST /networkstorage/create",
    delete: "POST /networkstorage/delete",
    in_place: changes,
    replaced: || vec![Replaced::new(json!({}), json!({"cluster_id": "us-dallas-nas-2"}), &["cluster_id"])],
    drifts: || {
        vec![
            Drift::new(json!({"storageName": "theirs"}), "name", json!("theirs")),
            Drift::new(json!({"storageSize": 50}), "size", json!(50)),
        ]
    },
    kept: || {
        vec![(json!({"clusterId": "us-dallas-nas-2"}), "cluster_id"), (json!({"storageSize": 112}), "size")]
    },
    never_read: &["deletion_protection", "timeouts"],
    fixed: &["id", "cluster_id", "cluster_name"],
    record,
    modify: |cloud, id, patch| cloud.modify_storage(id, patch),
    remove: |cloud, id| cloud.remove_storage(id),
};

fn record(cloud: &MockCloud, id: &str) -> Option<Value> {
    let storages = cloud.storages();
    storages.iter().find(|it| it.storage_id == id).map(|it| json!(it))
}

/// The one call of a change, which takes all of it.
fn update(name: &str, size: u64) -> Vec<(String, Value)> {
    let body = json!({"storageId": "<id>", "storageName": name, "storageSize": size});
    vec![("POST /networkstorage/update".to_owned(), body)]
}

fn changes() -> Vec<InPlace> {
    let none = Vec::new;
    vec![
        InPlace::new(json!({}), json!({"size": 150}), update("<name>", 150)),
        InPlace::new(json!({"name": "data"}), json!({"name": "other"}), update("other", 100)),
        InPlace::new(json!({"name": "data"}), json!({"name": "other", "size": 120}), update("other", 120)),
        // A name that is taken out of the configuration stays.
        InPlace::new(json!({}), json!({"deletion_protection": true}), none()),
        InPlace::new(json!({"deletion_protection": true}), json!({"deletion_protection": false}), none()),
        InPlace::new(
            json!({}),
            json!({"timeouts": {"create": "2h", "update": "1h30m", "delete": "90s"}}),
            none(),
        ),
    ]
}
