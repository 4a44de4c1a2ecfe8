//! How a model's attributes take over what an answer shows.
//!
//! A real API fills in, rounds, renames and leaves out, and none of that may show as drift or cost a
//! machine. So an attribute that no call changes is *learnt* while the state does not know it, and then
//! kept. An optional attribute that is not configured is not managed: null stays null. Everything else is
//! read back. An import takes all of it over. Which attribute is of which kind is each resource's matter; that
//! what means the same keeps its form is the framework's.

use serde_json::Value as Json;
use tfplugin::attr::{Attr, FieldType, Set};
use tfplugin::equality::same;
use tfplugin::model::Model;
use tfplugin::resource::Context;
use tfplugin::schema::Attribute;

use crate::api::planted::{Bug, is_planted};
use crate::api::secret::Secret;

/// What an answer is to the state that takes it over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The first one after a create: the state knows what was asked for.
    Created,
    /// Any later one.
    Refreshed,
    /// The first one after an import or a look-up: the state knows the id alone.
    Imported,
}

/// An answer that is being taken over.
pub(crate) struct ReadBack {
    pub(crate) origin: Origin,
    /// To compare by meaning; empty where nothing is compared.
    attributes: Vec<Attribute>,
    /// What was created otherwise than asked for, in words.
    differences: Vec<String>,
}

impl ReadBack {
    /// Of an answer about a resource with this model.
    pub(crate) fn of<M: Model>(origin: Origin) -> Self {
        let attributes = if origin == Origin::Created { M::attributes() } else { Vec::new() };
        Self { origin, attributes, differences: Vec::new() }
    }

    /// Of an attribute that no call changes: the answer while nothing is known, then what is known. The default with
    /// which an import begins is no knowledge.
    pub(crate) fn learn<T: FieldType>(&mut self, name: &str, attribute: &mut Attr<T>, answer: Option<T>) {
        self.compare(name, attribute, answer.as_ref());
        let replaces = self.origin == Origin::Imported || is_planted(Bug::RefreshesWhatIsFixed);
        if !attribute.is_set() || (answer.is_some() && replaces) {
            *attribute = Attr::from_option(answer);
        }
    }

    /// As [`ReadBack::learn`], where an empty text is no answer.
    pub(crate) fn learn_text(&mut self, name: &str, attribute: &mut Attr<String>, answer: String) {
        self.learn(name, attribute, some_text(answer));
    }

    /// As [`ReadBack::learn`], for a size that means "at least": more is as good.
    pub(crate) fn learn_size(&mut self, name: &str, attribute: &mut Attr<i64>, answer: Option<i64>) {
        let is_enough = attribute.known().zip(answer).is_some_and(|(asked, answer)| answer >= *asked);
        let is_enough = is_enough && !is_planted(Bug::RefreshesWhatIsFixed);
        self.learn(name, attribute, answer.filter(|_| !is_enough));
    }

    /// As [`ReadBack::learn`], for an optional attribute: null stays null unless it is imported.
    pub(crate) fn learn_optional<T: FieldType>(
        &mut self,
        name: &str,
        attribute: &mut Attr<T>,
        answer: Option<T>,
    ) {
        if self.manages(attribute) {
            self.learn(name, attribute, answer);
        }
    }

    /// Of an optional text that a call changes: the answer, an empty one too, if the attribute is managed.
    pub(crate) fn optional_text(&self, attribute: &mut Attr<String>, answer: String) {
        if self.manages(attribute) {
            *attribute = text_or_null(answer);
        }
    }

    /// Of an optional set that a call changes: the answer, an empty one too, if the attribute is managed.
    pub(crate) fn optional_set<T>(&self, attribute: &mut Attr<Set<T>>, answer: Set<T>) {
        if self.manages(attribute) {
            *attribute = answer.into();
        }
    }

    /// Whether an optional attribute is configured, or about to be learnt.
    pub(crate) fn manages<T>(&self, attribute: &Attr<T>) -> bool {
        !attribute.is_null() || self.origin == Origin::Imported
    }

    /// Takes note of what was created otherwise than asked for.
    pub(crate) fn compare<T: FieldType>(&mut self, name: &str, asked: &Attr<T>, answer: Option<&T>) {
        let attribute = self.attributes.iter().find(|it| it.name == name);
        let (Attr::Known(asked), Some(answer), Some(attribute)) = (asked, answer, attribute) else { return };
        let (asked, answer) = (asked.to_value(), answer.to_value());
        if !same(attribute, &asked, &answer) {
            self.differences.push(format!("`{name}` is {}, not {}", Json::from(&answer), Json::from(&asked)));
        }
    }

    /// Warns, once, of what was created otherwise than asked for. `thing` is as a sentence names it.
    pub(crate) fn warn<D>(self, cx: &Context<D>, thing: &str, id: &str) {
        if self.differences.is_empty() {
            return;
        }
        let detail = format!(
            "The API shows the new {thing} {id} otherwise than it was asked for: {}. The state keeps what was asked \
             for, so that nothing is replaced because of this. If it is not what you need, replace it \
             (`terraform apply -replace=ADDRESS`) or destroy it.",
            self.differences.join("; ")
        );
        cx.warn(&format!("Created {thing} differs from what was asked for"), detail);
    }
}

/// Of an attribute that calls change, or that only the API sets: the answer where it has one; else what was
/// known, and null where nothing was.
pub(crate) fn read_back<T>(attribute: &mut Attr<T>, answer: Option<T>) {
    match answer {
        Some(answer) => *attribute = answer.into(),
        None if attribute.is_unknown() => *attribute = Attr::Null,
        None => {}
    }
}

/// As [`read_back`], where an empty text is no answer.
pub(crate) fn read_back_text(attribute: &mut Attr<String>, answer: String) {
    read_back(attribute, some_text(answer));
}

/// A secret as an attribute, null where there is none.
pub(crate) fn secret_or_null(secret: Option<Secret>) -> Attr<String> {
    text_or_null(secret.map(|it| it.expose().to_owned()).unwrap_or_default())
}

pub(crate) fn text_or_null(text: String) -> Attr<String> {
    Attr::from_option(some_text(text))
}

pub(crate) fn some_text(text: String) -> Option<String> {
    Some(text).filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests;
