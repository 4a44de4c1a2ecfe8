//! What every answer can do: carry messages for the user.

use crate::plugin::convert;
use crate::plugin::proto::tfplugin6 as proto;

/// The answer to a request of the type `Q`.
pub(super) trait Answer<Q>: Default + Send + 'static {
    /// The answer that leaves what the request is about as it is.
    fn unchanged(request: &Q) -> Self {
        let _ = request;
        Self::default()
    }

    /// Says why the request could not be served.
    fn refuse(&mut self, messages: Vec<proto::Diagnostic>);
}

macro_rules! answers {
    ($($call:ident),* $(,)?) => {
        $(impl Answer<proto::$call::Request> for proto::$call::Response {
            fn refuse(&mut self, messages: Vec<proto::Diagnostic>) {
                self.diagnostics = messages;
            }
        })*
    };
}

answers! {
    apply_resource_change, close_ephemeral_resource, configure_provider, generate_resource_config, get_functions,
    get_metadata, get_provider_schema, get_resource_identity_schemas, import_resource_state, move_resource_state,
    open_ephemeral_resource, plan_action, plan_resource_change, read_data_source, renew_ephemeral_resource,
    upgrade_resource_identity, upgrade_resource_state, validate_action_config, validate_data_resource_config,
    validate_ephemeral_resource_config, validate_list_resource_config, validate_provider_config,
    validate_resource_config,
}

impl Answer<proto::read_resource::Request> for proto::read_resource::Response {
    fn unchanged(request: &proto::read_resource::Request) -> Self {
        let (new_state, private) = (request.current_state.clone(), request.private.clone());
        Self { new_state, private, ..Default::default() }
    }

    fn refuse(&mut self, messages: Vec<proto::Diagnostic>) {
        self.diagnostics = messages;
    }
}

impl Answer<proto::call_function::Request> for proto::call_function::Response {
    fn refuse(&mut self, messages: Vec<proto::Diagnostic>) {
        self.error = Some(proto::FunctionError { text: text(messages), function_argument: None });
    }
}

impl Answer<proto::stop_provider::Request> for proto::stop_provider::Response {
    fn refuse(&mut self, messages: Vec<proto::Diagnostic>) {
        self.error = text(messages);
    }
}

impl Answer<proto::list_resource::Request> for proto::list_resource::Event {
    fn refuse(&mut self, messages: Vec<proto::Diagnostic>) {
        self.diagnostic = messages;
    }
}

impl Answer<proto::invoke_action::Request> for proto::invoke_action::Event {
    fn refuse(&mut self, diagnostics: Vec<proto::Diagnostic>) {
        use proto::invoke_action::event::{Completed, Type};
        self.r#type = Some(Type::Completed(Completed { diagnostics }));
    }
}

/// The messages where the protocol has room for one text.
fn text(messages: Vec<proto::Diagnostic>) -> String {
    convert::text(messages.into_iter().map(|it| it.detail).collect::<Vec<_>>().join(" "))
}
