//! The encoding of values, from outside (rules W3 to W10; the codec's own tests stand beside it).

use bytes::Bytes;
use rmpv::Value as Packed;
use serde_json::{Value, json};

use super::resource::{Answer, Resource};
use super::said::said;
use super::shape::{Type, unknown};
use super::subject::{STORED, SUBJECTS};
use super::world::{World, patched};
use crate::launch::within;
use crate::proto::tfplugin6::{
    DynamicValue, plan_resource_change, read_resource, validate_provider_config, validate_resource_config,
};

fn packed(value: &Packed) -> DynamicValue {
    let mut msgpack = Vec::new();
    rmpv::encode::write_value(&mut msgpack, value).unwrap();
    DynamicValue { msgpack: msgpack.into(), json: Bytes::new() }
}

fn unpacked(value: &DynamicValue) -> Packed {
    rmpv::decode::read_value(&mut &value.msgpack[..]).unwrap()
}

/// The configuration with one member replaced by something that JSON cannot say.
fn with_member(resource: &Resource<'_>, config: &Value, name: &str, member: &Packed) -> DynamicValue {
    let Packed::Map(mut members) = unpacked(&resource.shape.encode(config)) else { panic!("an object") };
    members.iter_mut().find(|(key, _)| key.as_str() == Some(name)).unwrap().1 = member.clone();
    packed(&Packed::Map(members))
}

/// Plans a creation of a value that the test has encoded by hand.
async fn plan(resource: &Resource<'_>, config: DynamicValue) -> super::resource::Planned {
    let request = plan_resource_change::Request {
        type_name: resource.subject.type_name.to_owned(),
        proposed_new_state: Some(config.clone()),
        config: Some(config),
        ..Default::default()
    };
    resource.planned(request, Value::Null, None).await.accepted()
}

fn first_of<'r>(resource: &'r Resource<'_>, ty: &Type) -> &'r str {
    let fits = |it: &&super::Attribute| it.ty == *ty && it.flags.optional && !it.flags.write_only;
    &resource.shape.attributes.iter().find(fits).unwrap().name
}

#[tokio::test]
async fn w2_every_extension_is_an_unknown_value_of_any_length() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let resource = world.of(subject);
        let name = first_of(&resource, &Type::Text);
        let mut refined = Vec::new();
        rmpv::encode::write_value(&mut refined, &Packed::Map(vec![(1.into(), false.into())])).unwrap();
        for (code, payload) in
            [(0, vec![0]), (0, vec![]), (12, refined), (12, vec![0x80]), (5, vec![7; 300]), (-1, vec![1; 8])]
        {
            let config =
                with_member(&resource, &(subject.least)(), name, &Packed::Ext(code, payload.clone()));
            let planned = plan(&resource, config).await;
            assert_eq!(planned.value[name], unknown(), "{code}, {} bytes", payload.len());
        }
    }
}

#[tokio::test]
async fn w3_unknown_values_are_written_as_the_plain_extension() {
    fn extensions(value: &Packed, found: &mut Vec<(i8, Vec<u8>)>) {
        match value {
            Packed::Ext(code, payload) => found.push((*code, payload.clone())),
            Packed::Map(members) => members.iter().for_each(|(_, it)| extensions(it, found)),
            Packed::Array(members) => members.iter().for_each(|it| extensions(it, found)),
            _ => {}
        }
    }
    for subject in SUBJECTS {
        let world = World::start().await;
        let shape = world.shape(subject.type_name);
        let request = plan_resource_change::Request {
            type_name: subject.type_name.to_owned(),
            proposed_new_state: Some(shape.encode(&(subject.least)())),
            config: Some(shape.encode(&(subject.least)())),
            ..Default::default()
        };
        let answer = within(world.client().plan_resource_change(request)).await.unwrap().into_inner();
        let mut found = Vec::new();
        extensions(&unpacked(&answer.planned_state.unwrap()), &mut found);
        assert!(found.len() > 5);
        assert!(found.iter().all(|it| *it == (0, vec![0])), "{found:?}");
    }
}

