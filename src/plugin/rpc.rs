//! The service `tfplugin6.Provider`: one method per call, each under the guard.
//!
//! Owns the stop signal's use and what is logged of a call. The work is done by `handlers`; calls for
//! features that this provider does not have are answered as "there is none", and those of state
//! stores by the generated default, Unimplemented.

#![expect(clippy::needless_update, reason = "an answer that consists of messages only has no other field")]

mod guard;
mod handlers;
#[cfg(any(test, fuzzing))]
pub(crate) mod hostile;

use std::future::Future;
use std::sync::Arc;

use futures_util::stream;
use tokio::runtime::Handle;
use tokio::sync::OnceCell;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, async_trait};

use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::provider::{Provider, Server};
use crate::framework::resource::StateCell;
use crate::plugin::convert;
use crate::plugin::logging::{self, in_request};
use crate::plugin::proto::tfplugin6 as proto;
use crate::plugin::rpc::guard::guarded;
use crate::plugin::stop::Stop;

/// The largest answer: its parts are encoded once.
type Schemas = proto::get_provider_schema::Response;

type Answer<T> = Result<Response<T>, Status>;

/// The service, for one provider.
pub(crate) struct Service<P: Provider> {
    server: Arc<Server<P>>,
    stop: Stop,
    schemas: Arc<OnceCell<Schemas>>,
}

impl<P: Provider> Service<P> {
    /// A service that fires `stop` on StopProvider.
    pub(crate) fn new(stop: Stop) -> Self {
        let service = Self { server: Arc::new(Server::new()), stop, schemas: Arc::default() };
        // The first thing that the client asks for is made while it is still about to connect.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(service.schemas());
        }
        service
    }

    /// The schemas, made by the first who asks for them.
    fn schemas(&self) -> impl Future<Output = Schemas> + Send + 'static {
        let (server, schemas) = (Arc::clone(&self.server), Arc::clone(&self.schemas));
        async move { schemas.get_or_init(|| handlers::schemas(&server)).await.clone() }
    }

    /// Runs a handler that waits for nothing.
    async fn run<Q: Send + Sync + 'static, T: Send + 'static>(
        &self,
        call: logging::Request,
        request: Q,
        handler: fn(&Server<P>, &Q) -> Result<T, Diagnostics>,
        refuse: impl FnOnce(Diagnostics) -> T,
    ) -> Answer<T> {
        let server = Arc::clone(&self.server);
        answer(call, async move { handler(&server, &request) }, refuse).await
    }
}

/// Runs the work of a call under the guard, with the call's fields in its log records.
async fn answer<T: Send + 'static>(
    call: logging::Request,
    work: impl Future<Output = Result<T, Diagnostics>> + Send + 'static,
    refuse: impl FnOnce(Diagnostics) -> T,
) -> Answer<T> {
    Ok(Response::new(guarded(in_request(call, work), refuse).await))
}

fn resource_call(rpc: &'static str, type_name: &str) -> logging::Request {
    logging::Request::new(rpc).resource_type(type_name)
}

fn data_call(rpc: &'static str, type_name: &str) -> logging::Request {
    logging::Request::new(rpc).data_source_type(type_name)
}

/// An answer that consists of messages only.
macro_rules! refusal {
    ($module:ident) => {
        |failure| proto::$module::Response {
            diagnostics: convert::diagnostics(failure),
            ..Default::default()
        }
    };
}

/// The answer to a call for a feature that this provider does not have.
macro_rules! absent {
    ($module:ident, $what:literal, $name:expr) => {
        Ok(Response::new(proto::$module::Response {
            diagnostics: absent($what, &$name),
            ..Default::default()
        }))
    };
}

fn absent(what: &str, name: &str) -> Vec<proto::Diagnostic> {
    let detail = format!("This provider has no {what} `{name}`.");
    convert::diagnostics(Diagnostic::error(format!("Unknown {what}"), detail).into())
}

#[async_trait]
impl<P: Provider> proto::provider_server::Provider for Service<P> {
    async fn get_provider_schema(&self, _: Request<proto::get_provider_schema::Request>) -> Answer<Schemas> {
        let schemas = self.schemas();
        let call = logging::Request::new("GetProviderSchema");
        answer(call, async move { Ok(schemas.await) }, refusal!(get_provider_schema)).await
    }

