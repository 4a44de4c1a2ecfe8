//! Actions: what a user has done beside the life of resources (`action` blocks and `terraform apply -invoke`).
//!
//! An action changes no state; what it did shows at the next refresh. The framework sees to it that a client is told
//! the end of each: by itself, at a stop, after its longest time or after a panic.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;
use tokio::time::{sleep, sleep_until};

use crate::apply::known;
use crate::author::model;
use crate::definition::{Defined, Definition};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::erased::{CHECK_LIMIT, CallContext};
use crate::guarded;
use crate::model::Model;
use crate::redact;
use crate::resource::{Context, ProviderData, Result, Rules};
use crate::schema::Schema;
use crate::validate::validate_model;
use crate::value::Value;

/// How long an action that is told to stop, or whose time is over, may take to say what is known of its effect.
const TIME_TO_TELL: Duration = Duration::from_millis(700);

/// An action: its model is the block `config`.
pub trait Action: Model + Send + Sync + 'static {
    /// What the provider made of its configuration.
    type Data: ProviderData;

    /// Name of the type in HCL.
    const TYPE: &'static str;

    /// Rules between attributes; no call: unknown values pass.
    fn validate(&self, rules: &mut Rules) {
        let _ = rules;
    }

    /// How long it may take.
    fn limit(&self) -> Duration {
        Duration::from_secs(3600)
    }

    /// Warns before it is done, or refuses. Unknown values pass: what an action works on may not exist yet.
    ///
    /// Reading calls only, and soon done: the user waits.
    fn plan(cx: &Context<Self::Data>, config: Self) -> impl Future<Output = Diagnostics> + Send {
        let _ = (cx, config);
        async { Diagnostics::default() }
    }

    /// Does it, and returns when it is done. It has to look at [`Context::stop`] wherever it waits, and to say then what
    /// is known of its effect: soon after it is dropped.
    ///
    /// # Errors
    /// It was not done, or nobody knows.
    fn invoke(
        cx: &Context<Self::Data>,
        config: Self,
        progress: &Progress,
    ) -> impl Future<Output = Result<()>> + Send;
}

/// Tells the user how far an action is.
pub struct Progress(mpsc::UnboundedSender<String>);

impl Progress {
    /// Shows a line at once. Meant for changes, about one a second at most.
    pub fn tell(&self, line: impl AsRef<str>) {
        let line: String =
            redact::out_of(line.as_ref()).chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
        // Who has gone needs no progress.
        let _ = self.0.send(line);
    }
}

/// An action of any model.
#[async_trait]
pub trait DynAction<D>: Defined {
    /// Checks a configuration against the API.
    async fn plan(&self, context: CallContext<D>, config: Value) -> Diagnostics;

    /// Does it, and tells the end.
    async fn invoke(
        &self,
        context: CallContext<D>,
        config: Value,
        progress: mpsc::UnboundedSender<String>,
    ) -> Diagnostics;
}

/// The table's entry for an action.
pub fn action<A: Action>() -> Box<dyn DynAction<A::Data>> {
    let check = |schema: &Schema, config: &Value| validate_model(schema, config, true, A::validate);
    let limit = |config: &Value| Ok(model::<A>(config)?.limit());
    let definition = Definition::of::<A>(A::TYPE, check);
    Box::new(Entry { definition, limit, plan: plan::<A>, invoke: invoke::<A> })
}

/// The author's part, in values.
struct Entry<D> {
    definition: Definition,
    limit: fn(&Value) -> Result<Duration>,
    plan: for<'c> fn(&'c Context<D>, &'c Value) -> BoxFuture<'c, Result<Diagnostics>>,
    invoke: for<'c> fn(&'c Context<D>, &'c Value, &'c Progress) -> BoxFuture<'c, Result<()>>,
}

fn plan<'c, A: Action>(cx: &'c Context<A::Data>, config: &'c Value) -> BoxFuture<'c, Result<Diagnostics>> {
    Box::pin(async { Ok(A::plan(cx, model(config)?).await) })
}

fn invoke<'c, A: Action>(
    cx: &'c Context<A::Data>,
    config: &'c Value,
    progress: &'c Progress,
) -> BoxFuture<'c, Result<()>> {
    Box::pin(async move { A::invoke(cx, model(config)?, progress).await })
}

impl<D> Defined for Entry<D> {
    fn definition(&self) -> &Definition {
        &self.definition
    }
}

impl<D> Entry<D> {
    /// How long it may take, if nothing is wrong with the configuration.
    fn checked(&self, config: &Value) -> Result<Duration> {
        let faults = self.validate(config);
        if faults.has_error() { Err(faults) } else { (self.limit)(config) }
    }
}

#[async_trait]
impl<D: ProviderData> DynAction<D> for Entry<D> {
    async fn plan(&self, context: CallContext<D>, config: Value) -> Diagnostics {
        let config = self.definition.whole(config);
        let data = Arc::clone(&context.data);
        let secrets = guarded::secrets(self.schema(), &[&config]);
        let work = async {
            let cx = Context::of(context, CHECK_LIMIT);
            let mut told = match self.checked(&config) {
                Ok(_) => (self.plan)(&cx, &config).await.unwrap_or_else(|fault| fault),
                Err(fault) => fault,
            };
            told.append(cx.take_warnings());
            guarded::out_of(told, self.schema(), &config)
        };
        guarded::guarded(&data, secrets, Box::pin(work)).await
    }

    async fn invoke(
        &self,
        context: CallContext<D>,
        config: Value,
        progress: mpsc::UnboundedSender<String>,
    ) -> Diagnostics {
        let config = known(self.definition.whole(config));
        let data = Arc::clone(&context.data);
        let secrets = guarded::secrets(self.schema(), &[&config]);
        let work = async {
            let limit = match self.checked(&config) {
                Ok(limit) => limit,
                Err(fault) => return guarded::out_of(fault, self.schema(), &config),
            };
            let cx = Context::of(context, limit);
            let progress = Progress(progress);
            let outcome = tokio::select! {
                outcome = (self.invoke)(&cx, &config, &progress) => outcome,
                () = async { cx.stop.cancelled().await; sleep(TIME_TO_TELL).await } => Err(cut_off("It was stopped")),
                () = sleep_until(cx.deadline + TIME_TO_TELL) => Err(cut_off("It took longer than it may")),
            };
            let mut told = cx.take_warnings();
            told.append(outcome.err().unwrap_or_default());
            guarded::out_of(told, self.schema(), &config)
        };
        guarded::guarded(&data, secrets, Box::pin(work)).await
    }
}

fn cut_off(why: &str) -> Diagnostics {
    let detail = format!(
        "{why} while a request was under way, so nobody knows whether it took effect. Look before you do it again."
    );
    Diagnostic::error("Action was cut off", detail).into()
}
