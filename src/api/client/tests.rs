//! The client against a server of a few lines that plays a script.

use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::api::resource_kind::tests::THING;

/// What the server does with one connection, after it has read a request from it.
enum Act {
    /// Answers with these bytes and closes.
    Say(String),
    /// Closes without a word.
    Drop,
    /// Says this and then nothing, keeping the connection.
    Hang(&'static str),
    /// Sends a head and then bytes without end.
    Flood,
}

/// A server on loopback and the heads and bodies of the requests that it got.
struct Server {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Plays one act per connection; the last one again and again.
    async fn play(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let record = requests.clone();
        tokio::spawn(async move {
            let mut kept = Vec::new();
            for number in 0.. {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read_request(&mut stream).await;
                record.lock().unwrap().push(request);
                match &acts[number.min(acts.len() - 1)] {
                    Act::Say(text) => drop(stream.write_all(text.as_bytes()).await),
                    Act::Drop => {}
                    Act::Hang(text) => {
                        stream.write_all(text.as_bytes()).await.unwrap();
                        kept.push(stream);
                    }
                    Act::Flood => {
                        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                        while stream.write_all(&[b' '; 65536]).await.is_ok() {}
                    }
                }
            }
        });
        Self { url, requests }
    }

    fn settings(&self) -> Settings {
        Settings {
            error_mapping: ErrorMapping::Novita,
            base_url: BaseUrl::parse(&self.url).unwrap(),
            api_key: Some(Secret::new("key-123")),
            secrets: Arc::default(),
            request_timeout: Duration::from_secs(20),
            max_retries: 3,
            max_requests_per_minute: 0,
            poll_interval: Duration::from_millis(2),
            user_agent: user_agent("0.1.0", "1.9.5", None),
        }
    }

    fn client(&self) -> Client {
        Client::new(self.settings())
    }

    fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.unwrap_or(0);
        text.extend_from_slice(&chunk[..count]);
        let request = String::from_utf8_lossy(&text).into_owned();
        if count == 0 || is_whole(&request) {
            return request;
        }
    }
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|it| it.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    body.len() >= length.unwrap_or(0)
}

