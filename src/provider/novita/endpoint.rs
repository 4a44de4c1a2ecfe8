//! `novita_endpoint`: a serverless endpoint, whose workers come and go with the requests.
//!
//! Owns the model and the rules of its fields. An update sends the whole object, flat; a creation sends it
//! wrapped. How many workers run is the vendor's matter and not in the state.

pub(crate) mod answer;
mod blame;
mod calls;
mod check;
pub(crate) mod list;
mod refresh;
mod removal;
#[cfg(test)]
mod tests;
mod update;

use jiff::Timestamp;
use serde_json::{Map as Members, Value as Json, json};
use tfplugin::attr::{Attr, Map, Set};
use tfplugin::body;
use tfplugin::check::Format;
use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::model::{Model, StringEnum};
use tfplugin::resource::{ImportId, Result, Rules};
use tfplugin::schema::{Difference, Schema, Timeouts};
use tfplugin::value::Value;

use crate::api;
use crate::api::client::Client;
use crate::api::error::Error;
use crate::provider::budget::Cost;
use crate::provider::catalogue::alternatives;
use crate::provider::catalogue::calls::Limits;
use crate::provider::catalogue::cap::Cap;
use crate::provider::catalogue::known::Catalogue;
use crate::provider::clients::{Cx, Vendors as _};
use crate::provider::life_cycle::by_name::ByName;
use crate::provider::life_cycle::change::{Change, Shows};
use crate::provider::life_cycle::choice::Candidate;
use crate::provider::life_cycle::judge::{After, Goal};
use crate::provider::life_cycle::phase::Phase;
use crate::provider::life_cycle::remote::{Answer as _, Remote};
use crate::provider::life_cycle::rented::Rented;
use crate::provider::life_cycle::stored::Stored;
use crate::provider::novita::account;
use crate::provider::novita::endpoint::update::Update;
use crate::provider::novita::instance::ports::reject_number;
use crate::provider::novita::novita_id;
use crate::provider::offered::{self, Offered};
use crate::provider::read_back::{Origin, ReadBack};
use crate::provider::{envs, image};

/// Seconds that a request may take unless configured, moved inside the limits that the API tells.
const REQUEST_TIMEOUT: i64 = 600;
/// GB of a worker's disk unless configured, moved inside the limits that the API tells.
const ROOTFS_SIZE: i64 = 100;

static APP_NAME: Format = Format {
    text: "of lowercase letters, digits and hyphens, beginning and ending with a letter or digit",
    reject: |text| (!is_app_name(text)).then(|| format!("{text:?} does not have this form.")),
};

fn is_app_name(text: &str) -> bool {
    let inner = text.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-');
    inner && !text.starts_with('-') && !text.ends_with('-')
}

static ABSOLUTE_PATH: Format = Format {
    text: "a path that begins with `/`",
    reject: |text| (!text.starts_with('/')).then(|| format!("{text:?} does not.")),
};

