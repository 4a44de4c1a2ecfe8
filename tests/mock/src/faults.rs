//! Switches that make chosen requests fail in chosen ways.
//!
//! A fault says which requests it is for, how often it acts, and what it does. The list only picks
//! effects; the server carries out those that concern the connection, the vendor's module those that
//! concern a machine.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::odd::{CreatedId, Odd};

/// Seconds after which whatever was made is known to every read, whatever a fault says.
pub(crate) const JUST_AFTER_CREATE: u64 = 55;

/// One switch. In JSON: `{"method":"POST","path":"/gpu/instance/create","times":{"count":1},"effect":"outOfStock"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// Which requests it acts on.
    #[serde(flatten)]
    pub matcher: Matcher,
    /// How often it acts.
    #[serde(default)]
    pub times: Times,
    /// What it does.
    pub effect: Effect,
}

/// Which requests a fault acts on. Only requests with a valid key are counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matcher {
    /// The HTTP method; none for any.
    #[serde(default)]
    pub method: Option<String>,
    /// How the path ends, such as `/gpu/instance`; empty for any. `/gpu/instance` is the get call only.
    /// `*` stands for one segment: `/vms/*` is every call on one VM itself.
    #[serde(default)]
    pub path: String,
    /// Requests that pass before it acts for the first time.
    #[serde(default)]
    pub skip: u32,
}

/// How often a fault acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Times {
    /// On so many requests.
    Count(u32),
    /// From the first request that it acts on, for so many seconds of the mock's clock.
    Seconds(u64),
    /// Until the mock's clock shows this, in seconds since 1970; what [`Times::Seconds`] becomes.
    Until(u64),
    /// Until the faults are cleared.
    Always,
}

impl Default for Times {
    fn default() -> Self {
        Self::Count(1)
    }
}

/// Before or after the work of the request was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum When {
    /// Nothing was done yet.
    Before,
    /// The work is done and only the answer is affected.
    After,
}

/// What a fault does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Effect {
    /// An error in the vendor's form; nothing is done.
    Status { code: u16, reason: String, message: String },
    /// An error in the vendor's form although the work was done (seen on start and stop).
    RefusedButDone { code: u16, reason: String, message: String },
    /// 429, with or without a `Retry-After` (seconds or an HTTP date).
    Http429 { retry_after: Option<String> },
    /// A 5xx, as the vendor's JSON or as a proxy's HTML page.
    Http5xx { code: u16, html: bool },
    /// The connection ends without an answer.
    Drop(When),
    /// The request is held for so long, in milliseconds of real time.
    Delay { when: When, millis: u64 },
    /// The request is held until `release`.
    Hang(When),
    /// The work is done, the answer is an odd one.
    Odd(Odd),
    /// The answer is an odd one; nothing is done.
    OddInstead(Odd),
    /// A get says in the vendor's usual form that there is no such thing, although there is.
    Forgotten,
    /// The call is accepted and nothing happens.
    Ignored(Ignored),
    /// Create: another id in the answer.
    CreatedId(CreatedId),
    /// The mock's clock goes on by so many seconds between the work and the answer.
    Late { seconds: u64 },
    /// Create of an endpoint: refused with "serverless cluster is not active".
    ClusterNotActive,
    /// The work is done, the answer is 200 with a body that is not JSON.
    Garbage,
    /// The work is done, the answer is 200 without a body.
    Empty,
    /// The work is done, the answer is this one.
    Raw { code: u16, content_type: String, body: String },
    /// Create and start: there is no hardware left.
    OutOfStock,
    /// Create: the image cannot be pulled. An instance stays at `pulling` with a `statusError`, an
    /// endpoint or VM becomes `failed`; or it ends in the status given.
    StatusError { message: String, status: Option<String> },
    /// Get and list: machines show this status, which no document knows.
    UnknownStatus(String),
    /// The instance, endpoint or VM that the request names is gone before the request is handled.
    VanishInstance,
    /// What the request names is in this status before the request is handled, and stays in it.
    EnterStatus(String),
    /// The spot machine that the request names begins to be reclaimed; a VM is interrupted.
    SpotReclaim,
    /// Create: the machine is not found by so many gets within the first minute.
    NotFoundJustAfterCreate { reads: u32 },
    /// Create: the machine is left out of so many lists within the first minute.
    ListLag { reads: u32 },
}

/// How a call is accepted after which nothing happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ignored {
    /// With the usual answer.
    Quietly,
    /// With 200 and `"success": false`.
    SuccessFalse,
}

impl Effect {
    /// A delay of the answer, after the work was done.
    pub fn delay(time: Duration) -> Self {
        Self::Delay { when: When::After, millis: u64::try_from(time.as_millis()).unwrap_or(u64::MAX) }
    }

    /// Whether it only changes what happens to a machine: several of these act on one request, and one
    /// of the others at most.
    fn concerns_machine(&self) -> bool {
        matches!(
            self,
            Self::StatusError { .. }
                | Self::UnknownStatus(_)
                | Self::VanishInstance
                | Self::EnterStatus(_)
                | Self::SpotReclaim
                | Self::NotFoundJustAfterCreate { .. }
                | Self::ListLag { .. }
                | Self::Ignored(_)
                | Self::Late { .. }
        )
    }
}

impl Fault {
    /// A fault that acts once, on the next request of this method whose path ends like this.
    pub fn new(method: &str, path: &str, effect: Effect) -> Self {
        let matcher = Matcher { method: Some(method.to_owned()), path: path.to_owned(), skip: 0 };
        Self { matcher, times: Times::default(), effect }
    }

