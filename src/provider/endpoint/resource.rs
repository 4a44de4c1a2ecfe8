//! `novita_endpoint`: a serverless endpoint, whose workers come and go with the requests.
//!
//! Owns the model, the rules of its fields and the life cycle. An update sends the whole object, flat;
//! a creation sends it wrapped. How many workers run is the vendor's matter and not in the state.

use serde_json::{Value as Json, json};

use crate::api::error::Error;
use crate::framework::attr::{Attr, Map, Set};
use crate::framework::body;
use crate::framework::check::Format;
use crate::framework::diagnostics::Diagnostics;
use crate::framework::model::{Model, StringEnum};
use crate::framework::resource::{Changes, ImportId, Resource, Result, Rules, StateWriter};
use crate::framework::schema::{Schema, Timeouts};
use crate::framework::value::Value;
use crate::provider::census::Listed;
use crate::provider::clients::Clients;
use crate::provider::clients::Cx;
use crate::provider::elsewhere;
use crate::provider::endpoint::calls::waits::{After, wait_until_gone, wait_until_serving};
use crate::provider::endpoint::calls::{self, Class};
use crate::provider::endpoint::lost::Shape;
use crate::provider::endpoint::update::Update;
use crate::provider::endpoint::{check, removal};
use crate::provider::error_context::{ErrorContext, unfinished};
use crate::provider::instance::ports::reject_number;
use crate::provider::novita::novita_id;
use crate::provider::paging::Steps;
use crate::provider::read_back::Origin;
use crate::provider::unclear::SecondLook;
use crate::provider::watch::{first_sight, last_status};
use crate::provider::{envs, image, name};

/// Seconds that a request may take unless configured, moved inside the limits that the API tells.
pub(super) const REQUEST_TIMEOUT: i64 = 600;
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

/// A serverless endpoint of Novita AI: an image that workers run as long as there are requests.
///
/// Workers are billed by the second while they run. With `min_num = 0` an endpoint that nobody asks
/// costs nothing.
#[derive(Model)]
pub(crate) struct Endpoint {
    /// Identifier of the endpoint.
    #[tf(computed)]
    pub(crate) id: Attr<String>,
    /// Name, shown in the console. Without one the provider makes a unique name that begins with `tf-`.
    #[tf(optional, computed, len = 1..=220, via = "Changing it updates the endpoint in place.")]
    pub(crate) name: Attr<String>,
    /// Part of the public address. Without one it is the endpoint's identifier.
    #[tf(optional, computed, replace, len = 1..=46, format = APP_NAME)]
    pub(crate) app_name: Attr<String>,
    /// How many workers run, and when.
    #[tf(
        required,
        via = "Changing it updates the endpoint in place; new workers start before old ones end."
    )]
    pub(crate) worker_config: Attr<WorkerConfig>,
    /// HTTP port on which the image answers; not 2222, 2223 or 2224.
    #[tf(required, range = 1..=65535, wire = "ports", wire_with = port_to_wire,
         via = "Changing it updates the endpoint in place; new workers start before old ones end.")]
    pub(crate) port: Attr<i64>,
    /// What makes workers start.
    #[tf(required, via = "Changing it updates the endpoint in place.")]
    pub(crate) policy: Attr<Policy>,
    /// What the workers run.
    #[tf(
        required,
        via = "Changing it updates the endpoint in place; new workers start before old ones end."
    )]
    pub(crate) image: Attr<Image>,
    /// Identifiers of the products that workers may run on, such as `SL-serverless-3`; in practice one.
    #[tf(required, replace, items = 1..=i64::MAX, wire = "products", wire_with = products_to_wire)]
    pub(crate) product_ids: Attr<Set<String>>,
    /// Size of each worker's system disk in GB, at least. Without a value it is 100, or the nearest that the API
    /// allows; `novita_endpoint_limits` tells the bounds.
    #[tf(optional, computed, replace, range = 1..=i64::MAX)]
    pub(crate) rootfs_size: Attr<i64>,
    /// Disks of each worker.
    #[tf(
        optional,
        via = "Changing it updates the endpoint in place; new workers start before old ones end."
    )]
    pub(crate) volume_mounts: Attr<Set<VolumeMount>>,
    /// Identifier of the cluster; required with a network volume, which lies in one.
    #[tf(optional, computed, len = 1..=255, wire = "clusterID", via = "Changing it updates the endpoint in place.")]
    pub(crate) cluster_id: Attr<String>,
    /// Environment variables of the workers. Together with `secret_envs` there can be 100.
    #[tf(optional, keys = 1..=511, len = 0..=4095, wire_with = envs::to_wire,
         via = "Changing it updates the endpoint in place; new workers start before old ones end.")]
    pub(crate) envs: Attr<Map<String>>,
    /// Environment variables whose values clients hide. A key cannot be in `envs` too.
    #[tf(optional, sensitive, keys = 1..=511, len = 0..=4095, wire = "envs", wire_with = envs::to_wire,
         via = "Changing it updates the endpoint in place; new workers start before old ones end.")]
    pub(crate) secret_envs: Attr<Map<String>>,
    /// How the API finds out whether a worker is healthy.
    #[tf(required, via = "Changing it updates the endpoint in place.")]
    pub(crate) healthy: Attr<Healthy>,
    /// Whether destroying and replacing are refused.
    #[tf(optional, local, default = false, deletion_protection)]
    pub(crate) deletion_protection: Attr<bool>,
    /// Whether creating waits until the endpoint serves. With `false` it ends once the identifier is in the state.
    #[tf(optional, local, default = true)]
    pub(crate) wait_for_ready: Attr<bool>,
    /// Public address.
    #[tf(computed)]
    pub(crate) url: Attr<String>,
    /// State as the API names it, such as `serving`.
    #[tf(computed, volatile)]
    pub(crate) status: Attr<String>,
}

