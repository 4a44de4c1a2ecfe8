//! What the list is good for: witnesses, and refreshes of many.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use serde_json::{Value as Json, json};
use tfplugin::model::Model;
use tfplugin::value::Value;

use super::*;
use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error_mapping::ErrorMapping;
use crate::provider::life_cycle::fake::World;
use crate::provider::life_cycle::remote::Kind;
use crate::provider::life_cycle::stored::Stored;
use crate::provider::loopback::{self, Requests};
use crate::provider::novacloud::vm::{Vm, answer};
use crate::provider::read_back::Origin;

#[tokio::test(start_paused = true)]
async fn one_walk_serves_everyone_who_asks_for_it() {
    let world = World::of_size(40, Duration::from_secs(3), |_| "there", |_| "there");
    let call = Call::default();
    let remote = world.remote(&call);
    let list = &remote.kind.list;
    let walks = (0..20).map(|_| list.walked(&remote, Instant::now()));
    assert!(join_all(walks).await.iter().all(Result::is_ok));
    assert_eq!(world.count("list"), 1);
    // Who comes while a walk is under way needs one that begins later; so do all others like it.
    let late = (0..20).map(|number| {
        let (remote, list) = (&remote, list);
        async move {
            tokio::time::sleep(Duration::from_millis(100) * number).await;
            list.walked(remote, Instant::now()).await
        }
    });
    join_all(late).await;
    assert_eq!(world.count("list"), 3);
    // Who can do with an older one takes it.
    let older = Instant::now() - Duration::from_secs(10);
    list.walked(&remote, older).await.unwrap();
    assert_eq!(world.count("list"), 3);
}

