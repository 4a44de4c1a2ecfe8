//! Waits together: without a network, on a clock that jumps; and one story with the mock.

use std::future::pending;

use futures_util::future::join_all;

use super::*;
use crate::api::error::Details;
use crate::api::error_mapping::ErrorMapping;
use crate::provider::instance::calls::Instance;
use crate::provider::instance::calls::waits::{After, wait_until_running};
use crate::provider::loopback;
use crate::provider::watch::{is_going, is_on_its_way, judge_gone};

const SECOND: Duration = Duration::from_secs(1);
const INTERVAL: Duration = Duration::from_secs(5);
const A_LITTLE: Duration = Duration::from_millis(100);

/// What the looks of these tests see. `going` is on its way, and what has a `!` is in trouble.
#[derive(Clone, Debug)]
struct Thing {
    id: String,
    status: &'static str,
}

impl Sight for Thing {
    fn id(&self) -> &str {
        &self.id
    }

    fn status(&self) -> &str {
        self.status
    }

    fn is_moving(&self) -> bool {
        self.status.starts_with("going")
    }

    fn trouble(&self) -> Option<&str> {
        self.status.ends_with('!').then_some("trouble")
    }
}

/// What gets and lists say, after so much time, and what was asked.
struct World {
    roll: Roll<Thing>,
    start: Instant,
    pages: usize,
    /// How long the list takes.
    slow: Duration,
    /// What a get shows of each thing; nothing: it does not exist.
    get: fn(Duration) -> &'static str,
    /// What the list shows of each thing: nothing, or `broken`, or `hangs` for all of them.
    list: fn(Duration) -> &'static str,
    asked: Mutex<Vec<(Duration, String)>>,
}

impl World {
    fn new(get: fn(Duration) -> &'static str, list: fn(Duration) -> &'static str) -> Self {
        let (roll, asked) = (Roll::default(), Mutex::default());
        Self { roll, start: Instant::now(), pages: 1, slow: Duration::ZERO, get, list, asked }
    }

    /// When what was asked, if it begins with this, in whole seconds.
    fn times(&self, what: &str) -> Vec<u64> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|(_, it)| it.starts_with(what)).map(|(time, _)| time.as_secs()).collect()
    }

    fn count(&self, what: &str) -> usize {
        self.times(what).len()
    }

    fn ask(&self, what: String) -> Duration {
        let now = self.start.elapsed();
        self.asked.lock().unwrap().push((now, what));
        now
    }
}

struct Eyes<'w> {
    world: &'w World,
    call: Call,
}

impl Source for Eyes<'_> {
    type Item = Thing;

    fn roll(&self) -> &Roll<Thing> {
        &self.world.roll
    }

    fn call(&self) -> &Call {
        &self.call
    }

    fn interval(&self) -> Duration {
        INTERVAL
    }

    async fn get(&self, id: &str) -> Result<Thing> {
        let now = self.world.ask(format!("get {id}"));
        match (self.world.get)(now) {
            "" => Err(Error::gone("GET", "gone")),
            status => Ok(Thing { id: id.to_owned(), status }),
        }
    }

    async fn walk(&self) -> Result<Walk<Thing>> {
        let now = self.world.ask("list".to_owned());
        tokio::time::sleep(self.world.slow).await;
        let status = match (self.world.list)(now) {
            "broken" => return Err(Error::Transport(Details::new("GET", "broken").into())),
            "hangs" => pending().await,
            status => status,
        };
        let ids = (0..if status.is_empty() { 0 } else { 200 }).map(|it| it.to_string());
        Ok(Walk {
            elements: ids.map(|id| Thing { id, status }).collect(),
            unreadable: 0,
            pages: self.world.pages,
        })
    }
}

/// Waits until a thing is `there`; when that was.
async fn wait_for(world: &World, id: usize, call: &Call) -> Result<u64> {
    let judge = |sight: Result<Thing>| match sight {
        Ok(it) if it.status == "there" => Verdict::Done(()),
        Ok(it) => Verdict::Waiting(it.status.to_owned()),
        Err(Error::NotFound(_)) => Verdict::Waiting("not known yet".to_owned()),
        Err(error) => Verdict::Failed(error),
    };
    let eyes = Eyes { world, call: call.clone() };
    wait(&eyes, &id.to_string(), "it to come", is_on_its_way, judge).await?;
    Ok(world.start.elapsed().as_secs())
}

/// As many waits as that, each of which begins so much after the one before; when each was over.
async fn wait_together(world: &World, count: usize, apart: Duration) -> Vec<u64> {
    let call = Call::default();
    let waits = (0..count).map(|id| {
        let call = &call;
        async move {
            tokio::time::sleep(apart * u32::try_from(id + 1).unwrap()).await;
            wait_for(world, id, call).await.unwrap()
        }
    });
    join_all(waits).await
}

fn there_after_a_minute(now: Duration) -> &'static str {
    if now < 60 * SECOND { "going" } else { "there" }
}

/// The wait that looks first fetches a list that does not come.
fn hangs_at_first(now: Duration) -> &'static str {
    if now < 6 * SECOND { "hangs" } else { there_after_a_minute(now) }
}

