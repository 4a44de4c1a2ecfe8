//! Environment variables of a machine: two attributes in HCL, one list on the wire.
//!
//! `envs` is shown and `secret_envs` is hidden; the API does not know the difference.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use tfplugin::attr::{Attr, Map};
use tfplugin::resource::Rules;
use tfplugin::value::Value;

use crate::provider::novita::instance::answer::Env;
use crate::provider::read_back::Origin;

/// Most variables of a machine, from the create call's documentation.
const MOST: usize = 100;

/// The API's form: `[{key, value}]`, in the order of the keys.
pub(crate) fn to_wire(variables: &Value) -> Json {
    let elements = variables.as_map().into_iter().flatten();
    elements.map(|(key, it)| json!({"key": key, "value": it.as_str().unwrap_or_default()})).collect()
}

/// The two attributes as the one set of variables that the API sees.
pub(crate) fn merged<'a>(
    envs: &'a Attr<Map<String>>,
    secrets: &'a Attr<Map<String>>,
) -> BTreeMap<&'a str, &'a str> {
    let elements = [envs, secrets].into_iter().filter_map(Attr::known).flat_map(Map::known);
    elements.map(|(key, it)| (key, it.as_str())).collect()
}

/// The rules between the two attributes.
pub(crate) fn validate(rules: &mut Rules, envs: &Attr<Map<String>>, secrets: &Attr<Map<String>>) {
    let keys =
        |it: &Attr<Map<String>>| it.known().map(|it| it.0.keys().cloned().collect()).unwrap_or_default();
    let (shown, hidden): (Vec<String>, Vec<String>) = (keys(envs), keys(secrets));
    for key in shown.iter().filter(|key| hidden.contains(key)) {
        rules.reject("secret_envs", format!("The key {key:?} is in `envs` too: keep it in one of the two."));
    }
    let count = shown.len() + hidden.len();
    if count > MOST {
        let attribute = if shown.is_empty() { "secret_envs" } else { "envs" };
        let fault = format!("`envs` and `secret_envs` may have {MOST} elements together. There are {count}.");
        rules.reject(attribute, fault);
    }
}

/// Takes over the variables of an answer. An import shows all of them.
pub(crate) fn read_back(
    envs: &mut Attr<Map<String>>,
    secrets: &mut Attr<Map<String>>,
    answer: Vec<Env>,
    origin: Origin,
) {
    let answer: BTreeMap<_, _> =
        answer.into_iter().map(|it| (it.key, it.value.expose().to_owned())).collect();
    match origin {
        Origin::Imported if answer.is_empty() => {}
        Origin::Imported => *envs = Attr::Known(answer.into_iter().collect()),
        Origin::Created | Origin::Refreshed => refresh(envs, secrets, &answer),
    }
}

/// Takes over what an answer says of the variables that are known: changed values and removed keys.
///
/// Keys that are not known are the platform's own ((assumed) to be possible) and left out, or every
/// plan would want to remove them.
fn refresh(envs: &mut Attr<Map<String>>, secrets: &mut Attr<Map<String>>, answer: &BTreeMap<String, String>) {
    for attribute in [envs, secrets] {
        if let Attr::Known(elements) = attribute {
            elements.0.retain(|key, _| answer.contains_key(key));
            for (key, it) in &mut elements.0 {
                *it = Attr::from_option(answer.get(key).cloned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(elements: &[(&str, &str)]) -> Attr<Map<String>> {
        Attr::Known(elements.iter().map(|(key, it)| ((*key).to_owned(), (*it).to_owned())).collect())
    }

    fn answer(elements: &[(&str, &str)]) -> BTreeMap<String, String> {
        elements.iter().map(|(key, it)| ((*key).to_owned(), (*it).to_owned())).collect()
    }

    #[test]
    fn the_wire_sees_one_list_in_the_order_of_the_keys() {
        let variables = map(&[("B", "2"), ("A", "1")]).to_value();
        assert_eq!(to_wire(&variables), json!([{"key": "A", "value": "1"}, {"key": "B", "value": "2"}]));
        let (envs, secrets) = (map(&[("B", "2")]), map(&[("A", "1")]));
        let merged: Vec<_> = merged(&envs, &secrets).into_iter().collect();
        assert_eq!(merged, [("A", "1"), ("B", "2")]);
    }

    #[test]
    fn a_key_stands_in_one_attribute_and_a_hundred_are_enough() {
        let faults = |envs: &Attr<_>, secrets: &Attr<_>| {
            let mut rules = Rules::default();
            validate(&mut rules, envs, secrets);
            rules.diagnostics.0.into_iter().map(|it| it.detail).collect::<Vec<_>>()
        };
        assert!(faults(&map(&[("A", "1")]), &map(&[("B", "1")])).is_empty());
        assert!(faults(&map(&[("A", "1")]), &map(&[("A", "1")]))[0].contains("\"A\" is in `envs` too"));
        let many: Map<String> = (0..100).map(|it| (format!("K{it}"), String::new())).collect();
        assert!(faults(&Attr::Known(many.clone()), &Attr::Null).is_empty());
        assert!(faults(&Attr::Known(many), &map(&[("B", "1")]))[0].contains("There are 101"));
    }

    #[test]
    fn a_secret_stays_hidden_when_it_is_read_back() {
        let (mut envs, mut secrets) = (map(&[("A", "1"), ("GONE", "x")]), map(&[("TOKEN", "old")]));
        refresh(&mut envs, &mut secrets, &answer(&[("TOKEN", "new"), ("A", "1"), ("PLATFORM", "p")]));
        assert_eq!((envs, secrets), (map(&[("A", "1")]), map(&[("TOKEN", "new")])));
    }
}
