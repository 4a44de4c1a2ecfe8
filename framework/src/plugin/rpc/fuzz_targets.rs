//! Requests made of any bytes, answered by the service as it is: for [`crate::fuzz_targets`] alone.
//!
//! An input is the kind of a call, and then either a whole message of the wire or its parts, so that bytes
//! that fit a schema are not lost over the lengths around them. No request leaves the machine: whoever makes
//! [`Calls`] sees to that.

use bytes::Bytes;
use prost::Message;
use tokio::runtime::Runtime;
use tonic::{Request, Response, Status};

use crate::msgpack;
use crate::plugin::convert::{self, LONGEST_TEXT};
use crate::plugin::operations::Operations;
use crate::plugin::proto::tfplugin6 as proto;
use crate::plugin::proto::tfplugin6::provider_server::Provider as _;
use crate::plugin::rpc::Service;
use crate::provider::Provider;
use crate::value::Value;

/// The service with what it needs to run.
pub struct Calls<P: Provider> {
    runtime: Runtime,
    /// Never configured by an input: its calls stay on this machine.
    service: Service<P>,
    /// What inputs configure; nothing else is asked of it.
    other: Service<P>,
}

/// The calls that do more than to say that there is no such thing.
const CALLS: [fn(Parts<'_>) -> Call; 12] = [
    |it| Call::ValidateProvider(proto::validate_provider_config::Request { config: it.value(0) }),
    |it| {
        Call::Configure(proto::configure_provider::Request {
            terraform_version: it.name(),
            config: it.value(0),
            ..Default::default()
        })
    },
    |it| {
        let client_capabilities = proto::ClientCapabilities {
            write_only_attributes_allowed: it.flags & 1 == 0,
            ..Default::default()
        };
        Call::ValidateResource(proto::validate_resource_config::Request {
            type_name: it.name(),
            config: it.value(0),
            client_capabilities: Some(client_capabilities),
        })
    },
    |it| {
        Call::ValidateData(proto::validate_data_resource_config::Request {
            type_name: it.name(),
            config: it.value(0),
        })
    },
    |it| {
        Call::Upgrade(proto::upgrade_resource_state::Request {
            type_name: it.name(),
            version: i64::from(it.flags & 3) - 1,
            raw_state: it.raw_state(),
        })
    },
    |it| {
        Call::Import(proto::import_resource_state::Request {
            type_name: it.name(),
            id: it.text(0),
            ..Default::default()
        })
    },
    |it| {
        Call::Move(proto::move_resource_state::Request {
            source_provider_address: it.text(1),
            source_type_name: it.name(),
            source_schema_version: i64::from(it.flags & 3) - 1,
            source_state: it.raw_state(),
            target_type_name: it.name(),
            source_private: it.bytes(2),
            ..Default::default()
        })
    },
    |it| {
        Call::Plan(proto::plan_resource_change::Request {
            type_name: it.name(),
            prior_state: it.value(0),
            proposed_new_state: it.value(1),
            config: it.value(2),
            prior_private: it.private(),
            ..Default::default()
        })
    },
    |it| {
        Call::Read(proto::read_resource::Request {
            type_name: it.name(),
            current_state: it.value(0),
            private: it.private(),
            ..Default::default()
        })
    },
    |it| {
        Call::Apply(proto::apply_resource_change::Request {
            type_name: it.name(),
            prior_state: it.value(0),
            planned_state: it.value(1),
            config: it.value(2),
            planned_private: it.private(),
            ..Default::default()
        })
    },
    |it| {
        Call::ReadData(proto::read_data_source::Request {
            type_name: it.name(),
            config: it.value(0),
            ..Default::default()
        })
    },
    |it| {
        Call::Function(proto::call_function::Request {
            name: it.name(),
            arguments: it.value(0).into_iter().collect(),
        })
    },
];

enum Call {
    ValidateProvider(proto::validate_provider_config::Request),
    Configure(proto::configure_provider::Request),
    ValidateResource(proto::validate_resource_config::Request),
    ValidateData(proto::validate_data_resource_config::Request),
    Upgrade(proto::upgrade_resource_state::Request),
    Import(proto::import_resource_state::Request),
    Move(proto::move_resource_state::Request),
    Plan(proto::plan_resource_change::Request),
    Read(proto::read_resource::Request),
    Apply(proto::apply_resource_change::Request),
    ReadData(proto::read_data_source::Request),
    Function(proto::call_function::Request),
}

impl Call {
    /// The same call with a message of the wire, if the bytes are one.
    fn read_from(self, bytes: &[u8]) -> Option<Self> {
        Some(match self {
            Self::ValidateProvider(_) => Self::ValidateProvider(Message::decode(bytes).ok()?),
            Self::Configure(_) => Self::Configure(Message::decode(bytes).ok()?),
            Self::ValidateResource(_) => Self::ValidateResource(Message::decode(bytes).ok()?),
            Self::ValidateData(_) => Self::ValidateData(Message::decode(bytes).ok()?),
            Self::Upgrade(_) => Self::Upgrade(Message::decode(bytes).ok()?),
            Self::Import(_) => Self::Import(Message::decode(bytes).ok()?),
            Self::Move(_) => Self::Move(Message::decode(bytes).ok()?),
            Self::Plan(_) => Self::Plan(Message::decode(bytes).ok()?),
            Self::Read(_) => Self::Read(Message::decode(bytes).ok()?),
            Self::Apply(_) => Self::Apply(Message::decode(bytes).ok()?),
            Self::ReadData(_) => Self::ReadData(Message::decode(bytes).ok()?),
            Self::Function(_) => Self::Function(Message::decode(bytes).ok()?),
        })
    }
}

/// What a request is made of.
#[derive(Clone, Copy)]
struct Parts<'a> {
    name: &'a str,
    flags: u8,
    chunks: [&'a [u8]; 3],
    rest: &'a [u8],
}

impl<'a> Parts<'a> {
    /// `[name][flags]`, three chunks of two bytes of length each, and a rest. Everything is cut to what is there.
    fn of(bytes: &'a [u8], names: &[&'a str]) -> Option<Self> {
        let [name, flags, rest @ ..] = bytes else { return None };
        let mut parts = Self { name: "", flags: *flags, chunks: [&[]; 3], rest };
        for chunk in &mut parts.chunks {
            let [low, high, rest @ ..] = parts.rest else { break };
            let len = usize::from(u16::from_le_bytes([*low, *high]));
            (*chunk, parts.rest) = rest.split_at(len.min(rest.len()));
        }
        parts.name = names.get(usize::from(*name)).copied().unwrap_or_else(|| parts.str(2));
        Some(parts)
    }

    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn str(&self, index: usize) -> &'a str {
        std::str::from_utf8(self.chunks[index]).unwrap_or("\u{1b}[31m")
    }

    fn text(&self, index: usize) -> String {
        self.str(index).to_owned()
    }

    fn bytes(&self, index: usize) -> Bytes {
        Bytes::copy_from_slice(self.chunks[index])
    }

    fn private(&self) -> Bytes {
        Bytes::copy_from_slice(self.rest)
    }

    /// A value, as JSON where its flag says so, and none where it has no bytes.
    fn value(&self, index: usize) -> Option<proto::DynamicValue> {
        let bytes = self.bytes(index);
        let is_json = self.flags >> (4 + index) & 1 == 1;
        (!bytes.is_empty()).then(|| match is_json {
            true => proto::DynamicValue { json: bytes, ..Default::default() },
            false => proto::DynamicValue { msgpack: bytes, ..Default::default() },
        })
    }

    fn raw_state(&self) -> Option<proto::RawState> {
        Some(proto::RawState { json: self.bytes(0), ..Default::default() })
    }
}

impl<P: Provider> Calls<P> {
    /// Both services, one of them configured with this key for every API. `None`: the system has no runtime to
    /// give.
    pub fn new(api_key: &str) -> Option<Self> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().ok()?;
        let calls = Self {
            runtime,
            service: Service::new(Operations::default()),
            other: Service::new(Operations::default()),
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
        let Some((kind, rest)) = data.split_first() else { return false };
        let server = &self.service.server;
        let resources = server.resources().map(|it| it.type_name());
        let names: Vec<&str> = resources.chain(server.data_sources().map(|it| it.type_name())).collect();
        let Some(parts) = Parts::of(rest, &names) else { return false };
        prepare(parts.rest);
        let call = CALLS[usize::from(kind & 0x7f) % CALLS.len()](parts);
        let call = if kind & 0x80 == 0 { Some(call) } else { call.read_from(rest) };
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
        assert!(msgpack::decode(&state.msgpack, resource.ty()).is_ok(), "an answer that is no {name}");
    }
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
