//! From sockets to calls: accepts connections, makes them secure, and serves each in a task of its own.
//!
//! A TLS handshake has a time limit, so that a peer that is silent, or no client at all, delays nobody. Knows
//! nothing of what is served.

use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::codegen::Service;
use tonic::service::Routes;

use crate::plugin::in_flight::{Counted, InFlight};
use crate::plugin::listener::Listener;

/// Calls at a time on one connection; more wait at the client, which has ten unless `-parallelism` says
/// otherwise. The library sets no limit by itself.
const MOST_CALLS: u32 = 1000;

/// Far more than a client on the same machine needs.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// After a failed accept, mostly for want of file descriptors: time for others to close theirs.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(50);

/// Serves whoever connects.
#[derive(Clone)]
pub(super) struct Server {
    /// `None` where plain text was asked for.
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) routes: Routes,
    /// Counts the connections that are open.
    pub(crate) connections: InFlight,
    /// Ends each connection as soon as its calls are answered.
    pub(crate) down: CancellationToken,
}

impl Server {
    /// Accepts connections until `down`. Drops the listener, and with it the socket, before the last answers are
    /// out.
    pub(crate) async fn accept(self, listener: Listener) {
        while let Some(accepted) = self.down.run_until_cancelled(listener.accept()).await {
            match accepted {
                Ok(socket) => {
                    tokio::spawn(self.clone().admit(Box::new(socket), self.connections.enter()));
                }
                Err(error) => {
                    log::error!(target: "sdk.plugin", "cannot accept a connection: {error}");
                    tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
                }
            }
        }
    }

    async fn admit(self, socket: Box<dyn Socket>, _open: Counted) {
        let Some(tls) = &self.tls else { return self.serve(socket).await };
        match tokio::time::timeout(HANDSHAKE_LIMIT, tls.accept(socket)).await {
            Ok(Ok(stream)) => self.serve(Box::new(stream)).await,
            Ok(Err(error)) => log::warn!(target: "sdk.plugin", "refused a connection: {error}"),
            Err(_) => log::warn!(target: "sdk.plugin", "refused a connection: no TLS handshake"),
        }
    }

    async fn serve(self, socket: Box<dyn Socket>) {
        let Self { routes, down, .. } = self;
        let calls = service_fn(move |request: Request<Incoming>| routes.clone().call(request.map(Body::new)));
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2.max_concurrent_streams(MOST_CALLS);
        let mut connection = std::pin::pin!(http2.serve_connection(TokioIo::new(socket), calls));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = down.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            log::debug!(target: "sdk.plugin", "a connection broke off: {error}");
        }
    }
}

/// Anything that bytes can be sent over. Behind a box, so that HTTP/2 is compiled once.
trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Socket for T {}
