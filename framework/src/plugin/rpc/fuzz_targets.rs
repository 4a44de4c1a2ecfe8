//! Requests made of any bytes, answered by the service as it is: for fuzz targets and their tests alone.
//!
//! No request leaves the machine: whoever makes [`Calls`] sees to that.

mod requests;

use futures_util::StreamExt as _;
use tokio::runtime::Runtime;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};

use crate::msgpack;
use crate::plugin::convert::{self, LONGEST_TEXT};
use crate::plugin::operations::Operations;
use crate::plugin::proto::tfplugin6 as proto;
use crate::plugin::proto::tfplugin6::provider_server::Provider as _;
use crate::plugin::rpc::Service;
use crate::plugin::rpc::fuzz_targets::requests::Call;
use crate::provider::{Provider, Server};
use crate::types::Type;
use crate::value::Value;

/// The service with what it needs to run.
pub struct Calls<P: Provider> {
    runtime: Runtime,
    /// Never configured by an input: its calls stay on this machine.
    service: Service<P>,
    /// What inputs configure; nothing else is asked of it.
    other: Service<P>,
}

impl<P: Provider> Calls<P> {
    /// Both services, one of them configured with this key for every API. `None`: the system has no runtime to
    /// give.
    pub fn new(api_key: &str) -> Option<Self> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().ok()?;
        let calls = Self {
            runtime,
            service: Service::new(Server::default(), Operations::default()),
            other: Service::new(Server::default(), Operations::default()),
        };
        let schema = &calls.service.server.schema().0;
        let mut config = schema.null_object();
        for key in schema.attributes.iter().filter(|it| it.name.ends_with("api_key")) {
            config.set(key.name, Value::from(api_key));
        }
        let diagnostics = calls.service.server.configure(&config, "1.11.4");
        assert!(!diagnostics.has_error(), "{diagnostics:?}");
        Some(calls)
    }

    /// Answers one input, and fails when the answer is not one of a good service. `prepare` gets what follows
    /// the parts of a request. Whether a resource that was read turned out to be gone.
    pub fn answer(&self, data: &[u8], prepare: impl FnOnce(&[u8])) -> bool {
        let Some((call, rest)) = requests::read(data) else { return false };
        prepare(rest);
        call.is_some_and(|call| self.runtime.block_on(self.check(call)))
    }

    async fn check(&self, call: Call) -> bool {
        let service = &self.service;
        match call {
            Call::ValidateProvider(it) => {
                told(&good(service.validate_provider_config(Request::new(it)).await).diagnostics);
            }
            Call::Configure(it) => {
                told(&good(self.other.configure_provider(Request::new(it)).await).diagnostics);
            }
            Call::ValidateResource(it) => {
                told(&good(service.validate_resource_config(Request::new(it)).await).diagnostics);
            }
            Call::ValidateData(it) => {
                told(&good(service.validate_data_resource_config(Request::new(it)).await).diagnostics);
            }
            Call::Upgrade(it) => {
                let name = it.type_name.clone();
                let answer = good(service.upgrade_resource_state(Request::new(it)).await);
                self.state(&name, answer.upgraded_state.as_ref(), &answer.diagnostics);
            }
            Call::Import(it) => {
                let answer = good(service.import_resource_state(Request::new(it)).await);
                told(&answer.diagnostics);
                for it in &answer.imported_resources {
                    self.state(&it.type_name, it.state.as_ref(), &[]);
                }
            }
            Call::Move(it) => {
                let name = it.target_type_name.clone();
                let answer = good(service.move_resource_state(Request::new(it)).await);
                self.state(&name, answer.target_state.as_ref(), &answer.diagnostics);
            }
            Call::Plan(it) => {
                let name = it.type_name.clone();
                let answer = good(service.plan_resource_change(Request::new(it)).await);
                self.state(&name, answer.planned_state.as_ref(), &answer.diagnostics);
            }
            Call::Read(it) => {
                let (name, before) = (it.type_name.clone(), it.current_state.clone());
                let answer = good(service.read_resource(Request::new(it)).await);
                self.state(&name, answer.new_state.as_ref(), &answer.diagnostics);
                return self.exists(&name, before.as_ref()) && !self.exists(&name, answer.new_state.as_ref());
            }
            Call::Apply(it) => {
                let name = it.type_name.clone();
                let answer = good(service.apply_resource_change(Request::new(it)).await);
                self.state(&name, answer.new_state.as_ref(), &answer.diagnostics);
            }
            Call::ReadData(it) => told(&good(service.read_data_source(Request::new(it)).await).diagnostics),
            Call::Function(it) => {
                let error = good(service.call_function(Request::new(it)).await).error;
                bounded(&error.map(|it| it.text).unwrap_or_default());
            }
            Call::UpgradeIdentity(it) => {
                let name = it.type_name.clone();
                let answer = good(service.upgrade_resource_identity(Request::new(it)).await);
                told(&answer.diagnostics);
                self.identity(&name, answer.upgraded_identity.as_ref());
            }
            Call::Generate(it) => {
                let name = it.type_name.clone();
                let answer = good(service.generate_resource_config(Request::new(it)).await);
                self.state(&name, answer.config.as_ref(), &answer.diagnostics);
                assert!(
                    answer.config.is_none() || self.exists(&name, answer.config.as_ref()),
                    "null as a whole"
                );
            }
            Call::ValidateEphemeral(it) => {
                told(&good(service.validate_ephemeral_resource_config(Request::new(it)).await).diagnostics);
            }
            Call::Open(it) => {
                let name = it.type_name.clone();
                let answer = good(service.open_ephemeral_resource(Request::new(it)).await);
                told(&answer.diagnostics);
                if let (Ok(it), Some(value)) = (service.server.ephemeral_resources.get(&name), &answer.result)
                {
                    readable(value, it.ty());
                }
            }
            Call::Renew(it) => {
                told(&good(service.renew_ephemeral_resource(Request::new(it)).await).diagnostics);
            }
            Call::Close(it) => {
                told(&good(service.close_ephemeral_resource(Request::new(it)).await).diagnostics);
            }
            Call::ValidateList(it) => {
                told(&good(service.validate_list_resource_config(Request::new(it)).await).diagnostics);
            }
            Call::List(it) => {
                let (name, limit) = (it.type_name.clone(), it.limit);
                let events = sent(good(service.list_resource(Request::new(it)).await)).await;
                self.listed(&name, limit, &events);
            }
            Call::ValidateAction(it) => {
                told(&good(service.validate_action_config(Request::new(it)).await).diagnostics);
            }
            Call::PlanAction(it) => told(&good(service.plan_action(Request::new(it)).await).diagnostics),
            Call::Invoke(it) => ended(&sent(good(service.invoke_action(Request::new(it)).await)).await),
        }
        false
    }

    /// Whether a state is one, and not null.
    fn exists(&self, name: &str, state: Option<&proto::DynamicValue>) -> bool {
        let Ok(resource) = self.service.server.resource(name) else { return false };
        convert::value(state, resource.ty()).is_ok_and(|it| !it.is_null())
    }

    /// A state that comes without an error can be read again under the schema.
    fn state(&self, name: &str, state: Option<&proto::DynamicValue>, diagnostics: &[proto::Diagnostic]) {
        told(diagnostics);
        let failed =
            diagnostics.iter().any(|it| it.severity == i32::from(proto::diagnostic::Severity::Error));
        let (Ok(resource), Some(state), false) = (self.service.server.resource(name), state, failed) else {
            return;
        };
        readable(state, resource.ty());
    }

    fn identity(&self, name: &str, identity: Option<&proto::ResourceIdentityData>) {
        let (Ok(resource), Some(identity)) = (self.service.server.resource(name), identity) else { return };
        let ty = resource.schema().identity_type();
        let is_whole =
            |ty| convert::value(identity.identity_data.as_ref(), &ty).is_ok_and(|it| !it.is_null());
        assert!(ty.is_some_and(is_whole), "an identity that is none of a {name}");
    }

    /// No more objects than asked for, each with its identity and a name; what is told besides comes last.
    fn listed(&self, name: &str, limit: i64, events: &[proto::list_resource::Event]) {
        let found = events.iter().filter(|it| it.identity.is_some()).count();
        assert!(found == 0 || i64::try_from(found).is_ok_and(|it| it <= limit), "{found} of {limit} objects");
        assert!(events.iter().skip(found).count() <= 1, "more than one end");
        let Ok(list) = self.service.server.list_resources.get(name) else { return };
        for it in events {
            told(&it.diagnostic);
            bounded(&it.display_name);
            self.identity(list.listed().type_name(), it.identity.as_ref());
            assert_eq!(it.identity.is_some(), !it.display_name.is_empty(), "an object without a name");
            if let Some(object) = &it.resource_object {
                readable(object, list.listed().ty());
            }
        }
    }
}

