//! Walking through a list page by page, to its end and not beyond.
//!
//! Novita numbers its pages, Nova Cloud counts the elements to skip. Which fields a page has is the
//! caller's matter.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ring::digest::{SHA256, digest};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::api::answer::{self, List};
use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::{Details, Error, Result};
use crate::api::resource_kind::{ResourceId, ResourceKind};

/// Elements of a numbered page.
const PAGE_SIZE: usize = 100;
/// Elements asked for after an offset: the API's own default.
pub(crate) const LIMIT: usize = 50;
/// No account has as many elements in a list; a walk that reaches it goes in circles.
pub(crate) const MOST_ELEMENTS: usize = 50_000;

/// The most memory that a walk may take, in bytes: a list of 10,000 elements of 3 KB takes 40 MB of it.
const MOST_MEMORY: usize = 48 << 20;

/// An element of a list that has pages.
pub(crate) trait Element: DeserializeOwned + Send + Sync + 'static {
    /// What it is.
    const KIND: &'static ResourceKind;
    /// The key of the list in a page, where a page is no bare array.
    const KEY: &'static str;

    /// What tells elements apart; those without a fit one are left out.
    fn id(&self) -> &str;
}

/// An element, and the text that it came in: what has not changed since the last walk is not decoded again.
#[derive(Debug)]
pub(crate) struct Read<E> {
    element: Arc<E>,
    text: TextDigest,
}

/// SHA-256 of a text: 32 bytes are kept of it, and not all.
type TextDigest = [u8; 32];

impl<E: Element> Read<E> {
    /// What was read.
    pub(crate) fn element(&self) -> &E {
        &self.element
    }

    /// Reads an element, unless the same text was read before.
    fn of(text: &RawValue, known: &BTreeMap<TextDigest, Arc<E>>) -> Option<Self> {
        let digest = digest_of(text);
        let element = known.get(&digest).cloned().or_else(|| answer::element(text).map(Arc::new))?;
        Some(Self { element, text: digest })
    }
}

fn digest_of(text: &RawValue) -> TextDigest {
    let mut bytes = TextDigest::default();
    bytes.copy_from_slice(digest(&SHA256, text.get().as_bytes()).as_ref());
    bytes
}

/// A list, walked to its end.
#[derive(Debug)]
pub(crate) struct Walk<E> {
    /// The elements, ordered by id.
    pub(crate) elements: Vec<Arc<E>>,
    /// Elements that could not be read, or have no fit id: if there are any, what is not among the others is not
    /// surely absent.
    pub(crate) unreadable: usize,
}

/// How the pages of a list are asked for.
#[derive(Clone, Copy, Debug)]
enum Style {
    /// `pageSize` and this parameter.
    Number(&'static str),
    /// `limit` and `offset`.
    Offset,
    /// One answer has all of it.
    Whole,
}

/// A walk through a list that can be interrupted after each page.
#[derive(Debug)]
pub(crate) struct Steps<E> {
    path: &'static str,
    style: Style,
    /// What else is asked for.
    query: Vec<(&'static str, String)>,
    seen: BTreeMap<ResourceId, Read<E>>,
    /// What was read before, by its text.
    known: Arc<BTreeMap<TextDigest, Arc<E>>>,
    /// Ids of those that were seen and taken out.
    taken: BTreeSet<ResourceId>,
    unreadable: usize,
    /// Requests so far.
    pages: usize,
    /// The number of the next page.
    next: usize,
    /// How often page 0 was refused.
    refusals: usize,
    /// Bytes that its elements take, at most.
    memory: usize,
    /// Elements of all pages so far; those that were listed twice count twice.
    received: usize,
    /// Whether a page that tells that it is the last one is believed.
    is_trusting: bool,
    ended: bool,
}

impl<E: Element> Steps<E> {
    /// Through a list with `pageSize` and `pageNum`.
    ///
    /// The documents disagree on whether the first page has the number 0 or 1, and where it is 1, 0 may be
    /// refused, or show the same page or none. So the walk begins at 0 and skips what it has seen. It ends at an
    /// empty page after 0, and at one after 1 that brings nothing new. A page that is not full is believed to be
    /// the last one when all was seen that the page tells the total of; see [`Steps::distrust`].
    pub(crate) fn by_number(path: &'static str) -> Self {
        Self::new(path, Style::Number("pageNum"))
    }

