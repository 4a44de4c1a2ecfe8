//! Requests, made of any bytes.
//!
//! An input is the kind of a call, and then either a whole message of the wire or its parts, so that bytes
//! that fit a schema are not lost over the lengths around them. A part that is a name is text: an index would mean
//! another type as soon as there is one more.

use bytes::Bytes;
use prost::Message;

use crate::plugin::proto::tfplugin6 as proto;

/// The calls that do more than to say that there is no such thing: what each is made of. The kind of an input is an
/// index into them, so new ones come last.
macro_rules! calls {
    ($($call:ident = $message:ident($parts:ident) { $($fields:tt)* })*) => {
        pub(super) enum Call {
            $($call(proto::$message::Request),)*
        }

        const CALLS: &[fn(Parts<'_>) -> Call] =
            &[$(|$parts| Call::$call(proto::$message::Request { $($fields)* }),)*];

        impl Call {
            /// The same call with a message of the wire, if the bytes are one.
            fn read_from(self, bytes: &[u8]) -> Option<Self> {
                Some(match self {
                    $(Self::$call(_) => Self::$call(Message::decode(bytes).ok()?),)*
                })
            }
        }
    };
}

calls! {
    ValidateProvider = validate_provider_config(it) { config: it.value(0) }
    Configure = configure_provider(it) {
        terraform_version: it.name(),
        config: it.value(0),
        ..Default::default()
    }
    ValidateResource = validate_resource_config(it) {
        type_name: it.name(),
        config: it.value(0),
        client_capabilities: it.capabilities(),
    }
    ValidateData = validate_data_resource_config(it) { type_name: it.name(), config: it.value(0) }
    Upgrade = upgrade_resource_state(it) {
        type_name: it.name(),
        version: it.version(),
        raw_state: it.raw_state(),
    }
    Import = import_resource_state(it) {
        type_name: it.name(),
        id: it.text(0),
        identity: it.identity(1),
        ..Default::default()
    }
    Move = move_resource_state(it) {
        source_provider_address: it.text(1),
        source_type_name: it.name(),
        source_schema_version: it.version(),
        source_state: it.raw_state(),
        target_type_name: it.name(),
        source_private: it.bytes(2),
        ..Default::default()
    }
    Plan = plan_resource_change(it) {
        type_name: it.name(),
        prior_state: it.value(0),
        proposed_new_state: it.value(1),
        config: it.value(2),
        prior_private: it.private(),
        client_capabilities: it.capabilities(),
        ..Default::default()
    }
    Read = read_resource(it) {
        type_name: it.name(),
        current_state: it.value(0),
        current_identity: it.identity(1),
        private: it.private(),
        ..Default::default()
    }
    Apply = apply_resource_change(it) {
        type_name: it.name(),
        prior_state: it.value(0),
        planned_state: it.value(1),
        config: it.value(2),
        planned_private: it.private(),
        ..Default::default()
    }
    ReadData = read_data_source(it) { type_name: it.name(), config: it.value(0), ..Default::default() }
    Function = call_function(it) { name: it.name(), arguments: it.value(0).into_iter().collect() }
    UpgradeIdentity = upgrade_resource_identity(it) {
        type_name: it.name(),
        version: it.version(),
        raw_identity: it.raw_state(),
    }
    Generate = generate_resource_config(it) { type_name: it.name(), state: it.value(0) }
    ValidateEphemeral = validate_ephemeral_resource_config(it) { type_name: it.name(), config: it.value(0) }
    Open = open_ephemeral_resource(it) { type_name: it.name(), config: it.value(0), ..Default::default() }
    Renew = renew_ephemeral_resource(it) { type_name: it.name(), private: Some(it.bytes(0)) }
    Close = close_ephemeral_resource(it) { type_name: it.name(), private: Some(it.bytes(0)) }
    ValidateList = validate_list_resource_config(it) {
        type_name: it.name(),
        config: it.value(0),
        include_resource_object: it.value(1),
        limit: it.value(2),
    }
    List = list_resource(it) {
        type_name: it.name(),
        config: it.value(0),
        include_resource_object: it.flags & 8 != 0,
        limit: it.version() * 50,
    }
    ValidateAction = validate_action_config(it) { type_name: it.name(), config: it.value(0) }
    PlanAction = plan_action(it) { action_type: it.name(), config: it.value(0), ..Default::default() }
    Invoke = invoke_action(it) { action_type: it.name(), config: it.value(0), ..Default::default() }
}

/// The call that an input is, and what follows the parts of its request.
pub(super) fn read(data: &[u8]) -> Option<(Option<Call>, &[u8])> {
    let (kind, message) = data.split_first()?;
    let parts = Parts::of(message)?;
    let call = CALLS[usize::from(kind & 0x7f) % CALLS.len()](parts);
    let call = if kind & 0x80 == 0 { Some(call) } else { call.read_from(message) };
    Some((call, parts.rest))
}

/// What a request is made of.
#[derive(Clone, Copy)]
struct Parts<'a> {
    flags: u8,
    name: &'a [u8],
    chunks: [&'a [u8]; 3],
    rest: &'a [u8],
}

impl<'a> Parts<'a> {
    /// `[flags]`, a name and three chunks of two bytes of length each, and a rest. Everything is cut to what is there.
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let (flags, rest) = bytes.split_first()?;
        let mut parts = Self { flags: *flags, name: &[], chunks: [&[]; 3], rest };
        for chunk in [&mut parts.name].into_iter().chain(&mut parts.chunks) {
            let [low, high, rest @ ..] = parts.rest else { break };
            let len = usize::from(u16::from_le_bytes([*low, *high]));
            (*chunk, parts.rest) = rest.split_at(len.min(rest.len()));
        }
        Some(parts)
    }

    fn name(&self) -> String {
        text(self.name)
    }

    fn text(&self, index: usize) -> String {
        text(self.chunks[index])
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

    fn identity(&self, index: usize) -> Option<proto::ResourceIdentityData> {
        self.value(index).map(|it| proto::ResourceIdentityData { identity_data: Some(it) })
    }

    fn raw_state(&self) -> Option<proto::RawState> {
        Some(proto::RawState { json: self.bytes(0), ..Default::default() })
    }

    fn version(&self) -> i64 {
        i64::from(self.flags & 3) - 1
    }

    fn capabilities(&self) -> Option<proto::ClientCapabilities> {
        Some(proto::ClientCapabilities {
            write_only_attributes_allowed: self.flags & 1 == 0,
            store_planned_private: self.flags & 2 == 0,
            ..Default::default()
        })
    }
}

fn text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).unwrap_or("\u{1b}[31m").to_owned()
}
