//! Waiting until a VM runs, is stopped or is gone.
//!
//! The API gives no reason when something fails. All rules here are (assumed): nothing about waiting
//! is documented. Bounds count looks, so that whoever polls faster also decides sooner.

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::Result;
use crate::api::wait::Verdict;
use crate::provider::paging::Walk;
use crate::provider::roll::{Fetch, Looks, wait};
use crate::provider::vm::calls::{self, Class, Vm};
use crate::provider::watch::{Sight, Watch, is_going, is_on_its_way, judge_gone};

/// So many looks in a row at a status that is not the wanted one, and that a VM does not leave by
/// itself, make a failure: a minute and more at the usual interval.
const LASTING: u32 = 6;
/// So many looks at a running VM without an address are waited for one: half a minute at the usual
/// interval.
const WITHOUT_ADDRESS: u32 = 4;

/// What was done to a VM before the wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// Created: it may not be known yet.
    Create,
    /// Started: it may still seem to be stopped or interrupted.
    Start,
}

/// Waits until a VM runs, and a little for its address, and returns it as it is then. The address
/// may still be empty.
///
/// # Errors
/// [`Failed`](crate::api::error::Error::Failed) when it cannot come to run any more; the bounds' errors.
pub(crate) async fn wait_until_running(looks: &Looks<'_, Vm>, id: &str, after: After) -> Result<Vm> {
    let mut judge = Judge::new(id, "starting", after == After::Create);
    let what = format!("VM {id} to run");
    wait(looks, id, &what, is_on_its_way, |it| judge.running(it, after)).await
}

/// Waits until a VM is stopped, and returns it as it is then.
///
/// # Errors
/// [`Failed`](crate::api::error::Error::Failed) when it vanished, failed, or went elsewhere; the bounds' errors.
pub(crate) async fn wait_until_stopped(looks: &Looks<'_, Vm>, id: &str) -> Result<Vm> {
    let mut judge = Judge::new(id, "stopping", false);
    let what = format!("VM {id} to stop");
    wait(looks, id, &what, is_on_its_way, |it| judge.stopped(it)).await
}

/// Waits until a VM is gone, and with it its costs.
///
/// # Errors
/// Those of the look and of the bounds.
pub(crate) async fn wait_until_gone(looks: &Looks<'_, Vm>, id: &str) -> Result<()> {
    let what = format!("VM {id} to be destroyed");
    wait(looks, id, &what, is_going, judge_gone).await
}

impl Fetch for Vm {
    async fn get(client: &Client, call: &Call, id: &str) -> Result<Self> {
        calls::get(client, call, id).await
    }

    async fn walk(client: &Client, call: &Call) -> Result<Walk<Self>> {
        calls::walk(client, call).await
    }
}
impl Sight for Vm {
    fn id(&self) -> &str {
        &self.id
    }

    fn status(&self) -> &str {
        &self.status
    }

    fn is_moving(&self) -> bool {
        self.class() == Class::Moving
    }

    /// The API has no field for it.
    fn trouble(&self) -> Option<&str> {
        None
    }

    fn would_be_kept_by(&self) -> Option<&'static str> {
        (self.rental_type == "interruptible").then_some("`rental_type = \"on_demand\"`")
    }
}

struct Judge {
    watch: Watch,
}

impl Judge {
    fn new(id: &str, doing: &'static str, is_new: bool) -> Self {
        Self { watch: Watch::new(format!("VM {id}"), doing, is_new) }
    }

    fn running(&mut self, sight: Result<Vm>, after: After) -> Verdict<Vm> {
        let vm = match self.watch.note(sight) {
            Ok(vm) => vm,
            Err(verdict) => return verdict,
        };
        let unchanged = self.watch.unchanged();
        match vm.class() {
            Class::Running if vm.ip_address.is_empty() && unchanged <= WITHOUT_ADDRESS => {
                Verdict::Waiting("running, without an address".to_owned())
            }
            Class::Running => Verdict::Done(vm),
            Class::Interrupted if after == After::Start && self.watch.is_stale() => {
                Verdict::Waiting(vm.status)
            }
            Class::Stopped | Class::Offline if unchanged < LASTING => Verdict::Waiting(vm.status),
            Class::Moving => Verdict::Waiting(vm.status),
            Class::Interrupted | Class::Stopped | Class::Offline | Class::Failed | Class::Gone => {
                self.failed(vm.class())
            }
        }
    }

