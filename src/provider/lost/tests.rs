//! The search against a server of a few lines. VMs stand for what has no name of its own, instances for
//! what has one.

use std::cell::Cell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value as Json, json};

use super::*;
use crate::api::error::Details;
use crate::api::error_mapping::ErrorMapping;
use crate::provider::loopback::{Requests, serve};
use crate::provider::vm::calls::answer::Vm;
use crate::provider::{instance, vm};

fn shape() -> vm::lost::Shape {
    vm::lost::Shape { node: "vm02".to_owned(), gpu_type: "6000pro".to_owned(), gpu_count: 1, storage_gb: 120 }
}

/// A VM of the shape, in the API's words; its model is spelt the other way.
fn vm(id: &str, changes: &[(&str, Json)]) -> Json {
    let mut vm = json!({
        "id": id, "node": "vm02", "gpu_type": "pro6000", "gpu_count": 1, "storage_gb": 120, "status": "creating",
        "created_at": now().to_string(),
    });
    for (name, value) in changes {
        vm[*name] = value.clone();
    }
    vm
}

fn now() -> Timestamp {
    Timestamp::now()
}

fn unclear() -> Error {
    Error::Ambiguous(Details::new("POST", "lost").into())
}

fn answered(id: &str) -> Vm {
    Vm { id: id.to_owned(), ..Vm::default() }
}

/// A client whose lists are these, one after the other; the last one again and again. A number is a status.
async fn lists(error_mapping: ErrorMapping, lists: &[Json]) -> (Client, Requests) {
    let (lists, next) = (lists.to_vec(), AtomicUsize::new(0));
    serve(error_mapping, move |_| match &lists[next.fetch_add(1, Ordering::Relaxed).min(lists.len() - 1)] {
        Json::Number(status) => (u16::try_from(status.as_u64().unwrap()).unwrap(), "{}".to_owned()),
        list => (200, list.to_string()),
    })
    .await
}

/// The outcome of a lost create, by id, when VMs are listed so: first before the call, then after it.
async fn find(listed: &[Json]) -> (Result<String, String>, usize) {
    let (client, requests) = lists(ErrorMapping::NovaCloud, listed).await;
    let found = lose(&Underway::default(), &client, &Call::default()).await;
    let count = requests.lock().unwrap().len();
    (found, count)
}

async fn lose(underway: &Underway<vm::lost::Shape>, client: &Client, call: &Call) -> Result<String, String> {
    let made = underway.create(client, call, shape(), async { Err(unclear()) }).await;
    made.map(|it| it.id).map_err(|it| it.aftermath)
}

#[tokio::test]
async fn demand_27_the_one_new_vm_of_the_shape_is_taken_over() {
    let old = vm("old", &[]);
    let (found, lists) = find(&[json!([old]), json!([old, vm("new", &[])])]).await;
    assert_eq!((found, lists), (Ok("new".to_owned()), 2));
}

#[tokio::test]
async fn demand_27_a_thing_that_is_listed_late_is_found() {
    let (found, lists) = find(&[json!([]), json!([]), json!([]), json!([vm("new", &[])])]).await;
    assert_eq!((found, lists), (Ok("new".to_owned()), 4));
}

#[tokio::test]
async fn demand_27_a_look_that_fails_for_a_moment_does_not_end_the_search() {
    for failure in [json!(500), json!(503), json!(429), json!("no list")] {
        let (found, _) = find(&[json!([]), failure.clone(), failure.clone(), json!([vm("new", &[])])]).await;
        assert_eq!(found, Ok("new".to_owned()), "{failure}");
    }
    let (found, lists) = find(&[json!([]), json!(401), json!([vm("new", &[])])]).await;
    assert!(found.unwrap_err().contains("may have been made"));
    assert_eq!(lists, 2);
}

