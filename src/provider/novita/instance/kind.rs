//! What the kinds of instances have in common: with and without GPUs they live by one life cycle, through the same
//! calls.
//!
//! A [`Kind`] says only what is its own; everything else of [`Stored`] and [`Rented`] is written here, once.

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value as Json;
use tfplugin::attr::Attr;
use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::model::{Model, StringEnum as _};
use tfplugin::path::Path;
use tfplugin::resource::{ImportId, Plan, Result, Rules};
use tfplugin::schema::Timeouts;
use tokio::time::Instant;

use crate::api::client::Client;
use crate::api::error::{self, Error};
use crate::provider::budget::Cost;
use crate::provider::catalogue::BillingMode;
use crate::provider::catalogue::alternatives::{self, Hardware};
use crate::provider::catalogue::cap::Cap;
use crate::provider::catalogue::known::Catalogue;
use crate::provider::clients::{Cx, Vendors as _};
use crate::provider::life_cycle::by_name::ByName;
use crate::provider::life_cycle::change::Change;
use crate::provider::life_cycle::choice::{Candidate, Choice};
use crate::provider::life_cycle::phase::Phase;
use crate::provider::life_cycle::remote::{Answer as _, Remote};
use crate::provider::life_cycle::rented::{PowerState, Rented};
use crate::provider::life_cycle::stored::Stored;
use crate::provider::novita::account;
use crate::provider::novita::instance::answer::{Instance, PHASES, moment};
use crate::provider::novita::instance::calls;
use crate::provider::novita::instance::check;
use crate::provider::novita::instance::container::Container;
use crate::provider::novita::instance::update;
use crate::provider::novita::instance::upgrade::Upgrade;
use crate::provider::novita::instance::uses;
use crate::provider::novita::novita_id;
use crate::provider::offered::{self, Offered};
use crate::provider::read_back::{Origin, ReadBack};

/// What a state has never learnt may come from a list that is no older: it does not change.
const FRESH: Duration = Duration::from_secs(60);

/// What instances with and without GPUs differ in.
pub(crate) trait Kind: Model + Clone + Send + Sync + 'static {
    /// Name of the type in HCL.
    const NAME: &'static str;

    /// The `kind` of the create call.
    const KIND: &'static str;

    /// The type for the other kind.
    const OTHER: &'static str;

    /// What the data source is, for users.
    const SHOWS: &'static str;

    /// Attributes that the data source leaves out, as nothing reads them back.
    const NOT_SHOWN: &'static [&'static str];

    /// The shared attributes.
    fn container(&self) -> &Container;

    /// The shared attributes, to be changed.
    fn container_mut(&mut self) -> &mut Container;

    /// Takes over what the API says.
    fn take_over(&mut self, instance: Instance, origin: Origin) -> ReadBack;

    /// Whether something that the get call may leave out has never been learnt.
    fn is_incomplete(&self) -> bool;

    /// Size of the system disk in GB, where it can be changed.
    fn rootfs_size(&self) -> Option<i64> {
        None
    }

    /// Takes over what an edit has set beyond the ports.
    fn take_edit(&mut self, planned: &Self) {
        let _ = planned;
    }

    /// What it runs on.
    fn hardware(&self) -> Hardware {
        Hardware {
            product: self.container().product_id.text_or_empty().to_owned(),
            cluster: self.container().cluster_id.text_or_empty().to_owned(),
            gpus: None,
            billing_mode: BillingMode::OnDemand.as_str(),
        }
    }

    /// Rules between the attributes that the other kind does not have.
    fn validate_own(&self, rules: &mut Rules) {
        let _ = rules;
    }

    /// Planning of the attributes that the other kind does not have.
    fn plan_own(plan: &mut Plan<Self>) {
        let _ = plan;
    }

    /// What to say of a change in place of the attributes that the other kind does not have.
    fn plan_own_update(&self, planned: &Self) -> Diagnostics {
        let _ = planned;
        Diagnostics::default()
    }

    /// Warnings before this is destroyed.
    fn plan_end(&self) -> Diagnostics {
        Diagnostics::default()
    }

    /// Why one that was in this state is gone, where that is known.
    fn why_ended(&self) -> Option<Diagnostic> {
        None
    }

    /// Checks of a plan that need the API, but for those of what is chosen.
    fn check_rest(cx: &Cx, prior: Option<&Self>, planned: &Self) -> impl Future<Output = Diagnostics> + Send;

    /// Checks of the product of a creation.
    fn check_product(&self, cx: &Cx) -> impl Future<Output = Diagnostics> + Send;

    /// What it costs in USD per hour by a catalogue; `None` when that cannot tell.
    fn rate(&self, cx: &Cx, catalogue: &Catalogue) -> impl Future<Output = Option<f64>> + Send;

    /// What a plan takes of the account's money, as far as that can be told.
    fn cost(cx: &Cx, prior: Option<&Self>, planned: &Self) -> impl Future<Output = Option<Cost>> + Send {
        async move {
            match prior {
                None => offered::only_price(cx, planned).await.map(Cost::Hourly),
                Some(_) => None,
            }
        }
    }

    /// Whether a catalogue shows its product in stock; what is not told is.
    fn has_stock(&self, cx: &Cx, catalogue: &Catalogue) -> impl Future<Output = bool> + Send;

    /// Changes what the other kind does not have.
    fn change_own(step: &mut Change<'_, Self>) -> impl Future<Output = Result<()>> + Send {
        let _ = step;
        async { Ok(()) }
    }

    /// See [`Stored::before_set_up`].
    fn before_set_up(&self) -> Option<Self> {
        None
    }

    /// See [`Rented::set_up`].
    fn set_up(&self, remote: &Remote<'_, Instance>) -> impl Future<Output = error::Result<()>> + Send {
        let _ = remote;
        async { Ok(()) }
    }
}

