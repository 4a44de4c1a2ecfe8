//! TLS as go-plugin's AutoMTLS wants it: a fresh certificate per process, told to the client in the
//! handshake line, and a client that must show the certificate it told through the environment.
//!
//! Knows nothing of sockets. There is no way from here to plain text: a client certificate that
//! cannot be read is an error.

use std::sync::Arc;

use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{NoServerSessionStorage, ParsedCertificate};
use rustls::version::{TLS12, TLS13};

use crate::plugin::client_auth::OnlyThisClient;
use crate::plugin::start_error::StartError;

/// The name that clients check the certificate for.
const NAME: &str = "localhost";

/// What this run serves TLS with.
pub(crate) struct Tls {
    /// For the acceptor.
    pub(crate) config: Arc<ServerConfig>,
    /// For the handshake line: the certificate that will be presented.
    pub(crate) certificate: CertificateDer<'static>,
}

impl Tls {
    /// Makes key and certificate of this run, for the client whose certificate (PEM) is given.
    pub(crate) fn for_client(certificate_pem: &str) -> Result<Self, StartError> {
        let client = parse(certificate_pem)?;
        let (certificate, key) = new_identity()?;
        let backend = Arc::new(rustls::crypto::ring::default_provider());
        let only_client = OnlyThisClient::new(client, backend.signature_verification_algorithms);
        let mut config = ServerConfig::builder_with_provider(backend)
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_client_cert_verifier(Arc::new(only_client))
            .with_single_cert(vec![certificate.clone()], key)?;
        // Newer clients drop a connection on which no protocol was chosen.
        config.alpn_protocols = vec![b"h2".to_vec()];
        // The client connects once: nothing is ever resumed.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self { config: Arc::new(config), certificate })
    }
}

fn parse(pem: &str) -> Result<CertificateDer<'static>, StartError> {
    let fail = |reason: String| StartError::ClientCertificate(reason);
    let certificate =
        CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|error| fail(error.to_string()))?;
    ParsedCertificate::try_from(&certificate).map_err(|error| fail(error.to_string()))?;
    Ok(certificate)
}

/// P-256 is the cheapest key that all clients take. The dates of rcgen (1975 to 4096) are wide, so a
/// clock that is wrong does no harm, and the key dies with the process anyway.
fn new_identity() -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), StartError> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new([NAME.to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, NAME);
    let certificate = params.self_signed(&key)?;
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    Ok((certificate.der().clone(), key.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(pem: &str) {
        assert!(matches!(Tls::for_client(pem), Err(StartError::ClientCertificate(_))), "{pem}");
    }

    #[test]
    fn t7_what_is_no_certificate_is_refused() {
        check_refused("");
        check_refused("hello");
        check_refused("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    }
}
