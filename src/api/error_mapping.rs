//! How a vendor says no: its error bodies, and which [`Error`] each of them becomes.
//!
//! The names and rules of both vendors stand in this file alone. It knows status codes and bodies,
//! no sockets. Facts without another note are from the vendors' error pages; guesses say so.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use tfplugin::redact;

use crate::api::answer::note_secrets;
use crate::api::call::Intent;
use crate::api::error::{Details, Error};
use crate::api::resource_kind::ResourceKind;
use crate::api::text::{one_line, tidy};

/// Whose API it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorMapping {
    /// `{"code": 400, "reason": "NAME", "message": "…", "metadata": {}}`
    Novita,
    /// `{"detail": "…"}` or `{"detail": [{"loc": ["body", "field"], "msg": "…"}]}`
    NovaCloud,
}

/// No field has a longer wire name, in bytes; what is longer blames none.
const LONGEST_FIELD: usize = 255;

/// What a body says about a refusal.
#[derive(Debug, Default, PartialEq)]
struct Refusal {
    name: String,
    message: String,
    field: Option<String>,
    /// Whether the text is a web server's or a proxy's own and not the API's.
    foreign: bool,
    /// Whether it tells the path that it did not find, as frameworks do of a route.
    names_path: bool,
}

/// The variants of [`Error`] that a refusal can become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    NotFound,
    Unauthorized,
    Forbidden,
    AccountBlocked,
    Rejected,
    OutOfStock,
    QuotaExceeded,
    InsufficientBalance,
    OverBudget,
    Conflict,
    PrepaidNotRemovable,
    RateLimited,
    WrongAddress,
    /// Something between us and the API.
    Proxy,
}

/// Novita's names, what they mean to us, and the wire name of the field to blame.
const NAMES: &[(&str, Class, &str)] = &[
    ("INSUFFICIENT_RESOURCE", Class::OutOfStock, ""),
    ("MIGRATE_INSUFFICIENT_RESOURCE", Class::OutOfStock, ""),
    ("IMAGE_PREWARM_NO_NODES_AVAILABLE", Class::OutOfStock, ""),
    ("CREATE_INSTANCE_LIMIT", Class::QuotaExceeded, ""),
    ("CREATE_GPU_NUM_LIMIT", Class::QuotaExceeded, ""),
    ("OPERATION_LIMIT", Class::QuotaExceeded, ""),
    ("NETWORK_MAX_LIMIT", Class::QuotaExceeded, ""),
    ("IMAGE_PREWARM_NUM_LIMIT", Class::QuotaExceeded, ""),
    ("CUDA_VERSION_INCOMPATIBLE", Class::Rejected, "minCudaVersion"),
    ("IMAGE_TOO_LARGE", Class::Rejected, "imageUrl"),
    ("NETWORK_STORAGE_TOO_LARGE", Class::Rejected, "storageSize"),
    ("CONFLICT", Class::Conflict, ""),
    ("CLUSTER_STATUS", Class::Conflict, ""),
    ("NODE_STATUS", Class::Conflict, ""),
    ("DEPENDENT_RESOURCE_STATE", Class::Conflict, ""),
    ("CREATING_INSTANCE_NOT_SUPPORT_RENEWAL", Class::Conflict, ""),
    ("NETWORK_STORAGE_IN_USE", Class::Conflict, ""),
    ("NETWORK_STORAGE_UNAVAILABLE", Class::Conflict, "networkStorages"),
    ("NETWORK_IN_USE", Class::Conflict, ""),
    ("IMAGE_AUTH_IN_USE", Class::Conflict, ""),
    ("GPU_SPEC_USED", Class::Conflict, ""),
    ("SAVING_PLAN_ALREADY_EXISTS", Class::Conflict, ""),
    ("MIGRATION_JOB_NOT_BREAKABLE", Class::Conflict, ""),
    ("PREPAID_INSTANCE_NOT_SUPPORT_RELEASE", Class::PrepaidNotRemovable, ""),
    ("CUR_CLUSTER_NETWORK_STORAGE_NOT_SUPPORT", Class::Rejected, "clusterId"),
    ("SERVERLESS_APP_NAME_IS_EXIST", Class::Rejected, "appName"),
    ("INVALID_COMMAND_PARAM", Class::Rejected, "command"),
    ("UNSUPPORTED_BILLING_MODE", Class::Rejected, "billingMode"),
    ("IMAGE_URL_OR_AUTH_ERROR", Class::Rejected, "imageUrl"),
    ("BALANCE_NOT_ENOUGH", Class::InsufficientBalance, ""),
    ("EXPIRED_OR_BALANCE_NOT_ENOUGH", Class::InsufficientBalance, ""),
    ("DE_BALANCE_NOT_ENOUGH", Class::InsufficientBalance, ""),
    ("BILLING_BALANCE_NOT_ENOUGH", Class::InsufficientBalance, ""),
    ("NOT_ENOUGH_BALANCE", Class::InsufficientBalance, ""),
    ("NOT_ENOUGH_BUDGET", Class::OverBudget, ""),
    ("UNAUTHORIZED", Class::Unauthorized, ""),
    ("FAILED_TO_AUTH", Class::Unauthorized, ""),
    ("MISSING_API_KEY", Class::Unauthorized, ""),
    ("INVALID_API_KEY", Class::Unauthorized, ""),
    ("INVALID_USER_TOKEN", Class::Unauthorized, ""),
    ("GET_TOKEN_FAILED", Class::Unauthorized, ""),
    ("FORBIDDEN", Class::Forbidden, ""),
    ("PERMISSION_DENIED", Class::Forbidden, ""),
    ("API_NOT_ALLOWED", Class::Forbidden, ""),
    ("NEED_REAL_NAME_VERIFY", Class::AccountBlocked, ""),
    ("BANNED_USER", Class::AccountBlocked, ""),
    ("USER_NOT_ACTIVATED", Class::AccountBlocked, ""),
    ("USER_NOT_FOUND", Class::AccountBlocked, ""),
    ("TEAM_NOT_FOUND", Class::AccountBlocked, ""),
    ("API_KEY_NOT_FOUND", Class::Unauthorized, ""),
    ("RATE_LIMIT_EXCEEDED", Class::RateLimited, ""),
    ("SEND_CODE_TOO_FAST", Class::RateLimited, ""),
    ("LIST_BILL_TOO_FAST", Class::RateLimited, ""),
    ("API_NOT_FOUND", Class::WrongAddress, ""),
];

