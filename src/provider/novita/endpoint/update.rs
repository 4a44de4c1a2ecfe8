//! What an update of an endpoint sends, and whether it shows.

use serde_json::{Value as Json, json};

use crate::provider::image;
use crate::provider::life_cycle::stored::Stored as _;
use crate::provider::novita::endpoint::Endpoint;
use crate::provider::read_modify_write::{merged, shows};

/// What a get shows and no update sets, from the pages of both calls and from what clients saw. A member that is not
/// named here is one that we do not know, and is sent back as it was.
const NO_SETTINGS: [&str; 14] = [
    "appName",
    "products",
    "rootfsSize",
    "url",
    "state",
    "workers",
    "log",
    "logs",
    "metrics",
    "type",
    "creator",
    "createdAt",
    "updatedAt",
    "clusterIDs",
];

/// The same of `healthy`.
const NO_HEALTH_SETTINGS: [&str; 5] =
    ["initialDelay", "period", "timeout", "successThreshold", "failureThreshold"];

/// A change of settings, each side in the form of the call. Null and `""` are the same there.
pub(super) struct Update {
    before: Json,
    after: Json,
}

impl Update {
    /// The update from one endpoint to another; `None`: the call would change nothing.
    ///
    /// After an import a time-out that the get call does not return is taken for the configured one: new workers cost
    /// money.
    pub(super) fn between(prior: &Endpoint, planned: &Endpoint) -> Option<Self> {
        let (mut before, after) = (prior.settings(), planned.settings());
        let (known, wanted) =
            (&before["workerConfig"]["requestTimeout"], &after["workerConfig"]["requestTimeout"]);
        if known.is_null() && !wanted.is_null() {
            before["workerConfig"]["requestTimeout"] = wanted.clone();
        }
        (before != after).then_some(Self { before, after })
    }

    /// The update after which no worker runs all the time.
    pub(super) fn to_no_workers(endpoint: &Endpoint) -> Self {
        let before = endpoint.settings();
        let mut after = before.clone();
        after["workerConfig"]["minNum"] = 0.into();
        Self { before, after }
    }

    /// The body, for an endpoint that a get shows so: flat, and everything in it, since what were left out might be
    /// reset.
    pub(super) fn body(&self, shown: &Json) -> Json {
        merged(of_answer(shown, &self.after), &self.before, &self.after)
    }

    /// Whether an answer shows the change.
    pub(super) fn is_shown(&self, answer: &Json) -> bool {
        shows(&of_answer(answer, &self.after), &self.before, &self.after)
    }
}

/// The settings as a get shows them.
fn of_answer(shown: &Json, after: &Json) -> Json {
    let mut settings = shown.clone();
    if let Some(reference) = settings.pointer_mut("/image/image") {
        image::keep_form(reference, &after["image"]["image"]);
    }
    remove(&mut settings, &NO_SETTINGS);
    remove(&mut settings["healthy"], &NO_HEALTH_SETTINGS);
    for mount in settings["volumeMounts"].as_array_mut().into_iter().flatten() {
        // A storage has its own size, and a local disk is given an id.
        let is_network = mount["type"].as_str().is_some_and(|it| it.eq_ignore_ascii_case("network"));
        remove(mount, &[if is_network { "size" } else { "id" }]);
    }
    settings
}

fn remove(object: &mut Json, names: &[&str]) {
    if let Some(members) = object.as_object_mut() {
        members.retain(|name, _| !names.contains(&name.as_str()));
    }
}

impl Endpoint {
    /// All that an update sets, as the state or the plan has it. An absent value is an empty one.
    fn settings(&self) -> Json {
        let mut body = self.body();
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
}