impl<K: Kind> Stored for K {
    const TYPE: &'static str = K::NAME;
    const THING: &'static str = "instance";
    const BY_HAND: &'static str = "Look for this name and time in the console.";
    const IMPORT_ID: ImportId = novita_id("6c1be0a94d27f3e8");
    /// A large image can take long to pull.
    const TIMEOUTS: Timeouts = Timeouts { create: 1800, update: 1800, delete: 900 };
    const MATCH: &'static [&'static str] = &["product_id"];

    type Answer = Instance;

    fn client(cx: &Cx) -> Result<&Client> {
        cx.novita()
    }

    fn id(&self) -> &Attr<String> {
        &self.container().id
    }

    fn id_mut(&mut self) -> &mut Attr<String> {
        &mut self.container_mut().id
    }

    fn name_mut(&mut self) -> Option<&mut Attr<String>> {
        Some(&mut self.container_mut().name)
    }

    fn is_just_imported(&self) -> bool {
        self.container().image_url.is_null()
    }

    fn is_unseen(&self, _: Timestamp) -> bool {
        self.container().status.is_null() && !self.is_just_imported()
    }

    fn validate(&self, rules: &mut Rules) {
        self.container().validate(rules);
        self.validate_own(rules);
    }

    /// Another registry login needs another instance.
    fn plan(plan: &mut Plan<Self>) {
        K::plan_own(plan);
        let container = plan.planned.container_mut();
        if container.store_ssh_password.known() == Some(&false) {
            container.ssh_password = Attr::Null;
        }
        if let Some(prior) = &plan.prior {
            let (prior, planned) = (prior.container(), plan.planned.container());
            let cause = Container::replacing_login(prior, planned, &plan.not_told);
            plan.replace.extend(cause);
        }
    }

    fn plan_update(&self, planned: &Self) -> Diagnostics {
        let mut diagnostics = wakes(self.container(), planned.container());
        diagnostics.append(self.plan_own_update(planned));
        diagnostics
    }

    fn plan_destroy(&self) -> Diagnostics {
        self.plan_end()
    }

    async fn check_plan(cx: &Cx, prior: Option<Self>, planned: Self) -> Diagnostics {
        let mut found = K::check_rest(cx, prior.as_ref(), &planned).await;
        if prior.is_none() {
            found.append(offered::check(cx, &planned).await);
        }
        found.append(account::afford(cx, K::cost(cx, prior.as_ref(), &planned).await).await);
        found
    }

    fn choices(&mut self) -> Vec<Choice<'_>> {
        self.container_mut().choices()
    }

    fn capacity_timeout(&self) -> Option<&Attr<String>> {
        Some(&self.container().capacity_timeout)
    }

    async fn weigh(
        cx: &Cx,
        candidates: Vec<Candidate<Self>>,
        is_first: bool,
    ) -> Result<Vec<Candidate<Self>>> {
        offered::weigh(cx, candidates, is_first).await
    }

    async fn advise(&self, remote: &Remote<'_, Instance>, error: Error) -> Error {
        alternatives::of_instance(remote.client, &remote.call, &self.hardware(), error).await
    }

    async fn post(&self, remote: &Remote<'_, Instance>) -> error::Result<Instance> {
        let mut body = self.body();
        body.insert("kind".to_owned(), Json::from(K::KIND));
        let created = calls::create(remote.client, &remote.call, &Json::Object(body)).await;
        created.map(|it| Instance { id: it.id.to_string(), ..it.shown() })
    }

    async fn change(step: &mut Change<'_, Self>) -> Result<()> {
        update::edit(step).await?;
        update::upgrade(step).await?;
        K::change_own(step).await
    }

    fn before_set_up(&self) -> Option<Self> {
        K::before_set_up(self)
    }

    async fn remove(&self, remote: &Remote<'_, Instance>) -> error::Result<()> {
        calls::delete(remote.client, &remote.call, self.id().text_or_empty()).await
    }

    async fn complete(&self, remote: &Remote<'_, Instance>, answer: Instance) -> error::Result<Instance> {
        if !self.is_incomplete() {
            return Ok(answer);
        }
        let since = Instant::now();
        calls::complete(remote, answer, since.checked_sub(FRESH).unwrap_or(since)).await
    }

    fn complete_listed(&self, listed: &mut Instance) {
        self.container().complete_listed(listed);
    }

    fn accept(answer: &Instance) -> Result<()> {
        if !answer.is_other_kind(K::KIND) {
            return Ok(());
        }
        let (id, kind) = (&answer.id, &answer.kind);
        let detail = format!(
            "The instance {id} is of the kind `{kind}`, so it is not a `{}`. Use `{}` for it.",
            K::NAME,
            K::OTHER
        );
        Err(Diagnostic::error("Instance is of another kind", detail).at(Path::root("id")).into())
    }

    fn read_back(&mut self, answer: Instance, origin: Origin) -> ReadBack {
        self.take_over(answer, origin)
    }

    async fn appraise(&mut self, cx: &Cx) {
        self.container_mut().hourly_price = Attr::from_option(self.rate(cx, &cx.data.catalogue).await);
    }

    fn notice(answer: &Instance) -> Option<Diagnostic> {
        is_taken_back(answer).or_else(|| has_failed(answer))
    }

    fn why_gone(&self) -> Option<Diagnostic> {
        self.why_ended()
    }
}

