//! Log records on stderr, in the JSON lines that Terraform and OpenTofu take apart.
//!
//! Everywhere else the `log` crate is used: `log::debug!(target: "provider", status = 200; "text")`.
//! Records written inside [`in_request`] carry the call they belong to. Other crates' records are
//! dropped below warnings: what they say of requests is not ours to check for secrets.

mod level;
mod line;
mod panic;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use log::{Level, Log, Metadata, Record};
use ring::rand::{SecureRandom, SystemRandom};

use crate::plugin::PluginInfo;

/// Minor version included, as in the descriptions under `proto/`.
const PROTOCOL_VERSION: &str = "6.11";

tokio::task_local! {
    static REQUEST: Request;
}

/// The call that log records belong to, as key and value pairs.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    fields: BTreeMap<&'static str, String>,
}

impl Request {
    /// A call of this RPC, with a fresh random id.
    pub(crate) fn new(rpc: &'static str) -> Self {
        let fields = BTreeMap::from([
            ("tf_req_id", random_id()),
            ("tf_rpc", rpc.to_owned()),
            ("tf_proto_version", PROTOCOL_VERSION.to_owned()),
        ]);
        Self { fields }
    }

    /// The call is about what has this name; the key tells of which kind it is.
    pub(crate) fn about(mut self, key: &'static str, name: &str) -> Self {
        self.fields.insert(key, name.to_owned());
        self
    }
}

/// Runs `work` with `request` on every log record written in it.
///
/// A task that `work` spawns is outside again: wrap the inside of the task.
pub(crate) fn in_request<F: Future>(request: Request, work: F) -> impl Future<Output = F::Output> {
    REQUEST.scope(request, work)
}

/// Sends all records of this process to stderr from now on, and panics too. Only the first call
/// counts.
pub(crate) fn install(info: PluginInfo) {
    let logger = StderrLogger { provider_address: info.source, crate_name: info.crate_name };
    if log::set_boxed_logger(Box::new(logger)).is_ok() {
        log::set_max_level(level::chosen(info.name, |name| std::env::var(name).ok()));
        std::panic::set_hook(Box::new(panic::report));
    }
}

struct StderrLogger {
    provider_address: &'static str,
    crate_name: &'static str,
}

impl Log for StderrLogger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
            && (is_ours(metadata.target(), self.crate_name) || metadata.level() <= Level::Warn)
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let request = REQUEST.try_with(|request| {
            let mut fields = request.fields.clone();
            fields.insert("tf_provider_addr", self.provider_address.to_owned());
            fields
        });
        let module = module(record.target(), self.crate_name);
        let line = line::encode(record, &module, Timestamp::now(), &request.unwrap_or_default());
        // One write, so that lines of several threads do not mix. If stderr is closed nobody listens.
        let _ = io::stderr().lock().write_all(line.as_bytes());
    }

    fn flush(&self) {}
}

/// Whether the target of a record is of the provider or of this crate.
fn is_ours(target: &str, crate_name: &str) -> bool {
    let root = target.split([':', '.']).next().unwrap_or(target);
    matches!(root, "provider" | "sdk" | env!("CARGO_CRATE_NAME")) || root == crate_name
}

/// Clients expect `provider` or `sdk` and dots; a record without a target has Rust's module path.
fn module<'t>(target: &'t str, crate_name: &str) -> Cow<'t, str> {
    for (name, shown) in [(crate_name, "provider"), (env!("CARGO_CRATE_NAME"), "sdk")] {
        match target.strip_prefix(name) {
            Some(rest) if rest.is_empty() || rest.starts_with("::") => {
                return Cow::Owned(format!("{shown}{}", rest.replace("::", ".")));
            }
            _ => {}
        }
    }
    Cow::Borrowed(target)
}

/// In the form of a random UUID (version 4), which the Go libraries use.
fn random_id() -> String {
    let mut bytes = [0_u8; 16];
    // An id that does not tell calls apart costs the reader of a log a little; an error costs more.
    let _ = SystemRandom::new().fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_look_like_random_uuids_and_differ() {
        let (one, other) = (random_id(), random_id());
        assert_ne!(one, other);
        assert_eq!(one.len(), 36);
        assert_eq!(one.match_indices('-').map(|(at, _)| at).collect::<Vec<_>>(), [8, 13, 18, 23]);
        assert_eq!(one.as_bytes()[14], b'4');
        assert!(matches!(one.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{one}");
    }

    #[test]
    fn modules_are_named_as_clients_expect() {
        let module = |target| module(target, "terraform_provider_x").into_owned();
        assert_eq!(module("provider"), "provider");
        assert_eq!(module("sdk.plugin"), "sdk.plugin");
        assert_eq!(module("terraform_provider_x::api::retry"), "provider.api.retry");
        assert_eq!(module("tfplugin::plugin::serve"), "sdk.plugin.serve");
        assert_eq!(module("reqwest::connect"), "reqwest::connect");
    }

    #[test]
    fn only_our_own_records_are_kept_below_warnings() {
        let is_ours = |target| is_ours(target, "terraform_provider_x");
        assert!(is_ours("provider") && is_ours("provider.vm") && is_ours("sdk.plugin"));
        assert!(is_ours("terraform_provider_x::api") && is_ours("tfplugin::plugin"));
        assert!(!is_ours("reqwest::connect") && !is_ours("providers"));
    }

    #[tokio::test]
    async fn a_request_reaches_records_inside_and_ends_with_the_work() {
        let request = Request::new("ReadResource").about("tf_resource_type", "novita_vm");
        let id = request.fields["tf_req_id"].clone();
        let seen = in_request(request, async { REQUEST.with(|request| request.fields.clone()) }).await;
        assert_eq!(seen["tf_req_id"], id);
        assert_eq!(seen["tf_rpc"], "ReadResource");
        assert_eq!(seen["tf_resource_type"], "novita_vm");
        assert!(REQUEST.try_with(|_| ()).is_err());
    }
}
