//! Refreshes of many VMs, with a server of a few lines that shows gets and lists as it likes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value as Json, json};

use super::*;
use crate::api::error_mapping::ErrorMapping;
use crate::provider::loopback::{self, Requests};
use crate::provider::vm::calls;
use crate::provider::vm::resource::Vm;

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
    census: Census<Vm>,
}

impl Account {
    async fn with(size: usize, listed: impl Fn(usize) -> Option<Json> + Send + 'static) -> Self {
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

    async fn served_by(answer: impl Fn(&str) -> (u16, String) + Send + 'static) -> Self {
        let (client, requests) = loopback::serve(ErrorMapping::NovaCloud, answer).await;
        Self { client, requests, census: Census::default() }
    }

    /// Reads a VM whose state is as its get shows it, as a refresh does; whether the list was enough.
    async fn refresh(&self, number: usize) -> bool {
        let mut state = Vm::from_object(&Value::Null).unwrap();
        state.read_back(serde_json::from_value(vm(number)).unwrap());
        let (id, call) = (id(number), Call::default());
        if self.census.confirms(&self.client, &call, &id, &state).await.is_some() {
            return true;
        }
        self.census.note(&calls::get(&self.client, &call, &id).await.unwrap());
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
    assert!(lists <= 7 && gets <= ONE_BY_ONE, "{lists} lists, {gets} gets");
}

#[tokio::test]
async fn whatever_the_order() {
    let account = Account::with(300, |it| Some(vm(it))).await;
    let (lists, gets) = account.refresh_all((0..300).map(|it| it * 77 % 300)).await;
    assert!(lists <= 7 && gets <= ONE_BY_ONE + 7, "{lists} lists, {gets} gets");
}

#[tokio::test]
async fn a_few_are_read_without_the_list() {
    let account = Account::with(300, |it| Some(vm(it))).await;
    assert_eq!(account.refresh_all(0..ONE_BY_ONE).await, (0, ONE_BY_ONE));
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
    let mut state = Vm::from_object(&Value::Null).unwrap();
    state.read_back(serde_json::from_value(vm(20)).unwrap());
    state.ram_gb = 64.into();
    account.refresh_all(0..20).await;
    let call = Call::default();
    assert!(account.census.confirms(&account.client, &call, &id(20), &state).await.is_some());
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

#[tokio::test]
async fn an_old_list_is_fetched_again() {
    let changed = Arc::new(AtomicUsize::new(usize::MAX));
    let seen = Arc::clone(&changed);
    let account =
        Account::with(40, move |number| (number != seen.load(Ordering::SeqCst)).then(|| vm(number))).await;
    account.refresh_all(0..30).await;
    changed.store(30, Ordering::SeqCst);
    assert!(account.refresh(30).await, "the list is fresh");
    tokio::time::pause();
    tokio::time::advance(FRESH + Duration::from_secs(1)).await;
    tokio::time::resume();
    assert!(!account.refresh(30).await, "the list is old");
    assert_eq!(account.lists(), 2);
}

#[tokio::test]
async fn a_stop_says_nothing_about_the_list() {
    let account = Account::with(40, |it| Some(vm(it))).await;
    account.refresh_all(0..ONE_BY_ONE).await;
    let stopped = Call::default();
    stopped.stop.cancel();
    let state = Vm::from_object(&Value::Null).unwrap();
    assert!(account.census.confirms(&account.client, &stopped, &id(1), &state).await.is_none());
    assert!(account.refresh(20).await);
}
