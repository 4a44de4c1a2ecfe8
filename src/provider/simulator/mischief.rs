//! What can go wrong with a request: drawn by chance, more of it in wilder runs.

use std::time::Duration;

use fastrand::Rng;
use mock_cloud::{CreatedId, Effect, Ignored, Odd, When};

/// The ends of the paths by which something is made.
const CREATES: [&str; 5] = ["/create", "/vms", "/repository/auth/save", "/image/prewarm", "/ssh-keys"];

/// What happens to one request.
#[derive(Clone, Debug)]
pub(super) enum Trouble {
    /// Nothing.
    None,
    /// No connection.
    NeverLeft,
    /// The connection breaks before or after the work.
    Lost(When),
    /// No answer ever, without or with the work done.
    Hangs(When),
    /// The provider's process is killed, before the request leaves or before its answer comes.
    Kill(When),
    /// The user presses Ctrl-C at this moment.
    Cancel(When),
    /// The mock answers or behaves otherwise.
    Mock(Effect),
    /// The answer is cut off in the middle, with its head saying that it is all.
    Truncated,
}

/// How bad things are during a command.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mischief {
    /// Troubles per thousand requests.
    pub(super) per_mille: u32,
    /// Only such troubles as pass: the network's and the API's, no refusals and nothing of a machine.
    pub(super) passing_only: bool,
    /// Also answers that nobody documents, and calls that are accepted and do nothing.
    pub(super) is_odd: bool,
    /// The process is killed at this request, counted from 1.
    pub(super) kill_at: Option<u32>,
    /// The user presses Ctrl-C at this one.
    pub(super) cancel_at: Option<u32>,
}

impl Mischief {
    /// Whether nothing goes wrong.
    pub(super) fn is_quiet(self) -> bool {
        self.per_mille == 0 && self.kill_at.is_none() && self.cancel_at.is_none()
    }

    /// What happens to a request of this method and path, the `number`th of the command.
    pub(super) fn draw(self, rng: &mut Rng, number: u32, method: &str, path: &str) -> Trouble {
        let when = if rng.bool() { When::Before } else { When::After };
        if self.kill_at == Some(number) {
            return Trouble::Kill(when);
        }
        if self.cancel_at == Some(number) {
            return Trouble::Cancel(when);
        }
        if rng.u32(0..1000) >= self.per_mille {
            return Trouble::None;
        }
        if self.passing_only || rng.u32(0..100) < 70 {
            return passing(rng, when);
        }
        let creates = method == "POST" && CREATES.iter().any(|it| path.ends_with(it));
        if self.is_odd && rng.bool() {
            return Trouble::Mock(odd(rng, method, creates));
        }
        Trouble::Mock(match rng.u32(0..10) {
            0..2 => of_the_account(rng),
            _ if creates => of_a_create(rng, self.is_odd),
            _ => of_a_machine(rng, method),
        })
    }
}

/// Troubles of the network and of an overloaded API.
fn passing(rng: &mut Rng, when: When) -> Trouble {
    match rng.u32(0..10) {
        0 => Trouble::NeverLeft,
        1 | 2 => Trouble::Lost(when),
        3 => Trouble::Hangs(when),
        4 => Trouble::Mock(too_many(rng)),
        5 | 6 => Trouble::Mock(server_error(rng)),
        7 => Trouble::Mock(Effect::Garbage),
        8 => Trouble::Mock(Effect::Empty),
        _ => Trouble::Truncated,
    }
}

fn status(code: u16, reason: &str, message: &str) -> Effect {
    Effect::Status { code, reason: reason.to_owned(), message: message.to_owned() }
}

fn done_but(code: u16, reason: &str, message: &str) -> Effect {
    Effect::RefusedButDone { code, reason: reason.to_owned(), message: message.to_owned() }
}

fn too_many(rng: &mut Rng) -> Effect {
    let after = [None, Some("0"), Some("3"), Some("20"), Some("900"), Some("soon")];
    Effect::Http429 { retry_after: rng.choice(after).flatten().map(str::to_owned) }
}

