//! The life cycle of `novita_gpu_instance`.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use tf_provider::schema::Schema;
use tf_provider::value::{Value, ValueEmpty};
use tf_provider::{AttributePath, Diagnostics, Resource};
use tokio::time::timeout;

use crate::client::{Client, Error, Result};
use crate::instance::{Instance, RUNNING};
use crate::model::{State, items, limit, parse_port, text};
use crate::provider::Shared;
use crate::{duration, schema};

const CREATE_MINUTES: u64 = 30;
const UPDATE_MINUTES: u64 = 30;
const DELETE_MINUTES: u64 = 15;

pub(crate) struct GpuInstance {
    client: Shared,
}

type Saved = Option<(State, ValueEmpty)>;

impl GpuInstance {
    pub(crate) fn new(client: Shared) -> Self {
        Self { client }
    }

    /// The client with a key, or a diagnostic.
    fn client(&self, diags: &mut Diagnostics) -> Option<&Client> {
        let client = self.client.get();
        if client.is_none_or(|it| it.settings.api_key.is_empty()) {
            let detail = "Set `api_key` in the provider block or the environment variable NOVITA_API_KEY.";
            diags.root_error("Missing API key of Novita AI", detail);
            return None;
        }
        client
    }

    fn refuse_protected(&self, diags: &mut Diagnostics, state: &State) -> Option<()> {
        let ignored = self.client.get().is_some_and(|it| it.settings.ignore_deletion_protection);
        if state.deletion_protection == Value::Value(true) && !ignored {
            let detail =
                format!("The instance {} must not be destroyed while this is `true`.", text(&state.id));
            diags.error("Instance is protected", detail, AttributePath::new("deletion_protection"));
            return None;
        }
        Some(())
    }
}

#[async_trait]
impl Resource for GpuInstance {
    type State<'a> = State;
    type PrivateState<'a> = ValueEmpty;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        Some(schema::gpu_instance())
    }

    async fn validate<'a>(&self, diags: &mut Diagnostics, config: State) -> Option<()> {
        validate(diags, &config);
        Some(())
    }

    async fn read<'a>(
        &self,
        diags: &mut Diagnostics,
        mut state: State,
        private: ValueEmpty,
        _: ValueEmpty,
    ) -> Saved {
        let Some(client) = self.client(diags) else { return Some((state, private)) };
        match client.instance(text(&state.id)).await {
            Ok(instance) if instance.is_leaving() => return None,
            Ok(instance) => {
                state.refresh(instance);
                state.take_defaults();
            }
            Err(Error::NotFound(_)) => return None,
            Err(error) => diags.root_error("Cannot read the instance", error.to_string()),
        }
        Some((state, private))
    }

    async fn plan_create<'a>(&self, _: &mut Diagnostics, proposed: State, _: State, _: ValueEmpty) -> Saved {
        let mut planned = proposed;
        planned.forget();
        planned.take_defaults();
        if planned.billing_mode.is_null() {
            planned.billing_mode = implied_billing(&planned.month);
        }
        Some((planned, ValueEmpty::default()))
    }

    async fn plan_update<'a>(
        &self,
        diags: &mut Diagnostics,
        prior: State,
        proposed: State,
        _: State,
        private: ValueEmpty,
        _: ValueEmpty,
    ) -> Option<(State, ValueEmpty, Vec<AttributePath>)> {
        let mut planned = proposed;
        if let (Value::Value(old), Value::Value(new)) = (&prior.rootfs_size, &planned.rootfs_size)
            && new < old
        {
            let detail = format!("It has {old} GB.");
            diags.error("Disk cannot shrink", detail, AttributePath::new("rootfs_size"));
        }
        if planned != prior {
            planned.forget_volatile();
        }
        let replaced = replaced_by(&prior, &planned);
        Some((planned, private, replaced))
    }

    async fn plan_destroy<'a>(
        &self,
        diags: &mut Diagnostics,
        prior: State,
        private: ValueEmpty,
        _: ValueEmpty,
    ) -> Option<ValueEmpty> {
        self.refuse_protected(diags, &prior)?;
        Some(private)
    }

    async fn create<'a>(
        &self,
        diags: &mut Diagnostics,
        mut planned: State,
        _: State,
        private: ValueEmpty,
        _: ValueEmpty,
    ) -> Saved {
        let client = self.client(diags)?;
        if text(&planned.name).is_empty() {
            planned.name = Value::Value(unique_name());
        }
        planned.choose();
        let limit = limit(&planned.timeouts, |it| &it.create, CREATE_MINUTES);
        let created = bounded(limit, client.create(&planned.create_body())).await;
        let id = created.map_err(|it| diags.root_error("Cannot create the instance", it.to_string())).ok()?;
        planned.refresh(Instance { id: id.clone(), ..Instance::default() });
        if planned.wait_for_ready != Value::Value(false) {
            match bounded(limit, client.wait_until_running(&id, |_| true)).await {
                Ok(instance) => planned.refresh(instance),
                Err(error) => {
                    diags.root_error("Instance was created but is not ready", unfinished(&id, &error))
                }
            }
        }
        Some((planned, private))
    }

    async fn update<'a>(
        &self,
        diags: &mut Diagnostics,
        prior: State,
        mut planned: State,
        _: State,
        private: ValueEmpty,
        _: ValueEmpty,
    ) -> Saved {
        let Some(client) = self.client(diags) else { return Some((prior, private)) };
        if prior.billing() != planned.billing() {
            diags.root_error("Change of billing", "Not supported by this peer.");
            return Some((prior, private));
        }
        let limit = limit(&planned.timeouts, |it| &it.update, UPDATE_MINUTES);
        match bounded(limit, change(client, &prior, &planned)).await {
            Ok(instance) => {
                planned.refresh(instance);
                Some((planned, private))
            }
            Err(error) => {
                diags.root_error("Cannot change the instance", unfinished(text(&prior.id), &error));
                Some((prior, private))
            }
        }
    }

    async fn destroy<'a>(
        &self,
        diags: &mut Diagnostics,
        prior: State,
        _: ValueEmpty,
        _: ValueEmpty,
    ) -> Option<()> {
        self.refuse_protected(diags, &prior)?;
        let client = self.client(diags)?;
        let id = text(&prior.id);
        let removal = async {
            client.delete(id).await?;
            client.wait_until_gone(id).await
        };
        let removed = bounded(limit(&prior.timeouts, |it| &it.delete, DELETE_MINUTES), removal).await;
        removed.map_err(|it| diags.root_error("Cannot destroy the instance", unfinished(id, &it))).ok()
    }

    async fn import<'a>(&self, _: &mut Diagnostics, id: String) -> Saved {
        Some((State { id: Value::Value(id), ..State::default() }, ValueEmpty::default()))
    }
}

