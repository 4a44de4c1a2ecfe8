//! The create request, field by field as the API's page lists them (`POST /gpu/instance/create`, GPU).
//!
//! One test per field, named like it: when the page gains a field, or a body loses one, the name of the
//! test that is missing or fails says which.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::service::{GPU, SECRET, World, patched};

/// The body of a configuration with all attributes that can be set together.
static FULL: LazyLock<Value> = LazyLock::new(|| body_of((GPU.full)()));

/// The body of one with those that exclude some of them.
static REST: LazyLock<Value> = LazyLock::new(|| {
    let others = json!({
        "image_auth_id": null, "image_auth": format!("robot:{SECRET}"),
        "billing_mode": "monthly", "month": 3, "auto_renew": true, "auto_renew_month": 6,
    });
    body_of(patched(&(GPU.full)(), &others))
});

/// The body of the least configuration.
static LEAST: LazyLock<Value> = LazyLock::new(|| body_of((GPU.least)()));

/// Creates what is configured, and returns what was sent.
pub(crate) fn body_of(config: Value) -> Value {
    // The tests that share a body have a runtime each; this one belongs to none of them.
    let made = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::start().await;
            world.of(&GPU).create(&config).await;
            let creates: Vec<_> =
                world.changes().into_iter().filter(|(path, _)| *path == GPU.create.1).collect();
            assert_eq!(creates.len(), 1);
            creates[0].1.clone()
        })
    });
    made.join().unwrap()
}

/// One test per documented field: the field, the body it is looked for in, what is expected there.
macro_rules! fields {
    ($($test:ident: $field:literal of $body:ident is $expected:expr;)*) => {
        $(
            #[test]
            fn $test() {
                assert_eq!($body[$field], json!($expected), "{}", $field);
            }
        )*

        /// Every field that has a test.
        const TESTED: &[&str] = &[$($field),*];
    };
}

fields! {
    name: "name" of FULL is "trainer";
    product_id: "productId" of FULL is "4090.16c62g";
    gpu_num: "gpuNum" of FULL is 2;
    rootfs_size: "rootfsSize" of FULL is 60;
    image_url: "imageUrl" of FULL is "docker.io/acme/trainer:1.4";
    image_auth: "imageAuth" of REST is format!("robot:{SECRET}");
    image_auth_id: "imageAuthId" of FULL is "auth-9f21";
    ports: "ports" of FULL is "22/tcp, 8080/http";
    envs: "envs" of FULL is json!([
        {"key": "EPOCHS", "value": "3"},
        {"key": "MODE", "value": "train"},
        {"key": "TOKEN", "value": format!("{SECRET}-token")}
    ]);
    tools: "tools" of FULL is json!([{"name": "Jupyter", "port": "8888", "type": "http"}]);
    command: "command" of FULL is "python run.py";
    entrypoint: "entrypoint" of FULL is "/bin/sh -c";
    cluster_id: "clusterId" of FULL is "7";
    network_storages: "networkStorages" of FULL is json!([
        {"Id": "st-51c0", "mountPoint": "/data"},
        {"Id": "st-51c1", "mountPoint": "/network"}
    ]);
    network_id: "networkId" of FULL is "vpc-83aa";
    kind: "kind" of FULL is "gpu";
    month: "month" of REST is 3;
    billing_mode: "billingMode" of FULL is "onDemand";
    auto_renew: "autoRenew" of REST is true;
    auto_renew_month: "autoRenewMonth" of REST is 6;
    min_cuda_version: "minCudaVersion" of FULL is "12.4";
    month_of_a_machine_paid_by_use: "month" of FULL is 0;
    billing_mode_with_months: "billingMode" of REST is "monthly";
    kind_of_the_least: "kind" of LEAST is "gpu";
}

#[test]
fn the_body_has_no_other_field() {
    for body in [&FULL, &REST, &LEAST] {
        let surplus: Vec<_> =
            body.as_object().unwrap().keys().filter(|it| !TESTED.contains(&it.as_str())).collect();
        assert!(surplus.is_empty(), "{surplus:?}");
    }
}

#[test]
fn what_is_not_configured_is_not_sent() {
    let least = LEAST.as_object().unwrap();
    assert!(least.values().all(|it| !it.is_null()), "{least:?}");
    for field in [
        "imageAuth",
        "imageAuthId",
        "ports",
        "envs",
        "tools",
        "command",
        "entrypoint",
        "networkStorages",
        "networkId",
    ] {
        assert!(!least.contains_key(field), "{field}");
    }
    assert!(least["name"].as_str().unwrap().starts_with("tf-"), "a name is always sent, to find it again");
}
