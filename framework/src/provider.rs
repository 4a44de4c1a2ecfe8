//! A provider: its own configuration, its resources, and the server that finds them by name.
//!
//! Owns what is the same whatever the vendor: the table, the configured data (which a later
//! configuration replaces, as in debug mode), and moving states between the program's addresses.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::action::DynAction;
use crate::data_source::DynDataSource;
use crate::diagnostics::bug;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::ephemeral::DynEphemeralResource;
use crate::erased::{CallContext, DynResource};
use crate::list_resource::DynListResource;
use crate::model::Model;
use crate::private::Notes;
use crate::resource::{Result, Rules};
use crate::schema::Schema;
use crate::types::Type;
use crate::validate::validate_model;
use crate::value::{Value, by_name};

/// What a provider's author implements.
pub trait Provider: Send + Sync + 'static {
    /// The provider block.
    type Config: Model;

    /// What the configuration becomes: clients and settings. An empty `impl ProviderData` is enough, unless it holds
    /// secrets.
    type Data: Send + Sync + 'static;

    /// The source addresses under which this program is released, namespace and name without a registry's host, as users write
    /// them in `required_providers`. The first is that of a program whose file has another name than `terraform-provider-…`, and
    /// has all types. Under any other, whose name is a second prefix of types, the program serves the types of that prefix
    /// alone: clients that know one prefix for each provider refuse the rest.
    const ADDRESSES: &'static [&'static str];

    /// The resources.
    fn resources() -> Vec<Box<dyn DynResource<Self::Data>>>;

    /// The data sources; by default none.
    fn data_sources() -> Vec<Box<dyn DynDataSource<Self::Data>>> {
        Vec::new()
    }

    /// The list resources; by default none.
    fn list_resources() -> Vec<Box<dyn DynListResource<Self::Data>>> {
        Vec::new()
    }

    /// The actions; by default none.
    fn actions() -> Vec<Box<dyn DynAction<Self::Data>>> {
        Vec::new()
    }

    /// The ephemeral resources; by default none.
    fn ephemeral_resources() -> Vec<Box<dyn DynEphemeralResource<Self::Data>>> {
        Vec::new()
    }

    /// Rules between the attributes of the provider block; unknown values pass. By default none.
    fn validate(config: &Self::Config, rules: &mut Rules) {
        let _ = (config, rules);
    }

    /// Makes data of a configuration. No call is made here, and what is missing or unknown is an error
    /// only when it is needed.
    ///
    /// # Errors
    /// A known value is wrong.
    fn configure(config: Self::Config, client_version: &str) -> Result<Self::Data>;
}

/// What a provider has of one kind, by type name.
pub struct Table<T: ?Sized> {
    /// What one is called.
    what: &'static str,
    entries: BTreeMap<&'static str, Box<T>>,
}

impl<T: ?Sized> Table<T> {
    fn new(what: &'static str, entries: Vec<Box<T>>, name: fn(&T) -> &'static str, prefix: &str) -> Self {
        let named = entries.into_iter().map(|it| (name(&it), it));
        Self { what, entries: by_name(named.filter(|(name, _)| name.starts_with(prefix))) }
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.values().map(AsRef::as_ref)
    }

    /// The one of this name.
    ///
    /// # Errors
    /// There is none.
    pub fn get(&self, name: &str) -> Result<&T> {
        self.entries.get(name).map(AsRef::as_ref).ok_or_else(|| {
            let detail = format!("This provider has no {} `{name}`.", self.what);
            Diagnostic::error(format!("Unknown {}", self.what), detail).into()
        })
    }
}

/// A provider at work.
pub struct Server<P: Provider> {
    schema: OnceLock<(Schema, Type)>,
    resources: Table<dyn DynResource<P::Data>>,
    data_sources: Table<dyn DynDataSource<P::Data>>,
    /// The list resources.
    pub(crate) list_resources: Table<dyn DynListResource<P::Data>>,
    /// The actions.
    pub(crate) actions: Table<dyn DynAction<P::Data>>,
    /// The ephemeral resources.
    pub(crate) ephemeral_resources: Table<dyn DynEphemeralResource<P::Data>>,
    data: Mutex<Option<Arc<P::Data>>>,
}

impl<P: Provider> Default for Server<P> {
    /// A server of all types that is not configured yet.
    fn default() -> Self {
        Self::of_prefix("")
    }
}

