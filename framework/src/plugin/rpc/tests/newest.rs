//! Identity, lists, actions, ephemeral resources and planned private data, as a client sees them. The names N1 … N26 are
//! those of the rules that the calls of protocol 6.9 to 6.11 have to keep.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::StreamExt;
use serde_json::{Value as Json, json};
use tonic::Request;

use super::Settings;
use crate::action::{Action, DynAction, Progress, action};
use crate::attr::Attr;
use crate::client::{propose, value};
use crate::demo::{Cloud, Disk, config, state};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::ephemeral::{DynEphemeralResource, EphemeralResource, Lease, Opened, ephemeral_resource};
use crate::erased::{DynResource, resource};
use crate::list_resource::{DynListResource, ListResource, Listing, list_resource};
use crate::model::Model;
use crate::plugin::convert;
use crate::plugin::operations::Operations;
use crate::plugin::proto::tfplugin6 as proto;
use crate::plugin::proto::tfplugin6::provider_server::Provider as _;
use crate::plugin::rpc::Service;
use crate::provider::{Provider, Server};
use crate::resource::{Context, Result};
use crate::schema::Schema;
use crate::schema::lint::RESERVED_IN_RESOURCES;
use crate::types::Type;
use crate::value::Value;

/// Lists disks.
#[derive(Model)]
#[tf(settings)]
struct Disks {
    /// How the list goes on after two pages: `twice` tells a disk again, `fails`, `waits`, `panics`.
    #[tf(optional)]
    then: Attr<String>,
}

impl ListResource for Disks {
    type Resource = Disk;

    async fn list(cx: &Context<Cloud>, config: Self, listing: &Listing) -> Result<()> {
        for page in 0..3 {
            cx.data.calls.lock().unwrap().push(format!("page {page}"));
            for disk in 0..2 {
                if listing.found(&format!("disk-{page}{disk}"), ["", "a\u{1b}\nb"][disk]).await.is_break() {
                    return Ok(());
                }
            }
        }
        match config.then.text_or_empty() {
            "twice" => listing.found("disk-00", "again").await.is_continue(),
            "fails" => return Err(Diagnostic::error("No more pages", "").into()),
            "waits" => std::future::pending().await,
            "panics" => panic!("a list panics"),
            _ => true,
        };
        Ok(())
    }
}

/// Shakes a disk.
#[derive(Model)]
#[tf(settings)]
struct Shake {
    /// Disk.
    #[tf(required)]
    disk_id: Attr<String>,
    /// Password.
    #[tf(optional, sensitive)]
    password: Attr<String>,
    /// How it ends: `fails`, `waits`, `stops`, `panics`.
    #[tf(optional)]
    then: Attr<String>,
}

impl Action for Shake {
    type Data = Cloud;

    const TYPE: &'static str = "demo_shake";

    fn limit(&self) -> Duration {
        Duration::from_secs(60)
    }

    async fn plan(cx: &Context<Cloud>, config: Self) -> Diagnostics {
        if config.disk_id.is_unknown() {
            return Diagnostics::default();
        }
        cx.data.calls.lock().unwrap().push("check".to_owned());
        Diagnostic::warning("It shakes", "").into()
    }

    async fn invoke(cx: &Context<Cloud>, config: Self, progress: &Progress) -> Result<()> {
        progress.tell(format!("shaking\n\u{1b}[31m {}", config.password.text_or_empty()));
        cx.data.calls.lock().unwrap().push(format!("shake {}", config.disk_id.text_or_empty()));
        match config.then.text_or_empty() {
            "fails" => Err(Diagnostic::error("It broke", config.password.text_or_empty()).into()),
            "waits" => std::future::pending().await,
            "stops" => {
                cx.stop.cancelled().await;
                Err(Diagnostic::error("Stopped", "It has not begun to shake.").into())
            }
            "panics" => panic!("an action panics"),
            _ => Ok(()),
        }
    }
}

/// Keys that were given back.
static RETURNED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A key for a disk.
#[derive(Model)]
#[tf(settings)]
struct Key {
    /// Disk; `gone` has none.
    #[tf(required)]
    disk_id: Attr<String>,
    /// The key.
    #[tf(computed, sensitive)]
    key: Attr<String>,
    /// Whether it is new; never told.
    #[tf(computed)]
    is_new: Attr<bool>,
}

impl EphemeralResource for Key {
    type Data = Cloud;

    const TYPE: &'static str = "demo_key";

