//! Waiting until an endpoint serves or is gone.
//!
//! Waits look at the endpoint's own state and never at its workers: with `minNum` 0 it serves
//! without any.

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::Result;
use crate::api::wait::Verdict;
use crate::provider::endpoint::calls::{self, Class, Endpoint};
use crate::provider::paging::Walk;
use crate::provider::roll::{Fetch, Looks, wait};
use crate::provider::watch::{Sight, Watch, is_about_image, is_going, is_on_its_way, judge_gone};

/// So many looks in a row that show an endpoint switched off make a failure. It may pass through
/// that state on its way.
const SWITCHED_OFF: u32 = 4;

/// What was done to an endpoint before the wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// Created: it may not be known yet.
    Create,
    /// Updated: it may still seem to be as before.
    Update,
}

/// Waits until an endpoint serves, and returns it as it is then.
///
/// # Errors
/// [`Error::Failed`](crate::api::error::Error::Failed) when it cannot come to serve any more, with
/// the API's words; the bounds' errors.
pub(crate) async fn wait_until_serving(
    looks: &Looks<'_, Endpoint>,
    id: &str,
    after: After,
) -> Result<Endpoint> {
    let mut judge = Judge::new(id, after);
    let what = format!("endpoint {id} to serve");
    wait(looks, id, &what, is_on_its_way, |it| judge.serving(it)).await
}

/// Waits until an endpoint is gone, and with it its costs. What ails it does not matter here.
///
/// # Errors
/// Those of the look and of the bounds.
pub(crate) async fn wait_until_gone(looks: &Looks<'_, Endpoint>, id: &str) -> Result<()> {
    let what = format!("endpoint {id} to be removed");
    wait(looks, id, &what, is_going, judge_gone).await
}

impl Fetch for Endpoint {
    async fn get(client: &Client, call: &Call, id: &str) -> Result<Self> {
        calls::get(client, call, id).await
    }

    async fn walk(client: &Client, call: &Call) -> Result<Walk<Self>> {
        calls::walk(client, call).await
    }
}

impl Sight for Endpoint {
    fn id(&self) -> &str {
        &self.id
    }

    fn status(&self) -> &str {
        &self.state.state
    }

    fn is_moving(&self) -> bool {
        self.class() == Class::Moving
    }

    fn is_leaving(&self) -> bool {
        self.class() == Class::Leaving
    }

    fn trouble(&self) -> Option<&str> {
        Self::trouble(self)
    }
}

struct Judge {
    watch: Watch,
    after: After,
}

impl Judge {
    fn new(id: &str, after: After) -> Self {
        let doing = match after {
            After::Create => "starting",
            After::Update => "being updated",
        };
        Self { watch: Watch::new(format!("endpoint {id}"), doing, after == After::Create), after }
    }

    fn serving(&mut self, sight: Result<Endpoint>) -> Verdict<Endpoint> {
        let endpoint = match self.watch.note(sight) {
            Ok(endpoint) => endpoint,
            Err(verdict) => return verdict,
        };
        let stale = self.after == After::Update && self.watch.is_stale();
        let lasting = self.watch.unchanged() >= SWITCHED_OFF;
        match endpoint.class() {
            Class::Serving | Class::Failed if stale => waiting(endpoint),
            Class::Serving => Verdict::Done(endpoint),
            Class::Stopped if lasting => self.failed(&endpoint),
            Class::Moving if self.watch.is_hopeless() => self.failed(&endpoint),
            Class::Stopped | Class::Moving => waiting(endpoint),
            Class::Failed | Class::Leaving | Class::Gone => self.failed(&endpoint),
        }
    }

    fn failed<T>(&self, endpoint: &Endpoint) -> Verdict<T> {
        self.watch.failed(endpoint.explanation().as_deref(), advice(endpoint))
    }
}

/// What to do about an endpoint that cannot come to serve.
fn advice(endpoint: &Endpoint) -> &'static str {
    match endpoint.class() {
        _ if endpoint.explanation().is_some_and(|it| is_about_image(&it)) => {
            "Its image cannot be had: check `image.image` and its tag, and for a private registry the login \
             (`image.auth_id`)."
        }
        Class::Stopped => {
            "It is switched off: check the account's balance, and switch it on in the vendor's console."
        }
        Class::Leaving | Class::Gone => {
            "The platform or another user of the account removes it. Apply again to get another one."
        }
        Class::Serving | Class::Failed | Class::Moving => {
            "Act on the API's words above if they name a cause; if not, look at the workers' logs in the vendor's console, \
             and check `port`, `healthy` and `image.command`."
        }
    }
}

