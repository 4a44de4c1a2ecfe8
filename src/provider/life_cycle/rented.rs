//! What is rented by the hour: it comes to run, is switched on and off, has a price, and may be taken back.
//!
//! [`Rented`] adds to [`Stored`] what such a resource has of its own; its life is the same for all of them, and
//! stands here. What its statuses mean, and what ails it, is told by its
//! [`Answer`].

use std::future::Future;
use std::marker::PhantomData;

use tfplugin::attr::Attr;
use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::model::StringEnum;
use tfplugin::path::Path;
use tfplugin::resource::{Changes, ImportId, Plan, Resource, Result, Rules, StateWriter};
use tfplugin::schema::Timeouts;

use crate::api;
use crate::provider::clients::{Clients, Cx};
use crate::provider::error_context::{ErrorContext, not_switched};
use crate::provider::life_cycle::change::{Change, Shows, idle};
use crate::provider::life_cycle::create::{kept, make, unfinished};
use crate::provider::life_cycle::judge::{After, Goal};
use crate::provider::life_cycle::phase::{Phase, Phases, spelled};
use crate::provider::life_cycle::remote::{Answer, Remote};
use crate::provider::life_cycle::stored::{Stored, as_set_up, is_set_up, note_mark, save_new};
use crate::provider::life_cycle::waiter::{End, UNKNOWN};
use crate::provider::life_cycle::{choice, read, removal};
use crate::provider::read_back::Origin;

/// Whether a machine is to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, StringEnum)]
pub(crate) enum PowerState {
    Running,
    Stopped,
}

/// A resource that is rented by the hour.
pub(crate) trait Rented: Stored {
    /// Whether such things are switched on and off. What is not, can be changed whatever it is doing.
    const IS_SWITCHED: bool = true;

    /// Its status, as the API names it.
    fn status_mut(&mut self) -> &mut Attr<String>;

    /// Whether creating waits until it is ready.
    fn waits_for_ready(&self) -> bool;

    /// Whether it is to run, where such things can be switched on and off.
    fn desired_status(&self) -> Attr<PowerState> {
        Attr::Null
    }

    /// The same, once it is known.
    fn power(&self) -> Option<PowerState> {
        self.desired_status().known().copied()
    }

    /// Switches it on. Does not wait. Sent again if nothing comes of it.
    ///
    /// # Errors
    /// Those of the call.
    fn start(
        &self,
        remote: &Remote<'_, Self::Answer>,
    ) -> impl Future<Output = api::error::Result<()>> + Send {
        let _ = remote;
        async { Ok(()) }
    }

    /// Switches it off. Does not wait. Sent again if nothing comes of it.
    ///
    /// # Errors
    /// Those of the call.
    fn stop(&self, remote: &Remote<'_, Self::Answer>) -> impl Future<Output = api::error::Result<()>> + Send {
        let _ = remote;
        async { Ok(()) }
    }

    /// Sets what the create call does not take, once a new one is ready. Done twice it does no harm.
    ///
    /// # Errors
    /// Those of the call.
    fn set_up(
        &self,
        remote: &Remote<'_, Self::Answer>,
    ) -> impl Future<Output = api::error::Result<()>> + Send {
        let _ = remote;
        async { Ok(()) }
    }

    /// What it costs, learnt while it comes to run; it must not fail.
    fn price(&self, cx: &Cx) -> impl Future<Output = Option<f64>> + Send {
        let _ = cx;
        async { None }
    }

    /// Takes note of the price, and tells where it is not the one that was planned.
    fn take_price(&mut self, cx: &Cx, price: Option<f64>) {
        let _ = (cx, price);
    }

    /// Fills in what a catalogue knows beforehand of what a creation computes; it must not fail.
    fn foresee(&mut self, cx: &Cx) -> impl Future<Output = ()> + Send {
        let _ = cx;
        async {}
    }
}

/// Shows in a managed power state what really is, or what it is about to be without us, so that a plan can set
/// it right. What was taken back or has failed does not run; about what is held back nothing can be done.
pub(crate) fn read_back_power(attribute: &mut Attr<PowerState>, table: Phases, status: &str) {
    let power = match Phase::ahead_of(table, status) {
        Phase::Ready => PowerState::Running,
        Phase::Stopped | Phase::Lost | Phase::Failed => PowerState::Stopped,
        Phase::Moving | Phase::Held | Phase::Leaving | Phase::Gone => return,
    };
    if attribute.is_set() {
        *attribute = power.into();
    }
}

/// The status in which one rests that is switched so.
fn resting(table: Phases, power: PowerState) -> Attr<String> {
    let phase = match power {
        PowerState::Running => Phase::Ready,
        PowerState::Stopped => Phase::Stopped,
    };
    let status = table.iter().find(|(_, it)| *it == phase).map(|(status, _)| (*status).to_owned());
    status.map_or(Attr::Unknown, Attr::Known)
}

