//! What is made, listed, changed and removed, and costs nothing by the hour: storages, logins, networks.
//!
//! [`Stored`] is what the author of such a resource writes; its life is the same for all of them, and stands
//! here. What is rented by the hour has more to it: [`Rented`](crate::provider::life_cycle::rented::Rented).

use std::future::Future;
use std::marker::PhantomData;

use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use tfplugin::attr::Attr;
use tfplugin::body;
use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::model::Model;
use tfplugin::resource::{Changes, ImportId, Plan, Resource, Result, Rules, StateWriter};
use tfplugin::schema::{Schema, Timeouts};

use crate::api;
use crate::api::client::Client;
use crate::api::error::Error;
use crate::provider::clients::{Clients, Cx, Vendors as _};
use crate::provider::error_context::capitalised;
use crate::provider::life_cycle::change::Change;
use crate::provider::life_cycle::choice::{Candidate, Choice};
use crate::provider::life_cycle::judge::{After, Goal};
use crate::provider::life_cycle::remote::{Answer, Remote};
use crate::provider::life_cycle::waiter::{End, UNKNOWN};
use crate::provider::life_cycle::{create, read, removal};
use crate::provider::paging::Element as _;
use crate::provider::read_back::{Origin, ReadBack};

/// Where users find ids, of whatever kind: the end of a sentence about imports.
pub(crate) const FOUND: &str = "the vendor's console shows the id";

