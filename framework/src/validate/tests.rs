//! What is refused in a configuration of the demo resource, where, and in which words.

use expect_test::{Expect, expect};
use serde_json::{Value as Json, json};

use crate::attr::{List, Map, Number};
use crate::check::Format;
use crate::client::value;
use crate::demo::{Disk, Mount, config};
use crate::erased::resource;
use crate::schema::{Attribute, Schema};

fn refused(config: &Json, write_only_allowed: bool) -> String {
    let disk = resource::<Disk>();
    let diagnostics = disk.validate(&value(disk.schema(), config), write_only_allowed);
    let place = |it: Option<&_>| it.map_or("nowhere".to_owned(), ToString::to_string);
    let lines = diagnostics.0.iter();
    lines.map(|it| format!("{}: {}: {}\n", place(it.path.as_ref()), it.summary, it.detail)).collect()
}

#[track_caller]
fn check(changes: Json, expected: &Expect) {
    expected.assert_eq(&refused(&config(changes), true));
}

#[test]
fn a_good_configuration_passes() {
    check(
        json!({
            "name": "n", "max_price": 2.5, "copies": 4, "speed": "FASTEST!", "labels": {"a": "b"},
            "ports": ["80/tcp"], "aliases": ["a"], "mounts": [{"host": "h"}], "backup": {"hour": 23},
            "rules": [{"port": 1}], "teams": {"t": {"port": 65535}}, "timeouts": {"create": "1h30m"},
            "password_wo": "w", "password_wo_version": 1,
        }),
        &expect![[""]],
    );
}

