//! The life cycle that instances share: which calls, in which order, and when the state is saved.
//!
//! A create call rents hardware, so its id is kept before anything else is tried, and every failure
//! after it says what exists.

use std::future::Future;

use serde_json::Value as Json;

use crate::api::error::{self, Error};
use crate::framework::attr::{Attr, Set};
use crate::framework::body;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::model::{Model, StringEnum};
use crate::framework::path::Path;
use crate::framework::resource::{ImportId, Plan, Resource, Result, StateWriter};
use crate::framework::schema::{Schema, Timeouts};
use crate::provider::clients::Clients;
use crate::provider::clients::Cx;
use crate::provider::elsewhere::{self, Hardware};
use crate::provider::error_context::{ErrorContext, not_switched, unfinished};
use crate::provider::instance::PowerState;
use crate::provider::instance::billing::BillingMode;
use crate::provider::instance::calls::waits::{
    After, wait_until_exited, wait_until_gone, wait_until_running,
};
use crate::provider::instance::calls::{self, Class, Instance};
use crate::provider::instance::container::Container;
use crate::provider::instance::lost::Shape;
use crate::provider::instance::spot::warn_if_reclaimed;
use crate::provider::instance::update::Update;
use crate::provider::instance::upgrade::Upgrade;
use crate::provider::life_cycle::rented::warn_if_created_stopped;
use crate::provider::name;
use crate::provider::novita::novita_id;
use crate::provider::read_back::{Origin, ReadBack};
use crate::provider::roll::Looks;
use crate::provider::watch::{first_sight, last_status};

/// Default time-outs of an instance: a large image can take long to pull.
pub(crate) const TIMEOUTS: Timeouts = Timeouts { create: 1800, update: 1800, delete: 900 };

/// The form of an instance's id.
pub(crate) const INSTANCE_ID: ImportId = novita_id("6c1be0a94d27f3e8");

/// What instances with and without GPUs differ in.
pub(crate) trait Kind: Model + Resource<Data = Clients, Model = Self> {
    /// The `kind` of the create call.
    const KIND: &'static str;

    /// The resource for the other kind.
    const OTHER: &'static str;

    /// The shared attributes.
    fn container(&self) -> &Container;

    /// The shared attributes, to be changed.
    fn container_mut(&mut self) -> &mut Container;

    /// Takes over what the API says.
    fn read_back(&mut self, instance: Instance, origin: Origin) -> ReadBack;

    /// Takes over what the API says of an instance that was not created just now.
    fn refresh(&mut self, instance: Instance) {
        let origin = Origin::of_read(&self.container().image_url);
        self.read_back(instance, origin);
    }

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

    /// What the instance costs in USD per hour; `None` when the catalogue cannot tell.
    fn price(&self, cx: &Cx) -> impl Future<Output = Option<f64>> + Send;

    /// Changes what the other kind does not have.
    fn change_own(update: &mut Update<'_, Self>) -> impl Future<Output = Result<()>> + Send {
        let _ = update;
        async { Ok(()) }
    }

    /// The id, or `""`.
    fn id(&self) -> &str {
        self.container().id.text_or_empty()
    }
}

/// Plans the replacement that another registry login needs, and warns of a creation that ends in a stop.
pub(crate) fn plan<K: Kind>(plan: &mut Plan<K>) {
    let Some(prior) = &plan.prior else {
        let power = plan.planned.container().desired_status;
        return warn_if_created_stopped(plan, "instance", power);
    };
    let cause = Container::replacing_login(prior.container(), plan.planned.container(), &plan.not_told);
    plan.replace.extend(cause);
}

/// What a change in place means for an instance that is stopped.
pub(crate) fn plan_update(prior: &Container, planned: &Container) -> Diagnostics {
    let is_stopped = Class::of(prior.status.text_or_empty()) == Class::Exited;
    if !is_stopped || !planned.desired_status.is_null() || Upgrade::between(prior, planned).is_none() {
        return Diagnostics::default();
    }
    let detail = "The instance is stopped, and its power is not managed (`desired_status` is not set). This change recreates \
        the container, which starts the instance; it is stopped again afterwards. Set `desired_status` to choose.";
    Diagnostic::warning("Stopped instance will run for a while", detail).into()
}

