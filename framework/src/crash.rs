//! Operations that do not end as they should: a panic in their code, or a client that is gone before the answer.
//!
//! A panic must not lose what was made before it, so it becomes a message beside what the cell holds. What nobody
//! is left to be told goes into the log.

use std::any::Any;
use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::apply::{Apply, Outcome, known};
use crate::diagnostics::Diagnostic;
use crate::erased::{CallContext, DynResource};
use crate::protection;
use crate::resource::{Result, StateCell};
use crate::value::Value;

thread_local! {
    /// Where the last panic of an operation on this thread was.
    static PLACE: RefCell<String> = RefCell::default();
}

/// The panic that is about to be caught was here.
pub(crate) fn note_place(place: String) {
    PLACE.set(place);
}

/// Does the work. A panic in it is a failure with a message for the user.
///
/// # Errors
/// Those of the work, and a panic.
pub(crate) async fn caught<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|panic| Err(crashed(panic.as_ref()).into()))
}

/// Applies. After a panic the answer is what had been made by then, and else what there was before.
pub async fn apply<D>(resource: &dyn DynResource<D>, context: CallContext<D>, apply: Apply) -> Outcome {
    apply_through(resource, context, apply, |work| work).await
}

/// As [`apply`], with the work done by way of another future.
pub(crate) async fn apply_through<'r, D, F: Future<Output = Outcome>>(
    resource: &'r dyn DynResource<D>,
    context: CallContext<D>,
    apply: Apply,
    through: impl FnOnce(BoxFuture<'r, Outcome>) -> F,
) -> Outcome {
    let cell = StateCell::default();
    let (prior, mut private) = (apply.prior.clone(), apply.private.clone());
    let notes = context.notes.clone();
    let work = through(resource.apply(context, apply, Arc::clone(&cell)));
    let mut diagnostics = match caught(async { Ok(work.await) }).await {
        Ok(outcome) => return outcome,
        Err(crash) => crash,
    };
    private.notes = notes.after_apply();
    let saved = cell.lock().unwrap_or_else(PoisonError::into_inner).take();
    let creates = prior.is_null();
    let mut state = known(saved.clone().unwrap_or(prior));
    if let (Some(made), true) = (&saved, creates) {
        diagnostics.push(made_before(resource.type_name(), made));
        protection::lift(resource.schema(), &mut state);
    }
    Outcome { private: private.for_state(&state), state, diagnostics }
}

/// Logs what a creation has made, or may have made, when its answer reaches nobody: it is in no state then.
pub(crate) fn log_untold(type_name: &str, outcome: &Outcome) {
    let id = outcome.state.get("id").as_str();
    if let Some(id) = id {
        log::error!(
            target: "provider", id;
            "the client is gone: the {type_name} with the id {id:?} exists and is in no state; \
             import it, or remove it"
        );
    }
    for it in outcome.diagnostics.0.iter().filter(|_| id.is_none()) {
        log::error!(target: "provider", "the client is gone: {}: {}", it.summary, it.detail);
    }
}

/// Only a text that was fixed when the program was compiled is repeated: one that was put together at
/// run time may hold a value of the user's.
fn crashed(panic: &(dyn Any + Send)) -> Diagnostic {
    let text = panic.downcast_ref::<&'static str>().copied();
    let text = text.unwrap_or("the message is not shown, since it may hold values");
    let place =
        Some(PLACE.take()).filter(|it| !it.is_empty()).map(|it| format!(" at {it}")).unwrap_or_default();
    let detail = format!(
        "A bug in the provider{place} ended this operation: {text}. Whatever it had created by then is in the answer \
         and goes into the state. Please report this with the lines that the provider wrote to the log."
    );
    Diagnostic::error("Provider crashed during the operation", detail)
}

/// What a creation had made when it was cut short.
fn made_before(type_name: &str, state: &Value) -> Diagnostic {
    let id = state.get("id").as_str().unwrap_or_default();
    let detail = format!(
        "The `{type_name}` with the id {id:?} exists. It is in the state, marked as tainted: the \
         next apply replaces it. To keep it, or to remove it:\n\n  terraform untaint ADDRESS\n  terraform destroy -target=ADDRESS"
    );
    Diagnostic::error("Resource was created before the crash", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn outcome(work: impl Future<Output = Result<&'static str>>) -> String {
        match caught(work).await {
            Ok(text) => text.to_owned(),
            Err(failure) => failure.0.into_iter().map(|it| it.detail).collect(),
        }
    }

    #[tokio::test]
    async fn g7_a_panic_becomes_a_diagnostic() {
        assert_eq!(outcome(async { Ok("fine") }).await, "fine");
        assert_eq!(outcome(async { Err(Diagnostic::error("no", "refused").into()) }).await, "refused");
        assert!(outcome(async { panic!("boom") }).await.contains("boom"));
    }

    #[tokio::test]
    async fn a_message_of_a_panic_that_may_hold_values_is_not_shown() {
        let secret = || "hunter2".to_owned();
        let text = outcome(async move { panic!("the key is {}", secret()) }).await;
        assert!(text.contains("is not shown") && !text.contains("hunter2"), "{text}");
    }
}
