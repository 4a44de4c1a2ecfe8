//! Accounts with many objects: what reading, planning and listing all of them takes, told over the protocol without a
//! CLI, whose own time would grow faster than anything of the provider's.
//!
//! Each task has a process of its own, so that its peak of memory is the task's.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream;
use mock_cloud::MockCloud;
use plugin_client::LARGEST_MESSAGE;
use plugin_client::certificate::Identity;
use plugin_client::proto::tfplugin6::diagnostic::Severity;
use plugin_client::proto::tfplugin6::provider_client::ProviderClient;
use plugin_client::proto::tfplugin6::{
    Diagnostic, DynamicValue, Schema, configure_provider, get_provider_schema, list_resource,
    plan_resource_change, read_data_source, read_resource,
};
use serde_json::{Map, Value as Json, json};
use tonic::transport::Channel;

use crate::arguments::Arguments;
use crate::cli::Cli;
use crate::failure::{Failure, Result, While as _, failed};
use crate::results::Account;
use crate::start::{Running, Startable};
use crate::stats::millis;
use crate::subjects::{self, OURS};
use crate::{estates, say};

const INSTANCE: &str = "novita_gpu_instance";
const INSTANCES: &str = "novita_gpu_instances";

/// What is done with all objects.
const TASKS: [&str; 4] = ["refresh", "plan", "query", "data source"];

/// How much a client asks for at a time.
const AT_ONCE: usize = 10;

/// An object as a client keeps it.
#[derive(Clone)]
struct Kept {
    state: Bytes,
    private: Bytes,
}

/// Measures every task on every account.
pub(crate) fn measure(arguments: &Arguments) -> Result<Vec<Account>> {
    let subjects = subjects::providers(arguments)?;
    let example = estates::leave_example(arguments, &Cli::chosen(arguments)?, &subjects)?;
    let Some(ours) = subjects.into_iter().find(|it| it.name == OURS) else { return Ok(Vec::new()) };
    let it = Startable { name: ours.name, program: ours.program, arguments: &[], is_provider: true };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().doing("starting tokio")?;
    let mut accounts = Vec::new();
    for &objects in &arguments.objects {
        say(&format!("an account of {objects} instances"));
        accounts.extend(runtime.block_on(account(&it, objects, &example))?);
    }
    Ok(accounts)
}

async fn account(it: &Startable, objects: usize, example: &Path) -> Result<Vec<Account>> {
    let cloud = estates::cloud(estates::FAST)?;
    let made = made(&cloud, objects, example)?;
    // The first time each is read by itself, and noted is what tells whether a list is as good.
    let (kept, _) = tasked(it, &cloud, "refresh", &made).await?;
    let mut accounts = Vec::new();
    for task in TASKS {
        accounts.push(tasked(it, &cloud, task, &kept).await?.1);
    }
    Ok(accounts)
}

/// So many instances in the cloud, and as a client that has not read them yet.
fn made(cloud: &MockCloud, objects: usize, example: &Path) -> Result<Vec<Kept>> {
    let text = std::fs::read_to_string(example).doing("reading the example of a state")?;
    let state: Json = serde_json::from_str(&text).doing("reading the example of a state")?;
    let instance = &state["resources"][0]["instances"][0];
    let private = STANDARD.decode(instance["private"].as_str().unwrap_or_default());
    let private = Bytes::from(private.doing("reading the example of a state")?);
    let one = |number: usize| {
        let mut attributes = instance["attributes"].clone();
        let name = format!("bench-{number}");
        attributes["id"] =
            Json::from(cloud.seed_instance(json!({ "kind": "gpu", "name": name })).map_err(Failure::Said)?);
        attributes["name"] = Json::from(name);
        Ok(Kept { state: encoded(&attributes)?, private: private.clone() })
    };
    (0..objects).map(one).collect()
}

/// Does one task in a process of its own.
async fn tasked(
    it: &Startable,
    cloud: &MockCloud,
    task: &str,
    kept: &[Kept],
) -> Result<(Vec<Kept>, Account)> {
    let environment =
        [("NOVITA_BASE_URL", cloud.novita_url()), ("NOVITA_API_KEY", cloud.api_key().to_owned())];
    let running = Running::start(it, &Identity::number(1), &environment).await?;
    let mut client = ProviderClient::new(running.channel()).max_decoding_message_size(LARGEST_MESSAGE);
    let schemas =
        client.get_provider_schema(get_provider_schema::Request {}).await.doing("asking for the schema")?;
    let schemas = schemas.into_inner();
    let mut settings = nothing(schemas.provider.as_ref());
    settings.insert("max_requests_per_minute".to_owned(), Json::from(0));
    let configured = client.configure_provider(configure_provider::Request {
        config: Some(value(&Json::Object(settings))?),
        ..Default::default()
    });
    well(&configured.await.doing("configuring")?.into_inner().diagnostics)?;
    cloud.clear_log();
    let begun = Instant::now();
    let read = match task {
        "refresh" => all(kept, |it| refreshed(client.clone(), it)).await?,
        "plan" => {
            let schema = schemas.resource_schemas.get(INSTANCE);
            let config = config_of(schema, &kept[0].state)?;
            all(kept, |it| planned(client.clone(), it, config.clone())).await?
        }
        "query" => queried(client, &schemas.list_resource_schemas, kept.len()).await?,
        _ => looked_up(client, &schemas.data_source_schemas).await?,
    };
    let wall_ms = millis(begun.elapsed());
    let peak_kib = running.peak_kib().unwrap_or_default();
    let requests = cloud.requests().len();
    running.stop().await?;
    Ok((read, Account { what: task.to_owned(), objects: kept.len(), wall_ms, peak_kib, requests }))
}

