//! Putting the parts together: listener, TLS, services, and the end.
//!
//! Three signals, never mixed: the stop of [`crate::plugin::operations`] tells what runs that the user pressed
//! Ctrl-C; `down` ends the server; a call that the client cancels is only that call.

use tokio_rustls::TlsAcceptor;
use tonic::service::Routes;

use crate::plugin::accept::Server;
use crate::plugin::environment::Environment;
use crate::plugin::listener::Listener;
use crate::plugin::operations::Operations;
use crate::plugin::proto::tfplugin6::provider_server::{Provider, ProviderServer};
use crate::plugin::shutdown::Shutdown;
use crate::plugin::signals::Signals;
use crate::plugin::start_error::StartError;
use crate::plugin::tls::Tls;
use crate::plugin::{PluginInfo, ServeMode, aux_services, handshake};

/// Bytes of one message, in and out; what servers written in Go take and send. What may be made of them is
/// bounded where they are decoded (`types`, `json`).
const LARGEST_MESSAGE: usize = 256 << 20;

/// Serves until the client, a signal or a developer ends it.
pub(crate) async fn serve<S: Provider>(
    info: PluginInfo,
    mode: ServeMode,
    environment: &Environment,
    make: impl FnOnce(Operations) -> S,
) -> Result<(), StartError> {
    let shutdown = Shutdown::new(mode);
    let mut signals = Signals::watch(mode).map_err(StartError::Signals)?;
    let tls = match (mode, &environment.client_certificate) {
        (ServeMode::Plugin, Some(certificate)) => Some(Tls::for_client(certificate)?),
        (ServeMode::Plugin, None) | (ServeMode::Debug, _) => None,
    };
    // As late as possible: what is killed from here on leaves a directory behind.
    let listener = Listener::bind(environment).await?;
    match mode {
        ServeMode::Plugin => {
            handshake::announce(environment, &listener.address(), tls.as_ref().map(|tls| &tls.certificate))
        }
        ServeMode::Debug => handshake::announce_to_a_developer(info, &listener.address()),
    }
    .map_err(StartError::Handshake)?;
    log::debug!(target: "sdk.plugin", version = info.version, tls = tls.is_some(); "serving");

    let provider = ProviderServer::new(make(shutdown.operations.clone()))
        .max_decoding_message_size(LARGEST_MESSAGE)
        .max_encoding_message_size(LARGEST_MESSAGE);
    let server = Server {
        tls: tls.map(|tls| TlsAcceptor::from(tls.config)),
        routes: aux_services::add_to(Routes::new(provider), &shutdown.down).await,
        connections: shutdown.connections.clone(),
        down: shutdown.down.clone(),
    };
    tokio::join!(server.accept(listener), shutdown.run(async || signals.end().await));
    Ok(())
}
