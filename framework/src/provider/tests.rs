//! A provider of the demo resource.

use std::sync::Arc;

use expect_test::{Expect, expect};
use serde_json::{Value as Json, json};
use tokio_util::sync::CancellationToken;

use crate::attr::Attr;
use crate::client::{show, value};
use crate::data_source::{DataSource, DynDataSource, data_source};
use crate::demo::{Cloud, Disk};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::erased::{DynResource, resource};
use crate::model::Model;
use crate::provider::{Provider, Server};
use crate::resource::{Context, Result, Rules};
use crate::schema::lint::{RESERVED_IN_PROVIDERS, RESERVED_IN_RESOURCES};

/// The demo's provider.
#[derive(Model)]
struct Settings {
    /// Zone to work in.
    #[tf(optional, local, len = 1..=8)]
    zone: Attr<String>,
    /// Number of retries.
    #[tf(optional, local, range = 0..=9)]
    retries: Attr<i64>,
}

/// A disk that exists.
#[derive(Model)]
struct Lookup {
    /// Name of the disk.
    #[tf(required, local, len = 1..=8)]
    name: Attr<String>,
    /// Identifier of the disk.
    #[tf(computed)]
    id: Attr<String>,
    /// Size in GB.
    #[tf(computed)]
    size: Attr<i64>,
}

impl DataSource for Lookup {
    type Data = Cloud;

    const TYPE: &'static str = "demo_disk";

    fn validate(&self, rules: &mut Rules) {
        if self.name.text() == Some("none") {
            rules.reject("name", "Nothing is called so.");
        }
    }

    async fn read(cx: &Context<Cloud>, config: Self) -> Result<Self> {
        cx.warn("Slow", "It took a while.");
        if config.name.text() != Some("auto") {
            return Err(Diagnostic::error("No such disk", "").into());
        }
        Ok(Self { id: Attr::from("disk-1".to_owned()), size: Attr::Unknown, ..config })
    }
}

struct Demo;

impl Provider for Demo {
    type Config = Settings;
    type Data = Cloud;

    const ADDRESSES: &'static [&'static str] = &["demo/demo", "demo/other"];

    fn resources() -> Vec<Box<dyn DynResource<Cloud>>> {
        vec![resource::<Disk>()]
    }

    fn data_sources() -> Vec<Box<dyn DynDataSource<Cloud>>> {
        vec![data_source::<Lookup>()]
    }

    fn validate(config: &Settings, rules: &mut Rules) {
        rules.needs(("retries", &config.retries), ("zone", &config.zone));
    }

    fn configure(config: Settings, client_version: &str) -> Result<Cloud> {
        if config.zone.text() == Some("closed") {
            return Err(Diagnostic::error("Zone is closed", client_version).into());
        }
        Ok(Cloud::default())
    }
}

fn told(diagnostics: &Diagnostics) -> String {
    diagnostics.0.iter().map(|it| format!("{:?}: {}, {}\n", it.severity, it.summary, it.detail)).collect()
}

#[track_caller]
fn check_configure(server: &Server<Demo>, config: &Json, expected: &Expect) {
    let config = value(&server.schema().0, config);
    expected.assert_eq(&told(&server.configure(&config, "1.2.3")));
}

#[test]
fn under_a_second_address_only_the_types_of_its_prefix_are_served() {
    let types = |name: &str| {
        Server::<Demo>::released_as(name).resources().map(|it| it.type_name()).collect::<Vec<_>>()
    };
    let all = types("demo");
    assert!(!all.is_empty() && all.iter().all(|it| it.starts_with("demo_")), "{all:?}");
    assert_eq!(types("anything"), all);
    assert_eq!(types("other"), [""; 0]);
}

#[test]
fn the_provider_block_has_no_fault() {
    assert_eq!(Server::<Demo>::default().schema().0.lint(RESERVED_IN_PROVIDERS), [""; 0]);
}