/// A resource that is made, listed, changed and removed. Its model is the implementing type.
pub(crate) trait Stored: Model + Clone + Send + Sync + 'static {
    /// Name of the type in HCL.
    const TYPE: &'static str;

    /// What a sentence calls one: `network storage`.
    const THING: &'static str;

    /// How to find one by hand, in a full sentence.
    const BY_HAND: &'static str;

    /// What an id to import looks like; the ids of create answers must look so too.
    const IMPORT_ID: ImportId;

    /// How long operations may take by default.
    const TIMEOUTS: Timeouts;

    /// Whether one costs money as long as it exists.
    const COSTS: bool = true;

    /// Whether a successful answer to the create call tells the id for sure; where it need not, [`Stored::post`] may answer
    /// with an empty one, and what was made is found in the list.
    const TELLS_ID: bool = true;

    /// Attributes by which one is recognised, beside its name, when the answer to its creation is lost.
    const MATCH: &'static [&'static str];

    /// What the API shows of one.
    type Answer: Answer;

    /// The vendor's client.
    ///
    /// # Errors
    /// There are no credentials.
    fn client(cx: &Cx) -> Result<&Client>;

    /// Its id.
    fn id(&self) -> &Attr<String>;

    /// Its id, to be set.
    fn id_mut(&mut self) -> &mut Attr<String>;

    /// Its name, where such things have one.
    fn name_mut(&mut self) -> Option<&mut Attr<String>> {
        None
    }

    /// Whether the state knows nothing but the id, as after an import.
    fn is_just_imported(&self) -> bool;

    /// Whether the state shows that it was made and that nothing was seen of it since: an API that does not know it may not
    /// know it yet. See [`is_unseen`], which asks this.
    fn is_unseen(&self, now: Timestamp) -> bool {
        let _ = now;
        false
    }

    /// Whether creating waits until it is ready.
    fn is_waited_for(&self) -> bool {
        true
    }

    /// Rules between attributes; no call: unknown values pass.
    fn validate(&self, rules: &mut Rules) {
        let _ = rules;
    }

    /// Rules that hold only where a creation is planned.
    fn validate_creation(&self, rules: &mut Rules) {
        let _ = rules;
    }

    /// Planning that a schema cannot express. Pure.
    fn plan(plan: &mut Plan<Self>) {
        let _ = plan;
    }

    /// What to say, or to refuse, of a change in place from this to what is planned. Pure.
    fn plan_update(&self, planned: &Self) -> Diagnostics {
        let _ = planned;
        Diagnostics::default()
    }

    /// Warnings (or an error) before this is destroyed, be it to be replaced.
    fn plan_destroy(&self) -> Diagnostics {
        Diagnostics::default()
    }

    /// Checks of a plan that need the API; what cannot be read is no fault of the plan.
    fn check_plan(cx: &Cx, prior: Option<Self>, planned: Self) -> impl Future<Output = Diagnostics> + Send {
        let _ = (cx, prior, planned);
        async { Diagnostics::default() }
    }

    /// Fills in what a creation needs and the plan does not know.
    fn prepare(&mut self, cx: &Cx) -> impl Future<Output = ()> + Send {
        let _ = cx;
        async {}
    }

    /// The choices that it may leave open.
    fn choices(&mut self) -> Vec<Choice<'_>> {
        Vec::new()
    }

    /// How long to go through the candidates again while there is no hardware: `capacity_timeout`.
    fn capacity_timeout(&self) -> Option<&Attr<String>> {
        None
    }

    /// Those of the candidates that may be made now, in the order in which they are tried: what is surely to be had first.
    /// `is_first`: what the plan has read is new enough.
    ///
    /// # Errors
    /// None of them may be made; nothing was.
    fn weigh(
        cx: &Cx,
        candidates: Vec<Candidate<Self>>,
        is_first: bool,
    ) -> impl Future<Output = Result<Vec<Candidate<Self>>>> + Send {
        let _ = (cx, is_first);
        async { Ok(candidates) }
    }

    /// Adds to a refusal for want of hardware where else there is some.
    fn advise(&self, remote: &Remote<'_, Self::Answer>, error: Error) -> impl Future<Output = Error> + Send {
        let _ = remote;
        async { error }
    }

    /// Sends the create call. The answer need have nothing but the id; see [`Stored::TELLS_ID`].
    ///
    /// # Errors
    /// [`Error::Ambiguous`] when something may have been made; any other: nothing was.
    fn post(
        &self,
        remote: &Remote<'_, Self::Answer>,
    ) -> impl Future<Output = api::error::Result<Self::Answer>> + Send;

    /// Whether the refusal of a create passes by itself within seconds.
    fn passes(error: &Error) -> bool {
        let _ = error;
        false
    }

    /// Changes it in place, from what is true now to what is planned. Each step that has worked is saved.
    ///
    /// # Errors
    /// A step failed.
    fn change(step: &mut Change<'_, Self>) -> impl Future<Output = Result<()>> + Send;

    /// What is true of a new one until [`Rented::set_up`](crate::provider::life_cycle::rented::Rented::set_up) has worked;
    /// `None`: its creation takes all of it.
    fn before_set_up(&self) -> Option<Self> {
        None
    }

    /// Sends the call that removes it. Does not wait.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it cannot be removed now, as it is in use or on its way.
    fn remove(
        &self,
        remote: &Remote<'_, Self::Answer>,
    ) -> impl Future<Output = api::error::Result<()>> + Send;

    /// What uses it, so that it cannot be removed: for the message, each as a sentence names it.
    fn users(cx: &Cx, id: &str) -> impl Future<Output = Vec<String>> + Send {
        let _ = (cx, id);
        async { Vec::new() }
    }

    /// Fills in what a get leaves out and the state has never learnt.
    ///
    /// # Errors
    /// Those of the calls.
    fn complete(
        &self,
        remote: &Remote<'_, Self::Answer>,
        answer: Self::Answer,
    ) -> impl Future<Output = api::error::Result<Self::Answer>> + Send {
        let _ = remote;
        async { Ok(answer) }
    }

    /// Fills in what a list leaves out by this state, which still holds as far as the list's
    /// [mark](Answer::mark) tells.
    fn complete_listed(&self, listed: &mut Self::Answer) {
        let _ = listed;
    }

    /// Refuses what is of another type behind the same API.
    ///
    /// # Errors
    /// It is; the message says which resource is for it.
    fn accept(answer: &Self::Answer) -> Result<()> {
        let _ = answer;
        Ok(())
    }

    /// Takes over what the API says, all but the id.
    fn read_back(&mut self, answer: Self::Answer, origin: Origin) -> ReadBack;

    /// Fills in what no answer tells of one that was imported; it must not fail.
    fn appraise(&mut self, cx: &Cx) -> impl Future<Output = ()> + Send {
        let _ = cx;
        async {}
    }

    /// What to tell of one that is there, whenever it is read.
    fn notice(answer: &Self::Answer) -> Option<Diagnostic> {
        let _ = answer;
        None
    }

    /// Why one that was in this state is gone, where that is known.
    fn why_gone(&self) -> Option<Diagnostic> {
        None
    }

    /// The body that the definition of the attributes makes.
    fn body(&self) -> Map<String, Json> {
        body::body(&Schema::of::<Self>(), &self.to_object())
    }

    /// An operation's way to things of this kind.
    ///
    /// # Errors
    /// There are no credentials.
    fn remote(cx: &Cx) -> Result<Remote<'_, Self::Answer>> {
        let client = Self::client(cx)?;
        Ok(Remote::new(client, cx.call(), cx.data.shared(), Self::THING))
    }

    /// Takes over what the API says. The id keeps its first spelling.
    fn take(&mut self, answer: Self::Answer, origin: Origin) -> ReadBack {
        let id = match self.id().text() {
            Some(id) if id.eq_ignore_ascii_case(answer.id()) => id.to_owned(),
            Some(_) | None => answer.id().to_owned(),
        };
        let back = self.read_back(answer, origin);
        *self.id_mut() = id.into();
        back
    }
}

/// The note beside a state of the mark that was seen with it.
const MARK: &str = "mark";

/// Takes note of the mark of what a state was made of.
pub(crate) fn note_mark<A: Answer>(cx: &Cx, seen: &A) {
    if let Some(mark) = seen.mark() {
        cx.notes.set(MARK, mark);
    }
}

