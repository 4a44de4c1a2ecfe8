//! Attributes of every type and blocks of every mode, in process and under every real CLI that is there.

#![cfg(test)]

#[allow(dead_code, unreachable_pub, reason = "each test takes what it needs")]
mod common;
#[allow(dead_code, reason = "the program itself is not run")]
#[path = "../examples/kinds.rs"]
mod kinds;

use std::fs;
use std::path::Path;

use common::{Workspace, clis, example};
use serde_json::{Value as Json, json};
use tfplugin::testing::{Client, RESERVED_IN_RESOURCES, resource};

use kinds::{Kinds, Thing};

const THING: &str = "kinds_thing";

#[test]
fn clients_take_the_schema() {
    assert_eq!(resource::<Thing>().schema().lint(RESERVED_IN_RESOURCES), [""; 0]);
}

/// A thing with everything.
fn everything(path: &Path) -> Json {
    json!({
        "path": path, "text": "t", "flag": true, "small": -5, "whole": 9_000_000_000_u64, "large": u64::MAX,
        "share": 0.25, "any": {"a": [1, "b", null], "c": true}, "look": "veryFine",
        "texts": ["a", null], "numbers": [1, 2.5], "counts": {"a": 1}, "rows": [[0.5], []],
        "anything": ["a", "b"], "any_by_key": {"k": 1}, "any_of": [1, 2],
        "piece": {"name": "n", "word_wo": "four", "secret": "s"}, "pieces": [{"name": "n"}, {"name": "m", "word_wo": "six"}],
        "pieces_by_key": {"k": {"name": "n", "word_wo": "w"}}, "members": [{"name": "a"}, {"name": "b", "note": "x"}],
        "single": {"name": "n", "word_wo": "four", "labels": {"l": {"text": "t"}}},
        "listed": [{"name": "a"}, {"name": "b", "note": "x"}], "member": [{"name": "a"}, {"name": "b", "note": "x"}],
        "named": {"k": {"name": "n", "secret": "s"}}, "group": {"text": "g"},
    })
}

/// A thing with nothing but what is required.
fn least(path: &Path) -> Json {
    json!({"path": path, "listed": [{"name": "a"}]})
}

#[tokio::test]
async fn everything_is_applied_changed_imported_and_destroyed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("thing.json");
    let client = Client::<Kinds>::configured(&json!({}));
    let made = client.apply(THING, &everything(&path), None).await;
    assert_eq!(made.state.get("single").get("characters").as_number(), Some(&4_u32.into()));
    assert!(made.state.get("single").get("word_wo").is_null());
    let imported = client.import(THING, path.to_str().unwrap()).await;
    assert!(imported.state.get("listed") == made.state.get("listed"));
    let again = client.plan(THING, &everything(&path), Some(&imported)).await;
    assert!(again.replace.is_empty());

    let mut changed = everything(&path);
    changed["listed"][0]["note"] = json!("changed");
    changed["single"]["word_wo"] = json!("longer");
    let planned = client.plan(THING, &changed, Some(&made)).await;
    assert!(planned.replace.is_empty());
    let changed = client.apply(THING, &changed, Some(&made)).await;
    assert_eq!(changed.state.get("single").get("characters").as_number(), Some(&6_u32.into()));
    let less = client.apply(THING, &least(&path), Some(&changed)).await;
    assert!(less.state.get("single").is_null());
    assert_eq!(less.state.get("member").as_slice(), Some(&[][..]));
    assert!(less.state.get("group").as_map().is_some_and(|it| it.len() == 1));
    client.destroy(THING, &less).await;
    assert!(!path.exists());
}

