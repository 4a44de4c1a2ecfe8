//! Plans of the demo resource, each held to what clients demand of a plan.
//!
//! The letters in the names are rules: P for plans, and so on.

use expect_test::{Expect, expect};
use serde_json::{Value as Json, json};

use crate::client::{differences, plan_faults, propose, value};
use crate::demo::{Disk, config, state};
use crate::diagnostics::Diagnostics;
use crate::erased::resource;
use crate::plan::{Planned, Proposal};
use crate::private::Private;
use crate::value::Value;

/// The notes of an import that was told nothing of what an API may leave out.
fn imported() -> Private {
    resource::<Disk>().import("disk-1").expect("an id").1
}

/// Plans a configuration over a state; null is no state.
fn plan_with(private: Private, prior: &Json, config: &Json) -> Planned {
    let disk = resource::<Disk>();
    let schema = disk.schema();
    let (prior, config) = (value(schema, prior), value(schema, config));
    let proposed = propose(schema, &config, &prior);
    let proposal = Proposal { config, prior, proposed, private, ..Proposal::default() };
    let planned = disk.plan(&proposal);
    let faults = plan_faults(schema, &proposal.config, &proposal.prior, &planned.value);
    assert!(faults.is_empty(), "{faults:?}");
    planned
}

fn plan(prior: &Json, config: &Json) -> Planned {
    plan_with(Private::default(), prior, config)
}

/// The plan in words: what changes, what replaces, what the user is told.
fn words(prior: &Json, planned: &Planned) -> String {
    let disk = resource::<Disk>();
    let mut words = differences(&value(disk.schema(), prior), &planned.value);
    for path in &planned.replace {
        words += &format!("replaced for {path}\n");
    }
    words + &told(&planned.diagnostics)
}

fn told(diagnostics: &Diagnostics) -> String {
    let place = |it: Option<&_>| it.map_or("resource".to_owned(), ToString::to_string);
    let lines = diagnostics.0.iter();
    lines.map(|it| format!("{:?} at {}: {}\n", it.severity, place(it.path.as_ref()), it.summary)).collect()
}

#[track_caller]
fn check_plan(prior: &Json, config: &Json, expected: &Expect) {
    expected.assert_eq(&words(prior, &plan(prior, config)));
}

/// A change of what is configured, on a disk that has the defaults everywhere else.
#[track_caller]
fn check_change(changes: Json, expected: &Expect) {
    check_plan(&state(json!({})), &config(changes), expected);
}

#[track_caller]
fn check_after_import(prior: Json, changes: Json, expected: &Expect) {
    let prior = state(prior);
    expected.assert_eq(&words(&prior, &plan_with(imported(), &prior, &config(changes))));
}

#[test]
fn p1_an_unchanged_configuration_plans_nothing() {
    check_change(json!({}), &expect![[""]]);
    let full = json!({
        "name": "a", "max_price": 0.5, "copies": 2, "speed": "veryFast", "labels": {"a": "b"},
        "ports": ["80/tcp", "81/tcp"], "aliases": ["x", "y"], "password": "p", "password_wo_version": 3,
        "rules": [{"port": 80, "protocol": "tcp"}], "teams": {"t": {"port": 1, "protocol": "udp"}},
        "mounts": [{"host": "h", "path": "/data"}, {"host": "i", "path": "/else"}], "note": "n",
        "backup": {"hour": 3, "keep": 2, "place": "there"}, "deletion_protection": true, "wait": false,
        "timeouts": {"create": "1h"},
    });
    let sparse = json!({
        "name": "a", "max_price": 0.5, "copies": 2, "speed": "veryFast", "labels": {"a": "b"},
        "ports": ["81/tcp", "80/tcp"], "aliases": ["x", "y"], "password": "p", "password_wo_version": 3,
        "rules": [{"port": 80}], "teams": {"t": {"port": 1, "protocol": "udp"}},
        "mounts": [{"host": "i", "path": "/else"}, {"host": "h"}], "note": "n", "password_wo": "written",
        "backup": {"hour": 3}, "deletion_protection": true, "wait": false, "timeouts": {"create": "1h"},
    });
    check_plan(&state(full), &config(sparse), &expect![[""]]);
}