/// Whether what a list leaves out is still as the state has it.
pub(crate) fn is_marked_so<A: Answer>(cx: &Cx, listed: &A) -> bool {
    listed.mark().is_none_or(|it| !it.is_empty() && cx.notes.get(MARK).is_some_and(|noted| noted == it))
}

/// The note beside a state that nothing was seen of the thing since it was made.
const UNSEEN: &str = "unseen";

/// Whether a thing was made, and nothing was seen of it since.
pub(crate) fn is_unseen<S: Stored>(cx: &Cx, state: &S, now: Timestamp) -> bool {
    cx.notes.get(UNSEEN).is_some() || state.is_unseen(now)
}

/// Takes note that a thing was seen.
pub(crate) fn is_seen(cx: &Cx) {
    cx.notes.forget(UNSEEN);
}

/// The note beside a state that a new thing was not set up: what the state says of that does not hold.
const NOT_SET_UP: &str = "not_set_up";

/// Saves a new thing as it is until it is set up, and takes note of that.
pub(crate) fn save_new<S: Stored>(cx: &Cx, writer: &StateWriter<S>, model: &S) {
    match model.before_set_up() {
        Some(before) => {
            cx.notes.set(NOT_SET_UP, true);
            writer.save(&before);
        }
        None => writer.save(model),
    }
}

/// Takes note that a thing was set up.
pub(crate) fn is_set_up(cx: &Cx) {
    cx.notes.forget(NOT_SET_UP);
}

/// A state as it is if its thing was not set up: a creation that was stopped keeps what was planned.
pub(crate) fn as_set_up<S: Stored>(cx: &Cx, state: S) -> S {
    let before = cx.notes.get(NOT_SET_UP).and_then(|_| state.before_set_up());
    before.unwrap_or(state)
}

/// The life of what is stored.
pub(crate) struct StoredLife<S>(PhantomData<fn() -> S>);

impl<S: Stored> Resource for StoredLife<S> {
    type Model = S;
    type Data = Clients;

    const TYPE: &'static str = S::TYPE;
    const IMPORT_ID: ImportId = S::IMPORT_ID;
    const TIMEOUTS: Option<Timeouts> = Some(S::TIMEOUTS);

    fn validate(model: &S, rules: &mut Rules) {
        model.validate(rules);
    }

    fn validate_creation(model: &S, rules: &mut Rules) {
        model.validate_creation(rules);
    }

    fn plan(plan: &mut Plan<S>) {
        S::plan(plan);
    }

    fn plan_update(prior: &S, planned: &S) -> Diagnostics {
        prior.plan_update(planned)
    }

    fn plan_destroy(state: &S) -> Diagnostics {
        state.plan_destroy()
    }

    async fn check_plan(cx: &Cx, prior: Option<S>, planned: S) -> Diagnostics {
        S::check_plan(cx, prior, planned).await
    }

    async fn create(cx: &Cx, plan: S, writer: &StateWriter<S>) -> Result<()> {
        let (remote, mut model) = create::make(cx, plan, writer).await?;
        cx.notes.set(UNSEEN, true);
        if !model.is_waited_for() {
            return Ok(());
        }
        create::kept(cx, show(cx, &remote, &mut model, writer).await)
    }

    async fn read(cx: &Cx, state: S) -> Result<Option<S>> {
        read::read(cx, state).await
    }

    async fn update(cx: &Cx, changes: Changes<S>, writer: &StateWriter<S>) -> Result<()> {
        let mut step = Change::begin(cx, changes, writer).await?;
        S::change(&mut step).await?;
        step.finish().await
    }

    async fn delete(cx: &Cx, state: S) -> Result<()> {
        removal::delete(cx, &state).await
    }
}

/// Looks at what was made, so that the state knows all of it. One that is not listed in time exists all the same.
async fn show<S: Stored>(
    cx: &Cx,
    remote: &Remote<'_, S::Answer>,
    model: &mut S,
    writer: &StateWriter<S>,
) -> Result<()> {
    let id = model.id().text_or_empty().to_owned();
    match remote.wait(&id, Goal::Ready(After::Create)).await {
        Ok(End::Reached(answer, remark)) => {
            is_seen(cx);
            cx.tell(remark);
            note_mark(cx, &answer);
            model.take(answer, Origin::Created).warn(cx, S::THING, &id);
            writer.save(model);
            Ok(())
        }
        Ok(End::Idle(_) | End::Gone) => Ok(()),
        Err(error @ Error::Failed(_)) if error.details().seen.as_deref() == Some(UNKNOWN) => {
            let summary = format!("New {} is not listed yet", S::THING);
            let detail = format!(
                "{} {id} was created, and the API does not show it yet. It is in the state; the next plan looks for it again.",
                capitalised(S::THING)
            );
            cx.warn(&summary, detail);
            Ok(())
        }
        Err(error) => Err(create::unfinished::<S>(cx, &id, &error)),
    }
}
