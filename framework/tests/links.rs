//! The provider of `examples/links.rs`, against a server on the loopback: under every fault, and under every real CLI.

#![cfg(test)]

#[allow(dead_code, unreachable_pub, reason = "each test takes what it needs")]
mod common;
#[allow(dead_code, reason = "the program itself is not run")]
#[path = "../examples/links.rs"]
mod links;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value as Json, json};
use tfplugin::testing::Client;
use tokio::net::TcpListener;

use common::{Workspace, clis, example};
use links::Links;

/// The links, with what they lead to, and how often each was read.
#[derive(Default)]
struct Table {
    links: BTreeMap<String, (String, u64)>,
    made: u64,
}

type Shared = Arc<Mutex<Table>>;

/// The answer: a link is active when it has been read twice.
async fn answer(table: Shared, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let target = || serde_json::from_slice::<Json>(&body).unwrap()["target"].as_str().unwrap().to_owned();
    let mut table = table.lock().unwrap();
    let mut id = path.trim_start_matches("/links").trim_start_matches('/').to_owned();
    if method == Method::POST {
        table.made += 1;
        id = format!("l{}", table.made);
        table.links.insert(id.clone(), (target(), 0));
    }
    let Some((leads_to, reads)) = table.links.get_mut(&id) else {
        return Ok(Response::builder().status(404).body(Full::default()).unwrap());
    };
    *reads += u64::from(method == Method::GET);
    if method == Method::PUT {
        *leads_to = target();
    }
    let status = if *reads < 2 { "pending" } else { "active" };
    let link = json!({ "id": id, "target": leads_to, "status": status });
    if method == Method::DELETE {
        table.links.remove(&id);
    }
    Ok(Response::new(Full::from(link.to_string())))
}

/// Serves on the runtime that calls it, until that ends.
async fn serve(table: Shared) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let table = Arc::clone(&table);
            let service = hyper::service::service_fn(move |it| answer(Arc::clone(&table), it));
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(connection), service);
            tokio::spawn(connection);
        }
    });
    address
}

#[tokio::test]
async fn no_fault_costs_a_link() {
    let table = Shared::default();
    let endpoint = format!("http://{}", serve(Arc::clone(&table)).await);
    let client = Client::<Links>::configured(&json!({ "endpoint": endpoint }));
    let exists = || table.lock().unwrap().links.keys().cloned().collect();
    let link = |target: &str| json!({ "target": target });
    assert!(client.faults("links_link", &link("a"), None, &exists).await > 3);
    assert!(client.faults("links_link", &link("b"), Some(&link("a")), &exists).await > 1);
    assert!(client.faults("links_link", &Json::Null, Some(&link("a")), &exists).await > 1);
    assert_eq!(Client::<Links>::lint(), [""; 0]);
}

#[test]
fn a_link_lives_its_life_under_every_cli() {
    let table = Shared::default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let address = runtime.block_on(serve(Arc::clone(&table)));
    let targets = || table.lock().unwrap().links.values().map(|(it, _)| it.clone()).collect::<Vec<_>>();
    for cli in clis() {
        let workspace = Workspace::new(&cli, "links", &example("links"));
        let leads_to = |target: &str| {
            let provider = format!("provider \"links\" {{\n endpoint = \"http://{address}\"\n}}\n");
            workspace
                .configure(&format!("{provider}resource \"links_link\" \"a\" {{\n target = {target:?}\n}}\n"))
        };
        for target in ["https://example.com/a", "https://example.com/b"] {
            leads_to(target).succeeds(&["apply", "-no-color", "-auto-approve"]);
            assert_eq!(targets(), [target]);
            workspace.is_settled();
        }
        let id = table.lock().unwrap().links.keys().next().unwrap().clone();
        workspace.succeeds(&["state", "rm", "links_link.a"]);
        workspace.succeeds(&["import", "-no-color", "links_link.a", &id]);
        workspace.is_settled();
        workspace.succeeds(&["destroy", "-no-color", "-auto-approve"]);
        assert_eq!(targets(), [""; 0]);
    }
}