impl<K: Kind> Rented for K {
    fn status_mut(&mut self) -> &mut Attr<String> {
        &mut self.container_mut().status
    }

    fn waits_for_ready(&self) -> bool {
        self.container().wait_for_ready.known() != Some(&false)
    }

    fn desired_status(&self) -> Attr<PowerState> {
        self.container().desired_status
    }

    async fn start(&self, remote: &Remote<'_, Instance>) -> error::Result<()> {
        match calls::start(remote.client, &remote.call, self.id().text_or_empty()).await {
            Err(error) => Err(self.advise(remote, error).await),
            started => started,
        }
    }

    async fn stop(&self, remote: &Remote<'_, Instance>) -> error::Result<()> {
        calls::stop(remote.client, &remote.call, self.id().text_or_empty()).await
    }

    async fn set_up(&self, remote: &Remote<'_, Instance>) -> error::Result<()> {
        K::set_up(self, remote).await
    }

    async fn price(&self, cx: &Cx) -> Option<f64> {
        self.rate(cx, &cx.data.catalogue).await
    }

    async fn foresee(&mut self, cx: &Cx) {
        // The price alone: what else a catalogue says, an instance may tell in other words.
        if let Some(price) = offered::only_price(cx, self).await {
            self.container_mut().hourly_price = price.into();
        }
    }

