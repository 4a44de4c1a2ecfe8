//! Resource identities: what tells an object from all others, as a projection of its state.
//!
//! Which attributes they are stands in the definition (`identity`). Nothing is stored of them here, and an identity is
//! whole or absent: clients lose an object over an unknown value in one.

use crate::diagnostics::Diagnostic;
use crate::json;
use crate::path::Path;
use crate::schema::{Attribute, Schema};
use crate::types::Type;
use crate::value::{Value, by_name};

impl Schema {
    /// The attributes of the identity; without any, objects have none.
    pub(crate) fn identity(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|it| it.identity)
    }

    /// Whether objects have an identity.
    pub(crate) fn has_identity(&self) -> bool {
        self.identity().next().is_some()
    }

    /// The type of the identity; `None`: objects have none.
    pub(crate) fn identity_type(&self) -> Option<Type> {
        let types = by_name(self.identity().map(|it| (it.name.to_owned(), it.ty.value_type())));
        (!types.is_empty()).then_some(Type::Object(types))
    }

    /// The identity of an object, once all of it is known.
    pub fn identity_of(&self, object: &Value) -> Option<Value> {
        let whole = by_name(self.identity().map(|it| (it.name.to_owned(), object.get(it.name).clone())));
        let is_whole = whole.values().all(|it| !it.is_null() && it.is_wholly_known());
        (is_whole && !whole.is_empty()).then_some(Value::Map(whole))
    }

    /// What is wrong with an identity that names an object to import: clients pass on what is null or empty.
    pub(crate) fn identity_fault(&self, identity: &Value) -> Option<Diagnostic> {
        let is_lacking = |it: &&Attribute| {
            let value = identity.get(it.name);
            value.is_null() || value.is_unknown() || value.as_str().is_some_and(|it| it.trim().is_empty())
        };
        let name = self.identity().find(is_lacking)?.name;
        let form: Vec<_> = self.identity().map(|it| format!("{} = …", it.name)).collect();
        let detail = format!(
            "`{name}` is missing or empty in the identity. An identity is written `identity = {{ {} }}`.",
            form.join(", ")
        );
        Some(Diagnostic::error("Invalid identity to import", detail).at(Path::root(name)))
    }

    /// A stored identity, converted. What cannot be read is `None`: the next read answers with the right one.
    pub(crate) fn upgrade_identity(&self, stored: &[u8]) -> Option<Value> {
        let ty = self.identity_type()?;
        json::decode(stored, &ty).ok().filter(|it| self.identity_fault(it).is_none())
    }
}

/// The error where an object is another one than its identity says.
pub(crate) fn contradiction(type_name: &str, stored: &Value, answered: &Value) -> Diagnostic {
    let shown = |it: &Value| {
        let members = it.as_map().into_iter().flatten();
        let members: Vec<_> =
            members.map(|(name, it)| format!("{name} = {:?}", it.as_str().unwrap_or("…"))).collect();
        members.join(", ")
    };
    let detail = format!(
        "The state holds a `{type_name}` with {}, and its identity has {}. Neither was changed. If the object of the \
         state is the right one, remove it from the state with `terraform state rm` and import it.",
        shown(answered),
        shown(stored)
    );
    Diagnostic::error("Object of another identity", detail)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::client::value;
    use crate::demo::Disk;

    fn schema() -> Schema {
        Schema::of::<Disk>()
    }

    #[test]
    fn n1_an_identity_is_a_projection_of_the_state_and_whole_or_absent() {
        let schema = schema();
        let of = |object: serde_json::Value| schema.identity_of(&value(&schema, &object));
        assert_eq!(of(json!({"id": "disk-1"})).unwrap().get("id").as_str(), Some("disk-1"));
        assert!(of(json!({})).is_none() && of(json!({"id": "?"})).is_none() && of(json!(null)).is_none());
    }

    #[test]
    fn n8_a_stored_identity_of_any_bytes_is_read_or_absent() {
        let schema = schema();
        let id = schema.upgrade_identity(br#"{"id":"disk-1"}"#).unwrap();
        assert_eq!(id.get("id").as_str(), Some("disk-1"));
        for foreign in
            ["", "null", "{\"id\":\"di", "{\"arn\":\"x\"}", "[]", "{\"id\":null}", "{\"id\":\"\"}", "\u{0}"]
        {
            assert!(schema.upgrade_identity(foreign.as_bytes()).is_none(), "{foreign}");
        }
    }
}
