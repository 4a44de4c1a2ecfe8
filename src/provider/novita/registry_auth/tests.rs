//! A login's life against an API of a few lines that keeps logins, on a clock that jumps over every wait.

use std::sync::Mutex;
use std::time::Duration;

use tfplugin::resource::{Changes, Resource};
use tfplugin::schema::Schema;
use tfplugin::testing as client;
use tfplugin::value::Value;
use tokio::time::Instant;

use super::*;
use crate::provider::life_cycle::stored::StoredLife;
use crate::provider::loopback::{self, Requests, acts, sent, told, writer};

type Life = StoredLife<RegistryAuth>;

/// What happens in an account besides.
#[derive(Clone, Copy, Default)]
struct Odd {
    /// The answer to a save, in place of `{}`.
    saved: Option<(u16, &'static str)>,
    /// So many lists come before a new one is shown.
    lag: usize,
    /// So many deletions are refused, since it is in use.
    in_use: usize,
    /// Whether somebody else saves one of the same name and user at the same time.
    rival: bool,
}

/// An account with a login of the same name and user already.
fn account(odd: Odd) -> (Cx, Requests) {
    let old = json!({"id": "auth-0", "name": "ghcr.io", "username": "bot", "password": "old-and-secret"});
    let auths = Mutex::new((vec![old], 0, 0));
    loopback::operation("1.11.4", move |request| {
        let (auths, lists, deletions) = &mut *auths.lock().unwrap();
        let body = request.split_once(" {").map(|(_, it)| format!("{{{it}")).unwrap_or_default();
        let body: Json = serde_json::from_str(&body).unwrap_or_default();
        if request.starts_with("POST /repository/auth/save") {
            for _ in 0..if odd.rival { 2 } else { 1 } {
                let mut auth = body.clone();
                auth["id"] = json!(format!("auth-{}", auths.len()));
                auths.push(auth);
            }
            *lists = 0;
            let (status, answer) = odd.saved.unwrap_or((200, "{}"));
            return (status, answer.to_owned());
        }
        if request.starts_with("POST /repository/auth/delete") {
            *deletions += 1;
            if *deletions <= odd.in_use {
                let refusal = json!({"code": 400, "reason": "IMAGE_AUTH_IN_USE", "message": "it is in use"});
                return (400, refusal.to_string());
            }
            auths.retain(|it| it["id"] != body["id"]);
            return (200, "{}".to_owned());
        }
        if request.starts_with("GET /gpu/instances") {
            let instance =
                json!({"id": "i-1", "name": "trainer", "status": "running", "imageAuthId": "auth-1"});
            return (200, json!({"instances": [instance], "total": 1}).to_string());
        }
        if request.starts_with("GET /endpoints") {
            let image = json!({"image": "ghcr.io/acme/model:1", "authId": "auth-1"});
            let endpoint =
                json!({"id": "ep-1", "name": "model", "state": {"state": "serving"}, "image": image});
            return (200, json!({"endpoints": [endpoint], "total": 1}).to_string());
        }
        assert_eq!(request, "GET /repository/auths", "the list takes no page");
        *lists += 1;
        let shown: Vec<_> = auths.iter().filter(|it| *lists > odd.lag || it["id"] == "auth-0").collect();
        (200, json!({"data": shown}).to_string())
    })
}

fn model(object: &Json) -> RegistryAuth {
    RegistryAuth::from_object(&client::value(&Schema::of::<RegistryAuth>(), object)).unwrap()
}

fn wanted(password: &str) -> RegistryAuth {
    model(&json!({"id": "?", "name": "ghcr.io", "username": "bot", "password": password}))
}

/// Saves a login: its id, and what is told.
async fn create(cx: &Cx, password: &str) -> (Option<String>, String) {
    let (cell, writer) = writer();
    let told = told(cx, Life::create(cx, wanted(password), &writer).await);
    let state = cell.lock().unwrap().clone().unwrap_or(Value::Null);
    (state.get("id").as_str().map(str::to_owned), told)
}

#[tokio::test(start_paused = true)]
async fn a_login_is_found_at_once_whose_answer_told_no_id() {
    for answer in [
        (200, "{}"),
        (204, ""),
        (200, ""),
        (200, "null"),
        (200, r#"{"id":"auth-1"}"#),
        (200, r#"{"data":{"id":"auth-1"}}"#),
    ] {
        let (cx, requests) = account(Odd { saved: Some(answer), ..Odd::default() });
        let begin = Instant::now();
        let made = create(&cx, "hunter2").await;
        assert_eq!(made, (Some("auth-1".to_owned()), String::new()), "{answer:?}");
        assert!(begin.elapsed() < Duration::from_millis(100), "{answer:?}: {:?}", begin.elapsed());
        let body = r#"POST /repository/auth/save {"name":"ghcr.io","password":"hunter2","username":"bot"}"#;
        assert_eq!(sent(&requests), [body]);
    }
}

#[tokio::test(start_paused = true)]
async fn demand_27_a_login_that_is_listed_late_is_found_within_a_minute_and_a_half_and_else_told() {
    let (cx, _) = account(Odd { lag: 5, ..Odd::default() });
    assert_eq!(create(&cx, "p").await, (Some("auth-1".to_owned()), String::new()));
    let (cx, requests) = account(Odd { lag: 10_000, ..Odd::default() });
    let begin = Instant::now();
    let (id, told) = create(&cx, "hunter2").await;
    assert_eq!(id, None);
    assert!((90..100).contains(&begin.elapsed().as_secs()), "{:?}", begin.elapsed());
    assert!(told.contains("A new registry auth named \"ghcr.io\" was created at 2"), "{told}");
    assert!(!told.contains("hunter2") && !told.contains("money"), "{told}");
    assert_eq!(acts(&requests), ["POST /repository/auth/save"]);
}

#[tokio::test(start_paused = true)]
async fn demand_05_a_login_that_was_never_listed_is_not_gone_yet() {
    let (cx, requests) = account(Odd { saved: Some((200, r#"{"id":"auth-1"}"#)), lag: 40, ..Odd::default() });
    let (id, told) = create(&cx, "p").await;
    assert_eq!(id.as_deref(), Some("auth-1"));
    assert!(told.starts_with("[New registry auth is not listed yet"), "{told}");
    let state = || model(&json!({"id": "auth-1", "name": "ghcr.io", "username": "bot", "password": "p"}));
    let lists = requests.lock().unwrap().len();
    assert!(lists < 40, "{lists} lists until then");
    let read = Life::read(&cx, state()).await;
    assert!(read.unwrap_or_else(|it| panic!("{it:?}")).is_some());
}

#[tokio::test(start_paused = true)]
async fn demand_27_a_login_is_not_taken_where_two_may_be_it() {
    let (cx, _) = account(Odd { rival: true, ..Odd::default() });
    let (id, told) = create(&cx, "p").await;
    assert_eq!(id, None);
    assert!(told.contains("auth-1, auth-2"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_told_as_with_all_others() {
    let (cx, _) = account(Odd { saved: Some((502, "")), ..Odd::default() });
    let (id, told) = create(&cx, "p").await;
    assert_eq!(id.as_deref(), Some("auth-1"));
    assert!(told.starts_with("[Registry auth was taken over"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn logins_alike_but_for_the_password_are_not_mixed_up() {
    let (cx, requests) = account(Odd { lag: 2, ..Odd::default() });
    let (one, two) = tokio::join!(create(&cx, "one"), create(&cx, "two"));
    let order: Vec<_> = sent(&requests).iter().map(|it| it.contains("\"one\"")).collect();
    let ids = if order == [true, false] { ["auth-1", "auth-2"] } else { ["auth-2", "auth-1"] };
    assert_eq!([one.0.as_deref(), two.0.as_deref()], ids.map(Some));
    assert_eq!((one.1, two.1), (String::new(), String::new()));
}

#[tokio::test(start_paused = true)]
async fn a_login_in_use_is_asked_for_again_and_in_the_end_it_is_told_by_whom() {
    for (in_use, works) in [(0, true), (5, true), (10_000, false)] {
        let (cx, _) = account(Odd { in_use, ..Odd::default() });
        create(&cx, "p").await;
        let state = model(&json!({"id": "auth-1", "name": "ghcr.io", "username": "bot", "password": "p"}));
        let told = told(&cx, Life::delete(&cx, state).await);
        assert_eq!(told.is_empty(), works, "{told}");
        assert!(
            works || told.contains("the instance i-1 (\"trainer\"), the endpoint ep-1 (\"model\")"),
            "{told}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_imported_login_adopts_its_password_without_a_call() {
    let (cx, requests) = account(Odd::default());
    let read = Life::read(&cx, model(&json!({"id": "auth-0"}))).await;
    let found = read.unwrap_or_else(|it| panic!("{it:?}")).unwrap();
    assert_eq!((found.name.text(), found.username.text()), (Some("ghcr.io"), Some("bot")));
    assert!(found.password.is_null(), "what the list shows is not taken over");
    let planned = model(&json!({"id": "auth-0", "name": "ghcr.io", "username": "bot", "password": "mine"}));
    let (cell, writer) = writer();
    let result = Life::update(&cx, Changes { prior: found, planned }, &writer).await;
    assert_eq!(told(&cx, result), "");
    assert_eq!(cell.lock().unwrap().as_ref().unwrap().get("password").as_str(), Some("mine"));
    assert!(sent(&requests).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_gone_is_told() {
    let (cx, _) = account(Odd::default());
    let state = model(&json!({"id": "auth-7", "name": "ghcr.io", "username": "bot", "password": "p"}));
    let read = Life::read(&cx, state).await;
    assert!(read.unwrap_or_else(|it| panic!("{it:?}")).is_none());
    assert!(told::<()>(&cx, Ok(())).starts_with("[Registry auth is gone"));
}