/// How many workers run, and when.
#[derive(Clone, Debug, Default, PartialEq, Model)]
#[tf(nested)]
pub(crate) struct WorkerConfig {
    /// Workers that always run. Each costs money all the time.
    #[tf(required, range = 0..=i64::MAX)]
    pub(crate) min_num: Attr<i64>,
    /// Most workers; not below `min_num`.
    #[tf(required, range = 0..=i64::MAX)]
    pub(crate) max_num: Attr<i64>,
    /// Seconds without requests after which a worker ends.
    #[tf(required, range = 0..=i64::MAX)]
    pub(crate) free_timeout: Attr<i64>,
    /// Requests that a worker handles at the same time.
    #[tf(required, range = 0..=i64::MAX)]
    pub(crate) max_concurrent: Attr<i64>,
    /// GPUs of each worker.
    #[tf(required, range = 0..=i64::MAX)]
    pub(crate) gpu_num: Attr<i64>,
    /// Seconds that a request may take. Without a value it is 600, or the nearest that the API allows.
    #[tf(optional, computed, range = 1..=i64::MAX)]
    pub(crate) request_timeout: Attr<i64>,
    /// CUDA version that the workers need: one that `GET /endpoint/limit` lists, or `any`.
    #[tf(optional, len = 0..=255)]
    pub(crate) cuda_version: Attr<String>,
}

/// What workers start for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, StringEnum)]
pub(crate) enum PolicyType {
    Queue,
    Concurrency,
}

/// What makes workers start.
#[derive(Clone, Debug, PartialEq, Model)]
#[tf(nested)]
pub(crate) struct Policy {
    /// What is looked at: with `queue` the time that requests wait, with `concurrency` their number.
    #[tf(required)]
    pub(crate) r#type: Attr<PolicyType>,
    /// With `queue` the seconds of waiting, with `concurrency` the number of requests, above which a worker starts.
    #[tf(required, range = 0..=i64::MAX)]
    pub(crate) value: Attr<i64>,
}

/// What the workers run.
#[derive(Clone, Debug, Default, PartialEq, Model)]
#[tf(nested)]
pub(crate) struct Image {
    /// Image with registry and tag.
    #[tf(required, len = 1..=511, canonical = image::canonical)]
    pub(crate) image: Attr<String>,
    /// Identifier of a login for a private registry that is saved in the account.
    #[tf(optional, len = 0..=255)]
    pub(crate) auth_id: Attr<String>,
    /// Start command, instead of the image's.
    #[tf(optional, len = 0..=2047)]
    pub(crate) command: Attr<String>,
}

