//! What the lookups of single things have in common: the errors for none and for too many.

use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::resource::Result;

/// The id of the one thing of this name. `thing` is as a sentence names it: `GPU instance`.
///
/// # Errors
/// There is none, or there are several: names need not be unique.
pub(crate) fn only_one(thing: &str, name: &str, ids: Vec<String>) -> Result<String> {
    let count = ids.len();
    let mut ids = ids.into_iter();
    match (ids.next(), ids.next()) {
        (Some(id), None) => Ok(id),
        (None, _) => {
            let detail = format!(
                "The account has no {thing} with exactly the name {name:?}. Check the spelling, and that the key \
                 belongs to the right account."
            );
            Err(Diagnostic::error(format!("No {thing} has this name"), detail).at(Path::root("name")).into())
        }
        (Some(first), Some(second)) => {
            let ids: Vec<_> = [first, second].into_iter().chain(ids).collect();
            let detail = format!(
                "{count} have the name {name:?}: {}. Set `id` to one of these instead of `name`.",
                ids.join(", ")
            );
            let summary = format!("More than one {thing} has this name");
            Err(Diagnostic::error(summary, detail).at(Path::root("name")).into())
        }
    }
}

/// Nothing has this id.
pub(crate) fn missing(thing: &str, id: &str) -> Diagnostics {
    let detail = format!(
        "There is no {thing} with the id {id:?}, or it is being removed. Check the id, and that the key belongs to \
         the right account."
    );
    Diagnostic::error(format!("No {thing} has this id"), detail).at(Path::root("id")).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::lookup::{LookedUp, Lookup};
    use crate::framework::model::Model;
    use crate::provider::endpoint::resource::Endpoint;
    use crate::provider::instance::{cpu::Cpu, gpu::Gpu};
    use crate::provider::vm::resource::Vm;

    /// Every attribute of a resource is looked up or left out by name, and only keys are configured.
    fn check_lookup<R: Lookup>(secrets: &[&str]) {
        let (managed, found) = (R::attributes(), LookedUp::<R>::attributes());
        let missing = |name: &&&str| managed.iter().all(|it| it.name != **name);
        assert_eq!(R::UNSEEN.iter().find(missing), None, "{}", R::TYPE);
        assert_eq!(found.len() + R::UNSEEN.len(), managed.len(), "{}", R::TYPE);
        for attribute in &found {
            let name = attribute.name;
            let is_key = R::KEYS.iter().any(|(key, _)| *key == name);
            assert_eq!(attribute.required || attribute.optional, is_key, "{name}");
            assert_eq!(attribute.sensitive, secrets.contains(&name), "{name}");
            assert!(attribute.text.ends_with('.') && !attribute.description().contains("Chang"), "{name}");
        }
    }

    #[test]
    fn a_lookup_shows_what_its_resource_defines() {
        check_lookup::<Gpu>(&["envs", "ssh_password"]);
        check_lookup::<Cpu>(&["envs", "ssh_password"]);
        check_lookup::<Endpoint>(&["envs"]);
        check_lookup::<Vm>(&[]);
    }

    #[test]
    fn a_name_must_stand_for_one_thing() {
        let ids = |ids: &[&str]| ids.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(only_one("endpoint", "x", ids(&["a"])).unwrap(), "a");
        let none = only_one("endpoint", "x", ids(&[])).unwrap_err();
        assert!(none.0[0].detail.contains("\"x\""), "{none:?}");
        let several = only_one("endpoint", "x", ids(&["a", "b", "c"])).unwrap_err();
        assert!(
            several.0[0].detail.contains("3 have") && several.0[0].detail.contains("a, b, c"),
            "{several:?}"
        );
    }
}
