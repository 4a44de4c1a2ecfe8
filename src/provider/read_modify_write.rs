//! Bodies of calls that want the whole of a thing although only a part of it changes.
//!
//! Such a body begins with what a get shows, and takes the differences between state and plan: what the platform has
//! filled in, and members that only a newer API knows, are sent back as they were. Pure; knows no resource, but how
//! the elements of the APIs' lists are told apart.

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _};
use serde_json::{Map, Value as Json};

use crate::api::lenient;

/// An answer, decoded and as it came. No `Debug`: it may hold secrets.
pub(crate) struct Shown<T> {
    pub(crate) it: T,
    pub(crate) raw: Json,
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Shown<T> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let raw = Json::deserialize(input)?;
        let it = lenient::decode(raw.clone()).map_err(D::Error::custom)?;
        Ok(Self { it, raw })
    }
}

/// What is shown, with the differences between `before` and `after` put in. Where the two agree, what is shown wins,
/// in the form of `after` if it means the same.
pub(crate) fn merged(shown: Json, before: &Json, after: &Json) -> Json {
    match (shown, after) {
        (Json::Object(shown), Json::Object(after)) => Json::Object(merged_members(shown, before, after)),
        (Json::Array(shown), Json::Array(after)) => {
            Json::Array(merged_elements(shown, elements(before), after))
        }
        (shown, after) if before == after && is_scalar(&shown) && !same(&shown, after) => shown,
        (_, after) => after.clone(),
    }
}

fn merged_members(
    mut shown: Map<String, Json>,
    before: &Json,
    after: &Map<String, Json>,
) -> Map<String, Json> {
    shown.retain(|name, _| before.get(name).is_none() || after.contains_key(name));
    for (name, after) in after {
        let mut member = shown.remove(name).unwrap_or_default();
        if name == "type" {
            as_documented(&mut member);
        }
        shown.insert(name.clone(), merged(member, &before[name], after));
    }
    shown
}

/// A type is shown in any case, and taken in the documented one.
fn as_documented(word: &mut Json) {
    if let Json::String(word) = word {
        word.make_ascii_lowercase();
    }
}

/// Elements that are only shown are the platform's own and stay, each once; those of `after` are there in any case.
fn merged_elements(shown: Vec<Json>, before: &[Json], after: &[Json]) -> Vec<Json> {
    let mut list: Vec<(Identity, Json)> = Vec::new();
    for (place, mut element) in shown.into_iter().enumerate() {
        element.get_mut("type").into_iter().for_each(as_documented);
        let identity = Identity::of(&element, place);
        let twin = list.iter().any(|(it, _)| *it == identity);
        let removed = find(before, &identity).is_some() && find(after, &identity).is_none();
        if !twin && !removed {
            list.push((identity, element));
        }
    }
    for (place, after) in after.iter().enumerate() {
        let identity = Identity::of(after, place);
        let before = find(before, &identity).unwrap_or(&Json::Null);
        match list.iter_mut().find(|(it, _)| *it == identity) {
            Some((_, element)) => *element = merged(std::mem::take(element), before, after),
            None => list.push((identity, after.clone())),
        }
    }
    list.sort_by(|(one, _), (other, _)| one.cmp(other));
    list.into_iter().map(|(_, element)| element).collect()
}

/// Whether what is shown has the differences between `before` and `after`.
pub(crate) fn shows(shown: &Json, before: &Json, after: &Json) -> bool {
    if before == after {
        return true;
    }
    match (shown, after) {
        (Json::Object(shown), Json::Object(after)) => {
            let removed =
                before.as_object().into_iter().flatten().filter(|(name, _)| !after.contains_key(*name));
            let show = |(name, after): (&String, &Json)| {
                shows(shown.get(name).unwrap_or(&Json::Null), &before[name], after)
            };
            after.iter().all(show) && removed.into_iter().all(|(name, _)| is_none(shown.get(name)))
        }
        (shown, Json::Array(after)) => {
            let (shown, before) = (elements(shown), elements(before));
            let is_gone = |(place, it): (usize, &Json)| {
                let identity = Identity::of(it, place);
                find(after, &identity).is_some() || find(shown, &identity).is_none()
            };
            let show = |(place, after): (usize, &Json)| {
                let identity = Identity::of(after, place);
                let before = find(before, &identity).unwrap_or(&Json::Null);
                before == after || find(shown, &identity).is_some_and(|it| shows(it, before, after))
            };
            after.iter().enumerate().all(show) && before.iter().enumerate().all(is_gone)
        }
        (shown, after) => same(shown, after),
    }
}

/// What makes an element of a list the same one as another.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    /// A variable's key; or a disk's kind, storage and path. A local disk has no storage, whatever id it is given.
    Named(Vec<String>),
    /// In a list without names, its place.
    Place(usize),
}

impl Identity {
    fn of(element: &Json, place: usize) -> Self {
        let member = |name: &str| text(&element[name]);
        if !element["key"].is_null() {
            return Self::Named(vec![member("key")]);
        }
        if element["mountPath"].is_null() {
            return Self::Place(place);
        }
        let kind = member("type").to_lowercase();
        let storage = if kind == "network" { member("id") } else { String::new() };
        Self::Named(vec![kind, storage, member("mountPath")])
    }
}

fn find<'l>(list: &'l [Json], identity: &Identity) -> Option<&'l Json> {
    list.iter().enumerate().find(|(place, it)| Identity::of(it, *place) == *identity).map(|(_, it)| it)
}

