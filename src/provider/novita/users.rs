//! Instances and endpoints that hold something of the account, so that it cannot be removed: for messages.

use tokio::time::Instant;

use crate::provider::clients::Cx;
use crate::provider::life_cycle::phase::Phase;
use crate::provider::life_cycle::remote::Answer as _;
use crate::provider::life_cycle::stored::Stored as _;
use crate::provider::novita::endpoint::{self, Endpoint};
use crate::provider::novita::instance::answer::Instance;
use crate::provider::novita::instance::gpu::Gpu;

/// Those that are told apart so, each as a sentence names it. What cannot be listed is left out.
pub(crate) async fn users(
    cx: &Cx,
    of_instance: impl Fn(&Instance) -> bool,
    of_endpoint: impl Fn(&endpoint::answer::Endpoint) -> bool,
) -> Vec<String> {
    let (Ok(instances), Ok(endpoints)) = (Gpu::remote(cx), Endpoint::remote(cx)) else {
        return Vec::new();
    };
    let now = Instant::now();
    let (instances, endpoints) = tokio::join!(
        instances.kind.list.walked(&instances, now),
        endpoints.kind.list.walked(&endpoints, now),
    );
    let instances = instances.iter().flat_map(|it| it.elements()).filter(|it| of_instance(it));
    let endpoints = endpoints.iter().flat_map(|it| it.elements());
    let endpoints = endpoints.filter(|it| it.phase() != Phase::Gone && of_endpoint(it));
    let instances = instances.map(|it| format!("the instance {} ({:?})", it.id, it.name));
    instances.chain(endpoints.map(|it| format!("the endpoint {} ({:?})", it.id, it.name))).collect()
}
