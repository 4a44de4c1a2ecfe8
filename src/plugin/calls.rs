//! Counts the provider calls that run, so that the end of the process can wait for them.

use std::convert::Infallible;
use std::task::{Context, Poll};

use http::{Request, Response};
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service};
use tonic::service::Routes;

use crate::plugin::gauge::Gauge;

/// All calls of the provider begin with this; those of the side services do not count.
const PROVIDER: &str = "/tfplugin6.Provider/";

/// The services, with the provider's calls counted.
#[derive(Clone)]
pub(crate) struct CountedCalls {
    /// What answers.
    pub(crate) services: Routes,
    /// How many calls run.
    pub(crate) running: Gauge,
}

impl Service<Request<Body>> for CountedCalls {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request<Body>>::poll_ready(&mut self.services, cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let counted = request.uri().path().starts_with(PROVIDER).then(|| self.running.enter());
        let answer = self.services.call(request);
        Box::pin(async move {
            let answer = answer.await;
            drop(counted);
            answer
        })
    }
}