/// A failure of the API or of a proxy before it, without or with the work done.
fn server_error(rng: &mut Rng) -> Effect {
    let code = rng.choice([500, 502, 503, 504]).unwrap_or(500);
    match rng.bool() {
        true => Effect::Http5xx { code, html: rng.bool() },
        false => done_but(code, "UNKNOWN", "something went wrong"),
    }
}

/// What a platform does that no page of it describes.
fn odd(rng: &mut Rng, method: &str, creates: bool) -> Effect {
    let answer = rng.choice(Odd::ALL).unwrap_or(Odd::ZeroBytes);
    // A refusal of what was done in spite of it is none of these: nobody could tell.
    let unclear = rng.choice(&Odd::ALL[..10]).copied().unwrap_or(Odd::ZeroBytes);
    match (method, rng.u32(0..4)) {
        ("GET", 0 | 1) => Effect::Forgotten,
        // Of a get that forgets and a list that is empty at the same moment nobody could tell that both are wrong.
        ("GET", _) if matches!(answer, Odd::List | Odd::EmptyData) => Effect::Empty,
        ("GET", _) => Effect::OddInstead(answer),
        (_, 0) if creates => Effect::CreatedId(no_id(rng)),
        (_, 1) if creates => Effect::Late { seconds: rng.u64(1..300) },
        (_, 2) if creates => {
            rng.choice([Effect::ClusterNotActive, Effect::OddInstead(answer)]).unwrap_or(Effect::Empty)
        }
        (_, _) if creates => Effect::Odd(unclear),
        (_, 0) => {
            Effect::Ignored(rng.choice([Ignored::Quietly, Ignored::SuccessFalse]).unwrap_or(Ignored::Quietly))
        }
        _ => Effect::Odd(answer),
    }
}

/// An id that can be none.
fn no_id(rng: &mut Rng) -> CreatedId {
    let ids = [
        CreatedId::Escape,
        CreatedId::LineFeed,
        CreatedId::Long,
        CreatedId::Blank,
        CreatedId::Blanks,
        CreatedId::NonAscii,
        CreatedId::Empty,
        CreatedId::Null,
        CreatedId::Object,
        CreatedId::Missing,
    ];
    rng.choice(ids).unwrap_or(CreatedId::Missing)
}

/// A list that lags by reads, however long ago the creation was, is no witness where gets forget things.
fn of_a_create(rng: &mut Rng, is_odd: bool) -> Effect {
    match rng.u32(0..5) {
        0 => Effect::OutOfStock,
        1 => Effect::StatusError { message: "the image cannot be pulled".to_owned(), status: None },
        2 => Effect::NotFoundJustAfterCreate { reads: rng.u32(1..4) },
        3 if !is_odd => Effect::ListLag { reads: rng.u32(1..4) },
        _ => done_but(408, "", "Request Timeout"),
    }
}

/// What befalls a machine that a request names.
fn of_a_machine(rng: &mut Rng, method: &str) -> Effect {
    match rng.u32(0..6) {
        0 => Effect::VanishInstance,
        1 => Effect::UnknownStatus("hibernating".to_owned()),
        2 => Effect::SpotReclaim,
        3 if method == "POST" => done_but(400, "REQUEST", "invalid state change"),
        4 if method == "POST" => status(400, "CONFLICT", "busy"),
        _ => status(409, "CONFLICT", "busy"),
    }
}

fn of_the_account(rng: &mut Rng) -> Effect {
    match rng.u32(0..4) {
        0 => status(401, "UNAUTHORIZED", "bad key"),
        1 => status(403, "FORBIDDEN", "not allowed"),
        2 => status(403, "NOT_ENOUGH_BALANCE", "Insufficient balance. Required: $12.00, Available: $3.10"),
        _ => status(400, "USER_NOT_FOUND", "user not found"),
    }
}

/// How long a request takes on its way.
pub(super) fn latency(rng: &mut Rng) -> Duration {
    Duration::from_millis(match rng.u32(0..20) {
        0 => rng.u64(500..8_000),
        _ => rng.u64(5..250),
    })
}
