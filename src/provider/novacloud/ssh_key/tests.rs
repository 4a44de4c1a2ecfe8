//! A key's life against an API of a few lines, on a clock that jumps over every wait.

use std::sync::Mutex;

use serde_json::json;
use tfplugin::resource::Resource;
use tfplugin::schema::Schema;
use tfplugin::testing as client;

use super::*;
use crate::provider::life_cycle::stored::StoredLife;
use crate::provider::loopback::{self, acts, told, writer};

type Life = StoredLife<SshKey>;

const ID: &str = "4e1d9f0c-6a2b-4c37-9f58-2d7b0a6c1e44";
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const FINGERPRINT: &str = "SHA256:kmYcvdi2GkPeWxB6XLjrZB8JHsy2Hm8luHMFp9GMvqk";

fn model(change: &Json) -> SshKey {
    let mut object = json!({
        "id": ID, "public_key": KEY, "label": "ci", "fingerprint": FINGERPRINT, "key_type": "ssh-ed25519",
        "created_at": "2026-01-01T00:00:00Z",
    });
    for (name, value) in change.as_object().unwrap() {
        object[name] = value.clone();
    }
    SshKey::from_object(&client::value(&Schema::of::<SshKey>(), &object)).unwrap()
}

/// What becomes of a removal that is answered so, while a get is answered so.
async fn removed(deletion: (u16, &'static str), get: u16, list: u16) -> (String, Vec<String>) {
    let (cx, requests) = loopback::operation("1.11.4", move |request| {
        let shown = json!({"id": ID, "label": "ci", "fingerprint": FINGERPRINT});
        match request {
            it if it.starts_with("DELETE") => (deletion.0, deletion.1.to_owned()),
            it if it.starts_with("GET /ssh-keys?") => {
                (list, if list == 200 { "[]" } else { "{}" }.to_owned())
            }
            _ if get == 200 => (200, shown.to_string()),
            _ => (get, r#"{"detail":"SSH key not found"}"#.to_owned()),
        }
    });
    let result = Life::delete(&cx, model(&json!({}))).await;
    (told(&cx, result), acts(&requests))
}

#[tokio::test(start_paused = true)]
async fn a_removal_that_finds_nothing_is_done_where_a_look_says_so_too() {
    let deletions = [format!("DELETE /ssh-keys/{ID}")];
    let unknown_route = r#"{"detail":"Not Found"}"#;
    for deletion in [(204, ""), (404, unknown_route), (404, r#"{"detail":"SSH key not found"}"#), (405, "{}")]
    {
        assert_eq!(removed(deletion, 404, 200).await, (String::new(), deletions.to_vec()), "{deletion:?}");
    }
    // Nor is the list in any page.
    assert_eq!(removed((204, ""), 404, 404).await, (String::new(), deletions.to_vec()));
}

#[tokio::test(start_paused = true)]
async fn a_removal_without_a_call_says_how_to_go_on() {
    for deletion in [(404, r#"{"detail":"Not Found"}"#), (405, r#"{"detail":"Method Not Allowed"}"#)] {
        let (said, sent) = removed(deletion, 200, 200).await;
        assert!(said.starts_with("API has no such call to delete an SSH key: "), "{said}");
        assert!(said.contains("terraform state rm ADDRESS") && said.contains("may still exist"), "{said}");
        assert_eq!(sent.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_creation_whose_answer_is_lost_is_found_by_its_fingerprint() {
    let made = Mutex::new(None::<Json>);
    let (cx, requests) = loopback::operation("1.11.4", move |request| {
        let mut made = made.lock().unwrap();
        let others = [
            json!({"id": "0f7a3c52-5d0e-4a57-9a41-6b1f4a6e2c10", "label": "ci", "fingerprint": "SHA256:x"}),
            json!({"id": "1f7a3c52-5d0e-4a57-9a41-6b1f4a6e2c10", "label": "ci", "fingerprint": "SHA256:y"}),
        ];
        match request {
            it if it.starts_with("POST") => {
                let now = Timestamp::now().to_string();
                *made = Some(json!({"id": ID, "label": "ci", "fingerprint": FINGERPRINT, "created_at": now}));
                (502, String::new())
            }
            it if loopback::is_later_page(it) => (200, "[]".to_owned()),
            it if it.starts_with("GET /ssh-keys?") => {
                // Somebody adds another one at the same time.
                let after = others.iter().skip(1).filter(|_| made.is_some()).chain(made.as_ref());
                (200, Json::Array(others.iter().take(1).chain(after).cloned().collect()).to_string())
            }
            _ => (200, made.clone().unwrap_or_default().to_string()),
        }
    });
    let (cell, writer) = writer();
    let wanted = model(&json!({"id": null, "created_at": null}));
    let said = told(&cx, Life::create(&cx, wanted, &writer).await);
    assert!(said.starts_with("[SSH key was taken over: ") && said.contains(FINGERPRINT), "{said}");
    assert_eq!(acts(&requests), ["POST /ssh-keys"]);
    assert_eq!(cell.lock().unwrap().clone().unwrap().get("id").as_str(), Some(ID));
}