    /// The same, but `skip` such requests pass first.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.matcher.skip = skip;
        self
    }

    /// The same, acting on so many requests.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.times = Times::Count(count);
        self
    }

    /// The same, acting for so many seconds of the mock's clock from the first such request on.
    #[must_use]
    pub fn for_seconds(mut self, seconds: u64) -> Self {
        self.times = Times::Seconds(seconds);
        self
    }

    /// The same, acting until the faults are cleared.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.times = Times::Always;
        self
    }
}

impl Matcher {
    fn fits(&self, method: &str, path: &str) -> bool {
        self.method.as_ref().is_none_or(|it| it.eq_ignore_ascii_case(method)) && ends_with(path, &self.path)
    }
}

/// Whether a path ends like the pattern, in which `*` stands for one segment.
fn ends_with(path: &str, pattern: &str) -> bool {
    if !pattern.contains('*') {
        return path.ends_with(pattern);
    }
    let (mut given, mut wanted) = (path.rsplit('/'), pattern.rsplit('/'));
    wanted.all(|wanted| {
        given.next().is_some_and(|it| wanted.is_empty() || it == wanted || (wanted == "*" && !it.is_empty()))
    })
}

/// The switches that are set, in the order they act.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Faults that have not acted as often as they should.
    pub(crate) fn waiting(&self) -> &[Fault] {
        &self.0
    }

    /// The effects on this request. Of the faults that answer, only the first one acts: two of them
    /// pushed one after the other are a sequence over two requests.
    pub(crate) fn take(&mut self, method: &str, path: &str, now: u64) -> Vec<Effect> {
        self.0.retain(|it| !matches!(it.times, Times::Until(end) if end <= now));
        let mut effects: Vec<Effect> = Vec::new();
        let mut answered = false;
        for fault in self.0.iter_mut().filter(|it| it.matcher.fits(method, path)) {
            if fault.matcher.skip > 0 {
                fault.matcher.skip -= 1;
                continue;
            }
            if answered && !fault.effect.concerns_machine() {
                continue;
            }
            answered |= !fault.effect.concerns_machine();
            fault.times = match fault.times {
                Times::Count(left) => Times::Count(left.saturating_sub(1)),
                Times::Seconds(seconds) => Times::Until(now.saturating_add(seconds)),
                times @ (Times::Until(_) | Times::Always) => times,
            };
            effects.push(fault.effect.clone());
        }
        self.0.retain(|it| it.times != Times::Count(0));
        effects
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_answers_are_a_sequence_over_two_requests() {
        let mut faults = Faults::default();
        let [limited, broken] =
            [Effect::Http429 { retry_after: None }, Effect::Http5xx { code: 503, html: true }];
        faults.push(Fault::new("GET", "/gpu/instance", limited.clone()));
        faults.push(Fault::new("GET", "/gpu/instance", broken.clone()));
        assert_eq!(faults.take("GET", "/v1/gpu/instance", 0), [limited]);
        assert_eq!(faults.take("GET", "/v1/gpu/instances", 0), []);
        assert_eq!(faults.take("GET", "/v1/gpu/instance", 0), [broken]);
        assert_eq!(faults.take("GET", "/v1/gpu/instance", 0), []);
    }

    #[test]
    fn a_machine_fault_and_an_answer_act_together() {
        let mut faults = Faults::default();
        faults.push(Fault::new("POST", "/create", Effect::ListLag { reads: 1 }));
        faults.push(Fault::new("POST", "/create", Effect::Drop(When::After)));
        assert_eq!(
            faults.take("post", "/create", 0),
            [Effect::ListLag { reads: 1 }, Effect::Drop(When::After)]
        );
    }

    #[test]
    fn the_third_request_is_hit_when_two_are_skipped() {
        let mut faults = Faults::default();
        faults.push(Fault::new("POST", "/create", Effect::OutOfStock).after(2).times(2));
        let hits: Vec<bool> = (0..5).map(|_| !faults.take("POST", "/create", 0).is_empty()).collect();
        assert_eq!(hits, [false, false, true, true, false]);
    }

    #[test]
    fn a_window_begins_with_the_first_request_and_passes() {
        let mut faults = Faults::default();
        faults.push(Fault::new("GET", "/clusters", Effect::Odd(Odd::Html403)).for_seconds(60));
        let hits = [100, 130, 159, 160].map(|now| faults.take("GET", "/clusters", now).len());
        assert_eq!((hits, faults.waiting().len()), ([1, 1, 1, 0], 0));
    }

    #[test]
    fn a_star_is_one_segment() {
        for (path, pattern, fits) in [
            ("/novacloud/vms/a1", "/vms/*", true),
            ("/novacloud/vms", "/vms/*", false),
            ("/novacloud/vms/a1/start", "/vms/*", false),
            ("/novacloud/vms/a1/start", "/vms/*/start", true),
            ("/vms/a1", "/novacloud/vms/*", false),
        ] {
            assert_eq!(ends_with(path, pattern), fits, "{path} {pattern}");
        }
    }

    #[test]
    fn a_fault_reads_from_short_json() {
        let text = r#"{"path":"/gpu/instance/create","effect":{"http429":{"retryAfter":"2"}}}"#;
        let fault: Fault = serde_json::from_str(text).unwrap();
        assert_eq!(fault.times, Times::Count(1));
        assert_eq!(fault.effect, Effect::Http429 { retry_after: Some("2".to_owned()) });
        let text = r#"{"path":"","times":"always","effect":"outOfStock"}"#;
        assert_eq!(serde_json::from_str::<Fault>(text).unwrap().times, Times::Always);
    }
}
