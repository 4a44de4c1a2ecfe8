//! Putting the parts together: listener, TLS, services, and the order of their ends.
//!
//! Three signals, never mixed: [`Stop`] tells running calls that the user pressed Ctrl-C; `down` ends
//! the server; a cancelled call is only that call.

use std::io;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Server;

use crate::plugin::About;
use crate::plugin::accept::{Connection, accept};
use crate::plugin::calls::CountedCalls;
use crate::plugin::ending::Ending;
use crate::plugin::environment::Environment;
use crate::plugin::gauge::Gauge;
use crate::plugin::handshake;
use crate::plugin::life::Life;
use crate::plugin::listener::Listener;
use crate::plugin::proto::tfplugin6::provider_server::{Provider, ProviderServer};
use crate::plugin::services;
use crate::plugin::signals::Signals;
use crate::plugin::start_error::StartError;
use crate::plugin::stop::Stop;
use crate::plugin::tls::Tls;

/// Bytes of one message, in and out; what servers written in Go take and send. What may be made of them is
/// bounded where they are decoded (`framework/types`, `framework/json`).
const LARGEST_MESSAGE: usize = 256 << 20;

/// Calls at a time on one connection; more wait at the client, which has ten unless `-parallelism` says
/// otherwise. The library sets no limit by itself.
const MOST_CALLS: u32 = 1000;

/// How long the server goes on after `down` to send what is ready. Clients kill after 2 s.
const TIME_TO_FINISH: Duration = Duration::from_millis(400);

/// Serves until the client, a signal or a developer ends it.
pub(crate) async fn serve<S: Provider>(
    about: About,
    life: Life,
    environment: &Environment,
    make: impl FnOnce(Stop) -> S,
) -> Result<(), StartError> {
    let signals = Signals::watch(life).map_err(StartError::Signals)?;
    let tls = match (life, &environment.client_certificate) {
        (Life::Plugin, Some(certificate)) => Some(Tls::for_client(certificate)?),
        (Life::Plugin, None) | (Life::Debug, _) => None,
    };
    // As late as possible: what is killed from here on leaves a directory behind.
    let listener = Listener::bind(environment).await?;
    match life {
        Life::Plugin => {
            handshake::announce(environment, &listener.address(), tls.as_ref().map(|tls| &tls.certificate))
        }
        Life::Debug => handshake::announce_to_a_developer(about, &listener.address()),
    }
    .map_err(StartError::Handshake)?;
    log::debug!(target: "sdk.plugin", version = about.version, tls = tls.is_some(); "serving");

    let stop = Stop::default();
    let (running_calls, open_connections) = (Gauge::default(), Gauge::default());
    let down = CancellationToken::new();
    let services = CountedCalls {
        services: services::add_to(Routes::new(limited(make(stop.clone()))), &down),
        running: running_calls.clone(),
    };
    let acceptor = tls.map(|tls| TlsAcceptor::from(tls.config));
    let ending =
        Ending { life, signals, stop, running_calls, open_connections: open_connections.clone(), down };
    run(listener, acceptor, open_connections, services, ending).await?;
    log::debug!(target: "sdk.plugin", "ended");
    Ok(())
}

fn limited<S: Provider>(service: S) -> ProviderServer<S> {
    ProviderServer::new(service)
        .max_decoding_message_size(LARGEST_MESSAGE)
        .max_encoding_message_size(LARGEST_MESSAGE)
}

/// No part is spawned, so that the tasks that are alive are the connections and what calls began.
async fn run(
    listener: Listener,
    acceptor: Option<TlsAcceptor>,
    open_connections: Gauge,
    services: CountedCalls,
    ending: Ending,
) -> Result<(), tonic::transport::Error> {
    let (stop, down) = (ending.stop.clone(), ending.down.clone());
    let (ready, connections) = mpsc::channel::<io::Result<Connection>>(1);
    let serving = Server::builder().max_concurrent_streams(MOST_CALLS).serve_with_incoming_shutdown(
        services,
        ReceiverStream::new(connections),
        down.clone().cancelled_owned(),
    );
    let accepting = async {
        // The end drops the listener, and with it the socket, before the last answers are out.
        let _ = down.run_until_cancelled(accept(listener, acceptor, open_connections, ready)).await;
        std::future::pending::<()>().await;
    };
    let ending = async {
        ending.bring_about().await;
        std::future::pending::<()>().await;
    };
    let too_late = async {
        down.cancelled().await;
        stop.fire();
        tokio::time::sleep(TIME_TO_FINISH).await;
    };
    tokio::select! {
        result = serving => result,
        () = too_late => Ok(()),
        () = accepting => Ok(()),
        () = ending => Ok(()),
    }
}
