//! Schemas: their texts, their faults, and the types they give.

use expect_test::{Expect, expect};

use crate::attr::{Dynamic, List, Map, Set};
use crate::demo::{Disk, Mount};
use crate::erased::resource;
use crate::model::Model;
use crate::schema::lint::RESERVED_IN_RESOURCES;
use crate::schema::{Attribute, AttributeType, Nesting, Schema, Timeouts, timeouts_attributes};

fn text() -> Attribute {
    Attribute::new::<String>("it", "It.")
}

#[track_caller]
fn check_description(attribute: &Attribute, expected: &Expect) {
    expected.assert_eq(&attribute.description());
}

/// The only fault of a schema with this attribute, in which everything else is well.
#[track_caller]
fn check_fault(attribute: Attribute, expected: &str) {
    let schema = Schema::new("A thing.", vec![attribute]);
    assert_eq!(schema.lint(RESERVED_IN_RESOURCES), [expected]);
}

#[test]
fn c2_c4_c5_the_demo_has_no_fault() {
    assert_eq!(resource::<Disk>().schema().lint(RESERVED_IN_RESOURCES), [""; 0]);
}

#[test]
fn a_description_tells_limits_default_and_cost() {
    check_description(
        &text().optional().len(1..=1).replace(),
        &expect!["It. Length: exactly 1 character. Changing it replaces the resource."],
    );
    check_description(
        &text().optional().default("a").len(0..=5).via("Changing it moves it."),
        &expect!["It. Length: at most 5 characters. Default: `a`. Changing it moves it."],
    );
    check_description(
        &text().optional().write_only().len(2..=i64::MAX).replace(),
        &expect![
            "It. Length: at least 2 characters. Write-only: never stored in plans or state. Requires Terraform or OpenTofu 1.11 or newer."
        ],
    );
    check_description(
        &text().optional().deprecated("use `that`.").local(),
        &expect!["It. Deprecated: use `that`. Changing it only affects the state."],
    );
    check_description(&text().computed(), &expect!["It."]);
    let number = || Attribute::new::<i64>("it", "It.").optional().local();
    check_description(
        &number().range(1..=8).default(2),
        &expect!["It. Range: 1 to 8. Default: `2`. Changing it only affects the state."],
    );
    check_description(
        &number().range(0..=i64::MAX),
        &expect!["It. Range: at least 0. Changing it only affects the state."],
    );
    check_description(
        &number().range(i64::MIN..=0).one_of(&[-1, 0]),
        &expect!["It. Range: at most 0. Allowed values: `-1`, `0`. Changing it only affects the state."],
    );
    let price = || Attribute::new::<f64>("it", "It.").optional().local();
    check_description(
        &price().range(0.05..=10.5).default(0.5),
        &expect!["It. Range: 0.05 to 10.5. Default: `0.5`. Changing it only affects the state."],
    );
    check_description(
        &price().range(0.0..=f64::INFINITY),
        &expect!["It. Range: at least 0. Changing it only affects the state."],
    );
    let map = Attribute::new::<Map<String>>("it", "It.").optional().local();
    check_description(
        &map.items(1..=i64::MAX).keys(1..=5),
        &expect![
            "It. Size: at least 1 element. Length of each key: 1 to 5 characters. Changing it only affects the state."
        ],
    );
}

#[test]
fn what_nothing_plans_tells_no_cost_of_a_change() {
    let schema = Schema::unplanned("A thing.", Disk::attributes());
    let described = |name| schema.attribute(name).unwrap().description();
    assert_eq!(described("zone"), "Zone that holds the disk. Length: 1 to 8 characters.");
    assert_eq!(described("wait"), "Whether to wait. Default: `true`.");
    let mounts = schema.attribute("mounts").unwrap().nested().unwrap().1;
    assert_eq!(mounts[0].description(), "Name of the machine. Length: 1 to 8 characters.");
}

#[test]
fn c2_flags_that_clients_refuse_are_found() {
    check_fault(text(), "it: nobody sets it");
    check_fault(text().required().computed().replace(), "it: it is required and computed");
    check_fault(text().required().optional().replace(), "it: it is required and optional");
    check_fault(text().computed().replace(), "it: nobody can change it");
    check_fault(text().computed().not_returned(), "it: nobody configures what it adopts");
    check_fault(text().optional().volatile().local(), "it: it is volatile and not computed");
    check_fault(
        text().optional().local().deletion_protection(),
        "it: it protects and is neither true nor false",
    );
}

#[test]
fn c4_texts_that_are_no_sentences_are_found() {
    let described = |text| Attribute::new::<String>("it", text).computed();
    check_fault(described("lower case."), "it: its text does not begin like a sentence");
    check_fault(described("No full stop"), "it: its text does not end like a sentence");
    check_fault(text().optional().via("moves"), "it: what a change does is not a sentence");
}

#[test]
fn names_that_clients_refuse_are_found() {
    let named = |name| Attribute::new::<String>(name, "It.").computed();
    check_fault(named("Big"), "Big: a name has lower-case letters, digits and `_`");
    check_fault(named("count"), "count: the language keeps this name");
    let twice = Schema::new("A thing.", vec![named("a"), named("a")]);
    assert_eq!(twice.lint(&[]), ["a: two attributes have this name"]);
}