/// Warns of a creation that ends in a stop: whoever wants nothing to run seldom wants to rent something.
pub(crate) fn warn_if_created_stopped<M>(plan: &mut Plan<M>, thing: &str, power: Attr<PowerState>) {
    if power.known() == Some(&PowerState::Stopped) {
        let detail = format!(
            "The {thing} does not exist (any more), so it would be rented, waited for, and then stopped; until then it costs \
             what a running one costs, and afterwards its storage stays billed. If it is not needed yet, take it out."
        );
        let summary = format!("New {thing} would be created only to be stopped");
        plan.warn("desired_status", &summary, detail);
    }
}

/// The life of what is rented.
pub(crate) struct RentedLife<R>(PhantomData<fn() -> R>);

impl<R: Rented> Resource for RentedLife<R> {
    type Model = R;
    type Data = Clients;

    const TYPE: &'static str = R::TYPE;
    const IMPORT_ID: ImportId = R::IMPORT_ID;
    const TIMEOUTS: Option<Timeouts> = Some(R::TIMEOUTS);

    fn validate(model: &R, rules: &mut Rules) {
        model.validate(rules);
        choice::validate(model, rules);
        if !model.waits_for_ready() && model.power() == Some(PowerState::Stopped) {
            let thing = R::THING;
            rules.reject(
                "wait_for_ready",
                format!("A new {thing} can be stopped only once it runs: with `desired_status = \"stopped\"` leave it at `true`."),
            );
        }
    }

    fn validate_creation(model: &R, rules: &mut Rules) {
        model.validate_creation(rules);
        choice::validate_creation(model, rules);
    }

    fn plan(plan: &mut Plan<R>) {
        if plan.prior.is_none() {
            let power = Attr::from_option(plan.planned.power());
            warn_if_created_stopped(plan, R::THING, power);
        }
        R::plan(plan);
        choice::plan(plan);
        if let Some(prior) = &plan.prior
            && prior.desired_status() != plan.planned.desired_status()
        {
            match plan.planned.desired_status() {
                Attr::Known(power) => *plan.planned.status_mut() = resting(R::Answer::PHASES, power),
                Attr::Unknown => *plan.planned.status_mut() = Attr::Unknown,
                Attr::Null => {}
            }
        }
    }

    async fn foresee(cx: &Cx, mut planned: R) -> R {
        planned.foresee(cx).await;
        planned
    }

    fn plan_update(prior: &R, planned: &R) -> Diagnostics {
        prior.plan_update(planned)
    }

    fn plan_destroy(state: &R) -> Diagnostics {
        state.plan_destroy()
    }

    async fn check_plan(cx: &Cx, prior: Option<R>, planned: R) -> Diagnostics {
        R::check_plan(cx, prior, planned).await
    }

    async fn create(cx: &Cx, plan: R, writer: &StateWriter<R>) -> Result<()> {
        let (remote, mut model) = make(cx, plan, writer).await?;
        if !model.waits_for_ready() && model.before_set_up().is_none() {
            return Ok(());
        }
        kept(cx, bring_up(cx, &remote, &mut model, writer).await)
    }

    async fn read(cx: &Cx, state: R) -> Result<Option<R>> {
        read::read(cx, state).await
    }

    async fn update(cx: &Cx, changes: Changes<R>, writer: &StateWriter<R>) -> Result<()> {
        let changes = Changes { prior: as_set_up(cx, changes.prior), ..changes };
        let mut step = Change::begin(cx, changes, writer).await?;
        step.update().await?;
        is_set_up(cx);
        step.finish().await
    }

    async fn delete(cx: &Cx, state: R) -> Result<()> {
        removal::delete(cx, &state).await
    }
}

/// Waits until what was made runs, sets it up, and stops it if it is not to.
async fn bring_up<R: Rented>(
    cx: &Cx,
    remote: &Remote<'_, R::Answer>,
    model: &mut R,
    writer: &StateWriter<R>,
) -> Result<()> {
    let (id, wanted) = (model.id().text_or_empty().to_owned(), model.power());
    let (ready, price) = tokio::join!(remote.wait(&id, Goal::Ready(After::Create)), model.price(cx));
    model.take_price(cx, price);
    let found = match ready {
        Ok(End::Reached(found, remark)) => {
            cx.tell(remark);
            found
        }
        Ok(End::Idle(found)) => return Err(unfinished::<R>(cx, &id, &idle(remote, &id, &found))),
        Ok(End::Gone) => return Ok(()),
        Err(error) => {
            // What was seen once is not looked for as if it were new.
            if let Some(seen) = error.details().seen.clone().filter(|it| it != UNKNOWN) {
                *model.status_mut() = spelled(R::Answer::PHASES, &seen).into();
            }
            save_new(cx, writer, model);
            return Err(unfinished::<R>(cx, &id, &error));
        }
    };
    cx.tell(R::notice(&found));
    // What rests in a status that nobody knows may be on its way still: the next plan stops what runs by then.
    let is_to_stop = wanted == Some(PowerState::Stopped) && found.phase() == Phase::Ready;
    note_mark(cx, &found);
    model.take(found, Origin::Created).warn(cx, R::THING, &id);
    save_new(cx, writer, model);
    if model.before_set_up().is_some() {
        model.set_up(remote).await.map_err(|error| unfinished::<R>(cx, &id, &error))?;
        is_set_up(cx);
        writer.save(model);
    }
    if is_to_stop {
        let stopped = switched(remote, model, PowerState::Stopped).await;
        let stopped = stopped.map_err(|error| unfinished::<R>(cx, &id, &error))?;
        note_mark(cx, &stopped);
        model.take(stopped, Origin::Refreshed);
        writer.save(model);
    }
    Ok(())
}

