//! The life of each resource: made, read, changed, drifted, replaced, imported, removed.

use mock_cloud::AnswerStyle;
use serde_json::{Value, json};

use super::endpoint::ENDPOINT;
use super::instances::{CPU, GPU};
use super::network::NETWORK;
use super::prewarm::PREWARM;
use super::registry_auth::REGISTRY_AUTH;
use super::ssh_key::SSH_KEY;
use super::storage::STORAGE;
use super::table::{Four, at, roomy_world, usual_world};
use super::template::TEMPLATE;
use super::vm::VM;
use crate::service::said::text_of;
use crate::service::world::{World, cloud_options, patched};
use crate::service::{Object, Planned, Resource};

/// One test per case and resource, so that a failure names both.
macro_rules! for_each_of_the_four {
    ($($case:ident),* $(,)?) => {
        for_each_of_the_four!(@of gpu GPU: $($case),*);
        for_each_of_the_four!(@of cpu CPU: $($case),*);
        for_each_of_the_four!(@of endpoint ENDPOINT: $($case),*);
        for_each_of_the_four!(@of vm VM: $($case),*);
        for_each_of_the_four!(@of storage STORAGE: $($case),*);
        for_each_of_the_four!(@of template TEMPLATE: $($case),*);
        for_each_of_the_four!(@of ssh_key SSH_KEY: $($case),*);
        for_each_of_the_four!(@of network NETWORK: $($case),*);
        for_each_of_the_four!(@of prewarm PREWARM: $($case),*);
        for_each_of_the_four!(@of registry_auth REGISTRY_AUTH: $($case),*);
    };
    (@of $module:ident $four:ident: $($case:ident),*) => {
        mod $module {
            $(
                #[tokio::test]
                async fn $case() {
                    super::$case(&super::$four).await;
                }
            )*
        }
    };
}

for_each_of_the_four! {
    lives_from_creation_to_a_second_destruction,
    each_change_in_place_is_exactly_the_documented_call,
    every_other_change_replaces_and_says_why,
    a_replacement_destroys_one_and_makes_another,
    another_order_in_the_answers_is_no_change,
    what_drifts_is_shown_and_planned_back,
    what_no_call_changes_is_kept_and_never_replaces,
    what_vanished_is_planned_anew,
    what_is_imported_is_never_replaced,
    what_the_api_returns_needs_nothing_after_an_import,
    lives_with_the_loosest_answers,
}

async fn lives_from_creation_to_a_second_destruction(four: &Four) {
    let world = usual_world().await;
    let resource = world.of(four.subject);
    for config in [(four.subject.least)(), (four.subject.full)()] {
        world.cloud.clear_log();
        let object = resource.create(&config).await;
        assert_eq!(made(&world), [call(four.create, &object)]);
        four.assert_ready(&object);
        resource.assert_settled(&config, &object).await;
        world.cloud.clear_log();
        for _ in 0..2 {
            let gone = resource.destroy(&object).await;
            assert_eq!((gone.state, text_of(&gone.said)), (Value::Null, String::new()));
            assert!(world.cloud.alive().is_empty());
        }
        // Only a look could tell that the first one had been enough, and nothing may be left running.
        let calls = made(&world);
        assert!(calls.iter().all(|it| *it == call(four.delete, &object)), "{calls:?}");
    }
}

async fn each_change_in_place_is_exactly_the_documented_call(four: &Four) {
    let world = usual_world().await;
    let resource = world.of(four.subject);
    for it in (four.in_place)() {
        let before = resource.created(&it.made_with).await;
        let config = resource.least(&patched(&it.made_with, &it.change));
        world.cloud.clear_log();
        let plan = resource.plan(&config, Some(&before)).await.accepted();
        assert_eq!(plan.replace, Vec::<String>::new(), "{}", it.change);
        assert!(!plan.is_empty(), "{} is planned", it.change);
        let after = resource.apply(&plan).await.object();
        assert_eq!(after.id(), before.id(), "{}", it.change);
        assert_eq!(world.calls(), it.expected(&before), "{}", it.change);
        resource.assert_settled(&config, &after).await;
    }
}

async fn every_other_change_replaces_and_says_why(four: &Four) {
    let world = usual_world().await;
    let resource = world.of(four.subject);
    let mut covered: Vec<&str> = Vec::new();
    for it in (four.replaced)() {
        let before = resource.created(&it.made_with).await;
        let config = resource.least(&patched(&it.made_with, &it.change));
        let plan = resource.plan(&config, Some(&before)).await.accepted();
        assert_eq!(plan.replace, it.because_of, "{}", it.change);
        covered.extend(it.because_of);
    }
    // Every attribute that can be set changes in place or replaces, and one of the tables says which.
    covered.extend(["image_auth_wo", "password_wo"]); // through their versions
    let in_place = (four.in_place)();
    let changed = in_place.iter().flat_map(|it| it.change.as_object().into_iter().flatten());
    covered.extend(changed.map(|(name, _)| name.as_str()));
    let settable = resource.shape.attributes.iter().filter(|it| it.flags.required || it.flags.optional);
    let forgotten: Vec<_> = settable.map(|it| it.name.as_str()).filter(|it| !covered.contains(it)).collect();
    assert_eq!(forgotten, Vec::<&str>::new());
}