#[tokio::test(start_paused = true)]
async fn a_walk_that_fails_has_failed_for_all_who_waited_for_it_and_for_nobody_else() {
    let world = World::of_size(
        40,
        Duration::from_secs(3),
        |_| "there",
        |now| {
            if now < Duration::from_secs(2) { "500" } else { "there" }
        },
    );
    let call = Call::default();
    let remote = world.remote(&call);
    let list = &remote.kind.list;
    let ends = join_all((0..20).map(|_| list.walked(&remote, Instant::now()))).await;
    assert!(ends.iter().all(|it| matches!(it, Err(Error::Server(_)))));
    assert_eq!(world.count("list"), 1);
    assert!(list.walked(&remote, Instant::now()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_walk_is_bounded_by_each_who_asks_and_gone_on_with_by_the_next() {
    let world = World::of_size(200, Duration::from_secs(3), |_| "there", |_| "there");
    let call = Call::default();
    let (short, patient) = (world.remote(&call.within(Duration::from_secs(7))), world.remote(&call));
    let since = Instant::now();
    let first = short.kind.list.walked(&short, since).await;
    assert!(matches!(first, Err(Error::TimedOut(_))));
    let listing = patient.kind.list.walked(&patient, since).await.unwrap();
    assert_eq!((listing.elements().count(), listing.pages), (200, 5));
    assert_eq!((world.count("list"), world.count("page 50"), world.count("page 100")), (1, 1, 2));
}

#[tokio::test(start_paused = true)]
async fn an_id_is_found_in_whatever_case() {
    let world = World::new(|_| "there", |_| "there");
    let call = Call::default();
    let remote = world.remote(&call);
    let listing = remote.kind.list.walked(&remote, Instant::now()).await.unwrap();
    assert!(listing.get("7").is_some() && listing.get("41").is_none());
    assert!(remote.kind.list.find(&remote, "7").await.is_ok());
    assert!(matches!(remote.kind.list.find(&remote, "77").await, Err(Error::NotFound(_))));
}

#[tokio::test(start_paused = true)]
async fn what_is_as_in_the_last_walk_is_not_decoded_again() {
    let later = Duration::from_secs(60);
    for (scene, is_the_same) in [
        ((|_| "there") as fn(Duration) -> &'static str, true),
        (|now| if now < Duration::from_secs(60) { "there" } else { "leaving" }, false),
    ] {
        let world = World::new(|_| "there", scene);
        let call = Call::default();
        let remote = world.remote(&call);
        let first = remote.kind.list.walked(&remote, Instant::now()).await.unwrap();
        tokio::time::sleep(later).await;
        let second = remote.kind.list.walked(&remote, Instant::now()).await.unwrap();
        let (before, now) = (first.get("7").unwrap(), second.get("7").unwrap());
        assert_eq!(std::ptr::eq(before, now), is_the_same, "{before:?} {now:?}");
        assert_eq!(now.status, scene(later));
        assert_eq!(world.count("list"), 2);
    }
}

fn id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn vm(number: usize) -> Json {
    json!({"id": id(number), "vmid": number, "user_id": 7, "node": "vm02", "gpu_type": "5090", "gpu_count": 1,
        "storage_gb": 120, "ip_address": format!("203.0.113.{}", number % 250), "status": "running"})
}

/// An account whose list shows each VM as this function says; nothing: it leaves it out.
struct Account {
    client: Client,
    requests: Requests,
    kind: Arc<Kind<answer::Vm>>,
}

/// The state that a get of this VM makes.
fn state(number: usize) -> Vm {
    let mut state = Vm::from_object(&Value::Null).unwrap();
    let _ = state.take(serde_json::from_value(vm(number)).unwrap(), Origin::Imported);
    state
}

impl Account {
    async fn with(size: usize, listed: impl Fn(usize) -> Option<Json> + Send + Sync + 'static) -> Self {
        let answer = move |request: &str| {
            let Some((_, rest)) = request.split_once("offset=") else {
                let number = request.rsplit('-').next().unwrap().parse().unwrap();
                return (200, vm(number).to_string());
            };
            let first: usize = rest.parse().unwrap();
            let page: Vec<_> = (first.min(size)..(first + 50).min(size)).filter_map(&listed).collect();
            (200, json!(page).to_string())
        };
        Self::served_by(answer).await
    }

    async fn served_by(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Self {
        let (client, requests) = loopback::serve(ErrorMapping::NovaCloud, answer).await;
        Self { client, requests, kind: Arc::default() }
    }

    fn remote(&self, call: Call) -> Remote<'_, answer::Vm> {
        Remote::new(&self.client, call, Arc::clone(&self.kind), "VM")
    }

    /// Reads a VM whose state is as its get shows it, as a refresh does; whether the list was enough.
    async fn refresh(&self, number: usize) -> bool {
        let remote = self.remote(Call::default());
        if remote.kind.list.confirms(&remote, &state(number), |_| true).await.is_some() {
            return true;
        }
        remote.kind.list.note(&remote.get(&id(number)).await.unwrap());
        false
    }

    /// Refreshes all of these; how many lists and how many gets that took.
    async fn refresh_all(&self, numbers: impl Iterator<Item = usize>) -> (usize, usize) {
        let mut gets = 0;
        for number in numbers {
            gets += usize::from(!self.refresh(number).await);
        }
        (self.lists(), gets)
    }

    fn lists(&self) -> usize {
        self.requests.lock().unwrap().iter().filter(|it| it.contains("offset=")).count()
    }
}

#[tokio::test]
async fn demand_09_a_refresh_of_many_is_a_few_lists() {
    let account = Account::with(300, |it| Some(vm(it))).await;
    let (lists, gets) = account.refresh_all(0..300).await;
    assert!(lists <= 7 && gets <= refresh::ONE_BY_ONE, "{lists} lists, {gets} gets");
}

#[tokio::test]
async fn whatever_the_order() {
    let account = Account::with(300, |it| Some(vm(it))).await;
    let (lists, gets) = account.refresh_all((0..300).map(|it| it * 77 % 300)).await;
    assert!(lists <= 7 && gets <= refresh::ONE_BY_ONE + 7, "{lists} lists, {gets} gets");
}

#[tokio::test]
async fn a_few_are_read_without_the_list() {
    let account = Account::with(300, |it| Some(vm(it))).await;
    assert_eq!(account.refresh_all(0..refresh::ONE_BY_ONE).await, (0, refresh::ONE_BY_ONE));
}

#[tokio::test]
async fn what_the_list_shows_otherwise_is_looked_at_by_a_get() {
    let account = Account::with(100, |number| match number {
        99 => None,
        50 => {
            let mut stopped = vm(number);
            stopped["status"] = "stopped".into();
            Some(stopped)
        }
        _ => Some(vm(number)),
    })
    .await;
    account.refresh_all(0..30).await;
    for (number, enough) in [(98, true), (99, false), (50, false), (51, true)] {
        assert_eq!(account.refresh(number).await, enough, "{number}");
    }
}

#[tokio::test]
async fn a_list_that_says_less_than_gets_is_not_heard() {
    let account = Account::with(300, |number| {
        let mut less = vm(number);
        less["ip_address"] = Json::Null;
        Some(less)
    })
    .await;
    let (lists, gets) = account.refresh_all(0..300).await;
    assert_eq!((lists <= 2, gets), (true, 300), "{lists} lists");
}

#[tokio::test]
async fn a_list_that_says_more_than_gets_is_heard() {
    let account = Account::with(100, |number| {
        let mut more = vm(number);
        more["ram_gb"] = 64.into();
        Some(more)
    })
    .await;
    let state = Vm { ram_gb: 64.into(), ..state(20) };
    account.refresh_all(0..20).await;
    let remote = account.remote(Call::default());
    assert!(remote.kind.list.confirms(&remote, &state, |_| true).await.is_some());
}

#[tokio::test]
async fn a_list_that_fails_is_asked_once() {
    let account = Account::served_by(|request| match request.contains("offset=") {
        true => (500, "{}".to_owned()),
        false => (200, vm(request.rsplit('-').next().unwrap().parse().unwrap()).to_string()),
    })
    .await;
    assert_eq!(account.refresh_all(0..50).await, (1, 50));
}

#[tokio::test]
async fn a_few_among_many_others_cost_no_more_than_twice() {
    let account = Account::with(20_000, |it| Some(vm(it))).await;
    let (lists, gets) = account.refresh_all(19_960..20_000).await;
    assert!(lists + gets <= 80, "{lists} lists, {gets} gets");
}

#[tokio::test(start_paused = true)]
async fn an_old_list_is_fetched_again() {
    let changed = Arc::new(AtomicUsize::new(usize::MAX));
    let seen = Arc::clone(&changed);
    let account =
        Account::with(40, move |number| (number != seen.load(Ordering::SeqCst)).then(|| vm(number))).await;
    account.refresh_all(0..30).await;
    changed.store(30, Ordering::SeqCst);
    assert!(account.refresh(30).await, "the list is fresh");
    tokio::time::advance(refresh::FRESH + Duration::from_secs(1)).await;
    assert!(!account.refresh(30).await, "the list is old");
    assert_eq!(account.lists(), 2);
}

#[tokio::test]
async fn a_stop_says_nothing_about_the_list() {
    let account = Account::with(40, |it| Some(vm(it))).await;
    account.refresh_all(0..refresh::ONE_BY_ONE).await;
    let stopped = Call::default();
    stopped.stop.cancel();
    let remote = account.remote(stopped);
    assert!(remote.kind.list.confirms(&remote, &state(1), |_| true).await.is_none());
    assert!(account.refresh(20).await);
}
