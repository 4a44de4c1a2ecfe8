//! Bodies of the demo resource.

use expect_test::{Expect, expect};
use serde_json::{Value as Json, json};

use crate::body::{attribute_of_wire, body};
use crate::client::value;
use crate::demo::Disk;
use crate::erased::resource;

#[track_caller]
fn check_body(object: &Json, expected: &Expect) {
    let disk = resource::<Disk>();
    let body = body(disk.schema(), &value(disk.schema(), object));
    expected.assert_eq(&Json::Object(body).to_string());
}

#[test]
fn what_is_null_unknown_local_or_computed_stays_out() {
    check_body(&json!({}), &expect!["{}"]);
    check_body(
        &json!({"name": "?", "status": "ready", "wait": true, "aliases": ["a"], "speed": "slow"}),
        &expect![[r#"{"speed":"slow"}"#]],
    );
}

#[test]
fn lists_that_share_a_wire_name_are_joined() {
    check_body(
        &json!({"labels": {"b": "1", "a": "2"}, "secret_labels": {"c": "3"}}),
        &expect![[r#"{"tags":[{"key":"a","value":"2"},{"key":"b","value":"1"},{"key":"c","value":"3"}]}"#]],
    );
    check_body(&json!({"secret_labels": {"c": "3"}}), &expect![[r#"{"tags":[{"key":"c","value":"3"}]}"#]]);
}

#[test]
fn of_values_that_share_a_wire_name_the_one_that_is_set_stands() {
    check_body(&json!({"password": "p"}), &expect![[r#"{"password":"p"}"#]]);
    check_body(&json!({"password_wo": "w"}), &expect![[r#"{"password":"w"}"#]]);
}

#[test]
fn nested_attributes_have_wire_names_of_their_own() {
    let nested = json!({
        "mounts": [{"host": "h", "path": "/a"}, {"host": "i"}], "backup": {"hour": 3, "keep": 2, "place": "x"},
        "rules": [{"port": 80}, {"port": 81, "protocol": "udp"}], "teams": {"a": {"port": 1}},
    });
    check_body(
        &nested,
        &expect![[
            r#"{"backup":{"hour":3,"keepCopies":2},"mounts":[{"dir":"/a","host":"h"},{"host":"i"}],"rules":[{"port":80},{"port":81,"protocol":"udp"}],"teams":{"a":{"port":1}}}"#
        ]],
    );
}

#[test]
fn numbers_keep_their_kind() {
    check_body(
        &json!({"size": 9007199254740993_i64, "max_price": 0.1}),
        &expect![[r#"{"maxPrice":0.1,"size":9007199254740993}"#]],
    );
    check_body(&json!({"max_price": 2.0}), &expect![[r#"{"maxPrice":2}"#]]);
}

#[test]
fn an_api_s_field_leads_back_to_the_attribute() {
    let disk = resource::<Disk>();
    assert_eq!(attribute_of_wire(disk.schema(), "zoneName"), Some("zone"));
    assert_eq!(attribute_of_wire(disk.schema(), "maxPrice"), Some("max_price"));
    assert_eq!(attribute_of_wire(disk.schema(), "zone"), None);
}