async fn a_replacement_destroys_one_and_makes_another(four: &Four) {
    let world = usual_world().await;
    let resource = world.of(four.subject);
    let before = resource.created(&json!({})).await;
    let (name, value) = four.subject.replacing;
    let config = resource.least(&json!({name: value()}));
    world.cloud.clear_log();
    let plan = resource.plan(&config, Some(&before)).await.accepted();
    assert_eq!(plan.replace, [name]);
    let gone = Planned { value: Value::Null, config: Value::Null, ..plan };
    assert_eq!(resource.apply(&gone).await.state, Value::Null);
    let after = resource.create(&config).await;
    assert_ne!(after.id(), before.id());
    assert_eq!(made(&world), [call(four.delete, &before), call(four.create, &after)]);
    assert!((four.record)(&world.cloud, after.id()).is_some());
    assert!(world.cloud.alive().len() <= 1);
    resource.assert_settled(&config, &after).await;
}

async fn another_order_in_the_answers_is_no_change(four: &Four) {
    let world = usual_world().await;
    let resource = world.of(four.subject);
    let config = (four.subject.full)();
    let object = resource.create(&config).await;
    let mut record = (four.record)(&world.cloud, object.id()).expect("it exists");
    let members = record.as_object_mut().expect("a record is an object");
    members.values_mut().filter_map(Value::as_array_mut).for_each(|it| it.reverse());
    (four.modify)(&world.cloud, object.id(), record).expect("a record in another order");
    resource.assert_settled(&config, &object).await;
}

