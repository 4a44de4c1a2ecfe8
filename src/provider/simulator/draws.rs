//! What makes a run harder than a plain one, drawn before it begins: how the platform behaves of its own
//! accord, whose clock is wrong, who else works on the account, and which client it is.
//!
//! Half of the runs are plain, so that what the others bring to light can be told from what was there.

use fastrand::Rng;
use mock_cloud::{AnswerStyle, Group, Options, Pace, Style, Switch};

/// What the platform does of its own accord; the hiccups pass.
const GROUPS: [Group; 5] = [Group::FillsIn, Group::Lists, Group::Answers, Group::Catalogue, Group::Life];
/// What passes.
const HICCUPS: [Switch; 4] =
    [Switch::Forgets, Switch::OddAnswers, Switch::TooManyRequests, Switch::ProxyErrors];

/// What was drawn for a run.
#[derive(Debug)]
pub(super) struct Draws {
    /// What the platform does of its own accord.
    pub(super) platform: Style,
    /// Seconds by which the vendors' clocks are ahead.
    pub(super) ahead: i64,
    /// Whether single requests get odd answers, and calls that are accepted do nothing.
    pub(super) is_odd: bool,
    /// Whether another directory of the same account is applied at the same times.
    pub(super) has_neighbour: bool,
    /// Whether the client forgets what a failed creation has made.
    pub(super) forgets_failures: bool,
}

impl Draws {
    pub(super) fn new(rng: &mut Rng) -> Self {
        if rng.bool() {
            return Self::plain();
        }
        let platform = platform(rng);
        Self {
            // A get that forgets and a list that is empty at the same moment: nobody could tell.
            is_odd: platform.odds(Switch::OddAnswers).is_none() && rng.bool(),
            platform,
            ahead: ahead(rng),
            has_neighbour: rng.u32(0..4) == 0,
            forgets_failures: rng.u32(0..4) == 0,
        }
    }

    /// Nothing but what every run has: a network with trouble in it.
    fn plain() -> Self {
        Self {
            platform: Style::default(),
            ahead: 0,
            is_odd: false,
            has_neighbour: false,
            forgets_failures: false,
        }
    }

    /// Whether reads go wrong as long as the hiccups last.
    pub(super) fn has_hiccups(&self) -> bool {
        HICCUPS.iter().any(|it| self.platform.odds(*it).is_some())
    }
}

/// The platform as it is once it has calmed down: it fills in and lags, but answers.
pub(super) fn calm(style: &mut Style) {
    HICCUPS.into_iter().for_each(|it| style.turn_off(it));
}

/// A few groups of switches for some of the things, or one switch for all of them; one hiccup.
fn platform(rng: &mut Rng) -> Style {
    let mut style = Style::default();
    (style.seed, style.list_lag) = (rng.u64(..), Some(rng.u64(1..60)));
    for group in GROUPS {
        let switches: Vec<Switch> = Switch::ALL.into_iter().filter(|it| it.group() == group).collect();
        match (rng.u32(0..4), rng.choice(switches)) {
            (0, _) => style.draw(group),
            (1, Some(switch)) => style.turn_on(switch),
            _ => {}
        }
    }
    // A new endpoint that is larger than the platform allows now is for its user to change.
    style.turn_off(Switch::LoweredLimits);
    if rng.u32(0..3) == 0 {
        rng.choice(HICCUPS).into_iter().for_each(|it| style.turn_on(it));
    }
    style
}

/// A clock that is right, or wrong by up to ten minutes.
fn ahead(rng: &mut Rng) -> i64 {
    if rng.u32(0..4) == 0 { rng.i64(-600..600) } else { 0 }
}

/// The mock's options: how long statuses last, how loosely answers are written, and what was drawn.
pub(super) fn options(rng: &mut Rng, draws: &Draws) -> Options {
    let mut pace = Pace::default();
    for status in
        ["pending", "toCreate", "creating", "pulling", "starting", "initializing", "updating", "removing"]
    {
        pace.set(status, rng.u32(0..40));
    }
    if rng.u32(0..10) == 0 {
        pace.set("pulling", rng.u32(100..4000));
    }
    let style = if rng.u32(0..4) == 0 { AnswerStyle::loosest() } else { AnswerStyle::default() };
    Options { pace, style, platform: draws.platform.clone(), ..Options::default() }
}