/// Serverless endpoint of Novita AI: an image that runs on workers, which start and end with the number of requests.
///
/// Running workers are billed by the second; with `min_num = 0` an idle endpoint costs nothing. Requests to `url`
/// reach the image on `port`. No authentication of the endpoint is documented in the API, so the image should check a
/// token of its own, such as `--api-key` of vLLM.
///
/// Vendor documentation: [Create endpoint](https://novita.ai/docs/api-reference/serverless-create-endpoint), [Update
/// endpoint](https://novita.ai/docs/api-reference/serverless-update-endpoint).
#[derive(Clone, Model)]
pub(crate) struct Endpoint {
    /// ID of the endpoint.
    #[tf(computed, identity)]
    pub(crate) id: Attr<String>,
    /// Name, shown in the console. If omitted, the provider generates a unique name with the prefix `tf-`.
    #[tf(optional, computed, len = 1..=220, via = "Changing it updates the endpoint in place.")]
    pub(crate) name: Attr<String>,
    /// Part of the public URL. If omitted, the ID of the endpoint.
    #[tf(optional, computed, replace, len = 1..=46, format = APP_NAME)]
    pub(crate) app_name: Attr<String>,
    /// Number, size and limits of the workers. `novita_endpoint_limits` lists the allowed values.
    #[tf(
        required,
        via = "Changing it updates the endpoint in place; new workers start before old ones end."
    )]
    pub(crate) worker_config: Attr<WorkerConfig>,
    /// HTTP port on which the image listens. `2222`, `2223` and `2224` are not allowed.
    #[tf(required, range = 1..=65535, wire = "ports", wire_with = port_to_wire,
         via = "Changing it updates the endpoint in place; new workers start before old ones end.")]
    pub(crate) port: Attr<i64>,
    /// Scaling policy: when another worker starts.
    #[tf(required, via = "Changing it updates the endpoint in place.")]
    pub(crate) policy: Attr<Policy>,
    /// Image of the workers.
    #[tf(
        required,
        via = "Changing it updates the endpoint in place; new workers start before old ones end."
    )]
    pub(crate) image: Attr<Image>,
    /// IDs of the products for the workers, such as `SL-serverless-3`, usually one. `novita_endpoint_products` lists
    /// them.
    #[tf(required, replace, canonical = str::to_lowercase, items = 1..=i64::MAX, wire = "products",
         wire_with = products_to_wire)]
    pub(crate) product_ids: Attr<Set<String>>,
    /// Size of the system disk of each worker in GB. A larger disk is not changed. If omitted, 100 or the nearest
    /// value that `novita_endpoint_limits` allows.
    #[tf(optional, computed, replace, at_least, range = 1..=i64::MAX)]
    pub(crate) rootfs_size: Attr<i64>,
    /// Volumes of each worker.
    #[tf(
        optional,
        via = "Changing it updates the endpoint in place; new workers start before old ones end."
    )]
    pub(crate) volume_mounts: Attr<Set<VolumeMount>>,
    /// ID of the cluster, from `novita_clusters`. Required with a network volume: use the cluster of that storage.
    #[tf(optional, computed, len = 1..=255, wire = "clusterID", via = "Changing it updates the endpoint in place.")]
    pub(crate) cluster_id: Attr<String>,
    /// Environment variables of the workers. Together with `secret_envs`, at most 100.
    #[tf(optional, keys = 1..=511, len = 0..=4095, wire_with = envs::to_wire,
         via = "Changing it updates the endpoint in place; new workers start before old ones end.")]
    pub(crate) envs: Attr<Map<String>>,
    /// Environment variables whose values are hidden in plans. They are stored in the state. A key must not be in
    /// `envs` as well.
    #[tf(optional, sensitive, keys = 1..=511, len = 0..=4095, wire = "envs", wire_with = envs::to_wire,
         via = "Changing it updates the endpoint in place; new workers start before old ones end.")]
    pub(crate) secret_envs: Attr<Map<String>>,
    /// Health check of the workers.
    #[tf(required, via = "Changing it updates the endpoint in place.")]
    pub(crate) healthy: Attr<Healthy>,
    /// Maximum price of one worker in USD per hour. A plan above it is refused, and nothing is created if the price has
    /// risen above it by then or cannot be read.
    #[tf(optional, local, range = 0.0..=f64::INFINITY)]
    pub(crate) max_hourly_price: Attr<f64>,
    /// Refuse any plan that destroys or replaces the endpoint.
    #[tf(optional, local, default = false, deletion_protection)]
    pub(crate) deletion_protection: Attr<bool>,
    /// Wait until the endpoint is serving. With `false`, creation ends as soon as the ID is stored in the state.
    #[tf(optional, local, default = true)]
    pub(crate) wait_for_ready: Attr<bool>,
    /// Price of one worker in USD per hour when the endpoint was created or imported, or its `gpu_num` changed; null if
    /// `novita_endpoint_products` does not list its product. Workers are billed by the second while they run.
    #[tf(computed, volatile = has_other_gpus)]
    pub(crate) hourly_price: Attr<f64>,
    /// Public URL.
    #[tf(computed)]
    pub(crate) url: Attr<String>,
    /// State as returned by the API, such as `serving`.
    #[tf(computed, volatile)]
    pub(crate) status: Attr<String>,
}