/// All events of a stream.
async fn sent<E>(stream: BoxStream<E>) -> Vec<E> {
    stream
        .map(|it| it.unwrap_or_else(|status| panic!("a status instead of an event: {status}")))
        .collect()
        .await
}

/// An action's stream ends with the one event that says so.
fn ended(events: &[proto::invoke_action::Event]) {
    use proto::invoke_action::event::Type;
    let Some((last, before)) = events.split_last() else { panic!("a stream without an end") };
    match &last.r#type {
        Some(Type::Completed(it)) => told(&it.diagnostics),
        other => panic!("the last event is {other:?}"),
    }
    for it in before {
        match &it.r#type {
            Some(Type::Progress(it)) => bounded(&it.message),
            other => panic!("before the last event: {other:?}"),
        }
    }
}

fn readable(value: &proto::DynamicValue, ty: &Type) {
    assert!(msgpack::decode(&value.msgpack, ty).is_ok(), "an answer that is none of its type");
}

/// The answer, which is never a status: one would lose what exists.
fn good<T>(answer: Result<Response<T>, Status>) -> T {
    match answer {
        Ok(answer) => answer.into_inner(),
        Err(status) => panic!("a status instead of an answer: {status}"),
    }
}

fn told(diagnostics: &[proto::Diagnostic]) {
    for it in diagnostics {
        assert!(!it.summary.starts_with("Provider crashed"), "{}", it.detail);
        bounded(&it.summary);
        bounded(&it.detail);
    }
}

/// A text for a terminal: of bounded length, and nothing in it that steers the terminal.
fn bounded(text: &str) {
    assert!(text.chars().count() <= LONGEST_TEXT + 1, "{} characters", text.chars().count());
    assert!(!text.contains(|it: char| it.is_control() && it != '\n'), "{text:?}");
}