fn waiting(endpoint: Endpoint) -> Verdict<Endpoint> {
    Verdict::Waiting(endpoint.state.state)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::api::error::Error;

    /// Lets the judge see a story, `state` or `state!error` or `404` each, one look every ten
    /// seconds, and expects it to end with the last of them, in this way.
    async fn check(after: After, story: &[&str], ending: &str) {
        let mut judge = Judge::new("ep-1", after);
        let mut ended = ("waiting".to_owned(), story.len());
        for (number, scene) in story.iter().enumerate() {
            let sight = match scene.split_once('!') {
                _ if *scene == "404" => Err(Error::gone("GET /endpoint", "gone")),
                Some((state, error)) => Ok(endpoint(state, error)),
                None => Ok(endpoint(scene, "none")),
            };
            ended = match judge.serving(sight) {
                Verdict::Done(endpoint) => (endpoint.state.state, number + 1),
                Verdict::Failed(error) => (error.to_string(), number + 1),
                Verdict::Waiting(_) => {
                    tokio::time::advance(Duration::from_secs(10)).await;
                    continue;
                }
            };
            break;
        }
        assert!(ended.0.contains(ending), "{story:?}: {}", ended.0);
        assert_eq!(ended.1, story.len(), "{story:?}");
    }

    fn endpoint(state: &str, error: &str) -> Endpoint {
        let json =
            serde_json::json!({"id": "ep-1", "state": {"state": state, "error": error, "message": "none"}});
        serde_json::from_value(json).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn the_usual_walks_end_in_serving() {
        check(After::Create, &["initializing", "pending", "serving"], "serving").await;
        check(After::Create, &["", "unknown", "running"], "running").await;
        check(After::Create, &["stopped", "stopped", "stopped", "initializing", "serving"], "serving").await;
        check(After::Update, &["serving", "updating", "serving"], "serving").await;
        // An update may never show.
        check(After::Update, &["serving", "serving", "serving", "serving"], "serving").await;
    }

    #[tokio::test(start_paused = true)]
    async fn demand_19_an_endpoint_may_be_unknown_at_first() {
        check(After::Create, &["404", "404", "initializing", "serving"], "serving").await;
        check(After::Create, &["404", "404", "404", "404", "404", "404", "404"], "does not exist").await;
        check(After::Update, &["404"], "does not exist").await;
    }

    #[tokio::test(start_paused = true)]
    async fn demand_17_a_failure_ends_the_wait_with_the_apis_words() {
        check(After::Create, &["initializing", "failed!no such image"], "\"failed\": no such image").await;
        check(After::Create, &["failed"], "the API gave no reason").await;
        check(After::Create, &["error!x"], "\"error\": x").await;
        check(After::Create, &["pending!bad", "pending!bad", "pending!bad"], "\"pending\": bad").await;
        check(After::Create, &["stopped", "stopped", "stopped", "stopped"], "\"stopped\"").await;
        check(After::Create, &["serving!only a remark"], "serving").await;
        check(After::Create, &["initializing", "terminating"], "\"terminating\"").await;
        check(After::Update, &["updating", "404"], "vanished").await;
        check(After::Update, &["updating", "failed!x"], "\"failed\": x").await;
    }

    #[tokio::test(start_paused = true)]
    async fn an_old_failure_is_not_taken_for_the_updates() {
        check(After::Update, &["failed!old", "updating", "serving"], "serving").await;
        check(After::Update, &["failed!x", "failed!x", "failed!x", "failed!x"], "\"failed\": x").await;
    }
    #[tokio::test(start_paused = true)]
    async fn what_the_list_may_tell_ends_no_wait() {
        let states = ["initializing", "new", "", "serving", "stopped", "failed", "terminating"];
        let sights = states.map(|it| [endpoint(it, "none"), endpoint(it, "x")]);
        let told: Vec<_> = sights.iter().flatten().filter(|it| is_on_its_way(*it)).collect();
        assert_eq!(told.iter().map(|it| it.status()).collect::<Vec<_>>(), ["initializing", "new"]);
        for after in [After::Create, After::Update] {
            let mut judge = Judge::new("ep-1", after);
            for sight in told.iter().copied().cycle().take(30) {
                assert!(matches!(judge.serving(Ok(sight.clone())), Verdict::Waiting(_)));
            }
        }
    }
}