fn say(status: u16, headers: &str, body: &str) -> Act {
    let length = body.len();
    Act::Say(format!(
        "HTTP/1.1 {status} X\r\n{headers}Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    ))
}

async fn get(client: &Client) -> Result<Value> {
    client.get(&Call::default(), "/thing").await
}

async fn create(client: &Client) -> Result<String> {
    let body = serde_json::json!({"name": "n"});
    client.create(&Call::default(), &THING, "/create", &body).await.map(|it| it.id.to_string())
}

#[tokio::test]
async fn a_request_carries_key_agent_and_query() {
    let server = Server::play(vec![say(200, "", r#"{"id":"x"}"#)]).await;
    let call = Call::default();
    let list = server.client().list::<Value>(&call, "/thing", &[("id", "a b")], "things").await;
    assert!(list.is_err(), "it is none");
    create(&server.client()).await.unwrap();
    let requests = server.requests.lock().unwrap();
    let read = requests[0].to_lowercase();
    assert!(read.starts_with("get /v1/thing?id=a+b http/1.1"), "{read}");
    for line in [
        "authorization: bearer key-123",
        "content-type: application/json",
        "accept: application/json",
        "user-agent: terraform-provider-novita/0.1.0 (client 1.9.5; ",
    ] {
        assert!(read.contains(line), "{line} in {read}");
    }
    assert!(requests[1].starts_with("POST /v1/create HTTP/1.1"));
    assert!(requests[1].ends_with(r#"{"name":"n"}"#));
}

#[tokio::test]
async fn a_client_without_a_key_sends_no_credentials() {
    let server = Server::play(vec![say(200, "", "{}"), say(401, "", r#"{"message":"no key"}"#)]).await;
    let client = Client::new(Settings { api_key: None, ..server.settings() });
    get(&client).await.unwrap();
    assert!(!server.requests.lock().unwrap()[0].to_lowercase().contains("authorization"));
    assert_eq!(get(&client).await.unwrap_err().details().message, "no key");
}

#[tokio::test]
async fn an_empty_answer_to_an_action_or_a_removal_is_a_success() {
    let server = Server::play(vec![say(204, "", ""), say(200, "", " \n")]).await;
    let client = server.client();
    let call = Call::default();
    client.post(&call, "/stop", &Value::Null, Intent::Action(&THING)).await.unwrap();
    client.delete(&call, &THING, "/vms/1").await.unwrap();
    assert!(server.requests.lock().unwrap()[1].starts_with("DELETE /v1/vms/1 "));
}

/// Found by the simulator: it made a machine look gone.
#[tokio::test]
async fn an_empty_answer_to_a_read_says_nothing() {
    for empty in ["", " \n"] {
        let server = Server::play(vec![say(200, "", empty), say(200, "", "null")]).await;
        assert_eq!(get(&server.client()).await.unwrap(), Value::Null);
        assert_eq!(server.requests.lock().unwrap().len(), 2, "it is asked again");
        let server = Server::play(vec![say(200, "", empty)]).await;
        assert!(matches!(get(&server.client()).await.unwrap_err(), Error::Decode(_)));
    }
}

#[tokio::test]
async fn a_read_is_repeated_until_it_is_answered() {
    for bad in [
        say(502, "", "<html>"),
        say(503, "Retry-After: 0\r\n", "<html>"),
        say(504, "", ""),
        say(429, "", "{}"),
        say(200, "", "<html>maintenance</html>"),
        Act::Drop,
        Act::Say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\"".into()),
    ] {
        let server = Server::play(vec![bad, say(200, "", r#"{"id":"x"}"#)]).await;
        assert_eq!(get(&server.client()).await.unwrap()["id"], "x");
        assert_eq!(server.count(), 2);
    }
}

#[tokio::test]
async fn a_read_is_given_up_after_the_allowed_repetitions() {
    for (bad, expected) in
        [(say(503, "", "<html>"), "Server"), (say(200, "", "<html>"), "Decode"), (Act::Drop, "Transport")]
    {
        let server = Server::play(vec![bad]).await;
        let error = get(&server.client()).await.unwrap_err();
        assert!(format!("{error:?}").starts_with(expected), "{expected}: {error:?}");
        assert_eq!(server.count(), 4);
    }
}

#[tokio::test]
async fn without_repetitions_the_first_failure_counts() {
    let server = Server::play(vec![say(503, "", ""), say(200, "", "{}")]).await;
    let client = Client::new(Settings { max_retries: 0, ..server.settings() });
    assert!(matches!(get(&client).await.unwrap_err(), Error::Server(_)));
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_500_is_an_error_at_once() {
    let server =
        Server::play(vec![say(500, "", r#"{"code":500,"reason":"UNKNOWN","message":"oops"}"#)]).await;
    let error = get(&server.client()).await.unwrap_err();
    assert_eq!(error.to_string(), "GET /thing: HTTP 500 UNKNOWN: oops");
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn demand_02_a_create_that_may_have_acted_is_not_repeated() {
    for bad in [
        Act::Drop,
        say(500, "", ""),
        say(502, "", ""),
        say(503, "Retry-After: 0\r\n", ""),
        say(504, "", ""),
        say(200, "", "<html>"),
        Act::Say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\"".into()),
        Act::Flood,
    ] {
        let server = Server::play(vec![bad, say(200, "", r#"{"id":"second"}"#)]).await;
        let error = create(&server.client()).await.unwrap_err();
        assert!(matches!(error, Error::Ambiguous(_)), "{error:?}");
        assert_eq!(server.count(), 1);
    }
}

#[tokio::test]
async fn demand_27_a_create_without_a_readable_id_is_unclear() {
    for answer in [r#"{"identifier":"x"}"#, r#"{"id":"a b"}"#, r#"{"id":"x\u202e"}"#, "{}", "[]", "", "null"]
    {
        let server = Server::play(vec![say(200, "", answer)]).await;
        assert!(matches!(create(&server.client()).await.unwrap_err(), Error::Ambiguous(_)), "{answer}");
    }
}

#[tokio::test]
async fn demand_09_a_create_that_was_only_held_back_is_repeated() {
    let server = Server::play(vec![
        say(429, "Retry-After: 0\r\n", "{}"),
        say(429, "", "{}"),
        say(200, "", r#"{"id":"x"}"#),
    ]);
    let server = server.await;
    assert_eq!(create(&server.client()).await.unwrap(), "x");
    assert_eq!(server.count(), 3);
}

#[tokio::test]
async fn a_long_retry_after_is_not_waited_for_past_the_deadline() {
    let server = Server::play(vec![say(429, "Retry-After: 120\r\n", "{}")]).await;
    let call = Call::default().within(Duration::from_secs(60));
    let error = server.client().get::<Value>(&call, "/thing").await.unwrap_err();
    assert!(matches!(error, Error::RateLimited(_)));
    assert_eq!(error.details().retry_after, Some(Duration::from_secs(120)));
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_refused_connection_never_left_and_is_repeated() {
    // Bound and dropped, so that nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let server = Server { url: format!("http://127.0.0.1:{port}"), requests: Arc::default() };
    let read = get(&server.client()).await;
    for error in [read.unwrap_err(), create(&server.client()).await.unwrap_err()] {
        assert!(matches!(error, Error::Transport(_)), "{error:?}");
        assert!(error.to_string().contains("could not connect to 127.0.0.1"), "{error}");
    }
}

#[tokio::test]
async fn a_slow_answer_is_cut_off() {
    let heads = ["", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"];
    for head in heads {
        let server = Server::play(vec![Act::Hang(head)]).await;
        let settings =
            Settings { request_timeout: Duration::from_millis(800), max_retries: 1, ..server.settings() };
        let client = Client::new(settings);
        assert!(matches!(get(&client).await.unwrap_err(), Error::Transport(_)));
        assert_eq!(server.count(), 2);
        let change = client.post(&Call::default(), "/change", &Value::Null, Intent::Change(&THING)).await;
        assert!(matches!(change.unwrap_err(), Error::Ambiguous(_)));
        assert_eq!(server.count(), 3);
    }
}

#[tokio::test]
async fn a_connection_is_used_again_unless_a_new_one_is_asked_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = Server { url, requests: Arc::default() };
    let connections = Arc::new(AtomicUsize::new(0));
    let count = connections.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            count.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                while !read_request(&mut stream).await.is_empty() {
                    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await.unwrap();
                }
            });
        }
    });
    let (client, call) = (server.client(), Call::default());
    let mut seen = Vec::new();
    for call in [&call, &call, &call.over_new_connection(), &call] {
        client.get::<Value>(call, "/thing").await.unwrap();
        seen.push(connections.load(Ordering::Relaxed));
    }
    assert_eq!(seen, [1, 1, 2, 2]);
}

#[tokio::test]
async fn an_endless_answer_is_not_read() {
    let server = Server::play(vec![Act::Flood]).await;
    let error = get(&server.client()).await.unwrap_err();
    assert!(error.to_string().contains("longer than 4 MiB"), "{error}");
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_name_below_localhost_is_this_machine_whatever_the_resolver_of_the_system_says() {
    for name in ["localhost", "mock.localhost", "Some.Very.Deep.LocalHost"] {
        let server = Server::play(vec![say(200, "", "{}")]).await;
        let settings = Settings {
            base_url: BaseUrl::parse(&server.url.replace("127.0.0.1", name)).unwrap(),
            max_retries: 0,
            ..server.settings()
        };
        get(&Client::new(settings)).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let host = format!("host: {}:", name.to_lowercase());
        assert!(server.requests.lock().unwrap()[0].to_lowercase().contains(&host), "{name}");
    }
}

#[tokio::test]
async fn the_key_follows_no_redirect() {
    let other = Server::play(vec![say(200, "", r#"{"id":"stolen"}"#)]).await;
    for status in [301, 302, 307, 308] {
        let place =
            format!("Location: {}/elsewhere?token=1\r\n", other.url.replace("127.0.0.1", "localhost"));
        let server = Server::play(vec![say(status, &place, "")]).await;
        let read = get(&server.client()).await;
        for error in [read.unwrap_err(), create(&server.client()).await.unwrap_err()] {
            assert!(matches!(error, Error::Misconfigured(_)), "{error:?}");
            assert!(error.to_string().contains("redirects to localhost;"), "{error}");
        }
        assert_eq!((server.count(), other.count()), (2, 0));
    }
}

#[tokio::test]
async fn an_error_under_a_successful_status_is_an_error() {
    let server =
        Server::play(vec![say(200, "", r#"{"code":401,"reason":"UNAUTHORIZED","message":"no"}"#)]).await;
    let error = get(&server.client()).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized(_)));
    assert_eq!(error.details().status, Some(401));
}

#[tokio::test]
async fn an_answer_of_another_shape_names_the_place() {
    #[derive(Debug, serde::Deserialize)]
    struct Outer {
        #[serde(rename = "items")]
        _items: Vec<Vec<u8>>,
    }
    let server = Server::play(vec![say(200, "", r#"{"items":[[1],["x"]]}"#)]).await;
    let error = server.client().get::<Outer>(&Call::default(), "/thing").await.unwrap_err();
    assert!(matches!(error, Error::Decode(_)));
    assert!(error.to_string().contains("\"items\""), "{error}");
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn the_key_is_in_no_error() {
    let body = r#"{"message":"key key-123 is wrong"}"#;
    let server = Server::play(vec![say(403, "", body)]).await;
    let client = server.client();
    let error = get(&client).await.unwrap_err();
    assert_eq!(error.details().message, "key (sensitive) is wrong");
    assert!(!format!("{client:?} {error:?}").contains("key-123"));
}

#[tokio::test]
async fn the_key_is_in_no_error_wherever_an_answer_repeats_it() {
    let long = format!("{}{}", " ".repeat((64 << 10) - 4), "key-123");
    for act in [
        say(302, "Location: https://key-123.example.net/key-123?key=key-123\r\n", ""),
        say(307, "Location: /v2/key-123\r\n", ""),
        say(200, "", r#"{"id":"key-123"}"#),
        say(200, "", r#"{"id":"\u006bey-123 of another"}"#),
        say(200, "", r#"{"message":"no: bWU6a2V5LTEyMw=="}"#),
        say(200, "", r#"{"code":400,"reason":"KEY-123","message":"Basic bWU6a2V5LTEyMw=="}"#),
        say(400, "", "key%2d123 is no key"),
        say(400, "", &long),
    ] {
        let server = Server::play(vec![act]).await;
        let read = server.client().read::<Value>(&Call::default(), &THING, "x", "/thing", &[]).await;
        let create = create(&server.client()).await.map(|_| Value::Null);
        for error in [read, create].into_iter().filter_map(Result::err) {
            let shown = format!("{error} {error:?}").to_lowercase();
            for part in ["key-", "-123", "%2d", "u006b", "bwu6a2"] {
                assert!(!shown.contains(part), "{part}: {shown}");
            }
        }
    }
}

#[tokio::test]
async fn a_password_that_an_answer_brings_is_in_no_error() {
    for body in [
        r#"{"message":"no login with pw-4711","metadata":{"sshPassword":"pw-4711"}}"#,
        r#"{"sshPassword":"pw-4711","message":"no login with pw-4711"}"#,
    ] {
        for status in [200, 400] {
            let server = Server::play(vec![say(status, "", body)]).await;
            let read = server.client().read::<Value>(&Call::default(), &THING, "x", "/thing", &[]).await;
            let shown = read.unwrap_err().to_string();
            assert!(shown.contains("no login with (sensitive)"), "{shown}");
        }
    }
}

#[tokio::test]
async fn a_key_with_a_line_break_is_refused_before_anything_is_sent() {
    let server = Server::play(vec![say(200, "", "{}")]).await;
    let client = Client::new(Settings { api_key: Some(Secret::new("key\n123")), ..server.settings() });
    assert!(matches!(get(&client).await.unwrap_err(), Error::Misconfigured(_)));
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn a_stopped_read_ends_and_a_stopped_call_sends_nothing() {
    let server = Server::play(vec![Act::Hang("")]).await;
    let call = Call::default();
    let client = server.client();
    let stop = async {
        while server.count() == 0 {
            tokio::task::yield_now().await;
        }
        call.stop.cancel();
    };
    let (read, ()) = tokio::join!(client.get::<Value>(&call, "/thing"), stop);
    assert!(matches!(read.unwrap_err(), Error::Stopped(_)));
    let create = client.create(&call, &THING, "/create", &Value::Null).await;
    assert!(matches!(create.unwrap_err(), Error::Stopped(_)));
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn demand_08_a_create_on_its_way_is_awaited_in_spite_of_a_stop() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = Server { url, requests: Arc::default() };
    let call = Call::default();
    let answer = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        call.stop.cancel();
        // Long enough for a client that heeds the signal to have gone away.
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        let Act::Say(text) = say(200, "", r#"{"id":"saved"}"#) else { unreachable!() };
        stream.write_all(text.as_bytes()).await.unwrap();
    };
    let client = server.client();
    let (created, ()) = tokio::join!(client.create(&call, &THING, "/create", &Value::Null), answer);
    assert_eq!(created.unwrap().id.as_str(), "saved");
}

#[tokio::test]
async fn clones_share_the_rate_limit() {
    let server = Server::play(vec![say(200, "", "{}")]).await;
    let client = Client::new(Settings { max_requests_per_minute: 1, ..server.settings() });
    get(&client).await.unwrap();
    let call = Call::default().within(Duration::from_millis(30));
    let error = client.clone().get::<Value>(&call, "/thing").await.unwrap_err();
    assert!(matches!(error, Error::TimedOut(_)), "{error:?}");
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn an_untrusted_certificate_is_an_error_at_once() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config =
        builder.unwrap().with_no_client_auth().with_single_cert(vec![made.cert.into()], key).unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let server = Server { url, requests: Arc::default() };
    let connections = server.requests.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            connections.lock().unwrap().push(String::new());
            assert!(acceptor.accept(stream).await.is_err());
        }
    });
    let error = create(&server.client()).await.unwrap_err();
    assert!(matches!(error, Error::Misconfigured(_)), "{error:?}");
    assert!(error.to_string().contains("SSL_CERT_FILE"), "{error}");
    // None at all on a machine without any certificates.
    assert!(server.count() <= 1);
}

#[tokio::test]
async fn a_broken_tls_handshake_never_left() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let server = Server { url, requests: Arc::default() };
    tokio::spawn(async move {
        loop {
            drop(listener.accept().await);
        }
    });
    let error = create(&server.client()).await.unwrap_err();
    assert!(matches!(error, Error::Transport(_) | Error::Misconfigured(_)), "{error:?}");
}

#[test]
fn the_user_agent_is_a_fit_header() {
    let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    for (client, suffix, expected) in [
        ("", None, "terraform-provider-novita/1.2.3".to_owned()),
        ("1.9.5", None, format!("terraform-provider-novita/1.2.3 (client 1.9.5; {system})")),
        ("", Some("  ci/7 "), "terraform-provider-novita/1.2.3 ci/7".to_owned()),
        ("", Some("a\r\nX-Evil: ü"), "terraform-provider-novita/1.2.3 aX-Evil: ".to_owned()),
        ("", Some(" "), "terraform-provider-novita/1.2.3".to_owned()),
    ] {
        assert_eq!(user_agent("1.2.3", client, suffix), expected);
    }
}