    async fn open(_: &Context<Cloud>, config: Self) -> Result<Opened<Self>> {
        if config.disk_id.text() == Some("gone") {
            return Err(Diagnostic::error("No such disk", "").into());
        }
        let id = config.disk_id.text_or_empty().to_owned();
        let value = Self {
            key: Attr::from(format!("key-of-{id}")),
            is_new: Attr::Unknown,
            disk_id: Attr::from("other".to_owned()),
        };
        Ok(Opened { value, lease: Some(Lease { id: id.into(), renew_at: Some(SystemTime::UNIX_EPOCH) }) })
    }

    async fn renew(_: &Context<Cloud>, lease: Json) -> Result<Option<SystemTime>> {
        match lease.as_str() {
            Some("disk-8") => Err(Diagnostic::error("Too late", "").into()),
            _ => Ok(Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1))),
        }
    }

    async fn close(_: &Context<Cloud>, lease: Json) -> Result<()> {
        RETURNED.lock().unwrap().push(lease.as_str().unwrap_or_default().to_owned());
        Ok(())
    }
}

static CLOUDS: AtomicUsize = AtomicUsize::new(0);

/// The provider of them all.
struct Newest;

impl Provider for Newest {
    type Config = Settings;
    type Data = Cloud;

    const ADDRESSES: &'static [&'static str] = &["demo/demo", "demo/other"];

    fn resources() -> Vec<Box<dyn DynResource<Cloud>>> {
        vec![resource::<Disk>()]
    }

    fn list_resources() -> Vec<Box<dyn DynListResource<Cloud>>> {
        vec![list_resource::<Disks>()]
    }

    fn actions() -> Vec<Box<dyn DynAction<Cloud>>> {
        vec![action::<Shake>()]
    }

    fn ephemeral_resources() -> Vec<Box<dyn DynEphemeralResource<Cloud>>> {
        vec![ephemeral_resource::<Key>()]
    }

    fn configure(settings: Settings, _: &str) -> Result<Cloud> {
        CLOUDS.fetch_add(1, Ordering::Relaxed);
        let fails = match settings.zone.text() {
            Some("wait fails") => "wait",
            Some("panics") => "panic",
            _ => "",
        };
        Ok(Cloud { fails, ..Cloud::default() })
    }
}

#[tokio::test]
async fn the_metadata_name_what_the_schemas_describe() {
    let Demo { service, .. } = demo("").await;
    let metadata = service.get_metadata(Request::new(Default::default())).await.unwrap().into_inner();
    let schemas = service.get_provider_schema(Request::new(Default::default())).await.unwrap().into_inner();
    let names = |it: Vec<String>| it.into_iter().collect::<std::collections::BTreeSet<_>>();
    let named = [
        names(metadata.list_resources.into_iter().map(|it| it.type_name).collect()),
        names(metadata.actions.into_iter().map(|it| it.type_name).collect()),
        names(metadata.ephemeral_resources.into_iter().map(|it| it.type_name).collect()),
    ];
    let described = [
        names(schemas.list_resource_schemas.into_keys().collect()),
        names(schemas.action_schemas.into_keys().collect()),
        names(schemas.ephemeral_resource_schemas.into_keys().collect()),
    ];
    assert!(named == described && named.iter().all(|it| it.len() == 1), "{named:?} of {described:?}");
}

/// A configured service, and the cloud behind it.
struct Demo {
    service: Service<Newest>,
    operations: Operations,
    cloud: Arc<Cloud>,
}

async fn demo(zone: &str) -> Demo {
    let operations = Operations::default();
    let service = Service::<Newest>::new(Server::default(), operations.clone());
    let (schema, ty) = service.server.schema();
    let config = convert::dynamic(&value(schema, &json!({ "zone": zone })), ty);
    let request = proto::configure_provider::Request { config, ..Default::default() };
    assert!(
        service.configure_provider(Request::new(request)).await.unwrap().into_inner().diagnostics.is_empty()
    );
    let cloud = service.server.context(Default::default()).unwrap().data;
    Demo { service, operations, cloud }
}

fn disk() -> Box<dyn DynResource<Cloud>> {
    resource::<Disk>()
}

fn dynamic(json: &Json) -> Option<proto::DynamicValue> {
    let disk = disk();
    convert::dynamic(&value(disk.schema(), json), disk.ty())
}

fn undone(message: Option<&proto::DynamicValue>) -> Value {
    convert::value(message, disk().ty()).unwrap()
}

fn id_type() -> Type {
    Type::Object([("id".to_owned(), Type::String)].into())
}

