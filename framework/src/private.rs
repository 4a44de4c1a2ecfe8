//! What is remembered beside a resource's state or plan, in the client's `private` bytes: by the framework, and by the author.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::value::Value;

/// Notes that travel with the state or with a plan, and that no user sees.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Private {
    /// Attributes of an imported object that its API says nothing about and that were not configured since.
    /// The first configured value of such a one is adopted; any other attribute that is null is known to be.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) not_told: BTreeSet<String>,
    /// Attributes of an imported object whose values the API has told, and no apply has configured since: what
    /// a configuration leaves out of them is not managed.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) taken_over: BTreeSet<String>,
    /// In plans: id of the object that is in the state and protected. A client plans a replacement once more
    /// without the state, and this is all that is left of it then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) protected: Option<String>,
    /// In plans: whether this one replaces the object in the state, so that what the plan of a creation says was said.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) replaces: bool,
    /// The author's.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) notes: BTreeMap<String, Json>,
}

/// What an author remembers beside a state, or from a plan to its apply. Clients store it in clear: no secrets. Clones
/// share it.
#[derive(Clone, Default)]
pub struct Notes(Arc<Mutex<BTreeMap<String, Json>>>);

/// The note of a plan with what it has foreseen.
pub(crate) const FORESEEN: &str = "tfplugin.foreseen";

impl Notes {
    /// These notes, apart from where they come from.
    pub(crate) fn of(notes: &BTreeMap<String, Json>) -> Self {
        Self(Arc::new(Mutex::new(notes.clone())))
    }

    /// The note of this name.
    pub fn get(&self, name: &str) -> Option<Json> {
        self.lock().get(name).cloned()
    }

    /// Remembers this under a name.
    pub fn set(&self, name: &str, note: impl Into<Json>) {
        self.lock().insert(name.to_owned(), note.into());
    }

    /// Forgets the note of this name.
    pub fn forget(&self, name: &str) {
        self.lock().remove(name);
    }

    /// All notes.
    pub(crate) fn all(&self) -> BTreeMap<String, Json> {
        self.lock().clone()
    }

    /// All but what was for the plan alone.
    pub(crate) fn after_apply(&self) -> BTreeMap<String, Json> {
        let mut notes = self.all();
        notes.remove(FORESEEN);
        notes
    }

    /// Begins with other notes.
    pub(crate) fn replace(&self, notes: &BTreeMap<String, Json>) {
        self.lock().clone_from(notes);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Json>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Private {
    /// From the client's bytes. Bytes that are not ours read as no notes.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// The notes that hold for this state.
    pub(crate) fn for_state(mut self, state: &Value) -> Self {
        self.not_told.retain(|it| state.get(it).is_null());
        self.taken_over.retain(|it| !state.get(it).is_null());
        Self { protected: None, replaces: false, ..self }
    }

    /// The notes after a successful apply of this configuration.
    pub(crate) fn after(mut self, config: &Value, state: &Value) -> Self {
        self.taken_over.retain(|it| config.get(it).is_null());
        self.for_state(state)
    }

    /// The bytes for the client; empty when there is nothing to remember.
    pub fn to_bytes(&self) -> Vec<u8> {
        if *self == Self::default() {
            return Vec::new();
        }
        serde_json::to_vec(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_survive_the_way_through_the_client() {
        let private = Private {
            not_told: ["tools".to_owned()].into(),
            taken_over: ["command".to_owned()].into(),
            protected: Some("i-1".to_owned()),
            replaces: true,
            notes: [("price".to_owned(), 0.5.into())].into(),
        };
        assert_eq!(Private::from_bytes(&private.to_bytes()), private);
        let bytes =
            br#"{"not_told":["tools"],"taken_over":["command"],"protected":"i-1","replaces":true,"notes":{"price":0.5}}"#;
        assert_eq!(private.to_bytes(), bytes);
        assert!(Private::default().to_bytes().is_empty());
    }

    #[test]
    fn foreign_bytes_are_no_notes() {
        assert_eq!(Private::from_bytes(b"\xff\x00"), Private::default());
        assert_eq!(Private::from_bytes(br#"{"later":1}"#), Private::default());
    }
}
