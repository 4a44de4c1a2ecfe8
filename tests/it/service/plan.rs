//! Plans (rules P1 to P16; what a client calls an invalid plan is checked with every plan).

use serde_json::{Value, json};

use super::resource::ABLE;
use super::said::SECRET;
use super::shape::{has_unknown, unknown};
use super::subject::{GPU, STORAGE, STORED, SUBJECTS};
use super::validate::all_unknown;
use super::world::{World, patched};
use crate::proto::tfplugin6::plan_resource_change;

#[tokio::test]
async fn p1_a_plan_without_a_change_is_the_prior_state() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let resource = world.of(subject);
        for config in [(subject.least)(), (subject.full)()] {
            let object = resource.create(&config).await;
            resource.assert_nothing_to_do(&config, &object).await;
        }
    }
}

#[tokio::test]
async fn p3_what_is_taken_out_of_the_configuration_is_planned_null_or_its_default() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let object = resource.create(&(GPU.full)()).await;
    let plan = resource.plan(&(GPU.least)(), Some(&object)).await;
    for attribute in resource.shape.attributes.iter().filter(|it| it.flags.optional && !it.flags.computed) {
        assert_eq!(plan.value[&attribute.name], Value::Null, "{}", attribute.name);
    }
    for name in ["name", "cluster_id", "billing_mode"] {
        assert_eq!(plan.value[name], object.state[name], "{name} is kept");
    }
}

#[tokio::test]
async fn p4_and_a10_a_write_only_value_is_used_and_kept_nowhere() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let secret = format!("me:{SECRET}");
    let config = resource.least(&json!({"image_auth_wo": secret, "image_auth_wo_version": 1}));
    // `plan` and `apply` look at each write-only attribute.
    let object = resource.create(&config).await;
    assert_eq!(world.changes()[0].1["imageAuth"], json!(secret));
    assert!(!object.state.to_string().contains(SECRET));
    resource.assert_settled(&config, &object).await;
    let again = patched(&config, &json!({"image_auth_wo": format!("me:other-{SECRET}")}));
    resource.assert_nothing_to_do(&again, &object).await;
    let newer = patched(&again, &json!({"image_auth_wo_version": 2}));
    let plan = resource.plan(&newer, Some(&object)).await.accepted();
    assert_eq!(plan.replace, ["image_auth_wo_version"]);
}

#[tokio::test]
async fn p5_a_creation_computes_what_nobody_wrote() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let resource = world.of(subject);
        let plan = resource.plan(&(subject.least)(), None).await.accepted();
        for attribute in resource.shape.attributes.iter().filter(|it| it.flags.computed && !it.flags.optional)
        {
            let expected = match attribute.name.as_str() {
                // What is of a term or of a spot instance alone.
                "end_time" | "spot_status" => Value::Null,
                // What a key tells of itself.
                "key_type" => json!("ssh-ed25519"),
                "fingerprint" => json!("SHA256:kmYcvdi2GkPeWxB6XLjrZB8JHsy2Hm8luHMFp9GMvqk"),
                _ => unknown(),
            };
            assert_eq!(plan.value[&attribute.name], expected, "{}", attribute.name);
        }
    }
}

#[tokio::test]
async fn p5_a_change_keeps_what_it_cannot_change() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let object = resource.created(&json!({})).await;
    let config = resource.least(&(GPU.slow_change.0)());
    let plan = resource.plan(&config, Some(&object)).await.accepted();
    for name in [
        "id",
        "name",
        "cluster_id",
        "cluster_name",
        "product_name",
        "created_at",
        "cpu_num",
        "memory",
        "hourly_price",
        "status",
        "end_time",
    ] {
        assert_eq!(plan.value[name], object.state[name], "{name}");
    }
    for name in ["port_mappings", "ssh_command", "ssh_password", "jupyter_url"] {
        assert_eq!(plan.value[name], unknown(), "{name}");
    }
}

