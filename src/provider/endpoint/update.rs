//! What an update of an endpoint sends, and whether it shows.

use serde_json::{Value as Json, json};

use crate::framework::equality::in_form_of;
use crate::provider::endpoint::calls;
use crate::provider::endpoint::resource::Endpoint;
use crate::provider::envs;

impl Endpoint {
    /// The whole object, flat: what were left out might be reset, so an absent value travels as an empty one.
    pub(super) fn update_body(&self) -> Json {
        let mut body = self.create_body();
        for fixed in ["appName", "products", "rootfsSize"] {
            body.remove(fixed);
        }
        body.insert("id".to_owned(), Json::from(self.id.text_or_empty()));
        body.entry("clusterID").or_insert_with(|| Json::from(""));
        body.entry("envs").or_insert_with(|| json!([]));
        if let Some(envs) = body.get_mut("envs").and_then(Json::as_array_mut) {
            envs.sort_by_key(|it| it["key"].as_str().map(str::to_owned));
        }
        if let Some(image) = body.get_mut("image").and_then(Json::as_object_mut) {
            image.entry("authId").or_insert_with(|| Json::from(""));
            image.entry("command").or_insert_with(|| Json::from(""));
        }
        Json::Object(body)
    }

    /// Whether an update to `planned` would send what is there already. After an import a time-out that
    /// the get call does not return is taken for the configured one: new workers cost money.
    pub(super) fn differs_in_nothing_known(&self, planned: &Self) -> bool {
        let (mut before, after) = (self.update_body(), planned.update_body());
        if self.worker_config.known().is_some_and(|it| it.request_timeout.is_null()) {
            let wanted = after["workerConfig"]["requestTimeout"].clone();
            if !wanted.is_null() {
                before["workerConfig"]["requestTimeout"] = wanted;
            }
        }
        before == after
    }

    /// Whether an answer shows what an update to `planned` has `sent`. What the answer leaves out is taken to be
    /// as before, but for a time-out that nobody configured.
    pub(super) fn has_become(&mut self, answer: calls::Endpoint, planned: &Self, sent: &Json) -> bool {
        let old = envs::merged(&self.envs, &self.secret_envs);
        let new = envs::merged(&planned.envs, &planned.secret_envs);
        let envs_show = envs::show(&answer.envs, &old, &new);
        self.refresh(answer);
        let mut shown = in_form_of(planned, self).as_ref().unwrap_or(self).update_body();
        shown["envs"] = sent["envs"].clone(); // which were compared above
        if planned.worker_config.known().is_some_and(|it| it.request_timeout.known().is_none()) {
            shown["workerConfig"]["requestTimeout"] = sent["workerConfig"]["requestTimeout"].clone();
        }
        envs_show && shown == *sent
    }
}