#[tokio::test]
async fn demand_02_an_older_vm_and_one_of_another_shape_are_never_taken_over() {
    let long_ago = [("created_at", json!("2020-01-01T00:00:00Z"))];
    for stranger in [
        vm("listed late", &long_ago),
        vm("elsewhere", &[("node", json!("vm01"))]),
        vm("larger", &[("gpu_count", json!(2))]),
        vm("other model", &[("gpu_type", json!("5090"))]),
        vm("other disk", &[("storage_gb", json!(500))]),
    ] {
        let (found, lists) = find(&[json!([]), json!([stranger])]).await;
        let told = found.unwrap_err();
        assert!(told.contains("may have been made") && told.contains("vm02"), "{told}");
        assert_eq!(lists, 1 + LOOKS as usize);
    }
    let there_before = vm("old", &[]);
    let (found, _) = find(&[json!([there_before]), json!([there_before])]).await;
    assert!(found.unwrap_err().contains("may have been made"));
}

#[tokio::test]
async fn demand_27_what_cannot_be_told_apart_is_told_with_its_ids() {
    let told = find(&[json!([]), json!([vm("one", &[]), vm("two", &[])])]).await.0.unwrap_err();
    assert!(told.contains("one, two") && told.contains("Each costs money"), "{told}");
    // It is not known what was there before.
    let told = find(&[json!(500), json!([vm("one", &[])])]).await.0.unwrap_err();
    assert!(told.contains("the id one") && told.contains("before the call"), "{told}");
}

#[tokio::test]
async fn demand_27_what_another_creation_has_received_is_not_taken_over() {
    let (client, _) =
        lists(ErrorMapping::NovaCloud, &[json!([]), json!([]), json!([vm("a", &[]), vm("b", &[])])]).await;
    let (underway, call) = (Underway::default(), Call::default());
    let other = underway.create(&client, &call, shape(), async { Ok(answered("a")) }).await;
    assert_eq!(other.unwrap().id, "a");
    assert_eq!(lose(&underway, &client, &call).await, Ok("b".to_owned()));
}

#[tokio::test]
async fn demand_27_the_answer_to_another_creation_is_waited_for() {
    let both = json!([vm("a", &[]), vm("b", &[])]);
    let (client, requests) = lists(ErrorMapping::NovaCloud, &[json!([]), json!([]), both]).await;
    let (underway, call) = (Underway::default(), Call::default());
    let slow = async {
        while requests.lock().unwrap().len() < 4 {
            tokio::task::yield_now().await;
        }
        Ok(answered("a"))
    };
    let other = underway.create(&client, &call, shape(), slow);
    let (found, other) = tokio::join!(lose(&underway, &client, &call), other);
    assert_eq!((found, other.unwrap().id), (Ok("b".to_owned()), "a".to_owned()));
}

#[tokio::test]
async fn demand_27_while_another_outcome_is_open_or_unknown_nothing_is_taken_over() {
    let (client, _) = lists(ErrorMapping::NovaCloud, &[json!([]), json!([]), json!([vm("one", &[])])]).await;
    let (underway, call) = (Underway::default(), Call::default());
    let (one, other) = tokio::join!(lose(&underway, &client, &call), lose(&underway, &client, &call));
    for told in [one.unwrap_err(), other.unwrap_err()] {
        assert!(told.contains("one") && told.contains("another creation"), "{told}");
    }
    // What either has made may still appear.
    assert!(lose(&underway, &client, &call).await.is_err());
    // One that was refused has made nothing.
    let (client, _) = lists(ErrorMapping::NovaCloud, &[json!([]), json!([]), json!([vm("one", &[])])]).await;
    let underway = Underway::default();
    let refusal = async { Err(Error::OutOfStock(Box::default())) };
    let refused = underway.create(&client, &call, shape(), refusal).await.unwrap_err();
    assert_eq!(refused.aftermath, "No VM was made.");
    assert_eq!(lose(&underway, &client, &call).await, Ok("one".to_owned()));
}

#[tokio::test]
async fn demand_08_a_stop_or_the_deadline_leaves_time_for_a_last_look() {
    for is_stop in [true, false] {
        let (client, requests) = lists(ErrorMapping::NovaCloud, &[json!([]), json!([vm("new", &[])])]).await;
        let (underway, mut call) = (Underway::default(), Call::default());
        if !is_stop {
            call = call.within(Duration::from_millis(300));
        }
        let end = call.clone();
        let post = async move {
            match is_stop {
                true => end.stop.cancel(),
                false => drop(end.run(std::future::pending::<()>()).await),
            }
            Err(unclear())
        };
        let made = underway.create(&client, &call, shape(), post).await;
        assert_eq!(made.unwrap().id, "new", "stop: {is_stop}");
        assert_eq!(requests.lock().unwrap().len(), 2);
    }
}

