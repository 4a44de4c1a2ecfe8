//! What lists show when they lag: the books as they were some seconds of the mock's clock ago.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::{Style, Switch};

/// A thing that lists show.
pub(crate) trait Listed: Clone + PartialEq {
    fn id(&self) -> &str;
}

/// The books at the moments at which they changed, oldest first.
#[derive(Debug)]
pub(crate) struct Past<T>(VecDeque<(u64, Vec<T>)>);

impl<T> Default for Past<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T: Listed> Past<T> {
    /// Notes what there is now; costs nothing while no list lags.
    pub(crate) fn note(&mut self, style: &Style, now: u64, things: &[T]) {
        if !style.lags() {
            self.0.clear();
            return;
        }
        if self.0.back().is_none_or(|(_, last)| last != things) {
            self.0.push_back((now, things.to_vec()));
        }
        let old = now.saturating_sub(style.list_lag());
        while self.0.get(1).is_some_and(|(time, _)| *time <= old) {
            self.0.pop_front();
        }
    }

    /// What a list shows now: new things not yet, those that went still, statuses that passed.
    pub(crate) fn listed<'a>(&self, style: &Style, now: u64, things: &'a [T]) -> Cow<'a, [T]> {
        if !style.lags() {
            return Cow::Borrowed(things);
        }
        let old = now.saturating_sub(style.list_lag());
        let before = self.0.iter().rev().find(|(time, _)| *time <= old).or_else(|| self.0.front());
        let before = before.map_or(things, |(_, then)| then);
        let mut listed: Vec<T> = Vec::new();
        for thing in things {
            let then = find(before, thing.id());
            if then.is_none() && style.holds(Switch::NewUnlisted, thing.id()) {
                continue;
            }
            let stale = style.holds(Switch::StatusStale, thing.id());
            let shown = if stale { then.or_else(|| self.first(thing.id())) } else { None };
            listed.push(shown.unwrap_or(thing).clone());
        }
        let went = before.iter().filter(|it| find(things, it.id()).is_none());
        listed.extend(went.filter(|it| style.holds(Switch::RemovedListed, it.id())).cloned());
        Cow::Owned(listed)
    }

    /// The thing as it was when it was made.
    fn first(&self, id: &str) -> Option<&T> {
        self.0.iter().find_map(|(_, things)| find(things, id))
    }
}

fn find<'a, T: Listed>(things: &'a [T], id: &str) -> Option<&'a T> {
    things.iter().find(|it| it.id() == id)
}
