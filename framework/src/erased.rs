//! Resources without their types: what the table of a provider holds and the plugin layer calls.
//!
//! Owns the steps that are the same for every resource around the [author's code](crate::author), and what a client may
//! never see. [`apply`](crate::apply) and [`import`] have theirs.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Map, Value as Json};
use tokio_util::sync::CancellationToken;

use crate::apply::{Apply, Outcome, applied, known};
use crate::author::{Author, author, mismatched};
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::equality::{Forms, keep_form};
use crate::generate::config_of;
use crate::guarded;
use crate::identity;
use crate::import;
use crate::json;
use crate::plan::{self, Planned, Proposal};
use crate::private::{FORESEEN, Notes, Private};
use crate::protection;
use crate::resource::{Context, ProviderData, Resource, Result, StateCell, to_state};
use crate::schema::{Schema, TIMEOUTS, make_storable};
use crate::types::Type;
use crate::value::Value;

/// Longest time for reading one resource, retries included.
pub(crate) const READ_LIMIT: Duration = Duration::from_secs(300);

/// Longest time for the checks of a plan that need the API.
pub(crate) const CHECK_LIMIT: Duration = Duration::from_secs(15);

/// What an operation has from the server: configured data and the stop signal.
pub struct CallContext<D> {
    /// What the provider made of its configuration.
    pub(crate) data: Arc<D>,
    /// Cancelled when the user wants everything to stop.
    pub(crate) stop: CancellationToken,
    /// The author's notes beside the state, before and after.
    pub(crate) notes: Notes,
}

impl<D> Clone for CallContext<D> {
    fn clone(&self) -> Self {
        Self { data: Arc::clone(&self.data), stop: self.stop.clone(), notes: self.notes.clone() }
    }
}

/// A resource of any model.
#[async_trait]
pub trait DynResource<D>: Send + Sync {
    /// Name of the type in HCL.
    fn type_name(&self) -> &'static str;

    /// The schema, made on first use.
    fn schema(&self) -> &Schema;

    /// The type of the schema's objects.
    fn ty(&self) -> &Type;

    /// Everything wrong with a configuration that can be told without a call.
    fn validate(&self, config: &Value, write_only_allowed: bool) -> Diagnostics;

    /// A stored state, converted to this schema.
    ///
    /// # Errors
    /// It has another shape, or a version that nobody knows.
    fn upgrade(&self, version: i64, state: &[u8]) -> Result<Value>;

    /// Plans a creation, a change or a destruction.
    fn plan(&self, proposal: &Proposal) -> Planned;

    /// Puts into the plan of a creation what is known beforehand, where the client gives it to the plan at apply.
    async fn foresee(&self, context: CallContext<D>, proposal: &Proposal, planned: &mut Planned);

    /// Checks a plan against deletion protection and the API.
    async fn check_plan(
        &self,
        context: CallContext<D>,
        proposal: &Proposal,
        planned: &Planned,
    ) -> Diagnostics;

    /// Reads the resource back.
    async fn read(&self, context: CallContext<D>, state: Value, private: Private) -> Outcome;

    /// Creates, changes or destroys. `cell` shows what exists at any moment.
    async fn apply(&self, context: CallContext<D>, apply: Apply, cell: StateCell) -> Outcome;

    /// The state of an import, to be read next: by an object that holds the `id`, or the whole identity.
    ///
    /// # Errors
    /// The id cannot be one.
    fn import_by(&self, key: &Value) -> Result<(Value, Private)>;

    /// What a user would write for an object of this state.
    fn generate(&self, state: &Value) -> Value {
        config_of(self.schema(), state)
    }

    /// The state of an import by id.
    ///
    /// # Errors
    /// The id cannot be one.
    fn import(&self, id: &str) -> Result<(Value, Private)> {
        self.import_by(&Value::Map([("id".to_owned(), Value::from(id))].into()))
    }
}

/// The table's entry for a resource.
pub fn resource<R: Resource>() -> Box<dyn DynResource<R::Data>> {
    Box::new(Entry { author: author::<R>(), schema: OnceLock::new(), ty: OnceLock::new() })
}

struct Entry<D> {
    author: Box<dyn Author<D>>,
    /// Made when first needed, as is the type: most processes need the schemas of all, and the types of few.
    schema: OnceLock<Arc<Schema>>,
    ty: OnceLock<Type>,
}

impl<D: ProviderData> Entry<D> {
    fn author(&self) -> &dyn Author<D> {
        self.author.as_ref()
    }

    fn shared_schema(&self) -> &Arc<Schema> {
        self.schema.get_or_init(|| Arc::new(self.author.schema()))
    }