/// What replaces, after one change of a thing with everything.
async fn replaced_by(change: impl Fn(&mut Json)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("thing.json");
    let client = Client::<Kinds>::configured(&json!({}));
    let made = client.apply(THING, &everything(&path), None).await;
    let mut changed = everything(&path);
    change(&mut changed);
    let planned = client.plan(THING, &changed, Some(&made)).await;
    planned.replace.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn an_attribute_inside_replaces_by_its_own_path_and_in_a_set_by_that_of_the_set() {
    let name = json!("other");
    assert_eq!(replaced_by(|it| it["piece"]["name"] = name.clone()).await, "piece.name");
    assert_eq!(replaced_by(|it| it["pieces"][1]["name"] = name.clone()).await, "pieces[1].name");
    assert_eq!(
        replaced_by(|it| it["pieces_by_key"]["k"]["name"] = name.clone()).await,
        r#"pieces_by_key["k"].name"#
    );
    assert_eq!(replaced_by(|it| it["members"][0]["name"] = name.clone()).await, "members");
    assert_eq!(replaced_by(|it| it["members"][0]["note"] = name.clone()).await, "");
    assert_eq!(replaced_by(|it| it["single"]["name"] = name.clone()).await, "single.name");
    assert_eq!(replaced_by(|it| it["listed"][0]["name"] = name.clone()).await, "listed[0].name");
    assert_eq!(replaced_by(|it| it["named"]["k"]["name"] = json!("?")).await, r#"named["k"].name"#);
    assert_eq!(replaced_by(|it| it["member"][1]["name"] = name.clone()).await, "member");
    assert_eq!(replaced_by(|it| it["pieces"] = json!("?")).await, "pieces");
    assert_eq!(replaced_by(|it| it["pieces"] = json!([{"name": "n"}])).await, "");
    assert_eq!(replaced_by(|it| it["piece"] = Json::Null).await, "");
}

#[tokio::test]
async fn what_is_out_of_bounds_is_told_in_the_plan() {
    let client = Client::<Kinds>::configured(&json!({}));
    let told = async |change: fn(&mut Json)| {
        let mut config = least(Path::new("nowhere"));
        change(&mut config);
        let planned = client.try_plan(THING, &config, None).await;
        planned.diagnostics.0.into_iter().map(|it| it.detail).collect::<String>()
    };
    let small = told(|it| it["small"] = json!(2_147_483_648_u64)).await;
    assert!(
        small.contains("a whole number from -2147483648 to 2147483647. This one is 2147483648."),
        "{small}"
    );
    assert!(told(|it| it["share"] = json!(1.5)).await.contains("Range: 0 to 1. This one is 1.5."));
    assert!(told(|it| it["listed"] = json!([])).await.contains("`listed` must be set."));
    let many = told(|it| it["member"] = json!([{"name": "a"}, {"name": "b"}, {"name": "c"}])).await;
    assert!(many.contains("There are 3."), "{many}");
}

/// The same in HCL, with these words in places where something changes.
fn hcl(path: &Path, note: &str, name: &str) -> String {
    format!(
        r#"
resource "kinds_thing" "a" {{
  path       = {path:?}
  text       = "t"
  flag       = true
  small      = -5
  whole      = 9000000000
  large      = 18446744073709551615
  share      = 0.25
  exact      = 3.14159265358979323846264338327950288419716939937510
  any        = {{ a = [1, "b", null], c = true, note = {note:?} }}
  look       = "veryFine"
  texts      = ["a", null]
  numbers    = [1, 2.5, 1234567890123456789]
  counts     = {{ a = 1 }}
  rows       = [[0.5], []]
  anything   = ["a", {note:?}]
  any_by_key = {{ k = 1 }}
  any_of     = [["a"], ["b"]]

  piece         = {{ name = "n", word_wo = "four", secret = "s" }}
  pieces        = [{{ name = "n" }}, {{ name = {name:?}, word_wo = "six" }}]
  pieces_by_key = {{ k = {{ name = "n", word_wo = "w" }} }}
  members       = [{{ name = "a" }}, {{ name = "b", note = {note:?} }}]

  single {{
    name    = "n"
    word_wo = "four"
    labels "l" {{
      text = {note:?}
    }}
  }}
  listed {{
    name = "a"
  }}
  dynamic "listed" {{
    for_each = ["b"]
    content {{
      name = listed.value
      note = {note:?}
    }}
  }}
  member {{
    name = "a"
  }}
  member {{
    name = "b"
    note = {note:?}
  }}
  named "k" {{
    name   = "n"
    secret = "s"
  }}
  group {{
    text = {note:?}
  }}
  timeouts {{
    create = "5m"
  }}
}}
"#
    )
}

#[test]
fn everything_lives_its_life_under_every_cli() {
    for cli in clis() {
        let workspace = Workspace::new(&cli, "kinds", &example("kinds"));
        let path = workspace.folder().join("thing.json");
        let applied = || workspace.succeeds(&["apply", "-no-color", "-auto-approve"]);
        workspace.configure(&hcl(&path, "x", "m"));
        applied();
        workspace.is_settled();
        workspace.configure(&hcl(&path, "y", "m"));
        assert!(applied().contains("0 added, 1 changed, 0 destroyed"));
        workspace.is_settled();
        workspace.configure(&hcl(&path, "y", "o"));
        let planned = workspace.succeeds(&["plan", "-no-color"]);
        assert_eq!(planned.matches("forces replacement").count(), 1, "{planned}");
        assert!(applied().contains("1 added, 0 changed, 1 destroyed"));
        workspace.is_settled();

        workspace.succeeds(&["state", "rm", "kinds_thing.a"]);
        workspace.succeeds(&["import", "-no-color", "kinds_thing.a", path.to_str().unwrap()]);
        workspace.configure(&hcl(&path, "y", "o").replace("  timeouts {\n    create = \"5m\"\n  }\n", ""));
        workspace.is_settled();

        let least = format!(
            "resource \"kinds_thing\" \"a\" {{\n path = {path:?}\n listed {{\n name = \"a\"\n }}\n}}\n"
        );
        workspace.configure(&least);
        applied();
        workspace.is_settled();
        assert!(!fs::read_to_string(&path).unwrap().contains("four"));
        workspace.succeeds(&["destroy", "-no-color", "-auto-approve"]);
        assert!(!path.exists());
    }
}