/// Creates an instance. Its id is kept before anything else is tried.
pub(crate) async fn create<K: Kind>(cx: &Cx, mut it: K, writer: &StateWriter<K>) -> Result<()> {
    let (client, call) = (cx.novita()?, cx.call());
    let name_is_ours = it.container().name.text().is_none();
    if name_is_ours {
        it.container_mut().name = name::unique(client)?.into();
    }
    let body = create_body(&it);
    let post = async {
        let created = calls::create(client, &call, &body).await;
        let id = elsewhere::of_instance(client, &call, &it.hardware(), created).await?;
        Ok(Instance { id, ..Instance::default() })
    };
    let created = cx.data.instances_underway.create(client, &call, shape(&it, name_is_ours), post).await;
    let Instance { id, .. } = created.map_err(|it| not_created::<K>(&it.error, it.aftermath))?;
    it.container_mut().id = id.into();
    writer.save(&it);
    if it.container().wait_for_ready.known() == Some(&false) {
        return Ok(());
    }
    let wanted = it.container().desired_status;
    let looks = cx.data.rolls.instances.looks(client, &call);
    let running = wait_until_running(&looks, it.id(), After::Create);
    let (instance, price) = tokio::join!(running, it.price(cx));
    it.container_mut().hourly_price = Attr::from_option(price);
    if let Err(error) = &instance {
        it.container_mut().status = last_status(error);
    }
    writer.save(&it);
    let instance = instance.map_err(|error| unfinished("instance", it.id(), &error))?;
    warn_if_reclaimed(cx, &instance);
    it.read_back(instance, Origin::Created).warn(cx, "instance", it.id());
    writer.save(&it);
    if wanted.known() == Some(&PowerState::Stopped) {
        let stopped = stopped(&looks, it.id()).await;
        it.refresh(stopped.map_err(|error| unfinished("instance", it.id(), &error))?);
        writer.save(&it);
    }
    Ok(())
}

/// Reads an instance; `None`: it is gone, or going.
pub(crate) async fn read<K: Kind>(cx: &Cx, state: K) -> Result<Option<K>> {
    look(cx, state, Found::ByResource).await
}

/// What an instance of the wrong kind was found by, and so what its type should be used for.
#[derive(Clone, Copy)]
pub(crate) enum Found {
    ByResource,
    ByDataSource,
}

