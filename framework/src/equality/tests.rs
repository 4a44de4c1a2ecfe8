//! What is equal, in which form it stays, and what only looks alike.

use serde_json::{Value as Json, json};

use crate::client::value;
use crate::demo::{Disk, config, state};
use crate::equality::{Forms, differs, keep_form};
use crate::model::Model;
use crate::schema::Schema;

/// The attributes of a disk that differ after a change from one to the other.
fn different(one: Json, other: Json) -> Vec<&'static str> {
    let schema = Schema::of::<Disk>();
    let (one, other) = (value(&schema, &state(one)), value(&schema, &state(other)));
    let attributes = schema.attributes.iter();
    attributes.filter(|it| differs(&schema.attributes, it, &one, &other)).map(|it| it.name).collect()
}

#[test]
fn nothing_in_any_form_is_nothing() {
    let empty =
        json!({"labels": {}, "ports": [], "aliases": [], "rules": [], "teams": {}, "mounts": [], "note": ""});
    assert_eq!(different(json!({}), empty.clone()), [""; 0]);
    assert_eq!(different(empty, json!({})), [""; 0]);
    assert_eq!(different(json!({"labels": {"a": ""}}), json!({})), ["labels"]);
    assert_eq!(different(json!({"backup": {"hour": 0}}), json!({})), ["backup"]);
}

#[test]
fn no_value_equals_the_default() {
    assert_eq!(different(json!({"copies": null, "speed": null}), json!({})), [""; 0]);
    assert_eq!(different(json!({"copies": null}), json!({"copies": 2})), ["copies"]);
    let mounts = |path: Json| json!({"mounts": [{"host": "h", "path": path}]});
    assert_eq!(different(mounts(Json::Null), mounts(json!("/data"))), [""; 0]);
    assert_eq!(different(mounts(Json::Null), mounts(json!("/else"))), ["mounts"]);
}

#[test]
fn words_of_an_enumeration_are_equal_in_any_case_and_other_texts_are_not() {
    assert_eq!(different(json!({"speed": "veryfast"}), json!({"speed": "veryFast"})), [""; 0]);
    assert_eq!(different(json!({"name": "a"}), json!({"name": "A"})), ["name"]);
}

#[test]
fn texts_of_one_canonical_form_are_equal_as_elements_too() {
    assert_eq!(
        different(json!({"ports": ["80/TCP", "1/http"]}), json!({"ports": ["1/http", "80/tcp"]})),
        [""; 0]
    );
    assert_eq!(different(json!({"ports": ["80/tcp"]}), json!({"ports": ["81/tcp"]})), ["ports"]);
}

#[test]
fn maps_of_one_wire_name_are_one_map() {
    let shown = json!({"labels": {"a": "1", "b": "2"}});
    let split = json!({"labels": {"a": "1"}, "secret_labels": {"b": "2"}});
    assert_eq!(different(shown.clone(), split.clone()), [""; 0]);
    assert_eq!(
        different(split, json!({"labels": {"a": "1"}, "secret_labels": {"b": "3"}})),
        ["secret_labels"]
    );
    assert_eq!(
        different(shown, json!({"labels": {"a": "1"}, "secret_labels": "?"})),
        ["labels", "secret_labels"]
    );
}

#[test]
fn an_unknown_value_equals_nothing_that_is_known() {
    assert_eq!(different(json!({"name": "a"}), json!({"name": "?"})), ["name"]);
    assert_eq!(different(json!({}), json!({"ports": "?"})), ["ports"]);
    assert_eq!(different(json!({"ports": ["?"]}), json!({"ports": ["1/tcp"]})), ["ports"]);
}

#[track_caller]
fn check_form(forms: Forms, old: Json, new: Json, kept: Json) {
    let schema = Schema::of::<Disk>();
    let mut new = value(&schema, &config(new));
    keep_form(&schema.attributes, &value(&schema, &config(old)), &mut new, forms);
    assert_eq!(new, value(&schema, &config(kept)));
}

#[test]
fn what_means_the_same_keeps_its_form() {
    let old = json!({"speed": "VERYFAST", "ports": ["80/TCP"], "note": "", "labels": {}, "rules": [{"port": 1}],
        "teams": {"t": {"port": 1, "protocol": "udp"}}});
    let new = json!({"speed": "veryFast", "ports": ["80/tcp", "1/http"], "note": null, "aliases": [],
        "rules": [{"port": 1, "protocol": "udp"}], "teams": {"t": {"port": 2, "protocol": "udp"}}});
    let read = json!({"speed": "VERYFAST", "ports": ["80/TCP", "1/http"], "note": "", "labels": {},
        "rules": [{"port": 1, "protocol": "udp"}], "teams": {"t": {"port": 2, "protocol": "udp"}}});
    check_form(Forms::All, old.clone(), new.clone(), read);
    let planned = json!({"speed": "VERYFAST", "ports": ["80/tcp", "1/http"], "note": null, "aliases": [],
        "rules": [{"port": 1, "protocol": "udp"}], "teams": {"t": {"port": 2, "protocol": "udp"}}});
    check_form(Forms::OfValues, old, new, planned);
    let ports = |port: &str| json!({"ports": [port, "1/http"]});
    check_form(Forms::OfValues, ports("80/TCP"), ports("80/tcp"), ports("80/TCP"));
}

#[test]
fn an_empty_text_reaches_the_model_as_null() {
    let schema = Schema::of::<Disk>();
    let disk = Disk::from_object(&value(&schema, &config(json!({"note": "", "name": ""})))).unwrap();
    let object = disk.to_object();
    assert!(object.get("note").is_null());
    assert_eq!(object.get("name").as_str(), Some("")); // the cloud may choose it, so this is a mistake
}
