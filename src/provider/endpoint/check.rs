//! An endpoint's plan against the limits that the API tells, and its cluster against the catalogue.

use crate::framework::attr::Attr;
use crate::framework::attr::Set;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::provider::clients::Cx;
use crate::provider::endpoint::calls::Limits;
use crate::provider::endpoint::calls::limits::Bounds;
use crate::provider::endpoint::resource::{Endpoint, Policy, PolicyType, VolumeType, WorkerConfig};
use crate::provider::instance::check::cluster;

/// Checks an endpoint that is to be created or changed.
pub(crate) async fn endpoint(cx: &Cx, planned: &Endpoint) -> Diagnostics {
    let Ok(client) = cx.novita() else { return Diagnostics::default() };
    let call = cx.call();
    let (limits, mut diagnostics) =
        tokio::join!(cx.data.catalogue.endpoint_limits(client, &call), place(cx, planned));
    if let Some(limits) = limits {
        diagnostics.append(within(limits, planned));
    }
    diagnostics
}

async fn place(cx: &Cx, planned: &Endpoint) -> Diagnostics {
    let Some(id) = planned.cluster_id.text() else { return Diagnostics::default() };
    let mut mounts = planned.volume_mounts.known().into_iter().flat_map(Set::known);
    let wants_storage = mounts.any(|it| it.r#type.known() == Some(&VolumeType::Network));
    cluster(cx, id, ("volume_mounts", wants_storage), ("cluster_id", false)).await
}

/// Everything that is outside of the limits.
fn within(limits: &Limits, planned: &Endpoint) -> Diagnostics {
    let mut found = Found::default();
    if let Some(workers) = planned.worker_config.known() {
        found.workers(limits, workers);
    }
    if let Some(policy) = planned.policy.known() {
        found.policy(limits, policy);
    }
    found.bounded(&Path::root("rootfs_size"), &planned.rootfs_size, limits.rootfs_size(), "GB");
    for mount in planned.volume_mounts.known().into_iter().flat_map(Set::known) {
        found.bounded(&Path::root("volume_mounts"), &mount.size, limits.local_volume_size(), "GB");
    }
    found.diagnostics
}

#[derive(Default)]
struct Found {
    diagnostics: Diagnostics,
}

impl Found {
    fn workers(&mut self, limits: &Limits, workers: &WorkerConfig) {
        let path = |name| Path::root("worker_config").attribute(name);
        self.bounded(&path("min_num"), &workers.min_num, limits.worker_num(), "workers");
        self.bounded(&path("max_num"), &workers.max_num, limits.worker_num(), "workers");
        self.bounded(&path("free_timeout"), &workers.free_timeout, limits.free_timeout(), "seconds");
        self.bounded(&path("max_concurrent"), &workers.max_concurrent, limits.concurrency_num(), "requests");
        self.bounded(&path("gpu_num"), &workers.gpu_num, limits.gpu_num(), "GPUs");
        self.bounded(&path("request_timeout"), &workers.request_timeout, limits.request_timeout(), "seconds");
        if let Some(version) = workers.cuda_version.text().filter(|it| !["", "any"].contains(it)) {
            let list = &limits.cuda_version_list;
            if !list.is_empty() && !list.iter().any(|it| it == version) {
                let listed: Vec<_> = list.iter().map(|it| format!("`{it}`")).collect();
                let detail =
                    format!("`{version}` is not offered. Allowed values: `any`, {}.", listed.join(", "));
                self.reject(&path("cuda_version"), detail);
            }
        }
    }

    fn policy(&mut self, limits: &Limits, policy: &Policy) {
        let path = Path::root("policy").attribute("value");
        match policy.r#type.known() {
            Some(PolicyType::Queue) => {
                self.bounded(&path, &policy.value, limits.queue_wait_time(), "seconds")
            }
            Some(PolicyType::Concurrency) => {
                self.bounded(&path, &policy.value, limits.request_num(), "requests")
            }
            None => {}
        }
    }

    fn bounded(&mut self, path: &Path, value: &Attr<i64>, bounds: Bounds, unit: &str) {
        let Some(value) = value.known().copied().filter(|it| !bounds.hold(*it)) else { return };
        let allowed = match (bounds.min, bounds.max) {
            (Some(min), Some(max)) => format!("{min} to {max} {unit}"),
            (Some(min), None) => format!("at least {min} {unit}"),
            (None, Some(max)) => format!("at most {max} {unit}"),
            (None, None) => return,
        };
        self.reject(path, format!("`{path}` is {value}; the API allows {allowed}."));
    }

    fn reject(&mut self, path: &Path, detail: String) {
        self.diagnostics.push(Diagnostic::error("Outside of the API's limits", detail).at(path.clone()));
    }
}
