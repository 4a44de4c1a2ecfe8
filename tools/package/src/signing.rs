//! The maintainers' key, and what it signs.
//!
//! The key comes from the environment as armored text, or from a file that the environment names, and is never
//! written anywhere. Registries verify with RSA keys, so others are refused before a release is published with
//! one.

use pgp::composed::{Deserializable, DetachedSignature, SignedSecretKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::public_key::PublicKeyAlgorithm;
use pgp::ser::Serialize;
use pgp::types::{Password, SigningKey};

use crate::{Problem, Result};

/// The armored secret key itself.
pub const KEY: &str = "RELEASE_SIGNING_KEY";
/// The file that holds it.
pub const KEY_FILE: &str = "RELEASE_SIGNING_KEY_FILE";
/// What unlocks it, when it is locked.
pub const PASSPHRASE: &str = "RELEASE_SIGNING_PASSPHRASE";

/// A secret key that can sign a release.
pub struct Key {
    key: SignedSecretKey,
    passphrase: Password,
}

impl Key {
    /// The key that the environment holds or names.
    pub fn from_environment() -> Result<Self> {
        let variable = |name| std::env::var(name).ok().filter(|it| !it.is_empty());
        let armored = match (variable(KEY), variable(KEY_FILE)) {
            (Some(text), _) => text,
            (None, Some(file)) => std::fs::read_to_string(&file)
                .map_err(Problem::while_doing(format!("{KEY_FILE}={file} cannot be read")))?,
            (None, None) => {
                return Err(Problem::new(format!(
                    "the signing key is missing: set {KEY_FILE} to a file with an armored secret key \
                     (gpg --export-secret-keys --armor) and {PASSPHRASE} if it is locked, or say UNSIGNED=1"
                )));
            }
        };
        Self::from_armored(&armored, &variable(PASSPHRASE).unwrap_or_default())
    }

    /// Reads a key and makes sure that it can be used.
    pub fn from_armored(armored: &str, passphrase: &str) -> Result<Self> {
        let (key, _) = SignedSecretKey::from_string(armored)
            .map_err(Problem::while_doing("the signing key is not an armored OpenPGP secret key"))?;
        let passphrase = if passphrase.is_empty() { Password::empty() } else { Password::from(passphrase) };
        let key = Self { key, passphrase };
        key.sign(b"").map(|_| key)
    }

    /// A binary detached signature of `bytes`, which `gpg --verify` and the clients understand.
    pub fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        match self
            .key
            .secret_subkeys
            .iter()
            .rev()
            .find(|it| it.signatures.iter().any(|it| it.key_flags().sign()))
        {
            Some(subkey) => self.sign_with(&subkey.key, bytes),
            None => self.sign_with(&self.key.primary_key, bytes),
        }
    }

    fn sign_with(&self, key: &impl SigningKey, bytes: &[u8]) -> Result<Vec<u8>> {
        if key.algorithm() != PublicKeyAlgorithm::RSA {
            return Err(Problem::new(format!(
                "the signing key is a {:?} key, but the registries verify RSA keys only",
                key.algorithm()
            )));
        }
        let random = rand::thread_rng();
        let signed =
            DetachedSignature::sign_binary_data(random, key, &self.passphrase, HashAlgorithm::Sha512, bytes);
        signed
            .and_then(|it| it.to_bytes())
            .map_err(Problem::while_doing(format!("the signing key cannot sign; is {PASSPHRASE} right?")))
    }
}
