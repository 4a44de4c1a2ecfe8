//! What a resource's author implements.
//!
//! Typed by the resource's model; `erased` erases the type for the table of
//! resources. Knows no vendor: `Data` is whatever the provider made of its configuration.

use std::collections::BTreeSet;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::attr::Attr;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::erased::CallContext;
use crate::model::Model;
use crate::path::Path;
use crate::redact::Secrets;
use crate::schema::{Schema, TIMEOUTS, Timeouts, make_storable};
use crate::validate::{invalid, missing};
use crate::value::Value;

pub use crate::erased::{DynResource, resource};
pub use crate::private::Notes;
pub use tokio::time::Instant;
pub use tokio_util::sync::CancellationToken;

/// The result of an operation. A creation that was stopped may fail with warnings only: what it has
/// kept is then a healthy resource; a change must fail with an error, or the plan would count as done.
pub type Result<T> = std::result::Result<T, Diagnostics>;

/// What a provider makes of its configuration.
pub trait ProviderData: Send + Sync + 'static {
    /// How a user has deletion protection ignored for a run. Completes "to destroy it, …".
    const IGNORING_PROTECTION: &'static str = "set `deletion_protection = false` first";

    /// Whether the user did so.
    fn ignores_deletion_protection(&self) -> bool {
        false
    }

    /// What no operation may show: keys, and whatever else of the settings is sensitive, which is not known here. What
    /// answers bring is added to it.
    fn secrets(&self) -> Arc<Secrets> {
        Arc::default()
    }
}

/// Nothing: for a provider without a configuration.
impl ProviderData for () {}

/// What an operation needs besides its values.
pub struct Context<D> {
    /// What the provider made of its configuration.
    pub data: Arc<D>,
    /// Cancelled when the user wants everything to stop. The operation has to look at it wherever it waits, or be dropped
    /// there without loss: nobody cuts it off, since a call that creates something may be under way.
    pub stop: CancellationToken,
    /// What is remembered beside the state, from one operation to the next. It is kept whatever ends the operation.
    pub notes: Notes,
    /// When the operation must have ended. As with [`Context::stop`], it is the operation that keeps to it.
    pub deadline: Instant,
    warnings: Mutex<Diagnostics>,
}

impl<D> Context<D> {
    /// A context for an operation that may take so long from now on.
    pub fn new(data: Arc<D>, stop: CancellationToken, limit: Duration) -> Self {
        let now = Instant::now();
        // A limit beyond the clock's range is as good as a hundred years.
        let century = Duration::from_secs(100 * 365 * 24 * 3600);
        let deadline = now.checked_add(limit.min(century)).unwrap_or(now);
        Self { data, stop, notes: Notes::default(), deadline, warnings: Mutex::default() }
    }

    /// A context for what a call asks for, which may take so long from now on.
    pub(crate) fn of(call: CallContext<D>, limit: Duration) -> Self {
        Self { notes: call.notes, ..Self::new(call.data, call.stop, limit) }
    }

    /// Tells the user something although the operation goes on.
    pub fn warn(&self, summary: &str, detail: impl Into<String>) {
        self.tell(Some(Diagnostic::warning(summary, detail)));
    }

