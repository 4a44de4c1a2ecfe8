//! Public keys as texts: what is one, and what it tells of itself. No message repeats any of the text, which may be a
//! private key.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ring::digest::{SHA256, digest};
use tfplugin::check::Format;

/// Types of keys that the API takes.
const TYPES: [&str; 3] = ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"];
/// Least bits of an RSA key.
const LEAST_BITS: usize = 2048;

/// The form of a public key.
pub(super) static PUBLIC_KEY: Format = Format {
    text: "one public key with the type `ssh-ed25519`, `ssh-rsa` (at least 2048 bits) or `ecdsa-sha2-nistp256`",
    reject: |text| read(text).err().map(str::to_owned),
};

/// The form in which keys are compared: without comment, and without spaces at the ends.
pub(super) fn canonical(text: &str) -> String {
    text.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

/// Type and fingerprint of a key.
pub(super) fn told(text: &str) -> Option<(String, String)> {
    let (kind, blob) = read(text).ok()?;
    let hash = STANDARD_NO_PAD.encode(digest(&SHA256, &blob));
    Some((kind.to_owned(), format!("SHA256:{hash}")))
}

/// Type and contents of a key, or why it is none.
fn read(text: &str) -> Result<(&str, Vec<u8>), &'static str> {
    let first = text.trim_start().lines().next().unwrap_or_default();
    if first.contains("PRIVATE KEY") || first.starts_with("PuTTY-User-Key-File") {
        return Err(
            "It is a private key, which must never leave your machine: give the public one, from the file whose name \
                    ends in `.pub`.",
        );
    }
    if text.trim().lines().count() > 1 {
        return Err("It has several lines.");
    }
    let mut words = text.split_whitespace();
    let kind = words.next().filter(|it| TYPES.contains(it)).ok_or("It begins with none of these types.")?;
    let blob = words
        .next()
        .and_then(|it| STANDARD.decode(it).ok())
        .ok_or("Its second word is no key in base 64.")?;
    if field(&blob, 0) != Some(kind.as_bytes()) {
        return Err("The key in base 64 is cut off, or of another type than its first word says.");
    }
    if kind == "ssh-rsa" && field(&blob, 2).is_none_or(|modulus| bits(modulus) < LEAST_BITS) {
        return Err("It is an RSA key with fewer bits.");
    }
    Ok((kind, blob))
}

/// One of the fields of a key: each is a length in four bytes and so many bytes (RFC 4253, section 6.6).
fn field(blob: &[u8], number: usize) -> Option<&[u8]> {
    let (length, rest) = blob.split_first_chunk::<4>()?;
    let (field, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    if number == 0 { Some(field) } else { self::field(rest, number - 1) }
}

/// How many bits a number has whose first bytes may be zero.
fn bits(number: &[u8]) -> usize {
    let number: Vec<_> = number.iter().skip_while(|it| **it == 0).collect();
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kind: &str, fields: &[usize], filler: u8) -> String {
        let mut blob = Vec::new();
        let mut push = |field: &[u8]| {
            blob.extend(u32::try_from(field.len()).unwrap().to_be_bytes());
            blob.extend(field);
        };
        push(kind.as_bytes());
        fields.iter().for_each(|length| push(&vec![filler; *length]));
        format!("{kind} {} someone@example", STANDARD.encode(blob))
    }

    #[test]
    fn a_key_tells_its_type_and_the_fingerprint_of_ssh_keygen() {
        let ed25519 = key("ssh-ed25519", &[32], 0);
        // Written by `ssh-keygen -l` for the same key.
        let fingerprint = "SHA256:kmYcvdi2GkPeWxB6XLjrZB8JHsy2Hm8luHMFp9GMvqk".to_owned();
        assert_eq!(told(&ed25519), Some(("ssh-ed25519".to_owned(), fingerprint)));
        for text in [key("ssh-rsa", &[3, 256], 0xff), key("ecdsa-sha2-nistp256", &[8, 65], 1)] {
            assert!(told(&text).is_some() && (PUBLIC_KEY.reject)(&text).is_none(), "{text}");
        }
    }

    #[test]
    fn comment_and_spaces_are_no_part_of_a_key() {
        let ours = key("ssh-ed25519", &[32], 7);
        for other in
            [format!("  {ours}\n"), ours.replace("someone@example", ""), ours.replace("someone", "any one")]
        {
            assert_eq!((canonical(&other), told(&other)), (canonical(&ours), told(&ours)), "{other}");
        }
        assert_ne!(canonical(&key("ssh-ed25519", &[32], 8)), canonical(&ours));
    }

    #[test]
    fn what_is_no_public_key_is_refused_without_repeating_it() {
        let good = key("ssh-ed25519", &[32], 7);
        for (text, why) in [
            (
                "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n-----END OPENSSH PRIVATE KEY-----\n",
                "a private key",
            ),
            ("\n-----BEGIN RSA PRIVATE KEY-----\nhunter2", "a private key"),
            ("PuTTY-User-Key-File-3: ssh-rsa\nhunter2", "a private key"),
            ("hunter2", "none of these types"),
            ("ssh-dss hunter2", "none of these types"),
            ("", "none of these types"),
            ("ssh-ed25519", "no key in base 64"),
            ("ssh-ed25519 hunter2!", "no key in base 64"),
            ("ssh-ed25519 AAAA", "cut off"),
            (&good.replacen("ssh-ed25519", "ssh-rsa", 1), "of another type"),
            (&format!("{good}\n{good}"), "several lines"),
            (&key("ssh-rsa", &[3, 255], 0xff), "fewer bits"),
        ] {
            let said = (PUBLIC_KEY.reject)(text).unwrap_or_default();
            assert!(said.contains(why) && !said.contains("hunter2"), "{text}: {said}");
        }
    }
}