/// Kinds of disks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, StringEnum)]
pub(crate) enum VolumeType {
    Local,
    Network,
}

/// A disk of each worker.
#[derive(Clone, Debug, PartialEq, Model)]
#[tf(nested)]
pub(crate) struct VolumeMount {
    /// Kind of the disk: `local` is one of the worker's own, `network` a network storage that they share.
    #[tf(required)]
    pub(crate) r#type: Attr<VolumeType>,
    /// Size in GB of a `local` disk; the API allows 30 at present.
    #[tf(optional, range = 1..=i64::MAX)]
    pub(crate) size: Attr<i64>,
    /// Identifier of the storage of a `network` disk.
    #[tf(optional, len = 1..=255)]
    pub(crate) id: Attr<String>,
    /// Path in the worker.
    #[tf(required, len = 1..=255, format = ABSOLUTE_PATH)]
    pub(crate) mount_path: Attr<String>,
}

/// How the API finds out whether a worker is healthy.
#[derive(Clone, Debug, PartialEq, Model)]
#[tf(nested)]
pub(crate) struct Healthy {
    /// Path that answers with success when the worker is healthy.
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

impl Resource for Endpoint {
    type Model = Self;
    type Data = Clients;

    const TYPE: &'static str = "novita_endpoint";
    const IMPORT_ID: ImportId = novita_id("ep-7d20c4");
    const TIMEOUTS: Timeouts = Timeouts { create: 1800, update: 1800, delete: 900 };

    fn validate(model: &Self, rules: &mut Rules) {
        if let Some(fault) =
            model.port.known().filter(|it| (1..=65535).contains(*it)).and_then(|it| reject_number(*it))
        {
            rules.reject("port", fault);
        }
        if let Some(workers) = model.worker_config.known()
            && let (Some(least), Some(most)) = (workers.min_num.known(), workers.max_num.known())
            && least > most
        {
            rules.reject(
                "worker_config",
                format!("`min_num` ({least}) must not be above `max_num` ({most})."),
            );
        }
        envs::validate(rules, &model.envs, &model.secret_envs);
        model.validate_volumes(rules);
    }

    async fn check_plan(cx: &Cx, prior: Option<Self>, planned: Self) -> Diagnostics {
        check::endpoint(cx, prior.as_ref(), &planned).await
    }

    async fn create(cx: &Cx, mut endpoint: Self, writer: &StateWriter<Self>) -> Result<()> {
        let (client, call) = (cx.novita()?, cx.call());
        let name_is_ours = endpoint.name.text().is_none();
        if name_is_ours {
            endpoint.name = name::unique(client)?.into();
        }
        endpoint.choose(cx).await;
        let body = Json::Object(endpoint.create_body());
        let post = async {
            let created = calls::create(client, &call, &body).await;
            let id = elsewhere::of_endpoint(&endpoint.products(), created)?;
            Ok(calls::Endpoint { id, ..calls::Endpoint::default() })
        };
        let created =
            cx.data.endpoints_underway.create(client, &call, endpoint.shape(name_is_ours), post).await;
        let calls::Endpoint { id, .. } = created.map_err(|it| not_created(&it.error, it.aftermath))?;
        endpoint.id = id.into();
        writer.save(&endpoint);
        if endpoint.wait_for_ready.known() == Some(&false) {
            return Ok(());
        }
        let looks = cx.data.rolls.endpoints.looks(client, &call);
        let serving = wait_until_serving(&looks, endpoint.id.text_or_empty(), After::Create).await;
        if let Err(error) = &serving {
            endpoint.status = last_status(error);
            writer.save(&endpoint);
        }
        let serving = serving.map_err(|error| unfinished("endpoint", endpoint.id.text_or_empty(), &error))?;
        endpoint.read_back(serving, Origin::Created).warn(cx, "endpoint", endpoint.id.text_or_empty());
        writer.save(&endpoint);
        Ok(())
    }

