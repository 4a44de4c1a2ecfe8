//! What can go wrong with a request: drawn by chance, more of it in wilder runs.

use std::time::Duration;

use fastrand::Rng;
use mock_cloud::{Effect, When};

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

/// How bad things are, and what has been used up of the rarer troubles.
#[derive(Clone, Debug)]
pub(super) struct Mischief {
    /// Troubles per thousand requests.
    pub(super) per_mille: u32,
    /// Whether the process may be killed in this command.
    pub(super) may_kill: bool,
    /// Whether the user may lose patience in this command.
    pub(super) may_cancel: bool,
}

impl Mischief {
    /// Nothing goes wrong.
    pub(super) const NONE: Self = Self { per_mille: 0, may_kill: false, may_cancel: false };

    /// What happens to a request of this method and path.
    pub(super) fn draw(&mut self, rng: &mut Rng, method: &str, path: &str) -> Trouble {
        if rng.u32(0..1000) >= self.per_mille {
            return Trouble::None;
        }
        let when = if rng.bool() { When::Before } else { When::After };
        let creates = method == "POST" && (path.ends_with("/create") || path.ends_with("/vms"));
        match rng.u32(0..100) {
            0..8 => Trouble::NeverLeft,
            8..22 => Trouble::Lost(when),
            22..28 => Trouble::Hangs(when),
            28..36 => Trouble::Mock(too_many(rng)),
            36..52 => Trouble::Mock(server_error(rng)),
            52..58 => Trouble::Mock(Effect::Garbage),
            58..62 => Trouble::Mock(Effect::Empty),
            62..66 => Trouble::Truncated,
            66..72 if self.may_kill => {
                self.may_kill = false;
                Trouble::Kill(when)
            }
            72..80 if self.may_cancel => {
                self.may_cancel = false;
                Trouble::Cancel(when)
            }
            80..96 if creates => Trouble::Mock(of_a_create(rng)),
            80..96 => Trouble::Mock(of_a_machine(rng, method)),
            _ => Trouble::Mock(of_the_account(rng)),
        }
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

fn of_a_create(rng: &mut Rng) -> Effect {
    match rng.u32(0..5) {
        0 => Effect::OutOfStock,
        1 => Effect::StatusError { message: "the image cannot be pulled".to_owned(), status: None },
        2 => Effect::NotFoundJustAfterCreate { reads: rng.u32(1..4) },
        3 => Effect::ListLag { reads: rng.u32(1..4) },
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
