//! The life cycle of a GPU instance: which calls, in which order, and when the state is saved.
//!
//! A create call rents hardware, so its id is kept before anything else is tried, and every failure
//! after it says what exists.

use std::time::Duration;

use serde_json::Value as Json;

use crate::api::call::Call;
use crate::api::error::{self, Error};
use crate::api::transport::Client;
use crate::framework::attr::Attr;
use crate::framework::body;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::model::{Choice, Model};
use crate::framework::path::Path;
use crate::framework::resource::{Changes, Plan, Resource, Result, Rules, Saved};
use crate::framework::schema::{Schema, Timeouts};
use crate::provider::config::Clients;
use crate::provider::fault::Attempt;
use crate::provider::instance::PowerState;
use crate::provider::instance::billing::{BillingMode, PREPAID};
use crate::provider::instance::calls::waits::{
    After, wait_until_exited, wait_until_gone, wait_until_running,
};
use crate::provider::instance::calls::{self, Class, Instance, products};
use crate::provider::instance::gpu::Gpu;
use crate::provider::instance::gpu::update::Update;
use crate::provider::{Cx, name};

/// The price is worth no longer delay.
const PRICE_WITHIN: Duration = Duration::from_secs(15);

impl Resource for Gpu {
    type Data = Clients;

    const TYPE: &'static str = "novita_gpu_instance";
    const TIMEOUTS: Timeouts = Timeouts { create: 1800, update: 1800, delete: 900 };

    fn validate(&self, rules: &mut Rules) {
        self.check(rules);
    }

    fn plan(plan: &mut Plan<Self>) {
        Self::adjust(plan);
    }

    fn plan_destroy(state: &Self) -> Diagnostics {
        match state.billing_mode.known() {
            Some(BillingMode::Monthly) => {
                Diagnostic::warning("Prepaid instance would be removed", PREPAID).into()
            }
            _ => Diagnostics::default(),
        }
    }

    async fn create(cx: &Cx, mut gpu: Self, saved: &Saved<Self>) -> Result<()> {
        let client = cx.novita()?;
        if gpu.name.text().is_none() {
            gpu.name = name::unique()?.into();
        }
        let body = gpu.create_body();
        let created = calls::create(client, &cx.call(), &body).await;
        gpu.id = created.map_err(|error| gpu.not_created(&error))?.into();
        saved.keep(&gpu);
        if gpu.wait_for_ready.known() == Some(&false) {
            return Ok(());
        }
        let wanted = gpu.desired_status;
        let call = cx.call();
        let running = wait_until_running(client, &call, gpu.id.text_or_empty(), After::Create);
        let (instance, price) = tokio::join!(running, gpu.price(client, cx));
        gpu.hourly_price = price;
        saved.keep(&gpu);
        gpu.refresh(instance.map_err(|error| gpu.unfinished(&error))?);
        saved.keep(&gpu);
        if wanted.known() == Some(&PowerState::Stopped) {
            gpu.power(client, &cx.call(), PowerState::Stopped).await?;
            saved.keep(&gpu);
        }
        Ok(())
    }

    async fn read(cx: &Cx, mut state: Self) -> Result<Option<Self>> {
        let client = cx.novita()?;
        let read = |error: Error| Attempt::to("read the instance").failed(&error);
        let instance = match calls::get(client, &cx.call(), state.id.text_or_empty()).await {
            // An instance that is being removed is as good as gone: no call brings it back.
            Ok(instance) if instance.class() == Class::Leaving => return Ok(None),
            Ok(instance) => instance,
            Err(Error::NotFound(_)) => return Ok(None),
            Err(error) => return Err(read(error)),
        };
        if instance.kind == "cpu" {
            return Err(wrong_kind(&instance.id).into());
        }
        let incomplete = state.product_id.is_null() || state.rootfs_size.is_null();
        let instance = match incomplete {
            true => calls::complete(client, &cx.call(), instance).await.map_err(read)?,
            false => instance,
        };
        state.refresh(instance);
        Ok(Some(state))
    }

    async fn update(cx: &Cx, changes: Changes<Self>, saved: &Saved<Self>) -> Result<()> {
        Update::new(cx, changes, saved)?.run().await
    }

    async fn delete(cx: &Cx, state: Self) -> Result<()> {
        let client = cx.novita()?;
        let attempt = Attempt {
            what: "destroy the instance",
            aftermath: format!("The instance {} may still exist and cost money.", state.id.text_or_empty()),
            schema: None,
        };
        let (id, call) = (state.id.text_or_empty(), cx.call());
        match calls::delete(client, &call, id).await {
            // Whatever the answer was, what counts is whether the instance goes.
            Ok(()) => wait_until_gone(client, &call, id).await,
            Err(error @ (Error::Unclear(_) | Error::Conflict(_))) => {
                match calls::get(client, &call, id).await {
                    Err(Error::NotFound(_)) => Ok(()),
                    Ok(instance) if instance.class() == Class::Leaving => {
                        wait_until_gone(client, &call, id).await
                    }
                    Ok(_) | Err(_) => Err(error),
                }
            }
            Err(error) => Err(error),
        }
        .map_err(|error| attempt.failed(&error))
    }

