//! Walking through a list page by page, to its end and not beyond.
//!
//! Novita numbers its pages, Nova Cloud counts the members to skip. Which fields a page has is the
//! caller's matter.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::{Details, Error, Result};

/// Members of a numbered page.
const PAGE_SIZE: usize = 100;
/// Members asked for after an offset: the API's own default, so that it surely does not give fewer
/// than asked while there are more.
pub(crate) const LIMIT: usize = 50;
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

/// How the pages of a list are asked for.
#[derive(Clone, Copy, Debug)]
enum Style {
    /// `pageSize`, and this parameter.
    Number(&'static str),
    /// `limit` and `offset`.
    Offset,
}

/// A walk through a list that can be interrupted after each page.
#[derive(Debug)]
pub(crate) struct Steps<P: Page> {
    path: &'static str,
    filter: Option<(&'static str, String)>,
    style: Style,
    seen: BTreeMap<String, P::Member>,
    pages: usize,
    ended: bool,
}

impl<P: Page> Steps<P> {
    /// Through a list with `pageSize` and `pageNum`.
    ///
    /// The documents disagree on whether the first page has the number 0 or 1, and where it is 1, 0 may
    /// show the same page or none. So the walk begins at 0, skips what it has seen, and ends when it has
    /// seen all, at an empty page after 0, or at one after 1 that brings nothing new.
    pub(crate) fn by_number(path: &'static str) -> Self {
        Self::new(path, Style::Number("pageNum"))
    }

    /// The same where another parameter has the number of the page.
    pub(crate) fn numbered_by(self, parameter: &'static str) -> Self {
        Self { style: Style::Number(parameter), ..self }
    }

    /// Through a list with `limit` and `offset`.
    ///
    /// It ends at a page that is not full, and at one that brings nothing new: the paging of Nova Cloud's
    /// VMs is (assumed), and a server that knows none shows the same page again and again.
    pub(crate) fn by_offset(path: &'static str) -> Self {
        Self::new(path, Style::Offset)
    }

    fn new(path: &'static str, style: Style) -> Self {
        Self { path, filter: None, style, seen: BTreeMap::new(), pages: 0, ended: false }
    }

    /// Only what a parameter of the query lets through.
    pub(crate) fn filtered(mut self, name: &'static str, value: &str) -> Self {
        self.filter = Some((name, value.to_owned()));
        self
    }

    /// Whether there is no further page.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// A member, if a page had it.
    pub(crate) fn member(&self, id: &str) -> Option<&P::Member> {
        self.seen.get(id)
    }

    /// Fetches one more page; none after the end.
    ///
    /// # Errors
    /// Those of the call; [`Error::Decode`] for a list without an end.
    pub(crate) async fn step(&mut self, client: &Client, call: &Call) -> Result<()> {
        if self.ended {
            return Ok(());
        }
        if self.pages >= MOST_PAGES {
            return Err(endless(self.path));
        }
        let (members, total) = self.fetch(client, call).await?;
        let (found, before) = (members.len(), self.seen.len());
        let members = members.into_iter().map(|it| (P::id(&it).to_owned(), it));
        self.seen.extend(members.filter(|(id, _)| !id.is_empty()));
        let fresh = self.seen.len() > before;
        let number = self.pages;
        self.pages += 1;
        self.ended = match self.style {
            Style::Number(_) => {
                let all =
                    total.is_some_and(|it| usize::try_from(it).is_ok_and(|total| self.seen.len() >= total));
                all || (number > 0 && found == 0) || (number > 1 && !fresh)
            }
            Style::Offset => found < LIMIT || !fresh,
        };
        Ok(())
    }

    /// Walks to the end.
    ///
    /// # Errors
    /// As [`Steps::step`].
    pub(crate) async fn finish(mut self, client: &Client, call: &Call) -> Result<Walk<P::Member>> {
        while !self.ended {
            self.step(client, call).await?;
        }
        Ok(self.into_walk())
    }

    /// What the walk has seen until now.
    pub(crate) fn into_walk(self) -> Walk<P::Member> {
        Walk { members: self.seen.into_values().collect(), pages: self.pages }
    }

    async fn fetch(&self, client: &Client, call: &Call) -> Result<(Vec<P::Member>, Option<i64>)> {
        let [size, place] = match self.style {
            Style::Number(parameter) => [("pageSize", PAGE_SIZE), (parameter, self.pages)],
            Style::Offset => [("limit", LIMIT), ("offset", self.pages * LIMIT)],
        }
        .map(|(name, value)| (name, value.to_string()));
        let mut query = vec![(size.0, size.1.as_str()), (place.0, place.1.as_str())];
        query.extend(self.filter.as_ref().map(|(name, value)| (*name, value.as_str())));
        let page = client.get::<Option<P>>(call, self.path, &query).await?;
        Ok(page.map(P::into_parts).unwrap_or_default())
    }
}

fn endless(path: &str) -> Error {
    let message = format!("the list does not end within {MOST_PAGES} pages");
    Error::Decode(Details::new(&format!("GET {path}"), message).into())
}