/// Names of a missing thing, and the field of a request that mentions it.
const MENTIONED: &[(&str, &str)] = &[
    ("IMAGE_NOT_FOUND", "imageUrl"),
    ("SERVERLESS_PRODUCT_NOT_FOUND", "products"),
    ("NETWORK_STORAGE_NOT_FOUND", "networkStorages"),
    ("NETWORK_NOT_FOUND", "networkId"),
];

/// Novita's names of the error that the thing itself does not exist, whatever its kind. Those of one kind
/// are the kind's own; no other name says so.
const NOT_FOUND: &[&str] = &["RESOURCE_NOT_FOUND", "NOT_FOUND", "NOT_FOUNT"];

/// Words for "it does not exist", in lower case. What does not exist stands before them.
const ABSENT: &[&str] = &[
    "not found",
    "not fount",
    "not be found",
    "not exist",
    "no longer exists",
    "been deleted",
    "been removed",
];
/// The same, with what does not exist behind it.
const NO_SUCH: &str = "no such";
/// Words that stand for the thing itself, whatever its kind.
const ITSELF: &[&str] = &["resource", "record", "object", "item", "id"];
/// Words of a sentence about a route and not about a thing.
const ROUTE: &[&str] = &["route", "url", "uri", "page", "path", "handler", "method", "api"];
/// Things that a thing may need. One that is missing does not make the thing gone.
const NEEDED: &[&str] = &[
    "image",
    "product",
    "storage",
    "volume",
    "network",
    "vpc",
    "cluster",
    "node",
    "worker",
    "template",
    "job",
    "order",
    "auth",
    "registry",
    "key",
    "token",
    "gpu",
    "instance",
    "container",
    "endpoint",
    "vm",
];
/// Whose thing it is. As the subject of the sentence it is another thing, as its owner it is none.
const OWNER: &[&str] = &["user", "account", "team", "member", "tenant", "wallet"];

/// Names of which the message may begin with the field's name.
const INPUT_NAMES: &[&str] = &["VALIDATOR_PARAM", "REQUEST"];

/// What the body of a successful answer says of itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Claim {
    code: Option<Value>,
    reason: Option<Value>,
    /// Whether there is one.
    id: Option<IgnoredAny>,
}

