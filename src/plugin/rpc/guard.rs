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

fn crashed(panic: &(dyn Any + Send)) -> Diagnostic {
    // A message put together at run time may quote a value of the user's, as the panic hook has it too.
    let text = panic.downcast_ref::<&'static str>().copied().unwrap_or("its message may hold values");
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
        let refuse = |it: Diagnostics| {
            it.0.first().map_or("", |it| if it.detail.contains("boom") { "boom" } else { "refused" })
        };
        guarded(work, refuse).await.to_owned()
    }

    #[tokio::test]
    async fn g7_a_panic_becomes_a_diagnostic() {
        assert_eq!(outcome(async { Ok("fine") }).await, "fine");
        assert_eq!(outcome(async { Err(Diagnostic::error("no", "no").into()) }).await, "refused");
        assert_eq!(outcome(async { panic!("boom") }).await, "boom");
    }

    #[tokio::test]
    async fn a_panic_that_quotes_a_value_does_not_show_it() {
        let secret = String::from("boom-hunter2ü");
        let work = async move { if secret[..13].is_empty() { Ok("") } else { Err(Diagnostics::default()) } };
        assert_eq!(outcome(work).await, "refused");
    }
}
