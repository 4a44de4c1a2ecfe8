//! The client's end of the connection: the socket, TLS as the Go clients do it, the channel.
//!
//! Knows two clients. The strict one is for tests of our own provider: it checks all that can be checked.
//! The lenient one is for measuring any provider: it takes the certificate that was told and does not check
//! the signature, so that a provider is not charged for the client's arithmetic.

use std::io;
use std::pin::Pin;
use std::sync::Arc;

use hyper_util::rt::TokioIo;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, ConfigBuilder, DigitallySignedStruct, Error, RootCertStore,
    SignatureScheme, SupportedProtocolVersion, WantsVerifier,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

use crate::certificate::Identity;

/// Both versions that a server has to speak.
pub const ALL_VERSIONS: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13, &rustls::version::TLS12];

/// Where a plugin listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// Path of a unix socket.
    Unix(String),
    /// Host and port.
    Tcp(String),
}

/// Either kind of socket.
pub trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Socket for T {}

impl Address {
    /// From the two fields of a handshake line; none for a network that is not known.
    pub fn of_fields(network: &str, address: &str) -> Option<Self> {
        match network {
            "unix" => Some(Self::Unix(address.to_owned())),
            "tcp" => Some(Self::Tcp(address.to_owned())),
            _ => None,
        }
    }

    async fn open(&self) -> io::Result<Pin<Box<dyn Socket>>> {
        match self {
            Self::Unix(path) => Ok(Box::pin(UnixStream::connect(path).await?)),
            Self::Tcp(address) => {
                let socket = TcpStream::connect(address).await?;
                socket.set_nodelay(true)?;
                Ok(Box::pin(socket))
            }
        }
    }
}

/// A TLS connection to a server that must present exactly `server`, by a client that presents
/// `identity`.
///
/// In TLS 1.3 the client is done before the server has looked at its certificate: a refusal shows
/// only when something is read.
pub async fn tls(
    path: &str,
    server: &CertificateDer<'static>,
    identity: Option<&Identity>,
    versions: &[&'static SupportedProtocolVersion],
) -> io::Result<TlsStream<UnixStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(server.clone()).map_err(io::Error::other)?;
    let config = config(versions)?.with_root_certificates(roots);
    let config = match identity {
        Some(identity) => config.with_client_cert_resolver(identity.resolver()),
        None => config.with_no_client_auth(),
    };
    let stream = handshake(UnixStream::connect(path).await?, config).await?;
    let presented = stream.get_ref().1.peer_certificates().unwrap_or_default();
    assert_eq!(
        presented,
        std::slice::from_ref(server),
        "the server presents another certificate than it told"
    );
    Ok(stream)
}

/// A channel over TLS, by the strict client.
pub async fn secure_channel(
    path: &str,
    server: &CertificateDer<'static>,
    identity: Option<&Identity>,
) -> Result<Channel, tonic::transport::Error> {
    let (path, server, identity) = (path.to_owned(), server.clone(), identity.cloned());
    let connector = service_fn(move |_| {
        let (path, server, identity) = (path.clone(), server.clone(), identity.clone());
        async move { tls(&path, &server, identity.as_ref(), ALL_VERSIONS).await.map(TokioIo::new) }
    });
    endpoint().connect_with_connector(connector).await
}

/// A channel over mutual TLS, by the lenient client.
pub async fn lenient_channel(
    address: &Address,
    server: &CertificateDer<'static>,
    identity: &Identity,
) -> Result<Channel, tonic::transport::Error> {
    let (address, server, identity) = (address.clone(), server.clone(), identity.clone());
    let connector = service_fn(move |_| {
        let (address, server, identity) = (address.clone(), server.clone(), identity.clone());
        async move {
            let config = lenient_config(server, &identity)?;
            handshake(address.open().await?, config).await.map(TokioIo::new)
        }
    });
    endpoint().connect_with_connector(connector).await
}

/// A channel without TLS.
pub async fn plain_channel(path: &str) -> Result<Channel, tonic::transport::Error> {
    let path = path.to_owned();
    let connector = service_fn(move |_| {
        let path = path.clone();
        async move { UnixStream::connect(path).await.map(TokioIo::new) }
    });
    endpoint().connect_with_connector(connector).await
}

fn endpoint() -> Endpoint {
    Endpoint::from_static("http://localhost")
}

async fn handshake<S: Socket>(socket: S, mut config: ClientConfig) -> io::Result<TlsStream<S>> {
    config.alpn_protocols = vec![b"h2".to_vec()];
    let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
    TlsConnector::from(Arc::new(config)).connect(name, socket).await
}

fn config(
    versions: &[&'static SupportedProtocolVersion],
) -> io::Result<ConfigBuilder<ClientConfig, WantsVerifier>> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    builder.with_protocol_versions(versions).map_err(io::Error::other)
}

fn lenient_config(server: CertificateDer<'static>, identity: &Identity) -> io::Result<ClientConfig> {
    let verifier = Arc::new(ToldCertificate(server));
    let config = config(ALL_VERSIONS)?.dangerous().with_custom_certificate_verifier(verifier);
    Ok(config.with_client_cert_resolver(identity.resolver()))
}

/// Accepts the server that presents this certificate, whatever it signs. A Go plugin's certificate is a
/// CA's, of a key that the backend cannot check.
#[derive(Debug)]
struct ToldCertificate(CertificateDer<'static>);

impl ServerCertVerifier for ToldCertificate {
    fn verify_server_cert(
        &self,
        presented: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if *presented == self.0 {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let ring: CryptoProvider = ring::default_provider();
        let mut schemes = ring.signature_verification_algorithms.supported_schemes();
        schemes.push(SignatureScheme::ECDSA_NISTP521_SHA512);
        schemes
    }
}