    fn import(id: &str) -> Result<Self> {
        let plain =
            !id.is_empty() && id.len() <= 255 && id.bytes().all(|it| it.is_ascii_graphic() && it != b'/');
        if !plain {
            let detail = format!(
                "The id of an instance has neither spaces nor slashes, for example `terraform import {}.example \
                 6c1be0a94d27f3e8`. The console and the API's list of instances show it.",
                Self::TYPE
            );
            return Err(Diagnostic::error("Invalid id to import", detail).into());
        }
        let nothing = Self::schema().null_object();
        let mut state =
            Self::from_object(&nothing).map_err(|it| Diagnostic::error("Bug in the provider", it.wanted))?;
        state.id = id.to_owned().into();
        Ok(state)
    }
}

fn wrong_kind(id: &str) -> Diagnostic {
    let detail = format!(
        "The instance {id} has no GPUs. Import it as a `novita_cpu_instance`, or give the id of a GPU instance."
    );
    Diagnostic::error("Instance is of another kind", detail).at(Path::root("id"))
}

impl Gpu {
    pub(super) fn schema() -> Schema {
        Schema::new(Self::TEXT, Self::attributes())
    }

    /// The body of the create call, as documented.
    fn create_body(&self) -> Json {
        let mut body = body::body(&Self::schema(), &self.to_object());
        body.insert("kind".to_owned(), Json::from("gpu"));
        Json::Object(body)
    }

    fn not_created(&self, error: &Error) -> Diagnostics {
        let aftermath = match error {
            Error::Unclear(_) => format!(
                "An instance named {:?} may have been made and may cost money: look for it in the console, and \
                 remove it or import it with its id before you apply again.",
                self.name.text_or_empty()
            ),
            _ => "No instance was made.".to_owned(),
        };
        Attempt { what: "create the instance", aftermath, schema: Some(&Self::schema()) }.failed(error)
    }

    /// A failure after the instance was made. A stop is no fault of the instance: it is kept as it is.
    fn unfinished(&self, error: &Error) -> Diagnostics {
        let id = self.id.text_or_empty();
        if matches!(error, Error::Stopped(_)) {
            let detail = format!(
                "The instance {id} exists and costs money; it is in the state and was still starting. Apply again \
                 to go on with it, or destroy it."
            );
            return Diagnostic::warning("Stopped before the instance was ready", detail).into();
        }
        let aftermath = format!(
            "The instance {id} exists and costs money. It is in the state, marked as tainted: the next apply \
             replaces it. To keep it, run `terraform untaint` on its address; to remove it, destroy it."
        );
        Attempt { what: "get the instance ready", aftermath, schema: None }.failed(error)
    }

    /// What the instance costs; null when the catalogue cannot tell.
    async fn price(&self, client: &Client, cx: &Cx) -> Attr<f64> {
        let Ok(products) = products::gpu_products(client, &cx.call().within(PRICE_WITHIN), &[]).await else {
            return Attr::Null;
        };
        let mode = self.billing_mode.known().copied().unwrap_or(BillingMode::OnDemand).as_str();
        let (months, gpus) =
            (self.month.known().copied().unwrap_or(0), self.gpu_num.known().copied().unwrap_or(1));
        let product = products.iter().find(|it| Some(it.id.as_str()) == self.product_id.text());
        Attr::from_option(product.and_then(|it| it.hourly_price(mode, months, gpus)))
    }

    /// Starts or stops the instance, waits for it, and takes over what it then is.
    pub(super) async fn power(&mut self, client: &Client, call: &Call, wanted: PowerState) -> Result<()> {
        let id = self.id.text_or_empty();
        let (what, done) = match wanted {
            PowerState::Running => ("start the instance", started(client, call, id).await),
            PowerState::Stopped => ("stop the instance", stopped(client, call, id).await),
        };
        self.refresh(done.map_err(|error| Attempt::to(what).failed(&error))?);
        Ok(())
    }
}

async fn started(client: &Client, call: &Call, id: &str) -> error::Result<Instance> {
    calls::start(client, call, id).await?;
    wait_until_running(client, call, id, After::Start).await
}

async fn stopped(client: &Client, call: &Call, id: &str) -> error::Result<Instance> {
    calls::stop(client, call, id).await?;
    wait_until_exited(client, call, id).await
}
