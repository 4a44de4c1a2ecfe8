//! Image prewarms of Novita AI, from their API pages.

use mock_cloud::MockCloud;
use serde_json::{Value, json};

use super::table::{Drift, Four, InPlace, Replaced};
use crate::service::subject;
use crate::service::world::patched;

pub(super) const PREWARM: Four = Four {
    subject: &subject::PREWARM,
    create: "POST /image/prewarm",
    delete: "POST /image/prewarm/delete",
    in_place: || {
        let edit =
            |note: &str| vec![("POST /image/prewarm/edit".to_owned(), json!({"id": "<id>", "note": note}))];
        let timeouts = json!({"timeouts": {"create": "2h", "update": "1h30m", "delete": "90s"}});
        vec![
            InPlace::new(json!({}), json!({"note": "kept"}), edit("kept")),
            InPlace::new(json!({"note": "kept"}), json!({"note": null}), edit("")),
            InPlace::new(json!({}), json!({"wait_for_ready": false}), Vec::new()),
            InPlace::new(json!({}), timeouts, Vec::new()),
        ]
    },
    replaced: || {
        vec![
            Replaced::new(json!({}), json!({"image_url": "docker.io/acme/model:2"}), &["image_url"]),
            Replaced::new(json!({}), json!({"cluster_id": "5"}), &["cluster_id"]),
            Replaced::new(json!({}), json!({"product_ids": ["5090.20c94g"]}), &["product_ids"]),
            Replaced::new(json!({}), json!({"registry_auth_id": "auth-9f21"}), &["registry_auth_id"]),
        ]
    },
    drifts: || {
        vec![
            Drift::new(json!({"note": "theirs"}), "note", json!("theirs")),
            Drift::new(json!({"state": "Running"}), "status", json!("Running")),
        ]
    },
    kept: || {
        vec![
            (json!({"imageUrl": "docker.io/acme/other:1"}), "image_url"),
            (json!({"clusterId": "5"}), "cluster_id"),
            (json!({"productIds": ["5090.20c94g"]}), "product_ids"),
            (json!({"repositoryAuth": ""}), "registry_auth_id"),
        ]
    },
    never_read: &["wait_for_ready", "timeouts"],
    fixed: &["id", "created_at", "completed_at", "image_size_bytes"],
    record: |cloud, id| cloud.with_novita(|it| it.prewarms.iter().find(|it| it.id == id).map(|it| json!(it))),
    modify: |cloud, id, patch| modify(cloud, id, &patch),
    remove: |cloud, id| (subject::PREWARM.remove)(cloud, id),
};

fn modify(cloud: &MockCloud, id: &str, patch: &Value) -> Result<(), String> {
    cloud.with_novita(|it| {
        let prewarm = it.prewarms.iter_mut().find(|it| it.id == id).ok_or("there is none")?;
        *prewarm = serde_json::from_value(patched(&json!(prewarm), patch)).map_err(|it| it.to_string())?;
        Ok(())
    })
}
