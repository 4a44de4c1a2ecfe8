//! Waits, alone and together: without a network, on a clock that jumps.

use std::time::Duration;

use futures_util::future::join_all;

use super::*;
use crate::api::call::Call;
use crate::provider::life_cycle::fake::{INTERVAL, Thing, World};

const SECOND: Duration = Duration::from_secs(1);
const A_LITTLE: Duration = Duration::from_millis(100);
const CREATED: Goal = Goal::Ready(After::Create);

/// Waits for a thing; how that ended, and when.
async fn wait_for(world: &World, id: usize, goal: Goal, call: &Call) -> (String, u64) {
    let end = match world.remote(call).wait(&id.to_string(), goal).await {
        Ok(End::Reached(it, remark)) => {
            let remark = remark.map(|it| format!(" ({})", it.summary)).unwrap_or_default();
            format!("{}{remark}", it.status)
        }
        Ok(End::Gone) => "gone".to_owned(),
        Ok(End::Idle(it)) => format!("idle, {}", it.status),
        Err(error) => format!("{}: {error}", error.details().headline),
    };
    (end, world.elapsed().as_secs())
}

/// A wait alone for the goal in a world whose gets and lists say the same.
async fn alone(goal: Goal, scene: fn(Duration) -> &'static str) -> (String, u64) {
    wait_for(&World::new(scene, scene), 1, goal, &Call::default()).await
}

/// As many waits as that, each of which begins so much after the one before; when each was over.
async fn together(world: &World, count: usize, goal: Goal) -> Vec<u64> {
    let waits = (0..count).map(|id| async move {
        tokio::time::sleep(A_LITTLE * u32::try_from(id + 1).unwrap()).await;
        let (end, time) = wait_for(world, id, goal, &Call::default()).await;
        assert!(matches!(end.as_str(), "there" | "gone"), "{end}");
        time
    });
    join_all(waits).await
}

fn there_after_a_minute(now: Duration) -> &'static str {
    if now < 60 * SECOND { "going" } else { "there" }
}

fn there_after_five_minutes(now: Duration) -> &'static str {
    if now < 300 * SECOND { "going" } else { "there" }
}

/// How often one wait looks that is alone.
async fn looks_of_one() -> usize {
    let world = World::new(there_after_five_minutes, there_after_five_minutes);
    together(&world, 1, CREATED).await;
    world.count("get")
}

#[tokio::test(start_paused = true)]
async fn what_is_ready_is_seen_soon() {
    for seconds in [1_u64, 3, 10, 100, 1_000] {
        let world = World::new(|_| "going", |_| "going");
        let call = Call::default().within(Duration::from_secs(seconds));
        assert!(wait_for(&world, 1, CREATED, &call).await.0.contains("was not ready after"));
        let looks = world.times("get");
        let late = looks.windows(2).all(|it| it[1] - it[0] <= it[0] / 10 + SECOND + A_LITTLE / 20);
        assert!(late, "{looks:?}");
    }
    assert_eq!(alone(CREATED, there_after_a_minute).await, ("there".to_owned(), 63));
}

#[tokio::test(start_paused = true)]
async fn no_failed_look_ends_a_wait() {
    for scene in [
        (|now| if now < 30 * SECOND { "503" } else { "there" }) as fn(Duration) -> &'static str,
        |now| if now < 30 * SECOND { "500" } else { "there" },
        |now| if now < 30 * SECOND { "401" } else { "there" },
        |now| if now < 30 * SECOND { "403" } else { "there" },
        |now| if now < 30 * SECOND { "422" } else { "there" },
    ] {
        for goal in [CREATED, Goal::Ready(After::Start), Goal::AtRest] {
            assert_eq!(alone(goal, scene).await.0, "there", "{goal:?}");
        }
    }
    assert_eq!(alone(Goal::Stopped, |now| if now < 30 * SECOND { "401" } else { "off" }).await.0, "off");
    assert_eq!(alone(Goal::Gone, |now| if now < 30 * SECOND { "401" } else { "" }).await.0, "gone");
}