/// Whether a change gives workers another number of GPUs, and so another price.
fn has_other_gpus(it: &Difference<'_>) -> bool {
    let gpus = |workers: &Value| workers.get("gpu_num").clone();
    gpus(it.prior("worker_config")) != gpus(it.planned("worker_config"))
}

/// Number, size and limits of the workers.
#[derive(Clone, Debug, Default, PartialEq, Model)]
#[tf(nested)]
pub(crate) struct WorkerConfig {
    /// Minimum number of workers. They always run and are always billed; `0`: none.
    #[tf(required, range = 0..=i64::MAX)]
    pub(crate) min_num: Attr<i64>,
    /// Maximum number of workers, at least `min_num`.
    #[tf(required, range = 0..=i64::MAX)]
    pub(crate) max_num: Attr<i64>,
    /// Idle time in seconds after which a worker ends, such as `300`.
    #[tf(required, range = 0..=i64::MAX)]
    pub(crate) free_timeout: Attr<i64>,
    /// Maximum number of concurrent requests per worker.
    #[tf(required, range = 0..=i64::MAX)]
    pub(crate) max_concurrent: Attr<i64>,
    /// Number of GPUs per worker.
    #[tf(required, range = 0..=i64::MAX)]
    pub(crate) gpu_num: Attr<i64>,
    /// Maximum duration of a request in seconds. If omitted, 600 or the nearest value that `novita_endpoint_limits`
    /// allows.
    #[tf(optional, computed, range = 1..=i64::MAX)]
    pub(crate) request_timeout: Attr<i64>,
    /// CUDA version that the workers require: an element of `cuda_version_list` of `novita_endpoint_limits`, or
    /// `any`.
    #[tf(optional, len = 0..=255)]
    pub(crate) cuda_version: Attr<String>,
}

/// What workers start for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, StringEnum)]
pub(crate) enum PolicyType {
    Queue,
    Concurrency,
}

/// Scaling policy: when another worker starts.
#[derive(Clone, Debug, PartialEq, Model)]
#[tf(nested)]
pub(crate) struct Policy {
    /// Metric of the policy. `queue`: time that requests wait. `concurrency`: number of requests.
    #[tf(required)]
    pub(crate) r#type: Attr<PolicyType>,
    /// Threshold above which another worker starts: seconds for `queue`, number of requests for `concurrency`.
    #[tf(required, range = 0..=i64::MAX)]
    pub(crate) value: Attr<i64>,
}

/// Image of the workers.
#[derive(Clone, Debug, Default, PartialEq, Model)]
#[tf(nested)]
pub(crate) struct Image {
    /// Image with registry and tag, such as `docker.io/vllm/vllm-openai:v0.8.5`.
    #[tf(required, len = 1..=511, canonical = image::canonical)]
    pub(crate) image: Attr<String>,
    /// ID of a registry login (`novita_registry_auth`), for a private image.
    #[tf(optional, len = 0..=255)]
    pub(crate) auth_id: Attr<String>,
    /// Start command, overrides the command of the image.
    #[tf(optional, len = 0..=2047)]
    pub(crate) command: Attr<String>,
}

/// Kinds of disks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, StringEnum)]
pub(crate) enum VolumeType {
    Local,
    Network,
}

/// A volume of each worker.
#[derive(Clone, Debug, PartialEq, Model)]
#[tf(nested)]
pub(crate) struct VolumeMount {
    /// Type of the volume. `local`: a disk of each worker. `network`: a network storage, shared by all workers.
    #[tf(required)]
    pub(crate) r#type: Attr<VolumeType>,
    /// Size of a `local` volume in GB. The API currently allows `30`.
    #[tf(optional, range = 1..=i64::MAX)]
    pub(crate) size: Attr<i64>,
    /// ID of the storage of a `network` volume (`novita_network_storage`).
    #[tf(optional, len = 1..=255)]
    pub(crate) id: Attr<String>,
    /// Mount path in the worker, such as `/workspace`.
    #[tf(required, len = 1..=255, format = ABSOLUTE_PATH)]
    pub(crate) mount_path: Attr<String>,
}

