//! What the upgrade call sends: the settings of a container, all of them, of which only some change.

use serde_json::{Map, Value as Json, json};
use tfplugin::equality::differ_in;

use crate::provider::novita::instance::container::Container;
use crate::provider::novita::instance::storages;
use crate::provider::read_modify_write::{merged, shows};
use crate::provider::{envs, image};

/// The attributes that the call sets.
pub(crate) const SETTINGS: [&str; 7] =
    ["image_url", "image_auth_id", "envs", "secret_envs", "command", "entrypoint", "network_storages"];

/// A change of settings, each side in the form of the call.
pub(crate) struct Upgrade {
    before: Json,
    after: Json,
}

impl Upgrade {
    /// The upgrade from one container to another; `None`: the call would change nothing.
    pub(crate) fn between(before: &Container, after: &Container) -> Option<Self> {
        let differ = differ_in(&SETTINGS, before, after);
        differ.then(|| Self { before: settings(before), after: settings(after) })
    }

    /// The body, for an instance that a get shows so.
    pub(crate) fn body(&self, id: &str, shown: &Json) -> Json {
        let mut body = merged(of_answer(shown, &self.after), &self.before, &self.after);
        body["instanceId"] = Json::from(id);
        body["save"] = Json::from(true);
        body
    }

    /// Whether an answer shows the change.
    pub(crate) fn is_shown(&self, answer: &Json) -> bool {
        shows(&of_answer(answer, &self.after), &self.before, &self.after)
    }
}

fn settings(it: &Container) -> Json {
    let variables = envs::merged(&it.envs, &it.secret_envs);
    let variables: Vec<_> = variables.iter().map(|(key, it)| json!({"key": key, "value": it})).collect();
    let storages = storages::known(&it.network_storages);
    let mounts: Vec<_> =
        storages.iter().map(|(id, path)| json!({"type": "network", "id": id, "mountPath": path})).collect();
    json!({
        "imageUrl": it.image_url.text_or_empty(), "imageAuthId": it.image_auth_id.text_or_empty(),
        "envs": variables, "command": it.command.text_or_empty(), "entrypoint": it.entrypoint.text_or_empty(),
        "networkVolume": {"volumeMounts": mounts},
    })
}

/// The settings as a get shows them. A network storage has its own size, which is no setting.
fn of_answer(shown: &Json, after: &Json) -> Json {
    let is_network = |it: &&Json| it["type"].as_str().is_some_and(|it| it.eq_ignore_ascii_case("network"));
    let mut mounts: Vec<_> =
        shown["volumeMounts"].as_array().into_iter().flatten().filter(is_network).cloned().collect();
    for mount in mounts.iter_mut().filter_map(Json::as_object_mut) {
        mount.remove("size");
    }
    let kept = ["imageUrl", "imageAuthId", "envs", "command", "entrypoint"];
    let mut settings: Map<_, _> =
        kept.map(|name| (name.to_owned(), shown[name].clone())).into_iter().collect();
    settings.insert("networkVolume".to_owned(), json!({"volumeMounts": mounts}));
    let mut settings = Json::Object(settings);
    image::keep_form(&mut settings["imageUrl"], &after["imageUrl"]);
    settings
}

impl Container {
    /// Takes over what an upgrade has set.
    pub(crate) fn take_settings(&mut self, planned: &Self) {
        self.image_url = planned.image_url.clone();
        self.image_auth_id = planned.image_auth_id.clone();
        self.envs = planned.envs.clone();
        self.secret_envs = planned.secret_envs.clone();
        self.command = planned.command.clone();
        self.entrypoint = planned.entrypoint.clone();
        self.network_storages = planned.network_storages.clone();
    }
}
