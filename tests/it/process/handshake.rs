//! From the start to the line on stdout, and what is left after the end.

use std::io::{Seek, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};

use plugin_client::COOKIE;
use rustix::process::{Signal, getgid};
use serde_json::json;

use crate::launch::{Launched, PROGRAM, run_by_hand, run_by_hand_with};
use crate::options::Options;
use crate::proto::health::HealthCheckRequest;
use crate::proto::tfplugin6::{get_provider_schema, stop_provider};

#[tokio::test]
async fn h1_without_the_cookie_a_person_gets_an_explanation() {
    for environment in [&[][..], &[(COOKIE.0, "something else")]] {
        let ended = run_by_hand_with(&[], environment).await;
        assert_eq!(ended.status.code(), Some(1));
        assert_eq!(ended.stdout, "");
        assert!(ended.stderr.contains("plugin") && ended.stderr.contains("novita/novita"), "{ended:?}");
    }
}

#[tokio::test]
async fn the_version_and_the_help_go_to_stdout() {
    let version = run_by_hand(&["--version"]).await;
    assert!(version.status.success());
    assert_eq!(version.stdout, format!("terraform-provider-novita {}\n", env!("CARGO_PKG_VERSION")));
    let help = run_by_hand(&["--help"]).await;
    assert!(help.status.success() && help.stdout.contains("--debug"), "{help:?}");
}

#[tokio::test]
async fn an_unknown_argument_is_named() {
    let ended = run_by_hand_with(&["--frobnicate"], &[COOKIE]).await;
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(ended.stdout, "");
    assert!(ended.stderr.contains("--frobnicate"), "{ended:?}");
}

#[tokio::test]
async fn h2_the_line_is_all_that_ever_goes_to_stdout() {
    let provider = Launched::start().await;
    let line = provider.handshake().raw.clone();
    assert!(line.ends_with('\n'), "{line:?}");
    let fields = provider.handshake().fields();
    assert_eq!(fields.len(), 6, "{line:?}");
    assert_eq!([fields[0], fields[1], fields[2], fields[4]], ["1", "6", "unix", "grpc"]);
    assert!(Path::new(fields[3]).is_absolute());
    let is_base64 = |letter: char| letter.is_ascii_alphanumeric() || letter == '+' || letter == '/';
    assert!(fields[5].chars().all(is_base64), "{line:?}");

    provider.client().stop_provider(stop_provider::Request {}).await.unwrap();
    assert_eq!(provider.shut_down().await.stdout, "");
}

#[tokio::test]
async fn h3_the_socket_can_be_reached_as_soon_as_the_line_is_there() {
    let provider = Launched::start_with(Options::default().without_tls()).await;
    std::os::unix::net::UnixStream::connect(&provider.handshake().path).unwrap();
    assert_healthy(&provider).await;
}

#[tokio::test]
async fn h4_the_version_is_6_in_any_order_of_the_clients_list() {
    for list in ["5,6", "6,5", "6"] {
        let provider = Launched::start_with(Options::default().with("PLUGIN_PROTOCOL_VERSIONS", list)).await;
        assert_eq!(provider.handshake().fields()[1], "6", "{list}");
        assert_eq!(provider.shut_down().await.stderr, "", "{list}");
    }
}

#[tokio::test]
async fn h4_a_client_that_is_too_old_gets_the_line_and_a_reason() {
    let provider = Launched::start_with(Options::default().with("PLUGIN_PROTOCOL_VERSIONS", "5")).await;
    assert_eq!(provider.handshake().fields()[1], "6");
    let ended = provider.shut_down().await;
    assert!(ended.stderr.contains("protocol version 6"), "{ended:?}");
}

#[tokio::test]
async fn h5_the_socket_lies_where_the_client_wants_it_and_is_its_owners_alone() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().to_str().unwrap();
    let provider = Launched::start_with(Options::default().with("PLUGIN_UNIX_SOCKET_DIR", place)).await;
    let socket = Path::new(&provider.handshake().path);
    assert!(socket.starts_with(directory.path()), "{socket:?}");
    assert_eq!(mode(socket), 0o600);
    assert_eq!(mode(socket.parent().unwrap()), 0o700);
}

#[tokio::test]
async fn h5_a_group_can_be_let_in() {
    let group = getgid().as_raw();
    let options = Options::default().with("PLUGIN_UNIX_SOCKET_GROUP", group.to_string());
    let provider = Launched::start_with(options).await;
    let socket = Path::new(&provider.handshake().path);
    assert_eq!(mode(socket), 0o660);
    assert_eq!(mode(socket.parent().unwrap()), 0o710);
    assert_eq!(socket.metadata().unwrap().gid(), group);
    assert_healthy(&provider).await;
}

#[tokio::test]
async fn h6_a_seventh_field_answers_only_who_asks() {
    for answer in ["true", "false"] {
        let provider = Launched::start_with(Options::default().with("PLUGIN_MULTIPLEX_GRPC", answer)).await;
        let fields = provider.handshake().fields();
        assert_eq!((fields.len(), fields.last().copied()), (7, Some("false")));
    }
    let provider = Launched::start_with(Options::default().with("PLUGIN_MULTIPLEX_GRPC", "")).await;
    assert_eq!(provider.handshake().fields().len(), 6);
}