#[test]
fn what_is_required_must_be_there() {
    expect![[r#"
        backup.hour: Missing attribute value: `backup.hour` must be set.
        mounts: Missing attribute value: `mounts.host` must be set.
        rules[0].port: Missing attribute value: `rules[0].port` must be set.
        size: Missing attribute value: `size` must be set.
        zone: Missing attribute value: `zone` must be set.
    "#]]
    .assert_eq(&refused(&json!({"backup": {}, "mounts": [{}], "rules": [{}]}), true));
}

#[test]
fn lengths_count_characters() {
    check(
        json!({"name": ""}),
        &expect![[r#"
            name: Invalid attribute value: The value of `name` is not allowed. It is empty: leave it out, or write `null`, for the value that is chosen then.
        "#]],
    );
    check(json!({"name": "ääääääää"}), &expect![[""]]);
    check(
        json!({"name": "äääääääää"}),
        &expect![[r#"
            name: Invalid attribute value: The value of `name` is not allowed. Length: 1 to 8 characters. This one is 9 characters long.
        "#]],
    );
    check(
        json!({"aliases": ["a", ""]}),
        &expect![[r#"
            aliases[1]: Invalid attribute value: The value of `aliases[1]` is not allowed. Length: 1 to 8 characters. This one is 0 characters long.
        "#]],
    );
}

#[test]
fn numbers_stay_in_their_range() {
    check(
        json!({"size": 9}),
        &expect![[r#"
            size: Invalid attribute value: The value of `size` is not allowed. Range: 10 to 4096. This one is 9.
        "#]],
    );
    check(
        json!({"size": 10.5}),
        &expect![[r#"
            size: Invalid attribute value: The value of `size` is not allowed. It must be a whole number. The number has a fraction or does not fit in 64 bits.
        "#]],
    );
    check(
        json!({"size": 1e30}),
        &expect![[r#"
            size: Invalid attribute value: The value of `size` is not allowed. It must be a whole number. The number has a fraction or does not fit in 64 bits.
        "#]],
    );
    check(
        json!({"max_price": 10.5}),
        &expect![[r#"
        max_price: Invalid attribute value: The value of `max_price` is not allowed. Range: 0 to 10. This one is 10.5.
    "#]],
    );
    check(
        json!({"max_price": -0.5}),
        &expect![[r#"
        max_price: Invalid attribute value: The value of `max_price` is not allowed. Range: 0 to 10. This one is -0.5.
    "#]],
    );
    check(
        json!({"copies": 3}),
        &expect![[r#"
            copies: Invalid attribute value: The value of `copies` is not allowed. Allowed values: `1`, `2`, `4`. This one is 3.
        "#]],
    );
}

#[test]
fn choices_are_named() {
    check(
        json!({"speed": "medium"}),
        &expect![[r#"
            speed: Invalid attribute value: The value of `speed` is not allowed. Allowed values: `slow`, `veryFast`, `FASTEST!`. Got `medium`.
        "#]],
    );
}

#[test]
fn forms_are_explained() {
    check(
        json!({"ports": ["80", "81/tcp"]}),
        &expect![[r#"
            ports: Invalid attribute value: The value of `ports` is not allowed. It must be `PORT/tcp` or `PORT/http`. The protocol is missing.
        "#]],
    );
}

#[test]
fn collections_have_a_size_and_keys_a_length() {
    check(
        json!({"labels": {}}),
        &expect![[r#"
            labels: Invalid attribute value: The value of `labels` is not allowed. Size: 1 to 2 elements. There are 0.
        "#]],
    );
    check(
        json!({"labels": {"a": "1", "b": "2", "c": "3"}}),
        &expect![[r#"
            labels: Invalid attribute value: The value of `labels` is not allowed. Size: 1 to 2 elements. There are 3.
        "#]],
    );
    check(
        json!({"labels": {"": "1", "longer": "2"}}),
        &expect![[r#"
            labels: Invalid attribute value: The value of `labels` is not allowed. Length of each key: 1 to 5 characters. This one is 0 characters long.
        "#]],
    );
    check(
        json!({"mounts": []}),
        &expect![[r#"
            mounts: Invalid attribute value: The value of `mounts` is not allowed. Size: 1 to 3 elements. There are 0.
        "#]],
    );
}

#[test]
fn elements_of_collections_are_not_null() {
    check(
        json!({"labels": {"a": null}}),
        &expect![[r#"
            labels["a"]: Invalid attribute value: The value of `labels["a"]` is not allowed. An element of a collection must not be null.
        "#]],
    );
    check(
        json!({"ports": [null], "aliases": ["a", null]}),
        &expect![[r#"
            aliases[1]: Invalid attribute value: The value of `aliases[1]` is not allowed. An element of a collection must not be null.
            ports: Invalid attribute value: The value of `ports` is not allowed. An element of a collection must not be null.
        "#]],
    );
    check(
        json!({"rules": [null], "teams": {"t": null}, "mounts": [null]}),
        &expect![[r#"
            mounts: Invalid attribute value: The value of `mounts` is not allowed. An element of a collection must not be null.
            rules[0]: Invalid attribute value: The value of `rules[0]` is not allowed. An element of a collection must not be null.
            teams["t"]: Invalid attribute value: The value of `teams["t"]` is not allowed. An element of a collection must not be null.
        "#]],
    );
}

#[test]
fn elements_of_collections_are_null_where_the_definition_says_so() {
    let schema = Schema::new(
        "A thing.",
        vec![
            Attribute::new::<List<String>>("texts", "It.").optional().null_elements().len(2..=2),
            Attribute::new::<Map<Mount>>("mounts", "It.").optional().null_elements(),
        ],
    );
    let config = value(&schema, &json!({"texts": ["ab", null], "mounts": {"a": null}}));
    assert!(super::validate(&schema, &config, true).0.is_empty());
}

#[test]
fn a_write_only_value_names_the_twin_that_there_is() {
    let secret = Attribute::new::<String>("key_wo", "It.").optional().write_only();
    let twin = Attribute::new::<String>("key", "It.").optional().sensitive();
    let told = |attributes: &[&Attribute]| {
        let schema = Schema::new("A thing.", attributes.iter().map(|it| (*it).clone()).collect());
        super::validate(&schema, &value(&schema, &json!({"key_wo": "w"})), false).0.remove(0).detail
    };
    assert_eq!(told(&[&secret]), "`key_wo` needs Terraform or OpenTofu 1.11 or newer.");
    assert!(told(&[&secret, &twin]).contains("Use `key` here"));
}

#[test]
fn v2_nested_values_are_refused_at_their_place_and_members_of_sets_at_the_set() {
    check(
        json!({
            "mounts": [{"host": "much too long"}], "backup": {"hour": 24}, "rules": [{"port": 1}, {"port": 0}],
            "teams": {"a b": {"port": 0}},
        }),
        &expect![[r#"
            backup.hour: Invalid attribute value: The value of `backup.hour` is not allowed. Range: 0 to 23. This one is 24.
            mounts: Invalid attribute value: The value of `mounts.host` is not allowed. Length: 1 to 8 characters. This one is 13 characters long.
            rules[1].port: Invalid attribute value: The value of `rules[1].port` is not allowed. Range: 1 to 65535. This one is 0.
            teams["a b"].port: Invalid attribute value: The value of `teams["a b"].port` is not allowed. Range: 1 to 65535. This one is 0.
        "#]],
    );
}

#[test]
fn timeouts_are_durations() {
    check(
        json!({"timeouts": {"create": "soon", "delete": "-5m", "update": "5m"}}),
        &expect![[r#"
            timeouts.create: Invalid attribute value: The value of `timeouts.create` is not allowed. Write a positive duration with a unit, such as `90s`, `30m` or `1h30m`.
            timeouts.delete: Invalid attribute value: The value of `timeouts.delete` is not allowed. Write a positive duration with a unit, such as `90s`, `30m` or `1h30m`.
        "#]],
    );
}

#[test]
fn what_is_deprecated_is_told() {
    check(
        json!({"note": "n"}),
        &expect![[r#"
        note: Deprecated attribute: `note` is deprecated: use `labels`.
    "#]],
    );
}

#[test]
fn rules_between_attributes_name_both() {
    check(
        json!({"password": "p", "password_wo": "w"}),
        &expect![[r#"
            password_wo: Invalid attribute value: The value of `password_wo` is not allowed. It cannot be set together with `password`: keep one of the two.
        "#]],
    );
    check(
        json!({"password_wo_version": 1}),
        &expect![[r#"
            password_wo_version: Invalid attribute value: The value of `password_wo_version` is not allowed. It has a meaning only together with `password_wo`: set that too.
        "#]],
    );
}

#[test]
fn a_value_of_a_wrong_form_hides_no_broken_rule_between_others() {
    check(
        json!({"speed": "warp", "password_wo_version": 1, "size": 1.5}),
        &expect![[r#"
        size: Invalid attribute value: The value of `size` is not allowed. It must be a whole number. The number has a fraction or does not fit in 64 bits.
        speed: Invalid attribute value: The value of `speed` is not allowed. Allowed values: `slow`, `veryFast`, `FASTEST!`. Got `warp`.
        password_wo_version: Invalid attribute value: The value of `password_wo_version` is not allowed. It has a meaning only together with `password_wo`: set that too.
    "#]],
    );
    // A rule about what was refused already is not asked.
    check(
        json!({"speed": "warp", "password_wo": ""}),
        &expect![[r#"
        speed: Invalid attribute value: The value of `speed` is not allowed. Allowed values: `slow`, `veryFast`, `FASTEST!`. Got `warp`.
    "#]],
    );
}

#[test]
fn v7_write_only_values_need_a_client_that_knows_them() {
    expect![[r#"
        password_wo: Write-only attribute needs a newer Terraform: `password_wo` needs Terraform or OpenTofu 1.11 or newer. Use `password` here, which works with every version and is stored in the state as a sensitive value.
    "#]].assert_eq(&refused(&config(json!({"password_wo": "w"})), false));
    expect![[r#"
        password_wo: Write-only attribute needs a newer Terraform: `password_wo` needs Terraform or OpenTofu 1.11 or newer. Use `password` here, which works with every version and is stored in the state as a sensitive value.
    "#]].assert_eq(&refused(&config(json!({"password_wo": "?"})), false));
}

#[test]
fn v1_unknown_values_pass_wherever_they_stand() {
    let disk = resource::<Disk>();
    let configurable = disk.schema().attributes.iter().filter(|it| it.optional || it.required);
    let unknown = configurable.map(|it| (it.name.to_owned(), json!("?"))).collect();
    let deprecation = refused(&Json::Object(unknown), true);
    assert!(deprecation.starts_with("note: Deprecated") && deprecation.lines().count() == 1, "{deprecation}");
    check(
        json!({
            "labels": {"a": "?"}, "ports": ["?"], "aliases": ["?"], "mounts": ["?", {"host": "?"}],
            "backup": {"hour": "?"}, "rules": ["?", {"port": "?"}], "teams": {"t": "?"},
            "timeouts": {"create": "?"},
        }),
        &expect![[""]],
    );
    check(json!({"timeouts": "?"}), &expect![[""]]);
}

#[test]
fn v1_an_unknown_value_may_turn_out_to_be_null() {
    check(json!({"password": "p", "password_wo": "?"}), &expect![[""]]);
    check(json!({"password_wo_version": "?"}), &expect![""]);
    // Three unknown elements of a set may turn out to be one and the same.
    check(json!({"mounts": [{"host": "?"}, {"host": "?"}, {"host": "?"}, {"host": "?"}]}), &expect![""]);
}

static ECHO: Format = Format { text: "`x`", reject: |text| Some(format!("{text:?} is not.")) };

#[test]
fn g10_a_refused_value_is_repeated_only_where_it_is_no_secret() {
    let text = |name| Attribute::new::<String>(name, "It.").optional().format(&ECHO);
    let schema = Schema::new("A thing.", vec![text("open"), text("a").sensitive(), text("b").write_only()]);
    let config = value(&schema, &json!({"open": "word", "a": "word", "b": "word"}));
    let told: Vec<_> = super::validate(&schema, &config, true).0.into_iter().map(|it| it.detail).collect();
    expect![[r#"
        The value of `a` is not allowed. It must be `x`.
        The value of `b` is not allowed. It must be `x`.
        The value of `open` is not allowed. It must be `x`. "word" is not."#]]
    .assert_eq(&told.join("\n"));
}

#[test]
fn an_empty_text_is_none_unless_the_provider_would_choose() {
    check(json!({"note": "", "password": "", "password_wo": ""}), &expect![[""]]);
    check(
        json!({"speed": "", "zone": ""}),
        &expect![[r#"
            speed: Invalid attribute value: The value of `speed` is not allowed. It is empty: leave it out, or write `null`, for the value that is chosen then.
            zone: Invalid attribute value: The value of `zone` is not allowed. Length: 1 to 8 characters. This one is 0 characters long.
        "#]],
    );
}

/// What is said of a number in an attribute.
fn told_of(attribute: &Attribute, number: &str) -> String {
    let schema = Schema::new("A thing.", vec![attribute.clone()]);
    let mut object = schema.null_object();
    object.set(attribute.name, crate::value::Value::Number(number.parse().unwrap()));
    super::validate(&schema, &object, true).0.into_iter().map(|it| it.detail).collect()
}

#[test]
fn a_whole_number_keeps_to_the_bounds_of_its_type() {
    let of_type = [
        (Attribute::new::<i32>("it", "It."), "-2147483648", "2147483647", "2147483648"),
        (
            Attribute::new::<i64>("it", "It."),
            "-9223372036854775808",
            "9223372036854775807",
            "9223372036854775808",
        ),
        (Attribute::new::<u32>("it", "It."), "0", "4294967295", "-1"),
        (Attribute::new::<u64>("it", "It."), "0", "18446744073709551615", "18446744073709551616"),
        (Attribute::new::<List<u32>>("it", "It."), "0", "4294967295", "1e3000"),
    ];
    let mut told = String::new();
    for (attribute, least, most, beyond) in of_type {
        let attribute = attribute.optional();
        assert_eq!((told_of(&attribute, least), told_of(&attribute, most)), (String::new(), String::new()));
        told += &format!("{}\n{}\n", told_of(&attribute, beyond), told_of(&attribute, "0.5"));
    }
    expect![[r#"
        The value of `it` is not allowed. It must be a whole number from -2147483648 to 2147483647. This one is 2147483648.
        The value of `it` is not allowed. It must be a whole number from -2147483648 to 2147483647. This one is 0.5.
        The value of `it` is not allowed. It must be a whole number. The number has a fraction or does not fit in 64 bits.
        The value of `it` is not allowed. It must be a whole number. The number has a fraction or does not fit in 64 bits.
        The value of `it` is not allowed. It must be a whole number from 0 to 4294967295. This one is -1.
        The value of `it` is not allowed. It must be a whole number from 0 to 4294967295. This one is 0.5.
        The value of `it` is not allowed. It must be a whole number from 0 to 18446744073709551615. This one is 18446744073709551616.
        The value of `it` is not allowed. It must be a whole number from 0 to 18446744073709551615. This one is 0.5.
        The value of `it` is not allowed. It must be a whole number from 0 to 4294967295. This one is 1e3000.
        The value of `it` is not allowed. It must be a whole number from 0 to 4294967295. This one is 0.5.
    "#]].assert_eq(&told);
    let secret = Attribute::new::<u32>("it", "It.").optional().sensitive();
    assert!(!told_of(&secret, "4711.25").contains("4711"));
}

#[test]
fn bounds_hold_for_numbers_of_every_type() {
    let price = Attribute::new::<f64>("it", "It.").optional().range(0.05..=10.5);
    assert_eq!(told_of(&price, "10.5"), "");
    assert!(told_of(&price, "10.500000000000001").contains("Range: 0.05 to 10.5."));
    let huge: Number = "1e300".parse().unwrap();
    let exact = Attribute::new::<Number>("it", "It.").optional().range(Number::from(1_u64)..=huge);
    assert_eq!(told_of(&exact, "1.00000000000000000000000000000000000001"), "");
    assert!(told_of(&exact, "0.99999999999999999999999999999999999999").contains("Range: 1 to 1e300."));
    let count = Attribute::new::<u64>("it", "It.").optional().range(0..=u64::MAX);
    assert_eq!(count.description(), "It. Range: at least 0.");
}

#[test]
fn a_number_that_no_double_holds_is_refused() {
    let huge = format!("1{}", "0".repeat(400));
    let price = Attribute::new::<f64>("price", "It.").optional();
    assert_eq!(told_of(&price, "0.04"), "");
    assert_eq!(
        told_of(&price, &huge),
        "The value of `price` is not allowed. It must be a number that fits in 64 bits. The number is too large."
    );
}
