//! Waiting until an instance runs, is stopped or is gone.
//!
//! The API has no status for "failed", and a get soon after a change may still show the time before
//! it. What makes up for the latter is in [`watch`](crate::provider::watch), what for the former here.

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::Result;
use crate::api::wait::Verdict;
use crate::provider::instance::calls::{self, Class, Instance};
use crate::provider::paging::Walk;
use crate::provider::roll::{Fetch, Looks, wait};
use crate::provider::watch::{Sight, Watch, is_about_image, is_going, is_on_its_way, judge_gone};

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
    let on_its_way = |it: &Instance| is_on_its_way(it) && !it.is_reclaimed();
    wait(looks, id, &what, on_its_way, |it| judge.running(it)).await
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

    fn would_be_kept_by(&self) -> Option<&'static str> {
        self.is_spot().then_some("`billing_mode = \"onDemand\"`")
    }
}

struct Judge {
    watch: Watch,
    after: After,
}

impl Judge {
    fn new(id: &str, after: After) -> Self {
        let doing = match after {
            After::Create | After::Start => "starting",
            After::Reset => "being upgraded",
            After::Stop => "stopping",
        };
        Self { watch: Watch::new(format!("instance {id}"), doing, after == After::Create), after }
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
            Class::Running if instance.trouble().is_none() => Verdict::Done(instance),
            _ if instance.is_reclaimed() => self.reclaimed(&instance),
            Class::Running | Class::Exited | Class::Leaving if instance.trouble().is_some() => {
                self.failed(&instance)
            }
            Class::Exited | Class::Leaving if instance.is_spot() => self.reclaimed(&instance),
            Class::Running | Class::Exited | Class::Leaving | Class::Gone => self.failed(&instance),
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
            Class::Leaving if instance.is_spot() => self.reclaimed(&instance),
            Class::Leaving | Class::Gone => self.failed(&instance),
            Class::Running | Class::Moving | Class::Held if self.watch.is_hopeless() => {
                self.failed(&instance)
            }
            Class::Running | Class::Moving | Class::Held => Verdict::Waiting(instance.status),
        }
    }

    fn failed<T>(&self, instance: &Instance) -> Verdict<T> {
        let explanation = instance.explanation();
        self.watch.failed(explanation.as_deref(), advice(instance))
    }

    fn reclaimed<T>(&self, instance: &Instance) -> Verdict<T> {
        let reason = match instance.spot_status.as_str() {
            "" => "a spot instance that ends by itself was probably taken back".to_owned(),
            status => format!("its hardware is taken back (spot status {status:?})"),
        };
        self.watch.reclaimed(&reason, &self.watch.another_one())
    }
}

/// What to do about an instance that cannot get where it is wanted.
fn advice(instance: &Instance) -> &'static str {
    match instance.class() {
        _ if instance.trouble().is_some_and(is_about_image) => {
            "Its image cannot be had: check `image_url` and its tag, and for a private registry the login (`image_auth` \
             or `image_auth_id`)."
        }
        Class::Leaving | Class::Gone => {
            "The platform or another user of the account removes it. Apply again to get another one."
        }
        Class::Exited if instance.trouble().is_none() => {
            "What it runs ended: check `command`, `entrypoint` and the image, and the logs in the vendor's console."
        }
        Class::Running | Class::Exited | Class::Moving | Class::Held => {
            "Act on the API's words above if they name a cause; if not, the node is to blame: let the next apply make \
             another one, in another cluster if it happens again."
        }
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

    /// The error of a wait after a create that sees these, with the headline and advice for users.
    async fn ended(sights: Vec<Result<Instance>>) -> Error {
        let mut judge = Judge::new("i-1", After::Create);
        for sight in sights {
            match judge.running(sight) {
                Verdict::Failed(error) => return error,
                Verdict::Done(_) | Verdict::Waiting(_) => tokio::time::advance(Duration::from_secs(10)).await,
            }
        }
        panic!("it has not ended")
    }

    fn spot(status: &str, spot_status: &str) -> Result<Instance> {
        let (billing_mode, spot_status) = ("spot".to_owned(), spot_status.to_owned());
        Ok(Instance { billing_mode, spot_status, ..instance(status, "") })
    }

    fn gone() -> Result<Instance> {
        Err(Error::gone("GET /gpu/instance", "gone"))
    }

    #[tokio::test(start_paused = true)]
    async fn demand_16_a_spot_instance_that_is_taken_back_says_so() {
        for sights in [
            vec![spot("creating", ""), spot("creating", "notified")],
            vec![spot("pulling", "reclaiming")],
            vec![spot("exited", "terminated")],
            vec![spot("creating", ""), spot("exited", "")],
            vec![spot("creating", ""), spot("toRemove", "")],
            vec![spot("creating", "running"), gone()],
        ] {
            let error = ended(sights).await;
            assert!(matches!(error, Error::Reclaimed(_)), "{error:?}");
            assert_eq!(error.details().headline, "Instance was taken back while starting");
            assert!(error.details().advice.contains("onDemand"), "{error:?}");
        }
        // Nobody takes back what is not a spot instance, and a broken image is no reclaim.
        for sights in [
            vec![Ok(instance("creating", "")), gone()],
            vec![Ok(instance("exited", ""))],
            vec![spot("creating", "").map(|it| Instance { status: "exited".into(), ..it }).map(|mut it| {
                it.status_error.message = "no such image".into();
                it
            })],
        ] {
            let error = ended(sights).await;
            assert!(matches!(error, Error::Failed(_)), "{error:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn demand_17_a_failure_has_advice_of_its_kind() {
        for (sights, headline, advice) in [
            (vec![Ok(instance("exited", "cannot PULL it"))], "Instance failed while starting", "`image_url`"),
            (
                vec![Ok(instance("exited", "disk broke"))],
                "Instance failed while starting",
                "the node is to blame",
            ),
            (vec![Ok(instance("exited", ""))], "Instance failed while starting", "`command`"),
            (vec![Ok(instance("removing", ""))], "Instance failed while starting", "Apply again"),
            (vec![Ok(instance("pulling", "")), gone()], "Instance vanished while starting", "Apply again"),
        ] {
            let error = ended(sights).await;
            assert_eq!(error.details().headline, headline);
            assert!(error.details().advice.contains(advice), "{error:?}");
        }
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
