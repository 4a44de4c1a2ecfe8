//! A registry on the loopback: a shelf of files, given away over HTTP with or without TLS.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use bytes::Bytes;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

/// What is given away: path → contents.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// A registry that serves until it goes out of sight.
pub(super) struct Registry {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Registry {
    pub(super) fn start(files: Files) -> Self {
        Self::serve(files, None)
    }

    /// The same behind TLS.
    pub(super) fn start_with_tls(files: Files, tls: ServerConfig) -> Self {
        Self::serve(files, Some(TlsAcceptor::from(Arc::new(tls))))
    }

    fn serve(files: Files, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port of the loopback");
        listener.set_nonblocking(true).expect("a listener for tokio");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, Arc::new(files), tls) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The host of a source address; a name, because a source address cannot hold a number.
    pub(super) fn host(&self) -> String {
        format!("localhost:{}", self.address.port())
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: TcpListener, files: Arc<Files>, tls: Option<TlsAcceptor>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let (files, tls) = (Arc::clone(&files), tls.clone());
        tokio::spawn(async move {
            match tls {
                None => answer(stream, files).await,
                // A client that does not trust the certificate hangs up; it is the client who tells of it.
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        answer(stream, files).await;
                    }
                }
            }
        });
    }
}

async fn answer(stream: impl AsyncRead + AsyncWrite + Unpin, files: Arc<Files>) {
    let service = service_fn(|request: Request<_>| {
        let response = respond(&files, &request);
        async move { Ok::<_, Infallible>(response) }
    });
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let _ = connection.await;
}

fn respond(files: &Files, request: &Request<hyper::body::Incoming>) -> Response<Full<Bytes>> {
    let path = request.uri().path();
    let (status, bytes) = match files.get(path) {
        Some(bytes) => (StatusCode::OK, Bytes::copy_from_slice(bytes)),
        None => (StatusCode::NOT_FOUND, Bytes::new()),
    };
    let kind = if path.starts_with("/files/") { "application/octet-stream" } else { "application/json" };
    let mut response = Response::new(Full::new(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", hyper::header::HeaderValue::from_static(kind));
    response
}
