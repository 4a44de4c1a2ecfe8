//! What ephemeral resources have to give back: clients do not close what was opened where a run fails or is stopped.
//!
//! Each open lease is kept by a task of its own, which closes it when the process is told to end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value as Json;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::plugin::operations::Operations;
use crate::provider::{Provider, Server};

/// How long giving one back may take when the process ends.
const TIME_TO_CLOSE: Duration = Duration::from_secs(2);

/// The open leases, by type and private bytes. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Leases(Arc<Mutex<HashMap<(String, Bytes), DropGuard>>>);

impl Leases {
    /// Keeps one that was opened; returns the bytes by which the client names it.
    pub(super) fn keep<P: Provider>(
        &self,
        server: &Arc<Server<P>>,
        operations: &Operations,
        type_name: &str,
        lease: &Json,
    ) -> Bytes {
        let private = Bytes::from(lease.to_string());
        let closed = CancellationToken::new();
        let guard = closed.clone().drop_guard();
        let (server, type_name, lease) = (Arc::clone(server), type_name.to_owned(), lease.clone());
        self.lock().insert((type_name.clone(), private.clone()), guard);
        let operation = operations.begin_last();
        tokio::spawn(async move {
            tokio::select! {
                () = closed.cancelled() => {}
                () = operation.stop.cancelled() => close(&server, &type_name, lease).await,
            }
            drop(operation);
        });
        private
    }

    /// Forgets one that the client closes.
    pub(super) fn forget(&self, type_name: &str, private: &Bytes) {
        self.lock().remove(&(type_name.to_owned(), private.clone()));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(String, Bytes), DropGuard>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives one back that nobody has closed.
async fn close<P: Provider>(server: &Server<P>, type_name: &str, lease: Json) {
    let (Ok(ephemeral), Ok(context)) =
        (server.ephemeral_resources.get(type_name), server.context(CancellationToken::new()))
    else {
        return;
    };
    let told = timeout(TIME_TO_CLOSE, ephemeral.close(context, lease)).await;
    if told.map_or(true, |it| it.has_error()) {
        log::error!(target: "provider", "a {type_name} that was left open could not be closed; it ends by itself");
    }
}

/// The lease that a client names by its private bytes.
pub(super) fn lease(private: Option<&Bytes>) -> Option<Json> {
    private.and_then(|it| serde_json::from_slice(it).ok())
}
