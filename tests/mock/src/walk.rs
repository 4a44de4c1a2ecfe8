//! The way of one thing through its statuses, and how long each of them lasts.
//!
//! Knows no status; each kind of thing gives its own lists.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

/// How many steps each status of a walk lasts. 0 skips the status, but not the last one of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace(BTreeMap<String, u32>);

impl Default for Pace {
    /// One step each, but `pending` is skipped, and what is `removed` or `destroyed` is served for two.
    fn default() -> Self {
        let odd = [("pending", 0), ("removed", 2), ("destroyed", 2)];
        Self(odd.map(|(status, steps)| (status.to_owned(), steps)).into())
    }
}

impl Pace {
    /// Makes a status last so many steps.
    pub fn set(&mut self, status: &str, steps: u32) {
        self.0.insert(status.to_owned(), steps);
    }

    pub(crate) fn of(&self, status: &str) -> u32 {
        self.0.get(status).copied().unwrap_or(1)
    }
}

/// What is left of a walk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Walk {
    /// Statuses still to come.
    pub to_come: VecDeque<String>,
    /// Steps left in this status.
    pub steps_left: u32,
}

impl Walk {
    /// Begins a walk and enters its first status.
    pub(crate) fn begin(&mut self, status: &mut String, statuses: &[&str], pace: &Pace) {
        self.to_come = statuses.iter().copied().map(str::to_owned).collect();
        self.enter_next(status, pace);
    }

    /// One step: the status lasts one step less, or the next one begins; true when it does.
    pub(crate) fn step(&mut self, status: &mut String, pace: &Pace) -> bool {
        self.steps_left = self.steps_left.saturating_sub(1);
        let moves = self.steps_left == 0 && !self.to_come.is_empty();
        if moves {
            self.enter_next(status, pace);
        }
        moves
    }

    /// Enters the next status that lasts at least one step, or the last one.
    fn enter_next(&mut self, status: &mut String, pace: &Pace) {
        while let Some(next) = self.to_come.pop_front() {
            self.steps_left = pace.of(&next);
            *status = next;
            if self.steps_left > 0 {
                break;
            }
        }
    }
}
