//! An API that never stops sending what a client has to skip.
//!
//! Nothing is measured: other calls are answered and a stop is obeyed while the floods last, and the floods last
//! until the test ends.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use serde_json::json;

use super::said::text_of;
use super::subject::{GPU, VM};
use super::world::World;
use crate::launch::within;
use crate::proto::health::HealthCheckRequest;

/// Answers that announce the true one, which never comes.
const ANNOUNCED: [&str; 2] =
    ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"];

/// An address where each connection is served so, on a thread of its own.
pub(super) fn serving(connection: impl Fn(TcpStream) + Clone + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = connection.clone();
            thread::spawn(move || connection(stream));
        }
    });
    url
}

/// An address where every request is answered by this without end.
fn flooding(answer: &'static str) -> String {
    serving(move |stream| flood(stream, answer))
}

/// Serves one connection until the client leaves it.
fn flood(mut stream: TcpStream, answer: &str) {
    let many = answer.repeat(4096);
    if let Ok(1..) = stream.read(&mut [0; 4096]) {
        while stream.write_all(many.as_bytes()).is_ok() {}
    }
}

#[tokio::test]
async fn floods_of_informational_answers_hold_nothing_up_and_a_stop_ends_them() {
    for answer in ANNOUNCED {
        let world = World::start().await;
        let (flooded, other) = (world.of(&GPU), world.of(&VM));
        let machine = flooded.create(&(GPU.least)()).await;
        let vm = other.create(&(VM.least)()).await;
        let endless = json!({"base_url": flooding(answer), "request_timeout": "10m"});
        assert_eq!(world.configure(&endless).await, []);
        let calls = async {
            for _ in 0..10 {
                other.read(&vm).await.object();
                let request = HealthCheckRequest { service: "plugin".to_owned() };
                world.provider.health().check(request).await.unwrap();
            }
            world.stop().await;
        };
        let read = || flooded.read(&machine);
        let floods = async { tokio::join!(read(), read(), read()) };
        let ((first, second, third), ()) = within(async { tokio::join!(floods, calls) }).await;
        for read in [first, second, third] {
            let text = text_of(&read.said);
            assert!(text.contains("topped"), "{text}");
            assert_eq!(read.left(), machine);
        }
    }
}

#[tokio::test]
async fn a_flood_of_informational_answers_outlasts_no_time_out() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let machine = resource.create(&(GPU.least)()).await;
    let impatient = json!({"base_url": flooding(ANNOUNCED[0]), "request_timeout": "1s", "max_retries": 0});
    assert_eq!(world.configure(&impatient).await, []);
    for _ in 0..3 {
        let read = within(resource.read(&machine)).await;
        let text = text_of(&read.said);
        assert!(text.contains("no answer within 1."), "{text}");
        assert_eq!(read.left(), machine);
    }
}