/// What comes of all objects, so many at once.
async fn all<F>(kept: &[Kept], each: impl Fn(Kept) -> F) -> Result<Vec<Kept>>
where
    F: Future<Output = Result<Kept>>,
{
    let done = stream::iter(kept.iter().cloned()).map(each).buffered(AT_ONCE);
    done.collect::<Vec<_>>().await.into_iter().collect()
}

async fn refreshed(mut client: ProviderClient<Channel>, it: Kept) -> Result<Kept> {
    let asked = client.read_resource(read_resource::Request {
        type_name: INSTANCE.to_owned(),
        current_state: Some(of_bytes(it.state)),
        private: it.private,
        ..Default::default()
    });
    let answer = asked.await.doing("reading an object")?.into_inner();
    well(&answer.diagnostics)?;
    let state = answer.new_state.map(|it| it.msgpack).unwrap_or_default();
    Ok(Kept { state, private: answer.private })
}

async fn planned(mut client: ProviderClient<Channel>, it: Kept, config: DynamicValue) -> Result<Kept> {
    let asked = client.plan_resource_change(plan_resource_change::Request {
        type_name: INSTANCE.to_owned(),
        prior_state: Some(of_bytes(it.state.clone())),
        proposed_new_state: Some(of_bytes(it.state.clone())),
        config: Some(config),
        prior_private: it.private.clone(),
        ..Default::default()
    });
    well(&asked.await.doing("planning an object")?.into_inner().diagnostics)?;
    Ok(it)
}

async fn queried(
    mut client: ProviderClient<Channel>,
    schemas: &BTreeMap<String, Schema>,
    objects: usize,
) -> Result<Vec<Kept>> {
    let asked = client.list_resource(list_resource::Request {
        type_name: INSTANCE.to_owned(),
        config: Some(value(&Json::Object(nothing(schemas.get(INSTANCE))))?),
        include_resource_object: false,
        limit: i64::try_from(objects).unwrap_or(i64::MAX),
    });
    let mut events = asked.await.doing("listing")?.into_inner();
    let mut listed = 0;
    while let Some(event) = events.message().await.doing("listing")? {
        well(&event.diagnostic)?;
        listed += 1;
    }
    if listed == objects {
        Ok(Vec::new())
    } else {
        failed(format!("{listed} of {objects} objects were listed"))
    }
}

async fn looked_up(
    mut client: ProviderClient<Channel>,
    schemas: &BTreeMap<String, Schema>,
) -> Result<Vec<Kept>> {
    let asked = client.read_data_source(read_data_source::Request {
        type_name: INSTANCES.to_owned(),
        config: Some(value(&Json::Object(nothing(schemas.get(INSTANCES))))?),
        ..Default::default()
    });
    well(&asked.await.doing("reading the data source")?.into_inner().diagnostics)?;
    Ok(Vec::new())
}

/// A configuration in which nothing is set.
fn nothing(schema: Option<&Schema>) -> Map<String, Json> {
    let block = schema.and_then(|it| it.block.as_ref());
    let attributes = block.into_iter().flat_map(|it| it.attributes.iter().map(|it| it.name.clone()));
    let blocks = block.into_iter().flat_map(|it| it.block_types.iter().map(|it| it.type_name.clone()));
    attributes.chain(blocks).map(|name| (name, Json::Null)).collect()
}

/// A configuration that an object could have come of: all of it that can be configured.
fn config_of(schema: Option<&Schema>, state: &Bytes) -> Result<DynamicValue> {
    let mut config: Map<String, Json> = rmp_serde::from_slice(state).doing("reading a state")?;
    let block = schema.and_then(|it| it.block.as_ref());
    for it in block.into_iter().flat_map(|it| &it.attributes).filter(|it| !it.optional && !it.required) {
        config.insert(it.name.clone(), Json::Null);
    }
    value(&Json::Object(config))
}

fn value(json: &Json) -> Result<DynamicValue> {
    encoded(json).map(of_bytes)
}

fn of_bytes(msgpack: Bytes) -> DynamicValue {
    DynamicValue { msgpack, json: Bytes::new() }
}

fn encoded(json: &Json) -> Result<Bytes> {
    rmp_serde::to_vec_named(json).map(Bytes::from).doing("encoding a value")
}

/// Fails with the first error that a provider tells.
fn well(diagnostics: &[Diagnostic]) -> Result<()> {
    match diagnostics.iter().find(|it| it.severity() == Severity::Error) {
        Some(it) => failed(format!("{}: {}", it.summary, it.detail)),
        None => Ok(()),
    }
}