    /// Tells the user what there is to tell, if anything, although the operation goes on.
    pub fn tell(&self, warning: Option<Diagnostic>) {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).0.extend(warning);
    }

    /// Awaits what only waits, such as a pause, a lock, or a call that reads: until it is done, a stop or the deadline. What
    /// is awaited is dropped then; so never a call that creates or changes something, whose answer would be lost.
    ///
    /// # Errors
    /// The stop, or the deadline.
    pub async fn until_stopped<T>(&self, wait: impl Future<Output = T>) -> Result<T> {
        let stopped = "Run the same command again to go on.";
        let late = "Run the same command again to go on. The block `timeouts`, where there is one, allows more time.";
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Diagnostic::error("Operation was stopped", stopped).into()),
            () = tokio::time::sleep_until(self.deadline) => {
                Err(Diagnostic::error("Operation took too long", late).into())
            }
            it = wait => Ok(it),
        }
    }

    /// What was told so far.
    pub fn take_warnings(&self) -> Diagnostics {
        std::mem::take(&mut *self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The state of an object while it is worked on. It lives outside of the operation, so that whatever
/// ends it, a panic included, what exists is returned to the client.
pub type StateCell = Arc<Mutex<Option<Value>>>;

/// Where the state of an object is written while it is worked on.
pub(crate) struct Target {
    pub(crate) cell: StateCell,
    pub(crate) schema: Arc<Schema>,
    /// The block as planned.
    pub(crate) timeouts: Value,
}

/// Writes the state of a resource while it is worked on.
pub struct StateWriter<M> {
    target: Target,
    model: PhantomData<M>,
}

impl<M: Model> StateWriter<M> {
    /// A writer to this cell; `timeouts` is the block as planned.
    pub fn new(cell: StateCell, schema: Arc<Schema>, timeouts: Value) -> Self {
        Self::to(Target { cell, schema, timeouts })
    }

    pub(crate) fn to(target: Target) -> Self {
        Self { target, model: PhantomData }
    }

    /// Remembers this as what exists. Call it as soon as something does, and after each step.
    pub fn save(&self, model: &M) {
        self.target.save(model.to_object());
    }
}

impl Target {
    fn save(&self, object: Value) {
        let state = to_state(&self.schema, object, self.timeouts.clone());
        *self.cell.lock().unwrap_or_else(PoisonError::into_inner) = Some(state);
    }
}

/// A model's object as a state: with the block `timeouts`, and without what is write-only.
pub(crate) fn to_state(schema: &Schema, object: Value, timeouts: Value) -> Value {
    let mut state = object;
    make_storable(&schema.attributes, &mut state);
    if schema.timeouts.is_some() {
        state.set(TIMEOUTS, timeouts);
    }
    state
}

/// A resource whose plan is being made.
pub struct Plan<M> {
    /// What the user wrote.
    pub config: M,
    /// What is in the state; `None`: it will be created.
    pub prior: Option<M>,
    /// The plan so far: defaults are set, and what a creation computes is unknown.
    pub planned: M,
    /// Attributes of an imported object that its API says nothing about and that were not configured since.
    pub not_told: BTreeSet<String>,
    /// What is remembered beside the state; of a replacement, nothing of the old object. What is put in here reaches the
    /// apply of this plan as [`Context::notes`].
    pub notes: Notes,
    /// Whether the client gives what this plan notes to the plan that it makes once more at apply. Where it does not, that
    /// plan must come to the same without it: a value that is made up or read elsewhere has to stay unknown.
    pub remembers: bool,
    /// Attributes that replace the resource, besides those whose definition says so.
    pub replace: Vec<&'static str>,
    /// What the user is told.
    pub(crate) diagnostics: Diagnostics,
}

impl<M> Plan<M> {
    /// Refuses the plan because of this attribute.
    pub fn reject(&mut self, attribute: &str, summary: &str, detail: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(summary, detail).at(Path::root(attribute)));
    }

    /// Warns of what the plan means for this attribute.
    pub fn warn(&mut self, attribute: &str, summary: &str, detail: impl Into<String>) {
        self.diagnostics.push(Diagnostic::warning(summary, detail).at(Path::root(attribute)));
    }
}

/// A change in place: from what is in the state to what is planned. What an import has found and the configuration leaves
/// out is in neither: it is not managed, and a call that writes the whole object has to keep it as it is.
pub struct Changes<M> {
    /// What is in the state.
    pub prior: M,
    /// What is planned, write-only values filled in from the configuration.
    pub planned: M,
}

/// Collects what is wrong between attributes.
#[derive(Default)]
#[non_exhaustive]
pub struct Rules {
    /// What was found.
    pub diagnostics: Diagnostics,
}

impl Rules {
    /// Refuses an attribute's value. The text must not repeat a secret.
    pub fn reject(&mut self, attribute: &str, fault: impl AsRef<str>) {
        self.diagnostics.push(invalid(&Path::root(attribute), fault.as_ref()));
    }

    /// Refuses a configuration that lacks what the value of this attribute needs.
    pub fn lacks(&mut self, attribute: &str, fault: impl Into<String>) {
        self.diagnostics.push(missing(&Path::root(attribute), fault));
    }

    /// Refuses the last of the attributes that are set when it is not the only one. An unknown value may
    /// turn out to be null, so it does not count as set.
    pub fn exclusive(&mut self, attributes: &[(&str, bool)]) {
        let set: Vec<_> = attributes.iter().filter(|(_, set)| *set).map(|(name, _)| *name).collect();
        if let [first, .., last] = set[..] {
            self.reject(last, format!("It cannot be set together with `{first}`: keep one of the two."));
        }
    }

    /// Refuses `attribute` when it is surely set and the one it needs is surely not.
    pub fn needs<A, B>(&mut self, (attribute, value): (&str, &Attr<A>), (other, it): (&str, &Attr<B>)) {
        if value.is_set() && it.is_null() {
            self.reject(attribute, format!("It has a meaning only together with `{other}`: set that too."));
        }
    }
}

/// The form of an id, to tell a wrong one without a call.
pub struct ImportId {
    /// Completes "The id is …".
    pub text: &'static str,
    /// An id of this form.
    pub example: &'static str,
    /// Where a user finds ids, as the end of a sentence: `the page of the project shows it`. Empty: nothing is said of it.
    pub found: &'static str,
    /// Whether a text has the form.
    pub fits: fn(&str) -> bool,
}

/// A managed resource: a model, and what becomes of it.
///
/// Model and life are two types, so that one life cycle can serve many models.
///
/// All operations but `validate` and `plan` may call the API and should return as soon as
/// [`Context::stop`] is cancelled, with what exists in [`StateWriter`].
pub trait Resource: Send + Sync + 'static {
    /// Its attributes.
    type Model: Model + Send + Sync + 'static;

    /// What the provider made of its configuration.
    type Data: ProviderData;

    /// Name of the type in HCL.
    const TYPE: &'static str;

    /// Version of the schema; raise it together with a conversion in [`Resource::upgrade`].
    const VERSION: i64 = 0;

    /// What an id to import looks like. The attribute is `id`. By default any text is one.
    const IMPORT_ID: ImportId =
        ImportId { text: "a text", example: "abc", found: "", fits: |it| !it.is_empty() };

    /// How long operations may take by default; users change it by the block `timeouts`. `None`: there is no such block, and
    /// the deadline is that of the default, twenty minutes.
    const TIMEOUTS: Option<Timeouts> = Some(Timeouts::DEFAULT);

    /// Rules between attributes; no call, no surprise: unknown values pass.
    fn validate(model: &Self::Model, rules: &mut Rules) {
        let _ = (model, rules);
    }

    /// Rules that hold only where a creation is planned, be it to replace: what is imported may lack what
    /// they ask for, since its API never returns it.
    fn validate_creation(model: &Self::Model, rules: &mut Rules) {
        let _ = (model, rules);
    }

    /// Planning that a schema cannot express. Pure: the same input gives the same plan.
    fn plan(plan: &mut Plan<Self::Model>) {
        let _ = plan;
    }

    /// What to say, or to refuse, of a change in place. Not called where something replaces the resource. Pure.
    fn plan_update(prior: &Self::Model, planned: &Self::Model) -> Diagnostics {
        let _ = (prior, planned);
        Diagnostics::default()
    }

    /// Fills in what is unknown in the plan of a creation and can be known before, such as a price out of a catalogue. It
    /// is asked for only where the client gives it to the plan at apply (Terraform from 1.16 on), which answers from it: what
    /// is told otherwise at apply does not change the state.
    ///
    /// Reading calls only, and soon done: the user waits. What cannot be read stays unknown.
    fn foresee(cx: &Context<Self::Data>, planned: Self::Model) -> impl Future<Output = Self::Model> + Send {
        let _ = cx;
        async { planned }
    }

    /// Checks of a plan that need the API; made when the plan itself has no error and changes something. A replacement is
    /// checked as a creation, without `prior`.
    ///
    /// Reading calls only, and soon done: the user waits. What cannot be read is no fault of the plan, so
    /// it must not become an error here.
    fn check_plan(
        cx: &Context<Self::Data>,
        prior: Option<Self::Model>,
        planned: Self::Model,
    ) -> impl Future<Output = Diagnostics> + Send {
        let _ = (cx, prior, planned);
        async { Diagnostics::default() }
    }

    /// Warnings (or an error) before this is destroyed, be it to be replaced.
    fn plan_destroy(state: &Self::Model) -> Diagnostics {
        let _ = state;
        Diagnostics::default()
    }

    /// Creates it. Must [`StateWriter::save`] the id before anything else can fail.
    ///
    /// # Errors
    /// Whatever went wrong; what was kept is returned to the client all the same.
    fn create(
        cx: &Context<Self::Data>,
        plan: Self::Model,
        writer: &StateWriter<Self::Model>,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Reads it back; `None`: it is gone. What the API does not return keeps its value, and an optional attribute that is
    /// null in the state is not managed: it stays null, whatever the API shows, but right after an import, when all is.
    ///
    /// # Errors
    /// It could not be read; never for a thing that is gone.
    fn read(
        cx: &Context<Self::Data>,
        state: Self::Model,
    ) -> impl Future<Output = Result<Option<Self::Model>>> + Send;

    /// Changes it in place. Must [`StateWriter::save`] what each successful step has made true.
    ///
    /// # Errors
    /// A step failed; what was kept is returned to the client.
    fn update(
        cx: &Context<Self::Data>,
        changes: Changes<Self::Model>,
        writer: &StateWriter<Self::Model>,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Destroys it, and returns when it is gone. A thing that is gone already is a success.
    ///
    /// # Errors
    /// It still exists, or nobody knows.
    fn delete(cx: &Context<Self::Data>, state: Self::Model) -> impl Future<Output = Result<()>> + Send;

    /// Converts a state of an older version, as the client stored it.
    ///
    /// # Errors
    /// There is no way from that version.
    fn upgrade(version: i64, state: serde_json::Value) -> Result<serde_json::Value> {
        let _ = state;
        let detail = format!(
            "The state of this {} has the schema version {version}; this provider knows version {}.",
            Self::TYPE,
            Self::VERSION
        );
        Err(Diagnostic::error("State of an unknown schema version", detail).into())
    }
}