    fn stopped(&mut self, sight: Result<Vm>) -> Verdict<Vm> {
        let vm = match self.watch.note(sight) {
            Ok(vm) => vm,
            Err(verdict) => return verdict,
        };
        match vm.class() {
            Class::Stopped => Verdict::Done(vm),
            Class::Interrupted | Class::Offline if self.watch.unchanged() < LASTING => {
                Verdict::Waiting(vm.status)
            }
            Class::Running | Class::Moving => Verdict::Waiting(vm.status),
            Class::Interrupted | Class::Offline | Class::Failed | Class::Gone => self.failed(vm.class()),
        }
    }

    fn failed<T>(&self, class: Class) -> Verdict<T> {
        match class {
            Class::Interrupted => self.watch.reclaimed(INTERRUPTED, INTERRUPTED_ADVICE),
            Class::Offline => self.watch.failed(
                Some("its node cannot be reached"),
                "Nothing can be done about it from here: wait until the node is back, or take another `node`.",
            ),
            Class::Stopped => self.watch.failed(
                Some("it does not start"),
                "A stop for lack of credit is one possible cause: check the account's balance.",
            ),
            Class::Running | Class::Failed | Class::Moving | Class::Gone => self.watch.failed(
                None,
                "Nova Cloud tells no reasons: look in its console, check `template_vmid` and `storage_gb`, or take another \
                 `node`.",
            ),
        }
    }
}

