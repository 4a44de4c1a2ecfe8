//! The mock without HTTP: one plain value that takes requests and gives answers.
//!
//! It checks key, path and description, picks the faults, keeps the log and the time, and leaves the
//! meaning of a call to the vendor's module. Waiting and dropped connections are the server's part,
//! which is why a request comes in two halves: `receive`, then `perform`.

use std::time::Duration;

use serde_json::Value;

use crate::answer::{Answer, Call, Incoming, Refusal, Result};
use crate::clock::Time;
use crate::cloud::Machine;
use crate::faults::{Effect, Faults, Ignored, When};
use crate::log::{Log, Request};
use crate::novacloud::{self, NovaCloud};
use crate::novita::{self, Novita};
use crate::odd::{CreatedId, Odd};
use crate::openapi::{Description, Problem};
use crate::style::{self, Style};

/// One vendor's side of the mock.
pub(crate) trait Vendor {
    /// Lets a request in by its key, or refuses it. `path` is the part below the vendor's prefix.
    fn authorize(&self, incoming: &Incoming, path: &str) -> Result<()>;
    /// What requests are checked against.
    fn description(&self) -> &'static Description;
    /// A refusal in the vendor's form.
    fn refuse(&self, refusal: &Refusal) -> Answer;
    /// How the vendor says that there is no hardware left.
    fn out_of_stock(&self) -> Refusal;
    /// All machines take one step.
    fn step(&mut self, now: u64);
    /// What a get of something that is not there answers.
    fn not_found(&self, path: &str) -> Answer;
    /// Does the work of a call that agrees with the description.
    fn perform(&mut self, call: &Call, effects: &[Effect], time: &mut Time) -> Result<Answer>;
}

/// Everything that the mock knows.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) time: Time,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    pub(crate) novita: Novita,
    pub(crate) novacloud: NovaCloud,
}

/// Which vendor a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Novita,
    NovaCloud,
}

/// A request that is in the log, with what is to happen to it.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) seq: u64,
    pub(crate) effects: Vec<Effect>,
    side: Side,
    next: Next,
}

#[derive(Debug)]
enum Next {
    Answer(Answer),
    Call(Call),
}

impl Core {
    pub(crate) fn new(time: Time, novita: Novita, novacloud: NovaCloud) -> Self {
        Self { time, faults: Faults::default(), log: Log::default(), novita, novacloud }
    }

    /// First half: logs the request, checks key and form, and takes the faults that are for it.
    pub(crate) fn receive(&mut self, incoming: &Incoming) -> Received {
        let Some((side, path)) = side_of(&incoming.path) else {
            let answer = Answer::text(404, "text/plain", "no such page");
            return self.noted(incoming, false, Received::answered(Side::Novita, answer));
        };
        let vendor: &dyn Vendor = match side {
            Side::Novita => &self.novita,
            Side::NovaCloud => &self.novacloud,
        };
        if let Err(refusal) = vendor.authorize(incoming, path) {
            let answer = vendor.refuse(&refusal);
            return self.noted(incoming, false, Received::answered(side, answer));
        }
        let next = match check(vendor.description(), &self.novita.platform, incoming, path) {
            Ok(call) => Next::Call(call),
            Err(refusal) => Next::Answer(vendor.refuse(&refusal)),
        };
        let mut effects = self.faults.take(&incoming.method, &incoming.path, self.time.now());
        if effects.is_empty() {
            effects.extend(style::hiccup(&self.novita.platform, &incoming.method, self.log.next_number()));
        }
        // A public call is let through without a key too.
        let authorized = incoming.authorization.is_some();
        self.noted(incoming, authorized, Received { seq: 0, effects, side, next })
    }

    /// Second half: does the work, unless a fault or the form of the request speaks against it.
    pub(crate) fn perform(&mut self, received: &Received) -> Answer {
        self.catch_up();
        let vendor: &mut dyn Vendor = match received.side {
            Side::Novita => &mut self.novita,
            Side::NovaCloud => &mut self.novacloud,
        };
        let mut answer = match (instead(vendor, received), &received.next) {
            (Some(answer), _) => answer,
            (None, Next::Answer(answer)) => answer.clone(),
            (None, Next::Call(call)) => match vendor.perform(call, &received.effects, &mut self.time) {
                Ok(answer) => afterwards(vendor, &received.effects).unwrap_or(answer),
                Err(refusal) => vendor.refuse(&refusal),
            },
        };
        for effect in &received.effects {
            match effect {
                Effect::CreatedId(id) if answer.status < 300 => self.put_id(id, received, &mut answer),
                Effect::Late { seconds } => {
                    self.time.advance(Duration::from_secs(*seconds));
                    self.catch_up();
                }
                _ => {}
            }
        }
        if !received.effects.iter().any(|it| matches!(it, Effect::Drop(When::Before | When::After))) {
            self.log.answered(received.seq, answer.status);
        }
        answer
    }

    /// Changes what both platforms do of their own accord.
    pub(crate) fn with_style<T>(&mut self, change: impl FnOnce(&mut Style) -> T) -> T {
        let mut style = self.novita.platform.clone();
        let result = change(&mut style);
        (self.novita.platform, self.novacloud.platform) = (style.clone(), style);
        result
    }

    /// Machines of both vendors that exist and cost money.
    pub(crate) fn alive(&mut self) -> Vec<Machine> {
        self.catch_up();
        let mut machines = self.novita.alive();
        machines.extend(self.novacloud.alive());
        machines
    }

    /// Lets the machines take the steps that are due.
    pub(crate) fn catch_up(&mut self) {
        for left in (0..self.time.steps_due()).rev() {
            let now = self.time.steps_ago(left);
            self.novita.step(now);
            self.novacloud.step(now);
        }
    }