impl ErrorMapping {
    /// The status that a successful answer's body claims for itself, if that is an error's.
    ///
    /// Novita's console looks at `code` in the body; that the GPU calls do the same is a guess, and that a
    /// `reason` without an id is an error, too (a client takes everything with either for one).
    pub(crate) fn hidden_status(self, claim: &Claim) -> Option<u16> {
        if self == Self::NovaCloud {
            return None;
        }
        match claim.code.as_ref().and_then(Value::as_u64) {
            Some(code @ 400..=599) => u16::try_from(code).ok(),
            // A number of their own: no more is known than that the request was refused.
            Some(600..) => Some(400),
            Some(_) => None,
            None => {
                let reason = claim.reason.as_ref().and_then(Value::as_str).unwrap_or_default();
                (!reason.is_empty() && claim.id.is_none()).then_some(400)
            }
        }
    }

    /// The error that an answer stands for. `call` is the method and path.
    pub(crate) fn error(self, call: &str, intent: Intent, status: u16, body: &[u8]) -> Error {
        let refusal = self.refusal(body);
        let class = self.class(&refusal, intent, status);
        let field = refusal.field.clone().or_else(|| usual_field(&refusal.name));
        let field = field.filter(|it| it.len() <= LONGEST_FIELD && !is_of_secret(it, &refusal.message));
        let message = match (class, refusal.message.as_str()) {
            (Some(Class::WrongAddress), "") => self.wrong_address().to_owned(),
            (Some(Class::WrongAddress), said) => format!("{} ({said})", self.wrong_address()),
            (_, "") => "the API gave no reason".to_owned(),
            (_, said) => said.to_owned(),
        };
        let details = Details::new(call, message).with_status(status);
        let details =
            Box::new(Details { name: tidy(&refusal.name), field, error_mapping: Some(self), ..details });
        match class {
            Some(Class::NotFound) => Error::NotFound(details),
            Some(Class::Unauthorized) => Error::Unauthorized(details),
            Some(Class::Forbidden) => Error::Forbidden(details),
            Some(Class::AccountBlocked) => Error::AccountBlocked(details),
            Some(Class::Rejected) => Error::Rejected(details),
            Some(Class::OutOfStock) => Error::OutOfStock(details),
            Some(Class::QuotaExceeded) => Error::QuotaExceeded(details),
            Some(Class::InsufficientBalance) => Error::InsufficientBalance(details),
            Some(Class::OverBudget) => Error::OverBudget(details),
            Some(Class::Conflict) => Error::Conflict(details),
            Some(Class::PrepaidNotRemovable) => Error::PrepaidNotRemovable(details),
            Some(Class::RateLimited) => Error::RateLimited(details),
            Some(Class::WrongAddress) => Error::Misconfigured(details),
            Some(Class::Proxy) => Error::Transport(details).described(
                "Request was refused by a proxy",
                "A proxy or firewall between this machine and the API refused the request, and the API has not seen it. That \
                 says nothing about the key or the machines. Check HTTPS_PROXY and NO_PROXY, or try from another network; \
                 if it stays, report the API's words to the vendor.",
            ),
            None if intent.only_looks() => Error::Server(details),
            None => Error::Ambiguous(details),
        }
    }

    /// Why a call may not be where it is looked for.
    fn wrong_address(self) -> &'static str {
        match self {
            Self::Novita => "there is no such call at this address, so the base URL is probably wrong",
            Self::NovaCloud => {
                "there is no such call at this address: the base URL is wrong, or the API has the call elsewhere \
                 (not all of its calls are documented; please report it then)"
            }
        }
    }

    /// `None` for what is no refusal: a 5xx, when the API itself failed, a list that misses a thing, and 408. The latter should mean
    /// that the request did not arrive as a whole, but a proxy may send it after passing the request on.
    fn class(self, refusal: &Refusal, intent: Intent, status: u16) -> Option<Class> {
        if status >= 500 || status == 408 || (intent == Intent::List && misses_a_thing(refusal, status)) {
            return None;
        }
        // Both APIs write JSON when they refuse.
        if status == 403 && refusal.foreign && !refusal.message.is_empty() {
            return Some(Class::Proxy);
        }
        let class = match self {
            Self::Novita => novita_class(refusal, intent, status),
            Self::NovaCloud => nova_cloud_class(refusal, intent, status),
        };
        Some(class.unwrap_or(match status {
            401 => Class::Unauthorized,
            402 => Class::InsufficientBalance,
            403 => Class::Forbidden,
            409 => Class::Conflict,
            429 => Class::RateLimited,
            _ => Class::Rejected,
        }))
    }

    fn refusal(self, body: &[u8]) -> Refusal {
        let Ok(value) = serde_json::from_slice::<Value>(body) else { return foreign_refusal(body) };
        note_secrets(&value);
        match self {
            Self::Novita => novita_refusal(&value),
            Self::NovaCloud => nova_cloud_refusal(&value),
        }
    }
}

