//! Answers by somebody who wants to do harm: the state is kept, and memory stays within its bound.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;

use super::flood::serving;
use super::said::text_of;
use super::subject::{STORED, SUBJECTS};
use super::world::World;
use crate::proto::tfplugin6::get_functions;

/// The most that an answer may take in memory at any moment, in KiB.
#[cfg(target_os = "linux")]
const MOST_MEMORY: u64 = 100 << 10;

/// As much as is read of an answer.
const LONGEST: usize = 4 << 20;

/// A body, by the number of the request.
type Body = Arc<dyn Fn(usize) -> Vec<u8> + Send + Sync>;

fn filled(before: &str, element: &str, after: &str) -> Vec<u8> {
    let room = LONGEST - before.len() - after.len();
    let mut body = before.to_owned();
    body.push_str(&element.repeat(room / element.len()));
    body.push_str(after);
    body.into_bytes()
}

/// Each of these is an answer to every request.
fn bodies() -> Vec<(&'static str, Body)> {
    let always = |body: Vec<u8>| -> Body { Arc::new(move |_| body.clone()) };
    let keys = (0..200_000).fold(String::new(), |mut text, it| {
        write!(text, r#""{it}":{{"":0}},"#).unwrap();
        text
    });
    // A list that never ends, whose every page is as long as it may be.
    let endless = |number: usize| {
        let element = |it: usize| format!(r#"{{"id":"i-{number}-{it}","name":"{}"}}"#, "n".repeat(40_000));
        let page = (0..100).map(element).collect::<Vec<_>>().join(",");
        format!(r#"{{"instances":[{page}],"endpoints":[{page}],"data":[{page}],"total":1000000}}"#)
            .into_bytes()
    };
    let endless_of_small = |number: usize| {
        let element = |it: usize| format!(r#"{{"id":"i-{number}-{it}"}}"#);
        let page = (0..4000).map(element).collect::<Vec<_>>().join(",");
        format!(r#"{{"instances":[{page}],"endpoints":[{page}],"data":[{page}],"total":1000000}}"#)
            .into_bytes()
    };
    vec![
        ("16 MiB of text", always(filled("\"", "aaaa", "\"").repeat(4))),
        ("objects of one member", always(filled("[", r#"{"":0},"#, "0]"))),
        ("empty lists", always(filled("[", "[],", "0]"))),
        ("numbers", always(filled("[", "0,", "0]"))),
        ("deep lists", always(filled("", "[", ""))),
        ("deep objects", always(filled("", r#"{"a":"#, ""))),
        ("many members", always(format!(r#"{{"id":"i-1",{keys}"z":0}}"#).into_bytes())),
        (
            "as many objects as are read",
            always(format!(r#"{{"id":"i-1","x":[{}0]}}"#, r#"{"":0},"#.repeat(20_000)).into_bytes()),
        ),
        (
            "as many elements as are read",
            always(filled("[", &format!(r#"{{"id":"i-1","name":"{}"}},"#, "n".repeat(900)), "0]")),
        ),
        ("a long id", always(filled(r#"{"id":""#, "a", r#""}"#))),
        ("a long status", always(filled(r#"{"id":"i-1","status":""#, "a", r#""}"#))),
        ("broken characters", always(filled("\"", "a", "\"").iter().map(|it| it | 0x80).collect())),
        ("broken characters in a text", always([&b"{\"id\":\""[..], &[0xff; LONGEST - 20], b"\"}"].concat())),
        ("a web page", always(filled("<html>", "<p>x</p>", "</html>"))),
        ("long pages without end", Arc::new(endless)),
        ("small elements without end", Arc::new(endless_of_small)),
    ]
}

/// A server whose every answer has the body that was set last.
struct Hostile {
    url: String,
    body: Arc<Mutex<Body>>,
}

impl Hostile {
    fn start() -> Self {
        let nothing: Body = Arc::new(|_| Vec::new());
        let body = Arc::new(Mutex::new(nothing));
        let (number, current) = (Arc::new(AtomicUsize::new(0)), Arc::clone(&body));
        Self { url: serving(move |stream| answer(stream, &current, &number)), body }
    }

    fn answers(&self, body: Body) {
        *self.body.lock().unwrap() = body;
    }
}

/// Answers one request of a connection, and closes it; a body is sent as long as somebody reads it.
fn answer(mut stream: TcpStream, body: &Mutex<Body>, number: &AtomicUsize) {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_exact(&mut byte) {
            Ok(()) => head.extend(byte),
            Err(_) => return,
        }
    }
    let body = Arc::clone(&body.lock().unwrap())(number.fetch_add(1, Ordering::Relaxed));
    let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&body);
}

#[tokio::test]
async fn no_answer_costs_the_state_or_more_memory_than_100_mb() {
    let world = World::start().await;
    let hostile = Hostile::start();
    let mut objects = Vec::new();
    for subject in SUBJECTS.iter().chain(STORED) {
        let resource = world.of(subject);
        objects.push((resource, resource.created(&json!({})).await));
    }
    let settings = json!({"base_url": hostile.url, "novacloud_base_url": hostile.url, "max_retries": 0});
    assert_eq!(world.configure(&settings).await, []);
    let idle = Peak::of(&world).reached();
    for (what, body) in bodies() {
        hostile.answers(body);
        let (peak, mut held) = (Peak::of(&world), Duration::ZERO);
        for (resource, object) in &objects {
            let (read, longest) = while_others_call(&world, resource.read(object)).await;
            held = held.max(longest);
            let said = text_of(&read.said);
            assert_eq!(read.state, object.state, "{what}, {}: {said}", resource.subject.type_name);
            assert!(said.len() < 20_000, "{what}: {} bytes are said", said.len());
        }
        let peak = peak.reached().saturating_sub(idle);
        eprintln!("{what}: {} MiB, other calls were held up for {} ms", peak >> 10, held.as_millis());
        #[cfg(target_os = "linux")]
        assert!(peak <= MOST_MEMORY, "{what}: {} MiB", peak >> 10);
    }
}

/// The result of the work, and the longest that a call took which needs no work of the provider's.
async fn while_others_call<T>(world: &World, work: impl Future<Output = T>) -> (T, Duration) {
    let (mut longest, mut work) = (Duration::ZERO, std::pin::pin!(work));
    loop {
        let begin = Instant::now();
        let mut client = world.client();
        tokio::select! {
            done = &mut work => return (done, longest),
            answer = client.get_functions(get_functions::Request {}) => answer.unwrap(),
        };
        longest = longest.max(begin.elapsed());
    }
}

/// The most memory that the provider has held since this was made.
struct Peak(i32);

impl Peak {
    fn of(world: &World) -> Self {
        let process = world.provider.id().as_raw_nonzero().get();
        // From now on the kernel looks anew.
        let _ = std::fs::write(format!("/proc/{process}/clear_refs"), "5");
        Self(process)
    }

    /// In KiB; 0 where the system does not tell.
    fn reached(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0)).unwrap_or_default();
        let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
        line.and_then(|it| it.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
    }
}
