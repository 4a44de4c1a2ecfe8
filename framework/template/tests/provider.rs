//! The provider, driven in process as a client does.

#![cfg(test)]

#[allow(dead_code, reason = "the program itself is not run")]
#[path = "../src/main.rs"]
mod provider;

use serde_json::{Value, json};
use tempfile::TempDir;
use tfplugin::testing::Client;

use provider::MyCloud;

fn cloud() -> (Client<MyCloud>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Client::configured(&json!({ "folder": folder.path() })), folder)
}

fn web(content: &str) -> Value {
    json!({ "name": "web", "content": content })
}

#[test]
fn the_schemas_have_no_fault() {
    assert_eq!(Client::<MyCloud>::lint(), [""; 0]);
}

#[tokio::test]
async fn a_server_lives_its_life() {
    let (client, _folder) = cloud();
    let made = client.apply("mycloud_server", &web("a"), None).await;
    let changed = client.apply("mycloud_server", &web("b"), Some(&made)).await;
    let imported = client.import("mycloud_server", "web").await;
    assert_eq!(imported.state, changed.state);
    client.destroy("mycloud_server", &imported).await;
}

#[tokio::test]
async fn no_fault_costs_a_server() {
    let (client, folder) = cloud();
    let servers = || {
        let files = folder.path().read_dir().unwrap();
        files.map(|it| it.unwrap().file_name().into_string().unwrap()).collect()
    };
    client.faults("mycloud_server", &web("a"), None, &servers).await;
    client.faults("mycloud_server", &web("b"), Some(&web("a")), &servers).await;
    client.faults("mycloud_server", &Value::Null, Some(&web("a")), &servers).await;
}