std::thread_local! {
    /// How often the crowd was listed before a call, by this test's thread.
    static LISTED: Cell<usize> = const { Cell::new(0) };
}

/// Something of no server. Before a call a thousand of its kind are listed; a search for one never ends.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Unlisted {
    is_unique: bool,
}

impl fmt::Display for Unlisted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("of no list")
    }
}

impl Shape for Unlisted {
    type Member = String;

    const THING: &'static str = "thing";
    const SEARCH: &'static str = "Look around.";

    fn list_age(members: usize) -> Duration {
        vm::lost::Shape::list_age(members)
    }

    fn is_unique(&self) -> bool {
        self.is_unique
    }

    async fn list(_: &Client, call: &Call, only: Option<&Self>) -> Result<Vec<String>> {
        if only.is_none() {
            LISTED.set(LISTED.get() + 1);
            return Ok((0..1000).map(|it| it.to_string()).collect());
        }
        let listed = call.run(std::future::pending()).await;
        listed.map_err(|why| Error::interrupted(why, "", "listing", None))
    }

    fn id(member: &String) -> &str {
        member
    }

    fn made(_: &String) -> Option<Timestamp> {
        None
    }

    fn fits(&self, _: &String) -> bool {
        true
    }

    fn resembles(&self, _: &Self) -> bool {
        true
    }
}

#[tokio::test(start_paused = true)]
async fn demand_08_the_last_look_is_bounded() {
    let client = crate::provider::loopback::client(ErrorMapping::Novita, "http://127.0.0.1:1", "key");
    for (is_stop, bound) in [(true, 1), (false, 10)] {
        let call = if is_stop { Call::default() } else { Call::default().within(Duration::ZERO) };
        let start = tokio::time::Instant::now();
        let post = async {
            if is_stop {
                call.stop.cancel();
            }
            Err(unclear())
        };
        let told =
            Underway::default().create(&client, &call, Unlisted { is_unique: true }, post).await.unwrap_err();
        assert!(told.aftermath.contains("of no list may have been made at 2"), "{}", told.aftermath);
        assert_eq!(start.elapsed().as_secs(), bound, "stop: {is_stop}");
    }
}

#[tokio::test]
async fn demand_02_a_creation_that_was_given_up_may_have_made_what_is_found() {
    let (client, _) = lists(ErrorMapping::NovaCloud, &[json!([]), json!([]), json!([vm("one", &[])])]).await;
    let (underway, call) = (Underway::default(), Call::default());
    let endless = underway.create(&client, &call, shape(), std::future::pending());
    let short = call.within(Duration::from_millis(50));
    assert!(short.run(endless).await.is_err());
    assert!(lose(&underway, &client, &call).await.unwrap_err().contains("one"));
}

#[tokio::test]
async fn demand_02_vms_that_begin_at_the_same_time_share_one_list_from_before() {
    let (client, requests) = lists(ErrorMapping::NovaCloud, &[json!([])]).await;
    let (underway, call) = (Underway::default(), Call::default());
    let sent = Mutex::new(Vec::new());
    let one = |number: usize| {
        let (underway, client, call, sent, requests) = (&underway, &client, &call, &sent, &requests);
        async move {
            let post = async {
                sent.lock().unwrap().push(requests.lock().unwrap().len());
                Ok(answered(&number.to_string()))
            };
            underway.create(client, call, shape(), post).await.unwrap().id
        }
    };
    futures_util::future::join_all((0..200).map(one)).await;
    let lists = requests.lock().unwrap().len();
    assert!(lists <= 2, "{lists}");
    assert!(sent.lock().unwrap().iter().all(|it| *it >= 1), "none is made before a list");
    // A later one needs a later list.
    one(200).await;
    assert_eq!(requests.lock().unwrap().len(), lists + 1);
}