/// An identity of this id; null as `null`.
fn identity(id: &Json) -> Option<proto::ResourceIdentityData> {
    let id = id.as_str().map_or(Value::Null, Value::from);
    let object = Value::Map([("id".to_owned(), id)].into());
    Some(proto::ResourceIdentityData { identity_data: convert::dynamic(&object, &id_type()) })
}

/// The id in an identity, which must be whole.
fn id_of(identity: Option<&proto::ResourceIdentityData>) -> Option<String> {
    let identity = convert::value(identity?.identity_data.as_ref(), &id_type()).unwrap();
    assert!(identity.is_wholly_known() && identity.as_map().unwrap().len() == 1);
    Some(identity.get("id").as_str().expect("an id").to_owned())
}

fn told(diagnostics: &[proto::Diagnostic]) -> String {
    diagnostics.iter().map(|it| format!("{}: {}\n", it.summary, it.detail)).collect()
}

impl Demo {
    async fn plan(
        &self,
        request: proto::plan_resource_change::Request,
    ) -> proto::plan_resource_change::Response {
        let request = proto::plan_resource_change::Request { type_name: "demo_disk".to_owned(), ..request };
        let answer = self.service.plan_resource_change(Request::new(request)).await.unwrap().into_inner();
        assert!(answer.deferred.is_none(), "n24");
        answer
    }

    /// Plans and applies a configuration over a state, and answers as a client is answered.
    async fn applied(&self, prior: &Json, wanted: &Json) -> proto::apply_resource_change::Response {
        let request = change(prior, wanted);
        let planned = self.plan(request.clone()).await;
        let apply = proto::apply_resource_change::Request {
            type_name: "demo_disk".to_owned(),
            prior_state: request.prior_state,
            config: request.config,
            planned_state: planned.planned_state,
            planned_private: planned.planned_private,
            planned_identity: planned.planned_identity,
            ..Default::default()
        };
        self.service.apply_resource_change(Request::new(apply)).await.unwrap().into_inner()
    }

    async fn read(
        &self,
        state: &Json,
        identity: Option<proto::ResourceIdentityData>,
    ) -> proto::read_resource::Response {
        let request = proto::read_resource::Request {
            type_name: "demo_disk".to_owned(),
            current_state: dynamic(state),
            current_identity: identity,
            client_capabilities: Some(capabilities()),
            ..Default::default()
        };
        let answer = self.service.read_resource(Request::new(request)).await.unwrap().into_inner();
        assert!(answer.deferred.is_none(), "n24");
        answer
    }

    async fn import(
        &self,
        id: &str,
        identity: Option<proto::ResourceIdentityData>,
    ) -> (Option<Value>, Option<String>, String) {
        let request = proto::import_resource_state::Request {
            type_name: "demo_disk".to_owned(),
            id: id.to_owned(),
            identity,
            client_capabilities: Some(capabilities()),
        };
        let answer = self.service.import_resource_state(Request::new(request)).await.unwrap().into_inner();
        assert!(answer.deferred.is_none(), "n24");
        let imported = answer.imported_resources.first();
        let state = imported.map(|it| undone(it.state.as_ref()));
        (state, imported.and_then(|it| id_of(it.identity.as_ref())), told(&answer.diagnostics))
    }

    async fn list(&self, then: &str, limit: i64, objects: bool) -> Vec<proto::list_resource::Event> {
        let list = list_resource::<Disks>();
        let request = proto::list_resource::Request {
            type_name: "demo_disk".to_owned(),
            config: convert::dynamic(&value(list.schema(), &json!({ "then": then })), list.ty()),
            include_resource_object: objects,
            limit,
        };
        let stream = self.service.list_resource(Request::new(request)).await.unwrap().into_inner();
        stream.map(std::result::Result::unwrap).collect().await
    }

    fn calls(&self) -> Vec<String> {
        self.cloud.calls.lock().unwrap().clone()
    }

