//! The service `tfplugin6.Provider`: the table of its calls, and what is the same for each.
//!
//! Every call is an operation in a task of its own, which outlives a client that gives the call up, and its panic
//! is a message for the user. The work is done by `handlers`. Calls of state stores are answered by the
//! generated default, Unimplemented.

mod answer;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod fuzz_targets;
mod handlers;
mod leases;
mod streams;

use std::future::{Future, ready};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use futures_util::future::BoxFuture;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, async_trait};

use crate::crash::caught;
use crate::diagnostics::{Diagnostic, bug};
use crate::erased::CallContext;
use crate::plugin::alone::WayOut;
use crate::plugin::convert;
use crate::plugin::logging::{self, in_request};
use crate::plugin::operations::{Operation, Operations};
use crate::plugin::proto::tfplugin6 as proto;
use crate::plugin::rpc::answer::Answer;
use crate::plugin::rpc::leases::Leases;
use crate::provider::{Provider, Server};
use crate::resource::Result;

/// The service, for one provider.
pub(crate) struct Service<P: Provider> {
    server: Arc<Server<P>>,
    operations: Operations,
    way_out: WayOut,
    leases: Leases,
}

/// What a call works with.
struct Call<P: Provider> {
    server: Arc<Server<P>>,
    operations: Operations,
    /// What ephemeral resources have to give back.
    leases: Leases,
    /// Where the answers to applies go out.
    way_out: WayOut,
    /// Cancelled when the operation is to end.
    stop: CancellationToken,
    /// Cancelled when nobody waits for the answer any more.
    given_up: CancellationToken,
}

impl<P: Provider> Call<P> {
    fn context(&self) -> Result<CallContext<P::Data>> {
        self.server.context(self.stop.clone())
    }
}

impl<P: Provider> Service<P> {
    /// A service of this server, whose calls are these operations.
    pub(crate) fn new(server: Server<P>, operations: Operations) -> Self {
        Self { server: Arc::new(server), operations, way_out: WayOut::default(), leases: Leases::default() }
    }

    /// What the call of this operation works with.
    fn call(&self, operation: &Operation) -> Call<P> {
        Call {
            server: Arc::clone(&self.server),
            operations: self.operations.clone(),
            leases: self.leases.clone(),
            way_out: self.way_out.clone(),
            stop: operation.stop.clone(),
            given_up: CancellationToken::new(),
        }
    }

    /// Lets the handler answer the request.
    async fn answer<Q, T: Answer<Q>, F>(
        &self,
        request: Q,
        about: logging::Request,
        handler: impl FnOnce(Call<P>, Q) -> F,
    ) -> std::result::Result<T, Status>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let mut refusal = T::unchanged(&request);
        let operation = self.operations.begin();
        let call = self.call(&operation);
        let _given_up_if_dropped = call.given_up.clone().drop_guard();
        let answer = Arc::<Mutex<Option<Result<T>>>>::default();
        let (handled, place) = (handler(call, request), Arc::clone(&answer));
        let work = async move {
            let handled = handled.await;
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(handled);
            Ok(())
        };
        let Ok(done) = run(about, operation, Box::pin(work)).await else {
            return Err(Status::unavailable("the provider is ending")); // as the runtime is shutting down
        };
        let answer = answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        match done.and_then(|()| answer.unwrap_or_else(|| Err(bug("a call ended without an answer").into())))
        {
            Ok(answer) => return Ok(answer),
            Err(failure) => refusal.set_diagnostics(convert::diagnostics(failure)),
        }
        Ok(refusal)
    }
}

/// Does the work of an operation, in a task of its own. The work is boxed, so that all calls have the same kind of task.
fn run(
    about: logging::Request,
    operation: Operation,
    work: BoxFuture<'static, Result<()>>,
) -> JoinHandle<Result<()>> {
    let begin = Instant::now();
    tokio::spawn(in_request(about, async move {
        let done = caught(work).await;
        log_answered(begin);
        drop(operation);
        done
    }))
}

/// The record of a call, once it has its answer or the last of its events.
fn log_answered(begin: Instant) {
    let duration = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    log::debug!(target: "sdk.proto", tf_req_duration_ms = duration; "answered a call");
}

/// There are no functions yet.
fn no_function<T>(name: &str) -> Result<T> {
    let detail = format!("This provider has no function `{name}`.");
    Err(Diagnostic::error("Unknown function", detail).into())
}

