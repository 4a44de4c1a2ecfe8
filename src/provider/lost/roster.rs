//! The list of what there was before a create call, shared by the creations that begin at the same time.
//!
//! Knows nothing of what is looked for in it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::provider::lost::{Before, Shape};

/// Longest time for the list; without it nothing is taken over that is not unique.
const LIST_WITHIN: Duration = Duration::from_secs(20);

/// How old that list may be. What someone else makes meanwhile may be taken for ours, so it is short; yet
/// hundreds of creations must not make hundreds of lists.
const LIST_AGE: Duration = Duration::from_secs(30);

/// The list that was asked for last.
#[derive(Default)]
pub(super) struct Roster(Mutex<Option<Listed>>);

struct Listed {
    asked: Instant,
    ids: Before,
}

impl Roster {
    /// The ids of what there is; `None` if it cannot be listed in time. Whoever asks while a list is under way
    /// waits for it, and takes it when it is not too old.
    pub(super) async fn ids<S: Shape>(&self, client: &Client, call: &Call) -> Option<Before> {
        let (begin, call) = (Instant::now(), call.within(LIST_WITHIN));
        let mut last = call.run(self.0.lock()).await.ok()?;
        if let Some(listed) = last.as_ref().filter(|it| it.asked + LIST_AGE >= begin) {
            return Some(Arc::clone(&listed.ids));
        }
        let asked = Instant::now();
        let members = match S::list(client, &call, None).await {
            Ok(members) => members,
            Err(error) => {
                log::warn!(target: "provider", thing = S::THING; "could not list what is there before a create: {}", error.gist());
                return None;
            }
        };
        let ids = Arc::new(members.iter().map(|it| S::id(it).to_owned()).collect());
        *last = Some(Listed { asked, ids: Arc::clone(&ids) });
        Some(ids)
    }
}