#[tokio::test(start_paused = true)]
async fn demand_09_lists_of_many_vms_take_no_more_than_a_request_in_a_second() {
    let client = crate::provider::loopback::client(ErrorMapping::NovaCloud, "http://127.0.0.1:1", "key");
    let underway = Underway::default();
    for second in 0..120 {
        let post = async { Ok(second.to_string()) };
        underway.create(&client, &Call::default(), Unlisted { is_unique: false }, post).await.unwrap();
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    // Each takes twenty requests, and is taken for twenty seconds and the moment itself.
    assert_eq!(LISTED.get(), 120_usize.div_ceil(21));
    assert_eq!([0, 49, 50].map(vm::lost::Shape::list_age), [0, 0, 1].map(Duration::from_secs));
}

fn named(name: &str, name_is_ours: bool) -> instance::lost::Shape {
    let (name, product_id) = (name.to_owned(), "p".to_owned());
    instance::lost::Shape { name, name_is_ours, kind: "gpu", product_id }
}

fn instances(made: Timestamp, ids: &[&str]) -> Json {
    let one = |id: &&str| json!({"id": id, "name": "n", "productId": "p", "kind": "gpu", "createdAt": made.as_second().to_string()});
    json!({"instances": ids.iter().map(one).collect::<Vec<_>>(), "total": ids.len()})
}

/// The outcome of a lost create of an instance, and the number of lists.
async fn find_named(name_is_ours: bool, listed: &[Json]) -> (Result<String, String>, usize) {
    let (client, requests) = lists(ErrorMapping::Novita, listed).await;
    let underway = Underway::default();
    let post = async { Err(unclear()) };
    let made = underway.create(&client, &Call::default(), named("n", name_is_ours), post).await;
    let count = requests.lock().unwrap().len();
    (made.map(|it| it.id).map_err(|it| it.aftermath), count)
}

#[tokio::test]
async fn demand_27_a_name_that_the_provider_made_is_proof_enough() {
    // Whatever the clocks say, and without a list from before.
    let long_ago = "2020-01-01T00:00:00Z".parse().unwrap();
    let (found, lists) = find_named(true, &[instances(long_ago, &["i-1"])]).await;
    assert_eq!((found, lists), (Ok("i-1".to_owned()), 1));
}

#[tokio::test]
async fn demand_27_a_new_instance_of_the_users_name_is_taken_over_and_an_older_one_never() {
    let (found, _) = find_named(false, &[instances(now(), &[]), instances(now(), &["i-1"])]).await;
    assert_eq!(found, Ok("i-1".to_owned()));
    let (found, _) =
        find_named(false, &[instances(now(), &["old"]), instances(now(), &["i-1", "old"])]).await;
    assert_eq!(found, Ok("i-1".to_owned()));
    let (found, _) = find_named(false, &[instances(now(), &["old"]), instances(now(), &["old"])]).await;
    assert!(found.unwrap_err().contains("named \"n\" may have been made"));
    let long_ago = "2020-01-01T00:00:00Z".parse().unwrap();
    let (found, _) = find_named(false, &[instances(now(), &[]), instances(long_ago, &["old"])]).await;
    assert!(found.is_err());
    let (found, _) = find_named(false, &[json!(500), instances(now(), &["i-1"])]).await;
    assert!(found.unwrap_err().contains("i-1"));
}

#[tokio::test]
async fn demand_02_two_hundred_named_instances_make_one_list() {
    let (client, requests) = lists(ErrorMapping::Novita, &[instances(now(), &[])]).await;
    let (underway, call) = (Underway::default(), Call::default());
    for number in 0..200 {
        let post = async {
            let id = format!("i-{number}");
            Ok(instance::calls::Instance { id, ..instance::calls::Instance::default() })
        };
        underway.create(&client, &call, named(&format!("n-{number}"), false), post).await.unwrap();
    }
    assert_eq!(*requests.lock().unwrap(), ["GET /gpu/instances?pageSize=100&pageNum=0"]);
}
