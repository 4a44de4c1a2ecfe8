//! Waiting until an instance runs, is stopped or is gone.
//!
//! The API has no status for "failed", and a get soon after a change may still show the time before
//! it. The rules that make up for both stand here; they are guesses, since nothing is documented.

use std::time::Duration;

use tokio::time::Instant;

use crate::api::call::Call;
use crate::api::error::{Error, Result};
use crate::api::transport::Client;
use crate::api::wait::{Verdict, poll};
use crate::provider::instance::calls::{self, Class, Instance};

/// So long after a create a get may not know the instance yet.
const UNKNOWN_AT_FIRST: Duration = Duration::from_secs(60);
/// So many looks after a change may still show the time before it.
const STALE_LOOKS: u32 = 3;
/// So many looks in a row with an error, while things seem to move, make a failure.
const PATIENCE: u32 = 3;

/// What was done to an instance before the wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// Created: it may not be known yet.
    Create,
    /// Started: it may still seem to be stopped.
    Start,
    /// Upgraded: it may still seem to run as before.
    Reset,
    /// Stopped.
    Stop,
}

/// Waits until an instance runs, and returns it as it is then.
///
/// # Errors
/// [`Error::Failed`] when it cannot come to run any more, with the API's words; the bounds' errors.
pub(crate) async fn wait_until_running(
    client: &Client,
    call: &Call,
    id: &str,
    after: After,
) -> Result<Instance> {
    let mut watch = Watch::new(id, after);
    let what = format!("instance {id} to run");
    let look = || calls::get(client, call, id);
    poll(call, client.poll_interval(), &what, look, |it| watch.judge_running(it)).await
}

/// Waits until an instance is stopped, and returns it as it is then.
///
/// # Errors
/// [`Error::Failed`] when it vanished or got stuck; the bounds' errors.
pub(crate) async fn wait_until_exited(client: &Client, call: &Call, id: &str) -> Result<Instance> {
    let mut watch = Watch::new(id, After::Stop);
    let what = format!("instance {id} to stop");
    let look = || calls::get(client, call, id);
    poll(call, client.poll_interval(), &what, look, |it| watch.judge_exited(it)).await
}

/// Waits until an instance is gone, and with it its costs. What ails it does not matter here.
///
/// # Errors
/// Those of the look and of the bounds.
pub(crate) async fn wait_until_gone(client: &Client, call: &Call, id: &str) -> Result<()> {
    let what = format!("instance {id} to be removed");
    let look = || calls::get(client, call, id);
    poll(call, client.poll_interval(), &what, look, judge_gone).await
}

fn judge_gone(sight: Result<Instance>) -> Verdict<()> {
    match sight {
        Ok(instance) => Verdict::Waiting(instance.status),
        Err(Error::NotFound(_)) => Verdict::Done(()),
        Err(error) => Verdict::Failed(error),
    }
}

/// What has been seen of an instance so far.
struct Watch {
    id: String,
    after: After,
    begin: Instant,
    looks: u32,
    /// Whether it was seen at all.
    known: bool,
    /// Whether it was seen to move, so that what follows is the outcome.
    moved: bool,
    /// Looks in a row with an error.
    troubled: u32,
}

impl Watch {
    fn new(id: &str, after: After) -> Self {
        Self {
            id: id.to_owned(),
            after,
            begin: Instant::now(),
            looks: 0,
            known: false,
            moved: false,
            troubled: 0,
        }
    }

    fn judge_running(&mut self, sight: Result<Instance>) -> Verdict<Instance> {
        let instance = match self.note(sight) {
            Ok(instance) => instance,
            Err(verdict) => return verdict,
        };
        let stale = !self.moved && self.looks <= STALE_LOOKS;
        match instance.class() {
            Class::Running if stale && self.after == After::Reset => Verdict::Waiting(instance.status),
            Class::Exited if stale && self.after == After::Start => Verdict::Waiting(instance.status),
            Class::Running | Class::Exited if instance.trouble().is_some() => self.failed(&instance),
            Class::Running => Verdict::Done(instance),
            Class::Exited | Class::Leaving | Class::Gone => self.failed(&instance),
            Class::Moving | Class::Held if self.troubled >= PATIENCE => self.failed(&instance),
            Class::Moving | Class::Held => Verdict::Waiting(instance.status),
        }
    }

    fn judge_exited(&mut self, sight: Result<Instance>) -> Verdict<Instance> {
        let instance = match self.note(sight) {
            Ok(instance) => instance,
            Err(verdict) => return verdict,
        };
        match instance.class() {
            Class::Exited => Verdict::Done(instance),
            Class::Leaving | Class::Gone => self.failed(&instance),
            Class::Running | Class::Moving | Class::Held if self.troubled >= PATIENCE => {
                self.failed(&instance)
            }
            Class::Running | Class::Moving | Class::Held => Verdict::Waiting(instance.status),
        }
    }

    /// Keeps notes of a look; the verdict if there is nothing more to judge.
    fn note<T>(&mut self, sight: Result<Instance>) -> Result<Instance, Verdict<T>> {
        self.looks += 1;
        let instance = match sight {
            Ok(instance) => instance,
            Err(Error::NotFound(_)) => return Err(self.missing()),
            Err(error) => return Err(Verdict::Failed(error)),
        };
        self.known = true;
        self.moved |= instance.class() == Class::Moving;
        self.troubled = if instance.trouble().is_some() { self.troubled + 1 } else { 0 };
        Ok(instance)
    }

