//! Things that a plan names by their ids: whether they are there.
//!
//! For warnings alone: what a list lacks may be listed late, so nothing that this process has made is missed.

use std::time::Duration;

use tokio::time::Instant;

use crate::provider::clients::{Cx, READ_WITHIN};
use crate::provider::life_cycle::remote::{Answer, Remote};
use crate::provider::life_cycle::stored::Stored;

/// Many resources of one plan may name the same few things.
const FRESH: Duration = Duration::from_secs(60);

/// What is known of a thing that a plan names.
pub(crate) enum Named<A> {
    There(A),
    /// The list has others.
    Absent,
    /// It could not be read, or this process has made the thing.
    NotTold,
}

/// Looks for the thing with this id in the list of its kind.
pub(crate) async fn named<S: Stored>(cx: &Cx, id: &str) -> Named<S::Answer> {
    let Ok(remote) = S::remote(cx).map(|it| it.within(READ_WITHIN)) else { return Named::NotTold };
    if remote.kind.in_flight.has_made(id) {
        return Named::NotTold;
    }
    let now = Instant::now();
    let recent = look(&remote, id, now.checked_sub(FRESH).unwrap_or(now)).await;
    match recent {
        Named::Absent => look(&remote, id, now).await,
        seen => seen,
    }
}

async fn look<A: Answer>(remote: &Remote<'_, A>, id: &str, since: Instant) -> Named<A> {
    let Ok(listing) = remote.kind.list.walked(remote, since).await else { return Named::NotTold };
    match (listing.get(id), listing.lacks(id)) {
        (Some(found), _) => Named::There(found.clone()),
        (None, Ok(true)) => Named::Absent,
        (None, _) => Named::NotTold,
    }
}
