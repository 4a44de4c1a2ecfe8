//! The mock over HTTP: the connection, the handle, the pages for scripts, the program.

#![expect(
    clippy::unwrap_used,
    reason = "clippy takes functions that are not tests themselves for other code"
)]

mod connection;
mod pages;
mod program;
mod vendors;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use mock_cloud::MockCloud;
use serde_json::{Value, json};

/// What came back on a connection of its own; nothing when it ended without an answer.
#[derive(Debug, PartialEq, Eq)]
struct Reply {
    status: u16,
    head: String,
    body: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Sends one request by hand, so that no client library retries or hides anything.
fn send(origin: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Reply> {
    let mut stream = TcpStream::connect(origin.strip_prefix("http://").unwrap()).unwrap();
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: mock\r\nConnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    // A connection that is reset is one that ended without an answer, too.
    let _ = stream.read_to_string(&mut answer);
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Reply { status, head: head.to_lowercase(), body: body.to_owned() })
}

/// A call of the API with the right key.
fn call(cloud: &MockCloud, method: &str, path: &str, body: &Value) -> Option<Reply> {
    let url = cloud.novita_url();
    let path = format!("{}{path}", url.strip_prefix(&cloud.origin()).unwrap());
    let key = format!("Bearer {}", cloud.api_key());
    let headers = [("Authorization", key.as_str()), ("Content-Type", "application/json")];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    send(&cloud.origin(), method, &path, &headers, &body)
}

fn create(cloud: &MockCloud) -> Option<Reply> {
    let body = json!({"name": "one", "productId": "cpu.4c8g", "imageUrl": "nginx", "kind": "cpu",
        "imageAuth": "ci:s3cret", "envs": [{"key": "TOKEN", "value": "s3cret"}]});
    call(cloud, "POST", "/gpu/instance/create", &body)
}

fn created(cloud: &MockCloud) -> String {
    create(cloud).unwrap().json()["id"].as_str().unwrap().to_owned()
}

fn read(cloud: &MockCloud, id: &str) -> Reply {
    call(cloud, "GET", &format!("/gpu/instance?instanceId={id}"), &Value::Null).unwrap()
}