#[tokio::test]
async fn p7_a_plan_with_the_unknown_filled_in_keeps_every_known_value() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let resource = world.of(subject);
        let full = (subject.full)();
        let object = resource.create(&full).await;
        for prior in [None, Some(&object)] {
            for name in full.as_object().unwrap().keys().filter(|it| *it != "timeouts") {
                let first = resource.plan(&patched(&full, &json!({name: unknown()})), prior).await.accepted();
                let second = resource.plan(&full, prior).await.accepted();
                for (name, value) in
                    first.value.as_object().unwrap().iter().filter(|(_, it)| !has_unknown(it))
                {
                    assert_eq!(second.value[name], *value, "{name}");
                }
            }
        }
    }
}

#[tokio::test]
async fn p8_another_order_or_form_of_the_same_value_is_no_change() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    let config = (GPU.full)();
    let object = resource.create(&config).await;
    let another_form = patched(
        &config,
        &json!({
            "ports": ["22/tcp", "8080/http"],
            "network_storages": [{"id": "st-51c1", "mount_point": "/network"}, {"id": "st-51c0", "mount_point": "/data"}],
            "timeouts": config["timeouts"],
        }),
    );
    resource.assert_nothing_to_do(&another_form, &object).await;
    let without = resource.created(&json!({})).await;
    let plan = resource
        .plan(
            &resource.least(&json!({"command": "", "entrypoint": "", "image_auth_id": "", "network_id": ""})),
            Some(&without),
        )
        .await
        .accepted();
    assert_eq!(plan.replace, Vec::<String>::new(), "an empty text and none mean the same");
    if !plan.is_empty() {
        resource.apply(&plan).await.object();
        assert_eq!(world.changes().len(), 2, "taking note of it needs no call");
    }
}

#[tokio::test]
async fn p8_only_what_really_changes_is_blamed_for_a_replacement() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let resource = world.of(subject);
        let object = resource.create(&(subject.full)()).await;
        let (name, value) = subject.replacing;
        let mut config = patched(&(subject.full)(), &json!({name: value()}));
        config = patched(&config, &(subject.slow_change.0)());
        let plan = resource.plan(&config, Some(&object)).await.accepted();
        assert_eq!(plan.replace, [name]);
    }
}

#[tokio::test]
async fn p9_deletion_protection_refuses_destroying_and_says_how_to_lift_it() {
    for subject in SUBJECTS.iter().chain(&[&STORAGE]) {
        let world = World::start().await;
        let resource = world.of(subject);
        let object = resource.created(&json!({"deletion_protection": true})).await;
        let destroy = resource.plan_destroy(&object).await;
        assert!(destroy.error().contains("`deletion_protection = false`"), "{}", destroy.error());
        // A client of the old days does not plan it.
        let answer = resource.apply(&super::Planned { said: Vec::new(), ..destroy }).await;
        assert!(answer.error().contains("`deletion_protection = false`"));
        assert_eq!(answer.left(), object);
        let (name, value) = subject.replacing;
        let change = json!({"deletion_protection": true, name: value()});
        let replace = resource.plan(&resource.least(&change), Some(&object)).await;
        assert!(replace.error().contains(name), "{}", replace.error());
        assert_eq!(world.count(subject.delete), 0);
        assert_eq!(resource.read(&object).await.object(), object);
    }
}

#[tokio::test]
async fn p12_notes_of_a_plan_arrive_in_apply_and_those_of_before_are_kept() {
    for subject in SUBJECTS.iter().chain(&[&STORAGE]) {
        let world = World::start().await;
        let resource = world.of(subject);
        let config = resource.least(&json!({"deletion_protection": true}));
        let object = resource.create(&config).await;
        let imported = resource.imported(object.id()).await;
        let plan = resource.plan(&(subject.least)(), Some(&imported)).await.accepted();
        assert_eq!(plan.private, imported.private);
    }
}