fn there_after_five_minutes(now: Duration) -> &'static str {
    if now < 300 * SECOND { "going" } else { "there" }
}

#[tokio::test(start_paused = true)]
async fn demand_09_the_requests_do_not_grow_with_the_number_of_waits() {
    for count in [10, 200] {
        let world = World::new(there_after_five_minutes, there_after_five_minutes);
        let ends = wait_together(&world, count, A_LITTLE).await;
        assert!(ends.iter().all(|it| (300..350).contains(it)), "{ends:?}");
        // The first one, one check at the eighth look, and the one that ends the wait.
        assert_eq!(world.count("get"), 3 * count);
        // Those that began later are out of step for some time, so these are more than one wait has looks.
        let (lists, looks) = (world.count("list"), looks_of_one().await);
        assert!(lists <= 2 * looks, "{lists} lists for {looks} looks");
    }
}

/// How often one wait looks that is alone.
async fn looks_of_one() -> usize {
    let world = World::new(there_after_five_minutes, there_after_five_minutes);
    wait_together(&world, 1, A_LITTLE).await;
    world.count("get")
}

#[tokio::test(start_paused = true)]
async fn the_list_is_never_fetched_more_often_than_at_the_interval() {
    let world = World::new(there_after_five_minutes, there_after_five_minutes);
    wait_together(&world, 150, A_LITTLE).await;
    let asked = world.asked.lock().unwrap();
    let lists: Vec<_> = asked.iter().filter(|(_, it)| it == "list").map(|(time, _)| *time).collect();
    assert!(lists.len() > 5 && lists.windows(2).all(|it| it[1] - it[0] >= INTERVAL), "{lists:?}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_list_is_not_fetched_by_each_who_waited_for_it() {
    let mut world = World::new(there_after_five_minutes, there_after_five_minutes);
    world.slow = 20 * SECOND;
    let ends = wait_together(&world, 100, A_LITTLE).await;
    assert!(ends.iter().all(|it| (300..370).contains(it)), "{ends:?}");
    assert!(world.count("list") <= 2 * looks_of_one().await, "{:?}", world.times("list"));
}

#[tokio::test(start_paused = true)]
async fn without_sharing_each_wait_looks_for_itself() {
    let mut world = World::new(there_after_five_minutes, there_after_five_minutes);
    world.roll.shared = false;
    wait_together(&world, 10, A_LITTLE).await;
    assert_eq!((world.count("get"), world.count("list")), (10 * looks_of_one().await, 0));
}

#[tokio::test(start_paused = true)]
async fn one_alone_looks_by_gets_at_growing_intervals() {
    let world = World::new(there_after_five_minutes, there_after_five_minutes);
    wait_together(&world, 1, A_LITTLE).await;
    assert_eq!(world.count("list"), 0);
    assert_eq!(world.times("get")[..5], [0, 5, 12, 23, 40]);
}

#[tokio::test(start_paused = true)]
async fn a_list_of_more_pages_than_waits_is_not_worth_it() {
    let mut world = World::new(there_after_five_minutes, there_after_five_minutes);
    world.pages = 5;
    wait_together(&world, 4, A_LITTLE).await;
    assert_eq!(world.count("list"), 1, "nobody knew before how long it is");
    let mut world = World::new(there_after_five_minutes, there_after_five_minutes);
    world.pages = 5;
    wait_together(&world, 5, A_LITTLE).await;
    assert!(world.count("list") > 5);
}

#[tokio::test(start_paused = true)]
async fn one_that_stops_while_it_fetches_for_all_holds_nobody_up() {
    let world = World::new(there_after_a_minute, hangs_at_first);
    let stopped = Call::default();
    let stop = async {
        tokio::time::sleep(20 * SECOND).await;
        stopped.stop.cancel();
    };
    let (first, others, ()) =
        tokio::join!(wait_for(&world, 0, &stopped), wait_together(&world, 3, SECOND), stop);
    assert!(matches!(&first, Err(Error::Stopped(it)) if it.seen.as_deref() == Some("going")), "{first:?}");
    assert!(others.iter().all(|it| (60..100).contains(it)), "{others:?}");
    assert_eq!(world.times("list")[..2], [5, 20], "the next one fetches at once");
}

#[tokio::test(start_paused = true)]
async fn one_that_runs_out_of_time_while_it_fetches_for_all_holds_nobody_up() {
    let world = World::new(there_after_a_minute, hangs_at_first);
    let short = Call::default().within(20 * SECOND);
    let (first, others) = tokio::join!(wait_for(&world, 0, &short), wait_together(&world, 3, SECOND));
    assert!(matches!(&first, Err(Error::TimedOut(it)) if it.seen.as_deref() == Some("going")), "{first:?}");
    assert!(others.iter().all(|it| (60..100).contains(it)), "{others:?}");
    assert_eq!(world.times("list")[..2], [5, 20], "the next one fetches at once");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_fails_makes_each_wait_look_for_itself() {
    let world = World::new(there_after_five_minutes, |_| "broken");
    let ends = wait_together(&world, 10, A_LITTLE).await;
    assert!(ends.iter().all(|it| (300..331).contains(it)), "{ends:?}");
    let lists = world.times("list");
    assert!(lists.windows(2).all(|it| it[1] - it[0] >= 30), "{lists:?}");
    assert!(world.count("get") > 100);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_does_not_have_the_thing_yet_ends_nothing() {
    let world = World::new(there_after_five_minutes, |now| {
        if now < 100 * SECOND { "" } else { there_after_five_minutes(now) }
    });
    let ends = wait_together(&world, 10, A_LITTLE).await;
    assert!(ends.iter().all(|it| (300..350).contains(it)), "{ends:?}");
}

#[tokio::test(start_paused = true)]
async fn a_thing_that_is_not_known_yet_is_looked_for_by_gets() {
    let world = World::new(|now| if now < 30 * SECOND { "" } else { "there" }, |_| "going");
    let ends = wait_together(&world, 10, A_LITTLE).await;
    assert!(ends.iter().all(|it| (30..60).contains(it)), "{ends:?}");
    assert_eq!(world.count("list"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_runs_ahead_or_shows_nothing_ends_nothing() {
    for list in [|_: Duration| "there", |_| "broken!", |_| "going!", |_| ""] {
        let world = World::new(there_after_five_minutes, list);
        let ends = wait_together(&world, 10, A_LITTLE).await;
        assert!(ends.iter().all(|it| (300..331).contains(it)), "{ends:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_stands_still_holds_nobody_up_for_ever() {
    let world = World::new(|now| if now < 100 * SECOND { "going" } else { "there" }, |_| "going");
    let ends = wait_together(&world, 10, A_LITTLE).await;
    assert!(ends.iter().all(|it| (100..250).contains(it)), "{ends:?}");
}

#[tokio::test(start_paused = true)]
async fn demand_17_trouble_that_the_list_does_not_show_is_seen_look_by_look() {
    let world = World::new(|now| if now < 60 * SECOND { "going" } else { "going!" }, |_| "going");
    let waits = (0..10).map(|id| {
        let eyes = Eyes { world: &world, call: Call::default() };
        let mut troubled = 0;
        let judge = move |sight: Result<Thing>| {
            troubled = if sight.unwrap().trouble().is_some() { troubled + 1 } else { 0 };
            if troubled == 3 { Verdict::Done(()) } else { Verdict::Waiting("going".to_owned()) }
        };
        async move { wait(&eyes, &id.to_string(), "it to fail", is_on_its_way, judge).await }
    });
    join_all(waits).await.into_iter().for_each(|it| it.unwrap());
    assert!(world.start.elapsed() < 300 * SECOND, "{:?}", world.start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn demand_21_what_the_list_lacks_is_gone_when_a_get_says_so() {
    let world = World::new(|now| if now < 60 * SECOND { "going" } else { "" }, |_| "");
    let waits = (0..10).map(|id| {
        let eyes = Eyes { world: &world, call: Call::default() };
        async move { wait(&eyes, &id.to_string(), "it to go", is_going, judge_gone).await }
    });
    join_all(waits).await.into_iter().for_each(|it| it.unwrap());
    assert!(world.start.elapsed() >= 60 * SECOND);
    assert!(world.count("list") > 3);
}

/// Seeds instances of both kinds that run after so many reads, and waits for all of them: how many gets
/// and lists it takes.
async fn wait_for_instances(roll: &Roll<Instance>, count: usize, reads: u32) -> (usize, usize) {
    let cloud = mock_cloud::MockCloud::start(mock_cloud::Options::default());
    let client = loopback::client(ErrorMapping::Novita, &cloud.novita_url(), cloud.api_key());
    let ids = (0..count).map(|it| format!("i-{it}"));
    let ids: Vec<_> = ids
        .enumerate()
        .map(|(number, id)| {
            let kind = if number % 2 == 0 { "gpu" } else { "cpu" };
            let walk = serde_json::json!({"toCome": ["running"], "stepsLeft": reads});
            let record = serde_json::json!({"id": id, "kind": kind, "status": "pulling", "walk": walk});
            cloud.seed_instance(record).unwrap()
        })
        .collect();
    let call = Call::default();
    let looks = roll.looks(&client, &call);
    for instance in join_all(ids.iter().map(|id| wait_until_running(&looks, id, After::Create))).await {
        assert_eq!(instance.unwrap().status, "running");
    }
    let requests = cloud.requests();
    let asked = |path: &str| requests.iter().filter(|it| it.path.ends_with(path)).count();
    (asked("/gpu/instance"), asked("/gpu/instances"))
}

#[tokio::test]
async fn demand_09_instances_of_both_kinds_are_waited_for_by_one_list() {
    let (count, reads) = (20, 30);
    let (gets, lists) = wait_for_instances(&Roll::default(), count, reads).await;
    assert!(gets <= 6 * count, "{gets} gets");
    // Each list moves all of them. A walk takes two requests when the first page has the number 1.
    assert!(lists <= 2 * 30, "{lists} lists");
    let apart = Roll { shared: false, ..Roll::default() };
    let (gets, lists) = wait_for_instances(&apart, count, reads).await;
    assert_eq!((gets, lists), (count * 31, 0));
}
