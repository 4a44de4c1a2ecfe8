//! Requests that go wrong by chance: one in eight, told by the seed and the number of the request.

use super::{Style, Switch};
use crate::faults::Effect;
use crate::odd::Odd;

/// Makes the effect on a request.
type Hiccup = fn(&Style, &str) -> Effect;

/// The first one that chance draws acts.
const HICCUPS: [(Switch, Hiccup); 4] = [
    (Switch::Forgets, |_, _| Effect::Forgotten),
    (Switch::OddAnswers, odd),
    (Switch::TooManyRequests, too_many),
    (Switch::ProxyErrors, proxy_error),
];

/// What goes wrong with the request of this number; `None` for nothing.
pub(crate) fn hiccup(style: &Style, method: &str, number: u64) -> Option<Effect> {
    let number = format!("request {number}");
    let reads_only = [Switch::Forgets, Switch::OddAnswers];
    HICCUPS
        .iter()
        .filter(|(switch, _)| method == "GET" || !reads_only.contains(switch))
        .find(|(switch, _)| style.odds(*switch).is_some() && style.one_in_eight(*switch, &number))
        .map(|(_, effect)| effect(style, &number))
}

fn odd(style: &Style, number: &str) -> Effect {
    let [first, others @ ..] = Odd::ALL;
    Effect::OddInstead(style.pick(Switch::OddAnswers, number, first, &others))
}

fn too_many(style: &Style, number: &str) -> Effect {
    let after = style.pick(Switch::TooManyRequests, number, None, &[Some("0"), Some("2")]);
    Effect::Http429 { retry_after: after.map(str::to_owned) }
}

fn proxy_error(style: &Style, number: &str) -> Effect {
    let code = style.pick(Switch::ProxyErrors, number, 502, &[503, 504]);
    Effect::Http5xx { code, html: true }
}
