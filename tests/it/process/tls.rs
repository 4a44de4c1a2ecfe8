//! Who gets in, and how. What refuses a stranger is checked by a call that must not be answered: in
//! TLS 1.3 a client learns of its refusal only afterwards.

use std::io;

use plugin_client::COOKIE;
use rustls::version::{TLS12, TLS13};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use crate::certificate::Identity;
use crate::connect::{ALL_VERSIONS, plain_channel, tls};
use crate::launch::{Launched, run_by_hand_with, within};
use crate::options::Options;
use crate::proto::health::HealthCheckRequest;
use crate::proto::health::health_client::HealthClient;

/// Whether a client that presents this certificate is answered.
async fn is_answered(provider: &Launched, identity: Option<&Identity>) -> bool {
    let Ok(channel) = within(provider.handshake().connect(identity)).await else {
        return false;
    };
    let request = HealthCheckRequest { service: "plugin".to_owned() };
    within(HealthClient::new(channel).check(request)).await.is_ok()
}

#[tokio::test]
async fn t1_plain_text_is_not_answered() {
    let provider = Launched::start().await;
    let answered = match within(plain_channel(&provider.handshake().path)).await {
        Err(_) => false,
        Ok(channel) => {
            let request = HealthCheckRequest { service: "plugin".to_owned() };
            within(HealthClient::new(channel).check(request)).await.is_ok()
        }
    };
    assert!(!answered);
    assert!(is_answered(&provider, provider.identity()).await);
}

#[tokio::test]
async fn t2_a_client_without_the_certificate_is_refused() {
    let provider = Launched::start().await;
    assert!(!is_answered(&provider, None).await);
    assert!(!is_answered(&provider, Some(&Identity::number(2))).await);
    assert!(is_answered(&provider, provider.identity()).await);
}

#[tokio::test]
async fn t3_a_client_with_the_certificate_but_without_its_private_key_is_refused() {
    let provider = Launched::start().await;
    let thief = provider.identity().unwrap().without_its_key();
    assert!(!is_answered(&provider, Some(&thief)).await);
    assert!(is_answered(&provider, provider.identity()).await);
}

#[tokio::test]
async fn t4_h2_is_negotiated() {
    let provider = Launched::start().await;
    let handshake = provider.handshake();
    let certificate = handshake.certificate.as_ref().unwrap();
    let stream = tls(&handshake.path, certificate, provider.identity(), ALL_VERSIONS).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
}

/// The check itself is in `connect::tls`: the told certificate is the only root, the name is
/// `localhost`, and what is presented must be equal to what was told. Several starts, because the
/// need for padding depends on the certificate's length.
#[tokio::test]
async fn t5_and_t6_the_told_certificate_is_the_presented_one_and_has_no_padding() {
    for _ in 0..6 {
        let provider = Launched::start().await;
        let field = provider.handshake().fields()[5].to_owned();
        assert!(field.len() > 50 && !field.contains(['=', '-', '_']), "{field}");
        assert!(is_answered(&provider, provider.identity()).await);
    }
}

#[tokio::test]
async fn t7_a_client_certificate_that_cannot_be_read_ends_the_process() {
    let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for text in ["hello", no_certificate] {
        let ended = run_by_hand_with(&[], &[COOKIE, ("PLUGIN_CLIENT_CERT", text)]).await;
        assert_eq!(ended.status.code(), Some(1));
        assert_eq!(ended.stdout, "");
        assert!(ended.stderr.contains("PLUGIN_CLIENT_CERT"), "{ended:?}");
    }
}

#[tokio::test]
async fn t8_tls_1_2_and_1_3_both_work() {
    let provider = Launched::start().await;
    let handshake = provider.handshake();
    let certificate = handshake.certificate.as_ref().unwrap();
    for versions in [[&TLS12], [&TLS13]] {
        let stream = tls(&handshake.path, certificate, provider.identity(), &versions).await.unwrap();
        let (mut reader, _writer) = tokio::io::split(stream);
        // The server speaks first in HTTP/2: a frame of settings, type 4.
        let mut frame = [0_u8; 9];
        within(reader.read_exact(&mut frame)).await.unwrap();
        assert_eq!(frame[3], 4, "{frame:?}");

        for stranger in [Identity::number(2), provider.identity().unwrap().without_its_key()] {
            let refused = async {
                let mut stream = tls(&handshake.path, certificate, Some(&stranger), &versions).await?;
                stream.read_exact(&mut frame).await
            };
            assert!(within(refused).await.is_err(), "{versions:?}");
        }
    }
}

#[tokio::test]
async fn t8_tls_1_1_does_not_work() {
    let provider = Launched::start().await;
    // A handshake record (22): the greeting itself is in order.
    assert_eq!(first_answer(&provider, &client_hello(TLS_1_2_BYTES)).await[0], 22);
    // An alert (21), fatal (2), about the protocol's version (70).
    let refusal = first_answer(&provider, &client_hello(TLS_1_1_BYTES)).await;
    assert_eq!((refusal[0], &refusal[5..]), (21, &[2, 70][..]));
}

const TLS_1_1_BYTES: [u8; 2] = [3, 2];
const TLS_1_2_BYTES: [u8; 2] = [3, 3];

/// Sends raw bytes and returns the first seven of the answer.
async fn first_answer(provider: &Launched, bytes: &[u8]) -> [u8; 7] {
    let mut socket = UnixStream::connect(&provider.handshake().path).await.unwrap();
    socket.write_all(bytes).await.unwrap();
    let mut answer = [0; 7];
    within(socket.read_exact(&mut answer)).await.unwrap();
    answer
}

/// A greeting that offers this version at most. (TLS 1.3 would take an extension.)
fn client_hello(version: [u8; 2]) -> Vec<u8> {
    let random = [7; 32];
    let suites = [0xC0, 0x2B]; // ECDHE, ECDSA, AES-128-GCM
    let groups = [0, 10, 0, 4, 0, 2, 0, 23]; // P-256
    let point_formats = [0, 11, 0, 2, 1, 0];
    let signatures = [0, 13, 0, 4, 0, 2, 4, 3]; // ECDSA with P-256 and SHA-256
    let extensions = [&groups[..], &point_formats, &signatures].concat();
    let count = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap();
    let body = [
        &version[..],
        &random,
        &[0],
        &[0, count(&suites)],
        &suites,
        &[1, 0],
        &[0, count(&extensions)],
        &extensions,
    ]
    .concat();
    let message = [&[1, 0, 0, count(&body)][..], &body].concat();
    [&[22, 3, 1, 0, count(&message)][..], &message].concat()
}

#[tokio::test]
async fn t9_a_connection_that_breaks_off_or_says_nothing_stops_nobody() {
    let provider = Launched::start().await;
    let path = &provider.handshake().path;
    let silent = UnixStream::connect(path).await.unwrap();
    for words in [&b""[..], &[22, 3, 1], b"GET / HTTP/1.1\r\n\r\n"] {
        let mut socket = UnixStream::connect(path).await.unwrap();
        ignore_broken_pipe(socket.write_all(words).await);
    }
    assert!(is_answered(&provider, provider.identity()).await);
    drop(silent);
    assert_eq!(provider.shut_down().await.status.code(), Some(0));
}

fn ignore_broken_pipe(result: io::Result<()>) {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => panic!("{error}"),
        _ => {}
    }
}

#[tokio::test]
async fn without_a_client_certificate_plain_text_is_served() {
    let provider = Launched::start_with(Options::default().without_tls()).await;
    assert_eq!(provider.handshake().fields()[5], "");
    assert!(is_answered(&provider, None).await);
}
