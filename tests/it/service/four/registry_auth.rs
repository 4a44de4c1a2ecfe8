//! Registry auths of Novita AI, from their API pages.

use mock_cloud::MockCloud;
use serde_json::{Value, json};

use super::table::{Four, InPlace, Replaced};
use crate::service::said::SECRET;
use crate::service::subject;
use crate::service::world::patched;

pub(super) const REGISTRY_AUTH: Four = Four {
    subject: &subject::REGISTRY_AUTH,
    create: "POST /repository/auth/save",
    delete: "POST /repository/auth/delete",
    in_place: || {
        let timeouts = json!({"timeouts": {"create": "2h", "update": "1h30m", "delete": "90s"}});
        vec![InPlace::new(json!({}), timeouts, Vec::new())]
    },
    replaced: || {
        let version = |number: i64| json!({"password": null, "password_wo": format!("{SECRET}-wo"), "password_wo_version": number});
        vec![
            Replaced::new(json!({}), json!({"name": "other"}), &["name"]),
            Replaced::new(json!({}), json!({"username": "other"}), &["username"]),
            Replaced::new(json!({}), json!({"password": format!("{SECRET}-new")}), &["password"]),
            Replaced::new(version(1), version(2), &["password_wo_version"]),
        ]
    },
    drifts: Vec::new,
    kept: || vec![(json!({"name": "theirs"}), "name"), (json!({"username": "theirs"}), "username")],
    never_read: &["password", "password_wo", "password_wo_version", "timeouts"],
    fixed: &["id"],
    record: |cloud, id| {
        cloud.with_novita(|it| it.registry_auths.iter().find(|it| it.id == id).map(|it| json!(it)))
    },
    modify: |cloud, id, patch| modify(cloud, id, &patch),
    remove: |cloud, id| (subject::REGISTRY_AUTH.remove)(cloud, id),
};

fn modify(cloud: &MockCloud, id: &str, patch: &Value) -> Result<(), String> {
    cloud.with_novita(|it| {
        let auth = it.registry_auths.iter_mut().find(|it| it.id == id).ok_or("there is none")?;
        *auth = serde_json::from_value(patched(&json!(auth), patch)).map_err(|it| it.to_string())?;
        Ok(())
    })
}
