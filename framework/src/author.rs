//! The author's part of a resource, in values: each method turns values into models, calls the author's code, and turns
//! what comes back into values again.
//!
//! This is the only code that is made anew for each resource. The steps around it ([`erased`](crate::erased),
//! [`apply`](crate::apply), [`protection`](crate::protection)) exist once. Knows no client and no note beside a state.

use std::marker::PhantomData;

use async_trait::async_trait;
use serde_json::Value as Json;

use crate::attr::Mismatch;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::Model;
use crate::path::{Path, Step};
use crate::plan;
use crate::private::Notes;
use crate::resource::{Changes, Context, ImportId, Plan, Resource, Result, StateWriter, Target};
use crate::schema::Schema;
use crate::timeouts::Timeouts;
use crate::validate::{validate_creation, validate_model};
use crate::value::Value;

/// What the steps around a resource ask of it.
#[async_trait]
pub(crate) trait Author<D>: Send + Sync {
    /// Name of the type in HCL.
    fn type_name(&self) -> &'static str;

    /// The schema.
    fn schema(&self) -> Schema;

    /// What an id to import looks like.
    fn import_id(&self) -> ImportId;

    /// How long operations may take.
    fn timeouts(&self) -> Option<Timeouts>;

    /// Everything wrong with a configuration that can be told without a call.
    fn validate(&self, schema: &Schema, config: &Value, write_only_allowed: bool) -> Diagnostics;

    /// What a configuration lacks from which something is to be created.
    fn validate_creation(&self, schema: &Schema, config: &Value) -> Diagnostics;

    /// A stored state of an older version, converted.
    fn upgrade(&self, version: i64, state: Json) -> Result<Json>;

    /// Adjusts a plan.
    fn adjust(&self, draft: &mut plan::Draft<'_>) -> std::result::Result<(), Mismatch>;

    /// What to say before this is destroyed, if it can be read.
    fn plan_destroy(&self, state: &Value) -> Diagnostics;

    /// What to say of a change in place, if both can be read.
    fn plan_update(&self, prior: &Value, planned: &Value) -> Diagnostics;

    /// The plan of a creation with what can be known before; `None`: it cannot be read.
    async fn foresee(&self, cx: &Context<D>, planned: &Value) -> Option<Value>;

    /// Checks that need the API; none if the plan cannot be read, which planning has told.
    async fn check_plan(&self, cx: &Context<D>, prior: &Value, planned: &Value) -> Diagnostics;

    /// Creates it.
    async fn create(&self, cx: &Context<D>, planned: &Value, target: Target) -> Result<()>;

    /// Reads it back; `None`: it is gone.
    async fn read(&self, cx: &Context<D>, state: &Value) -> Result<Option<Value>>;

    /// Changes it in place.
    async fn update(&self, cx: &Context<D>, prior: &Value, planned: &Value, target: Target) -> Result<()>;

    /// Destroys it.
    async fn delete(&self, cx: &Context<D>, state: &Value) -> Result<()>;
}

/// The author's part of this resource.
pub(crate) fn author<R: Resource>() -> Box<dyn Author<R::Data>> {
    Box::new(Typed::<R>(PhantomData))
}

struct Typed<R>(PhantomData<fn() -> R>);

/// A value as a model.
///
/// # Errors
/// It does not fit.
pub(crate) fn model<M: Model>(value: &Value) -> Result<M> {
    M::from_object(value).map_err(|it| mismatched(&it).into())
}

#[async_trait]
impl<R: Resource> Author<R::Data> for Typed<R> {
    fn type_name(&self) -> &'static str {
        R::TYPE
    }

    fn schema(&self) -> Schema {
        Schema { version: R::VERSION, timeouts: R::TIMEOUTS, ..Schema::of::<R::Model>() }
    }

    fn import_id(&self) -> ImportId {
        R::IMPORT_ID
    }

    fn timeouts(&self) -> Option<Timeouts> {
        R::TIMEOUTS
    }