fn elements(list: &Json) -> &[Json] {
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn is_scalar(value: &Json) -> bool {
    !value.is_null() && !value.is_object() && !value.is_array()
}

fn is_none(value: Option<&Json>) -> bool {
    value.is_none_or(|it| text(it).is_empty() && !it.is_object() && elements(it).is_empty())
}

/// Whether two scalars mean the same: the APIs write numbers as texts, and nothing as an empty one.
fn same(one: &Json, other: &Json) -> bool {
    text(one) == text(other)
}

fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.trim().to_owned(),
        Json::Number(number) => number.to_string(),
        Json::Bool(flag) => flag.to_string(),
        Json::Null | Json::Array(_) | Json::Object(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// One row: what is shown, the state, the plan, and what is sent.
    fn check(shown: &Json, before: &Json, after: &Json, sent: &Json) {
        assert_eq!(merged(shown.clone(), before, after), *sent, "{shown} {before} {after}");
        assert!(shows(sent, before, after), "what was sent shows the change: {sent}");
        assert_eq!(shows(shown, before, after), before == after, "it did not show before: {shown}");
    }

    #[test]
    fn what_did_not_change_is_sent_as_it_is_shown() {
        let change = (&json!({"a": "1", "b": ""}), &json!({"a": "2", "b": ""}));
        check(&json!({"a": "1", "b": "filled in"}), change.0, change.1, &json!({"a": "2", "b": "filled in"}));
        check(
            &json!({"a": "1", "new": {"x": 1}}),
            change.0,
            change.1,
            &json!({"a": "2", "b": "", "new": {"x": 1}}),
        );
        check(
            &json!({"a": "0"}),
            &json!({"a": "1", "b": 1}),
            &json!({"a": "1", "b": 2}),
            &json!({"a": "0", "b": 2}),
        );
    }

    #[test]
    fn what_means_the_same_is_sent_in_the_documented_form() {
        let change = (&json!({"n": 300, "m": 1}), &json!({"n": 300, "m": 2}));
        check(&json!({"n": "300", "m": "1"}), change.0, change.1, &json!({"n": 300, "m": 2}));
        let ports =
            (&json!({"ports": [{"port": "80"}], "m": 1}), &json!({"ports": [{"port": "80"}], "m": 2}));
        check(&json!({"ports": [{"port": 80}], "m": 1}), ports.0, ports.1, ports.1);
    }

    #[test]
    fn what_is_taken_out_is_not_sent() {
        let change = (&json!({"a": 1, "cuda": "12.4"}), &json!({"a": 1}));
        check(&json!({"a": "1", "cuda": "12.4", "new": 1}), change.0, change.1, &json!({"a": 1, "new": 1}));
    }

    #[test]
    fn variables_of_the_platform_stay() {
        let env = |key: &str, value: &str| json!({"key": key, "value": value});
        let (before, after) = (json!([env("A", "1"), env("B", "2")]), json!([env("A", "3"), env("C", "4")]));
        check(
            &json!([env("PLATFORM", "p"), env("B", "2"), env("A", "1"), env("PLATFORM", "p")]),
            &before,
            &after,
            &json!([env("A", "3"), env("C", "4"), env("PLATFORM", "p")]),
        );
        // One that is wanted is sent although it is not shown.
        let (before, after) = (json!([env("A", "1")]), json!([env("A", "1"), env("B", "2")]));
        check(&json!(null), &before, &after, &after);
    }

    #[test]
    fn disks_keep_what_the_platform_knows_of_them() {
        let shown = json!([{"type": "local", "size": "30", "mountPath": "/w", "id": "made", "tier": "x"}]);
        let local = json!({"type": "local", "size": 30, "mountPath": "/w"});
        let network = json!({"type": "network", "id": "st-1", "mountPath": "/n"});
        let kept = json!({"type": "local", "size": 30, "mountPath": "/w", "id": "made", "tier": "x"});
        check(&shown, &json!([local]), &json!([local, network]), &json!([kept, network]));
        check(&shown, &json!([local]), &json!([]), &json!([]));
    }

    #[test]
    fn a_type_is_sent_in_the_documented_case() {
        let mount =
            |kind: &str, path: &str| json!({"type": kind, "id": format!("st{path}"), "mountPath": path});
        let (before, after) =
            (json!([mount("network", "/a")]), json!([mount("network", "/a"), mount("network", "/b")]));
        let shown = json!([mount("LOCAL", "/own"), mount("Network", "/a")]);
        let sent = json!([mount("local", "/own"), mount("network", "/a"), mount("network", "/b")]);
        check(&shown, &before, &after, &sent);
        let policy = |kind: &str, value: i64| json!({"type": kind, "value": value});
        check(&policy("QUEUE", 4), &policy("queue", 4), &policy("queue", 5), &policy("queue", 5));
    }

    #[test]
    fn a_change_shows_only_where_all_of_it_does() {
        let env = |key: &str, value: &str| json!({"key": key, "value": value});
        let (before, after) = (
            json!({"image": "a", "command": "run", "envs": [env("A", "1"), env("B", "2")], "n": 1}),
            json!({"image": "a", "command": "", "envs": [env("A", "3"), env("C", "4")], "n": 2}),
        );
        let whole = json!({"image": "b", "envs": [env("A", "3"), env("C", "4"), env("P", "")], "n": "2"});
        assert!(shows(&whole, &before, &after), "the image is not part of the change");
        for (name, value) in [
            ("command", json!("run")),
            ("n", json!("1")),
            ("n", json!(null)),
            ("envs", json!([env("A", "1"), env("C", "4")])),
            ("envs", json!([env("A", "3")])),
            ("envs", json!([env("A", "3"), env("C", "4"), env("B", "2")])),
        ] {
            let mut shown = whole.clone();
            shown[name] = value;
            assert!(!shows(&shown, &before, &after), "{shown}");
        }
    }
}
