//! What users see, kept as files: the schema, plans, request bodies. `make golden` rewrites them, and the
//! difference is reviewed like code.

use std::fmt::Write as _;

use expect_test::expect_file;
use serde_json::{Value, json};

use crate::body::body_of;
use crate::service::{Attribute, GPU, Object, Planned, Resource, Shape, Type, World, patched, unknown};

#[tokio::test]
async fn the_schema() {
    let world = World::start().await;
    let mut text = format!("provider\n{}", schema_text(&world.block));
    for name in world.type_names() {
        text += &format!("\nresource {name}\n{}", schema_text(world.shape(name)));
    }
    for (name, shape) in &world.data_sources {
        text += &format!("\ndata {name}\n{}", schema_text(shape));
    }
    for ((word, name), shape) in &world.newest {
        text += &format!("\n{word} {name}\n{}", schema_text(shape));
    }
    expect_file!["../golden/schema.txt"].assert_eq(&text);
}

fn schema_text(shape: &Shape) -> String {
    let mut text = format!("  version {}\n", shape.version);
    paragraph(&mut text, 2, &shape.description);
    for attribute in &shape.attributes {
        attribute_text(&mut text, 2, attribute);
    }
    text
}

fn attribute_text(text: &mut String, indent: usize, it: &Attribute) {
    let flags = [
        (it.is_block, "block"),
        (it.flags.required, "required"),
        (it.flags.optional && !it.is_block, "optional"),
        (it.flags.computed, "computed"),
        (it.flags.sensitive, "sensitive"),
        (it.flags.write_only, "write-only"),
    ];
    let flags: Vec<_> = flags.into_iter().filter(|(set, _)| *set).map(|(_, name)| name).collect();
    writeln!(text, "\n{:indent$}{}: {}, {}", "", it.name, type_text(&it.ty), flags.join(", ")).unwrap();
    paragraph(text, indent + 2, &it.flags.description);
    for attribute in &it.nested {
        attribute_text(text, indent + 2, attribute);
    }
}

fn paragraph(text: &mut String, indent: usize, lines: &str) {
    for line in lines.lines() {
        writeln!(text, "{}", format!("{:indent$}{line}", "").trim_end()).unwrap();
    }
}

fn type_text(ty: &Type) -> String {
    match ty {
        Type::Text => "string".to_owned(),
        Type::Number => "number".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::List(ty) => format!("list of {}", type_text(ty)),
        Type::Set(ty) => format!("set of {}", type_text(ty)),
        Type::Map(ty) => format!("map of {}", type_text(ty)),
        Type::Object(_) => "object".to_owned(),
    }
}

#[tokio::test]
async fn the_plans() {
    let world = World::start().await;
    let gpu = world.of(&GPU);
    let mut text = String::new();
    plan(&mut text, "create the least", &gpu.plan(&(GPU.least)(), None).await);
    plan(&mut text, "create with everything", &gpu.plan(&(GPU.full)(), None).await);
    let some_unknown = json!({"image_url": unknown(), "ports": ["80/http", unknown()], "envs": unknown()});
    plan(
        &mut text,
        "create with values that are not known yet",
        &gpu.plan(&gpu.least(&some_unknown), None).await,
    );

    let config = patched(&(GPU.full)(), &json!({"network_storages": [{"id": "st-51c0"}]}));
    let object = gpu.create(&config).await;
    for (title, change) in [
        ("change nothing", json!({})),
        ("another image", json!({"image_url": "docker.io/acme/trainer:1.5"})),
        ("a larger disk and other ports", json!({"rootfs_size": 90, "ports": ["22/tcp"]})),
        ("another secret", json!({"secret_envs": {"TOKEN": "hunter2-new"}})),
        ("monthly billing", json!({"billing_mode": null, "month": 3, "auto_renew": true})),
        ("stop", json!({"desired_status": "stopped"})),
        ("protect", json!({"deletion_protection": true})),
        ("another number of GPUs", json!({"gpu_num": 4})),
        (
            "a smaller disk of another kind of machine",
            json!({"rootfs_size": 20, "product_id": "5090.20c94g"}),
        ),
        ("the least from now on", Value::Null),
    ] {
        let config = if change.is_null() { (GPU.least)() } else { patched(&config, &change) };
        plan(&mut text, title, &gpu.plan(&config, Some(&object)).await);
    }
    let protected = gpu.created(&json!({"deletion_protection": true})).await;
    let change = gpu.least(&json!({"deletion_protection": true, "gpu_num": 2}));
    plan(&mut text, "replace what is protected", &gpu.plan(&change, Some(&protected)).await);
    plan(&mut text, "destroy what is protected", &gpu.plan_destroy(&protected).await);
    plan(&mut text, "destroy", &gpu.plan_destroy(&object).await);
    let prepaid = gpu.created(&json!({"month": 1})).await;
    plan(&mut text, "destroy what is prepaid", &gpu.plan_destroy(&prepaid).await);
    plan(&mut text, "more months", &gpu.plan(&gpu.least(&json!({"month": 2})), Some(&prepaid)).await);
    plan(&mut text, "no months any more", &gpu.plan(&(GPU.least)(), Some(&prepaid)).await);
    plan(&mut text, "adopt what was imported", &imported(&gpu, &config, &object).await);
    expect_file!["../golden/plans.txt"].assert_eq(&text);
}