fn novita_class(refusal: &Refusal, intent: Intent, status: u16) -> Option<Class> {
    let named = NAMES.iter().find(|(name, ..)| *name == refusal.name).map(|(_, class, _)| *class);
    if named.is_some() {
        return named;
    }
    if status == 405 || (status == 404 && says_no_route(refusal)) {
        return Some(Class::WrongAddress);
    }
    if !matches!(status, 401 | 403 | 429)
        && intent.subject().is_some_and(|kind| is_gone(kind, refusal, status))
    {
        return Some(Class::NotFound);
    }
    if status == 404 && intent == Intent::List {
        return Some(Class::WrongAddress);
    }
    let message = refusal.message.to_lowercase();
    // Seen by a client of the start and stop calls, under no certain name.
    if status == 400 && message.contains("invalid state change") {
        return Some(Class::Conflict);
    }
    let is_of_stock = status == 400 && refusal.name.is_empty() && has_no_stock(&message);
    is_of_stock.then_some(Class::OutOfStock)
}

fn has_no_stock(message: &str) -> bool {
    NO_STOCK.iter().any(|words| words.iter().all(|it| message.contains(it)))
}

/// Whether a thing of this kind, which the request is about, does not exist: by one of the names that say so,
/// else by the words. 401 and 403 never speak of existence, which is the caller's matter.
fn is_gone(kind: &ResourceKind, refusal: &Refusal, status: u16) -> bool {
    if is_named(refusal, NOT_FOUND) || is_named(refusal, kind.not_found) {
        return true;
    }
    let about_another = ["_NOT_FOUND", "_NOT_FOUNT"].iter().any(|it| refusal.name.ends_with(it));
    // Where the status says it and no name says what, any words will do that do not say something else.
    let status_says = matches!(status, 404 | 410) && refusal.name.is_empty();
    !about_another && matches!(status, 400 | 404 | 410) && says_gone(kind, &refusal.message, status_says)
}

/// Whether the words say that a thing of this kind does not exist, and not something that it needs or whose
/// it is: "instance not found for this user", but neither "user not found" nor "image of the instance not found".
fn says_gone(kind: &ResourceKind, message: &str, status_says: bool) -> bool {
    let message = message.to_lowercase();
    let Some(what) = absent(&message).or(status_says.then_some(message.as_str())) else { return false };
    let has = |list: &[&str]| words_of(what).any(|it| list.contains(&it) && !kind.words.contains(&it));
    let itself = words_of(what).any(|it| kind.words.contains(&it) || ITSELF.contains(&it));
    !has(ROUTE) && !has(NEEDED) && (itself || !has(OWNER))
}

/// Whether a refused list says that something does not exist. Nothing was asked for that could be missing, so it is no
/// word about the input either, nor about the number of a page: a guess at what goes wrong, seen of no API yet.
fn misses_a_thing(refusal: &Refusal, status: u16) -> bool {
    let message = refusal.message.to_lowercase();
    let is_absence = match refusal.name.is_empty() {
        true => absent(&message).is_some(),
        false => is_named(refusal, NOT_FOUND),
    };
    status == 400 && is_absence && !names_route(&message)
}

fn is_named(refusal: &Refusal, names: &[&str]) -> bool {
    names.iter().any(|it| refusal.name.eq_ignore_ascii_case(it))
}

/// The words for what does not exist, if a message in lower case says that of something.
fn absent(message: &str) -> Option<&str> {
    let before = ABSENT.iter().filter_map(|it| message.find(it)).min().map(|end| &message[..end]);
    before.or_else(|| message.split_once(NO_SUCH).map(|(_, what)| what))
}

fn names_route(message: &str) -> bool {
    words_of(message).any(|it| ROUTE.contains(&it))
}