#[test]
fn a_provider_is_configured_before_it_works() {
    let server = Server::<Demo>::default();
    let refused = server.context(CancellationToken::new()).err().unwrap();
    expect![[r#"
        Error: Provider not configured, Terraform asked for an operation before it configured the provider.
    "#]]
    .assert_eq(&told(&refused));
    check_configure(&server, &json!({}), &expect![[""]]);
    assert!(server.context(CancellationToken::new()).is_ok());
}

#[test]
fn v6_a_later_configuration_replaces_an_earlier_one() {
    let server = Server::<Demo>::default();
    check_configure(&server, &json!({}), &expect![[""]]);
    let first = server.context(CancellationToken::new()).unwrap().data;
    check_configure(&server, &json!({"zone": "a"}), &expect![[""]]);
    let second = server.context(CancellationToken::new()).unwrap().data;
    assert!(!Arc::ptr_eq(&first, &second));
}

#[test]
fn v4_unknown_settings_configure() {
    check_configure(&Server::default(), &json!({"zone": "?", "retries": "?"}), &expect![[""]]);
}

#[test]
fn wrong_settings_are_refused() {
    check_configure(
        &Server::default(),
        &json!({"zone": "a", "retries": 10}),
        &expect![[r#"
        Error: Invalid attribute value, The value of `retries` is not allowed. Range: 0 to 9. This one is 10.
    "#]],
    );
    check_configure(
        &Server::default(),
        &json!({"retries": 1}),
        &expect![[r#"
        Error: Invalid attribute value, The value of `retries` is not allowed. It has a meaning only together with `zone`: set that too.
    "#]],
    );
    check_configure(
        &Server::default(),
        &json!({"zone": "closed"}),
        &expect![[r#"
        Error: Zone is closed, 1.2.3
    "#]],
    );
}

#[test]
fn g8_an_unknown_resource_type_is_an_error() {
    let server = Server::<Demo>::default();
    assert!(server.resource("demo_disk").is_ok());
    let refused = server.resource("demo_tape").err().unwrap();
    expect![[r#"
        Error: Unknown resource type, This provider has no resource type `demo_tape`.
    "#]]
    .assert_eq(&told(&refused));
}

/// Moves a state of `type_name` from another address to a disk here.
#[track_caller]
fn check_move(address: &str, type_name: &str, version: i64, expected: &Expect) {
    let state = br#"{"id": "disk-1", "gb": 20}"#;
    let moved = Server::<Demo>::default().move_state((address, type_name), "demo_disk", version, state);
    expected.assert_eq(&moved.map_or_else(|it| told(&it), |it| show(&it)));
}

#[test]
fn a_state_moves_between_the_addresses_of_this_program() {
    check_move("registry.terraform.io/demo/demo", "demo_disk", 1, &expect![[r#"{id: "disk-1"}"#]]);
    check_move("registry.opentofu.org/demo/other", "demo_disk", 0, &expect![[r#"{id: "disk-1", size: 20}"#]]);
    check_move("demo/demo", "demo_disk", 1, &expect![[r#"{id: "disk-1"}"#]]);
}

#[test]
fn i5_a_state_from_anywhere_else_is_refused() {
    check_move(
        "registry.terraform.io/someone/demo",
        "demo_disk",
        1,
        &expect![[r#"
        Error: Resource cannot be moved from there, A `demo_disk` of `registry.terraform.io/someone/demo` cannot become a `demo_disk`. Supported: a `demo_disk` of `demo/demo` or `demo/other`.
    "#]],
    );
    check_move(
        "registry.terraform.io/evildemo/demo",
        "demo_disk",
        1,
        &expect![[r#"
        Error: Resource cannot be moved from there, A `demo_disk` of `registry.terraform.io/evildemo/demo` cannot become a `demo_disk`. Supported: a `demo_disk` of `demo/demo` or `demo/other`.
    "#]],
    );
    check_move(
        "registry.terraform.io/demo/demo",
        "demo_tape",
        1,
        &expect![[r#"
        Error: Resource cannot be moved from there, A `demo_tape` of `registry.terraform.io/demo/demo` cannot become a `demo_disk`. Supported: a `demo_disk` of `demo/demo` or `demo/other`.
    "#]],
    );
    check_move(
        "registry.terraform.io/demo/demo",
        "demo_disk",
        7,
        &expect![[r#"
        Error: State of an unknown schema version, 
    "#]],
    );
}

#[tokio::test]
async fn a_data_source_answers_with_nothing_unknown_or_with_nothing_at_all() {
    let server = Server::<Demo>::default();
    check_configure(&server, &json!({}), &expect![[""]]);
    let source = server.data_source("demo_disk").unwrap();
    let read = async |name: &str| {
        let context = server.context(CancellationToken::new()).unwrap();
        let (found, diagnostics) = source.read(context, value(source.schema(), &json!({"name": name}))).await;
        format!("{}\n{}", show(&found), told(&diagnostics))
    };
    expect![[r#"
        {id: "disk-1", name: "auto"}
        Warning: Slow, It took a while.
    "#]]
    .assert_eq(&read("auto").await);
    expect![[r#"
        null
        Warning: Slow, It took a while.
        Error: No such disk, 
    "#]]
    .assert_eq(&read("other").await);
    assert!(server.data_source("demo_tape").is_err());
    assert_eq!(source.schema().lint(RESERVED_IN_RESOURCES), [""; 0]);
}

#[test]
fn a_data_source_refuses_what_it_cannot_look_for() {
    let source = data_source::<Lookup>();
    let refused = |name: &str| told(&source.validate(&value(source.schema(), &json!({"name": name}))));
    expect![[""]].assert_eq(&refused("?"));
    expect![[r#"
        Error: Invalid attribute value, The value of `name` is not allowed. Length: 1 to 8 characters. This one is 13 characters long.
    "#]].assert_eq(&refused("much too long"));
    expect![[r#"
        Error: Invalid attribute value, The value of `name` is not allowed. Nothing is called so.
    "#]]
    .assert_eq(&refused("none"));
}
