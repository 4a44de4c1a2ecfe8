//! SSH keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Bench, NOBODY};

/// A key of this type; the fields behind the type are filled with `filler`.
fn public_key(key_type: &str, fields: &[usize], filler: u8) -> String {
    let mut blob = Vec::new();
    let mut push = |field: &[u8]| {
        blob.extend(u32::try_from(field.len()).unwrap().to_be_bytes());
        blob.extend(field);
    };
    push(key_type.as_bytes());
    fields.iter().for_each(|length| push(&vec![filler; *length]));
    format!("{key_type} {} someone@example", STANDARD.encode(blob))
}

fn upload(bench: &mut Bench, key: &str) -> Result<Value, String> {
    bench.call("POST", "/ssh-keys", Some(&json!({"ssh_public_key": key, "label": "ci"})))
}

#[test]
fn a_key_is_uploaded_read_listed_and_deleted() {
    let mut bench = Bench::new();
    let key = public_key("ssh-ed25519", &[32], 7);
    let answer = bench.send("POST", "/ssh-keys", &[], Some(&json!({"ssh_public_key": key})));
    assert_eq!(answer.status, 201);
    assert!(!answer.body.contains(key.split(' ').nth(1).unwrap()), "the key is not echoed");
    let made: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((&made["label"], &made["key_type"]), (&json!("Default SSH Key"), &json!("ssh-ed25519")));
    let path = format!("/ssh-keys/{}", made["id"].as_str().unwrap());
    assert_eq!(bench.get(&path, &[]).unwrap(), made);
    let second = bench.get("/ssh-keys", &[("limit", "1"), ("offset", "1")]).unwrap();
    assert_eq!(second, json!([made]), "behind the one that was there before");
    let answer = bench.send("DELETE", &path, &[], None);
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    let unknown = "404 SSH key not found";
    assert_eq!(bench.get(&path, &[]).unwrap_err(), unknown);
    assert_eq!(bench.call("DELETE", &format!("/ssh-keys/{NOBODY}"), None).unwrap_err(), unknown);
}

#[test]
fn a_fingerprint_is_that_of_ssh_keygen() {
    let mut bench = Bench::new();
    let key = public_key("ssh-ed25519", &[32], 0);
    let made = upload(&mut bench, &key).unwrap();
    // Written by `ssh-keygen -l` for the same key.
    assert_eq!(made["fingerprint"], "SHA256:kmYcvdi2GkPeWxB6XLjrZB8JHsy2Hm8luHMFp9GMvqk");
}

#[test]
fn the_sixth_key_is_refused() {
    let mut bench = Bench::new();
    for filler in 1..=4 {
        upload(&mut bench, &public_key("ssh-ed25519", &[32], filler)).unwrap();
    }
    let refusal = upload(&mut bench, &public_key("ssh-ed25519", &[32], 5)).unwrap_err();
    assert_eq!(refusal, "400 SSH key limit reached: 5 of 5");
}

#[test]
fn keys_have_a_type_and_a_size() {
    let mut bench = Bench::new();
    upload(&mut bench, &public_key("ssh-rsa", &[3, 256], 0xff)).unwrap();
    upload(&mut bench, &public_key("ecdsa-sha2-nistp256", &[8, 65], 1)).unwrap();
    for wrong in [
        public_key("ssh-rsa", &[3, 255], 0xff),
        public_key("ssh-dss", &[128], 1),
        public_key("ssh-ed25519", &[32], 1).replacen("ed25519", "rsa", 1),
        "ssh-ed25519".to_owned(),
        "ssh-ed25519 !!!".to_owned(),
        "ssh-ed25519 AAAA".to_owned(),
    ] {
        let refusal = upload(&mut bench, &wrong).unwrap_err();
        assert!(refusal.starts_with("400 Invalid SSH public key: "), "{wrong}: {refusal}");
    }
    let again = upload(&mut bench, &public_key("ssh-rsa", &[3, 256], 0xff)).unwrap_err();
    assert_eq!(again, "400 This SSH key was added before");
    assert!(upload(&mut bench, &"k".repeat(16_001)).unwrap_err().starts_with("422 body.ssh_public_key: "));
    let label = json!({"ssh_public_key": "ssh-rsa A", "label": "l".repeat(101)});
    assert!(bench.call("POST", "/ssh-keys", Some(&label)).unwrap_err().starts_with("422 body.label: "));
}