    async fn get_metadata(
        &self,
        request: Request<proto::get_metadata::Request>,
    ) -> Answer<proto::get_metadata::Response> {
        let handler = |server: &Server<P>, _: &_| Ok(handlers::metadata(server));
        self.run(logging::Request::new("GetMetadata"), request.into_inner(), handler, refusal!(get_metadata))
            .await
    }

    async fn get_resource_identity_schemas(
        &self,
        _: Request<proto::get_resource_identity_schemas::Request>,
    ) -> Answer<proto::get_resource_identity_schemas::Response> {
        Ok(Response::new(Default::default()))
    }

    async fn get_functions(
        &self,
        _: Request<proto::get_functions::Request>,
    ) -> Answer<proto::get_functions::Response> {
        Ok(Response::new(Default::default()))
    }

    async fn call_function(
        &self,
        request: Request<proto::call_function::Request>,
    ) -> Answer<proto::call_function::Response> {
        let text = convert::text(format!("This provider has no function `{}`.", request.into_inner().name));
        let error = Some(proto::FunctionError { text, function_argument: None });
        Ok(Response::new(proto::call_function::Response { result: None, error }))
    }

    async fn validate_provider_config(
        &self,
        request: Request<proto::validate_provider_config::Request>,
    ) -> Answer<proto::validate_provider_config::Response> {
        let refuse = refusal!(validate_provider_config);
        let request = request.into_inner();
        self.run(
            logging::Request::new("ValidateProviderConfig"),
            request,
            handlers::validate_provider,
            refuse,
        )
        .await
    }

    async fn configure_provider(
        &self,
        request: Request<proto::configure_provider::Request>,
    ) -> Answer<proto::configure_provider::Response> {
        let refuse = refusal!(configure_provider);
        self.run(
            logging::Request::new("ConfigureProvider"),
            request.into_inner(),
            handlers::configure,
            refuse,
        )
        .await
    }

