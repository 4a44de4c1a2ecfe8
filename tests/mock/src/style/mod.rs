//! What a platform does of its own accord, which no caller asked for: it fills in, rounds, renames, lags.
//!
//! Owns the switches and the draw that decides for which object one holds; each behaviour is a small
//! function beside the others of its group. Knows JSON, not the vendors' records: the vendors' modules
//! hand over what they are about to show. By default no switch is on, and answers echo what was asked.
//!
//! The switches stand in [`Switch`], group by group. A switch holds for every object ([`Odds::Always`])
//! or for those that chance draws ([`Odds::Drawn`]: half of them, told by the seed, the switch and the
//! object's id alone, so that one object looks the same in each answer and each run).
//!
//! How each switch is turned on, and all of them with what they do, stands in the README of this package.

mod answers;
mod fills;
mod hiccups;
mod past;
mod request;
mod spelling;
mod switch;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub(crate) use answers::{Shape, reshape};
pub(crate) use fills::{Subject, Thing, fill, is_platform_auth};
pub(crate) use hiccups::hiccup;
pub(crate) use past::{Listed, Past};
pub(crate) use request::{Request, overview};
pub(crate) use spelling::{take_back_unknown_members, written_id};
pub use switch::{Group, Switch};

/// For which objects a switch holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odds {
    /// For all.
    Always,
    /// For half of them, drawn by the seed.
    Drawn,
}

/// Seconds by which lists lag when nothing else is said.
pub const LIST_LAG: u64 = 20;

/// The switches that are on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Style {
    /// What the draws begin with; another seed draws other objects.
    pub seed: u64,
    /// Seconds of the mock's clock by which lists lag; none for [`LIST_LAG`].
    pub list_lag: Option<u64>,
    switches: BTreeMap<Switch, Odds>,
}

impl Style {
    /// Everything of the group [`Group::FillsIn`], drawn for each object by this seed.
    #[must_use]
    pub fn fills_in(seed: u64) -> Self {
        let mut style = Self { seed, ..Self::default() };
        style.draw(Group::FillsIn);
        style
    }

    /// Every switch of a group, for every object.
    #[must_use]
    pub fn all(group: Group) -> Self {
        let mut style = Self::default();
        Switch::ALL.into_iter().filter(|it| it.group() == group).for_each(|it| style.turn_on(it));
        style
    }

    /// One switch alone, for every object.
    #[must_use]
    pub fn only(switch: Switch) -> Self {
        let mut style = Self::default();
        style.turn_on(switch);
        style
    }

    /// Turns a switch on for every object.
    pub fn turn_on(&mut self, switch: Switch) {
        self.switches.insert(switch, Odds::Always);
    }

    /// Turns a switch off.
    pub fn turn_off(&mut self, switch: Switch) {
        self.switches.remove(&switch);
    }

    /// Lets chance decide for each object and each switch of the group; a switch that is on stays on.
    pub fn draw(&mut self, group: Group) {
        for switch in Switch::ALL.into_iter().filter(|it| it.group() == group) {
            self.switches.entry(switch).or_insert(Odds::Drawn);
        }
    }

    /// The same for one switch.
    pub fn draw_one(&mut self, switch: Switch) {
        self.switches.insert(switch, Odds::Drawn);
    }

    /// For which objects the switch holds; none when it is off.
    pub fn odds(&self, switch: Switch) -> Option<Odds> {
        self.switches.get(&switch).copied()
    }

    pub(crate) fn list_lag(&self) -> u64 {
        self.list_lag.unwrap_or(LIST_LAG)
    }

    /// Whether any list lags.
    pub(crate) fn lags(&self) -> bool {
        let lags = [Switch::NewUnlisted, Switch::RemovedListed, Switch::StatusStale];
        lags.into_iter().any(|it| self.odds(it).is_some())
    }

    /// Whether any switch is on.
    pub fn is_plain(&self) -> bool {
        self.switches.is_empty()
    }

    /// Whether the switch holds for the object of this id.
    pub(crate) fn holds(&self, switch: Switch, id: &str) -> bool {
        match self.switches.get(&switch) {
            None => false,
            Some(Odds::Always) => true,
            Some(Odds::Drawn) => self.number(switch, id) & 1 == 1,
        }
    }

    /// Whether chance draws this, once in eight times.
    fn one_in_eight(&self, switch: Switch, id: &str) -> bool {
        self.number(switch, id) & 7 == 0
    }

    /// One of several forms, by chance.
    pub(crate) fn pick<T: Copy>(&self, switch: Switch, id: &str, first: T, others: &[T]) -> T {
        let count = u64::try_from(others.len() + 1).unwrap_or(1);
        let at = usize::try_from((self.number(switch, id) >> 8) % count).unwrap_or(0);
        at.checked_sub(1).and_then(|it| others.get(it)).copied().unwrap_or(first)
    }

    /// A size in GB as the platform makes it: rounded up to a multiple of 16.
    pub(crate) fn disk(&self, id: &str, size: u64) -> u64 {
        if self.holds(Switch::DiskRounded, id) { size.next_multiple_of(16) } else { size }
    }

    /// FNV-1a over all that decides, and the finish of SplitMix64 to mix its low bits.
    fn number(&self, switch: Switch, id: &str) -> u64 {
        let seed = self.seed.to_le_bytes();
        let bytes = seed.iter().chain(switch.name().as_bytes()).chain(id.as_bytes());
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
