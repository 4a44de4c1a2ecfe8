use serde_json::json;

use super::*;

/// A state file with one object of the type.
fn state() -> Vec<u8> {
    let attributes = json!({"id": "n-1", "size": 3, "note": "told"});
    let resource =
        json!({"mode": "managed", "type": "notes_note", "instances": [{"attributes": attributes}]});
    json!({"version": 4, "resources": [{"type": "other", "instances": []}, resource]})
        .to_string()
        .into_bytes()
}

fn ty() -> Type {
    Type::from_json(&json!(["object", {"id": "string", "size": "number", "note": "string"}])).unwrap()
}

#[test]
fn what_a_plan_leaves_open_is_as_in_the_example() {
    let example = first_of("notes_note", &ty(), &state()).unwrap();
    let mut planned = Value::Null;
    planned.set("id", Value::unknown());
    planned.set("size", Value::unknown());
    planned.set("note", Value::from("mine"));
    let made = filled(planned.clone(), &example);
    assert_eq!(made.get("id").as_str(), Some("n-1"));
    assert_eq!(made.get("size"), example.get("size"));
    assert_eq!(made.get("note").as_str(), Some("mine"), "what is planned stays");
    assert!(known(filled(planned, &Value::Null)).get("id").is_null(), "without an example it is null");
}

#[test]
fn without_an_object_of_the_type_there_is_no_example() {
    assert_eq!(first_of("notes_other", &ty(), &state()), None);
    assert_eq!(first_of("notes_note", &ty(), b"no state"), None);
}
