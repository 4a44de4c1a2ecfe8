//! From sockets to connections that gRPC can use.
//!
//! Each TLS handshake runs in a task of its own and has a time limit, so that a peer that is silent,
//! or no client at all, delays nobody. Knows nothing of gRPC.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tonic::transport::server::Connected;

use crate::plugin::gauge::{Counted, Gauge};
use crate::plugin::listener::Listener;

/// Far more than a client on the same machine needs.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// After a failed accept, mostly for want of file descriptors: time for others to close theirs.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(50);

/// Accepts connections for ever and hands over those that are ready for gRPC. `tls` is `None` where
/// plain text was asked for.
pub(crate) async fn accept(
    listener: Listener,
    tls: Option<TlsAcceptor>,
    open: Gauge,
    ready: mpsc::Sender<io::Result<Connection>>,
) {
    loop {
        match listener.accept().await {
            Ok(socket) => {
                tokio::spawn(admit(Box::new(socket), tls.clone(), open.enter(), ready.clone()));
            }
            Err(error) => {
                log::error!(target: "sdk.plugin", "cannot accept a connection: {error}");
                tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
            }
        }
    }
}

async fn admit(
    socket: Box<dyn Socket>,
    tls: Option<TlsAcceptor>,
    open: Counted,
    ready: mpsc::Sender<io::Result<Connection>>,
) {
    let socket = match tls {
        None => socket,
        Some(acceptor) => match tokio::time::timeout(HANDSHAKE_LIMIT, acceptor.accept(socket)).await {
            Ok(Ok(stream)) => Box::new(stream),
            Ok(Err(error)) => {
                return log::warn!(target: "sdk.plugin", "refused a connection: {error}");
            }
            Err(_) => return log::warn!(target: "sdk.plugin", "refused a connection: no TLS handshake"),
        },
    };
    // Fails if the server has ended, and then the connection ends too.
    let _ = ready.send(Ok(Connection { socket, _open: open })).await;
}

/// Anything that bytes can be sent over.
trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Socket for T {}

/// A connection that is ready for gRPC, plain or in TLS. Counted as long as it lives.
pub(crate) struct Connection {
    socket: Box<dyn Socket>,
    _open: Counted,
}

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(cx, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(cx, data)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }
}
