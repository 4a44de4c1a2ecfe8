//! A client certificate like that of the Go clients: ECDSA P-521, self-signed, a CA's.
//!
//! The certificate is written byte by byte, since the TLS backend in use neither makes nor signs
//! with P-521 keys.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use p521::ecdsa::signature::Signer as _;
use p521::ecdsa::{DerSignature, SigningKey};
use rustls::pki_types::CertificateDer;
use rustls::sign::{CertifiedKey, Signer, SigningKey as TlsSigningKey, SingleCertAndKey};
use rustls::{Error, SignatureAlgorithm, SignatureScheme};

/// A certificate and its key.
#[derive(Clone)]
pub struct Identity {
    certificate: CertificateDer<'static>,
    key: SigningKey,
}

impl Identity {
    /// The identity that belongs to this number; no two numbers share one.
    #[expect(clippy::unwrap_used, reason = "the scalar is below the curve's order whatever the number is")]
    pub fn number(number: u8) -> Self {
        let mut scalar = [0_u8; 66];
        scalar[65] = number;
        scalar[1] = 0x5A;
        let key = SigningKey::from_slice(&scalar).unwrap();
        Self { certificate: self_signed(&key).into(), key }
    }

    /// For the environment of the plugin.
    pub fn pem(&self) -> String {
        format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            STANDARD.encode(&self.certificate)
        )
    }

    /// Signs, as the client does once in each TLS handshake.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        signature(&self.key, message)
    }

    /// This certificate with the key of another: what a thief of the certificate has.
    pub fn without_its_key(&self) -> Self {
        Self { certificate: self.certificate.clone(), key: Self::number(255).key }
    }

    /// For a TLS client.
    pub fn resolver(&self) -> Arc<SingleCertAndKey> {
        let key = Arc::new(P521(self.key.clone()));
        Arc::new(SingleCertAndKey::from(CertifiedKey::new(vec![self.certificate.clone()], key)))
    }
}

/// Lets rustls sign with a P-521 key.
#[derive(Clone, Debug)]
struct P521(SigningKey);

impl TlsSigningKey for P521 {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        // Like the Go clients: without this scheme on offer there is nothing to sign with.
        offered.contains(&self.scheme()).then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for P521 {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(signature(&self.0, message))
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_NISTP521_SHA512
    }
}

// Tags of DER.
const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT: u8 = 0x06;
const UTF8: u8 = 0x0C;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

const ECDSA_WITH_SHA512: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x04];
const EC_PUBLIC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
const SECP521R1: &[u8] = &[0x2B, 0x81, 0x04, 0x00, 0x23];
const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0A];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const KEY_USAGE: &[u8] = &[0x55, 0x1D, 0x0F];
const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1D, 0x11];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 0x13];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1D, 0x25];
const SERVER_AUTH: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
const CLIENT_AUTH: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];

fn self_signed(key: &SigningKey) -> Vec<u8> {
    let algorithm = der(SEQUENCE, &[&der(OBJECT, &[ECDSA_WITH_SHA512])]);
    let name =
        der(SEQUENCE, &[&name_part(ORGANIZATION, b"HashiCorp"), &name_part(COMMON_NAME, b"localhost")]);
    let validity = der(
        SEQUENCE,
        &[&der(GENERALIZED_TIME, &[b"20200101000000Z"]), &der(GENERALIZED_TIME, &[b"20700101000000Z"])],
    );
    let point = key.verifying_key().to_sec1_point(false);
    let key_kind = der(SEQUENCE, &[&der(OBJECT, &[EC_PUBLIC_KEY]), &der(OBJECT, &[SECP521R1])]);
    let public_key = der(SEQUENCE, &[&key_kind, &der(BIT_STRING, &[&[0], point.as_ref()])]);
    let content = der(
        SEQUENCE,
        &[
            &der(0xA0, &[&der(INTEGER, &[&[2]])]), // version 3
            &der(INTEGER, &[&[1]]),                // serial number
            &algorithm,
            &name,
            &validity,
            &name,
            &public_key,
            &der(0xA3, &[&extensions()]),
        ],
    );
    der(SEQUENCE, &[&content, &algorithm, &der(BIT_STRING, &[&[0], &signature(key, &content)])])
}

fn signature(key: &SigningKey, message: &[u8]) -> Vec<u8> {
    let signature: DerSignature = key.sign(message);
    signature.as_bytes().to_vec()
}

fn extensions() -> Vec<u8> {
    let yes = der(BOOLEAN, &[&[0xFF]]);
    // digitalSignature, keyEncipherment, keyAgreement, keyCertSign.
    let usage = der(BIT_STRING, &[&[2, 0b1010_1100]]);
    let extended = der(SEQUENCE, &[&der(OBJECT, &[SERVER_AUTH]), &der(OBJECT, &[CLIENT_AUTH])]);
    der(
        SEQUENCE,
        &[
            &extension(KEY_USAGE, &usage),
            &extension(EXTENDED_KEY_USAGE, &extended),
            &extension(BASIC_CONSTRAINTS, &der(SEQUENCE, &[&yes])),
            &extension(ALTERNATIVE_NAME, &der(SEQUENCE, &[&der(0x82, &[b"localhost"])])),
        ],
    )
}

fn extension(object: &[u8], value: &[u8]) -> Vec<u8> {
    der(SEQUENCE, &[&der(OBJECT, &[object]), &der(OCTET_STRING, &[value])])
}

fn name_part(object: &[u8], text: &[u8]) -> Vec<u8> {
    der(SET, &[&der(SEQUENCE, &[&der(OBJECT, &[object]), &der(UTF8, &[text])])])
}

/// Tag, length, and the parts one after the other.
#[expect(clippy::unwrap_used, reason = "a certificate of ours has a few hundred bytes")]
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let mut bytes = match length {
        [0, short @ 0..=0x7F] => vec![tag, short],
        [0, short] => vec![tag, 0x81, short],
        [high, low] => vec![tag, 0x82, high, low],
    };
    bytes.extend(content);
    bytes
}
