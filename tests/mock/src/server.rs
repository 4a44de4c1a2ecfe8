//! HTTP/1.1 on the loopback: decodes requests, waits and drops connections as faults say, answers.
//!
//! The only module that names the HTTP library.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming as Body;
use hyper::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT,
};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::sync::{oneshot, watch};

use crate::answer::{Answer, Incoming};
use crate::control;
use crate::core::Core;
use crate::faults::{Effect, When};

/// The core with what is needed to wait for it from threads and tasks.
#[derive(Debug)]
pub(crate) struct Shared {
    core: Mutex<Core>,
    threads: Condvar,
    tasks: watch::Sender<()>,
    releases: watch::Sender<u64>,
}

impl Shared {
    pub(crate) fn new(core: Core) -> Self {
        let (tasks, releases) = (watch::Sender::new(()), watch::Sender::new(0));
        Self { core: Mutex::new(core), threads: Condvar::new(), tasks, releases }
    }

    /// The core. A test that panicked while it held the lock does not spoil it for the others.
    pub(crate) fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets all requests go that hang now.
    pub(crate) fn release(&self) {
        self.releases.send_modify(|it| *it += 1);
    }

    /// A receiver that is told of every change of the log.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.tasks.subscribe()
    }

    /// Blocks the thread until the core is as wanted; false when the deadline passed before.
    pub(crate) fn wait_until(&self, deadline: Instant, wanted: impl Fn(&mut Core) -> bool) -> bool {
        let mut core = self.core();
        loop {
            if wanted(&mut core) {
                return true;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            // Real time moves machines without telling anyone.
            let left = left.min(Duration::from_millis(20));
            core = self.threads.wait_timeout(core, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn tell(&self) {
        self.threads.notify_all();
        self.tasks.send_replace(());
    }
}

/// Ends a connection without an answer.
#[derive(Debug)]
struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

type Outcome = Result<Response<Full<Bytes>>, Box<dyn std::error::Error + Send + Sync>>;

/// Serves until told to stop. Requests under way end with the runtime.
pub(crate) async fn serve(
    listener: std::net::TcpListener,
    shared: Arc<Shared>,
    mut stop: oneshot::Receiver<()>,
) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    loop {
        let stream = tokio::select! {
            _ = &mut stop => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(_) => continue,
            },
        };
        // Without it a small answer can wait for the acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        let shared = shared.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| answer(&shared, request));
            let connection = hyper::server::conn::http1::Builder::new();
            // An error is a client that went away, or a connection dropped on purpose.
            let _ = connection.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(shared: &Shared, request: Request<Body>) -> Outcome {
    let wants_json = header(&request, ACCEPT).is_some_and(|it| it.contains("json"));
    let mut releases = shared.releases.subscribe();
    let incoming = read(request).await?;
    if let Some(page) = incoming.path.strip_prefix("/_mock/") {
        return into_response(control::answer(shared, page, &incoming, wants_json));
    }
    let received = shared.core().receive(&incoming);
    shared.tell();
    hold(&received.effects, When::Before, &mut releases).await?;
    let answer = shared.core().perform(&received);
    shared.tell();
    hold(&received.effects, When::After, &mut releases).await?;
    let date = HeaderValue::from_str(&shared.core().time.date())?;
    let mut response = into_response(answer)?;
    response.headers_mut().insert(DATE, date);
    Ok(response)
}

/// Waits or drops, as the effects at this side of the work say.
async fn hold(effects: &[Effect], side: When, releases: &mut watch::Receiver<u64>) -> Result<(), Dropped> {
    for effect in effects {
        match effect {
            Effect::Drop(when) if *when == side => return Err(Dropped),
            Effect::Delay { when, millis } if *when == side => {
                tokio::time::sleep(Duration::from_millis(*millis)).await;
            }
            // An error means that the mock is being stopped, which ends this task too.
            Effect::Hang(when) if *when == side => releases.changed().await.map_err(|_| Dropped)?,
            _ => {}
        }
    }
    Ok(())
}

async fn read(request: Request<Body>) -> Result<Incoming, hyper::Error> {
    let mut incoming = Incoming {
        method: request.method().as_str().to_owned(),
        path: decode(request.uri().path()),
        query: request.uri().query().map(pairs).unwrap_or_default(),
        authorization: header(&request, AUTHORIZATION),
        content_type: header(&request, CONTENT_TYPE),
        user_agent: header(&request, USER_AGENT),
        body: Vec::new(),
    };
    incoming.body = request.into_body().collect().await?.to_bytes().to_vec();
    Ok(incoming)
}

fn header(request: &Request<Body>, name: HeaderName) -> Option<String> {
    Some(request.headers().get(name)?.to_str().ok()?.to_owned())
}

fn into_response(answer: Answer) -> Outcome {
    let mut response = Response::new(Full::new(Bytes::from(answer.body)));
    *response.status_mut() = StatusCode::from_u16(answer.status)?;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_str(&answer.content_type)?);
    if let Some(after) = &answer.retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_str(after)?);
    }
    Ok(response)
}

pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    let pair = |text: &str| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
    };
    query.split('&').filter(|it| !it.is_empty()).map(pair).collect()
}

/// Undoes percent encoding; what is not encoded right stays as it is.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut decoded, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).and_then(|it| u8::from_str_radix(it, 16).ok());
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                decoded.push(byte);
                at += 3;
            }
            (byte, _) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_pair_by_pair() {
        let expected = [("name", "a b&c+"), ("empty", ""), ("bad", "%zz%")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(pairs("name=a+b%26c%2B&empty&bad=%zz%"), expected);
    }
}
