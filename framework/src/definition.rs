//! What is configured and never planned: the part that data sources, list resources, actions and ephemeral resources
//! have in common.
//!
//! Owns their names, schemas and checks. What each of them does with a configuration is its own matter.

use std::sync::OnceLock;

use crate::diagnostics::Diagnostics;
use crate::model::Model;
use crate::schema::Schema;
use crate::types::Type;
use crate::value::Value;

/// Name, schema and checks of a configuration. The schema and its type are made when first needed: most processes need
/// the schemas of all, and the types of few.
pub struct Definition {
    type_name: &'static str,
    make: fn() -> Schema,
    check: fn(&Schema, &Value) -> Diagnostics,
    schema: OnceLock<Schema>,
    ty: OnceLock<Type>,
}

impl Definition {
    /// The definition of a model.
    pub(crate) fn of<M: Model>(type_name: &'static str, check: fn(&Schema, &Value) -> Diagnostics) -> Self {
        let make = || Schema::unplanned(M::TEXT, M::attributes());
        Self { type_name, make, check, schema: OnceLock::new(), ty: OnceLock::new() }
    }

    /// A configuration with an element for each attribute: clients may send null where a user wrote no block.
    pub(crate) fn whole(&self, config: Value) -> Value {
        if config.is_null() { self.schema().null_object() } else { config }
    }

    fn schema(&self) -> &Schema {
        self.schema.get_or_init(self.make)
    }
}

/// Something that has a definition.
pub trait Defined: Send + Sync {
    /// The definition.
    fn definition(&self) -> &Definition;

    /// Name of the type in HCL.
    fn type_name(&self) -> &'static str {
        self.definition().type_name
    }

    /// The schema.
    fn schema(&self) -> &Schema {
        self.definition().schema()
    }

    /// The type of the schema's objects.
    fn ty(&self) -> &Type {
        self.definition().ty.get_or_init(|| self.schema().ty())
    }

    /// Everything wrong with a configuration that can be told without a call.
    fn validate(&self, config: &Value) -> Diagnostics {
        (self.definition().check)(self.schema(), config)
    }
}