/// So often a machine is told to start or stop while it rests where it is.
const TIMES: u32 = 3;

/// Starts or stops a machine, and returns it as it then is.
async fn switched<R: Rented>(
    remote: &Remote<'_, R::Answer>,
    model: &R,
    wanted: PowerState,
) -> api::error::Result<R::Answer> {
    let id = model.id().text_or_empty();
    let (goal, there) = match wanted {
        PowerState::Running => (Goal::Ready(After::Start), Phase::Ready),
        PowerState::Stopped => (Goal::Stopped, Phase::Stopped),
    };
    let mut sent = 0;
    loop {
        let result = match wanted {
            PowerState::Running => model.start(remote).await,
            PowerState::Stopped => model.stop(remote).await,
        };
        let shows =
            |it: R::Answer| it.phase() == there || Phase::ahead_of(R::Answer::PHASES, it.status()) == there;
        remote.confirm(result, Shows::Soon, || remote.get(id), shows).await?;
        sent += 1;
        match remote.wait(id, goal).await? {
            End::Reached(found, _) => return Ok(found),
            End::Idle(found) if sent >= TIMES => return Err(idle(remote, id, &found)),
            End::Idle(_) => {
                log::warn!(target: "provider", "{} {id} was told to switch and rests: it is told again", R::THING);
            }
            End::Gone => {
                return Err(api::error::Error::gone("", format!("there is no {} {id} any more", R::THING)));
            }
        }
    }
}

impl<R: Rented> Change<'_, R> {
    /// The steps, in an order in which each can work: nothing begins before it has come to rest, since a creation
    /// may have been stopped that it is still finishing; start first, stop last.
    async fn update(&mut self) -> Result<()> {
        if !R::IS_SWITCHED {
            return R::change(self).await;
        }
        if self.phase() == Phase::Moving {
            self.come_to_rest().await?;
        }
        let wanted = self.planned.power();
        if wanted == Some(PowerState::Running) {
            self.run().await?;
        }
        let was_stopped = self.phase() == Phase::Stopped;
        R::change(self).await?;
        // A change may have started a machine whose power is not managed.
        let is_to_stop = wanted == Some(PowerState::Stopped) || (wanted.is_none() && was_stopped);
        // What is kept on its way by trouble may run any time: whether it can be stopped is for the API to say.
        if is_to_stop && matches!(self.phase(), Phase::Ready | Phase::Moving) {
            self.switch(PowerState::Stopped).await?;
        }
        Ok(())
    }

    async fn come_to_rest(&mut self) -> Result<()> {
        match self.remote.wait(&self.id, Goal::AtRest).await {
            Ok(End::Reached(found, _) | End::Idle(found)) => {
                self.found = found;
                Ok(())
            }
            Ok(End::Gone) => Ok(()),
            Err(error) => Err(ErrorContext::to("wait for what is under way").failed(&error)),
        }
    }

    /// Starts what does not run. What has failed cannot; about what is held back nothing can be done.
    async fn run(&mut self) -> Result<()> {
        match self.phase() {
            Phase::Stopped | Phase::Lost => self.switch(PowerState::Running).await,
            Phase::Failed => {
                let thing = R::THING;
                let said = self.found.explanation().map(|it| format!(" ({it})")).unwrap_or_default();
                let detail = format!(
                    "The {thing} {} is in the status {:?}{said}, and cannot be started. It costs money until it is \
                     destroyed. To get another one:\n\n  terraform apply -replace=ADDRESS",
                    self.id,
                    self.found.status()
                );
                let error = Diagnostic::error(format!("Failed {thing} cannot run"), detail);
                Err(error.at(Path::root("desired_status")).into())
            }
            Phase::Ready | Phase::Moving | Phase::Held | Phase::Leaving | Phase::Gone => Ok(()),
        }
    }

    async fn switch(&mut self, wanted: PowerState) -> Result<()> {
        let verb = match wanted {
            PowerState::Running => "start",
            PowerState::Stopped => "stop",
        };
        let switched = switched(&self.remote, &self.now, wanted).await;
        let what = format!("{verb} the {}", R::THING);
        let found = switched.map_err(|error| not_switched(&what, R::THING, &self.id, &error))?;
        self.take(found);
        Ok(())
    }
}
