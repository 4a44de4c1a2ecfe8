//! Removing an endpoint.
//!
//! Its workers go with it, but an asynchronous one that still has some is refused: the vendor's console asks
//! to set `minNum` to 0 and to wait until they have ended. By which error it is refused, and that ended workers
//! may still be shown, is (assumed).

use crate::api::error::{Error, Result};
use crate::provider::life_cycle::remote::Remote;
use crate::provider::novita::endpoint::update::Update;
use crate::provider::novita::endpoint::{Endpoint, REQUEST_TIMEOUT, answer, calls};

/// Sends the removal of an endpoint, and once more after its workers if they were in the way.
///
/// # Errors
/// Those of the calls and of the bounds.
pub(super) async fn remove(at: &Remote<'_, answer::Endpoint>, endpoint: &Endpoint) -> Result<()> {
    let id = endpoint.id.text_or_empty();
    let error = match calls::delete(at, id).await {
        Err(error @ (Error::Conflict(_) | Error::Rejected(_))) => error,
        other => return other,
    };
    match at.get(id).await {
        Ok(found) if found.kind.eq_ignore_ascii_case("async") && found.has_workers() => {
            let mut body = Update::to_no_workers(endpoint).body(&found.raw.0);
            let time_out = &mut body["workerConfig"]["requestTimeout"];
            if time_out.is_null() {
                *time_out = REQUEST_TIMEOUT.into();
            }
            calls::update(at, &body).await?;
            let doing = format!("waiting for the workers of endpoint {id} to end");
            at.until(id, &doing, |it| !it.is_some_and(answer::Endpoint::has_workers)).await?;
            calls::delete(at, id).await
        }
        Ok(_) | Err(_) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::api::call::Call;
    use crate::api::error_mapping::ErrorMapping;
    use crate::provider::loopback::serve;
    use tfplugin::model::Model;
    use tfplugin::value::Value;

    /// Removes an endpoint of this kind that is refused as long as it has workers; what was sent, reads left out.
    async fn removed(kind: &'static str) -> (Result<()>, Vec<String>) {
        let state = Mutex::new(("running", false));
        let (client, requests) = serve(ErrorMapping::Novita, move |request| {
            let (worker, is_going) = &mut *state.lock().unwrap();
            if request.starts_with("GET") {
                let answer = format!(
                    r#"{{"endpoint":{{"id":"e","type":"{kind}","state":{{"state":"serving"}},
                    "workers":[{{"id":"w","state":{{"state":"{worker}"}}}}]}}}}"#
                );
                // Its workers end after a look or two.
                *worker = match (*is_going, *worker) {
                    (true, "running") => "stopping",
                    (true, _) => "removed",
                    (false, as_before) => as_before,
                };
                return (200, answer);
            }
            if request.contains("/endpoint/update") {
                *is_going = true;
                return (200, String::new());
            }
            match *worker {
                "removed" => (200, String::new()),
                _ => (400, r#"{"reason":"CONFLICT","message":"it has workers"}"#.to_owned()),
            }
        })
        .await;
        let workers = [("min_num", 1), ("max_num", 2), ("request_timeout", 300)];
        let workers = workers.map(|(name, it)| (name.to_owned(), Value::from(it)));
        let object = [("id", Value::from("e")), ("worker_config", Value::Map(workers.into_iter().collect()))];
        let object = object.map(|(name, it)| (name.to_owned(), it));
        let endpoint = Endpoint::from_object(&Value::Map(object.into_iter().collect())).unwrap();
        let at = Remote::new(&client, Call::default(), Arc::default(), "endpoint");
        let result = remove(&at, &endpoint).await;
        let sent = requests.lock().unwrap().iter().filter(|it| it.starts_with("POST")).cloned().collect();
        (result, sent)
    }

    #[tokio::test]
    async fn demand_21_the_workers_of_an_asynchronous_endpoint_end_before_it_is_removed() {
        let (result, sent) = removed("async").await;
        result.unwrap();
        let update = sent.iter().find(|it| it.contains("/endpoint/update")).unwrap();
        assert!(update.contains(r#""minNum":0"#) && update.contains(r#""requestTimeout":300"#), "{update}");
        assert!(sent.last().unwrap().contains("/endpoint/delete"));
    }

    #[tokio::test]
    async fn another_endpoint_that_is_refused_is_left_as_it_is() {
        let (result, sent) = removed("sync").await;
        assert!(matches!(result.unwrap_err(), Error::Conflict(_)));
        assert!(sent.iter().all(|it| it.contains("/endpoint/delete")), "{sent:?}");
    }
}
