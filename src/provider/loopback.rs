//! A server of a few lines for the tests of calls, which shows what is sent and how answers are read;
//! and clients for it and for the mock.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::api::base_url::BaseUrl;
use crate::api::client::{Client, Settings};
use crate::api::error_mapping::ErrorMapping;
use crate::api::secret::Secret;

/// The requests that a server got, as `METHOD target body`.
pub(crate) type Requests = Arc<Mutex<Vec<String>>>;

/// A client whose server answers each request by a function of its line and body, and a record of
/// both.
pub(crate) async fn serve(
    error_mapping: ErrorMapping,
    answer: impl Fn(&str) -> (u16, String) + Send + 'static,
) -> (Client, Requests) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let record = Requests::default();
    let requests = record.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let request = read_request(&mut stream).await;
            let (status, body) = answer(&request);
            requests.lock().unwrap().push(request);
            let head =
                format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.write_all((head + &body).as_bytes()).await.unwrap();
        }
    });
    (client(error_mapping, &url, "key"), record)
}

/// A client that repeats nothing and looks often.
pub(crate) fn client(error_mapping: ErrorMapping, url: &str, key: &str) -> Client {
    Client::new(Settings {
        error_mapping,
        base_url: BaseUrl::parse(url).unwrap(),
        api_key: Some(Secret::new(key)),
        request_timeout: Duration::from_secs(20),
        max_retries: 0,
        max_requests_per_minute: 0,
        poll_interval: Duration::from_millis(2),
        user_agent: "test".to_owned(),
    })
}

/// As [`serve`], with one answer after the other; the last one again and again.
pub(crate) async fn play(
    error_mapping: ErrorMapping,
    script: &'static [(u16, &'static str)],
) -> (Client, Requests) {
    let next = Mutex::new(0);
    serve(error_mapping, move |_| {
        let mut next = next.lock().unwrap();
        let (status, body) = script[(*next).min(script.len() - 1)];
        *next += 1;
        (status, body.to_owned())
    })
    .await
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.unwrap();
        text += std::str::from_utf8(&chunk[..count]).unwrap();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|it| it.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            let line = head.lines().next().unwrap().trim_end_matches(" HTTP/1.1");
            return format!("{line} {body}").trim_end().to_owned();
        }
    }
}
