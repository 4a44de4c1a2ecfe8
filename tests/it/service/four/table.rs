//! What the story of a resource must know of it.

use mock_cloud::MockCloud;
use serde_json::{Value, json};

use crate::service::Object;
use crate::service::subject::Subject;
use crate::service::world::{World, cloud_options};

/// One of the four.
pub(super) struct Four {
    pub(super) subject: &'static Subject,
    /// The calls that make and remove it; `<id>` stands for the object's own.
    pub(super) create: &'static str,
    pub(super) delete: &'static str,
    /// Every change in place, each with its calls.
    pub(super) in_place: fn() -> Vec<InPlace>,
    /// Every change that creates another machine of it.
    pub(super) replaced: fn() -> Vec<Replaced>,
    /// What changes behind everyone's back on an object made with the full configuration.
    pub(super) drifts: fn() -> Vec<Drift>,
    /// What is shown otherwise, on the same object, although no call changes it: the attribute takes no notice.
    pub(super) kept: fn() -> Vec<(Value, &'static str)>,
    /// Attributes that the API never returns.
    pub(super) never_read: &'static [&'static str],
    /// Attributes that cannot drift: the identifier, and what is computed once.
    pub(super) fixed: &'static [&'static str],
    /// The record in the mock's books.
    pub(super) record: fn(&MockCloud, &str) -> Option<Value>,
    pub(super) modify: fn(&MockCloud, &str, Value) -> Result<(), String>,
    pub(super) remove: fn(&MockCloud, &str) -> bool,
}

/// A change in place: what it is made with, what is changed, and the calls with their bodies. `<id>` and
/// `<name>` stand for the object's own.
pub(super) struct InPlace {
    pub(super) made_with: Value,
    pub(super) change: Value,
    pub(super) calls: Vec<(String, Value)>,
}

/// A change that replaces: what it is made with, what is changed, and the attributes to blame.
pub(super) struct Replaced {
    pub(super) made_with: Value,
    pub(super) change: Value,
    pub(super) because_of: &'static [&'static str],
}

/// What changes in the mock's record, the attribute (`worker_config.min_num`) that shows it, and its value.
pub(super) struct Drift {
    pub(super) patch: Value,
    pub(super) attribute: &'static str,
    pub(super) value: Value,
}

impl Four {
    /// Whether an object is as it is in the end.
    pub(super) fn assert_ready(&self, object: &Object) {
        let (status, ready) = (object.state["status"].as_str().unwrap_or_default(), self.subject.statuses.1);
        assert_eq!(status, ready, "a status has the documented spelling");
    }
}

impl InPlace {
    pub(super) fn new(made_with: Value, change: Value, calls: Vec<(String, Value)>) -> Self {
        Self { made_with, change, calls }
    }

    /// The calls that are expected for this object.
    pub(super) fn expected(&self, object: &Object) -> Vec<(String, Value)> {
        let own = |text: &str| {
            let name = object.state["name"].as_str().unwrap_or_default();
            text.replace("<id>", object.id()).replace("<name>", name)
        };
        let filled = |(call, body): &(String, Value)| {
            (own(call), serde_json::from_str(&own(&body.to_string())).expect("a body stays JSON"))
        };
        self.calls.iter().map(filled).collect()
    }
}

impl Replaced {
    pub(super) fn new(made_with: Value, change: Value, because_of: &'static [&'static str]) -> Self {
        Self { made_with, change, because_of }
    }
}

impl Drift {
    pub(super) fn new(patch: Value, attribute: &'static str, value: Value) -> Self {
        Self { patch, attribute, value }
    }

    pub(super) fn root(&self) -> &'static str {
        self.attribute.split('.').next().unwrap_or(self.attribute)
    }
}

/// The value at a dotted path.
pub(super) fn at<'v>(state: &'v Value, path: &str) -> &'v Value {
    path.split('.').fold(state, |value, name| &value[name])
}

/// A call that takes nothing but the id in its path.
pub(super) fn bare(call: &str) -> (String, Value) {
    (call.to_owned(), Value::Null)
}

/// What changes in place without a call, with every resource.
pub(super) fn without_a_call() -> Vec<InPlace> {
    [
        (json!({}), json!({"deletion_protection": true})),
        (json!({"deletion_protection": true}), json!({"deletion_protection": false})),
        (json!({}), json!({"wait_for_ready": false})),
        (json!({}), json!({"timeouts": {"create": "2h", "update": "1h30m", "delete": "90s"}})),
    ]
    .map(|(made_with, change)| InPlace::new(made_with, change, Vec::new()))
    .into()
}

/// A world in which nothing runs out: these tests make more machines than an account may have.
pub(super) async fn roomy_world(cloud: mock_cloud::Options) -> World {
    let world = World::with(cloud).await;
    world.cloud.with_novacloud(|it| it.account.credit_balance = u64::MAX);
    world.cloud.with_novita(|it| {
        it.products.iter_mut().for_each(|product| product.gpus = 1000);
        it.clusters.iter_mut().for_each(|cluster| cluster.support_instance_network = true);
        (it.endpoint_limit.max_rootfs_size, it.endpoint_limit.max_local_volume_size) = (200, 60);
    });
    world
}

/// The usual one.
pub(super) async fn usual_world() -> World {
    roomy_world(cloud_options()).await
}