/// Health check of the workers.
#[derive(Clone, Debug, PartialEq, Model)]
#[tf(nested)]
pub(crate) struct Healthy {
    /// HTTP path that returns success while the worker is healthy, such as `/health`.
    #[tf(required, format = ABSOLUTE_PATH)]
    pub(crate) path: Attr<String>,
}

/// The API takes a list of exactly one port, as text.
fn port_to_wire(port: &Value) -> Json {
    port.as_number().map_or_else(|| json!([]), |it| json!([{"port": it.to_string()}]))
}

fn products_to_wire(ids: &Value) -> Json {
    let mut ids: Vec<_> = ids.as_slice().unwrap_or_default().iter().filter_map(Value::as_str).collect();
    ids.sort_unstable();
    ids.into_iter().map(|id| json!({"id": id})).collect()
}

impl Stored for Endpoint {
    const TYPE: &'static str = "novita_endpoint";
    const THING: &'static str = "endpoint";
    const BY_HAND: &'static str = "Look for this name in the console.";
    const IMPORT_ID: ImportId = novita_id("ep-7d20c4");
    const TIMEOUTS: Timeouts = Timeouts { create: 1800, update: 1800, delete: 900 };
    const MATCH: &'static [&'static str] = &["product_ids"];

    type Answer = answer::Endpoint;

    fn client(cx: &Cx) -> Result<&Client> {
        cx.novita()
    }

    fn id(&self) -> &Attr<String> {
        &self.id
    }

    fn id_mut(&mut self) -> &mut Attr<String> {
        &mut self.id
    }

    fn name_mut(&mut self) -> Option<&mut Attr<String>> {
        Some(&mut self.name)
    }

    fn is_just_imported(&self) -> bool {
        self.image.is_null()
    }

    fn is_unseen(&self, _: Timestamp) -> bool {
        self.status.is_null() && !self.is_just_imported()
    }

    fn validate(&self, rules: &mut Rules) {
        if let Some(fault) =
            self.port.known().filter(|it| (1..=65535).contains(*it)).and_then(|it| reject_number(*it))
        {
            rules.reject("port", fault);
        }
        if let Some(workers) = self.worker_config.known()
            && let (Some(least), Some(most)) = (workers.min_num.known(), workers.max_num.known())
            && least > most
        {
            rules.reject(
                "worker_config",
                format!("`min_num` ({least}) must not be above `max_num` ({most})."),
            );
        }
        envs::validate(rules, &self.envs, &self.secret_envs);
        self.validate_volumes(rules);
    }

    async fn check_plan(cx: &Cx, prior: Option<Self>, planned: Self) -> Diagnostics {
        let mut found = check::endpoint(cx, prior.as_ref(), &planned).await;
        if prior.is_none() || planned.hourly_price.is_unknown() {
            found.append(offered::check(cx, &planned).await);
        }
        if prior.is_none() {
            found.append(account::afford(cx, planned.cost(cx).await).await);
        }
        found
    }

    async fn weigh(
        cx: &Cx,
        candidates: Vec<Candidate<Self>>,
        is_first: bool,
    ) -> Result<Vec<Candidate<Self>>> {
        offered::weigh(cx, candidates, is_first).await
    }

    async fn appraise(&mut self, cx: &Cx) {
        self.hourly_price = Attr::from_option(self.price(cx).await);
    }

    /// Sets what the API wants and nobody has configured: the usual values, moved inside what it allows.
    async fn prepare(&mut self, cx: &Cx) {
        let lacks_timeout = |it: &WorkerConfig| it.request_timeout.known().is_none();
        if self.rootfs_size.known().is_some() && !self.worker_config.known().is_some_and(lacks_timeout) {
            return;
        }
        let limits = cx.data.catalogue.endpoint_limits(cx).await.ok();
        if let Attr::Known(workers) = &mut self.worker_config
            && workers.request_timeout.known().is_none()
        {
            workers.request_timeout = request_timeout(limits).into();
        }
        if self.rootfs_size.known().is_none() {
            let size = limits.map_or(ROOTFS_SIZE, |it| it.rootfs_size().nearest(ROOTFS_SIZE));
            self.rootfs_size = size.into();
        }
    }

    async fn post(&self, remote: &Remote<'_, answer::Endpoint>) -> api::error::Result<answer::Endpoint> {
        let created = calls::create(remote, &Json::Object(self.body())).await;
        alternatives::of_endpoint(&self.products(), created)
    }

    /// For seconds after the last endpoint of an account was removed (seen by a client).
    fn passes(error: &Error) -> bool {
        error.details().message.to_lowercase().contains("serverless cluster is not active")
    }

    /// One call has all of it, so what it has made true is known before it shows.
    async fn change(step: &mut Change<'_, Self>) -> Result<()> {
        // Nothing, where only what the API does not tell apart differs, such as a variable that became a secret one.
        let Some(update) = Update::between(&step.now, &step.planned) else { return Ok(()) };
        let mut body = update.body(&step.found.raw.0);
        if body["workerConfig"]["requestTimeout"].is_null() {
            let limits = step.cx.data.catalogue.endpoint_limits(step.cx).await.ok();
            body["workerConfig"]["requestTimeout"] = request_timeout(limits).into();
        }
        let sent = calls::update(&step.remote, &body).await;
        let changed = step.confirm(sent, Shows::Soon, |it| update.is_shown(&it.raw.0)).await;
        let changed = alternatives::of_endpoint(&step.planned.products(), changed);
        changed.map_err(|error| step.failed("update", &error))?;
        if step.planned.hourly_price.is_unknown() {
            step.planned.hourly_price = Attr::from_option(step.planned.price(step.cx).await);
        }
        step.now = step.planned.clone();
        step.save();
        step.settle(Goal::Ready(After::Change), "update").await
    }

    async fn remove(&self, remote: &Remote<'_, answer::Endpoint>) -> api::error::Result<()> {
        removal::remove(remote, self).await
    }

    fn read_back(&mut self, answer: answer::Endpoint, origin: Origin) -> ReadBack {
        self.refresh(answer, origin)
    }

    fn notice(endpoint: &answer::Endpoint) -> Option<Diagnostic> {
        let (id, status) = (&endpoint.id, endpoint.status());
        let reason = endpoint.explanation().unwrap_or_else(|| "the API gives no reason".to_owned());
        let detail = format!(
            "The endpoint {id} does not serve (status `{status}`): {reason}. It stays in the state. A change of what is \
             wrong, such as its image, starts it again."
        );
        let has_failed = endpoint.phase() == Phase::Failed;
        has_failed.then(|| Diagnostic::warning("Endpoint has failed", detail))
    }

    /// What the create call documents, without the wrapper.
    fn body(&self) -> Members<String, Json> {
        let mut body = body::body(&Schema::of::<Self>(), &self.to_object());
        body.entry("volumeMounts").or_insert_with(|| json!([])); // required, though it may be empty
        body
    }
}

