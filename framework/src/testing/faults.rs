//! Faults in the midst of an apply: a stop, a deadline and a panic, at each of its await points in turn.
//!
//! Owns when a fault strikes and what must hold after it. What exists is the author's to tell, and a panic is caught where
//! production catches it.

use std::any::Any;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt;
use serde_json::Value as Json;
use tokio::time;
use tokio_util::sync::CancellationToken;

use crate::apply::{Apply, Outcome};
use crate::client::{state_faults, value};
use crate::crash;
use crate::provider::Provider;
use crate::testing::{Client, Object, succeeded, told};
use crate::timeouts::Operation;
use crate::value::Value;

/// An operation that waits more often than this waits for ever.
const MOST_POINTS: usize = 1000;

/// What strikes.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Stop,
    Deadline,
    Panic,
}

/// One apply, with a fault at one of its await points.
struct Trial<'t, P: Provider, E> {
    client: &'t Client<P>,
    type_name: &'t str,
    config: &'t Json,
    prior: Option<&'t Json>,
    exists: &'t E,
    fault: Fault,
    /// How often the operation waits before the fault; zero: before it begins.
    point: usize,
}

impl<P: Provider> Client<P> {
    /// Applies a configuration again and again, with a fault each time: [`Context::stop`](crate::resource::Context::stop),
    /// the deadline, or a panic, where the operation begins and at the 1st, 2nd, 3rd … point at which it waits. `prior` is
    /// the configuration that is changed, or, with a `config` of null, destroyed; without one, a creation is tried.
    ///
    /// `exists` tells the ids of what there is, such as the files in a folder or what a server of the test holds. After each
    /// fault,
    /// - all that exists has to be in the state that was answered, and nothing that a client would refuse;
    /// - a client that goes on from there has to come to what is configured: it reads, replaces what is tainted, applies,
    ///   and plans nothing more;
    /// - what the state names then is destroyed, and nothing may be left.
    ///
    /// What a call makes that is under way when a panic strikes is not asked for, since no provider can know of it: what had
    /// been made when the operation came to wait is. The deadline comes by a jump of the clock, at which time-outs of calls
    /// run out as well: a creating call that is given up there has lost what it makes, as it has in production. Returns at
    /// how many points it struck.
    ///
    /// ```no_run
    /// # use serde_json::{Value, json};
    /// # use tfplugin::{provider::Provider, testing::Client};
    /// # async fn test<Shelf: Provider>() {
    /// let client = Client::<Shelf>::configured(&json!({ "folder": "/tmp/books" }));
    /// let books = || {
    ///     let files = std::fs::read_dir("/tmp/books").unwrap();
    ///     files.map(|it| it.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    /// };
    /// let emma = |pages: i64| json!({ "title": "Emma", "pages": pages });
    /// client.faults("shelf_book", &emma(474), None, &books).await; // creates
    /// client.faults("shelf_book", &emma(475), Some(&emma(474)), &books).await; // changes
    /// client.faults("shelf_book", &Value::Null, Some(&emma(474)), &books).await; // destroys
    /// # }
    /// ```
    ///
    /// # Panics
    /// Where something does not hold, with the fault and the point. It needs the runtime of `#[tokio::test]`, with or
    /// without `start_paused`; deletion protection must be off.
    pub async fn faults(
        &self,
        type_name: &str,
        config: &Json,
        prior: Option<&Json>,
        exists: &impl Fn() -> Vec<String>,
    ) -> usize {
        let mut points = 0;
        // What a panic leaves behind unknown to all, if anything, comes last.
        for fault in [Fault::Stop, Fault::Deadline, Fault::Panic] {
            let mut trial = Trial { client: self, type_name, config, prior, exists, fault, point: 0 };
            while trial.strikes().await {
                trial.point += 1;
                assert!(trial.point < MOST_POINTS, "{trial}: the operation never ends");
            }
            points = points.max(trial.point);
        }
        points
    }
}

impl<P: Provider, E> std::fmt::Display for Trial<'_, P, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let operation = match (self.prior, self.config) {
            (None, _) => "creation",
            (_, Json::Null) => "deletion",
            _ => "change",
        };
        let fault = format!("{:?}", self.fault).to_lowercase();
        write!(f, "{fault} at await point {} of the {operation} of a {}", self.point, self.type_name)
    }
}

