//! The search for what an ambiguous create has made, against an API of a few lines. VMs stand for what has no
//! name; what is picked of what is listed is in the tests of `in_flight`.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value as Json, json};

use super::*;
use crate::api::client::Client;
use crate::api::error_mapping::ErrorMapping;
use crate::provider::life_cycle::remote::Kind;
use crate::provider::loopback::{self, Requests, serve};
use crate::provider::novacloud::vm::answer::Vm;

/// A client whose lists are these, one after the other; the last one again and again. A number is a status.
async fn lists(lists: &[Json]) -> (Client, Requests) {
    let (lists, next) = (lists.to_vec(), AtomicUsize::new(0));
    serve(ErrorMapping::NovaCloud, move |request| {
        if loopback::is_later_page(request) {
            return (200, "[]".to_owned());
        }
        match &lists[next.fetch_add(1, Ordering::Relaxed).min(lists.len() - 1)] {
            Json::Number(status) => (u16::try_from(status.as_u64().unwrap()).unwrap(), "{}".to_owned()),
            list => (200, list.to_string()),
        }
    })
    .await
}

fn remote<'a>(client: &'a Client, kind: &std::sync::Arc<Kind<Vm>>, call: &Call) -> Remote<'a, Vm> {
    Remote::new(client, call.clone(), std::sync::Arc::clone(kind), "VM")
}

/// A word as the id of a VM, which is a UUID.
fn uuid(word: &str) -> String {
    let hex = format!("{:0<32}", word.bytes().map(|it| format!("{it:02x}")).collect::<String>());
    [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)].map(|(from, to)| &hex[from..to]).join("-")
}

/// A text with the words in place of their ids.
fn in_words(text: &str) -> String {
    let words = ["one", "two", "new", "a", "b", "c"];
    words.iter().fold(text.to_owned(), |text, word| text.replace(&uuid(word), word))
}

/// A VM of the kind that these tests make.
fn vm(id: &str) -> Json {
    json!({"id": uuid(id), "node": "vm02", "status": "creating"})
}

fn wanted(name: Name) -> Wanted<Vm> {
    Wanted { fits: Box::new(|it| it.node == "vm02"), name, text: "of this kind".to_owned() }
}

fn ambiguous() -> Error {
    Error::Ambiguous(Details::new("POST", "lost").into())
}

fn creation<P>(post: P) -> Creation<P> {
    Creation { post, passes: |_| false, search: "Look around.", tells_id: true, costs: true }
}

/// A creation whose answer gets lost: the id that is found, or what is told.
async fn lose(at: &Remote<'_, Vm>, name: Name) -> Result<String, String> {
    let made = at.create(wanted(name), creation(|| async { Err(ambiguous()) })).await;
    made.map(|it| in_words(&it.answer.id)).map_err(|it| in_words(&it.aftermath))
}

/// Lists that were asked for from their beginning.
fn walks(requests: &Requests) -> usize {
    requests.lock().unwrap().iter().filter(|it| !loopback::is_later_page(it)).count()
}

/// The same where these are the lists: first the one from before the call; and how many were read.
async fn find(listed: &[Json]) -> (Result<String, String>, usize) {
    let (client, requests) = lists(listed).await;
    let found = lose(&remote(&client, &Default::default(), &Call::default()), Name::None).await;
    (found, walks(&requests))
}