impl<P: Provider> Server<P> {
    /// What the program serves under the address of this name.
    pub(crate) fn released_as(name: &str) -> Self {
        let mut others = P::ADDRESSES.iter().skip(1).filter_map(|it| it.rsplit('/').next());
        match others.any(|it| it == name) {
            true => Self::of_prefix(&format!("{name}_")),
            false => Self::default(),
        }
    }

    fn of_prefix(prefix: &str) -> Self {
        let ephemeral_resources = P::ephemeral_resources();
        Self {
            schema: OnceLock::new(),
            resources: Table::new("resource type", P::resources(), |it| it.type_name(), prefix),
            data_sources: Table::new("data source", P::data_sources(), |it| it.type_name(), prefix),
            list_resources: Table::new("list resource", P::list_resources(), |it| it.type_name(), prefix),
            actions: Table::new("action", P::actions(), |it| it.type_name(), prefix),
            ephemeral_resources: Table::new(
                "ephemeral resource",
                ephemeral_resources,
                |it| it.type_name(),
                prefix,
            ),
            data: Mutex::default(),
        }
    }

    /// The schema of the provider block, and its type.
    pub fn schema(&self) -> &(Schema, Type) {
        self.schema.get_or_init(|| {
            let schema = Schema::unplanned(P::Config::TEXT, P::Config::attributes());
            let ty = schema.ty();
            (schema, ty)
        })
    }

    /// The resources by name.
    pub fn resources(&self) -> impl Iterator<Item = &dyn DynResource<P::Data>> {
        self.resources.iter()
    }

    /// The resource of this type.
    ///
    /// # Errors
    /// There is none.
    pub fn resource(&self, type_name: &str) -> Result<&dyn DynResource<P::Data>> {
        self.resources.get(type_name)
    }

    /// The data sources by name.
    pub fn data_sources(&self) -> impl Iterator<Item = &dyn DynDataSource<P::Data>> {
        self.data_sources.iter()
    }

    /// The data source of this type.
    ///
    /// # Errors
    /// There is none.
    pub fn data_source(&self, type_name: &str) -> Result<&dyn DynDataSource<P::Data>> {
        self.data_sources.get(type_name)
    }

    /// Everything wrong with a provider block that can be told without a call.
    pub fn validate(&self, config: &Value) -> Diagnostics {
        validate_model(&self.schema().0, config, false, P::validate)
    }

    /// Takes a configuration, in place of an earlier one.
    pub fn configure(&self, config: &Value, client_version: &str) -> Diagnostics {
        let mut diagnostics = self.validate(config);
        if diagnostics.has_error() {
            return diagnostics;
        }
        let configured = P::Config::from_object(config)
            .map_err(|it| bug(&format!("the provider block does not fit: {}", it.wanted)).into())
            .and_then(|config| P::configure(config, client_version));
        match configured {
            Ok(data) => *self.data.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(data)),
            Err(failure) => diagnostics.append(failure),
        }
        diagnostics
    }

    /// What an operation works with.
    ///
    /// # Errors
    /// The provider was not configured.
    pub fn context(&self, stop: CancellationToken) -> Result<CallContext<P::Data>> {
        let data = self.data.lock().unwrap_or_else(PoisonError::into_inner).clone();
        data.map(|data| CallContext { data, stop, notes: Notes::default() }).ok_or_else(|| {
            let detail = "Terraform asked for an operation before it configured the provider.";
            Diagnostic::error("Provider not configured", detail).into()
        })
    }

    /// A state that moves here from another provider's resource: the same type under another address of
    /// this program is the only source.
    ///
    /// # Errors
    /// Any other source.
    pub(crate) fn move_state(
        &self,
        (address, source): (&str, &str),
        target: &str,
        version: i64,
        state: &[u8],
    ) -> Result<Value> {
        let resource = self.resource(target)?;
        let ours = P::ADDRESSES.iter().any(|it| address == *it || address.ends_with(&format!("/{it}")));
        if ours && source == target {
            return resource.upgrade(version, state);
        }
        let detail = format!(
            "A `{source}` of `{address}` cannot become a `{target}`. Supported: a `{target}` of {}.",
            P::ADDRESSES.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(" or ")
        );
        Err(Diagnostic::error("Resource cannot be moved from there", detail).into())
    }
}

#[cfg(test)]
mod tests;
