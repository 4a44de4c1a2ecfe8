//! Import and moving states (rules I1, I2, I5, R8).

use mock_cloud::{Effect, Switch};
use serde_json::{Value, json};

use super::said::{said, text_of};
use super::subject::{CPU, Call, ENDPOINT, GPU, STORED, SUBJECTS};
use super::world::World;
use crate::launch::within;
use crate::proto::tfplugin6::{RawState, move_resource_state};

#[tokio::test]
async fn i1_a_malformed_id_is_an_error_that_shows_the_form_without_a_call() {
    let world = World::start().await;
    for subject in SUBJECTS.iter().chain(STORED) {
        let (malformed, right) = subject.ids;
        for id in [malformed, "", " ", "two words", "a\nb"] {
            let error = world.of(subject).import(id).await.nothing_but_an_error();
            assert!(error.contains(right), "{id:?}: {error}");
        }
    }
    assert_eq!(world.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn i2_an_object_that_does_not_exist_is_found_missing_by_the_read() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let imported = world.of(subject).import(subject.ids.1).await.object();
        assert_eq!(imported.id(), subject.ids.1);
        assert_eq!(world.requests(), Vec::<String>::new(), "an import alone asks nothing");
        // A client would say only that it cannot import what does not exist.
        let error = world.of(subject).read(&imported).await.error().to_owned();
        assert!(error.contains("Nothing to import") && error.contains("terraform import"), "{error}");
    }
}

#[tokio::test]
async fn r8_what_is_imported_needs_no_change() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let resource = world.of(subject);
        for config in [(subject.least)(), (subject.full)()] {
            let object = resource.create(&config).await;
            world.cloud.clear_log();
            let imported = resource.imported(object.id()).await;
            for attribute in &resource.shape.attributes {
                let told = imported.state[&attribute.name] == object.state[&attribute.name];
                let adopted = imported.state[&attribute.name].is_null();
                // An import finds the products of the whole cluster where none was asked for.
                let found = ["envs", "product_ids"].contains(&attribute.name.as_str());
                assert!(told || adopted || found, "{} differs", attribute.name);
            }
            // What the API never tells is adopted without a call; then there is nothing left to do.
            let plan = resource.plan(&config, Some(&imported)).await.accepted();
            assert_eq!(plan.replace, Vec::<String>::new());
            let adopted = if plan.is_empty() { imported } else { resource.apply(&plan).await.object() };
            assert_eq!(world.changes(), [], "an import changes nothing");
            resource.assert_settled(&config, &adopted).await;
        }
    }
}

#[tokio::test]
async fn i5_a_state_of_another_resource_is_refused_with_what_is_supported() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        for (address, source) in [
            ("registry.terraform.io/runpod/runpod", "runpod_pod"),
            ("registry.terraform.io/runpod/runpod", subject.type_name),
            ("registry.terraform.io/novita/novita", "novita_teapot"),
            ("evilnovita/novita", subject.type_name),
        ] {
            let request = move_resource_state::Request {
                source_provider_address: address.to_owned(),
                source_type_name: source.to_owned(),
                source_state: Some(RawState { json: "{\"id\":\"i-1\"}".into(), ..Default::default() }),
                target_type_name: subject.type_name.to_owned(),
                ..Default::default()
            };
            let answer = within(world.client().move_resource_state(request)).await.unwrap().into_inner();
            let said = said(&answer.diagnostics);
            assert_eq!(answer.target_state, None);
            assert!(text_of(&said).contains("novita/novita"), "{}", text_of(&said));
        }
    }
}

#[tokio::test]
async fn i5_a_state_moves_between_the_two_addresses_of_this_program() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        for address in ["registry.terraform.io/novita/novacloud", "registry.opentofu.org/novita/novita"] {
            let request = move_resource_state::Request {
                source_provider_address: address.to_owned(),
                source_type_name: subject.type_name.to_owned(),
                source_state: Some(RawState { json: "{\"id\":\"i-1\"}".into(), ..Default::default() }),
                source_private: "{}".into(),
                target_type_name: subject.type_name.to_owned(),
                ..Default::default()
            };
            let answer = within(world.client().move_resource_state(request)).await.unwrap().into_inner();
            assert_eq!(said(&answer.diagnostics), []);
            let state = world.shape(subject.type_name).decode(answer.target_state.as_ref());
            assert_eq!((state["id"].clone(), &answer.target_private[..]), (json!("i-1"), &b"{}"[..]));
        }
    }
}

#[tokio::test]
async fn what_is_imported_has_the_price_of_the_catalogue() {
    for (subject, price) in [(&GPU, 0.35), (&CPU, 0.04)] {
        let world = World::start().await;
        let resource = world.of(subject);
        let config = (subject.least)();
        let made = resource.create(&config).await;
        let imported = resource.imported(made.id()).await;
        assert_eq!(imported.state["hourly_price"], json!(price));
        // However the platform writes the product.
        world.cloud.with_style(|it| it.turn_on(Switch::ProductForm));
        assert_eq!(resource.imported(made.id()).await.state["hourly_price"], json!(price));
        world.cloud.with_style(|it| it.turn_off(Switch::ProductForm));
        assert!(resource.plan(&config, Some(&imported)).await.accepted().replace.is_empty());
        // Where the catalogue cannot be read, nothing is lost but the price.
        world.fault(Call("GET", "products").with(Effect::Http5xx { code: 503, html: false }).always());
        assert_eq!(world.configure(&json!({})).await, []);
        assert_eq!(resource.imported(made.id()).await.state["hourly_price"], Value::Null);
    }
}

#[tokio::test]
async fn an_import_warns_once_that_its_variables_are_shown_and_says_nothing_without_any() {
    for subject in [&GPU, &ENDPOINT] {
        let world = World::start().await;
        let resource = world.of(subject);
        let bare = resource.created(&json!({})).await;
        let speaking = resource.created(&json!({"envs": {"TOKEN": "hunter2"}})).await;
        let told = async |id: &str| {
            let imported = resource.import(id).await.object();
            text_of(&resource.read(&imported).await.said)
        };
        assert_eq!(told(bare.id()).await, "");
        let words = told(speaking.id()).await;
        assert!(words.contains("shown in plans") && words.contains("`TOKEN`"), "{words}");
        assert!(words.contains("(envs)") && !words.contains("hunter2"), "{words}");
        assert_eq!(told(speaking.id()).await, "", "once in a process");
    }
}
