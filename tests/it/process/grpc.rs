//! The services beside the provider, and what every call can rely on.

use bytes::Bytes;
use futures_util::FutureExt;
use http::uri::PathAndQuery;
use prost::Message;
use tonic::client::Grpc;
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

use crate::launch::{Launched, within};
use crate::proto::health::{HealthCheckRequest, health_check_response::ServingStatus};
use crate::proto::plugin::Empty;
use crate::proto::tfplugin6::{DynamicValue, StateRange, stop_provider, validate_resource_config};

#[tokio::test]
async fn g1_the_service_plugin_is_serving() {
    let provider = Launched::start().await;
    for service in ["plugin", ""] {
        let request = HealthCheckRequest { service: service.to_owned() };
        let answer = provider.health().check(request).await.unwrap().into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving, "{service:?}");
    }
    let request = HealthCheckRequest { service: "another".to_owned() };
    assert_eq!(provider.health().check(request).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn g1_whoever_watches_the_health_is_told_at_once() {
    let provider = Launched::start().await;
    let request = HealthCheckRequest { service: "plugin".to_owned() };
    let mut stream = provider.health().watch(request).await.unwrap().into_inner();
    assert_eq!(stream.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    assert!(stream.message().now_or_never().is_none());
}

#[tokio::test]
async fn g2_the_stdio_stream_stays_open_and_silent_until_the_end() {
    let provider = Launched::start().await;
    let mut stream = provider.stdio().stream_stdio(()).await.unwrap().into_inner();
    provider.client().stop_provider(stop_provider::Request {}).await.unwrap();
    assert!(stream.message().now_or_never().is_none());
    provider.controller().shutdown(Empty {}).await.unwrap();
    assert!(within(stream.message()).await.unwrap().is_none());
}

#[tokio::test]
async fn g3_a_request_of_20_mib_is_not_too_large() {
    let provider = Launched::start().await;
    let config = DynamicValue { msgpack: Bytes::from(vec![0xC0; 20 << 20]), json: Bytes::new() };
    let request = validate_resource_config::Request {
        type_name: "no_such_type".to_owned(),
        config: Some(config),
        client_capabilities: None,
    };
    if let Err(status) = provider.client().validate_resource_config(request).await {
        assert_ne!(status.code(), Code::OutOfRange, "{status:?}");
        assert_ne!(status.code(), Code::ResourceExhausted, "{status:?}");
    }
}

#[tokio::test]
async fn g4_unknown_methods_and_services_are_unimplemented_and_do_no_harm() {
    let provider = Launched::start().await;
    for path in ["/tfplugin6.Provider/NoSuchMethod", "/tfplugin5.Provider/GetSchema", "/x.Y/Z"] {
        let status = call(&provider, path, Empty {}).await.unwrap_err();
        assert_eq!(status.code(), Code::Unimplemented, "{path}");
    }
    provider.client().stop_provider(stop_provider::Request {}).await.unwrap();
}

#[tokio::test]
async fn a_body_that_is_no_such_message_is_a_status_and_does_no_harm() {
    let provider = Launched::start().await;
    // Field 1 is a number in one message and text in the other.
    let wrong = StateRange { start: 5, end: 7 };
    let status = call(&provider, "/tfplugin6.Provider/ValidateResourceConfig", wrong).await.unwrap_err();
    assert!(matches!(status.code(), Code::Internal | Code::InvalidArgument), "{status:?}");
    provider.client().stop_provider(stop_provider::Request {}).await.unwrap();
}

/// Calls a method that the generated clients would not call, or not with such a message.
async fn call(
    provider: &Launched,
    path: &'static str,
    message: impl Message + Default + 'static,
) -> Result<(), Status> {
    let mut client = Grpc::new(provider.channel());
    client.ready().await.unwrap();
    let codec = ProstCodec::<_, Empty>::default();
    client.unary(Request::new(message), PathAndQuery::from_static(path), codec).await.map(drop)
}