/// Why a VM is interrupted.
const INTERRUPTED: &str = "its hardware was taken back (interruptible rental)";
/// What to do about it.
const INTERRUPTED_ADVICE: &str = "Its disk is kept, and billed. Start it again with `desired_status = \"running\"` when there \
                                  is hardware, or rent with `rental_type = \"on_demand\"`.";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::api::error::Error;

    /// Lets the judge see a story, `status` (of a VM with an address), `status!` (without) or `404`
    /// each, one look every ten seconds, and expects it to end with the last of them, in this way.
    async fn check(mut judge: impl FnMut(Result<Vm>) -> Verdict<Vm>, story: &[&str], ending: &str) {
        let mut ended = ("waiting".to_owned(), story.len());
        for (number, scene) in story.iter().enumerate() {
            ended = match judge(sight(scene)) {
                Verdict::Done(vm) => (format!("{} {}", vm.status, vm.ip_address), number + 1),
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

    fn sight(scene: &str) -> Result<Vm> {
        let (status, ip_address) = match scene.strip_suffix('!') {
            _ if scene == "404" => return Err(Error::gone("GET /vms", "gone")),
            Some(status) => (status, ""),
            None => (scene, "203.0.113.1"),
        };
        Ok(Vm { id: "v".into(), status: status.into(), ip_address: ip_address.into(), ..Vm::default() })
    }

    async fn check_running(after: After, story: &[&str], ending: &str) {
        let mut judge = Judge::new("v", "starting", after == After::Create);
        check(|it| judge.running(it, after), story, ending).await;
    }

    async fn check_stopped(story: &[&str], ending: &str) {
        let mut judge = Judge::new("v", "stopping", false);
        check(|it| judge.stopped(it), story, ending).await;
    }

    #[tokio::test(start_paused = true)]
    async fn the_usual_walks_end_in_running() {
        check_running(After::Create, &["creating!", "starting!", "running"], "running 203.0.113.1").await;
        check_running(After::Create, &["creating!", "stopped!", "something new", "running"], "running").await;
        check_running(After::Start, &["stopped", "starting", "running"], "running").await;
        check_running(After::Start, &["interrupted", "interrupted", "starting", "running"], "running").await;
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_is_waited_for_a_little() {
        check_running(After::Create, &["running!", "running!", "running"], "running 203.0.113.1").await;
        check_running(After::Create, &["running!"; 5], "running ").await;
    }

    #[tokio::test(start_paused = true)]
    async fn demand_19_a_vm_may_be_unknown_at_first() {
        check_running(After::Create, &["404", "404", "creating", "running"], "running").await;
        check_running(After::Create, &["404"; 7], "does not exist").await;
        check_running(After::Start, &["404"], "does not exist").await;
    }

    #[tokio::test(start_paused = true)]
    async fn demand_16_what_is_taken_back_is_told_from_what_broke() {
        let cheap = |scene: &str| sight(scene).map(|it| Vm { rental_type: "interruptible".into(), ..it });
        for (story, is_reclaimed, headline) in [
            (vec![sight("interrupted")], true, "VM was taken back while starting"),
            (vec![cheap("creating"), sight("404")], true, "VM was taken back while starting"),
            (vec![sight("creating"), sight("404")], false, "VM vanished while starting"),
            (vec![sight("creating"), sight("failed")], false, "VM failed while starting"),
            ((0..7).map(|_| sight("404")).collect(), false, "VM did not appear while starting"),
        ] {
            let mut judge = Judge::new("v", "starting", true);
            let mut error = None;
            for sight in story {
                if let Verdict::Failed(it) = judge.running(sight, After::Create) {
                    error = Some(it);
                }
                tokio::time::advance(Duration::from_secs(10)).await;
            }
            let error = error.expect("it has ended");
            assert_eq!(matches!(error, Error::Reclaimed(_)), is_reclaimed, "{error:?}");
            assert_eq!(error.details().headline, headline);
            assert!(!is_reclaimed || error.details().advice.contains("on_demand"), "{error:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn demand_17_a_failure_ends_the_wait() {
        check_running(After::Create, &["creating", "failed"], "\"failed\": the API gave no reason").await;
        check_running(After::Create, &["creating", "interrupted"], "taken back").await;
        check_running(After::Create, &["interrupted"], "taken back").await;
        check_running(After::Start, &["starting", "interrupted"], "taken back").await;
        check_running(After::Start, &["interrupted"; 4], "taken back").await;
        // Destroyed VMs are not found.
        check_running(After::Create, &["creating", "404"], "vanished").await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_vm_that_stays_offline_or_stopped_does_not_start() {
        check_running(After::Create, &["offline", "offline", "offline", "running"], "running").await;
        check_running(After::Create, &["offline"; 6], "cannot be reached").await;
        check_running(After::Start, &["starting", "offline", "starting", "offline", "running"], "running")
            .await;
        check_running(After::Start, &["stopped"; 6], "does not start").await;
    }

    #[tokio::test(start_paused = true)]
    async fn stopping_ends_in_stopped_or_in_a_failure() {
        check_stopped(&["running", "stopping", "stopped"], "stopped").await;
        check_stopped(&["interrupted", "stopping", "stopped"], "stopped").await;
        check_stopped(&["stopping", "failed"], "\"failed\"").await;
        check_stopped(&["stopping", "404"], "vanished").await;
        check_stopped(&["interrupted"; 6], "taken back").await;
        check_stopped(&["offline"; 6], "cannot be reached").await;
    }
    #[tokio::test(start_paused = true)]
    async fn what_the_list_may_tell_ends_no_wait() {
        let statuses = ["creating", "new", "", "running", "stopped", "interrupted", "offline", "failed"];
        let sights = statuses.map(|it| sight(it).unwrap());
        let told: Vec<_> = sights.iter().filter(|it| is_on_its_way(*it)).collect();
        assert_eq!(told.iter().map(|it| it.status()).collect::<Vec<_>>(), ["creating", "new"]);
        let mut judge = Judge::new("v", "starting", true);
        for sight in told.iter().copied().cycle().take(30) {
            assert!(matches!(judge.running(Ok(sight.clone()), After::Create), Verdict::Waiting(_)));
            assert!(matches!(judge.stopped(Ok(sight.clone())), Verdict::Waiting(_)));
        }
    }
}
