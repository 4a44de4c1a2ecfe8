//! Actions on instances, with GPUs and without: what is done to one and is no part of its state.
//!
//! Each looks at the instance first, sends one request, and sends it again only where it surely never left.

pub(crate) mod migrate;
pub(crate) mod renew;
pub(crate) mod restart;
pub(crate) mod save_image;

use std::time::Duration;

use tfplugin::action::Progress;
use tfplugin::attr::Attr;
use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::path::Path;
use tfplugin::timeouts::parse_duration;

use crate::api::error::Error;
use crate::provider::error_context::ErrorContext;
use crate::provider::life_cycle::phase::spelled;
use crate::provider::novita::instance::answer::PHASES;

/// How long an action may take: what is configured, else so many minutes.
fn limit(timeout: &Attr<String>, minutes: u64) -> Duration {
    let configured = timeout.text().and_then(|it| parse_duration(it).ok());
    configured.unwrap_or(Duration::from_secs(minutes * 60))
}

/// Tells the user each status that an instance comes to.
fn telling(progress: &Progress) -> impl Fn(&str) + Send + Sync + '_ {
    |status| progress.tell(format!("The instance is {}.", spelled(PHASES, status)))
}

/// An error about the instance that an action is for.
fn refused(summary: &str, detail: String) -> Diagnostics {
    Diagnostic::error(summary, detail).at(Path::root("instance_id")).into()
}

/// A failure of an action's request. `costs` is what an unclear one means for money or data.
fn failed(what: &str, costs: &str, error: &Error) -> Diagnostics {
    let aftermath = if matches!(error, Error::Ambiguous(_)) { costs.to_owned() } else { String::new() };
    ErrorContext { what, aftermath, schema: None }.failed(error)
}