    async fn read(cx: &Cx, mut state: Self) -> Result<Option<Self>> {
        let (client, call) = (cx.novita()?, cx.call());
        let (id, census) = (state.id.text_or_empty(), &cx.data.censuses.endpoints);
        let is_known = !state.status.is_null();
        if is_known
            && let Some(found) = census.confirms(client, &call, id, &state).await
            && found.class() != Class::Leaving
        {
            warn_if_failed(cx, &found);
            return Ok(Some(state));
        }
        let get = || calls::get(client, &call, id);
        let seen = match state.is_unseen() {
            true => first_sight(client, &call, "the endpoint", get).await,
            false => get().await,
        };
        let found = match seen {
            // An endpoint that is being removed is as good as gone: no call brings it back.
            Ok(found) if found.class() == Class::Leaving => return Ok(None),
            Ok(found) => found,
            Err(Error::NotFound(_)) => return Ok(None),
            Err(error) => return Err(ErrorContext::to("read the endpoint").failed(&error)),
        };
        warn_if_failed(cx, &found);
        census.note(&found);
        state.refresh(found);
        Ok(Some(state))
    }

    async fn update(cx: &Cx, changes: Changes<Self>, writer: &StateWriter<Self>) -> Result<()> {
        let (client, call) = (cx.novita()?, cx.call());
        let Changes { prior, mut planned } = changes;
        let id = planned.id.text_or_empty().to_owned();
        let failed = |what: &str, error: &Error| {
            let aftermath = format!("The endpoint {id} goes on existing.");
            ErrorContext { what, aftermath, schema: Some(&Schema::of::<Self>()) }.failed(error)
        };
        let look = || calls::get_shown(client, &call, &id);
        let shown = look().await.map_err(|error| failed("read the endpoint", &error))?;
        let Some(update) = Update::between(&prior, &planned) else {
            // Only what the API does not tell apart differs, such as a variable that became a secret one.
            planned.refresh(shown.it);
            writer.save(&planned);
            return Ok(());
        };
        let mut body = update.body(&shown.raw);
        if body["workerConfig"]["requestTimeout"].is_null() {
            body["workerConfig"]["requestTimeout"] = allowed_request_timeout(cx).await.into();
        }
        let updated = calls::update(client, &call, &body).await;
        let updated =
            SecondLook::soon(client, &call).forgive(updated, look, |it| update.is_shown(&it.raw)).await;
        let updated = elsewhere::of_endpoint(&planned.products(), updated);
        updated.map_err(|error| failed("update the endpoint", &error))?;
        // The API has taken it all; what follows only waits for it.
        writer.save(&planned);
        let looks = cx.data.rolls.endpoints.looks(client, &call);
        let serving = wait_until_serving(&looks, &id, After::Update).await;
        planned.refresh(serving.map_err(|error| failed("see the endpoint serve again", &error))?);
        writer.save(&planned);
        Ok(())
    }

    async fn delete(cx: &Cx, state: Self) -> Result<()> {
        let (client, call) = (cx.novita()?, cx.call());
        let id = state.id.text_or_empty();
        if state.is_unseen() {
            // What is not known yet cannot be removed yet. Whatever is wrong, the removal will tell.
            let _ = first_sight(client, &call, "the endpoint", || calls::get(client, &call, id)).await;
        }
        let removed = match removal::remove(client, &call, &state).await {
            Ok(()) => wait_until_gone(&cx.data.rolls.endpoints.looks(client, &call), id).await,
            Err(error) => Err(error),
        };
        let aftermath = format!("The endpoint {id} may still exist and cost money.");
        removed.map_err(|error| {
            ErrorContext { what: "destroy the endpoint", aftermath, schema: None }.failed(&error)
        })
    }
}

impl Listed for Endpoint {
    type Element = calls::Endpoint;

    fn steps() -> Steps<Self::Element> {
        calls::steps()
    }

