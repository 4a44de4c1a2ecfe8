//! The client's end of the connection: the socket, TLS as the Go clients do it, the channel.

use std::io;
use std::sync::Arc;

use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::net::UnixStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

use crate::certificate::Identity;

/// Both versions that a server has to speak.
pub(crate) const ALL_VERSIONS: &[&SupportedProtocolVersion] =
    &[&rustls::version::TLS13, &rustls::version::TLS12];

/// A TLS connection to a server that must present exactly `server`, by a client that presents
/// `identity`.
///
/// In TLS 1.3 the client is done before the server has looked at its certificate: a refusal shows
/// only when something is read.
pub(crate) async fn tls(
    path: &str,
    server: &CertificateDer<'static>,
    identity: Option<&Identity>,
    versions: &[&'static SupportedProtocolVersion],
) -> io::Result<TlsStream<UnixStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(server.clone()).map_err(io::Error::other)?;
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(versions)
        .map_err(io::Error::other)?
        .with_root_certificates(roots);
    let mut config = match identity {
        Some(identity) => config.with_client_cert_resolver(identity.resolver()),
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
    let socket = UnixStream::connect(path).await?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, socket).await?;
    let presented = stream.get_ref().1.peer_certificates().unwrap_or_default();
    assert_eq!(
        presented,
        std::slice::from_ref(server),
        "the server presents another certificate than it told"
    );
    Ok(stream)
}

/// A channel over TLS.
pub(crate) async fn secure_channel(
    path: &str,
    server: &CertificateDer<'static>,
    identity: Option<&Identity>,
) -> Result<Channel, tonic::transport::Error> {
    let (path, server, identity) = (path.to_owned(), server.clone(), identity.cloned());
    let connector = service_fn(move |_| {
        let (path, server, identity) = (path.clone(), server.clone(), identity.clone());
        async move { tls(&path, &server, identity.as_ref(), ALL_VERSIONS).await.map(TokioIo::new) }
    });
    Endpoint::from_static("http://localhost").connect_with_connector(connector).await
}

/// A channel without TLS.
pub(crate) async fn plain_channel(path: &str) -> Result<Channel, tonic::transport::Error> {
    let path = path.to_owned();
    let connector = service_fn(move |_| {
        let path = path.clone();
        async move { UnixStream::connect(path).await.map(TokioIo::new) }
    });
    Endpoint::from_static("http://localhost").connect_with_connector(connector).await
}