    /// Puts another id into the answer of a create call.
    fn put_id(&self, id: &CreatedId, received: &Received, answer: &mut Answer) {
        let machines = match received.side {
            Side::Novita => self.novita.alive(),
            Side::NovaCloud => self.novacloud.alive(),
        };
        let made = machines.iter().find(|it| answer.body.contains(&it.id));
        let of_its_kind = |it: &&Machine| made.is_some_and(|made| it.kind == made.kind && it.id != made.id);
        id.put_into(answer, machines.iter().find(of_its_kind).map(|it| it.id.as_str()));
    }

    fn noted(&mut self, incoming: &Incoming, authorized: bool, received: Received) -> Received {
        let seq = self.log.add(Request {
            seq: 0,
            method: incoming.method.clone(),
            path: incoming.path.clone(),
            query: incoming.query.clone(),
            body: serde_json::from_slice(&incoming.body).ok(),
            status: 0,
            authorized,
            content_type: incoming.content_type.clone(),
            user_agent: incoming.user_agent.clone(),
        });
        Received { seq, ..received }
    }
}

impl Received {
    /// A request whose answer is known before any work.
    fn answered(side: Side, answer: Answer) -> Self {
        Self { seq: 0, effects: Vec::new(), side, next: Next::Answer(answer) }
    }
}

/// The vendor that a path belongs to, and the path as its description has it: below its prefix.
fn side_of(path: &str) -> Option<(Side, &str)> {
    if novita::is_beside(path) {
        return Some((Side::Novita, path));
    }
    let sides = [(Side::Novita, novita::PREFIX), (Side::NovaCloud, novacloud::PREFIX)];
    sides.iter().find_map(|(side, prefix)| {
        let below = path.strip_prefix(prefix).filter(|it| it.starts_with('/'))?;
        Some((*side, below))
    })
}

/// Checks a request against the description, in the order of a careful server.
fn check(description: &Description, style: &Style, incoming: &Incoming, path: &str) -> Result<Call> {
    let operation = description
        .operation(&incoming.method, path)
        .ok_or_else(|| Refusal::new(404, "API_NOT_FOUND", "there is no such call"))?;
    none_of(operation.check_path(path))?;
    none_of(operation.check_query(&incoming.query))?;
    let mut body = body_of(incoming)?;
    body.iter_mut().for_each(|it| style::take_back_unknown_members(style, it));
    none_of(operation.check_body(body.as_ref()))?;
    let (method, path) = (incoming.method.clone(), path.to_owned());
    Ok(Call { method, path, query: incoming.query.clone(), body: body.unwrap_or_default() })
}

fn none_of(problems: Vec<Problem>) -> Result<()> {
    if problems.is_empty() { Ok(()) } else { Err(problems.into()) }
}

fn body_of(incoming: &Incoming) -> Result<Option<Value>> {
    if incoming.body.is_empty() {
        return Ok(None);
    }
    let is_json = incoming.content_type.as_deref().is_some_and(|it| it.starts_with("application/json"));
    if !is_json {
        return Err(Refusal::new(400, "REQUEST", "Content-Type must be application/json"));
    }
    let not_json = |_| Refusal::new(400, "REQUEST", "the body is not JSON");
    serde_json::from_slice(&incoming.body).map(Some).map_err(not_json)
}

/// The answer of a fault that keeps the work from being done.
fn instead(vendor: &dyn Vendor, received: &Received) -> Option<Answer> {
    received.effects.iter().find_map(|effect| match effect {
        Effect::OddInstead(odd) => Some(odd.answer()),
        Effect::Forgotten => match &received.next {
            Next::Call(call) => Some(vendor.not_found(&call.path)),
            Next::Answer(_) => None,
        },
        Effect::ClusterNotActive => {
            let text = "serverless cluster is not active";
            Some(vendor.refuse(&Refusal::new(400, "CLUSTER_STATUS", text)))
        }
        Effect::Status { code, reason, message } => {
            Some(vendor.refuse(&Refusal::new(*code, reason, message)))
        }
        Effect::Http429 { retry_after } => {
            let mut answer = vendor.refuse(&Refusal::new(429, "RATE_LIMIT_EXCEEDED", "too many requests"));
            answer.retry_after.clone_from(retry_after);
            Some(answer)
        }
        Effect::Http5xx { code, html: true } => {
            let page = format!("<html><head><title>{code}</title></head><body><h1>{code}</h1></body></html>");
            Some(Answer::text(*code, "text/html", &page))
        }
        Effect::Http5xx { code, html: false } => {
            let reason = if *code == 500 { "UNKNOWN" } else { "SERVICE_NOT_AVAILABLE" };
            Some(vendor.refuse(&Refusal::new(*code, reason, "the service is not available")))
        }
        Effect::OutOfStock => Some(vendor.refuse(&vendor.out_of_stock())),
        Effect::Drop(When::Before) => Some(Answer::empty()),
        _ => None,
    })
}

/// The answer of a fault that takes the place of the real one, after the work was done.
fn afterwards(vendor: &dyn Vendor, effects: &[Effect]) -> Option<Answer> {
    effects.iter().find_map(|effect| match effect {
        Effect::RefusedButDone { code, reason, message } => {
            Some(vendor.refuse(&Refusal::new(*code, reason, message)))
        }
        Effect::Odd(odd) => Some(odd.answer()),
        Effect::Ignored(Ignored::SuccessFalse) => Some(Odd::SuccessFalse.answer()),
        Effect::Garbage => Some(Answer::text(200, "application/json", "{\"id\": <<<")),
        Effect::Empty => Some(Answer::empty()),
        Effect::Raw { code, content_type, body } => Some(Answer::text(*code, content_type, body)),
        _ => None,
    })
}
