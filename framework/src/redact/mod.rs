//! Secrets out of texts: the one place that looks for them and puts `(sensitive)` in their place.
//!
//! [`Secrets`] holds what must not be shown. A task works [`within`] some of them: then [`out_of`] finds each in a
//! text, in whatever way a program may have spelled it (`spelling`). Texts from outside pass it before they are
//! tidied and cut, messages before they leave an operation (`guarded`), and log records before
//! they are written (`plugin/logging`). Knows neither who wrote a text nor why something is secret.

#[cfg(any(test, feature = "testing"))]
pub(crate) mod samples;
mod spelling;

use std::borrow::{Borrow, Cow};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use zeroize::Zeroize;

use self::spelling::{Needle, Spelling, needles};

/// Shorter secrets are parts of ordinary words and numbers: taking them out would spoil the message, and
/// hardly hide anything.
const SHORTEST: usize = 4;
/// Spellings of secrets that one holder keeps: those of some thousand secrets. What comes later is not looked for.
const MOST: usize = 20_000;
/// How many encodings may be around each other, such as JSON in JSON in a URL.
const MOST_LAYERS: usize = 3;

const INSTEAD: &str = "(sensitive)";

tokio::task_local! {
    /// The secrets of the running task, those that live longest first.
    static SCOPE: Vec<Arc<Secrets>>;
}

/// Texts that must not be shown. Wiped from memory when dropped.
#[derive(Default)]
pub struct Secrets {
    /// Those that were named: keys, and what is configured.
    named: Kept,
    /// Those that answers have brought since, such as a password of each machine.
    returned: Kept,
}

/// Some secrets, and what finds them.
#[derive(Default)]
struct Kept(RwLock<Known>);

#[derive(Default)]
struct Known {
    /// Secrets that no text has been searched for yet: most operations end without a message.
    fresh: BTreeSet<Wiped>,
    /// Those that are searched for.
    searched: BTreeSet<Wiped>,
    /// All that finds them.
    needles: BTreeSet<Needle>,
}

/// A secret, wiped from memory when dropped.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Wiped(String);

impl Borrow<str> for Wiped {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Secrets {
    /// Adds a secret: the whole, and of a `user:password` and of several lines also the parts.
    pub fn learn(&self, secret: &str) {
        self.named.learn(secret);
    }
}

impl Kept {
    fn learn(&self, secret: &str) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let is_known = known.fresh.contains(secret) || known.searched.contains(secret);
        if !is_known && known.fresh.len() + known.needles.len() < MOST {
            known.fresh.insert(Wiped(secret.to_owned()));
        }
    }

    /// All that is to be searched for.
    fn needles(&self) -> RwLockReadGuard<'_, Known> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if known.fresh.is_empty() {
            return known;
        }
        drop(known);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for secret in std::mem::take(&mut known.fresh) {
            if known.needles.len() < MOST {
                known.needles.extend(parts(&secret.0).flat_map(needles));
            }
            known.searched.insert(secret);
        }
        drop(known);
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(INSTEAD)
    }
}

/// Does the work with these secrets taken out of its texts, beside those of the task so far. Tasks that it spawns
/// know of none.
pub async fn within<F: Future>(secrets: &Arc<Secrets>, work: F) -> F::Output {
    SCOPE.scope(scope_with(secrets), work).await
}

/// As [`within`], for work that waits for nothing.
pub fn also<T>(secrets: &Arc<Secrets>, work: impl FnOnce() -> T) -> T {
    SCOPE.sync_scope(scope_with(secrets), work)
}

/// The same work, with the secrets of this task wherever it is done.
pub fn carried<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let scope = scope();
    move || SCOPE.sync_scope(scope, work)
}

/// Adds a secret to those of the task that live longest. Without any it is forgotten.
pub fn learn(secret: &str) {
    if let Some(secrets) = scope().first() {
        secrets.returned.learn(secret);
    }
}

/// The text with the secrets of this task blanked, however they are spelled.
pub fn out_of(text: &str) -> Cow<'_, str> {
    blanked(text, scope().iter().flat_map(|it| [&it.named, &it.returned]))
}

/// As [`out_of`], for the named secrets of those that live longest alone: few, however many answers there were.
pub(crate) fn named_out_of(text: &str) -> Cow<'_, str> {
    blanked(text, scope().first().map(|it| &it.named))
}

fn blanked<'t, 'k>(text: &'t str, kept: impl IntoIterator<Item = &'k Kept>) -> Cow<'t, str> {
    let mut found = Vec::new();
    let known: Vec<_> = kept.into_iter().map(Kept::needles).collect();
    if known.iter().all(|it| it.needles.is_empty()) {
        return Cow::Borrowed(text);
    }
    let mut spelling = Some(Spelling::of(text));
    for _ in 0..=MOST_LAYERS {
        let Some(layer) = spelling else { break };
        layer.find(text, known.iter().flat_map(|it| it.needles.iter()), &mut found);
        spelling = layer.decoded();
    }
    // What was blanked before is no secret, even if the word itself is one.
    let blanked = |(start, end): &(usize, usize)| {
        text.match_indices(INSTEAD).any(|(at, it)| at <= *start && *end <= at + it.len())
    };
    found.retain(|it| !blanked(it));
    blank(text, found)
}

fn scope() -> Vec<Arc<Secrets>> {
    SCOPE.try_with(Clone::clone).unwrap_or_default()
}

fn scope_with(secrets: &Arc<Secrets>) -> Vec<Arc<Secrets>> {
    let mut scope = scope();
    if !scope.iter().any(|it| Arc::ptr_eq(it, secrets)) {
        scope.push(Arc::clone(secrets));
    }
    scope
}

/// The parts of a secret that are as secret as the whole, and it.
fn parts(secret: &str) -> impl Iterator<Item = &str> {
    let password = secret.split_once(':').map(|(_, password)| password);
    let parts = [secret, secret.trim()].into_iter().chain(password).chain(secret.lines());
    parts.filter(|it| it.chars().count() >= SHORTEST && !it.trim().is_empty())
}

/// The text with these places blanked, each once where they overlap.
fn blank(text: &str, mut places: Vec<(usize, usize)>) -> Cow<'_, str> {
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    places.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::new();
    for (start, end) in places {
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    let (mut blanked, mut at) = (String::with_capacity(text.len()), 0);
    for (start, end) in merged {
        blanked.push_str(text.get(at..start).unwrap_or_default());
        blanked.push_str(INSTEAD);
        at = end;
    }
    blanked.push_str(text.get(at..).unwrap_or_default());
    Cow::Owned(blanked)
}

#[cfg(test)]
mod tests;
