//! The description: whether it is one, and whether it says what the API document says.

use serde_json::{Value, json};

use super::Bench;
use crate::novacloud::NovaCloud;

fn document() -> &'static Value {
    NovaCloud::description().document()
}

#[test]
fn create_has_the_documented_fields_and_limits() {
    let create = &document()["components"]["schemas"]["CreateVm"];
    let required = json!(["node", "gpu_type", "gpu_count", "storage_gb", "template_vmid"]);
    assert_eq!((&create["required"], &create["additionalProperties"]), (&required, &json!(false)));
    let expected = [
        ("node", "type", json!("string")),
        ("gpu_type", "type", json!("string")),
        ("gpu_count", "enum", json!([1, 2, 4, 8])),
        ("storage_gb", "minimum", json!(50)),
        ("template_vmid", "type", json!("integer")),
        ("rental_type", "enum", json!(["on_demand", "reserved", "interruptible"])),
        ("reservation_months", "enum", json!([1, 3, 6])),
        ("auth_method", "enum", json!(["ssh_key", "password"])),
        ("ssh_key_id", "type", json!("string")),
        ("password", "minLength", json!(12)),
    ];
    let described = create["properties"].as_object().unwrap();
    assert_eq!(described.len(), expected.len());
    for (field, keyword, limit) in expected {
        assert_eq!(described[field][keyword], limit, "{field} {keyword}");
    }
}

#[test]
fn every_schema_is_a_json_schema_and_every_reference_leads_somewhere() {
    assert_eq!(document()["openapi"], "3.1.0");
    for (name, schema) in document()["components"]["schemas"].as_object().unwrap() {
        assert!(jsonschema::meta::is_valid(schema), "{name}");
    }
    let mut waiting = vec![document()];
    while let Some(part) = waiting.pop() {
        if let Some(reference) = part["$ref"].as_str() {
            assert!(document().pointer(&reference[1..]).is_some(), "{reference}");
        }
        match part {
            Value::Object(members) => waiting.extend(members.values()),
            Value::Array(items) => waiting.extend(items),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

#[test]
fn every_call_is_described_in_full_and_answered() {
    let mut bench = Bench::new();
    let mut names = Vec::new();
    for (path, item) in document()["paths"].as_object().unwrap() {
        for (method, call) in item.as_object().unwrap() {
            assert!(call["summary"].is_string() && call["tags"].is_array(), "{path}");
            assert!(call["responses"]["default"].is_object(), "{path}");
            names.push(call["operationId"].as_str().unwrap());
            let call = crate::answer::Call {
                method: method.to_uppercase(),
                path: path.clone(),
                query: Vec::new(),
                body: Value::Null,
            };
            let core = &mut bench.core;
            let routed = core.novacloud.route(&call, &mut core.time);
            assert!(routed.map_or_else(|it| it.message != "Not Found", |_| true), "{path} is not answered");
        }
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!((names.len(), count), (16, 16), "each name is used once");
}