    /// The same where another parameter has the number of the page.
    pub(crate) fn numbered_by(self, parameter: &'static str) -> Self {
        Self { style: Style::Number(parameter), ..self }
    }

    /// Through a list with `limit` and `offset`.
    ///
    /// It ends at a page that brings nothing new: the paging of Nova Cloud's VMs is (assumed), and a server that
    /// knows none shows the same page again and again. A page that is not full is believed to be the last one;
    /// see [`Steps::distrust`].
    pub(crate) fn by_offset(path: &'static str) -> Self {
        Self::new(path, Style::Offset)
    }

    /// The same with these parameters besides.
    pub(crate) fn filtered_by(self, query: Vec<(&'static str, String)>) -> Self {
        Self { query, ..self }
    }

    /// The same, which does not decode again what an earlier walk has read.
    pub(crate) fn knowing<'r>(self, read: impl Iterator<Item = &'r Read<E>>) -> Self {
        let known = read.map(|it| (it.text, Arc::clone(&it.element))).collect();
        Self { known: Arc::new(known), ..self }
    }

    /// Through a list that knows no pages.
    pub(crate) fn whole(path: &'static str) -> Self {
        Self::new(path, Style::Whole)
    }

    fn new(path: &'static str, style: Style) -> Self {
        let seen = BTreeMap::new();
        Self {
            path,
            style,
            query: Vec::new(),
            seen,
            known: Arc::default(),
            taken: BTreeSet::new(),
            unreadable: 0,
            pages: 0,
            next: 0,
            refusals: 0,
            memory: 0,
            received: 0,
            is_trusting: true,
            ended: false,
        }
    }

    /// From now on the walk ends only where the end is seen. Totals may be wrong, pages smaller than was asked for,
    /// and the refusal of page 0 a passing one, so that what is not in a list that ended earlier is not surely
    /// absent.
    pub(crate) fn distrust(&mut self) {
        self.is_trusting = false;
    }

    /// Whether the end is seen, should the walk have ended.
    pub(crate) fn is_distrustful(&self) -> bool {
        !self.is_trusting
    }

    /// Whether there is no further page.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// An element, if a page had it.
    pub(crate) fn element(&self, id: &str) -> Option<&E> {
        self.seen.get(&ResourceId::parse(E::KIND, id)?).map(Read::element)
    }

    /// Takes out the elements that were seen since the last time, ordered by id, so that a list of any length takes no
    /// more memory than one page and the ids of all.
    pub(crate) fn take_elements(&mut self) -> Vec<Arc<E>> {
        self.memory = 0;
        let mut elements = Vec::new();
        for (id, read) in std::mem::take(&mut self.seen) {
            self.taken.insert(id);
            elements.push(read.element);
        }
        elements
    }

    /// How many elements could not be read so far.
    pub(crate) fn unreadable(&self) -> usize {
        self.unreadable
    }

    /// Requests so far.
    pub(crate) fn pages(&self) -> usize {
        self.pages
    }