impl Rented for Endpoint {
    const IS_SWITCHED: bool = false;

    fn status_mut(&mut self) -> &mut Attr<String> {
        &mut self.status
    }

    fn waits_for_ready(&self) -> bool {
        self.wait_for_ready.known() != Some(&false)
    }

    async fn price(&self, cx: &Cx) -> Option<f64> {
        self.hourly_price(cx, &cx.data.catalogue).await
    }

    async fn foresee(&mut self, cx: &Cx) {
        if let Some(price) = self.price(cx).await {
            self.hourly_price = price.into();
        }
    }

    fn take_price(&mut self, cx: &Cx, price: Option<f64>) {
        offered::take_price(cx, &mut self.hourly_price, price);
    }
}

impl Offered for Endpoint {
    /// The cap of the provider block is about machines: nothing documents that every product of endpoints is listed.
    fn cap(&self, cx: &Cx) -> Option<Cap> {
        let _ = cx;
        Cap::of("A worker", &self.max_hourly_price, None)
    }

    /// The price of a worker on the most expensive of its products.
    async fn hourly_price(&self, cx: &Cx, catalogue: &Catalogue) -> Option<f64> {
        let gpus = *self.worker_config.known()?.gpu_num.known()?;
        let listed = catalogue.endpoint_products(cx).await.ok()?;
        let price = |id: &str| listed.iter().find(|it| it.id.eq_ignore_ascii_case(id))?.worker_price(gpus);
        let prices: Option<Vec<f64>> = self.products().into_iter().map(price).collect();
        prices?.into_iter().reduce(f64::max)
    }
}

