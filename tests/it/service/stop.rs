//! Ctrl-C (rules S3 to S5), and other ends: whatever is under way ends with its current request, and says what exists.
//!
//! Nothing is measured. The cloud stands still or holds an answer back, so an operation that does not
//! obey never ends; and no request may begin once the stop was answered.

mod changes;
mod creations;
mod ends;
mod looks;

use mock_cloud::{Effect, Request, When};
use serde_json::{Value, json};

use super::resource::{Answer, Object, Planned, Resource};
use super::subject::Call;
use super::world::World;

/// The paths below which something is looked at while it is waited for, one by one or in a list.
const LOOKS: [&str; 6] =
    ["/gpu/instance", "/gpu/instances", "/endpoint", "/endpoints", "/novacloud/vms", "/vms/*"];

/// Does the work and presses Ctrl-C at a moment of it. No request may begin after that.
pub(super) async fn stopped<T>(
    world: &World,
    work: impl Future<Output = T>,
    moment: impl Fn(&[Request]) -> bool,
) -> T {
    let stop = async {
        crate::launch::within(world.cloud.until(moment)).await;
        world.stop().await;
        world.requests()
    };
    let (done, before) = tokio::join!(work, stop);
    assert_eq!(world.requests(), before, "a request began after the stop");
    done
}

/// The same while the answer to a call is held back until the stop was answered.
async fn stopped_during<T>(world: &World, call: Call, work: impl Future<Output = T>) -> T {
    world.fault(call.with(Effect::Hang(When::After)));
    let stop = async {
        world.until(call, 1).await;
        world.stop().await;
        let before = world.requests();
        world.cloud.release();
        before
    };
    let (done, before) = tokio::join!(work, stop);
    assert_eq!(world.requests(), before, "a request began after the stop");
    done
}

/// The same while the first look after a call is held back, for ever.
async fn stopped_in_a_look<T>(world: &World, call: Call, work: impl Future<Output = T>) -> T {
    world.fault(call.with(Effect::Hang(When::After)));
    let hold = async {
        world.until(call, 1).await;
        hold_looks_back(world);
        world.cloud.release();
    };
    let held = |requests: &[Request]| {
        let mut since = requests.iter().skip_while(|it| !call.is(it));
        since.any(|it| is_look(it) && it.status == 0)
    };
    tokio::join!(stopped(world, work, held), hold).0
}

/// Whether something was looked at, and the look answered, since the call was.
pub(super) fn looked_after(call: Call) -> impl Fn(&[Request]) -> bool {
    move |requests| {
        let mut since = requests.iter().skip_while(|it| !(call.is(it) && it.status != 0));
        since.any(|it| it.status != 0 && is_look(it))
    }
}

fn is_look(request: &Request) -> bool {
    let is_of_a_vm = request.path.contains("/vms/");
    request.method == "GET" && (is_of_a_vm || LOOKS.iter().any(|it| request.path.ends_with(it)))
}

/// From now on no look is answered.
fn hold_looks_back(world: &World) {
    for path in LOOKS {
        world.fault(Call("GET", path).with(Effect::Hang(When::Before)).always());
    }
}

/// From now on a wait looks once, and the next time long after the end of the test.
pub(super) async fn look_rarely(world: &World) {
    assert_eq!(world.configure(&json!({"poll_interval": "10m"})).await, []);
}

/// From now on one request is sent, and the next one long after the end of the test.
async fn send_rarely(world: &World) {
    assert_eq!(world.configure(&json!({"max_requests_per_minute": 1})).await, []);
}

/// Something that is there and ready, in a world that then stands still, and its log is empty.
async fn made(resource: &Resource<'_>, config: &Value) -> Object {
    let object = resource.world.passing(resource.create(config)).await;
    resource.world.cloud.clear_log();
    object
}

/// A plan that was made before anything went wrong.
async fn plan(resource: &Resource<'_>, config: &Value, prior: Option<&Object>) -> Planned {
    let plan = resource.plan(config, prior).await.accepted();
    resource.world.cloud.clear_log();
    plan
}

/// The stop is told as one, with an advice.
#[track_caller]
fn says_stopped(answer: &Answer) {
    let text = super::said::text_of(&answer.said);
    let goes_on = text.contains("Stopped before") && text.contains("terraform destroy");
    assert!(goes_on || text.contains("interrupted") && text.contains("same command again"), "{text}");
}
