//! How long, how often and over which connections the client asks, on a clock that does not wait.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use http::StatusCode;

use super::*;
use crate::api::resource_kind::tests::THING;

const SECOND: Duration = Duration::from_secs(1);

/// An API whose answers come after a while; the last one again and again. It notes when it was asked, and
/// whether over a new connection.
#[derive(Debug)]
struct Api {
    script: Mutex<VecDeque<(Duration, u16, Option<&'static str>)>>,
    asked: Mutex<Vec<(Duration, bool)>>,
    begin: Instant,
}

#[async_trait]
impl Transport for Api {
    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        self.asked.lock().unwrap().push((self.begin.elapsed(), request.new_connection));
        let (after, status, retry_after) = {
            let mut script = self.script.lock().unwrap();
            if script.len() > 1 { script.pop_front().unwrap() } else { script[0] }
        };
        tokio::time::sleep(after).await;
        let retry_after = retry_after.map(|it| (RETRY_AFTER, HeaderValue::from_static(it)));
        let status = StatusCode::from_u16(status).unwrap();
        Ok(Response { status, headers: retry_after.into_iter().collect(), body: br#"{"id":"x"}"#.to_vec() })
    }

    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn random(&self) -> Option<[u8; 8]> {
        Some([255; 8])
    }
}

fn api(script: &[(u64, u16, Option<&'static str>)], max_retries: u32) -> (Client, Arc<Api>) {
    let script =
        script.iter().map(|(after, status, wait)| (Duration::from_secs(*after), *status, *wait)).collect();
    let api = Arc::new(Api { script: Mutex::new(script), asked: Mutex::default(), begin: Instant::now() });
    let settings = Settings {
        error_mapping: ErrorMapping::Novita,
        base_url: BaseUrl::parse("https://api.example.net").unwrap(),
        api_key: None,
        secrets: Arc::default(),
        request_timeout: 60 * SECOND,
        max_retries,
        max_requests_per_minute: 100,
        poll_interval: 5 * SECOND,
        user_agent: String::new(),
    };
    (Client::through(settings, api.clone()), api)
}

fn times(api: &Api) -> Vec<u64> {
    api.asked.lock().unwrap().iter().map(|(at, _)| at.as_secs()).collect()
}

const OK: (u64, u16, Option<&str>) = (0, 200, None);
const THROTTLED: (u64, u16, Option<&str>) = (0, 429, None);

#[tokio::test(start_paused = true)]
async fn every_call_bears_a_minute_and_a_half_of_too_many_requests() {
    let call = Call::default();
    for max_retries in [0, 5] {
        let (client, api) = api(&[THROTTLED], max_retries);
        let error = client.create(&call, &THING, "/create", &Value::Null).await.unwrap_err();
        assert!(matches!(error, Error::RateLimited(_)));
        assert_eq!(times(&api), [0, 1, 3, 7, 15, 31, 61, 91]);
        let (client, _) =
            self::api(&[THROTTLED, THROTTLED, THROTTLED, THROTTLED, THROTTLED, THROTTLED, OK], max_retries);
        client.get::<Value>(&call, "/thing").await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_of_nothing_shortens_no_wait_and_a_longer_one_is_obeyed() {
    let (client, api) = api(&[(0, 429, Some("0")), (0, 429, Some("0")), (0, 429, Some("40")), OK], 5);
    client.get::<Value>(&Call::default(), "/thing").await.unwrap();
    assert_eq!(times(&api), [0, 1, 3, 43]);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_the_patience() {
    let (client, api) = api(&[THROTTLED], 5);
    let call = Call::default().within(10 * SECOND);
    assert!(matches!(client.get::<Value>(&call, "/thing").await.unwrap_err(), Error::RateLimited(_)));
    assert_eq!(times(&api), [0, 1, 3, 7]);
}

#[tokio::test(start_paused = true)]
async fn one_refusal_slows_everyone() {
    let (client, api) = api(&[(0, 429, Some("30")), OK], 5);
    let (call, others) = (Call::default(), client.clone());
    let first = client.get::<Value>(&call, "/thing");
    let second = async {
        tokio::time::sleep(SECOND).await;
        others.get::<Value>(&call, "/thing").await
    };
    let (first, second) = tokio::join!(first, second);
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(times(&api), [0, 30, 30]);
    let asked = api.asked.lock().unwrap();
    assert_eq!(asked[2].0 - asked[1].0, Duration::from_millis(600));
}

#[tokio::test(start_paused = true)]
async fn a_create_is_awaited_until_the_deadline_and_others_for_the_request_time_out() {
    let slow = [(300, 200, None)];
    let create = async |call: &Call| {
        let (client, api) = api(&slow, 0);
        let made = client.create(call, &THING, "/create", &Value::Null).await;
        (made.map(|it| it.id.to_string()), api.begin.elapsed().as_secs())
    };
    let (made, after) = create(&Call::default().within(600 * SECOND)).await;
    assert_eq!((made.unwrap().as_str(), after), ("x", 300));
    let (made, after) = create(&Call::default().within(200 * SECOND)).await;
    assert!(matches!(made.unwrap_err(), Error::Ambiguous(_)) && after == 200);
    // Who has asked to stop waits for an answer no longer than for any other one.
    let call = Call::default().within(600 * SECOND);
    let stop = async {
        tokio::time::sleep(10 * SECOND).await;
        call.stop.cancel();
    };
    let ((made, after), ()) = tokio::join!(create(&call), stop);
    assert!(matches!(made.unwrap_err(), Error::Ambiguous(_)) && after == 70);

    let (client, api) = api(&slow, 0);
    let call = Call::default().within(600 * SECOND);
    let changed = client.post(&call, "/change", &Value::Null, Intent::Change(&THING)).await;
    assert!(matches!(changed.unwrap_err(), Error::Ambiguous(_)) && api.begin.elapsed() == 60 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn what_comes_after_a_time_out_goes_over_a_new_connection() {
    let new = |api: &Api| api.asked.lock().unwrap().iter().map(|(_, new)| *new).collect::<Vec<_>>();
    let call = Call::default();
    let (client, seen) = api(&[OK, (61, 200, None), OK], 1);
    for _ in 0..3 {
        client.get::<Value>(&call, "/thing").await.unwrap();
    }
    assert_eq!(new(&seen), [false, false, true, false]);
    let (client, seen) = api(&[(61, 200, None), OK], 0);
    client.post(&call, "/change", &Value::Null, Intent::Change(&THING)).await.unwrap_err();
    client.get::<Value>(&call, "/thing").await.unwrap();
    client.get::<Value>(&call.over_new_connection(), "/thing").await.unwrap();
    assert_eq!(new(&seen), [false, true, true]);
}