#[test]
fn defaults_that_do_not_fit_are_found() {
    check_fault(text().optional().local().default(1), "it: its default has another type");
    let empty = text().optional().local().default("").len(1..=2);
    check_fault(empty, "it: its own checks refuse its default");
}

#[test]
fn what_has_no_effect_inside_another_attribute_is_found() {
    let element = Attribute::new::<Set<Mount>>("mounts", "It.").optional().replace();
    expect![[r#"
        mounts.host: a change costs what the attribute around it says
        mounts.path: a change costs what the attribute around it says"#]]
    .assert_eq(&Schema::new("A thing.", vec![element]).lint(&[]).join("\n"));
}

/// What is wrong with one attribute that holds this one.
fn faults_of(holder: impl Fn(Attribute) -> Attribute, nesting: Nesting, inner: Attribute) -> String {
    let mut attribute = holder(Attribute::new::<Mount>("it", "It.").optional().replace());
    attribute.ty = AttributeType::Nested(nesting, vec![inner]);
    Schema::new("A thing.", vec![attribute]).lint(&[]).join("\n")
}

#[test]
fn what_the_protocol_does_not_nest_is_found() {
    let secret = || text().optional().write_only();
    let value = |it| it;
    assert_eq!(faults_of(value, Nesting::List, secret()), "");
    assert_eq!(faults_of(value, Nesting::Map, text().computed().volatile()), "");
    let in_set = "it.it: write-only and volatile have no effect in a set";
    assert_eq!(faults_of(value, Nesting::Set, secret()), in_set);
    let any = || Attribute::new::<Dynamic>("it", "It.").optional();
    assert_eq!(faults_of(value, Nesting::Single, any()), "");
    let of_any = "it: clients take no values of any type inside of collections of objects";
    for nesting in [Nesting::List, Nesting::Set, Nesting::Map] {
        assert_eq!(faults_of(value, nesting, any()), of_any);
    }
    let block =
        || Attribute { ty: Attribute::new::<Mount>("it", "It.").ty, ..text().optional().block::<Mount>() };
    let in_value = "it.it: a block is inside of blocks alone, not of an attribute";
    assert!(faults_of(value, Nesting::List, block()).contains(in_value));
    assert!(!faults_of(Attribute::block::<Mount>, Nesting::List, block()).contains(in_value));
    let replaces = || text().optional().replace();
    let via = |it: Attribute| it.via("It is called.");
    assert_eq!(faults_of(via, Nesting::Set, replaces()), "");
    let costs = "it.it: a change costs what the attribute around it says";
    assert_eq!(faults_of(Attribute::local, Nesting::Set, replaces()), costs);
}

#[test]
fn clients_count_blocks_of_the_modes_that_have_a_number() {
    let single = || Attribute::new::<Mount>("it", "It.").block::<Mount>();
    let listed = || Attribute::new::<List<Mount>>("it", "It.").block::<Mount>();
    let mapped = Attribute::new::<Map<Mount>>("it", "It.").block::<Mount>();
    assert_eq!(single().optional().block_count(), (0, 0));
    assert_eq!(single().required().block_count(), (1, 1));
    assert_eq!(listed().optional().items(2..=3).block_count(), (0, 3));
    assert_eq!(listed().required().items(2..=i64::MAX).block_count(), (2, 0));
    assert_eq!(listed().required().block_count(), (1, 0));
    assert_eq!(mapped.required().items(1..=2).block_count(), (0, 0));
}

#[test]
fn collections_of_objects_become_nested_attributes() {
    let types = [
        Attribute::new::<Mount>("it", "").ty.value_type(),
        Attribute::new::<Set<Mount>>("it", "").ty.value_type(),
        Attribute::new::<List<Mount>>("it", "").ty.value_type(),
        Attribute::new::<Map<Mount>>("it", "").ty.value_type(),
        Attribute::new::<Map<i64>>("it", "").ty.value_type(),
    ];
    expect![[r#"
        ["object",{"host":"string","path":"string"}]
        ["set",["object",{"host":"string","path":"string"}]]
        ["list",["object",{"host":"string","path":"string"}]]
        ["map",["object",{"host":"string","path":"string"}]]
        ["map","number"]"#]]
    .assert_eq(&types.map(|it| it.to_json().to_string()).join("\n"));
}

#[test]
fn timeouts_tell_their_defaults() {
    let texts = timeouts_attributes(&Timeouts { create: 1800, update: 90, delete: 900 });
    expect![[r#"
        create: Maximum duration of creation including waiting, such as `30m` or `1h30m`. Default: `30m`. Changing it only affects the state.
        delete: Maximum duration of deletion including waiting, such as `30m` or `1h30m`. Default: `15m`. Changing it only affects the state.
        update: Maximum duration of updates in place including waiting, such as `30m` or `1h30m`. Default: `90s`. Changing it only affects the state."#]].assert_eq(&texts.map(|(name, text)| format!("{name}: {text}")).join("\n"));
}
