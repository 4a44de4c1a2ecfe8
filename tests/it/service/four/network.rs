//! VPC networks of Novita AI, from their API pages.

use mock_cloud::MockCloud;
use serde_json::{Value, json};

use super::table::{Drift, Four, InPlace, Replaced};
use crate::service::subject;
use crate::service::world::patched;

pub(super) const NETWORK: Four = Four {
    subject: &subject::NETWORK,
    create: "POST /network/create",
    delete: "POST /network/delete",
    in_place: || {
        let rename = vec![("POST /network/update".to_owned(), json!({"networkId": "<id>", "name": "den"}))];
        let timeouts = json!({"timeouts": {"create": "2h", "update": "1h30m", "delete": "90s"}});
        vec![
            InPlace::new(json!({}), json!({"name": "den"}), rename),
            InPlace::new(json!({}), timeouts, Vec::new()),
        ]
    },
    replaced: || vec![Replaced::new(json!({}), json!({"cluster_id": "us-dallas-nas-2"}), &["cluster_id"])],
    drifts: || {
        vec![
            Drift::new(json!({"name": "theirs"}), "name", json!("theirs")),
            Drift::new(json!({"segment": "10.9.9"}), "segment", json!("10.9.9.0/24")),
            Drift::new(json!({"state": "creating"}), "status", json!("creating")),
        ]
    },
    kept: || vec![(json!({"clusterId": "us-dallas-nas-2"}), "cluster_id")],
    never_read: &["timeouts"],
    fixed: &["id", "created_at"],
    record: |cloud, id| cloud.with_novita(|it| it.networks.iter().find(|it| it.id == id).map(|it| json!(it))),
    modify: |cloud, id, patch| modify(cloud, id, &patch),
    remove: |cloud, id| (subject::NETWORK.remove)(cloud, id),
};

fn modify(cloud: &MockCloud, id: &str, patch: &Value) -> Result<(), String> {
    cloud.with_novita(|it| {
        let network = it.networks.iter_mut().find(|it| it.id == id).ok_or("there is none")?;
        *network = serde_json::from_value(patched(&json!(network), patch)).map_err(|it| it.to_string())?;
        Ok(())
    })
}
