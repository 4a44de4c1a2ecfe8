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
    fn set_diagnostics(&mut self, diagnostics: Vec<proto::Diagnostic>);
}

macro_rules! answers {
    ($($call:ident),* $(,)?) => {
        $(impl Answer<proto::$call::Request> for proto::$call::Response {
            fn set_diagnostics(&mut self, diagnostics: Vec<proto::Diagnostic>) {
                self.diagnostics = diagnostics;
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
        Self {
            new_state: request.current_state.clone(),
            private: request.private.clone(),
            new_identity: request.current_identity.clone(),
            ..Default::default()
        }
    }

    fn set_diagnostics(&mut self, diagnostics: Vec<proto::Diagnostic>) {
        self.diagnostics = diagnostics;
    }
}

impl Answer<proto::call_function::Request> for proto::call_function::Response {
    fn set_diagnostics(&mut self, diagnostics: Vec<proto::Diagnostic>) {
        self.error = Some(proto::FunctionError { text: text(diagnostics), function_argument: None });
    }
}

impl Answer<proto::stop_provider::Request> for proto::stop_provider::Response {
    fn set_diagnostics(&mut self, diagnostics: Vec<proto::Diagnostic>) {
        self.error = text(diagnostics);
    }
}

/// The messages where the protocol has room for one text.
fn text(diagnostics: Vec<proto::Diagnostic>) -> String {
    convert::text(diagnostics.into_iter().map(|it| it.detail).collect::<Vec<_>>().join(" "))
}