#[tokio::test]
async fn w4_a_number_is_the_same_in_every_form() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let resource = world.of(subject);
        let least = (subject.least)();
        let mut members = least.as_object().unwrap().iter();
        let Some((name, number)) = members.rfind(|(_, it)| it.is_number()) else { continue };
        let number = number.as_i64().unwrap();
        let expected = plan(&resource, resource.shape.encode(&least)).await.value;
        #[allow(clippy::cast_precision_loss, reason = "a small number")]
        for form in [
            Packed::F64(number as f64),
            Packed::F32(number as f32),
            Packed::from(number.unsigned_abs()),
            Packed::from(number.to_string()),
            Packed::from(format!("{number}.0")),
            Packed::from(format!("{number}e0")),
        ] {
            let planned = plan(&resource, with_member(&resource, &least, name, &form)).await;
            // A double comes back as a double.
            assert_eq!(planned.value[name].as_f64(), Some(number as f64), "{form}");
            assert_eq!(patched(&planned.value, &json!({name: number})), expected, "{form}");
        }
    }
}

#[tokio::test]
async fn w4_numbers_of_any_size_come_back_as_they_were() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let resource = world.of(subject);
        let Some(number) = resource.shape.attributes.iter().find(|it| it.ty == Type::Number) else {
            continue;
        };
        let name = &number.name;
        for (number, text) in [
            ("0.1", "0.1"),
            ("-0.5", "-0.5"),
            ("9223372036854775807", "9223372036854775807"),
            ("9223372036854775808", "9223372036854775808"),
            ("1e30", "1000000000000000000000000000000"),
            ("123456789012345678901234567890.5", "123456789012345678901234567890.5"),
        ] {
            let state = format!("{{\"id\":\"i\",{name:?}:{number}}}");
            let raw =
                crate::proto::tfplugin6::RawState { json: state.into_bytes().into(), ..Default::default() };
            let request = crate::proto::tfplugin6::upgrade_resource_state::Request {
                type_name: subject.type_name.to_owned(),
                version: resource.shape.version,
                raw_state: Some(raw),
            };
            let answer = within(world.client().upgrade_resource_state(request)).await.unwrap().into_inner();
            assert_eq!(said(&answer.diagnostics), []);
            let Packed::Map(members) = unpacked(&answer.upgraded_state.unwrap()) else { panic!("an object") };
            let told = members.into_iter().find(|(key, _)| key.as_str() == Some(name)).unwrap().1;
            let same = match &told {
                // cty reads a binary fraction as it is, so it must be the very number.
                Packed::F64(it) => it.to_string() == text && (it * 8.0).fract() == 0.0,
                Packed::Integer(it) => it.to_string() == text,
                Packed::String(it) => it.as_str() == Some(text),
                _ => false,
            };
            assert!(same, "{number} became {told}");
        }
    }
}

#[tokio::test]
async fn w5_a_value_that_does_not_have_exactly_the_names_of_the_schema_is_refused() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let resource = world.of(subject);
        let Packed::Map(members) = unpacked(&resource.shape.encode(&(subject.least)())) else { panic!() };
        let mut surplus = members.clone();
        surplus.push(("teapot".into(), Packed::Nil));
        for (wrong, what) in [
            (Packed::Map(surplus), "a name too many"),
            (Packed::Array(Vec::new()), "no object"),
            (Packed::from("text"), "a text"),
        ] {
            let request = validate_resource_config::Request {
                type_name: subject.type_name.to_owned(),
                config: Some(packed(&wrong)),
                client_capabilities: None,
            };
            let answer = within(world.client().validate_resource_config(request)).await.unwrap().into_inner();
            assert!(said(&answer.diagnostics).iter().any(|it| it.is_error), "{what}");
        }
    }
}