/// Whether a 404 says nothing of the API's own, or that there is no such call.
fn says_no_route(refusal: &Refusal) -> bool {
    let empty = refusal.name.is_empty() && refusal.message.is_empty();
    let message = refusal.message.to_lowercase();
    let about_route = names_route(&message) && !message.contains("key");
    empty
        || refusal.foreign
        || refusal.names_path
        || (refusal.name.is_empty() && about_route)
        || message.starts_with("cannot ")
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty())
}

/// Words of a refusal for want of hardware, in lower case, where all of them stand: guesses, but for the first.
const NO_STOCK: &[&[&str]] = &[
    &["out of stock"],
    &["no capacity"],
    &["insufficient capacity"],
    &["insufficient resource"],
    &["not enough gpu"],
    &["no free"],
    &["no available"],
    &["no gpu", "available"],
    &["no node", "available"],
];

/// Words of Nova Cloud's refusals, in lower case, and what they mean to us where all of them stand. It
/// has no names for its errors; the first words are documented, the others are guesses.
const WORDS: &[(&[&str], Class)] = &[
    (&["insufficient balance"], Class::InsufficientBalance),
    (&["insufficient credit"], Class::InsufficientBalance),
    (&["insufficient funds"], Class::InsufficientBalance),
    (&["not available"], Class::OutOfStock),
    (&["unavailable"], Class::OutOfStock),
    (&["limit reached"], Class::QuotaExceeded),
    (&["limit", "exceeded"], Class::QuotaExceeded),
    (&["spend limit"], Class::QuotaExceeded),
    (&["maximum number"], Class::QuotaExceeded),
    (&["quota"], Class::QuotaExceeded),
    (&["account", "suspended"], Class::AccountBlocked),
    (&["account", "disabled"], Class::AccountBlocked),
    (&["not verified"], Class::AccountBlocked),
    (&["max_vms"], Class::QuotaExceeded),
    (&["max_hourly_spend"], Class::QuotaExceeded),
];

/// All but the general meaning of 401, 403, 404 and 422 is a guess, that is the words and which
/// requests 400 and 405 refuse for what.
fn nova_cloud_class(refusal: &Refusal, intent: Intent, status: u16) -> Option<Class> {
    let words = refusal.message.to_lowercase();
    let meant = || {
        let told = WORDS.iter().find(|(parts, _)| parts.iter().all(|it| words.contains(it)));
        told.map(|(_, class)| *class).or_else(|| has_no_stock(&words).then_some(Class::OutOfStock))
    };
    match status {
        405 => Some(Class::WrongAddress),
        404 if says_no_route(refusal) => Some(Class::WrongAddress),
        404 => match intent {
            // What FastAPI says of an unknown route. Of a VM it may say the same, so reads and removals
            // take it for the VM.
            Intent::Create | Intent::Action(_) | Intent::List if refusal.message == "Not Found" => {
                Some(Class::WrongAddress)
            }
            Intent::Create | Intent::List => None,
            Intent::Read(kind) | Intent::Change(kind) | Intent::Action(kind) | Intent::Remove(kind) => {
                says_gone(kind, &refusal.message, true).then_some(Class::NotFound)
            }
        },
        // A removal sends nothing that could be wrong and takes nothing that could be missing.
        400 | 409 if matches!(intent, Intent::Remove(_)) => Some(Class::Conflict),
        // Nor can an action be wrong: if it lacks nothing, it is the VM's status.
        400 if matches!(intent, Intent::Action(_)) => meant().or(Some(Class::Conflict)),
        400 | 403 | 409 => meant(),
        _ => None,
    }
}

fn novita_refusal(body: &Value) -> Refusal {
    let text = |key: &str| body.get(key).and_then(Value::as_str).filter(|it| !it.is_empty());
    let name = text("reason").or_else(|| text("code")).unwrap_or_default().to_owned();
    let message = ["message", "error", "reason", "title"].into_iter().find_map(text);
    let message = message.or_else(|| body.as_str()).unwrap_or_default().to_owned();
    let field = novita_field(&name, &message, body.get("metadata"));
    let names_path = text("path").is_some_and(|it| it.starts_with('/'));
    Refusal { name, message, field, foreign: false, names_path }
}

