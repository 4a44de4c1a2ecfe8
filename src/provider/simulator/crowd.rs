//! Two hundred instances at once, under faults and a rate limit.

use std::collections::BTreeSet;
use std::time::Duration;

use mock_cloud::{Options, Pace};
use serde_json::json;

use crate::provider::simulator::client::Terraform;
use crate::provider::simulator::mischief::Mischief;
use crate::provider::simulator::wishes::Wish;
use crate::provider::simulator::world::World;

const MACHINES: usize = 200;

/// Five of a hundred requests go wrong.
const FAULTS: Mischief =
    Mischief { per_mille: 50, passing_only: true, is_odd: false, kill_at: None, cancel_at: None };

/// What it took.
#[derive(Debug)]
struct Cost {
    requests: u32,
    time: Duration,
}

/// Creates them all in as many applies as the faults make necessary.
fn create_all(mischief: Mischief, one_by_one: bool) -> Cost {
    let mut pace = Pace::default();
    pace.set("pulling", 600);
    let world = World::new(1, Options { pace, ..Options::default() }, false);
    world.cloud.with_novita(|it| it.products.iter_mut().for_each(|product| product.gpus = 10_000));
    if one_by_one {
        world.look_one_by_one();
    }
    let mut client = Terraform::new(std::sync::Arc::clone(&world));
    client.settings = json!({
        "api_key": world.cloud.api_key(), "base_url": world.cloud.novita_url(),
        "request_timeout": "20s", "max_requests_per_minute": 200,
    });
    client.parallelism = MACHINES;
    for number in 0..MACHINES {
        client.wanted.insert(format!("it[{number}]"), Wish::least("novita_gpu_instance"));
    }
    for _ in 0..10 {
        if world.process(mischief, client.apply()) == Some(true) {
            break;
        }
    }
    let alive: BTreeSet<String> = world.cloud.alive().into_iter().map(|it| it.id).collect();
    let state: BTreeSet<String> = client.state.borrow().values().map(|it| it.id.clone()).collect();
    let told = client.account.borrow().told.clone();
    assert_eq!(state.len(), MACHINES, "all are in the state: {told:#?}");
    assert_eq!(state, alive, "what is alive is in the state, and nothing else: {told:#?}");
    let destroyed = client.account.borrow().deleted.len();
    assert_eq!(
        world.cloud.created_count(),
        u64::try_from(MACHINES + destroyed).unwrap(),
        "each was made once: {told:#?}"
    );
    Cost { requests: world.requests(), time: world.elapsed() }
}

#[test]
fn demand_02_two_hundred_instances_at_once_are_each_made_once_under_faults_and_a_rate_limit() {
    let (shared, one_by_one) = (create_all(FAULTS, false), create_all(FAULTS, true));
    println!(
        "{MACHINES} instances, 5 % faults, 200 requests a minute: {shared:?}; waits one by one: {one_by_one:?}"
    );
    // The refreshes of the applies that the faults make necessary are one by one in both.
    assert!(shared.requests * 7 < one_by_one.requests * 6, "{shared:?} {one_by_one:?}");
}

#[test]
fn demand_09_waiting_for_two_hundred_instances_takes_few_requests() {
    let (shared, one_by_one) =
        (create_all(Mischief::default(), false), create_all(Mischief::default(), true));
    println!(
        "{MACHINES} instances, no faults, 200 requests a minute: {shared:?}; waits one by one: {one_by_one:?}"
    );
    assert!(shared.requests * 3 < one_by_one.requests * 2, "{shared:?} {one_by_one:?}");
    assert!(shared.time < one_by_one.time, "{shared:?} {one_by_one:?}");
}