    async fn checked(&self, context: CallContext<D>, proposal: &Proposal, planned: &Planned) -> Diagnostics {
        let schema = self.schema();
        let proposal = &managed(schema, proposal);
        context.notes.replace(&planned.private.notes);
        let cx = Context::of(context, CHECK_LIMIT);
        let mut found = protection::check_plan(self.author(), &cx, schema, proposal, planned).await;
        let replaces = !planned.replace.is_empty();
        let (prior, planned) = (&proposal.prior, &planned.value);
        let changes_nothing = || plan::is_free(schema, prior, planned, &Private::default());
        if found.has_error() || planned.is_null() || !prior.is_null() && changes_nothing() {
            return found;
        }
        if replaces {
            let new = self.plan(&as_creation(proposal)).value;
            found.append(self.author.check_plan(&cx, &Value::Null, &new).await);
        } else if !(prior.is_null() && proposal.private.replaces) {
            found.append(self.author.check_plan(&cx, prior, planned).await);
        }
        found = guarded::out_of(found, schema, planned);
        tell_way_to_destroy(proposal, &mut found);
        found
    }

    /// Fills in what the resource knows of what is unknown, and returns it.
    async fn foreseen(&self, context: CallContext<D>, planned: &mut Planned) -> Map<String, Json> {
        let (data, secrets) = (Arc::clone(&context.data), guarded::secrets(self.schema(), &[&planned.value]));
        let cx = Context::of(context, CHECK_LIMIT);
        let mut noted = Map::new();
        let foreseen = guarded::guarded(&data, secrets, self.author.foresee(&cx, &planned.value)).await;
        let Some(seen) = foreseen else { return noted };
        for it in self.schema().attributes.iter().filter(|it| it.computed && !it.is_secret()) {
            let value = seen.get(it.name);
            if planned.value.get(it.name).is_unknown() && value.is_wholly_known() {
                planned.value.set(it.name, value.clone());
                noted.insert(it.name.to_owned(), Json::from(value));
            }
        }
        noted
    }

    async fn read_back(&self, context: CallContext<D>, state: Value, mut private: Private) -> Outcome {
        let is_unread = import::is_unread(self.schema(), &state);
        context.notes.replace(&private.notes);
        let cx = Context::of(context, READ_LIMIT);
        let outcome = self.author.read(&cx, &state).await;
        let mut diagnostics = cx.take_warnings();
        let state = match outcome {
            Ok(Some(object)) => {
                let mut read = known(to_state(self.schema(), object, state.get(TIMEOUTS).clone()));
                if is_unread {
                    import::note_told(self.schema(), &mut private, &mut read);
                }
                keep_form(&self.schema().attributes, &state, &mut read, Forms::All);
                match (self.schema().identity_of(&state), self.schema().identity_of(&read)) {
                    (Some(stored), Some(answered)) if stored != answered => {
                        diagnostics.push(identity::contradiction(self.type_name(), &stored, &answered));
                        state
                    }
                    _ => read,
                }
            }
            Ok(None) if is_unread => {
                diagnostics.push(import::nothing_to_import(
                    self.type_name(),
                    &self.author.import_id(),
                    &state,
                ));
                state
            }
            Ok(None) => Value::Null,
            Err(failure) => {
                diagnostics.append(failure);
                state
            }
        };
        private.notes = cx.notes.all();
        Outcome { private: private.for_state(&state), state, diagnostics }
    }
}

