//! What go-plugin's clients call beside the provider itself: health, shutdown, and two streams that
//! a provider keeps open and silent.
//!
//! Knows nothing of providers. All streams end when the server goes down, so that they hold nobody
//! back.

use futures_util::StreamExt;
use futures_util::future::ready;
use futures_util::stream;
use tokio_util::sync::CancellationToken;
use tonic::codegen::BoxStream;
use tonic::service::Routes;
use tonic::{Request, Response, Status, Streaming, async_trait};

use crate::plugin::proto::health::health_check_response::ServingStatus;
use crate::plugin::proto::health::health_server::{Health, HealthServer};
use crate::plugin::proto::health::{HealthCheckRequest, HealthCheckResponse};
use crate::plugin::proto::plugin::grpc_broker_server::{GrpcBroker, GrpcBrokerServer};
use crate::plugin::proto::plugin::grpc_controller_server::{GrpcController, GrpcControllerServer};
use crate::plugin::proto::plugin::grpc_stdio_server::{GrpcStdio, GrpcStdioServer};
use crate::plugin::proto::plugin::{ConnInfo, Empty, StdioData};

/// The name under which go-plugin's clients ask for the health of the whole.
const WHOLE_PLUGIN: &str = "plugin";

/// Adds the side services. `down` is what the shutdown call cancels and what ends their streams.
pub(crate) fn add_to(routes: Routes, down: &CancellationToken) -> Routes {
    let side = Side { down: down.clone() };
    routes
        .add_service(HealthServer::new(side.clone()))
        .add_service(GrpcControllerServer::new(side.clone()))
        .add_service(GrpcStdioServer::new(side.clone()))
        .add_service(GrpcBrokerServer::new(side))
}

#[derive(Clone)]
struct Side {
    down: CancellationToken,
}

impl Side {
    /// A stream without items that ends with the server.
    fn silence<T: Send + 'static>(&self) -> BoxStream<T> {
        stream::pending().take_until(self.down.clone().cancelled_owned()).boxed()
    }
}

fn is_known(service: &str) -> bool {
    // The empty name is gRPC's for the server as such.
    service.is_empty() || service == WHOLE_PLUGIN
}

fn status(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}

#[async_trait]
impl Health for Side {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        if is_known(&request.get_ref().service) {
            Ok(Response::new(status(ServingStatus::Serving)))
        } else {
            Err(Status::not_found("no such service"))
        }
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<BoxStream<HealthCheckResponse>>, Status> {
        let known = is_known(&request.get_ref().service);
        let first = status(if known { ServingStatus::Serving } else { ServingStatus::ServiceUnknown });
        Ok(Response::new(stream::once(ready(Ok(first))).chain(self.silence()).boxed()))
    }
}

#[async_trait]
impl GrpcController for Side {
    async fn shutdown(&self, _request: Request<Empty>) -> Result<Response<Empty>, Status> {
        log::debug!(target: "sdk.plugin", "the client asks for the end");
        // The answer still goes out: the server finishes what it has begun.
        self.down.cancel();
        Ok(Response::new(Empty {}))
    }
}

#[async_trait]
impl GrpcStdio for Side {
    async fn stream_stdio(&self, _request: Request<()>) -> Result<Response<BoxStream<StdioData>>, Status> {
        Ok(Response::new(self.silence()))
    }
}

#[async_trait]
impl GrpcBroker for Side {
    async fn start_stream(
        &self,
        _request: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<BoxStream<ConnInfo>>, Status> {
        Ok(Response::new(self.silence()))
    }
}