#[tokio::test(start_paused = true)]
async fn a_time_out_tells_the_last_status_and_the_last_failure() {
    let world = World::new(|now| if now < 20 * SECOND { "going" } else { "503" }, |_| "going");
    let (end, time) = wait_for(&world, 1, CREATED, &Call::default().within(60 * SECOND)).await;
    assert_eq!(time, 60);
    for words in ["thing 1 was not ready after 60 s: going 59 s", "a look at it failed", "503"] {
        assert!(end.contains(words), "{words}: {end}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_a_wait_at_once() {
    let (world, call) = (World::new(|_| "going", |_| "going"), Call::default());
    let stop = async {
        tokio::time::sleep(20 * SECOND).await;
        call.stop.cancel();
    };
    let ((end, time), ()) = tokio::join!(wait_for(&world, 1, CREATED, &call), stop);
    assert!(end.contains("stopped while") && end.contains("\"going\""), "{end}");
    assert_eq!(time, 20);
}

#[tokio::test(start_paused = true)]
async fn demand_05_a_single_404_is_no_absence_while_the_list_has_the_thing() {
    let forgets =
        |now: Duration| if (20..40).contains(&now.as_secs()) { "" } else { there_after_a_minute(now) };
    let world = World::new(forgets, |_| "going");
    assert_eq!(wait_for(&world, 1, CREATED, &Call::default()).await.0, "there");
    // Nor while the list cannot be read.
    let world = World::new(forgets, |_| "503");
    assert_eq!(wait_for(&world, 1, CREATED, &Call::default()).await.0, "there");
    let world = World::new(|_| "", |_| "503");
    let (end, _) = wait_for(&world, 1, Goal::Gone, &Call::default().within(60 * SECOND)).await;
    assert!(end.contains("was not gone after") && end.contains("503"), "{end}");
    // By two witnesses it is gone.
    let vanishes = |now: Duration| if now < 20 * SECOND { "going" } else { "" };
    let (end, _) = alone(CREATED, vanishes).await;
    assert!(end.starts_with("Thing vanished while starting"), "{end}");
}

#[tokio::test(start_paused = true)]
async fn demand_17_a_failure_has_the_apis_words_and_advice_of_its_kind() {
    let (end, _) = alone(CREATED, |_| "broken!").await;
    assert_eq!(end, "Thing failed while starting: thing 1 is in the status \"broken\": trouble");
    let (end, _) = alone(Goal::Ready(After::Change), |_| "leaving").await;
    assert_eq!(
        end,
        "Thing failed while being changed: thing 1 is in the status \"leaving\": the API gave no reason"
    );
    let world = World::new(|_| "broken", |_| "broken");
    let error = world.remote(&Call::default()).wait("1", Goal::Stopped).await.unwrap_err();
    assert_eq!(error.details().advice, "advice for Failed");
}

#[tokio::test(start_paused = true)]
async fn demand_19_what_never_shows_is_told_after_three_minutes() {
    let (end, time) = alone(CREATED, |_| "").await;
    assert!(end.starts_with("Thing did not appear while starting: thing 1 does not exist"), "{end}");
    assert!((180..210).contains(&time), "{time}");
}

#[tokio::test(start_paused = true)]
async fn a_trouble_of_what_is_ready_is_told_once() {
    let (end, _) = alone(CREATED, |_| "there!").await;
    assert_eq!(end, "there (Thing is ready, and the API names a trouble)");
    let (end, time) = alone(CREATED, |_| "hibernating").await;
    assert_eq!(end, "hibernating (Thing has a status that is not known)");
    assert!((300..340).contains(&time), "{time}");
}

#[tokio::test(start_paused = true)]
async fn what_was_accepted_and_not_done_is_idle_after_a_minute() {
    for (goal, status) in
        [(Goal::Ready(After::Start), "off"), (Goal::Stopped, "there"), (Goal::Gone, "there")]
    {
        let world = match status {
            "off" => World::new(|_| "off", |_| "off"),
            _ => World::new(|_| "there", |_| "there"),
        };
        let (end, time) = wait_for(&world, 1, goal, &Call::default()).await;
        assert_eq!(end, format!("idle, {status}"));
        assert!((60..70).contains(&time), "{goal:?}: {time}");
    }
}

#[tokio::test(start_paused = true)]
async fn demand_09_the_requests_do_not_grow_with_the_number_of_waits() {
    for count in [10, 40] {
        let world = World::new(there_after_five_minutes, there_after_five_minutes);
        let ends = together(&world, count, CREATED).await;
        assert!(ends.iter().all(|it| (300..335).contains(it)), "{ends:?}");
        // The first one, checks after 8, 16, 32, 64, 128 and 256 seconds, and the one that ends the wait.
        assert!(world.count("get") <= 8 * count, "{}", world.count("get"));
        // Those that began later are out of step for some time, so these are more than one wait has looks.
        let (lists, looks) = (world.count("list"), looks_of_one().await);
        assert!(lists <= 2 * looks, "{lists} lists for {looks} looks");
    }
}

/// There after so many seconds.
fn there_after<const SECONDS: u64>(now: Duration) -> &'static str {
    if now < Duration::from_secs(SECONDS) { "going" } else { "there" }
}

/// Forty waits for what is there after so many seconds, which begin at moments that chance spreads over half of that:
/// how much longer than a tenth of the wait and a second passed until each was over.
async fn latest<const SECONDS: u64>(is_shared: bool, chance: &mut fastrand::Rng) -> Duration {
    let world = World::new(there_after::<SECONDS>, there_after::<SECONDS>);
    let world = if is_shared { world } else { world.unshared() };
    let (world, ready) = (&world, Duration::from_secs(SECONDS));
    let waits = (0..40).map(|id| {
        let begin = ready.mul_f64(chance.f64() / 2.0);
        async move {
            tokio::time::sleep(begin).await;
            wait_for(world, id, CREATED, &Call::default()).await;
            world.elapsed().saturating_sub(ready + (ready - begin) / 10 + SECOND)
        }
    });
    join_all(waits).await.into_iter().max().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn whenever_a_wait_began_it_ends_a_tenth_of_it_and_a_second_later_at_most() {
    let mut chance = fastrand::Rng::with_seed(1);
    for is_shared in [false, true] {
        for _ in 0..10 {
            let excess = [
                latest::<3>(is_shared, &mut chance).await,
                latest::<10>(is_shared, &mut chance).await,
                latest::<30>(is_shared, &mut chance).await,
                latest::<100>(is_shared, &mut chance).await,
                latest::<300>(is_shared, &mut chance).await,
                latest::<900>(is_shared, &mut chance).await,
                latest::<3600>(is_shared, &mut chance).await,
            ];
            assert!(excess.iter().all(|it| *it <= A_LITTLE / 10), "shared: {is_shared}: {excess:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_list_is_not_fetched_by_each_who_waited_for_it() {
    let world = World::of_size(40, 20 * SECOND, there_after_five_minutes, there_after_five_minutes);
    let ends = together(&world, 40, CREATED).await;
    assert!(ends.iter().all(|it| (300..370).contains(it)), "{ends:?}");
    assert!(world.count("list") <= 2 * looks_of_one().await, "{:?}", world.times("list"));
}

#[tokio::test(start_paused = true)]
async fn without_sharing_each_wait_looks_for_itself() {
    let world = World::new(there_after_five_minutes, there_after_five_minutes).unshared();
    together(&world, 10, CREATED).await;
    assert_eq!((world.count("get"), world.count("list")), (10 * looks_of_one().await, 0));
}

#[tokio::test(start_paused = true)]
async fn a_list_of_more_pages_than_waits_is_not_worth_it() {
    // Five pages, the last of which is empty.
    for (waits, is_worth_it) in [(4, false), (5, true)] {
        let world = World::of_size(200, Duration::ZERO, there_after_five_minutes, there_after_five_minutes);
        together(&world, waits, CREATED).await;
        // Before the first one nobody knew how long it is.
        assert_eq!(world.count("list") > 1, is_worth_it, "{waits} waits: {} lists", world.count("list"));
    }
}

/// The wait that looks first fetches a list that does not come.
fn hangs_at_first(now: Duration) -> &'static str {
    if now < 2 * SECOND { "hangs" } else { there_after_a_minute(now) }
}

#[tokio::test(start_paused = true)]
async fn one_that_ends_while_it_fetches_for_all_holds_nobody_up() {
    for is_stop in [true, false] {
        let world = World::new(there_after_a_minute, hangs_at_first);
        let call = if is_stop { Call::default() } else { Call::default().within(15 * SECOND) };
        let stop = async {
            tokio::time::sleep(15 * SECOND).await;
            if is_stop {
                call.stop.cancel();
            }
        };
        let (first, others, ()) =
            tokio::join!(wait_for(&world, 0, CREATED, &call), together(&world, 3, CREATED), stop);
        let seen = if is_stop { "\"going\"" } else { ": going 14 s" };
        assert!(first.0.contains(seen), "{first:?}");
        assert!(others.iter().all(|it| (60..80).contains(it)), "{others:?}");
        assert!(
            world.times("list")[1] == 15 * SECOND,
            "the next one fetches at once: {:?}",
            world.times("list")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_fails_makes_each_wait_look_for_itself() {
    let world = World::new(there_after_five_minutes, |_| "503");
    let ends = together(&world, 10, CREATED).await;
    assert!(ends.iter().all(|it| (300..335).contains(it)), "{ends:?}");
    let lists = world.times("list");
    assert!(lists.windows(2).all(|it| it[1] - it[0] >= 6 * INTERVAL), "{lists:?}");
    assert!(world.count("get") > 100);
}

#[tokio::test(start_paused = true)]
async fn a_list_ends_nothing_whatever_it_shows() {
    let late = |now: Duration| if now < 100 * SECOND { "" } else { there_after_five_minutes(now) };
    for list in [|_: Duration| "there", |_| "broken!", |_| "going!", |_| "", |_| "gone", late] {
        let world = World::new(there_after_five_minutes, list);
        let ends = together(&world, 10, CREATED).await;
        assert!(ends.iter().all(|it| (300..335).contains(it)), "{ends:?}");
    }
    // One that stands still holds nobody up for ever.
    let ends = together(&World::new(there_after_five_minutes, |_| "going"), 10, CREATED).await;
    assert!(ends.iter().all(|it| (300..600).contains(it)), "{ends:?}");
}

#[tokio::test(start_paused = true)]
async fn a_thing_that_is_not_known_yet_is_looked_for_by_gets() {
    let world = World::new(|now| if now < 30 * SECOND { "" } else { "there" }, |_| "going");
    let ends = together(&world, 10, CREATED).await;
    assert!(ends.iter().all(|it| (30..40).contains(it)), "{ends:?}");
    assert_eq!(world.count("list"), 0);
}

#[tokio::test(start_paused = true)]
async fn demand_21_what_the_list_lacks_is_gone_when_a_get_says_so() {
    let world = World::new(
        |now| if now < 60 * SECOND { "leaving" } else { "" },
        |now| {
            if now < 60 * SECOND { "leaving" } else { "" }
        },
    );
    let ends = together(&world, 10, Goal::Gone).await;
    assert!(ends.iter().all(|it| (60..75).contains(it)), "{ends:?}");
    assert!(world.count("list") > 3);
    // A list that shows nothing takes nothing away.
    let world = World::new(|now| if now < 60 * SECOND { "leaving" } else { "" }, |_| "");
    let ends = together(&world, 10, Goal::Gone).await;
    assert!(ends.iter().all(|it| (60..75).contains(it)), "{ends:?}");
}

#[tokio::test(start_paused = true)]
async fn demand_16_what_can_be_taken_back_and_vanishes_was_probably_taken_back() {
    let remote = World::new(|_| "there", |_| "there");
    let call = Call::default();
    let remote = remote.remote(&call);
    let mut waiter = Waiter::new(&remote, "1", CREATED);
    let cheap = |status: &str| Thing { status: status.to_owned(), is_cheap: true, ..Thing::default() };
    assert!(waiter.judge(Look::Seen(cheap("going"))).unwrap().is_none());
    for look in [Look::Seen(cheap("leaving")), Look::Absent] {
        let error = waiter.judge(look).unwrap_err();
        assert!(matches!(error, Error::Reclaimed(_)), "{error:?}");
        assert_eq!(error.details().headline, "Thing was taken back while starting");
        assert!(error.details().advice.contains("`cheap = false`"), "{error:?}");
    }
}