    async fn validate_resource_config(
        &self,
        request: Request<proto::validate_resource_config::Request>,
    ) -> Answer<proto::validate_resource_config::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        let refuse = refusal!(validate_resource_config);
        self.run(resource_call("ValidateResourceConfig", &name), request, handlers::validate_resource, refuse)
            .await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<proto::upgrade_resource_state::Request>,
    ) -> Answer<proto::upgrade_resource_state::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        let refuse = refusal!(upgrade_resource_state);
        self.run(resource_call("UpgradeResourceState", &name), request, handlers::upgrade_state, refuse).await
    }

    async fn import_resource_state(
        &self,
        request: Request<proto::import_resource_state::Request>,
    ) -> Answer<proto::import_resource_state::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        self.run(
            resource_call("ImportResourceState", &name),
            request,
            handlers::import,
            refusal!(import_resource_state),
        )
        .await
    }

    async fn move_resource_state(
        &self,
        request: Request<proto::move_resource_state::Request>,
    ) -> Answer<proto::move_resource_state::Response> {
        let request = request.into_inner();
        let name = request.target_type_name.clone();
        self.run(
            resource_call("MoveResourceState", &name),
            request,
            handlers::move_state,
            refusal!(move_resource_state),
        )
        .await
    }

    async fn plan_resource_change(
        &self,
        request: Request<proto::plan_resource_change::Request>,
    ) -> Answer<proto::plan_resource_change::Response> {
        let request = request.into_inner();
        let call = resource_call("PlanResourceChange", &request.type_name);
        let work = handlers::plan(Arc::clone(&self.server), self.stop.current(), request);
        answer(call, work, refusal!(plan_resource_change)).await
    }

    async fn read_resource(
        &self,
        request: Request<proto::read_resource::Request>,
    ) -> Answer<proto::read_resource::Response> {
        let request = request.into_inner();
        let work = handlers::read(Arc::clone(&self.server), self.stop.current(), request.clone());
        let call = resource_call("ReadResource", &request.type_name);
        answer(call, work, |failure| handlers::read_refused(request, failure)).await
    }

    async fn apply_resource_change(
        &self,
        request: Request<proto::apply_resource_change::Request>,
    ) -> Answer<proto::apply_resource_change::Response> {
        let request = request.into_inner();
        let (cell, server) = (StateCell::default(), Arc::clone(&self.server));
        let work =
            handlers::apply(Arc::clone(&server), self.stop.current(), request.clone(), Arc::clone(&cell));
        let name = request.type_name.clone();
        let refuse = |failure| handlers::apply_refused(&server, request, &cell, failure);
        answer(resource_call("ApplyResourceChange", &name), work, refuse).await
    }

    async fn stop_provider(
        &self,
        _: Request<proto::stop_provider::Request>,
    ) -> Answer<proto::stop_provider::Response> {
        self.stop.fire();
        Ok(Response::new(Default::default()))
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<proto::validate_data_resource_config::Request>,
    ) -> Answer<proto::validate_data_resource_config::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        let refuse = refusal!(validate_data_resource_config);
        self.run(
            data_call("ValidateDataResourceConfig", &name),
            request,
            handlers::validate_data_source,
            refuse,
        )
        .await
    }

    async fn read_data_source(
        &self,
        request: Request<proto::read_data_source::Request>,
    ) -> Answer<proto::read_data_source::Response> {
        let request = request.into_inner();
        let name = request.type_name.clone();
        let work = handlers::read_data_source(Arc::clone(&self.server), self.stop.current(), request);
        answer(data_call("ReadDataSource", &name), work, refusal!(read_data_source)).await
    }

    async fn validate_ephemeral_resource_config(
        &self,
        request: Request<proto::validate_ephemeral_resource_config::Request>,
    ) -> Answer<proto::validate_ephemeral_resource_config::Response> {
        absent!(validate_ephemeral_resource_config, "ephemeral resource", request.into_inner().type_name)
    }

    async fn open_ephemeral_resource(
        &self,
        request: Request<proto::open_ephemeral_resource::Request>,
    ) -> Answer<proto::open_ephemeral_resource::Response> {
        absent!(open_ephemeral_resource, "ephemeral resource", request.into_inner().type_name)
    }

    async fn renew_ephemeral_resource(
        &self,
        request: Request<proto::renew_ephemeral_resource::Request>,
    ) -> Answer<proto::renew_ephemeral_resource::Response> {
        absent!(renew_ephemeral_resource, "ephemeral resource", request.into_inner().type_name)
    }

    async fn close_ephemeral_resource(
        &self,
        request: Request<proto::close_ephemeral_resource::Request>,
    ) -> Answer<proto::close_ephemeral_resource::Response> {
        absent!(close_ephemeral_resource, "ephemeral resource", request.into_inner().type_name)
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<proto::upgrade_resource_identity::Request>,
    ) -> Answer<proto::upgrade_resource_identity::Response> {
        absent!(upgrade_resource_identity, "identity of", request.into_inner().type_name)
    }

    async fn generate_resource_config(
        &self,
        request: Request<proto::generate_resource_config::Request>,
    ) -> Answer<proto::generate_resource_config::Response> {
        absent!(generate_resource_config, "configuration generator for", request.into_inner().type_name)
    }

    async fn validate_list_resource_config(
        &self,
        request: Request<proto::validate_list_resource_config::Request>,
    ) -> Answer<proto::validate_list_resource_config::Response> {
        absent!(validate_list_resource_config, "list resource", request.into_inner().type_name)
    }

    async fn list_resource(
        &self,
        request: Request<proto::list_resource::Request>,
    ) -> Answer<BoxStream<proto::list_resource::Event>> {
        let diagnostic = absent("list resource", &request.into_inner().type_name);
        let event = proto::list_resource::Event { diagnostic, ..Default::default() };
        Ok(Response::new(Box::pin(stream::iter([Ok(event)]))))
    }

    async fn validate_action_config(
        &self,
        request: Request<proto::validate_action_config::Request>,
    ) -> Answer<proto::validate_action_config::Response> {
        absent!(validate_action_config, "action", request.into_inner().type_name)
    }

    async fn plan_action(
        &self,
        request: Request<proto::plan_action::Request>,
    ) -> Answer<proto::plan_action::Response> {
        absent!(plan_action, "action", request.into_inner().action_type)
    }

    async fn invoke_action(
        &self,
        request: Request<proto::invoke_action::Request>,
    ) -> Answer<BoxStream<proto::invoke_action::Event>> {
        use proto::invoke_action::event::{Completed, Type};
        let diagnostics = absent("action", &request.into_inner().action_type);
        let event = proto::invoke_action::Event { r#type: Some(Type::Completed(Completed { diagnostics })) };
        Ok(Response::new(Box::pin(stream::iter([Ok(event)]))))
    }
}

#[cfg(test)]
mod tests;
