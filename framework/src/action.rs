//! Actions: what a user has done beside the life of resources (`action` blocks and `terraform apply -invoke`).
//!
//! An action changes no state; what it did shows at the next refresh. The framework sees to it that a client is told
//! the end of each: by itself, at a stop, after its longest time or after a panic.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio::time::{sleep, sleep_until};

use crate::apply::known;
use crate::definition::{Defined, Definition};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::erased::{CHECK_LIMIT, CallContext, mismatched};
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
    Box::new(Entry::<A> { definition: Definition::of::<A>(A::TYPE, check), action: PhantomData })
}

struct Entry<A> {
    definition: Definition,
    action: PhantomData<fn() -> A>,
}

impl<A: Action> Defined for Entry<A> {
    fn definition(&self) -> &Definition {
        &self.definition
    }
}

impl<A: Action> Entry<A> {
    /// The configuration as a model, if nothing is wrong with it.
    fn model(&self, config: &Value) -> Result<A> {
        let faults = self.validate(config);
        if faults.has_error() {
            return Err(faults);
        }
        A::from_object(config).map_err(|it| mismatched(&it).into())
    }
}

#[async_trait]
impl<A: Action> DynAction<A::Data> for Entry<A> {
    async fn plan(&self, context: CallContext<A::Data>, config: Value) -> Diagnostics {
        let config = self.definition.whole(config);
        let data = Arc::clone(&context.data);
        let secrets = guarded::secrets(self.schema(), &[&config]);
        guarded::guarded(&data, secrets, async {
            let cx = Context::of(context, CHECK_LIMIT);
            let mut told = match self.model(&config) {
                Ok(model) => A::plan(&cx, model).await,
                Err(fault) => fault,
            };
            told.append(cx.take_warnings());
            guarded::out_of(told, self.schema(), &config)
        })
        .await
    }

    async fn invoke(
        &self,
        context: CallContext<A::Data>,
        config: Value,
        progress: mpsc::UnboundedSender<String>,
    ) -> Diagnostics {
        let config = known(self.definition.whole(config));
        let data = Arc::clone(&context.data);
        let secrets = guarded::secrets(self.schema(), &[&config]);
        guarded::guarded(&data, secrets, async {
            let model = match self.model(&config) {
                Ok(model) => model,
                Err(fault) => return guarded::out_of(fault, self.schema(), &config),
            };
            let cx = Context::of(context, model.limit());
            let progress = Progress(progress);
            let outcome = tokio::select! {
                outcome = A::invoke(&cx, model, &progress) => outcome,
                () = async { cx.stop.cancelled().await; sleep(TIME_TO_TELL).await } => Err(cut_off("It was stopped")),
                () = sleep_until(cx.deadline + TIME_TO_TELL) => Err(cut_off("It took longer than it may")),
            };
            let mut told = cx.take_warnings();
            told.append(outcome.err().unwrap_or_default());
            guarded::out_of(told, self.schema(), &config)
        })
        .await
    }
}

fn cut_off(why: &str) -> Diagnostics {
    let detail = format!(
        "{why} while a request was under way, so nobody knows whether it took effect. Look before you do it again."
    );
    Diagnostic::error("Action was cut off", detail).into()
}
