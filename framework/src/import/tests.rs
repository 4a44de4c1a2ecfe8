//! What of an imported state a configuration manages.

use serde_json::{Value as Json, json};

use crate::client::{propose, value};
use crate::demo::{Disk, config, state};
use crate::erased::resource;
use crate::import::{keep_managed, left_out};
use crate::plan::Proposal;
use crate::private::Private;
use crate::schema::Schema;
use crate::value::Value;

/// The states with what an import has told, and with the part of it that a configuration manages.
fn told_and_managed(schema: &Schema, told: Json, wanted: Json) -> (Value, Value) {
    let noted = told.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
    let private = Private { taken_over: noted, ..Private::default() };
    let told = value(schema, &state(told));
    let mut managed = told.clone();
    keep_managed(schema, &private, &value(schema, &config(wanted)), &mut managed);
    (told, managed)
}

#[track_caller]
fn check(told: Json, wanted: Json, expected: Json) {
    let schema = Schema::of::<Disk>();
    let managed = told_and_managed(&schema, told, wanted).1;
    let expected = value(&schema, &state(expected));
    for attribute in &schema.attributes {
        assert!(managed.get(attribute.name) == expected.get(attribute.name), "{}", attribute.name);
    }
}

#[test]
fn what_is_left_out_is_not_managed() {
    check(json!({"ports": ["22/tcp"], "backup": {"hour": 3}}), json!({}), json!({}));
    let both = json!({"labels": {"a": "1", "b": "2"}, "ports": ["22/tcp", "80/http"]});
    let one = json!({"labels": {"a": "1"}, "ports": ["80/http"]});
    check(both, json!({"labels": {"a": "x"}, "ports": ["80/HTTP"]}), one);
    // Maps that travel as one are one.
    check(
        json!({"labels": {"a": "1", "b": "2"}}),
        json!({"secret_labels": {"b": "2"}}),
        json!({"labels": {"b": "2"}}),
    );
}

#[test]
fn what_is_configured_is_managed_and_an_empty_value_is_configured() {
    let told = json!({"labels": {"a": "1"}, "ports": ["22/tcp"]});
    check(told.clone(), json!({"labels": {}, "ports": []}), told.clone());
    check(told, json!({"labels": {"b": "2"}, "ports": ["80/http"]}), json!({"labels": {}, "ports": []}));
}

#[test]
fn what_was_not_noted_is_managed() {
    let schema = Schema::of::<Disk>();
    let told = value(&schema, &state(json!({"labels": {"a": "1"}})));
    let mut managed = told.clone();
    keep_managed(&schema, &Private::default(), &value(&schema, &config(json!({}))), &mut managed);
    assert!(managed == told && left_out(&schema, &told, &managed).0.is_empty());
}

#[test]
fn what_is_left_out_is_named_once() {
    let schema = Schema::of::<Disk>();
    let (told, managed) =
        told_and_managed(&schema, json!({"labels": {"a": "1"}, "ports": ["22/tcp"]}), json!({}));
    let [warning] = &left_out(&schema, &told, &managed).0[..] else { panic!("one warning") };
    assert!(warning.detail.contains("`labels`, `ports`"), "{}", warning.detail);
}

/// The summaries of a plan over an imported disk with labels, of this configuration.
fn summaries(wanted: Json) -> Vec<String> {
    let disk = resource::<Disk>();
    let (config, prior) = (config(wanted), state(json!({"labels": {"a": "1"}})));
    let (config, prior) = (value(disk.schema(), &config), value(disk.schema(), &prior));
    let private = Private { taken_over: ["labels".to_owned()].into(), ..Private::default() };
    let proposed = propose(disk.schema(), &config, &prior);
    let planned = disk.plan(&Proposal { config, prior, proposed, private, ..Proposal::default() });
    planned.diagnostics.0.into_iter().map(|it| it.summary).collect()
}

#[test]
fn what_a_plan_replaces_is_not_said_to_stay_as_it_is() {
    assert_eq!(summaries(json!({})), ["Part of what was imported is not managed"]);
    assert_eq!(summaries(json!({"zone": "b"})), [""; 0]);
}
