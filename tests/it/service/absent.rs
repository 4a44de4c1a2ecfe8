//! What this provider does not have: an answer that says so, never a failed call (rules G8, D4 to D7).

use super::said::{Said, said, text_of};
use super::world::World;
use crate::launch::within;
use crate::proto::tfplugin6::*;

/// The messages of an answer to a call about something that does not exist.
macro_rules! told {
    ($world:expr, $method:ident, $module:ident, { $($field:tt)* }) => {{
        let request = $module::Request { $($field)* ..Default::default() };
        said(&within($world.client().$method(request)).await.unwrap().into_inner().diagnostics)
    }};
}

#[tokio::test]
async fn g8_an_unknown_name_in_any_call_is_an_error_that_repeats_it() {
    let world = World::start().await;
    let name = || "novita_teapot".to_owned();
    let answers: Vec<(&str, Vec<Said>)> = vec![
        (
            "validate",
            told!(world, validate_resource_config, validate_resource_config, { type_name: name(), }),
        ),
        ("upgrade", told!(world, upgrade_resource_state, upgrade_resource_state, { type_name: name(), })),
        (
            "identity",
            told!(world, upgrade_resource_identity, upgrade_resource_identity, { type_name: name(), }),
        ),
        ("read", told!(world, read_resource, read_resource, { type_name: name(), })),
        ("plan", told!(world, plan_resource_change, plan_resource_change, { type_name: name(), })),
        ("apply", told!(world, apply_resource_change, apply_resource_change, { type_name: name(), })),
        ("import", told!(world, import_resource_state, import_resource_state, { type_name: name(), })),
        ("move", told!(world, move_resource_state, move_resource_state, { target_type_name: name(), })),
        ("config", told!(world, generate_resource_config, generate_resource_config, { type_name: name(), })),
        (
            "data",
            told!(world, validate_data_resource_config, validate_data_resource_config, { type_name: name(), }),
        ),
        ("data", told!(world, read_data_source, read_data_source, { type_name: name(), })),
        (
            "ephemeral",
            told!(world, validate_ephemeral_resource_config, validate_ephemeral_resource_config, { type_name: name(), }),
        ),
        ("open", told!(world, open_ephemeral_resource, open_ephemeral_resource, { type_name: name(), })),
        ("renew", told!(world, renew_ephemeral_resource, renew_ephemeral_resource, { type_name: name(), })),
        ("close", told!(world, close_ephemeral_resource, close_ephemeral_resource, { type_name: name(), })),
        (
            "list",
            told!(world, validate_list_resource_config, validate_list_resource_config, { type_name: name(), }),
        ),
        ("action", told!(world, validate_action_config, validate_action_config, { type_name: name(), })),
        ("action", told!(world, plan_action, plan_action, { action_type: name(), })),
    ];
    for (call, said) in answers {
        assert_eq!(said.iter().filter(|it| it.is_error).count(), 1, "{call}: {}", text_of(&said));
        assert!(text_of(&said).contains("novita_teapot"), "{call}: {}", text_of(&said));
    }
    assert_eq!(world.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn d4_there_are_no_functions_and_a_call_of_one_says_so_without_configuration() {
    let world = World::unconfigured(super::world::cloud_options(), crate::options::Options::default()).await;
    let functions = world.client().get_functions(get_functions::Request {}).await.unwrap().into_inner();
    assert!(functions.functions.is_empty() && functions.diagnostics.is_empty());
    let request = call_function::Request { name: "teapot".to_owned(), arguments: Vec::new() };
    let error = world.client().call_function(request).await.unwrap().into_inner().error.unwrap();
    assert!(error.text.contains("teapot"), "{error:?}");
}

#[tokio::test]
async fn d5_a_search_for_an_unknown_type_is_one_event_with_an_error() {
    let world = World::start().await;
    let request = list_resource::Request { type_name: "novita_teapot".to_owned(), ..Default::default() };
    let mut events = world.client().list_resource(request).await.unwrap().into_inner();
    let event = within(events.message()).await.unwrap().unwrap();
    assert!(text_of(&said(&event.diagnostic)).contains("novita_teapot"));
    assert_eq!((event.identity, event.resource_object), (None, None));
    assert_eq!(within(events.message()).await.unwrap(), None);
}

#[tokio::test]
async fn d6_an_unknown_action_ends_with_the_one_event_that_completes_it() {
    use invoke_action::event::Type;
    let world = World::start().await;
    let request = invoke_action::Request { action_type: "novita_teapot".to_owned(), ..Default::default() };
    let mut events = world.client().invoke_action(request).await.unwrap().into_inner();
    let event = within(events.message()).await.unwrap().unwrap();
    let Some(Type::Completed(completed)) = event.r#type else { panic!("{event:?}") };
    assert!(text_of(&said(&completed.diagnostics)).contains("novita_teapot"));
    assert_eq!(within(events.message()).await.unwrap(), None);
}

#[tokio::test]
async fn d7_every_resource_has_an_identity_which_is_its_id() {
    let world = World::start().await;
    let request = get_resource_identity_schemas::Request {};
    let answer = world.client().get_resource_identity_schemas(request).await.unwrap().into_inner();
    assert_eq!(said(&answer.diagnostics), []);
    assert_eq!(sorted(answer.identity_schemas.keys().cloned()), world.type_names());
    for (name, schema) in answer.identity_schemas {
        let attributes =
            schema.identity_attributes.iter().map(|it| (it.name.as_str(), it.required_for_import));
        assert_eq!(attributes.collect::<Vec<_>>(), [("id", true)], "{name}");
    }
}

#[tokio::test]
async fn the_metadata_name_what_the_schemas_describe() {
    let world = World::start().await;
    let metadata = world.client().get_metadata(get_metadata::Request {}).await.unwrap().into_inner();
    let schemas =
        world.client().get_provider_schema(get_provider_schema::Request {}).await.unwrap().into_inner();
    let named = [
        sorted(metadata.resources.into_iter().map(|it| it.type_name)),
        sorted(metadata.data_sources.into_iter().map(|it| it.type_name)),
        sorted(metadata.list_resources.into_iter().map(|it| it.type_name)),
        sorted(metadata.actions.into_iter().map(|it| it.type_name)),
        sorted(metadata.ephemeral_resources.into_iter().map(|it| it.type_name)),
    ];
    let described = [
        sorted(schemas.resource_schemas.into_keys()),
        sorted(schemas.data_source_schemas.into_keys()),
        sorted(schemas.list_resource_schemas.into_keys()),
        sorted(schemas.action_schemas.into_keys()),
        sorted(schemas.ephemeral_resource_schemas.into_keys()),
    ];
    assert_eq!(named, described);
    assert_eq!(named[0], world.type_names());
    assert!(metadata.functions.is_empty() && metadata.state_stores.is_empty());
    assert_eq!(said(&metadata.diagnostics), []);
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}