#[async_trait]
impl<D: ProviderData> DynResource<D> for Entry<D> {
    fn type_name(&self) -> &'static str {
        self.author.type_name()
    }

    fn schema(&self) -> &Schema {
        self.shared_schema()
    }

    fn ty(&self) -> &Type {
        self.ty.get_or_init(|| self.schema().ty())
    }

    fn validate(&self, config: &Value, write_only_allowed: bool) -> Diagnostics {
        self.author.validate(self.schema(), config, write_only_allowed)
    }

    fn upgrade(&self, version: i64, state: &[u8]) -> Result<Value> {
        let unreadable = |error: &dyn std::fmt::Display| {
            let detail = format!("The stored state of this {} cannot be read: {error}.", self.type_name());
            Diagnostics::from(Diagnostic::error("Stored state cannot be read", detail))
        };
        let mut state = if version == self.schema().version {
            json::decode(state, self.ty()).map_err(|error| unreadable(&error))?
        } else {
            let state = json::parse(state).map_err(|error| unreadable(&error))?;
            let upgraded = self.author.upgrade(version, state)?.to_string();
            json::decode(upgraded.as_bytes(), self.ty()).map_err(|error| unreadable(&error))?
        };
        if state.as_map().is_none() {
            return Err(unreadable(&"it is not an object"));
        }
        make_storable(&self.schema().attributes, &mut state);
        Ok(state)
    }

    fn plan(&self, proposal: &Proposal) -> Planned {
        let schema = self.schema();
        let told = &proposal.prior;
        let proposal = &managed(schema, proposal);
        let destroys = proposal.proposed.is_null();
        let mut planned = match destroys {
            true => plan::plan_destroy(proposal),
            false => plan::plan(schema, proposal, |draft| {
                if let Err(mismatch) = self.author.adjust(draft) {
                    draft.diagnostics.push(mismatched(&mismatch));
                }
            }),
        };
        if !destroys && (proposal.prior.is_null() || !planned.replace.is_empty()) {
            let lacking = self.author.validate_creation(schema, &proposal.config);
            planned.diagnostics.append(lacking);
        }
        if destroys || !planned.replace.is_empty() {
            planned.diagnostics.append(self.author.plan_destroy(&proposal.prior));
        } else if !proposal.prior.is_null() {
            planned.diagnostics.append(self.author.plan_update(&proposal.prior, &planned.value));
        }
        tell_way_to_destroy(proposal, &mut planned.diagnostics);
        // What replaces leaves nothing as it is.
        if !planned.diagnostics.has_error() && planned.replace.is_empty() {
            planned.diagnostics.append(import::left_out(schema, told, &proposal.prior));
        }
        planned
    }

    async fn foresee(&self, context: CallContext<D>, proposal: &Proposal, planned: &mut Planned) {
        if !proposal.prior.is_null() || planned.value.is_null() {
            return;
        }
        if let Some(first) = &proposal.planned_private {
            let noted = first.notes.get(FORESEEN).and_then(Json::as_object);
            for (name, seen) in noted.into_iter().flatten() {
                if planned.value.get(name).is_unknown() {
                    planned.value.set(name, Value::from(seen));
                }
            }
        } else if proposal.remembers {
            let seen = self.foreseen(context, planned).await;
            if !seen.is_empty() {
                planned.private.notes.insert(FORESEEN.to_owned(), Json::Object(seen));
            }
        }
    }

    async fn check_plan(
        &self,
        context: CallContext<D>,
        proposal: &Proposal,
        planned: &Planned,
    ) -> Diagnostics {
        let data = Arc::clone(&context.data);
        let secrets = guarded::secrets(self.schema(), &[&proposal.config, &proposal.prior, &planned.value]);
        guarded::guarded(&data, secrets, Box::pin(self.checked(context, proposal, planned))).await
    }

    async fn read(&self, context: CallContext<D>, state: Value, private: Private) -> Outcome {
        let (data, secrets) = (Arc::clone(&context.data), guarded::secrets(self.schema(), &[&state]));
        let read = async {
            let outcome = self.read_back(context, state, private).await;
            without_secrets(self.schema(), outcome)
        };
        guarded::guarded(&data, secrets, Box::pin(read)).await
    }

    async fn apply(&self, context: CallContext<D>, apply: Apply, cell: StateCell) -> Outcome {
        let schema = self.shared_schema();
        let data = Arc::clone(&context.data);
        let secrets = guarded::secrets(schema, &[&apply.config, &apply.prior, &apply.planned]);
        let work = async {
            let notes = context.notes.clone();
            notes.replace(&apply.private.notes);
            let mut outcome = applied(self.author(), schema, context, apply, cell).await;
            outcome.private.notes = notes.after_apply();
            without_secrets(schema, outcome)
        };
        guarded::guarded(&data, secrets, Box::pin(work)).await
    }

    fn import_by(&self, key: &Value) -> Result<(Value, Private)> {
        import::import(self.type_name(), &self.author.import_id(), self.schema(), key)
    }
}

fn without_secrets(schema: &Schema, mut outcome: Outcome) -> Outcome {
    guarded::out_of_state(&schema.attributes, &mut outcome.state);
    outcome.diagnostics = guarded::out_of(outcome.diagnostics, schema, &outcome.state);
    outcome
}

/// A proposal whose prior state holds what the configuration manages, and nothing else.
fn managed<'p>(schema: &Schema, proposal: &'p Proposal) -> Cow<'p, Proposal> {
    if proposal.private.taken_over.is_empty() {
        return Cow::Borrowed(proposal);
    }
    let mut managed = proposal.clone();
    import::keep_managed(schema, &managed.private, &managed.config, &mut managed.prior);
    Cow::Owned(managed)
}

/// The second plan of a replacement, which is that of its creation. Clients show no warning of it, so what there is to say
/// is said by the first.
fn as_creation(proposal: &Proposal) -> Proposal {
    let config = proposal.config.clone();
    Proposal { proposed: config.clone(), config, ..Proposal::default() }
}

/// Completes an error about a change of what exists: clients plan it before they destroy, too, to refresh.
fn tell_way_to_destroy(proposal: &Proposal, diagnostics: &mut Diagnostics) {
    let changes = !proposal.prior.is_null() && !proposal.proposed.is_null();
    if let (true, Some(error)) =
        (changes, diagnostics.0.iter_mut().rev().find(|it| it.severity == Severity::Error))
    {
        error.detail.push_str(" To destroy it without this change, destroy with `-refresh=false`.");
    }
}

#[cfg(test)]
mod tests;