#[tokio::test(start_paused = true)]
async fn demand_27_what_is_listed_late_is_found() {
    let empty = json!([]);
    let (found, lists) = find(&[empty.clone(), json!([vm("new")])]).await;
    assert_eq!((found, lists), (Ok("new".to_owned()), 2));
    let late: Vec<_> = std::iter::repeat_n(empty, 20).chain([json!([vm("new")])]).collect();
    assert_eq!(find(&late).await.0, Ok("new".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn demand_27_it_is_looked_for_for_a_minute_and_a_half() {
    let begin = Instant::now();
    let (found, _) = find(&[json!([])]).await;
    let told = found.unwrap_err();
    assert!(
        told.contains("may have been created at 2") && told.contains("the list did not show it"),
        "{told}"
    );
    assert!((90..92).contains(&begin.elapsed().as_secs()), "{:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn demand_27_no_look_that_fails_ends_the_search() {
    for failure in [json!(500), json!(503), json!(429), json!(401), json!("no list")] {
        let (found, _) = find(&[json!([]), failure.clone(), failure.clone(), json!([vm("new")])]).await;
        assert_eq!(found, Ok("new".to_owned()), "{failure}");
    }
    // That the list did not show it is not said where none was read.
    let told = find(&[json!([]), json!(503)]).await.0.unwrap_err();
    assert!(told.contains("the list could not be read") && !told.contains("did not show"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn demand_27_what_cannot_be_told_apart_is_told_with_its_ids() {
    let (told, lists) = find(&[json!([]), json!([vm("one"), vm("two")])]).await;
    let told = told.unwrap_err();
    assert!(told.contains("one, two") && told.contains("Each costs money"), "{told}");
    assert_eq!(lists, 2, "nothing makes that clearer");
    let told = find(&[json!(500), json!([vm("one")])]).await.0.unwrap_err();
    assert!(told.contains("the id one") && told.contains("before the call"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn an_id_that_cannot_be_new_is_an_ambiguous_answer() {
    let (client, _) = lists(&[json!([vm("old")]), json!([vm("old"), vm("new")])]).await;
    let kind = Default::default();
    let at = remote(&client, &kind, &Call::default());
    let post = || async { Ok(Vm { id: uuid("old").to_uppercase(), ..Vm::default() }) };
    let made = at.create(wanted(Name::None), creation(post)).await.unwrap();
    assert_eq!(made.answer.id, uuid("new"));
    assert!(in_words(&made.taken_over.unwrap()).contains("The VM new, was taken over"));
    // What another creation was given is not taken.
    let post = || async { Ok(Vm { id: uuid("new"), ..Vm::default() }) };
    assert!(at.create(wanted(Name::None), creation(post)).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn demand_27_several_that_are_lost_at_once_are_each_found_once() {
    let (client, _) = lists(&[json!([]), json!([]), json!([vm("a"), vm("b"), vm("c")])]).await;
    let (kind, call) = (Default::default(), Call::default());
    let at = remote(&client, &kind, &call);
    let (one, two, three) = tokio::join!(lose(&at, Name::None), lose(&at, Name::None), lose(&at, Name::None));
    let mut found = [one.unwrap(), two.unwrap(), three.unwrap()];
    found.sort();
    assert_eq!(found, ["a", "b", "c"]);
}

#[tokio::test(start_paused = true)]
async fn demand_08_a_stop_or_the_deadline_leaves_time_for_a_last_look() {
    for is_stop in [true, false] {
        let (client, requests) = lists(&[json!([]), json!([vm("new")])]).await;
        let call = if is_stop { Call::default() } else { Call::default().within(Duration::from_millis(300)) };
        let at = remote(&client, &Default::default(), &call);
        let post = || async {
            match is_stop {
                true => call.stop.cancel(),
                false => drop(call.run(std::future::pending::<()>()).await),
            }
            Err(ambiguous())
        };
        let made = at.create(wanted(Name::None), creation(post)).await;
        assert_eq!(made.unwrap().answer.id, uuid("new"), "stop: {is_stop}");
        assert_eq!(walks(&requests), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn demand_08_the_last_look_is_bounded() {
    use crate::provider::life_cycle::fake::{Thing, World};
    for (is_stop, bound) in [(true, 1), (false, 20)] {
        let world = World::new(|_| "there", |_| "hangs");
        let call = if is_stop { Call::default() } else { Call::default().within(Duration::ZERO) };
        let at = world.remote(&call);
        let start = Instant::now();
        let post = || async {
            if is_stop {
                call.stop.cancel();
            }
            Err(ambiguous())
        };
        let wanted: Wanted<Thing> =
            Wanted { fits: Box::new(|_| true), name: Name::Ours, text: "of no list".to_owned() };
        let told = at.create(wanted, creation(post)).await.unwrap_err();
        assert!(told.aftermath.contains("of no list may have been created at 2"), "{}", told.aftermath);
        assert_eq!(start.elapsed().as_secs(), bound, "stop: {is_stop}");
    }
}

#[tokio::test(start_paused = true)]
async fn demand_02_what_was_refused_has_made_nothing_and_is_not_looked_for() {
    let (client, requests) = lists(&[json!([])]).await;
    let at = remote(&client, &Default::default(), &Call::default());
    let refused =
        at.create(wanted(Name::None), creation(|| async { Err(Error::OutOfStock(Box::default())) })).await;
    assert_eq!(refused.unwrap_err().aftermath, "No VM was created.");
    assert_eq!(requests.lock().unwrap().len(), 1, "the list from before");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_passes_is_sent_again_within_half_a_minute() {
    let (client, _) = lists(&[json!([])]).await;
    for (refusals, sent, works) in [(1, 2, true), (3, 4, true), (4, 4, false)] {
        let at = remote(&client, &Default::default(), &Call::default());
        let posts = AtomicUsize::new(0);
        let post = || async {
            match posts.fetch_add(1, Ordering::Relaxed) < refusals {
                true => Err(Error::Conflict(Box::default())),
                false => Ok(Vm { id: uuid("new"), ..Vm::default() }),
            }
        };
        let creation = Creation { passes: |it| matches!(it, Error::Conflict(_)), ..creation(post) };
        let made = at.create(wanted(Name::Ours), creation).await;
        assert_eq!((made.is_ok(), posts.load(Ordering::Relaxed)), (works, sent));
    }
}

#[tokio::test(start_paused = true)]
async fn demand_02_what_begins_at_the_same_time_shares_one_list_from_before() {
    let (client, requests) = lists(&[json!([])]).await;
    let (kind, call) = (Default::default(), Call::default());
    let sent = Mutex::new(Vec::new());
    let one = |number: usize| {
        let (client, kind, call, sent, requests) = (&client, &kind, &call, &sent, &requests);
        async move {
            let post = || async {
                sent.lock().unwrap().push(requests.lock().unwrap().len());
                Ok(Vm { id: number.to_string(), ..Vm::default() })
            };
            remote(client, kind, call).create(wanted(Name::None), creation(post)).await.unwrap().answer.id
        }
    };
    futures_util::future::join_all((0..200).map(one)).await;
    let lists = requests.lock().unwrap().len();
    assert!(lists <= 2, "{lists}");
    assert!(sent.lock().unwrap().iter().all(|it| *it >= 1), "none is made before a list");
    // A later one needs a later list.
    tokio::time::advance(Duration::from_secs(1)).await;
    one(200).await;
    assert_eq!(requests.lock().unwrap().len(), lists + 1);
}

#[tokio::test(start_paused = true)]
async fn demand_09_lists_of_many_take_no_more_than_a_request_in_a_second() {
    use crate::provider::life_cycle::fake::{Thing, World};
    let world = World::of_size(1000, Duration::ZERO, |_| "there", |_| "there");
    let call = Call::default();
    let at = world.remote(&call);
    for second in 0..120 {
        let wanted = Wanted { fits: Box::new(|_: &Thing| true), name: Name::None, text: String::new() };
        let post = || async { Ok(Thing { id: format!("new {second}"), ..Thing::default() }) };
        at.create(wanted, creation(post)).await.unwrap();
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    // Each takes 21 requests, and is taken for twenty seconds and the moment itself.
    assert_eq!(world.count("list"), 120_usize.div_ceil(21));
}

#[tokio::test(start_paused = true)]
async fn demand_02_named_things_share_a_list_for_half_a_minute_and_our_own_names_need_none() {
    for (name, lists) in [(Name::Ours, 0), (Name::Theirs, 1)] {
        let (client, requests) = self::lists(&[json!([])]).await;
        let at = remote(&client, &Default::default(), &Call::default());
        for number in 0..200 {
            let post = || async { Ok(Vm { id: number.to_string(), ..Vm::default() }) };
            at.create(wanted(name), creation(post)).await.unwrap();
        }
        assert_eq!(requests.lock().unwrap().len(), lists, "{name:?}");
    }
}