    fn missing<T>(&self) -> Verdict<T> {
        if self.after == After::Create && !self.known && self.begin.elapsed() < UNKNOWN_AT_FIRST {
            return Verdict::Waiting("not known yet".to_owned());
        }
        let id = &self.id;
        let message = if self.known {
            format!("instance {id} vanished while it was waited for: the platform removed it")
        } else {
            format!("instance {id} does not exist")
        };
        Verdict::Failed(Error::failed(message, "not found"))
    }

    fn failed<T>(&self, instance: &Instance) -> Verdict<T> {
        let said = instance.trouble().unwrap_or("the API gave no reason");
        let message = format!("instance {} is in the status {:?}: {said}", self.id, instance.status);
        Verdict::Failed(Error::failed(message, &instance.status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets the judge see a story, `status` or `status!trouble` or `404` each, one look every ten
    /// seconds; returns how it ended and after how many looks.
    async fn watch(
        story: &[&str],
        after: After,
        judge: fn(&mut Watch, Result<Instance>) -> Verdict<Instance>,
    ) -> (String, usize) {
        let mut watch = Watch::new("i-1", after);
        for (number, scene) in story.iter().enumerate() {
            let sight = match scene.split_once('!') {
                _ if *scene == "404" => Err(Error::gone("GET /gpu/instance", "gone")),
                Some((status, trouble)) => Ok(instance(status, trouble)),
                None => Ok(instance(scene, "")),
            };
            match judge(&mut watch, sight) {
                Verdict::Done(instance) => return (instance.status, number + 1),
                Verdict::Failed(error) => return (error.to_string(), number + 1),
                Verdict::Waiting(_) => tokio::time::advance(Duration::from_secs(10)).await,
            }
        }
        ("waiting".to_owned(), story.len())
    }

    fn instance(status: &str, trouble: &str) -> Instance {
        let json = serde_json::json!({"id": "i-1", "status": status, "statusError": {"state": "", "message": trouble}});
        serde_json::from_value(json).unwrap()
    }

    async fn check(after: After, story: &[&str], ending: &str) {
        let (ended, looks) = watch(story, after, Watch::judge_running).await;
        assert!(ended.contains(ending), "{story:?}: {ended}");
        assert_eq!(looks, story.len(), "{story:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_usual_walks_end_in_running() {
        check(After::Create, &["pending", "toCreate", "creating", "pulling", "running"], "running").await;
        check(After::Create, &["running"], "running").await;
        check(After::Start, &["exited", "toStart", "starting", "running"], "running").await;
        check(After::Reset, &["running", "toReset", "resetting", "running"], "running").await;
        check(After::Create, &["freezing", "something new", "running"], "running").await;
    }

    #[tokio::test(start_paused = true)]
    async fn demand_19_an_instance_may_be_unknown_at_first() {
        check(After::Create, &["404", "404", "404", "creating", "running"], "running").await;
        check(After::Create, &["404", "404", "404", "404", "404", "404", "404"], "does not exist").await;
        check(After::Start, &["404"], "does not exist").await;
    }

    #[tokio::test(start_paused = true)]
    async fn demand_17_a_failure_ends_the_wait_with_the_apis_words() {
        check(After::Create, &["creating", "exited!no such image"], "\"exited\": no such image").await;
        check(After::Create, &["creating", "running!unavailable"], "\"running\": unavailable").await;
        check(After::Create, &["creating", "exited"], "the API gave no reason").await;
        check(After::Create, &["pulling!bad", "pulling!bad", "pulling!bad"], "\"pulling\": bad").await;
        check(After::Create, &["pulling", "toRemove"], "\"toRemove\"").await;
        check(After::Create, &["pulling", "404"], "vanished").await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_passing_trouble_is_none() {
        check(
            After::Create,
            &["pulling!x", "pulling!x", "pulling", "pulling!x", "pulling!x", "running"],
            "running",
        )
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_stale_look_is_not_taken_for_the_outcome() {
        check(After::Start, &["exited", "exited", "exited", "exited"], "\"exited\"").await;
        check(After::Start, &["exited!old trouble", "starting", "running"], "running").await;
        check(After::Reset, &["running!old", "resetting", "running"], "running").await;
        // A reset may be over before the first look.
        check(After::Reset, &["running", "running", "running", "running"], "running").await;
    }

    #[tokio::test(start_paused = true)]
    async fn stopping_ends_in_exited_or_in_a_failure() {
        for (story, ending) in [
            (&["running", "toStop", "stopping", "exited"][..], "exited"),
            (&["running!x", "running!x", "running!x"], "\"running\": x"),
            (&["stopping", "removing"], "\"removing\""),
            (&["stopping", "404"], "vanished"),
        ] {
            let (ended, looks) = watch(story, After::Stop, Watch::judge_exited).await;
            assert!(ended.contains(ending), "{story:?}: {ended}");
            assert_eq!(looks, story.len());
        }
    }

    #[test]
    fn demand_21_only_an_absent_instance_is_gone() {
        assert!(matches!(judge_gone(Err(Error::gone("", ""))), Verdict::Done(())));
        assert!(matches!(judge_gone(Ok(instance("removing", "stuck"))), Verdict::Waiting(_)));
        let unauthorized = Error::Unauthorized(Box::default());
        assert!(matches!(judge_gone(Err(unauthorized)), Verdict::Failed(Error::Unauthorized(_))));
    }
}