#[test]
fn p5_a_creation_plans_defaults_and_leaves_the_rest_to_the_cloud() {
    check_plan(
        &Json::Null,
        &config(json!({})),
        &expect![[r#"
        copies: 1
        created_at: ?
        deletion_protection: false
        id: ?
        medium: "ssd"
        name: ?
        size: 20
        speed: "slow"
        status: ?
        wait: true
        zone: "a"
    "#]],
    );
}

#[test]
fn p2_p15_nested_values_are_planned_as_configured_with_their_defaults() {
    let nested = json!({
        "mounts": [{"host": "h"}, {"host": "i", "path": "/else"}, {"host": "?"}],
        "backup": {"hour": 3}, "rules": [{"port": 80}, {"port": "?", "protocol": "?"}],
        "teams": {"a": {"port": 1}, "b": {"port": 2, "protocol": "udp"}},
    });
    check_change(
        nested.clone(),
        &expect![[r#"
        backup: null → {hour: 3, keep: ?, place: ?}
        mounts: null → [{host: "h", path: "/data"}, {host: "i", path: "/else"}, {host: ?, path: "/data"}]
        rules: null → [{port: 80, protocol: "tcp"}, {port: ?, protocol: ?}]
        status: "ready" → ?
        teams: null → {a: {port: 1, protocol: "tcp"}, b: {port: 2, protocol: "udp"}}
    "#]],
    );
    let planned = plan(&Json::Null, &config(nested.clone()));
    let updated = plan(&state(json!({})), &config(nested));
    for name in ["mounts", "backup", "rules", "teams"] {
        assert_eq!(planned.value.get(name), updated.value.get(name));
    }
}

#[test]
fn p3_what_is_no_longer_configured_goes() {
    let prior = state(json!({"labels": {"a": "b"}, "note": "n", "max_price": 1, "backup": {"hour": 1}}));
    check_plan(
        &prior,
        &config(json!({})),
        &expect![[r#"
        backup: {hour: 1} → null
        labels: {a: "b"} → null
        max_price: 1 → null
        note: "n" → null
        status: "ready" → ?
        replaced for max_price
    "#]],
    );
}

#[test]
fn a_default_comes_back_when_its_value_is_no_longer_configured() {
    let prior = state(json!({"speed": "veryFast", "copies": 2, "wait": false}));
    check_plan(
        &prior,
        &config(json!({})),
        &expect![[r#"
        copies: 2 → 1
        speed: "veryFast" → "slow"
        status: "ready" → ?
        wait: false → true
        replaced for copies
    "#]],
    );
}

#[test]
fn a_default_inside_a_collection_comes_back_too() {
    let prior = state(json!({
        "mounts": [{"host": "h", "path": "/else"}], "rules": [{"port": 1, "protocol": "udp"}],
        "teams": {"t": {"port": 1, "protocol": "udp"}},
    }));
    let sparse = json!({"mounts": [{"host": "h"}], "rules": [{"port": 1}], "teams": {"t": {"port": 1}}});
    check_plan(
        &prior,
        &config(sparse),
        &expect![[r#"
            mounts: [{host: "h", path: "/else"}] → [{host: "h", path: "/data"}]
            rules: [{port: 1, protocol: "udp"}] → [{port: 1, protocol: "tcp"}]
            status: "ready" → ?
            teams: {t: {port: 1, protocol: "udp"}} → {t: {port: 1, protocol: "tcp"}}
        "#]],
    );
}

#[test]
fn p4_write_only_values_are_never_planned() {
    check_change(json!({"password_wo": "written"}), &expect![[""]]);
    let planned = plan(&Json::Null, &config(json!({"password_wo": "written"})));
    assert!(planned.value.get("password_wo").is_null());
}

#[test]
fn p5_on_a_change_only_what_is_volatile_is_unknown() {
    check_change(
        json!({"speed": "veryFast"}),
        &expect![[r#"
        speed: "slow" → "veryFast"
        status: "ready" → ?
    "#]],
    );
}

#[test]
fn nothing_is_unknown_when_a_change_makes_no_call() {
    check_change(
        json!({"wait": false, "note": "n", "timeouts": {"delete": "5m"}}),
        &expect![[r#"
        note: null → "n"
        timeouts: null → {delete: "5m"}
        wait: true → false
    "#]],
    );
}

#[test]
fn a_nested_computed_member_keeps_its_value_while_its_neighbour_changes() {
    let prior = state(json!({"backup": {"hour": 1, "keep": 7, "place": "there"}}));
    check_plan(
        &prior,
        &config(json!({"backup": {"hour": 2}})),
        &expect![[r#"
        backup: {hour: 1, keep: 7, place: "there"} → {hour: 2, keep: 7, place: "there"}
        status: "ready" → ?
    "#]],
    );
}

#[test]
fn p17_growing_a_disk_is_in_place_and_shrinking_replaces_it_and_an_unknown_size_may_shrink() {
    check_change(
        json!({"size": "?"}),
        &expect![[r#"
        size: 20 → ?
        status: "ready" → ?
        replaced for size
    "#]],
    );
    check_change(
        json!({"size": 50}),
        &expect![[r#"
        size: 20 → 50
        status: "ready" → ?
    "#]],
    );
    check_change(
        json!({"size": 10}),
        &expect![[r#"
        size: 20 → 10
        status: "ready" → ?
        replaced for size
    "#]],
    );
}

#[test]
fn p8_only_what_really_changed_replaces() {
    check_change(
        json!({"zone": "b", "max_price": 2.5}),
        &expect![[r#"
        max_price: null → 2.5
        status: "ready" → ?
        zone: "a" → "b"
        replaced for max_price
        replaced for zone
    "#]],
    );
    check_plan(&state(json!({"max_price": 1})), &config(json!({"max_price": 1.0})), &expect![[""]]);
}

#[test]
fn a_resource_can_refuse_a_plan_or_replace_for_a_reason_of_its_own() {
    check_change(
        json!({"zone": "full"}),
        &expect![[r#"
        status: "ready" → ?
        zone: "a" → "full"
        replaced for zone
        Error at zone: Zone is full
    "#]],
    );
    check_change(
        json!({"note": "replace me"}),
        &expect![[r#"
        note: null → "replace me"
        replaced for note
    "#]],
    );
}

#[test]
fn adopted_values_cost_nothing_after_an_import() {
    let adopted = json!({"password": "p", "password_wo_version": 3});
    check_after_import(
        json!({}),
        adopted.clone(),
        &expect![[r#"
        password: null → "p"
        password_wo_version: null → 3
    "#]],
    );
    check_change(
        adopted,
        &expect![[r#"
        password: null → "p"
        password_wo_version: null → 3
        status: "ready" → ?
        replaced for password
        replaced for password_wo_version
    "#]],
    );
}

#[test]
fn an_adopted_value_that_was_there_before_is_a_change_like_any_other() {
    check_after_import(
        json!({"password": "p"}),
        json!({"password": "q"}),
        &expect![[r#"
        password: "p" → "q"
        status: "ready" → ?
        replaced for password
    "#]],
    );
}

#[test]
fn p9_a_destruction_is_planned() {
    let disk = resource::<Disk>();
    let check = |changes, expected: Expect| {
        let prior = value(disk.schema(), &state(changes));
        let proposal = Proposal {
            config: Value::Null,
            prior,
            proposed: Value::Null,
            private: imported(),
            ..Proposal::default()
        };
        let planned = disk.plan(&proposal);
        assert!(planned.value.is_null() && planned.replace.is_empty() && planned.private == imported());
        expected.assert_eq(&told(&planned.diagnostics));
    };
    check(json!({}), expect![[""]]);
    check(
        json!({"copies": 4}),
        expect![[r#"
        Warning at resource: Four copies are destroyed
    "#]],
    );
}

#[test]
fn p16_the_second_plan_of_a_replacement_forgets_the_old_object() {
    let config = config(json!({"zone": "b"}));
    let first = plan_with(imported(), &state(json!({})), &config);
    assert_eq!(first.private, Private { replaces: true, ..imported() });
    let second = plan_with(first.private, &Json::Null, &config);
    assert_eq!(second.private, Private::default());
    assert!(second.value.get("id").is_unknown());
    assert!(second.replace.is_empty());
}

/// Every optional attribute unknown.
fn unknowns() -> Json {
    let disk = resource::<Disk>();
    let optional = disk.schema().attributes.iter().filter(|it| it.optional);
    config(Json::Object(optional.map(|it| (it.name.to_owned(), json!("?"))).collect()))
}

#[test]
fn p13_everything_optional_may_be_unknown() {
    check_plan(
        &Json::Null,
        &unknowns(),
        &expect![[r#"
        aliases: ?
        backup: ?
        copies: ?
        created_at: ?
        deletion_protection: ?
        id: ?
        labels: ?
        max_price: ?
        medium: ?
        mounts: ?
        name: ?
        note: ?
        password: ?
        password_wo_version: ?
        ports: ?
        rules: ?
        secret_labels: ?
        size: 20
        speed: ?
        status: ?
        teams: ?
        wait: ?
        zone: "a"
    "#]],
    );
    check_plan(
        &state(json!({})),
        &unknowns(),
        &expect![[r#"
        aliases: null → ?
        backup: null → ?
        copies: 1 → ?
        deletion_protection: false → ?
        labels: null → ?
        max_price: null → ?
        medium: "ssd" → ?
        mounts: null → ?
        name: "auto" → ?
        note: null → ?
        password: null → ?
        password_wo_version: null → ?
        ports: null → ?
        rules: null → ?
        secret_labels: null → ?
        speed: "slow" → ?
        status: "ready" → ?
        teams: null → ?
        wait: true → ?
        replaced for copies
        replaced for max_price
        replaced for medium
        replaced for password
        replaced for password_wo_version
    "#]],
    );
}

#[test]
fn p7_a_later_plan_keeps_every_value_that_an_earlier_one_knew() {
    let later = json!({
        "name": "n", "max_price": 1, "copies": 2, "speed": "veryFast", "labels": {"a": "b"},
        "mounts": [{"host": "h"}], "backup": {"hour": 1}, "rules": [], "teams": {}, "note": "n",
    });
    for prior in [Json::Null, state(json!({}))] {
        let first = plan(&prior, &unknowns()).value;
        let second = plan(&prior, &config(later.clone())).value;
        for (name, first) in first.as_map().unwrap() {
            let second = second.get(name);
            assert!(first.is_unknown() || first == second, "{name}: {first:?}, then {second:?}");
        }
    }
}

#[test]
fn p6_the_same_input_gives_the_same_plan() {
    let prior = state(json!({"labels": {"b": "1", "a": "2"}}));
    let config = config(json!({"zone": "b", "copies": 4, "password": "p", "labels": {"c": "1"}}));
    assert_eq!(words(&prior, &plan(&prior, &config)), words(&prior, &plan(&prior, &config)));
}

#[test]
fn another_form_of_the_same_changes_nothing_but_the_form() {
    let prior =
        json!({"speed": "VERYFAST", "ports": ["80/TCP"], "labels": {"a": "1", "b": "2"}, "aliases": ["x"]});
    check_plan(
        &state(prior.clone()),
        &config(json!({
            "speed": "veryFast", "ports": ["80/tcp"], "labels": {"a": "1"}, "secret_labels": {"b": "2"},
            "aliases": ["x"], "mounts": [], "note": "",
        })),
        &expect![[r#"
            labels: {a: "1", b: "2"} → {a: "1"}
            mounts: null → []
            note: null → ""
            secret_labels: null → {b: "2"}
        "#]],
    );
    check_plan(
        &state(json!({"mounts": [], "teams": {}, "note": ""})),
        &config(json!({})),
        &expect![[r#"
            mounts: [] → null
            note: "" → null
            teams: {} → null
        "#]],
    );
}