impl<P: Provider, E: Fn() -> Vec<String>> Trial<'_, P, E> {
    /// Whether the operation came to the point; all that it made is gone again.
    async fn strikes(&self) -> bool {
        let failed = |it: Box<dyn Any + Send>| -> bool { panic!("{self}: {}", text(it.as_ref())) };
        AssertUnwindSafe(self.run()).catch_unwind().await.unwrap_or_else(failed)
    }

    async fn run(&self) -> bool {
        let before = self.existing();
        let made = match self.prior {
            Some(prior) => Some(self.client.apply(self.type_name, prior, None).await),
            None => None,
        };
        let (outcome, at_fault) = self.struck(made.as_ref()).await;
        let is_struck = at_fault.is_some();
        let of_panic = at_fault.filter(|_| matches!(self.fault, Fault::Panic));
        let seen = of_panic.clone().unwrap_or_else(|| self.existing());
        let id = outcome.state.get("id").as_str();
        let lost: Vec<_> = seen.difference(&before).filter(|it| Some(it.as_str()) != id).collect();
        assert!(lost.is_empty(), "{lost:?} exists and is not in the state: {}", told(&outcome.diagnostics));

        let is_tainted = made.is_none() && outcome.diagnostics.has_error();
        self.heal(outcome, is_tainted).await;
        let left = self.existing();
        let left =
            left.difference(&before).filter(|it| of_panic.as_ref().is_none_or(|seen| seen.contains(*it)));
        let left: Vec<_> = left.collect();
        assert!(left.is_empty(), "{left:?} is left when all that is in the state is destroyed");
        is_struck
    }

    fn existing(&self) -> BTreeSet<String> {
        (self.exists)().into_iter().collect()
    }

    /// Applies under the fault. With the answer, what existed when it struck, if it did.
    async fn struck(&self, made: Option<&Object>) -> (Outcome, Option<BTreeSet<String>>) {
        let (client, resource) = (self.client, self.client.resource(self.type_name));
        let schema = resource.schema();
        let config = value(schema, self.config);
        let planned = client.planned(self.type_name, config.clone(), made).await;
        succeeded("plan", &planned.diagnostics);
        assert!(planned.replace.is_empty(), "it replaces: try its destruction and its creation");
        let prior = made.map_or(Value::Null, |it| it.state.clone());
        let operation = match (&prior, &planned.value) {
            (Value::Null, _) => Operation::Create,
            (_, Value::Null) => Operation::Delete,
            _ => Operation::Update,
        };
        let bounded = if planned.value.is_null() { &prior } else { &planned.value };
        let limit = operation.limit(bounded, schema.timeouts);

        let stop = CancellationToken::new();
        let context = client.server.context(stop.clone()).unwrap_or_else(|it| panic!("{}", told(&it)));
        let at_fault = Cell::new(None);
        let apply = Apply { config, prior, planned: planned.value, private: planned.private };
        let outcome = crash::apply_through(resource, context, apply, async |mut work| {
            if let Some(outcome) = until_point(work.as_mut(), self.point).await {
                return outcome;
            }
            at_fault.set(Some(self.existing()));
            match self.fault {
                Fault::Stop => stop.cancel(),
                Fault::Deadline => pass(limit).await,
                // Without the hook, so that no trace of it is printed.
                Fault::Panic => resume_unwind(Box::new("injected by the test")),
            }
            work.await
        });
        let outcome = outcome.await;
        let faults = state_faults(schema, &outcome.state);
        assert!(outcome.state.is_null() || faults.is_empty(), "a client calls this a bug: {faults:?}");
        (outcome, at_fault.into_inner())
    }

    /// Goes on from an answer as a client does, to what is configured; destroys it then.
    async fn heal(&self, outcome: Outcome, is_tainted: bool) {
        let (client, type_name) = (self.client, self.type_name);
        let mut object = match Object::of(outcome) {
            Some(object) => client.read(type_name, &object).await,
            None => None,
        };
        if let (Some(tainted), true) = (&object, is_tainted) {
            client.destroy(type_name, tainted).await;
            object = None;
        }
        if !self.config.is_null() {
            object = Some(client.apply(type_name, self.config, object.as_ref()).await);
        }
        if let Some(object) = object {
            client.destroy(type_name, &object).await;
        }
    }
}

/// Works until it has had to wait so often; what it results in, if it ends before.
async fn until_point<T>(mut work: Pin<&mut (impl Future<Output = T> + ?Sized)>, point: usize) -> Option<T> {
    let mut waits = 0;
    poll_fn(|cx| {
        if waits == point {
            return Poll::Ready(None);
        }
        match work.as_mut().poll(cx) {
            Poll::Ready(it) => Poll::Ready(Some(it)),
            Poll::Pending => {
                waits += 1;
                if waits == point { Poll::Ready(None) } else { Poll::Pending }
            }
        }
    })
    .await
}

/// So much time passes at once, whether or not the test has paused it.
async fn pass(duration: Duration) {
    let is_paused = is_paused();
    if !is_paused {
        time::pause();
    }
    time::advance(duration).await;
    if !is_paused {
        time::resume();
    }
}

fn is_paused() -> bool {
    let (of_runtime, real) = (time::Instant::now(), std::time::Instant::now());
    while real.elapsed().is_zero() {}
    time::Instant::now() == of_runtime
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&'static str>().copied()).unwrap_or("a panic without a text")
}