#[tokio::test]
async fn w6_an_absent_single_block_may_be_nil_and_a_present_one_keeps_what_is_in_it() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let resource = world.of(subject);
        let absent = resource.plan(&resource.least(&json!({"timeouts": null})), None).await.accepted();
        assert_eq!(absent.value["timeouts"], Value::Null);
        let present = resource.plan(&resource.least(&json!({"timeouts": {"create": "1h"}})), None).await;
        let expected = json!({"create": "1h", "update": null, "delete": null});
        assert_eq!(present.accepted().value["timeouts"], expected);
    }
}

#[tokio::test]
async fn w8_json_is_accepted_wherever_msgpack_is() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let resource = world.of(subject);
        let config = (subject.full)();
        let object = resource.create(&config).await;
        let (shape, type_name) = (resource.shape, || subject.type_name.to_owned());
        let request = validate_provider_config::Request {
            config: Some(world.block.encode_json(&world.block_config())),
        };
        let answer = within(world.client().validate_provider_config(request)).await.unwrap().into_inner();
        assert_eq!(said(&answer.diagnostics), []);
        let request = validate_resource_config::Request {
            type_name: type_name(),
            config: Some(shape.encode_json(&config)),
            client_capabilities: None,
        };
        let answer = within(world.client().validate_resource_config(request)).await.unwrap().into_inner();
        assert_eq!(said(&answer.diagnostics), []);
        let request = plan_resource_change::Request {
            type_name: type_name(),
            prior_state: Some(shape.encode_json(&object.state)),
            proposed_new_state: Some(shape.encode_json(&object.state)),
            config: Some(shape.encode_json(&config)),
            ..Default::default()
        };
        assert!(resource.planned(request, Value::Null, Some(&object)).await.accepted().is_empty());
        let request = read_resource::Request {
            type_name: type_name(),
            current_state: Some(shape.encode_json(&object.state)),
            ..Default::default()
        };
        let answer = within(world.client().read_resource(request)).await.unwrap().into_inner();
        let state = shape.decode(answer.new_state.as_ref());
        let answer = Answer { state, private: answer.private, said: said(&answer.diagnostics) };
        assert_eq!(answer.object().state, object.state);
    }
}

#[tokio::test]
async fn w10_the_same_question_gives_the_same_bytes() {
    let world = World::start().await;
    let other = World::start().await;
    for subject in SUBJECTS.iter().chain(STORED) {
        let shape = world.shape(subject.type_name);
        let mut answers = Vec::new();
        for provider in [&world, &world, &other] {
            let config = shape.encode(&(subject.full)());
            let request = plan_resource_change::Request {
                type_name: subject.type_name.to_owned(),
                proposed_new_state: Some(config.clone()),
                config: Some(config),
                ..Default::default()
            };
            answers.push(provider.client().plan_resource_change(request).await.unwrap().into_inner());
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0], answers[2]);
    }
}

#[tokio::test]
async fn w11_broken_bytes_are_an_error_and_do_no_harm() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let whole = world.shape(subject.type_name).encode(&(subject.full)()).msgpack;
        // Half a value, announced lengths without anything behind them, and noise.
        let mut broken: Vec<Vec<u8>> = (1..whole.len()).step_by(37).map(|it| whole[..it].to_vec()).collect();
        broken.extend([vec![0xDD, 0xFF, 0xFF, 0xFF, 0xFF], vec![0xDF, 0xFF, 0xFF, 0xFF, 0xFF], vec![0xC1]]);
        broken.push([&whole[..], &[0]].concat());
        for bytes in broken {
            let request = validate_resource_config::Request {
                type_name: subject.type_name.to_owned(),
                config: Some(DynamicValue { msgpack: bytes.into(), json: Bytes::new() }),
                client_capabilities: None,
            };
            let answer = within(world.client().validate_resource_config(request)).await.unwrap().into_inner();
            assert!(said(&answer.diagnostics).iter().any(|it| it.is_error));
        }
        assert_eq!(world.of(subject).validate(&(subject.least)()).await, []);
    }
}