    fn validate(&self, schema: &Schema, config: &Value, write_only_allowed: bool) -> Diagnostics {
        validate_model(schema, config, write_only_allowed, R::validate)
    }

    fn validate_creation(&self, schema: &Schema, config: &Value) -> Diagnostics {
        validate_creation(schema, config, R::validate_creation)
    }

    fn upgrade(&self, version: i64, state: Json) -> Result<Json> {
        R::upgrade(version, state)
    }

    fn adjust(&self, draft: &mut plan::Draft<'_>) -> std::result::Result<(), Mismatch> {
        let prior = if draft.prior.is_null() { None } else { Some(R::Model::from_object(draft.prior)?) };
        let mut typed = Plan {
            config: R::Model::from_object(draft.config)?,
            prior,
            planned: R::Model::from_object(&draft.planned)?,
            not_told: draft.private.not_told.clone(),
            notes: Notes::of(&draft.notes),
            remembers: draft.remembers,
            replace: Vec::new(),
            diagnostics: Diagnostics::default(),
        };
        let untouched = typed.planned.to_object();
        R::plan(&mut typed);
        draft.take(&untouched, &typed.planned.to_object());
        draft.replace.extend(typed.replace.into_iter().map(Path::root));
        draft.diagnostics.append(typed.diagnostics);
        draft.notes = typed.notes.all();
        Ok(())
    }

    fn plan_destroy(&self, state: &Value) -> Diagnostics {
        R::Model::from_object(state).map(|it| R::plan_destroy(&it)).unwrap_or_default()
    }

    fn plan_update(&self, prior: &Value, planned: &Value) -> Diagnostics {
        match (R::Model::from_object(prior), R::Model::from_object(planned)) {
            (Ok(prior), Ok(planned)) => R::plan_update(&prior, &planned),
            _ => Diagnostics::default(),
        }
    }

    async fn foresee(&self, cx: &Context<R::Data>, planned: &Value) -> Option<Value> {
        let model = R::Model::from_object(planned).ok()?;
        Some(R::foresee(cx, model).await.to_object())
    }

    async fn check_plan(&self, cx: &Context<R::Data>, prior: &Value, planned: &Value) -> Diagnostics {
        let before = if prior.is_null() { Ok(None) } else { R::Model::from_object(prior).map(Some) };
        match (before, R::Model::from_object(planned)) {
            (Ok(before), Ok(planned)) => R::check_plan(cx, before, planned).await,
            _ => Diagnostics::default(),
        }
    }

    async fn create(&self, cx: &Context<R::Data>, planned: &Value, target: Target) -> Result<()> {
        R::create(cx, model(planned)?, &StateWriter::to(target)).await
    }

    async fn read(&self, cx: &Context<R::Data>, state: &Value) -> Result<Option<Value>> {
        Ok(R::read(cx, model(state)?).await?.map(|it| it.to_object()))
    }

    async fn update(
        &self,
        cx: &Context<R::Data>,
        prior: &Value,
        planned: &Value,
        target: Target,
    ) -> Result<()> {
        let changes = Changes { planned: model(planned)?, prior: model(prior)? };
        R::update(cx, changes, &StateWriter::to(target)).await
    }

    async fn delete(&self, cx: &Context<R::Data>, state: &Value) -> Result<()> {
        R::delete(cx, model(state)?).await
    }
}

/// Tells of a value that does not fit its model.
pub(crate) fn mismatched(mismatch: &Mismatch) -> Diagnostic {
    // A path cannot lead into a set, and which steps do cannot be told here: stay at the attribute.
    let steps = mismatch.path.0.iter().take_while(|it| matches!(it, Step::Attribute(_))).take(1);
    let path = Path(steps.cloned().collect());
    let detail = format!("`{}` must be {}.", mismatch.path, mismatch.wanted);
    Diagnostic::error("Invalid attribute value", detail).at(path)
}