impl ByName for Endpoint {
    const ABOUT: &'static str = "Get an existing serverless endpoint of Novita AI.\n\nVendor documentation: [Get endpoint](https://novita.ai/docs/api-reference/serverless-get-endpoint).";
    const KEYS: &'static [(&'static str, &'static str)] = &[
        ("id", "ID of the endpoint. Set exactly one of `id` and `name`."),
        (
            "name",
            "Exact name of the endpoint. Set exactly one of `id` and `name`. A name that several endpoints have is an error.",
        ),
    ];
    const UNSEEN: &'static [&'static str] =
        &["secret_envs", "deletion_protection", "wait_for_ready", "max_hourly_price", "hourly_price"];
    const SECRETS: &'static [(&'static str, &'static str)] = &[(
        "envs",
        "Environment variables of the workers. All are sensitive, because the API does not return which ones are secret.",
    )];
}

/// The time-out that stands for none: the usual one, moved inside what the API allows.
fn request_timeout(limits: Option<&Limits>) -> i64 {
    limits.map_or(REQUEST_TIMEOUT, |it| it.request_timeout().nearest(REQUEST_TIMEOUT))
}

impl Endpoint {
    fn validate_volumes(&self, rules: &mut Rules) {
        for mount in self.volume_mounts.known().into_iter().flat_map(Set::known) {
            let at = "volume_mounts";
            match mount.r#type.known() {
                Some(VolumeType::Local) if mount.size.is_null() => {
                    rules.lacks(at, "`type = \"local\"` needs `size`.");
                }
                Some(VolumeType::Local) if mount.id.is_set() => {
                    rules.reject(at, "A `local` disk has no `id`: leave it out.");
                }
                Some(VolumeType::Network) if mount.id.is_null() => {
                    rules.lacks(at, "`type = \"network\"` needs the `id` of a network storage.");
                }
                Some(VolumeType::Network) if mount.size.is_set() => {
                    rules.reject(at, "A `network` disk has the size of its storage: leave `size` out.");
                }
                Some(VolumeType::Network) if self.cluster_id.is_null() => {
                    rules.lacks(
                        at,
                        "`type = \"network\"` needs `cluster_id`: the cluster of the network storage.",
                    );
                }
                _ => {}
            }
        }
        let mounts = self.volume_mounts.known().into_iter().flat_map(Set::known);
        let mut paths: Vec<_> = mounts.filter_map(|it| it.mount_path.text()).collect();
        paths.sort_unstable();
        if let Some(pair) = paths.windows(2).find(|it| it[0] == it[1]) {
            rules.reject("volume_mounts", format!("Two disks are mounted at {:?}.", pair[0]));
        }
    }

    /// What its workers that always run take.
    #[expect(clippy::cast_precision_loss, reason = "a handful of workers")]
    async fn cost(&self, cx: &Cx) -> Option<Cost> {
        let workers = self.worker_config.known()?.min_num.known().copied().filter(|it| *it > 0)?;
        self.price(cx).await.map(|it| Cost::Hourly(it * workers as f64))
    }

    /// What its workers run on.
    pub(crate) fn products(&self) -> Vec<&str> {
        self.product_ids.known().iter().flat_map(|it| it.known()).map(String::as_str).collect()
    }
}
