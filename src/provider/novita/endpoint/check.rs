//! An endpoint's plan against the limits that the API tells, and its cluster against the catalogue.
//!
//! Of an endpoint that exists, only what changes is held against them: limits may have moved since it was created.

use tfplugin::attr::{Attr, Set};
use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::path::Path;

use crate::provider::catalogue::calls::Limits;
use crate::provider::catalogue::calls::limits::Bounds;
use crate::provider::catalogue::known::Unread;
use crate::provider::clients::Cx;
use crate::provider::novita::endpoint::{
    Endpoint, Policy, PolicyType, VolumeMount, VolumeType, WorkerConfig,
};
use crate::provider::novita::instance::check::{Wants, checked, cluster, perhaps_unknown};

/// Checks an endpoint that is to be created or changed.
pub(crate) async fn endpoint(cx: &Cx, prior: Option<&Endpoint>, planned: &Endpoint) -> Diagnostics {
    let limited = async {
        let is_same = |prior: &Endpoint| {
            prior.worker_config == planned.worker_config
                && prior.policy == planned.policy
                && prior.volume_mounts == planned.volume_mounts
        };
        if prior.is_some_and(is_same) {
            return Ok(Diagnostics::default());
        }
        cx.data.catalogue.endpoint_limits(cx).await.map(|limits| within(limits, prior, planned))
    };
    let unlisted =
        async { if prior.is_some() { Diagnostics::default() } else { unlisted_products(cx, planned).await } };
    let (limited, place, unlisted) = tokio::join!(limited, place(cx, prior, planned), unlisted);
    let mut diagnostics = checked(cx, limited);
    diagnostics.append(checked(cx, place));
    diagnostics.append(unlisted);
    diagnostics
}

/// The products that the catalogue of endpoints does not have. Nothing documents that it lists all of them, so a wrong one is
/// no error, and nothing is said where it cannot be read.
async fn unlisted_products(cx: &Cx, planned: &Endpoint) -> Diagnostics {
    let Ok(listed) = cx.data.catalogue.endpoint_products(cx).await else { return Diagnostics::default() };
    let is_listed = |id: &str| listed.iter().any(|it| it.id.eq_ignore_ascii_case(id));
    let mut found = Diagnostics::default();
    for id in planned.products().into_iter().filter(|id| !is_listed(id)) {
        let choices = listed.iter().map(|it| it.id.as_str());
        let lists = "The data source `novita_endpoint_products` lists what there is.";
        found.append(perhaps_unknown("product_ids", "product", id, choices, lists));
    }
    found
}

async fn place(cx: &Cx, prior: Option<&Endpoint>, planned: &Endpoint) -> Result<Diagnostics, Unread> {
    let same_mounts = prior.is_some_and(|it| it.volume_mounts == planned.volume_mounts);
    let mut mounts = planned.volume_mounts.known().into_iter().flat_map(Set::known);
    let wants_storage = mounts.any(|it| it.r#type.known() == Some(&VolumeType::Network));
    let wants = Wants {
        storage: Some("volume_mounts").filter(|_| wants_storage && !same_mounts),
        network: None,
        is_new: prior.is_none_or(|it| it.cluster_id != planned.cluster_id),
    };
    cluster(cx, &planned.cluster_id, wants).await
}

/// Everything that is sent, changes, and is outside of the limits.
fn within(limits: &Limits, prior: Option<&Endpoint>, planned: &Endpoint) -> Diagnostics {
    let mut found = Found::default();
    if let Some(workers) = planned.worker_config.known() {
        found.workers(limits, prior.and_then(|it| it.worker_config.known()), workers);
    }
    if let Some(policy) = planned.policy.known() {
        found.policy(limits, prior.and_then(|it| it.policy.known()), policy);
    }
    let before: Vec<&VolumeMount> =
        prior.and_then(|it| it.volume_mounts.known()).into_iter().flat_map(Set::known).collect();
    let mounts = planned.volume_mounts.known().into_iter().flat_map(Set::known);
    for mount in mounts.filter(|it| !before.contains(it)) {
        found.bounded(&Path::root("volume_mounts"), None, &mount.size, limits.local_volume_size(), "GB");
    }
    if prior.is_none() {
        // No call changes it: another size is another endpoint, which is planned as a creation.
        found.bounded(&Path::root("rootfs_size"), None, &planned.rootfs_size, limits.rootfs_size(), "GB");
    }
    found.diagnostics
}

#[derive(Default)]
struct Found {
    diagnostics: Diagnostics,
}

impl Found {
    fn workers(&mut self, limits: &Limits, prior: Option<&WorkerConfig>, workers: &WorkerConfig) {
        type Number = fn(&WorkerConfig) -> &Attr<i64>;
        let numbers: [(&str, Number, Bounds, &str); 6] = [
            ("min_num", |it| &it.min_num, limits.worker_num(), "workers"),
            ("max_num", |it| &it.max_num, limits.worker_num(), "workers"),
            ("free_timeout", |it| &it.free_timeout, limits.free_timeout(), "seconds"),
            ("max_concurrent", |it| &it.max_concurrent, limits.concurrency_num(), "requests"),
            ("gpu_num", |it| &it.gpu_num, limits.gpu_num(), "GPUs"),
            ("request_timeout", |it| &it.request_timeout, limits.request_timeout(), "seconds"),
        ];
        let path = |name| Path::root("worker_config").attribute(name);
        for (name, number, bounds, unit) in numbers {
            self.bounded(&path(name), prior.map(number), number(workers), bounds, unit);
        }
        let version = workers.cuda_version.text().filter(|it| !["", "any"].contains(it));
        let is_same = prior.is_some_and(|it| it.cuda_version == workers.cuda_version);
        let list = &limits.cuda_version_list;
        if let Some(version) = version.filter(|version| !is_same && !list.iter().any(|it| it == version))
            && !list.is_empty()
        {
            let listed: Vec<_> = list.iter().map(|it| format!("`{it}`")).collect();
            let detail = format!("`{version}` is not offered. Allowed values: `any`, {}.", listed.join(", "));
            self.reject(&path("cuda_version"), detail);
        }
    }

    fn policy(&mut self, limits: &Limits, prior: Option<&Policy>, policy: &Policy) {
        let before = prior.filter(|it| it.r#type == policy.r#type).map(|it| &it.value);
        let (bounds, unit) = match policy.r#type.known() {
            Some(PolicyType::Queue) => (limits.queue_wait_time(), "seconds"),
            Some(PolicyType::Concurrency) => (limits.request_num(), "requests"),
            None => return,
        };
        self.bounded(&Path::root("policy").attribute("value"), before, &policy.value, bounds, unit);
    }

    fn bounded(
        &mut self,
        path: &Path,
        before: Option<&Attr<i64>>,
        value: &Attr<i64>,
        bounds: Bounds,
        unit: &str,
    ) {
        let outside = value.known().filter(|it| before != Some(value) && !bounds.hold(**it));
        if let Some(value) = outside {
            self.reject(path, format!("`{path}` is {value}; the API allows {}.", bounds.in_words(unit)));
        }
    }

    fn reject(&mut self, path: &Path, detail: String) {
        self.diagnostics.push(Diagnostic::error("Outside of the API's limits", detail).at(path.clone()));
    }
}