/// Makes each difference true by the call that is there for it.
async fn change(client: &Client, prior: &State, planned: &State) -> Result<Instance> {
    let id = text(&prior.id);
    let mut instance = client.instance(id).await?;
    if prior.open_ports() != planned.open_ports() || prior.rootfs_size != planned.rootfs_size {
        instance = edit(client, &instance, prior, planned).await?;
    }
    if prior.upgrade_body() != planned.upgrade_body() {
        client.upgrade(&planned.upgrade_body()).await?;
        let shows = |it: &Instance| {
            it.image_url == text(&planned.image_url)
                && it.command == text(&planned.command)
                && it.entrypoint == text(&planned.entrypoint)
        };
        instance = client.wait_until_running(id, shows).await?;
    }
    Ok(instance)
}

/// Sets ports and disk. What the disk has grown already is not added again.
async fn edit(client: &Client, now: &Instance, prior: &State, planned: &State) -> Result<Instance> {
    let size = planned.rootfs_size.unwrap_or_default();
    let had = prior.rootfs_size.unwrap_or_default().max(now.rootfs_size.unwrap_or_default());
    client.edit(&planned.edit_body((size - had).max(0))).await?;
    if now.status != RUNNING {
        return client.instance(&now.id).await;
    }
    let mut wanted = planned.tool_ports();
    wanted.extend(planned.open_ports().into_iter().map(|(port, _)| port));
    wanted.sort_unstable();
    let shows = |it: &Instance| {
        it.ports().iter().map(|it| it.port).eq(wanted.iter().copied())
            && it.rootfs_size.is_none_or(|it| it >= size)
    };
    client.wait_until_shown(&now.id, shows).await
}

async fn bounded<T>(limit: Duration, work: impl Future<Output = Result<T>>) -> Result<T> {
    timeout(limit, work).await.unwrap_or_else(|_| Err(Error::Other(format!("it took longer than {limit:?}"))))
}

fn unfinished(id: &str, error: &Error) -> String {
    format!("{error}\n\nThe instance {id} may still exist and cost money.")
}

fn implied_billing(month: &Value<i64>) -> Value<String> {
    match month {
        Value::Unknown => Value::Unknown,
        Value::Value(months) if *months > 0 => Value::Value("monthly".to_owned()),
        Value::Value(_) | Value::Null => Value::Value("onDemand".to_owned()),
    }
}

