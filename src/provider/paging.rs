//! Walking through a list page by page, to its end and not beyond.
//!
//! Novita numbers its pages, Nova Cloud counts the members to skip. Which fields a page has is the
//! caller's matter.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use crate::api::call::Call;
use crate::api::error::{Details, Error, Result};
use crate::api::transport::Client;

/// Members of a numbered page.
const PAGE_SIZE: usize = 100;
/// Members asked for after an offset: the API's own default, so that it surely does not give fewer
/// than asked while there are more.
const LIMIT: usize = 50;
/// No account has this many pages; a walk that reaches it goes in circles.
pub(crate) const MOST_PAGES: usize = 500;

/// A page of a list.
pub(crate) trait Page: DeserializeOwned {
    /// A member.
    type Member;

    /// The members, and how many there are in all pages together, if the page tells.
    fn into_parts(self) -> (Vec<Self::Member>, Option<i64>);

    /// What tells members apart; those without are left out.
    fn id(member: &Self::Member) -> &str;
}

/// A list, walked to its end.
#[derive(Debug)]
pub(crate) struct Walk<M> {
    /// The members, ordered by id.
    pub(crate) members: Vec<M>,
    /// Requests that it took.
    pub(crate) pages: usize,
}

/// All members of a list with `pageSize` and `pageNum`.
///
/// The documents disagree on whether the first page has the number 0 or 1, and where it is 1, 0 may
/// show the same page or none. So the walk begins at 0, skips what it has seen, and ends when it has
/// seen all, at an empty page after 0, or at one after 1 that brings nothing new.
pub(crate) async fn by_number<P: Page>(
    client: &Client,
    call: &Call,
    path: &str,
    filter: Option<(&str, &str)>,
) -> Result<Walk<P::Member>> {
    let mut seen = BTreeMap::new();
    for number in 0..MOST_PAGES {
        let (size, number_text) = (PAGE_SIZE.to_string(), number.to_string());
        let mut query = vec![("pageSize", size.as_str()), ("pageNum", number_text.as_str())];
        query.extend(filter);
        let (members, total) = fetch::<P>(client, call, path, &query).await?;
        let empty = members.is_empty();
        let stale = !add::<P>(&mut seen, members);
        let all = total.is_some_and(|total| usize::try_from(total).is_ok_and(|it| seen.len() >= it));
        if all || (number > 0 && empty) || (number > 1 && stale) {
            return Ok(Walk { members: seen.into_values().collect(), pages: number + 1 });
        }
    }
    Err(endless(path))
}

/// All members of a list with `limit` and `offset`.
///
/// It ends at a page that is not full, and at one that brings nothing new: the paging of Nova Cloud's
/// VMs is (assumed), and a server that knows none shows the same page again and again.
pub(crate) async fn by_offset<P: Page>(client: &Client, call: &Call, path: &str) -> Result<Walk<P::Member>> {
    let mut seen = BTreeMap::new();
    for number in 0..MOST_PAGES {
        let (limit, offset) = (LIMIT.to_string(), (number * LIMIT).to_string());
        let query = [("limit", limit.as_str()), ("offset", offset.as_str())];
        let (members, _) = fetch::<P>(client, call, path, &query).await?;
        let full = members.len() >= LIMIT;
        let fresh = add::<P>(&mut seen, members);
        if !full || !fresh {
            return Ok(Walk { members: seen.into_values().collect(), pages: number + 1 });
        }
    }
    Err(endless(path))
}

async fn fetch<P: Page>(
    client: &Client,
    call: &Call,
    path: &str,
    query: &[(&str, &str)],
) -> Result<(Vec<P::Member>, Option<i64>)> {
    let page = client.get::<Option<P>>(call, path, query).await?;
    Ok(page.map(P::into_parts).unwrap_or_default())
}

/// Adds the members of a page; whether any of them is new.
fn add<P: Page>(seen: &mut BTreeMap<String, P::Member>, members: Vec<P::Member>) -> bool {
    let before = seen.len();
    let members = members.into_iter().map(|it| (P::id(&it).to_owned(), it));
    seen.extend(members.filter(|(id, _)| !id.is_empty()));
    seen.len() > before
}

fn endless(path: &str) -> Error {
    let message = format!("the list does not end within {MOST_PAGES} pages");
    Error::Decode(Details::new(&format!("GET {path}"), message).into())
}
