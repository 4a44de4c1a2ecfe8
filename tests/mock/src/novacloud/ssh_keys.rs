//! SSH keys of the account. The text of a key is never shown again, only its fingerprint.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::times::rfc3339;
use super::{NovaCloud, not_found, page, refused};
use crate::answer::{Answer, Call, Refusal, Result};
use crate::record::patched;
use crate::style::{Subject, Thing, fill};

/// A key that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshKey {
    pub id: String,
    pub label: String,
    pub key_type: String,
    /// `SHA256:` and the hash in base 64 without padding.
    pub fingerprint: String,
    pub created_at: u64,
}

/// Keys that an account may have.
const MOST: usize = 5;

/// Kinds of keys that are taken.
const TYPES: [&str; 3] = ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"];

impl NovaCloud {
    pub(super) fn upload_ssh_key(&mut self, body: &Value, now: u64) -> Result<Answer> {
        let (key_type, fingerprint) = read_public_key(body["ssh_public_key"].as_str().unwrap_or_default())?;
        if !self.unbounded_keys && self.ssh_keys.len() >= MOST {
            return Err(refused(&format!("SSH key limit reached: {MOST} of {MOST}")));
        }
        if !self.unbounded_keys && self.ssh_keys.iter().any(|it| it.fingerprint == fingerprint) {
            return Err(refused("This SSH key was added before"));
        }
        let label = body["label"].as_str().unwrap_or("Default SSH Key").to_owned();
        let key = SshKey { id: self.ids.uuid(), label, key_type, fingerprint, created_at: now };
        let answer = Answer::json(201, &self.show_ssh_key(&key));
        self.ssh_keys.push(key);
        self.created_keys += 1;
        Ok(answer)
    }

    pub(super) fn list_ssh_keys(&self, call: &Call) -> Answer {
        let keys: Vec<&SshKey> = self.ssh_keys.iter().collect();
        Answer::json(
            200,
            &page(&self.platform, call, &keys).into_iter().map(|it| self.show_ssh_key(it)).collect(),
        )
    }

    pub(super) fn get_ssh_key(&self, id: &str) -> Result<Answer> {
        let key = self.ssh_keys.iter().find(|it| it.id == id).ok_or_else(unknown)?;
        Ok(Answer::json(200, &self.show_ssh_key(key)))
    }

    /// Changes the record of a key behind everyone's back.
    pub(crate) fn modify_ssh_key(&mut self, id: &str, change: Value) -> std::result::Result<(), String> {
        let key = self.ssh_keys.iter_mut().find(|it| it.id == id);
        let key = key.ok_or_else(|| format!("there is no key {id}"))?;
        *key = patched(json!(key), change)?;
        Ok(())
    }

    pub(super) fn delete_ssh_key(&mut self, id: &str) -> Result<Answer> {
        let at = self.ssh_keys.iter().position(|it| it.id == id).ok_or_else(unknown)?;
        self.ssh_keys.remove(at);
        Ok(Answer { status: 204, ..Answer::empty() })
    }

    fn show_ssh_key(&self, key: &SshKey) -> Value {
        let mut shown = json!({
            "id": key.id, "label": key.label, "key_type": key.key_type, "fingerprint": key.fingerprint,
            "created_at": rfc3339(key.created_at),
        });
        fill(&self.platform, &mut shown, Subject { thing: Thing::SshKey, id: &key.id, fresh: true });
        shown
    }
}

fn unknown() -> Refusal {
    not_found("SSH key not found")
}

/// Type and fingerprint of a key in the form of `authorized_keys`.
fn read_public_key(text: &str) -> Result<(String, String)> {
    let mut parts = text.split_whitespace();
    let key_type = parts.next().unwrap_or_default();
    if !TYPES.contains(&key_type) {
        return Err(refused(
            "Invalid SSH public key: the type must be ssh-ed25519, ssh-rsa or ecdsa-sha2-nistp256",
        ));
    }
    let blob = parts.next().and_then(|it| STANDARD.decode(it).ok());
    let blob = blob.filter(|it| field(it, 0) == Some(key_type.as_bytes()));
    let blob = blob.ok_or_else(|| refused("Invalid SSH public key: the key cannot be read"))?;
    if key_type == "ssh-rsa" && field(&blob, 2).is_none_or(|modulus| bits(modulus) < 2048) {
        return Err(refused("Invalid SSH public key: an RSA key needs at least 2048 bits"));
    }
    let hash = ring::digest::digest(&ring::digest::SHA256, &blob);
    Ok((key_type.to_owned(), format!("SHA256:{}", STANDARD_NO_PAD.encode(hash))))
}

/// One of the fields of a key: each is a length of four bytes and so many bytes (RFC 4253, section 6.6).
fn field(blob: &[u8], number: usize) -> Option<&[u8]> {
    let (length, rest) = blob.split_first_chunk::<4>()?;
    let (field, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    if number == 0 { Some(field) } else { self::field(rest, number - 1) }
}

fn bits(number: &[u8]) -> usize {
    let leading: usize = number.iter().take_while(|it| **it == 0).count();
    let first = number.get(leading).map_or(8, |it| it.leading_zeros() as usize);
    (number.len() - leading) * 8 - first.min((number.len() - leading) * 8)
}
