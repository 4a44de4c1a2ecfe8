//! Clients of an older or newer minor of protocol 6: the minor is not negotiated, so what one side does not know
//! must do no harm, and what a client does not say counts as false.

use std::marker::PhantomData;

use bytes::BufMut;
use http::uri::PathAndQuery;
use prost::Message;
use serde_json::json;
use tonic::client::Grpc;
use tonic::codec::{Codec, EncodeBuf, Encoder};
use tonic::{Request, Status};
use tonic_prost::{ProstCodec, ProstDecoder};

use super::said::{SECRET, said, text_of};
use super::subject::SUBJECTS;
use super::world::World;
use crate::launch::within;
use crate::proto::tfplugin6::*;

/// Fields that no version has: a number, a text, and a message with a field of its own, also inside of the
/// capabilities if they are the field `capabilities`.
fn unknown_fields(capabilities: Option<u32>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (field, message) in [(Some(901), &b"\x08\x01"[..]), (capabilities, &b"\xd0\x05\x01"[..])] {
        if let Some(field) = field {
            prost::encoding::encode_key(field, prost::encoding::WireType::LengthDelimited, &mut bytes);
            prost::encoding::encode_varint(message.len() as u64, &mut bytes);
            bytes.extend(message);
        }
    }
    prost::encoding::uint64::encode(902, &u64::MAX, &mut bytes);
    prost::encoding::string::encode(903, &"later".to_owned(), &mut bytes);
    bytes
}

/// Sends bytes, and decodes what comes back.
struct Raw<T>(PhantomData<T>);

impl<T: Message + Default + 'static> Codec for Raw<T> {
    type Encode = Vec<u8>;
    type Decode = T;
    type Encoder = RawEncoder;
    type Decoder = ProstDecoder<T>;

    fn encoder(&mut self) -> RawEncoder {
        RawEncoder
    }

    fn decoder(&mut self) -> ProstDecoder<T> {
        ProstCodec::<T, T>::default().decoder()
    }
}

struct RawEncoder;

impl Encoder for RawEncoder {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

async fn ask<T: Message + Default + 'static>(world: &World, method: &str, request: Vec<u8>) -> T {
    let mut client = Grpc::new(world.provider.channel());
    client.ready().await.unwrap();
    let path = PathAndQuery::try_from(format!("/tfplugin6.Provider/{method}")).unwrap();
    within(client.unary(Request::new(request), path, Raw(PhantomData))).await.unwrap().into_inner()
}

/// The answer to a request, which is the same with fields that this program does not know.
async fn same<T>(world: &World, method: &str, capabilities: Option<u32>, request: impl Message) -> T
where
    T: Message + Default + PartialEq + std::fmt::Debug + 'static,
{
    let mut bytes = request.encode_to_vec();
    let answer: T = ask(world, method, bytes.clone()).await;
    bytes.extend(unknown_fields(capabilities));
    assert_eq!(ask::<T>(world, method, bytes).await, answer, "{method}");
    answer
}

#[tokio::test]
async fn fields_of_a_newer_minor_are_ignored_in_every_call() {
    let world = World::start().await;
    let config = world.block.encode(&world.block_config());
    let request = validate_provider_config::Request { config: Some(config.clone()) };
    same::<validate_provider_config::Response>(&world, "ValidateProviderConfig", None, request).await;
    let request = configure_provider::Request { config: Some(config), ..Default::default() };
    same::<configure_provider::Response>(&world, "ConfigureProvider", Some(3), request).await;
    for subject in SUBJECTS {
        let resource = world.of(subject);
        let type_name = subject.type_name.to_owned();
        let object = resource.create(&(subject.least)()).await;
        let plan = resource.plan(&(subject.least)(), Some(&object)).await;
        let state = resource.apply_request(&plan).prior_state;
        let config = resource.apply_request(&plan).config;

        let request = validate_resource_config::Request {
            type_name: type_name.clone(),
            config: config.clone(),
            ..Default::default()
        };
        same::<validate_resource_config::Response>(&world, "ValidateResourceConfig", Some(3), request).await;
        let raw_state = RawState { json: object.state.to_string().into_bytes().into(), ..Default::default() };
        let request = upgrade_resource_state::Request {
            type_name: type_name.clone(),
            version: resource.shape.version,
            raw_state: Some(raw_state),
        };
        same::<upgrade_resource_state::Response>(&world, "UpgradeResourceState", None, request).await;
        let request = read_resource::Request {
            type_name: type_name.clone(),
            current_state: state.clone(),
            ..Default::default()
        };
        let read: read_resource::Response = same(&world, "ReadResource", Some(5), request).await;
        assert_eq!(resource.shape.decode(read.new_state.as_ref()), object.state);
        let request = plan_resource_change::Request {
            type_name: type_name.clone(),
            prior_state: state.clone(),
            proposed_new_state: state.clone(),
            config,
            ..Default::default()
        };
        let plan: plan_resource_change::Response = same(&world, "PlanResourceChange", Some(7), request).await;
        assert_eq!(resource.shape.decode(plan.planned_state.as_ref()), object.state);
        let request = import_resource_state::Request {
            type_name: type_name.clone(),
            id: object.id().to_owned(),
            ..Default::default()
        };
        same::<import_resource_state::Response>(&world, "ImportResourceState", Some(3), request).await;

        let plan = resource.plan_destroy(&object).await.accepted();
        let mut request = resource.apply_request(&plan).encode_to_vec();
        request.extend(unknown_fields(None));
        let answer: apply_resource_change::Response = ask(&world, "ApplyResourceChange", request).await;
        assert_eq!(
            (resource.applied(&plan, &answer).state, said(&answer.diagnostics)),
            (json!(null), vec![])
        );
    }
}

#[tokio::test]
async fn what_a_client_of_an_older_minor_does_not_say_it_can_do_counts_as_impossible() {
    let world = World::start().await;
    for subject in SUBJECTS {
        let resource = world.of(subject);
        for attribute in resource.shape.attributes.iter().filter(|it| it.flags.write_only) {
            let config = resource.shape.complete(&resource.least(&json!({&attribute.name: SECRET})));
            let request = validate_resource_config::Request {
                type_name: subject.type_name.to_owned(),
                config: Some(resource.shape.encode(&config)),
                client_capabilities: None,
            };
            let answer = within(world.client().validate_resource_config(request)).await.unwrap().into_inner();
            let said = said(&answer.diagnostics);
            let refused = said.iter().any(|it| it.is_error && it.path == attribute.name);
            assert!(refused, "{}", text_of(&said));
        }
    }
}