#[tokio::test]
async fn h7_stdin_is_never_read() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"an answer for terraform\n").unwrap();
    file.rewind().unwrap();
    // The position is shared with the process, so it would tell.
    let provider = Launched::start_with(Options::default().stdin(file.try_clone().unwrap())).await;
    assert_healthy(&provider).await;
    provider.shut_down().await;
    assert_eq!(file.stream_position().unwrap(), 0);
}

#[tokio::test]
async fn h8_nothing_is_left_behind_after_any_end() {
    let after_shutdown = async |provider: Launched| provider.shut_down().await;
    check_tidy_end(Options::default(), after_shutdown).await;
    let after = |signal| {
        async move |provider: Launched| {
            provider.signal(signal);
            provider.ended().await
        }
    };
    check_tidy_end(Options::default(), after(Signal::TERM)).await;
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        check_tidy_end(Options::default().debug(), after(signal)).await;
    }
}

async fn check_tidy_end(options: Options, end: impl AsyncFnOnce(Launched) -> crate::launch::Ended) {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().to_str().unwrap();
    let provider = Launched::start_with(options.with("TMPDIR", place)).await;
    assert!(Path::new(&provider.handshake().path).starts_with(directory.path()));
    assert_healthy(&provider).await;
    let ended = end(provider).await;
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_start_that_fails_says_why_in_one_line() {
    let ended = run_by_hand_with(&[], &[COOKIE, ("TMPDIR", "/does/not/exist")]).await;
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(ended.stdout, "");
    assert!(ended.stderr.starts_with("[ERROR] ") && ended.stderr.contains("/does/not/exist"), "{ended:?}");
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
}

#[tokio::test]
async fn too_few_file_descriptors_are_told_in_one_line_and_leave_nothing_behind() {
    for limit in 5..=10 {
        let directory = tempfile::tempdir().unwrap();
        let script = format!("ulimit -n {limit}; exec \"$0\"");
        let mut command = Command::new("sh");
        command.args(["-c", &script, PROGRAM]).env(COOKIE.0, COOKIE.1).env("TMPDIR", directory.path());
        let output = command.stdin(Stdio::null()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{limit}: {stderr}");
        assert!(
            stderr.starts_with("[ERROR] ") && stderr.contains("Too many open files"),
            "{limit}: {stderr}"
        );
        assert_eq!(stderr.lines().count(), 1, "{limit}: {stderr}");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "{limit}");
    }
}

/// Who is no superuser could not even remove what the umask has made.
#[tokio::test]
async fn an_umask_that_forbids_everything_forbids_the_owner_nothing() {
    let options = Options::default().by_script("umask 0777; exec \"$0\"");
    let provider = Launched::start_with(options).await;
    let socket = Path::new(&provider.handshake().path);
    assert_eq!((mode(socket), mode(socket.parent().unwrap())), (0o600, 0o700));
    assert_healthy(&provider).await;
}

#[tokio::test]
async fn h10_two_processes_do_not_disturb_each_other() {
    let (one, other) = tokio::join!(Launched::start(), Launched::start());
    assert_ne!(one.handshake().path, other.handshake().path);
    assert_ne!(one.handshake().certificate, other.handshake().certificate);
    assert_eq!(one.shut_down().await.status.code(), Some(0));
    assert_healthy(&other).await;
}

#[tokio::test]
async fn h11_an_empty_environment_is_enough_for_the_schema() {
    let provider = Launched::start_with(Options::default().with_nothing_inherited()).await;
    let schema = provider.client().get_provider_schema(get_provider_schema::Request {}).await.unwrap();
    assert!(schema.into_inner().provider.is_some());
    assert_eq!(provider.shut_down().await.status.code(), Some(0));
}

#[tokio::test]
async fn in_debug_mode_the_text_to_attach_with_is_right() {
    let provider = Launched::start_with(Options::default().debug()).await;
    let value: serde_json::Value = serde_json::from_str(&provider.handshake().raw).unwrap();
    let expected = json!({"novita/novita": {
        "Protocol": "grpc",
        "ProtocolVersion": 6,
        "Pid": value["novita/novita"]["Pid"],
        "Test": true,
        "Addr": {"Network": "unix", "String": provider.handshake().path},
    }});
    assert_eq!(value, expected);
    assert!(value["novita/novita"]["Pid"].is_u64());
}

#[tokio::test]
async fn in_debug_mode_one_process_serves_many_connections() {
    let provider = Launched::start_with(Options::default().debug()).await;
    // A client that looks whether the process is there, and says nothing.
    drop(std::os::unix::net::UnixStream::connect(&provider.handshake().path).unwrap());
    for _ in 0..3 {
        let channel = provider.handshake().connect(None).await.unwrap();
        let mut client = crate::proto::tfplugin6::provider_client::ProviderClient::new(channel);
        client.stop_provider(stop_provider::Request {}).await.unwrap();
    }
    assert_healthy(&provider).await;
}

async fn assert_healthy(provider: &Launched) {
    let request = HealthCheckRequest { service: "plugin".to_owned() };
    assert_eq!(provider.health().check(request).await.unwrap().into_inner().status, 1);
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}
