//! Data sources that show a resource of the same name, found by its id or its exact name.
//!
//! What an answer means is the resource's own; this only finds the thing.

use tfplugin::attr::Attr;
use tfplugin::diagnostics::Diagnostic;
use tfplugin::diagnostics::bug;
use tfplugin::lookup::Lookup;
use tfplugin::path::Path;
use tfplugin::resource::{Result, Rules};
use tfplugin::value::Value;
use tokio::time::Instant;

use crate::provider::clients::Cx;
use crate::provider::error_context::ErrorContext;
use crate::provider::life_cycle::phase::Phase;
use crate::provider::life_cycle::remote::{Answer, Remote};
use crate::provider::life_cycle::rented::{Rented, RentedLife};
use crate::provider::life_cycle::stored::{Stored, StoredLife};
use crate::provider::paging::Element as _;
use crate::provider::read_back::Origin;

/// A resource with a data source of the same name.
pub(crate) trait ByName: Stored {
    /// What the data source is, for users.
    const ABOUT: &'static str;

    /// What it is found by, with the descriptions: `id`, and `name` where such things have one.
    const KEYS: &'static [(&'static str, &'static str)];

    /// Attributes that only say how the resource is managed, or that are never read back.
    const UNSEEN: &'static [&'static str];

    /// Attributes that may hold secrets here, with their descriptions: what is read back does not tell.
    const SECRETS: &'static [(&'static str, &'static str)] = &[];
}

/// Both lives are looked up alike.
macro_rules! look_up {
    ($life:ident, $life_of:ident) => {
        impl<S: ByName + $life_of> Lookup for $life<S> {
            const LOOKUP: &'static str = S::ABOUT;
            const KEYS: &'static [(&'static str, &'static str)] = S::KEYS;
            const UNSEEN: &'static [&'static str] = S::UNSEEN;
            const SECRETS: &'static [(&'static str, &'static str)] = S::SECRETS;

            fn validate_key(key: &S, rules: &mut Rules) {
                reject_id::<S>(rules, key.id());
            }

            async fn find(cx: &Cx, key: S) -> Result<S> {
                find(cx, key).await
            }
        }
    };
}

look_up!(StoredLife, Stored);
look_up!(RentedLife, Rented);

/// Refuses a text that can be the id of no such thing.
pub(crate) fn reject_id<S: Stored>(rules: &mut Rules, id: &Attr<String>) {
    let form = S::IMPORT_ID;
    if id.text().is_some_and(|it| !it.is_empty() && !(form.fits)(it)) {
        let fault =
            format!("The id is {}, such as `{}`; the vendor's console shows it.", form.text, form.example);
        rules.reject("id", fault);
    }
}

async fn find<S: ByName>(cx: &Cx, mut key: S) -> Result<S> {
    let remote = S::remote(cx)?;
    let name = key.name_mut().and_then(|it| it.text().map(str::to_owned));
    let id = match (key.id().text(), name) {
        (Some(id), _) => id.to_owned(),
        (None, Some(name)) => id_of::<S>(&remote, &name).await?,
        (None, None) => return Err(bug("a lookup has no key").into()),
    };
    let found = remote.existing(&id, "id").await?;
    S::accept(&found)?;
    let mut model = S::from_object(&Value::Null).map_err(|it| bug(it.wanted))?;
    let failed = |error| ErrorContext::to(&format!("read the {}", S::THING)).failed(&error);
    let found = model.complete(&remote, found).await.map_err(failed)?;
    model.take(found, Origin::Imported);
    Ok(model)
}

/// The id of the one thing of this name. One of another type behind the same API does not count, unless there is
/// nothing else: then it is what was meant.
///
/// # Errors
/// There is none, or there are several, or they could not be listed.
pub(crate) async fn id_of<S: Stored>(remote: &Remote<'_, S::Answer>, name: &str) -> Result<String> {
    let listed = remote.kind.list.walked(remote, Instant::now()).await;
    let failed = |error| ErrorContext::to(&format!("list each {}", S::THING)).failed(&error);
    let listing = listed.map_err(failed)?;
    let is_there = |it: &&S::Answer| !matches!(it.phase(), Phase::Leaving | Phase::Gone);
    let named: Vec<_> = listing.elements().filter(is_there).filter(|it| it.name() == name).collect();
    let fitting: Vec<_> =
        named.iter().filter(|it| S::accept(it).is_ok()).map(|it| it.id().to_owned()).collect();
    if let (true, Some(other)) = (fitting.is_empty(), named.first()) {
        S::accept(other)?;
    }
    only_one(S::THING, name, fitting)
}

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

impl<A: Answer> Remote<'_, A> {
    /// What has the id that this attribute gives, and is not being removed.
    ///
    /// # Errors
    /// There is none, or it could not be read.
    pub(crate) async fn existing(&self, id: &str, attribute: &str) -> Result<A> {
        let thing = self.thing;
        let failed = |error| ErrorContext::to(&format!("read the {thing}")).failed(&error);
        let found = self.look_for(id, false).await.map_err(failed)?;
        found.filter(|it| it.phase() != Phase::Leaving).ok_or_else(|| {
            let detail = format!(
                "There is no {thing} with the id {id:?}, or it is being removed. Check the id, and that the key belongs to \
                 the right account."
            );
            Diagnostic::error(format!("No {thing} has this id"), detail).at(Path::root(attribute)).into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
