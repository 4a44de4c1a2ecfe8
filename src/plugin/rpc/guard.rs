//! The guard around every call: a task of its own, and a panic in it becomes a message for the user.
//!
//! A task outlives the call that started it, so a client that cancels a call cannot cut a paid change
//! in the middle. Knows nothing of what the call does.

use std::any::Any;
use std::future::Future;

use crate::framework::diagnostics::{Diagnostic, Diagnostics};

/// Runs the work in a task. Its failure, or the panic that ended it, goes through `refuse`.
pub(super) async fn guarded<T: Send + 'static>(
    work: impl Future<Output = Result<T, Diagnostics>> + Send + 'static,
    refuse: impl FnOnce(Diagnostics) -> T,
) -> T {
    match tokio::spawn(work).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(failure)) => refuse(failure),
        Err(ended) => refuse(Diagnostics::from(match ended.try_into_panic() {
            Ok(panic) => crashed(panic.as_ref()),
            Err(_) => Diagnostic::error("Operation was cut short", "The provider is shutting down."),
        })),
    }
}

/// Only a text that was fixed when the program was compiled is repeated: one that was put together at
/// run time may hold a value of the user's.
fn crashed(panic: &(dyn Any + Send)) -> Diagnostic {
    // A message put together at run time may quote a value of the user's, as the panic hook has it too.
    let text = panic.downcast_ref::<&'static str>().copied();
    let text = text.unwrap_or("the message is not shown, since it may hold values");
    let detail = format!(
        "A bug in the provider ended this operation: {text}. Whatever it had created by then is in the answer \
         and goes into the state. Please report this with the lines that the provider wrote to the log."
    );
    Diagnostic::error("Provider crashed during the operation", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn outcome(
        work: impl Future<Output = Result<&'static str, Diagnostics>> + Send + 'static,
    ) -> String {
        let work = async { work.await.map(str::to_owned) };
        guarded(work, |it| it.0.into_iter().map(|it| it.detail).collect()).await
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
