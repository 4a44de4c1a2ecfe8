//! What go-plugin's clients call beside the provider itself: health, shutdown, and two streams that
//! a provider keeps open and silent.
//!
//! Knows nothing of providers. The silent streams end when the server goes down, so that they hold nobody
//! back.

use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;
use tonic::codegen::BoxStream;
use tonic::service::Routes;
use tonic::{Request, Response, Status, Streaming, async_trait};
use tonic_health::ServingStatus;

use crate::plugin::proto::plugin::grpc_broker_server::{GrpcBroker, GrpcBrokerServer};
use crate::plugin::proto::plugin::grpc_controller_server::{GrpcController, GrpcControllerServer};
use crate::plugin::proto::plugin::grpc_stdio_server::{GrpcStdio, GrpcStdioServer};
use crate::plugin::proto::plugin::{ConnInfo, Empty, StdioData};

/// The name under which go-plugin's clients ask for the health of the whole.
const WHOLE_PLUGIN: &str = "plugin";

/// Adds these services. `down` is what the shutdown call cancels and what ends their streams.
pub(crate) async fn add_to(routes: Routes, down: &CancellationToken) -> Routes {
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter.set_service_status(WHOLE_PLUGIN, ServingStatus::Serving).await;
    let services = AuxServices { down: down.clone() };
    routes
        .add_service(health)
        .add_service(GrpcControllerServer::new(services.clone()))
        .add_service(GrpcStdioServer::new(services.clone()))
        .add_service(GrpcBrokerServer::new(services))
}

#[derive(Clone)]
struct AuxServices {
    down: CancellationToken,
}

impl AuxServices {
    /// A stream without items that ends with the server.
    fn silence<T: Send + 'static>(&self) -> Response<BoxStream<T>> {
        Response::new(stream::pending().take_until(self.down.clone().cancelled_owned()).boxed())
    }
}

#[async_trait]
impl GrpcController for AuxServices {
    async fn shutdown(&self, _request: Request<Empty>) -> Result<Response<Empty>, Status> {
        log::debug!(target: "sdk.plugin", "the client asks for the end");
        // The answer still goes out: the server finishes what it has begun.
        self.down.cancel();
        Ok(Response::new(Empty {}))
    }
}

#[async_trait]
impl GrpcStdio for AuxServices {
    async fn stream_stdio(&self, _request: Request<()>) -> Result<Response<BoxStream<StdioData>>, Status> {
        Ok(self.silence())
    }
}

#[async_trait]
impl GrpcBroker for AuxServices {
    async fn start_stream(
        &self,
        _request: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<BoxStream<ConnInfo>>, Status> {
        Ok(self.silence())
    }
}