async fn what_drifts_is_shown_and_planned_back(four: &Four) {
    let world = usual_world().await;
    let resource = world.of(four.subject);
    let config = (four.subject.full)();
    let object = resource.create(&config).await;
    let record = (four.record)(&world.cloud, object.id()).expect("it exists");
    let mut wrong = Vec::new();
    let mut covered: Vec<&str> = [four.fixed, four.never_read].concat();
    covered.extend((four.kept)().iter().map(|(_, attribute)| *attribute));
    for drift in (four.drifts)() {
        (four.modify)(&world.cloud, object.id(), drift.patch.clone()).expect("a patch of the record");
        let read = resource.read(&object).await.object();
        if *at(&read.state, drift.attribute) != drift.value {
            wrong.push(format!(
                "{}: {} reads {}",
                drift.patch,
                drift.attribute,
                at(&read.state, drift.attribute)
            ));
        }
        let is_configured = !config[drift.root()].is_null();
        let plan = resource.plan(&config, Some(&read)).await.accepted();
        if is_configured
            && !plan.is_empty()
            && at(&plan.value, drift.attribute) != at(&object.state, drift.attribute)
        {
            wrong.push(format!("{}: planned {}", drift.patch, at(&plan.value, drift.attribute)));
        }
        // What no call changes back is left as it is, and the user is told.
        let is_told = plan.said.iter().any(|it| it.path == drift.root());
        if is_configured && plan.is_empty() && !is_told {
            wrong.push(format!("{}: the plan leaves it", drift.patch));
        }
        covered.push(drift.root());
        (four.modify)(&world.cloud, object.id(), record.clone()).expect("the record as it was");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(resource.read(&object).await.object(), object);
    let all = resource.shape.attributes.iter().map(|it| it.name.as_str());
    let forgotten: Vec<_> = all.filter(|it| !covered.contains(it)).collect();
    assert_eq!(forgotten, Vec::<&str>::new(), "says where it drifts, or that it cannot");
}

async fn what_no_call_changes_is_kept_and_never_replaces(four: &Four) {
    let world = usual_world().await;
    let resource = world.of(four.subject);
    let config = (four.subject.full)();
    let object = resource.create(&config).await;
    let record = (four.record)(&world.cloud, object.id()).expect("it exists");
    for (patch, attribute) in (four.kept)() {
        (four.modify)(&world.cloud, object.id(), patch.clone()).expect("a patch of the record");
        let read = resource.read(&object).await.object();
        assert_eq!(read.state[attribute], object.state[attribute], "{patch}");
        resource.assert_nothing_to_do(&config, &read).await;
        (four.modify)(&world.cloud, object.id(), record.clone()).expect("the record as it was");
    }
}

async fn what_vanished_is_planned_anew(four: &Four) {
    let world = usual_world().await;
    let resource = world.of(four.subject);
    let object = resource.created(&json!({})).await;
    assert!((four.remove)(&world.cloud, object.id()));
    let read = resource.read(&object).await;
    assert!(read.state.is_null() && read.said.iter().all(|it| !it.is_error), "{}", text_of(&read.said));
    let again = resource.created(&json!({})).await;
    assert_ne!(again.id(), object.id());
}

async fn what_is_imported_is_never_replaced(four: &Four) {
    for world in [usual_world().await, loosest_world().await] {
        // Nobody can tell the platform's variables from those that were set by hand.
        world.cloud.with_novita(|it| it.style.platform_envs = false);
        let resource = world.of(four.subject);
        for config in [(four.subject.least)(), (four.subject.full)()] {
            let object = resource.create(&config).await;
            world.cloud.clear_log();
            let adopted = import_and_adopt(four, &resource, &config, &object).await;
            assert_eq!(world.calls(), [], "an import changes nothing");
            resource.assert_settled(&config, &adopted).await;
        }
    }
}

async fn import_and_adopt(four: &Four, resource: &Resource<'_>, config: &Value, object: &Object) -> Object {
    let imported = resource.imported(object.id()).await;
    for attribute in resource.shape.attributes.iter().map(|it| it.name.as_str()) {
        let unread =
            four.never_read.contains(&attribute) || ["hourly_price", "desired_status"].contains(&attribute);
        let split = ["envs", "secret_envs"].contains(&attribute); // which is secret, only the user knows
        let not_told = attribute == "worker_config" || attribute == "cluster_id"; // in the loosest form
        // A get without the product leaves its name out, and only an import looks into the list.
        let same = object.state[attribute].is_null() || imported.state[attribute] == object.state[attribute];
        assert!(same || unread || split || not_told, "{attribute} is {}", imported.state[attribute]);
    }
    let plan = resource.plan(config, Some(&imported)).await.accepted();
    assert_eq!(plan.replace, Vec::<String>::new());
    if plan.is_empty() { imported } else { resource.apply(&plan).await.object() }
}

async fn what_the_api_returns_needs_nothing_after_an_import(four: &Four) {
    let world = usual_world().await;
    let resource = world.of(four.subject);
    let mut config = (four.subject.full)();
    let members = config.as_object_mut().expect("a configuration is an object");
    let required = |name: &str| resource.shape.attribute(name).flags.required;
    members.retain(|name, _| required(name) || !four.never_read.contains(&name.as_str()));
    // Power is managed only when it is asked for; a reservation is never read; all variables look alike.
    members.remove("desired_status");
    if four.subject.type_name == "novacloud_vm" {
        members.insert("rental_type".to_owned(), json!("interruptible"));
    }
    if let Some(secrets) = members.remove("secret_envs") {
        members["envs"] = patched(&members["envs"], &secrets);
    }
    // A login cannot be saved without what is never read.
    let is_login = four.subject.type_name == "novita_registry_auth";
    let made_with = if is_login { (four.subject.full)() } else { config.clone() };
    let object = resource.create(&made_with).await;
    let imported = resource.imported(object.id()).await;
    let plan = resource.plan(&config, Some(&imported)).await.accepted();
    let changed: Vec<_> =
        plan.changed().into_iter().filter(|it| imported.state[*it] != plan.value[*it]).collect();
    let unread: Vec<_> =
        changed.iter().filter(|it| !four.never_read.contains(it) && !is_volatile(&plan, it)).collect();
    assert!(unread.is_empty(), "{unread:?} is planned though the API returns it");
    let all_optional = four.never_read.iter().all(|it| !required(it));
    assert_eq!(plan.is_empty(), all_optional, "the plan changes {changed:?}");
}

/// Whether an attribute is planned anew only because something else changes.
fn is_volatile(plan: &Planned, attribute: &str) -> bool {
    plan.value[attribute] == crate::service::unknown()
}

async fn lives_with_the_loosest_answers(four: &Four) {
    lives(four, &loosest_world().await, "the loosest answers", 2).await;
}

/// Made with the least and with all that can be configured, changed in place, and removed, so many times.
#[expect(clippy::print_stderr, reason = "a failure inside of the story has to tell where it was")]
pub(super) async fn lives(four: &Four, world: &World, platform: &str, removals: usize) {
    let resource = world.of(four.subject);
    for config in [(four.subject.least)(), (four.subject.full)()] {
        eprintln!("{platform}: {} with {config}", four.subject.type_name);
        let object = resource.create(&config).await;
        four.assert_ready(&object);
        resource.assert_settled(&config, &object).await;
        let changed = patched(&config, &(four.subject.slow_change.0)());
        let object = resource.settle(&changed, Some(&object)).await.object();
        resource.assert_settled(&changed, &object).await;
        for _ in 0..removals {
            let gone = resource.destroy(&object).await;
            assert_eq!((gone.state, text_of(&gone.said)), (Value::Null, String::new()));
        }
    }
    assert!(world.cloud.alive().is_empty());
}

/// Both vendors answer in every loose form at once.
async fn loosest_world() -> World {
    let style = AnswerStyle::loosest();
    let world = roomy_world(mock_cloud::Options { style, ..cloud_options() }).await;
    world.cloud.with_novacloud(|it| {
        (it.style.late_ip_steps, it.style.late_rates, it.style.normalised_gpu_type) = (1, true, true);
        (it.style.messages, it.style.destroy_through_stopping) = (true, true);
        it.style.destroy_refused_in_transition = Some(409);
    });
    world
}

/// The calls that changed something, without their bodies.
fn made(world: &World) -> Vec<String> {
    world.calls().into_iter().map(|it| it.0).collect()
}

fn call(text: &str, object: &Object) -> String {
    text.replace("<id>", object.id())
}
