//! The description: whether it is one, and whether it says what the API document says.

use serde_json::{Value, json};

use super::Bench;
use crate::novita::Novita;

fn document() -> &'static Value {
    Novita::description().document()
}

/// A schema of the document, with a reference followed.
fn schema(pointer: &str) -> &'static Value {
    let found = document().pointer(pointer).unwrap_or_else(|| panic!("there is no {pointer}"));
    found["$ref"].as_str().map_or(found, |it| schema(it.strip_prefix('#').unwrap()))
}

/// Each property of a schema has these limits; none may be missing and none be too many.
fn check_fields(name: &str, expected: &[(&str, Value)]) {
    let whole = schema(&format!("/components/schemas/{name}"));
    let mut described: Vec<&String> = whole["properties"].as_object().unwrap().keys().collect();
    for (field, limits) in expected {
        let property = schema(&format!("/components/schemas/{name}/properties/{field}"));
        for (keyword, limit) in limits.as_object().unwrap() {
            assert_eq!(property[keyword], *limit, "{name}.{field} {keyword}");
        }
        described.retain(|it| it != field);
    }
    assert_eq!(described, [""; 0], "{name} describes fields that are not expected");
    assert_eq!(whole["additionalProperties"], false);
}

/// Fields that both forms of create have.
fn shared() -> Vec<(&'static str, Value)> {
    vec![
        ("name", json!({"type": "string", "maxLength": 255})),
        ("productId", json!({"type": "string", "minLength": 1, "maxLength": 255})),
        ("imageUrl", json!({"type": "string", "minLength": 1, "maxLength": 500})),
        ("imageAuth", json!({"type": "string", "maxLength": 10239})),
        ("imageAuthId", json!({"type": "string"})),
        ("ports", json!({"type": "string"})),
        ("envs", json!({"type": "array", "maxItems": 100})),
        ("tools", json!({"type": "array"})),
        ("command", json!({"type": "string", "maxLength": 2047})),
        ("entrypoint", json!({"type": "string", "maxLength": 2047})),
        ("clusterId", json!({"type": "string", "maxLength": 255})),
        ("networkStorages", json!({"type": "array", "maxItems": 30})),
        ("networkId", json!({"type": "string"})),
    ]
}

#[test]
fn create_has_the_documented_fields_and_limits() {
    let mut gpu = shared();
    gpu.extend([
        ("gpuNum", json!({"type": "integer", "minimum": 1, "maximum": 8})),
        ("rootfsSize", json!({"type": "integer", "maximum": 6144})),
        ("kind", json!({"const": "gpu"})),
        ("month", json!({"type": "integer", "minimum": 0})),
        ("billingMode", json!({"enum": ["onDemand", "monthly", "spot"], "default": "onDemand"})),
        ("autoRenew", json!({"type": "boolean", "default": false})),
        ("autoRenewMonth", json!({"type": "integer", "minimum": 1, "maximum": 12})),
        ("minCudaVersion", json!({"type": "string", "maxLength": 255})),
    ]);
    check_fields("CreateGpuInstance", &gpu);
    let mut cpu = shared();
    cpu.extend([
        ("localStorageMountPoint", json!({"minLength": 1, "maxLength": 4095, "default": "/workspace"})),
        ("kind", json!({"const": "cpu"})),
    ]);
    check_fields("CreateCpuInstance", &cpu);
    let required = |name: &str| schema(&format!("/components/schemas/{name}/required")).clone();
    assert_eq!(
        required("CreateGpuInstance"),
        json!(["productId", "gpuNum", "rootfsSize", "imageUrl", "kind"])
    );
    assert_eq!(required("CreateCpuInstance"), json!(["productId", "imageUrl", "kind"]));
}