    /// Fetches one more page; none after the end.
    ///
    /// # Errors
    /// Those of the call; [`Error::Decode`] for a list without an end.
    pub(crate) async fn step(&mut self, client: &Client, call: &Call) -> Result<()> {
        if self.ended {
            return Ok(());
        }
        if self.pages >= MOST_ELEMENTS / self.size() {
            return Err(endless(self.path));
        }
        let page = match self.fetch(client, call).await {
            Err(Error::Rejected(_)) if self.next == 0 && matches!(self.style, Style::Number(_)) => {
                (self.next, self.pages, self.refusals) = (1, self.pages + 1, self.refusals + 1);
                if self.refusals > 1 {
                    self.ended = true;
                    return Ok(());
                }
                self.fetch(client, call).await?
            }
            page => page?,
        };
        self.pages += 1;
        let told = page.total.and_then(|it| usize::try_from(it).ok()).unwrap_or(0);
        self.memory += page.bytes + page.elements.len() * size_of::<E>();
        self.take(page);
        let seen = self.count() + self.unreadable;
        if matches!(self.style, Style::Whole) && told > seen {
            let message = format!("the list tells of {told} elements and shows {seen}");
            return Err(Error::Decode(Details::new(&format!("GET {}", self.path), message).into()));
        }
        match self.memory <= MOST_MEMORY && self.count() <= MOST_ELEMENTS {
            true => Ok(()),
            false => Err(endless(self.path)),
        }
    }

    fn take(&mut self, page: List<Read<E>>) {
        let (found, before) = (page.elements.len() + page.unreadable, self.count());
        self.unreadable += page.unreadable;
        for read in page.elements {
            match ResourceId::parse(E::KIND, read.element.id()) {
                // The same thing may be listed twice while pages shift; its first spelling stays.
                Some(id) if self.taken.contains(&id) => {}
                Some(id) => drop(self.seen.insert(id, read)),
                None => self.unreadable += 1,
            }
        }
        let (fresh, number) = (self.count() > before, self.next);
        self.next += 1;
        self.received += found;
        let (told, seen) = match self.style {
            Style::Number(_) => {
                let seen = self.count() + self.unreadable;
                let all = page.total.is_some_and(|it| usize::try_from(it).is_ok_and(|total| seen >= total));
                (all && found < PAGE_SIZE, (number > 0 && found == 0) || (number > 1 && !fresh))
            }
            Style::Offset => (found < LIMIT, !fresh),
            Style::Whole => (true, true),
        };
        self.ended = seen || (told && self.is_trusting);
        match number {
            0 => self.refusals = 0,
            // A refusal may pass, and page 0 may have what the others lack: it is asked for once more.
            _ if self.ended && self.refusals > 0 && !self.is_trusting => (self.next, self.ended) = (0, false),
            _ => {}
        }
    }

    /// Walks to the end.
    ///
    /// # Errors
    /// As [`Steps::step`].
    pub(crate) async fn finish(mut self, client: &Client, call: &Call) -> Result<Walk<E>> {
        while !self.ended {
            self.step(client, call).await?;
        }
        Ok(Walk { elements: self.take_elements(), unreadable: self.unreadable })
    }

    /// The elements of all pages so far.
    pub(crate) fn into_elements(self) -> BTreeMap<ResourceId, Read<E>> {
        self.seen
    }

    /// Elements so far, each once.
    fn count(&self) -> usize {
        self.seen.len() + self.taken.len()
    }

    /// Elements of a full page.
    fn size(&self) -> usize {
        match self.style {
            Style::Number(_) => PAGE_SIZE,
            Style::Offset => LIMIT,
            Style::Whole => MOST_ELEMENTS,
        }
    }

    async fn fetch(&self, client: &Client, call: &Call) -> Result<List<Read<E>>> {
        let place = match self.style {
            Style::Number(parameter) => vec![("pageSize", PAGE_SIZE), (parameter, self.next)],
            Style::Offset => vec![("limit", LIMIT), ("offset", self.received)],
            Style::Whole => Vec::new(),
        };
        let place: Vec<_> = place.into_iter().map(|(name, value)| (name, value.to_string())).collect();
        let query = self.query.iter().chain(&place).map(|(name, value)| (*name, value.as_str()));
        let query: Vec<_> = query.collect();
        let known = Arc::clone(&self.known);
        client.list_by(call, self.path, &query, E::KEY, move |text| Read::of(text, &known)).await
    }
}

fn endless(path: &str) -> Error {
    let message =
        format!("the list does not end within {MOST_ELEMENTS} elements and {} MiB", MOST_MEMORY >> 20);
    Error::Decode(Details::new(&format!("GET {path}"), message).into())
}