#[tokio::test]
async fn p18_lifting_the_protection_and_replacing_in_one_plan_is_refused() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        let object = resource.created(&json!({"deletion_protection": true})).await;
        let (name, value) = subject.replacing;
        let change = json!({"deletion_protection": false, name: value()});
        let refused = resource.plan(&resource.least(&change), Some(&object)).await;
        for words in [name, object.id(), subject.type_name, "apply that alone"] {
            assert!(refused.error().contains(words), "{}", refused.error());
        }
        assert_eq!(world.count(subject.delete), 0);
    }
}

#[tokio::test]
async fn what_was_removed_is_not_protected() {
    for subject in SUBJECTS {
        let world = World::start().await;
        let resource = world.of(subject);
        let object = resource.created(&json!({"deletion_protection": true})).await;
        assert!((subject.remove)(&world.cloud, object.id()));
        let plan = resource.plan_destroy(&object).await.accepted();
        assert_eq!(resource.apply(&plan).await.state, Value::Null);
    }
}

#[tokio::test]
async fn p13_a_plan_works_when_everything_is_unknown() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let resource = world.of(subject);
        let object = resource.create(&(subject.full)()).await;
        let config = all_unknown(&resource.shape.attributes);
        for prior in [None, Some(&object)] {
            resource.plan(&config, prior).await.accepted();
            resource.plan(&patched(&config, &(subject.least)()), prior).await.accepted();
        }
    }
}

#[tokio::test]
async fn p14_a_plan_changes_nothing_in_the_cloud() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let resource = world.of(subject);
        let object = resource.create(&(subject.least)()).await;
        world.cloud.clear_log();
        resource.plan(&(subject.full)(), None).await.accepted();
        resource.plan(&(subject.full)(), Some(&object)).await;
        resource.plan_destroy(&object).await.accepted();
        assert_eq!(world.changes(), []);
    }
}

#[tokio::test]
async fn p15_collections_keep_the_number_of_their_members() {
    let world = World::start().await;
    let resource = world.of(&GPU);
    for (name, value) in [
        ("ports", json!([])),
        ("envs", json!({})),
        ("tools", json!([])),
        ("network_storages", json!([])),
        ("envs", json!({"A": unknown(), "B": ""})),
        ("ports", json!(["80/tcp", unknown()])),
        ("tools", json!([{"name": "Jupyter", "port": unknown(), "type": "http"}])),
        ("network_storages", json!([{"id": unknown()}, {"id": "st-51c0", "mount_point": unknown()}])),
    ] {
        let plan = resource.plan(&resource.least(&json!({name: value})), None).await.accepted();
        let count = |it: &Value| it.as_array().map(Vec::len).or(it.as_object().map(serde_json::Map::len));
        assert_eq!(count(&plan.value[name]), count(&value), "{name}");
    }
}

#[tokio::test]
async fn p16_the_second_plan_of_a_replacement_works() {
    for subject in SUBJECTS.iter().chain(STORED) {
        let world = World::start().await;
        let resource = world.of(subject);
        world
            .cloud
            .with_novita(|it| it.clusters.iter_mut().for_each(|it| it.support_instance_network = true));
        let object = resource.create(&(subject.least)()).await;
        let (name, value) = subject.replacing;
        let config = resource.least(&json!({name: value()}));
        let first = resource.plan(&config, Some(&object)).await.accepted();
        let shape = resource.shape;
        let request = plan_resource_change::Request {
            type_name: subject.type_name.to_owned(),
            prior_state: Some(shape.encode(&Value::Null)),
            proposed_new_state: Some(shape.encode(&config)),
            config: Some(shape.encode(&config)),
            prior_private: first.private.clone(),
            client_capabilities: Some(ABLE),
            ..Default::default()
        };
        let second = resource.planned(request, shape.complete(&config), None).await.accepted();
        assert_eq!(second.value["id"], unknown());
        let gone = super::Planned { value: Value::Null, config: Value::Null, ..first };
        assert_eq!(resource.apply(&gone).await.state, Value::Null);
        let replaced = resource.apply(&second).await.object();
        assert_ne!(replaced.id(), object.id());
        resource.assert_settled(&config, &replaced).await;
    }
}