/// The attributes whose change makes another instance necessary.
fn replaced_by(prior: &State, planned: &State) -> Vec<AttributePath> {
    let replacing = [
        ("name", prior.name != planned.name),
        ("product_id", prior.product_id != planned.product_id),
        ("gpu_num", prior.gpu_num != planned.gpu_num),
        ("tools", prior.tools != planned.tools),
        ("image_auth", prior.image_auth != planned.image_auth && text(&planned.image_auth_id).is_empty()),
        ("cluster_id", prior.cluster_id != planned.cluster_id),
        ("network_id", text(&prior.network_id) != text(&planned.network_id)),
        ("min_cuda_version", prior.min_cuda_version != planned.min_cuda_version),
    ];
    replacing
        .into_iter()
        .filter(|(_, replaces)| *replaces)
        .map(|(name, _)| AttributePath::new(name))
        .collect()
}

/// Checks the limits that the descriptions tell.
fn validate(diags: &mut Diagnostics, config: &State) {
    let mut refuse = |name: &'static str, detail: String| {
        diags.error("Invalid attribute value", detail, AttributePath::new(name));
    };
    for (name, value, least, most) in [
        ("name", &config.name, 1, 255),
        ("product_id", &config.product_id, 1, 255),
        ("image_url", &config.image_url, 1, 500),
        ("image_auth", &config.image_auth, 1, 10239),
        ("image_auth_id", &config.image_auth_id, 0, 255),
        ("command", &config.command, 0, 2047),
        ("entrypoint", &config.entrypoint, 0, 2047),
        ("cluster_id", &config.cluster_id, 1, 255),
        ("network_id", &config.network_id, 0, 255),
        ("min_cuda_version", &config.min_cuda_version, 1, 255),
    ] {
        let length = text(value).chars().count();
        if value.is_value() && !(least..=most).contains(&length) {
            refuse(name, format!("It has {length} characters, and may have {least} to {most}."));
        }
    }
    for (name, value, least, most) in [
        ("gpu_num", &config.gpu_num, 1, 8),
        ("rootfs_size", &config.rootfs_size, 10, 6144),
        ("month", &config.month, 0, i64::MAX),
        ("auto_renew_month", &config.auto_renew_month, 1, 12),
    ] {
        if let Value::Value(number) = value
            && !(least..=most).contains(number)
        {
            refuse(name, format!("It is {number}, and may be {least} to {most}."));
        }
    }
    if !["", "onDemand", "monthly", "spot"].contains(&text(&config.billing_mode)) {
        refuse("billing_mode", "It may be `onDemand`, `monthly` or `spot`.".to_owned());
    }
    if config.product_id.is_null() == config.product_ids.is_null() {
        refuse("product_id", "Set exactly one of `product_id` and `product_ids`.".to_owned());
    }
    if config.cluster_id.is_value() && config.cluster_ids.is_value() {
        refuse("cluster_id", "Set only one of `cluster_id` and `cluster_ids`.".to_owned());
    }
    for (name, list) in [("product_ids", &config.product_ids), ("cluster_ids", &config.cluster_ids)] {
        if list.is_value() && !(1..=20).contains(&items(list).count()) {
            refuse(name, "It may have 1 to 20 elements.".to_owned());
        }
    }
    if let Value::Value(text) = &config.capacity_timeout
        && let Err(fault) = duration::parse(text)
    {
        refuse("capacity_timeout", fault);
    }
    for (name, is_set) in [
        ("image_auth_wo", !config.image_auth_wo.is_null()),
        ("image_auth_wo_version", !config.image_auth_wo_version.is_null()),
        ("desired_status", !["", RUNNING].contains(&text(&config.desired_status))),
        ("auto_migrate", config.auto_migrate == Value::Value(true)),
    ] {
        if is_set {
            refuse(name, "Not supported by this peer.".to_owned());
        }
    }
    validate_ports(&mut refuse, &config.ports);
}

fn validate_ports(refuse: &mut impl FnMut(&'static str, String), ports: &Value<BTreeSet<Value<String>>>) {
    let Value::Value(ports) = ports else { return };
    let mut seen = BTreeSet::new();
    for port in ports.iter().filter(|it| it.is_value()) {
        match parse_port(text(port)) {
            None => refuse("ports", format!("{:?} is not `PORT/tcp` or `PORT/http`.", text(port))),
            Some((number, _)) if !seen.insert(number) => {
                refuse("ports", format!("Port {number} is listed twice."));
            }
            Some(_) => {}
        }
    }
    if ports.len() > 15 {
        refuse("ports", format!("There may be 15, and there are {}.", ports.len()));
    }
}

/// A name that no other instance of this account has.
fn unique_name() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("tf-{:x}-{:x}", now.as_nanos(), std::process::id())
}