    fn take_price(&mut self, cx: &Cx, price: Option<f64>) {
        offered::take_price(cx, &mut self.container_mut().hourly_price, price);
    }
}

impl<K: Kind> Offered for K {
    fn cap(&self, cx: &Cx) -> Option<Cap> {
        Cap::of("The machine", &self.container().max_hourly_price, cx.data.max_hourly_price)
    }

    async fn hourly_price(&self, cx: &Cx, catalogue: &Catalogue) -> Option<f64> {
        self.rate(cx, catalogue).await
    }

    async fn is_in_stock(&self, cx: &Cx, catalogue: &Catalogue) -> bool {
        self.has_stock(cx, catalogue).await
    }

    async fn check(&self, cx: &Cx) -> Diagnostics {
        let (mut found, place, used) = tokio::join!(
            self.check_product(cx),
            check::new_place(cx, self.container()),
            uses::check(cx, None, self.container()),
        );
        found.append(check::checked(cx, place));
        found.append(used);
        found
    }
}

impl<K: Kind> ByName for K {
    const ABOUT: &'static str = K::SHOWS;
    const KEYS: &'static [(&'static str, &'static str)] = &[
        ("id", "ID of the instance. Set exactly one of `id` and `name`."),
        (
            "name",
            "Exact name of the instance. Set exactly one of `id` and `name`. A name that several instances have is an error.",
        ),
    ];
    const UNSEEN: &'static [&'static str] = K::NOT_SHOWN;
    const SECRETS: &'static [(&'static str, &'static str)] = &[(
        "envs",
        "Environment variables. All are sensitive, because the API does not return which ones are secret.",
    )];
}

/// Warns of a change in place that starts an instance which is stopped.
fn wakes(prior: &Container, planned: &Container) -> Diagnostics {
    let is_stopped = Phase::of(PHASES, prior.status.text_or_empty()) == Phase::Stopped;
    if !is_stopped || !planned.desired_status.is_null() || Upgrade::between(prior, planned).is_none() {
        return Diagnostics::default();
    }
    let detail = "The instance is stopped, and its power is not managed (`desired_status` is not set). This change recreates \
        the container, which starts the instance; it is stopped again afterwards. Set `desired_status` to choose.";
    Diagnostic::warning("Stopped instance will run for a while", detail).into()
}

/// Tells of a spot instance that the platform takes back. It runs on for a while, so it stays in the state; what
/// the API shows in between is a guess of its documentation's four words.
fn is_taken_back(instance: &Instance) -> Option<Diagnostic> {
    if !instance.is_reclaimed() {
        return None;
    }
    let (id, status) = (&instance.id, &instance.spot_status);
    let when = moment(&instance.spot_reclaim_time).map(|it| format!(" at {it}")).unwrap_or_default();
    let detail = format!(
        "The platform takes the hardware of the instance {id} back{when} (spot status `{status}`). Save what is only on \
         its disk. It stays in the state until it is gone; the next plan then creates another one. With \
         `billing_mode = \"onDemand\"` an instance is kept."
    );
    Some(Diagnostic::warning("Spot instance is being taken back", detail))
}

/// Tells of an instance that stands still because something went wrong with it.
fn has_failed(instance: &Instance) -> Option<Diagnostic> {
    let trouble = match (instance.phase(), instance.explanation()) {
        (Phase::Stopped | Phase::Failed, Some(trouble)) => trouble,
        (Phase::Failed, None) => "the API gives no reason".to_owned(),
        _ => return None,
    };
    let (id, status) = (&instance.id, &instance.status);
    let detail = format!(
        "The instance {id} does not run (status `{status}`): {trouble}. It stays in the state, and costs money. The vendor's \
         console shows more. To get another one:\n\n  terraform apply -replace=ADDRESS"
    );
    Some(Diagnostic::warning("Instance has failed", detail))
}

#[cfg(test)]
mod tests;
