//! What tells one kind of thing from another in a vendor's answers, and what counts as an id of it.
//!
//! A resource describes its kind beside its calls; what is read by the description stands in
//! [`error_mapping`](crate::api::error_mapping) and [`answer`](crate::api::answer).

use std::cmp::Ordering;
use std::fmt;

/// The longest id, in bytes.
const LONGEST_ID: usize = 255;

/// A kind of thing that an API has: by which answers it is gone, and how its id looks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ResourceKind {
    /// What people call one: `instance`.
    pub(crate) noun: &'static str,
    /// What the API's texts call one, in lower case, the noun included.
    pub(crate) words: &'static [&'static str],
    /// The names of the API's errors that say that it does not exist, beside the general ones.
    pub(crate) not_found: &'static [&'static str],
    /// The documented wrapper of one in an answer; `None`: it is documented bare. A wrapper with nothing in
    /// it says that the thing does not exist.
    pub(crate) wrapper: Option<&'static str>,
    /// Whether the wrapper holds a list with the thing in it, which may be called by the plural. One with nothing in it says
    /// that the thing does not exist.
    pub(crate) is_listed: bool,
    /// Whether a create call answers with the id alone, as a text.
    pub(crate) bare_id: bool,
    /// How its id looks.
    pub(crate) id: IdFormat,
}

/// How the ids of a kind look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdFormat {
    /// 1–255 printable ASCII characters without blanks.
    Text,
    /// A UUID with its four hyphens.
    Uuid,
}

/// An id as an API gave it. Ids that differ in case alone are the same.
#[derive(Clone)]
pub(crate) struct ResourceId(String);

impl ResourceId {
    /// Takes a text for an id of this kind; `None` for what can be none.
    pub(crate) fn parse(kind: &ResourceKind, text: &str) -> Option<Self> {
        let is_id = match kind.id {
            IdFormat::Text => {
                (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_graphic())
            }
            IdFormat::Uuid => is_uuid(text),
        };
        is_id.then(|| Self(text.to_owned()))
    }

    fn lower(&self) -> impl Iterator<Item = u8> {
        self.0.bytes().map(|it| it.to_ascii_lowercase())
    }

    /// The id in the spelling in which it was first seen.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a text means the same id.
    pub(crate) fn matches(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

impl fmt::Debug for ResourceId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, out)
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl PartialEq for ResourceId {
    fn eq(&self, other: &Self) -> bool {
        self.matches(&other.0)
    }
}

impl Eq for ResourceId {}

impl Ord for ResourceId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.lower().cmp(other.lower())
    }
}

impl PartialOrd for ResourceId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Whether a text has the form of a UUID.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, it)| match place {
            8 | 13 | 18 | 23 => it == b'-',
            _ => it.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Novita's instances, for the tests of this layer.
    pub(crate) const THING: ResourceKind = ResourceKind {
        noun: "instance",
        words: &["instance", "container"],
        not_found: &["INSTANCE_NOT_FOUND"],
        wrapper: None,
        is_listed: false,
        bare_id: false,
        id: IdFormat::Text,
    };

    const WITH_UUID: ResourceKind = ResourceKind { id: IdFormat::Uuid, ..THING };

    #[test]
    fn an_id_is_printable_ascii_without_blanks_of_bounded_length() {
        let longest = "x".repeat(255);
        for good in ["1", "i-1", "6c1be0a94d27f3e8", "a/b?c", longest.as_str()] {
            assert!(ResourceId::parse(&THING, good).is_some(), "{good}");
        }
        let too_long = "x".repeat(256);
        for bad in ["", " ", "a b", "a\n", "ü", "a\u{202e}b", "a\u{7f}", too_long.as_str()] {
            assert!(ResourceId::parse(&THING, bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn a_uuid_has_its_hyphens() {
        for (text, good) in [
            ("b0c6e0a2-77f1-4b39-8a0d-1f6b1f0f5a11", true),
            ("B0C6E0A2-77F1-4B39-8A0D-1F6B1F0F5A11", true),
            ("b0c6e0a277f14b398a0d1f6b1f0f5a11", false),
            ("b0c6e0a2-77f1-4b39-8a0d-1f6b1f0f5a1g", false),
            ("2104", false),
            ("null", false),
        ] {
            assert_eq!(ResourceId::parse(&WITH_UUID, text).is_some(), good, "{text}");
        }
    }

    #[test]
    fn the_same_id_in_another_case_is_the_same_and_keeps_its_first_spelling() {
        let id = |text| ResourceId::parse(&THING, text).unwrap();
        let mut ids = BTreeSet::from([id("Ab")]);
        assert!(!ids.insert(id("aB")) && ids.insert(id("ac")));
        assert_eq!(ids.first().unwrap().as_str(), "Ab");
        assert!(id("x").matches("X") && !id("x").matches("y"));
    }
}