async fn imported(gpu: &Resource<'_>, config: &Value, object: &Object) -> Planned {
    let imported = gpu.imported(object.id()).await;
    gpu.plan(config, Some(&imported)).await
}

/// One plan as text: what becomes of each attribute, without those that stay or are null.
fn plan(text: &mut String, title: &str, plan: &Planned) {
    let prior = plan.prior.as_ref().map_or(&Value::Null, |it| &it.state);
    let action = match (prior, &plan.value) {
        (Value::Null, _) => "create",
        (_, Value::Null) => "destroy",
        _ if plan.is_empty() => "nothing to do",
        _ if plan.replace.is_empty() => "change in place",
        _ => "replace",
    };
    writeln!(text, "## {title}: {action}\n").unwrap();
    for name in plan.changed() {
        let replaces = if plan.replace.iter().any(|it| it == name) { "   # replaces" } else { "" };
        let show = |value: &Value| match GPU.secrets.contains(&name) && value.as_str() != unknown().as_str() {
            true if !value.is_null() => "(sensitive value)".to_owned(),
            _ => value_text(value),
        };
        let new = show(&plan.value[name]);
        match &prior[name] {
            Value::Null if new == "null" => {}
            Value::Null => writeln!(text, "  {name} = {new}{replaces}").unwrap(),
            old => writeln!(text, "  {name} = {} → {new}{replaces}", show(old)).unwrap(),
        }
    }
    for it in &plan.said {
        let kind = if it.is_error { "error" } else { "warning" };
        writeln!(text, "  {kind} at {:?}: {}\n    {}", it.path, it.summary, it.detail).unwrap();
    }
    text.push('\n');
}

fn value_text(value: &Value) -> String {
    value.to_string().replace(&unknown().to_string(), "(known after apply)")
}

#[test]
fn the_bodies_of_create() {
    let bodies = [
        ("everything", (GPU.full)()),
        ("monthly, with a login of its own", {
            let change = json!({"image_auth_id": null, "image_auth": "robot:hunter2", "billing_mode": null,
                "month": 3, "auto_renew": true, "auto_renew_month": 6});
            patched(&(GPU.full)(), &change)
        }),
        ("the least, with a name", patched(&(GPU.least)(), &json!({"name": "least"}))),
        ("empty collections and texts", {
            let change = json!({"name": "empty", "ports": [], "envs": {}, "secret_envs": {}, "tools": [],
                "network_storages": [], "command": "", "entrypoint": "", "image_auth_id": "", "network_id": ""});
            patched(&(GPU.least)(), &change)
        }),
    ];
    let mut text = String::new();
    for (title, config) in bodies {
        writeln!(text, "## {title}\n\n{}\n", serde_json::to_string_pretty(&body_of(config)).unwrap())
            .unwrap();
    }
    expect_file!["../golden/bodies.txt"].assert_eq(&text);
}
