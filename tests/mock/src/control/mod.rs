//! The mock's own pages under `/_mock/`, for shell scripts: books, log, faults, style, clock.
//!
//! They need no key; the server listens on the loopback only.

mod books;

use serde_json::{Value, json};

use crate::answer::{Answer, Incoming};
use crate::clock::parse_duration;
use crate::faults::Fault;
use crate::log::Request;
use crate::server::Shared;
use crate::style::{self, Style};

/// Answers a request for the page below `/_mock/`.
pub(crate) fn answer(shared: &Shared, page: &str, incoming: &Incoming, wants_json: bool) -> Answer {
    match (incoming.method.as_str(), page) {
        ("GET", "requests") => requests(shared, wants_json),
        ("DELETE", "requests") => {
            shared.core().log.clear();
            Answer::empty()
        }
        ("GET", "faults") => Answer::json(200, &json!(shared.core().faults.waiting())),
        ("POST", "faults") => push_faults(shared, &incoming.body),
        ("DELETE", "faults") => {
            shared.core().faults.clear();
            Answer::empty()
        }
        ("GET", "style") => style(shared, wants_json),
        ("POST", "style") => change_style(shared, &incoming.body),
        ("DELETE", "style") => {
            shared.core().with_style(|it| *it = Style::default());
            Answer::empty()
        }
        ("POST", "clock") => move_clock(shared, &incoming.body),
        ("POST", "release") => {
            shared.release();
            Answer::empty()
        }
        _ => books::answer(shared, page, incoming, wants_json).unwrap_or_else(|| {
            Answer::text(404, "text/plain; charset=utf-8", &format!("{PAGES}{}", books::PAGES))
        }),
    }
}

const PAGES: &str = "\
GET    /_mock/requests   the log, as lines or (Accept: application/json) as JSON
DELETE /_mock/requests   forget the log
GET    /_mock/faults     switches that are set
POST   /_mock/faults     add one switch or a list of them
DELETE /_mock/faults     take all switches away
GET    /_mock/style      what the platforms do of their own accord: every switch, and whether it is on
POST   /_mock/style      {\"seed\": 7, \"draw\": [\"fillsIn\"], \"on\": [\"diskRounded\"], \"off\": [\"sshPort\"]}
DELETE /_mock/style      only what is asked
POST   /_mock/clock      {\"advance\": \"30s\"} or {\"skew\": -300, \"dateSkew\": 0}, in seconds
POST   /_mock/release    let requests go that hang
";

fn requests(shared: &Shared, wants_json: bool) -> Answer {
    let core = shared.core();
    if wants_json {
        return Answer::json(200, &json!(core.log.requests()));
    }
    lines(core.log.requests().iter().map(Request::line))
}

fn push_faults(shared: &Shared, body: &[u8]) -> Answer {
    let parsed = serde_json::from_slice(body).and_then(|it: Value| match it {
        Value::Array(items) => items.into_iter().map(serde_json::from_value).collect(),
        one => serde_json::from_value(one).map(|it| vec![it]),
    });
    let faults: Vec<Fault> = match parsed {
        Ok(faults) => faults,
        Err(error) => return wrong(&error.to_string()),
    };
    let mut core = shared.core();
    for fault in faults {
        core.faults.push(fault);
    }
    Answer::empty()
}

fn style(shared: &Shared, wants_json: bool) -> Answer {
    let overview = shared.core().with_style(|it| style::overview(it));
    if wants_json {
        return Answer::json(200, &overview);
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let switches = overview["switches"].as_array().into_iter().flatten();
    lines(switches.map(|it| {
        let (odds, group, name) = (text(&it["odds"]), text(&it["group"]), text(&it["name"]));
        format!("{odds:5} {group:12} {name:22} {}", text(&it["about"]))
    }))
}

fn change_style(shared: &Shared, body: &[u8]) -> Answer {
    match serde_json::from_slice::<style::Request>(body) {
        Ok(request) => {
            shared.core().with_style(|it| request.apply(it));
            Answer::empty()
        }
        Err(error) => wrong(&error.to_string()),
    }
}

fn move_clock(shared: &Shared, body: &[u8]) -> Answer {
    let body: Value = match serde_json::from_slice(body) {
        Ok(body) => body,
        Err(error) => return wrong(&error.to_string()),
    };
    let mut core = shared.core();
    if let Some(skew) = body["skew"].as_i64() {
        core.time.skew(skew, body["dateSkew"].as_i64().unwrap_or(0));
    } else if let Some(by) = body["advance"].as_str().and_then(parse_duration) {
        core.time.advance(by);
        core.catch_up();
    } else {
        return wrong("advance must be a duration such as 500ms, 30s or 2m, or skew a number of seconds");
    }
    Answer::json(200, &json!({"now": core.time.now()}))
}

fn lines(lines: impl Iterator<Item = String>) -> Answer {
    let text: String = lines.map(|it| it + "\n").collect();
    Answer::text(200, "text/plain; charset=utf-8", &text)
}

fn wrong(text: &str) -> Answer {
    Answer::text(400, "text/plain; charset=utf-8", &format!("{text}\n"))
}
