//! Calls that are answered by events, and how such a stream ends: whatever happens, with an event that says so.
//!
//! A client that has enough drops the stream; then sending fails, which is how the work learns of it. A stop does not
//! close the stream: the client waits for its end.

use futures_util::stream;
use tokio::sync::mpsc;
use tonic::Status;
use tonic::codegen::BoxStream;

use crate::crash::caught;
use crate::diagnostics::Diagnostics;
use crate::plugin::convert;
use crate::plugin::logging;
use crate::plugin::proto::tfplugin6 as proto;
use crate::plugin::rpc::{Call, Service, run};
use crate::provider::Provider;
use crate::resource::Result;

/// Events that may wait for the client.
const WAITING: usize = 16;

/// Where a call's events go.
pub(super) type Events<E> = mpsc::Sender<std::result::Result<E, Status>>;

/// An event of a stream.
pub(super) trait Event: Sized + Send + 'static {
    /// The last one, if one is needed to tell this.
    fn last(diagnostics: Vec<proto::Diagnostic>) -> Option<Self>;
}

impl Event for proto::list_resource::Event {
    fn last(diagnostic: Vec<proto::Diagnostic>) -> Option<Self> {
        (!diagnostic.is_empty()).then(|| Self { diagnostic, ..Default::default() })
    }
}

impl Event for proto::invoke_action::Event {
    fn last(diagnostics: Vec<proto::Diagnostic>) -> Option<Self> {
        use proto::invoke_action::event::{Completed, Type};
        Some(Self { r#type: Some(Type::Completed(Completed { diagnostics })) })
    }
}

impl<P: Provider> Service<P> {
    /// Lets the handler send events, and sends the last one when it has ended: with what it returns to tell, or why it
    /// has failed.
    pub(super) fn stream<Q, E: Event, F>(
        &self,
        request: Q,
        about: logging::Request,
        handler: impl FnOnce(Call<P>, Q, Events<E>) -> F,
    ) -> BoxStream<E>
    where
        F: Future<Output = Result<Diagnostics>> + Send + 'static,
    {
        let (events, mut sent) = mpsc::channel(WAITING);
        let operation = self.operations.begin();
        let work = caught(handler(self.call(&operation), request, events.clone()));
        let told = async move {
            let told = work.await.unwrap_or_else(|failure| failure);
            if let Some(last) = E::last(convert::diagnostics(told)) {
                // Nobody waits for it where sending fails.
                let _ = events.send(Ok(last)).await;
            }
            Ok(())
        };
        run(about, operation, Box::pin(told));
        Box::pin(stream::poll_fn(move |cx| sent.poll_recv(cx)))
    }
}