/// Reads the instance whose id is known; `None`: it is gone, or going.
pub(crate) async fn look<K: Kind>(cx: &Cx, mut state: K, found: Found) -> Result<Option<K>> {
    let (client, call) = (cx.novita()?, cx.call());
    let failed = |error: Error| ErrorContext::to("read the instance").failed(&error);
    let get = || calls::get(client, &call, state.id());
    let seen = match found {
        Found::ByResource if is_unseen(state.container()) => {
            first_sight(client, &call, "the instance", get).await
        }
        Found::ByResource | Found::ByDataSource => get().await,
    };
    let instance = match seen {
        // An instance that is being removed is as good as gone: no call brings it back.
        Ok(instance) if instance.class() == Class::Leaving => return Ok(None),
        Ok(instance) => instance,
        Err(Error::NotFound(_)) => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    if instance.is_other_kind(K::KIND) {
        return Err(wrong_kind::<K>(&instance, found).into());
    }
    if matches!(found, Found::ByResource) {
        warn_if_reclaimed(cx, &instance);
        warn_if_failed(cx, &instance);
    }
    let instance = match state.is_incomplete() {
        true => calls::complete(client, &call, instance).await.map_err(failed)?,
        false => instance,
    };
    // An import must know whether there are none, or nothing was said.
    let has_no_tools = instance.tools.as_ref().is_some_and(Vec::is_empty);
    let just_imported = matches!(found, Found::ByResource) && state.container().image_url.is_null();
    state.refresh(instance);
    if just_imported && has_no_tools {
        state.container_mut().tools = Attr::Known(Set(Vec::new()));
    }
    Ok(Some(state))
}

/// Warns of an instance that stands still because something went wrong with it.
fn warn_if_failed(cx: &Cx, instance: &Instance) {
    let trouble = match instance.explanation() {
        Some(trouble) if instance.class() == Class::Exited || instance.has_failed() => trouble,
        None if instance.has_failed() => "the API gives no reason".to_owned(),
        _ => return,
    };
    let (id, status) = (&instance.id, &instance.status);
    let detail = format!(
        "The instance {id} does not run (status `{status}`): {trouble}. It stays in the state, and costs money. The vendor's \
         console shows more; to get another one, run `terraform apply -replace=ADDRESS`."
    );
    cx.warn("Instance has failed", detail);
}

/// Whether it was made and nothing was seen of it since: an API that does not know it may not know it yet.
/// What is being imported has no name either.
fn is_unseen(container: &Container) -> bool {
    container.status.is_null() && container.name.is_set()
}

/// Removes an instance and waits until it is gone.
pub(crate) async fn delete(cx: &Cx, container: &Container) -> Result<()> {
    let (client, call) = (cx.novita()?, cx.call());
    let id = container.id.text_or_empty();
    let looks = cx.data.rolls.instances.looks(client, &call);
    if is_unseen(container) {
        // What is not known yet cannot be removed yet. Whatever is wrong, the removal will tell.
        let _ = first_sight(client, &call, "the instance", || calls::get(client, &call, id)).await;
    }
    let removed = match calls::delete(client, &call, id).await {
        Ok(()) => wait_until_gone(&looks, id).await,
        Err(error) => Err(error),
    };
    let aftermath = format!("The instance {id} may still exist and cost money.");
    removed.map_err(|error| {
        ErrorContext { what: "destroy the instance", aftermath, schema: None }.failed(&error)
    })
}

/// The refusal of an instance that the other type is for.
pub(crate) fn wrong_kind<K: Kind>(instance: &Instance, found: Found) -> Diagnostic {
    let form = match found {
        Found::ByResource => "resource",
        Found::ByDataSource => "data source",
    };
    let (id, kind) = (&instance.id, &instance.kind);
    let detail = format!(
        "The instance {id} is of the kind `{kind}`, so it is not a `{}`. Use the {form} `{}` for it.",
        K::TYPE,
        K::OTHER
    );
    Diagnostic::error("Instance is of another kind", detail).at(Path::root("id"))
}

/// The body of the create call, as documented.
fn create_body<K: Kind>(it: &K) -> Json {
    let mut body = body::body(&Schema::of::<K>(), &it.to_object());
    body.insert("kind".to_owned(), Json::from(K::KIND));
    Json::Object(body)
}

/// What the instance is known by, should the answer to its create call get lost.
fn shape<K: Kind>(it: &K, name_is_ours: bool) -> Shape {
    let Container { name, product_id, .. } = it.container();
    Shape {
        name: name.text_or_empty().to_owned(),
        name_is_ours,
        kind: K::KIND,
        product_id: product_id.text_or_empty().to_owned(),
    }
}

fn not_created<K: Kind>(error: &Error, aftermath: String) -> Diagnostics {
    ErrorContext { what: "create the instance", aftermath, schema: Some(&Schema::of::<K>()) }.failed(error)
}

/// Starts or stops the instance, waits for it, and takes over what it then is.
pub(crate) async fn power<K: Kind>(
    looks: &Looks<'_, Instance>,
    it: &mut K,
    wanted: PowerState,
) -> Result<()> {
    let (what, done) = match wanted {
        PowerState::Running => {
            let started = started(looks, it.id()).await;
            let found = elsewhere::of_instance(looks.client, looks.call, &it.hardware(), started).await;
            ("start the instance", found)
        }
        PowerState::Stopped => ("stop the instance", stopped(looks, it.id()).await),
    };
    it.refresh(done.map_err(|error| not_switched(what, "instance", it.id(), &error))?);
    Ok(())
}

async fn started(looks: &Looks<'_, Instance>, id: &str) -> error::Result<Instance> {
    calls::start(looks.client, looks.call, id).await?;
    wait_until_running(looks, id, After::Start).await
}

async fn stopped(looks: &Looks<'_, Instance>, id: &str) -> error::Result<Instance> {
    calls::stop(looks.client, looks.call, id).await?;
    wait_until_exited(looks, id).await
}
