//! Ephemeral resources: values that a run uses and that no plan and no state keeps (`ephemeral` blocks).
//!
//! Each is opened once in a plan and once again in an apply. What has to be given back is a lease: clients may leave it
//! open, so whoever serves it remembers it and closes it at the end.

use std::marker::PhantomData;
use std::time::SystemTime;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use serde_json::Value as Json;

use crate::apply::known;
use crate::author::model;
use crate::definition::{Defined, Definition};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::erased::{CallContext, READ_LIMIT};
use crate::guarded;
use crate::model::Model;
use crate::resource::{Context, ProviderData, Result, Rules};
use crate::schema::Schema;
use crate::validate::validate_model;
use crate::value::Value;

/// An ephemeral resource: its model is the implementing type itself.
pub trait EphemeralResource: Model + Send + Sync + 'static {
    /// What the provider made of its configuration.
    type Data: ProviderData;

    /// Name of the type in HCL.
    const TYPE: &'static str;

    /// Rules between attributes; no call: unknown values pass.
    fn validate(&self, rules: &mut Rules) {
        let _ = rules;
    }

    /// Opens it. What is configured stays as it is.
    ///
    /// # Errors
    /// It cannot be opened.
    fn open(cx: &Context<Self::Data>, config: Self) -> impl Future<Output = Result<Opened<Self>>> + Send;

    /// Renews a lease, and returns when to do so again. Its id stays the same: a client closes what was opened.
    ///
    /// # Errors
    /// It cannot be renewed. Clients up to Terraform 1.16 do not show why.
    fn renew(
        cx: &Context<Self::Data>,
        lease: Json,
    ) -> impl Future<Output = Result<Option<SystemTime>>> + Send {
        let _ = (cx, lease);
        async { Ok(None) }
    }

    /// Gives a lease back. One that is gone already is a success.
    ///
    /// # Errors
    /// It still exists, or nobody knows.
    fn close(cx: &Context<Self::Data>, lease: Json) -> impl Future<Output = Result<()>> + Send {
        let _ = (cx, lease);
        async { Ok(()) }
    }
}

/// What was opened.
pub struct Opened<M> {
    /// The values.
    pub value: M,
    /// What has to be given back.
    pub lease: Option<Lease>,
}

impl<M> From<M> for Opened<M> {
    fn from(value: M) -> Self {
        Self { value, lease: None }
    }
}

/// What has to be given back. Give it a short life: a run that fails leaves it open.
pub struct Lease {
    /// What [`EphemeralResource::renew`] and [`EphemeralResource::close`] know it by.
    pub id: Json,
    /// When to renew it first, well before it ends.
    pub renew_at: Option<SystemTime>,
}

/// An ephemeral resource of any model.
#[async_trait]
pub trait DynEphemeralResource<D>: Defined {
    /// Opens it; the value is null after a failure.
    async fn open(&self, context: CallContext<D>, config: Value) -> (Opened<Value>, Diagnostics);

    /// Renews a lease.
    async fn renew(&self, context: CallContext<D>, lease: Json) -> (Option<SystemTime>, Diagnostics);

    /// Gives a lease back.
    async fn close(&self, context: CallContext<D>, lease: Json) -> Diagnostics;
}

/// The table's entry for an ephemeral resource.
pub fn ephemeral_resource<E: EphemeralResource>() -> Box<dyn DynEphemeralResource<E::Data>> {
    let check = |schema: &Schema, config: &Value| validate_model(schema, config, true, E::validate);
    Box::new(Entry::<E> { definition: Definition::of::<E>(E::TYPE, check), ephemeral: PhantomData })
}

struct Entry<E> {
    definition: Definition,
    ephemeral: PhantomData<fn() -> E>,
}

impl<E: EphemeralResource> Defined for Entry<E> {
    fn definition(&self) -> &Definition {
        &self.definition
    }
}

impl<E: EphemeralResource> Entry<E> {
    /// Runs a part of its life, with what the user is told.
    async fn run<T>(
        &self,
        cx: &Context<E::Data>,
        config: &Value,
        work: BoxFuture<'_, Result<T>>,
    ) -> (Option<T>, Diagnostics) {
        let secrets = guarded::secrets(self.schema(), &[config]);
        let told = async {
            let outcome = work.await;
            let mut told = cx.take_warnings();
            let value = outcome.map_err(|failure| told.append(failure)).ok();
            (value, guarded::out_of(told, self.schema(), config))
        };
        guarded::guarded(&cx.data, secrets, Box::pin(told)).await
    }
}

#[async_trait]
impl<E: EphemeralResource> DynEphemeralResource<E::Data> for Entry<E> {
    async fn open(&self, context: CallContext<E::Data>, config: Value) -> (Opened<Value>, Diagnostics) {
        let cx = &Context::of(context, READ_LIMIT);
        let config = self.definition.whole(config);
        let open = async {
            if !config.is_wholly_known() {
                let detail = "A value of its configuration is known only after apply.";
                return Err(Diagnostic::error("Ephemeral resource cannot be opened yet", detail).into());
            }
            let faults = self.validate(&config);
            if faults.has_error() {
                return Err(faults);
            }
            E::open(cx, model(&config)?).await
        };
        let (opened, told) = self.run(cx, &config, Box::pin(open)).await;
        let Some(Opened { value, lease }) = opened else { return (Opened::from(Value::Null), told) };
        let mut value = known(value.to_object());
        for (name, configured) in config.as_map().into_iter().flatten().filter(|(_, it)| !it.is_null()) {
            value.set(name, configured.clone());
        }
        (Opened { value, lease }, told)
    }

    async fn renew(&self, context: CallContext<E::Data>, lease: Json) -> (Option<SystemTime>, Diagnostics) {
        let cx = &Context::of(context, READ_LIMIT);
        let (renewed, told) = self.run(cx, &Value::Null, Box::pin(E::renew(cx, lease))).await;
        (renewed.flatten(), told)
    }

    async fn close(&self, context: CallContext<E::Data>, lease: Json) -> Diagnostics {
        let cx = &Context::of(context, READ_LIMIT);
        self.run(cx, &Value::Null, Box::pin(E::close(cx, lease))).await.1
    }
}
