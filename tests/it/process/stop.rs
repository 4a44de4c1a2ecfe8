//! Stop, shutdown and signals: three things that must not be mixed.

use futures_util::stream;
use http::uri::PathAndQuery;
use rustix::process::Signal;
use tonic::Request;
use tonic::client::Grpc;
use tonic_prost::ProstCodec;

use crate::launch::{Launched, Process};
use crate::options::Options;
use crate::proto::health::HealthCheckRequest;
use crate::proto::plugin::Empty;
use crate::proto::tfplugin6::stop_provider;

#[tokio::test]
async fn s1_shutdown_ends_the_process_despite_open_streams_and_a_running_call() {
    let provider = Launched::start().await;
    let _stdio = provider.stdio().stream_stdio(()).await.unwrap().into_inner();
    let watch = HealthCheckRequest { service: "plugin".to_owned() };
    let _watch = provider.health().watch(watch).await.unwrap().into_inner();
    let mut client = Grpc::new(provider.channel());
    client.ready().await.unwrap();
    // The request never ends, so the call runs for ever.
    tokio::spawn(async move {
        let path = PathAndQuery::from_static("/tfplugin6.Provider/GetProviderSchema");
        let codec = ProstCodec::<Empty, Empty>::default();
        client.client_streaming(Request::new(stream::pending()), path, codec).await.map(drop)
    });
    assert_alive(&provider).await;
    let ended = provider.shut_down().await;
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
}

#[tokio::test]
async fn s2_and_s8_what_a_terminal_sends_to_the_group_changes_nothing() {
    let provider = Launched::start().await;
    for signal in [Signal::INT, Signal::HUP].repeat(3) {
        provider.signal(signal);
        assert_alive(&provider).await;
    }
    assert_eq!(provider.shut_down().await.status.code(), Some(0));
}

#[tokio::test]
async fn s5_and_s6_a_stop_with_nothing_to_stop_is_fine_and_calls_go_on() {
    let provider = Launched::start().await;
    for _ in 0..2 {
        let answer = provider.client().stop_provider(stop_provider::Request {}).await.unwrap().into_inner();
        assert_eq!(answer.error, "");
        assert_alive(&provider).await;
    }
}

#[tokio::test]
async fn s7_sigterm_ends_the_process_in_order() {
    let provider = Launched::start().await;
    let _stdio = provider.stdio().stream_stdio(()).await.unwrap().into_inner();
    provider.signal(Signal::TERM);
    let ended = provider.ended().await;
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""));
}

#[tokio::test]
async fn a_process_whose_client_died_does_not_live_on() {
    let provider = Launched::start_with(Options::default().through_a_shell()).await;
    assert_alive(&provider).await;
    let mut process = provider.disconnect();
    process.kill_child().await;
    process.closed().await;
}

#[tokio::test]
async fn a_process_whose_client_died_before_it_connected_does_not_live_on() {
    let (mut process, _) = Process::start(Options::default().through_a_shell()).await;
    process.kill_child().await;
    process.closed().await;
}

async fn assert_alive(provider: &Launched) {
    let request = HealthCheckRequest { service: "plugin".to_owned() };
    provider.health().check(request).await.unwrap();
}