/// The service, from one line for each call: method, name, which field of the request names what the call is about
/// and under which key that is logged, and who answers. Those under `stream` are answered by
/// events, the last of which tells how it ended.
macro_rules! calls {
    (
        unary { $($method:ident $name:literal $(($key:ident: $field:ident))? => $handler:expr;)* }
        stream { $($stream:ident $stream_name:literal ($stream_key:ident: $stream_field:ident) => $stream_handler:expr;)* }
    ) => {
        #[async_trait]
        impl<P: Provider> proto::provider_server::Provider for Service<P> {
            $(async fn $method(
                &self,
                request: Request<proto::$method::Request>,
            ) -> std::result::Result<Response<proto::$method::Response>, Status> {
                let request = request.into_inner();
                let about = logging::Request::new($name)$(.about(stringify!($key), &request.$field))?;
                self.answer(request, about, $handler).await.map(Response::new)
            })*

            $(async fn $stream(
                &self,
                request: Request<proto::$stream::Request>,
            ) -> std::result::Result<Response<BoxStream<proto::$stream::Event>>, Status> {
                let request = request.into_inner();
                let about =
                    logging::Request::new($stream_name).about(stringify!($stream_key), &request.$stream_field);
                Ok(Response::new(self.stream(request, about, $stream_handler)))
            })*
        }
    };
}

calls! {
    unary {
        get_provider_schema "GetProviderSchema" => handlers::schemas;
        get_metadata "GetMetadata" => handlers::metadata;
        get_resource_identity_schemas "GetResourceIdentitySchemas" => handlers::identity_schemas;
        get_functions "GetFunctions" => |_, _| ready(Ok(Default::default()));
        validate_provider_config "ValidateProviderConfig" => handlers::validate_provider;
        configure_provider "ConfigureProvider" => handlers::configure;
        stop_provider "StopProvider" => handlers::stop;

        validate_resource_config "ValidateResourceConfig" (tf_resource_type: type_name) => handlers::validate_resource;
        upgrade_resource_state "UpgradeResourceState" (tf_resource_type: type_name) => handlers::upgrade_state;
        import_resource_state "ImportResourceState" (tf_resource_type: type_name) => handlers::import;
        move_resource_state "MoveResourceState" (tf_resource_type: target_type_name) => handlers::move_state;
        read_resource "ReadResource" (tf_resource_type: type_name) => handlers::read;
        plan_resource_change "PlanResourceChange" (tf_resource_type: type_name) => handlers::plan;
        apply_resource_change "ApplyResourceChange" (tf_resource_type: type_name) => handlers::apply;
        upgrade_resource_identity "UpgradeResourceIdentity" (tf_resource_type: type_name) => handlers::upgrade_identity;
        generate_resource_config "GenerateResourceConfig" (tf_resource_type: type_name) => handlers::generate;

        validate_data_resource_config "ValidateDataResourceConfig" (tf_data_source_type: type_name)
            => handlers::configured::validate_data_source;
        read_data_source "ReadDataSource" (tf_data_source_type: type_name) => handlers::configured::read_data_source;

        call_function "CallFunction" (tf_function: name) => |_, it| ready(no_function(&it.name));

        validate_ephemeral_resource_config "ValidateEphemeralResourceConfig" (tf_ephemeral_resource_type: type_name)
            => handlers::configured::validate_ephemeral;
        open_ephemeral_resource "OpenEphemeralResource" (tf_ephemeral_resource_type: type_name)
            => handlers::configured::open;
        renew_ephemeral_resource "RenewEphemeralResource" (tf_ephemeral_resource_type: type_name)
            => handlers::configured::renew;
        close_ephemeral_resource "CloseEphemeralResource" (tf_ephemeral_resource_type: type_name)
            => handlers::configured::close;

        validate_list_resource_config "ValidateListResourceConfig" (tf_list_resource_type: type_name)
            => handlers::configured::validate_list;
        validate_action_config "ValidateActionConfig" (tf_action_type: type_name)
            => handlers::configured::validate_action;
        plan_action "PlanAction" (tf_action_type: action_type) => handlers::configured::plan_action;
    }

    stream {
        list_resource "ListResource" (tf_list_resource_type: type_name) => handlers::configured::list;
        invoke_action "InvokeAction" (tf_action_type: action_type) => handlers::configured::invoke;
    }
}

#[cfg(test)]
mod tests;
