//! Tables: which successful answer shows what.

use serde::Deserialize;

use super::*;
use crate::api::resource_kind::IdFormat;
use crate::api::resource_kind::tests::THING;

const WRAPPED: ResourceKind =
    ResourceKind { noun: "endpoint", words: &["endpoint"], wrapper: Some("endpoint"), ..THING };

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_thing_is_found_in_every_known_envelope() {
    for body in [
        r#"{"id":"i-1","x":1}"#,
        r#"{"Id":"i-1"}"#,
        r#"{"instanceId":"i-1","state":"toStop"}"#,
        r#"{"data":{"id":"i-1"}}"#,
        r#"{"instance":{"id":"i-1"}}"#,
        r#"{"vm":{"id":"i-1"}}"#,
        r#"{"endpoint":{"id":"i-1"}}"#,
        r#"{"code":0,"message":"ok","data":{"instance":{"id":"i-1"}}}"#,
    ] {
        assert!(matches!(one(&THING, json(body)), One::Shown(id, _) if id == "i-1"), "{body}");
    }
    assert_eq!(one(&THING, json(r#"{"id":7}"#)), One::Shown("7".into(), json(r#"{"id":7}"#)));
}

#[test]
fn nothing_is_said_by_few_forms_and_everything_else_is_unreadable() {
    for (body, plain, wrapped) in [
        ("null", true, true),
        ("{}", true, true),
        (r#"{"endpoint":null}"#, false, true),
        (r#"{"endpoint":{}}"#, false, true),
        (r#"{"data":{}}"#, false, false),
        (r#"{"data":null}"#, false, false),
        (r#"{"data":{"endpoint":{}}}"#, false, false),
        (r#"{"id":""}"#, false, false),
        (r#"{"id":null,"status":"running"}"#, false, false),
        (r#"{"message":"service is being upgraded"}"#, false, false),
        (r#"{"error":"x"}"#, false, false),
        (r#"{"success":false}"#, false, false),
        (r#"{"code":"ERR","message":"x"}"#, false, false),
        ("[]", false, false),
        (r#"[{"id":"i-1"}]"#, false, false),
        ("\"\"", false, false),
        ("\"gone\"", false, false),
        ("0", false, false),
        ("false", false, false),
    ] {
        for (kind, nothing) in [(&THING, plain), (&WRAPPED, wrapped)] {
            let one = one(kind, json(body));
            assert_eq!(matches!(one, One::Nothing), nothing, "{body}: {one:?}");
            assert!(nothing || matches!(one, One::Unreadable(_)), "{body}: {one:?}");
        }
    }
    let One::Unreadable(why) = one(&THING, json(r#"{"message":"service is\nbeing upgraded"}"#)) else {
        panic!()
    };
    assert_eq!(why, "the answer shows no instance, but says: service is being upgraded");
}

#[test]
fn one_may_come_in_a_list_of_its_own_where_that_is_documented() {
    const LISTED: ResourceKind = ResourceKind { wrapper: Some("network"), is_listed: true, ..THING };
    for (kind, body, expected) in [
        (&LISTED, r#"{"network":[{"Id":"n-1"}]}"#, Some("n-1")),
        (&LISTED, r#"{"networks":[{"Id":"n-1"}]}"#, Some("n-1")),
        (&LISTED, r#"{"network":{"Id":"n-1"}}"#, Some("n-1")),
        (&LISTED, r#"{"network":[]}"#, Some("nothing")),
        (&LISTED, r#"{"network":[{"Id":"n-1"},{"Id":"n-2"}]}"#, None),
        (&LISTED, r#"{"network":[{"name":"x"}]}"#, None),
        (&LISTED, r#"{"network":["n-1"]}"#, None),
        (&LISTED, r#"{"data":[]}"#, None),
        (&THING, r#"{"instance":[{"id":"n-1"}]}"#, None),
        (&THING, r#"{"instance":[]}"#, None),
    ] {
        let shown = match one(kind, json(body)) {
            One::Shown(id, _) => Some(id),
            One::Nothing => Some("nothing".to_owned()),
            One::Unreadable(_) => None,
        };
        assert_eq!(shown.as_deref(), expected, "{body}");
    }
}

#[test]
fn a_create_has_made_what_has_a_fit_id_and_nothing_else_is_certain() {
    const BARE: ResourceKind = ResourceKind { bare_id: true, ..THING };
    const UUID: ResourceKind = ResourceKind { id: IdFormat::Uuid, ..THING };
    for (kind, body, id) in [
        (&THING, r#"{"id":"i-1"}"#, Some("i-1")),
        (&THING, r#"{"id":42}"#, Some("42")),
        (&THING, r#"{"data":{"id":"i-1"}}"#, Some("i-1")),
        (&BARE, "\"st-51c0\"", Some("st-51c0")),
        (&THING, "\"OK\"", None),
        (
            &UUID,
            r#"{"id":"b0c6e0a2-77f1-4b39-8a0d-1f6b1f0f5a11"}"#,
            Some("b0c6e0a2-77f1-4b39-8a0d-1f6b1f0f5a11"),
        ),
        (&UUID, r#"{"id":"2104"}"#, None),
        (&THING, r#"{"id":"a b"}"#, None),
        (&THING, r#"{"id":" "}"#, None),
        (&THING, r#"{"id":{"x":1}}"#, None),
        (&THING, r#"{"success":true}"#, None),
        (&THING, "{}", None),
        (&THING, "null", None),
        (&THING, "[\"i-1\"]", None),
    ] {
        let made = created(kind, json(body));
        assert_eq!(made.as_ref().ok().and_then(|it| Some(it.as_ref()?.id.as_str())), id, "{body}: {made:?}");
    }
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Element {
    #[serde(deserialize_with = "lenient::text")]
    id: String,
    #[serde(deserialize_with = "lenient::int")]
    size: Option<i64>,
}

fn list(body: &str) -> Result<List<Element>, String> {
    super::list(body, "things", element).map_err(|it| it.to_string())
}

#[test]
fn a_list_is_bare_or_under_a_known_key() {
    for (body, count, total) in [
        (r#"[{"id":"a"},{"id":"b"}]"#, 2, None),
        (r#"{"things":[{"id":"a"}],"total":"5","more":1}"#, 1, Some(5)),
        (r#"{"total":5,"data":[{"id":"a"}]}"#, 1, Some(5)),
        (r#"{"code":0,"data":{"things":[{"id":"a"}],"total":3}}"#, 1, Some(3)),
        (r#"{"data":{"id":"a","size":1}}"#, 1, None),
        (r#"{"things":null}"#, 0, None),
        (r#"{"things":null,"total":0,"code":200,"message":"ok"}"#, 0, Some(0)),
        (r#"{"total":"0"}"#, 0, None),
        ("null", 0, None),
        ("{}", 0, None),
        ("[]", 0, None),
    ] {
        let list = list(body).unwrap();
        assert_eq!((list.elements.len(), list.total, list.unreadable), (count, total, 0), "{body}");
    }
}

#[test]
fn what_is_no_list_is_not_an_empty_one() {
    for body in [
        r#"{"message":"service is being upgraded"}"#,
        r#"{"success":false}"#,
        r#"{"total":5}"#,
        r#"{"id":"a"}"#,
        r#"{"data":{}}"#,
        r#"{"data":{"message":"x"}}"#,
        r#"{"things":"none"}"#,
        "\"\"",
        "3",
    ] {
        assert!(list(body).is_err(), "{body}");
    }
}

#[test]
fn an_odd_element_hides_no_other_and_an_odd_field_no_element() {
    let list =
        list(r#"[{"id":"a","size":"16 cores"},{"id":{"x":1}},7,{"id":"b","size":[1]},{"id":"c","size":3}]"#)
            .unwrap();
    let sizes: Vec<_> = list.elements.iter().map(|it| (it.id.as_str(), it.size)).collect();
    assert_eq!(sizes, [("a", Some(16)), ("b", None), ("c", Some(3))]);
    assert_eq!(list.unreadable, 2);
}

#[test]
fn an_element_that_is_no_json_value_hides_no_other() {
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    for odd in [r#"{"id":"x\ud800"}"#, r#"{"id":"x","size":1e999}"#, deep.as_str()] {
        let list = list(&format!(r#"[{{"id":"a"}},{odd},{{"id":"b"}}]"#)).unwrap();
        assert_eq!((list.elements.len(), list.unreadable), (2, 1), "{odd}");
    }
    assert!(list(r#"[{"id":"a"},{"id":]"#).is_err());
}

#[test]
fn broken_characters_and_a_byte_order_mark_spoil_nothing_else() {
    assert_eq!(text_of(b"\xef\xbb\xbf{}"), "{}");
    let text = text_of(b"[{\"id\":\"a\"},{\"id\":\"b\xff\"}]");
    assert_eq!(list(&text).unwrap().elements.len(), 2);
}