    fn read_back(&mut self, member: calls::Endpoint) {
        self.refresh(member);
    }
}

/// Warns of an endpoint that does not serve because something went wrong with it.
fn warn_if_failed(cx: &Cx, endpoint: &calls::Endpoint) {
    if endpoint.class() == Class::Failed {
        let reason = endpoint.explanation().unwrap_or_else(|| "the API gives no reason".to_owned());
        let (id, status) = (&endpoint.id, &endpoint.state.state);
        let detail = format!(
            "The endpoint {id} does not serve (status `{status}`): {reason}. It stays in the state. A change of what is \
             wrong, such as its image, starts it again."
        );
        cx.warn("Endpoint has failed", detail);
    }
}

/// The time-out that stands for none: the usual one, moved inside what the API allows.
async fn allowed_request_timeout(cx: &Cx) -> i64 {
    let limits = cx.data.catalogue.endpoint_limits(cx).await;
    limits.map_or(REQUEST_TIMEOUT, |it| it.request_timeout().nearest(REQUEST_TIMEOUT))
}

impl Endpoint {
    fn validate_volumes(&self, rules: &mut Rules) {
        for mount in self.volume_mounts.known().into_iter().flat_map(Set::known) {
            let fault = match mount.r#type.known() {
                Some(VolumeType::Local) if mount.size.is_null() => "A `local` disk needs a `size`.",
                Some(VolumeType::Local) if mount.id.is_set() => "A `local` disk has no `id`.",
                Some(VolumeType::Network) if mount.id.is_null() => {
                    "A `network` disk needs the `id` of a storage."
                }
                Some(VolumeType::Network) if mount.size.is_set() => {
                    "A `network` disk has the size of its storage: leave `size` out."
                }
                Some(VolumeType::Network) if self.cluster_id.is_null() => {
                    "A `network` disk lies in a cluster: set `cluster_id` to it."
                }
                _ => continue,
            };
            rules.reject("volume_mounts", fault);
        }
        let mounts = self.volume_mounts.known().into_iter().flat_map(Set::known);
        let mut paths: Vec<_> = mounts.filter_map(|it| it.mount_path.text()).collect();
        paths.sort_unstable();
        if let Some(pair) = paths.windows(2).find(|it| it[0] == it[1]) {
            rules.reject("volume_mounts", format!("Two disks are mounted at {:?}.", pair[0]));
        }
    }

    /// Sets what the API wants and nobody has configured: the usual values, moved inside what it allows.
    async fn choose(&mut self, cx: &Cx) {
        if let Attr::Known(workers) = &mut self.worker_config
            && workers.request_timeout.known().is_none()
        {
            workers.request_timeout = allowed_request_timeout(cx).await.into();
        }
        if self.rootfs_size.known().is_none() {
            let limits = cx.data.catalogue.endpoint_limits(cx).await;
            let size = limits.map_or(ROOTFS_SIZE, |it| it.rootfs_size().nearest(ROOTFS_SIZE));
            self.rootfs_size = size.into();
        }
    }

    /// What the create call documents, without the wrapper.
    pub(super) fn create_body(&self) -> serde_json::Map<String, Json> {
        let mut body = body::body(&Schema::of::<Self>(), &self.to_object());
        body.entry("volumeMounts").or_insert_with(|| json!([])); // required, though it may be empty
        body
    }

    /// Whether it was made and nothing was seen of it since: an API that does not know it may not know it
    /// yet. What is being imported has no name either.
    fn is_unseen(&self) -> bool {
        self.status.is_null() && self.name.is_set()
    }

    /// What its workers run on.
    fn products(&self) -> Vec<&str> {
        self.product_ids.known().iter().flat_map(|it| it.known()).map(String::as_str).collect()
    }

    /// What the endpoint is known by, should the answer to its create call get lost.
    fn shape(&self, name_is_ours: bool) -> Shape {
        let product_ids = self.products().into_iter().map(str::to_owned).collect();
        Shape { name: self.name.text_or_empty().to_owned(), name_is_ours, product_ids }
    }
}

fn not_created(error: &Error, aftermath: String) -> Diagnostics {
    ErrorContext { what: "create the endpoint", aftermath, schema: Some(&Schema::of::<Endpoint>()) }
        .failed(error)
}