#[test]
fn the_parts_of_create_have_the_documented_limits() {
    let env = schema("/components/schemas/Envs/items/properties");
    assert_eq!((&env["key"]["maxLength"], &env["value"]["maxLength"]), (&json!(511), &json!(4095)));
    let tool = schema("/components/schemas/Tools/items/properties");
    assert_eq!((&tool["name"]["enum"], &tool["port"]["type"]), (&json!(["Jupyter"]), &json!("string")));
    assert_eq!(tool["type"]["enum"], json!(["tcp", "http"]));
    let mount = &schema("/components/schemas/NetworkStorages/items/properties")["mountPoint"];
    assert_eq!((&mount["minLength"], &mount["maxLength"]), (&json!(1), &json!(4095)));
    assert_eq!(mount["default"], "/network");
}

#[test]
fn edit_and_upgrade_have_the_documented_fields_and_limits() {
    let id = ("instanceId", json!({"type": "string", "minLength": 1}));
    check_fields(
        "EditInstance",
        &[
            id.clone(),
            ("ports", json!({"type": "array"})),
            ("expandRootDisk", json!({"type": "integer", "minimum": 0})),
        ],
    );
    let port = schema("/components/schemas/EditInstance/properties/ports/items/properties/port");
    assert_eq!((&port["minimum"], &port["maximum"]), (&json!(1), &json!(65535)));
    assert_eq!(port["not"]["enum"], json!([2222, 2223, 2224]));
    check_fields(
        "UpgradeInstance",
        &[
            id,
            ("imageUrl", json!({"minLength": 1, "maxLength": 500})),
            ("imageAuthId", json!({"type": "string"})),
            ("envs", json!({"maxItems": 100})),
            ("command", json!({"maxLength": 2047})),
            ("entrypoint", json!({"maxLength": 2047})),
            ("save", json!({"type": "boolean"})),
            ("networkVolume", json!({"required": ["volumeMounts"]})),
        ],
    );
    let mounts = "/components/schemas/UpgradeInstance/properties/networkVolume/properties/volumeMounts";
    let mounts = schema(mounts);
    assert_eq!(mounts["maxItems"], 30);
    let path = &mounts["items"]["properties"]["mountPath"];
    assert_eq!(
        (&path["minLength"], &path["maxLength"], &path["default"]),
        (&json!(1), &json!(4095), &json!("/network"))
    );
}

#[test]
fn endpoints_have_the_documented_fields_and_limits() {
    let shared = [
        ("name", json!({"type": "string", "maxLength": 220})),
        ("workerConfig", json!({"type": "object"})),
        ("ports", json!({"minItems": 1, "maxItems": 1})),
        ("policy", json!({"required": ["type", "value"]})),
        ("image", json!({"required": ["image"]})),
        ("volumeMounts", json!({"type": "array"})),
        ("clusterID", json!({"maxLength": 255})),
        ("envs", json!({"maxItems": 100})),
        ("healthy", json!({"required": ["path"]})),
    ];
    let mut new = shared.to_vec();
    new.extend([
        ("appName", json!({"maxLength": 46})),
        ("products", json!({"minItems": 1})),
        ("rootfsSize", json!({"type": "integer"})),
    ]);
    check_fields("NewEndpoint", &new);
    let mut changed = shared.to_vec();
    changed.push(("id", json!({"minLength": 1})));
    check_fields("UpdateEndpoint", &changed);
    for form in ["NewWorkerConfig", "ChangedWorkerConfig"] {
        let six = ["minNum", "maxNum", "freeTimeout", "maxConcurrent", "gpuNum", "requestTimeout"];
        assert_eq!(schema(&format!("/components/schemas/{form}/required")), &json!(six));
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
            assert_eq!(call.get("requestBody").is_some(), method == "post", "{path}");
            assert!(
                call["responses"]["200"].is_object() && call["responses"]["default"].is_object(),
                "{path}"
            );
            names.push(call["operationId"].as_str().unwrap());
            let call = crate::answer::Call {
                method: method.to_uppercase(),
                path: path.clone(),
                query: Vec::new(),
                body: Value::Null,
            };
            let core = &mut bench.core;
            let routed = core.novita.route(&call, &mut core.time);
            assert!(
                routed.map_or_else(|it| it.reason != "API_NOT_FOUND", |_| true),
                "{path} is not answered"
            );
        }
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!((names.len(), count), (48, 48), "each name is used once");
}
