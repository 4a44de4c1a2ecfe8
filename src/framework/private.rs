//! What the framework itself remembers beside a resource's state, in the client's `private` bytes.

use serde::{Deserialize, Serialize};

/// Notes that travel with the state and that no user sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Private {
    /// Imported and not changed since: attributes that the API does not return are adopted from the
    /// configuration instead of replacing the resource.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) imported: bool,
    /// A plan that replaces the resource was accepted, so its deletion is not stopped by a protection
    /// that the same plan lifts.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) replacing: bool,
}

impl Private {
    /// From the client's bytes. Bytes that are not ours read as no notes: they only ever relax a plan.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// The notes for a resource that stays: it is no longer half of a replacement.
    pub(crate) fn without_replacing(self) -> Self {
        Self { replacing: false, ..self }
    }

    /// The bytes for the client; empty when there is nothing to remember.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        if self == Self::default() {
            return Vec::new();
        }
        serde_json::to_vec(&self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_survive_the_way_through_the_client() {
        let private = Private { imported: true, replacing: false };
        assert_eq!(Private::from_bytes(&private.to_bytes()), private);
        assert_eq!(private.to_bytes(), br#"{"imported":true}"#);
        assert!(Private::default().to_bytes().is_empty());
    }

    #[test]
    fn foreign_bytes_are_no_notes() {
        assert_eq!(Private::from_bytes(b"\xff\x00"), Private::default());
        assert_eq!(Private::from_bytes(br#"{"later":1}"#), Private::default());
    }
}