    /// The progress lines of an action, and what its end tells.
    async fn invoke(&self, config: Option<&Json>) -> (Vec<String>, String) {
        use proto::invoke_action::event::Type;
        let shake = action::<Shake>();
        let request = proto::invoke_action::Request {
            action_type: "demo_shake".to_owned(),
            config: config.and_then(|it| convert::dynamic(&value(shake.schema(), it), shake.ty())),
            client_capabilities: Some(capabilities()),
        };
        let stream = self.service.invoke_action(Request::new(request)).await.unwrap().into_inner();
        let mut events: Vec<_> = stream.map(|it| it.unwrap().r#type.expect("one of the two")).collect().await;
        let Some(Type::Completed(end)) = events.pop() else { panic!("the last event tells the end") };
        let line = |it: &Type| match it {
            Type::Progress(it) => it.message.clone(),
            Type::Completed(_) => panic!("it ends once"),
        };
        (events.iter().map(line).collect(), told(&end.diagnostics))
    }
}

/// What a client says that can do everything.
fn capabilities() -> proto::ClientCapabilities {
    proto::ClientCapabilities {
        deferral_allowed: true,
        write_only_attributes_allowed: true,
        store_planned_private: true,
        computed_blocks_allowed: true,
    }
}

fn change(prior: &Json, wanted: &Json) -> proto::plan_resource_change::Request {
    let disk = disk();
    let (prior, wanted) = (value(disk.schema(), prior), value(disk.schema(), wanted));
    let proposed = propose(disk.schema(), &wanted, &prior);
    let prior_identity =
        disk.schema().identity_of(&prior).and_then(|it| convert::identity_data(&it, disk.schema()));
    proto::plan_resource_change::Request {
        type_name: "demo_disk".to_owned(),
        prior_state: convert::dynamic(&prior, disk.ty()),
        proposed_new_state: convert::dynamic(&proposed, disk.ty()),
        config: convert::dynamic(&wanted, disk.ty()),
        prior_identity,
        client_capabilities: Some(capabilities()),
        ..Default::default()
    }
}

#[tokio::test]
async fn n1_n2_n3_schemas_of_every_kind_are_such_as_clients_load() {
    let demo = demo("").await;
    let request = Request::new(proto::get_resource_identity_schemas::Request {});
    let identities =
        demo.service.get_resource_identity_schemas(request).await.unwrap().into_inner().identity_schemas;
    let request = Request::new(proto::get_provider_schema::Request {});
    let schemas = demo.service.get_provider_schema(request).await.unwrap().into_inner();
    for (name, identity) in &identities {
        assert!(schemas.resource_schemas.contains_key(name) && identity.version == 0);
        for it in &identity.identity_attributes {
            assert_eq!((it.name.as_str(), it.r#type.as_ref()), ("id", &b"\"string\""[..]));
            assert!(it.required_for_import != it.optional_for_import && !it.description.is_empty());
        }
    }
    let listed = schemas.list_resource_schemas.keys();
    assert!(listed.clone().count() == 1 && listed.clone().all(|it| identities.contains_key(it)));
    assert!(schemas.functions.is_empty());
    let shake = schemas.action_schemas["demo_shake"].schema.as_ref().unwrap().block.as_ref().unwrap();
    assert!(shake.attributes.iter().all(|it| !it.computed && !it.r#type.is_empty()));
    let server = &demo.service.server;
    let all = server.list_resources.iter().map(|it| it.schema());
    let all = all.chain(server.actions.iter().map(|it| it.schema()));
    for schema in all.chain(server.ephemeral_resources.iter().map(|it| it.schema())) {
        assert!(schema.lint(RESERVED_IN_RESOURCES).is_empty(), "{:?}", schema.lint(RESERVED_IN_RESOURCES));
    }
    assert!(schemas.server_capabilities.unwrap().generate_resource_config);
}

#[tokio::test]
async fn n4_the_identity_is_the_same_after_every_way_to_an_object() {
    let demo = demo("").await;
    let created = demo.applied(&Json::Null, &config(json!({}))).await;
    assert_eq!(id_of(created.new_identity.as_ref()).as_deref(), Some("disk-1"));
    let changed = demo.applied(&state(json!({})), &config(json!({"name": "new"}))).await;
    assert_eq!(id_of(changed.new_identity.as_ref()).as_deref(), Some("disk-1"));
    let (by_id, of_id, _) = demo.import("disk-1", None).await;
    let (by_identity, of_identity, _) = demo.import("", identity(&json!("disk-1"))).await;
    assert!(by_id == by_identity && by_id.is_some());
    assert_eq!((of_id.as_deref(), of_identity.as_deref()), (Some("disk-1"), Some("disk-1")));
    let read = demo.read(&state(json!({})), identity(&json!("disk-1"))).await;
    assert_eq!(id_of(read.new_identity.as_ref()).as_deref(), Some("disk-1"));
}

#[tokio::test]
async fn n5_an_apply_that_fails_after_the_post_answers_with_state_private_and_identity() {
    for zone in ["wait fails", "panics"] {
        let demo = demo(zone).await;
        let created = demo.applied(&Json::Null, &config(json!({}))).await;
        assert!(!created.diagnostics.is_empty());
        assert_eq!(undone(created.new_state.as_ref()).get("id").as_str(), Some("disk-1"));
        assert_eq!(id_of(created.new_identity.as_ref()).as_deref(), Some("disk-1"), "{zone}");
    }
}

#[tokio::test]
async fn n6_what_will_be_made_has_no_identity_in_its_plan_and_what_stays_keeps_its_own() {
    let demo = demo("").await;
    let planned_identity = async |prior: &Json, wanted: &Json| {
        id_of(demo.plan(change(prior, wanted)).await.planned_identity.as_ref())
    };
    assert_eq!(planned_identity(&Json::Null, &config(json!({}))).await, None);
    let prior = state(json!({}));
    assert_eq!(planned_identity(&prior, &config(json!({"name": "n"}))).await.as_deref(), Some("disk-1"));
    assert_eq!(planned_identity(&prior, &config(json!({"zone": "b"}))).await, None);
    assert_eq!(planned_identity(&prior, &Json::Null).await, None);
    let without = proto::plan_resource_change::Request {
        prior_identity: None,
        ..change(&prior, &config(json!({"name": "n"})))
    };
    assert!(demo.plan(without).await.planned_identity.is_none());
}

#[tokio::test]
async fn n7_a_read_fills_in_an_identity_and_refuses_another_objects() {
    let demo = demo("").await;
    let read = demo.read(&state(json!({})), None).await;
    assert_eq!(id_of(read.new_identity.as_ref()).as_deref(), Some("disk-1"));
    let calls = demo.calls().len();
    let read = demo.read(&state(json!({})), identity(&json!("disk-2"))).await;
    assert!(told(&read.diagnostics).contains("\"disk-2\"") && demo.calls().len() == calls);
    assert_eq!(undone(read.new_state.as_ref()).get("id").as_str(), Some("disk-1"));
    assert_eq!(id_of(read.new_identity.as_ref()).as_deref(), Some("disk-2"), "nothing was changed");
}

#[tokio::test]
async fn n8_an_identity_of_an_older_client_or_provider_is_upgraded_or_absent() {
    let demo = demo("").await;
    for (bytes, upgraded) in
        [("", None), ("null", None), ("{\"id\"", None), (r#"{"id":"disk-1"}"#, Some("disk-1"))]
    {
        let raw = proto::RawState { json: Bytes::from(bytes), ..Default::default() };
        let request = proto::upgrade_resource_identity::Request {
            type_name: "demo_disk".to_owned(),
            version: 3,
            raw_identity: Some(raw),
        };
        let answer =
            demo.service.upgrade_resource_identity(Request::new(request)).await.unwrap().into_inner();
        assert!(answer.diagnostics.is_empty());
        assert_eq!(id_of(answer.upgraded_identity.as_ref()).as_deref(), upgraded, "{bytes}");
    }
}

#[tokio::test]
async fn n9_an_import_names_one_object_in_one_way_or_is_refused_without_a_call() {
    let demo = demo("").await;
    for (id, identity, words) in [
        ("", None, "`disk-…`"),
        ("disk-1", identity(&json!("disk-1")), "one of the two"),
        ("", identity(&json!(null)), "identity = { id = … }"),
        ("", identity(&json!("")), "`id` is missing or empty"),
        ("", Some(Default::default()), "identity = { id = … }"),
        ("", identity(&json!("tape-1")), "`disk-…`"),
    ] {
        let (imported, _, told) = demo.import(id, identity).await;
        assert!(imported.is_none() && told.contains(words), "{words}: {told}");
    }
    assert!(demo.calls().is_empty());
}

#[tokio::test]
async fn n11_a_state_moves_before_anything_is_configured_with_an_identity_or_without() {
    let service = Service::<Newest>::new(Server::default(), Operations::default());
    for source_identity in
        [None, Some(proto::RawState { json: Bytes::from("{\n  \"id\": 7"), ..Default::default() })]
    {
        let raw = proto::RawState { json: Bytes::from(state(json!({})).to_string()), ..Default::default() };
        let request = proto::move_resource_state::Request {
            source_provider_address: "registry.example.net/demo/other".to_owned(),
            source_type_name: "demo_disk".to_owned(),
            source_schema_version: 1,
            source_state: Some(raw),
            target_type_name: "demo_disk".to_owned(),
            source_identity,
            ..Default::default()
        };
        let answer = service.move_resource_state(Request::new(request)).await.unwrap().into_inner();
        assert_eq!(id_of(answer.target_identity.as_ref()).as_deref(), Some("disk-1"));
    }
}

#[tokio::test]
async fn n12_the_generated_configuration_is_an_object_whatever_the_state_is() {
    let demo = demo("").await;
    for state in [None, Some(Json::Null), Some(state(json!({})))] {
        let request = proto::generate_resource_config::Request {
            type_name: "demo_disk".to_owned(),
            state: state.as_ref().and_then(dynamic),
        };
        let answer = demo.service.generate_resource_config(Request::new(request)).await.unwrap().into_inner();
        let config = undone(answer.config.as_ref());
        assert!(config.as_map().is_some() && config.is_wholly_known() && answer.diagnostics.is_empty());
        assert!(config.get("id").is_null() && config.get("status").is_null());
        assert_eq!(config.get("zone").as_str(), state.filter(|it| !it.is_null()).map(|_| "a"));
    }
}

#[tokio::test]
async fn n13_no_page_is_asked_for_beyond_the_limit_nor_for_a_client_that_is_gone() {
    let demo = demo("").await;
    assert_eq!(demo.list("", 2, false).await.len(), 2);
    assert_eq!(demo.calls(), ["page 0"]);
    assert_eq!(demo.list("", 0, false).await.len(), 0);
    demo.cloud.calls.lock().unwrap().clear();
    let list = list_resource::<Disks>();
    let request = proto::list_resource::Request {
        type_name: "demo_disk".to_owned(),
        config: convert::dynamic(&value(list.schema(), &json!({"then": "waits"})), list.ty()),
        include_resource_object: true,
        limit: 1000,
    };
    let mut stream = demo.service.list_resource(Request::new(request)).await.unwrap().into_inner();
    assert!(stream.next().await.is_some());
    drop(stream);
    demo.operations.stop();
    demo.operations.ended().await;
}

#[tokio::test]
async fn n13_a_list_that_is_stopped_fails_or_panics_says_so_in_its_last_event() {
    let demo = demo("").await;
    for (then, words) in [("fails", "No more pages"), ("panics", "a list panics")] {
        let mut events = demo.list(then, 100, false).await;
        assert!(told(&events.pop().unwrap().diagnostic).contains(words));
        assert!(events.iter().all(|it| it.diagnostic.is_empty()));
    }
    let operations = demo.operations.clone();
    let (events, ()) = tokio::join!(demo.list("waits", 100, false), async {
        tokio::task::yield_now().await;
        operations.stop();
    });
    assert!(told(&events.last().unwrap().diagnostic).contains("List is not whole"));
}

#[tokio::test]
async fn n14_each_object_comes_once_with_a_name_and_on_request_as_a_read_shows_it() {
    let demo = demo("").await;
    let events = demo.list("twice", 100, false).await;
    let ids: Vec<_> = events.iter().map(|it| id_of(it.identity.as_ref()).unwrap()).collect();
    assert_eq!(ids, ["disk-00", "disk-01", "disk-10", "disk-11", "disk-20", "disk-21"]);
    assert!(events.iter().all(|it| it.resource_object.is_none()));
    assert_eq!((events[0].display_name.as_str(), events[1].display_name.as_str()), ("disk-00", "a  b"));
    for event in demo.list("", 100, true).await {
        let id = id_of(event.identity.as_ref()).unwrap();
        let (imported, ..) = demo.import(&id, None).await;
        let disk = disk();
        let context = demo.service.server.context(Default::default()).unwrap();
        let read = disk.read(context, imported.unwrap(), disk.import(&id).unwrap().1).await;
        assert!(undone(event.resource_object.as_ref()) == read.state, "{id}");
    }
}

#[tokio::test]
async fn n16_a_configuration_of_null_is_refused_by_what_it_lacks() {
    let demo = demo("").await;
    for config in [None, Some(convert::dynamic(&Value::Null, action::<Shake>().ty()).unwrap())] {
        let request = proto::plan_action::Request {
            action_type: "demo_shake".to_owned(),
            config,
            client_capabilities: Some(capabilities()),
        };
        let answer = demo.service.plan_action(Request::new(request)).await.unwrap().into_inner();
        assert!(told(&answer.diagnostics).contains("`disk_id` must be set") && answer.deferred.is_none());
    }
    let (lines, told) = demo.invoke(None).await;
    assert!(lines.is_empty() && told.contains("`disk_id` must be set") && demo.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn n17_n18_an_action_ends_once_and_last_and_shows_neither_secrets_nor_control_characters() {
    let demo = demo("").await;
    for (then, words) in
        [("", ""), ("fails", "It broke: (sensitive)"), ("panics", "an action panics"), ("waits", "longer")]
    {
        let config = json!({"disk_id": "disk-1", "password": "hunter2", "then": then});
        let (lines, told) = demo.invoke(Some(&config)).await;
        assert_eq!(lines, ["shaking  [31m (sensitive)"]);
        assert!(
            told.contains(words) && told.is_empty() == words.is_empty() && !told.contains("hunter2"),
            "{told}"
        );
    }
    for (then, words) in [("stops", "It has not begun"), ("waits", "nobody knows")] {
        let operations = demo.operations.clone();
        let config = json!({"disk_id": "disk-1", "then": then});
        let begin = tokio::time::Instant::now();
        let ((_, told), ()) = tokio::join!(demo.invoke(Some(&config)), async move {
            tokio::time::sleep(Duration::from_secs(5)).await;
            operations.stop();
        });
        assert!(told.contains(words), "{told}");
        assert!(begin.elapsed() < Duration::from_secs(6));
    }
}

#[tokio::test]
async fn n19_an_action_on_what_is_not_known_yet_is_planned_without_a_call() {
    let demo = demo("").await;
    let shake = action::<Shake>();
    for (id, calls) in [("?", 0), ("disk-1", 1)] {
        let config = json!({"disk_id": id, "password": id, "then": id});
        let request = proto::plan_action::Request {
            action_type: "demo_shake".to_owned(),
            config: convert::dynamic(&value(shake.schema(), &config), shake.ty()),
            client_capabilities: Some(capabilities()),
        };
        let answer = demo.service.plan_action(Request::new(request)).await.unwrap().into_inner();
        assert_eq!((answer.diagnostics.len(), demo.calls().len()), (calls, calls));
    }
}

async fn opened(demo: &Demo, id: &str) -> proto::open_ephemeral_resource::Response {
    let key = ephemeral_resource::<Key>();
    let request = proto::open_ephemeral_resource::Request {
        type_name: "demo_key".to_owned(),
        config: convert::dynamic(&value(key.schema(), &json!({ "disk_id": id })), key.ty()),
        ..Default::default()
    };
    demo.service.open_ephemeral_resource(Request::new(request)).await.unwrap().into_inner()
}

fn returned(id: &str) -> usize {
    RETURNED.lock().unwrap().iter().filter(|it| *it == id).count()
}

#[tokio::test]
async fn n20_a_lease_has_one_name_for_life_and_is_given_back_by_whoever_ends_it() {
    let demo = demo("").await;
    for (id, renews) in [("disk-7", true), ("disk-8", false)] {
        let open = opened(&demo, id).await;
        assert!(open.renew_at.is_some() && open.deferred.is_none());
        let request = proto::renew_ephemeral_resource::Request {
            type_name: "demo_key".to_owned(),
            private: open.private.clone(),
        };
        let renewed =
            demo.service.renew_ephemeral_resource(Request::new(request)).await.unwrap().into_inner();
        assert_eq!((&renewed.private, renewed.renew_at.is_some()), (&open.private, renews));
        for _ in 0..2 {
            let request = proto::close_ephemeral_resource::Request {
                type_name: "demo_key".to_owned(),
                private: open.private.clone(),
            };
            let closed =
                demo.service.close_ephemeral_resource(Request::new(request)).await.unwrap().into_inner();
            assert!(closed.diagnostics.is_empty());
        }
        assert_eq!(returned(id), 2);
    }
    opened(&demo, "disk-9").await;
    demo.operations.stop();
    tokio::task::yield_now().await;
    assert_eq!((returned("disk-9"), demo.operations.running()), (0, 1), "a stop is no end");
    demo.operations.close();
    demo.operations.ended().await;
    assert_eq!((returned("disk-7"), returned("disk-9")), (2, 1));
}

#[tokio::test]
async fn n21_what_is_opened_is_known_and_as_configured_and_a_failure_opens_nothing() {
    let demo = demo("").await;
    let open = opened(&demo, "disk-5").await;
    let result = convert::value(open.result.as_ref(), ephemeral_resource::<Key>().ty()).unwrap();
    assert!(result.is_wholly_known() && result.get("disk_id").as_str() == Some("disk-5"));
    assert_eq!(result.get("key").as_str(), Some("key-of-disk-5"));
    for id in ["gone", "?"] {
        let open = opened(&demo, id).await;
        assert!(open.result.is_none() && open.private.is_none() && !open.diagnostics.is_empty(), "{id}");
    }
}

#[tokio::test]
async fn n22_there_are_no_functions_and_a_call_of_one_says_so() {
    let service = Service::<Newest>::new(Server::default(), Operations::default());
    let request =
        proto::call_function::Request { name: "sum".to_owned(), arguments: vec![Default::default()] };
    let answer = service.call_function(Request::new(request)).await.unwrap().into_inner();
    assert!(answer.error.unwrap().text.contains("`sum`"));
}

#[tokio::test]
async fn n23_what_a_plan_noted_is_what_the_plan_at_apply_answers_from() {
    let demo = demo("").await;
    for prior in [Json::Null, state(json!({}))] {
        let request = change(&prior, &config(json!({"name": "n", "note": "remember"})));
        let first = demo.plan(request.clone()).await;
        assert!(!first.planned_private.is_empty());
        let again = proto::plan_resource_change::Request {
            planned_private: first.planned_private.clone(),
            ..request.clone()
        };
        let second = demo.plan(again).await;
        assert_eq!(
            (&first.planned_state, &first.planned_private),
            (&second.planned_state, &second.planned_private)
        );
        let noted = undone(first.planned_state.as_ref()).get("name").clone();
        assert!(prior.is_null() || noted == Value::from("n"));
    }
}

#[tokio::test]
async fn n24_no_answer_is_deferred_to_a_client_that_would_allow_it() {
    for zone in ["", "fails"] {
        let demo = demo(zone).await;
        // These look at their answers themselves.
        for prior in [Json::Null, state(json!({}))] {
            demo.applied(&prior, &config(json!({"name": "?", "zone": "?"}))).await;
        }
        demo.read(&state(json!({})), None).await;
        demo.import("disk-1", None).await;
        let (shake, key) = (action::<Shake>(), ephemeral_resource::<Key>());
        for id in ["?", "disk-1"] {
            let of = |schema, json: &Json, ty| convert::dynamic(&value(schema, json), ty);
            let plan = proto::plan_action::Request {
                action_type: "demo_shake".to_owned(),
                config: of(shake.schema(), &json!({ "disk_id": id }), shake.ty()),
                client_capabilities: Some(capabilities()),
            };
            let open = proto::open_ephemeral_resource::Request {
                type_name: "demo_key".to_owned(),
                config: of(key.schema(), &json!({ "disk_id": id }), key.ty()),
                client_capabilities: Some(capabilities()),
            };
            let read = proto::read_data_source::Request {
                type_name: "demo_none".to_owned(),
                client_capabilities: Some(capabilities()),
                ..Default::default()
            };
            let planned = demo.service.plan_action(Request::new(plan)).await.unwrap().into_inner();
            let opened = demo.service.open_ephemeral_resource(Request::new(open)).await.unwrap().into_inner();
            let found = demo.service.read_data_source(Request::new(read)).await.unwrap().into_inner();
            assert_eq!(
                (planned.deferred, opened.deferred, found.deferred),
                (None, None, None),
                "{zone} {id}"
            );
        }
    }
}

#[tokio::test]
async fn n25_a_client_that_says_nothing_of_itself_can_do_nothing() {
    let demo = demo("").await;
    let request = proto::plan_resource_change::Request {
        client_capabilities: None,
        ..change(&Json::Null, &config(json!({"note": "remember"})))
    };
    let planned = undone(demo.plan(request).await.planned_state.as_ref());
    assert!(planned.get("name").is_unknown(), "a plan made up a name that the next one cannot repeat");
    let request = change(&Json::Null, &config(json!({"note": "remember"})));
    let planned = undone(demo.plan(request).await.planned_state.as_ref());
    assert!(planned.get("name").as_str().is_some());
    let request = proto::validate_resource_config::Request {
        type_name: "demo_disk".to_owned(),
        config: dynamic(&config(json!({"password_wo": "hunter2"}))),
        client_capabilities: None,
    };
    let answer = demo.service.validate_resource_config(Request::new(request)).await.unwrap().into_inner();
    assert!(told(&answer.diagnostics).contains("Write-only attribute needs a newer Terraform"));
}

#[test]
fn n15_no_secret_is_in_the_object_of_a_list() {
    let schema = Schema::of::<Disk>();
    let full = state(json!({"password": "hunter2", "secret_labels": {"a": "hunter2"}, "labels": {"b": "c"}}));
    let mut object = value(&schema, &full);
    crate::guarded::null_secrets(&schema.attributes, &mut object);
    assert!(object.get("password").is_null() && object.get("secret_labels").is_null());
    assert!(!object.get("labels").is_null());
}