/// The error bodies are those of the Kratos framework, whose validator writes
/// `invalid CreateRequest.GpuNum: value must be …`; that Novita uses it is a guess, and so are the
/// metadata keys. A wrong guess costs nothing but an underlined line.
fn novita_field(name: &str, message: &str, metadata: Option<&Value>) -> Option<String> {
    let noted = ["field", "param", "parameter"];
    if let Some(field) = metadata.and_then(|it| noted.iter().find_map(|key| it.get(key)?.as_str())) {
        return Some(field.to_owned());
    }
    let path: Vec<String> = message.split("invalid ").skip(1).filter_map(validator_field).collect();
    if !path.is_empty() {
        return Some(path.join("."));
    }
    let first = message.split([' ', ':', ',']).next().unwrap_or_default().trim_matches(['"', '\'', '`']);
    (INPUT_NAMES.contains(&name) && is_wire_name(first) && first != "invalid").then(|| first.to_owned())
}

/// `CreateRequest.GpuNum: …` → `gpuNum`; `Request.Envs[3]: …` → `envs`.
fn validator_field(text: &str) -> Option<String> {
    let (place, _) = text.split_once(':')?;
    let (_, field) = place.split_once('.')?;
    let field = field.split('[').next().unwrap_or_default();
    let (first, rest) = field.split_at_checked(1)?;
    let name = format!("{}{rest}", first.to_ascii_lowercase());
    is_wire_name(&name).then_some(name)
}

/// Whether a field is a secret, or was guessed from a part of the message that is one.
fn is_of_secret(field: &str, message: &str) -> bool {
    let stands_in = |text: &str| text.to_lowercase().contains(&field.to_lowercase());
    redact::out_of(field) != field || stands_in(message) && !stands_in(&redact::out_of(message))
}

fn is_wire_name(text: &str) -> bool {
    text.starts_with(|it: char| it.is_ascii_lowercase())
        && text.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '.' | '_'))
}

fn usual_field(name: &str) -> Option<String> {
    let named = NAMES.iter().map(|(it, _, field)| (it, field));
    let mentioned = MENTIONED.iter().map(|(it, field)| (it, field));
    named
        .chain(mentioned)
        .find(|(it, field)| **it == name && !field.is_empty())
        .map(|(_, field)| (*field).to_owned())
}

/// The `input` of a list's entries may be a password and is left alone.
fn nova_cloud_refusal(body: &Value) -> Refusal {
    let detail = ["detail", "message", "error"].into_iter().find_map(|it| body.get(it)).unwrap_or(body);
    let Value::Array(entries) = detail else {
        let message = words(detail).unwrap_or_default().to_owned();
        let field = message.split_whitespace().find_map(wire_word);
        return Refusal { message, field, ..Refusal::default() };
    };
    let places: Vec<String> = entries.iter().map(|it| place(it.get("loc"))).collect();
    let said = entries.iter().zip(&places).map(|(entry, place)| {
        let words = words(entry).unwrap_or("invalid");
        if place.is_empty() { words.to_owned() } else { format!("{place}: {words}") }
    });
    let message = said.collect::<Vec<_>>().join("; ");
    let field = places.into_iter().find(|it| !it.is_empty());
    Refusal { message, field, ..Refusal::default() }
}

/// A text, or the one that an object holds.
fn words(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| ["msg", "message", "detail"].into_iter().find_map(|it| value.get(it)?.as_str()))
}

/// A word of a sentence that looks like one of the API's fields: `storage_gb`. A guess, for the line
/// to underline alone.
fn wire_word(word: &str) -> Option<String> {
    let word = word.trim_matches(|it: char| !it.is_ascii_alphanumeric());
    (word.contains('_') && is_wire_name(word)).then(|| word.to_owned())
}

/// `["body", "storage_gb"]` → `storage_gb`.
fn place(loc: Option<&Value>) -> String {
    let parts = loc.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let parts = parts.iter().filter_map(Value::as_str).filter(|it| !matches!(*it, "body" | "path" | "query"));
    parts.collect::<Vec<_>>().join(".")
}

/// A proxy's or a web server's own words. A page of HTML says nothing that belongs in a message.
fn foreign_refusal(body: &[u8]) -> Refusal {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    let message =
        if text.starts_with('<') { "a web page instead of an answer".to_owned() } else { one_line(text) };
    Refusal { message, foreign: true, ..Refusal::default() }
}

#[cfg(test)]
mod tests;
