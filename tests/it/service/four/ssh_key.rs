//! SSH keys of Nova Cloud, from their API pages.

use mock_cloud::MockCloud;
use serde_json::{Value, json};

use super::table::{Drift, Four, InPlace, Replaced};
use crate::service::subject;

pub(super) const SSH_KEY: Four = Four {
    subject: &subject::SSH_KEY,
    create: "POST /ssh-keys",
    delete: "DELETE /ssh-keys/<id>",
    in_place: || {
        let comment = format!("{} another@example", subject::PUBLIC_KEY);
        vec![
            InPlace::new(json!({}), json!({"public_key": comment, "timeouts": {"create": "2m"}}), Vec::new()),
            InPlace::new(json!({}), json!({"timeouts": {"delete": "90s"}}), Vec::new()),
        ]
    },
    replaced: || {
        let other = subject::PUBLIC_KEY.replacen("IAAA", "IAAB", 1);
        vec![
            Replaced::new(json!({}), json!({"label": "other"}), &["label"]),
            Replaced::new(json!({"label": "ci"}), json!({"label": null}), &["label"]),
            Replaced::new(json!({}), json!({"public_key": other}), &["public_key"]),
        ]
    },
    drifts: || {
        vec![Drift::new(json!({"fingerprint": "SHA256:another"}), "fingerprint", json!("SHA256:another"))]
    },
    kept: || vec![(json!({"label": "theirs"}), "label")],
    never_read: &["public_key", "timeouts"],
    fixed: &["id", "key_type", "created_at"],
    record,
    modify: |cloud, id, patch| cloud.modify_ssh_key(id, patch),
    remove: MockCloud::remove_ssh_key,
};

fn record(cloud: &MockCloud, id: &str) -> Option<Value> {
    cloud.ssh_keys().iter().find(|it| it.id == id).map(|it| json!(it))
}
