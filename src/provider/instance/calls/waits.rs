//! Waiting until an instance runs, is stopped or is gone.
//!
//! The API has no status for "failed", and a get soon after a change may still show the time before
//! it. What makes up for the latter is in [`watch`](crate::provider::watch), what for the former here.

use crate::api::call::Call;
use crate::api::error::Result;
use crate::api::transport::Client;
use crate::api::wait::Verdict;
use crate::provider::instance::calls::{self, Class, Instance};
use crate::provider::paging::Walk;
use crate::provider::roll::{Fetch, Looks, wait};
use crate::provider::watch::{Sight, Watch, is_going, is_on_its_way, judge_gone};

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
/// [`Failed`](crate::api::error::Error::Failed) when it cannot come to run any more, with the API's words; the bounds' errors.
pub(crate) async fn wait_until_running(
    looks: &Looks<'_, Instance>,
    id: &str,
    after: After,
) -> Result<Instance> {
    let mut judge = Judge::new(id, after);
    let what = format!("instance {id} to run");
    wait(looks, id, &what, is_on_its_way, |it| judge.running(it)).await
}

/// Waits until an instance is stopped, and returns it as it is then.
///
/// # Errors
/// [`Failed`](crate::api::error::Error::Failed) when it vanished or got stuck; the bounds' errors.
pub(crate) async fn wait_until_exited(looks: &Looks<'_, Instance>, id: &str) -> Result<Instance> {
    let mut judge = Judge::new(id, After::Stop);
    let what = format!("instance {id} to stop");
    wait(looks, id, &what, is_on_its_way, |it| judge.exited(it)).await
}

/// Waits until an instance is gone, and with it its costs. What ails it does not matter here.
///
/// # Errors
/// Those of the look and of the bounds.
pub(crate) async fn wait_until_gone(looks: &Looks<'_, Instance>, id: &str) -> Result<()> {
    let what = format!("instance {id} to be removed");
    wait(looks, id, &what, is_going, judge_gone).await
}

impl Fetch for Instance {
    async fn get(client: &Client, call: &Call, id: &str) -> Result<Self> {
        calls::get(client, call, id).await
    }

    async fn walk(client: &Client, call: &Call) -> Result<Walk<Self>> {
        calls::walk(client, call, None).await
    }
}

impl Sight for Instance {
    fn id(&self) -> &str {
        &self.id
    }

    fn status(&self) -> &str {
        &self.status
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
        Self { watch: Watch::new(format!("instance {id}"), after == After::Create), after }
    }

    fn running(&mut self, sight: Result<Instance>) -> Verdict<Instance> {
        let instance = match self.watch.note(sight) {
            Ok(instance) => instance,
            Err(verdict) => return verdict,
        };
        let (stale, hopeless) = (self.watch.is_stale(), self.watch.is_hopeless());
        match instance.class() {
            Class::Running if stale && self.after == After::Reset => Verdict::Waiting(instance.status),
            Class::Exited if stale && self.after == After::Start => Verdict::Waiting(instance.status),
            Class::Running | Class::Exited if instance.trouble().is_some() => self.failed(&instance),
            Class::Running => Verdict::Done(instance),
            Class::Exited | Class::Leaving | Class::Gone => self.failed(&instance),
            Class::Moving | Class::Held if hopeless => self.failed(&instance),
            Class::Moving | Class::Held => Verdict::Waiting(instance.status),
        }
    }

    fn exited(&mut self, sight: Result<Instance>) -> Verdict<Instance> {
        let instance = match self.watch.note(sight) {
            Ok(instance) => instance,
            Err(verdict) => return verdict,
        };
        match instance.class() {
            Class::Exited => Verdict::Done(instance),
            Class::Leaving | Class::Gone => self.failed(&instance),
            Class::Running | Class::Moving | Class::Held if self.watch.is_hopeless() => {
                self.failed(&instance)
            }
            Class::Running | Class::Moving | Class::Held => Verdict::Waiting(instance.status),
        }
    }

    fn failed<T>(&self, instance: &Instance) -> Verdict<T> {
        self.watch.failed(instance.trouble())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::api::error::Error;

    /// Lets the judge see a story, `status` or `status!trouble` or `404` each, one look every ten
    /// seconds; returns how it ended and after how many looks.
    async fn watch(
        story: &[&str],
        after: After,
        judge: fn(&mut Judge, Result<Instance>) -> Verdict<Instance>,
    ) -> (String, usize) {
        let mut seen = Judge::new("i-1", after);
        for (number, scene) in story.iter().enumerate() {
            let sight = match scene.split_once('!') {
                _ if *scene == "404" => Err(Error::gone("GET /gpu/instance", "gone")),
                Some((status, trouble)) => Ok(instance(status, trouble)),
                None => Ok(instance(scene, "")),
            };
            match judge(&mut seen, sight) {
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
        let (ended, looks) = watch(story, after, Judge::running).await;
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
            let (ended, looks) = watch(story, After::Stop, Judge::exited).await;
            assert!(ended.contains(ending), "{story:?}: {ended}");
            assert_eq!(looks, story.len());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_list_may_tell_ends_no_wait() {
        let statuses = ["pulling", "toStop", "new", "", "running", "exited", "freezing", "removing"];
        let sights = statuses.map(|it| [instance(it, ""), instance(it, "x")]);
        let told: Vec<_> = sights.iter().flatten().filter(|it| is_on_its_way(*it)).collect();
        assert_eq!(
            told.iter().map(|it| it.status.as_str()).collect::<Vec<_>>(),
            ["pulling", "toStop", "new"]
        );
        for after in [After::Create, After::Start, After::Reset, After::Stop] {
            let mut judge = Judge::new("i-1", after);
            for sight in told.iter().copied().cycle().take(30) {
                assert!(matches!(judge.running(Ok(sight.clone())), Verdict::Waiting(_)));
                assert!(matches!(judge.exited(Ok(sight.clone())), Verdict::Waiting(_)));
            }
        }
        assert_eq!(
            statuses.map(|it| is_going(&instance(it, "x"))),
            [true, true, true, false, false, false, false, true]
        );
    }

    #[test]
    fn demand_21_only_an_absent_instance_is_gone() {
        assert!(matches!(judge_gone::<Instance>(Err(Error::gone("", ""))), Verdict::Done(())));
        assert!(matches!(judge_gone(Ok(instance("removing", "stuck"))), Verdict::Waiting(_)));
        let unauthorized = Error::Unauthorized(Box::default());
        assert!(matches!(judge_gone::<Instance>(Err(unauthorized)), Verdict::Failed(Error::Unauthorized(_))));
    }
}
